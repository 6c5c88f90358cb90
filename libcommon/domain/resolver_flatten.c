#include <string.h>

#include "domain/resolver_internal.h"

#define MAX_DEPTH 32

typedef struct {
    resolver_catalog *catalog;
    json_t *items;
    json_t *expanded; /* what was shown with its dependencies: the second time without, or a diamond would double at each level */
    cat_error *error;
} flattening;

/* The Blueprints above, for noticing one that comes back to itself. */
typedef struct above {
    const char *name;
    const struct above *outer;
} above;

/* NULL when there is none, and `problem` (a text of the caller's) says why. */
static const resolver_candidate *newest_in(const resolver_family *family, const char *blueprint, const char *range_text,
                                           char **problem)
{
    cat_semver_range range;
    cat_error error = {0};
    if (cat_semver_range_parse(range_text, &range, &error) < 0) {
        *problem = cat_strdup(error.message);
        return NULL;
    }
    for (size_t i = 0; family && i < family->count; i++)
        if (cat_semver_range_holds(&range, &family->candidates[i].version))
            return &family->candidates[i];
    *problem = family ? cat_printf("no version of %.200s satisfies %.256s", blueprint, range_text)
                      : cat_printf("there is no Blueprint %.200s", blueprint);
    return NULL;
}

static bool is_above(const above *chain, const char *name)
{
    for (; chain; chain = chain->outer)
        if (strcmp(chain->name, name) == 0)
            return true;
    return false;
}

static int walk(flattening *f, const json_t *depends, const char *path, const above *chain, unsigned depth)
{
    size_t index;
    json_t *item;
    json_array_foreach(depends, index, item)
    {
        const char *blueprint = cat_json_text(item, "blueprint"), *range = cat_json_text_or(item, "version", "*");
        if (!blueprint)
            continue;
        if (json_array_size(f->items) >= RESOLVER_MAX_NODES)
            return cat_error_set(f->error, CAT_E_TOO_LARGE, "the tree has more than %d dependencies", RESOLVER_MAX_NODES);
        const char *bare = cat_text_starts_with(blueprint, "bp-") ? blueprint + 3 : blueprint;
        const char *alias = cat_json_text_or(item, "alias", bare);
        const resolver_family *family = resolver_catalog_find(f->catalog, NULL, blueprint);
        cat_autofree char *problem = NULL;
        const resolver_candidate *candidate = newest_in(family, blueprint, range, &problem);
        cat_autofree char *own = *path ? cat_printf("%.2000s.%.100s", path, alias) : cat_printf("%.100s", alias);
        json_array_append_new(f->items,
                              cat_json_object("path", json_string(own), "alias", json_string(alias), "blueprint",
                                              json_string(blueprint), "source", json_string(family ? family->source : ""),
                                              "version", json_string(candidate ? candidate->version_text : ""), "range",
                                              json_string(range), "requiredBy", json_string(chain->name), "when",
                                              json_string(cat_json_text_or(item, "when", "")), "depth", json_integer(depth),
                                              "problem", problem ? json_string(problem) : NULL, NULL));
        if (!candidate || is_above(chain, blueprint) || depth >= MAX_DEPTH)
            continue;
        cat_autofree char *what = cat_printf("%.300s %.64s", blueprint, candidate->version_text);
        if (json_object_get(f->expanded, what))
            continue;
        json_object_set_new(f->expanded, what, json_true());
        const above deeper = {blueprint, chain};
        int code = walk(f, json_object_get(candidate->json, "depends"), own, &deeper, depth + 1);
        if (code < 0)
            return code;
    }
    return 0;
}

int cat_resolver_flatten(const cat_resolver_facts *facts, const char *source, const char *name, const char *version,
                         json_t **items, cat_error *error)
{
    cat_auto(resolver_catalog) catalog = {0};
    resolver_catalog_init(&catalog, facts);
    const resolver_family *family = resolver_catalog_find(&catalog, source, name);
    const json_t *found = NULL;
    for (size_t i = 0; family && !found && i < family->count; i++)
        if (strcmp(family->candidates[i].version_text, version) == 0)
            found = family->candidates[i].json;
    if (!found)
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no version %s of %s", version, name);
    cat_autojson json_t *list = json_array(), *expanded = json_object();
    flattening f = {&catalog, list, expanded, error};
    const above root = {name, NULL};
    int code = walk(&f, json_object_get(found, "depends"), "", &root, 1);
    if (code == 0)
        *items = cat_take(list);
    return code;
}
