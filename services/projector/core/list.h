/* Pages of lists: sorted by a text and an id, continued behind the last item that was shown, so that pages stay right while
 * things come and go. Pure; belongs to one request. */
#ifndef PROJECTOR_LIST_H
#define PROJECTOR_LIST_H

#include "base/error.h"
#include "base/string.h"

typedef struct {
    char *sort, *id;
    const void *payload; /* borrowed */
} prj_list_item;
typedef struct {
    prj_list_item *items;
    size_t count, capacity;
    bool descending; /* by `sort`; ids always ascend */
} prj_list;

void prj_list_add(prj_list *all, const char *sort, const char *id, const void *payload);
/* Sorts; `*from` to `*to` is the page behind `cursor` (NULL: the first). `*next` is the caller's; NULL on the last page.
 * CAT_E_INVALID for a cursor that is none. */
int prj_list_page(prj_list *all, const char *cursor, size_t limit, size_t *from, size_t *to, char **next, cat_error *error);
void prj_list_finish(prj_list *all);
static inline void prj_list_cleanup(prj_list *all)
{
    prj_list_finish(all);
}
/* "-name" → "name" and descending. */
const char *prj_list_sort_field(const char *sort, const char *fallback, bool *descending);
/* Any case (ASCII); an empty needle is in everything. */
bool prj_list_text_has(const char *text, const char *needle);

#endif
