#include "core/operation_shown.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "domain/environment_words.h"

typedef struct {
    const char *organization;
    const cat_strings *visible;
    const cat_strings *applications; /* whose namespaces count in words */
} sight;

static void collect_applications(const json_t *operation, cat_strings *names)
{
    size_t index;
    json_t *name;
    cat_strings_add(names, cat_json_text_or(operation, "application", "?"));
    json_array_foreach(json_object_get(operation, "applications"), index, name)
    {
        if (json_is_string(name))
            cat_strings_add(names, json_string_value(name));
    }
}

static bool sees(const sight *by, const json_t *environment)
{
    return json_is_string(environment) && cat_strings_has(by->visible, json_string_value(environment));
}

/* Where it is not known what a message is about, it must not name what is hidden. */
static bool is_told(const sight *by, const json_t *teller)
{
    const json_t *about = json_object_get(teller, "about");
    return about ? sees(by, about)
                 : !cat_words_name_another(cat_json_text_or(teller, "message", ""), by->organization, by->visible,
                                           by->applications);
}

static const char *words_for(const char *status)
{
    return strcmp(status, "Waiting") == 0      ? "it waits for something in another Environment"
           : strcmp(status, "Failed") == 0     ? "something in another Environment keeps it from going on"
           : strcmp(status, "Superseded") == 0 ? "something later came in another Environment"
                                               : "something in another Environment is being done";
}

/* The operation, or one of its steps. */
static void cut_message(const sight *by, json_t *teller)
{
    if (json_object_get(teller, "message") && !is_told(by, teller)) {
        json_object_set_new(teller, "message", json_string(words_for(cat_json_text_or(teller, "status", ""))));
        json_object_set_new(teller, "messageElsewhere", json_true());
        json_object_del(teller, "supersededBy");
        json_object_del(teller, "supersededByCommit");
    }
    json_object_del(teller, "about");
}

static void cut_environments(const sight *by, json_t *shown)
{
    json_t *all = json_object_get(shown, "environments"), *kept = json_array(), *name;
    size_t index, count = json_array_size(all);
    json_array_foreach(all, index, name)
    {
        if (sees(by, name))
            json_array_append(kept, name);
    }
    json_object_set_new(shown, "elsewhere", json_integer((json_int_t)(count - json_array_size(kept))));
    json_object_set_new(shown, "environments", kept);
}

static void cut_commits(const sight *by, json_t *shown)
{
    json_t *commits = json_object_get(shown, "commits");
    for (size_t i = json_array_size(commits); i-- > 0;) {
        const char *type = cat_env_type_of_branch(cat_json_text_or(json_array_get(commits, i), "branch", ""));
        cat_autofree char *environment = cat_printf("%s-%s", by->organization, type ? type : "");
        if (type && !cat_strings_has(by->visible, environment))
            json_array_remove(commits, i);
    }
}

json_t *prv_operation_shown(const json_t *operation, const cat_strings *visible)
{
    cat_auto(cat_strings) applications = {0};
    collect_applications(operation, &applications);
    const sight by = {cat_json_text_or(operation, "organization", ""), visible, &applications};
    json_t *shown = json_deep_copy(operation), *step;
    size_t index;
    json_object_del(shown, "ticket");
    cut_environments(&by, shown);
    cut_commits(&by, shown);
    cut_message(&by, shown);
    json_array_foreach(json_object_get(shown, "steps"), index, step) cut_message(&by, step);
    return shown;
}

/* `principal` NULL: every one that the Organization can have. */
static void collect_visible(const cat_principal *principal, const json_t *operation, cat_strings *visible)
{
    const char *organization = cat_json_text_or(operation, "organization", ""), *type;
    for (unsigned i = 0; (type = cat_env_type_at(i)); i++) {
        cat_autofree char *environment = cat_printf("%s-%s", organization, type);
        if (!principal || cat_access_check(principal, CAT_ACTION_READ, organization, environment, NULL) == 0)
            cat_strings_add(visible, environment);
    }
}

json_t *prv_operation_shown_to(const cat_principal *principal, const json_t *operation)
{
    cat_auto(cat_strings) visible = {0};
    collect_visible(principal, operation, &visible);
    return prv_operation_shown(operation, &visible);
}

json_t *prv_operation_told(const json_t *operation, const char *environment, char id[PRV_EVENT_ID_MAX])
{
    cat_auto(cat_strings) visible = {0};
    if (environment)
        cat_strings_add(&visible, environment);
    else
        collect_visible(NULL, operation, &visible);
    snprintf(id, PRV_EVENT_ID_MAX, "%s/%s/%lld", cat_json_text_or(operation, "operation", ""), environment ? environment : "_",
             (long long)cat_json_int_or(operation, "sequence", 0));
    return prv_operation_shown(operation, &visible);
}
