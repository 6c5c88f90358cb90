/* The REST interface (proto/openapi/provisioning.yaml). Handlers run on the HTTP server's workers. */
#ifndef PROVISIONING_ROUTES_H
#define PROVISIONING_ROUTES_H

#include "net/http_server.h"
#include "provisioning.h"
#include "svc/openapi.h"

extern const cat_route prv_routes[]; /* their context is a prv_context */
extern const cat_api prv_api;

/* --- for routes_*.c --- */

/* What a write answers, and what the audit says of it. Members are owned but texts that are marked. */
typedef struct {
    int status;
    json_t *body;        /* an operation is given whole: what of it the person may see is cut with each answer */
    const char *problem; /* a code of proto/problems.yaml; NULL: by the error's code. Static */
    json_t *errors;      /* [{pointer, message}] */
    char *object, *environment, *operation; /* for the audit */
    char *organization;
    json_t *repeated; /* what a repeat is answered instead of `body`; NULL: the same */
    char *plan;       /* a repeat is answered with this plan from the store */
} prv_answer;
typedef int (*prv_write)(prv_context *context, cat_request *request, const json_t *body, prv_answer *answer, cat_error *error);
/* Runs a write once for each Idempotency-Key of a person: the same request again gets the same answer, another one is refused.
 * The write is audited before it is answered. */
int prv_write_once(cat_request *request, cat_reply *reply, prv_context *context, const char *what, prv_write write,
                   cat_error *error);

/* Counts what a write is about to store, against the person and the Organization: CAT_E_LIMIT with `answer->problem`. `reply` may
 * be NULL. */
int prv_take_room(cat_request *request, cat_reply *reply, prv_context *context, size_t bytes, prv_answer *answer,
                  cat_error *error);

int prv_post_plan(cat_request *request, cat_reply *reply, void *context, cat_error *error); /* routes_plans.c */
int prv_get_plan(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prv_apply_plan(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prv_get_operation(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prv_retry_operation(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prv_get_config(cat_request *request, cat_reply *reply, void *context, cat_error *error); /* routes_applications.c */
int prv_get_dependencies(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prv_post_organization(cat_request *request, cat_reply *reply, void *context, cat_error *error); /* routes_onboarding.c */
int prv_post_environment(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prv_get_tokens(cat_request *request, cat_reply *reply, void *context, cat_error *error); /* routes_tokens.c */
int prv_post_token(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prv_delete_token(cat_request *request, cat_reply *reply, void *context, cat_error *error);

/* A page of `items` (taken; each has the text `key`, by which they are sorted) as the query's limit and cursor ask; the cursor is
 * the last key. */
int prv_reply_page(cat_request *request, cat_reply *reply, json_t *items, const char *key, cat_error *error);
/* {user, name, email} of who asks, for commits. The caller's. */
json_t *prv_principal_json(const prv_context *context, const cat_principal *principal);
/* May the person see what belongs to these Environments (any of them; none: to the Organization)? CAT_E_NOT_FOUND otherwise. */
int prv_may_see(const cat_principal *principal, const char *organization, const json_t *environments, cat_error *error);

#endif
