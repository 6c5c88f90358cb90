/* How a service runs: `main` is one call; run() does the work between start and drain.
 *
 *     int main(int argc, char **argv) { return cat_service_main(argc, argv, &SERVICE); }
 *
 * Order: arguments (--config, --help, --version, --check) → configuration, finish_config() → log → admin server (/healthz /readyz
 * /metrics) → start() → ready → waits for SIGTERM or SIGINT → stop() → exit 0. A wrong configuration and a failing start exit 1 with
 * one clear line.
 */
#ifndef CAT_SVC_SERVICE_H
#define CAT_SVC_SERVICE_H

#include "net/http_server.h"
#include "svc/config.h"
#include "svc/metrics.h"

typedef struct cat_service cat_service;
typedef struct {
    const char *name, *summary; /* for --help and logs */
    const cyaml_schema_value_t *config_schema;
    size_t common_offset;
    size_t state_bytes; /* not 0: of what the service consists of: zero before start, freed after stop */
    int (*finish_config)(void *config, cat_error *error); /* defaults of its own, and what it cannot do without; may be NULL */
    int (*start)(cat_service *service, void *config, cat_error *error); /* makes threads and servers; returns */
    /* Drains within 20 s. Comes after a start that failed too: what it did not reach is still zero. */
    void (*stop)(cat_service *service);
} cat_service_definition;
int cat_service_main(int argc, char **argv, const cat_service_definition *definition);

void *cat_service_state(cat_service *service);
const char *cat_service_name(const cat_service *service); /* of its definition */
const cat_config_common *cat_service_config(cat_service *service);
cat_metrics *cat_service_metrics(cat_service *service);
/* A named part that must be well for /readyz: "spine", "kubernetes"… `why` NULL: it is well. Any thread. */
void cat_service_set_ready(cat_service *service, const char *part, const char *why);
/* A part found that the service cannot go on: logs, stops, exits 1. Any thread. */
void cat_service_fail(cat_service *service, const cat_error *error);
/* Counts and times a server's answers: http_requests_total, http_request_duration_seconds; each answer is logged at debug. */
void cat_service_observe(cat_service *service, cat_http_server *server);
bool cat_service_is_stopping(const cat_service *service);

#endif
