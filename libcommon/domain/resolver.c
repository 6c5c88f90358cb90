#include "domain/resolver.h"

#include <stdlib.h>
#include <string.h>

#include "domain/resolver_internal.h"

void resolver_search_init(resolver_search *search, const cat_resolver_facts *facts, const json_t *request,
                          resolver_catalog *catalog, size_t *steps, size_t max_steps, cat_error *error)
{
    *search = (resolver_search){.facts = facts,
                                .request = request,
                                .choices = json_object_get(request, "choices"),
                                .scope = json_object_get(request, "scope"),
                                .application = cat_json_text(request, "application"),
                                .catalog = catalog,
                                .steps = steps,
                                .max_steps = max_steps,
                                .relaxed = RESOLVER_NONE,
                                .error = error};
}

void resolver_search_finish(resolver_search *search)
{
    resolver_undo(search, 0, 0);
    for (size_t i = 0; i < search->hint_count; i++) {
        free(search->hints[i].before);
        free(search->hints[i].after);
    }
    free(search->nodes);
    free(search->decided);
    free(search->requirements);
    free(search->touched);
    free(search->entries.items);
    json_decref(search->explanation);
}

/* Is there an open node that has to be decided before this one? */
static bool has_to_wait(const resolver_search *search, const resolver_node *node)
{
    for (size_t h = 0; h < search->hint_count; h++)
        for (size_t i = 0; strcmp(search->hints[h].after, node->key) == 0 && i < search->node_count; i++)
            if (search->nodes[i]->level == RESOLVER_NONE && strcmp(search->nodes[i]->key, search->hints[h].before) == 0)
                return true;
    return false;
}

/* The open node of the lowest rank, the first that was met; RESOLVER_NONE: all are decided. */
static size_t pick(const resolver_search *search)
{
    size_t best = RESOLVER_NONE, waiting = RESOLVER_NONE;
    *search->steps += search->node_count / 8;
    for (size_t i = 0; i < search->node_count; i++) {
        if (search->nodes[i]->level != RESOLVER_NONE)
            continue;
        size_t *kind = search->hint_count && has_to_wait(search, search->nodes[i]) ? &waiting : &best;
        if (*kind == RESOLVER_NONE || search->nodes[i]->rank < search->nodes[*kind]->rank)
            *kind = i;
    }
    return best != RESOLVER_NONE ? best : waiting;
}

/* Tries the next candidates of node `at` until one fits with all that it brings. 1: none is left; 2: begin again. */
static int choose(resolver_search *search, size_t at)
{
    resolver_node *node = search->nodes[at];
    node->level = search->decided_count;
    search->decided[search->decided_count++] = at;
    while (node->next < node->count) {
        resolver_candidate *candidate = &node->candidates[node->next++];
        if (!resolver_fits(search, node, candidate))
            continue;
        if (*search->steps > search->max_steps)
            return cat_error_set(search->error, CAT_E_TOO_LARGE,
                                 "there are too many ways to choose versions to try them all (more than %d steps): ask for a "
                                 "version, or for narrower ranges",
                                 RESOLVER_MAX_STEPS);
        int code = resolver_expand(search, at);
        if (code != 1)
            return code;
        resolver_undo(search, node->nodes_before, node->requirements_before);
    }
    return 1;
}

static void reopen(resolver_search *search, resolver_node *node)
{
    node->level = RESOLVER_NONE;
    node->next = 0;
    memset(node->conflicts, 0, RESOLVER_MAX_NODES / 8 + 1);
    *search->steps += 10;
}

/* Takes decisions back until node `back` is open again, its candidate to be tried after the last one. */
static void take_back(resolver_search *search, size_t back)
{
    resolver_node *target = search->nodes[back];
    while (search->decided_count > target->level + 1)
        reopen(search, search->nodes[search->decided[--search->decided_count]]);
    search->decided_count--;
    target->level = RESOLVER_NONE;
    resolver_undo(search, target->nodes_before, target->requirements_before);
}

/* Nothing fits node `at`: goes back to the latest choice that has a part in it (conflict-directed backjumping), skipping the
 * choices between, which could not help. false when there is none. */
static bool jump_back(resolver_search *search, size_t at)
{
    resolver_node *node = search->nodes[at];
    for (size_t i = node->last_requirement; i != RESOLVER_NONE; i = search->requirements[i]->previous)
        if (search->requirements[i]->from != RESOLVER_NONE && search->requirements[i]->from != at)
            resolver_mark(node, search->requirements[i]->from);
    size_t back = RESOLVER_NONE;
    *search->steps += search->decided_count / 4;
    for (size_t level = search->decided_count - 1; back == RESOLVER_NONE && level-- > 0;)
        if (resolver_is_marked(node, search->decided[level]))
            back = search->decided[level];
    if (back == RESOLVER_NONE)
        return false;
    for (size_t level = 0; level < search->nodes[back]->level; level++)
        if (resolver_is_marked(node, search->decided[level]))
            resolver_mark(search->nodes[back], search->decided[level]);
    take_back(search, back);
    return true;
}

static int fail_explained(resolver_search *search)
{
    search->failed = true;
    if (!search->explanation && search->fault.code)
        return cat_error_copy(search->error, &search->fault);
    const char *kind = cat_json_text_or(search->explanation, "kind", "conflict");
    int code = strcmp(kind, "missing") == 0 ? CAT_E_NOT_FOUND : CAT_E_INVALID;
    return cat_error_set_class(search->error, code, CAT_CLASS_STALLED, "%s",
                               *search->reason ? search->reason : "the dependencies do not fit together");
}

static int search_start(resolver_search *search)
{
    const char *blueprint = cat_json_text(search->request, "blueprint"), *source = cat_json_text(search->request, "source"),
               *range = cat_json_text_or(search->request, "range", "*");
    if (!blueprint || !search->application)
        return cat_error_set(search->error, CAT_E_INVALID, "an installation needs an application and a blueprint");
    resolver_family *family = resolver_catalog_find(search->catalog, source, blueprint);
    if (!family) {
        search->explains = true;
        resolver_explain_missing(search, RESOLVER_NONE, blueprint, range);
        return fail_explained(search);
    }
    cat_autofree char *key = cat_printf("blueprint %.300s", blueprint);
    resolver_node *root = resolver_node_add(search, key, family->name, "", "");
    root->application = cat_strdup(search->application);
    root->source = family->source;
    root->candidates = family->candidates;
    root->count = family->count;
    cat_semver_range parsed;
    if (cat_semver_range_parse(range, &parsed, search->error) < 0)
        return cat_error_wrap(search->error, "the version that is asked for of %s", blueprint);
    resolver_requirement_add(search, RESOLVER_NONE, 0, NULL, range, &parsed, NULL);
    root->rank = family->rank;
    for (size_t i = 0; i < root->count; i++)
        if (resolver_fits(search, root, &root->candidates[i]))
            return 0;
    search->explains = true;
    resolver_explain_conflict(search, 0);
    return fail_explained(search);
}

int resolver_search_run(resolver_search *search)
{
    int code = search_start(search);
    for (size_t at; code == 0 && (at = pick(search)) != RESOLVER_NONE;) {
        code = choose(search, at);
        if (code == 2) { /* with what was learned of the order */
            take_back(search, 0);
            reopen(search, search->nodes[0]);
            code = 0;
        } else if (code == 1) {
            code = jump_back(search, at) ? 0 : fail_explained(search);
        }
    }
    return code;
}

/* `order` gets the nodes, a dependency before its dependants. There is no circle: the search takes none. */
static void sort_nodes(const resolver_search *search, size_t *order)
{
    cat_autofree size_t *open =
        cat_calloc(search->node_count, sizeof(size_t)); /* dependencies not yet placed, plus one; 0: placed */
    for (size_t i = 0; i < search->node_count; i++)
        open[i] = 1;
    for (size_t i = 1; i < search->requirement_count; i++)
        open[search->requirements[i]->from]++;
    for (size_t placed = 0, begin = 0; placed < search->node_count; begin = placed) {
        for (size_t i = search->node_count; i-- > 0;) /* deepest first reads best */
            if (open[i] == 1) {
                open[i] = 0;
                order[placed++] = i;
            }
        if (placed == begin)
            abort();
        for (size_t n = begin; n < placed; n++)
            for (size_t i = search->nodes[order[n]]->last_requirement; i != RESOLVER_NONE; i = search->requirements[i]->previous)
                if (search->requirements[i]->from != RESOLVER_NONE)
                    open[search->requirements[i]->from]--;
    }
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
        json_string(cat_json_text_or(requirement->depend, "when", "")), "values", resolver_config_of(search, node), NULL);
}

static json_t *edge_json(const resolver_search *search, const resolver_requirement *requirement)
{
    const resolver_node *to = search->nodes[requirement->to];
    const char *bare = cat_text_starts_with(to->blueprint, "bp-") ? to->blueprint + 3 : to->blueprint;
    return cat_json_object("from", json_string(search->nodes[requirement->from]->application), "to", json_string(to->application),
                           "alias", json_string(cat_json_text_or(requirement->depend, "alias", bare)), NULL);
}

/* What was left out of the Blueprints that were asked for. */
static json_t *left_out_of(const resolver_search *search)
{
    json_t *list = json_array(), *item;
    const char *root = cat_json_text(search->request, "blueprint");
    size_t index;
    json_array_foreach(search->catalog->left_out, index, item)
    {
        const char *name = cat_json_text_or(item, "name", "");
        bool asked = cat_text_equal(name, root);
        for (size_t i = 0; i < search->entries.count && !asked; i++)
            asked = cat_text_equal(name, cat_json_text(search->entries.items[i].depend, "blueprint"));
        if (asked)
            json_array_append(list, item);
    }
    return list;
}

static json_t *result_make(const resolver_search *search)
{
    cat_autofree size_t *order = cat_calloc(search->node_count, sizeof(size_t));
    sort_nodes(search, order);
    json_t *nodes = json_array(), *edges = json_array();
    for (size_t i = 0; i < search->node_count; i++)
        json_array_append_new(nodes, node_json(search, search->nodes[order[i]]));
    for (size_t i = 1; i < search->requirement_count; i++)
        json_array_append_new(edges, edge_json(search, search->requirements[i]));
    return cat_json_object("nodes", nodes, "edges", edges, "leftOut", left_out_of(search), NULL);
}

int cat_resolve(const cat_resolver_facts *facts, const json_t *request, json_t **result, json_t **explanation, cat_error *error)
{
    cat_auto(resolver_catalog) catalog = {0};
    resolver_catalog_init(&catalog, facts);
    size_t steps = 0;
    cat_error why = {0};
    cat_auto(resolver_search) search = {0};
    resolver_search_init(&search, facts, request, &catalog, &steps, RESOLVER_MAX_STEPS, &why);
    int code = resolver_search_run(&search);
    if (code == 0) {
        *result = result_make(&search);
        return 0;
    }
    if (search.failed) {
        resolver_explain_least(&search);
        code = fail_explained(&search);
        cat_autojson json_t *left_out = left_out_of(&search);
        if (json_array_size(left_out) && search.explanation)
            json_object_set(search.explanation, "leftOut", left_out);
    }
    bool spent = code == CAT_E_TOO_LARGE && steps > RESOLVER_MAX_STEPS;
    if (spent)
        resolver_explain_best(&search);
    cat_error_copy(error, &why);
    if (explanation)
        *explanation = json_incref(search.failed || search.refused || spent ? search.explanation : NULL);
    return code;
}
