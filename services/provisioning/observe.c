#include "observe.h"

#include <string.h>

#include "core/plan_parts.h"
#include "core/plan_reach.h"
#include "domain/kinds.h"
#include "domain/source.h"
#include "kinds/kinds.h"
#include "observe_parts.h"
#include "wire/names.h"

#define MAX_REPOSITORIES 5000

/* The request is about something that was left out. */
static int check_readable(const json_t *facts, const json_t *request, cat_error *error)
{
    const json_t *unreadable = json_object_get(facts, "unreadable");
    const char *name;
    json_t *why;
    json_object_foreach((json_t *)unreadable, name, why)
    {
        if (cat_text_equal(cat_json_text(request, "application"), name) ||
            cat_json_is_text_in(cat_json_get(request, "environments"), name) ||
            cat_text_equal(cat_json_text(request, "environment"), name))
            return cat_error_set_class(error, CAT_E_CONFLICT, CAT_CLASS_STALLED, "%s cannot be planned as it is in Git: %s", name,
                                       json_string_value(why));
    }
    return 0;
}

/* Where the Environments lie, as environment-controller says. */
static int read_vclusters(prv_context *context, const char *organization, json_t *environments, cat_error *error)
{
    cat_autojson json_t *items = NULL;
    int code = cat_kube_list_json(context->kube, cat_resource_find(CAT_GROUP, "Environment"), organization, NULL, &items, error);
    size_t index, at;
    json_t *item, *vcluster;
    json_array_foreach(items, index, item)
    {
        json_t *known = json_object_get(environments, cat_object_name(item) ? cat_object_name(item) : "");
        json_array_foreach(cat_json_get(item, "status.vclusters"), at, vcluster)
        {
            if (known && json_object_get(vcluster, "name"))
                json_array_append(json_object_get(known, "vclusters"), json_object_get(vcluster, "name"));
        }
    }
    return code;
}

static int read_taken(prv_context *context, const char *organization, json_t *facts, cat_error *error)
{
    cat_autojson json_t *repositories = NULL;
    cat_autofree char *path = cat_printf("/orgs/%s/repos", organization);
    json_t *taken = json_array(), *unfinished = json_array();
    int code = cat_gitea_list(context->gitea, path, MAX_REPOSITORIES, &repositories, error);
    size_t index;
    json_t *repository;
    json_array_foreach(repositories, index, repository)
    {
        const char *name = cat_json_text_or(repository, "name", "");
        json_t *application = json_object_get(json_object_get(facts, "applications"), name);
        bool archived = cat_json_bool_or(repository, "archived", false);
        if (application && archived)
            json_object_set_new(application, "archived", json_true());
        if (application)
            continue;
        bool kept = archived || cat_source_has_folders(name);
        json_array_append_new(kept ? taken : unfinished, json_string(name));
    }
    json_object_set_new(facts, "taken", taken);
    json_object_set_new(facts, "unfinished", unfinished);
    json_t *work = NULL;
    if (code == 0 && json_array_size(unfinished) && (code = prv_observe_work(context, organization, &work, error)) == 0)
        json_object_set_new(facts, "work", work);
    return code;
}

/* Only what this request is about: another Environment's file may change meanwhile. */
static void keep_relevant(json_t *reads, const json_t *facts, const json_t *request)
{
    const json_t *chosen = cat_json_get(request, "environments");
    const char *organization = cat_json_text_or(facts, "organization.name", "");
    cat_autojson json_t *asked = prv_environments_asked(prv_kind_of(request), facts, request);
    for (size_t i = json_array_size(reads); i-- > 0;) {
        const json_t *read = json_array_get(reads, i);
        const char *path = cat_json_text_or(read, "path", "");
        if (!cat_text_equal(cat_json_text(read, "repository"), CAT_CONFIG_REPOSITORY)) {
            if (!prv_is_within(organization, asked, cat_json_text_or(read, "branch", ""), path))
                json_array_remove(reads, i);
            continue;
        }
        cat_autofree char *name = prv_base_name(path);
        if (json_is_array(chosen) && cat_text_starts_with(path, "environments/") && !cat_json_is_text_in(chosen, name))
            json_array_remove(reads, i);
    }
}

int prv_observe(prv_context *context, const char *organization, const json_t *request, json_t **observed, cat_error *error)
{
    char now[CAT_TIME_TEXT_MAX];
    cat_time_format(prv_now_ms(), now);
    const cat_config_common *common = &context->config->common;
    cat_autojson json_t *facts = cat_json_object(
        "now", json_string(now), "sovereign",
        cat_json_object("name", json_string(common->sovereign.name), "domain", json_string(common->sovereign.domain), NULL),
        "environments", json_object(), "policies", json_array(), "applications", json_object(), "manifests", json_object(),
        "unreadable", json_object(), NULL);
    cat_autojson json_t *reads = json_array();
    const prv_observing to = {context, organization, request, facts, reads};
    int code = prv_observe_config(context, organization, cat_json_text(request, "application"), facts, reads, error);
    if (code == 0)
        code = check_readable(facts, request, error);
    if (code == 0)
        code = read_vclusters(context, organization, json_object_get(facts, "environments"), error);
    if (code == 0)
        code = read_taken(context, organization, facts, error);
    if (code == 0)
        code = prv_observe_touched(&to, error);
    if (code < 0)
        return code;
    keep_relevant(reads, facts, request);
    json_object_del(facts, "unreadable");
    json_object_set(facts, "reads", reads);
    json_object_set_new(facts, "blueprints", prv_blueprints_visible(context->blueprints, organization));
    prv_type_values(facts);
    *observed = cat_take(facts);
    return 0;
}

int prv_observe_manifests(prv_context *context, json_t *facts, const json_t *keys, cat_error *error)
{
    size_t index;
    json_t *blueprint;
    json_array_foreach(json_object_get(facts, "blueprints"), index, blueprint)
    {
        cat_autofree char *key = cat_printf("%s.%s.%s", cat_json_text_or(blueprint, "source", ""),
                                            cat_json_text_or(blueprint, "name", ""), cat_json_text_or(blueprint, "version", ""));
        json_t *files = NULL;
        if (!cat_json_is_text_in(keys, key))
            continue;
        int code = prv_blueprints_files(context->blueprints, blueprint, &files, error);
        if (code < 0)
            return code;
        json_object_set_new(json_object_get(facts, "manifests"), key, files);
    }
    return 0;
}
