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
    struct {
        char *program;             /* default `kustomize`, looked for in PATH */
        unsigned time_out_seconds; /* default 20 */
    } kustomize;
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
