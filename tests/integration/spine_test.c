#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/test.h"
#include "nats_fixture.h"

static nats_fixture *nats;
static cat_spine *spine;

static void make_stream(const char *name, const char *subjects, bool atomic)
{
    cat_error error = {0};
    cat_stream_config config = {
        .name = name, .subjects = {subjects}, .max_bytes = 64 << 20, .allow_atomic = atomic, .allow_direct = true};
    if (cat_stream_ensure(spine, &config, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
}

static int publish(const char *subject, const char *id, int64_t expected, uint64_t *sequence, bool *duplicate)
{
    cat_publication publication = {
        .subject = subject, .message_id = id, .body = "{}", .length = 2, .expected_subject_sequence = expected};
    return cat_spine_publish(spine, &publication, sequence, duplicate, NULL);
}

TEST("a stream that is made twice with the same configuration stays as it is, and one that changes is updated")
{
    make_stream("ensure", "ensure.>", false);
    cat_stream_info first, second, third;
    REQUIRE(publish("ensure.a", NULL, -1, NULL, NULL) == 0);
    REQUIRE(cat_stream_get_info(spine, "ensure", &first, NULL) == 0);
    make_stream("ensure", "ensure.>", false);
    REQUIRE(cat_stream_get_info(spine, "ensure", &second, NULL) == 0);
    make_stream("ensure", "ensure.more.>", true);
    REQUIRE(cat_stream_get_info(spine, "ensure", &third, NULL) == 0);
    EXPECT_TEXT(second.incarnation, first.incarnation);
    EXPECT_TEXT(third.incarnation, first.incarnation);
    EXPECT_INT(third.last_sequence, 1);
    EXPECT_INT(publish("ensure.a", NULL, -1, NULL, NULL), CAT_E_NOT_FOUND);
    EXPECT_INT(publish("ensure.more.a", NULL, -1, NULL, NULL), 0);
}

TEST("a stream that was deleted and made anew has another incarnation")
{
    make_stream("anew", "anew.>", false);
    cat_stream_info first, second;
    REQUIRE(cat_stream_get_info(spine, "anew", &first, NULL) == 0);
    EXPECT_INT(cat_stream_delete(spine, "anew", NULL), 0);
    EXPECT_INT(cat_stream_get_info(spine, "anew", &second, NULL), CAT_E_NOT_FOUND);
    EXPECT_INT(cat_stream_delete(spine, "anew", NULL), 0);
    make_stream("anew", "anew.>", false);
    REQUIRE(cat_stream_get_info(spine, "anew", &second, NULL) == 0);
    EXPECT(strcmp(first.incarnation, second.incarnation) != 0);
    EXPECT(second.created_ms >= first.created_ms);
}

TEST("the names of all streams are listed, however many pages they take")
{
    for (int i = 0; i < 300; i++) {
        cat_autofree char *name = cat_printf("many-%d", i), *subject = cat_printf("many.%d", i);
        cat_stream_config config = {.name = name, .subjects = {subject}, .max_bytes = 1 << 16, .memory = true};
        REQUIRE(cat_stream_ensure(spine, &config, NULL) == 0);
    }
    cat_auto(cat_strings) names = {0};
    REQUIRE(cat_stream_names(spine, &names, NULL) == 0);
    for (int i = 0; i < 300; i++) {
        cat_autofree char *name = cat_printf("many-%d", i);
        EXPECT(cat_strings_has(&names, name));
        EXPECT_INT(cat_stream_delete(spine, name, NULL), 0);
    }
}

TEST("a stream's settings reach the server")
{
    cat_stream_config config = {.name = "settings",
                                .subjects = {"settings.a.>", "settings.b.>"},
                                .description = "all of them",
                                .max_bytes = 5 << 20,
                                .max_age_ms = 3600000,
                                .max_message_bytes = 1000,
                                .max_messages_per_subject = 3,
                                .duplicate_window_ms = 30000,
                                .marker_ttl_ms = 60000,
                                .discard_new = true,
                                .deny_delete = true,
                                .allow_direct = true,
                                .allow_rollup = true,
                                .allow_atomic = true,
                                .allow_ttl = true};
    REQUIRE(cat_stream_ensure(spine, &config, NULL) == 0);
    cat_autofree char *reply = NULL;
    size_t length = 0;
    REQUIRE(cat_spine_request(spine, &(cat_spine_question){"$JS.API.STREAM.INFO.settings", NULL, 0, 2000}, &reply, &length,
                              NULL) == 0);
    cat_autojson json_t *info = NULL;
    REQUIRE(cat_json_parse(reply, length, &CAT_JSON_CAPS, &info, NULL) == 0);
    EXPECT_TEXT(cat_json_text(info, "config.subjects.1"), "settings.b.>");
    EXPECT_TEXT(cat_json_text(info, "config.discard"), "new");
    EXPECT_TEXT(cat_json_text(info, "config.storage"), "file");
    EXPECT_INT(cat_json_int_or(info, "config.max_bytes", 0), 5 << 20);
    EXPECT_INT(cat_json_int_or(info, "config.max_age", 0), 3600000000000);
    EXPECT_INT(cat_json_int_or(info, "config.max_msg_size", 0), 1000);
    EXPECT_INT(cat_json_int_or(info, "config.max_msgs_per_subject", 0), 3);
    EXPECT_INT(cat_json_int_or(info, "config.duplicate_window", 0), 30000000000);
    EXPECT_INT(cat_json_int_or(info, "config.subject_delete_marker_ttl", 0), 60000000000);
    static const char *const TRUE[] = {"config.deny_delete", "config.allow_direct", "config.allow_rollup_hdrs",
                                       "config.allow_atomic", "config.allow_msg_ttl"};
    for (size_t i = 0; i < sizeof(TRUE) / sizeof(TRUE[0]); i++) {
        cat_test_row("%s", TRUE[i]);
        EXPECT(cat_json_bool_or(info, TRUE[i], false));
    }
}

TEST("what was published under one id twice is stored once")
{
    make_stream("dedupe", "dedupe.>", false);
    uint64_t first = 0, second = 0;
    bool duplicate = true;
    EXPECT_INT(publish("dedupe.a", "one", -1, &first, &duplicate), 0);
    EXPECT(!duplicate);
    EXPECT_INT(publish("dedupe.a", "one", -1, &second, &duplicate), 0);
    EXPECT(duplicate);
    EXPECT_INT(second, first);
    cat_stream_info info;
    REQUIRE(cat_stream_get_info(spine, "dedupe", &info, NULL) == 0);
    EXPECT_INT(info.messages, 1);
}

TEST("a publication whose expectation fails is a conflict and stores nothing")
{
    make_stream("expect", "expect.>", false);
    uint64_t sequence = 0;
    EXPECT_INT(publish("expect.a", NULL, 0, &sequence, NULL), 0);
    EXPECT_INT(publish("expect.a", NULL, 0, NULL, NULL), CAT_E_CONFLICT);
    EXPECT_INT(publish("expect.a", NULL, (int64_t)sequence + 1, NULL, NULL), CAT_E_CONFLICT);
    EXPECT_INT(publish("expect.a", NULL, (int64_t)sequence, &sequence, NULL), 0);
    EXPECT_INT(sequence, 2);
}

TEST("publishing says what is wrong: no stream, too large, no room")
{
    cat_stream_config config = {
        .name = "limits", .subjects = {"limits.>"}, .max_bytes = 4096, .max_message_bytes = 1000, .discard_new = true};
    REQUIRE(cat_stream_ensure(spine, &config, NULL) == 0);
    EXPECT_INT(publish("nowhere.at.all", NULL, -1, NULL, NULL), CAT_E_NOT_FOUND);
    char body[2000];
    memset(body, 'x', sizeof(body));
    cat_publication publication = {.subject = "limits.a", .body = body, .length = sizeof(body), .expected_subject_sequence = -1};
    EXPECT_INT(cat_spine_publish(spine, &publication, NULL, NULL, NULL), CAT_E_TOO_LARGE);
    publication.length = 900;
    int result = 0;
    for (int i = 0; i < 10 && result == 0; i++)
        result = cat_spine_publish(spine, &publication, NULL, NULL, NULL);
    EXPECT_INT(result, CAT_E_LIMIT);
}

static void batch_of(cat_publication *batch, size_t count, const char *prefix, char (*subjects)[32])
{
    for (size_t i = 0; i < count; i++) {
        snprintf(subjects[i], 32, "%s.%zu", prefix, i);
        batch[i] = (cat_publication){.subject = subjects[i], .body = "row", .length = 3, .expected_subject_sequence = -1};
    }
}

TEST("a batch is stored whole and in order, up to the server's thousand")
{
    make_stream("batch", "batch.>", true);
    static const size_t SIZES[] = {1, 2, 100, 1000};
    cat_publication batch[1000];
    char subjects[1000][32];
    uint64_t last = 0;
    for (size_t i = 0; i < sizeof(SIZES) / sizeof(SIZES[0]); i++) {
        cat_test_row("%zu messages", SIZES[i]);
        batch_of(batch, SIZES[i], "batch.a", subjects);
        uint64_t sequence = 0;
        cat_error error = {0};
        EXPECT_INT(cat_spine_publish_batch(spine, batch, SIZES[i], &sequence, &error), 0);
        EXPECT_INT(sequence, last + SIZES[i]);
        last = sequence;
    }
    EXPECT_INT(cat_spine_publish_batch(spine, batch, 1001, NULL, NULL), CAT_E_TOO_LARGE);
    EXPECT_INT(cat_spine_publish_batch(spine, batch, 0, NULL, NULL), CAT_E_INVALID);
}

TEST("a batch whose expectation fails stores nothing of it, wherever the expectation stands")
{
    make_stream("whole", "whole.>", true);
    uint64_t fold = 0;
    REQUIRE(publish("whole.fold", NULL, 0, &fold, NULL) == 0);
    static const size_t PLACES[] = {0, 1, 49, 99};
    cat_publication batch[100];
    char subjects[100][32];
    for (size_t i = 0; i < sizeof(PLACES) / sizeof(PLACES[0]); i++) {
        cat_test_row("at %zu", PLACES[i]);
        batch_of(batch, 100, "whole.row", subjects);
        batch[PLACES[i]].subject = "whole.fold";
        batch[PLACES[i]].expected_subject_sequence = (int64_t)fold + 7;
        EXPECT_INT(cat_spine_publish_batch(spine, batch, 100, NULL, NULL), CAT_E_CONFLICT);
        cat_stream_info info;
        REQUIRE(cat_stream_get_info(spine, "whole", &info, NULL) == 0);
        EXPECT_INT(info.messages, 1);
    }
    batch_of(batch, 100, "whole.row", subjects);
    batch[0].subject = "whole.fold";
    batch[0].expected_subject_sequence = (int64_t)fold;
    uint64_t sequence = 0;
    EXPECT_INT(cat_spine_publish_batch(spine, batch, 100, &sequence, NULL), 0);
    EXPECT_INT(sequence, 101);
}

TEST("a batch to a stream that takes none, or to no stream, is refused")
{
    make_stream("single", "single.>", false);
    cat_publication batch[3];
    char subjects[3][32];
    batch_of(batch, 3, "single.a", subjects);
    EXPECT(cat_spine_publish_batch(spine, batch, 3, NULL, NULL) < 0);
    batch_of(batch, 3, "nobody.a", subjects);
    EXPECT_INT(cat_spine_publish_batch(spine, batch, 3, NULL, NULL), CAT_E_NOT_FOUND);
}

TEST("a server that is away is said to be so at once, and the same connection works when it is back")
{
    make_stream("away", "away.>", false);
    nats_fixture_kill(nats);
    int result = 0;
    for (int i = 0; i < 100 && result != CAT_E_UNAVAILABLE; i++)
        result = publish("away.a", "lost", -1, NULL, NULL);
    EXPECT_INT(result, CAT_E_UNAVAILABLE);
    EXPECT(!cat_spine_is_connected(spine));
    nats_fixture_restart(nats);
    for (int i = 0; i < 200 && !cat_spine_is_connected(spine); i++)
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    EXPECT(cat_spine_is_connected(spine));
    EXPECT_INT(publish("away.a", "found", -1, NULL, NULL), 0);
}

TEST("connecting to nobody fails with a sentence")
{
    cat_spine *none = NULL;
    cat_error error = {0};
    EXPECT_INT(cat_spine_connect(&(cat_spine_options){.url = "nats://127.0.0.1:1"}, &none, &error), CAT_E_UNAVAILABLE);
    EXPECT(strstr(error.message, "the spine") && !strstr(error.message, "127.0.0.1"));
    EXPECT_INT(cat_spine_connect(&(cat_spine_options){.url = ""}, &none, &error), CAT_E_INVALID);
    EXPECT(none == NULL);
}

int main(int argc, char **argv)
{
    nats = nats_fixture_start(NULL);
    spine = nats_fixture_connect(nats, NULL);
    int result = cat_test_main(argc, argv);
    cat_spine_destroy(spine);
    nats_fixture_stop(nats);
    return result;
}
