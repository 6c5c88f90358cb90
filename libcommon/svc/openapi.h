/* A service's own description, built into it from proto/openapi/{service}.yaml and served as JSON at GET /v1/openapi.json.
 *
 *     CAT_EMBED(openapi, "proto/openapi/catalog-svc.yaml");
 *     {"GET", "/v1/openapi.json", serve_openapi, CAT_ROUTE_OPEN}    with cat_openapi_reply(reply, openapi_start, openapi_end, error)
 */
#ifndef CAT_SVC_OPENAPI_H
#define CAT_SVC_OPENAPI_H

#include "net/http_server.h"

/* Bytes of a file of the checkout, `name_start` to `name_end`. At file scope, once a name. */
#define CAT_EMBED(name, path)                                                                                                  \
    __asm__(".section .rodata\n"                                                                                               \
            ".global " #name "_start\n" #name "_start:\n"                                                                      \
            ".incbin \"" CATALYST_SOURCE_DIR "/" path "\"\n"                                                                   \
            ".global " #name "_end\n" #name "_end:\n"                                                                          \
            ".byte 0\n.previous\n");                                                                                           \
    extern const char name##_start[], name##_end[]

/* YAML text in, JSON out. */
int cat_openapi_reply(cat_reply *reply, const char *start, const char *end, cat_error *error);

#endif
