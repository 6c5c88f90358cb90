/* Which versions of which Blueprints an installation takes, and which Applications it makes or reuses. Pure; any thread. */
#ifndef CAT_DOMAIN_RESOLVER_H
#define CAT_DOMAIN_RESOLVER_H

#include "wire/json.h"

/* What the resolver knows. The catalog is borrowed JSON:
 *   blueprints:   [{source, name, version, digest, depends: [{blueprint, version, alias, when, values}], configSchema?,
 *                   visibility}]
 *   applications: [{name, blueprint, version, environments: [..], vclusters: [..]}]   existing ones of the Organization
 */
typedef struct {
    const json_t *blueprints;
    const json_t *applications;
    const char *organization; /* sees its own Blueprints and those of the catalogs, in the order of domain/source.h */
} cat_resolver_facts;

/* Request:  {application, blueprint, source?, range?, config, scope (for `when` and `values`), environments: [..],
 *            taken: [names that a new dependency does not get by itself],
 *            choices: {"{path of aliases, e.g. db or db.cache}": {use: "new"|"existing", name?, application?, config?}}}
 *
 * Result:
 *   {nodes: [{path, application, alias, blueprint, source, version, digest, action: "create"|"reuse", requiredBy, when, values}],
 *    edges: [{from, to, alias}],
 *    leftOut: [{source, name, version, reason}]}
 * nodes in an order in which a dependency stands before its dependants; leftOut are versions that cannot be read, of the
 * Blueprints that were looked at.
 *
 * Equal Blueprints of one tree unify when ranges allow. Newest versions that satisfy every range; a version that would close a
 * circle is no candidate. `when` and `values` see what their node is configured with in the end: the values of all dependants
 * (single values of the first, lists of all), what was chosen above them, and defaults of the version's own configSchema below.
 *
 * On failure `*explanation` (the caller's, may be asked for with NULL for no) is
 *   {kind: "conflict"|"cycle"|"missing"|"placement", chain: [{from, blueprint, range}], suggestion, leftOut?}
 * where the chain names the least that cannot hold together (without any one of it the rest can; of a circle the circle alone).
 * Of kind "name" it is {path, suggestion}: the dependency there cannot be called so. With a `path` the other kinds are about the
 * existing Application that was chosen there.
 *
 * At most 2,000 nodes, and as much work as some 50 ms: then CAT_E_TOO_LARGE with the shortest conflict that was met, or a chain
 * that could be shorter. */
int cat_resolve(const cat_resolver_facts *facts, const json_t *request, json_t **result, json_t **explanation, cat_error *error);
/* The tree as a Blueprint's page shows it, `when`s not judged: [{path, alias, blueprint, source, version, range, requiredBy,
 * when, depth}]. A version "" is one that there is not: `problem` says why. What cannot be read is left out. */
int cat_resolver_flatten(const cat_resolver_facts *facts, const char *source, const char *name, const char *version,
                         json_t **items, cat_error *error);

#endif
