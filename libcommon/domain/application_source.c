#include "domain/application_source.h"

#include <string.h>

#include "base/memory.h"
#include "domain/application_tree.h"
#include "wire/kubernetes.h"
#include "wire/names.h"
#include "wire/yaml.h"

#define MAX_DEPENDENCIES 64
#define MAX_TEXT 63

static int check_dependencies(const json_t *dependencies, cat_error *error)
{
    if (!dependencies)
        return 0;
    if (!json_is_object(dependencies) || json_object_size(dependencies) > MAX_DEPENDENCIES)
        return cat_error_set(error, CAT_E_INVALID, "spec.dependencies has to be a map of at most %d aliases", MAX_DEPENDENCIES);
    const char *alias;
    json_t *dependency;
    json_object_foreach((json_t *)dependencies, alias, dependency)
    {
        const char *name = cat_json_text(dependency, "application");
        if (!name)
            return cat_error_set(error, CAT_E_INVALID, "spec.dependencies.%.60s does not name its application", alias);
        if (cat_name_check_application(name, error) < 0)
            return cat_error_wrap(error, "spec.dependencies.%.60s", alias);
    }
    return 0;
}

static int check_head(const json_t *document, const char *application, cat_error *error)
{
    const char *name = cat_json_text(document, "metadata.name");
    if (!json_is_object(document))
        return cat_error_set(error, CAT_E_INVALID, "it has to be a group of fields");
    if (!cat_text_equal(cat_json_text(document, "apiVersion"), CAT_API_VERSION))
        return cat_error_set(error, CAT_E_INVALID, "apiVersion has to be " CAT_API_VERSION);
    if (!cat_text_equal(cat_json_text(document, "kind"), "ApplicationSource"))
        return cat_error_set(error, CAT_E_INVALID, "kind has to be ApplicationSource");
    if (!cat_text_equal(name, application))
        return cat_error_set(error, CAT_E_INVALID, "metadata.name has to be %s%s%.60s", application, name ? ", and not " : "",
                             name ? name : "");
    return 0;
}

int cat_application_source_check(const json_t *document, const char *application, cat_error *error)
{
    static const char *const NEEDED[] = {"spec.blueprint.source", "spec.blueprint.name", "spec.blueprint.version"};
    int code = check_head(document, application, error);
    if (code < 0)
        return code;
    for (size_t i = 0; i < sizeof NEEDED / sizeof *NEEDED; i++) {
        const json_t *value = cat_json_get(document, NEEDED[i]);
        const char *text = json_string_value(value);
        if (!text || !*text || strlen(text) > MAX_TEXT)
            return cat_error_set(error, CAT_E_INVALID, "%s has to be a text of 1 to %d characters%s", NEEDED[i], MAX_TEXT,
                                 json_is_number(value) ? ": put the number in quotes" : "");
    }
    return check_dependencies(cat_json_get(document, "spec.dependencies"), error);
}

int cat_application_source_read(const char *text, size_t length, const char *application, json_t **document, cat_error *error)
{
    cat_autojson json_t *read = NULL;
    *document = NULL;
    int code = cat_yaml_parse(text, length, &CAT_YAML_CAPS, &read, NULL, error);
    if (code < 0)
        return code;
    if (cat_document_is_empty(read)) {
        cat_autofree char *words = cat_file_words(CAT_FILE_EMPTY, "it", "");
        return cat_error_set(error, CAT_E_INVALID, "%s", words);
    }
    code = cat_application_source_check(read, application, error);
    if (json_is_object(read))
        *document = json_incref(read);
    return code;
}
