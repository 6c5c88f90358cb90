/* What would run: the files that a plan makes, built by the pinned kustomize program as Flux will do it. Any thread; calls block.
 */
#ifndef PROVISIONING_RENDER_H
#define PROVISIONING_RENDER_H

#include "wire/json.h"

typedef struct {
    const char *program; /* found in PATH when it has no slash */
    int64_t time_out_ms;
} prv_render_options;

/* Builds every Application that the plan makes or changes in each of its Environments, and puts `footprint` (of all of them
 * together) into the plan's applications. CAT_E_INVALID: kustomize refused, `*errors` (the caller's) says what and where.
 * CAT_E_TIMEOUT, CAT_E_IO: it could not be run. */
int prv_render_plan(const prv_render_options *options, const json_t *facts, json_t *plan, json_t **errors, cat_error *error);
/* {path: text} of a branch of a repository as the plan makes it. The caller's. */
json_t *prv_render_tree(const json_t *facts, const json_t *plan, const char *repository, const char *branch);
/* Builds one tree with the overlay of an env type: the objects as an array, the caller's. */
int prv_render_build(const prv_render_options *options, const json_t *files, const char *env_type, const char *namespace,
                     json_t **objects, cat_error *error);

#endif
