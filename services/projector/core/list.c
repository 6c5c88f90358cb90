#include "core/list.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/encoding.h"
#include "base/memory.h"

#define CURSOR_MAX 2048

void prj_list_add(prj_list *all, const char *sort, const char *id, const void *payload)
{
    if (all->count == all->capacity) {
        all->capacity = all->capacity ? all->capacity * 2 : 64;
        all->items = cat_realloc(all->items, all->capacity * sizeof *all->items);
    }
    all->items[all->count++] = (prj_list_item){cat_strdup(sort), cat_strdup(id), payload};
}

static int compare(const prj_list_item *a, const prj_list_item *b, bool descending)
{
    int order = strcmp(a->sort, b->sort);
    if (order)
        return descending ? -order : order;
    return strcmp(a->id, b->id);
}

static int ascending_order(const void *a, const void *b)
{
    return compare(a, b, false);
}

static int descending_order(const void *a, const void *b)
{
    return compare(a, b, true);
}

/* {sort} 0x1f {id}, in base64url: opaque to clients. */
static int read_cursor(const char *cursor, char **bytes, prj_list_item *at, cat_error *error)
{
    size_t length = 0;
    *bytes = strlen(cursor) <= CURSOR_MAX ? (char *)cat_base64url_decode(cursor, strlen(cursor), &length) : NULL;
    char *divider = *bytes && strlen(*bytes) == length ? strchr(*bytes, 0x1f) : NULL;
    if (!divider)
        return cat_error_set(error, CAT_E_INVALID, "cursor is not one that this list gave");
    *divider = '\0';
    *at = (prj_list_item){.sort = *bytes, .id = divider + 1};
    return 0;
}

int prj_list_page(prj_list *all, const char *cursor, size_t limit, size_t *from, size_t *to, char **next, cat_error *error)
{
    prj_list_item after = {0};
    cat_autofree char *bytes = NULL;
    if (cursor && read_cursor(cursor, &bytes, &after, error) < 0)
        return CAT_E_INVALID;
    if (all->count > 1)
        qsort(all->items, all->count, sizeof *all->items, all->descending ? descending_order : ascending_order);
    size_t low = 0, high = cursor ? all->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&all->items[middle], &after, all->descending) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    *from = low;
    *to = low + limit < all->count ? low + limit : all->count;
    *next = NULL;
    if (*to<all->count && * to> * from) {
        const prj_list_item *last = &all->items[*to - 1];
        cat_autofree char *plain = cat_printf("%s\x1f%s", last->sort, last->id);
        *next = cat_base64url_encode(plain, strlen(plain));
    }
    return 0;
}

void prj_list_finish(prj_list *all)
{
    for (size_t i = 0; i < all->count; i++) {
        free(all->items[i].sort);
        free(all->items[i].id);
    }
    free(all->items);
    *all = (prj_list){0};
}

const char *prj_list_sort_field(const char *sort, const char *fallback, bool *descending)
{
    if (!sort || !*sort)
        sort = fallback;
    *descending = *sort == '-';
    return sort + (*sort == '-');
}

bool prj_list_text_has(const char *text, const char *needle)
{
    size_t length = strlen(needle);
    for (; *text; text++)
        if (strncasecmp(text, needle, length) == 0)
            return true;
    return length == 0;
}
