/* The request's answers for dependencies, which may nest, against what the chosen Blueprints ask. */
#include "core/plan_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

char *prv_dependency_pointer(const char *path, const char *member)
{
    cat_auto(cat_string) pointer = CAT_STRING(4096);
    while (*path) {
        size_t length = strcspn(path, ".");
        cat_string_append(&pointer, "/dependencies/");
        cat_string_append_bytes(&pointer, path, length);
        path += length + (path[length] == '.');
    }
    cat_string_appendf(&pointer, "/%s", member);
    return cat_string_take(&pointer);
}

const json_t *prv_choice_at(const json_t *request, const char *path)
{
    const json_t *choice = request;
    while (*path) {
        cat_autofree char *alias = cat_strndup(path, strcspn(path, "."));
        choice = json_object_get(cat_json_get(choice, "dependencies"), alias);
        path += strlen(alias) + (path[strlen(alias)] == '.');
    }
    return choice;
}

static const json_t *node_of(const json_t *resolution, const char *application)
{
    size_t index;
    json_t *node;
    json_array_foreach(cat_json_get(resolution, "nodes"), index, node)
    {
        if (cat_text_equal(cat_json_text(node, "application"), application))
            return node;
    }
    return NULL;
}

/* The Application that serves `application` as `alias`; NULL: it needs none. */
static const char *served_by(const json_t *resolution, const char *application, const char *alias)
{
    size_t index;
    json_t *edge;
    json_array_foreach(cat_json_get(resolution, "edges"), index, edge)
    {
        if (cat_text_equal(cat_json_text(edge, "from"), application) && cat_text_equal(cat_json_text(edge, "alias"), alias))
            return cat_json_text(edge, "to");
    }
    return NULL;
}

/* "db, cache"; "" when it has none. The caller's. */
static char *aliases_of(const json_t *depends)
{
    cat_auto(cat_string) names = CAT_STRING(300);
    size_t index;
    json_t *entry;
    json_array_foreach((json_t *)depends, index, entry)
        cat_string_appendf(&names, "%s%s", index ? ", " : "", cat_json_text_or(entry, "alias", "?"));
    return cat_string_take(&names);
}

static bool has_alias(const json_t *depends, const char *alias)
{
    size_t index;
    json_t *entry;
    json_array_foreach((json_t *)depends, index, entry)
    {
        if (cat_text_equal(cat_json_text(entry, "alias"), alias))
            return true;
    }
    return false;
}

/* A new one with nothing said of it is what there would be without an answer. */
static bool says_something(const json_t *choice)
{
    return !cat_text_equal(cat_json_text(choice, "use"), "new") || json_object_size(choice) > 1;
}

static void warn(prv_draft *draft, char *text_taken)
{
    json_array_append_new(draft->warnings, json_string(text_taken));
    free(text_taken);
}

/* `below`: the pointer of what `application` was asked for with, whose answers `choices` are. */
static void check_below(prv_draft *draft, const json_t *resolution, const char *application, const json_t *choices,
                        const char *below)
{
    const json_t *node = node_of(resolution, application);
    const json_t *blueprint = prv_facts_blueprint(draft->facts, cat_json_text(node, "source"), cat_json_text(node, "blueprint"),
                                                  cat_json_text(node, "version"));
    const json_t *depends = cat_json_get(blueprint, "spec.depends");
    const char *alias;
    json_t *choice;
    if (json_object_size(choices) && cat_text_equal(cat_json_text(node, "action"), "reuse")) {
        warn(draft, cat_printf("%s is used as it is: what it depends on does not change by this plan", application));
        return;
    }
    json_object_foreach((json_t *)choices, alias, choice)
    {
        cat_autofree char *group = cat_printf("%s/dependencies", below);
        cat_autofree char *pointer = cat_json_pointer_join(group, alias);
        const char *serving = served_by(resolution, application, alias);
        if (!has_alias(depends, alias)) {
            cat_autofree char *known = aliases_of(depends);
            prv_draft_complain(draft, pointer,
                               *known ? "%s has no dependency '%.60s'. It has: %s" : "%s has no dependency '%.60s'%s",
                               cat_json_text_or(node, "blueprint", ""), alias, known);
        } else if (!serving && says_something(choice)) {
            warn(draft, cat_printf("%s needs no %s as it is configured: what was chosen for it is not used", application, alias));
        } else if (serving) {
            check_below(draft, resolution, serving, cat_json_get(choice, "dependencies"), pointer);
        }
    }
}

void prv_check_choices(prv_draft *draft, const json_t *resolution)
{
    check_below(draft, resolution, cat_json_text_or(draft->request, "application", ""),
                cat_json_get(draft->request, "dependencies"), "");
}
