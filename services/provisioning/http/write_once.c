/* Writes that are done once, counted, audited, and answered alike when they are asked for again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/operation_shown.h"
#include "core/plan_shown.h"
#include "http/routes.h"
#include "quota.h"
#include "svc/events.h"
#include "wire/digest.h"

#define KEY_MAX 200
#define BEING_ANSWERED_MS 60000
#define REQUEST_BYTES ((size_t)8 * 1024) /* the answer to a repeat, a small operation, the count itself */

static void answer_finish(prv_answer *answer)
{
    json_decref(answer->body);
    json_decref(answer->errors);
    json_decref(answer->repeated);
    free(answer->object);
    free(answer->environment);
    free(answer->operation);
    free(answer->organization);
    free(answer->plan);
}

typedef struct {
    char id[65];   /* of the person, the call and the key */
    char body[65]; /* digest */
    const cat_principal *principal;
    const char *key;
} once;

static int read_key(cat_request *request, once *own, cat_reply *reply, bool *refused)
{
    const cat_principal *principal = cat_request_principal(request);
    own->principal = principal;
    own->key = cat_request_header(request, "Idempotency-Key");
    *refused = !own->key || !*own->key || strlen(own->key) > KEY_MAX;
    if (*refused)
        return cat_reply_problem(
            reply, "idempotency-key-missing",
            own->key ? "Idempotency-Key has 1 to 200 characters" : "send a key of your own in Idempotency-Key", NULL);
    cat_autofree char *text =
        cat_printf("%s\n%s\n%s\n%s\n%s", principal->subject, cat_request_method(request), cat_request_path(request),
                   cat_request_query(request, "organization") ? cat_request_query(request, "organization") : "", own->key);
    cat_slice body = cat_request_body(request);
    cat_sha256_hex(text, strlen(text), own->id);
    cat_sha256_hex(body.data ? body.data : "", body.length, own->body);
    return 0;
}

static json_t *record(const once *own, int status, const json_t *body)
{
    char now[CAT_TIME_TEXT_MAX];
    cat_time_format(prv_now_ms(), now);
    return cat_json_object("body", json_string(own->body), "at", json_string(now), "status", json_integer(status), "answer",
                           body ? json_incref((json_t *)body) : json_null(), NULL);
}

/* What of it the person may see at this moment. */
static json_t *as_seen(const cat_principal *principal, const json_t *answer)
{
    return json_object_get(answer, "steps") ? prv_operation_shown_to(principal, answer) : json_incref((json_t *)answer);
}

/* A plan is not kept twice. */
static int repeat_plan(prv_context *context, const cat_principal *principal, const char *id, cat_reply *reply, cat_error *error)
{
    cat_autojson json_t *plan = NULL;
    int code = prv_store_get(&context->store, "", id, &plan, NULL, error);
    if (code < 0)
        return code;
    json_object_del(plan, "operation"); /* came later */
    return cat_reply_json(reply, 201, prv_shown_plan(principal, plan));
}

/* Whether the request was answered here already. `*answered`: `reply` is set. */
static int look_up(prv_context *context, const once *own, cat_reply *reply, bool *answered, cat_error *error)
{
    cat_autojson json_t *begun = record(own, 0, NULL), *found = NULL;
    cat_error failed = {0};
    uint64_t revision = 0;
    *answered = false;
    int code = prv_store_put(&context->store, "idempotency", own->id, begun, 0, NULL, &failed);
    if (code != CAT_E_CONFLICT)
        return code < 0 ? cat_error_copy(error, &failed) : 0;
    if ((code = prv_store_get(&context->store, "idempotency", own->id, &found, &revision, error)) < 0)
        return code;
    *answered = true;
    if (!cat_text_equal(cat_json_text(found, "body"), own->body))
        return cat_reply_problem(reply, "idempotency-conflict", "this Idempotency-Key was used for another request", NULL);
    int status = (int)cat_json_int_or(found, "status", 0);
    if (cat_json_text(found, "plan"))
        return repeat_plan(context, own->principal, cat_json_text(found, "plan"), reply, error);
    if (status)
        return json_is_null(json_object_get(found, "answer"))
                   ? cat_reply_empty(reply, status)
                   : cat_reply_json(reply, status, as_seen(own->principal, json_object_get(found, "answer")));
    int64_t at = 0;
    cat_time_parse(cat_json_text_or(found, "at", ""), &at);
    if (prv_now_ms() - at < BEING_ANSWERED_MS)
        return cat_reply_problem(reply, "conflict", "the same request is being answered at this moment: ask again", NULL);
    /* Whoever was at it is gone. */
    *answered = false;
    return prv_store_put(&context->store, "idempotency", own->id, begun, (int64_t)revision, NULL, error);
}

static int audit(cat_request *request, prv_context *context, const once *own, const char *what, const prv_answer *answer,
                 int code, cat_error *error)
{
    const cat_principal *principal = cat_request_principal(request);
    const char *organization = answer->organization;
    char id[160];
    /* What was refused before it was known whose it is: whom the caller spoke for, if that is known. */
    if (!organization && cat_request_organization(request, &organization, NULL) < 0)
        organization = NULL;
    snprintf(id, sizeof id, "%s/%s", own->id, code < 0 ? cat_error_name(code) : "ok");
    /* Refused writes are counted, not recorded without end. */
    int64_t count = code < 0 ? prv_quota_count_refused(context, principal->subject) : 0;
    if (!prv_refusal_is_recorded(count))
        return 0;
    cat_audit entry = {.service = "provisioning",
                       .id = id,
                       .what = what,
                       .object = answer->object ? answer->object : cat_request_path(request),
                       .organization = organization,
                       .environment = answer->environment,
                       .operation = answer->operation,
                       .result = code < 0 ? cat_error_name(code) : "ok",
                       .from = cat_request_peer(request),
                       .count = count,
                       .who = principal};
    return cat_audit_write(context->spine, &entry, error);
}

int prv_take_room(cat_request *request, cat_reply *reply, prv_context *context, size_t bytes, prv_answer *answer,
                  cat_error *error)
{
    const char *organization = NULL;
    int64_t wait_ms = 0;
    const prv_quota_amount more = {.records = 1, .bytes = (int64_t)bytes};
    if (cat_request_organization(request, &organization, NULL) < 0)
        organization = NULL;
    int code = prv_quota_take(context, organization, cat_request_principal(request)->subject, &more, &wait_ms, error);
    if (code != CAT_E_LIMIT)
        return code;
    answer->problem = "limit";
    char seconds[24];
    snprintf(seconds, sizeof seconds, "%lld", (long long)(wait_ms + 999) / 1000);
    if (reply)
        cat_reply_header(reply, "Retry-After", seconds);
    return code;
}

/* One request that writes. */
typedef struct {
    cat_request *request;
    cat_reply *reply;
    prv_context *context;
    const char *what; /* for the audit */
    once own;
    prv_answer *answer;
} writing;

static int refuse(const writing *one, const cat_error *why, cat_error *error)
{
    prv_answer *answer = one->answer;
    int code = audit(one->request, one->context, &one->own, one->what, answer, why->code, error);
    if (code < 0)
        return code;
    if (!answer->problem && !answer->errors)
        return cat_error_copy(error, why);
    const char *problem = answer->problem ? answer->problem : cat_problem_of_error(why->code)->code;
    /* Whoever is told that the body is wrong is told where: in all of it when no place is known. */
    if (cat_problem_find(problem)->http_status == 422 && json_array_size(answer->errors) == 0) {
        json_decref(answer->errors);
        answer->errors =
            json_pack("[o]", cat_json_object("pointer", json_string(""), "message", json_string(why->message), NULL));
    }
    return cat_reply_problem(one->reply, problem, why->message, cat_take(answer->errors));
}

int prv_write_once(cat_request *request, cat_reply *reply, prv_context *context, const char *what, prv_write write,
                   cat_error *error)
{
    __attribute__((cleanup(answer_finish))) prv_answer answer = {.status = 200};
    writing one = {.request = request, .reply = reply, .context = context, .what = what, .answer = &answer};
    bool answered = false;
    json_t *body = NULL;
    int code = read_key(request, &one.own, reply, &answered);
    if (code < 0 || answered)
        return code;
    if (cat_request_body(request).length && (code = cat_request_json(request, &body, error)) < 0)
        return code;
    cat_error why = {0};
    if ((code = prv_take_room(request, reply, context, REQUEST_BYTES, &answer, &why)) < 0)
        return refuse(&one, &why, error);
    if ((code = look_up(context, &one.own, reply, &answered, error)) < 0 || answered)
        return code;
    code = write(context, request, body, &answer, &why);
    if (code < 0) {
        /* A failure may be tried again with the same key. */
        prv_store_delete(&context->store, "idempotency", one.own.id, NULL);
        return refuse(&one, &why, error);
    }
    if ((code = audit(request, context, &one.own, what, &answer, 0, error)) < 0)
        return code;
    cat_autojson json_t *kept = record(&one.own, answer.status, answer.repeated ? answer.repeated : answer.body);
    cat_json_set_text(kept, "plan", answer.plan);
    if (prv_store_put(&context->store, "idempotency", one.own.id, kept, -1, NULL, &why) < 0)
        return cat_error_copy(error, &why);
    return answer.body ? cat_reply_json(reply, answer.status, as_seen(one.own.principal, answer.body))
                       : cat_reply_empty(reply, answer.status);
}
