#include "steps/worker.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/random.h"
#include "kinds/kinds.h"
#include "steps/briefs.h"
#include "steps/faults.h"
#include "steps/publish.h"
#include "steps/steps.h"
#include "svc/consume.h"
#include "svc/events.h"
#include "svc/peers.h"

#define STREAM "provisioning-work"
#define DURABLE "workers"
#define ACK_WAIT_MS 6000 /* after so long without a word the queue gives the operation to another worker */
#define PING_MS 1000
#define HALF_A_DAY_MS (INT64_C(12) * 3600 * 1000)
#define MAX_IN_WORK 10000 /* operations that wait are out of the queue for a moment only */

struct prv_workers {
    prv_context *context;
    cat_consume *queue;
    _Atomic bool stopping;
    prv_briefs *briefs;
    cat_metric *steps;
};

/* --- one operation --- */

typedef struct {
    prv_workers *workers;
    json_t *operation;
    uint64_t revision;
    bool noted;        /* it remembers more than its steps show */
    const char *about; /* the Environment that its step is at; may be NULL */
} carrying;

/* Stored, then told. CAT_E_CONFLICT: another worker has it. */
static int save(carrying *carry, cat_error *error)
{
    prv_context *context = carry->workers->context;
    const char *id = cat_json_text_or(carry->operation, "operation", "");
    int code =
        prv_store_put(&context->store, "operation", id, carry->operation, (int64_t)carry->revision, &carry->revision, error);
    if (code < 0)
        return code;
    /* Everything is told each time, so that a lost event is made good by the next; the last one is told until it is heard. */
    cat_error untold = {0};
    if (prv_operation_publish(context, carry->operation, &untold) < 0) {
        cat_log_warning("an operation's step was not told", CAT_FIELD("operation", id), CAT_FIELD_ERROR(&untold));
        return prv_operation_has_ended(carry->operation) ? cat_error_copy(error, &untold) : 0;
    }
    return 0;
}

/* What people are told: a peer that is away is waited for, anything else of ours that passes is tried again. */
static int note(carrying *carry, json_t *step, const cat_error *why, cat_error *error)
{
    cat_error shown;
    cat_peers_explain(why, &shown);
    bool away = why->class == CAT_CLASS_TRANSIENT && (why->code == CAT_E_UNAVAILABLE || why->code == CAT_E_TIMEOUT);
    bool waits = away || why->class == CAT_CLASS_WAITING;
    const char *status = waits ? "Waiting" : why->class == CAT_CLASS_STALLED ? "Failed" : "Running";
    cat_autofree char *text = why->class == CAT_CLASS_TRANSIENT
                                  ? cat_printf(away ? "%s; this goes on by itself" : "tried again soon: %s", shown.message)
                                  : cat_strdup(shown.message);
    bool changed = prv_operation_set(carry->operation, step, status, waits && !away ? "Waiting" : cat_error_name(why->code), text,
                                     prv_now_ms());
    if (changed)
        prv_operation_is_about(carry->operation, step, carry->about);
    if (!changed && !carry->noted)
        return 0;
    if (!changed) {
        prv_operation_touch(carry->operation, prv_now_ms());
        return save(carry, error);
    }
    if (why->class != CAT_CLASS_WAITING)
        cat_log_warning("a step did not succeed", CAT_FIELD("operation", cat_json_text(carry->operation, "operation")),
                        CAT_FIELD("step", cat_json_text(step, "name")), CAT_FIELD_ERROR(why));
    return save(carry, error);
}

/* What has been waited for too long is told as it stands, and is somebody's to decide: to try again, or to mend it first. */
static void end_in_time(prv_context *context, const json_t *step, cat_error *why)
{
    int64_t limit_ms = (int64_t)context->config->waiting.limit_seconds * 1000;
    if (why->class == CAT_CLASS_STALLED || !prv_operation_is_overdue(step, prv_now_ms(), limit_ms))
        return;
    cat_error last = *why;
    cat_peers_explain(&last, why);
    last = *why;
    cat_error_set_class(why, CAT_E_TIMEOUT, CAT_CLASS_STALLED,
                        "it was waited for longer than %u minutes; the last that was known: %s. It can be tried again",
                        context->config->waiting.limit_seconds / 60, last.message);
}

static int end_overtaken(carrying *carry, const prv_run *run, json_t *step, cat_error *error)
{
    const prv_progress *by = &run->overtaken;
    prv_operation_supersede(carry->operation, step, by->operation, by->commit, by->message, prv_now_ms());
    prv_operation_is_about(carry->operation, step, run->about);
    cat_log_info("an operation was superseded", CAT_FIELD("operation", run->id), CAT_FIELD("commit", by->commit),
                 CAT_FIELD("by", by->operation));
    return save(carry, error);
}

static int run_step(carrying *carry, prv_run *run, json_t *step, cat_error *error)
{
    prv_context *context = carry->workers->context;
    const char *name = cat_json_text_or(step, "name", "");
    prv_step act = prv_step_find(name);
    /* A step that waits is not begun anew each time that it is looked at. */
    bool begun = !cat_text_equal(cat_json_text(step, "status"), "Pending");
    int code = 0;
    if (!begun && prv_operation_set(carry->operation, step, "Running", NULL, NULL, prv_now_ms()))
        code = save(carry, error);
    if (code < 0)
        return code;
    const char *id = cat_json_text_or(carry->operation, "operation", "");
    prv_fault_point(context->config->faults.folder, "before", name, id);
    cat_error why = {0};
    run->about = NULL;
    code = act ? act(run, &why) : cat_error_set(&why, CAT_E_INTERNAL, "step %s is not known", name);
    if (code == 0)
        prv_fault_point(context->config->faults.folder, "after", name, id);
    if (carry->workers->steps)
        cat_metric_add(carry->workers->steps, 1,
                       (const char *const[]){name, code == 0                        ? "done"
                                                   : why.class == CAT_CLASS_WAITING ? "waiting"
                                                                                    : "failed"});
    if (code == 0) {
        prv_operation_set(carry->operation, step, "Succeeded", NULL, NULL, prv_now_ms());
        return 0;
    }
    if (why.class != CAT_CLASS_STALLED && why.class != CAT_CLASS_WAITING)
        why.class = CAT_CLASS_TRANSIENT;
    end_in_time(context, step, &why);
    carry->noted = run->noted;
    carry->about = run->about;
    int noted = *run->overtaken.message ? end_overtaken(carry, run, step, error) : note(carry, step, &why, error);
    return noted < 0 ? noted : cat_error_copy(error, &why);
}

static int prepare(prv_context *context, carrying *carry, const json_t *work, prv_run *run, cat_error *error)
{
    const json_t *principal = json_object_get(work, "principal");
    *run = (prv_run){
        .context = context,
        .kind = prv_kind_of(carry->operation),
        .operation = carry->operation,
        .plan = json_object_get(work, "plan"),
        .id = cat_json_text_or(carry->operation, "operation", ""),
        .organization = cat_json_text_or(carry->operation, "organization", ""),
        .hash = cat_json_text(carry->operation, "plan"),
        .user = cat_json_text_or(principal, "user", "unknown"),
        .author = {cat_json_text_or(principal, "name", "Catalyst"), cat_json_text_or(principal, "email", "catalyst@invalid")}};
    if (!cat_time_parse(cat_json_text_or(work, "appliedAt", ""), &run->applied_ms))
        return cat_error_set(error, CAT_E_INTERNAL, "the operation's work has no time");
    return 0;
}

/* An operation may wait for days; what is stored of it is kept for one. */
static int keep_alive(carrying *carry, cat_error *error)
{
    int64_t updated = 0, now = prv_now_ms();
    cat_time_parse(cat_json_text_or(carry->operation, "updatedAt", ""), &updated);
    if (now - updated < HALF_A_DAY_MS)
        return 0;
    prv_operation_touch(carry->operation, now);
    return save(carry, error);
}

/* What is carried out is the plan that was signed, and the one that this operation is of. What onboards has none of its own. */
static int check_plan(prv_context *context, const json_t *operation, const json_t *plan, cat_error *error)
{
    if (!json_object_get(plan, "signature") && !json_object_get(operation, "plan"))
        return 0;
    if (cat_text_equal(cat_json_text(operation, "plan"), cat_json_text(plan, "hash")) &&
        cat_text_equal(cat_json_text(operation, "organization"), cat_json_text(plan, "organization")) &&
        prv_plan_is_signed(context->signer, plan, prv_added_to_plans))
        return 0;
    return cat_error_set_class(error, CAT_E_FORBIDDEN, CAT_CLASS_STALLED,
                               "the plan that would be carried out is not the one that was signed: plan again");
}

static void audit_forged(prv_context *context, const char *organization, const char *id, const cat_error *why)
{
    cat_error untold = {0};
    cat_autofree char *object = cat_printf("operation/%s", id), *record = cat_printf("%s/forged", id);
    cat_audit entry = {.service = "provisioning",
                       .id = record,
                       .what = "operation.forged",
                       .object = object,
                       .organization = organization,
                       .operation = id,
                       .result = cat_error_name(why->code)};
    cat_log_error("a stored record is not ours", CAT_FIELD("operation", id), CAT_FIELD_ERROR(why));
    if (cat_audit_write(context->spine, &entry, &untold) < 0)
        cat_log_warning("it was not audited", CAT_FIELD_ERROR(&untold));
}

/* Nothing more of it is done; people see why. */
static int refuse_forged(carrying *carry, cat_error *error)
{
    const cat_error why = *error;
    const json_t *operation = carry->operation;
    audit_forged(carry->workers->context, cat_json_text(operation, "organization"), cat_json_text_or(operation, "operation", ""),
                 &why);
    json_t *step = prv_operation_next_step(operation);
    int noted = step ? note(carry, step, &why, error) : 0;
    return noted < 0 ? noted : cat_error_copy(error, &why);
}

/* The work of an operation, whole or (`*brief`) as much of it as one that waits needs. */
static int read_work(carrying *carry, json_t **work, bool *brief, cat_error *error)
{
    prv_context *context = carry->workers->context;
    const char *id = cat_json_text_or(carry->operation, "operation", "");
    bool enough = prv_steps_left_are_brief(carry->operation);
    *work = enough ? prv_briefs_get(carry->workers->briefs, id, prv_now_ms()) : NULL;
    *brief = *work != NULL;
    if (*brief)
        return 0;
    int code = prv_store_get(&context->store, "work", id, work, NULL, error);
    if (code == 0)
        code = check_plan(context, carry->operation, json_object_get(*work, "plan"), error);
    if (code == 0)
        prv_store_keep_work(&context->store, id, prv_now_ms(), NULL);
    return code;
}

/* One that waits is looked at again soon. */
static void remember(carrying *carry, const json_t *work, bool brief, const cat_error *why)
{
    const char *id = cat_json_text_or(carry->operation, "operation", "");
    if (prv_operation_has_ended(carry->operation))
        prv_briefs_drop(carry->workers->briefs, id);
    else if (!brief && why->class == CAT_CLASS_WAITING && prv_steps_left_are_brief(carry->operation))
        prv_briefs_keep(carry->workers->briefs, id, work, prv_now_ms());
}

static int run_steps(carrying *carry, prv_run *run, cat_error *error)
{
    json_t *step;
    int code = 0;
    while (code == 0 && (step = prv_operation_next_step(carry->operation))) {
        if (carry->workers->stopping)
            return cat_error_set(error, CAT_E_CANCELLED, "the service is stopping");
        code = run_step(carry, run, step, error);
    }
    return code;
}

/* 0: it has ended and everybody knows. */
static int carry_out(carrying *carry, cat_error *error)
{
    prv_context *context = carry->workers->context;
    cat_autojson json_t *work = NULL;
    const char *id = cat_json_text_or(carry->operation, "operation", "");
    prv_run run;
    if (prv_operation_has_ended(carry->operation))
        return prv_operation_publish(context, carry->operation, error);
    bool brief = false;
    int code = read_work(carry, &work, &brief, error);
    if (code == CAT_E_FORBIDDEN)
        return refuse_forged(carry, error);
    if (code == 0)
        code = prepare(context, carry, work, &run, error);
    if (code == 0)
        code = keep_alive(carry, error);
    if (code == 0 && (code = run_steps(carry, &run, error)) < 0 && error)
        remember(carry, work, brief, error);
    if (code == 0) {
        prv_briefs_drop(carry->workers->briefs, id);
        prv_operation_succeed(carry->operation, prv_now_ms());
        code = save(carry, error);
        cat_log_info("an operation succeeded", CAT_FIELD("operation", id),
                     CAT_FIELD("kind", cat_json_text(carry->operation, "kind")),
                     CAT_FIELD("application", cat_json_text(carry->operation, "application")));
    }
    return code;
}

/* --- the queue --- */

/* How soon to look again: at once while it is young, seldom later. */
static int64_t delay_of(const json_t *operation, const cat_error *error, unsigned delivered)
{
    if (error->class != CAT_CLASS_WAITING)
        return cat_backoff_ms(delivered > 6 ? 6 : delivered, 500, 15000);
    int64_t started = 0;
    cat_time_parse(cat_json_text_or(prv_operation_next_step(operation), "startedAt", ""), &started);
    int64_t age = prv_now_ms() - started;
    return age < 60000 ? 250 : age < 600000 ? 1000 : 5000;
}

static int load(prv_context *context, const cat_message *message, carrying *carry, cat_error *error)
{
    cat_autojson json_t *wish = NULL;
    cat_json_caps caps = {.max_bytes = 4096, .max_depth = 4};
    int code = cat_json_parse(message->data, message->length, &caps, &wish, error);
    if (code == 0)
        code = prv_store_get(&context->store, "operation", cat_json_text_or(wish, "operation", ""), &carry->operation,
                             &carry->revision, error);
    if (code == 0 && cat_json_int_or(wish, "ticket", 0) != cat_json_int_or(carry->operation, "ticket", 0))
        code = cat_error_set(error, CAT_E_GONE, "a newer message stands for this operation");
    return code;
}

/* Whether the message is done with; else `*delay_ms` says when it shall come again. */
static bool handle(void *context, const cat_message *message, int64_t *delay_ms)
{
    prv_workers *workers = context;
    carrying carry = {.workers = workers};
    cat_error error = {0};
    int code = load(workers->context, message, &carry, &error);
    cat_autojson json_t *operation = carry.operation;
    *delay_ms = 1000;
    if (code == CAT_E_FORBIDDEN) {
        /* Not even whose it is can be believed. */
        audit_forged(workers->context, NULL, "unknown", &error);
        return true;
    }
    if (code == CAT_E_NOT_FOUND || code == CAT_E_GONE || code == CAT_E_INVALID) {
        cat_log_info("a message of the queue is of no use any more", CAT_FIELD_ERROR(&error));
        return true;
    }
    if (code == 0)
        code = carry_out(&carry, &error);
    if (code == 0)
        return true;
    bool failed = operation && prv_operation_has_ended(operation) && error.class == CAT_CLASS_STALLED;
    if (failed)
        return true;
    if (operation)
        *delay_ms = delay_of(operation, &error, message->delivered);
    if (error.class != CAT_CLASS_WAITING && code != CAT_E_CANCELLED)
        cat_log_warning("an operation is tried again", CAT_FIELD("operation", cat_json_text(operation, "operation")),
                        CAT_FIELD_ERROR(&error));
    return false;
}

/* --- operations that lost their message --- */

/* Stored just before a crash, and never put into the queue: it gets a message. One that another replica has in hand, or that
 * waits, is in the queue until it is done. */
static void requeue(void *context, const json_t *operation, uint64_t revision)
{
    prv_context *own = context;
    const char *id = cat_json_text_or(operation, "operation", "");
    bool queued = true;
    if (prv_store_is_queued(&own->store, id, &queued, NULL) < 0 || queued)
        return;
    int64_t ticket = cat_json_int_or(operation, "ticket", 0) + 1;
    cat_autojson json_t *changed = json_deep_copy(operation);
    json_object_set_new(changed, "ticket", json_integer(ticket));
    if (prv_store_put(&own->store, "operation", id, changed, (int64_t)revision, NULL, NULL) == 0)
        prv_store_enqueue(&own->store, id, ticket, NULL);
}

prv_workers *prv_workers_start(prv_context *context, unsigned count)
{
    prv_workers *workers = cat_calloc(1, sizeof *workers);
    workers->context = context;
    workers->briefs = prv_briefs_create();
    workers->steps =
        cat_metric_get(context->metrics, CAT_METRIC_COUNTER, "provisioning_steps_total", "Steps of operations", "step,result");
    cat_error lost = {0};
    if (prv_store_each_running(&context->store, requeue, context, &lost) < 0)
        cat_log_warning("operations from before cannot be looked through", CAT_FIELD_ERROR(&lost));
    workers->queue = cat_consume_start(&(cat_consume_options){
        .spine = context->spine,
        .what = "operations",
        .consumer = {.stream = STREAM, .durable = DURABLE, .ack_wait_ms = ACK_WAIT_MS, .max_ack_pending = MAX_IN_WORK},
        .threads = count,
        .in_progress_ms = PING_MS,
        .handle = handle,
        .context = workers});
    return workers;
}

void prv_workers_stop(prv_workers *workers)
{
    if (!workers)
        return;
    workers->stopping = true;
    cat_consume_stop(workers->queue);
    prv_briefs_destroy(workers->briefs);
    free(workers);
}
