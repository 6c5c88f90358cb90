/* The REST interface (proto/openapi/provisioning.yaml). Handlers run on the HTTP server's workers. */
#ifndef PROVISIONING_ROUTES_H
#define PROVISIONING_ROUTES_H

#include "net/http_server.h"
#include "provisioning.h"
#include "svc/openapi.h"
#include "svc/page.h"
#include "svc/write_once.h"

extern const cat_route prv_routes[]; /* their context is a prv_context */
extern const cat_api prv_api;

/* --- for routes_*.c --- */

/* svc/write_once.h, with this service's keys, counts and audit. The context of `write` is a prv_context. An answer's body that is
 * an operation is given whole: what of it the person may see is cut with each answer; `kept` is the id of a plan. */
int prv_write_once(cat_request *request, cat_reply *reply, void *context, const char *what, cat_write write, cat_error *error);

/* Counts what a write is about to store, against the person and the Organization: CAT_E_LIMIT with `answer->problem`. `reply` may
 * be NULL. */
int prv_take_room(cat_request *request, cat_reply *reply, prv_context *context, size_t bytes, cat_write_answer *answer,
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

/* {user, name, email} of who asks, for commits. The caller's. */
json_t *prv_principal_json(const prv_context *context, const cat_principal *principal);
/* May the person see what belongs to these Environments (any of them; none: to the Organization)? CAT_E_NOT_FOUND otherwise. */
int prv_may_see(const cat_principal *principal, const char *organization, const json_t *environments, cat_error *error);

#endif
