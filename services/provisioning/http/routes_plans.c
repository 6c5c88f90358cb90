/* Plans and operations. */
#include <stdlib.h>
#include <string.h>

#include "core/operation.h"
#include "core/operation_shown.h"
#include "core/plan_rights.h"
#include "core/plan_shown.h"
#include "domain/cluster_scope.h"
#include "http/routes.h"
#include "kinds/kinds.h"
#include "observe.h"
#include "planner.h"
#include "steps/begin.h"
#include "steps/publish.h"

#define OPERATION_BYTES ((size_t)64 * 1024)

static int allowed(void *context, const json_t *environments, cat_error *error)
{
    return prv_may_change(context, environments, error);
}

static bool sees(void *context, const json_t *environments)
{
    const prv_asking *ask = context;
    cat_autojson json_t *visible = prv_visible(ask->principal, ask->organization, environments);
    return json_array_size(visible) > 0;
}

static size_t size_of(const json_t *record)
{
    cat_autofree char *text = cat_json_format(record);
    return strlen(text);
}

static int make_plan(void *opaque, cat_request *request, const json_t *body, cat_write_answer *answer, cat_error *error)
{
    prv_context *context = opaque;
    prv_asking ask = {.principal = cat_request_principal(request),
                      .application = cat_json_text_or(body, "application", "?"),
                      .named = json_object_get(body, "environments") || json_object_get(body, "environment"),
                      .divisible = prv_kind_of(body)->divisible};
    int code = cat_request_organization(request, &ask.organization, error);
    if (code < 0)
        return code;
    answer->organization = cat_strdup(ask.organization);
    answer->object = cat_printf("application/%s", cat_json_text_or(body, "application", "?"));
    prv_wish wish = {.organization = ask.organization, .request = body, .allowed = allowed, .sees = sees, .context = &ask};
    cat_autojson json_t *plan = NULL;
    if ((code = prv_make_plan(context, &wish, &plan, &answer->errors, &answer->problem, error)) < 0)
        return code;
    json_object_set(plan, "request", (json_t *)body);
    json_object_set_new(plan, "principal", prv_principal_json(context, ask.principal));
    if ((code = prv_take_room(request, NULL, context, size_of(plan), answer, error)) < 0)
        return code;
    if ((code = prv_store_put(&context->store, "", cat_json_text_or(plan, "id", ""), plan, 0, NULL, error)) < 0)
        return code;
    answer->status = 201;
    answer->body = prv_shown_plan(ask.principal, plan);
    /* A repeat is answered from the plan itself, not from a second copy of it. */
    answer->repeated = json_null();
    answer->kept = cat_strdup(cat_json_text(plan, "id"));
    return 0;
}

int prv_post_plan(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    return prv_write_once(request, reply, context, "plan", make_plan, error);
}

static int load_plan(prv_context *context, cat_request *request, json_t **plan, uint64_t *revision, cat_error *error)
{
    cat_autojson json_t *found = NULL;
    const char *id = cat_request_parameter(request, "id");
    int code = prv_store_get(&context->store, "", id, &found, revision, error);
    if (code == 0)
        code = cat_request_is_about(request, cat_json_text_or(found, "organization", ""), error);
    if (code == 0)
        code = prv_may_see(cat_request_principal(request), cat_json_text_or(found, "organization", ""),
                           json_object_get(found, "environments"), error);
    if (code == CAT_E_NOT_FOUND)
        return cat_error_set(error, code, "there is no plan %.40s: plans are kept for a day", id);
    if (code == 0)
        *plan = cat_take(found);
    return code;
}

int prv_get_plan(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    cat_autojson json_t *plan = NULL;
    int code = load_plan(context, request, &plan, NULL, error);
    return code < 0 ? code : cat_reply_json(reply, 200, prv_shown_plan(cat_request_principal(request), plan));
}

/* --- apply --- */

/* Who changed what the Organization's files say, and with which words, may be about what runs where who asks may not look. */
static void cut_moved(const prv_asking *ask, const json_t *plan, json_t *moved)
{
    size_t index;
    json_t *one;
    if (cat_access_check(ask->principal, CAT_ACTION_READ, ask->organization, NULL, NULL) == 0)
        return;
    json_array_foreach(moved, index, one)
    {
        const json_t *read = cat_json_pointer(plan, cat_json_text_or(one, "pointer", ""));
        if (!cat_text_equal(cat_json_text(read, "repository"), CAT_CONFIG_REPOSITORY))
            continue;
        json_object_set_new(one, "message",
                            json_string("what the Organization's files say of it has changed since, or its name was taken"));
    }
}

static int check_plan(prv_context *context, const prv_asking *ask, const json_t *plan, const json_t *body,
                      cat_write_answer *answer, cat_error *error)
{
    cat_autojson json_t *moved = NULL;
    if (!cat_text_equal(cat_json_text(body, "hash"), cat_json_text(plan, "hash"))) {
        answer->problem = "plan-hash-mismatch";
        return cat_error_set(error, CAT_E_CONFLICT, "the hash in the body is not the plan's");
    }
    if (!prv_plan_is_signed(context->signer, plan, prv_added_to_plans)) {
        answer->problem = "plan-invalid";
        return cat_error_set(error, CAT_E_INVALID, "the plan is not the one that was signed");
    }
    int code = prv_observe_moved(context, json_object_get(plan, "reads"), &moved, error);
    if (code < 0 || json_array_size(moved) == 0)
        return code;
    answer->problem = "plan-changed";
    cut_moved(ask, plan, moved);
    answer->errors = cat_take(moved);
    return cat_error_set(error, CAT_E_CONFLICT, "what the plan rests on has changed since it was made: plan again");
}

/* What new Applications need outside their namespaces is granted by who may manage the Organization, and is not overlooked. */
static int check_grant(const prv_asking *ask, const json_t *plan, const json_t *body, cat_write_answer *answer, cat_error *error)
{
    size_t index;
    json_t *application;
    json_array_foreach(json_object_get(plan, "applications"), index, application)
    {
        const json_t *scope = json_object_get(application, "clusterScope");
        if (!cat_text_equal(cat_json_text(application, "action"), "create") || json_array_size(scope) == 0)
            continue;
        cat_autofree char *what = cat_cluster_scope_print(scope);
        const char *name = cat_json_text_or(application, "name", "?");
        if (cat_access_check(ask->principal, CAT_ACTION_MANAGE, ask->organization, NULL, NULL) < 0)
            return cat_error_set(error, CAT_E_FORBIDDEN,
                                 "%.40s needs %.300s outside its namespace: an org-admin grants it by applying this plan", name,
                                 what);
        if (cat_json_bool_or(body, "grantClusterScope", false))
            continue;
        answer->problem = "grant-missing";
        return cat_error_set(error, CAT_E_INVALID, "%.40s needs %.300s outside its namespace, and grantClusterScope is not true",
                             name, what);
    }
    return 0;
}

typedef struct {
    prv_context *context;
    const json_t *operation;
    const char *words;
} superseding;

/* What is taken away need not be waited for any more. */
static void supersede(void *context, const json_t *other, uint64_t revision)
{
    const superseding *by = context;
    const char *members[] = {"organization", "application"};
    for (size_t i = 0; i < 2; i++)
        if (!cat_text_equal(cat_json_text(other, members[i]), cat_json_text(by->operation, members[i])))
            return;
    if (cat_text_equal(cat_json_text(other, "operation"), cat_json_text(by->operation, "operation")))
        return;
    cat_autojson json_t *changed = json_deep_copy(other);
    json_t *step = prv_operation_next_step(changed);
    const char *id = cat_json_text_or(by->operation, "operation", "");
    if (step) {
        prv_operation_supersede(changed, step, id, NULL, by->words, prv_now_ms());
        json_object_set_new(changed, "ticket", json_integer(cat_json_int_or(changed, "ticket", 0) + 1));
        if (prv_store_put(&by->context->store, "operation", cat_json_text_or(changed, "operation", ""), changed,
                          (int64_t)revision, NULL, NULL) == 0)
            prv_operation_publish(by->context, changed, NULL);
    }
}

static int begin(prv_context *context, const json_t *plan, json_t *operation, cat_error *error)
{
    const char *words = prv_kind_of(plan)->supersedes;
    if (words) {
        superseding by = {context, operation, words};
        int code = prv_store_each_running(&context->store, supersede, &by, error);
        if (code < 0)
            return code;
    }
    return prv_operation_begin(context, operation, plan, json_object_get(plan, "principal"), error);
}

static int answer_operation(prv_context *context, const char *id, cat_write_answer *answer, cat_error *error)
{
    cat_autojson json_t *operation = NULL;
    int code = prv_store_get(&context->store, "operation", id, &operation, NULL, error);
    if (code < 0)
        return code;
    answer->status = 202;
    answer->body = cat_take(operation);
    answer->operation = cat_strdup(id);
    return 0;
}

static int apply_plan(void *opaque, cat_request *request, const json_t *body, cat_write_answer *answer, cat_error *error)
{
    prv_context *context = opaque;
    cat_autojson json_t *plan = NULL;
    uint64_t revision = 0;
    int code = load_plan(context, request, &plan, &revision, error);
    if (code < 0)
        return code;
    const char *id = cat_json_text_or(plan, "id", "");
    prv_asking ask = {.principal = cat_request_principal(request),
                      .organization = cat_json_text_or(plan, "organization", ""),
                      .application = cat_json_text_or(plan, "application", "?"),
                      .apply = true};
    answer->organization = cat_strdup(ask.organization);
    answer->object = cat_printf("application/%s", cat_json_text_or(plan, "application", "?"));
    if ((code = prv_may_ask(prv_kind_of(plan), &ask, json_object_get(plan, "environments"), error)) < 0)
        return code;
    /* A plan is applied once: the operation has its id. */
    if (cat_json_text(plan, "operation"))
        return answer_operation(context, id, answer, error);
    if ((code = check_plan(context, &ask, plan, body, answer, error)) < 0 ||
        (code = check_grant(&ask, plan, body, answer, error)) < 0)
        return code;
    /* What it carries out is stored beside the plan, and what it does each time anew. */
    if ((code = prv_take_room(request, NULL, context, size_of(plan) + OPERATION_BYTES, answer, error)) < 0)
        return code;
    json_object_set_new(plan, "principal", prv_principal_json(context, ask.principal));
    json_object_set_new(plan, "operation", json_string(id));
    cat_autojson json_t *operation =
        prv_operation_make(prv_kind_of(plan), id, plan, json_object_get(plan, "principal"), prv_now_ms());
    if ((code = begin(context, plan, operation, error)) < 0)
        return code;
    if ((code = prv_store_put(&context->store, "", id, plan, (int64_t)revision, NULL, error)) < 0 && code != CAT_E_CONFLICT)
        return code;
    return answer_operation(context, id, answer, error);
}

int prv_apply_plan(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    return prv_write_once(request, reply, context, "apply", apply_plan, error);
}

/* --- operations --- */

static int load_operation(prv_context *context, cat_request *request, json_t **operation, uint64_t *revision, cat_error *error)
{
    cat_autojson json_t *found = NULL;
    const char *id = cat_request_parameter(request, "id");
    int code = prv_store_get(&context->store, "operation", id, &found, revision, error);
    if (code == 0)
        code = cat_request_is_about(request, cat_json_text_or(found, "organization", ""), error);
    if (code == 0)
        code = prv_may_see(cat_request_principal(request), cat_json_text_or(found, "organization", ""),
                           prv_kind_of(found)->whole ? NULL : json_object_get(found, "environments"), error);
    if (code == CAT_E_NOT_FOUND)
        return cat_error_set(error, code, "there is no operation %.40s: they are kept for a day", id);
    if (code == 0)
        *operation = cat_take(found);
    return code;
}

int prv_get_operation(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    cat_autojson json_t *operation = NULL;
    int code = load_operation(context, request, &operation, NULL, error);
    return code < 0 ? code : cat_reply_json(reply, 200, prv_operation_shown_to(cat_request_principal(request), operation));
}

static int retry_operation(void *opaque, cat_request *request, const json_t *body, cat_write_answer *answer, cat_error *error)
{
    prv_context *context = opaque;
    (void)body;
    cat_autojson json_t *operation = NULL;
    uint64_t revision = 0;
    int code = load_operation(context, request, &operation, &revision, error);
    if (code < 0)
        return code;
    prv_asking ask = {.principal = cat_request_principal(request),
                      .organization = cat_json_text_or(operation, "organization", ""),
                      .application = cat_json_text_or(operation, "application", "?"),
                      .apply = true};
    const char *id = cat_json_text_or(operation, "operation", ""), *status = cat_json_text_or(operation, "status", "");
    answer->organization = cat_strdup(ask.organization);
    answer->object = cat_printf("operation/%s", id);
    if ((code = prv_may_ask(prv_kind_of(operation), &ask, json_object_get(operation, "environments"), error)) < 0)
        return code;
    if (strcmp(status, "Failed") != 0) {
        bool running = !prv_operation_has_ended(operation);
        answer->problem = running ? "operation-running" : "operation-not-retryable";
        return cat_error_set(error, CAT_E_CONFLICT,
                             running ? "the operation is still at work: it goes on by itself" : "the operation has ended");
    }
    prv_operation_restart(operation, prv_now_ms());
    if ((code = prv_store_put(&context->store, "operation", id, operation, (int64_t)revision, NULL, error)) < 0)
        return code;
    if ((code = prv_store_enqueue(&context->store, id, cat_json_int_or(operation, "ticket", 1), error)) < 0)
        return code;
    return answer_operation(context, id, answer, error);
}

int prv_retry_operation(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    return prv_write_once(request, reply, context, "retry", retry_operation, error);
}
