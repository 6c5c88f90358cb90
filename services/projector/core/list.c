#include "core/list.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "wire/page.h"

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

typedef struct {
    const prj_list *all;
    prj_list_item at;
} place;

static int stands(const void *context, size_t index)
{
    const place *cursor = context;
    return compare(&cursor->all->items[index], &cursor->at, cursor->all->descending);
}

int prj_list_page(prj_list *all, const char *cursor, size_t limit, size_t *from, size_t *to, char **next, cat_error *error)
{
    const char *parts[2] = {0};
    cat_autofree char *bytes = NULL;
    if (cursor && cat_cursor_parse(cursor, 2, &bytes, parts, error) < 0)
        return CAT_E_INVALID;
    if (all->count > 1)
        qsort(all->items, all->count, sizeof *all->items, all->descending ? descending_order : ascending_order);
    const place after = {all, {.sort = (char *)parts[0], .id = (char *)parts[1]}};
    cat_page page = cat_page_cut(all->count, limit, cursor ? stands : NULL, &after);
    *from = page.from;
    *to = page.to;
    const prj_list_item *last = page.goes_on ? &all->items[page.to - 1] : NULL;
    *next = last ? cat_cursor_format((const char *const[]){last->sort, last->id}, 2) : NULL;
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
