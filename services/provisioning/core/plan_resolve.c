/* Which Applications an install makes and which it reuses, with the config of each. */
#include "core/plan_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "domain/expression.h"
#include "domain/resolver.h"
#include "wire/names.h"
#include "wire/semver.h"

/* Those that may serve: not what who asks may not know of. */
static json_t *existing_applications(const json_t *facts)
{
    json_t *list = json_array();
    const char *name;
    json_t *application;
    json_object_foreach(cat_json_get(facts, "applications"), name, application)
    {
        const json_t *source = cat_json_get(application, "branches.develop.source");
        if (cat_json_is_text_in(cat_json_get(facts, "unseen"), name))
            continue;
        json_t *vclusters = json_array();
        size_t index;
        json_t *environment;
        json_array_foreach(cat_json_get(application, "spec.environments"), index, environment)
        {
            const json_t *known = prv_facts_environment(facts, json_string_value(environment));
            json_array_extend(vclusters, cat_json_get(known, "vclusters"));
        }
        json_array_append_new(
            list, cat_json_object("name", json_string(name), "blueprint", json_incref(cat_json_get(source, "blueprint.name")),
                                  "source", json_incref(cat_json_get(source, "blueprint.source")), "version",
                                  json_incref(cat_json_get(source, "blueprint.version")), "environments",
                                  json_incref(cat_json_get(application, "spec.environments")), "vclusters", vclusters, NULL));
    }
    return list;
}

/* The registered Blueprints as the resolver reads them: their `spec` opened. */
static json_t *resolver_blueprints(const json_t *facts)
{
    json_t *list = json_array();
    size_t index;
    json_t *blueprint;
    json_array_foreach(cat_json_get(facts, "blueprints"), index, blueprint)
        json_array_append_new(list, cat_json_object("source", json_incref(cat_json_get(blueprint, "source")), "name",
                                                    json_incref(cat_json_get(blueprint, "name")), "version",
                                                    json_incref(cat_json_get(blueprint, "version")), "digest",
                                                    json_incref(cat_json_get(blueprint, "digest")), "visibility",
                                                    json_incref(cat_json_get(blueprint, "spec.visibility")), "configSchema",
                                                    json_incref(cat_json_get(blueprint, "spec.configSchema")), "depends",
                                                    json_incref(cat_json_get(blueprint, "spec.depends")), NULL));
    return list;
}

/* Where the chosen Environments lie: a dependency has to lie there too. */
static json_t *vclusters_of(const json_t *facts, const json_t *environments)
{
    json_t *all = json_array();
    size_t index, at;
    json_t *environment, *vcluster;
    json_array_foreach((json_t *)environments, index, environment)
    {
        json_array_foreach(cat_json_get(prv_facts_environment(facts, json_string_value(environment)), "vclusters"), at, vcluster)
        {
            if (!cat_json_is_text_in(all, json_string_value(vcluster)))
                json_array_append(all, vcluster);
        }
    }
    return all;
}

static const char *first_environment(const json_t *environments)
{
    return json_string_value(json_array_get(environments, 0));
}

/* The request's config, completed. */
static json_t *checked_config(prv_draft *draft, const json_t *blueprint, json_t *config_taken, const char *pointer)
{
    json_t *config = config_taken ? config_taken : json_object();
    prv_drop_nulls(config);
    prv_complete_config(draft, blueprint, config, NULL, pointer, "");
    return config;
}

/* The resolver's choices, by path of aliases, out of the request's `dependencies` (which may nest). */
static void collect_choices(const json_t *dependencies, const char *prefix, json_t *choices)
{
    const char *alias;
    json_t *choice;
    json_object_foreach((json_t *)dependencies, alias, choice)
    {
        cat_autofree char *path = *prefix ? cat_printf("%s.%s", prefix, alias) : cat_strdup(alias);
        json_object_set(choices, path, choice);
        collect_choices(cat_json_get(choice, "dependencies"), path, choices);
    }
}

/* What in the request cannot be: the Blueprint that is wished for, its version, or something that it needs. */
static char *pointer_of_failure(const json_t *request, const json_t *explanation)
{
    const char *named = cat_json_text(explanation, "path");
    if (named)
        return prv_dependency_pointer(named, cat_text_equal(cat_json_text(explanation, "kind"), "name") ? "name" : "application");
    const json_t *chain = cat_json_get(explanation, "chain");
    const char *version = cat_json_text(request, "blueprint.version");
    cat_semver_range range;
    if (version && cat_semver_range_parse(version, &range, NULL) < 0)
        return cat_strdup("/blueprint/version");
    bool itself = cat_text_equal(cat_json_text(explanation, "kind"), "missing") && json_array_size(chain) == 1 &&
                  cat_text_equal(cat_json_text(json_array_get(chain, 0), "blueprint"), cat_json_text(request, "blueprint.name"));
    return cat_strdup(!itself ? "/dependencies" : version ? "/blueprint/version" : "/blueprint/name");
}

/* Repositories that are there without an Application. */
static json_t *names_kept(const json_t *facts)
{
    json_t *names = json_array();
    json_array_extend(names, cat_json_get(facts, "taken"));
    json_array_extend(names, cat_json_get(facts, "unfinished"));
    json_array_extend(names, cat_json_get(facts, "unseen"));
    return names;
}

/* `facts.blueprints` stand in the order of preference, the best last. `source` NULL: of any. */
static const json_t *newest_blueprint(const json_t *facts, const char *source, const char *name)
{
    const json_t *found = NULL;
    size_t index;
    json_t *blueprint;
    json_array_foreach(cat_json_get(facts, "blueprints"), index, blueprint)
    {
        if (cat_text_equal(cat_json_text(blueprint, "name"), name) &&
            (!source || cat_text_equal(cat_json_text(blueprint, "source"), source)))
            found = blueprint;
    }
    return found;
}

/* " Do you mean bp-wordpress?" for who wished for "wordpress" or "WordPress"; the caller's. */
static char *hint_at(const json_t *facts, const char *name)
{
    cat_autofree char *low = cat_printf("%s%s", strncasecmp(name, "bp-", 3) == 0 ? "" : "bp-", name);
    for (char *at = low; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    bool other = strcmp(low, name) != 0 && newest_blueprint(facts, NULL, low);
    return other ? cat_printf(". Do you mean %s?", low) : cat_strdup("");
}

/* A copy of what the resolver is to know of the choices: null is no wish to take away what dependants ask for. */
static json_t *resolver_choices(const json_t *request)
{
    cat_autojson json_t *lent = json_object();
    collect_choices(cat_json_get(request, "dependencies"), "", lent);
    json_t *choices = json_deep_copy(lent), *choice;
    const char *path;
    json_object_foreach(choices, path, choice) prv_drop_nulls(json_object_get(choice, "config"));
    return choices;
}

/* Versions that cannot be read were not looked at: whoever waits for one of them is told, in the plan, or at `pointer` where
 * there is none. */
static void tell_left_out(prv_draft *draft, const json_t *left_out, const char *pointer)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)left_out, index, item)
    {
        cat_autofree char *text = cat_printf("%.100s %.260s of %.64s was left out, as it cannot be used: %.300s",
                                             cat_json_text_or(item, "name", ""), cat_json_text_or(item, "version", ""),
                                             cat_json_text_or(item, "source", ""), cat_json_text_or(item, "reason", ""));
        if (pointer)
            prv_draft_complain(draft, pointer, "%s", text);
        else
            json_array_append_new(draft->warnings, json_string(text));
    }
}

static int run_resolver(prv_draft *draft, const json_t *config, json_t **resolution, cat_error *error)
{
    const json_t *request = draft->request;
    const char *application = cat_json_text_or(request, "application", "");
    cat_autojson json_t *choices = resolver_choices(request);
    cat_autojson json_t *blueprints = resolver_blueprints(draft->facts);
    cat_autojson json_t *applications = existing_applications(draft->facts);
    cat_autojson json_t *scope =
        prv_scope_make(draft->facts, application, first_environment(cat_json_get(request, "environments")), config, NULL);
    cat_autojson json_t *wish = cat_json_object(
        "application", json_string(application), "blueprint", json_incref(cat_json_get(request, "blueprint.name")), "source",
        json_incref(cat_json_get(request, "blueprint.source")), "range", json_incref(cat_json_get(request, "blueprint.version")),
        "config", json_incref((json_t *)config), "scope", json_incref(scope), "environments",
        json_incref(cat_json_get(request, "environments")), "vclusters",
        vclusters_of(draft->facts, cat_json_get(request, "environments")), "taken", names_kept(draft->facts), "choices",
        json_incref(choices), NULL);
    cat_resolver_facts facts = {blueprints, applications, cat_json_text_or(draft->facts, "organization.name", "")};
    cat_autojson json_t *explanation = NULL;
    cat_error why = {0};
    int result = cat_resolve(&facts, wish, resolution, &explanation, &why);
    if (result < 0) {
        bool missing = cat_text_equal(cat_json_text(explanation, "kind"), "missing");
        bool name = cat_text_equal(cat_json_text(explanation, "kind"), "name");
        draft->code = result == CAT_E_EXISTS ? "name-taken"
                      : name                 ? "name-invalid"
                      : missing              ? "dependency-missing"
                                             : "dependency-conflict";
        cat_autofree char *pointer = pointer_of_failure(request, explanation);
        cat_autofree char *hint = hint_at(draft->facts, missing ? cat_json_text_or(request, "blueprint.name", "") : "");
        bool chosen = !name && cat_json_text(explanation, "path");
        prv_draft_complain(draft, pointer, "%s%s%s%s", chosen ? why.message : "", chosen ? ". " : "",
                           cat_json_text_or(explanation, "suggestion", why.message), hint);
        if (*hint)
            cat_error_set_class(&why, why.code, why.class, "there is no Blueprint %.60s%s",
                                cat_json_text_or(request, "blueprint.name", ""), hint);
        tell_left_out(draft, cat_json_get(explanation, "leftOut"), pointer);
        cat_error_copy(error, &why);
        return result;
    }
    tell_left_out(draft, cat_json_get(*resolution, "leftOut"), NULL);
    return 0;
}

static const json_t *depends_entry(const json_t *blueprint, const char *alias)
{
    size_t index;
    json_t *entry;
    json_array_foreach(cat_json_get(blueprint, "spec.depends"), index, entry)
    {
        if (cat_text_equal(cat_json_text_or(entry, "alias", cat_json_text_or(entry, "blueprint", "")), alias))
            return entry;
    }
    return NULL;
}

/* Aliases of the Blueprint that the resolution did not take. */
static void note_unused(const json_t *facts, prv_application *application)
{
    size_t index;
    json_t *entry;
    json_array_foreach(cat_json_get(application->blueprint, "spec.depends"), index, entry)
    {
        const char *name = cat_json_text_or(entry, "blueprint", ""), *alias = cat_json_text_or(entry, "alias", name);
        const json_t *blueprint = newest_blueprint(facts, NULL, name);
        if (!json_object_get(application->dependencies, alias) && blueprint)
            json_object_set(application->unused, alias, (json_t *)blueprint);
    }
}

/* Lists grow by what each consumer asks for; single values must agree. */
static int merge_wanted(json_t *config, const json_t *wanted, const char *application, cat_error *error)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)wanted, name, value)
    {
        json_t *present = json_object_get(config, name);
        if (json_is_array(value) && json_is_array(present))
            json_array_extend(present, value);
        else if (present && !json_equal(present, value))
            return cat_error_set(error, CAT_E_CONFLICT, "two dependants of %s want different values for '%s'", application, name);
        else
            json_object_set_new(config, name, json_deep_copy(value));
    }
    return 0;
}

/* What the dependants in this plan ask of an Application: `values` of each edge, evaluated in the dependant's
 * scope. */
static int wanted_by_dependants(prv_draft *draft, const prv_application *made, size_t count, const json_t *resolution,
                                const char *application, json_t *wanted, cat_error *error)
{
    size_t index;
    json_t *edge;
    json_array_foreach(cat_json_get(resolution, "edges"), index, edge)
    {
        if (!cat_text_equal(cat_json_text(edge, "to"), application))
            continue;
        for (size_t i = 0; i < count; i++) {
            if (!cat_text_equal(made[i].name, cat_json_text(edge, "from")) || !made[i].config)
                continue;
            const json_t *entry = depends_entry(made[i].blueprint, cat_json_text_or(edge, "alias", ""));
            cat_autojson json_t *scope =
                prv_scope_make(draft->facts, made[i].name, first_environment(made[i].environments), made[i].config, NULL);
            cat_autojson json_t *values = NULL;
            cat_autofree char *where = cat_printf("%s depends.%s.values", cat_json_text_or(made[i].blueprint, "name", ""),
                                                  cat_json_text_or(edge, "alias", ""));
            int result = entry && cat_json_get(entry, "values")
                             ? cat_expression_evaluate_all(cat_json_get(entry, "values"), scope, where, &values, error)
                             : 0;
            if (result < 0 || (result = values ? merge_wanted(wanted, values, application, error) : 0) < 0)
                return result;
        }
    }
    return 0;
}

static void note_dependencies(const json_t *resolution, prv_application *application)
{
    size_t index;
    json_t *edge;
    json_array_foreach(cat_json_get(resolution, "edges"), index, edge)
    {
        if (cat_text_equal(cat_json_text(edge, "from"), application->name))
            json_object_set(application->dependencies, cat_json_text_or(edge, "alias", ""), cat_json_get(edge, "to"));
    }
}

static int start_application(prv_draft *draft, const json_t *resolution, const json_t *node, prv_application *application,
                             cat_error *error)
{
    const char *path = cat_json_text_or(node, "path", "");
    const json_t *choice = *path ? prv_choice_at(draft->request, path) : draft->request;
    *application =
        (prv_application){.name = cat_json_text(node, "application"),
                          .path = path,
                          .size = cat_json_text_or(choice, "size", cat_json_text_or(draft->request, "size", "small")),
                          .blueprint = prv_facts_blueprint(draft->facts, cat_json_text(node, "source"),
                                                           cat_json_text(node, "blueprint"), cat_json_text(node, "version")),
                          .environments = cat_json_get(draft->request, "environments"),
                          .dependencies = json_object(),
                          .unused = json_object()};
    if (!application->blueprint)
        return cat_error_set(error, CAT_E_INTERNAL, "the resolver named a Blueprint that is not registered");
    note_dependencies(resolution, application);
    note_unused(draft->facts, application);
    return 0;
}

/* A value that nobody chose is no fault of the field that it would stand in: what asked for it made it of the Application's name.
 */
static void blame_asker(prv_draft *draft, size_t from, const char *below, const json_t *own, const prv_application *dependency)
{
    for (size_t i = from; i < json_array_size(draft->errors); i++) {
        json_t *one = json_array_get(draft->errors, i);
        const char *pointer = cat_json_text_or(one, "pointer", "");
        cat_autofree char *field = cat_strdup(cat_text_starts_with(pointer, below) ? pointer + strlen(below) : "");
        for (char *slash = strchr(field, '/'); slash; slash = strchr(slash, '/'))
            *slash = '.';
        const char *path = *field ? field + 1 : "";
        const char *value = cat_json_text(dependency->config, path);
        if (!*path || !value || cat_json_get(own, path))
            continue;
        /* Which of a list it is does not help anybody. */
        size_t shown = strlen(path), digits = strlen(path);
        while (digits > 0 && path[digits - 1] >= '0' && path[digits - 1] <= '9')
            digits--;
        shown = digits > 0 && path[digits - 1] == '.' ? digits - 1 : shown;
        cat_autofree char *message =
            cat_printf("%.60s would get '%.80s' in its field %.*s, made from this name, and cannot take it: %.200s. "
                       "Choose another name",
                       dependency->name, value, (int)(shown < 80 ? shown : 80), path, cat_json_text_or(one, "message", ""));
        json_object_set_new(one, "pointer", json_string("/application"));
        json_object_set_new(one, "message", json_string(message));
    }
}

static int configure_application(prv_draft *draft, const json_t *resolution, const json_t *node, prv_application *made,
                                 size_t count, size_t at, cat_error *error)
{
    const char *path = cat_json_text_or(node, "path", "");
    prv_application *application = &made[at];
    const json_t *choice = *path ? prv_choice_at(draft->request, path) : NULL;
    cat_autojson json_t *config = json_object();
    int result = wanted_by_dependants(draft, made, count, resolution, application->name, config, error);
    if (result < 0)
        return result;
    cat_autojson json_t *own = json_deep_copy(*path ? cat_json_get(choice, "config") : cat_json_get(draft->request, "config"));
    prv_drop_nulls(own); /* before it is merged: it is no wish to take away what dependants ask for */
    json_t *merged = own ? cat_json_merge_patch(config, own) : json_incref(config);
    cat_autofree char *pointer = prv_dependency_pointer(path, "config");
    size_t before = json_array_size(draft->errors);
    application->config = checked_config(draft, application->blueprint, merged, pointer);
    if (*path)
        blame_asker(draft, before, pointer, own, application);
    return 0;
}

int prv_install_resolve(prv_draft *draft, prv_application *made, size_t *count, json_t **resolution, cat_error *error)
{
    const json_t *request = draft->request;
    cat_autojson json_t *config = json_deep_copy(cat_json_get(request, "config"));
    if (!config)
        config = json_object();
    prv_drop_nulls(config);
    int result = run_resolver(draft, config, resolution, error);
    if (result < 0)
        return result;
    const json_t *nodes[PRV_MAX_APPLICATIONS] = {0};
    json_t *node;
    size_t index;
    /* Dependants before their dependencies: what a dependency is asked for comes from the dependant's config.
     */
    size_t total = json_array_size(cat_json_get(*resolution, "nodes"));
    json_array_foreach(cat_json_get(*resolution, "nodes"), index, node)
    {
        const json_t *next = json_array_get(cat_json_get(*resolution, "nodes"), total - 1 - index);
        if (!cat_text_equal(cat_json_text(next, "action"), "create"))
            continue;
        if (*count == PRV_MAX_APPLICATIONS)
            return prv_draft_refuse(draft, CAT_E_TOO_LARGE, NULL, error, "one plan makes at most %d Applications",
                                    PRV_MAX_APPLICATIONS);
        nodes[*count] = next;
        if ((result = start_application(draft, *resolution, next, &made[*count], error)) < 0)
            return result;
        (*count)++;
    }
    for (size_t i = 0; i < *count; i++) {
        if ((result = configure_application(draft, *resolution, nodes[i], made, *count, i, error)) < 0)
            return result;
    }
    prv_check_choices(draft, *resolution);
    return 0;
}
