/* The REST calls and the stream: reading rows from views by role. What does not belong to the caller's Organization is 404. */
#ifndef PROJECTOR_ROUTES_H
#define PROJECTOR_ROUTES_H

#include "http/hooks.h"
#include "svc/identity.h"
#include "svc/openapi.h"
#include "views/stream.h"
#include "views/view.h"

typedef struct {
    cat_identity *identity; /* first: cat_identity_guard reads it */
    prj_views *views;
    prj_streams *streams;
    prj_hooks *hooks;
    const char *git_url; /* where people reach Git; NULL: not configured */
} prj_routes_context;

extern const cat_route prj_routes[]; /* their context is a prj_routes_context */
extern const cat_api prj_api;

#endif
