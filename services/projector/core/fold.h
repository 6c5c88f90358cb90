/* The fold: events of one Environment, in the order of its stream, become rows. state = fold(log): the same log gives the same
 * bytes, whatever the batches, redeliveries and take-overs, because time comes from events, order from (epoch, resourceVersion),
 * and what is derived is a pure function of base rows. Pure: no I/O, no clock, no globals. A fold belongs to one thread.
 *
 *     fold *state = fold_create("acme", "acme-dev");            // "_" instead of an Environment: the rows of catalyst-state
 *     fold_load(state, key, text, length, &error);              // rows that an earlier holder wrote
 *     fold_apply(state, &event, &error);                        // CAT_E_INVALID: poison, nothing changed
 *     fold_change changes[900];
 *     while ((count = fold_take(state, changes, 900)) > 0) …    // write them
 */
#ifndef PROJECTOR_FOLD_H
#define PROJECTOR_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Another number means that rows may look different: whoever takes over folds the log again from its beginning. */
#define FOLD_VERSION 14
/* A tombstone row stays for an hour of event time. */
#define FOLD_TOMBSTONE_MS (60 * 60 * 1000)
/* At most so many tombstones leave with one event, so that a batch stays bounded. */
#define FOLD_EXPIRE_MAX 50

typedef struct fold fold;
fold *fold_create(const char *organization, const char *environment);
void fold_destroy(fold *state); /* NULL allowed */

/* A row as an earlier holder wrote it; rows in any order. CAT_E_INVALID when it is no row: it is left out. */
int fold_load(fold *state, const char *key, const char *text, size_t length, cat_error *error);
/* The latest event time seen: kept in `_fold`, so that it outlives a holder. */
int64_t fold_time_ms(const fold *state);
void fold_set_time_ms(fold *state, int64_t time_ms);
/* Every derived row is computed anew by the next fold_take: at a take-over. */
void fold_derive_all(fold *state);

typedef struct {
    const char *subject;
    const char *data;
    size_t length;
    uint64_t sequence;
    const char *(*header)(void *context, const char *name); /* for events in binary mode; may be NULL */
    void *context;
} fold_event;
/* 0 also for what is stale, repeated or of a type that makes no row. CAT_E_INVALID and CAT_E_TOO_LARGE: poison. */
int fold_apply(fold *state, const fold_event *event, cat_error *error);
/* When a row changes by time alone (fold_grace.h): an event of that time, or later, has to be applied then. 0: never. Known once
 * everything is taken. */
int64_t fold_due_ms(const fold *state);
/* Event time of what was applied last, in ms: for the latency metric. */
int64_t fold_last_event_ms(const fold *state);

/* Base rows that wait to be taken; derived ones add at most as many again. */
size_t fold_waiting(const fold *state);
typedef struct {
    const char *key, *value; /* value NULL: a delete marker */
    size_t length;
} fold_change;
/* Derives what is dirty and hands out up to `max` changed rows: base rows first, then derived ones, then what is deleted. Lent
 * until the next call of fold_apply, fold_take or fold_trim. 0: nothing is left. */
size_t fold_take(fold *state, fold_change *changes, size_t max);

/* Keeps rows as text only: for an Environment in which nothing happens. */
void fold_trim(fold *state);
size_t fold_rows(const fold *state);
/* Every row's key and text, sorted by key, for tests and comparisons; nothing may wait. */
void fold_each(const fold *state, void (*each)(void *context, const char *key, const char *text), void *context);

#endif
