#ifndef PROJECTOR_ROUTES_INTERNAL_H
#define PROJECTOR_ROUTES_INTERNAL_H

#include <stdlib.h>

#include "core/list.h"
#include "http/routes.h"
#include "svc/page.h"

/* Several Environments of one Organization, locked together in the order of their names. */
typedef struct {
    prj_routes_context *context;
    prj_view **seen;
    size_t count;
    bool locked;
} prj_routes_look;
/* Those in which the caller may do `action`, of `environments` or (NULL) of the whole Organization; an Environment that is being
 * set up is left out. */
int prj_routes_look_at(cat_request *request, prj_routes_context *context, cat_action action, const char *organization,
                       const cat_strings *environments, prj_routes_look *look, cat_error *error);
void prj_routes_look_finish(prj_routes_look *look);
static inline void prj_routes_look_cleanup(prj_routes_look *look)
{
    prj_routes_look_finish(look);
}
/* How a list over Environments begins: `limit`, and a look at those that the query's `environment` names, else at all. */
int prj_routes_list_begin(cat_request *request, prj_routes_context *context, cat_action action, const char **organization,
                          prj_routes_look *look, size_t *limit, cat_error *error);
/* Names of the Organization's Environments in which the caller may do `action`, sorted. */
int prj_routes_environments(prj_routes_context *context, const cat_principal *principal, cat_action action,
                            const char *organization, cat_strings *names, cat_error *error);
/* One Environment: its Organization is found by its name. */
int prj_routes_environment(cat_request *request, prj_routes_context *context, const char *environment, prj_view **seen,
                           cat_error *error);
/* Of which types Environments may be read: what is told of them all stands in `_`. */
unsigned prj_routes_env_types(const cat_principal *principal, const char *organization);
/* May who reads this Environment see this row of it? */
bool prj_routes_sees(const cat_principal *principal, const char *environment, const prj_view_row *row);

/* prj_list_page() for the query's cursor; `*refused`: that is none of this list's, and the reply says so. */
typedef struct {
    size_t limit, from, to;
    char *next; /* owned */
    bool refused;
} prj_routes_page;
int prj_routes_cut_page(const cat_request *request, cat_reply *reply, prj_list *all, prj_routes_page *page);
static inline void prj_routes_page_cleanup(prj_routes_page *page)
{
    free(page->next);
}
/* `{"items":[…` was written to `body`: closes it with next and revision, and answers. */
int prj_routes_answer_list(cat_reply *reply, cat_string *body, const char *next_or_null, const prj_routes_look *look,
                           cat_error *error);
/* Comma-separated list of a query; false when absent. */
bool prj_routes_query_list(const cat_request *request, const char *name, cat_strings *values);
/* The row as clients get it, with these fields only (NULL: all). */
void prj_routes_format_row(const prj_view_row *row, const cat_strings *fields, cat_string *out);

int prj_routes_list_organizations(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prj_routes_list_environments(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prj_routes_open_stream(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prj_routes_get_me(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prj_routes_list_secrets(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prj_routes_list_applications(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prj_routes_get_application(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prj_routes_list_rows(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prj_routes_get_row(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prj_routes_list_operations(cat_request *request, cat_reply *reply, void *context, cat_error *error);
int prj_routes_get_operation(cat_request *request, cat_reply *reply, void *context, cat_error *error);

#define ROUTES_BODY_MAX (64u * 1024 * 1024)

#endif
