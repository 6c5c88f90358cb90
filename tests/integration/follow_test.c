/* svc/follow.h with a real server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/test.h"
#include "nats_fixture.h"
#include "svc/follow.h"

#define BUSY_MS 5000
#define IDLE_MS 200
#define MAX 7

static nats_fixture *nats;
static cat_spine *spine;

static bool make_stream(const char *name)
{
    cat_autofree char *subjects = cat_printf("%s.>", name);
    cat_stream_config config = {.name = name, .subjects = {subjects}, .max_bytes = 1 << 20};
    return cat_stream_ensure(spine, &config, NULL) == 0;
}

static bool put(const char *stream, const char *kind, int count)
{
    cat_autofree char *subject = cat_printf("%s.%s", stream, kind);
    for (int i = 0; i < count; i++) {
        cat_publication one = {.subject = subject, .body = "x", .length = 1, .expected_subject_sequence = -1};
        if (cat_spine_publish(spine, &one, NULL, NULL, NULL) < 0)
            return false;
    }
    return true;
}

/* Reads until nothing waits; the last sequence, 0 when they did not come one behind the other from `after` on. */
static uint64_t read_all(cat_follow *follow, uint64_t after, bool ahead)
{
    while (cat_follow_waiting(follow) > 0) {
        cat_auto(cat_messages) messages = {0};
        if (cat_follow_read(follow, MAX, BUSY_MS, IDLE_MS, &messages, NULL) < 0)
            return 0;
        if (ahead)
            cat_follow_ask(follow, MAX, BUSY_MS);
        for (size_t i = 0; i < messages.count; i++)
            if (messages.items[i].sequence != ++after)
                return 0;
    }
    return after;
}

TEST("a stream is read in order from behind a place to its end, and goes on with what comes")
{
    cat_autoptr(cat_follow) follow = NULL;
    REQUIRE(make_stream("plain") && put("plain", "a", 30));
    REQUIRE(cat_follow_create(&(cat_follow_options){.spine = spine, .stream = "plain", .after = 10}, &follow, NULL) == 0);
    EXPECT_INT(cat_follow_waiting(follow), 20);
    EXPECT_INT(read_all(follow, 10, false), 30);
    cat_auto(cat_messages) none = {0}, one = {0};
    EXPECT_INT(cat_follow_read(follow, MAX, BUSY_MS, IDLE_MS, &none, NULL), 0);
    EXPECT_INT(none.count, 0);
    REQUIRE(put("plain", "a", 1));
    REQUIRE(cat_follow_read(follow, MAX, BUSY_MS, BUSY_MS, &one, NULL) == 0);
    REQUIRE(one.count == 1);
    EXPECT_INT(one.items[0].sequence, 31);
}

TEST("what is asked for ahead comes once and in order")
{
    cat_autoptr(cat_follow) follow = NULL;
    REQUIRE(make_stream("ahead") && put("ahead", "a", 50));
    REQUIRE(cat_follow_create(&(cat_follow_options){.spine = spine, .stream = "ahead"}, &follow, NULL) == 0);
    EXPECT_INT(read_all(follow, 0, true), 50);
}

TEST("a filter passes over what it does not name, and that is no loss")
{
    cat_autoptr(cat_follow) follow = NULL;
    REQUIRE(make_stream("some") && put("some", "a", 3) && put("some", "b", 3) && put("some", "a", 2));
    cat_follow_options options = {.spine = spine, .stream = "some", .filters = {"some.a"}};
    REQUIRE(cat_follow_create(&options, &follow, NULL) == 0);
    EXPECT_INT(cat_follow_waiting(follow), 5);
    cat_auto(cat_messages) messages = {0};
    REQUIRE(cat_follow_read(follow, MAX, BUSY_MS, IDLE_MS, &messages, NULL) == 0);
    REQUIRE(messages.count == 5);
    EXPECT_INT(messages.items[4].sequence, 8);
}

TEST("a place in a stream that was deleted and made again is told from one that goes on")
{
    cat_stream_info before, after;
    REQUIRE(make_stream("anew") && put("anew", "a", 3) && cat_stream_get_info(spine, "anew", &before, NULL) == 0);
    EXPECT_INT(cat_follow_compare(before.incarnation, 3, &before), CAT_FOLLOW_GOES_ON);
    REQUIRE(cat_stream_delete(spine, "anew", NULL) == 0 && make_stream("anew") && put("anew", "a", 5));
    REQUIRE(cat_stream_get_info(spine, "anew", &after, NULL) == 0);
    EXPECT_INT(cat_follow_compare(before.incarnation, 3, &after), CAT_FOLLOW_MADE_ANEW);
}

TEST("a stream that is not there cannot be followed")
{
    cat_follow *follow = NULL;
    cat_error error = {0};
    EXPECT_INT(cat_follow_create(&(cat_follow_options){.spine = spine, .stream = "nowhere"}, &follow, &error), CAT_E_NOT_FOUND);
    EXPECT(follow == NULL);
}

/* A reader that begins anew behind what it read, whatever happens, reads each message once. */
TEST("a reader that begins anew after each failure reads everything once while the server is killed")
{
    uint64_t cursor = 0;
    bool in_order = true;
    cat_follow *follow = NULL;
    REQUIRE(make_stream("killed") && put("killed", "a", 40));
    const cat_clock *clock = cat_clock_system();
    for (int64_t until_ms = clock->monotonic_ms(clock) + 30000; cursor < 40 && clock->monotonic_ms(clock) < until_ms;) {
        cat_auto(cat_messages) messages = {0};
        cat_follow_options options = {.spine = spine, .stream = "killed", .after = cursor};
        int code = follow ? 0 : cat_follow_create(&options, &follow, NULL);
        if (code == 0)
            code = cat_follow_read(follow, MAX, 1000, IDLE_MS, &messages, NULL);
        for (size_t i = 0; i < messages.count; i++)
            in_order = messages.items[i].sequence == ++cursor && in_order;
        if (code == 0 && cursor == 14) {
            cat_follow_ask(follow, MAX, 1000);
            nats_fixture_kill(nats);
            nats_fixture_restart(nats);
        }
        if (code < 0) {
            cat_follow_destroy(follow);
            follow = NULL;
            clock->sleep_ms(clock, 50);
        }
    }
    cat_follow_destroy(follow);
    EXPECT_INT(cursor, 40);
    EXPECT(in_order);
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
