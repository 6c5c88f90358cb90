/* The fold: events of one Environment, in the order of its stream, become rows. state = fold(log): the same log gives the same
 * bytes, whatever the batches, redeliveries and take-overs, because time comes from events, order from (epoch, resourceVersion),
 * and what is derived is a pure function of base rows. Pure: no I/O, no clock, no globals. A fold belongs to one thread.
 *
 *     fold *state = prj_fold_create("acme", "acme-dev");            // "_" instead of an Environment: the rows of catalyst-state
 *     prj_fold_load(state, key, text, length, &error);              // rows that an earlier holder wrote
 *     prj_fold_apply(state, &event, &error);                        // CAT_E_INVALID: poison, nothing changed
 *     prj_fold_change changes[900];
 *     while ((count = prj_fold_take(state, changes, 900)) > 0) …    // write them
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

typedef struct prj_fold prj_fold;
prj_fold *prj_fold_create(const char *organization, const char *environment);
void prj_fold_destroy(prj_fold *state); /* NULL allowed */

/* A row as an earlier holder wrote it; rows in any order. CAT_E_INVALID when it is no row: it is left out. */
int prj_fold_load(prj_fold *state, const char *key, const char *text, size_t length, cat_error *error);
/* The latest event time seen: kept in `_fold`, so that it outlives a holder. */
int64_t prj_fold_time_ms(const prj_fold *state);
void prj_fold_set_time_ms(prj_fold *state, int64_t time_ms);
/* Every derived row is computed anew by the next prj_fold_take: at a take-over. */
void prj_fold_derive_all(prj_fold *state);

typedef struct {
    const char *subject;
    const char *data;
    size_t length;
    uint64_t sequence;
    const char *(*header)(void *context, const char *name); /* for events in binary mode; may be NULL */
    void *context;
} prj_fold_event;
/* 0 also for what is stale, repeated or of a type that makes no row. CAT_E_INVALID and CAT_E_TOO_LARGE: poison. */
int prj_fold_apply(prj_fold *state, const prj_fold_event *event, cat_error *error);
/* When a row changes by time alone (fold_grace.h): an event of that time, or later, has to be applied then. 0: never. Known once
 * everything is taken. */
int64_t prj_fold_due_ms(const prj_fold *state);
/* Event time of what was applied last, in ms: for the latency metric. */
int64_t prj_fold_last_event_ms(const prj_fold *state);

/* Base rows that wait to be taken; derived ones add at most as many again. */
size_t prj_fold_waiting(const prj_fold *state);
typedef struct {
    const char *key, *value; /* value NULL: a delete marker */
    size_t length;
} prj_fold_change;
/* Derives what is dirty and hands out up to `max` changed rows: base rows first, then derived ones, then what is deleted. Lent
 * until the next call of prj_fold_apply, prj_fold_take or prj_fold_trim. 0: nothing is left. */
size_t prj_fold_take(prj_fold *state, prj_fold_change *changes, size_t max);

/* Keeps rows as text only: for an Environment in which nothing happens. */
void prj_fold_trim(prj_fold *state);
size_t prj_fold_rows(const prj_fold *state);
/* Every row's key and text, sorted by key, for tests and comparisons; nothing may wait. */
void prj_fold_each(const prj_fold *state, void (*each)(void *context, const char *key, const char *text), void *context);

#endif
