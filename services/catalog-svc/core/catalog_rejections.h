/* Blueprint versions that were not registered, and why, for those who wrote them. Pure; values come from KV catalyst-blueprints,
 * keys `_rejected.{source}.{name}.{version}`. Not locked, as the catalog (catalog.h).
 *
 * Who sees what: an Organization's own its people, the catalogs' who runs the Sovereign, nobody else anything.
 */
#ifndef CTG_CATALOG_REJECTIONS_H
#define CTG_CATALOG_REJECTIONS_H

#include "wire/json.h"

#define CTG_REJECTION_PREFIX "_rejected."

typedef struct ctg_rejections ctg_rejections;
ctg_rejections *ctg_rejections_create(void);
void ctg_rejections_destroy(ctg_rejections *rejections); /* NULL allowed */
/* A value as KV has it (taken). CAT_E_INVALID when it is none: then nothing is kept under this key. */
int ctg_rejections_put(ctg_rejections *rejections, const char *key, json_t *value, cat_error *error);
void ctg_rejections_remove(ctg_rejections *rejections, const char *key);
void ctg_rejections_clear(ctg_rejections *rejections);

/* `runs_sovereign`: the person may do everything in the Sovereign, and asks as one of `system`. */
bool ctg_rejection_is_visible(const char *source, const char *organization, bool runs_sovereign);

typedef struct {
    const char *organization;
    bool runs_sovereign;
    const char *blueprint; /* name; NULL: all */
    const char *cursor;
    size_t limit;
} ctg_rejections_query;
/* {items, next, total}, what was found last first; CAT_E_INVALID: the cursor. */
int ctg_rejections_list(const ctg_rejections *rejections, const ctg_rejections_query *query, json_t **result, cat_error *error);

#endif
