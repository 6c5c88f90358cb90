#include <stdlib.h>
#include <string.h>

#include "domain/resolver_internal.h"
#include "domain/source.h"

#define INCOMPLETE "a Blueprint of the catalog lacks source, name or version"

static void family_destroy(void *value)
{
    resolver_family *family = value;
    for (size_t i = 0; i < family->count; i++)
        cat_schema_destroy(family->candidates[i].schema);
    free(family->candidates);
    free(family->versions);
    free(family);
}

void resolver_leave_out(resolver_catalog *catalog, const char *source, const char *name, const char *version, const char *reason)
{
    json_array_append_new(catalog->left_out,
                          cat_json_object("source", json_string(source ? source : ""), "name", json_string(name ? name : ""),
                                          "version", json_string(version ? version : ""), "reason", json_string(reason), NULL));
}

static resolver_family *family_of(resolver_catalog *catalog, const char *source, const char *name)
{
    cat_autofree char *key = cat_printf("%.300s/%.300s", source, name);
    resolver_family *family = cat_map_get(catalog->families, key);
    if (family)
        return family;
    family = cat_calloc(1, sizeof(*family));
    family->name = name;
    family->source = source;
    cat_map_set(catalog->families, key, family);
    const resolver_family *known = cat_map_get(catalog->by_name, name);
    if (!known || cat_source_seen(source, catalog->organization) > cat_source_seen(known->source, catalog->organization))
        cat_map_set(catalog->by_name, name, family);
    return family;
}

/* `last`: the family of the version before, as versions mostly come together. */
static void add_version(resolver_catalog *catalog, const json_t *json, resolver_family **last)
{
    const char *source = json_string_value(json_object_get(json, "source")),
               *name = json_string_value(json_object_get(json, "name"));
    if (source && cat_source_seen(source, catalog->organization) == CAT_SOURCE_NONE)
        return;
    if (!source || !name) {
        resolver_leave_out(catalog, source, name, json_string_value(json_object_get(json, "version")), INCOMPLETE);
        return;
    }
    resolver_family *family = *last;
    if (!family || strcmp(family->name, name) != 0 || strcmp(family->source, source) != 0)
        *last = family = family_of(catalog, source, name);
    if (family->version_count == family->version_capacity) {
        family->version_capacity = family->version_capacity ? 2 * family->version_capacity : 8;
        family->versions = cat_realloc(family->versions, family->version_capacity * sizeof(*family->versions));
    }
    family->versions[family->version_count++] = json;
}

static int newest_first(const void *a, const void *b)
{
    return cat_semver_compare(&((const resolver_candidate *)b)->version, &((const resolver_candidate *)a)->version);
}

static resolver_family *look_at(resolver_catalog *catalog, resolver_family *family)
{
    if (!family || family->looked_at)
        return family;
    family->looked_at = true;
    family->candidates = cat_calloc(family->version_count + 1, sizeof(*family->candidates));
    for (size_t i = 0; i < family->version_count; i++) {
        const char *version = json_string_value(json_object_get(family->versions[i], "version"));
        cat_error why = {0};
        resolver_candidate candidate = {.json = family->versions[i], .version_text = version};
        if (!version)
            resolver_leave_out(catalog, family->source, family->name, NULL, INCOMPLETE);
        else if (cat_semver_parse(version, &candidate.version, &why) < 0)
            resolver_leave_out(catalog, family->source, family->name, version, why.message);
        else
            family->candidates[family->count++] = candidate;
    }
    qsort(family->candidates, family->count, sizeof(*family->candidates), newest_first);
    for (size_t i = 0; i < family->count; i++) {
        family->candidates[i].first_entry = catalog->entry_count;
        catalog->entry_count += json_array_size(json_object_get(family->candidates[i].json, "depends"));
    }
    return family;
}

void resolver_catalog_init(resolver_catalog *catalog, const cat_resolver_facts *facts)
{
    *catalog = (resolver_catalog){.families = cat_map_create(family_destroy),
                                  .by_name = cat_map_create(NULL),
                                  .organization = facts->organization,
                                  .left_out = json_array()};
    size_t index;
    json_t *json;
    resolver_family *last = NULL;
    json_array_foreach(facts->blueprints, index, json) add_version(catalog, json, &last);
}

void resolver_catalog_finish(resolver_catalog *catalog)
{
    cat_map_destroy(catalog->by_name);
    cat_map_destroy(catalog->families);
    json_decref(catalog->left_out);
    *catalog = (resolver_catalog){0};
}

resolver_family *resolver_catalog_find(resolver_catalog *catalog, const char *source, const char *name)
{
    if (!source)
        return look_at(catalog, cat_map_get(catalog->by_name, name));
    cat_autofree char *key = cat_printf("%.300s/%.300s", source, name);
    return look_at(catalog, cat_map_get(catalog->families, key));
}
