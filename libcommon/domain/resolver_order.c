/* In which order nodes are decided. A `when` sees what a node is configured with in the end, hence those that may give it values
 * are decided first: ranks go up along what any version of a Blueprint may need. Blueprints that may need each other share a rank
 * (Tarjan's strongly connected components); what comes late there is seen by resolver_expand.c. */
#include <stdlib.h>
#include <string.h>

#include "domain/resolver_internal.h"

typedef struct {
    resolver_family *family;
    size_t candidate, depend; /* what is looked at next */
    const json_t *depends;    /* the candidate's; NULL: not looked at yet */
} frame;

typedef struct {
    resolver_catalog *catalog;
    frame *frames;
    resolver_family **stack, **ended, **targets; /* targets, known: by entry, of which there are more while families are met */
    bool *known;
    size_t entries;
    size_t depth, stacked, visits, components, ended_count;
} walk;

static void enter(walk *w, resolver_family *family)
{
    family->visit = family->lowlink = ++w->visits;
    family->open = true;
    w->stack[w->stacked++] = family;
    w->frames[w->depth++] = (frame){.family = family};
}

/* Whom an entry needs: looked up once, as it is asked for twice. */
static resolver_family *target_of(walk *w, size_t entry, const json_t *depend)
{
    if (entry >= w->entries) {
        size_t entries = 2 * entry + 64;
        w->targets = cat_realloc(w->targets, entries * sizeof(*w->targets));
        w->known = cat_realloc(w->known, entries * sizeof(*w->known));
        memset(w->known + w->entries, 0, (entries - w->entries) * sizeof(*w->known));
        w->entries = entries;
    }
    if (!w->known[entry]) {
        const char *name = json_string_value(json_object_get(depend, "blueprint"));
        w->known[entry] = true;
        w->targets[entry] = name ? resolver_catalog_find(w->catalog, NULL, name) : NULL;
    }
    return w->targets[entry];
}

static resolver_family *next_of(walk *w, frame *at)
{
    for (; at->candidate < at->family->count; at->candidate++, at->depends = NULL, at->depend = 0) {
        const resolver_candidate *candidate = &at->family->candidates[at->candidate];
        if (!at->depends)
            at->depends = json_object_get(candidate->json, "depends");
        while (at->depend < json_array_size(at->depends)) {
            size_t index = at->depend++;
            resolver_family *family = target_of(w, candidate->first_entry + index, json_array_get(at->depends, index));
            if (family)
                return family;
        }
    }
    return NULL;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Components end when all that they need has ended. */
static void leave(walk *w, resolver_family *family)
{
    if (family->lowlink == family->visit) {
        resolver_family *member;
        w->components++;
        do {
            member = w->stack[--w->stacked];
            member->open = false;
            member->component = w->components;
            w->ended[w->ended_count++] = member;
        } while (member != family);
    }
    if (--w->depth > 0) {
        resolver_family *outer = w->frames[w->depth - 1].family;
        outer->lowlink = least(outer->lowlink, family->lowlink);
    }
}

static void push_down(walk *w, resolver_family *family)
{
    frame at = {.family = family};
    for (resolver_family *next; (next = next_of(w, &at));)
        if (next->component != family->component && next->rank <= family->rank)
            next->rank = family->rank + 1;
}

/* From those that need to those that are needed: each as deep as its longest way down. */
static void set_ranks(walk *w)
{
    for (size_t end = w->ended_count; end > 0;) {
        size_t begin = end;
        unsigned rank = 0;
        for (; begin > 0 && w->ended[begin - 1]->component == w->ended[end - 1]->component; begin--)
            rank = w->ended[begin - 1]->rank > rank ? w->ended[begin - 1]->rank : rank;
        for (size_t i = begin; i < end; i++) {
            w->ended[i]->rank = rank;
            push_down(w, w->ended[i]);
        }
        end = begin;
    }
}

void resolver_rank(resolver_catalog *catalog, resolver_family *root)
{
    if (catalog->ranked)
        return;
    catalog->ranked = true;
    size_t count = cat_map_count(catalog->families);
    cat_autofree frame *frames = cat_calloc(count + 1, sizeof(*frames));
    cat_autofree resolver_family **stack = cat_calloc(count + 1, sizeof(*stack));
    cat_autofree resolver_family **ended = cat_calloc(count + 1, sizeof(*ended));
    walk w = {.catalog = catalog, .frames = frames, .stack = stack, .ended = ended};
    enter(&w, root);
    while (w.depth > 0) {
        frame *at = &w.frames[w.depth - 1];
        resolver_family *next = next_of(&w, at);
        if (!next)
            leave(&w, at->family);
        else if (!next->visit)
            enter(&w, next);
        else if (next->open)
            at->family->lowlink = least(at->family->lowlink, next->visit);
    }
    set_ranks(&w);
    free(w.targets);
    free(w.known);
}
