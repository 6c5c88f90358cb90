#include "domain/resolver.h"

#include <stdlib.h>
#include <string.h>

#include "domain/resolver_internal.h"

static void resolver_search_cleanup(resolver_search *search)
{
    resolver_undo(search, 0, 0);
    free(search->nodes);
    free(search->requirements);
    json_decref(search->explanation);
    resolver_catalog_finish(&search->catalog);
}

/* Tries the next candidates of node `at` until one fits with all that it brings. 1: none is left. */
static int choose(resolver_search *search, size_t at)
{
    resolver_node *node = search->nodes[at];
    while (node->next < node->count) {
        const resolver_candidate *candidate = &node->candidates[node->next++];
        if (!resolver_fits(search, node, candidate))
            continue;
        if (search->trials++ >= RESOLVER_MAX_TRIALS)
            return cat_error_set(search->error, CAT_E_TOO_LARGE, "no fitting set of versions was found in %d trials",
                                 RESOLVER_MAX_TRIALS);
        int code = resolver_expand(search, at);
        if (code <= 0)
            return code;
        resolver_undo(search, node->nodes_before, node->requirements_before);
    }
    return 1;
}

/* Nothing fits node `at`: goes back to the latest choice that has a part in it (conflict-directed backjumping), skipping the
 * choices between, which could not help. RESOLVER_NONE when there is none. */
static size_t jump_back(resolver_search *search, size_t at)
{
    resolver_node *node = search->nodes[at];
    for (size_t i = node->last_requirement; i != RESOLVER_NONE; i = search->requirements[i]->previous)
        if (search->requirements[i]->from != RESOLVER_NONE && search->requirements[i]->from < at)
            resolver_mark(node, search->requirements[i]->from);
    size_t back = RESOLVER_NONE;
    for (size_t i = at; back == RESOLVER_NONE && i-- > 0;)
        if (node->conflicts[i / 8] & (1u << (i % 8)))
            back = i;
    if (back == RESOLVER_NONE)
        return back;
    resolver_node *target = search->nodes[back];
    for (size_t i = 0; i < back; i++)
        if (node->conflicts[i / 8] & (1u << (i % 8)))
            resolver_mark(target, i);
    /* Nodes between go back to their beginning; those that a later choice made go away with it. */
    for (size_t i = back + 1; i <= at && i < search->node_count; i++) {
        search->nodes[i]->next = 0;
        memset(search->nodes[i]->conflicts, 0, RESOLVER_MAX_NODES / 8 + 1);
    }
    resolver_undo(search, target->nodes_before, target->requirements_before);
    return back;
}

static int fail_explained(resolver_search *search)
{
    search->failed = true;
    const char *kind = cat_json_text_or(search->explanation, "kind", "conflict");
    int code = strcmp(kind, "missing") == 0 ? CAT_E_NOT_FOUND : CAT_E_INVALID;
    return cat_error_set_class(search->error, code, CAT_CLASS_STALLED, "%s",
                               *search->reason ? search->reason : "the dependencies do not fit together");
}

static int search_run(resolver_search *search)
{
    size_t at = 0;
    while (at < search->node_count) {
        int code = choose(search, at);
        if (code < 0)
            return code;
        if (code == 0) {
            at++;
            continue;
        }
        at = jump_back(search, at);
        if (at == RESOLVER_NONE)
            return fail_explained(search);
    }
    return 0;
}

static int search_start(resolver_search *search)
{
    const json_t *request = search->request;
    const char *blueprint = cat_json_text(request, "blueprint"), *range = cat_json_text_or(request, "range", "*");
    search->application = cat_json_text(request, "application");
    if (!blueprint || !search->application)
        return cat_error_set(search->error, CAT_E_INVALID, "an installation needs an application and a blueprint");
    int code = resolver_catalog_init(&search->catalog, search->facts, search->error);
    if (code < 0)
        return code;
    const resolver_family *family = resolver_catalog_find(&search->catalog, cat_json_text(request, "source"), blueprint);
    if (!family) {
        resolver_explain_missing(search, RESOLVER_NONE, blueprint, range);
        return fail_explained(search);
    }
    cat_autofree char *key = cat_printf("blueprint %.300s", blueprint);
    resolver_node *root = resolver_node_add(search, key, family->name, "", "");
    root->application = cat_strdup(search->application);
    root->source = family->source;
    root->candidates = family->candidates;
    root->count = family->count;
    json_t *config = json_object_get(request, "config");
    root->config = config ? json_incref(config) : json_object();
    code = resolver_requirement_add(search, RESOLVER_NONE, 0, NULL, range, NULL);
    if (code < 0)
        return code;
    for (size_t i = 0; i < root->count; i++)
        if (resolver_fits(search, root, &root->candidates[i]))
            return 0;
    resolver_explain_conflict(search, 0);
    return fail_explained(search);
}

/* Follows unfinished nodes until one comes twice: that is the circle. */
static void explain_circle(resolver_search *search, const size_t *open)
{
    cat_autofree size_t *by = cat_calloc(search->node_count, sizeof(size_t)),
                        *seen = cat_calloc(search->node_count, sizeof(size_t));
    size_t node = 0, step = 0;
    while (node < search->node_count && open[node] == 0)
        node++;
    while (!seen[node]) {
        seen[node] = ++step;
        for (size_t i = 1; i < search->requirement_count; i++)
            if (search->requirements[i]->from == node && open[search->requirements[i]->to] > 0)
                by[node] = i;
        node = search->requirements[by[node]]->to;
    }
    size_t circle[64], count = 0, start = node;
    do {
        circle[count++] = by[node];
        node = search->requirements[by[node]]->to;
    } while (node != start && count < 64);
    resolver_explain_cycle(search, circle, count);
}

/* `order` gets the nodes, a dependency before its dependants. */
static int sort_nodes(resolver_search *search, size_t *order)
{
    cat_autofree size_t *open =
        cat_calloc(search->node_count, sizeof(size_t)); /* dependencies not yet placed, plus one; 0: placed */
    for (size_t i = 0; i < search->node_count; i++)
        open[i] = 1;
    for (size_t i = 1; i < search->requirement_count; i++)
        open[search->requirements[i]->from]++;
    size_t placed = 0;
    for (size_t begin = 0;; begin = placed) {
        for (size_t i = search->node_count; i-- > 0;) /* deepest first reads best */
            if (open[i] == 1) {
                open[i] = 0;
                order[placed++] = i;
            }
        if (placed == begin)
            break;
        for (size_t n = begin; n < placed; n++)
            for (size_t i = search->nodes[order[n]]->last_requirement; i != RESOLVER_NONE; i = search->requirements[i]->previous)
                if (search->requirements[i]->from != RESOLVER_NONE)
                    open[search->requirements[i]->from]--;
    }
    if (placed == search->node_count)
        return 0;
    explain_circle(search, open);
    return fail_explained(search);
}

static json_t *node_json(const resolver_search *search, const resolver_node *node)
{
    const resolver_candidate *chosen = resolver_chosen(node);
    size_t first = node->last_requirement;
    while (search->requirements[first]->previous != RESOLVER_NONE)
        first = search->requirements[first]->previous;
    const resolver_requirement *requirement = search->requirements[first];
    const char *required_by = requirement->from == RESOLVER_NONE ? NULL : search->nodes[requirement->from]->application;
    return cat_json_object(
        "path", json_string(node->path), "application", json_string(node->application), "alias", json_string(node->alias),
        "blueprint", json_string(node->blueprint), "source", json_string(node->source), "version",
        json_string(chosen->version_text), "digest", json_string(cat_json_text_or(chosen->json, "digest", "")), "action",
        json_string(node->reuse ? "reuse" : "create"), "requiredBy", required_by ? json_string(required_by) : json_null(), "when",
        json_string(cat_json_text_or(requirement->depend, "when", "")), "values",
        node->config ? json_deep_copy(node->config) : json_object(), NULL);
}

static int result_make(resolver_search *search, json_t **result)
{
    cat_autofree size_t *order = cat_calloc(search->node_count, sizeof(size_t));
    int code = sort_nodes(search, order);
    if (code < 0)
        return code;
    json_t *nodes = json_array(), *edges = json_array();
    for (size_t i = 0; i < search->node_count; i++)
        json_array_append_new(nodes, node_json(search, search->nodes[order[i]]));
    for (size_t i = 1; i < search->requirement_count; i++) {
        const resolver_requirement *requirement = search->requirements[i];
        const resolver_node *to = search->nodes[requirement->to];
        const char *bare = cat_text_starts_with(to->blueprint, "bp-") ? to->blueprint + 3 : to->blueprint;
        json_array_append_new(edges, cat_json_object("from", json_string(search->nodes[requirement->from]->application), "to",
                                                     json_string(to->application), "alias",
                                                     json_string(cat_json_text_or(requirement->depend, "alias", bare)), NULL));
    }
    *result = cat_json_object("nodes", nodes, "edges", edges, NULL);
    return 0;
}

int cat_resolve(const cat_resolver_facts *facts, const json_t *request, json_t **result, json_t **explanation, cat_error *error)
{
    cat_auto(resolver_search) search = {.facts = facts,
                                        .request = request,
                                        .choices = json_object_get(request, "choices"),
                                        .scope = json_object_get(request, "scope"),
                                        .error = error};
    search.nodes = cat_calloc(RESOLVER_MAX_NODES, sizeof(*search.nodes));
    search.requirements = cat_calloc(RESOLVER_MAX_REQUIREMENTS, sizeof(*search.requirements));
    int code = search_start(&search);
    if (code == 0)
        code = search_run(&search);
    if (code == 0)
        code = result_make(&search, result);
    if (code < 0 && explanation)
        *explanation = search.failed ? json_incref(search.explanation) : NULL;
    return code;
}
