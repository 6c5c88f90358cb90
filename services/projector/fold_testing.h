/* What the tests and the fuzzer of the fold share: events as text, and a bucket that is a map. Header only. */
#ifndef PROJECTOR_FOLD_TESTING_H
#define PROJECTOR_FOLD_TESTING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/string.h"
#include "fold.h"

#define FOLD_TEST_START_MS INT64_C(1764000000000)

typedef struct {
    char *subject, *data;
} test_event;

/* `data` is JSON; `attributes` further members of the CloudEvent, e.g. ",\"application\":\"blog\"". */
static inline test_event test_event_make(const char *subject, const char *type, const char *id, int64_t time_ms, const char *attributes, const char *data)
{
    char time_text[CAT_TIME_TEXT_MAX];
    cat_time_format(time_ms, time_text);
    return (test_event){cat_strdup(subject),
                        cat_printf("{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"test\",\"type\":\"io.openova.catalyst.%s.v1\",\"time\":\"%s\"%s,\"data\":%s}", id,
                                   type, time_text, attributes, data)};
}

static inline void test_event_finish(test_event *event)
{
    free(event->subject);
    free(event->data);
}

static inline int test_apply(fold *state, const test_event *event, uint64_t sequence, cat_error *error)
{
    fold_event message = {event->subject, event->data, strlen(event->data), sequence, NULL, NULL};
    return fold_apply(state, &message, error);
}

/* Writes what changed into `bucket` (key → text); returns how many rows. */
static inline size_t test_write(fold *state, cat_map *bucket)
{
    fold_change changes[900];
    size_t all = 0, count;
    while ((count = fold_take(state, changes, 900)) > 0) {
        all += count;
        for (size_t i = 0; i < count; i++) {
            if (changes[i].value)
                cat_map_set(bucket, changes[i].key, cat_strdup(changes[i].value));
            else
                cat_map_remove(bucket, changes[i].key);
        }
    }
    return all;
}

static inline int test_by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Every key and row, sorted: what two buckets are compared by. */
static inline char *test_dump(const cat_map *bucket)
{
    size_t count = 0, at = 0;
    char **lines = cat_calloc(cat_map_count(bucket) + 1, sizeof *lines);
    const char *key;
    void *value;
    while (cat_map_next(bucket, &at, &key, &value))
        lines[count++] = cat_printf("%s %s\n", key, (char *)value);
    qsort(lines, count, sizeof *lines, test_by_text);
    cat_string dump = CAT_STRING(64u * 1024 * 1024);
    for (size_t i = 0; i < count; i++) {
        cat_string_append(&dump, lines[i]);
        free(lines[i]);
    }
    free(lines);
    return cat_string_take(&dump);
}

#endif
