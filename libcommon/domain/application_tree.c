#include "domain/application_tree.h"

#include <string.h>

#include "base/memory.h"
#include "base/string.h"
#include "domain/kustomization.h"
#include "domain/quantity_check.h"
#include "domain/values_check.h"
#include "wire/yaml.h"

#define MESSAGE_MAX 500
#define VALUES "values.yaml"

/* --- files --- */

bool cat_document_is_empty(const json_t *document)
{
    return json_is_null(document) || (json_is_object(document) && json_object_size(document) == 0);
}

cat_file_state cat_file_state_of(const json_t *files, const char *path)
{
    cat_autojson json_t *document = NULL;
    const json_t *file = json_object_get(files, path);
    if (!file)
        return CAT_FILE_GONE;
    bool is_read = json_is_string(file) &&
                   cat_yaml_parse(json_string_value(file), json_string_length(file), &CAT_YAML_CAPS, &document, NULL, NULL) == 0;
    return is_read && cat_document_is_empty(document) ? CAT_FILE_EMPTY : CAT_FILE_THERE;
}

char *cat_file_words(cat_file_state state, const char *path, const char *where)
{
    if (state == CAT_FILE_THERE)
        return NULL;
    return state == CAT_FILE_GONE ? cat_printf("%s is not there%s: bring it back in Git", path, where)
                                  : cat_printf("%s is empty%s: bring back in Git what was in it", path, where);
}

/* --- trees --- */

/* The values are an object that overlays change and bindings read: without it nothing is left to change. What only an overlay has
 * may be empty: then nothing differs there. */
static bool needs_values(const json_t *files, const char *env_type)
{
    cat_autofree char *own = cat_printf("overlays/%s/values.yaml", env_type);
    cat_autofree char *facts = cat_printf("overlays/%s/environment.yaml", env_type);
    return cat_file_state_of(files, own) == CAT_FILE_THERE || cat_file_state_of(files, facts) == CAT_FILE_THERE ||
           cat_values_are_read(files);
}

/* The one file that nothing has to name, and that is needed all the same; NULL: it is there, or not needed. */
static json_t *missing_values(const json_t *files, const char *env_type)
{
    cat_file_state state = cat_file_state_of(files, VALUES);
    if (state == CAT_FILE_THERE || !needs_values(files, env_type))
        return NULL;
    cat_autofree char *words = cat_file_words(state, VALUES, "");
    return json_pack("[o]", cat_json_object("file", json_string(VALUES), "message", json_string(words), NULL));
}

bool cat_application_tree_check(const json_t *files, const char *env_type, json_t **errors, char **reads)
{
    cat_autofree char *overlay = cat_printf("overlays/%s", env_type);
    const cat_kustomization_root roots[] = {{"", CAT_KUSTOMIZATION, ""}, {overlay, CAT_KUSTOMIZATION_COMPONENT, ""}};
    cat_autofree char *read = NULL;
    *errors = missing_values(files, env_type);
    if (*errors || !cat_kustomization_check_reads(files, roots, sizeof roots / sizeof *roots, errors, &read) ||
        !cat_values_check(files, env_type, errors) || !cat_quantities_check(files, read, errors))
        return false;
    if (reads)
        *reads = cat_take(read);
    return true;
}

char *cat_tree_error_words(const json_t *error)
{
    const char *message = cat_json_text_or(error, "message", "");
    int length = (int)cat_text_cut(message, MESSAGE_MAX);
    if (!json_object_get(error, "line"))
        return cat_printf("%.*s", length, message);
    return cat_printf("%s, line %lld: %.*s", cat_json_text_or(error, "file", "?"), (long long)cat_json_int_or(error, "line", 1),
                      length, message);
}
