/* Manifests that can be read without rendering them: kinds that an Application may not bring (domain/home.h), and that the
 * Blueprint does not ask to be granted, are refused when it is registered, not when somebody installs it. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "core/plan_check.h"
#include "domain/cluster_scope.h"
#include "domain/home.h"
#include "wire/kubernetes.h"

static bool is_manifest(const char *path)
{
    const char *name = strrchr(path, '/');
    return cat_text_starts_with(path, "manifests/") && strncmp(name + 1, "kustomization.", 14) != 0 &&
           (cat_text_ends_with(path, ".yaml") || cat_text_ends_with(path, ".yml") || cat_text_ends_with(path, ".json"));
}

/* What kustomize works with and drops, and patches that say not what they patch. */
static bool is_for_kustomize(const json_t *document)
{
    const char *api = cat_json_text_or(document, "apiVersion", "");
    return !json_is_object(document) || !cat_json_text(document, "kind") || !*api || strcmp(api, "builtin") == 0 ||
           cat_text_starts_with(api, "kustomize.config.k8s.io/") ||
           cat_text_equal(cat_object_annotation(document, "config.kubernetes.io/local-config"), "true");
}

static unsigned line_of(const cat_yaml_positions *positions, size_t index)
{
    unsigned line = 1, column = 1;
    cat_autofree char *pointer = cat_printf("/%zu/kind", index);
    cat_yaml_position(positions, pointer, &line, &column);
    return line;
}

static void check_manifest(bpc_checking *checking, const char *path, const char *text, size_t length)
{
    static const cat_yaml_caps CAPS = {.max_bytes = 1024 * 1024, .max_depth = 64, .max_nodes = 50000, .max_documents = 256};
    cat_autojson json_t *documents = NULL;
    cat_autoptr(cat_yaml_positions) positions = NULL;
    size_t index;
    json_t *document;
    if (cat_yaml_parse_all_at(text, length, &CAPS, &documents, &positions, NULL) < 0)
        return; /* kustomize says it better, and what it cannot read is not installed */
    json_array_foreach(documents, index, document)
    {
        char why[CAT_HOME_SENTENCE_MAX];
        if (!is_for_kustomize(document) &&
            cat_home_judge(document, NULL, json_object_get(checking->spec, "clusterScope"), why) == CAT_HOME_REFUSED)
            bpc_wrong_in(checking, path, line_of(positions, index), 1, "%s", why);
    }
}

static void complain_of_scope(void *context, const char *pointer, const char *message)
{
    cat_autofree char *at = cat_printf("/spec/clusterScope%s", pointer);
    bpc_wrong(context, at, "%s", message);
}

void bpc_check_home(bpc_checking *checking)
{
    cat_cluster_scope_check(json_object_get(checking->spec, "clusterScope"), complain_of_scope, checking);
    const char *path;
    json_t *text;
    json_object_foreach((json_t *)checking->files, path, text)
    {
        if (json_is_string(text) && is_manifest(path))
            check_manifest(checking, path, json_string_value(text), json_string_length(text));
    }
}
