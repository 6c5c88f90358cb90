/* A service's own description, built into it from proto/openapi/{service}.yaml: served as JSON at GET /v1/openapi.json, and what
 * each request is held against before its handler sees it, so that the description and the checks cannot disagree.
 *
 *     CAT_EMBED(openapi, "proto/openapi/catalog-svc.yaml");
 *     {"GET", "/v1/openapi.json", serve_openapi, CAT_ROUTE_OPEN}    with cat_openapi_reply(reply, openapi_start, openapi_end,
 * error)
 */
#ifndef CAT_SVC_OPENAPI_H
#define CAT_SVC_OPENAPI_H

#include "net/http_server.h"

/* Bytes of a file of the checkout, `name_start` to `name_end`. At file scope, once a name. */
#define CAT_EMBED(name, path)                                                                                                    \
    __asm__(".section .rodata\n"                                                                                                 \
            ".global " #name "_start\n" #name "_start:\n"                                                                        \
            ".incbin \"" CATALYST_SOURCE_DIR "/" path "\"\n"                                                                     \
            ".global " #name "_end\n" #name "_end:\n"                                                                            \
            ".byte 0\n.previous\n");                                                                                             \
    extern const char name##_start[], name##_end[]

/* YAML text in, JSON out. */
int cat_openapi_reply(cat_reply *reply, const char *start, const char *end, cat_error *error);

/* What a service serves, and its description (YAML). */
typedef struct {
    const cat_route *routes;
    const char *start, *end;
} cat_api;
/* A description, compiled. Any thread. */
typedef struct cat_openapi cat_openapi;
/* The routes are kept by reference. CAT_E_INVALID when one of them is not described, or a schema is wrong. */
int cat_openapi_create(const cat_api *api, cat_openapi **description, cat_error *error);
void cat_openapi_destroy(void *description);
/* For a server's `check`, its context a cat_openapi. The query: 400 `invalid`, with `errors` of {parameter, message}, for a
 * member that is not described, stands there twice, is missing or does not fit its schema; an `array` is written with commas
 * between. The body (unless the route is RAW): 400 when it is missing or no JSON, 422 `schema-invalid` with `errors` of {pointer,
 * keyword, message}; `oneOf` with a `discriminator` is judged by the schema that this chooses. */
int cat_openapi_check(cat_request *request, cat_reply *reply, void *description, cat_error *error);
/* Answers a problem that is about one member of the query: {parameter, message}. Returns 0. */
int cat_openapi_refuse(cat_reply *reply, const char *problem, const char *parameter, const char *message);

#endif
