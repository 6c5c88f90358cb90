/* What the rows of one Application are to each other and to it. */
#include "core/fold_members.h"

#include <stdlib.h>
#include <string.h>

bool prj_fold_is_anchor(const prj_fold_row *row)
{
    return cat_kind_get(row->kind)->part == CAT_PART_ANCHOR;
}

bool prj_fold_is_content(const prj_fold_row *row)
{
    cat_kind_part part = cat_kind_get(row->kind)->part;
    return part != CAT_PART_ANCHOR && part != CAT_PART_NONE;
}

bool prj_fold_has(const prj_fold_row *row, const char *member)
{
    cat_view_iterator it = cat_view_each(row->clusters);
    cat_view entry;
    while (cat_view_next(&it, NULL, &entry))
        if (cat_view_member(entry, member).value)
            return true;
    return false;
}

bool prj_fold_is_counted(const prj_fold_row *row)
{
    return prj_fold_is_content(row) && !row->owner && !prj_fold_has(row, "byHand");
}

static int compare_key(const void *key, const void *member)
{
    return strcmp(key, (*(prj_fold_row *const *)member)->key);
}

static prj_fold_row **find(const prj_fold_members *members, const char *key)
{
    return bsearch(key, members->rows, members->count, sizeof *members->rows, compare_key);
}

size_t prj_fold_place_of(const prj_fold_members *members, const prj_fold_row *row)
{
    prj_fold_row **found = find(members, row->key);
    return found ? (size_t)(found - members->rows) : SIZE_MAX;
}

const prj_fold_row *prj_fold_owner_of(const prj_fold_members *members, const prj_fold_row *row)
{
    prj_fold_row **found = row->owner ? find(members, row->owner) : NULL;
    return found && *found != row ? *found : NULL;
}

const prj_fold_row *prj_fold_top_of(const prj_fold_members *members, const prj_fold_row *row)
{
    const prj_fold_row *above = row;
    for (int step = 0; above && step < FOLD_OWNER_STEPS_MAX; step++, above = prj_fold_owner_of(members, row))
        row = above;
    return row;
}
