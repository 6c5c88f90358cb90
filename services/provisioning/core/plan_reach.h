/* How far a wish reaches: the Environments that rights are asked for, and the branches that may be read, shown and written by it.
 * A branch that is called like an Environment's is a person's own where the Application does not run. Pure; any thread. */
#ifndef PROVISIONING_PLAN_REACH_H
#define PROVISIONING_PLAN_REACH_H

#include "core/plan_parts.h"

/* The Environments that a request names, else all that its Application runs in: what rights are asked for. The caller's. */
json_t *prv_environments_asked(const prv_kind *kind, const json_t *facts, const json_t *request);
/* Is it the branch of one of these Environments (["acme-dev"])? */
bool prv_is_branch_of(const char *organization, const json_t *environments, const char *branch);
/* Is the file one that a wish about these Environments may rest on? Each has its branch, with its own overlay alone: what a
 * branch carries of others is theirs. What is everybody's stands on develop. */
bool prv_is_within(const char *organization, const json_t *environments, const char *branch, const char *path);
/* Does the Application run in the Environment that this branch is of? */
bool prv_runs_on(const json_t *facts, const char *application, const char *branch);
/* 0 when the draft writes, in repositories that were there before, only branches of the Environments asked for; and develop,
 * which all Environments are carried from, when all of them are. CAT_E_INTERNAL names the other one: no fault of the wish. */
int prv_check_reach(const prv_draft *draft, cat_error *error);

#endif
