/* Steps that wait for others. None of them fails by time: each says what it waits for, and is asked again. */
#include <string.h>

#include "steps.h"
#include "wire/names.h"
#include "wire/subjects.h"

static int wait_for(cat_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int wait_for(cat_error *error, const char *format, ...)
{
    char text[CAT_ERROR_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return cat_error_set_class(error, CAT_E_UNAVAILABLE, CAT_CLASS_WAITING, "%s", text);
}

/* Why Flux has not taken what was committed; "" when it says nothing. */
static void why_flux(prv_run *run, const char *namespace, char *text, size_t size)
{
    static const struct {
        const char *group, *kind;
    } KINDS[] = {{"source.toolkit.fluxcd.io", "GitRepository"}, {"kustomize.toolkit.fluxcd.io", "Kustomization"}};
    snprintf(text, size, "%s", "");
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS && !*text; i++) {
        cat_autojson json_t *object = NULL;
        if (cat_kube_get(run->context->kube, cat_resource_find(KINDS[i].group, KINDS[i].kind), namespace, "catalyst-config",
                         &object, NULL) == 0 &&
            cat_text_equal(cat_condition_status(object, "Ready"), "False"))
            snprintf(text, size, ": its %s says: %.250s", KINDS[i].kind,
                     cat_json_text_or(cat_condition_find(object, "Ready"), "message", "not ready"));
    }
}

/* An object of ours has to have a condition. */
static int wait_for_condition(prv_run *run, const char *kind, const char *namespace, const char *name, const char *condition,
                              const char *what, cat_error *error)
{
    cat_autojson json_t *object = NULL;
    cat_error failed = {0};
    int code = cat_kube_get(run->context->kube, cat_resource_find(CAT_GROUP, kind), namespace, name, &object, &failed);
    if (code == CAT_E_NOT_FOUND) {
        char why[320];
        why_flux(run, namespace ? namespace : "flux-system", why, sizeof why);
        return wait_for(error, "Flux has to take %s %s to the management cluster%s", kind, name, why);
    }
    if (code < 0)
        return cat_error_copy(error, &failed);
    if (cat_text_equal(cat_condition_status(object, condition), "True"))
        return 0;
    return wait_for(error, "%s of %s: %.300s", what, name,
                    cat_json_text_or(cat_condition_find(object, condition), "message", "nothing is known of it yet"));
}

int prv_step_protected(prv_run *run, cat_error *error)
{
    size_t index;
    json_t *application;
    json_array_foreach(json_object_get(run->plan, "applications"), index, application)
    {
        if (!cat_text_equal(cat_json_text(application, "action"), "create"))
            continue;
        int code = wait_for_condition(run, "Application", run->organization, cat_json_text_or(application, "name", ""),
                                      "Protected", "the protection of the branches", error);
        if (code < 0)
            return code;
    }
    return 0;
}

int prv_step_ready(prv_run *run, cat_error *error)
{
    bool whole = cat_text_equal(cat_json_text(run->plan, "kind"), "organization");
    int code = whole ? wait_for_condition(run, "Organization", NULL, run->organization, "Ready", "the parts", error) : 0;
    size_t index;
    json_t *environment;
    json_array_foreach(json_object_get(run->plan, "environments"), index, environment)
    {
        if (code == 0)
            code = wait_for_condition(run, "Environment", run->organization, json_string_value(environment), "Ready", "the parts",
                                      error);
    }
    return code;
}

int prv_step_gone(prv_run *run, cat_error *error)
{
    size_t index;
    json_t *application;
    json_array_foreach(json_object_get(run->plan, "applications"), index, application)
    {
        cat_autojson json_t *object = NULL;
        cat_error failed = {0};
        const char *name = cat_json_text_or(application, "name", "");
        if (!cat_text_equal(cat_json_text(application, "action"), "remove"))
            continue;
        int code = cat_kube_get(run->context->kube, cat_resource_find(CAT_GROUP, "Application"), run->organization, name, &object,
                                &failed);
        if (code == CAT_E_NOT_FOUND)
            continue;
        if (code < 0)
            return cat_error_copy(error, &failed);
        if (!cat_object_is_deleting(object)) {
            char why[320];
            why_flux(run, run->organization, why, sizeof why);
            return wait_for(error, "Flux has to remove %s from the management cluster%s", name, why);
        }
        return wait_for(error, "what %s has in its clusters is being removed: %.300s", name,
                        cat_json_text_or(cat_condition_find(object, "Ready"), "message", "nothing is known of it yet"));
    }
    return 0;
}

/* --- what runs, as the rows say --- */

static int read_row(cat_spine *spine, const char *environment, const char *kind, const char *name, json_t **row, cat_error *error)
{
    char bucket[128], key[CAT_KEY_MAX];
    cat_auto(cat_kv_entry) entry = {0};
    cat_error failed = {0};
    cat_bucket_of_environment(environment, bucket, sizeof bucket);
    int code = cat_key_make(kind, NULL, name, key, error);
    if (code < 0)
        return code;
    static const cat_json_caps CAPS = {.max_bytes = (size_t)2 * 1024 * 1024, .max_depth = 80};
    *row = NULL;
    code = cat_kv_get(spine, bucket, key, &entry, &failed);
    if (code == CAT_E_NOT_FOUND)
        return 0;
    if (code == 0)
        code = cat_json_parse(entry.value, entry.length, &CAPS, row, &failed);
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}

/* Our commit runs, or a newer one on top of it. */
static bool runs_commit(const json_t *row, const json_t *repository, const char *commit)
{
    const char *running = cat_json_text(row, "running.commit");
    if (!commit || cat_text_equal(running, commit))
        return running != NULL;
    if (!running || !cat_text_equal(running, cat_json_text(row, "wanted.commit")))
        return false;
    size_t index;
    json_t *one;
    json_array_foreach(json_object_get(repository, "commits"), index, one)
    {
        if (cat_text_equal(cat_json_text(one, "id"), commit))
            return true;
    }
    return false;
}

static int check_row(cat_spine *spine, const char *environment, const char *name, const char *commit, cat_error *error)
{
    cat_autojson json_t *row = NULL, *repository = NULL;
    int code = read_row(spine, environment, "application", name, &row, error);
    if (code == 0)
        code = read_row(spine, environment, "repository", name, &repository, error);
    if (code < 0)
        return code;
    const char *status = cat_json_text_or(row, "status", "");
    if (!row || cat_json_bool_or(row, "deleted", false))
        return wait_for(error, "nothing is known of %s in %s yet", name, environment);
    if (strcmp(status, "Suspended") == 0)
        return 0;
    if (!runs_commit(row, repository, commit))
        return wait_for(error, "%s in %s has yet to take commit %.12s (it is %s%s%.200s)", name, environment,
                        commit ? commit : "", status, cat_json_text(row, "message") ? ": " : "",
                        cat_json_text_or(row, "message", ""));
    if (strcmp(status, "Running") == 0)
        return 0;
    const char *next = cat_json_text(row, "next");
    return wait_for(error, "%s in %s is %s: %.250s%s%.120s", name, environment, status,
                    cat_json_text_or(row, "message", "no reason is known"), next ? ". " : "", next ? next : "");
}

static int check_applications(prv_run *run, cat_spine *spine, cat_error *error)
{
    size_t index, at;
    json_t *application, *environment;
    cat_error waiting = {0};
    json_array_foreach(json_object_get(run->plan, "applications"), index, application)
    {
        const char *name = cat_json_text_or(application, "name", "");
        cat_autofree char *repository = cat_printf("%s/%s", run->organization, name);
        json_array_foreach(json_object_get(application, "environments"), at, environment)
        {
            char organization[CAT_NAME_ORGANIZATION_MAX + 1], env_type[8];
            if (!cat_environment_split(json_string_value(environment), organization, env_type) ||
                !cat_json_is_text_in(json_object_get(run->plan, "environments"), json_string_value(environment)))
                continue;
            const char *commit = prv_operation_commit_of(run->operation, repository, cat_branch_of_env_type(env_type));
            if (!commit && !cat_text_equal(cat_json_text(application, "action"), "create"))
                continue; /* nothing was changed there */
            cat_error one = {0};
            int code = check_row(spine, json_string_value(environment), name, commit, &one);
            if (code < 0 && one.class != CAT_CLASS_WAITING)
                return cat_error_copy(error, &one);
            if (code < 0 && !waiting.code)
                waiting = one; /* the first one: dependencies come before their dependants */
        }
    }
    return waiting.code ? cat_error_copy(error, &waiting) : 0;
}

int prv_step_running(prv_run *run, cat_error *error)
{
    cat_spine *spine = NULL;
    int code = cat_accounts_acquire(run->context->accounts, run->organization, &spine, error);
    if (code < 0)
        return code;
    code = check_applications(run, spine, error);
    cat_accounts_release(run->context->accounts, run->organization);
    return code;
}
