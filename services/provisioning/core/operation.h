/* An operation as it is kept: which steps of its kind its plan takes, and how far it is. What of it people see is
 * operation_shown.h's. Documents in, documents out; no I/O. Any thread.
 *
 * {operation, kind, organization, application, applications, environments, requestedBy, plan, status, reason, message, startedAt,
 *  updatedAt, finishedAt, sequence, ticket, supersededBy, supersededByCommit, commits: [{repository, branch, commit, ran}],
 *  about, steps: [{name, title, status, message, about, startedAt, finishedAt}]}
 *
 * `about`: the Environment that the message beside it is of, where that is known.
 *
 * status of an operation: Pending, Running, Waiting, Succeeded, Failed, Superseded; of a step the same. Superseded: a later
 * commit runs instead of its own, or what it was about is uninstalled; it cannot be tried again.
 */
#ifndef PROVISIONING_OPERATION_H
#define PROVISIONING_OPERATION_H

#include "core/kind.h"

/* `principal`: {user, name, email}. The caller's. */
json_t *prv_operation_make(const prv_kind *kind, const char *id, const json_t *plan, const json_t *principal, int64_t now_ms);
bool prv_operation_has_ended(const json_t *operation);
/* The first step that has not succeeded; NULL when all have. Lent. */
json_t *prv_operation_next_step(const json_t *operation);
/* Moves one step, and with it the operation; `message` may be NULL. false when nothing differs from what is there already. */
bool prv_operation_set(json_t *operation, json_t *step, const char *status, const char *reason, const char *message,
                       int64_t now_ms);
/* Of which Environment the words are that were set last (NULL: not known); setting others forgets it. `step` may be NULL. */
void prv_operation_is_about(json_t *operation, json_t *step, const char *environment);
/* Ends it at this step: by another operation, by a commit (each may be NULL). */
void prv_operation_supersede(json_t *operation, json_t *step, const char *by_operation, const char *by_commit,
                             const char *message, int64_t now_ms);
/* Whether this step has been waiting for longer than `limit_ms`. */
bool prv_operation_is_overdue(const json_t *step, int64_t now_ms, int64_t limit_ms);
void prv_operation_succeed(json_t *operation, int64_t now_ms);
/* Nothing has changed but that it is still there: what is kept for a day counts from its last change. */
void prv_operation_touch(json_t *operation, int64_t now_ms);
/* A failed one begins again at the step that failed. */
void prv_operation_restart(json_t *operation, int64_t now_ms);
/* Remembers a commit that the operation made; lends the one of a branch, NULL when it made none. */
void prv_operation_note_commit(json_t *operation, const char *repository, const char *branch, const char *commit);
const char *prv_operation_commit_of(const json_t *operation, const char *repository, const char *branch);
/* That a branch's commit was seen to run; true when that is new. */
bool prv_operation_note_run(json_t *operation, const char *repository, const char *branch);
bool prv_operation_has_run(const json_t *operation, const char *repository, const char *branch);

#endif
