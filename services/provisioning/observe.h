/* Facts for plans, from Git, the registered Blueprints, the management cluster and Gitea. Any thread; calls block. */
#ifndef PROVISIONING_OBSERVE_H
#define PROVISIONING_OBSERVE_H

#include "provisioning.h"

/* Facts as plan.h describes them but `manifests`, with `reads`: [{repository, branch, path, blob}] (blob null: there is no such
 * file; a path that ends in "/" is a folder with all in it), what a plan of this request rests on. CAT_E_NOT_FOUND when there is
 * no such Organization. The caller's. */
int prv_observe(prv_context *context, const char *organization, const json_t *request, json_t **facts, cat_error *error);
/* The Sovereign's policies, as `facts.policies` has them. The caller's. */
int prv_observe_policies(prv_context *context, json_t **policies, cat_error *error);
/* Puts the files of these Blueprints into `facts`. */
int prv_observe_manifests(prv_context *context, json_t *facts, const json_t *keys, cat_error *error);
/* One Application with develop and the branches of `environments`, as `facts.applications` has it, and what was read (may be
 * NULL): other branches are people's own, whatever they are called. CAT_E_NOT_FOUND. */
int prv_observe_application(prv_context *context, const char *organization, const char *name, const json_t *environments,
                            json_t **branches, json_t *reads, cat_error *error);
/* Names and objects of every Application of the Organization: {name: {spec, branches: {develop: {source}}}}; develop's
 * catalyst.yaml when `sources`, at one call to Gitea each. */
int prv_observe_applications(prv_context *context, const char *organization, bool sources, json_t **applications,
                             cat_error *error);
/* Takes `volumes` out of a rendered plan, [{application, blueprint, environment, namespace, name, storage, new, was, pointer}],
 * and warns of new ones that are there already, of those that are larger, and of kept secrets. CAT_E_INVALID: one would become
 * smaller;
 * `*errors` (the caller's) says where the request asks for that. */
int prv_observe_kept(prv_context *context, const char *organization, json_t *plan, json_t **errors, cat_error *error);
/* Adds to the plan's warnings what of the Application that it removes stays: of `secrets` (paths; NULL: not known which) and
 * `claims` (as prv_render_claims gives them) what is there. What cannot be looked at is no reason to refuse. */
void prv_observe_left(prv_context *context, const char *organization, json_t *plan, const json_t *secrets, const json_t *claims);
/* The operation that was last about each Application, of those that are kept: {name: {operation, startedAt, environments,
 * ended}}, with words of its kind. The caller's. */
int prv_observe_work(prv_context *context, const char *organization, json_t **work, cat_error *error);
/* What of `reads` is otherwise now: [{pointer, message}] (empty: nothing). The caller's. */
int prv_observe_moved(prv_context *context, const json_t *reads, json_t **moved, cat_error *error);

/* --- observe_branches.c --- */
/* One branch of an Application at a commit: {commit, source, values, overlays, files, unreadable?}. What people broke in it is no
 * failure: it stands in `unreadable`, [{file, message}], and is left out of the rest. `reads` may be NULL. */
int prv_branch_read(cat_git *git, const char *repository, const char *branch, const cat_git_id *commit, json_t **facts,
                    json_t *reads, cat_error *error);
/* By the names of its files alone. */
bool prv_branch_has_overlay(cat_git *git, const cat_git_id *commit, const char *type);
void prv_note_read(json_t *reads, const char *repository, const char *branch, const char *path, const char *blob);

#endif
