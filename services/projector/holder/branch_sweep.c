#include "holder/branch_sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/task.h"
#include "domain/events.h"
#include "domain/kinds.h"
#include "http/hooks_commits.h"
#include "wire/cloudevent.h"
#include "wire/names.h"
#include "wire/subjects.h"

#define ZERO "0000000000000000000000000000000000000000"

struct prj_branch_sweep {
    prj_branch_sweep_options options;
    cat_task *task;
    cat_metric *found;
};

typedef struct {
    cat_strings applications;
    cat_map *heads; /* application → head */
} known;

/* A head whose commit nobody told of, or below which some are missing, counts as none that is known. */
static bool is_told(cat_view row)
{
    return !cat_view_bool_or(row, "gap", false) && cat_text_equal(cat_view_text(row, "commits.0.id"), cat_view_text(row, "head"));
}

static bool read_row(void *context, const cat_kv_entry *entry)
{
    known *rows = context;
    cat_key key;
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *document = NULL;
    cat_json_caps caps = {.max_bytes = 1024 * 1024, .max_depth = 80};
    if (!entry->value || cat_key_parse(entry->key, &key, NULL) < 0 ||
        cat_document_parse(entry->value, entry->length, &caps, &document, NULL) < 0)
        return true;
    cat_view row = cat_document_root(document);
    if (cat_view_bool_or(row, "deleted", false))
        return true;
    if (cat_kind_is(key.kind, CAT_KIND_ROW_APPLICATION))
        cat_strings_add(&rows->applications, key.name);
    else if (cat_view_text(row, "head"))
        cat_map_set(rows->heads, key.name, cat_strdup(is_told(row) ? cat_view_text(row, "head") : ZERO));
    return true;
}

/* A branch of an Application's repository, and the Environment that it is of. */
typedef struct {
    const char *organization, *environment, *application, *branch;
} branch_of;

/* The push that was missed, made from what Gitea says now. */
static int publish_missed(prj_branch_sweep *all, const branch_of *of, const char *before, const char *head, cat_error *error)
{
    json_t *commits = NULL;
    cat_autofree char *repository = cat_printf("%s/%s", of->organization, of->application);
    int code = 0;
    if (strcmp(head, ZERO) == 0)
        commits = json_array();
    else
        code = prj_hooks_read_commits(all->options.gitea, repository, NULL, head, &commits, error);
    if (code < 0)
        return code;
    cat_auto(prj_payload) event = {.type = cat_event_type(CAT_EVENT_GIT_PUSH),
                                   .organization = cat_strdup(of->organization),
                                   .environment = cat_strdup(of->environment),
                                   .application = cat_strdup(of->application),
                                   .branch = cat_strdup(of->branch),
                                   .commit = cat_strdup(head),
                                   .repository = cat_strdup(repository)};
    event.data = cat_json_object("repository", json_string(event.repository), "application", json_string(of->application),
                                 "branch", json_string(of->branch), "before", json_string(before), "after", json_string(head),
                                 "forced", json_true(), "whole", json_true(), "commits", commits, NULL);
    cat_autofree char *id = cat_printf("sweep/%s/%s/%s..%s", event.repository, of->branch, before, head);
    bool published = false;
    code = prj_hooks_deliver(all->options.hooks, &event, id, NULL, &published, error);
    if (published) {
        cat_log_info("found what no webhook told of", CAT_FIELD("repository", event.repository), CAT_FIELD("branch", of->branch),
                     CAT_FIELD("commit", head));
        if (all->found)
            cat_metric_add(all->found, 1, NULL);
    }
    return code;
}

/* Of a branch that is gone with its repository Gitea tells nobody: it is a push to nothing. `seen` NULL: none is known. */
static int compare_head(prj_branch_sweep *all, const char *organization, const char *environment, const char *application,
                        const char *seen, cat_error *error)
{
    char split[CAT_NAME_ORGANIZATION_MAX + 1], env_type[8], head[65];
    if (!cat_environment_split(environment, split, env_type))
        return 0;
    const branch_of of = {organization, environment, application, cat_branch_of_env_type(env_type)};
    int code = cat_gitea_branch_head(all->options.gitea, organization, application, of.branch, head, error);
    if (code == CAT_E_NOT_FOUND) {
        snprintf(head, sizeof head, "%s", ZERO);
        code = 0;
    }
    if (code == 0 && cat_text_equal(seen ? seen : ZERO, head))
        return 0;
    return code < 0 ? code : publish_missed(all, &of, seen ? seen : ZERO, head, error);
}

static int read_known(prj_branch_sweep *all, const char *organization, const char *environment, known *rows, cat_error *error)
{
    char bucket[CAT_SUBJECT_MAX];
    cat_bucket_of_environment(environment, bucket, sizeof bucket);
    cat_spine *spine = NULL;
    int code = cat_accounts_acquire(all->options.accounts, organization, &spine, error);
    if (code < 0)
        return code;
    static const cat_kind KINDS[] = {CAT_KIND_ROW_APPLICATION, CAT_KIND_ROW_REPOSITORY};
    for (size_t i = 0; code == 0 && i < sizeof KINDS / sizeof *KINDS; i++) {
        char filter[CAT_KEY_MAX];
        cat_kind_filter(KINDS[i], filter);
        code = cat_kv_each(spine, bucket, filter, read_row, rows, error);
    }
    cat_accounts_release(all->options.accounts, organization);
    return code;
}

/* What has a repository here and is no Application, or none any more. */
static void add_headed(known *rows)
{
    size_t at = 0;
    const char *application;
    void *head;
    while (cat_map_next(rows->heads, &at, &application, &head))
        if (!cat_strings_has(&rows->applications, application))
            cat_strings_add(&rows->applications, application);
}

/* One that cannot be looked at holds up no other; a Git server that is away holds up all. */
static int look_at_one(prj_branch_sweep *all, const char *organization, const char *environment, const known *rows,
                       const char *application, cat_error *error)
{
    cat_error failed = {0};
    int code = compare_head(all, organization, environment, application, cat_map_get(rows->heads, application), &failed);
    if (code == 0)
        return 0;
    if (code == CAT_E_UNAVAILABLE || code == CAT_E_TIMEOUT)
        return cat_error_copy(error, &failed);
    cat_log_warning("an Application's branch could not be looked at", CAT_FIELD("environment", environment),
                    CAT_FIELD("application", application), CAT_FIELD_ERROR(&failed));
    return 0;
}

typedef struct {
    prj_branch_sweep *all;
    cat_task *task;
} looking;

static void look_at(void *context, const char *organization, const char *environment)
{
    const looking *one = context;
    prj_branch_sweep *all = one->all;
    cat_error error = {0};
    known rows = {.heads = cat_map_create(free)};
    int code = cat_task_is_stopping(one->task) ? 0 : read_known(all, organization, environment, &rows, &error);
    add_headed(&rows);
    for (size_t i = 0; code == 0 && i < rows.applications.count && !cat_task_is_stopping(one->task); i++)
        code = look_at_one(all, organization, environment, &rows, rows.applications.items[i], &error);
    if (code < 0)
        cat_log_warning("heads could not be compared", CAT_FIELD("environment", environment), CAT_FIELD_ERROR(&error));
    cat_strings_finish(&rows.applications);
    cat_map_destroy(rows.heads);
}

static int64_t look_at_all(void *context, cat_task *task)
{
    looking one = {.all = context, .task = task};
    prj_assignment_each(one.all->options.assignment, look_at, &one);
    return 0;
}

prj_branch_sweep *prj_branch_sweep_start(const prj_branch_sweep_options *options)
{
    prj_branch_sweep *all = cat_calloc(1, sizeof *all);
    all->options = *options;
    if (options->metrics)
        all->found = cat_metric_get(options->metrics, CAT_METRIC_COUNTER, "projector_lost_webhooks_total",
                                    "Pushes that the sweep found", NULL);
    all->task = cat_task_start(
        &(cat_task_options){.interval_ms = options->interval_ms, .waits_first = true, .run = look_at_all, .context = all});
    return all;
}

void prj_branch_sweep_stop(prj_branch_sweep *all)
{
    if (!all)
        return;
    cat_task_stop(all->task);
    free(all);
}
