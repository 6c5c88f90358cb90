/* From a search that failed to the least that cannot be: requirements are taken away as long as what is left still cannot hold
 * together. In the end each of them has a part in it: without any one, the others fit. */
#include <stdlib.h>
#include <string.h>

#include "domain/resolver_internal.h"

#define MAX_LINKS 200

typedef struct {
    resolver_search *search; /* that failed */
    resolver_entries kept;   /* borrowed texts; owned list */
    unsigned char *only;
    size_t only_count;
    size_t max_steps; /* of what is done now */
} core;

static void core_cleanup(core *c)
{
    free(c->kept.items);
    free(c->only);
}

static bool is_spent(const core *c)
{
    return *c->search->steps > c->max_steps;
}

/* Looks with what `core->only` leaves; `again` is the caller's to finish. */
static void look(const core *c, resolver_search *again, cat_error *error)
{
    const resolver_search *search = c->search;
    resolver_search_init(again, search->facts, search->request, search->catalog, search->steps, c->max_steps, error);
    again->only = c->only;
    again->only_count = c->only_count;
    resolver_search_run(again);
}

static void allow(core *c, bool yes, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        c->only[c->kept.items[i].entry] = yes;
}

/* Keeps of what is allowed only what the search touched. */
static void keep_touched(core *c, const resolver_search *again)
{
    size_t count = 0;
    for (size_t i = 0; i < c->kept.count; i++) {
        resolver_entry entry = c->kept.items[i];
        if (c->only[entry.entry] && resolver_was_touched(again, entry.entry))
            c->kept.items[count++] = entry;
        else
            c->only[entry.entry] = 0;
    }
    c->kept.count = count;
}

/* Takes away [from, to) if the rest still cannot be. */
static bool take_away(core *c, size_t from, size_t to)
{
    cat_error error = {0};
    cat_auto(resolver_search) again = {0};
    allow(c, false, from, to);
    look(c, &again, &error);
    if (again.failed)
        keep_touched(c, &again);
    else
        allow(c, true, from, to);
    return again.failed;
}

/* Large parts first; the last ones first, as they are farthest from what was asked for. */
static void shrink(core *c)
{
    for (size_t part = c->kept.count / 2 + 1;; part = (part + 1) / 2) {
        bool changed = false;
        for (size_t end = c->kept.count; end > 0 && !is_spent(c);) {
            size_t from = end > part ? end - part : 0;
            changed = take_away(c, from, end) || changed;
            end = from < c->kept.count ? from : c->kept.count;
        }
        if (is_spent(c) || (part == 1 && !changed))
            return;
    }
}

static json_t *link_json(const char *from, const char *blueprint, const char *range)
{
    return cat_json_object("from", json_string(from), "blueprint", json_string(blueprint), "range", json_string(range), NULL);
}

/* What is kept, each behind what leads to it. */
static void append_links(const core *c, const char *blueprint, bool *told, json_t *chain)
{
    for (size_t i = 0; i < c->kept.count && json_array_size(chain) < MAX_LINKS; i++) {
        const resolver_entry *entry = &c->kept.items[i];
        if (told[i] || strcmp(entry->blueprint, blueprint) != 0)
            continue;
        told[i] = true;
        cat_autofree char *from = cat_printf("%s %s", entry->blueprint, entry->candidate->version_text);
        const char *to = cat_json_text_or(entry->depend, "blueprint", "");
        json_array_append_new(chain, link_json(from, to, cat_json_text_or(entry->depend, "version", "*")));
        append_links(c, to, told, chain);
    }
}

static json_t *chain_of(const core *c)
{
    const json_t *request = c->search->request;
    const char *blueprint = cat_json_text_or(request, "blueprint", "");
    cat_autofree bool *told = cat_calloc(c->kept.count + 1, sizeof(bool));
    json_t *chain = json_array();
    json_array_append_new(chain, link_json(c->search->application, blueprint, cat_json_text_or(request, "range", "*")));
    append_links(c, blueprint, told, chain);
    return chain;
}

/* Of each Blueprint one version alone: then a circle among them is the whole truth. */
static bool is_single(const core *c)
{
    for (size_t i = 0; i < c->kept.count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(c->kept.items[i].blueprint, c->kept.items[j].blueprint) == 0 &&
                c->kept.items[i].candidate != c->kept.items[j].candidate)
                return false;
    return true;
}

static const char *target_of(const resolver_entry *entry)
{
    return cat_json_text_or(entry->depend, "blueprint", "");
}

static bool is_contested(const core *c, size_t at)
{
    for (size_t i = 0; i < c->kept.count; i++)
        if (i != at && strcmp(target_of(&c->kept.items[i]), target_of(&c->kept.items[at])) == 0)
            return true;
    return false;
}

/* "Blueprint version" that entry `at` would be served with if it took any, when nothing else stands against it; else NULL. The
 * caller's. */
static char *served_with(const core *c, size_t at)
{
    const resolver_search *search = c->search;
    cat_error error = {0};
    cat_auto(resolver_search) again = {0};
    resolver_search_init(&again, search->facts, search->request, search->catalog, search->steps,
                         *search->steps + RESOLVER_MAX_STEPS_WORDS, &error);
    again.relaxed = c->kept.items[at].entry;
    if (resolver_search_run(&again) < 0)
        return NULL;
    for (size_t i = 1; i < again.requirement_count; i++)
        if (again.requirements[i]->depend == c->kept.items[at].depend) {
            const resolver_node *node = again.nodes[again.requirements[i]->to];
            return cat_printf("%s %s", node->blueprint, resolver_chosen(node)->version_text);
        }
    return NULL;
}

/* The closest change: one of the requirements, as close to the request as can be, that could be another. The caller's. */
static char *change_of(core *c)
{
    c->max_steps = *c->search->steps + RESOLVER_MAX_STEPS_CHANGE;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < c->kept.count && !is_spent(c); i++) {
            bool contested = is_contested(c, i);
            cat_autofree char *served = contested == (pass == 0) ? served_with(c, i) : NULL;
            if (served)
                return cat_printf("Choose a version of %s that accepts %s%s", c->kept.items[i].blueprint, served,
                                  contested ? ", or give one of the two an Application of its own by a name" : "");
        }
    return cat_strdup("No single change is enough: change one of these requirements, and the next plan says what else stands "
                      "against it");
}

/* Where no two ranges stand against each other: every choice leads to another trouble. */
static char *general_reason(const core *c)
{
    cat_auto(cat_string) names = CAT_STRING(200);
    cat_auto(cat_strings) seen = {0};
    for (size_t i = 0; i < c->kept.count; i++) {
        const char *name = target_of(&c->kept.items[i]);
        if (cat_strings_has(&seen, name) || (seen.count && !is_contested(c, i)))
            continue;
        cat_strings_add(&seen, name);
        cat_string_appendf(&names, "%s%.60s", seen.count > 1 ? ", " : "", name);
    }
    return cat_printf("no versions fit together of %s", cat_string_get(&names));
}

static void tell(core *c, resolver_search *least)
{
    const char *kind = cat_json_text(least->explanation, "kind");
    if (!kind && least->fault.code) { /* nothing but a version that cannot be read: that is told as it is */
        json_decref(cat_take(c->search->explanation));
        c->search->fault = least->fault;
        return;
    }
    if (kind && strcmp(kind, "cycle") == 0 && is_single(c)) {
        resolver_explain_as(c->search, kind, json_incref(json_object_get(least->explanation, "chain")), least->reason,
                            cat_json_text_or(least->explanation, "suggestion", ""), NULL);
        return;
    }
    cat_autofree char *reason = kind ? cat_strdup(least->reason) : general_reason(c);
    bool conflict = !kind || (strcmp(kind, "conflict") == 0 && strstr(reason, "of Application ") == NULL);
    cat_autofree char *change = conflict ? change_of(c) : cat_strdup(cat_json_text_or(least->explanation, "suggestion", ""));
    resolver_explain_as(c->search, kind ? kind : "conflict", chain_of(c), reason, change,
                        cat_json_text(least->explanation, "path"));
}

void resolver_explain_least(resolver_search *search)
{
    if (search->entries.count == 0) /* the request itself cannot be */
        return;
    cat_auto(core) c = {.search = search, .only_count = search->catalog->entry_count};
    c.only = cat_calloc(c.only_count + 1, 1);
    c.kept.items = cat_memdup(search->entries.items, search->entries.count * sizeof(*search->entries.items));
    c.kept.count = search->entries.count;
    allow(&c, true, 0, c.kept.count);
    c.max_steps = *search->steps + RESOLVER_MAX_STEPS_LEAST;
    shrink(&c);
    cat_error error = {0};
    cat_auto(resolver_search) least = {0};
    resolver_search_init(&least, search->facts, search->request, search->catalog, search->steps,
                         *search->steps + RESOLVER_MAX_STEPS_WORDS, &error);
    least.only = c.only;
    least.only_count = c.only_count;
    least.explains = true;
    resolver_search_run(&least);
    if (least.failed || least.explanation) /* or the most telling until there were no steps left */
        tell(&c, &least);
}

void resolver_explain_best(resolver_search *search)
{
    cat_error error = {0};
    cat_auto(resolver_search) again = {0};
    resolver_search_init(&again, search->facts, search->request, search->catalog, search->steps,
                         *search->steps + RESOLVER_MAX_STEPS_BEST, &error);
    again.explains = true;
    resolver_search_run(&again);
    if (!again.explanation)
        return;
    resolver_explain_as(search, cat_json_text_or(again.explanation, "kind", "conflict"),
                        json_incref(json_object_get(again.explanation, "chain")), again.reason,
                        cat_json_text_or(again.explanation, "suggestion", ""), cat_json_text(again.explanation, "path"));
    cat_error_set_class(search->error, CAT_E_TOO_LARGE, CAT_CLASS_STALLED,
                        "there are too many ways to choose versions to try them all (more than %d steps), and in those that were "
                        "tried %s: ask for a version, or for narrower ranges",
                        RESOLVER_MAX_STEPS, again.reason);
}
