/* All that a plan makes, built and judged: what cannot be built, may not be, or no cluster takes as a change. */
#include "render.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/plan_home.h"
#include "core/plan_immutable.h"
#include "core/plan_large.h"
#include "core/plan_names.h"
#include "core/plan_parts.h"
#include "domain/application_tree.h"
#include "domain/kustomization.h"
#include "render_words.h"
#include "wire/names.h"
#include "wire/yaml.h"

#define MAX_JOBS 256
#define THREADS 3
#define WAIT_FOR_PLAN_MS 10000
#define WAIT_FOR_PROGRAM_MS 30000

/* One Application in one Environment: what the plan makes of its branch, and where it changes one that is there, what that was.
 */
typedef struct {
    json_t *application; /* of the plan; lent */
    char *environment, *env_type, *namespace;
    json_t *files, *objects, *refusals;
    json_t *head, *was; /* files and objects before; NULL: there was nothing, or it cannot be built */
    bool is_touched;    /* the plan changes its files */
    bool was_broken;    /* it could not be built before either */
    int code;
    cat_error error;
} job;

typedef struct {
    const prv_render_options *options;
    const char *organization;
    job jobs[MAX_JOBS];
    size_t count;
    _Atomic size_t next;
} job_list;

static void build(const prv_render_options *options, job *one)
{
    one->code = prv_render_build(options, one->files, one->env_type, one->namespace, &one->objects, &one->refusals, &one->error);
    if (!one->head || !one->is_touched)
        return;
    cat_autojson json_t *refusals = NULL;
    int code = prv_render_build(options, one->head, one->env_type, one->namespace, &one->was, &refusals, NULL);
    one->was_broken = code == CAT_E_INVALID;
}

static void *work(void *context)
{
    job_list *list = context;
    size_t at;
    while ((at = list->next++) < list->count) {
        job *one = &list->jobs[at];
        one->code = prv_render_gate_enter_program(list->options->gate, list->organization, WAIT_FOR_PROGRAM_MS, &one->error);
        if (one->code < 0)
            continue;
        build(list->options, one);
        prv_render_gate_leave_program(list->options->gate, list->organization);
    }
    return NULL;
}

static int add_jobs(job_list *list, const json_t *facts, const json_t *plan, json_t *application, cat_error *error)
{
    size_t index;
    json_t *environment;
    const char *name = cat_json_text_or(application, "name", ""), *organization = cat_json_text_or(plan, "organization", "");
    cat_autofree char *repository = cat_printf("%s/%s", organization, name);
    json_array_foreach(json_object_get(application, "environments"), index, environment)
    {
        const json_t *known = json_object_get(json_object_get(facts, "environments"), json_string_value(environment));
        const char *type = cat_json_text_or(known, "type", ""), *branch = cat_branch_of_env_type(type);
        if (!branch)
            continue;
        if (list->count == MAX_JOBS)
            return cat_error_set(error, CAT_E_TOO_LARGE, "the plan touches more than %d Applications in Environments", MAX_JOBS);
        job *one = &list->jobs[list->count++];
        *one = (job){
            .application = application, .environment = cat_strdup(json_string_value(environment)), .env_type = cat_strdup(type)};
        one->namespace = cat_printf("%s-%s", name, type);
        /* Copies for the threads: jansson's counts of references are not for several of them. */
        cat_autojson json_t *tree = prv_render_tree(facts, plan, repository, branch),
                            *head = prv_render_head(facts, repository, branch);
        one->files = json_deep_copy(tree);
        one->is_touched = !json_equal(tree, head);
        if (json_object_size(head))
            one->head = json_deep_copy(head);
    }
    return 0;
}

static void finish_jobs(job_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->jobs[i].environment);
        free(list->jobs[i].env_type);
        free(list->jobs[i].namespace);
        json_decref(list->jobs[i].files);
        json_decref(list->jobs[i].objects);
        json_decref(list->jobs[i].refusals);
        json_decref(list->jobs[i].head);
        json_decref(list->jobs[i].was);
    }
}

static void run_jobs(job_list *list)
{
    pthread_t threads[THREADS];
    size_t started = 0;
    while (started < THREADS && started + 1 < list->count && pthread_create(&threads[started], NULL, work, list) == 0)
        started++;
    work(list);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

static void complain(const job *one, const char *what, json_t *complaints)
{
    cat_autofree char *message = cat_printf("%s in %s%s: %s%s", cat_json_text_or(one->application, "name", "?"), one->environment,
                                            one->was_broken ? " cannot be built as its repository stands" : "", what,
                                            one->was_broken ? ". Correct that in Git, then plan again" : "");
    const char *pointer = one->was_broken ? "/application" : "";
    json_array_append_new(complaints, cat_json_object("pointer", json_string(pointer), "message", json_string(message), NULL));
}

/* All that the check refused, else what the error says. */
static void complain_of(const job *one, json_t *complaints)
{
    size_t index;
    json_t *refusal;
    json_array_foreach(one->refusals, index, refusal)
    {
        cat_autofree char *what = cat_tree_error_words(refusal);
        complain(one, what, complaints);
    }
    if (json_array_size(one->refusals) == 0)
        complain(one, one->error.message, complaints);
}

/* What this plan leaves as it is holds it up by nothing that is wrong there. */
static void warn_of(const job *one, json_t *plan)
{
    cat_autofree char *text =
        cat_printf("%s in %s cannot be built as its repository stands, and this plan does not change that: %s",
                   cat_json_text_or(one->application, "name", "?"), one->environment, one->error.message);
    json_array_append_new(json_object_get(plan, "warnings"), json_string(text));
}

/* CAT_E_CONFLICT: everything that fails failed before, so it is the Application's trouble and not the request's. */
static int gather(const job_list *list, json_t *plan, json_t **errors, cat_error *error)
{
    cat_autojson json_t *complaints = json_array();
    const cat_error *worst = NULL;
    bool all_broken = true;
    for (size_t i = 0; i < list->count; i++) {
        const job *one = &list->jobs[i];
        if (one->code == 0)
            continue;
        if (one->code == CAT_E_INVALID && one->head && !one->is_touched) {
            warn_of(one, plan);
            continue;
        }
        all_broken = all_broken && one->was_broken;
        if (!worst || one->code != CAT_E_INVALID)
            worst = &one->error;
        if (json_array_size(complaints) < CAT_KUSTOMIZATION_MAX_ERRORS)
            complain_of(one, complaints);
    }
    if (!worst)
        return 0;
    if (worst->code != CAT_E_INVALID)
        return cat_error_copy(error, worst);
    cat_error_set(error, all_broken ? CAT_E_CONFLICT : CAT_E_INVALID, "%s", cat_json_text_or(complaints, "0.message", ""));
    if (errors)
        *errors = cat_take(complaints);
    return all_broken ? CAT_E_CONFLICT : CAT_E_INVALID;
}

static bool is_new(const job *one)
{
    return cat_text_equal(cat_json_text(one->application, "action"), "create");
}

static void judge_names(const job *one, json_t *complaints)
{
    const char *name = cat_json_text_or(one->application, "name", "?");
    cat_autofree char *where = cat_printf("%s in %s", name, one->environment);
    const char *path = cat_json_text_or(one->application, "path", "");
    cat_autofree char *pointer = prv_dependency_pointer(path, *path ? "name" : "application");
    if (is_new(one))
        prv_plan_names(one->objects, name, pointer, where, complaints);
}

/* Volumes that it would be made with, some of which may be there already, or be larger than this says. */
static void note_volumes(json_t *plan, const job *one)
{
    size_t index;
    json_t *object;
    cat_autojson json_t *changes = one->was ? prv_config_changes(one->head, one->files, one->env_type) : NULL;
    json_array_foreach(one->objects, index, object)
    {
        if ((!is_new(one) && !one->is_touched) || !cat_text_equal(cat_json_text(object, "kind"), "PersistentVolumeClaim"))
            continue;
        json_t *storage = cat_json_get(object, "spec.resources.requests.storage");
        json_t *volume =
            cat_json_object("application", json_incref(json_object_get(one->application, "name")), "blueprint",
                            json_incref(json_object_get(one->application, "blueprint")), "environment",
                            json_string(one->environment), "namespace", json_string(one->namespace), "name",
                            json_incref(cat_json_get(object, "metadata.name")), "storage", json_incref(storage), "new",
                            json_boolean(is_new(one)), "pointer", json_string(prv_pointer_of_change(changes, storage)), NULL);
        cat_json_set_text(volume, "was", prv_volume_before(one->was, object));
        json_array_append_new(json_object_get(plan, "volumes"), volume);
    }
}

static void judge_sizes(json_t *plan, const job *one, json_t *complaints)
{
    cat_autofree char *where = cat_printf("%s in %s", cat_json_text_or(one->application, "name", "?"), one->environment);
    prv_plan_large(plan, one->head && !one->is_touched ? one->objects : one->was, one->objects, where, complaints);
}

/* What the file's `spec` says after the plan; the caller's. */
static json_t *spec_in(const json_t *files, const char *path)
{
    const char *text = json_string_value(json_object_get(files, path));
    cat_autojson json_t *document = NULL;
    if (!text || cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &document, NULL, NULL) < 0)
        return json_object();
    json_t *spec = cat_json_get(document, "spec");
    return json_is_object(spec) ? json_incref(spec) : json_object();
}

static void judge_amounts(const job *one, json_t *complaints)
{
    if (!is_new(one) && !one->is_touched)
        return;
    cat_autofree char *where = cat_printf("%s in %s", cat_json_text_or(one->application, "name", "?"), one->environment);
    cat_autofree char *pointer = prv_dependency_pointer(cat_json_text_or(one->application, "path", ""), "config");
    cat_autofree char *overlay = cat_printf("overlays/%s/values.yaml", one->env_type);
    cat_autojson json_t *all = spec_in(one->files, "values.yaml"), *own = spec_in(one->files, overlay),
                        *values = cat_json_merge_patch(all, own);
    prv_plan_uncountable(one->was, one->objects, values, pointer, where, complaints);
}

static void judge_change(const job *one, json_t *complaints)
{
    if (!one->was)
        return;
    cat_autofree char *where = cat_printf("%s in %s", cat_json_text_or(one->application, "name", "?"), one->environment);
    cat_autojson json_t *changes = prv_config_changes(one->head, one->files, one->env_type);
    prv_plan_immutable(one->was, one->objects, changes, where, complaints);
}

/* What would run and may not: CAT_E_INVALID with all of it in `*errors`, or warnings in the plan. */
static int judge(const job_list *list, json_t *plan, json_t **errors, cat_error *error)
{
    cat_autojson json_t *complaints = json_array();
    json_object_set_new(plan, "volumes", json_array());
    for (size_t i = 0; i < list->count; i++) {
        const job *one = &list->jobs[i];
        prv_plan_home(plan, one->application, one->environment, one->namespace, one->objects, complaints);
        judge_names(one, complaints);
        judge_change(one, complaints);
        judge_sizes(plan, one, complaints);
        judge_amounts(one, complaints);
        note_volumes(plan, one);
    }
    if (!json_array_size(complaints))
        return 0;
    cat_error_set(error, CAT_E_INVALID, "%s", cat_json_text_or(complaints, "0.message", ""));
    if (errors)
        *errors = cat_take(complaints);
    return CAT_E_INVALID;
}

static void put_footprints(job_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        json_t *application = list->jobs[i].application;
        cat_autojson json_t *all = json_array();
        if (json_object_get(application, "footprint"))
            continue;
        for (size_t j = i; j < list->count; j++)
            if (list->jobs[j].application == application)
                json_array_extend(all, list->jobs[j].objects);
        json_object_set_new(application, "footprint", prv_plan_footprint(all));
    }
}

static int build_all(job_list *list, const json_t *facts, json_t *plan, json_t **errors, cat_error *error)
{
    size_t index;
    json_t *application;
    int code = 0;
    json_array_foreach(json_object_get(plan, "applications"), index, application)
    {
        const char *action = cat_json_text_or(application, "action", "");
        if (code == 0 && (strcmp(action, "create") == 0 || strcmp(action, "change") == 0))
            code = add_jobs(list, facts, plan, application, error);
    }
    if (code == 0) {
        run_jobs(list);
        code = gather(list, plan, errors, error);
    }
    if (code == 0)
        code = judge(list, plan, errors, error);
    if (code == 0)
        put_footprints(list);
    return code;
}

int prv_render_plan(const prv_render_options *options, const json_t *facts, json_t *plan, json_t **errors, cat_error *error)
{
    const char *organization = cat_json_text_or(plan, "organization", "");
    int code = prv_render_gate_enter_plan(options->gate, organization, WAIT_FOR_PLAN_MS, error);
    if (code < 0)
        return code;
    job_list *list = cat_calloc(1, sizeof *list);
    list->options = options;
    list->organization = organization;
    code = build_all(list, facts, plan, errors, error);
    finish_jobs(list);
    cat_free_cleanup(&list);
    prv_render_gate_leave_plan(options->gate, organization);
    return code;
}
