/* The row of a repository: webhooks that come twice, late and out of order. */
#include "base/test.h"
#include "core/fold_testing.h"
#include "wire/json.h"

typedef struct {
    const char *id;
    int before, after;
    bool forced;
} push;

static char *push_data(const push *one)
{
    return cat_printf("{\"application\":\"blog\",\"repository\":\"acme/"
                      "blog\",\"branch\":\"develop\",\"before\":\"%040x\",\"after\":\"%040x\",\"forced\":%s,"
                      "\"commits\":[{\"id\":\"%040x\",\"message\":\"change "
                      "%d\",\"time\":\"2025-11-24T15:00:00Z\",\"author\":{\"name\":\"Alice\"},\"files\":[\"values.yaml\"]}]}",
                      (unsigned)one->before, (unsigned)one->after, one->forced ? "true" : "false", (unsigned)one->after,
                      one->after);
}

static json_t *fold_pushes(const push *pushes, size_t count, size_t *changes)
{
    prj_fold *state = prj_fold_create("acme", "acme-dev");
    cat_map *bucket = cat_map_create(free);
    *changes = 0;
    for (size_t i = 0; i < count && pushes[i].id; i++) {
        cat_autofree char *data = push_data(&pushes[i]);
        test_event event =
            test_event_make("ws.acme-dev.git.x", "git.push", pushes[i].id, FOLD_TEST_START_MS + (int64_t)i, "", data);
        EXPECT_INT(test_apply(state, &event, i + 1, NULL), 0);
        test_event_finish(&event);
        *changes += test_write(state, bucket);
    }
    const char *text = cat_map_get(bucket, "repository._.blog");
    json_t *row = NULL;
    cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &row, NULL);
    cat_map_destroy(bucket);
    prj_fold_destroy(state);
    return row;
}

TEST("the head is the newest push's, whatever webhooks do")
{
    static const struct {
        const char *name;
        push pushes[5];
        int head;
        size_t commits, changes;
    } ROWS[] = {
        {"one push", {{"a", 0, 1, false}}, 1, 1, 1},
        {"two in order", {{"a", 0, 1, false}, {"b", 1, 2, false}}, 2, 2, 2},
        {"delivered again", {{"a", 0, 1, false}, {"b", 1, 2, false}, {"a", 0, 1, false}, {"b", 1, 2, false}}, 2, 2, 2},
        {"out of order", {{"b", 1, 2, false}, {"a", 0, 1, false}}, 2, 2, 2},
        {"one was lost", {{"a", 0, 1, false}, {"c", 2, 3, false}}, 3, 2, 2},
        {"late and from another source", {{"a", 0, 1, false}, {"b", 1, 2, false}, {"sweep", 0, 1, false}}, 2, 2, 2},
        {"a new history", {{"a", 0, 1, false}, {"b", 1, 2, false}, {"f", 2, 7, true}}, 7, 1, 3},
        {"back to an old commit on purpose", {{"a", 0, 1, false}, {"b", 1, 2, false}, {"f", 2, 1, true}}, 1, 1, 3},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].name);
        size_t changes = 0;
        cat_autojson json_t *row = fold_pushes(ROWS[i].pushes, 5, &changes);
        cat_autofree char *head = cat_printf("%040x", (unsigned)ROWS[i].head);
        EXPECT_TEXT(cat_json_text(row, "head"), head);
        EXPECT_INT(json_array_size(json_object_get(row, "commits")), ROWS[i].commits);
        EXPECT_INT(changes, ROWS[i].changes);
        EXPECT_TEXT(cat_json_text(row, "commits.0.author.name"), "Alice");
    }
}

/* Commits 1…n as `n` in the order of the row. */
static void expect_history(const json_t *row, const int *wanted, bool gap)
{
    const json_t *commits = json_object_get(row, "commits");
    size_t count = 0;
    for (; wanted[count]; count++) {
        cat_autofree char *id = cat_printf("%040x", (unsigned)wanted[count]);
        EXPECT_TEXT(cat_json_text(json_array_get(commits, count), "id"), id);
    }
    EXPECT_INT(json_array_size(commits), count);
    EXPECT_INT(cat_json_bool_or(row, "gap", false), gap);
}

TEST("a push that is missing between others is said as a gap, and filled where it belongs when it comes late")
{
    static const struct {
        const char *name;
        push pushes[5];
        int commits[5];
        bool gap;
    } ROWS[] = {
        {"in order", {{"a", 0, 1, false}, {"b", 1, 2, false}}, {2, 1}, false},
        {"one was lost", {{"a", 0, 1, false}, {"c", 2, 3, false}}, {3, 1}, true},
        {"it came late", {{"a", 0, 1, false}, {"c", 2, 3, false}, {"b", 1, 2, false}}, {3, 2, 1}, false},
        {"one of two came late, and nobody knows yet below what",
         {{"a", 0, 1, false}, {"d", 3, 4, false}, {"c", 2, 3, false}},
         {4, 1, 3},
         true},
        {"the beginning is not known", {{"c", 2, 3, false}}, {3}, true},
        {"a new history", {{"c", 2, 3, false}, {"f", 3, 7, true}}, {7}, false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].name);
        size_t changes = 0;
        cat_autojson json_t *row = fold_pushes(ROWS[i].pushes, 5, &changes);
        expect_history(row, ROWS[i].commits, ROWS[i].gap);
    }
}

static json_t *fold_data(const char *const *data, size_t count)
{
    prj_fold *state = prj_fold_create("acme", "acme-dev");
    cat_map *bucket = cat_map_create(free);
    for (size_t i = 0; i < count; i++) {
        cat_autofree char *id = cat_printf("%zu", i);
        test_event event = test_event_make("ws.acme-dev.git.x", "git.push", id, FOLD_TEST_START_MS, "", data[i]);
        EXPECT_INT(test_apply(state, &event, i + 1, NULL), 0);
        test_event_finish(&event);
        test_write(state, bucket);
    }
    const char *text = cat_map_get(bucket, "repository._.blog");
    json_t *row = NULL;
    cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &row, NULL);
    cat_map_destroy(bucket);
    prj_fold_destroy(state);
    return row;
}

#define ID(n) "000000000000000000000000000000000000000" n
#define PUSH(before, after, more, commits)                                                                                       \
    "{\"application\":\"blog\",\"branch\":\"develop\",\"before\":\"" ID(before) "\",\"after\":\"" ID(                            \
        after) "\"" more ",\"commits\":[" commits "]}"
#define COMMIT(n) "{\"id\":\"" ID(n) "\",\"message\":\"m\"}"

TEST("what the sweep tells of the whole branch fills a gap once, and commits that a push lacked too")
{
    const char *const lost[] = {PUSH("0", "1", "", COMMIT("1")), PUSH("2", "3", "", COMMIT("3")),
                                PUSH("0", "3", ",\"forced\":true,\"whole\":true", COMMIT("1") "," COMMIT("2") "," COMMIT("3"))};
    cat_autojson json_t *filled = fold_data(lost, 3);
    expect_history(filled, (const int[]){3, 2, 1, 0}, false);
    const char *const lacking[] = {
        PUSH("0", "1", "", COMMIT("1")), PUSH("1", "3", ",\"lacksCommits\":true", COMMIT("3")),
        PUSH("0", "3", ",\"forced\":true,\"whole\":true", COMMIT("1") "," COMMIT("2") "," COMMIT("3"))};
    cat_autojson json_t *lacks = fold_data(lacking, 2), *has_all = fold_data(lacking, 3);
    expect_history(lacks, (const int[]){3, 1, 0}, true);
    expect_history(has_all, (const int[]){3, 2, 1, 0}, false);
}

TEST("what was cut of a commit is said in the row, and what the row itself leaves out too")
{
    cat_auto(cat_string) data = CAT_STRING(1024 * 1024);
    cat_string_append(&data, "{\"application\":\"blog\",\"branch\":\"develop\",\"before\":\"" ID("0") "\",\"after\":\"" ID(
                                 "1") "\",\"commits\":[{\"id\":\"" ID("1") "\",\"message\":\"m\",\"messageCut\":true,"
                                                                           "\"moreFiles\":7,\"files\":[");
    for (int i = 0; i < 150; i++)
        cat_string_appendf(&data, "%s\"f%d\"", i ? "," : "", i);
    cat_string_append(&data, "]}]}");
    const char *const one[] = {cat_string_get(&data)};
    cat_autojson json_t *row = fold_data(one, 1);
    EXPECT(cat_json_bool_or(row, "commits.0.messageCut", false));
    EXPECT_INT(json_array_size(cat_json_get(row, "commits.0.files")), 100);
    EXPECT_INT(cat_json_int_or(row, "commits.0.moreFiles", 0), 57);
}

TEST("a branch that went leaves a tombstone, lives again with the next push, and is never made by going")
{
    static const struct {
        const char *name;
        push pushes[5];
        size_t changes;
        bool deleted;
        int head;
    } ROWS[] = {
        {"it went", {{"a", 0, 1, false}, {"z", 1, 0, true}}, 2, true, 0},
        {"told twice", {{"a", 0, 1, false}, {"z", 1, 0, true}, {"z", 1, 0, true}, {"y", 1, 0, false}}, 2, true, 0},
        {"an older push comes late", {{"b", 1, 2, false}, {"z", 2, 0, true}, {"a", 0, 1, false}}, 2, true, 0},
        {"it came again", {{"a", 0, 1, false}, {"z", 1, 0, true}, {"c", 0, 3, false}}, 3, false, 3},
        {"what never was goes, then comes", {{"z", 1, 0, true}, {"c", 0, 3, false}}, 1, false, 3},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].name);
        size_t changes = 0;
        cat_autojson json_t *row = fold_pushes(ROWS[i].pushes, 5, &changes);
        cat_autofree char *head = ROWS[i].head ? cat_printf("%040x", (unsigned)ROWS[i].head) : NULL;
        EXPECT_INT(changes, ROWS[i].changes);
        EXPECT(cat_json_bool_or(row, "deleted", false) == ROWS[i].deleted);
        EXPECT_TEXT(cat_json_text(row, "head"), head);
        EXPECT_TEXT(cat_json_text(row, "status"), ROWS[i].deleted ? NULL : "Running");
        EXPECT_INT(json_array_size(json_object_get(row, "commits")), ROWS[i].head ? 1 : 0);
    }
}

TEST("a push that tells the commits which the first one did not is taken once")
{
    static const char *const DATA[] = {
        "{\"application\":\"blog\",\"branch\":\"develop\",\"before\":\"0000000000000000000000000000000000000000\",\"after\":"
        "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"commits\":[]}",
        "{\"application\":\"blog\",\"branch\":\"develop\",\"before\":\"0000000000000000000000000000000000000000\",\"after\":"
        "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"forced\":true,"
        "\"commits\":[{\"id\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"message\":\"m\"}]}"};
    prj_fold *state = prj_fold_create("acme", "acme-dev");
    cat_map *bucket = cat_map_create(free);
    for (int i = 0; i < 5; i++) {
        cat_autofree char *id = cat_printf("%d", i);
        test_event event = test_event_make("ws.acme-dev.git.x", "git.push", id, FOLD_TEST_START_MS, "", DATA[i > 0 && i < 4]);
        EXPECT_INT(test_apply(state, &event, (uint64_t)i + 1, NULL), 0);
        test_event_finish(&event);
        EXPECT_INT(test_write(state, bucket), i < 2 ? 1 : 0);
    }
    cat_map_destroy(bucket);
    prj_fold_destroy(state);
}

TEST("a push alone makes no Application: develop is always there")
{
    size_t changes = 0;
    json_decref(fold_pushes(&(push){"a", 0, 1, false}, 1, &changes));
    EXPECT_INT(changes, 1);
}

TEST("pull requests stand in the row of their repository, the newest word of each")
{
    prj_fold *state = prj_fold_create("acme", "acme-dev");
    cat_map *bucket = cat_map_create(free);
    static const char *const ACTIONS[] = {"opened", "closed"};
    for (int i = 0; i < 4; i++) {
        cat_autofree char *data = cat_printf(
            "{\"application\":\"blog\",\"number\":3,\"action\":\"%s\",\"base\":\"develop\",\"title\":\"t\",\"merged\":%s}",
            ACTIONS[i % 2], i % 2 ? "true" : "false");
        test_event event = test_event_make("ws.acme-dev.git.x", "git.pull-request", "p", FOLD_TEST_START_MS + i % 2, "", data);
        EXPECT_INT(test_apply(state, &event, (uint64_t)i + 1, NULL), 0);
        test_event_finish(&event);
        EXPECT_INT(test_write(state, bucket), i < 2 ? 1 : 0);
    }
    EXPECT(strstr(cat_map_get(bucket, "repository._.blog"), "\"action\":\"closed\"") != NULL);
    cat_map_destroy(bucket);
    prj_fold_destroy(state);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
