/* What the files of the fold share. */
#ifndef PROJECTOR_FOLD_INTERNAL_H
#define PROJECTOR_FOLD_INTERNAL_H

#include "base/map.h"
#include "base/memory.h"
#include "base/string.h"
#include "core/fold.h"
#include "core/fold_rows.h"
#include "core/fold_text.h"
#include "core/fold_time.h"
#include "domain/kinds.h"
#include "domain/object_status.h"

#define FOLD_COMMITS_MAX 50
#define FOLD_FILES_MAX 100
#define FOLD_PULL_REQUESTS_MAX 50
#define FOLD_SHORT_ID 8  /* how much of a commit's id Catalyst tells */
#define FOLD_READS_MAX 4 /* lists of files that make up what is applied: those before changed it long ago */

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
