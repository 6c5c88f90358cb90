/* For resolver*.c alone: the catalog in order, and the state of one search. */
#ifndef CAT_DOMAIN_RESOLVER_INTERNAL_H
#define CAT_DOMAIN_RESOLVER_INTERNAL_H

#include "base/map.h"
#include "base/memory.h"
#include "domain/resolver.h"
#include "wire/schema.h"
#include "wire/semver.h"

#define RESOLVER_MAX_NODES 2000
#define RESOLVER_MAX_REQUIREMENTS 10000
/* Work is counted, not timed, so that the same input ends in the same way everywhere. A step is some 15 to 20 ns of one core, so
 * that all of it together ends after about 50 ms: searching, and where nothing fits, looking for the least that cannot be, for
 * words about it, and for a change that helps. */
#define RESOLVER_MAX_STEPS 1500000
#define RESOLVER_MAX_STEPS_LEAST 300000
#define RESOLVER_MAX_STEPS_WORDS 500000
#define RESOLVER_MAX_STEPS_CHANGE 300000
#define RESOLVER_MAX_STEPS_BEST 60000 /* the first conflicts are as good as later ones, and no more than some hundred are told   \
                                       */
#define RESOLVER_STEPS_EXPRESSION 100
#define RESOLVER_STEPS_REQUIREMENT 40
#define RESOLVER_STEPS_SCHEMA 5000
#define RESOLVER_MAX_HINTS 64
#define RESOLVER_NONE SIZE_MAX

/* One version of a Blueprint, or an existing Application. */
typedef struct {
    const json_t *json;
    cat_semver version;
    const char *version_text;
    size_t first_entry; /* number of its first dependency among all that were looked at; the others follow */
    cat_schema *schema; /* of its config, once somebody needed it */
    bool schema_tried, faulty;
} resolver_candidate;

/* All versions of a Blueprint of one source, the newest first, once somebody looked at it: a wish needs few of a catalog. */
typedef struct {
    const char *name, *source;
    const json_t **versions; /* as they came */
    size_t version_count, version_capacity;
    bool looked_at;
    resolver_candidate *candidates;
    size_t count;
    unsigned rank;                    /* below those of all Blueprints that it may need, where they do not need each other */
    size_t visit, lowlink, component; /* while ranks are found; visit 0: not seen */
    bool open;
} resolver_family;

/* Owned. What cannot be read of what was looked at is left out, and said in `left_out`: [{source, name, version, reason}]. */
typedef struct {
    cat_map *families; /* "source/name" → family */
    cat_map *by_name;  /* name → family of the first source that has it */
    const char *organization;
    size_t entry_count; /* dependencies of what was looked at */
    bool ranked;        /* as some version that was chosen has a `when` or gives values */
    json_t *left_out;
} resolver_catalog;
void resolver_catalog_init(resolver_catalog *catalog, const cat_resolver_facts *facts);
void resolver_catalog_finish(resolver_catalog *catalog);
static inline void resolver_catalog_cleanup(resolver_catalog *catalog)
{
    resolver_catalog_finish(catalog);
}
/* `source` NULL: looked through in order. NULL when unknown. */
resolver_family *resolver_catalog_find(resolver_catalog *catalog, const char *source, const char *name);
void resolver_leave_out(resolver_catalog *catalog, const char *source, const char *name, const char *version, const char *reason);

/* resolver_order.c: gives each Blueprint that `root` may reach its rank, once. */
void resolver_rank(resolver_catalog *catalog, resolver_family *root);

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
    unsigned rank;
    resolver_candidate *candidates;
    resolver_candidate own; /* of an existing Application */
    size_t count, next;     /* next candidate to try; the chosen one is next - 1 */
    size_t level;           /* its place in the row of decisions; RESOLVER_NONE: open */
    size_t last_requirement;
    size_t nodes_before, requirements_before; /* before this node's choice added any */
    json_t *config;
    unsigned char *conflicts; /* a bit a node: whose choices made candidates of this one fail */
} resolver_node;

/* One dependency of one version, as it was met. */
typedef struct {
    const resolver_candidate *candidate;
    const char *blueprint; /* whose dependency it is */
    const json_t *depend;
    size_t entry;
} resolver_entry;

typedef struct {
    resolver_entry *items;
    size_t count, capacity;
} resolver_entries;

/* `before` has to be decided before `after`, as it gives it values. */
typedef struct {
    char *before, *after;
} resolver_hint;

typedef struct {
    const cat_resolver_facts *facts;
    const json_t *request, *choices, *scope;
    const char *application;
    resolver_catalog *catalog; /* borrowed */
    resolver_node **nodes;
    size_t node_count, node_capacity;
    size_t *decided; /* nodes in the order of their decisions */
    size_t decided_count;
    resolver_requirement **requirements;
    size_t requirement_count, requirement_capacity;
    resolver_hint hints[RESOLVER_MAX_HINTS];
    size_t hint_count;
    size_t *steps; /* of all searches together */
    size_t max_steps;
    unsigned char *touched; /* a byte an entry: it had a part in this search */
    size_t touched_capacity;
    resolver_entries entries;  /* those that had */
    const unsigned char *only; /* a byte an entry: others do not exist in this search; NULL: all do */
    size_t only_count;
    size_t relaxed;      /* this entry takes any version; RESOLVER_NONE: none does */
    bool explains;       /* what does not fit is told: costs too much for a search that may succeed */
    json_t *explanation; /* the shortest so far */
    size_t chain_length, explained;
    char reason[400];
    cat_error fault; /* why a version was left out, when it was in this search */
    bool failed;     /* as nothing fits, not by an error of another kind */
    bool refused;    /* for a name, as the explanation says */
    cat_error *error;
} resolver_search;

static inline resolver_candidate *resolver_chosen(const resolver_node *node)
{
    return node->next ? &node->candidates[node->next - 1] : NULL;
}
static inline bool resolver_was_touched(const resolver_search *search, size_t entry)
{
    return entry < search->touched_capacity && search->touched[entry];
}
static inline void resolver_mark(resolver_node *node, size_t other)
{
    node->conflicts[other / 8] |= (unsigned char)(1u << (other % 8));
}
static inline bool resolver_is_marked(const resolver_node *node, size_t other)
{
    return node->conflicts[other / 8] & (1u << (other % 8));
}
/* Does a candidate satisfy every requirement on the node? */
bool resolver_fits(const resolver_search *search, const resolver_node *node, const resolver_candidate *candidate);

/* resolver.c: one search over the whole or, with `only`, over part of the catalog. 0: every node is decided. */
void resolver_search_init(resolver_search *search, const cat_resolver_facts *facts, const json_t *request,
                          resolver_catalog *catalog, size_t *steps, size_t max_steps, cat_error *error);
int resolver_search_run(resolver_search *search);
void resolver_search_finish(resolver_search *search);
static inline void resolver_search_cleanup(resolver_search *search)
{
    resolver_search_finish(search);
}

/* resolver_core.c: replaces the explanation of a search that failed by one that names as little as possible. */
void resolver_explain_least(resolver_search *search);
/* Gives a search that had no steps left the shortest conflict of those that are met first. Nothing proves that no choice avoids
 * it. */
void resolver_explain_best(resolver_search *search);

/* resolver_explain.c */
/* The requirements on `node` leave no candidate. */
void resolver_explain_conflict(resolver_search *search, size_t node);
void resolver_explain_missing(resolver_search *search, size_t from, const char *blueprint, const char *range);
void resolver_explain_placement(resolver_search *search, size_t from, const char *blueprint, const char *range, const char *path,
                                const char *application, const char *why);
void resolver_explain_cycle(resolver_search *search, const size_t *circle, size_t count);
/* Puts an explanation in place of what there is, about the dependency at `path` (NULL: about none alone). Takes `chain`. */
void resolver_explain_as(resolver_search *search, const char *kind, json_t *chain, const char *reason, const char *suggestion,
                         const char *path);

/* resolver_expand.c: adds what the chosen version of node `at` depends on. 0 fits, 1 conflicts (noted in the node's conflicts), 2
 * begin again with one hint more, negative: an error that no other choice mends. */
int resolver_expand(resolver_search *search, size_t at);
resolver_node *resolver_node_add(resolver_search *search, const char *key, const char *blueprint, const char *path,
                                 const char *alias);
int resolver_requirement_add(resolver_search *search, size_t from, size_t to, const json_t *depend, const char *range_text,
                             const cat_semver_range *range, json_t *values);
void resolver_undo(resolver_search *search, size_t node_count, size_t requirement_count);
/* resolver_config.c: what a node is configured with: the values of its dependants, the first one's first, below what the user
 * chose. The caller's. */
json_t *resolver_config_of(const resolver_search *search, const resolver_node *node);
/* The scope that its expressions see, when it is configured so: with the defaults of the chosen version. The caller's. */
json_t *resolver_scope_of(resolver_search *search, const resolver_node *node, const json_t *config);
/* Whether `depend` is taken, and with which values (NULL: none; the caller's). `*scope` NULL: it is made of the node's config
 * when it is needed, and the caller's. 1: its expressions cannot be evaluated, as search->fault says. */
int resolver_judge(resolver_search *search, const resolver_node *node, const json_t *depend, size_t index, json_t **scope,
                   bool *holds, json_t **values);

#endif
