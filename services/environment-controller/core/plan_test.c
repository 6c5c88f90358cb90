/* Plans, what is observed, and the comparison that decides whether something is to be done. */
#define EC_PLAN_TEST_MAIN
#include "core/plan.h"

#include "core/plan_test_parts.h"

TEST("what is there covers what is wanted when it holds all of it, whatever else it holds")
{
    static const struct {
        const char *have, *want;
        bool covers;
    } rows[] = {
        {"{a: 1, b: 2}", "{a: 1}", true},
        {"{a: 1}", "{a: 1, b: 2}", false},
        {"{a: {b: {c: x, d: y}}}", "{a: {b: {c: x}}}", true},
        {"{a: {b: {c: z}}}", "{a: {b: {c: x}}}", false},
        {"{l: [{n: a, port: 1}]}", "{l: [{n: a}]}", true},
        {"{l: [a, b]}", "{l: [a]}", false},
        {"{l: [b, a]}", "{l: [a, b]}", false},
        {"{}", "{suspend: false}", true},
        {"{suspend: true}", "{suspend: false}", false},
        {"{n: 1.0}", "{n: 1}", true},
        {"{}", "{a: {}}", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s and %s", rows[i].have, rows[i].want);
        cat_autojson json_t *have = test_json(rows[i].have), *want = test_json(rows[i].want);
        EXPECT_INT(ec_covers(have, want), rows[i].covers);
    }
}

TEST("a key says cluster, kind, namespace and name or selector")
{
    cat_autofree char *one = ec_key("management", "Secret", "acme", "vc"), *all = ec_key_list("v", "Namespace", NULL, "a=b");
    EXPECT_TEXT(one, "management Secret acme vc");
    EXPECT_TEXT(all, "v Namespace - ?a=b");
    ec_key_parts parts;
    REQUIRE(ec_key_parse(one, &parts));
    EXPECT_TEXT(parts.cluster, "management");
    EXPECT_TEXT(parts.kind, "Secret");
    EXPECT_TEXT(parts.namespace, "acme");
    EXPECT_TEXT(parts.name, "vc");
    EXPECT(parts.selector == NULL);
    REQUIRE(ec_key_parse(all, &parts));
    EXPECT(parts.namespace == NULL && parts.name == NULL);
    EXPECT_TEXT(parts.selector, "a=b");
    EXPECT(!ec_key_parse("nothing here", &parts));
}

TEST("what is asked for once is asked for until it is known")
{
    cat_auto(ec_observed) observed;
    ec_observed_init(&observed);
    cat_auto(ec_plan) plan = {0};
    EXPECT(ec_look(&plan, &observed, "management", "Secret", "a", "b") == NULL);
    EXPECT(ec_look(&plan, &observed, "management", "Secret", "a", "b") == NULL);
    EXPECT_INT(plan.looks.count, 1);
    ec_plan_finish(&plan);
    test_put(&observed, "management Secret a b", "null");
    EXPECT(ec_look(&plan, &observed, "management", "Secret", "a", "b") == NULL);
    EXPECT_INT(plan.looks.count, 0);
}

TEST("an object that is on its way out is waited for before it is made again")
{
    cat_auto(ec_observed) observed;
    ec_observed_init(&observed);
    cat_auto(ec_plan) plan = {0};
    test_put(&observed, "management Namespace - acme", "{metadata: {name: acme, deletionTimestamp: now}}");
    ec_want(&plan, &observed, EC_BASE, "management", ec_object("v1", "Namespace", NULL, "acme", NULL));
    cat_autofree char *text = ec_plan_text(&plan);
    EXPECT_TEXT(text, "base: wait: Namespace acme is still being removed from management\n");
}

TEST("a condition is Unknown where it was so and a peer does not answer, else False")
{
    static const struct {
        const char *before;
        int code;
        cat_error_class class;
        const char *after;
    } rows[] = {
        {NULL, 0, CAT_CLASS_TRANSIENT, "True"},
        {"False", 0, CAT_CLASS_TRANSIENT, "True"},
        {"True", CAT_E_TIMEOUT, CAT_CLASS_WAITING, "Unknown"},
        {"Unknown", CAT_E_UNAVAILABLE, CAT_CLASS_TRANSIENT, "Unknown"},
        {"False", CAT_E_UNAVAILABLE, CAT_CLASS_TRANSIENT, "False"},
        {NULL, CAT_E_TIMEOUT, CAT_CLASS_TRANSIENT, "False"},
        {"True", CAT_E_UNAVAILABLE, CAT_CLASS_WAITING, "False"},
        {"True", CAT_E_INVALID, CAT_CLASS_STALLED, "False"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%zu", i);
        cat_error failed = {.code = rows[i].code, .class = rows[i].class};
        EXPECT_TEXT(ec_condition_after(rows[i].before, &failed), rows[i].after);
    }
}

TEST("who is not allowed waits, as rights may come; who is wrong does not")
{
    static const struct {
        int code;
        cat_error_class class;
    } rows[] = {{CAT_E_FORBIDDEN, CAT_CLASS_WAITING},
                {CAT_E_UNAUTHORIZED, CAT_CLASS_WAITING},
                {CAT_E_INVALID, CAT_CLASS_STALLED},
                {CAT_E_UNAVAILABLE, CAT_CLASS_TRANSIENT}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", cat_error_name(rows[i].code));
        cat_error error = {0};
        cat_error_set(&error, rows[i].code, "no");
        ec_await_rights(&error);
        EXPECT_INT(error.class, rows[i].class);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
