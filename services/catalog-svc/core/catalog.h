/* What an Organization may install: the registered Blueprint versions, searched, shown, and their dependencies. Pure: values come
 * from KV catalyst-blueprints, nothing else is read. Not locked: many may read at a time, nobody while it is changed (store.c).
 *
 * Who sees what: the catalogs' Blueprints everybody, an Organization's own nobody else; listed ones in lists, unlisted ones by
 * their whole name, private ones in the lists of their own Organization. Rejected versions: catalog_rejections.h.
 */
#ifndef CTG_CATALOG_H
#define CTG_CATALOG_H

#include "wire/json.h"

#define CTG_QUERY_MAX 200 /* bytes */
#define CTG_FACETS_MAX 50 /* values of one facet that are shown */

typedef struct ctg_catalog ctg_catalog;
ctg_catalog *ctg_catalog_create(void);
void ctg_catalog_destroy(ctg_catalog *catalog);
/* A version as KV has it (taken). CAT_E_INVALID when it is none: then the older one, if any, stays. `*family` (may be NULL) gets
 * "{source}.{name}", the caller's. */
int ctg_catalog_put(ctg_catalog *catalog, json_t *value, char **family, cat_error *error);
/* `key` as in KV: "{source}.{name}.{version}". */
void ctg_catalog_remove(ctg_catalog *catalog, const char *key, char **family);
void ctg_catalog_clear(ctg_catalog *catalog);
size_t ctg_catalog_count(const ctg_catalog *catalog); /* Blueprints */
/* Makes the search index when something changed since. */
void ctg_catalog_index(ctg_catalog *catalog);
bool ctg_catalog_is_indexed(const ctg_catalog *catalog);
void ctg_catalog_families(const ctg_catalog *catalog, cat_strings *families); /* "{source}.{name}" of all */

typedef struct {
    const char *organization;
    const char *q;                                  /* NULL: all */
    const cat_strings *categories, *tags, *sources; /* any of these; NULL or empty: all */
    const char *cursor;
    size_t limit;
} ctg_query;
/* {items: [{source, name, version, title, tagline, category, tags, icon, versions, …}], facets: {categories, tags, sources},
 * next, total}; a facet is [{value, count}], counted without its own choice. Best matches first, then by title. The index has to
 * be made. */
int ctg_catalog_search(const ctg_catalog *catalog, const ctg_query *query, json_t **result, cat_error *error);
/* `version` NULL: the newest. NULL when it is not there or not shown to this Organization. The caller's. */
json_t *ctg_catalog_detail(const ctg_catalog *catalog, const char *organization, const char *source, const char *name,
                           const char *version);
/* Always CAT_E_NOT_FOUND: says that it is not there, and what was probably meant: another version, the name with "bp-" before it,
 * another source. Only what is listed for this Organization is proposed. The index has to be made. */
int ctg_catalog_missing(const ctg_catalog *catalog, const char *organization, const char *source, const char *name,
                        const char *version, cat_error *error);
/* {items: [{alias, blueprint, source, version, range, requiredBy, when, path, depth}]}; CAT_E_NOT_FOUND. */
int ctg_catalog_dependencies(const ctg_catalog *catalog, const char *organization, const char *source, const char *name,
                             const char *version, json_t **result, cat_error *error);
/* The value of KV catalyst-catalog for "{source}.{name}"; NULL when it is gone. The caller's. */
json_t *ctg_catalog_card(const ctg_catalog *catalog, const char *family);

#endif
