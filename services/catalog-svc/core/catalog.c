#include "core/catalog_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "domain/resolver.h"
#include "domain/source.h"

#define VERSIONS_SHOWN 10

static void release_family(void *value)
{
    ctg_family *family = value;
    for (size_t i = 0; i < family->count; i++) {
        free(family->versions[i].text);
        json_decref(family->versions[i].value);
    }
    free(family->versions);
    free(family->key);
    free(family->source);
    free(family->name);
    free(family->title_key);
    free(family->tags);
    free(family);
}

ctg_catalog *ctg_catalog_create(void)
{
    ctg_catalog *catalog = cat_calloc(1, sizeof *catalog);
    catalog->families = cat_map_create(release_family);
    return catalog;
}

void ctg_catalog_destroy(ctg_catalog *catalog)
{
    if (!catalog)
        return;
    ctg_index_clear(catalog);
    cat_map_destroy(catalog->families);
    free(catalog);
}

void ctg_catalog_clear(ctg_catalog *catalog)
{
    ctg_index_clear(catalog);
    cat_map_clear(catalog->families);
}

size_t ctg_catalog_count(const ctg_catalog *catalog)
{
    return cat_map_count(catalog->families);
}

bool ctg_catalog_is_indexed(const ctg_catalog *catalog)
{
    return catalog->indexed;
}

void ctg_catalog_families(const ctg_catalog *catalog, cat_strings *families)
{
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(catalog->families, &at, &key, &value))
        cat_strings_add(families, key);
}

static ctg_family *family_of(ctg_catalog *catalog, const char *source, const char *name)
{
    cat_autofree char *key = cat_printf("%s.%s", source, name);
    ctg_family *family = cat_map_get(catalog->families, key);
    if (family)
        return family;
    family = cat_calloc(1, sizeof *family);
    family->key = cat_strdup(key);
    family->source = cat_strdup(source);
    family->name = cat_strdup(name);
    family->shared = cat_source_is_sovereigns(source);
    cat_map_set(catalog->families, key, family);
    return family;
}

static void place_version(ctg_family *family, ctg_version version)
{
    for (size_t i = 0; i < family->count; i++)
        if (strcmp(family->versions[i].text, version.text) == 0) {
            json_decref(family->versions[i].value);
            free(version.text);
            family->versions[i].value = version.value;
            return;
        }
    family->versions = cat_realloc(family->versions, (family->count + 1) * sizeof *family->versions);
    size_t at = 0;
    while (at < family->count && cat_semver_compare(&family->versions[at].semver, &version.semver) > 0)
        at++;
    memmove(&family->versions[at + 1], &family->versions[at], (family->count - at) * sizeof *family->versions);
    family->versions[at] = version;
    family->count++;
}

int ctg_catalog_put(ctg_catalog *catalog, json_t *value_taken, char **family_key, cat_error *error)
{
    cat_autojson json_t *value = value_taken;
    const char *source = cat_json_text(value, "source"), *name = cat_json_text(value, "name"),
               *text = cat_json_text(value, "version");
    ctg_version version = {0};
    if (!source || !name || !*source || !*name || !text || !json_is_object(json_object_get(value, "spec")))
        return cat_error_set(error, CAT_E_INVALID, "a registered Blueprint has source, name, version and spec");
    if (cat_semver_parse(text, &version.semver, error) < 0)
        return CAT_E_INVALID;
    version.text = cat_strdup(text);
    version.value = json_incref(value);
    ctg_family *family = family_of(catalog, source, name);
    ctg_index_clear(catalog);
    place_version(family, version);
    if (family_key)
        *family_key = cat_strdup(family->key);
    return 0;
}

void ctg_catalog_remove(ctg_catalog *catalog, const char *key, char **family_key)
{
    const char *dot = strchr(key, '.'), *end = dot ? strchr(dot + 1, '.') : NULL;
    if (!end)
        return;
    cat_autofree char *family_name = cat_strndup(key, (size_t)(end - key));
    ctg_family *family = cat_map_get(catalog->families, family_name);
    for (size_t i = 0; family && i < family->count; i++) {
        if (strcmp(family->versions[i].text, end + 1) != 0)
            continue;
        ctg_index_clear(catalog);
        free(family->versions[i].text);
        json_decref(family->versions[i].value);
        memmove(&family->versions[i], &family->versions[i + 1], (family->count - i - 1) * sizeof *family->versions);
        if (--family->count == 0)
            cat_map_remove(catalog->families, family_name);
        if (family_key)
            *family_key = cat_take(family_name);
        return;
    }
}

/* --- what is shown --- */

bool ctg_is_visible(const ctg_family *family, const char *organization)
{
    return family->shared || (organization && strcmp(family->source, organization) == 0);
}

static void copy(json_t *to, const char *name, const json_t *from, const char *path)
{
    const json_t *value = cat_json_get(from, path);
    if (value)
        json_object_set_new(to, name, json_deep_copy(value));
}

static json_t *version_names(const ctg_family *family)
{
    json_t *names = json_array();
    for (size_t i = 0; i < family->count && i < VERSIONS_SHOWN; i++)
        json_array_append_new(names, json_string(family->versions[i].text));
    return names;
}

static json_t *make_item(const ctg_family *family, const ctg_version *version)
{
    json_t *item = json_object();
    cat_json_set_text(item, "source", family->source);
    cat_json_set_text(item, "name", family->name);
    cat_json_set_text(item, "version", version->text);
    cat_json_set_text(item, "title", cat_json_text_or(version->value, "spec.card.title", family->name));
    static const char *const CARD[] = {"tagline", "category", "tags"};
    for (size_t i = 0; i < sizeof CARD / sizeof *CARD; i++) {
        cat_autofree char *path = cat_printf("spec.card.%s", CARD[i]);
        copy(item, CARD[i], version->value, path);
    }
    if (!json_object_get(item, "tags"))
        json_object_set_new(item, "tags", json_array());
    cat_json_set_text(item, "visibility", cat_json_text_or(version->value, "spec.visibility", CAT_VISIBILITY_LISTED));
    copy(item, "icon", version->value, "icon");
    return item;
}

json_t *ctg_item(const ctg_family *family)
{
    json_t *item = make_item(family, ctg_newest(family));
    json_object_set_new(item, "versions", version_names(family));
    return item;
}

json_t *ctg_catalog_card(const ctg_catalog *catalog, const char *family_key)
{
    const ctg_family *family = cat_map_get(catalog->families, family_key);
    if (!family)
        return NULL;
    json_t *card = ctg_item(family);
    copy(card, "digest", ctg_newest(family)->value, "digest");
    return card;
}

static const ctg_version *find_version(const ctg_family *family, const char *version)
{
    if (!version)
        return ctg_newest(family);
    for (size_t i = 0; i < family->count; i++)
        if (strcmp(family->versions[i].text, version) == 0)
            return &family->versions[i];
    return NULL;
}

static const ctg_version *find(const ctg_catalog *catalog, const char *organization, const char *source, const char *name,
                               const char *version, const ctg_family **family)
{
    cat_autofree char *key = cat_printf("%.100s.%.100s", source, name);
    *family = cat_map_get(catalog->families, key);
    return *family && ctg_is_visible(*family, organization) ? find_version(*family, version) : NULL;
}

static json_t *describe_versions(const ctg_family *family)
{
    json_t *versions = json_array();
    for (size_t i = 0; i < family->count; i++) {
        json_t *version = cat_json_object("version", json_string(family->versions[i].text), NULL);
        copy(version, "digest", family->versions[i].value, "digest");
        copy(version, "registeredAt", family->versions[i].value, "registeredAt");
        copy(version, "moved", family->versions[i].value, "moved");
        copy(version, "tagGone", family->versions[i].value, "tagGone");
        if (family->versions[i].semver.prerelease[0])
            cat_json_set_bool(version, "prerelease", true);
        json_array_append_new(versions, version);
    }
    return versions;
}

json_t *ctg_catalog_detail(const ctg_catalog *catalog, const char *organization, const char *source, const char *name,
                           const char *version)
{
    const ctg_family *family;
    const ctg_version *found = find(catalog, organization, source, name, version, &family);
    if (!found)
        return NULL;
    static const struct {
        const char *name, *path;
    } SHOWN[] = {{"card", "spec.card"},
                 {"owner", "spec.owner"},
                 {"configSchema", "spec.configSchema"},
                 {"placementSchema", "spec.placementSchema"},
                 {"depends", "spec.depends"},
                 {"outputs", "spec.outputs"},
                 {"manifests", "spec.manifests"},
                 {"sizes", "spec.manifests.sizes"},
                 {"upgrades", "spec.upgrades"},
                 {"rotation", "spec.rotation"},
                 {"clusterScope", "spec.clusterScope"},
                 {"observability", "spec.observability"},
                 {"readme", "readme"},
                 {"digest", "digest"},
                 {"repository", "repository"},
                 {"path", "path"},
                 {"tag", "tag"},
                 {"commit", "commit"},
                 {"registeredAt", "registeredAt"},
                 {"moved", "moved"},
                 {"tagGone", "tagGone"}};
    json_t *detail = make_item(family, found);
    for (size_t i = 0; i < sizeof SHOWN / sizeof *SHOWN; i++)
        copy(detail, SHOWN[i].name, found->value, SHOWN[i].path);
    static const char *const LISTS[] = {"depends", "sizes"};
    for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++)
        if (!json_object_get(detail, LISTS[i]))
            json_object_set_new(detail, LISTS[i], json_array());
    json_object_set_new(detail, "versions", describe_versions(family));
    return detail;
}

/* One that is called so, or so with "bp-" before it; of this source rather than of another. */
static const ctg_family *meant(const ctg_catalog *catalog, const char *organization, const char *source, const char *name)
{
    const ctg_family *other = NULL;
    cat_autofree char *full = cat_printf("bp-%.100s", name);
    for (size_t i = 0; i < catalog->sorted_count; i++) {
        const ctg_family *family = catalog->sorted[i];
        if (!family->listed || !ctg_is_visible(family, organization) ||
            (strcmp(family->name, name) != 0 && strcmp(family->name, full) != 0))
            continue;
        if (strcmp(family->source, source) == 0)
            return family;
        other = family;
    }
    return other;
}

int ctg_catalog_missing(const ctg_catalog *catalog, const char *organization, const char *source, const char *name,
                        const char *version, cat_error *error)
{
    const ctg_family *family;
    if (version && find(catalog, organization, source, name, NULL, &family))
        return cat_error_set(error, CAT_E_NOT_FOUND,
                             "there is no version %.64s of Blueprint %.100s of %.64s; the newest is %.64s", version, name, source,
                             ctg_newest(family)->text);
    family = meant(catalog, organization, source, name);
    if (!family)
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no Blueprint %.100s of %.64s", name, source);
    return cat_error_set(error, CAT_E_NOT_FOUND, "there is no Blueprint %.100s of %.64s; %.100s of %.64s is there", name, source,
                         family->name, family->source);
}

/* --- dependencies --- */

static void add_facts(const ctg_family *family, json_t *blueprints, cat_strings *names)
{
    for (size_t i = 0; i < family->count; i++) {
        const json_t *value = family->versions[i].value;
        json_t *fact = json_object();
        static const char *const KEPT[] = {"source", "name", "version", "digest"};
        for (size_t k = 0; k < sizeof KEPT / sizeof *KEPT; k++)
            copy(fact, KEPT[k], value, KEPT[k]);
        copy(fact, "visibility", value, "spec.visibility");
        copy(fact, "depends", value, "spec.depends");
        size_t index;
        json_t *dependency;
        json_array_foreach(cat_json_get(value, "spec.depends"), index, dependency)
        {
            const char *name = cat_json_text(dependency, "blueprint");
            if (name && !cat_strings_has(names, name))
                cat_strings_add(names, name);
        }
        json_array_append_new(blueprints, fact);
    }
}

/* Only what can be reached is told to the resolver, so that its cost does not grow with the catalog. */
static json_t *reachable(const ctg_catalog *catalog, const ctg_family *root, const char *organization)
{
    json_t *blueprints = json_array();
    cat_auto(cat_strings) names = {0};
    add_facts(root, blueprints, &names);
    for (size_t i = 0; i < names.count; i++)
        for (int source = CAT_SOURCE_COUNT; source-- > CAT_SOURCE_FIRST;) {
            const char *word = cat_source_word((cat_source)source, organization);
            cat_autofree char *key = cat_printf("%.100s.%.100s", word ? word : "", names.items[i]);
            const ctg_family *family = cat_map_get(catalog->families, key);
            if (family && family != root && ctg_is_visible(family, organization))
                add_facts(family, blueprints, &names);
        }
    return blueprints;
}

int ctg_catalog_dependencies(const ctg_catalog *catalog, const char *organization, const char *source, const char *name,
                             const char *version, json_t **result, cat_error *error)
{
    const ctg_family *family;
    const ctg_version *found = find(catalog, organization, source, name, version, &family);
    if (!found)
        return ctg_catalog_missing(catalog, organization, source, name, version, error);
    cat_autojson json_t *blueprints = reachable(catalog, family, organization), *none = json_array();
    cat_resolver_facts facts = {.blueprints = blueprints, .applications = none, .organization = organization};
    json_t *items = NULL;
    int code = cat_resolver_flatten(&facts, source, name, found->text, &items, error);
    if (code == 0)
        *result = cat_json_object("items", items, NULL);
    return code;
}
