/* Configuration of provisioning: what all services share, and its own keys. Read once at start. */
#ifndef PROVISIONING_CONFIG_H
#define PROVISIONING_CONFIG_H

#include "svc/config.h"

typedef struct {
    cat_config_common common;
    struct {
        char *store; /* `kubernetes` alone so far */
    } secrets;
    struct {
        char *signing_key; /* file: PEM, Ed25519 */
    } plans;
    struct {                                  /* within a day; requests that write, and MiB of what they leave in the store */
        unsigned person_requests, person_mib; /* defaults 3,000 and 64 */
        unsigned organization_requests, organization_mib; /* defaults 12,000 and 128 */
    } limits;
    struct {
        char *program;             /* default `kustomize`, looked for in PATH */
        unsigned time_out_seconds; /* of one build; default 20 */
        unsigned at_once;          /* builds, of all Organizations together; default 4 */
        bool without_landlock;     /* on a kernel that has none; default: provisioning does not start there */
    } kustomize;
    struct {
        unsigned limit_seconds; /* how long a step waits before its operation fails, to be tried again; default 7,200 */
    } waiting;
    struct {
        unsigned interval_seconds; /* how often tokens that have ended are taken away; default 600 */
    } git_tokens;
    struct {
        char *folder; /* for what is fetched again and again; default: a private one on tmpfs */
    } cache;
    struct {
        char *folder; /* orders to stay at a step (faults.h): for tests alone, never set otherwise */
    } faults;
} prv_config;
extern const cyaml_schema_value_t prv_config_schema;
/* Defaults, and whether what provisioning cannot do without is there. */
int prv_config_finish(void *config, cat_error *error);

#endif
