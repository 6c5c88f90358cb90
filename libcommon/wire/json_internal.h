/* What the files of json share. Not for others. */
#ifndef CAT_WIRE_JSON_INTERNAL_H
#define CAT_WIRE_JSON_INTERNAL_H

#include "wire/json.h"

/* One step of a dotted path: takes the next name off `*path`. false when nothing is left. */
static inline bool cat_path_next(const char **path, cat_slice *name)
{
    const char *at = *path;
    if (!at || !*at)
        return false;
    size_t length = 0;
    while (at[length] && at[length] != '.')
        length++;
    *name = (cat_slice){at, length};
    *path = at[length] ? at + length + 1 : NULL;
    return true;
}

/* An array index without sign or leading zero; false when `name` is none. */
static inline bool cat_path_index(cat_slice name, size_t *index)
{
    if (name.length == 0 || name.length > 9 || (name.length > 1 && name.data[0] == '0'))
        return false;
    size_t value = 0;
    for (size_t i = 0; i < name.length; i++) {
        if (name.data[i] < '0' || name.data[i] > '9')
            return false;
        value = value * 10 + (size_t)(name.data[i] - '0');
    }
    *index = value;
    return true;
}

/* A string with its quotes and escapes, the same in every text of ours. json_writer.c */
void cat_write_quoted(cat_string *out, const char *text, size_t length);

#endif
