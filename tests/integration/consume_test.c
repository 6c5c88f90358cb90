/* svc/consume.h with a real server. */
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/test.h"
#include "nats_fixture.h"
#include "svc/consume.h"

#define PATIENCE_MS 30000
#define NUMBERS 64

static nats_fixture *nats;
static cat_spine *spine;

/* Numbers that were heard. `not_yet`: each is given back once; `slow_ms`: takes as long; `holds`: waits until it may end. */
typedef struct {
    atomic_uint heard[NUMBERS], all, at_work, most_at_work;
    bool not_yet, holds;
    int64_t slow_ms;
    sem_t began, may_end;
} hearing;

static hearing *begin(void)
{
    hearing *one = cat_calloc(1, sizeof *one);
    sem_init(&one->began, 0, 0);
    sem_init(&one->may_end, 0, 0);
    return one;
}

static bool hear(void *context, const cat_message *message, int64_t *again_ms)
{
    hearing *one = context;
    int number = atoi(message->data);
    unsigned now = atomic_fetch_add(&one->at_work, 1) + 1, most = atomic_load(&one->most_at_work);
    while (now > most && !atomic_compare_exchange_weak(&one->most_at_work, &most, now))
        ;
    sem_post(&one->began);
    if (one->slow_ms)
        cat_clock_system()->sleep_ms(cat_clock_system(), one->slow_ms);
    if (one->holds)
        sem_wait(&one->may_end);
    atomic_fetch_sub(&one->at_work, 1);
    atomic_fetch_add(&one->heard[number % NUMBERS], 1);
    atomic_fetch_add(&one->all, 1);
    *again_ms = 10;
    return !one->not_yet || message->delivered > 1;
}

static bool make_queue(const char *name)
{
    cat_stream_config config = {.name = name, .subjects = {name}, .max_bytes = 1 << 20, .work_queue = true};
    return cat_stream_ensure(spine, &config, NULL) == 0;
}

static bool put(const char *queue, int number)
{
    char body[16];
    snprintf(body, sizeof body, "%d", number);
    cat_publication one = {.subject = queue, .body = body, .length = strlen(body), .expected_subject_sequence = -1};
    return cat_spine_publish(spine, &one, NULL, NULL, NULL) == 0;
}

static bool put_many(const char *queue, int count)
{
    for (int i = 0; i < count; i++)
        if (!put(queue, i))
            return false;
    return true;
}

static cat_consume *start(const char *queue, cat_consume_options options, hearing *one)
{
    options.spine = spine;
    options.what = "a test's numbers";
    options.consumer.stream = queue;
    options.consumer.durable = "workers";
    options.handle = hear;
    options.context = one;
    return cat_consume_start(&options);
}

static bool comes_to(atomic_uint *value, unsigned wanted)
{
    const cat_clock *clock = cat_clock_system();
    int64_t until_ms = clock->monotonic_ms(clock) + PATIENCE_MS;
    while (atomic_load(value) < wanted && clock->monotonic_ms(clock) < until_ms)
        clock->sleep_ms(clock, 5);
    return atomic_load(value) >= wanted;
}

/* What was acknowledged is gone from a work queue. */
static bool empties(const char *queue)
{
    const cat_clock *clock = cat_clock_system();
    cat_stream_info info = {.messages = 1};
    for (int64_t until_ms = clock->monotonic_ms(clock) + PATIENCE_MS; info.messages && clock->monotonic_ms(clock) < until_ms;
         clock->sleep_ms(clock, 5))
        if (cat_stream_get_info(spine, queue, &info, NULL) < 0)
            info.messages = 1;
    return info.messages == 0;
}

static bool each_heard(hearing *one, int count, unsigned times)
{
    for (int i = 0; i < count; i++)
        if (atomic_load(&one->heard[i]) != times)
            return false;
    return true;
}

static void finish(hearing *one)
{
    sem_destroy(&one->began);
    sem_destroy(&one->may_end);
    free(one);
}

TEST("each message is handled once and leaves the queue, those from before and those that come later")
{
    hearing *one = begin();
    REQUIRE(make_queue("plain") && put_many("plain", 10));
    cat_consume *consume = start("plain", (cat_consume_options){.at_once = 4}, one);
    EXPECT(comes_to(&one->all, 10));
    REQUIRE(put("plain", 10));
    EXPECT(comes_to(&one->all, 11) && empties("plain"));
    cat_consume_stop(consume);
    EXPECT(each_heard(one, 11, 1));
    finish(one);
}

TEST("a message that is given back comes again")
{
    hearing *one = begin();
    one->not_yet = true;
    REQUIRE(make_queue("again") && put_many("again", 5));
    cat_consume *consume = start("again", (cat_consume_options){0}, one);
    EXPECT(comes_to(&one->all, 10) && empties("again"));
    cat_consume_stop(consume);
    EXPECT(each_heard(one, 5, 2));
    finish(one);
}

TEST("several threads handle several messages at a time")
{
    hearing *one = begin();
    one->holds = true;
    REQUIRE(make_queue("many") && put_many("many", 3));
    cat_consume *consume = start("many", (cat_consume_options){.threads = 3}, one);
    for (int i = 0; i < 3; i++)
        sem_wait(&one->began);
    for (int i = 0; i < 3; i++)
        sem_post(&one->may_end);
    EXPECT(empties("many"));
    cat_consume_stop(consume);
    EXPECT_INT(atomic_load(&one->most_at_work), 3);
    finish(one);
}

TEST("what is told of as in progress is given to nobody else, however long it takes")
{
    hearing *one = begin();
    one->slow_ms = 3500;
    REQUIRE(make_queue("slow") && put("slow", 0));
    cat_consume_options options = {.threads = 2, .in_progress_ms = 200, .consumer = {.ack_wait_ms = 1000}};
    cat_consume *consume = start("slow", options, one);
    EXPECT(empties("slow"));
    cat_consume_stop(consume);
    EXPECT(each_heard(one, 1, 1));
    finish(one);
}

TEST("a stop lets what is in hand end, and acknowledges it")
{
    hearing *one = begin();
    one->slow_ms = 300;
    REQUIRE(make_queue("stop") && put("stop", 0));
    cat_consume *consume = start("stop", (cat_consume_options){0}, one);
    sem_wait(&one->began);
    cat_consume_stop(consume);
    EXPECT(each_heard(one, 1, 1));
    EXPECT(empties("stop"));
    finish(one);
}

TEST("a consumer that somebody deleted is made again")
{
    hearing *one = begin();
    REQUIRE(make_queue("deleted") && put("deleted", 0));
    cat_consume *consume = start("deleted", (cat_consume_options){0}, one);
    EXPECT(comes_to(&one->all, 1) && empties("deleted"));
    REQUIRE(cat_consumer_delete_named(spine, "deleted", "workers", NULL) == 0);
    REQUIRE(put("deleted", 1));
    EXPECT(empties("deleted"));
    cat_consume_stop(consume);
    EXPECT(each_heard(one, 2, 1));
    finish(one);
}

TEST("a queue goes on after the server was killed")
{
    hearing *one = begin();
    REQUIRE(make_queue("killed") && put("killed", 0));
    cat_consume *consume = start("killed", (cat_consume_options){0}, one);
    EXPECT(comes_to(&one->all, 1) && empties("killed"));
    nats_fixture_kill(nats);
    nats_fixture_restart(nats);
    const cat_clock *clock = cat_clock_system();
    for (int64_t until_ms = clock->monotonic_ms(clock) + PATIENCE_MS; !put("killed", 1) && clock->monotonic_ms(clock) < until_ms;)
        clock->sleep_ms(clock, 50);
    EXPECT(comes_to(&one->heard[1], 1) && empties("killed"));
    cat_consume_stop(consume);
    finish(one);
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
