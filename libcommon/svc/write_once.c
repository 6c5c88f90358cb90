#include "svc/write_once.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "wire/digest.h"

#define KEY_MAX 200
#define BEING_ANSWERED_MS 60000

static void answer_finish(cat_write_answer *answer)
{
    json_decref(answer->body);
    json_decref(answer->errors);
    json_decref(answer->repeated);
    free(answer->object);
    free(answer->environment);
    free(answer->operation);
    free(answer->organization);
    free(answer->kept);
}

/* One request that writes. */
typedef struct {
    cat_request *request;
    cat_reply *reply;
    const cat_writes *writes;
    const char *what;
    const cat_principal *principal;
    char id[CAT_SHA256_HEX];   /* of the person, the call and the key */
    char body[CAT_SHA256_HEX]; /* digest */
    cat_write_answer answer;
} writing;

static void writing_finish(writing *one)
{
    answer_finish(&one->answer);
}

static int64_t now_ms(void)
{
    const cat_clock *clock = cat_clock_system();
    return clock->wall_ms(clock);
}

static int read_key(writing *one, bool *refused)
{
    cat_request *request = one->request;
    const char *key = cat_request_header(request, "Idempotency-Key"), *organization = cat_request_query(request, "organization");
    *refused = !key || !*key || strlen(key) > KEY_MAX;
    if (*refused)
        return cat_reply_problem(one->reply, "idempotency-key-missing",
                                 key ? "Idempotency-Key has 1 to 200 characters" : "send a key of your own in Idempotency-Key",
                                 NULL);
    cat_autofree char *text = cat_printf("%s\n%s\n%s\n%s\n%s", one->principal->subject, cat_request_method(request),
                                         cat_request_path(request), organization ? organization : "", key);
    cat_slice body = cat_request_body(request);
    cat_sha256_hex(text, strlen(text), one->id);
    cat_sha256_hex(body.data ? body.data : "", body.length, one->body);
    return 0;
}

static json_t *record(const writing *one, int status, const json_t *body)
{
    char now[CAT_TIME_TEXT_MAX];
    cat_time_format(now_ms(), now);
    return cat_json_object("body", json_string(one->body), "at", json_string(now), "status", json_integer(status), "answer",
                           body ? json_incref((json_t *)body) : json_null(), NULL);
}

static int reply_shown(const writing *one, int status, const json_t *answer)
{
    if (!answer || json_is_null(answer))
        return cat_reply_empty(one->reply, status);
    json_t *shown = one->writes->show ? one->writes->show(one->principal, answer) : json_incref((json_t *)answer);
    return cat_reply_json(one->reply, status, shown);
}

/* What was found under the key. `*answered` is false where whoever was at it is gone. */
static int repeat(const writing *one, const json_t *found, bool *answered, cat_error *error)
{
    const char *kept = cat_json_text(found, "plan");
    int status = (int)cat_json_int_or(found, "status", 0);
    int64_t at = 0;
    if (!cat_text_equal(cat_json_text(found, "body"), one->body))
        return cat_reply_problem(one->reply, "idempotency-conflict", "this Idempotency-Key was used for another request", NULL);
    if (kept)
        return one->writes->repeat(one->writes->context, one->principal, kept, one->reply, error);
    if (status)
        return reply_shown(one, status, json_object_get(found, "answer"));
    cat_time_parse(cat_json_text_or(found, "at", ""), &at);
    if (now_ms() - at < BEING_ANSWERED_MS)
        return cat_reply_problem(one->reply, "conflict", "the same request is being answered at this moment: ask again", NULL);
    *answered = false;
    return 0;
}

/* Takes the key, or answers what it was answered with: then `*answered`. */
static int begin(const writing *one, bool *answered, cat_error *error)
{
    const cat_writes *writes = one->writes;
    cat_autojson json_t *begun = record(one, 0, NULL), *found = NULL;
    cat_error failed = {0};
    uint64_t revision = 0;
    *answered = false;
    int code = writes->put(writes->context, one->id, begun, 0, &failed);
    if (code != CAT_E_CONFLICT)
        return code < 0 ? cat_error_copy(error, &failed) : 0;
    if ((code = writes->get(writes->context, one->id, &found, &revision, error)) < 0)
        return code;
    *answered = true;
    if ((code = repeat(one, found, answered, error)) < 0 || *answered)
        return code;
    return writes->put(writes->context, one->id, begun, (int64_t)revision, error);
}

/* Kept with its answer; the member was first called after what provisioning keeps elsewhere, and records outlive an update. */
static int keep(const writing *one, cat_error *error)
{
    const cat_write_answer *answer = &one->answer;
    cat_autojson json_t *kept = record(one, answer->status, answer->repeated ? answer->repeated : answer->body);
    cat_json_set_text(kept, "plan", answer->kept);
    return one->writes->put(one->writes->context, one->id, kept, -1, error);
}

static int audit(const writing *one, int code, cat_error *error)
{
    const cat_write_answer *answer = &one->answer;
    const cat_writes *writes = one->writes;
    const char *organization = answer->organization, *result = code < 0 ? cat_error_name(code) : "ok";
    int64_t count = 0;
    char id[160];
    /* What was refused before it was known whose it is: whom the caller spoke for, if that is known. */
    if (!organization && cat_request_organization(one->request, &organization, NULL) < 0)
        organization = NULL;
    snprintf(id, sizeof id, "%s/%s", one->id, result);
    if (code < 0 && writes->refused && !writes->refused(writes->context, one->principal, &count))
        return 0;
    cat_audit entry = {.service = writes->service,
                       .id = id,
                       .what = one->what,
                       .object = answer->object ? answer->object : cat_request_path(one->request),
                       .organization = organization,
                       .environment = answer->environment,
                       .operation = answer->operation,
                       .result = result,
                       .from = cat_request_peer(one->request),
                       .count = count,
                       .who = one->principal};
    return writes->audit(writes->context, &entry, error);
}

static int refuse(writing *one, const cat_error *why, cat_error *error)
{
    cat_write_answer *answer = &one->answer;
    int code = audit(one, why->code, error);
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

/* The key is taken: what comes of it is audited, kept and answered. */
static int carry_out(writing *one, const json_t *body, cat_write write, cat_error *error)
{
    const cat_writes *writes = one->writes;
    cat_error why = {0};
    int code = write(writes->context, one->request, body, &one->answer, &why);
    if (code < 0) {
        /* A failure may be tried again with the same key. */
        writes->drop(writes->context, one->id, NULL);
        return refuse(one, &why, error);
    }
    if ((code = audit(one, 0, error)) < 0 || (code = keep(one, error)) < 0)
        return code;
    return reply_shown(one, one->answer.status, one->answer.body);
}

int cat_write_once(cat_request *request, cat_reply *reply, const cat_writes *writes, const char *what, cat_write write,
                   cat_error *error)
{
    __attribute__((cleanup(writing_finish))) writing one = {.request = request,
                                                            .reply = reply,
                                                            .writes = writes,
                                                            .what = what,
                                                            .principal = cat_request_principal(request),
                                                            .answer = {.status = 200}};
    bool answered = false;
    json_t *body = NULL;
    cat_error why = {0};
    int code = read_key(&one, &answered);
    if (code < 0 || answered)
        return code;
    if (cat_request_body(request).length && (code = cat_request_json(request, &body, error)) < 0)
        return code;
    if (writes->admit && (code = writes->admit(writes->context, request, reply, &one.answer, &why)) < 0)
        return refuse(&one, &why, error);
    if ((code = begin(&one, &answered, error)) < 0 || answered)
        return code;
    return carry_out(&one, body, write, error);
}
