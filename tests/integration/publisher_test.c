#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/test.h"
#include "nats_fixture.h"
#include "net/consumer.h"
#include "net/publisher.h"

static nats_fixture *nats;
static cat_spine *spine;

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static bool make_stream(const char *name, const char *subjects, int64_t max_bytes, bool discard_new)
{
    cat_stream_config config = {.name = name, .subjects = {subjects}, .max_bytes = max_bytes, .discard_new = discard_new};
    return cat_stream_ensure(spine, &config, NULL) == 0;
}

static int send_one(cat_publisher *publisher, const char *subject, const char *id)
{
    cat_publication publication = {
        .subject = subject, .message_id = id, .body = "{}", .length = 2, .expected_subject_sequence = -1};
    return cat_publisher_send(publisher, &publication, NULL);
}

/* How often each id `{prefix}{n}` is stored. */
static size_t count_ids(const char *stream, const char *prefix, unsigned *seen, size_t size)
{
    cat_consumer_options options = {.stream = stream, .no_ack = true, .memory = true};
    cat_autoptr(cat_consumer) consumer = NULL;
    size_t total = 0;
    if (cat_consumer_create(spine, &options, &consumer, NULL) < 0)
        return 0;
    for (;;) {
        cat_auto(cat_messages) messages = {0};
        if (cat_consumer_fetch(consumer, 1000, 500, &messages, NULL) < 0 || messages.count == 0)
            return total;
        for (size_t i = 0; i < messages.count; i++) {
            const char *id = cat_message_header(&messages.items[i], "Nats-Msg-Id");
            long long number = -1;
            if (id && cat_text_starts_with(id, prefix) && cat_text_to_int64(id + strlen(prefix), 0, (long long)size - 1, &number))
                seen[number]++;
        }
        total += messages.count;
        if (messages.items[messages.count - 1].pending == 0)
            return total;
    }
}

TEST("pipelined messages are all stored once, in the order in which they were sent")
{
    REQUIRE(make_stream("plain", "plain.>", 256 << 20, false));
    cat_autoptr(cat_publisher) publisher = cat_publisher_create(spine, NULL);
    for (int i = 0; i < 5000; i++) {
        char subject[32];
        snprintf(subject, sizeof(subject), "plain.%d", i);
        EXPECT_INT(send_one(publisher, subject, NULL), 0);
    }
    EXPECT_INT(cat_publisher_flush(publisher, 10000, NULL), 0);
    EXPECT_INT(cat_publisher_pending(publisher), 0);
    cat_consumer_options options = {.stream = "plain", .no_ack = true, .memory = true};
    cat_autoptr(cat_consumer) consumer = NULL;
    REQUIRE(cat_consumer_create(spine, &options, &consumer, NULL) == 0);
    for (int i = 0; i < 5000; i += 1000) {
        cat_auto(cat_messages) messages = {0};
        REQUIRE(cat_consumer_fetch(consumer, 1000, 5000, &messages, NULL) == 0);
        REQUIRE(messages.count == 1000);
        for (int n = 0; n < 1000; n++) {
            char subject[32];
            snprintf(subject, sizeof(subject), "plain.%d", i + n);
            EXPECT_TEXT(messages.items[n].subject, subject);
        }
    }
}

#define MANY 20000
static atomic_int sent;

static void *send_many(void *argument)
{
    for (int i = 0; i < MANY; i++) {
        char id[32];
        snprintf(id, sizeof(id), "many-%d", i);
        if (send_one(argument, "killed.a", id) < 0)
            return "a send failed";
        sent++;
    }
    return NULL;
}

TEST("twenty thousand messages with the server killed twice among them are each stored exactly once")
{
    REQUIRE(make_stream("killed", "killed.>", 256 << 20, false));
    cat_autoptr(cat_publisher) publisher = cat_publisher_create(spine, NULL);
    sent = 0;
    pthread_t thread;
    void *failed = NULL;
    REQUIRE(pthread_create(&thread, NULL, send_many, publisher) == 0);
    for (int kill = 1; kill <= 2; kill++) {
        while (sent < kill * MANY / 3)
            pause_ms(1);
        nats_fixture_kill(nats);
        pause_ms(50);
        nats_fixture_restart(nats);
    }
    pthread_join(thread, &failed);
    EXPECT_TEXT((const char *)failed, NULL);
    cat_error error = {0};
    if (cat_publisher_flush(publisher, 60000, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    static unsigned seen[MANY];
    EXPECT_INT(count_ids("killed", "many-", seen, MANY), MANY);
    int missing = 0, repeated = 0;
    for (int i = 0; i < MANY; i++) {
        missing += seen[i] == 0;
        repeated += seen[i] > 1;
    }
    EXPECT_INT(missing, 0);
    EXPECT_INT(repeated, 0);
}

TEST("a server that is silent for longer than an answer may take gets the messages again, and stores them once")
{
    REQUIRE(make_stream("silent", "silent.>", 64 << 20, false));
    cat_autoptr(cat_publisher) publisher = cat_publisher_create(spine, NULL);
    nats_fixture_pause(nats);
    for (int i = 0; i < 100; i++) {
        char id[32];
        snprintf(id, sizeof(id), "silent-%d", i);
        EXPECT_INT(send_one(publisher, "silent.a", id), 0);
    }
    EXPECT_INT(cat_publisher_flush(publisher, 6500, NULL), CAT_E_TIMEOUT);
    EXPECT_INT(cat_publisher_pending(publisher), 100);
    nats_fixture_resume(nats);
    EXPECT_INT(cat_publisher_flush(publisher, 10000, NULL), 0);
    unsigned seen[100] = {0};
    EXPECT_INT(count_ids("silent", "silent-", seen, 100), 100);
}

typedef struct {
    atomic_int calls, code;
    bool again;
} refusals;

static bool on_refused(void *context, const char *subject, const char *message_id, const cat_error *error)
{
    refusals *seen = context;
    seen->calls++;
    seen->code = error->code;
    return seen->again && subject && message_id;
}

TEST("a message that no stream takes is asked about, and given up when that is the answer")
{
    refusals seen = {.again = false};
    cat_publisher_options options = {.on_refused = on_refused, .context = &seen};
    cat_autoptr(cat_publisher) publisher = cat_publisher_create(spine, &options);
    EXPECT_INT(send_one(publisher, "nobody.takes.this", "lost"), 0);
    EXPECT_INT(cat_publisher_flush(publisher, 20000, NULL), 0);
    EXPECT_INT(seen.calls, 1);
    EXPECT_INT(seen.code, CAT_E_NOT_FOUND);
}

TEST("a message larger than the server takes is refused, and does not stay for ever")
{
    REQUIRE(make_stream("heavy", "heavy.>", 64 << 20, false));
    refusals seen = {.again = false};
    cat_publisher_options options = {.on_refused = on_refused, .context = &seen};
    cat_autoptr(cat_publisher) publisher = cat_publisher_create(spine, &options);
    size_t length = (1 << 20) + 1; /* the server takes 1 MiB */
    cat_autofree char *body = cat_calloc(length, 1);
    cat_publication heavy = {
        .subject = "heavy.1", .message_id = "h1", .body = body, .length = length, .expected_subject_sequence = -1};
    EXPECT_INT(cat_publisher_send(publisher, &heavy, NULL), 0);
    EXPECT_INT(send_one(publisher, "heavy.2", "h2"), 0);
    EXPECT_INT(cat_publisher_flush(publisher, 10000, NULL), 0);
    EXPECT_INT(cat_publisher_pending(publisher), 0);
    EXPECT_INT(seen.calls, 1);
    EXPECT_INT(seen.code, CAT_E_TOO_LARGE);
}

TEST("a message that is refused for want of room is stored when there is room again")
{
    REQUIRE(make_stream("narrow", "narrow.>", 1024, true));
    refusals seen = {.again = true};
    cat_publisher_options options = {.on_refused = on_refused, .context = &seen};
    cat_autoptr(cat_publisher) publisher = cat_publisher_create(spine, &options);
    char id[32];
    for (int i = 0; i < 40; i++) {
        snprintf(id, sizeof(id), "narrow-%d", i);
        EXPECT_INT(send_one(publisher, "narrow.a", id), 0);
    }
    for (int i = 0; i < 200 && seen.calls == 0; i++)
        pause_ms(20);
    EXPECT_INT(seen.code, CAT_E_LIMIT);
    EXPECT(cat_publisher_pending(publisher) > 0);
    REQUIRE(make_stream("narrow", "narrow.>", 1 << 20, true));
    EXPECT_INT(cat_publisher_flush(publisher, 20000, NULL), 0);
    unsigned stored[40] = {0};
    EXPECT_INT(count_ids("narrow", "narrow-", stored, 40), 40);
}

TEST("what is sent before there is a connection again is stored after it")
{
    REQUIRE(make_stream("later", "later.>", 1 << 20, false));
    cat_autoptr(cat_publisher) publisher = cat_publisher_create(spine, NULL);
    nats_fixture_kill(nats);
    while (cat_spine_is_connected(spine))
        pause_ms(5);
    EXPECT_INT(send_one(publisher, "later.a", "later-0"), 0);
    EXPECT_INT(cat_publisher_flush(publisher, 200, NULL), CAT_E_TIMEOUT);
    nats_fixture_restart(nats);
    EXPECT_INT(cat_publisher_flush(publisher, 20000, NULL), 0);
    unsigned stored[1] = {0};
    EXPECT_INT(count_ids("later", "later-", stored, 1), 1);
    EXPECT_INT(stored[0], 1);
}

TEST("what cannot be published is refused by the send itself")
{
    cat_autoptr(cat_publisher) publisher = cat_publisher_create(spine, NULL);
    EXPECT_INT(send_one(publisher, "a.*", NULL), CAT_E_INVALID);
    EXPECT_INT(cat_publisher_pending(publisher), 0);
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
