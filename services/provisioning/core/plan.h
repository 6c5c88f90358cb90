/* What a wish would do: facts and a request in, an InstallPlan out. Pure: Git, KV and the clock are read by
 * observe.c, and everything that the plan rests on is in `facts`. The same facts and request give the same
 * plan. Any thread.
 *
 * Facts
 *   now           RFC 3339
 *   sovereign     {name, domain}
 *   organization  {name, displayName, quotas}
 *   environments  {"acme-dev": {type, domain, vclusters: [..], policyRef}}
 *   policies      [EnvironmentPolicy objects of the Sovereign]: domain/policy.h says which govern
 *   blueprints    [values of KV catalyst-blueprints that the Organization may see]
 *   manifests     {"{source}.{name}.{version}": {"manifests/…" | "bind/…" | "sizes/…": text}}, for every
 * Blueprint that the plan may copy applications  {"blog": {spec, branches: {"develop": {commit, source,
 * values, overlays: {"dev": {environment, values, size, links: {"{consumer}": [patch]}}}, files: {path:
 * text}}}}} `spec` is the Application object's; `source` is catalyst.yaml's spec; `files` the texts that a
 * plan may change; `unreadable` (absent: nothing) [{file, message}] of the branch that people broke taken         [names of
 * repositories in the Organization that no Application has: archived ones, shared-blueprints]; unfinished [the other ones: what
 * installs and uninstalls left that did not end, or are at]; work {"{name}": {operation, ended, removes, being, left}}: the
 * operation that was last about one, where that is known
 *
 * Plan, besides what docs/architecture.md shows
 *   trees    [{repository, branch, from, keep: [folder], files: [{path, content | null}]}], in the order in
 * which they are committed: a tree is that of branch `from` as this plan makes it ("" : the branch's own
 * head; "skeleton": only the skeleton) with `keep` from the branch's own head, then the files secrets [{path,
 * keys: [{name, length}]}]: values that are generated once where they are not there yet links [{application,
 * consumer, environments}]
 */
#ifndef PROVISIONING_PLAN_H
#define PROVISIONING_PLAN_H

#include "core/kind.h"

/* `*plan` is the caller's. CAT_E_INVALID: `*errors` (the caller's, [{pointer, message}] into the request)
 * says where. CAT_E_CONFLICT: a name is taken or dependants exist. CAT_E_NOT_FOUND: no such Application,
 * Environment or Blueprint. `*code` gets a problem code of proto/problems.yaml. */
int prv_plan_make(const prv_kind *kind, const json_t *facts, const json_t *request, json_t **plan, json_t **errors,
                  const char **code, cat_error *error);

/* Which Blueprints the plan may copy files of: ["{source}.{name}.{version}"], for observe.c to fetch before
 * prv_plan_make. Same errors. */
int prv_plan_needs(const prv_kind *kind, const json_t *facts, const json_t *request, json_t **keys, json_t **errors,
                   const char **code, cat_error *error);

/* What rendered objects ask for: {pods, cpuMilli, memoryBytes, storageBytes}; a workload counts once a replica, its pods as
 * wire/kubernetes_requests.h says. The caller's. */
json_t *prv_plan_footprint(const json_t *objects);
/* A plan as people read it in a log or a test: one line a decision. The caller's text. */
char *prv_plan_print(const json_t *plan);

#endif
