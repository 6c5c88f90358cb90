/* For resolver*.c alone: the catalog in order, and the state of one search. */
#ifndef CAT_DOMAIN_RESOLVER_INTERNAL_H
#define CAT_DOMAIN_RESOLVER_INTERNAL_H

#include "base/map.h"
#include "base/memory.h"
#include "domain/resolver.h"
#include "wire/semver.h"

#define RESOLVER_MAX_NODES 2000
#define RESOLVER_MAX_REQUIREMENTS 10000
#define RESOLVER_MAX_TRIALS 100000
#define RESOLVER_NONE SIZE_MAX

/* One version of a Blueprint, or an existing Application. */
typedef struct {
    const json_t *json;
    cat_semver version;
    const char *version_text;
} resolver_candidate;

/* All versions of a Blueprint of one source, the newest first. */
typedef struct {
    const char *name, *source;
    resolver_candidate *candidates;
    size_t count, capacity;
} resolver_family;

/* name → family of the first source that has it; "source/name" → family. Owned. */
typedef struct {
    cat_map *families;
    const char *organization;
} resolver_catalog;
int resolver_catalog_init(resolver_catalog *catalog, const cat_resolver_facts *facts, cat_error *error);
void resolver_catalog_finish(resolver_catalog *catalog);
static inline void resolver_catalog_cleanup(resolver_catalog *catalog)
{
    resolver_catalog_finish(catalog);
}
/* `source` NULL: looked through in order. NULL when unknown. */
const resolver_family *resolver_catalog_find(const resolver_catalog *catalog, const char *source, const char *name);

typedef struct {
    size_t from, to; /* nodes; the root's own requirement comes from RESOLVER_NONE */
    size_t previous; /* the requirement on `to` before this one */
    const json_t *depend;
    const char *range_text;
    cat_semver_range range;
    json_t *values;
} resolver_requirement;

typedef struct {
    char *key, *application, *path, *alias;
    const char *blueprint, *source;
    bool reuse;
    const resolver_candidate *candidates;
    resolver_candidate own; /* of an existing Application */
    size_t count, next;     /* next candidate to try; the chosen one is next - 1 */
    size_t last_requirement;
    size_t nodes_before, requirements_before; /* before this node's choice added any */
    json_t *config;
    unsigned char *conflicts; /* a bit a node: whose choices made candidates of this one fail */
} resolver_node;

typedef struct {
    const cat_resolver_facts *facts;
    const json_t *request, *choices, *scope;
    const char *application;
    resolver_catalog catalog;
    resolver_node **nodes;
    size_t node_count;
    resolver_requirement **requirements;
    size_t requirement_count;
    size_t trials, explained;
    json_t *explanation; /* the shortest so far */
    size_t chain_length;
    char reason[400];
    bool failed; /* with an explanation, not by an error */
    cat_error *error;
} resolver_search;

static inline const resolver_candidate *resolver_chosen(const resolver_node *node)
{
    return node->next ? &node->candidates[node->next - 1] : NULL;
}
/* Does a candidate satisfy every requirement on the node? */
bool resolver_fits(const resolver_search *search, const resolver_node *node, const resolver_candidate *candidate);

/* resolver_explain.c */
/* The requirements on `node` leave no candidate. */
void resolver_explain_conflict(resolver_search *search, size_t node);
void resolver_explain_missing(resolver_search *search, size_t from, const char *blueprint, const char *range);
void resolver_explain_placement(resolver_search *search, size_t from, const char *blueprint, const char *range,
                                const char *application, const char *why);
void resolver_explain_cycle(resolver_search *search, const size_t *circle, size_t count);

/* resolver_expand.c: adds what the chosen version of node `at` depends on. 0 fits, 1 conflicts (noted in the node's conflicts),
 * negative: an error that no other choice mends. */
int resolver_expand(resolver_search *search, size_t at);
resolver_node *resolver_node_add(resolver_search *search, const char *key, const char *blueprint, const char *path,
                                 const char *alias);
int resolver_requirement_add(resolver_search *search, size_t from, size_t to, const json_t *depend, const char *range_text,
                             json_t *values);
void resolver_undo(resolver_search *search, size_t node_count, size_t requirement_count);
static inline void resolver_mark(resolver_node *node, size_t other)
{
    node->conflicts[other / 8] |= (unsigned char)(1u << (other % 8));
}

#endif
