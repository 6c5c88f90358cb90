/* What would run: the files that a plan makes, built by the pinned kustomize program as Flux will do it. Any thread; calls block.
 */
#ifndef PROVISIONING_RENDER_H
#define PROVISIONING_RENDER_H

#include "net/confined_program.h"
#include "render_gate.h"
#include "wire/json.h"

typedef struct {
    const cat_confinement *confinement; /* of kustomize (render_program.h) */
    prv_render_gate *gate;
    int64_t time_out_ms; /* of one build */
} prv_render_options;

/* Builds every Application that the plan makes or changes in each of its Environments, and puts `footprint` (of all of them
 * together) into the plan's applications, and `volumes` of new ones into the plan (observe.h). CAT_E_INVALID: what the plan would
 * make is refused by domain/application_tree.h, or by kustomize, or is a change that no cluster takes; `*errors` (the caller's)
 * says what and where. CAT_E_CONFLICT with `*errors`: what cannot be built could not be before either, so that the repository has
 * to be corrected first; where the plan changes nothing of it, that is a warning of the plan. CAT_E_LIMIT: the Organization has
 * as many plans made as it may, or all have. CAT_E_TIMEOUT, CAT_E_IO: it could not be run. */
int prv_render_plan(const prv_render_options *options, const json_t *facts, json_t *plan, json_t **errors, cat_error *error);
/* The claims of an Application as its branches stand: {environment: as prv_claims_of}; an Environment whose branch cannot be
 * built now is not in it. The caller's. */
json_t *prv_render_claims(const prv_render_options *options, const json_t *facts, const char *application);
/* {path: text} of a branch of a repository as it is, and as the plan makes it. The caller's. */
json_t *prv_render_head(const json_t *facts, const char *repository, const char *branch);
json_t *prv_render_tree(const json_t *facts, const json_t *plan, const char *repository, const char *branch);
/* Checks (domain/application_tree.h) and builds one tree with the overlay of an env type: the objects as an array, the caller's.
 * CAT_E_INVALID with `*refusals` when the check refused it, else NULL there. */
int prv_render_build(const prv_render_options *options, const json_t *files, const char *env_type, const char *namespace,
                     json_t **objects, json_t **refusals, cat_error *error);

#endif
