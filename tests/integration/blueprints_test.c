/* Each of the project's Blueprints in each of its sizes, laid out as an Application's repository (docs/seams.md): the real
 * kustomize builds it, and the real API server would take what comes out. Without CATALYST_TEST_KUBECONFIG the latter is skipped,
 * in one clear line. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/test.h"
#include "net/kube.h"
#include "wire/schema.h"
#include "wire/yaml.h"

#define APPLICATION "sample"

static cat_kube *kube;
static char folder[] = "/tmp/catalyst-blueprints-XXXXXX";

/* --- the repository --- */

static void write_text(const char *path, const char *text)
{
    cat_autofree char *whole = cat_printf("%s/%s", folder, path);
    for (char *at = whole + strlen(folder) + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        mkdir(whole, 0700);
        *at = '/';
    }
    FILE *file = fopen(whole, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        cat_test_fail(__FILE__, __LINE__, "%s cannot be written", whole);
}

static void write_yaml(const char *path, json_t *json_taken)
{
    cat_autojson json_t *json = json_taken;
    cat_autofree char *text = cat_yaml_format(json);
    write_text(path, text);
}

static json_t *read_yaml(const char *path)
{
    cat_autofree char *text = NULL;
    size_t length = 0;
    json_t *json = NULL;
    cat_error error = {0};
    if (cat_file_read(path, 1 << 20, &text, &length, &error) < 0 ||
        cat_yaml_parse(text, length, &CAT_YAML_CAPS, &json, NULL, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s: %s", path, error.message);
    return json;
}

static json_t *values(json_t *spec_taken, json_t *environment_taken)
{
    json_t *object = cat_json_object("apiVersion", json_string(CAT_API_VERSION), "kind", json_string("Values"), "metadata",
                                     cat_json_object("name", json_string("values"), NULL), "environment", environment_taken,
                                     "spec", spec_taken, NULL);
    cat_object_set_annotation(object, "config.kubernetes.io/local-config", "true");
    return object;
}

static json_t *defaults_of(const json_t *blueprint)
{
    json_t *config = json_object();
    __attribute__((cleanup(cat_schema_destroy_cleanup))) cat_schema *schema = NULL;
    if (cat_schema_compile(cat_json_get(blueprint, "spec.configSchema"), &schema, NULL) == 0)
        cat_schema_apply_defaults(schema, config);
    return config;
}

/* Every output of every dependency, with a text that fits where a name, a port or a path is wanted. */
static json_t *dependencies_of(const json_t *blueprint)
{
    json_t *dependencies = json_object();
    size_t index;
    json_t *item;
    json_array_foreach(cat_json_get(blueprint, "spec.depends"), index, item)
    {
        cat_autofree char *path = cat_printf("blueprints/%s/blueprint.yaml", cat_json_text_or(item, "blueprint", ""));
        cat_autojson json_t *needed = read_yaml(path);
        json_t *known = cat_json_object("application", json_string("other"), NULL);
        const char *name;
        json_t *expression;
        json_object_foreach(cat_json_get(needed, "spec.outputs"), name, expression)
            json_object_set_new(known, name,
                                json_string(strcmp(name, "port") == 0         ? "5432"
                                            : strcmp(name, "secretPath") == 0 ? "org/acme/env/dev/other/db"
                                                                              : "other"));
        json_object_set_new(dependencies, cat_json_text_or(item, "alias", ""), known);
    }
    return dependencies;
}

static json_t *environment_of(const json_t *blueprint)
{
    json_t *environment = json_object(), *secrets = json_object(), *rotation;
    static const char *const FACTS[][2] = {{"application", APPLICATION},
                                           {"organization", "acme"},
                                           {"type", "dev"},
                                           {"name", "acme-dev"},
                                           {"namespace", APPLICATION "-dev"},
                                           {"domain", "acme-dev.example.org"},
                                           {"host", APPLICATION ".acme-dev.example.org"},
                                           {"secretPath", "org/acme/env/dev/" APPLICATION}};
    for (size_t i = 0; i < sizeof FACTS / sizeof *FACTS; i++)
        cat_json_set_text(environment, FACTS[i][0], FACTS[i][1]);
    size_t index;
    json_array_foreach(cat_json_get(blueprint, "spec.rotation"), index, rotation)
    {
        const char *secret = cat_json_text_or(rotation, "secret", "");
        cat_autofree char *path = cat_printf("org/acme/env/dev/" APPLICATION "/%s", secret);
        json_object_set_new(secrets, secret, json_string(path));
    }
    json_object_set_new(environment, "secrets", secrets);
    json_object_set_new(environment, "dependencies", dependencies_of(blueprint));
    return environment;
}

static void lay_out(const char *name, const json_t *blueprint, const char *size)
{
    cat_autofree char *copy =
        cat_printf("rm -rf %s/* && mkdir -p %s/blueprint && cp -r blueprints/%s/manifests/. blueprints/%s/bind "
                   "blueprints/%s/sizes %s/blueprint/",
                   folder, folder, name, name, name, folder);
    if (system(copy) != 0)
        cat_test_fail(__FILE__, __LINE__, "%s cannot be copied", name);
    cat_autofree char *overlay =
        cat_printf("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
                   "components: [../../blueprint/sizes/%s]\npatches: [{path: environment.yaml}, {path: values.yaml}]\n",
                   size);
    write_text("kustomization.yaml",
               "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: default\n"
               "resources: [values.yaml, blueprint]\ncomponents: [overlays/dev]\ntransformers: [blueprint/bind]\n");
    write_text("overlays/dev/kustomization.yaml", overlay);
    write_yaml("values.yaml", values(defaults_of(blueprint), NULL));
    write_yaml("overlays/dev/environment.yaml", values(NULL, environment_of(blueprint)));
    write_yaml("overlays/dev/values.yaml", values(json_object(), NULL));
}

static json_t *build(const char *name, const char *size)
{
    const char *program = getenv("CATALYST_TEST_KUSTOMIZE");
    cat_autofree char *command = cat_printf("%s build %s >%s/built.yaml 2>%s/said",
                                            program && *program ? program : CATALYST_SYSROOT "/usr/bin/kustomize", folder, folder,
                                            folder),
                      *built = cat_printf("%s/built.yaml", folder), *said_path = cat_printf("%s/said", folder), *text = NULL,
                      *said = NULL;
    size_t length = 0, said_length = 0;
    json_t *objects = NULL;
    cat_error error = {0};
    int result = system(command);
    cat_file_read(said_path, 1 << 16, &said, &said_length, NULL);
    if (result != 0)
        cat_test_fail(__FILE__, __LINE__, "kustomize does not build %s %s: %s", name, size, said ? said : "");
    else if (cat_file_read(built, 1 << 20, &text, &length, &error) < 0 ||
             cat_yaml_parse_all(text, length, &CAT_YAML_CAPS, &objects, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return objects;
}

/* --- what every object has to be --- */

static void check_object(const json_t *object)
{
    const char *kind = cat_json_text_or(object, "kind", ""), *name = cat_object_name(object);
    cat_test_row("%s %s", kind, name ? name : "");
    EXPECT(strcmp(kind, "Values") != 0);
    EXPECT(name && cat_text_starts_with(name, APPLICATION)); /* what was called `application` has the Application's name */
    const json_t *pod = cat_json_get(object, "spec.template.spec.containers");
    size_t index;
    json_t *container;
    json_array_foreach(pod, index, container)
    {
        EXPECT(cat_json_get(container, "resources.requests.cpu") != NULL);
        EXPECT(cat_json_get(container, "resources.requests.memory") != NULL);
        EXPECT(cat_json_get(container, "resources.limits.memory") != NULL);
    }
}

static void try_object(const json_t *object)
{
    cat_error error = {0};
    cat_apply_options options = {.field_manager = "blueprints-test", .force = true, .dry_run = true};
    if (cat_kube_apply(kube, object, &options, NULL, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "the API server does not take it: %s", error.message);
}

static unsigned check_sizes(const char *name, void (*check)(const json_t *object))
{
    cat_autofree char *path = cat_printf("blueprints/%s/blueprint.yaml", name);
    cat_autojson json_t *blueprint = read_yaml(path);
    size_t index, at;
    json_t *size, *object;
    unsigned objects = 0;
    json_array_foreach(cat_json_get(blueprint, "spec.manifests.sizes"), index, size)
    {
        lay_out(name, blueprint, json_string_value(size));
        cat_autojson json_t *built = build(name, json_string_value(size));
        json_array_foreach(built, at, object)
        {
            check(object);
            objects++;
        }
    }
    return objects;
}

static void check_all(void (*check)(const json_t *object))
{
    DIR *directory = opendir("blueprints");
    unsigned count = 0;
    REQUIRE(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (!cat_text_starts_with(entry->d_name, "bp-"))
            continue;
        count++;
        cat_test_row("%s", entry->d_name);
        EXPECT(check_sizes(entry->d_name, check) >= 3);
    }
    closedir(directory);
    EXPECT(count >= 4);
}

TEST("kustomize builds each Blueprint in each size, under the Application's name and with requests")
{
    check_all(check_object);
}

TEST("the API server takes what kustomize builds")
{
    if (kube)
        check_all(try_object);
}

int main(int argc, char **argv)
{
    const char *kubeconfig = getenv("CATALYST_TEST_KUBECONFIG");
    cat_error error = {0};
    if (!mkdtemp(folder)) {
        printf("no folder for temporary files\n");
        return 1;
    }
    if (kubeconfig && *kubeconfig && cat_kube_create_from_file(kubeconfig, &kube, &error) < 0) {
        printf("%s: %s\n", kubeconfig, error.message);
        return 1;
    }
    char *only_built[] = {argv[0], "kustomize builds each", NULL};
    int code = kube ? cat_test_main(argc, argv) : cat_test_main(2, only_built);
    if (kube)
        cat_kube_destroy(kube);
    else if (code == 0)
        printf("skipped: CATALYST_TEST_KUBECONFIG names no API server that would try the objects\n");
    cat_autofree char *remove = cat_printf("rm -rf %s", folder);
    if (system(remove) != 0)
        printf("%s is left behind\n", folder);
    return code == 0 && !kube ? 77 : code;
}
