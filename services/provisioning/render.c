#include "render.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "domain/kustomization.h"
#include "plan.h"
#include "plan_home.h"
#include "render_program.h"
#include "wire/names.h"
#include "wire/yaml.h"

#define MAX_JOBS 256
#define THREADS 3
#define WAIT_FOR_PLAN_MS 10000
#define WAIT_FOR_PROGRAM_MS 30000

/* --- trees in memory --- */

static void apply_files(json_t *tree, const json_t *files)
{
    size_t index;
    json_t *file;
    json_array_foreach((json_t *)files, index, file)
    {
        const char *path = cat_json_text_or(file, "path", "");
        if (json_is_string(json_object_get(file, "content")))
            json_object_set(tree, path, json_object_get(file, "content"));
        else
            json_object_del(tree, path);
    }
}

static json_t *head_of(const json_t *facts, const char *repository, const char *branch)
{
    const char *slash = strchr(repository, '/');
    const json_t *application = json_object_get(json_object_get(facts, "applications"), slash ? slash + 1 : "");
    const json_t *files = json_object_get(json_object_get(json_object_get(application, "branches"), branch), "files");
    return files ? json_copy((json_t *)files) : json_object();
}

static json_t *skeleton_of(const json_t *plan, const char *repository)
{
    json_t *tree = json_object();
    size_t index;
    json_t *skeleton;
    json_array_foreach(json_object_get(plan, "skeletons"), index, skeleton)
    {
        if (cat_text_equal(cat_json_text(skeleton, "repository"), repository))
            apply_files(tree, json_object_get(skeleton, "files"));
    }
    return tree;
}

static void keep_folder(json_t *tree, const json_t *own, const char *folder)
{
    cat_autofree char *prefix = cat_printf("%s/", folder);
    const char *path;
    json_t *text;
    void *next;
    json_object_foreach_safe(tree, next, path, text)
    {
        if (cat_text_starts_with(path, prefix))
            json_object_del(tree, path);
    }
    json_object_foreach((json_t *)own, path, text)
    {
        if (cat_text_starts_with(path, prefix))
            json_object_set(tree, path, text);
    }
}

json_t *prv_render_tree(const json_t *facts, const json_t *plan, const char *repository, const char *branch)
{
    size_t index, at;
    json_t *entry, *folder, *tree = head_of(facts, repository, branch);
    json_array_foreach(json_object_get(plan, "trees"), index, entry)
    {
        if (!cat_text_equal(cat_json_text(entry, "repository"), repository) ||
            !cat_text_equal(cat_json_text(entry, "branch"), branch))
            continue;
        const char *from = cat_json_text_or(entry, "from", "");
        cat_autojson json_t *own = head_of(facts, repository, branch);
        if (*from) {
            json_decref(tree);
            tree = strcmp(from, "skeleton") == 0 ? skeleton_of(plan, repository) : prv_render_tree(facts, plan, repository, from);
            json_array_foreach(json_object_get(entry, "keep"), at, folder) keep_folder(tree, own, json_string_value(folder));
        }
        apply_files(tree, json_object_get(entry, "files"));
    }
    return tree;
}

/* --- builds --- */

bool prv_render_check(const json_t *files, const char *env_type, json_t **errors)
{
    cat_autofree char *overlay = cat_printf("overlays/%s", env_type);
    const cat_kustomization_root roots[] = {{"", CAT_KUSTOMIZATION, ""}, {overlay, CAT_KUSTOMIZATION_COMPONENT, ""}};
    return cat_kustomization_check(files, roots, sizeof roots / sizeof *roots, errors);
}

/* What Flux's Kustomization adds: spec.components, after those that are there, and spec.targetNamespace. The rest of the text
 * becomes what the check read of it. */
static int add_what_flux_adds(json_t *tree, const char *env_type, const char *namespace, cat_error *error)
{
    cat_autojson json_t *root = NULL;
    const char *text = json_string_value(json_object_get(tree, "kustomization.yaml"));
    int code = cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &root, NULL, error);
    if (code < 0)
        return code;
    json_t *components = json_object_get(root, "components");
    if (!json_is_array(components)) {
        components = json_array();
        json_object_set_new(root, "components", components);
    }
    json_array_append_new(components, json_sprintf("overlays/%s", env_type));
    json_object_set_new(root, "namespace", json_string(namespace));
    /* Each object then says which file it comes from. */
    json_object_set_new(root, "buildMetadata", json_pack("[s]", "originAnnotations"));
    cat_autofree char *changed = cat_yaml_format(root);
    json_object_set_new(tree, "kustomization.yaml", json_string(changed));
    return 0;
}

static int refused(const json_t *errors, cat_error *error)
{
    const json_t *first = json_array_get(errors, 0);
    return cat_error_set(error, CAT_E_INVALID, "%s, line %lld: %s", cat_json_text_or(first, "file", "?"),
                         (long long)cat_json_int_or(first, "line", 1), cat_json_text_or(first, "message", ""));
}

int prv_render_build(const prv_render_options *options, const json_t *files, const char *env_type, const char *namespace,
                     json_t **objects, json_t **refusals, cat_error *error)
{
    *refusals = NULL;
    if (!prv_render_check(files, env_type, refusals))
        return refused(*refusals, error);
    cat_autojson json_t *tree = json_copy((json_t *)files);
    int code = add_what_flux_adds(tree, env_type, namespace, error);
    cat_autofree char *built = NULL;
    size_t length = 0;
    if (code == 0)
        code = prv_program_build(options, tree, &built, &length, error);
    if (code < 0)
        return code;
    static const cat_yaml_caps OUTPUT = {
        .max_bytes = PRV_PROGRAM_MAX_OUTPUT, .max_depth = 64, .max_nodes = 400000, .max_documents = 4096};
    return cat_yaml_parse_all(built, length, &OUTPUT, objects, error);
}

typedef struct {
    json_t *application; /* of the plan; lent */
    char *environment, *env_type, *namespace;
    json_t *files, *objects, *refusals;
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

static void *work(void *context)
{
    job_list *list = context;
    size_t at;
    while ((at = list->next++) < list->count) {
        job *one = &list->jobs[at];
        one->code = prv_render_gate_enter_program(list->options->gate, list->organization, WAIT_FOR_PROGRAM_MS, &one->error);
        if (one->code < 0)
            continue;
        one->code = prv_render_build(list->options, one->files, one->env_type, one->namespace, &one->objects, &one->refusals,
                                     &one->error);
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
        cat_autojson json_t *tree = prv_render_tree(facts, plan, repository, branch);
        one->files = json_deep_copy(tree);
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
    cat_autofree char *message =
        cat_printf("%s in %s: %s", cat_json_text_or(one->application, "name", "?"), one->environment, what);
    json_array_append_new(complaints, cat_json_object("pointer", json_string(""), "message", json_string(message), NULL));
}

/* All that the check refused, else what the error says. */
static void complain_of(const job *one, json_t *complaints)
{
    size_t index;
    json_t *refusal;
    json_array_foreach(one->refusals, index, refusal)
    {
        cat_autofree char *what =
            cat_printf("%s, line %lld: %s", cat_json_text_or(refusal, "file", "?"),
                       (long long)cat_json_int_or(refusal, "line", 1), cat_json_text_or(refusal, "message", ""));
        complain(one, what, complaints);
    }
    if (json_array_size(one->refusals) == 0)
        complain(one, one->error.message, complaints);
}

static int gather(job_list *list, json_t **errors, cat_error *error)
{
    cat_autojson json_t *complaints = json_array();
    const cat_error *worst = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const job *one = &list->jobs[i];
        if (one->code == 0)
            continue;
        if (!worst || one->code != CAT_E_INVALID)
            worst = &one->error;
        if (json_array_size(complaints) < CAT_KUSTOMIZATION_MAX_ERRORS)
            complain_of(one, complaints);
    }
    if (!worst)
        return 0;
    if (worst->code == CAT_E_INVALID && errors)
        *errors = cat_take(complaints);
    return cat_error_copy(error, worst);
}

/* What would run and may not: CAT_E_INVALID with all of it in `*errors`, or warnings in the plan. */
static int judge(const job_list *list, json_t *plan, json_t **errors, cat_error *error)
{
    cat_autojson json_t *complaints = json_array();
    for (size_t i = 0; i < list->count; i++) {
        const job *one = &list->jobs[i];
        prv_plan_home(plan, one->application, one->environment, one->namespace, one->objects, complaints);
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
        code = gather(list, errors, error);
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
