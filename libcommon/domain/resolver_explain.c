#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/resolver_internal.h"
#include "wire/names.h"

/* Conflicts of a long search are many and alike: the shortest of the first ones is told. */
#define MAX_EXPLAINED 200

static json_t *link_of(const resolver_search *search, const resolver_requirement *requirement)
{
    cat_autofree char *from = NULL;
    if (requirement->from == RESOLVER_NONE)
        from = cat_printf("%s", search->application);
    else
        from = cat_printf("%s %s", search->nodes[requirement->from]->blueprint,
                          resolver_chosen(search->nodes[requirement->from])->version_text);
    return cat_json_object("from", json_string(from), "blueprint", json_string(search->nodes[requirement->to]->blueprint),
                           "range", json_string(requirement->range_text), NULL);
}

/* `path`: of the dependency whose answer it is about; NULL: of none. */
static void keep_about(resolver_search *search, const char *kind, json_t *chain_taken, const char *reason, const char *suggestion,
                       const char *path)
{
    size_t length = json_array_size(chain_taken);
    if (search->explanation && search->chain_length <= length) {
        json_decref(chain_taken);
        return;
    }
    json_decref(search->explanation);
    search->chain_length = length;
    search->explanation =
        cat_json_object("kind", json_string(kind), "chain", chain_taken, "suggestion", json_string(suggestion), NULL);
    cat_json_set_text(search->explanation, "path", path);
    snprintf(search->reason, sizeof(search->reason), "%s", reason);
}

static void keep(resolver_search *search, const char *kind, json_t *chain_taken, const char *reason, const char *suggestion)
{
    keep_about(search, kind, chain_taken, reason, suggestion, NULL);
}

void resolver_explain_as(resolver_search *search, const char *kind, json_t *chain, const char *reason, const char *suggestion,
                         const char *path)
{
    json_decref(cat_take(search->explanation));
    keep_about(search, kind, chain, reason, suggestion, path);
}

/* The requirements from the request down to this one. A node's first requirement is the one that it was made for, and leads to an
 * earlier node, hence this ends. */
static void append_chain(const resolver_search *search, size_t requirement, json_t *chain)
{
    size_t path[64], count = 0;
    while (requirement != RESOLVER_NONE && count < 64) {
        path[count++] = requirement;
        size_t from = search->requirements[requirement]->from;
        if (from == RESOLVER_NONE)
            break;
        requirement = search->nodes[from]->last_requirement;
        while (requirement != RESOLVER_NONE && search->requirements[requirement]->previous != RESOLVER_NONE)
            requirement = search->requirements[requirement]->previous;
    }
    while (count > 0) {
        json_t *link = link_of(search, search->requirements[path[--count]]);
        bool told = false; /* two chains share their beginning */
        for (size_t i = 0; i < json_array_size(chain); i++)
            told = told || json_equal(json_array_get(chain, i), link);
        if (told)
            json_decref(link);
        else
            json_array_append_new(chain, link);
    }
}

static const resolver_candidate *best_of(const resolver_node *node, const resolver_requirement *a, const resolver_requirement *b)
{
    for (size_t i = 0; i < node->count; i++)
        if (cat_semver_range_holds(&a->range, &node->candidates[i].version) &&
            (!b || cat_semver_range_holds(&b->range, &node->candidates[i].version)))
            return &node->candidates[i];
    return NULL;
}

static void explain_single(resolver_search *search, const resolver_node *node, size_t requirement)
{
    const char *newest = node->count ? node->candidates[0].version_text : "none";
    const char *range = search->requirements[requirement]->range_text;
    cat_autofree char *reason =
        node->reuse ? cat_printf("%s %s of Application %s is outside %s", node->blueprint, newest, node->application, range)
                    : cat_printf("no version of %s satisfies %s", node->blueprint, range);
    cat_autofree char *suggestion =
        node->reuse ? cat_printf("Upgrade %s to a version in %s, or let a new Application be made", node->application, range)
                    : cat_printf("The newest version of %s is %s: ask for a range that holds it", node->blueprint, newest);
    json_t *chain = json_array();
    append_chain(search, requirement, chain);
    keep_about(search, node->reuse ? "conflict" : "missing", chain, reason, suggestion, node->reuse ? node->path : NULL);
}

static void explain_pair(resolver_search *search, const resolver_node *node, size_t a, size_t b)
{
    const resolver_requirement *first = search->requirements[a], *second = search->requirements[b];
    if (first->from == RESOLVER_NONE) {
        const resolver_requirement *swap = first;
        first = second;
        second = swap;
    }
    const resolver_candidate *best = best_of(node, second, NULL);
    const char *who = first->from == RESOLVER_NONE ? search->application : search->nodes[first->from]->blueprint;
    cat_autofree char *reason = cat_printf("no version of %s satisfies both %s and %s", node->blueprint,
                                           search->requirements[a]->range_text, search->requirements[b]->range_text);
    cat_autofree char *suggestion =
        cat_printf("Choose a version of %s that accepts %s %s, or give one of the two an Application of its own by a name", who,
                   node->blueprint, best ? best->version_text : second->range_text);
    json_t *chain = json_array();
    append_chain(search, a, chain);
    append_chain(search, b, chain);
    keep(search, "conflict", chain, reason, suggestion);
}

/* Two by two they meet, all together they do not. */
static void explain_several(resolver_search *search, const resolver_node *node, const size_t *list, size_t count)
{
    cat_auto(cat_string) ranges = CAT_STRING(300);
    json_t *chain = json_array();
    for (size_t i = count; i-- > 0;) {
        cat_string_appendf(&ranges, "%s%.60s",
                           i + 1 == count ? ""
                           : i            ? ", "
                                          : " and ",
                           search->requirements[list[i]]->range_text);
        append_chain(search, list[i], chain);
    }
    cat_autofree char *reason = cat_printf("no version of %s satisfies %s at once", node->blueprint, cat_string_get(&ranges));
    cat_autofree char *suggestion =
        cat_printf("Choose versions of what depends on %s that agree, or give one of them an Application of its own by a name",
                   node->blueprint);
    keep(search, "conflict", chain, reason, suggestion);
}

static bool fits_listed(const resolver_search *search, const resolver_candidate *candidate, const size_t *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!cat_semver_range_holds(&search->requirements[list[i]]->range, &candidate->version))
            return false;
    return true;
}

void resolver_explain_conflict(resolver_search *search, size_t at)
{
    const resolver_node *node = search->nodes[at];
    if (!search->explains || search->explained++ >= MAX_EXPLAINED)
        return;
    size_t list[32], count = 0;
    for (size_t i = node->last_requirement; i != RESOLVER_NONE && count < 32; i = search->requirements[i]->previous)
        list[count++] = i;
    for (size_t i = 0; i < count; i++)
        if (!best_of(node, search->requirements[list[i]], NULL)) {
            explain_single(search, node, list[i]);
            return;
        }
    for (size_t i = count; i-- > 0;)
        for (size_t j = i; j-- > 0;)
            if (!best_of(node, search->requirements[list[i]], search->requirements[list[j]])) {
                explain_pair(search, node, list[i], list[j]);
                return;
            }
    /* Where a version is in all of them, it is the one that was chosen before which does not fit: that is told elsewhere. */
    for (size_t i = 0; i < node->count; i++)
        if (fits_listed(search, &node->candidates[i], list, count))
            return;
    explain_several(search, node, list, count);
}

static json_t *chain_to(const resolver_search *search, size_t from, const char *blueprint, const char *range)
{
    json_t *chain = json_array();
    if (from == RESOLVER_NONE) {
        json_array_append_new(chain, cat_json_object("from", json_string(search->application), "blueprint",
                                                     json_string(blueprint), "range", json_string(range), NULL));
        return chain;
    }
    size_t requirement = search->nodes[from]->last_requirement;
    while (requirement != RESOLVER_NONE && search->requirements[requirement]->previous != RESOLVER_NONE)
        requirement = search->requirements[requirement]->previous;
    append_chain(search, requirement, chain);
    cat_autofree char *who =
        cat_printf("%s %s", search->nodes[from]->blueprint, resolver_chosen(search->nodes[from])->version_text);
    json_array_append_new(
        chain, cat_json_object("from", json_string(who), "blueprint", json_string(blueprint), "range", json_string(range), NULL));
    return chain;
}

void resolver_explain_missing(resolver_search *search, size_t from, const char *blueprint, const char *range)
{
    if (!search->explains)
        return;
    cat_autofree char *reason = cat_printf("there is no Blueprint %.200s", blueprint);
    cat_autofree char *suggestion =
        cat_printf("Register %.200s in the Organization's " CAT_SHARED_BLUEPRINTS " or in a catalog", blueprint);
    keep(search, "missing", chain_to(search, from, blueprint, range), reason, suggestion);
}

void resolver_explain_placement(resolver_search *search, size_t from, const char *blueprint, const char *range, const char *path,
                                const char *application, const char *why)
{
    if (!search->explains)
        return;
    cat_autofree char *reason = cat_printf("Application %.100s cannot serve as %.100s: it %.150s", application, blueprint, why);
    cat_autofree char *suggestion = cat_printf("Choose another Application, or let a new one be made for %.200s", blueprint);
    keep_about(search, "placement", chain_to(search, from, blueprint, range), reason, suggestion, path);
}

void resolver_explain_cycle(resolver_search *search, const size_t *circle, size_t count)
{
    if (!search->explains)
        return;
    json_t *chain = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(chain, link_of(search, search->requirements[circle[i]]));
    const resolver_node *last = search->nodes[search->requirements[circle[count - 1]]->from];
    cat_autofree char *suggestion =
        cat_printf("One of these Blueprints has to do without the other; or give the %s that %s needs a name of its own",
                   search->nodes[search->requirements[circle[0]]->from]->blueprint, last->blueprint);
    cat_autofree char *reason =
        cat_printf("%s depends on itself", search->nodes[search->requirements[circle[0]]->from]->blueprint);
    keep(search, "cycle", chain, reason, suggestion);
}
