#include <stdlib.h>
#include <string.h>

#include "domain/resolver_internal.h"

static void family_destroy(void *value)
{
    resolver_family *family = value;
    free(family->candidates);
    free(family);
}

/* Lower is looked at first; -1: not visible here. */
static int rank_of(const resolver_catalog *catalog, const char *source)
{
    const char *const order[] = {catalog->organization, "catalog-sovereign", "catalog"};
    for (int i = 0; i < 3; i++)
        if (order[i] && strcmp(order[i], source) == 0)
            return i;
    return -1;
}

static int add_version(resolver_catalog *catalog, const json_t *json, cat_error *error)
{
    const char *source = cat_json_text(json, "source"), *name = cat_json_text(json, "name"),
               *version = cat_json_text(json, "version");
    if (!source || !name || !version)
        return cat_error_set(error, CAT_E_INVALID, "a Blueprint of the catalog lacks source, name or version");
    if (rank_of(catalog, source) < 0)
        return 0;
    resolver_candidate candidate = {.json = json, .version_text = version};
    if (cat_semver_parse(version, &candidate.version, error) < 0)
        return cat_error_wrap(error, "%s of %s", name, source);
    cat_autofree char *key = cat_printf("%s/%s", source, name);
    resolver_family *family = cat_map_get(catalog->families, key);
    if (!family) {
        family = cat_calloc(1, sizeof(*family));
        family->name = name;
        family->source = source;
        cat_map_set(catalog->families, key, family);
    }
    if (family->count == family->capacity) {
        family->capacity = family->capacity ? 2 * family->capacity : 8;
        family->candidates = cat_realloc(family->candidates, family->capacity * sizeof(*family->candidates));
    }
    family->candidates[family->count++] = candidate;
    return 0;
}

static int newest_first(const void *a, const void *b)
{
    return cat_semver_compare(&((const resolver_candidate *)b)->version, &((const resolver_candidate *)a)->version);
}

int resolver_catalog_init(resolver_catalog *catalog, const cat_resolver_facts *facts, cat_error *error)
{
    *catalog = (resolver_catalog){cat_map_create(family_destroy), facts->organization};
    size_t index;
    json_t *json;
    json_array_foreach(facts->blueprints, index, json)
    {
        int code = add_version(catalog, json, error);
        if (code < 0)
            return code;
    }
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(catalog->families, &at, &key, &value)) {
        resolver_family *family = value;
        qsort(family->candidates, family->count, sizeof(*family->candidates), newest_first);
    }
    return 0;
}

void resolver_catalog_finish(resolver_catalog *catalog)
{
    cat_map_destroy(catalog->families);
    catalog->families = NULL;
}

const resolver_family *resolver_catalog_find(const resolver_catalog *catalog, const char *source, const char *name)
{
    const char *const order[] = {catalog->organization, "catalog-sovereign", "catalog"};
    for (size_t i = 0; i < 3; i++) {
        if (!order[i] || (source && strcmp(source, order[i]) != 0))
            continue;
        cat_autofree char *key = cat_printf("%.300s/%.300s", order[i], name);
        const resolver_family *family = cat_map_get(catalog->families, key);
        if (family)
            return family;
    }
    return NULL;
}
