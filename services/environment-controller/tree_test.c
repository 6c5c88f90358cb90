/* What of a pushed tree is kept from Flux. */
#include "tree.h"

#include <stdlib.h>

#include "base/test.h"

static const cat_git_remote NOWHERE = {"http://127.0.0.1:1/acme/blog.git", "u", "p"};

#define FILE_(p, c) ((cat_git_file){.path = (p), .content = (c), .length = sizeof(c) - 1})
#define OVERLAY FILE_("overlays/dev/kustomization.yaml", "kind: Component\n")
#define ROOT(resources) FILE_("kustomization.yaml", "kind: Kustomization\nresources: [" resources "]\n")
#define VALUES FILE_("values.yaml", "kind: Values\nspec: {}\n")
#define MAP FILE_("a.yaml", "kind: ConfigMap\n")

/* NULL: nothing is wrong. */
static char *why_not(const cat_git_file *files, size_t count, char **reads)
{
    cat_autoptr(cat_git) git = NULL;
    cat_git_id tree;
    cat_error failed = {0};
    ec_tree_verdict verdict = {0};
    if (cat_git_open_new(&NOWHERE, &git, &failed) < 0 || cat_git_tree(git, NULL, files, count, &tree, &failed) < 0 ||
        ec_tree_judge(git, &tree, "dev", &verdict, &failed) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", failed.message);
    EXPECT(!verdict.too_large);
    *reads = verdict.reads;
    return verdict.why;
}

TEST("what Flux may build passes, whatever else lies beside it; what it may not is named with file and line")
{
    static const struct {
        const char *says;
        cat_git_file files[6];
        const char *why; /* a part of it; NULL: it passes */
    } rows[] = {
        {"plain", {ROOT("a.yaml"), OVERLAY, MAP}, NULL},
        {"a picture that nobody names", {ROOT("a.yaml"), OVERLAY, MAP, FILE_("logo.png", "\x89PNG\xff\xfe")}, NULL},
        {"another Environment's overlay is broken",
         {ROOT("a.yaml"), OVERLAY, MAP, FILE_("overlays/prod/kustomization.yaml", "kind: [\n")},
         NULL},
        {"an address", {ROOT("https://example.org/x"), OVERLAY, MAP}, "kustomization.yaml, line 2: "},
        {"a way out", {ROOT("../x"), OVERLAY, MAP}, "kustomization.yaml, line 2: "},
        {"the overlay's own fault",
         {ROOT("a.yaml"), FILE_("overlays/dev/kustomization.yaml", "kind: Component\nresources: [https://example.org]\n"), MAP},
         "overlays/dev/kustomization.yaml, line 2: "},
        {"a null that takes away what the Blueprint reads",
         {ROOT("a.yaml, values.yaml"), OVERLAY, VALUES, FILE_("overlays/dev/values.yaml", "spec:\n  color: ~\n"),
          FILE_("blueprint/bind/values.yaml", "replacements: [{source: {kind: Values, fieldPath: spec.color}}]\n"), MAP},
         "overlays/dev/values.yaml, line 2: color is null, and a null here takes the value away: delete the line to go back to "
         "everybody's value"},
        {"a second document",
         {ROOT("a.yaml"), OVERLAY, MAP, FILE_("values.yaml", "a: 1\n---\nb: 1\n")},
         "values.yaml, line 2: there is more than one document"},
        {"values that are deleted and patched",
         {ROOT("a.yaml, values.yaml"), OVERLAY, MAP, FILE_("overlays/dev/values.yaml", "kind: Values\n")},
         "values.yaml is not there: bring it back in Git"},
        {"no overlay", {ROOT("a.yaml"), MAP}, "overlays/dev/kustomization.yaml is not there: bring it back in Git"},
        {"bytes that are no text", {ROOT("a.yaml"), OVERLAY, FILE_("a.yaml", "\xff\xfe\n")}, "a.yaml"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t count = 0;
        while (count < 6 && rows[i].files[count].path)
            count++;
        cat_autofree char *reads = NULL, *why = why_not(rows[i].files, count, &reads);
        if ((why != NULL) != (rows[i].why != NULL) || (why && !strstr(why, rows[i].why)))
            cat_test_fail(__FILE__, __LINE__, "%s: %s", rows[i].says, why ? why : "it passes");
        if (!why)
            EXPECT(reads && strstr(reads, "a.yaml") && !strstr(reads, "logo.png"));
    }
}

TEST("files that are more together than can be looked at are no texts to the check, which says so of the one that is named")
{
    static char large[3 * 1024 * 1024];
    memset(large, 'a', sizeof large);
    large[0] = '#';
    const cat_git_file files[] = {ROOT("z.yaml"),
                                  OVERLAY,
                                  {.path = "m.txt", .content = large, .length = sizeof large},
                                  {.path = "n.txt", .content = large, .length = sizeof large},
                                  {.path = "z.yaml", .content = large, .length = sizeof large}};
    cat_autofree char *reads = NULL, *why = why_not(files, sizeof files / sizeof *files, &reads);
    EXPECT(why && strstr(why, "z.yaml"));
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
