/* How a row is written: what all rows begin and end with, and what of a text of outside stays. */
#include "core/fold_text.h"

#include <string.h>

#include "wire/json_writer.h"

size_t prj_fold_cut(const char *text, size_t max_bytes)
{
    size_t length = strlen(text);
    if (length > max_bytes) {
        length = max_bytes;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
    }
    return length;
}

void prj_fold_put_cut(cat_string *out, const char *name, const char *text, size_t max_bytes)
{
    if (text)
        cat_write_textn(out, name, text, prj_fold_cut(text, max_bytes));
}

void prj_fold_put(cat_string *out, const char *name, const char *text)
{
    if (text && *text)
        prj_fold_put_cut(out, name, text, FOLD_MESSAGE_MAX);
}

void prj_fold_stamp(const prj_fold *state, cat_string *out, const char *kind, const char *namespace, const char *name)
{
    cat_write_text(out, "kind", kind);
    cat_write_text(out, "namespace", namespace && *namespace ? namespace : "_");
    cat_write_text(out, "name", name);
    if (strcmp(state->environment, "_") != 0)
        cat_write_text(out, "environment", state->environment);
}

void prj_fold_seal(cat_string *out, const prj_fold_step *step)
{
    cat_write_int(out, "seq", (int64_t)step->sequence);
    cat_write_text(out, "observedAt", step->time_text);
}

void prj_fold_put_replaced(cat_string *out, const char *member, cat_view object, const char *name, const cat_string *text)
{
    cat_view_iterator it = cat_view_each(cat_view_is_object(object) ? object : (cat_view){NULL});
    const char *other;
    cat_view value;
    bool replaced = text == NULL;
    cat_write_begin(out, member, '{');
    while (cat_view_next(&it, &other, &value)) {
        if (strcmp(other, name) != 0)
            cat_write_view(out, other, value);
        else if (!replaced)
            cat_write_raw(out, name, cat_string_get(text), text->length);
        replaced |= strcmp(other, name) == 0;
    }
    if (!replaced)
        cat_write_raw(out, name, cat_string_get(text), text->length);
    cat_write_end(out, '}');
}
