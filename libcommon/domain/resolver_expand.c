#include <stdlib.h>
#include <string.h>

#include "domain/derived_name.h"
#include "domain/expression.h"
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
    node->last_requirement = RESOLVER_NONE;
    node->conflicts = cat_calloc(1, RESOLVER_MAX_NODES / 8 + 1);
    search->nodes[search->node_count++] = node;
    return node;
}

int resolver_requirement_add(resolver_search *search, size_t from, size_t to, const json_t *depend, const char *range_text,
                             json_t *values)
{
    cat_autojson json_t *owned = values;
    if (search->requirement_count == RESOLVER_MAX_REQUIREMENTS)
        return cat_error_set(search->error, CAT_E_TOO_LARGE, "the tree has more than %d dependencies", RESOLVER_MAX_REQUIREMENTS);
    cat_semver_range range;
    if (cat_semver_range_parse(range_text, &range, search->error) < 0)
        return cat_error_wrap(search->error, "dependency on %s", search->nodes[to]->blueprint);
    resolver_requirement *requirement = cat_calloc(1, sizeof(*requirement));
    *requirement = (resolver_requirement){.from = from,
                                          .to = to,
                                          .previous = search->nodes[to]->last_requirement,
                                          .depend = depend,
                                          .range_text = range_text,
                                          .range = range,
                                          .values = cat_take(owned)};
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

/* A copy, as jansson's update shares inner objects and would change them by the next one. */
static void merge(json_t *into, const json_t *values)
{
    cat_autojson json_t *copy = json_is_object(values) ? json_deep_copy(values) : NULL;
    if (copy)
        json_object_update_recursive(into, copy);
}

/* The values that dependants give, the first one's first, below what the user chose. */
static json_t *config_of(const resolver_search *search, const resolver_node *node)
{
    json_t *config = json_object();
    for (size_t i = node->last_requirement; i != RESOLVER_NONE; i = search->requirements[i]->previous)
        merge(config, search->requirements[i]->values);
    const json_t *chosen = json_object_get(json_object_get(search->choices, node->path), "config");
    merge(config, chosen);
    return config;
}

static json_t *scope_of(resolver_search *search, size_t at)
{
    resolver_node *node = search->nodes[at];
    json_t *scope = search->scope ? json_copy((json_t *)search->scope) : json_object();
    if (at > 0) {
        json_decref(node->config);
        node->config = config_of(search, node);
        cat_autojson json_t *application = json_copy(json_object_get(search->scope, "application"));
        application = json_is_object(application) ? application : json_object();
        cat_json_set_text(application, "name", node->application);
        json_object_set(scope, "application", application);
        json_object_set(scope, "config", node->config);
    } else if (json_object_get(search->request, "config")) {
        json_object_set(scope, "config", json_object_get(search->request, "config"));
    }
    return scope;
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
    for (size_t i = 0; i < search->node_count; i++)
        if (strcmp(search->nodes[i]->key, key) == 0)
            return i;
    return RESOLVER_NONE;
}

/* One thing that a node depends on, read from its Blueprint. */
typedef struct {
    const json_t *json;
    const char *blueprint, *range;
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

/* 0 and `*to`, 1 for an explained problem, or an error. */
static int existing_node(resolver_search *search, size_t from, const wish *w, const char *application, size_t *to)
{
    const json_t *found = application ? application_find(search, application) : NULL;
    if (!found) {
        resolver_explain_placement(search, from, w->blueprint, w->range, application ? application : "without a name",
                                   "does not exist");
        return 1;
    }
    const char *missing = NULL, *blueprint = cat_json_text_or(found, "blueprint", "");
    if (strcmp(blueprint, w->blueprint) != 0) {
        resolver_explain_placement(search, from, w->blueprint, w->range, application, "is of another Blueprint");
        return 1;
    }
    if (!all_listed(json_object_get(search->request, "environments"), json_object_get(found, "environments"), &missing) ||
        !all_listed(json_object_get(search->request, "vclusters"), json_object_get(found, "vclusters"), &missing)) {
        cat_autofree char *why = cat_printf("does not run in %.80s", missing ? missing : "");
        resolver_explain_placement(search, from, w->blueprint, w->range, application, why);
        return 1;
    }
    cat_autofree char *key = cat_printf("application %.100s", application);
    *to = node_find(search, key);
    if (*to != RESOLVER_NONE)
        return 0;
    resolver_candidate own = {.json = found, .version_text = cat_json_text_or(found, "version", "")};
    if (cat_semver_parse(own.version_text, &own.version, search->error) < 0)
        return cat_error_wrap(search->error, "Application %s", application);
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

/* A name that nobody chose, and that is not one of a repository that is kept: "blog-postgres", else "blog-postgres-2". NULL when
 * none of the first is free. */
static char *free_name(const resolver_search *search, const char *bare)
{
    const json_t *taken = json_object_get(search->request, "taken");
    for (int number = 1; number < 10; number++) {
        cat_autofree char *what = number > 1 ? cat_printf("%s-%d", bare, number) : cat_strdup(bare);
        cat_autofree char *name = cat_derived_name(search->application, what);
        if (!cat_json_is_text_in(taken, name))
            return cat_take(name);
    }
    return NULL;
}

/* Fails about the name of one dependency: whoever chose it, or may choose it, is told where. */
static int refuse_name(resolver_search *search, const wish *w, int code, const char *format, const char *name)
{
    cat_autofree char *message = cat_printf(format, name, w->path);
    json_decref(search->explanation);
    search->explanation = cat_json_object("kind", json_string("name"), "chain", json_array(), "path", json_string(w->path),
                                          "suggestion", json_string(message), NULL);
    search->failed = true;
    return cat_error_set_class(search->error, code, CAT_CLASS_STALLED, "%s", message);
}

static int new_node(resolver_search *search, size_t from, const wish *w, const char *name, size_t *to)
{
    cat_autofree char *key = name ? cat_printf("new %.100s", name) : cat_printf("blueprint %.300s", w->blueprint);
    *to = node_find(search, key);
    if (*to != RESOLVER_NONE && strcmp(search->nodes[*to]->blueprint, w->blueprint) == 0)
        return 0;
    if (*to != RESOLVER_NONE)
        return cat_error_set(search->error, CAT_E_INVALID,
                             "two Applications of different Blueprints would be called %s: give one another name", name);
    const resolver_family *family = resolver_catalog_find(&search->catalog, NULL, w->blueprint);
    if (!family) {
        resolver_explain_missing(search, from, w->blueprint, w->range);
        return 1;
    }
    const char *bare = cat_text_starts_with(w->blueprint, "bp-") ? w->blueprint + 3 : w->blueprint;
    cat_autofree char *application = name ? cat_strdup(name) : free_name(search, bare);
    cat_error rule = {0};
    if (!application)
        return refuse_name(search, w, CAT_E_EXISTS, "every name like '%s' is taken for dependency %s: give it a name", bare);
    if (cat_name_check_application(application, &rule) < 0) {
        cat_autofree char *format = cat_printf("'%%.80s' cannot be the name of dependency %%s: %s", rule.message);
        return refuse_name(search, w, CAT_E_INVALID, format, application);
    }
    if (application_find(search, application))
        return refuse_name(search, w, CAT_E_EXISTS,
                           "the Application %s for dependency %s exists already: use it, or give another name", application);
    *to = search->node_count;
    resolver_node *node = resolver_node_add(search, key, family->name, w->path, w->alias);
    node->application = cat_take(application);
    node->source = family->source;
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
    code = resolver_requirement_add(search, at, to, w->json, w->range, cat_take(owned));
    if (code < 0)
        return code;
    const resolver_node *target = search->nodes[to];
    if (to <= at) { /* decided already */
        if (resolver_fits(search, target, resolver_chosen(target)))
            return 0;
        if (to < at)
            resolver_mark(search->nodes[at], to);
        mark_requirers(search, at, to);
        resolver_explain_conflict(search, to);
        return 1;
    }
    for (size_t i = 0; i < target->count; i++)
        if (resolver_fits(search, target, &target->candidates[i]))
            return 0;
    mark_requirers(search, at, to);
    resolver_explain_conflict(search, to);
    return 1;
}

static int wish_read(const resolver_search *search, const resolver_node *node, const json_t *json, wish *w)
{
    *w = (wish){.json = json, .blueprint = cat_json_text(json, "blueprint"), .range = cat_json_text_or(json, "version", "*")};
    if (!w->blueprint)
        return cat_error_set(search->error, CAT_E_INVALID, "%s %s has a dependency without a Blueprint", node->blueprint,
                             resolver_chosen(node)->version_text);
    const char *bare = cat_text_starts_with(w->blueprint, "bp-") ? w->blueprint + 3 : w->blueprint;
    w->alias = cat_strdup(cat_json_text_or(json, "alias", bare));
    if (strlen(w->alias) > 100 || strlen(node->path) > 2000)
        return cat_error_set(search->error, CAT_E_TOO_LARGE, "the aliases in %s are too long or too deep", node->blueprint);
    w->path = *node->path ? cat_printf("%s.%s", node->path, w->alias) : cat_strdup(w->alias);
    return 0;
}

static int expand_one(resolver_search *search, size_t at, const json_t *json, size_t index, const json_t *scope)
{
    const resolver_node *node = search->nodes[at];
    cat_auto(wish) w = {0};
    int code = wish_read(search, node, json, &w);
    if (code < 0)
        return code;
    cat_autofree char *where =
        cat_printf("%.100s %.64s depends[%zu]", node->blueprint, resolver_chosen(node)->version_text, index);
    cat_autofree char *when = cat_printf("%s.when", where), *values_at = cat_printf("%s.values", where);
    bool holds = false;
    code = cat_expression_condition(cat_json_text(json, "when"), scope, when, &holds, search->error);
    if (code < 0 || !holds)
        return code;
    cat_autojson json_t *values = NULL;
    if (json_object_get(json, "values"))
        code = cat_expression_evaluate_all(json_object_get(json, "values"), scope, values_at, &values, search->error);
    return code < 0 ? code : require(search, at, &w, cat_take(values));
}

int resolver_expand(resolver_search *search, size_t at)
{
    resolver_node *node = search->nodes[at];
    node->nodes_before = search->node_count;
    node->requirements_before = search->requirement_count;
    if (node->reuse)
        return 0;
    cat_autojson json_t *scope = scope_of(search, at);
    const json_t *depends = json_object_get(resolver_chosen(node)->json, "depends");
    size_t index;
    json_t *json;
    json_array_foreach(depends, index, json)
    {
        int code = expand_one(search, at, json, index, scope);
        if (code != 0)
            return code;
    }
    return 0;
}
