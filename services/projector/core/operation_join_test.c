/* One operation from the rows of the Environments that somebody sees. */
#include "core/operation_join.h"

#include "base/test.h"

static json_t *row(const char *environment, int sequence, const char *words)
{
    json_t *made =
        json_pack("{s:s, s:[s], s:i, s:i, s:s, s:[{s:s}, {s:s, s:s}], s:[{s:s}]}", "environment", environment, "environments",
                  environment, "elsewhere", 2, "sequence", sequence, "message",
                  words ? words : "it waits for something in another Environment", "steps", "name", "commit", "name", "running",
                  "message", words ? words : "it waits for something in another Environment", "commits", "commit", environment);
    if (words)
        return made;
    json_object_set_new(made, "messageElsewhere", json_true());
    json_object_set_new(json_array_get(json_object_get(made, "steps"), 1), "messageElsewhere", json_true());
    return made;
}

TEST("one row is the operation as its Environment was told of it")
{
    cat_autojson json_t *dev = row("acme-dev", 5, NULL);
    const json_t *rows[] = {dev};
    cat_autojson json_t *joined = prj_operation_join(rows, 1);
    EXPECT(json_equal(joined, dev));
}

TEST("who sees several Environments has their names, their commits, and the words of the one that it waits for")
{
    cat_autojson json_t *dev = row("acme-dev", 5, NULL), *stg = row("acme-stg", 5, "blog in acme-stg is Degraded");
    json_object_set_new(stg, "supersededBy", json_string("02"));
    const json_t *rows[] = {dev, stg};
    cat_autojson json_t *joined = prj_operation_join(rows, 2);
    EXPECT_TEXT(cat_json_text(joined, "environments.0"), "acme-dev");
    EXPECT_TEXT(cat_json_text(joined, "environments.1"), "acme-stg");
    EXPECT_INT(cat_json_int_or(joined, "elsewhere", -1), 1);
    EXPECT_INT(json_array_size(json_object_get(joined, "commits")), 2);
    EXPECT_TEXT(cat_json_text(joined, "message"), "blog in acme-stg is Degraded");
    EXPECT_TEXT(cat_json_text(joined, "steps.1.message"), "blog in acme-stg is Degraded");
    EXPECT_TEXT(cat_json_text(joined, "supersededBy"), "02");
    EXPECT(!json_object_get(joined, "messageElsewhere"));
    EXPECT(!json_object_get(json_array_get(json_object_get(joined, "steps"), 1), "messageElsewhere"));
}

TEST("a row that lags behind gives its Environment and no words")
{
    cat_autojson json_t *dev = row("acme-dev", 6, NULL), *stg = row("acme-stg", 5, "of before");
    const json_t *rows[] = {dev, stg};
    cat_autojson json_t *joined = prj_operation_join(rows, 2);
    EXPECT_INT(json_array_size(json_object_get(joined, "environments")), 2);
    EXPECT_TEXT(cat_json_text(joined, "message"), "it waits for something in another Environment");
    EXPECT(cat_json_bool_or(joined, "messageElsewhere", false));
}

TEST("who sees all of it is told of nothing elsewhere, and the rows stay as they are")
{
    cat_autojson json_t *dev = row("acme-dev", 5, "a"), *prod = row("acme-prod", 5, NULL), *stg = row("acme-stg", 5, NULL),
                        *untouched = row("acme-dev", 5, "a");
    const json_t *rows[] = {dev, prod, stg};
    cat_autojson json_t *joined = prj_operation_join(rows, 3);
    EXPECT_INT(cat_json_int_or(joined, "elsewhere", -1), 0);
    EXPECT_INT(json_array_size(json_object_get(joined, "environments")), 3);
    EXPECT_TEXT(cat_json_text(joined, "message"), "a");
    EXPECT(json_equal(dev, untouched));
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
