#include "core/plan_shown.h"

#include <string.h>

#include "base/memory.h"
#include "domain/environment_words.h"
#include "wire/names.h"

json_t *prv_visible(const cat_principal *principal, const char *organization, const json_t *environments)
{
    json_t *visible = json_array();
    size_t index;
    json_t *environment;
    json_array_foreach((json_t *)environments, index, environment)
    {
        const char *name = json_string_value(environment);
        if (name && cat_access_check(principal, CAT_ACTION_READ, organization, name, NULL) == 0)
            json_array_append(visible, environment);
    }
    return visible;
}

typedef struct {
    const cat_principal *principal;
    const char *organization;
    bool hidden; /* something was left out */
} cut;

static bool sees(const cut *by, const char *environment)
{
    return cat_access_check(by->principal, CAT_ACTION_READ, by->organization, environment, NULL) == 0;
}

/* The entries that pass. */
static json_t *kept_of(cut *by, const json_t *all, bool (*passes)(const cut *by, const json_t *entry))
{
    json_t *kept = json_array();
    size_t index;
    json_t *entry;
    json_array_foreach((json_t *)all, index, entry)
    {
        if (passes(by, entry))
            json_array_append(kept, entry);
    }
    by->hidden = by->hidden || json_array_size(kept) < json_array_size(all);
    return kept;
}

static void keep(cut *by, json_t *object, const char *member, bool (*passes)(const cut *by, const json_t *entry))
{
    const json_t *all = json_object_get(object, member);
    if (json_is_array(all))
        json_object_set_new(object, member, kept_of(by, all, passes));
}

static bool is_seen(const cut *by, const json_t *name)
{
    return json_is_string(name) && sees(by, json_string_value(name));
}

static bool is_scope_seen(const cut *by, const json_t *scope)
{
    return sees(by, cat_json_text_or(scope, "environment", "?"));
}

static bool is_type_seen(const cut *by, const char *type, size_t length)
{
    cat_autofree char *environment = cat_printf("%s-%.*s", by->organization, (int)length, type);
    return sees(by, environment);
}

/* `org/{org}/env/{env type}/{app}/{name}` */
static bool is_secret_seen(const cut *by, const json_t *secret)
{
    cat_autofree char *before = cat_printf("org/%s/env/", by->organization);
    const char *path = cat_json_text_or(secret, "path", "");
    if (!cat_text_starts_with(path, before))
        return false;
    const char *type = path + strlen(before);
    return is_type_seen(by, type, strcspn(type, "/"));
}

/* An Application's object, in the files of the Organization's branch too, says where all of it runs. */
static bool is_of_repository(const cut *by, const json_t *file)
{
    (void)by;
    return !cat_text_equal(cat_json_text(file, "repository"), CAT_CONFIG_REPOSITORY);
}

/* An Environment's branch, develop aside, which has what is everybody's, and an Environment's own files: the one in which its
 * name is written is among them. */
static bool is_file_seen(const cut *by, const json_t *file)
{
    static const char OVERLAYS[] = "overlays/";
    const char *path = cat_json_text_or(file, "path", ""), *branch = cat_json_text_or(file, "branch", "develop"),
               *of_branch = cat_env_type_of_branch(branch);
    if (of_branch && strcmp(branch, "develop") != 0 && is_of_repository(by, file) &&
        !is_type_seen(by, of_branch, strlen(of_branch)))
        return false;
    if (!cat_text_starts_with(path, OVERLAYS))
        return true;
    const char *type = path + strlen(OVERLAYS);
    return is_type_seen(by, type, strcspn(type, "/"));
}

/* What a plan rests on names every Environment of the Organization, and their policies, whatever it is about. */
static bool is_read_seen(const cut *by, const json_t *read)
{
    static const char FOLDER[] = "environments/";
    const char *path = cat_json_text_or(read, "path", "");
    if (is_of_repository(by, read))
        return is_file_seen(by, read);
    if (!cat_text_starts_with(path, FOLDER))
        return true;
    cat_autofree char *environment = cat_printf("%.*s", (int)strcspn(path + strlen(FOLDER), "."), path + strlen(FOLDER));
    return sees(by, environment);
}

static void cut_reads(const cut *by, json_t *plan)
{
    cut reads = *by;
    reads.hidden = false;
    keep(&reads, plan, "reads", is_read_seen);
    if (reads.hidden)
        keep(&reads, plan, "reads", is_of_repository);
}

static void cut_each(cut *by, json_t *plan, const char *member)
{
    const json_t *all = json_object_get(plan, member);
    if (!json_is_array(all))
        return;
    json_t *shown = json_array();
    size_t index;
    json_t *one;
    json_array_foreach((json_t *)all, index, one)
    {
        json_t *copy = json_copy(one);
        keep(by, copy, "environments", is_seen);
        if (json_array_size(json_object_get(copy, "environments")) < json_array_size(json_object_get(one, "environments")))
            json_object_del(copy, "footprint"); /* it is of all of them together */
        keep(by, copy, "clusterScope", is_scope_seen);
        json_array_append_new(shown, copy);
    }
    json_object_set_new(plan, member, shown);
}

static void drop_warnings_of(const cut *by, json_t *warnings, const cat_strings *applications, const json_t *environments)
{
    size_t index;
    json_t *environment;
    json_array_foreach((json_t *)environments, index, environment)
    {
        if (!json_is_string(environment) || is_seen(by, environment))
            continue;
        for (size_t i = json_array_size(warnings); i-- > 0;)
            if (cat_words_name_environment(json_string_value(json_array_get(warnings, i)) ?: "", json_string_value(environment),
                                           applications))
                json_array_remove(warnings, i);
    }
}

/* Of the whole plan, as it was before anything was left out. */
static void cut_warnings(const cut *by, json_t *shown, const json_t *plan)
{
    json_t *warnings = json_copy(json_object_get(plan, "warnings")), *application;
    size_t index;
    if (!warnings)
        return;
    cat_auto(cat_strings) names = {0};
    json_array_foreach(json_object_get(plan, "applications"), index, application)
        cat_strings_add(&names, cat_json_text_or(application, "name", "?"));
    drop_warnings_of(by, warnings, &names, json_object_get(plan, "environments"));
    json_array_foreach(json_object_get(plan, "applications"), index, application)
        drop_warnings_of(by, warnings, &names, json_object_get(application, "environments"));
    json_object_set_new(shown, "warnings", warnings);
}

static void cut_request(cut *by, json_t *plan)
{
    json_t *request = json_object_get(plan, "request");
    if (!json_is_object(request))
        return;
    json_t *copy = json_copy(request);
    keep(by, copy, "environments", is_seen);
    json_object_set_new(plan, "request", copy);
}

json_t *prv_shown_plan(const cat_principal *principal, const json_t *plan)
{
    json_t *shown = json_copy((json_t *)plan);
    static const char *const INNER[] = {"trees", "skeletons", "principal"};
    for (size_t i = 0; i < sizeof INNER / sizeof *INNER; i++)
        json_object_del(shown, INNER[i]); /* contents of files are not shown twice: `files` has the differences */
    cut by = {.principal = principal, .organization = cat_json_text_or(plan, "organization", "")};
    keep(&by, shown, "environments", is_seen);
    cut_each(&by, shown, "applications");
    cut_each(&by, shown, "links");
    cut_request(&by, shown);
    cut_warnings(&by, shown, plan);
    keep(&by, shown, "secrets", is_secret_seen);
    keep(&by, shown, "files", is_file_seen);
    cut_reads(&by, shown);
    if (by.hidden) {
        keep(&by, shown, "files", is_of_repository);
        json_object_set_new(shown, "objects", json_array());
    }
    json_object_set_new(shown, "elsewhere", json_boolean(by.hidden));
    return shown;
}
