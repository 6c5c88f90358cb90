/* Manifests of Blueprints that no Application may bring. */
#include "base/test.h"
#include "core/plan_testing.h"

static char *errors_of_files(json_t *files)
{
    bpc_checker *checker = testing_checker();
    cat_autojson json_t *none = json_object(), *candidate = testing_candidate("catalog", "bp-x", "1.0.0", files),
                        *checked = checker ? bpc_check(checker, candidate, none) : NULL;
    bpc_checker_destroy(checker);
    return testing_errors(checked);
}

/* The files of a Blueprint that says no more than it must, `path` among them or in place of one. */
static json_t *files_with(const char *path, const char *text)
{
    json_t *files = json_object();
    json_object_set_new(
        files, "blueprint.yaml",
        json_string("apiVersion: catalyst.openova.io/v1alpha1\nkind: Blueprint\nmetadata: {name: bp-x, version: 1.0.0}\n"
                    "spec:\n  card: {title: X}\n  manifests: {source: {kind: Kustomize, ref: ./manifests}, sizes: [small]}\n"));
    json_object_set_new(files, "manifests/kustomization.yaml", json_string("kind: Kustomization\nresources: []\n"));
    json_object_set_new(files, "bind/kustomization.yaml", json_string("kind: Kustomization\nresources: []\n"));
    json_object_set_new(files, "sizes/small/kustomization.yaml", json_string("kind: Component\n"));
    json_object_set_new(files, path, json_string(text));
    return files;
}

static char *errors_of(const char *path, const char *text)
{
    return errors_of_files(files_with(path, text));
}

TEST("what no Application may bring is refused at registration, with file and line")
{
    static const struct {
        const char *path, *text, *errors;
    } rows[] = {
        {"manifests/web.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", ""},
        {"manifests/web.yaml",
         "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: "
         "ClusterRole\n"
         "metadata: {name: a}\n",
         "manifests/web.yaml:6: ClusterRole a: an Application may not bring a ClusterRole, as its rights end at its own "
         "namespace; a Role "
         "and a RoleBinding are enough there. Take it out, or let its Blueprint's clusterScope name it, which has to be "
         "granted\n"},
        {"manifests/deep/er/a.json", "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"a\"}}",
         "manifests/deep/er/a.json:1: Namespace a: an Application may not bring a Namespace, as its namespace is made and kept "
         "by "
         "Catalyst. Take it out\n"},
        {"manifests/a.yml", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: LimitRange, metadata: {name: a}}\n",
         "manifests/a.yml:2: LimitRange a: an Application may not bring a LimitRange, as limits are the Organization's. Take it "
         "out\n"},
        {"manifests/a.yaml", "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n",
         "manifests/a.yaml:2: Kustomization a: an Application may not bring a Kustomization, as Flux is Catalyst's. Take it "
         "out\n"},
        {"manifests/a.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: a, labels: {openova.io/environment: acme-prod}}\n",
         "manifests/a.yaml:2: Secret a: label openova.io/environment is Catalyst's, which sets it itself. Correct it, or take it "
         "out\n"},
        {"manifests/a.yaml", "apiVersion: example.org/v1\nkind: Store\nmetadata: {name: a}\n", ""},
        {"manifests/patch.yaml", "- {op: add, path: /a, value: b}\n", ""},
        {"manifests/bind.yaml", "apiVersion: builtin\nkind: ReplacementTransformer\nmetadata: {name: a}\n", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("row %zu: %s", i, rows[i].text);
        cat_autofree char *errors = errors_of(rows[i].path, rows[i].text);
        EXPECT_TEXT(errors, rows[i].errors);
    }
}

TEST("what can be granted is registered, and what nobody can grant is refused where it stands")
{
    static const struct {
        const char *scope, *errors;
    } rows[] = {
        {"[{kind: ClusterRole, names: [x]}]", ""},
        {"[{kind: CustomResourceDefinition, names: [widgets.acme.example]}, {kind: ClusterRole, names: [x]}]", ""},
        {"[{kind: Namespace, names: [x]}]",
         "blueprint.yaml:6: a 'Namespace' cannot be granted; CustomResourceDefinition, ClusterRole, ClusterRoleBinding and "
         "PriorityClass can\n"},
        {"[{kind: ClusterRole, names: [cluster-admin]}]",
         "blueprint.yaml:6: ClusterRole 'cluster-admin' is Kubernetes' own, which nobody can grant\n"},
        {"[{kind: CustomResourceDefinition, names: [environments.catalyst.openova.io]}]",
         "blueprint.yaml:6: CustomResourceDefinition 'environments.catalyst.openova.io' defines a kind of a group that is "
         "somebody "
         "else's, which nobody can grant\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static const char before[] = "apiVersion: catalyst.openova.io/v1alpha1\nkind: Blueprint\nmetadata: {name: bp-x, version: "
                                     "1.0.0}\nspec:\n  card: {title: X}\n  clusterScope: ",
                          after[] = "\n  manifests: {source: {kind: Kustomize, ref: ./manifests}, sizes: [small]}\n";
        cat_test_row("row %zu: %s", i, rows[i].scope);
        cat_autofree char *document = cat_printf("%s%s%s", before, rows[i].scope, after);
        cat_autofree char *errors = errors_of("blueprint.yaml", document);
        EXPECT_TEXT(errors, rows[i].errors);
    }
}

TEST("manifests may hold what the Blueprint asks to be granted, by its name, and its own kinds")
{
    json_t *files =
        files_with("manifests/web.yaml", "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: x}\n---\n"
                                         "apiVersion: acme.example/v1\nkind: Widget\nmetadata: {name: a}\n---\n"
                                         "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: y}\n");
    json_object_set_new(
        files, "blueprint.yaml",
        json_string("apiVersion: catalyst.openova.io/v1alpha1\nkind: Blueprint\nmetadata: {name: bp-x, version: 1.0.0}\n"
                    "spec:\n  card: {title: X}\n  clusterScope: [{kind: ClusterRole, names: [x]}, {kind: "
                    "CustomResourceDefinition, names: [widgets.acme.example]}]\n"
                    "  manifests: {source: {kind: Kustomize, ref: ./manifests}, sizes: [small]}\n"));
    cat_autofree char *errors = errors_of_files(files);
    EXPECT(strstr(errors, "manifests/web.yaml:10: ClusterRole y: an Application may not bring a ClusterRole") != NULL);
    EXPECT(strstr(errors, "ClusterRole x") == NULL && strstr(errors, "Widget") == NULL);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
