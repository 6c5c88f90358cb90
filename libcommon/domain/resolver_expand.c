#include <stdlib.h>
#include <string.h>

#include "domain/derived_name.h"
#include "domain/resolver_internal.h"
#include "wire/names.h"

resolver_node *resolver_node_add(resolver_search *search, const char *key, const char *blueprint, const char *path,
                                 const char *alias)
{
    resolver_node *node = cat_calloc(1, sizeof(*node));
    node->key = cat_strdup(key);
    node->blueprint = blueprint;
    node->path = cat_strdup(path);
    node->alias = cat_strdup(alias);
    node->last_requirement = node->level = RESOLVER_NONE;
    node->conflicts = cat_calloc(1, RESOLVER_MAX_NODES / 8 + 1);
    if (search->node_count == search->node_capacity) {
        search->node_capacity = search->node_capacity ? 2 * search->node_capacity : 32;
        search->nodes = cat_realloc(search->nodes, search->node_capacity * sizeof(*search->nodes));
        search->decided = cat_realloc(search->decided, search->node_capacity * sizeof(*search->decided));
    }
    search->nodes[search->node_count++] = node;
    return node;
}

int resolver_requirement_add(resolver_search *search, size_t from, size_t to, const json_t *depend, const char *range_text,
                             const cat_semver_range *range, json_t *values)
{
    if (search->requirement_count == RESOLVER_MAX_REQUIREMENTS) {
        json_decref(values);
        return cat_error_set(search->error, CAT_E_TOO_LARGE, "the tree has more than %d dependencies", RESOLVER_MAX_REQUIREMENTS);
    }
    if (search->requirement_count == search->requirement_capacity) {
        search->requirement_capacity = search->requirement_capacity ? 2 * search->requirement_capacity : 32;
        search->requirements = cat_realloc(search->requirements, search->requirement_capacity * sizeof(*search->requirements));
    }
    resolver_requirement *requirement = cat_malloc(sizeof(*requirement));
    requirement->from = from;
    requirement->to = to;
    requirement->previous = search->nodes[to]->last_requirement;
    requirement->depend = depend;
    requirement->range_text = range_text;
    requirement->range = *range;
    requirement->values = values;
    *search->steps += RESOLVER_STEPS_REQUIREMENT;
    search->nodes[to]->last_requirement = search->requirement_count;
    search->requirements[search->requirement_count++] = requirement;
    return 0;
}

static void node_free(resolver_node *node)
{
    free(node->key);
    free(node->application);
    free(node->path);
    free(node->alias);
    free(node->conflicts);
    json_decref(node->config);
    free(node);
}

void resolver_undo(resolver_search *search, size_t node_count, size_t requirement_count)
{
    while (search->requirement_count > requirement_count) {
        resolver_requirement *last = search->requirements[--search->requirement_count];
        search->nodes[last->to]->last_requirement = last->previous;
        json_decref(last->values);
        free(last);
    }
    while (search->node_count > node_count)
        node_free(search->nodes[--search->node_count]);
}

bool resolver_fits(const resolver_search *search, const resolver_node *node, const resolver_candidate *candidate)
{
    for (size_t i = node->last_requirement; i != RESOLVER_NONE; i = search->requirements[i]->previous)
        if (!cat_semver_range_holds(&search->requirements[i]->range, &candidate->version))
            return false;
    return true;
}

static const json_t *application_find(const resolver_search *search, const char *name)
{
    size_t index;
    json_t *item;
    json_array_foreach(search->facts->applications, index,
                       item) if (cat_text_equal(cat_json_text(item, "name"), name)) return item;
    return NULL;
}

static size_t node_find(const resolver_search *search, const char *key)
{
    *search->steps += search->node_count / 4;
    for (size_t i = 0; i < search->node_count; i++)
        if (strcmp(search->nodes[i]->key, key) == 0)
            return i;
    return RESOLVER_NONE;
}

/* One thing that a node depends on, read from its Blueprint. */
typedef struct {
    const json_t *json;
    const char *blueprint, *range_text;
    cat_semver_range range;
    char *alias, *path;
} wish;

static void wish_cleanup(wish *w)
{
    free(w->alias);
    free(w->path);
}

static bool all_listed(const json_t *wanted, const json_t *listed, const char **missing)
{
    size_t index;
    json_t *item;
    json_array_foreach(wanted, index, item) if (!cat_json_is_text_in(listed, json_string_value(item)))
    {
        *missing = json_string_value(item);
        return false;
    }
    return true;
}

static void cannot_serve(resolver_search *search, size_t from, const wish *w, const char *application, const char *why)
{
    resolver_explain_placement(search, from, w->blueprint, w->range_text, w->path, application, why);
}

/* 0 and `*to`, 1 for an explained problem, or an error. */
static int existing_node(resolver_search *search, size_t from, const wish *w, const char *application, size_t *to)
{
    const json_t *found = application ? application_find(search, application) : NULL;
    if (!application || !found) {
        cannot_serve(search, from, w, application ? application : "without a name", "does not exist");
        return 1;
    }
    const char *missing = NULL, *blueprint = cat_json_text_or(found, "blueprint", "");
    if (strcmp(blueprint, w->blueprint) != 0) {
        cannot_serve(search, from, w, application, "is of another Blueprint");
        return 1;
    }
    if (!all_listed(json_object_get(search->request, "environments"), json_object_get(found, "environments"), &missing) ||
        !all_listed(json_object_get(search->request, "vclusters"), json_object_get(found, "vclusters"), &missing)) {
        cat_autofree char *why = cat_printf("does not run in %.80s", missing ? missing : "");
        cannot_serve(search, from, w, application, why);
        return 1;
    }
    cat_autofree char *key = cat_printf("application %.100s", application);
    *to = node_find(search, key);
    if (*to != RESOLVER_NONE)
        return 0;
    resolver_candidate own = {.json = found, .version_text = cat_json_text_or(found, "version", "")};
    if (cat_semver_parse(own.version_text, &own.version, NULL) < 0) {
        cannot_serve(search, from, w, application, "says a version that cannot be read");
        return 1;
    }
    *to = search->node_count;
    resolver_node *node = resolver_node_add(search, key, w->blueprint, w->path, w->alias);
    node->reuse = true;
    node->application = cat_strdup(application);
    node->source = cat_json_text_or(found, "source", "");
    node->own = own;
    node->candidates = &node->own;
    node->count = 1;
    return 0;
}

/* The node that is to be called so, of this plan; NULL: none is. */
static const resolver_node *node_called(const resolver_search *search, const char *application)
{
    *search->steps += search->node_count / 4;
    for (size_t i = 0; i < search->node_count; i++)
        if (strcmp(search->nodes[i]->application, application) == 0)
            return search->nodes[i];
    return NULL;
}

/* A name that nobody chose, and that is not one of a repository that is kept or of another of this plan: "blog-postgres", else
 * "blog-postgres-2". NULL when none of the first is free. */
static char *free_name(const resolver_search *search, const char *bare)
{
    const json_t *taken = json_object_get(search->request, "taken");
    for (int number = 1; number < 10; number++) {
        cat_autofree char *what = number > 1 ? cat_printf("%s-%d", bare, number) : cat_strdup(bare);
        cat_autofree char *name = cat_derived_name(search->application, what);
        if (!cat_json_is_text_in(taken, name) && !node_called(search, name))
            return cat_take(name);
    }
    return NULL;
}

/* Fails about the name of one dependency: whoever chose it, or may choose it, is told where. */
static int refuse_name(resolver_search *search, const wish *w, int code, char *message_taken)
{
    cat_autofree char *message = message_taken;
    json_decref(search->explanation);
    search->explanation = cat_json_object("kind", json_string("name"), "chain", json_array(), "path", json_string(w->path),
                                          "suggestion", json_string(message), NULL);
    search->refused = true;
    return cat_error_set_class(search->error, code, CAT_CLASS_STALLED, "%s", message);
}

/* Can dependency `w` be a new Application of this name? */
static int check_new_name(resolver_search *search, const wish *w, const char *application)
{
    cat_error rule = {0};
    const resolver_node *other = node_called(search, application);
    if (other == search->nodes[0])
        return refuse_name(
            search, w, CAT_E_INVALID,
            cat_printf("%s is the name of the Application itself: dependency %s needs another name", application, w->path));
    if (other)
        return refuse_name(search, w, CAT_E_INVALID,
                           cat_printf("%s is the name of dependency %.300s already: dependency %s needs another name",
                                      application, other->path, w->path));
    if (cat_name_check_application(application, &rule) < 0)
        return refuse_name(search, w, CAT_E_INVALID,
                           cat_printf("'%.80s' cannot be the name of dependency %s: %s", application, w->path, rule.message));
    if (application_find(search, application))
        return refuse_name(search, w, CAT_E_EXISTS,
                           cat_printf("the Application %s for dependency %s exists already: use it, or give another name",
                                      application, w->path));
    return 0;
}

static int new_node(resolver_search *search, size_t from, const wish *w, const char *name, size_t *to)
{
    cat_autofree char *key = name ? cat_printf("new %.100s", name) : cat_printf("blueprint %.300s", w->blueprint);
    *to = node_find(search, key);
    if (*to != RESOLVER_NONE && strcmp(search->nodes[*to]->blueprint, w->blueprint) == 0)
        return 0;
    resolver_family *family = resolver_catalog_find(search->catalog, NULL, w->blueprint);
    if (!family) {
        resolver_explain_missing(search, from, w->blueprint, w->range_text);
        return 1;
    }
    const char *bare = cat_text_starts_with(w->blueprint, "bp-") ? w->blueprint + 3 : w->blueprint;
    cat_autofree char *application = name ? cat_strdup(name) : free_name(search, bare);
    if (!application)
        return refuse_name(search, w, CAT_E_EXISTS,
                           cat_printf("every name like '%s' is taken for dependency %s: give it a name", bare, w->path));
    int code = check_new_name(search, w, application);
    if (code < 0)
        return code;
    *to = search->node_count;
    resolver_node *node = resolver_node_add(search, key, family->name, w->path, w->alias);
    node->application = cat_take(application);
    node->source = family->source;
    node->rank = family->rank;
    node->candidates = family->candidates;
    node->count = family->count;
    return 0;
}

/* Whose choices put the requirements on `to`, besides node `at` itself. */
static void mark_requirers(resolver_search *search, size_t at, size_t to)
{
    for (size_t i = search->nodes[to]->last_requirement; i != RESOLVER_NONE; i = search->requirements[i]->previous) {
        size_t from = search->requirements[i]->from;
        if (from != RESOLVER_NONE && from != at)
            resolver_mark(search->nodes[at], from);
    }
}

/* The nodes through which `at` is needed by `to`: then a requirement of `at` on `to` closes a circle, and `circle` gets its
 * requirements from `to` to `at`. 0: none. At most RESOLVER_MAX_NODES. */
static size_t find_circle(const resolver_search *search, size_t at, size_t to, size_t *circle)
{
    cat_autofree size_t *down = cat_malloc(search->node_count * sizeof(size_t)), /* the requirement by which `at` is reached */
        *queue = cat_malloc(search->node_count * sizeof(size_t));
    for (size_t i = 0; i < search->node_count; i++)
        down[i] = RESOLVER_NONE;
    size_t queued = 0, count = 0;
    queue[queued++] = at;
    for (size_t q = 0; q < queued && queue[q] != to; q++)
        for (size_t i = search->nodes[queue[q]]->last_requirement; i != RESOLVER_NONE; i = search->requirements[i]->previous) {
            size_t from = search->requirements[i]->from;
            ++*search->steps;
            if (from == RESOLVER_NONE || from == at || down[from] != RESOLVER_NONE)
                continue;
            down[from] = i;
            queue[queued++] = from;
        }
    for (size_t node = to; node != at; node = search->requirements[circle[count++]]->to) {
        if (down[node] == RESOLVER_NONE)
            return 0;
        circle[count] = down[node];
    }
    return count;
}

/* A requirement of `at` on `to`, the newest, that closes a circle: 1, and all on it have a part in it. */
static int check_circle(resolver_search *search, size_t at, size_t to)
{
    cat_autofree size_t *circle = cat_malloc((search->node_count + 1) * sizeof(size_t));
    size_t count = to == at ? 0 : find_circle(search, at, to, circle);
    if (count == 0 && to != at)
        return 0;
    for (size_t i = 0; i < count; i++)
        resolver_mark(search->nodes[at], search->requirements[circle[i]]->from);
    circle[count++] = search->requirement_count - 1;
    resolver_explain_cycle(search, circle, count);
    return 1;
}

/* What the chosen version of a node takes and gives on when it is configured so. The caller's. */
static json_t *outcome_of(resolver_search *search, const resolver_node *node, const json_t *config)
{
    json_t *outcome = json_array(), *depend;
    cat_autojson json_t *scope = resolver_scope_of(search, node, config);
    size_t index;
    json_array_foreach(json_object_get(resolver_chosen(node)->json, "depends"), index, depend)
    {
        bool holds = false;
        json_t *values = NULL;
        int code = resolver_judge(search, node, depend, index, &scope, &holds, &values);
        json_array_append_new(outcome, code ? json_null() : json_boolean(holds));
        json_array_append_new(outcome, values ? values : json_null());
    }
    return outcome;
}

/* `at` gives values to a node that was decided without them. 0: it makes no difference; 1: it does, and cannot be helped; 2:
 * begin again with `at` before it. */
static int check_late_values(resolver_search *search, size_t at, size_t to)
{
    resolver_node *target = search->nodes[to];
    cat_autojson json_t *config = resolver_config_of(search, target);
    if (target->reuse || json_equal(config, target->config))
        return 0;
    cat_autojson json_t *before = outcome_of(search, target, target->config), *after = outcome_of(search, target, config);
    if (json_equal(before, after))
        return 0;
    const char *first = search->nodes[at]->key;
    bool known = search->hint_count == RESOLVER_MAX_HINTS;
    for (size_t i = 0; i < search->hint_count; i++)
        known = known || (strcmp(search->hints[i].before, first) == 0 && strcmp(search->hints[i].after, target->key) == 0);
    if (known)
        return 1;
    search->hints[search->hint_count++] = (resolver_hint){cat_strdup(first), cat_strdup(target->key)};
    return 2;
}

static int check_decided(resolver_search *search, size_t at, size_t to)
{
    const resolver_node *target = search->nodes[to];
    if (!resolver_fits(search, target, resolver_chosen(target))) {
        if (to != at)
            resolver_mark(search->nodes[at], to);
        mark_requirers(search, at, to);
        resolver_explain_conflict(search, to);
        return 1;
    }
    int code = check_circle(search, at, to);
    if (code == 0)
        code = check_late_values(search, at, to);
    if (code != 1 || to == at)
        return code;
    resolver_mark(search->nodes[at], to);
    mark_requirers(search, at, to);
    return code;
}

static int require(resolver_search *search, size_t at, const wish *w, json_t *values)
{
    cat_autojson json_t *owned = values;
    const json_t *choice = json_object_get(search->choices, w->path);
    bool existing = cat_text_equal(cat_json_text(choice, "use"), "existing");
    if (search->node_count == RESOLVER_MAX_NODES)
        return cat_error_set(search->error, CAT_E_TOO_LARGE, "the tree has more than %d Applications", RESOLVER_MAX_NODES);
    size_t to = RESOLVER_NONE;
    int code = existing ? existing_node(search, at, w, cat_json_text(choice, "application"), &to)
                        : new_node(search, at, w, cat_json_text(choice, "name"), &to);
    if (code != 0)
        return code;
    code = resolver_requirement_add(search, at, to, w->json, w->range_text, &w->range, cat_take(owned));
    if (code < 0)
        return code;
    const resolver_node *target = search->nodes[to];
    if (target->level != RESOLVER_NONE)
        return check_decided(search, at, to);
    for (size_t i = 0; i < target->count; i++)
        if (resolver_fits(search, target, &target->candidates[i]))
            return 0;
    mark_requirers(search, at, to);
    resolver_explain_conflict(search, to);
    return 1;
}

/* 1: it cannot be read, as search->fault says. */
static int wish_read(resolver_search *search, const resolver_node *node, const json_t *json, bool relaxed, wish *w)
{
    w->json = json;
    w->blueprint = cat_json_text(json, "blueprint");
    w->range_text = relaxed ? "*" : cat_json_text_or(json, "version", "*");
    const char *version = resolver_chosen(node)->version_text;
    if (!w->blueprint)
        return cat_error_set(&search->fault, CAT_E_INVALID, "%s %s has a dependency without a Blueprint", node->blueprint,
                             version) != 0;
    if (cat_semver_range_parse(w->range_text, &w->range, &search->fault) < 0) {
        cat_error_wrap(&search->fault, "%s %s depends on %s", node->blueprint, version, w->blueprint);
        return 1;
    }
    const char *bare = cat_text_starts_with(w->blueprint, "bp-") ? w->blueprint + 3 : w->blueprint;
    w->alias = cat_strdup(cat_json_text_or(json, "alias", bare));
    if (strlen(w->alias) > 100 || strlen(node->path) > 2000)
        return cat_error_set(search->error, CAT_E_TOO_LARGE, "the aliases in %s are too long or too deep", node->blueprint);
    w->path = *node->path ? cat_printf("%s.%s", node->path, w->alias) : cat_strdup(w->alias);
    return 0;
}

static void touch(resolver_search *search, const resolver_node *node, const json_t *depend, size_t entry)
{
    resolver_entries *list = &search->entries;
    if (resolver_was_touched(search, entry))
        return;
    if (entry >= search->touched_capacity) {
        size_t capacity = 2 * entry + 64;
        search->touched = cat_realloc(search->touched, capacity);
        memset(search->touched + search->touched_capacity, 0, capacity - search->touched_capacity);
        search->touched_capacity = capacity;
    }
    search->touched[entry] = 1;
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 64;
        list->items = cat_realloc(list->items, list->capacity * sizeof(*list->items));
    }
    list->items[list->count++] = (resolver_entry){resolver_chosen(node), node->blueprint, depend, entry};
}

/* Values and conditions need an order (resolver_order.c): the first time that there are some, it begins again with one. */
static bool wants_order(const resolver_search *search, const json_t *depend)
{
    const char *when = json_string_value(json_object_get(depend, "when"));
    return !search->catalog->ranked && ((when && *when) || json_object_get(depend, "values"));
}

static int expand_one(resolver_search *search, size_t at, const json_t *json, size_t index, json_t **scope)
{
    const resolver_node *node = search->nodes[at];
    size_t entry = resolver_chosen(node)->first_entry + index;
    if (search->only && (entry >= search->only_count || !search->only[entry]))
        return 0;
    touch(search, node, json, entry);
    if (wants_order(search, json)) {
        resolver_rank(search->catalog,
                      resolver_catalog_find(search->catalog, search->nodes[0]->source, search->nodes[0]->blueprint));
        return 2;
    }
    cat_auto(wish) w = {.json = json};
    int code = wish_read(search, node, json, search->relaxed == entry, &w);
    bool holds = false;
    cat_autojson json_t *values = NULL;
    if (code == 0)
        code = resolver_judge(search, node, json, index, scope, &holds, &values);
    resolver_candidate *chosen = resolver_chosen(node);
    if (code == 1 && !chosen->faulty) {
        chosen->faulty = true;
        resolver_leave_out(search->catalog, node->source, node->blueprint, chosen->version_text, search->fault.message);
    }
    return code != 0 || !holds ? code : require(search, at, &w, cat_take(values));
}

int resolver_expand(resolver_search *search, size_t at)
{
    resolver_node *node = search->nodes[at];
    node->nodes_before = search->node_count;
    node->requirements_before = search->requirement_count;
    json_decref(node->config);
    node->config = resolver_config_of(search, node);
    if (node->reuse)
        return 0;
    cat_autojson json_t *scope = NULL; /* made when it is needed */
    size_t index;
    json_t *json;
    json_array_foreach(json_object_get(resolver_chosen(node)->json, "depends"), index, json)
    {
        int code = expand_one(search, at, json, index, &scope);
        if (code != 0)
            return code;
    }
    return 0;
}
