/* state = fold(log): random logs in random batches, with redeliveries, crashes and take-overs, give the same bytes. A failing
 * seed is printed; run it again with CATALYST_TEST_SEED. */
#include "core/fold.h"

#include "base/random.h"
#include "base/test.h"
#include "core/fold_testing.h"

static char *fold_at_once(const test_event *log, size_t count)
{
    prj_fold *state = prj_fold_create("acme", "acme-dev");
    cat_map *bucket = cat_map_create(free);
    for (size_t i = 0; i < count; i++)
        test_apply(state, &log[i], i + 1, NULL);
    test_write(state, bucket);
    char *dump = test_dump(bucket);
    cat_map_destroy(bucket);
    prj_fold_destroy(state);
    return dump;
}

/* A new holder reads the bucket, in an order of its own. */
static prj_fold *take_over(const cat_map *bucket, int64_t time_ms)
{
    prj_fold *state = prj_fold_create("acme", "acme-dev");
    prj_fold_set_time_ms(state, time_ms);
    size_t at = 0, count = 0;
    const char *key;
    void *value;
    const char **keys = cat_calloc(cat_map_count(bucket) + 1, sizeof *keys);
    while (cat_map_next(bucket, &at, &key, &value))
        keys[count++] = key;
    for (; count > 0; count--) {
        size_t pick = test_chance((unsigned)count);
        const char *text = cat_map_get(bucket, keys[pick]);
        EXPECT_INT(prj_fold_load(state, keys[pick], text, strlen(text), NULL), 0);
        keys[pick] = keys[count - 1];
    }
    free(keys);
    prj_fold_derive_all(state);
    return state;
}

/* What a tombstone forbade may come back when the tombstone has left: only while all that a late event could meet is younger does
 * it change nothing. */
static bool is_remembered(const prj_fold *state, const test_event *log, size_t now)
{
    return prj_fold_time_ms(state) - test_event_time(&log[now > 60 ? now - 60 : 0]) < FOLD_TOMBSTONE_MS;
}

/* Random batches; now and then what was folded is lost before it is written, or another holder goes on; recent events come again.
 */
static char *fold_with_accidents(const test_event *log, size_t count)
{
    prj_fold *state = prj_fold_create("acme", "acme-dev");
    cat_map *bucket = cat_map_create(free);
    size_t cursor = 0;
    int64_t time_ms = 0;
    while (cursor < count) {
        size_t end = cursor + 1 + test_chance(30);
        end = end < count ? end : count;
        for (size_t i = cursor; i < end; i++)
            test_apply(state, &log[i], i + 1, NULL);
        for (unsigned again = test_chance(3); again > 0 && end > 8 && is_remembered(state, log, end - 1); again--) {
            size_t i = end - 1 - test_chance(5);
            test_apply(state, &log[i], i + 1, NULL);
        }
        if (test_chance(10) == 0) { /* lost before it was written */
            prj_fold_destroy(state);
            state = take_over(bucket, time_ms);
            EXPECT_INT(test_write(state, bucket), 0);
            continue;
        }
        test_write(state, bucket);
        cursor = end;
        time_ms = prj_fold_time_ms(state);
        if (test_chance(10) == 0) { /* another holder */
            prj_fold_destroy(state);
            state = take_over(bucket, time_ms);
            EXPECT_INT(test_write(state, bucket), 0);
        }
        if (test_chance(5) == 0)
            prj_fold_trim(state);
    }
    char *dump = test_dump(bucket);
    cat_map_destroy(bucket);
    prj_fold_destroy(state);
    return dump;
}

TEST("whatever the batches, redeliveries, crashes and take-overs, the same log gives the same bytes")
{
    const char *given = getenv("CATALYST_TEST_SEED");
    bool explained = given != NULL;
    for (int round = 0; round < 12 || (!explained && round < 400); round++) {
        uint64_t seed = given ? strtoull(given, NULL, 10) : cat_random_below(1000000000);
        cat_test_row("CATALYST_TEST_SEED=%llu", (unsigned long long)seed);
        test_random_state = seed;
        size_t count = 200 + test_chance(400);
        test_event *log = test_random_log(count);
        cat_autofree char *expected = fold_at_once(log, count);
        EXPECT(strlen(expected) > 1000);
        explained |= strstr(expected, "\"explained\"") != NULL;
        for (int variant = 0; variant < 3; variant++) {
            cat_autofree char *actual = fold_with_accidents(log, count);
            EXPECT(strcmp(actual, expected) == 0);
        }
        test_free_log(log, count);
        if (given)
            break;
    }
    EXPECT(explained); /* rows that speak of each other were among them */
}

/* Publishers may repeat an event beyond the server's window of two minutes: it then stands in the log twice. */
TEST("an event that stands in the log twice changes no byte the second time")
{
    for (int round = 0; round < 8; round++) {
        uint64_t seed = cat_random_below(1000000000);
        cat_test_row("seed %llu", (unsigned long long)seed);
        test_random_state = seed;
        size_t count = 150;
        test_event *log = test_random_log(count);
        prj_fold *state = prj_fold_create("acme", "acme-dev");
        cat_map *bucket = cat_map_create(free);
        uint64_t sequence = 0;
        for (size_t i = 0; i < count; i++) {
            test_apply(state, &log[i], ++sequence, NULL);
            test_write(state, bucket);
            size_t again = i - (i > 10 ? test_chance(10) : 0);
            if (!is_remembered(state, log, i))
                continue;
            test_apply(state, &log[again], ++sequence, NULL);
            EXPECT_INT(test_write(state, bucket), 0);
        }
        cat_map_destroy(bucket);
        prj_fold_destroy(state);
        test_free_log(log, count);
    }
}

/* Within one vcluster and resource the last one in the order of Kubernetes wins, however its events are mixed. */
TEST("the events of one object end in the same state in any order")
{
    for (int round = 0; round < 20; round++) {
        test_random_state = cat_random_below(1000000000);
        cat_test_row("seed %llu", (unsigned long long)test_random_state);
        enum { EVENTS = 8 };
        test_event log[EVENTS];
        for (unsigned i = 0; i < EVENTS; i++) {
            bool deleted = i % 3 == 2;
            cat_autofree char *data =
                test_object_data(TEST_CLUSTERS[0], 1 + i / 5, 10 + i * 7 % 5, "Deployment", "apps", "blog", deleted, i % 2);
            log[i] = test_event_make("ws.acme-dev.k8s.x.y.z", deleted ? "k8s.deleted" : "k8s.object", "id", FOLD_TEST_START_MS,
                                     "", data);
        }
        cat_autofree char *first = NULL;
        for (int shuffle = 0; shuffle < 6; shuffle++) {
            prj_fold *state = prj_fold_create("acme", "acme-dev");
            cat_map *bucket = cat_map_create(free);
            for (unsigned i = EVENTS; i > 0; i--) {
                unsigned pick = test_chance(i);
                test_event held = log[pick];
                log[pick] = log[i - 1];
                log[i - 1] = held;
            }
            for (unsigned i = 0; i < EVENTS; i++)
                EXPECT_INT(test_apply(state, &log[i], 1, NULL), 0);
            test_write(state, bucket);
            const char *text = cat_map_get(bucket, "deployment.blog-dev.blog");
            EXPECT(text != NULL);
            /* Which version won is the same; a tombstone may know less when it never saw the object. */
            cat_autofree char *version =
                text && strstr(text, "\"resourceVersion\"") ? cat_strndup(strstr(text, "\"resourceVersion\""), 24) : NULL;
            if (first)
                EXPECT_TEXT(version, first);
            else
                first = cat_take(version);
            cat_map_destroy(bucket);
            prj_fold_destroy(state);
        }
        for (unsigned i = 0; i < EVENTS; i++)
            test_event_finish(&log[i]);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
