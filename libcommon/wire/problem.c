#include "wire/problem.h"

#include <string.h>

#include "base/memory.h"

const cat_problem CAT_PROBLEMS[] = {
    /* One for each CAT_E_ code, in the order of base/error.h. */
    {"invalid", 400, "The request is wrong"},
    {"not-found", 404, "There is no such thing"},
    {"exists", 409, "It is there already"},
    {"conflict", 409, "Somebody changed it meanwhile"},
    {"forbidden", 403, "The role does not allow this"},
    {"not-signed-in", 401, "Nobody is signed in"},
    {"too-large", 413, "It is over the maximum"},
    {"rate-limited", 429, "A limit is used up"},
    {"unavailable", 503, "A part of the platform does not answer"},
    {"timeout", 504, "A part of the platform did not answer in time"},
    {"cancelled", 503, "The service is stopping"},
    {"bad-gateway", 502, "A part of the platform gave a wrong answer"},
    {"io", 500, "The service cannot reach its files"},
    {"gone", 410, "It is too old to go on from"},
    {"unsupported", 501, "This is not supported"},
    {"internal", 500, "The service made a mistake"},
    /* What HTTP itself asks for. */
    {"method-not-allowed", 405, "The address does not take this method"},
    {"no-organization", 403, "The person belongs to no Organization"},
    {"address-too-long", 414, "The address is too long"},
    {"headers-too-large", 431, "The headers are too large"},
    {"not-acceptable", 406, "There is no such form of the answer"},
    {"unsupported-media-type", 415, "The body's type is not understood"},
    {"precondition-failed", 412, "It is no longer the version named"},
    {"schema-invalid", 422, "The values do not fit their schema"},
    {"name-invalid", 422, "The name is not allowed"},
    {"name-taken", 409, "The name is taken"},
    {"cursor-invalid", 400, "The list cannot be continued from there"},
    {"idempotency-key-missing", 400, "The header Idempotency-Key is missing"},
    {"idempotency-conflict", 409, "The idempotency key was used for another request"},
    /* Plans and what comes of them. */
    {"plan-changed", 409, "What the plan rests on has changed"},
    {"plan-expired", 410, "The plan has expired"},
    {"plan-invalid", 422, "The plan cannot be carried out"},
    {"plan-hash-mismatch", 409, "The hash is not the plan's"},
    {"dependency-conflict", 422, "The requirements cannot hold together"},
    {"dependency-missing", 422, "A dependency is missing"},
    {"expression-invalid", 422, "An expression of the Blueprint is wrong"},
    {"confirmation-missing", 422, "The name has to be typed to confirm"},
    {"grant-missing", 422, "What it needs outside its namespace has to be granted"},
    {"dependants-exist", 409, "Other Applications depend on it"},
    {"application-unreadable", 409, "What is in the Application's repository cannot be read"},
    {"blueprint-gone", 409, "The Blueprint is not registered here any more"},
    {"operation-running", 409, "An operation is still running"},
    {"operation-not-retryable", 409, "The operation cannot be tried again"},
    {"quota-exceeded", 403, "The Organization's quota is used up"},
    {"limit", 429, "What one may have at a time is used up"},
    /* Webhooks. */
    {"signature-invalid", 401, "The signature is wrong"},
    {NULL, 0, NULL},
};

static const struct {
    int error_code;
    const char *problem;
} of_error[] = {
    {CAT_E_INVALID, "invalid"},
    {CAT_E_NOT_FOUND, "not-found"},
    {CAT_E_EXISTS, "exists"},
    {CAT_E_CONFLICT, "conflict"},
    {CAT_E_FORBIDDEN, "forbidden"},
    {CAT_E_UNAUTHORIZED, "not-signed-in"},
    {CAT_E_TOO_LARGE, "too-large"},
    {CAT_E_LIMIT, "rate-limited"},
    {CAT_E_UNAVAILABLE, "unavailable"},
    {CAT_E_TIMEOUT, "timeout"},
    {CAT_E_CANCELLED, "cancelled"},
    {CAT_E_PROTOCOL, "bad-gateway"},
    {CAT_E_IO, "io"},
    {CAT_E_GONE, "gone"},
    {CAT_E_UNSUPPORTED, "unsupported"},
    {CAT_E_INTERNAL, "internal"},
};

static const cat_problem *find(const char *code)
{
    for (const cat_problem *problem = CAT_PROBLEMS; problem->code; problem++)
        if (strcmp(problem->code, code) == 0)
            return problem;
    return NULL;
}

const cat_problem *cat_problem_find(const char *code)
{
    const cat_problem *problem = code ? find(code) : NULL;
    return problem ? problem : find("internal");
}

const cat_problem *cat_problem_of_error(int error_code)
{
    for (size_t i = 0; i < sizeof of_error / sizeof *of_error; i++)
        if (of_error[i].error_code == error_code)
            return find(of_error[i].problem);
    return find("internal");
}

char *cat_problem_complaint(const char *pointer, const char *message)
{
    static const char THIS[] = "This ";
    if (*pointer)
        return cat_printf("%s: %s", pointer, message);
    if (strncmp(message, THIS, sizeof THIS - 1) == 0)
        return cat_printf("The body %s", message + sizeof THIS - 1);
    return cat_strdup(message);
}

json_t *cat_problem_make(const cat_problem *problem, const char *detail, json_t *errors, const char *trace_id)
{
    cat_autofree char *type = cat_printf("urn:catalyst:problem:%s", problem->code);
    return cat_json_object("type", json_string(type), "title", json_string(problem->title), "status",
                           json_integer(problem->http_status), "code", json_string(problem->code), "detail",
                           detail ? json_string(detail) : NULL, "errors", errors, "traceId",
                           trace_id ? json_string(trace_id) : NULL, NULL);
}
