/* Trees as plans make them, in memory, and what a program that builds does to us: tests/hostile/confined_hostile.c stands where
 * kustomize would, as bytes, time and failures are all that is looked at. The real program is run by tests/integration. */
#include "render.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/string.h"
#include "base/test.h"
#include "render_program.h"
#include "render_words.h"

static json_t *json(const char *text)
{
    cat_autofree char *copy = cat_strdup(text);
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    return json_loads(copy, 0, NULL);
}

TEST("a branch that is made from another has its files, its own kept folder, and what the plan adds")
{
    cat_autojson json_t *facts =
        json("{'applications': {'blog': {'branches': {"
             " 'develop': {'files': {'values.yaml': 'old', 'overlays/dev/x.yaml': 'd', 'overlays/stg/x.yaml': 'not ours'}},"
             " 'staging': {'files': {'values.yaml': 'older', 'overlays/stg/x.yaml': 's', 'gone.yaml': 'g'}}}}}}");
    cat_autojson json_t *plan =
        json("{'trees': [{'repository': 'acme/blog', 'branch': 'develop', 'from': '', 'keep': [],"
             "  'files': [{'path': 'values.yaml', 'content': 'new'}]},"
             " {'repository': 'acme/blog', 'branch': 'staging', 'from': 'develop', 'keep': ['overlays/stg'],"
             "  'files': [{'path': 'added.yaml', 'content': 'a'}, {'path': 'overlays/dev/x.yaml', 'content': null}]}]}");
    cat_autojson json_t *tree = prv_render_tree(facts, plan, "acme/blog", "staging");
    cat_autofree char *text = cat_json_canonical(tree);
    EXPECT_TEXT(text, "{\"added.yaml\":\"a\",\"overlays/stg/x.yaml\":\"s\",\"values.yaml\":\"new\"}");
}

TEST("a first branch is the skeleton with the plan's files on top")
{
    cat_autojson json_t *facts = json("{}");
    cat_autojson json_t *plan =
        json("{'skeletons': [{'repository': 'acme/blog', 'files': [{'path': 'CODEOWNERS', 'content': 'c'},"
             "  {'path': 'kustomization.yaml', 'content': 'empty'}]}],"
             " 'trees': [{'repository': 'acme/blog', 'branch': 'develop', 'from': 'skeleton', 'keep': [],"
             "  'files': [{'path': 'kustomization.yaml', 'content': 'full'}]},"
             "  {'repository': 'acme/blog', 'branch': 'main', 'from': 'skeleton', 'keep': [], 'files': []}]}");
    cat_autojson json_t *develop = prv_render_tree(facts, plan, "acme/blog", "develop");
    cat_autojson json_t *main_branch = prv_render_tree(facts, plan, "acme/blog", "main");
    cat_autofree char *first = cat_json_canonical(develop), *second = cat_json_canonical(main_branch);
    EXPECT_TEXT(first, "{\"CODEOWNERS\":\"c\",\"kustomization.yaml\":\"full\"}");
    EXPECT_TEXT(second, "{\"CODEOWNERS\":\"c\",\"kustomization.yaml\":\"empty\"}");
}

static cat_confinement *confinement(void)
{
    cat_confinement *made = NULL;
    cat_error error = {0};
    if (prv_program_confine(CONFINED_HOSTILE, 20, false, &made, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return made;
}

#define FILES                                                                                                                    \
    "'kustomization.yaml': 'resources: [a.yaml]', 'a.yaml': 'kind: A', 'overlays/dev/kustomization.yaml': 'kind: Component', "   \
    "'overlays/dev/a.yaml': 'kind: A'"

TEST("what the program says and how it ends becomes objects or an error that people understand")
{
    static const struct {
        const char *order;
        int code;
        const char *message; /* its beginning */
    } ROWS[] = {
        {"print kustomization.yaml", 0, ""},
        {"refuse no matches for Id Deployment.v1.apps/web.[noNs]; failed", CAT_E_INVALID,
         "the manifests cannot be built: a patch is for Deployment web, which is not there; correct its target"},
        {"refuse in /dev/shm/catalyst-render-x/a.yaml: http://127.0.0.1:1 says password", CAT_E_INVALID,
         "the manifests cannot be built; the Sovereign's people find why in the log of provisioning, at "},
        {"hang", CAT_E_TIMEOUT, "building the manifests took longer than 1 s"},
        {"flood", CAT_E_INVALID, "the manifests are more than 8 MiB"},
        {"crash", CAT_E_INVALID, "the manifests cannot be built; "},
        {"take", CAT_E_INVALID, "the manifests cannot be built"},
    };
    cat_autoptr(cat_confinement) held = confinement();
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].order);
        prv_render_options options = {.confinement = held, .time_out_ms = strcmp(ROWS[i].order, "hang") == 0 ? 1000 : 20000};
        cat_autojson json_t *files = json("{" FILES "}"), *objects = NULL, *refusals = NULL;
        json_object_set_new(files, "order", json_string(ROWS[i].order));
        cat_error error = {0};
        EXPECT_INT(prv_render_build(&options, files, "dev", "blog-dev", &objects, &refusals, &error), ROWS[i].code);
        EXPECT(cat_text_starts_with(error.message, ROWS[i].message));
        EXPECT(!strstr(error.message, "catalyst-render") && !strstr(error.message, "password"));
        if (ROWS[i].code == 0) {
            EXPECT_TEXT(cat_json_text(objects, "0.namespace"), "blog-dev");
            EXPECT_TEXT(cat_json_text(objects, "0.components.0"), "overlays/dev");
        }
    }
}

TEST("what the check refuses is not given to the program, and all of it is said")
{
    static const struct {
        const char *path, *text, *says;
    } ROWS[] = {
        {"kustomization.yaml", "resources:\n- 'file:///x?ref=--upload-pack=y'", "kustomization.yaml, line 2: \"file:///x?ref="},
        {"overlays/dev/kustomization.yaml", "kind: Component\nComponents: [x]",
         "overlays/dev/kustomization.yaml, line 2: the field \"Components\" is not taken"},
        {"overlays/dev/environment.yaml", "kind: Values\n", "values.yaml is not there: bring it back in Git"},
        {"a.yaml", "a: &a [x]\nb: &b [*a, *c]", "a.yaml, line 2: "},
        {"blueprint/Kustomization", "x", "blueprint/Kustomization, line 1: "}};
    cat_autoptr(cat_confinement) held = confinement();
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].text);
        prv_render_options options = {.confinement = held, .time_out_ms = 20000};
        cat_autojson json_t *files = json("{" FILES ", 'order': 'crash'}"), *objects = NULL, *refusals = NULL;
        json_object_set_new(files, ROWS[i].path, json_string(ROWS[i].text));
        cat_error error = {0};
        EXPECT_INT(prv_render_build(&options, files, "dev", "blog-dev", &objects, &refusals, &error), CAT_E_INVALID);
        EXPECT(cat_text_starts_with(error.message, ROWS[i].says));
        EXPECT(json_array_size(refusals) > 0);
    }
}

TEST("what a person's own components are comes before the Environment's, as Flux has it")
{
    cat_autoptr(cat_confinement) held = confinement();
    prv_render_options options = {.confinement = held, .time_out_ms = 20000};
    cat_autojson json_t *files = json("{" FILES ", 'own/kustomization.yaml': 'kind: Component'}"), *objects = NULL,
                        *refusals = NULL;
    json_object_set_new(files, "kustomization.yaml", json_string("components: [own]"));
    EXPECT_INT(prv_render_build(&options, files, "dev", "blog-dev", &objects, &refusals, NULL), 0);
    EXPECT_TEXT(cat_json_text(objects, "0.components.0"), "own");
    EXPECT_TEXT(cat_json_text(objects, "0.components.1"), "overlays/dev");
}

TEST("a program that is not there and a path that leaves the folder are refused")
{
    cat_confinement *none = NULL;
    EXPECT_INT(prv_program_confine("/nowhere/kustomize", 20, false, &none, NULL), CAT_E_IO);
    cat_autoptr(cat_confinement) held = confinement();
    prv_render_options options = {.confinement = held, .time_out_ms = 1000};
    static const char *const PATHS[] = {"../x", "a/../../x", "/etc/x", "a//b", "./x"};
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        cat_test_row("%s", PATHS[i]);
        cat_autojson json_t *bad = json("{" FILES "}"), *objects = NULL, *refusals = NULL;
        json_object_set_new(bad, PATHS[i], json_string("x"));
        EXPECT_INT(prv_render_build(&options, bad, "dev", "x", &objects, &refusals, NULL), CAT_E_INVALID);
    }
}

#define NO_VALUES "values.yaml is not among what is built: bring it back in Git, below resources of kustomization.yaml too"

TEST("kustomize's words become ours, and nothing of what it may have read gets into them")
{
    static const struct {
        const char *words, *says;
    } ROWS[] = {
        {"Error: no resource matches strategic merge patch \"ConfigMap.v1.[noGrp]/zz.[noNs]\": no matches for Id "
         "ConfigMap.v1.[noGrp]/zz.[noNs]; failed to find unique target\n",
         "the manifests cannot be built: a patch is for ConfigMap zz, which is not there; correct its target"},
        {"Error: no resource matches strategic merge patch \"Values.v1alpha1.catalyst.openova.io/values.[noNs]\": no matches for "
         "Id Values.v1alpha1.catalyst.openova.io/values.[noNs]; failed to find unique target\n",
         "the manifests cannot be built: " NO_VALUES},
        {"Error: nothing selected by Values.[noVer].[noGrp]/[noName].[noNs]:spec.n\n",
         "the manifests cannot be built: " NO_VALUES},
        {"Error: fieldPath `data.x` is missing for replacement source ConfigMap.[noVer].[noGrp]/[noName].[noNs]\n",
         "the manifests cannot be built: the Blueprint reads the field data.x, which has no value"},
        {"Error: fieldPath `spec.color` is missing for replacement source Values.[noVer].[noGrp]/[noName].[noNs]\n",
         "the manifests cannot be built: the Blueprint reads the field spec.color, which has no value: give it one in "
         "values.yaml, "
         "and no null in overlays. What stands behind a # is a comment: a value that begins with one belongs in quotes"},
        {"Error: unable to find field \"data.q\" in replacement target\n",
         "the manifests cannot be built: the Blueprint fills in the field data.q, which an object here does not have; put that "
         "field "
         "back, or call the object otherwise"},
        {"Error: accumulating resources: accumulation err='accumulating resources from 'blueprint/a.yaml': missing Resource "
         "metadata': must build at directory: '/dev/shm/catalyst-render-AbCdEf/blueprint/a.yaml': file is not directory\n",
         "the manifests cannot be built: an object in blueprint/a.yaml has no metadata"},
        {"Error: accumulating resources: accumulating resources from 'k.yaml': MalformedYAMLError: yaml: line 1: did not find "
         "expected ',' or ']' in File: k.yaml\n",
         "the manifests cannot be built: k.yaml is no YAML that kustomize can read"},
        {"Error: invalid Kustomization: json: cannot unmarshal number into Go struct field Kustomization.namePrefix of type "
         "string\n",
         "the manifests cannot be built: the field Kustomization.namePrefix has a value of another type than kustomize takes"},
        {"fatal error: runtime: cannot allocate memory\n",
         "the manifests cannot be built: building the manifests takes more memory than it may"},
        {"SIGSEGV: segmentation violation\nPC=0x55e92b8e307d m=0 sigcode=1 addr=0x0\n\ngoroutine 0 gp=0x55e92c9f2460 m=0 "
         "[idle]:\n",
         "the manifests cannot be built: kustomize did not survive building the manifests; most often they take more memory than "
         "it "
         "may"},
        {"Error: yaml: cannot decode !!float `2.5` as a !!int\n", "the manifests cannot be built: the value 2.5 stands where a "
                                                                  "whole number has to be: look for it in values.yaml and in the "
                                                                  "overlays"},
        {"Error: yaml: unmarshal errors:\n  line 4: cannot unmarshal !!str `secret` into int\n",
         "the manifests cannot be built: a text stands where a number, or true or false, has to be: look for it in values.yaml "
         "and "
         "in the overlays"},
        {"Error: Get \"http://127.0.0.1:9/x\": dial tcp 127.0.0.1:9: the secret is 12345\n",
         "the manifests cannot be built; the Sovereign's people find why in the log of provisioning, at ID"},
        {"Error: no matches for Id the secret is 12345; failed\n",
         "the manifests cannot be built: a patch is for an object that is not there; correct its target"},
        {"", "the manifests cannot be built; the Sovereign's people find why in the log of provisioning, at ID"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_confined_result result = {.end = CAT_CONFINED_EXITED, .status = 1, .words = (char *)ROWS[i].words};
        cat_autofree char *said = prv_render_words(&result, "ID");
        EXPECT_TEXT(said, ROWS[i].says);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
