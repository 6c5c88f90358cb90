/* Any bytes as blueprint.yaml, as an icon, and as a kustomization: there is an answer, every error says where, and what may be
 * registered can be written as an object and read again. Parts of the input are divided by 0xff. */
#include <string.h>

#include "base/memory.h"
#include "core/plan.h"
#include "fuzz.h"
#include "svc/openapi.h"
#include "wire/yaml.h"

CAT_EMBED(fuzz_blueprint_schema, "proto/blueprint.schema.json");

static const bpc_checker *checker(void)
{
    static bpc_checker *made;
    if (!made)
        CLAIM(bpc_checker_create(fuzz_blueprint_schema_start, (size_t)(fuzz_blueprint_schema_end - fuzz_blueprint_schema_start),
                                 &made, NULL) == 0);
    return made;
}

static void set_file(json_t *files, const char *path, const char *text, size_t length)
{
    json_t *value = memchr(text, 0, length) ? NULL : json_stringn(text, length);
    json_object_set_new(files, path, value ? value : json_null());
}

static void check_errors(const json_t *errors)
{
    size_t index;
    json_t *error;
    CLAIM(json_array_size(errors) > 0 && json_array_size(errors) <= BPC_ERRORS_MAX);
    json_array_foreach(errors, index, error)
    {
        CLAIM(cat_json_text(error, "file") && *cat_json_text_or(error, "message", ""));
        CLAIM(cat_json_int_or(error, "line", 0) >= 1 && cat_json_int_or(error, "column", 0) >= 1);
    }
}

static void check_entry(const json_t *checked)
{
    cat_autojson json_t *entry =
                            cat_json_object("source", json_string("catalog"), "name", json_string("bp-x"), "version",
                                            json_string("1.0.0"), "spec", json_incref(json_object_get(checked, "spec")), NULL),
                        *object = bpc_plan_object(entry), *again = NULL;
    cat_autofree char *text = cat_yaml_format(object);
    static const cat_yaml_caps WIDE = {.max_bytes = 1 << 24, .max_depth = 64, .max_nodes = 100000, .max_documents = 1};
    CLAIM(cat_yaml_parse(text, strlen(text), &WIDE, &again, NULL, NULL) == 0);
    CLAIM(json_equal(object, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const PATHS[] = {"blueprint.yaml", "manifests/kustomization.yaml", "card/icon.svg"};
    cat_autojson json_t *files = json_object(), *names = json_object();
    json_object_set_new(files, "manifests/kustomization.yaml", json_string("resources: []\n"));
    json_object_set_new(files, "bind/kustomization.yaml", json_string("resources: []\n"));
    json_object_set_new(files, "sizes/small/kustomization.yaml", json_string("kind: Component\n"));
    const char *at = (const char *)data, *end = at + size;
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS && at <= end; i++) {
        const char *divider = i + 1 < sizeof PATHS / sizeof *PATHS && at < end ? memchr(at, 0xff, (size_t)(end - at)) : NULL;
        size_t length = (size_t)((divider ? divider : end) - at);
        if (length > 0 || i == 0)
            set_file(files, PATHS[i], length ? at : "", length);
        at = divider ? divider + 1 : end + 1;
    }
    cat_autojson json_t *candidate = cat_json_object("source", json_string("catalog"), "name", json_string("bp-x"), "version",
                                                     json_string("1.0.0"), "files", json_incref(files), NULL),
                        *checked = bpc_check(checker(), candidate, names);
    if (json_object_get(checked, "errors"))
        check_errors(json_object_get(checked, "errors"));
    else
        check_entry(checked);
    return 0;
}
