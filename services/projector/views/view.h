/* An Environment as it is held while somebody looks at it: a copy of the bucket kept by a KV watch, never by the own fold, so
 * that every replica shows the same bytes at the same revision. It moves at batch borders only: `_fold` says how many entries its
 * batch has.
 *
 * Shared by any threads. Readers take prj_view_lock for as long as they read rows; listeners are called on the watch's thread
 * with the lock held for writing, and must neither block nor lock another view.
 *
 *     view *seen;
 *     if (prj_views_acquire(views, "acme", "acme-dev", &seen, error) < 0) return -1;
 *     prj_view_lock(seen); … prj_view_next(seen, &at) …; prj_view_unlock(seen);
 *     prj_views_release(views, seen);
 */
#ifndef PROJECTOR_VIEW_H
#define PROJECTOR_VIEW_H

#include "base/map.h"
#include "net/kv.h"
#include "svc/accounts.h"
#include "svc/metrics.h"

#define VIEW_ENV_TYPES 5
extern const char *const prj_view_env_types[VIEW_ENV_TYPES]; /* their places are the bits of `env_types` */

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
} prj_view_row;

typedef struct prj_view prj_view;
typedef struct prj_views prj_views;
typedef struct {
    cat_spine *controlplane; /* for "_"; borrowed */
    cat_accounts *accounts;  /* for Environments; borrowed, may be NULL in tests */
    cat_spine *only_account; /* tests: every Environment's account */
    int64_t idle_ms;         /* default 60 s */
    cat_metrics *metrics;    /* may be NULL */
} prj_views_options;
prj_views *prj_views_create(const prj_views_options *options);
void prj_views_destroy(prj_views *all);
/* Waits up to 5 s until the view is whole. CAT_E_NOT_FOUND (waiting) while the Environment has no bucket. Environment "_":
 * catalyst-state. */
int prj_views_acquire(prj_views *all, const char *organization, const char *environment, prj_view **seen, cat_error *error);
void prj_views_release(prj_views *all, prj_view *seen);
/* Closes what nobody has looked at for `idle_ms`. Called every few seconds by one thread. */
void prj_views_sweep(prj_views *all);
size_t prj_views_count(prj_views *all);

const char *prj_view_environment(const prj_view *seen);
const char *prj_view_organization(const prj_view *seen);
void prj_view_lock(prj_view *seen);
void prj_view_unlock(prj_view *seen);
/* All below: with the lock. */
const char *prj_view_incarnation(const prj_view *seen);
uint64_t prj_view_revision(const prj_view *seen); /* of the last whole batch */
size_t prj_view_count(const prj_view *seen);
const prj_view_row *prj_view_find(const prj_view *seen, const char *key); /* by dotted key; NULL */
const prj_view_row *prj_view_next(const prj_view *seen, size_t *at);      /* every row, deleted ones too */
/* Whether a client that saw `revision` may be given just what came after it. */
bool prj_view_can_resume(const prj_view *seen, const char *incarnation, uint64_t revision);

typedef struct {
    /* `rows` NULL: the bucket was made anew, everything is different. Rows are lent until it returns. */
    void (*on_change)(void *context, prj_view *seen, const prj_view_row *const *rows, size_t count);
    void *context;
} prj_view_listener;
void prj_view_listen(prj_view *seen, const prj_view_listener *listener); /* kept by reference until prj_view_unlisten */
void prj_view_unlisten(prj_view *seen, const prj_view_listener *listener);

/* What clients get of a row: the row with key, revision and foldedAt in front. */
void prj_view_row_format(const prj_view_row *row, cat_string *out);
/* The same for who may read Environments of these types alone: an Organization's row names no others. */
void prj_view_row_format_for(const prj_view_row *row, unsigned env_types, cat_string *out);

#endif
