/* An Environment as it is held while somebody looks at it: a copy of the bucket kept by a KV watch, never by the own fold, so
 * that every replica shows the same bytes at the same revision. It moves at batch borders only: `_fold` says how many entries its
 * batch has.
 *
 * Shared by any threads. Readers take view_lock for as long as they read rows; listeners are called on the watch's thread with
 * the lock held for writing, and must neither block nor lock another view.
 *
 *     view *seen;
 *     if (views_acquire(views, "acme", "acme-dev", &seen, error) < 0) return -1;
 *     view_lock(seen); … view_next(seen, &at) …; view_unlock(seen);
 *     views_release(views, seen);
 */
#ifndef PROJECTOR_VIEW_H
#define PROJECTOR_VIEW_H

#include "base/map.h"
#include "net/kv.h"
#include "svc/accounts.h"
#include "svc/metrics.h"

#define VIEW_ENV_TYPES 5
extern const char *const view_env_types[VIEW_ENV_TYPES]; /* their places are the bits of `env_types` */

/* A row as it stands in the bucket. Immutable; lives while the view is locked. */
typedef struct {
    char *key;   /* kind.namespace.name */
    char *shown; /* kind/namespace/name */
    char *text;  /* the row's JSON; NULL: its key was removed */
    size_t length;
    uint64_t revision;
    int64_t folded_ms;   /* when it was stored */
    int64_t observed_ms; /* the event's time; 0 when not known */
    bool deleted;        /* removed, or a tombstone */
    bool elsewhere;      /* a branch's, whose Application does not run in this Environment: nobody is shown it */
    unsigned env_types;  /* of the Environments that a row of catalyst-state names: it is for those who may read all of them */
    char *kind, *name, *application, *organization, *status, *message, *blueprint; /* read from the text once; never NULL */
} view_row;

typedef struct view view;
typedef struct views views;
typedef struct {
    cat_spine *controlplane; /* for "_"; borrowed */
    cat_accounts *accounts;  /* for Environments; borrowed, may be NULL in tests */
    cat_spine *only_account; /* tests: every Environment's account */
    int64_t idle_ms;         /* default 60 s */
    cat_metrics *metrics;    /* may be NULL */
} views_options;
views *views_create(const views_options *options);
void views_destroy(views *all);
/* Waits up to 5 s until the view is whole. CAT_E_NOT_FOUND (waiting) while the Environment has no bucket. Environment "_":
 * catalyst-state. */
int views_acquire(views *all, const char *organization, const char *environment, view **seen, cat_error *error);
void views_release(views *all, view *seen);
/* Closes what nobody has looked at for `idle_ms`. Called every few seconds by one thread. */
void views_sweep(views *all);
size_t views_count(views *all);

const char *view_environment(const view *seen);
const char *view_organization(const view *seen);
void view_lock(view *seen);
void view_unlock(view *seen);
/* All below: with the lock. */
const char *view_incarnation(const view *seen);
uint64_t view_revision(const view *seen); /* of the last whole batch */
size_t view_count(const view *seen);
const view_row *view_find(const view *seen, const char *key); /* by dotted key; NULL */
const view_row *view_next(const view *seen, size_t *at);      /* every row, deleted ones too */
/* Whether a client that saw `revision` may be given just what came after it. */
bool view_can_resume(const view *seen, const char *incarnation, uint64_t revision);

typedef struct {
    /* `rows` NULL: the bucket was made anew, everything is different. Rows are lent until it returns. */
    void (*on_change)(void *context, view *seen, const view_row *const *rows, size_t count);
    void *context;
} view_listener;
void view_listen(view *seen, const view_listener *listener); /* kept by reference until view_unlisten */
void view_unlisten(view *seen, const view_listener *listener);

/* What clients get of a row: the row with key, revision and foldedAt in front. */
void view_row_format(const view_row *row, cat_string *out);
/* The same for who may read Environments of these types alone: an Organization's row names no others. */
void view_row_format_for(const view_row *row, unsigned env_types, cat_string *out);

#endif
