#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/test.h"
#include "nats_fixture.h"
#include "net/consumer.h"
#include "net/publisher.h"

static nats_fixture *nats;
static cat_spine *spine;

static bool fill_stream(const char *name, size_t count)
{
    char subjects[64], subject[64];
    snprintf(subjects, sizeof(subjects), "%s.>", name);
    cat_stream_config config = {.name = name, .subjects = {subjects}, .max_bytes = 64 << 20};
    if (cat_stream_ensure(spine, &config, NULL) < 0)
        return false;
    cat_autoptr(cat_publisher) publisher = cat_publisher_create(spine, NULL);
    for (size_t i = 0; i < count; i++) {
        snprintf(subject, sizeof(subject), "%s.%zu", name, i % 10);
        cat_publication publication = {.subject = subject, .body = "{}", .length = 2, .expected_subject_sequence = -1};
        if (cat_publisher_send(publisher, &publication, NULL) < 0)
            return false;
    }
    return cat_publisher_flush(publisher, 10000, NULL) == 0;
}

static size_t ack_all(cat_messages *messages)
{
    size_t acked = 0;
    for (size_t i = 0; i < messages->count; i++)
        acked += cat_message_ack(&messages->items[i], NULL) == 0;
    return acked;
}

TEST("fetching gives exactly as many as asked for while there are, then what is left, then none")
{
    REQUIRE(fill_stream("sizes", 2000));
    static const struct {
        size_t max, count;
        uint64_t pending;
    } TABLE[] = {{1, 1, 1999},     {2, 2, 1997},  {7, 7, 1990}, {500, 500, 1490},
                 {490, 490, 1000}, {999, 999, 1}, {1000, 1, 0}, {1000, 0, 0}};
    cat_consumer_options options = {.stream = "sizes", .durable = "sizes"};
    cat_autoptr(cat_consumer) consumer = NULL;
    REQUIRE(cat_consumer_create(spine, &options, &consumer, NULL) == 0);
    uint64_t sequence = 0;
    for (size_t i = 0; i < sizeof(TABLE) / sizeof(TABLE[0]); i++) {
        cat_test_row("fetch %zu", TABLE[i].max);
        cat_auto(cat_messages) messages = {0};
        EXPECT_INT(cat_consumer_fetch(consumer, TABLE[i].max, TABLE[i].count == TABLE[i].max ? 5000 : 300, &messages, NULL), 0);
        REQUIRE(messages.count == TABLE[i].count);
        for (size_t n = 0; n < messages.count; n++)
            EXPECT_INT(messages.items[n].sequence, ++sequence);
        if (messages.count > 0)
            EXPECT_INT(messages.items[messages.count - 1].pending, TABLE[i].pending);
        EXPECT_INT(ack_all(&messages), messages.count);
    }
    cat_messages messages;
    EXPECT_INT(cat_consumer_fetch(consumer, 0, 100, &messages, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_consumer_fetch(consumer, 1001, 100, &messages, NULL), CAT_E_INVALID);
}

TEST("many fetches that end empty leave no request behind that would swallow a later message")
{
    REQUIRE(fill_stream("empty", 0));
    cat_consumer_options options = {.stream = "empty", .durable = "empty"};
    cat_autoptr(cat_consumer) consumer = NULL;
    REQUIRE(cat_consumer_create(spine, &options, &consumer, NULL) == 0);
    for (int i = 0; i < 20; i++) {
        cat_auto(cat_messages) none = {0};
        EXPECT_INT(cat_consumer_fetch(consumer, 10, i % 3 * 10, &none, NULL), 0);
        EXPECT_INT(none.count, 0);
    }
    REQUIRE(fill_stream("empty", 10));
    cat_auto(cat_messages) messages = {0};
    EXPECT_INT(cat_consumer_fetch(consumer, 10, 5000, &messages, NULL), 0);
    REQUIRE(messages.count == 10);
    EXPECT_INT(messages.items[0].sequence, 1);
    EXPECT_INT(messages.items[9].delivered, 1);
}

static void *publish_later(void *argument)
{
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    cat_publication publication = {.subject = argument, .body = "late", .length = 4, .expected_subject_sequence = -1};
    cat_spine_publish(spine, &publication, NULL, NULL, NULL);
    return NULL;
}

TEST("a fetch that waits gets what is published meanwhile")
{
    REQUIRE(fill_stream("waits", 0));
    cat_consumer_options options = {.stream = "waits", .only_new = true};
    cat_autoptr(cat_consumer) consumer = NULL;
    REQUIRE(cat_consumer_create(spine, &options, &consumer, NULL) == 0);
    pthread_t thread;
    REQUIRE(pthread_create(&thread, NULL, publish_later, "waits.a") == 0);
    cat_auto(cat_messages) messages = {0};
    EXPECT_INT(cat_consumer_fetch(consumer, 1, 10000, &messages, NULL), 0);
    pthread_join(thread, NULL);
    REQUIRE(messages.count == 1);
    EXPECT(messages.items[0].length == 4 && memcmp(messages.items[0].data, "late", 4) == 0);
    EXPECT_TEXT(messages.items[0].subject, "waits.a");
}

TEST("a message comes again when asked for, after its time, and not once it was given up")
{
    REQUIRE(fill_stream("again", 3));
    cat_consumer_options options = {.stream = "again", .durable = "again", .ack_wait_ms = 1000};
    cat_autoptr(cat_consumer) consumer = NULL;
    REQUIRE(cat_consumer_create(spine, &options, &consumer, NULL) == 0);
    cat_auto(cat_messages) first = {0}, second = {0}, third = {0}, none = {0};
    REQUIRE(cat_consumer_fetch(consumer, 3, 5000, &first, NULL) == 0 && first.count == 3);
    EXPECT_INT(cat_message_retry_after(&first.items[0], 0, NULL), 0);
    EXPECT_INT(cat_message_give_up(&first.items[1], NULL), 0);
    REQUIRE(cat_consumer_fetch(consumer, 1, 5000, &second, NULL) == 0 && second.count == 1);
    EXPECT_INT(second.items[0].sequence, 1);
    EXPECT_INT(second.items[0].delivered, 2);
    EXPECT_INT(cat_message_ack(&second.items[0], NULL), 0);
    /* The third was never answered for. */
    REQUIRE(cat_consumer_fetch(consumer, 1, 10000, &third, NULL) == 0 && third.count == 1);
    EXPECT_INT(third.items[0].sequence, 3);
    EXPECT_INT(cat_message_ack(&third.items[0], NULL), 0);
    EXPECT_INT(cat_consumer_fetch(consumer, 10, 1500, &none, NULL), 0);
    EXPECT_INT(none.count, 0);
}

TEST("a consumer starts where it is told: at a sequence, at each subject's last, under filters")
{
    REQUIRE(fill_stream("starts", 100));
    static const struct {
        cat_consumer_options options;
        size_t count;
        uint64_t first;
    } TABLE[] = {
        {{.stream = "starts", .name = "fold-7", .start_sequence = 91, .no_ack = true, .memory = true}, 10, 91},
        {{.stream = "starts", .last_per_subject = true, .no_ack = true}, 10, 91},
        {{.stream = "starts", .filters = {"starts.3"}}, 10, 4},
        {{.stream = "starts", .filters = {"starts.3", "starts.4"}, .start_sequence = 50}, 10, 54},
        {{.stream = "starts", .only_new = true}, 0, 0},
    };
    for (size_t i = 0; i < sizeof(TABLE) / sizeof(TABLE[0]); i++) {
        cat_test_row("row %zu", i);
        cat_autoptr(cat_consumer) consumer = NULL;
        cat_error error = {0};
        if (cat_consumer_create(spine, &TABLE[i].options, &consumer, &error) < 0)
            cat_test_fail(__FILE__, __LINE__, "%s", error.message);
        REQUIRE(consumer != NULL);
        cat_auto(cat_messages) messages = {0};
        EXPECT_INT(cat_consumer_fetch(consumer, 1000, 200, &messages, NULL), 0);
        EXPECT_INT(messages.count, TABLE[i].count);
        if (messages.count > 0)
            EXPECT_INT(messages.items[0].sequence, TABLE[i].first);
    }
}

TEST("a consumer that was deleted, and a stream that is not there, are not found; deleting twice is well")
{
    REQUIRE(fill_stream("gone", 1));
    cat_consumer_options options = {.stream = "gone", .durable = "gone"};
    cat_autoptr(cat_consumer) consumer = NULL;
    REQUIRE(cat_consumer_create(spine, &options, &consumer, NULL) == 0);
    EXPECT_INT(cat_consumer_delete_named(spine, "gone", "gone", NULL), 0);
    EXPECT_INT(cat_consumer_delete_named(spine, "gone", "gone", NULL), 0);
    cat_auto(cat_messages) messages = {0};
    EXPECT_INT(cat_consumer_fetch(consumer, 1, 1000, &messages, NULL), CAT_E_NOT_FOUND);
    cat_consumer *none = NULL;
    options.stream = "never-was";
    EXPECT_INT(cat_consumer_create(spine, &options, &none, NULL), CAT_E_NOT_FOUND);
    EXPECT(none == NULL);
}

TEST("a durable consumer goes on where it was after the server was killed, in the middle of a fetch too")
{
    REQUIRE(fill_stream("restart", 20));
    cat_consumer_options options = {.stream = "restart", .durable = "restart"};
    cat_autoptr(cat_consumer) consumer = NULL;
    REQUIRE(cat_consumer_create(spine, &options, &consumer, NULL) == 0);
    cat_auto(cat_messages) first = {0}, while_down = {0}, rest = {0};
    REQUIRE(cat_consumer_fetch(consumer, 10, 5000, &first, NULL) == 0 && first.count == 10);
    EXPECT_INT(ack_all(&first), 10);
    REQUIRE(cat_spine_request(spine, &(cat_spine_question){"$JS.API.INFO", NULL, 0, 2000}, NULL, NULL, NULL) ==
            0); /* the acks are with the server */
    nats_fixture_kill(nats);
    EXPECT_INT(cat_consumer_fetch(consumer, 10, 300, &while_down, NULL), CAT_E_UNAVAILABLE);
    nats_fixture_restart(nats);
    /* The server keeps acks in memory for a while: the last ones before its death may be lost, and their messages come again. */
    uint64_t next = 0, last = 0;
    while (last < 20) {
        cat_messages_finish(&rest);
        REQUIRE(cat_consumer_fetch(consumer, 1, 20000, &rest, NULL) == 0 && rest.count == 1);
        uint64_t sequence = rest.items[0].sequence;
        EXPECT(next == 0 ? sequence <= 11 : sequence == next);
        next = sequence + 1;
        last = sequence;
        EXPECT_INT(cat_message_ack(&rest.items[0], NULL), 0);
    }
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
