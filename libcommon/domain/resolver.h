/* Which versions of which Blueprints an installation takes, and which Applications it makes or reuses. Pure; any thread. */
#ifndef CAT_DOMAIN_RESOLVER_H
#define CAT_DOMAIN_RESOLVER_H

#include "wire/json.h"

/* What the resolver knows. The catalog is borrowed JSON:
 *   blueprints: [{source, name, version, digest, depends: [{blueprint, version, alias, when, values}], visibility}]
 *   applications: [{name, blueprint, version, environments: [..], vclusters: [..]}]  existing ones of the Organization */
typedef struct {
    const json_t *blueprints;
    const json_t *applications;
    const char *organization; /* sources are looked through in the order organization, catalog-sovereign, catalog */
} cat_resolver_facts;

/* Request:  {application, blueprint, source?, range?, config, scope (for `when` and `values`), environments: [..],
 *            taken: [names that a new dependency does not get by itself],
 *            choices: {"{path of aliases, e.g. db or db.cache}": {use: "new"|"existing", name?, application?}}}
 * Result:   {nodes: [{path, application, alias, blueprint, source, version, digest, action: "create"|"reuse", requiredBy, when, values}],
 *            edges: [{from, to, alias}]}   nodes in an order in which a dependency stands before its dependants
 * Equal Blueprints of one tree unify when ranges allow. Newest versions that satisfy every range.
 * On failure `*explanation` (the caller's, may be asked for with NULL for no) is
 *   {kind: "conflict"|"cycle"|"missing"|"placement", chain: [{from, blueprint, range}], suggestion}; of kind "name"
 * {path, suggestion}: the dependency there cannot be called so. At most 2,000 nodes. */
int cat_resolve(const cat_resolver_facts *facts, const json_t *request, json_t **result, json_t **explanation, cat_error *error);
/* The tree as a Blueprint's page shows it, `when`s not judged: [{path, alias, blueprint, source, version, range, requiredBy, when, depth}]. */
int cat_resolver_flatten(const cat_resolver_facts *facts, const char *source, const char *name, const char *version, json_t **items, cat_error *error);

#endif
