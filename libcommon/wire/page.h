/* Pages of sorted lists: a cursor says behind which place the next page begins, not how many came before, so that pages stay
 * right while things come and go. Pure; any thread.
 *
 *     const char *parts[2];
 *     cat_autofree char *bytes = NULL;
 *     if (cursor && cat_cursor_parse(cursor, 2, &bytes, parts, error) < 0)
 *         return CAT_E_INVALID;
 *     cat_page page = cat_page_cut(count, limit, cursor ? compare : NULL, &(place){all, parts});
 *     for (size_t i = page.from; i < page.to; i++)
 *         …
 *     char *next = page.goes_on ? cat_cursor_format((const char *const[]){sort_of(page.to - 1), id_of(page.to - 1)}, 2) : NULL;
 */
#ifndef CAT_WIRE_PAGE_H
#define CAT_WIRE_PAGE_H

#include <stddef.h>

#include "base/error.h"

#define CAT_PAGE_LIMIT_MAX 200
#define CAT_PAGE_LIMIT_DEFAULT 50
#define CAT_CURSOR_MAX 2048

typedef struct {
    size_t from, to; /* the page's items; none behind the end of the list */
    bool goes_on;    /* something stands behind them */
} cat_page;
/* `compare`: whether item `index` stands in front of the cursor's place (negative), at it (0) or behind it (positive); NULL: from
 * the beginning. A `limit` of 0 is an empty page that does not go on, as nobody could say from where. */
cat_page cat_page_cut(size_t count, size_t limit, int (*compare)(const void *context, size_t index), const void *context);

/* What an item is sorted by, as a text that is opaque to clients: {part} 0x1f {part} …, in base64url. The caller's. */
char *cat_cursor_format(const char *const *parts, size_t count);
/* Into `count` parts, lent by `*bytes`, which is the caller's; the last one may hold the divider. CAT_E_INVALID. */
int cat_cursor_parse(const char *cursor, size_t count, char **bytes, const char **parts, cat_error *error);
/* For parts that do not fit what was sorted by. */
int cat_cursor_refuse(cat_error *error);

#endif
