/* The files of an Application's repository, as docs/seams.md says. */
#include "core/plan_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "domain/diff.h"
#include "domain/secrets.h"
#include "wire/kubernetes.h"
#include "wire/names.h"
#include "wire/yaml.h"

#define KUSTOMIZATION "kustomize.config.k8s.io/v1beta1"
#define COMPONENT "kustomize.config.k8s.io/v1alpha1"

json_t *prv_file(const char *path, char *content_taken)
{
    cat_autofree char *content = content_taken;
    return cat_json_object("path", json_string(path), "content", json_string(content), NULL);
}

static json_t *yaml_file(const char *path, json_t *object_taken)
{
    cat_autojson json_t *object = object_taken;
    return prv_file(path, cat_yaml_format(object));
}

static json_t *texts(const char *first, ...) __attribute__((sentinel));
static json_t *texts(const char *first, ...)
{
    json_t *array = json_array();
    va_list arguments;
    va_start(arguments, first);
    for (const char *text = first; text; text = va_arg(arguments, const char *))
        json_array_append_new(array, json_string(text));
    va_end(arguments);
    return array;
}

static json_t *local_only(const char *kind, const char *name)
{
    json_t *object = cat_json_object("apiVersion", json_string(CAT_API_VERSION), "kind", json_string(kind), "metadata",
                                     cat_json_object("name", json_string(name), NULL), NULL);
    cat_object_set_annotation(object, "config.kubernetes.io/local-config", "true");
    return object;
}

char *prv_values_file(const json_t *spec, const json_t *environment)
{
    cat_autojson json_t *object = local_only("Values", "values");
    if (environment)
        json_object_set(object, "environment", (json_t *)environment);
    if (spec)
        json_object_set(object, "spec", (json_t *)spec);
    return cat_yaml_format(object);
}

char *prv_source_file(const prv_application *application)
{
    cat_autojson json_t *object = local_only("ApplicationSource", application->name);
    json_t *dependencies = json_object();
    const char *alias;
    json_t *name;
    json_object_foreach(application->dependencies, alias, name)
        json_object_set_new(dependencies, alias, cat_json_object("application", json_incref(name), NULL));
    const json_t *blueprint = application->blueprint;
    json_object_set_new(object, "spec",
                        cat_json_object("blueprint",
                                        cat_json_object("source", json_incref(cat_json_get(blueprint, "source")), "name",
                                                        json_incref(cat_json_get(blueprint, "name")), "version",
                                                        json_incref(cat_json_get(blueprint, "version")), "digest",
                                                        json_incref(cat_json_get(blueprint, "digest")), NULL),
                                        "size", json_string(application->size), "dependencies", dependencies, NULL));
    return cat_yaml_format(object);
}

char *prv_overlay_kustomization(const char *size, const json_t *links)
{
    json_t *patches = json_array();
    json_array_append_new(patches, cat_json_object("path", json_string("environment.yaml"), NULL));
    json_array_append_new(patches, cat_json_object("path", json_string("values.yaml"), NULL));
    cat_auto(cat_strings) consumers = {0};
    const char *consumer;
    json_t *patch;
    json_object_foreach((json_t *)links, consumer, patch) cat_strings_add(&consumers, consumer);
    cat_strings_sort(&consumers);
    for (size_t i = 0; i < consumers.count; i++) {
        cat_autofree char *path = cat_printf("links/%s.yaml", consumers.items[i]);
        json_array_append_new(patches, cat_json_object("path", json_string(path), "target",
                                                       cat_json_object("kind", json_string("Values"), NULL), NULL));
    }
    cat_autofree char *component = cat_printf("../../blueprint/sizes/%s", size);
    cat_autojson json_t *object = cat_json_object("apiVersion", json_string(COMPONENT), "kind", json_string("Component"),
                                                  "components", texts(component, NULL), "patches", patches, NULL);
    return cat_yaml_format(object);
}

static json_t *store_key(const char *path)
{
    cat_autofree char *key = cat_secret_key(path);
    return json_string(key);
}

/* The outputs, with `secretPath` as an ExternalSecret takes it. */
static json_t *outputs_for_stores(const json_t *dependencies)
{
    json_t *all = json_object(), *outputs;
    const char *alias;
    json_object_foreach((json_t *)dependencies, alias, outputs)
    {
        json_t *kept = json_copy(outputs);
        const char *path = cat_json_text(kept, "secretPath");
        if (path)
            json_object_set_new(kept, "secretPath", store_key(path));
        json_object_set_new(all, alias, kept);
    }
    return all;
}

static json_t *environment_facts(const json_t *facts, const prv_application *application, const char *environment,
                                 const json_t *dependencies)
{
    const json_t *known = prv_facts_environment(facts, environment);
    const char *type = cat_json_text_or(known, "type", ""), *domain = cat_json_text_or(known, "domain", "");
    char secret_path[256];
    prv_secret_path(facts, application->name, type, secret_path, sizeof(secret_path));
    cat_autofree char *namespace = cat_printf("%s-%s", application->name, type);
    cat_autofree char *host = cat_printf("%s.%s", application->name, domain);
    json_t *secrets = json_object();
    size_t index;
    json_t *rotation;
    json_array_foreach(cat_json_get(application->blueprint, "spec.rotation"), index, rotation)
    {
        const char *secret = cat_json_text_or(rotation, "secret", "");
        cat_autofree char *path = cat_printf("%s/%s", secret_path, secret);
        json_object_set_new(secrets, secret, store_key(path));
    }
    return cat_json_object("application", json_string(application->name), "organization",
                           json_incref(cat_json_get(facts, "organization.name")), "type", json_string(type), "name",
                           json_string(environment), "namespace", json_string(namespace), "domain", json_string(domain), "host",
                           json_string(host), "secretPath", json_string(secret_path), "secrets", secrets, "dependencies",
                           outputs_for_stores(dependencies), NULL);
}

json_t *prv_files_of_overlay(const json_t *facts, const prv_application *application, const char *environment,
                             const json_t *dependencies, const json_t *links, const json_t *own_values)
{
    const char *type = cat_json_text_or(prv_facts_environment(facts, environment), "type", "");
    cat_autojson json_t *known = environment_facts(facts, application, environment, dependencies);
    cat_autojson json_t *none = json_object();
    cat_autofree char *kustomization = cat_printf("overlays/%s/kustomization.yaml", type);
    cat_autofree char *environment_file = cat_printf("overlays/%s/environment.yaml", type);
    cat_autofree char *values_file = cat_printf("overlays/%s/values.yaml", type);
    json_t *files = json_array();
    json_array_append_new(files, prv_file(kustomization, prv_overlay_kustomization(application->size, links)));
    json_array_append_new(files, prv_file(environment_file, prv_values_file(NULL, known)));
    json_array_append_new(files, prv_file(values_file, prv_values_file(own_values ? own_values : none, NULL)));
    const char *consumer;
    json_t *patch;
    json_object_foreach((json_t *)links, consumer, patch)
    {
        cat_autofree char *path = cat_printf("overlays/%s/links/%s.yaml", type, consumer);
        json_array_append_new(files, prv_file(path, cat_yaml_format(patch)));
    }
    return files;
}

static json_t *external_secret(const char *name)
{
    return cat_json_object(
        "apiVersion", json_string("external-secrets.io/v1"), "kind", json_string("ExternalSecret"), "metadata",
        cat_json_object("name", json_string(name), NULL), "spec",
        cat_json_object("refreshInterval", json_string("1h"), "secretStoreRef",
                        cat_json_object("kind", json_string("SecretStore"), "name", json_string("catalyst"), NULL), "target",
                        cat_json_object("name", json_string(name), "creationPolicy", json_string("Owner"), NULL), "dataFrom",
                        json_pack("[{s:{s:s}}]", "extract", "key", "bound-from-environment"), NULL),
        NULL);
}

static json_t *secret_binding(const char *field, const char *name)
{
    return cat_json_object("source", cat_json_object("kind", json_string("Values"), "fieldPath", json_string(field), NULL),
                           "targets",
                           json_pack("[{s:{s:s,s:s},s:[s]}]", "select", "kind", "ExternalSecret", "name", name, "fieldPaths",
                                     "spec.dataFrom.0.extract.key"),
                           NULL);
}

static void add_secret(const prv_application *application, const char *secret, const char *field, json_t *files,
                       json_t *resources, json_t *bindings)
{
    cat_autofree char *name = cat_printf("%s-%s", application->name, secret);
    cat_autofree char *file = cat_printf("%s.yaml", secret);
    cat_autofree char *path = cat_printf("secrets/%s", file);
    json_array_append_new(files, yaml_file(path, external_secret(name)));
    json_array_append_new(resources, json_string(file));
    json_array_append_new(bindings, secret_binding(field, name));
}

/* A dependency that keeps a secret for its users says where in its output `secretPath`. */
static bool has_secret_path(const json_t *facts, const prv_application *application, const char *alias)
{
    size_t index;
    json_t *dependency;
    json_array_foreach(cat_json_get(application->blueprint, "spec.depends"), index, dependency)
    {
        const char *name = cat_json_text_or(dependency, "blueprint", "");
        if (!cat_text_equal(cat_json_text_or(dependency, "alias", name), alias))
            continue;
        size_t at;
        json_t *blueprint;
        json_array_foreach(cat_json_get(facts, "blueprints"), at, blueprint)
        {
            if (cat_text_equal(cat_json_text(blueprint, "name"), name) && cat_json_get(blueprint, "spec.outputs.secretPath"))
                return true;
        }
    }
    return false;
}

static void add_secrets(const json_t *facts, const prv_application *application, json_t *files)
{
    json_t *resources = json_array(), *bindings = json_array();
    size_t index;
    json_t *rotation, *dependency;
    const char *alias;
    json_array_foreach(cat_json_get(application->blueprint, "spec.rotation"), index, rotation)
    {
        const char *secret = cat_json_text_or(rotation, "secret", "");
        cat_autofree char *field = cat_printf("environment.secrets.%s", secret);
        add_secret(application, secret, field, files, resources, bindings);
    }
    json_object_foreach(application->dependencies, alias, dependency)
    {
        cat_autofree char *field = cat_printf("environment.dependencies.%s.secretPath", alias);
        if (has_secret_path(facts, application, alias))
            add_secret(application, alias, field, files, resources, bindings);
    }
    bool any = json_array_size(bindings) > 0;
    json_array_append_new(files, yaml_file("secrets/kustomization.yaml",
                                           cat_json_object("apiVersion", json_string(KUSTOMIZATION), "kind",
                                                           json_string("Kustomization"), "resources", resources, NULL)));
    json_array_append_new(
        files, yaml_file("secrets/bind/kustomization.yaml",
                         cat_json_object("apiVersion", json_string(KUSTOMIZATION), "kind", json_string("Kustomization"),
                                         "resources", any ? texts("secrets.yaml", NULL) : json_array(), NULL)));
    if (any)
        json_array_append_new(
            files, yaml_file("secrets/bind/secrets.yaml",
                             cat_json_object("apiVersion", json_string("builtin"), "kind", json_string("ReplacementTransformer"),
                                             "metadata", cat_json_object("name", json_string("secrets"), NULL), "replacements",
                                             json_incref(bindings), NULL)));
    json_decref(bindings);
}

/* manifests/x → blueprint/x; bind/ and sizes/ keep their names below blueprint/. */
static int add_blueprint(const json_t *facts, const prv_application *application, json_t *files, cat_error *error)
{
    char key[256];
    prv_blueprint_key(application->blueprint, key, sizeof(key));
    const json_t *manifests = json_object_get(cat_json_get(facts, "manifests"), key);
    if (!manifests)
        return cat_error_set(error, CAT_E_NOT_FOUND, "the files of Blueprint %s are not to be had from its source", key);
    const char *path;
    json_t *content;
    bool bound = false;
    json_object_foreach((json_t *)manifests, path, content)
    {
        const char *below = cat_text_starts_with(path, "manifests/") ? path + strlen("manifests/") : path;
        cat_autofree char *target = cat_printf("blueprint/%s", below);
        json_array_append_new(files, prv_file(target, cat_strdup(json_string_value(content))));
        bound = bound || cat_text_equal(path, "bind/kustomization.yaml");
    }
    if (!bound)
        json_array_append_new(files, yaml_file("blueprint/bind/kustomization.yaml",
                                               cat_json_object("apiVersion", json_string(KUSTOMIZATION), "kind",
                                                               json_string("Kustomization"), "resources", json_array(), NULL)));
    return 0;
}

int prv_files_of_application(const json_t *facts, const prv_application *application, json_t **files, cat_error *error)
{
    cat_autojson json_t *found = json_array();
    json_array_append_new(
        found, yaml_file("kustomization.yaml",
                         cat_json_object("apiVersion", json_string(KUSTOMIZATION), "kind", json_string("Kustomization"),
                                         "resources", texts("values.yaml", "blueprint", "secrets", NULL), "transformers",
                                         texts("blueprint/bind", "secrets/bind", NULL), NULL)));
    json_array_append_new(found, prv_file("catalyst.yaml", prv_source_file(application)));
    json_array_append_new(found, prv_file("values.yaml", prv_values_file(application->config, NULL)));
    int result = add_blueprint(facts, application, found, error);
    if (result < 0)
        return result;
    add_secrets(facts, application, found);
    *files = cat_take(found);
    return 0;
}

json_t *prv_files_of_skeleton(const json_t *facts, const prv_application *application)
{
    (void)application;
    const char *organization = cat_json_text_or(facts, "organization.name", "");
    json_t *files = json_array();
    json_array_append_new(files,
                          prv_file("CODEOWNERS", cat_printf(".* @%s/developers @%s/admins\n", organization, organization)));
    json_array_append_new(
        files, yaml_file("kustomization.yaml", cat_json_object("apiVersion", json_string(KUSTOMIZATION), "kind",
                                                               json_string("Kustomization"), "resources", json_array(), NULL)));
    return files;
}

void prv_show_file(prv_draft *draft, const char *repository, const char *branch, const char *path, const char *before,
                   const char *after)
{
    if (before && after && strcmp(before, after) == 0)
        return;
    cat_autofree char *diff = cat_diff_text(before, after, path, path, 3);
    json_array_append_new(draft->files, cat_json_object("repository", json_string(repository), "branch", json_string(branch),
                                                        "path", json_string(path), "action",
                                                        json_string(!before  ? "add"
                                                                    : !after ? "remove"
                                                                             : "change"),
                                                        "diff", json_string(diff), NULL));
}
