#include "operation_shown.h"

#include <string.h>

#include "base/memory.h"
#include "plan_shown.h"
#include "plan_speaks.h"

typedef struct {
    const char *organization;
    const json_t *visible;
    json_t *hidden;       /* every other name that an Environment of the Organization can have */
    json_t *applications; /* whose namespaces count */
} sight;

static json_t *hidden_of(const char *organization, const json_t *visible)
{
    cat_autojson json_t *all = prv_environments_of(organization);
    json_t *hidden = json_array(), *name;
    size_t index;
    json_array_foreach(all, index, name)
    {
        if (!cat_json_is_text_in(visible, json_string_value(name)))
            json_array_append(hidden, name);
    }
    return hidden;
}

static json_t *applications_of(const json_t *operation)
{
    json_t *names = json_copy(json_object_get(operation, "applications")), *own = json_object_get(operation, "application");
    if (!names)
        names = json_array();
    if (json_is_string(own))
        json_array_append(names, own);
    return names;
}

/* Where it is not known what a message is about, it must not name what is hidden. */
static bool is_told(const sight *by, const json_t *teller)
{
    const char *about = cat_json_text(teller, "about"), *words = cat_json_text_or(teller, "message", "");
    if (about)
        return cat_json_is_text_in(by->visible, about);
    size_t index;
    json_t *environment;
    json_array_foreach(by->hidden, index, environment)
    {
        if (prv_speaks_of(words, json_string_value(environment), by->applications))
            return false;
    }
    return true;
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
        if (cat_json_is_text_in(by->visible, json_string_value(name)))
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
        if (type && !cat_json_is_text_in(by->visible, environment))
            json_array_remove(commits, i);
    }
}

json_t *prv_operation_shown(const json_t *operation, const json_t *visible)
{
    const char *organization = cat_json_text_or(operation, "organization", "");
    cat_autojson json_t *hidden = hidden_of(organization, visible), *applications = applications_of(operation);
    const sight by = {organization, visible, hidden, applications};
    json_t *shown = json_deep_copy(operation), *step;
    size_t index;
    json_object_del(shown, "ticket");
    cut_environments(&by, shown);
    cut_commits(&by, shown);
    cut_message(&by, shown);
    json_array_foreach(json_object_get(shown, "steps"), index, step) cut_message(&by, step);
    return shown;
}

json_t *prv_operation_shown_to(const cat_principal *principal, const json_t *operation)
{
    const char *organization = cat_json_text_or(operation, "organization", "");
    cat_autojson json_t *all = prv_environments_of(organization), *visible = prv_visible(principal, organization, all);
    return prv_operation_shown(operation, visible);
}

json_t *prv_operation_whole(const json_t *operation)
{
    cat_autojson json_t *all = prv_environments_of(cat_json_text_or(operation, "organization", ""));
    return prv_operation_shown(operation, all);
}
