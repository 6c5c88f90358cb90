/* Operations, Organizations and Environments: the newest event is the row. */
#include "base/test.h"
#include "core/fold_testing.h"
#include "wire/json.h"

static json_t *row_of(const cat_map *bucket, const char *key)
{
    const char *text = cat_map_get(bucket, key);
    json_t *json = NULL;
    if (text)
        cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &json, NULL);
    return json;
}

static size_t give(prj_fold *state, cat_map *bucket, const char *subject, const char *type, int64_t at, const char *data)
{
    static uint64_t sequence;
    test_event event = test_event_make(subject, type, "id", FOLD_TEST_START_MS + at, "", data);
    cat_error error = {0};
    if (test_apply(state, &event, ++sequence, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    test_event_finish(&event);
    return test_write(state, bucket);
}

TEST("an operation's row is its furthest step, and keeps what nobody knows yet")
{
    prj_fold *state = prj_fold_create("acme", "acme-dev");
    cat_map *bucket = cat_map_create(free);
    EXPECT_INT(give(state, bucket, "ws.acme-dev.operation.o1", "operation.step", 0,
                    "{\"operation\":\"o1\",\"kind\":\"install\",\"application\":\"blog\",\"status\":\"Running\",\"sequence\":1,"
                    "\"steps\":[{\"name\":\"a\"}]}"),
               1);
    EXPECT_INT(give(state, bucket, "ws.acme-dev.operation.o1", "operation.step", 0,
                    "{\"operation\":\"o1\",\"kind\":\"install\",\"application\":\"blog\",\"status\":\"Succeeded\",\"sequence\":4,"
                    "\"steps\":[],\"later\":true}"),
               1);
    EXPECT_INT(give(state, bucket, "ws.acme-dev.operation.o1", "operation.step", 9,
                    "{\"operation\":\"o1\",\"kind\":\"install\",\"application\":\"blog\",\"status\":\"Running\",\"sequence\":3,"
                    "\"steps\":[]}"),
               0);
    cat_autojson json_t *row = row_of(bucket, "operation._.o1");
    EXPECT_TEXT(cat_json_text(row, "kind"), "operation");
    EXPECT_TEXT(cat_json_text(row, "action"), "install");
    EXPECT_TEXT(cat_json_text(row, "status"), "Succeeded");
    EXPECT(cat_json_bool_or(row, "later", false));
    EXPECT(cat_map_get(bucket, "application._.blog") == NULL);
    cat_map_destroy(bucket);
    prj_fold_destroy(state);
}

TEST("an operation's row is what its Environment was told of it, and how many others there are")
{
    prj_fold *state = prj_fold_create("acme", "acme-dev");
    cat_map *bucket = cat_map_create(free);
    give(state, bucket, "ws.acme-dev.operation.o1", "operation.step", 0,
         "{\"operation\":\"o1\",\"kind\":\"install\",\"application\":\"blog\",\"status\":\"Waiting\",\"sequence\":4,"
         "\"environments\":[\"acme-dev\"],\"elsewhere\":2,\"message\":\"it waits for something in another Environment\","
         "\"messageElsewhere\":true,\"steps\":[{\"name\":\"running\",\"message\":\"blog in acme-dev is new\"}]}");
    cat_autojson json_t *row = row_of(bucket, "operation._.o1");
    EXPECT_INT(json_array_size(json_object_get(row, "environments")), 1);
    EXPECT_INT(cat_json_int_or(row, "elsewhere", 0), 2);
    EXPECT(cat_json_bool_or(row, "messageElsewhere", false));
    EXPECT_TEXT(cat_json_text(row, "message"), "it waits for something in another Environment");
    EXPECT_TEXT(cat_json_text(row, "steps.0.message"), "blog in acme-dev is new");
    cat_map_destroy(bucket);
    prj_fold_destroy(state);
}

TEST("an event that names other Environments makes a row that does not, in its words and commits neither")
{
    prj_fold *state = prj_fold_create("acme", "acme-dev");
    cat_map *bucket = cat_map_create(free);
    give(state, bucket, "ws.acme-dev.operation.o1", "operation.step", 0,
         "{\"operation\":\"o1\",\"kind\":\"install\",\"application\":\"blog\",\"status\":\"Waiting\",\"sequence\":4,"
         "\"environments\":[\"acme-dev\",\"acme-stg\",\"acme-prod\"],\"message\":\"blog in acme-stg is new\",\"commits\":"
         "[{\"branch\":\"staging\"}],\"steps\":[{\"name\":\"running\",\"status\":\"Waiting\",\"message\":"
         "\"blog in acme-stg is new\"}]}");
    cat_autojson json_t *row = row_of(bucket, "operation._.o1");
    EXPECT_TEXT(cat_json_text(row, "environments.0"), "acme-dev");
    EXPECT_INT(json_array_size(json_object_get(row, "environments")), 1);
    EXPECT_INT(cat_json_int_or(row, "elsewhere", 0), 2);
    EXPECT_TEXT(cat_json_text(row, "steps.0.status"), "Waiting");
    const char *text = cat_map_get(bucket, "operation._.o1");
    EXPECT(text && !strstr(text, "acme-stg") && !strstr(text, "acme-prod") && !strstr(text, "staging"));
    cat_map_destroy(bucket);
    prj_fold_destroy(state);
}

TEST("what is onboarded has its Environments in catalyst-state, whole")
{
    prj_fold *state = prj_fold_create("_", "_");
    cat_map *bucket = cat_map_create(free);
    give(state, bucket, "catalyst.provisioning.acme.operation", "operation.step", 0,
         "{\"operation\":\"o2\",\"kind\":\"organization\",\"organization\":\"acme\",\"status\":\"Waiting\",\"sequence\":2,"
         "\"environments\":[\"acme-dev\",\"acme-stg\"],\"elsewhere\":0,\"message\":\"the parts of acme-stg\",\"steps\":[]}");
    cat_autojson json_t *row = row_of(bucket, "operation._.o2");
    EXPECT_INT(json_array_size(json_object_get(row, "environments")), 2);
    EXPECT_TEXT(cat_json_text(row, "message"), "the parts of acme-stg");
    cat_map_destroy(bucket);
    prj_fold_destroy(state);
}

TEST("catalyst-state names an Organization's vclusters and its living Environments")
{
    prj_fold *state = prj_fold_create("_", "_");
    cat_map *bucket = cat_map_create(free);
    give(state, bucket, "catalyst.environment-controller.acme.organization", "organization.ready", 0,
         "{\"organization\":\"acme\",\"status\":\"Running\",\"spec\":{\"displayName\":\"Acme\",\"plan\":\"small\"},\"vclusters\":"
         "[\"hz-fsn-rtz-dev-acme\"]}");
    give(state, bucket, "catalyst.environment-controller.acme.environment", "environment.ready", 1,
         "{\"organization\":\"acme\",\"environment\":\"acme-stg\",\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":"
         "\"False\",\"reason\":\"R\",\"message\":\"no room\"}]},"
         "\"vclusters\":[\"hz-fsn-rtz-dev-acme\"]}");
    give(state, bucket, "catalyst.environment-controller.acme.environment", "environment.ready", 2,
         "{\"organization\":\"acme\",\"environment\":\"acme-dev\",\"status\":\"Running\"}");
    cat_autojson json_t *organization = row_of(bucket, "organization._.acme"), *stg = row_of(bucket, "environment._.acme-stg");
    EXPECT_TEXT(cat_json_text(organization, "displayName"), "Acme");
    EXPECT_TEXT(cat_json_text(organization, "vclusters.0"), "hz-fsn-rtz-dev-acme");
    EXPECT_TEXT(cat_json_text(organization, "environments.0"), "acme-dev");
    EXPECT_TEXT(cat_json_text(organization, "environments.1"), "acme-stg");
    EXPECT_TEXT(cat_json_text(stg, "status"), "Progressing");
    EXPECT_TEXT(cat_json_text(stg, "message"), "no room");
    EXPECT_TEXT(cat_json_text(stg, "branch"), "staging");
    give(state, bucket, "catalyst.environment-controller.acme.environment", "environment.ready", 3,
         "{\"organization\":\"acme\",\"environment\":\"acme-stg\",\"deleted\":true}");
    cat_autojson json_t *after = row_of(bucket, "organization._.acme");
    EXPECT_INT(json_array_size(json_object_get(after, "environments")), 1);
    EXPECT_INT(give(state, bucket, "catalyst.environment-controller.acme.environment", "environment.ready", 1,
                    "{\"organization\":\"acme\",\"environment\":\"acme-stg\",\"status\":\"Running\"}"),
               0);
    cat_map_destroy(bucket);
    prj_fold_destroy(state);
}

TEST("an Environment of another Organization is poison")
{
    prj_fold *state = prj_fold_create("_", "_");
    test_event event =
        test_event_make("catalyst.environment-controller.acme.environment", "environment.ready", "id", FOLD_TEST_START_MS, "",
                        "{\"organization\":\"acme\",\"environment\":\"umbrella-dev\",\"status\":\"Running\"}");
    EXPECT_INT(test_apply(state, &event, 1, NULL), CAT_E_INVALID);
    test_event_finish(&event);
    prj_fold_destroy(state);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
