/* What this service's writes have in common: where their keys are kept, who may write how much, what a repeat shows. */
#include <stdio.h>

#include "core/operation_shown.h"
#include "core/plan_shown.h"
#include "http/routes.h"
#include "quota.h"

#define REQUEST_BYTES ((size_t)8 * 1024) /* the answer to a repeat, a small operation, the count itself */
#define KEYS "idempotency"

static int get(void *opaque, const char *id, json_t **record, uint64_t *revision, cat_error *error)
{
    prv_context *context = opaque;
    return prv_store_get(&context->store, KEYS, id, record, revision, error);
}

static int put(void *opaque, const char *id, const json_t *record, int64_t expected, cat_error *error)
{
    prv_context *context = opaque;
    return prv_store_put(&context->store, KEYS, id, record, expected, NULL, error);
}

static int drop(void *opaque, const char *id, cat_error *error)
{
    prv_context *context = opaque;
    return prv_store_delete(&context->store, KEYS, id, error);
}

static int audit(void *opaque, const cat_audit *record, cat_error *error)
{
    prv_context *context = opaque;
    return cat_audit_write(context->spine, record, error);
}

int prv_take_room(cat_request *request, cat_reply *reply, prv_context *context, size_t bytes, cat_write_answer *answer,
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

static int admit(void *context, cat_request *request, cat_reply *reply, cat_write_answer *answer, cat_error *error)
{
    return prv_take_room(request, reply, context, REQUEST_BYTES, answer, error);
}

/* Refused writes are counted, not recorded without end. */
static bool refused(void *context, const cat_principal *principal, int64_t *count)
{
    *count = prv_quota_count_refused(context, principal->subject);
    return prv_refusal_is_recorded(*count);
}

/* A plan is not kept twice. */
static int repeat_plan(void *opaque, const cat_principal *principal, const char *id, cat_reply *reply, cat_error *error)
{
    prv_context *context = opaque;
    cat_autojson json_t *plan = NULL;
    int code = prv_store_get(&context->store, "", id, &plan, NULL, error);
    if (code < 0)
        return code;
    json_object_del(plan, "operation"); /* came later */
    return cat_reply_json(reply, 201, prv_shown_plan(principal, plan));
}

static json_t *show(const cat_principal *principal, const json_t *answer)
{
    return json_object_get(answer, "steps") ? prv_operation_shown_to(principal, answer) : json_incref((json_t *)answer);
}

int prv_write_once(cat_request *request, cat_reply *reply, void *context, const char *what, cat_write write, cat_error *error)
{
    const cat_writes writes = {.service = "provisioning",
                               .get = get,
                               .put = put,
                               .drop = drop,
                               .audit = audit,
                               .admit = admit,
                               .refused = refused,
                               .repeat = repeat_plan,
                               .show = show,
                               .context = context};
    return cat_write_once(request, reply, &writes, what, write, error);
}
