/* When an operation's own commit runs, when it was overtaken, and what is said while it waits. */
#include "core/progress.h"

#include "base/memory.h"
#include "base/test.h"

#define OWN "1111111111111111111111111111111111111111"
#define LATER "2222222222222222222222222222222222222222"
#define OLD "0000000000000000000000000000000000000001"

static json_t *parse(const char *text)
{
    json_t *json = NULL;
    cat_error error = {0};
    if (text && cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &json, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return json;
}

#define HISTORY                                                                                                                  \
    "{\"commits\":[{\"id\":\"" LATER                                                                                             \
    "\",\"message\":\"Raise it\\n\\nOperation: 01later\\nPlan: ff\",\"author\":{\"name\":\"Dana\"}},"                            \
    "{\"id\":\"" OWN "\",\"message\":\"Mine\"},{\"id\":\"" OLD "\",\"message\":\"Before\"}]}"
#define ROW(status, running, more) "{\"status\":\"" status "\",\"running\":{\"commit\":\"" running "\"}" more "}"

#define UNWELL(commit) "{\"clusters\":{\"c\":{\"reason\":\"HealthCheckFailed\",\"attempted\":\"develop@sha1:" commit "\"}}}"

TEST("an operation is done when its own commit runs, overtaken when a later one does, and waits otherwise")
{
    static const struct {
        const char *what, *row, *kustomization, *words;
        prv_progress_kind kind;
        bool suspended_in_git;
    } ROWS[] = {
        {"its own runs", ROW("Running", OWN, ""), NULL, "", PRV_PROGRESS_RUNS, false},
        {"its own is applied and not well", ROW("Degraded", OWN, ",\"message\":\"Pod blog-1 has no image\""), NULL,
         "Pod blog-1 has no image", PRV_PROGRESS_WAITS, false},
        {"its own says that nothing shall run", ROW("Suspended", OWN, ""), NULL, "", PRV_PROGRESS_RUNS, false},
        {"an older one runs", ROW("Running", OLD, ""), NULL, "has yet to take commit 111111111111", PRV_PROGRESS_WAITS, false},
        {"a later one runs", ROW("Running", LATER, ""), NULL, "later commit 222222222222 \"Raise it\" by Dana",
         PRV_PROGRESS_OVERTAKEN, false},
        {"one runs that nobody knows", ROW("Running", "3333333333333333333333333333333333333333", ""), NULL, "has yet to take",
         PRV_PROGRESS_WAITS, false},
        {"Flux is suspended, and says so of the Application", ROW("Suspended", OLD, ""),
         "{\"status\":\"Suspended\",\"name\":\"blog-dev\"}",
         "Kustomization flux-system/blog-dev is suspended: flux resume kustomization", PRV_PROGRESS_WAITS, false},
        {"the Application is suspended in Git", ROW("Suspended", OLD, ""), "{\"status\":\"Suspended\",\"name\":\"blog-dev\"}",
         "take \"suspended\" out of applications/blog.yaml", PRV_PROGRESS_WAITS, true},
        {"its own is applied and what it made is not well", ROW("Degraded", OLD, ",\"message\":\"Pod blog-1 has no image\""),
         UNWELL(OWN), "blog in acme-dev is Degraded: Pod blog-1 has no image", PRV_PROGRESS_WAITS, false},
        {"a later one is applied and not well", ROW("Degraded", OLD, ""), UNWELL(LATER), "later commit 222222222222",
         PRV_PROGRESS_OVERTAKEN, false},
        {"a later one is refused", ROW("Degraded", OLD, ""),
         "{\"clusters\":{\"c\":{\"reason\":\"ReconciliationFailed\",\"attempted\":\"develop@sha1:" LATER "\"}}}",
         "has yet to take", PRV_PROGRESS_WAITS, false},
        {"Flux waits for the health of what its own made", ROW("Degraded", OLD, ",\"message\":\"Pod b-1 has no image\""),
         "{\"clusters\":{\"c\":{\"status\":\"Progressing\",\"attempted\":\"develop@sha1:" OWN "\"}}}",
         "Flux is at work on commit 111111111111 of blog in acme-dev, and waits until all that it applies is well (now it is "
         "Degraded: Pod b-1 has no image)",
         PRV_PROGRESS_WAITS, false},
        {"nothing is known", NULL, NULL, "nothing is known of blog in acme-dev", PRV_PROGRESS_WAITS, false},
        {"the row went", "{\"deleted\":true}", NULL, "nothing is known of blog in acme-dev", PRV_PROGRESS_WAITS, false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].what);
        cat_autojson json_t *row = parse(ROWS[i].row), *history = parse(HISTORY), *kustomization = parse(ROWS[i].kustomization);
        prv_progress_facts facts = {.application = "blog",
                                    .environment = "acme-dev",
                                    .commit = OWN,
                                    .row = row,
                                    .repository = history,
                                    .kustomization = kustomization,
                                    .suspended_in_git = ROWS[i].suspended_in_git};
        prv_progress progress;
        prv_progress_of(&facts, &progress);
        EXPECT_INT(progress.kind, ROWS[i].kind);
        EXPECT_TEXT(progress.environment, "acme-dev");
        if (!strstr(progress.message, ROWS[i].words))
            EXPECT_TEXT(progress.message, ROWS[i].words);
        EXPECT_TEXT(progress.operation, ROWS[i].kind == PRV_PROGRESS_OVERTAKEN ? "01later" : "");
        EXPECT_TEXT(progress.commit, ROWS[i].kind == PRV_PROGRESS_OVERTAKEN ? LATER : "");
    }
}

TEST("what was only added to another's Application runs with a later commit too, when that is well")
{
    static const struct {
        const char *row;
        prv_progress_kind kind;
    } ROWS[] = {{ROW("Running", OWN, ""), PRV_PROGRESS_RUNS},
                {ROW("Running", LATER, ""), PRV_PROGRESS_RUNS},
                {ROW("Degraded", LATER, ""), PRV_PROGRESS_WAITS},
                {ROW("Running", OLD, ""), PRV_PROGRESS_WAITS}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].row);
        cat_autojson json_t *row = parse(ROWS[i].row), *history = parse(HISTORY);
        prv_progress_facts facts = {.application = "db",
                                    .environment = "acme-dev",
                                    .commit = OWN,
                                    .row = row,
                                    .repository = history,
                                    .may_be_followed = true};
        prv_progress progress;
        prv_progress_of(&facts, &progress);
        EXPECT_INT(progress.kind, ROWS[i].kind);
        EXPECT_TEXT(progress.commit, "");
        EXPECT_INT(progress.message[0] != 0, ROWS[i].kind == PRV_PROGRESS_WAITS);
    }
}

TEST("a Flux object that takes nothing says why: who suspended it and how it goes on, or its own words")
{
    static const struct {
        const char *object, *words;
    } ROWS[] = {
        {"{\"metadata\":{\"name\":\"catalyst-config\",\"managedFields\":[{\"manager\":\"flux\",\"fieldsV1\":{\"f:spec\":{"
         "\"f:suspend\":{}}}}]},\"spec\":{\"suspend\":true}}",
         ": GitRepository acme/catalyst-config was suspended by flux; flux resume source git catalyst-config -n acme goes on"},
        {"{\"metadata\":{\"name\":\"catalyst-config\"},\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\","
         "\"message\":\"no such branch\"}]}}",
         ": GitRepository acme/catalyst-config says: no such branch"},
        {"{\"metadata\":{\"name\":\"catalyst-config\"},\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}",
         NULL},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_autojson json_t *object = parse(ROWS[i].object);
        char text[400] = "";
        EXPECT_INT(prv_progress_blocked(object, "GitRepository", "acme", text, sizeof text), ROWS[i].words != NULL);
        EXPECT_TEXT(text, ROWS[i].words ? ROWS[i].words : "");
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
