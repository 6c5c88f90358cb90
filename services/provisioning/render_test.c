/* Trees as plans make them, in memory, and what a program that builds does to us: a small shell script stands where kustomize
 * would, as bytes, time and failures are all that is looked at. The real program is run by tests/integration. */
#include "render.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/test.h"

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

/* Writes a program of one line; the caller unlinks and frees. */
static char *program(const char *line)
{
    char *path = cat_strdup("/tmp/catalyst-program-XXXXXX");
    int file = mkstemp(path);
    cat_autofree char *text = cat_printf("#!/bin/sh\n%s\n", line);
    if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text) || fchmod(file, 0700) < 0)
        cat_test_fail(__FILE__, __LINE__, "no file for the program");
    close(file);
    return path;
}

TEST("what the program says and how it ends becomes objects or an error that people understand")
{
    static const struct {
        const char *what, *line;
        int code;
        const char *message;
    } ROWS[] = {
        {"builds", "cat \"$2/kustomization.yaml\"", 0, ""},
        {"refuses", "echo \"error in $2/overlays/x.yaml: bad\" >&2; exit 1", CAT_E_INVALID,
         "the manifests cannot be built: error in overlays/x.yaml: bad"},
        {"hangs", "sleep 30", CAT_E_TIMEOUT, "building the manifests took longer than 1 s"},
        {"floods", "yes 'a: b' | head -c 20000000", CAT_E_INVALID, "the manifests are more than 8 MiB"},
        {"is killed", "kill -9 $$", CAT_E_INVALID, "the manifests cannot be built: "},
    };
    cat_autojson json_t *files = json("{'kustomization.yaml': 'resources: [a.yaml]', 'overlays/dev/a.yaml': 'kind: A'}");
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].what);
        cat_autofree char *path = program(ROWS[i].line);
        prv_render_options options = {.program = path, .time_out_ms = strcmp(ROWS[i].what, "hangs") == 0 ? 1000 : 20000};
        cat_autojson json_t *objects = NULL;
        cat_error error = {0};
        EXPECT_INT(prv_render_build(&options, files, "dev", "blog-dev", &objects, &error), ROWS[i].code);
        EXPECT_TEXT(error.message, ROWS[i].message);
        if (ROWS[i].code == 0) {
            EXPECT_TEXT(cat_json_text(objects, "0.namespace"), "blog-dev");
            EXPECT_TEXT(cat_json_text(objects, "0.components.0"), "overlays/dev");
        }
        unlink(path);
    }
}

TEST("a program that is not there and a path that leaves the folder are refused")
{
    cat_autojson json_t *files = json("{'kustomization.yaml': 'resources: []'}"), *objects = NULL;
    prv_render_options options = {.program = "/nowhere/kustomize", .time_out_ms = 1000};
    EXPECT_INT(prv_render_build(&options, files, "dev", "x", &objects, NULL), CAT_E_IO);
    static const char *const PATHS[] = {"../x", "a/../../x", "/etc/x", "a//b", "./x"};
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        cat_test_row("%s", PATHS[i]);
        cat_autojson json_t *bad = json_deep_copy(files);
        json_object_set_new(bad, PATHS[i], json_string("x"));
        EXPECT_INT(prv_render_build(&options, bad, "dev", "x", &objects, NULL), CAT_E_INVALID);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
