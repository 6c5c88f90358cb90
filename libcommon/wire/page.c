#include "wire/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "base/string.h"

#define DIVIDER '\x1f'

cat_page cat_page_cut(size_t count, size_t limit, int (*compare)(const void *context, size_t index), const void *context)
{
    size_t low = 0, high = compare ? count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(context, middle) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t to = limit < count - low ? low + limit : count;
    return (cat_page){.from = low, .to = to, .goes_on = to < count && to > low};
}

char *cat_cursor_format(const char *const *parts, size_t count)
{
    cat_auto(cat_string) plain = CAT_STRING((size_t)64 * 1024);
    for (size_t i = 0; i < count; i++) {
        if (i)
            cat_string_append_char(&plain, DIVIDER);
        cat_string_append(&plain, parts[i]);
    }
    return cat_base64url_encode(cat_string_get(&plain), plain.length);
}

int cat_cursor_refuse(cat_error *error)
{
    return cat_error_set(error, CAT_E_INVALID, "cursor is not one that this list gave");
}

int cat_cursor_parse(const char *cursor, size_t count, char **bytes, const char **parts, cat_error *error)
{
    size_t length = 0;
    cat_autofree char *plain =
        strlen(cursor) <= CAT_CURSOR_MAX ? (char *)cat_base64url_decode(cursor, strlen(cursor), &length) : NULL;
    if (!plain || strlen(plain) != length)
        return cat_cursor_refuse(error);
    char *at = plain;
    for (size_t i = 0; i < count; i++) {
        parts[i] = at;
        char *divider = i + 1 < count ? strchr(at, DIVIDER) : NULL;
        if (i + 1 < count && !divider)
            return cat_cursor_refuse(error);
        if (divider) {
            *divider = '\0';
            at = divider + 1;
        }
    }
    *bytes = cat_take(plain);
    return 0;
}
