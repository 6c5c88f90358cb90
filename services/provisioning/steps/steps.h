/* The steps of operations. Each may be repeated at any time, after a crash too: it looks up what is there and does what is
 * missing. A step runs on one worker; calls block. */
#ifndef PROVISIONING_STEPS_H
#define PROVISIONING_STEPS_H

#include "core/operation.h"
#include "core/progress.h"
#include "provisioning.h"

typedef struct {
    prv_context *context;
    const prv_kind *kind;
    json_t *operation; /* commits are noted in it */
    const json_t *plan;
    const char *id, *organization, *hash, *user;
    cat_git_person author;
    int64_t applied_ms;     /* the time of every commit: a repeated one is the same */
    bool noted;             /* the operation remembers more than its steps show: it has to be stored */
    const char *about;      /* the Environment that it fails in or waits for, where that is known; lent from the plan */
    prv_progress overtaken; /* a later commit runs instead: the step ends the operation as superseded */
} prv_run;
/* 0: done. A waiting error names what is waited for; a stalled one ends the operation until somebody retries it. */
typedef int (*prv_step)(prv_run *run, cat_error *error);
prv_step prv_step_find(const char *name); /* NULL when unknown */
/* Whether a brief of its work is enough for all that is left to do (briefs.h). */
bool prv_steps_left_are_brief(const json_t *operation);

int prv_step_secrets(prv_run *run, cat_error *error);      /* step_secrets.c */
int prv_step_repositories(prv_run *run, cat_error *error); /* step_repositories.c */
int prv_step_archive(prv_run *run, cat_error *error);
int prv_step_branches(prv_run *run, cat_error *error); /* step_branches.c */
int prv_step_links(prv_run *run, cat_error *error);    /* step_commit.c: trees of repositories that were there before */
int prv_step_objects(prv_run *run, cat_error *error);  /* step_objects.c */
int prv_step_reconcile(prv_run *run, cat_error *error);
int prv_step_protected(prv_run *run, cat_error *error); /* step_wait.c */
int prv_step_running(prv_run *run, cat_error *error);
int prv_step_gone(prv_run *run, cat_error *error);
int prv_step_ready(prv_run *run, cat_error *error);

/* --- shared by them (step_parts.c) --- */
#define PRV_FIELD_MANAGER "catalyst-provisioning"
typedef struct {
    char email[300];
    cat_git_person person;
} prv_committer;
void prv_committer_of(const prv_context *context, prv_committer *committer);
/* Is the repository made by this plan? */
bool prv_is_made_here(const json_t *plan, const char *repository);
/* The message of this operation's commits in a repository, with its trailers. The caller's. */
/* The trailers of every commit of ours, and a whole message. The caller's. */
char *prv_trailers_of(const prv_run *run);
char *prv_message_of(const prv_run *run, const char *subject);
char *prv_message_for(const prv_run *run, const char *repository, const char *fallback);

#endif
