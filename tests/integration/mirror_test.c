/* svc/mirror.h with a real server. */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/test.h"
#include "nats_fixture.h"
#include "svc/mirror.h"

#define PATIENCE_MS 20000

static nats_fixture *nats;
static cat_spine *spine;

static bool make_bucket(const char *bucket)
{
    cat_bucket_config config = {.bucket = bucket, .max_bytes = 16 << 20, .marker_ttl_ms = 3600000, .allow_atomic = true};
    return cat_bucket_ensure(spine, &config, NULL) == 0;
}

static bool put(const char *bucket, const char *key, const char *value)
{
    return cat_kv_put(spine, bucket, &(cat_kv_write){key, value, strlen(value), -1}, NULL, NULL) == 0;
}

static cat_mirror *start(cat_mirror_options options)
{
    cat_mirror *mirror = NULL;
    cat_error error = {0};
    options.spine = spine;
    options.what = "a test's value";
    if (cat_mirror_start(&options, &mirror, &error) < 0 || !cat_mirror_wait(mirror, PATIENCE_MS))
        fprintf(stderr, "no mirror of %s: %s\n", options.bucket, error.message);
    return mirror;
}

/* Until `key` has the number, or -1: is not there. */
static bool comes_to(cat_mirror *mirror, const char *key, int64_t number)
{
    const cat_clock *clock = cat_clock_system();
    for (int64_t until_ms = clock->monotonic_ms(clock) + PATIENCE_MS; clock->monotonic_ms(clock) < until_ms;
         clock->sleep_ms(clock, 5)) {
        if (cat_mirror_acquire(mirror, NULL, NULL) < 0)
            continue;
        int64_t is = cat_json_int_or(cat_mirror_get(mirror, key), "n", -1);
        cat_mirror_release(mirror);
        if (is == number)
            return true;
    }
    return false;
}

TEST("a mirror holds what is there, learns of changes and forgets what was deleted")
{
    REQUIRE(make_bucket("plain") && put("plain", "a", "{\"n\": 1}") && put("plain", "b", "{\"n\": 2}"));
    cat_mirror *mirror = start((cat_mirror_options){.bucket = "plain"});
    REQUIRE(mirror);
    uint64_t revision = 0;
    REQUIRE(cat_mirror_acquire(mirror, &revision, NULL) == 0);
    EXPECT_INT(cat_mirror_count(mirror), 2);
    EXPECT_INT(revision, 2);
    EXPECT_INT(cat_json_int_or(cat_mirror_get(mirror, "b"), "n", 0), 2);
    EXPECT(cat_mirror_get(mirror, "c") == NULL);
    cat_mirror_release(mirror);
    REQUIRE(put("plain", "a", "{\"n\": 3}") && cat_kv_delete(spine, "plain", "b", -1, NULL) == 0);
    EXPECT(comes_to(mirror, "a", 3));
    EXPECT(comes_to(mirror, "b", -1));
    cat_mirror_stop(mirror);
}

TEST("a mirror of an empty bucket is ready, and one of none is not made")
{
    REQUIRE(make_bucket("empty"));
    cat_mirror *mirror = start((cat_mirror_options){.bucket = "empty"}), *none = NULL;
    REQUIRE(mirror);
    REQUIRE(cat_mirror_acquire(mirror, NULL, NULL) == 0);
    EXPECT_INT(cat_mirror_count(mirror), 0);
    cat_mirror_release(mirror);
    cat_mirror_stop(mirror);
    cat_error error = {0};
    EXPECT_INT(cat_mirror_start(&(cat_mirror_options){.spine = spine, .bucket = "nowhere", .what = "nothing"}, &none, &error),
               CAT_E_NOT_FOUND);
    EXPECT(none == NULL);
}

static bool is_public(const char *key)
{
    return *key != '_';
}

TEST("a mirror keeps neither what it does not want nor what is no JSON, and a broken value leaves the former one")
{
    REQUIRE(make_bucket("mixed") && put("mixed", "a", "{\"n\": 1}") && put("mixed", "_b", "{\"n\": 2}"));
    cat_mirror *mirror = start((cat_mirror_options){.bucket = "mixed", .wants = is_public});
    REQUIRE(mirror);
    REQUIRE(put("mixed", "a", "{broken") && put("mixed", "c", "{\"n\": 3}"));
    EXPECT(comes_to(mirror, "c", 3));
    EXPECT(comes_to(mirror, "a", 1));
    EXPECT(comes_to(mirror, "_b", -1));
    cat_mirror_stop(mirror);
}

TEST("a mirror with a filter holds that part alone")
{
    REQUIRE(make_bucket("parts") && put("parts", "x.a", "{\"n\": 1}") && put("parts", "y.a", "{\"n\": 2}"));
    cat_mirror *mirror = start((cat_mirror_options){.bucket = "parts", .filter = "x.>"});
    REQUIRE(mirror);
    cat_mirror_peek(mirror);
    EXPECT_INT(cat_mirror_count(mirror), 1);
    EXPECT(cat_mirror_get(mirror, "x.a") != NULL);
    cat_mirror_release(mirror);
    cat_mirror_stop(mirror);
}

/* A structure of the caller's: a sum. */
typedef struct {
    cat_map *numbers;
    int64_t sum; /* settled */
    unsigned clears;
    atomic_uint changes, readies, losses;
} adding;

static int add(void *context, const char *key, json_t *value_taken, cat_error *error)
{
    adding *all = context;
    cat_autojson json_t *value = value_taken;
    (void)error;
    if (value)
        cat_map_set(all->numbers, key, cat_printf("%lld", (long long)cat_json_int_or(value, "n", 0)));
    else
        cat_map_remove(all->numbers, key);
    return 0;
}

static void clear(void *context)
{
    adding *all = context;
    cat_map_clear(all->numbers);
    all->clears++;
}

static void settle(void *context)
{
    adding *all = context;
    size_t at = 0;
    const char *key;
    void *number;
    all->sum = 0;
    while (cat_map_next(all->numbers, &at, &key, &number))
        all->sum += atoll(number);
}

static void note_state(void *context, bool ready)
{
    adding *all = context;
    atomic_fetch_add(ready ? &all->readies : &all->losses, 1);
}

static void note_change(void *context, const char *key)
{
    (void)key;
    adding *all = context;
    atomic_fetch_add(&all->changes, 1);
}

static cat_mirror_options adding_of(adding *all, const char *bucket)
{
    *all = (adding){.numbers = cat_map_create(free)};
    return (cat_mirror_options){.bucket = bucket,
                                .take = add,
                                .clear = clear,
                                .settle = settle,
                                .on_state = note_state,
                                .on_changed = note_change,
                                .context = all};
}

static bool sums_to(cat_mirror *mirror, adding *all, int64_t wanted)
{
    const cat_clock *clock = cat_clock_system();
    for (int64_t until_ms = clock->monotonic_ms(clock) + PATIENCE_MS; clock->monotonic_ms(clock) < until_ms;
         clock->sleep_ms(clock, 5)) {
        if (cat_mirror_acquire(mirror, NULL, NULL) < 0)
            continue;
        bool equal = all->sum == wanted;
        cat_mirror_release(mirror);
        if (equal)
            return true;
    }
    return false;
}

TEST("what a mirror gives into a structure of the caller's is settled before it is read, and changes are told once it was read")
{
    adding all;
    REQUIRE(make_bucket("sum") && put("sum", "a", "{\"n\": 1}") && put("sum", "b", "{\"n\": 2}"));
    cat_mirror *mirror = start(adding_of(&all, "sum"));
    REQUIRE(mirror);
    EXPECT(sums_to(mirror, &all, 3));
    EXPECT_INT(atomic_load(&all.changes), 0);
    REQUIRE(put("sum", "b", "{\"n\": 40}"));
    EXPECT(sums_to(mirror, &all, 41));
    cat_mirror_stop(mirror);
    EXPECT_INT(atomic_load(&all.changes), 1);
    EXPECT_INT(atomic_load(&all.readies), 1);
    EXPECT_INT(atomic_load(&all.losses), 0);
    cat_map_destroy(all.numbers);
}

TEST("a bucket that was made anew is read anew: nothing of the old one is left, and whoever keeps it is told")
{
    adding all;
    REQUIRE(make_bucket("anew") && put("anew", "a", "{\"n\": 1}") && put("anew", "b", "{\"n\": 2}"));
    cat_mirror *mirror = start(adding_of(&all, "anew"));
    REQUIRE(mirror);
    EXPECT(sums_to(mirror, &all, 3));
    REQUIRE(cat_bucket_delete(spine, "anew", NULL) == 0 && make_bucket("anew") && put("anew", "c", "{\"n\": 70}"));
    EXPECT(sums_to(mirror, &all, 70));
    cat_mirror_peek(mirror);
    EXPECT_INT(cat_mirror_incarnation(mirror), 1);
    cat_mirror_release(mirror);
    cat_mirror_stop(mirror);
    EXPECT_INT(all.clears, 1);
    EXPECT_INT(atomic_load(&all.losses), 1);
    EXPECT_INT(atomic_load(&all.readies), 2);
    cat_map_destroy(all.numbers);
}

TEST("a mirror goes on after the server was killed")
{
    REQUIRE(make_bucket("killed") && put("killed", "a", "{\"n\": 1}"));
    cat_mirror *mirror = start((cat_mirror_options){.bucket = "killed"});
    REQUIRE(mirror);
    nats_fixture_kill(nats);
    nats_fixture_restart(nats);
    const cat_clock *clock = cat_clock_system();
    for (int64_t until_ms = clock->monotonic_ms(clock) + PATIENCE_MS;
         !put("killed", "a", "{\"n\": 2}") && clock->monotonic_ms(clock) < until_ms;)
        clock->sleep_ms(clock, 50);
    EXPECT(comes_to(mirror, "a", 2));
    cat_mirror_stop(mirror);
}

typedef struct {
    cat_mirror *mirror;
    adding *all;
    atomic_bool stopping;
    bool torn;
} reading;

static void *read_often(void *context)
{
    reading *one = context;
    while (!atomic_load(&one->stopping)) {
        if (cat_mirror_acquire(one->mirror, NULL, NULL) < 0)
            continue;
        int64_t sum = 0;
        size_t at = 0;
        const char *key;
        void *number;
        while (cat_map_next(one->all->numbers, &at, &key, &number))
            sum += atoll(number);
        one->torn = one->torn || sum != one->all->sum;
        cat_mirror_release(one->mirror);
    }
    return NULL;
}

TEST("readers of a mirror that changes never see half a change")
{
    adding all;
    REQUIRE(make_bucket("busy") && put("busy", "a", "{\"n\": 0}"));
    cat_mirror *mirror = start(adding_of(&all, "busy"));
    REQUIRE(mirror);
    reading readers[3];
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        readers[i] = (reading){.mirror = mirror, .all = &all};
        REQUIRE(pthread_create(&threads[i], NULL, read_often, &readers[i]) == 0);
    }
    for (int i = 1; i <= 200; i++) {
        char value[32];
        snprintf(value, sizeof value, "{\"n\": %d}", i);
        REQUIRE(put("busy", i % 2 ? "a" : "b", value));
    }
    EXPECT(sums_to(mirror, &all, 399));
    for (int i = 0; i < 3; i++) {
        atomic_store(&readers[i].stopping, true);
        pthread_join(threads[i], NULL);
        EXPECT(!readers[i].torn);
    }
    cat_mirror_stop(mirror);
    cat_map_destroy(all.numbers);
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
