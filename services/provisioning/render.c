#include "render.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "domain/application_tree.h"
#include "domain/source_ignore.h"
#include "render_program.h"
#include "wire/yaml.h"

/* --- trees in memory --- */

static void apply_files(json_t *tree, const json_t *files)
{
    size_t index;
    json_t *file;
    json_array_foreach((json_t *)files, index, file)
    {
        const char *path = cat_json_text_or(file, "path", "");
        if (json_is_string(json_object_get(file, "content")))
            json_object_set(tree, path, json_object_get(file, "content"));
        else
            json_object_del(tree, path);
    }
}

json_t *prv_render_head(const json_t *facts, const char *repository, const char *branch)
{
    const char *slash = strchr(repository, '/');
    const json_t *application = json_object_get(json_object_get(facts, "applications"), slash ? slash + 1 : "");
    const json_t *files = json_object_get(json_object_get(json_object_get(application, "branches"), branch), "files");
    return files ? json_copy((json_t *)files) : json_object();
}

static json_t *skeleton_of(const json_t *plan, const char *repository)
{
    json_t *tree = json_object();
    size_t index;
    json_t *skeleton;
    json_array_foreach(json_object_get(plan, "skeletons"), index, skeleton)
    {
        if (cat_text_equal(cat_json_text(skeleton, "repository"), repository))
            apply_files(tree, json_object_get(skeleton, "files"));
    }
    return tree;
}

static void keep_folder(json_t *tree, const json_t *own, const char *folder)
{
    cat_autofree char *prefix = cat_printf("%s/", folder);
    const char *path;
    json_t *text;
    void *next;
    json_object_foreach_safe(tree, next, path, text)
    {
        if (cat_text_starts_with(path, prefix))
            json_object_del(tree, path);
    }
    json_object_foreach((json_t *)own, path, text)
    {
        if (cat_text_starts_with(path, prefix))
            json_object_set(tree, path, text);
    }
}

json_t *prv_render_tree(const json_t *facts, const json_t *plan, const char *repository, const char *branch)
{
    size_t index, at;
    json_t *entry, *folder, *tree = prv_render_head(facts, repository, branch);
    json_array_foreach(json_object_get(plan, "trees"), index, entry)
    {
        if (!cat_text_equal(cat_json_text(entry, "repository"), repository) ||
            !cat_text_equal(cat_json_text(entry, "branch"), branch))
            continue;
        const char *from = cat_json_text_or(entry, "from", "");
        cat_autojson json_t *own = prv_render_head(facts, repository, branch);
        if (*from) {
            json_decref(tree);
            tree = strcmp(from, "skeleton") == 0 ? skeleton_of(plan, repository) : prv_render_tree(facts, plan, repository, from);
            json_array_foreach(json_object_get(entry, "keep"), at, folder) keep_folder(tree, own, json_string_value(folder));
        }
        apply_files(tree, json_object_get(entry, "files"));
    }
    return tree;
}

/* --- builds --- */

/* What Flux's Kustomization adds: spec.components, after those that are there, and spec.targetNamespace. The rest of the text
 * becomes what the check read of it. */
static int add_what_flux_adds(json_t *tree, const char *env_type, const char *namespace, cat_error *error)
{
    cat_autojson json_t *root = NULL;
    const char *text = json_string_value(json_object_get(tree, "kustomization.yaml"));
    int code = cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &root, NULL, error);
    if (code < 0)
        return code;
    json_t *components = json_object_get(root, "components");
    if (!json_is_array(components)) {
        components = json_array();
        json_object_set_new(root, "components", components);
    }
    json_array_append_new(components, json_sprintf("overlays/%s", env_type));
    json_object_set_new(root, "namespace", json_string(namespace));
    /* Each object then says which file it comes from. */
    json_object_set_new(root, "buildMetadata", json_pack("[s]", "originAnnotations"));
    cat_autofree char *changed = cat_yaml_format(root);
    json_object_set_new(tree, "kustomization.yaml", json_string(changed));
    return 0;
}

static int refused(const json_t *errors, cat_error *error)
{
    cat_autofree char *words = cat_tree_error_words(json_array_get(errors, 0));
    return cat_error_set(error, CAT_E_INVALID, "%s", words);
}

int prv_render_build(const prv_render_options *options, const json_t *files, const char *env_type, const char *namespace,
                     json_t **objects, json_t **refusals, cat_error *error)
{
    *refusals = NULL;
    if (!cat_application_tree_check(files, env_type, refusals, NULL))
        return refused(*refusals, error);
    cat_autojson json_t *tree = cat_source_ignore_filter(files, error);
    int code = tree ? add_what_flux_adds(tree, env_type, namespace, error) : CAT_E_INVALID;
    cat_autofree char *built = NULL;
    size_t length = 0;
    if (code == 0)
        code = prv_program_build(options, tree, &built, &length, error);
    if (code < 0)
        return code;
    static const cat_yaml_caps OUTPUT = {
        .max_bytes = PRV_PROGRAM_MAX_OUTPUT, .max_depth = 64, .max_nodes = 400000, .max_documents = 4096};
    return cat_yaml_parse_all(built, length, &OUTPUT, objects, error);
}
