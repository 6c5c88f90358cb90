#include "core/plan_check.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "domain/secrets.h"
#include "domain/source.h"
#include "wire/names.h"
#include "wire/schema.h"
#include "wire/semver.h"

#define BLUEPRINT "blueprint.yaml"

struct bpc_checker {
    cat_schema *schema;
};

int bpc_checker_create(const char *schema_text, size_t length, bpc_checker **checker, cat_error *error)
{
    cat_autojson json_t *schema = NULL;
    cat_schema *compiled = NULL;
    int code = cat_json_parse(schema_text, length, &CAT_JSON_CAPS, &schema, error);
    if (code == 0)
        code = cat_schema_compile(schema, &compiled, error);
    if (code < 0)
        return code;
    *checker = cat_calloc(1, sizeof **checker);
    cat_schema_assert_formats(compiled);
    (*checker)->schema = compiled;
    return 0;
}

void bpc_checker_destroy(bpc_checker *checker)
{
    if (!checker)
        return;
    cat_schema_destroy(checker->schema);
    free(checker);
}

/* --- the document --- */

static void check_schema(bpc_checking *checking, const bpc_checker *checker, const json_t *document)
{
    cat_autojson json_t *errors = NULL;
    if (cat_schema_validate(checker->schema, document, &errors))
        return;
    size_t index;
    json_t *error;
    json_array_foreach(errors, index, error) bpc_wrong(checking, cat_json_text_or(error, "pointer", ""), "%s",
                                                       cat_json_text_or(error, "message", "this is not as expected"));
}

/* Kubernetes names objects in lower case, and the version is part of the name. */
static void check_version(bpc_checking *checking, const char *version)
{
    cat_semver parsed;
    cat_error error = {0};
    if (cat_semver_parse(version, &parsed, &error) < 0) {
        bpc_wrong(checking, "/metadata/version", "%s", error.message);
        return;
    }
    for (const char *at = version; *at; at++)
        if (isupper((unsigned char)*at)) {
            bpc_wrong(checking, "/metadata/version", "a version is written in lower case, not %s", version);
            break;
        }
    if (strcmp(version, checking->version) != 0)
        bpc_wrong(checking, "/metadata/version", "the tag says version %s, this says %s", checking->version, version);
}

static void check_names(bpc_checking *checking, const json_t *document)
{
    const char *name = cat_json_text_or(document, "metadata.name", "");
    cat_error error = {0};
    if (cat_name_check_blueprint(name, &error) < 0)
        bpc_wrong(checking, "/metadata/name", "%s", error.message);
    else if (strcmp(name, checking->name) != 0)
        bpc_wrong(checking, "/metadata/name", "its folder is called %s, this says %s", checking->name, name);
    check_version(checking, cat_json_text_or(document, "metadata.version", ""));
    bool own = !cat_source_is_sovereigns(checking->source);
    const char *taken = json_string_value(json_object_get(checking->names, checking->name)),
               *visibility = cat_json_text(checking->spec, "visibility");
    if (own && taken)
        bpc_wrong(checking, "/metadata/name", "%s is a Blueprint of %s: a Blueprint of your own needs another name",
                  checking->name, taken);
    bool forbidden = cat_text_equal(visibility, cat_source_get(cat_source_of(checking->source))->never);
    if (own && forbidden)
        bpc_wrong(checking, "/spec/visibility", "an Organization's own Blueprint is private or unlisted");
    if (!own && forbidden)
        bpc_wrong(checking, "/spec/visibility",
                  "a Blueprint of %s is listed or unlisted; a private one belongs to an Organization's " CAT_SHARED_BLUEPRINTS,
                  checking->source);
}

static void check_range(bpc_checking *checking, const char *pointer, const char *range)
{
    cat_semver_range parsed;
    cat_error error = {0};
    if (range && cat_semver_range_parse(range, &parsed, &error) < 0)
        bpc_wrong(checking, pointer, "%s", error.message);
}

static void check_upgrades(bpc_checking *checking)
{
    check_range(checking, "/spec/upgrades/from", cat_json_text(checking->spec, "upgrades.from"));
    check_range(checking, "/spec/upgrades/blocks", cat_json_text(checking->spec, "upgrades.blocks"));
    const json_t *blocks = cat_json_get(checking->spec, "upgrades.blocks");
    size_t index;
    json_t *item;
    json_array_foreach(blocks, index, item)
    {
        cat_autofree char *pointer = cat_printf("/spec/upgrades/blocks/%zu", index);
        check_range(checking, pointer, json_string_value(item));
    }
}

static void check_depends(bpc_checking *checking)
{
    cat_auto(cat_strings) aliases = {0};
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(checking->spec, "depends"), index, item)
    {
        cat_autofree char *pointer = cat_printf("/spec/depends/%zu", index), *version = cat_printf("%s/version", pointer),
                          *alias_at = cat_printf("%s/alias", pointer), *blueprint_at = cat_printf("%s/blueprint", pointer);
        const char *alias = cat_json_text_or(item, "alias", "");
        check_range(checking, version, cat_json_text(item, "version"));
        if (cat_strings_has(&aliases, alias))
            bpc_wrong(checking, alias_at, "the alias %s is there twice", alias);
        cat_strings_add(&aliases, alias);
        if (cat_text_equal(cat_json_text(item, "blueprint"), checking->name))
            bpc_wrong(checking, blueprint_at, "a Blueprint cannot depend on itself");
    }
}

static void check_rest(bpc_checking *checking)
{
    cat_auto(cat_strings) secrets = {0};
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(checking->spec, "rotation"), index, item)
    {
        cat_autofree char *pointer = cat_printf("/spec/rotation/%zu/secret", index);
        const char *secret = cat_json_text_or(item, "secret", "");
        if (cat_strings_has(&secrets, secret))
            bpc_wrong(checking, pointer, "the secret %s is there twice", secret);
        cat_strings_add(&secrets, secret);
    }
    cat_autofree char *path = NULL;
    cat_error error = {0};
    /* Whoever installs it: these are nobody's names. */
    if (cat_secret_output(checking->spec, "-", "-", "-", &path, &error) < 0)
        bpc_wrong(checking, "/spec/outputs/secretPath", "%s", error.message);
    int64_t least = cat_json_int_or(checking->spec, "placementSchema.minRegions", 1),
            most = cat_json_int_or(checking->spec, "placementSchema.maxRegions", 16);
    if (least > most)
        bpc_wrong(checking, "/spec/placementSchema/minRegions", "minRegions is %lld, above maxRegions, which is %lld",
                  (long long)least, (long long)most);
}

static json_t *spec_of(const bpc_checking *checking)
{
    json_t *spec = json_deep_copy(checking->spec);
    if (!json_object_get(spec, "visibility"))
        json_object_set_new(spec, "visibility", json_string(cat_source_get(cat_source_of(checking->source))->visibility));
    return spec;
}

static json_t *read_document(bpc_checking *checking)
{
    static const cat_yaml_caps CAPS = {
        .max_bytes = BPC_BLUEPRINT_MAX_BYTES, .max_depth = 48, .max_nodes = 20000, .max_documents = 256};
    const json_t *file = json_object_get(checking->files, BLUEPRINT);
    json_t *document = NULL;
    cat_error error = {0};
    if (!json_is_string(file))
        bpc_wrong_in(checking, BLUEPRINT, 1, 1, file ? "the file is not text or too large" : "the file is missing");
    else if (cat_yaml_parse(json_string_value(file), json_string_length(file), &CAPS, &document, &checking->positions, &error) <
             0)
        bpc_wrong_yaml(checking, BLUEPRINT, &error);
    return document;
}

json_t *bpc_check(const bpc_checker *checker, const json_t *candidate, const json_t *names)
{
    bpc_checking checking = {.source = cat_json_text_or(candidate, "source", ""),
                             .name = cat_json_text_or(candidate, "name", ""),
                             .version = cat_json_text_or(candidate, "version", ""),
                             .files = json_object_get(candidate, "files"),
                             .names = names,
                             .errors = json_array()};
    cat_autojson json_t *document = read_document(&checking);
    if (document) {
        checking.spec = json_object_get(document, "spec");
        check_schema(&checking, checker, document);
        /* What follows reads fields as what the schema says that they are. */
        if (json_array_size(checking.errors) == 0) {
            check_names(&checking, document);
            check_upgrades(&checking);
            check_depends(&checking);
            check_rest(&checking);
            bpc_check_config(&checking);
            bpc_check_expressions(&checking);
            bpc_check_files(&checking);
            bpc_check_home(&checking);
        }
    }
    json_t *result = json_object();
    if (json_array_size(checking.errors) > 0) {
        json_object_set(result, "errors", checking.errors);
    } else {
        cat_autofree char *icon = bpc_check_icon(&checking);
        const char *readme = json_string_value(json_object_get(checking.files, "README.md"));
        json_object_set_new(result, "spec", spec_of(&checking));
        json_object_set_new(result, "readme", json_string(readme ? readme : ""));
        cat_json_set_text(result, "icon", icon);
    }
    json_decref(checking.errors);
    cat_yaml_positions_destroy(checking.positions);
    return result;
}
