#include "render_words.h"

#include <signal.h>
#include <string.h>

#include "base/memory.h"
#include "base/string.h"
#include "domain/kustomize_words.h"
#include "wire/yaml.h"

char *prv_render_words(const cat_confined_result *result, const char *id)
{
    bool ended = result->end == CAT_CONFINED_SIGNALLED;
    cat_autofree char *means =
        ended && result->status == SIGXCPU   ? cat_strdup("building the manifests takes more time than it may")
        : ended && result->status == SIGKILL ? cat_strdup("building the manifests takes more time or memory than it may")
                                             : cat_kustomize_words(result->words);
    return means ? cat_printf("the manifests cannot be built: %s", means)
                 : cat_printf("the manifests cannot be built; the Sovereign's people find why in the log of provisioning, at %s",
                              id);
}

/* The field of `spec` that is null in the values and that `said` names as read, "spec.a.b"; the caller's. */
static char *null_in(const json_t *group, const char *field, const char *said)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)group, name, value)
    {
        cat_autofree char *own = cat_printf("%s.%s", field, name);
        cat_autofree char *words = cat_printf(CAT_KUSTOMIZE_READS, own);
        if (json_is_null(value) && strstr(said, words))
            return cat_take(own);
        char *below = json_is_object(value) ? null_in(value, own, said) : NULL;
        if (below)
            return below;
    }
    return NULL;
}

/* Behind what stands in this line, counted from 1. */
static bool has_comment(const char *text, unsigned line)
{
    while (--line > 0 && strchr(text, '\n'))
        text = strchr(text, '\n') + 1;
    const char *mark = strchr(text, '#');
    return mark && mark > text && mark[-1] == ' ' && (size_t)(mark - text) < strcspn(text, "\n");
}

static char *null_of(const json_t *files, const char *path, const char *said)
{
    const char *text = json_string_value(json_object_get(files, path));
    cat_autojson json_t *document = NULL;
    __attribute__((cleanup(cat_yaml_positions_destroy_cleanup))) cat_yaml_positions *positions = NULL;
    if (!text || cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &document, &positions, NULL) < 0)
        return NULL;
    cat_autofree char *field = null_in(cat_json_get(document, "spec"), "spec", said);
    if (!field)
        return NULL;
    cat_autofree char *pointer = cat_printf("/%s", field);
    for (char *dot = strchr(pointer, '.'); dot; dot = strchr(dot, '.'))
        *dot = '/';
    unsigned line = 1, column = 1;
    cat_yaml_position(positions, pointer, &line, &column);
    const char *remedy = has_comment(text, line)       ? "What stands behind # is a comment: put the value in quotes"
                         : strcmp(path, "values.yaml") ? "Remove that line to have everybody's value again"
                                                       : "Give it a value";
    return cat_printf("%s, line %u: %s is null, which takes its value away. %s", path, line, field + strlen("spec."), remedy);
}

char *prv_render_null(const json_t *files, const char *env_type, const char *said)
{
    cat_autofree char *overlay = cat_printf("overlays/%s/values.yaml", env_type);
    char *found = null_of(files, overlay, said);
    return found ? found : null_of(files, "values.yaml", said);
}
