/* What the files of the fold share. */
#ifndef PROJECTOR_FOLD_INTERNAL_H
#define PROJECTOR_FOLD_INTERNAL_H

#include "base/map.h"
#include "base/memory.h"
#include "base/string.h"
#include "core/fold.h"
#include "domain/kinds.h"
#include "domain/object_status.h"
#include "wire/cloudevent.h"
#include "wire/json_writer.h"
#include "wire/subjects.h"

/* Texts of outside that stand in rows are cut, so that a row stays far below what a bucket takes. */
#define FOLD_MESSAGE_MAX 1024
#define FOLD_COMMITS_MAX 50
#define FOLD_FILES_MAX 100
#define FOLD_PULL_REQUESTS_MAX 50
#define FOLD_SHORT_ID 8  /* how much of a commit's id Catalyst tells */
#define FOLD_READS_MAX 4 /* lists of files that make up what is applied: those before changed it long ago */

/* A row is its text: each event that changes it writes the whole text anew, from the old one and the event. What an earlier
 * holder wrote and what this one wrote are thereby the same thing. */
typedef struct {
    char *key;
    char *text; /* NULL: it is gone, or not written yet */
    size_t length;
    cat_kind kind;
    cat_document *document; /* the text parsed, once somebody has looked; with it what stands in the next three */
    cat_view clusters;
    const char *owner; /* the row that made it; NULL: none */
    cat_status status;
    char *application;  /* whose index it stands in; NULL: none */
    int64_t expires_ms; /* of a tombstone; 0: it lives */
    bool dirty;
    bool gone;    /* handed out as a delete marker next, then forgotten */
    bool deleted; /* a tombstone */
    bool derived; /* application and its like: not a base row */
} prj_fold_row;

/* Borrowed rows, in the order in which they came. */
typedef struct {
    prj_fold_row **items;
    size_t count, capacity;
} prj_fold_list;

typedef struct {
    int64_t expires_ms;
    char *key;
} prj_fold_grave;

struct prj_fold {
    char *organization, *environment;
    cat_map *rows;          /* key → prj_fold_row */
    cat_map *applications;  /* name → cat_map of key → prj_fold_row (borrowed) */
    cat_map *dues;          /* Application → int64_t: when its state changes by time alone */
    int64_t next_due_ms;    /* none of them is earlier; 0: there is none */
    cat_map *stale;         /* names of Applications (or Organizations) whose derived row is to be computed */
    prj_fold_list dirty;    /* in the order of change */
    prj_fold_list departed; /* handed out as delete markers: forgotten by the next take */
    cat_string out, part;   /* the text of a row, and of a part of it, being written */
    prj_fold_grave *graves; /* a heap, earliest on top */
    size_t grave_count, grave_capacity;
    int64_t time_ms, last_event_ms;
};

/* One event on its way through the fold. */
typedef struct {
    const cat_cloudevent_in *event;
    const cat_subject *subject;
    uint64_t sequence;
    int64_t time_ms;
    const char *time_text;
} prj_fold_step;

/* fold.c */
prj_fold_row *prj_fold_find(const prj_fold *state, const char *key); /* NULL when there is none or it is gone */
cat_view prj_fold_view(prj_fold_row *row);                           /* lends until the row is stored; absent for NULL */
/* Writing a row: begin, members, store. `index`: the Application it belongs to (of catalyst-state: the Organization); NULL: none.
 */
cat_string *prj_fold_begin(prj_fold *state);
prj_fold_row *prj_fold_store(prj_fold *state, const char *key, const char *index);
void prj_fold_bury(prj_fold *state, prj_fold_row *row, int64_t at_ms); /* it is a tombstone since then */
void prj_fold_remove(prj_fold *state, prj_fold_row *row);              /* it leaves with a delete marker */
void prj_fold_touch(prj_fold *state, const char *application);         /* its derived row is to be computed; NULL allowed */
void prj_fold_set_due(prj_fold *state, const char *application, int64_t due_ms); /* 0: it does not change by time alone */
size_t prj_fold_cut(const char *text, size_t max_bytes); /* how much of a text stays, cut between characters */
/* A member, cut between characters; nothing for NULL and "". */
void prj_fold_put(cat_string *out, const char *name, const char *text);
void prj_fold_put_cut(cat_string *out, const char *name, const char *text, size_t max_bytes); /* also "" */
/* kind, namespace, name, environment at the beginning; seq and observedAt at the end. */
void prj_fold_stamp(const prj_fold *state, cat_string *out, const char *kind, const char *namespace, const char *name);
void prj_fold_seal(cat_string *out, const prj_fold_step *step);
/* An object's members, of which `name` becomes `text` (JSON; NULL: it leaves); the others stay as and where they are. */
void prj_fold_put_replaced(cat_string *out, const char *member, cat_view object, const char *name, const cat_string *text);

/* One for each group of event types. They return 0 or poison. */
int prj_fold_object(prj_fold *state, const prj_fold_step *step, cat_view data, bool deleted, cat_error *error);
int prj_fold_notice(prj_fold *state, const prj_fold_step *step, cat_error *error);
int prj_fold_push(prj_fold *state, const prj_fold_step *step, cat_error *error);
int prj_fold_pull_request(prj_fold *state, const prj_fold_step *step, cat_error *error);
int prj_fold_operation(prj_fold *state, const prj_fold_step *step, cat_error *error);
int prj_fold_organization(prj_fold *state, const prj_fold_step *step, cat_error *error);
int prj_fold_environment(prj_fold *state, const prj_fold_step *step, cat_error *error);

/* fold_object.c: the words of a row that its vclusters' copies have, drift and its cause included. */
void prj_fold_put_standing(cat_string *out, cat_view clusters);

/* fold_own.c: an Application's object as its row's Environment may tell of it, in a document that is the caller's; absent where
 * it is no object. */
cat_view prj_fold_own_application(const prj_fold *state, cat_view object, cat_document **made);

/* fold_details.c: what a kind shows beside its status. */
typedef struct {
    cat_view object, old; /* as it is, and what its row's entry said of it before (absent: nothing) */
    const char *at;       /* the event's time */
    cat_status status;    /* what it is told to be, with what words (NULL: none) */
    const char *reason, *message;
} prj_fold_look;
void prj_fold_details(const prj_fold_look *seen, cat_kind kind, cat_string *out);
void prj_fold_conditions(cat_view object, cat_string *out);
void prj_fold_images(cat_view object, cat_string *out);
bool prj_fold_owner(cat_view object, char key[CAT_KEY_MAX]); /* row key of the controlling owner; false: none */

/* fold_derive.c: its presence makes an Application exist here. */
bool prj_fold_is_anchor(const prj_fold_row *row);
/* fold_here.c */
bool prj_fold_runs_here(const prj_fold *state, const char *application);
void prj_fold_tell_branch(prj_fold *state, const prj_fold_step *step, const char *object_key);

/* fold_fault.c: `fault` of a Kustomization's entry, {message, from, after, since}: the commits that were tried first with this
 * fault, and before that (NULL: not known), and since when it is told. Of a commit that was kept from Flux the beginning of its
 * id. */
bool prj_fold_is_refusal(const char *reason);
void prj_fold_put_fault(const prj_fold_look *seen, cat_string *out);
/* fold_run.c: `met` of the entry of who makes pods, {message, next, trouble, since}: what they said last when they were not well.
 * A Job keeps it; a workload as long as it is not well. */
void prj_fold_tell_maker(prj_fold *state, const prj_fold_step *step, const char *pod_key, const char *cluster);
/* A run that failed is told to its CronJob, whose own status may never say so: it is rid of the last when it makes the next. */
void prj_fold_tell_schedule(prj_fold *state, const prj_fold_step *step, const char *job_key, const char *cluster);
void prj_fold_keep_met(const prj_fold_look *seen, cat_string *out);
void prj_fold_keep_met_of_run(const prj_fold_look *seen, cat_string *out);

/* fold_unsettled.c: of a Pod's entry. Since when what is not well now has not lasted to be so; NULL: nothing is kept. Lent by the
 * entry. */
void prj_fold_put_unsettled(const prj_fold_look *seen, cat_string *out);
const char *prj_fold_unsettled_since(cat_view old, cat_status status, int64_t time_ms);

/* `attempts` of a Kustomization's entry, the newest first: {commit, at, refused}. */
enum { FOLD_ATTEMPTS_MAX = 8 };
void prj_fold_put_attempts(const prj_fold_look *seen, cat_string *out);
/* Of those the one that was under way when something began, and what the cluster had before it; NULL: not known. Lent. */
typedef struct {
    const char *commit, *before;
    int64_t at_ms;
} prj_fold_attempt;
prj_fold_attempt prj_fold_attempt_at(cat_view attempts, int64_t since_ms);
/* Since when the entry has told what `message` says, `at` if it is another fault than before; NULL: there was none, or it is
 * none. Lent by either. */
const char *prj_fold_fault_since(cat_view old, cat_status status, const char *reason, const char *message, const char *at);

/* fold_derive.c, fold_cause.c: pure functions of base rows. */
void prj_fold_derive_application(prj_fold *state, const char *application);
void prj_fold_derive_organization(prj_fold *state, const char *organization);

#endif
