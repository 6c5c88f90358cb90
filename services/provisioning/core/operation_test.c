#include "core/operation.h"

#include "base/memory.h"
#include "base/test.h"
#include "core/operation_shown.h"
#include "kinds/kinds.h"

static json_t *plan_of(const char *kind, bool links, bool objects)
{
    return cat_json_object("kind", json_string(kind), "organization", json_string("acme"), "application", json_string("blog"),
                           "applications", json_pack("[{s:s}]", "name", "blog"), "environments", json_pack("[s]", "acme-dev"),
                           "hash", json_string("00ff"), "secrets", json_pack("[{}]"), "links",
                           links ? json_pack("[{}]") : json_array(), "trees", json_array(), "objects",
                           objects ? json_pack("[{}]") : json_array(), NULL);
}

static char *names_of(const json_t *operation)
{
    cat_auto(cat_string) text = CAT_STRING(1000);
    size_t index;
    json_t *step;
    json_array_foreach(json_object_get(operation, "steps"), index, step)
        cat_string_appendf(&text, "%s%s", index ? " " : "", cat_json_text_or(step, "name", "?"));
    return cat_string_take(&text);
}

TEST("each kind of operation has its steps in its order, links only where there are any")
{
    static const struct {
        const char *kind;
        bool links, objects;
        const char *steps;
    } ROWS[] = {{"install", true, true, "secrets repositories branches links objects reconcile protected running"},
                {"install", false, true, "secrets repositories branches objects reconcile protected running"},
                {"configure", false, false, "commit running"},
                {"uninstall", false, true, "objects reconcile gone archive"},
                {"uninstall", false, false, "archive"},
                {"organization", false, true, "objects reconcile ready"},
                {"environment", false, true, "objects reconcile ready"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].kind);
        cat_autojson json_t *plan = plan_of(ROWS[i].kind, ROWS[i].links, ROWS[i].objects),
                            *who = json_pack("{s:s}", "user", "dana");
        cat_autojson json_t *operation = prv_operation_make(prv_kind_of(plan), "op", plan, who, 1000);
        cat_autofree char *names = names_of(operation);
        EXPECT_TEXT(names, ROWS[i].steps);
        EXPECT_TEXT(cat_json_text(operation, "status"), "Pending");
        EXPECT_TEXT(cat_json_text(operation, "requestedBy"), "dana");
    }
}

TEST("an operation moves with its steps, and its sequence rises with each change alone")
{
    cat_autojson json_t *plan = plan_of("configure", false, true), *who = json_pack("{s:s}", "user", "dana");
    cat_autojson json_t *operation = prv_operation_make(prv_kind_of(plan), "op", plan, who, 1000);
    json_t *step = prv_operation_next_step(operation);
    EXPECT(prv_operation_set(operation, step, "Running", NULL, NULL, 2000));
    EXPECT_INT(cat_json_int_or(operation, "sequence", 0), 2);
    EXPECT(prv_operation_set(operation, step, "Waiting", "Waiting", "for rain", 3000));
    EXPECT(!prv_operation_set(operation, step, "Waiting", "Waiting", "for rain", 4000));
    EXPECT_INT(cat_json_int_or(operation, "sequence", 0), 3);
    EXPECT_TEXT(cat_json_text(operation, "status"), "Waiting");
    EXPECT_TEXT(cat_json_text(operation, "message"), "for rain");
    prv_operation_set(operation, step, "Succeeded", NULL, NULL, 5000);
    EXPECT_TEXT(cat_json_text(operation, "status"), "Running");
    EXPECT(!cat_json_text(operation, "message"));
    EXPECT_TEXT(cat_json_text(step, "startedAt"), "1970-01-01T00:00:02.000Z");
    EXPECT_TEXT(cat_json_text(step, "finishedAt"), "1970-01-01T00:00:05.000Z");
    EXPECT_TEXT(cat_json_text(prv_operation_next_step(operation), "name"), "running");
    EXPECT(!prv_operation_has_ended(operation));
    prv_operation_succeed(operation, 6000);
    EXPECT(prv_operation_has_ended(operation));
}

TEST("a failed operation begins again where it failed, with a message of the queue of its own")
{
    cat_autojson json_t *plan = plan_of("configure", false, true), *who = json_pack("{s:s}", "user", "dana");
    cat_autojson json_t *operation = prv_operation_make(prv_kind_of(plan), "op", plan, who, 1000);
    prv_operation_set(operation, prv_operation_next_step(operation), "Succeeded", NULL, NULL, 2000);
    prv_operation_set(operation, prv_operation_next_step(operation), "Failed", "conflict", "no", 3000);
    EXPECT(prv_operation_has_ended(operation));
    EXPECT(cat_json_text(operation, "finishedAt") != NULL);
    int64_t ticket = cat_json_int_or(operation, "ticket", 0), sequence = cat_json_int_or(operation, "sequence", 0);
    prv_operation_restart(operation, 4000);
    EXPECT(!prv_operation_has_ended(operation));
    EXPECT(!cat_json_text(operation, "finishedAt"));
    EXPECT_TEXT(cat_json_text(prv_operation_next_step(operation), "name"), "running");
    EXPECT_TEXT(cat_json_text(prv_operation_next_step(operation), "status"), "Pending");
    EXPECT_INT(cat_json_int_or(operation, "ticket", 0), ticket + 1);
    EXPECT_INT(cat_json_int_or(operation, "sequence", 0), sequence + 1);
}

TEST("people do not see which message of the queue counts, and a branch's commit is noted once")
{
    cat_autojson json_t *plan = plan_of("configure", false, true), *who = json_pack("{s:s}", "user", "dana");
    cat_autojson json_t *operation = prv_operation_make(prv_kind_of(plan), "op", plan, who, 1000);
    prv_operation_note_commit(operation, "acme/blog", "develop", "aa");
    prv_operation_note_commit(operation, "acme/blog", "develop", "bb");
    EXPECT_TEXT(prv_operation_commit_of(operation, "acme/blog", "develop"), "bb");
    EXPECT(!prv_operation_commit_of(operation, "acme/blog", "staging"));
    char id[PRV_EVENT_ID_MAX];
    cat_autojson json_t *shown = prv_operation_told(operation, NULL, id);
    EXPECT(!json_object_get(shown, "ticket"));
    EXPECT_INT(json_array_size(json_object_get(shown, "commits")), 1);
}

TEST("of which Environment an operation's words are is forgotten with the words")
{
    cat_autojson json_t *plan = plan_of("configure", false, true), *who = json_pack("{s:s}", "user", "dana");
    cat_autojson json_t *operation = prv_operation_make(prv_kind_of(plan), "op", plan, who, 1000);
    json_t *step = prv_operation_next_step(operation);
    prv_operation_set(operation, step, "Waiting", "Waiting", "for rain", 2000);
    prv_operation_is_about(operation, step, "acme-dev");
    EXPECT(!prv_operation_set(operation, step, "Waiting", "Waiting", "for rain", 3000));
    EXPECT_TEXT(cat_json_text(operation, "about"), "acme-dev");
    EXPECT_TEXT(cat_json_text(step, "about"), "acme-dev");
    prv_operation_set(operation, step, "Failed", "timeout", "no rain", 4000);
    EXPECT(!json_object_get(operation, "about") && !json_object_get(step, "about"));
    prv_operation_is_about(operation, step, "acme-dev");
    prv_operation_restart(operation, 5000);
    EXPECT(!json_object_get(operation, "about") && !json_object_get(step, "about"));
    prv_operation_is_about(operation, step, "acme-dev");
    prv_operation_set(operation, step, "Succeeded", NULL, NULL, 6000);
    EXPECT(!json_object_get(operation, "about") && !json_object_get(step, "about"));
}

TEST("an operation that was superseded has ended, says by what, and is not begun again by itself")
{
    cat_autojson json_t *plan = plan_of("configure", false, true), *who = json_pack("{s:s}", "user", "dana");
    cat_autojson json_t *operation = prv_operation_make(prv_kind_of(plan), "op", plan, who, 1000);
    json_t *step = prv_operation_next_step(operation);
    prv_operation_supersede(operation, step, "01later", "aa", "a later commit runs", 2000);
    EXPECT(prv_operation_has_ended(operation));
    EXPECT_TEXT(cat_json_text(operation, "status"), "Superseded");
    EXPECT_TEXT(cat_json_text(operation, "supersededBy"), "01later");
    EXPECT_TEXT(cat_json_text(operation, "supersededByCommit"), "aa");
    EXPECT_TEXT(cat_json_text(operation, "message"), "a later commit runs");
    EXPECT(cat_json_text(operation, "finishedAt") != NULL && cat_json_text(step, "finishedAt") != NULL);
}

TEST("a step that waits too long is overdue, and has all its time again when it is tried again")
{
    cat_autojson json_t *plan = plan_of("configure", false, true), *who = json_pack("{s:s}", "user", "dana");
    cat_autojson json_t *operation = prv_operation_make(prv_kind_of(plan), "op", plan, who, 1000);
    json_t *step = prv_operation_next_step(operation);
    EXPECT(!prv_operation_is_overdue(step, 99000, 5000));
    prv_operation_set(operation, step, "Waiting", "Waiting", "for rain", 2000);
    EXPECT(!prv_operation_is_overdue(step, 7000, 5000));
    EXPECT(prv_operation_is_overdue(step, 7001, 5000));
    prv_operation_set(operation, step, "Failed", "timeout", "no rain", 7001);
    prv_operation_restart(operation, 8000);
    EXPECT(!prv_operation_is_overdue(step, 99000, 5000));
}

TEST("a branch's commit that ran is remembered, until the operation makes another")
{
    cat_autojson json_t *plan = plan_of("configure", false, true), *who = json_pack("{s:s}", "user", "dana");
    cat_autojson json_t *operation = prv_operation_make(prv_kind_of(plan), "op", plan, who, 1000);
    EXPECT(!prv_operation_note_run(operation, "acme/blog", "develop"));
    prv_operation_note_commit(operation, "acme/blog", "develop", "aa");
    EXPECT(prv_operation_note_run(operation, "acme/blog", "develop"));
    EXPECT(!prv_operation_note_run(operation, "acme/blog", "develop"));
    prv_operation_note_commit(operation, "acme/blog", "develop", "aa");
    EXPECT(prv_operation_has_run(operation, "acme/blog", "develop"));
    prv_operation_note_commit(operation, "acme/blog", "develop", "bb");
    EXPECT(!prv_operation_has_run(operation, "acme/blog", "develop"));
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
