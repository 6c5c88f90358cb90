/* Steps that wait for others. Each says which object it waits for, and is asked again; the worker ends what has waited too long.
 */
#include <string.h>

#include "domain/kinds.h"
#include "steps/steps.h"
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
    static const cat_kind KINDS[] = {CAT_KIND_GIT_REPOSITORY, CAT_KIND_KUSTOMIZATION};
    snprintf(text, size, "%s", "");
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        const cat_resource *resource = &cat_kind_get(KINDS[i])->resource;
        cat_autojson json_t *object = NULL;
        if (cat_kube_get(run->context->kube, resource, namespace, "catalyst-config", &object, NULL) == 0 &&
            prv_progress_blocked(object, resource->kind, namespace, text, size))
            return;
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
        char why[400];
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
    int code =
        run->kind->whole ? wait_for_condition(run, "Organization", NULL, run->organization, "Ready", "the parts", error) : 0;
    size_t index;
    json_t *environment;
    json_array_foreach(json_object_get(run->plan, "environments"), index, environment)
    {
        if (code < 0)
            return code;
        run->about = json_string_value(environment);
        code = wait_for_condition(run, "Environment", run->organization, json_string_value(environment), "Ready", "the parts",
                                  error);
    }
    return code;
}

/* The condition is of its life as long as it is True or of an earlier generation (asking to be removed makes a new one); what it
 * says afterwards is what holds the removal up. */
static int wait_for_removal(const char *name, const json_t *object, cat_error *error)
{
    static const char OWN[] = "catalyst.openova.io/environment-controller";
    size_t index;
    json_t *finalizer;
    const json_t *ready = cat_condition_find(object, "Ready");
    if (ready && !cat_text_equal(cat_condition_status(object, "Ready"), "True") &&
        cat_json_int_or(ready, "observedGeneration", 0) >= cat_json_int_or(object, "metadata.generation", 0))
        return wait_for(error, "what %s has in its clusters is being removed: %.350s", name,
                        cat_json_text_or(ready, "message", "its removal has begun"));
    json_array_foreach(cat_json_get(object, "metadata.finalizers"), index, finalizer)
    {
        if (strcmp(json_string_value(finalizer), OWN) != 0)
            return wait_for(error,
                            "Application %s is kept by the finalizer %.100s on the management cluster: whoever set it takes "
                            "it off",
                            name, json_string_value(finalizer));
    }
    return wait_for(error, "what %s has in its clusters is being removed", name);
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
            char why[400];
            why_flux(run, run->organization, why, sizeof why);
            return wait_for(error, "Flux has to remove %s from the management cluster%s", name, why);
        }
        return wait_for_removal(name, object, error);
    }
    return 0;
}

/* --- what runs, as the rows say --- */

/* One Application in one Environment, and which commit has to run there (NULL: whichever there is). */
typedef struct {
    cat_spine *spine;
    const char *environment, *env_type, *application, *commit;
} branch_state;

static int read_row(const branch_state *of, cat_kind kind, const char *namespace, const char *name, json_t **row,
                    cat_error *error)
{
    char bucket[128], key[CAT_KEY_MAX];
    cat_auto(cat_kv_entry) entry = {0};
    cat_error failed = {0};
    cat_bucket_of_environment(of->environment, bucket, sizeof bucket);
    int code = cat_key_make(cat_kind_get(kind)->token, namespace, name, key, error);
    if (code < 0)
        return code;
    static const cat_json_caps CAPS = {.max_bytes = (size_t)2 * 1024 * 1024, .max_depth = 80};
    *row = NULL;
    code = cat_kv_get(of->spine, bucket, key, &entry, &failed);
    if (code == CAT_E_NOT_FOUND)
        return 0;
    if (code == 0)
        code = cat_json_parse(entry.value, entry.length, &CAPS, row, &failed);
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}

static bool is_suspended_in_git(prv_run *run, const char *name)
{
    cat_autojson json_t *object = NULL;
    return cat_kube_get(run->context->kube, cat_resource_find(CAT_GROUP, "Application"), run->organization, name, &object,
                        NULL) == 0 &&
           cat_json_bool_or(object, "spec.suspended", false);
}

/* Rows of Flux's objects are looked at only while something is waited for. */
static int judge(prv_run *run, const branch_state *of, prv_progress *progress, cat_error *error)
{
    cat_autojson json_t *row = NULL, *repository = NULL, *kustomization = NULL, *source = NULL;
    int code = read_row(of, CAT_KIND_ROW_APPLICATION, NULL, of->application, &row, error);
    if (code == 0)
        code = read_row(of, CAT_KIND_ROW_REPOSITORY, NULL, of->application, &repository, error);
    if (code < 0)
        return code;
    prv_progress_facts facts = {.application = of->application,
                                .environment = of->environment,
                                .commit = of->commit,
                                .row = row,
                                .repository = repository,
                                .may_be_followed =
                                    !cat_text_equal(of->application, cat_json_text(run->operation, "application"))};
    prv_progress_of(&facts, progress);
    if (progress->kind != PRV_PROGRESS_WAITS || !row)
        return 0;
    cat_autofree char *flux = cat_printf("%s-%s", of->application, of->env_type);
    code = read_row(of, CAT_KIND_KUSTOMIZATION, "flux-system", flux, &kustomization, error);
    if (code == 0)
        code = read_row(of, CAT_KIND_GIT_REPOSITORY, "flux-system", flux, &source, error);
    if (code < 0)
        return code;
    facts.kustomization = kustomization;
    facts.source = source;
    facts.suspended_in_git = is_suspended_in_git(run, of->application);
    prv_progress_of(&facts, progress);
    return 0;
}

/* One branch's commit: a commit that was seen to run has done its part, whatever comes after it. */
static int check_branch(prv_run *run, const branch_state *of, prv_progress *progress, cat_error *error)
{
    cat_autofree char *repository = cat_printf("%s/%s", run->organization, of->application);
    const char *branch = cat_branch_of_env_type(of->env_type);
    *progress = (prv_progress){.kind = PRV_PROGRESS_RUNS};
    if (of->commit && prv_operation_has_run(run->operation, repository, branch))
        return 0;
    int code = judge(run, of, progress, error);
    if (code == 0 && of->commit && progress->kind == PRV_PROGRESS_RUNS)
        run->noted |= prv_operation_note_run(run->operation, repository, branch);
    return code;
}

/* Of all Applications and Environments the first that waits is told: dependencies come before their dependants. Only when none
 * waits any more does it count that some were overtaken. */
static int check_applications(prv_run *run, cat_spine *spine, cat_error *error)
{
    size_t index, at;
    json_t *application, *environment;
    prv_progress waiting = {0}, overtaken = {0};
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
            prv_progress one;
            run->about = json_string_value(environment);
            const branch_state of = {spine, run->about, env_type, name, commit};
            int code = check_branch(run, &of, &one, error);
            if (code < 0)
                return code;
            if (one.kind == PRV_PROGRESS_WAITS && !*waiting.message)
                waiting = one;
            if (one.kind == PRV_PROGRESS_OVERTAKEN && !*overtaken.message)
                overtaken = one;
        }
    }
    run->about = *waiting.message ? waiting.environment : overtaken.environment;
    if (*waiting.message)
        return wait_for(error, "%s", waiting.message);
    if (!*overtaken.message)
        return 0;
    run->overtaken = overtaken;
    return cat_error_set_class(error, CAT_E_GONE, CAT_CLASS_STALLED, "%s", overtaken.message);
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
