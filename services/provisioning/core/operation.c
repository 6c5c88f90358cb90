#include "core/operation.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

static void set_time(json_t *object, const char *member, int64_t now_ms)
{
    char text[CAT_TIME_TEXT_MAX];
    cat_time_format(now_ms, text);
    json_object_set_new(object, member, json_string(text));
}

static json_t *steps_of(const prv_kind *kind, const json_t *plan)
{
    json_t *steps = json_array();
    for (const prv_kind_step *step = kind->steps; step->name; step++) {
        if (!step->when || json_array_size(json_object_get(plan, step->when)))
            json_array_append_new(steps, cat_json_object("name", json_string(step->name), "title", json_string(step->title),
                                                         "status", json_string("Pending"), NULL));
    }
    return steps;
}

static json_t *names_of(const json_t *plan)
{
    json_t *names = json_array();
    size_t index;
    json_t *application;
    json_array_foreach(json_object_get(plan, "applications"), index, application)
        json_array_append(names, json_object_get(application, "name"));
    return names;
}

json_t *prv_operation_make(const prv_kind *kind, const char *id, const json_t *plan, const json_t *principal, int64_t now_ms)
{
    const json_t *environments = json_object_get(plan, "environments");
    json_t *operation = cat_json_object(
        "operation", json_string(id), "kind", json_string(kind->name), "organization",
        json_incref(json_object_get(plan, "organization")), "application", json_incref(json_object_get(plan, "application")),
        "applications", names_of(plan), "environments", environments ? json_deep_copy(environments) : json_array(), "requestedBy",
        json_incref(json_object_get(principal, "user")), "plan", json_incref(json_object_get(plan, "hash")), "status",
        json_string("Pending"), "steps", steps_of(kind, plan), "commits", json_array(), "sequence", json_integer(1), "ticket",
        json_integer(1), NULL);
    cat_autofree char *note = kind->note ? kind->note(cat_json_text_or(plan, "organization", "")) : NULL;
    cat_json_set_text(operation, "note", note);
    set_time(operation, "startedAt", now_ms);
    set_time(operation, "updatedAt", now_ms);
    return operation;
}

static bool is_end(const char *status)
{
    return strcmp(status, "Succeeded") == 0 || strcmp(status, "Failed") == 0 || strcmp(status, "Superseded") == 0;
}

bool prv_operation_has_ended(const json_t *operation)
{
    return is_end(cat_json_text_or(operation, "status", ""));
}

json_t *prv_operation_next_step(const json_t *operation)
{
    size_t index;
    json_t *step;
    json_array_foreach(json_object_get(operation, "steps"), index, step)
    {
        if (!cat_text_equal(cat_json_text(step, "status"), "Succeeded"))
            return step;
    }
    return NULL;
}

static void set_or_remove(json_t *object, const char *member, const char *text)
{
    if (text && *text)
        json_object_set_new(object, member, json_string(text));
    else
        json_object_del(object, member);
}

void prv_operation_touch(json_t *operation, int64_t now_ms)
{
    set_time(operation, "updatedAt", now_ms);
    json_object_set_new(operation, "sequence", json_integer(cat_json_int_or(operation, "sequence", 0) + 1));
}

void prv_operation_is_about(json_t *operation, json_t *step, const char *environment)
{
    set_or_remove(operation, "about", environment);
    set_or_remove(step, "about", environment);
}

bool prv_operation_set(json_t *operation, json_t *step, const char *status, const char *reason, const char *message,
                       int64_t now_ms)
{
    bool same = cat_text_equal(cat_json_text(step, "status"), status) &&
                cat_text_equal(cat_json_text_or(step, "message", ""), message ? message : "");
    if (same)
        return false;
    if (!json_object_get(step, "startedAt"))
        set_time(step, "startedAt", now_ms);
    json_object_set_new(step, "status", json_string(status));
    set_or_remove(step, "message", message);
    prv_operation_is_about(operation, step, NULL);
    if (is_end(status))
        set_time(step, "finishedAt", now_ms);
    /* One step that is done leaves the operation running. */
    bool done = strcmp(status, "Succeeded") == 0, failed = is_end(status) && !done;
    json_object_set_new(operation, "status", json_string(done ? "Running" : status));
    set_or_remove(operation, "reason", done ? NULL : reason);
    set_or_remove(operation, "message", done ? NULL : message);
    if (failed)
        set_time(operation, "finishedAt", now_ms);
    prv_operation_touch(operation, now_ms);
    return true;
}

void prv_operation_supersede(json_t *operation, json_t *step, const char *by_operation, const char *by_commit,
                             const char *message, int64_t now_ms)
{
    set_or_remove(operation, "supersededBy", by_operation);
    set_or_remove(operation, "supersededByCommit", by_commit);
    prv_operation_set(operation, step, "Superseded", "superseded", message, now_ms);
}

bool prv_operation_is_overdue(const json_t *step, int64_t now_ms, int64_t limit_ms)
{
    int64_t started_ms = 0;
    return cat_time_parse(cat_json_text_or(step, "startedAt", ""), &started_ms) && now_ms - started_ms > limit_ms;
}

void prv_operation_succeed(json_t *operation, int64_t now_ms)
{
    json_object_set_new(operation, "status", json_string("Succeeded"));
    json_object_del(operation, "reason");
    json_object_del(operation, "message");
    json_object_del(operation, "about");
    set_time(operation, "finishedAt", now_ms);
    prv_operation_touch(operation, now_ms);
}

void prv_operation_restart(json_t *operation, int64_t now_ms)
{
    json_t *step = prv_operation_next_step(operation);
    if (step) {
        json_object_set_new(step, "status", json_string("Pending"));
        json_object_del(step, "message");
        json_object_del(step, "finishedAt");
        json_object_del(step, "startedAt"); /* it has all its time again */
    }
    json_object_set_new(operation, "status", json_string("Pending"));
    json_object_del(operation, "reason");
    json_object_del(operation, "message");
    json_object_del(operation, "finishedAt");
    json_object_set_new(operation, "ticket", json_integer(cat_json_int_or(operation, "ticket", 0) + 1));
    prv_operation_is_about(operation, step, NULL);
    prv_operation_touch(operation, now_ms);
}

static json_t *commit_entry(const json_t *operation, const char *repository, const char *branch)
{
    size_t index;
    json_t *entry;
    json_array_foreach(json_object_get(operation, "commits"), index, entry)
    {
        if (cat_text_equal(cat_json_text(entry, "repository"), repository) &&
            cat_text_equal(cat_json_text(entry, "branch"), branch))
            return entry;
    }
    return NULL;
}

void prv_operation_note_commit(json_t *operation, const char *repository, const char *branch, const char *commit)
{
    json_t *entry = commit_entry(operation, repository, branch);
    if (entry && !cat_text_equal(cat_json_text(entry, "commit"), commit))
        json_object_del(entry, "ran");
    if (entry)
        json_object_set_new(entry, "commit", json_string(commit));
    else
        json_array_append_new(json_object_get(operation, "commits"),
                              cat_json_object("repository", json_string(repository), "branch", json_string(branch), "commit",
                                              json_string(commit), NULL));
}

const char *prv_operation_commit_of(const json_t *operation, const char *repository, const char *branch)
{
    return cat_json_text(commit_entry(operation, repository, branch), "commit");
}

bool prv_operation_note_run(json_t *operation, const char *repository, const char *branch)
{
    json_t *entry = commit_entry(operation, repository, branch);
    if (!entry || cat_json_bool_or(entry, "ran", false))
        return false;
    json_object_set_new(entry, "ran", json_true());
    return true;
}

bool prv_operation_has_run(const json_t *operation, const char *repository, const char *branch)
{
    return cat_json_bool_or(commit_entry(operation, repository, branch), "ran", false);
}
