/* Why an Application is as it is: the rows that belong to it, and the one problem that people should hear of first. Pure; rows
 * are lent. */
#ifndef PROJECTOR_FOLD_CAUSE_H
#define PROJECTOR_FOLD_CAUSE_H

#include "core/fold_grace.h"
#include "core/fold_internal.h"

/* The living rows of one Application, sorted by key, so that the order in which they came does not show; each has been looked
 * at. */
typedef struct {
    prj_fold_row **rows;
    size_t count;
    cat_view repository; /* its row; absent when no push was seen */
    int64_t time_ms;     /* the newest event's */
} prj_fold_members;

static inline cat_view prj_fold_seen(const prj_fold_row *row)
{
    return cat_document_root(row->document);
}

typedef struct {
    cat_status status;
    char *reason, *message, *next, *since, *resource; /* NULL: none */
    char *commit, *cause;
    const prj_fold_row *row; /* the one that speaks; NULL: none. Lent */
    int64_t due_ms;          /* when it is another one by time alone; 0: never */
} prj_fold_cause;

/* Neither Flux's, nor Catalyst's, nor an Event: something that the Application consists of. */
bool prj_fold_is_content(const prj_fold_row *row);
/* `develop@sha1:0123…` → the commit; NULL when there is none. Lends. */
const char *prj_fold_commit_of_revision(const char *revision);

/* fold_voice.c: a row as people should hear of it at members->time_ms. */
typedef struct {
    cat_status status;    /* with grace and patience (fold_grace.h) */
    int speech;           /* how much its own words explain; 0: it does not speak */
    bool late;            /* Degraded by having been on its way for too long */
    cat_view unsettled;   /* what it was told to be, where it has not been better for long; absent: nothing */
    prj_fold_phase phase; /* of what it belongs to */
    int64_t since_ms;     /* since when what it belongs to, or it alone, has not been well; INT64_MAX: not known, as below */
    int64_t own_ms;       /* since when the row itself has not been well */
    int64_t change_ms;    /* as since_ms, but of what was made for the newest change: a Deployment may have been ill before */
    int64_t due_ms;       /* when its status changes by time alone; 0: never */
} prj_fold_voice;
prj_fold_voice prj_fold_voice_of(const prj_fold_members *members, const prj_fold_row *row);
/* All that the Application runs rests on purpose: the first of it; NULL: something does not. */
const prj_fold_row *prj_fold_resting(const prj_fold_members *members);
bool prj_fold_is_counted(const prj_fold_row *row);              /* among what the Application consists of */
bool prj_fold_has(const prj_fold_row *row, const char *member); /* one of its vclusters' copies has it */

const prj_fold_row *prj_fold_top_of(const prj_fold_members *members,
                                    const prj_fold_row *row); /* who made it, and who made that; itself: nobody */
/* fold_unsettled.c: what a Pod that is not ill now was told to be, and still counts as until then; absent: nothing. */
cat_view prj_fold_unsettled(const prj_fold_members *members, const prj_fold_row *row, int64_t *until_ms);
/* fold_run.c: since when the pods of `maker` say what this one says; `since_ms`: nothing earlier is known. */
int64_t prj_fold_trouble_since(const prj_fold_row *maker, const prj_fold_row *pod, int64_t since_ms);
/* No commit that came to the cluster later has a part in what the row says: it is a Pod that was made by then, and what a Pod
 * reads has not changed since then until `since_ms`. INT64_MAX: that is not known. */
int64_t prj_fold_made_ms(const prj_fold_members *members, const prj_fold_row *row, int64_t since_ms);

/* fold_explain.c */
void prj_fold_explain(prj_fold *state, const prj_fold_members *members);
/* fold_address.c: `host`, and `url` where it is known how to get there. */
void prj_fold_put_address(cat_string *out, const prj_fold_members *members, const char *application);
typedef struct {
    int64_t since_ms, made_ms; /* prj_fold_trouble_since, prj_fold_made_ms */
    prj_fold_phase phase;
} prj_fold_trouble;

/* fold_blame.c: names in `cause`, which has a status and words, the commit that led there, if one did. */
void prj_fold_blame(const prj_fold_members *members, const prj_fold_trouble *trouble, prj_fold_cause *cause);
/* The same where Flux says that what it was given cannot be built or is refused. */
void prj_fold_blame_refused(const prj_fold_members *members, int64_t since_ms, prj_fold_cause *cause);
/* The same where a commit was kept from Flux: its words begin with which it was. */
void prj_fold_name_not_built(const prj_fold_members *members, prj_fold_cause *cause);
/* The beginning of the id of the commit that was kept from Flux, as such words say it: the caller's; NULL: they do not. */
char *prj_fold_commit_not_built(const char *message);
char *prj_fold_describe_commit(cat_view commit); /* the caller's */

void prj_fold_find_cause(const prj_fold_members *members, const char *application, const char *wanted, const char *running,
                         prj_fold_cause *cause);
void prj_fold_cause_finish(prj_fold_cause *cause);
static inline void prj_fold_cause_cleanup(prj_fold_cause *cause)
{
    prj_fold_cause_finish(cause);
}

#endif
