/* A wish reads, shows and writes branches of the Environments that rights are asked for, and no others, whatever they are called.
 */
#include "core/plan_reach.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"
#include "kinds/kinds.h"
#include "wire/names.h"

/* JSON with single quotes, so that tests read well. */
static json_t *json(const char *text)
{
    cat_autofree char *copy = cat_strdup(text);
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    json_t *value = json_loads(copy, JSON_DECODE_ANY, NULL);
    if (!value)
        cat_test_fail(__FILE__, __LINE__, "the test's own JSON is wrong: %s", copy);
    return value;
}

static const char *const TYPES[] = {"dev", "stg", "uat", "prod", "poc"};

/* Every branch that an Environment could have, with all that one holds: pushed by whoever may push. */
static json_t *branches_of(const char *blueprint, const char *version)
{
    json_t *branches = json_object();
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        cat_autofree char *text = cat_printf(
            "{'commit': 'c', 'source': {'blueprint': {'source': 'catalog', 'name': '%s', 'version': '%s'}, 'size': 'small'},"
            " 'values': {}, 'overlays': {'%s': {'size': 'small', 'links': %s}},"
            " 'files': {'values.yaml': 'old\\n', 'catalyst.yaml': 'x\\n', 'overlays/%s/kustomization.yaml': 'kind: Component\\n',"
            " 'overlays/%s/values.yaml': 'x\\n'}}",
            blueprint, version, TYPES[i], strcmp(blueprint, "bp-postgres") == 0 ? "{'site': [], 'wide': []}" : "{}", TYPES[i],
            TYPES[i]);
        json_object_set_new(branches, cat_branch_of_env_type(TYPES[i]), json(text));
    }
    return branches;
}

static json_t *application(const char *environments, const char *blueprint, const char *version)
{
    return cat_json_object("text", json_string("kind: Application\n"), "spec",
                           cat_json_object("environments", json(environments), NULL), "branches", branches_of(blueprint, version),
                           NULL);
}

/* site and pg run in dev, wide in dev and prod; the Organization has every type of Environment. */
static json_t *facts_here(void)
{
    json_t *environments = json_object();
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        cat_autofree char *name = cat_printf("acme-%s", TYPES[i]);
        json_object_set_new(environments, name,
                            cat_json_object("type", json_string(TYPES[i]), "domain", json_string("d.example.org"), "vclusters",
                                            json("['hz-acme']"), NULL));
    }
    return cat_json_object(
        "now", json_string("2026-11-24T09:00:00.000Z"), "sovereign", json("{'name': 'one', 'domain': 'example.org'}"),
        "organization", json("{'name': 'acme', 'displayName': 'Acme'}"), "environments", environments, "blueprints",
        json("[{'source': 'catalog', 'name': 'bp-postgres', 'version': '1.4.0', 'spec': {'manifests': {'sizes': ['small', "
             "'large']}, 'configSchema': {'type': 'object', 'properties': {'databases': {'type': 'array', 'default': []}}}}},"
             " {'source': 'catalog', 'name': 'bp-site', 'version': '1.0.0', 'spec': {'manifests': {'sizes': ['small', 'large']},"
             "  'configSchema': {'type': 'object', 'properties': {'title': {'type': 'string'}}},"
             "  'depends': [{'blueprint': 'bp-postgres', 'version': '^1.4', 'alias': 'db', 'values': {'databases': ['{{ "
             ".application.name }}']}}]}}]"),
        "manifests", json("{'catalog.bp-site.1.0.0': {'manifests/kustomization.yaml': 'resources: []\\n'}}"), "applications",
        cat_json_object("site", application("['acme-dev']", "bp-site", "1.0.0"), "wide",
                        application("['acme-dev', 'acme-prod']", "bp-site", "1.0.0"), "pg",
                        application("['acme-dev']", "bp-postgres", "1.4.0"), NULL),
        "taken", json_array(), "unfinished", json_array(), "reads", json_array(), NULL);
}

/* "acme/site develop, acme/site main": what is written in repositories that were there before. */
static char *written_by(const json_t *plan)
{
    cat_auto(cat_string) all = CAT_STRING(2000);
    size_t index;
    json_t *tree;
    json_array_foreach(json_object_get(plan, "trees"), index, tree)
    {
        if (cat_text_starts_with(cat_json_text_or(tree, "repository", ""), "acme/blog"))
            continue;
        cat_string_appendf(&all, "%s%s %s", all.length ? ", " : "", cat_json_text_or(tree, "repository", ""),
                           cat_json_text_or(tree, "branch", ""));
    }
    return cat_string_take(&all);
}

#define BLOG(environment)                                                                                                        \
    "{'kind': 'install', 'application': 'blog', 'blueprint': {'name': 'bp-site'}, 'environments': ['" environment "'],"          \
    " 'config': {}, 'dependencies': {'db': {'use': 'existing', 'application': 'pg'}}}"

static const struct {
    const char *wish, *rights, *written; /* NULL: it is refused */
} ROWS[] = {
    {"{'kind': 'configure', 'application': 'site', 'config': {'title': 'x'}}", "['acme-dev']", "acme/site develop"},
    {"{'kind': 'configure', 'application': 'site', 'size': 'large'}", "['acme-dev']", "acme/site develop"},
    {"{'kind': 'configure', 'application': 'site', 'environment': 'acme-dev', 'config': {'title': 'x'}}", "['acme-dev']",
     "acme/site develop"},
    {"{'kind': 'configure', 'application': 'site', 'environment': 'acme-stg', 'config': {'title': 'x'}}", "['acme-stg']", NULL},
    {"{'kind': 'configure', 'application': 'wide', 'config': {'title': 'x'}, 'size': 'large'}", "['acme-dev', 'acme-prod']",
     "acme/wide develop, acme/wide main"},
    {"{'kind': 'configure', 'application': 'wide', 'environment': 'acme-prod', 'config': {'title': 'x'}}", "['acme-prod']",
     "acme/wide main"},
    {BLOG("acme-dev"), "['acme-dev']", "acme/pg develop"},
    {BLOG("acme-stg"), "['acme-stg']", NULL},
    {"{'kind': 'uninstall', 'application': 'site', 'confirm': 'site'}", "['acme-dev']", "acme/pg develop"},
    {"{'kind': 'uninstall', 'application': 'wide', 'confirm': 'wide'}", "['acme-dev', 'acme-prod']", "acme/pg develop"},
};

/* That of `file` stands on a branch of these Environments, or in a repository that is none of an Application before the plan. */
static bool is_reached(const json_t *file, const json_t *rights)
{
    const char *repository = cat_json_text_or(file, "repository", "");
    return cat_text_starts_with(repository, "acme/blog") || cat_text_equal(repository, "system/catalyst-config") ||
           prv_is_branch_of("acme", rights, cat_json_text_or(file, "branch", ""));
}

TEST("the rights that are asked for and the branches that are shown and written are the same, in every kind of plan")
{
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].wish);
        cat_autojson json_t *facts = facts_here(), *wish = json(ROWS[i].wish), *rights = json(ROWS[i].rights), *plan = NULL,
                            *asked = prv_environments_asked(prv_kind_of(wish), facts, wish);
        cat_error error = {0};
        EXPECT(json_equal(asked, rights));
        int code = prv_plan_make(prv_kind_of(wish), facts, wish, &plan, NULL, NULL, &error);
        EXPECT((code == 0) == (ROWS[i].written != NULL) && code != CAT_E_INTERNAL);
        if (code < 0)
            continue;
        cat_autofree char *written = written_by(plan);
        EXPECT_TEXT(written, ROWS[i].written);
        size_t index;
        json_t *one;
        json_array_foreach(json_object_get(plan, "trees"), index, one) EXPECT(is_reached(one, rights));
        json_array_foreach(json_object_get(plan, "files"), index, one) EXPECT(is_reached(one, rights));
    }
}

TEST("a branch of a person's own that is broken holds nothing up and is named nowhere, whatever it is called")
{
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        if (!ROWS[i].written)
            continue;
        cat_test_row("%s", ROWS[i].wish);
        cat_autojson json_t *facts = facts_here(), *wish = json(ROWS[i].wish), *plan = NULL;
        const char *name, *branch;
        json_t *known, *one;
        json_object_foreach(json_object_get(facts, "applications"), name, known)
        {
            json_object_foreach(json_object_get(known, "branches"), branch, one)
            {
                if (prv_runs_on(facts, name, branch))
                    continue;
                json_object_set_new(one, "unreadable",
                                    json("[{'file': 'values.yaml', 'message': 'x'}, {'file': 'overlays/stg/kustomization.yaml', "
                                         "'message': 'x'}, {'file': '', 'message': 'x'}]"));
                json_object_del(json_object_get(one, "files"), "values.yaml");
            }
        }
        cat_error error = {0};
        EXPECT_INT(prv_plan_make(prv_kind_of(wish), facts, wish, &plan, NULL, NULL, &error), 0);
        cat_autofree char *written = written_by(plan), *warnings = cat_json_format(json_object_get(plan, "warnings"));
        EXPECT_TEXT(written, ROWS[i].written);
        EXPECT(!strstr(warnings, "staging") && !strstr(warnings, "uat") && !strstr(warnings, "poc"));
    }
}

TEST("a draft that would write another branch than rights were asked for is no plan")
{
    static const struct {
        const char *wish, *repository, *branch;
        int code;
    } rows[] = {
        {"{'kind': 'configure', 'application': 'wide'}", "acme/wide", "develop", 0},
        {"{'kind': 'configure', 'application': 'wide'}", "acme/wide", "staging", CAT_E_INTERNAL},
        {"{'kind': 'configure', 'application': 'wide'}", "acme/wide", "notes", CAT_E_INTERNAL},
        {"{'kind': 'configure', 'application': 'wide', 'environment': 'acme-prod'}", "acme/wide", "main", 0},
        {"{'kind': 'configure', 'application': 'wide', 'environment': 'acme-prod'}", "acme/wide", "develop", CAT_E_INTERNAL},
        {"{'kind': 'uninstall', 'application': 'site'}", "acme/pg", "main", CAT_E_INTERNAL},
        {"{'kind': 'install', 'application': 'x', 'environments': ['acme-dev']}", "acme/pg", "main", CAT_E_INTERNAL},
        {"{'kind': 'install', 'application': 'x', 'environments': ['acme-dev']}", "acme/new", "main", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s %s", rows[i].wish, rows[i].branch);
        cat_autojson json_t *facts = facts_here(), *wish = json(rows[i].wish);
        cat_auto(prv_draft) draft;
        prv_draft_init(&draft, prv_kind_of(wish), facts, wish);
        json_array_append_new(draft.skeletons, json("{'repository': 'acme/new', 'files': []}"));
        json_array_append_new(draft.trees, cat_json_object("repository", json_string(rows[i].repository), "branch",
                                                           json_string(rows[i].branch), NULL));
        cat_error error = {0};
        EXPECT_INT(prv_check_reach(&draft, &error), rows[i].code);
        EXPECT(!rows[i].code || (strstr(error.message, rows[i].branch) && strstr(error.message, rows[i].repository)));
    }
}

TEST("of what is broken that is told which the wish has to do with: no other Environment's branch or overlay is named")
{
    static const struct {
        const char *environments;
        bool everybodys;
        const char *branch, *file;
        bool told;
    } rows[] = {
        {"['acme-dev']", true, "develop", "overlays/dev/values.yaml", true},
        {"['acme-dev']", true, "main", "values.yaml", false},
        {"['acme-dev']", false, "main", "catalyst.yaml", false},
        {"['acme-prod']", true, "main", "overlays/prod/values.yaml", true},
        {"['acme-prod']", true, "main", "overlays/dev/values.yaml", false}, /* carried: another's */
        {"['acme-prod']", true, "develop", "values.yaml", true},
        {"['acme-prod']", true, "develop", "overlays/dev/values.yaml", false},
        {"['acme-prod']", false, "develop", "values.yaml", false},
        {"['acme-prod']", false, "develop", "catalyst.yaml", true},
        {"['acme-stg']", true, "staging", "values.yaml", false}, /* it does not run there */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s %s %s", rows[i].environments, rows[i].branch, rows[i].file);
        cat_autojson json_t *facts = facts_here(), *environments = json(rows[i].environments);
        cat_autofree char *path = cat_printf("applications.wide.branches.%s", rows[i].branch);
        json_object_set_new(cat_json_get(facts, path), "unreadable",
                            json_pack("[{s:s,s:s}]", "file", rows[i].file, "message", "line 3: x"));
        cat_autojson json_t *errors = prv_unreadable(facts, "wide", (prv_part){environments, rows[i].everybodys}, "");
        EXPECT_INT(json_array_size(errors), rows[i].told);
        EXPECT(!rows[i].told || strstr(cat_json_text_or(errors, "0.message", ""), rows[i].file));
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
