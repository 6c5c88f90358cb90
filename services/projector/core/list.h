/* Pages of lists: sorted by a text and an id, continued behind the last item that was shown, so that pages stay right while
 * things come and go. Pure; belongs to one request. */
#ifndef PROJECTOR_LIST_H
#define PROJECTOR_LIST_H

#include "base/error.h"
#include "base/string.h"

#define LIST_LIMIT_MAX 200
#define LIST_LIMIT_DEFAULT 50

typedef struct {
    char *sort, *id;
    const void *payload; /* borrowed */
} list_item;
typedef struct {
    list_item *items;
    size_t count, capacity;
    bool descending; /* by `sort`; ids always ascend */
} list;

void list_add(list *all, const char *sort, const char *id, const void *payload);
/* Sorts; `*from` to `*to` is the page behind `cursor` (NULL: the first). `*next` is the caller's; NULL on the last page.
 * CAT_E_INVALID for a cursor that is none. */
int list_page(list *all, const char *cursor, size_t limit, size_t *from, size_t *to, char **next, cat_error *error);
void list_finish(list *all);
static inline void list_cleanup(list *all)
{
    list_finish(all);
}
/* "-name" → "name" and descending. */
const char *list_sort_field(const char *sort, const char *fallback, bool *descending);
/* Any case (ASCII); an empty needle is in everything. */
bool list_text_has(const char *text, const char *needle);

#endif
