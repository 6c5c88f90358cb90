/* state = fold(log): random logs in random batches, with redeliveries, crashes and take-overs, give the same bytes. A failing seed is printed; run it again with
 * CATALYST_TEST_SEED. */
#include "fold.h"

#include "base/random.h"
#include "base/test.h"
#include "fold_testing.h"

#define COMMIT_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static uint64_t random_state;

static unsigned chance(unsigned limit)
{
    random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(random_state >> 33) % limit;
}

/* A log of an Environment in which much happens: four Applications in two vclusters. */

static const char *const APPLICATIONS[] = {"blog", "shop", "wiki", "mail"};
static const char *const CLUSTERS[] = {"hz-fsn-rtz-dev-acme", "hz-hel-rtz-dev-acme"};
static const char *const KINDS[][2] = {{"Deployment", "apps"}, {"Pod", ""}, {"Service", ""}, {"Kustomization", "kustomize.toolkit.fluxcd.io"}, {"Secret", ""}};

static char *object_data(const char *cluster, unsigned epoch, unsigned version, const char *kind, const char *group, const char *app, bool deleted, bool well)
{
    cat_autofree char *object = deleted ? NULL
                                        : cat_printf(",\"object\":{\"apiVersion\":\"%s%sv1\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s-dev\","
                                                     "\"generation\":%u,\"labels\":{\"openova.io/application\":\"%s\",\"openova.io/blueprint\":\"bp-%s\"}},"
                                                     "\"spec\":{\"replicas\":2},\"status\":{\"observedGeneration\":%u,\"replicas\":2,\"updatedReplicas\":2,"
                                                     "\"readyReplicas\":%d,\"availableReplicas\":%d,\"lastAppliedRevision\":\"develop@sha1:" COMMIT_A "\"}}",
                                                     group, *group ? "/" : "", kind, app, app, version, app, app, version, well ? 2 : 1, well ? 2 : 1);
    return cat_printf("{\"cluster\":\"%s\",\"epoch\":%u,\"uid\":\"u-%s-%u\",\"resourceVersion\":\"%u\",\"kind\":\"%s\",\"group\":\"%s\",\"version\":\"v1\","
                      "\"namespace\":\"%s-dev\",\"name\":\"%s\"%s}",
                      cluster, epoch, app, epoch, version, kind, group, app, app, object ? object : "");
}

static test_event random_object(size_t number, int64_t time_ms)
{
    const char *app = APPLICATIONS[chance(4)], *cluster = CLUSTERS[chance(2)];
    unsigned kind = chance(5), epoch = number > 300 ? 2 : 1, version = (unsigned)number - (chance(6) == 0 ? chance(20) % (unsigned)(number + 1) : 0);
    bool deleted = chance(4) == 0;
    cat_autofree char *data = object_data(cluster, epoch, version, KINDS[kind][0], KINDS[kind][1], app, deleted, chance(3) > 0);
    cat_autofree char *id = cat_printf("%s/%u/%u/%zu", cluster, epoch, version, number);
    return test_event_make("ws.acme-dev.k8s.x.y.z", deleted ? "k8s.deleted" : "k8s.object", id, time_ms, "", data);
}

static test_event random_push(size_t number, int64_t time_ms)
{
    const char *app = APPLICATIONS[chance(4)];
    cat_autofree char *data = cat_printf("{\"application\":\"%s\",\"repository\":\"acme/%s\",\"branch\":\"develop\",\"before\":\"%040zx\",\"after\":\"%040zx\","
                                         "\"commits\":[{\"id\":\"%040zx\",\"message\":\"change %zu\",\"time\":\"2025-11-24T16:00:00Z\",\"author\":{\"name\":\"Alice\"},"
                                         "\"files\":[\"values.yaml\"]}]}",
                                         app, app, number - chance(3), number + 1, number + 1, number);
    cat_autofree char *id = cat_printf("gitea/%zu", number);
    return test_event_make("ws.acme-dev.git.x", "git.push", id, time_ms, "", data);
}

static test_event random_operation(size_t number, int64_t time_ms)
{
    unsigned id = chance(6);
    cat_autofree char *data = cat_printf("{\"operation\":\"op%u\",\"kind\":\"install\",\"application\":\"blog\",\"status\":\"Running\",\"sequence\":%zu,\"steps\":[]}", id,
                                         number - chance(9) % (number + 1));
    cat_autofree char *event_id = cat_printf("op%u/%zu", id, number);
    return test_event_make("ws.acme-dev.operation.op", "operation.step", event_id, time_ms, "", data);
}

static test_event random_event(size_t number, int64_t *time_ms)
{
    *time_ms += chance(200) == 0 ? 90 * 60 * 1000 : chance(40000);
    unsigned what = chance(20);
    if (what < 14)
        return random_object(number, *time_ms);
    if (what < 17)
        return random_push(number, *time_ms);
    if (what < 19)
        return random_operation(number, *time_ms);
    return test_event_make("ws.acme-dev.k8s.x.y.z", "k8s.object", "poison", *time_ms, "", "{\"cluster\":7}");
}

static test_event *random_log(size_t count)
{
    test_event *log = cat_calloc(count, sizeof *log);
    int64_t time_ms = FOLD_TEST_START_MS;
    for (size_t i = 0; i < count; i++)
        log[i] = random_event(i + 1, &time_ms);
    return log;
}

static void free_log(test_event *log, size_t count)
{
    for (size_t i = 0; i < count; i++)
        test_event_finish(&log[i]);
    free(log);
}

static char *fold_at_once(const test_event *log, size_t count)
{
    fold *state = fold_create("acme", "acme-dev");
    cat_map *bucket = cat_map_create(free);
    for (size_t i = 0; i < count; i++)
        test_apply(state, &log[i], i + 1, NULL);
    test_write(state, bucket);
    char *dump = test_dump(bucket);
    cat_map_destroy(bucket);
    fold_destroy(state);
    return dump;
}

/* A new holder reads the bucket, in an order of its own. */
static fold *take_over(const cat_map *bucket, int64_t time_ms)
{
    fold *state = fold_create("acme", "acme-dev");
    fold_set_time_ms(state, time_ms);
    size_t at = 0, count = 0;
    const char *key;
    void *value;
    const char **keys = cat_calloc(cat_map_count(bucket) + 1, sizeof *keys);
    while (cat_map_next(bucket, &at, &key, &value))
        keys[count++] = key;
    for (; count > 0; count--) {
        size_t pick = chance((unsigned)count);
        const char *text = cat_map_get(bucket, keys[pick]);
        EXPECT_INT(fold_load(state, keys[pick], text, strlen(text), NULL), 0);
        keys[pick] = keys[count - 1];
    }
    free(keys);
    fold_derive_all(state);
    return state;
}

/* Random batches; now and then what was folded is lost before it is written, or another holder goes on; recent events come again. */
static char *fold_with_accidents(const test_event *log, size_t count)
{
    fold *state = fold_create("acme", "acme-dev");
    cat_map *bucket = cat_map_create(free);
    size_t cursor = 0;
    int64_t time_ms = 0;
    while (cursor < count) {
        size_t end = cursor + 1 + chance(30);
        end = end < count ? end : count;
        for (size_t i = cursor; i < end; i++)
            test_apply(state, &log[i], i + 1, NULL);
        for (unsigned again = chance(3); again > 0 && end > 8; again--) {
            size_t i = end - 1 - chance(5);
            test_apply(state, &log[i], i + 1, NULL);
        }
        if (chance(10) == 0) { /* lost before it was written */
            fold_destroy(state);
            state = take_over(bucket, time_ms);
            EXPECT_INT(test_write(state, bucket), 0);
            continue;
        }
        test_write(state, bucket);
        cursor = end;
        time_ms = fold_time_ms(state);
        if (chance(10) == 0) { /* another holder */
            fold_destroy(state);
            state = take_over(bucket, time_ms);
            EXPECT_INT(test_write(state, bucket), 0);
        }
        if (chance(5) == 0)
            fold_trim(state);
    }
    char *dump = test_dump(bucket);
    cat_map_destroy(bucket);
    fold_destroy(state);
    return dump;
}

TEST("whatever the batches, redeliveries, crashes and take-overs, the same log gives the same bytes")
{
    const char *given = getenv("CATALYST_TEST_SEED");
    for (int round = 0; round < 12; round++) {
        uint64_t seed = given ? strtoull(given, NULL, 10) : cat_random_below(1000000000);
        cat_test_row("CATALYST_TEST_SEED=%llu", (unsigned long long)seed);
        random_state = seed;
        size_t count = 200 + chance(400);
        test_event *log = random_log(count);
        cat_autofree char *expected = fold_at_once(log, count);
        EXPECT(strlen(expected) > 1000);
        for (int variant = 0; variant < 3; variant++) {
            cat_autofree char *actual = fold_with_accidents(log, count);
            EXPECT(strcmp(actual, expected) == 0);
        }
        free_log(log, count);
        if (given)
            break;
    }
}

/* Publishers may repeat an event beyond the server's window of two minutes: it then stands in the log twice. */
TEST("an event that stands in the log twice changes no byte the second time")
{
    for (int round = 0; round < 8; round++) {
        uint64_t seed = cat_random_below(1000000000);
        cat_test_row("seed %llu", (unsigned long long)seed);
        random_state = seed;
        size_t count = 150;
        test_event *log = random_log(count);
        fold *state = fold_create("acme", "acme-dev");
        cat_map *bucket = cat_map_create(free);
        uint64_t sequence = 0;
        for (size_t i = 0; i < count; i++) {
            test_apply(state, &log[i], ++sequence, NULL);
            test_write(state, bucket);
            size_t again = i - (i > 10 ? chance(10) : 0);
            test_apply(state, &log[again], ++sequence, NULL);
            EXPECT_INT(test_write(state, bucket), 0);
        }
        cat_map_destroy(bucket);
        fold_destroy(state);
        free_log(log, count);
    }
}

/* Within one vcluster and resource the last one in the order of Kubernetes wins, however its events are mixed. */
TEST("the events of one object end in the same state in any order")
{
    for (int round = 0; round < 20; round++) {
        random_state = cat_random_below(1000000000);
        cat_test_row("seed %llu", (unsigned long long)random_state);
        enum { EVENTS = 8 };
        test_event log[EVENTS];
        for (unsigned i = 0; i < EVENTS; i++) {
            bool deleted = i % 3 == 2;
            cat_autofree char *data = object_data(CLUSTERS[0], 1 + i / 5, 10 + i * 7 % 5, "Deployment", "apps", "blog", deleted, i % 2);
            log[i] = test_event_make("ws.acme-dev.k8s.x.y.z", deleted ? "k8s.deleted" : "k8s.object", "id", FOLD_TEST_START_MS, "", data);
        }
        cat_autofree char *first = NULL;
        for (int shuffle = 0; shuffle < 6; shuffle++) {
            fold *state = fold_create("acme", "acme-dev");
            cat_map *bucket = cat_map_create(free);
            for (unsigned i = EVENTS; i > 0; i--) {
                unsigned pick = chance(i);
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
            cat_autofree char *version = text && strstr(text, "\"resourceVersion\"") ? cat_strndup(strstr(text, "\"resourceVersion\""), 24) : NULL;
            if (first)
                EXPECT_TEXT(version, first);
            else
                first = cat_take(version);
            cat_map_destroy(bucket);
            fold_destroy(state);
        }
        for (unsigned i = 0; i < EVENTS; i++)
            test_event_finish(&log[i]);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
