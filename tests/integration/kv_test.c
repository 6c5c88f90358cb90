#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/test.h"
#include "nats_fixture.h"
#include "net/kv.h"

static nats_fixture *nats;
static cat_spine *spine;

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static bool make_bucket(const char *bucket)
{
    cat_bucket_config config = {.bucket = bucket, .max_bytes = 16 << 20, .marker_ttl_ms = 3600000, .allow_atomic = true};
    return cat_bucket_ensure(spine, &config, NULL) == 0;
}

static int put(const char *bucket, const char *key, const char *value, int64_t expected, uint64_t *revision)
{
    return cat_kv_put(spine, bucket, &(cat_kv_write){key, value, strlen(value), expected}, revision, NULL);
}

TEST("a key is put, read, changed at its revision, and a wrong revision is a conflict")
{
    REQUIRE(make_bucket("basic"));
    uint64_t first = 0, second = 0;
    EXPECT_INT(put("basic", "pod.blog-dev.web-0", "one", 0, &first), 0);
    EXPECT_INT(put("basic", "pod.blog-dev.web-0", "again", 0, NULL), CAT_E_CONFLICT);
    EXPECT_INT(put("basic", "pod.blog-dev.web-0", "two", (int64_t)first, &second), 0);
    EXPECT_INT(put("basic", "pod.blog-dev.web-0", "three", (int64_t)first, NULL), CAT_E_CONFLICT);
    cat_auto(cat_kv_entry) entry = {0};
    REQUIRE(cat_kv_get(spine, "basic", "pod.blog-dev.web-0", &entry, NULL) == 0);
    EXPECT_TEXT(entry.key, "pod.blog-dev.web-0");
    EXPECT_TEXT(entry.value, "two");
    EXPECT_INT(entry.length, 3);
    EXPECT_INT(entry.revision, second);
    EXPECT(entry.time_ms > 1700000000000);
    EXPECT_INT(put("basic", "pod.blog-dev.web-0", "three", -1, NULL), 0);
}

TEST("a deleted key is not found, tells its marker's revision, and can be made anew as if it had never been")
{
    REQUIRE(make_bucket("deleted"));
    uint64_t first = 0, again = 0;
    REQUIRE(put("deleted", "a", "one", 0, &first) == 0);
    EXPECT_INT(cat_kv_delete(spine, "deleted", "a", (int64_t)first + 1, NULL), CAT_E_CONFLICT);
    EXPECT_INT(cat_kv_delete(spine, "deleted", "a", (int64_t)first, NULL), 0);
    cat_auto(cat_kv_entry) entry = {0};
    EXPECT_INT(cat_kv_get(spine, "deleted", "a", &entry, NULL), CAT_E_NOT_FOUND);
    EXPECT_INT(entry.revision, first + 1);
    EXPECT(entry.value == NULL);
    EXPECT_INT(put("deleted", "a", "two", 0, &again), 0);
    EXPECT_INT(again, first + 2);
}

TEST("a marker goes away after its time")
{
    cat_bucket_config config = {.bucket = "marker", .max_bytes = 1 << 20, .marker_ttl_ms = 1000, .allow_atomic = true};
    REQUIRE(cat_bucket_ensure(spine, &config, NULL) == 0);
    REQUIRE(put("marker", "a", "one", 0, NULL) == 0);
    REQUIRE(cat_kv_delete(spine, "marker", "a", -1, NULL) == 0);
    cat_stream_info info = {0};
    for (int i = 0; i < 200; i++) {
        REQUIRE(cat_bucket_get_info(spine, "marker", &info, NULL) == 0);
        if (info.messages == 0)
            break;
        pause_ms(50);
    }
    EXPECT_INT(info.messages, 0);
}

TEST("what is missing or misnamed says so")
{
    REQUIRE(make_bucket("errors"));
    cat_auto(cat_kv_entry) entry = {0};
    EXPECT_INT(cat_kv_get(spine, "errors", "none", &entry, NULL), CAT_E_NOT_FOUND);
    EXPECT_INT(entry.revision, 0);
    EXPECT_INT(cat_kv_get(spine, "no-bucket", "none", &entry, NULL), CAT_E_NOT_FOUND);
    EXPECT_INT(put("no-bucket", "a", "b", -1, NULL), CAT_E_NOT_FOUND);
    static const char *const KEYS[] = {"", ".a", "a.", "a..b", "a b", "a*", ">", "a\nb", "ä"};
    for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++) {
        cat_test_row("key \"%s\"", KEYS[i]);
        EXPECT_INT(put("errors", KEYS[i], "b", -1, NULL), CAT_E_INVALID);
        EXPECT_INT(cat_kv_delete(spine, "errors", KEYS[i], -1, NULL), CAT_E_INVALID);
    }
}

TEST("a full bucket refuses a new value and keeps the old ones")
{
    cat_bucket_config config = {.bucket = "full", .max_bytes = 4096};
    REQUIRE(cat_bucket_ensure(spine, &config, NULL) == 0);
    char value[1000];
    memset(value, 'x', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    REQUIRE(put("full", "a", "kept", -1, NULL) == 0);
    int result = 0;
    for (int i = 0; i < 10 && result == 0; i++) {
        char key[16];
        snprintf(key, sizeof(key), "k%d", i);
        result = put("full", key, value, -1, NULL);
    }
    EXPECT_INT(result, CAT_E_LIMIT);
    cat_auto(cat_kv_entry) entry = {0};
    EXPECT_INT(cat_kv_get(spine, "full", "a", &entry, NULL), 0);
    EXPECT_TEXT(entry.value, "kept");
}

typedef struct {
    size_t count, stop_at;
    uint64_t last;
    bool ordered;
    char first_key[64];
} walk;

static bool see(void *context, const cat_kv_entry *entry)
{
    walk *seen = context;
    if (seen->count++ == 0)
        snprintf(seen->first_key, sizeof(seen->first_key), "%s", entry->key);
    seen->ordered = seen->ordered && entry->revision > seen->last && entry->value;
    seen->last = entry->revision;
    return seen->count != seen->stop_at;
}

TEST("every key under a filter is given once, in revision order, without the deleted ones")
{
    REQUIRE(make_bucket("each"));
    walk none = {.ordered = true};
    EXPECT_INT(cat_kv_each(spine, "each", NULL, see, &none, NULL), 0);
    EXPECT_INT(none.count, 0);
    char key[32];
    for (int i = 0; i < 1500; i++) {
        snprintf(key, sizeof(key), "%s.n.%d", i % 3 ? "pod" : "service", i);
        REQUIRE(put("each", key, "value", -1, NULL) == 0);
    }
    REQUIRE(put("each", "pod.n.1", "newer", -1, NULL) == 0);
    REQUIRE(cat_kv_delete(spine, "each", "pod.n.2", -1, NULL) == 0);
    static const struct {
        const char *filter;
        size_t stop_at, count;
        const char *first;
    } TABLE[] = {{NULL, 0, 1499, "service.n.0"},
                 {"pod.>", 0, 999, "pod.n.4"},
                 {"service.*.3", 0, 1, "service.n.3"},
                 {"job.>", 0, 0, ""},
                 {NULL, 10, 10, "service.n.0"}};
    for (size_t i = 0; i < sizeof(TABLE) / sizeof(TABLE[0]); i++) {
        cat_test_row("filter %s", TABLE[i].filter ? TABLE[i].filter : "(none)");
        walk seen = {.ordered = true, .stop_at = TABLE[i].stop_at};
        EXPECT_INT(cat_kv_each(spine, "each", TABLE[i].filter, see, &seen, NULL), 0);
        EXPECT_INT(seen.count, TABLE[i].count);
        EXPECT(seen.ordered);
        EXPECT_TEXT(seen.first_key, TABLE[i].first);
    }
    EXPECT_INT(cat_kv_each(spine, "no-bucket", NULL, see, &none, NULL), CAT_E_NOT_FOUND);
}

/* What a watch gave, folded as a reader would. */
#define WATCHED_KEYS 64
typedef struct {
    pthread_mutex_t lock;
    char values[WATCHED_KEYS][32]; /* of keys k0…; "" for none */
    size_t entries, readies, resets, deletes, before_ready;
    uint64_t last, ready_revision;
    bool ordered;
} watched;

static void on_entry(void *context, const cat_kv_entry *entry)
{
    watched *seen = context;
    pthread_mutex_lock(&seen->lock);
    int key = atoi(strrchr(entry->key, 'k') + 1);
    if (key >= 0 && key < WATCHED_KEYS)
        snprintf(seen->values[key], sizeof(seen->values[key]), "%s", entry->value ? entry->value : "");
    seen->entries++;
    seen->deletes += entry->value == NULL;
    seen->before_ready += seen->readies == seen->resets;
    seen->ordered = seen->ordered && entry->revision > seen->last;
    seen->last = entry->revision;
    pthread_mutex_unlock(&seen->lock);
}

static void on_ready(void *context, uint64_t revision)
{
    watched *seen = context;
    pthread_mutex_lock(&seen->lock);
    seen->readies++;
    seen->ready_revision = revision;
    pthread_mutex_unlock(&seen->lock);
}

static void on_reset(void *context)
{
    watched *seen = context;
    pthread_mutex_lock(&seen->lock);
    seen->resets++;
    seen->last = 0;
    memset(seen->values, 0, sizeof(seen->values));
    pthread_mutex_unlock(&seen->lock);
}

static cat_kv_watch *start_watch(const char *bucket, const char *filter, uint64_t from, watched *seen)
{
    memset(seen, 0, sizeof(*seen));
    pthread_mutex_init(&seen->lock, NULL);
    seen->ordered = true;
    cat_kv_watch_handlers handlers = {.on_entry = on_entry, .on_ready = on_ready, .on_reset = on_reset, .context = seen};
    cat_kv_watch *watch = NULL;
    cat_error error = {0};
    if (cat_kv_watch_start(spine, bucket, filter, from, &handlers, &watch, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return watch;
}

static bool reaches(watched *seen, const size_t *counter, size_t wanted)
{
    for (int i = 0; i < 600; i++) {
        pthread_mutex_lock(&seen->lock);
        bool there = *counter >= wanted;
        pthread_mutex_unlock(&seen->lock);
        if (there)
            return true;
        pause_ms(20);
    }
    return false;
}

static bool shows(watched *seen, int key, const char *value)
{
    for (int i = 0; i < 600; i++) {
        pthread_mutex_lock(&seen->lock);
        bool there = strcmp(seen->values[key], value) == 0;
        pthread_mutex_unlock(&seen->lock);
        if (there)
            return true;
        pause_ms(20);
    }
    return false;
}

static bool put_keys(const char *bucket, int count, const char *value)
{
    char key[32];
    for (int i = 0; i < count; i++) {
        snprintf(key, sizeof(key), "pod.n.k%d", i);
        if (put(bucket, key, value, -1, NULL) < 0)
            return false;
    }
    return true;
}

TEST("a watch gives what is there, says that it is ready, then gives every change in order")
{
    REQUIRE(make_bucket("watch"));
    REQUIRE(put_keys("watch", 20, "old") && put_keys("watch", 20, "new"));
    watched seen;
    cat_kv_watch *watch = start_watch("watch", NULL, 0, &seen);
    REQUIRE(watch && reaches(&seen, &seen.readies, 1));
    EXPECT_INT(seen.entries, 20);
    EXPECT_INT(seen.before_ready, 20);
    EXPECT_INT(seen.ready_revision, 40);
    REQUIRE(put("watch", "pod.n.k3", "three", -1, NULL) == 0);
    REQUIRE(cat_kv_delete(spine, "watch", "pod.n.k4", -1, NULL) == 0);
    EXPECT(shows(&seen, 3, "three"));
    EXPECT(shows(&seen, 4, ""));
    cat_kv_watch_stop(watch);
    EXPECT(seen.ordered);
    EXPECT_INT(seen.readies, 1);
    EXPECT_INT(seen.resets, 0);
    EXPECT_INT(seen.deletes, 1);
}

TEST("a watch of an empty bucket, or of keys that are not there, is ready at once and at the bucket's revision")
{
    REQUIRE(make_bucket("nothing"));
    watched seen;
    cat_kv_watch *watch = start_watch("nothing", NULL, 0, &seen);
    REQUIRE(watch && reaches(&seen, &seen.readies, 1));
    EXPECT_INT(seen.ready_revision, 0);
    REQUIRE(put("nothing", "pod.n.k1", "one", -1, NULL) == 0);
    EXPECT(shows(&seen, 1, "one"));
    cat_kv_watch_stop(watch);
    watch = start_watch("nothing", "job.>", 0, &seen);
    REQUIRE(watch && reaches(&seen, &seen.readies, 1));
    EXPECT_INT(seen.ready_revision, 1);
    EXPECT_INT(seen.entries, 0);
    cat_kv_watch_stop(watch);
}

TEST("a watch from a revision gives only what came at or after it, and one from beyond the end starts over")
{
    REQUIRE(make_bucket("from"));
    REQUIRE(put_keys("from", 10, "one"));
    watched seen;
    cat_kv_watch *watch = start_watch("from", NULL, 8, &seen);
    REQUIRE(watch && reaches(&seen, &seen.readies, 1));
    EXPECT_INT(seen.entries, 3);
    EXPECT_INT(seen.resets, 0);
    cat_kv_watch_stop(watch);
    watch = start_watch("from", NULL, 11, &seen);
    REQUIRE(watch && reaches(&seen, &seen.readies, 1));
    EXPECT_INT(seen.entries, 0);
    EXPECT_INT(seen.resets, 0);
    cat_kv_watch_stop(watch);
    watch = start_watch("from", NULL, 12, &seen);
    REQUIRE(watch && reaches(&seen, &seen.readies, 1));
    EXPECT_INT(seen.resets, 1);
    EXPECT_INT(seen.entries, 10);
    cat_kv_watch_stop(watch);
}

TEST("a watch goes on after the server was killed, without giving anything twice")
{
    REQUIRE(make_bucket("killed"));
    REQUIRE(put_keys("killed", 20, "before"));
    watched seen;
    cat_kv_watch *watch = start_watch("killed", NULL, 0, &seen);
    REQUIRE(watch && reaches(&seen, &seen.readies, 1));
    for (int round = 0; round < 2; round++) {
        nats_fixture_kill(nats);
        nats_fixture_restart(nats);
        while (!cat_spine_is_connected(spine))
            pause_ms(10);
        char value[32];
        snprintf(value, sizeof(value), "round %d", round);
        REQUIRE(put_keys("killed", 5, value));
        EXPECT(shows(&seen, 4, value));
    }
    cat_kv_watch_stop(watch);
    EXPECT(seen.ordered);
    EXPECT_INT(seen.entries, 30);
    EXPECT_INT(seen.resets, 0);
    EXPECT_INT(seen.readies, 1);
}

TEST("a watch of a bucket that was made anew starts over")
{
    REQUIRE(make_bucket("remade"));
    REQUIRE(put_keys("remade", 5, "first"));
    watched seen;
    cat_kv_watch *watch = start_watch("remade", NULL, 0, &seen);
    REQUIRE(watch && reaches(&seen, &seen.readies, 1));
    REQUIRE(cat_bucket_delete(spine, "remade", NULL) == 0);
    pause_ms(100);
    REQUIRE(make_bucket("remade"));
    REQUIRE(put_keys("remade", 2, "second"));
    REQUIRE(reaches(&seen, &seen.readies, 2));
    EXPECT(shows(&seen, 1, "second"));
    EXPECT(shows(&seen, 2, ""));
    EXPECT_INT(seen.resets, 1);
    cat_kv_watch_stop(watch);
}

typedef struct {
    pthread_mutex_t lock;
    size_t entries;
    uint64_t last;
    bool ordered;
} slow_reader;

static void on_entry_slowly(void *context, const cat_kv_entry *entry)
{
    slow_reader *seen = context;
    pthread_mutex_lock(&seen->lock);
    seen->entries++;
    seen->ordered = seen->ordered && entry->revision > seen->last;
    seen->last = entry->revision;
    pthread_mutex_unlock(&seen->lock);
    if (seen->entries % 1000 == 0)
        pause_ms(20);
}

TEST("a reader that is slower than the writers gets the latest value of every key, in order")
{
    REQUIRE(make_bucket("busy"));
    slow_reader seen = {.lock = PTHREAD_MUTEX_INITIALIZER, .ordered = true};
    cat_kv_watch_handlers handlers = {.on_entry = on_entry_slowly, .context = &seen};
    cat_kv_watch *watch = NULL;
    REQUIRE(cat_kv_watch_start(spine, "busy", NULL, 0, &handlers, &watch, NULL) == 0);
    static char subjects[500][48];
    cat_publication batch[500];
    uint64_t end = 0;
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 500; i++) {
            snprintf(subjects[i], sizeof(subjects[i]), "$KV.busy.pod.n.k%d", (round * 500 + i) % 3000);
            batch[i] = (cat_publication){.subject = subjects[i], .body = "row", .length = 3, .expected_subject_sequence = -1};
        }
        REQUIRE(cat_spine_publish_batch(spine, batch, 500, &end, NULL) == 0);
    }
    bool there = false;
    for (int i = 0; i < 1000 && !there; i++) {
        pthread_mutex_lock(&seen.lock);
        there = seen.last == end;
        pthread_mutex_unlock(&seen.lock);
        pause_ms(20);
    }
    cat_kv_watch_stop(watch);
    EXPECT(there);
    EXPECT(seen.ordered);
    EXPECT(seen.entries >= 3000);
}

TEST("watching a bucket that is not there fails at once, and stopping nothing is allowed")
{
    watched seen = {0};
    cat_kv_watch_handlers handlers = {.on_entry = on_entry, .context = &seen};
    cat_kv_watch *watch = NULL;
    EXPECT_INT(cat_kv_watch_start(spine, "never-was", NULL, 0, &handlers, &watch, NULL), CAT_E_NOT_FOUND);
    EXPECT(watch == NULL);
    cat_kv_watch_stop(NULL);
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
