/* Configuration of environment-controller: the common part, and what it alone needs. */
#ifndef EC_CONFIG_H
#define EC_CONFIG_H

#include "svc/config.h"

typedef struct {
    cat_config_common common;
    struct {
        char *operator_secret, *shard;
    } accounts; /* Secret in our namespace with the operator's signing key; name of this spine */
    struct {
        char *provisioning, *projector, *blueprints, *merge;
    } logins; /* Git accounts of the other services; without `merge`, the one that merges, governed branches take nothing */
    struct {
        char *source, *webhook_secret;
    } flux; /* the host Flux's GitRepository of system/catalyst-config; what vclusters' Flux signs notifications with, as
               projector knows it (without it they send none) */
    struct {
        char *chart, *version, *repository;
    } vcluster;
    struct {
        char *pull_secret;
    } registry; /* Secret in our namespace with credentials for registries, for every Organization; none: nothing is given */
    struct {
        char *server, *certificate_authority;
    } secrets; /* how vclusters reach the API server that keeps secrets, and a file with its authorities in PEM; none: as this
                  service reaches it */
    struct {
        unsigned archive_seconds; /* how often the audit goes into Git; default 300 */
    } audit;
} ec_config;

extern const cyaml_schema_value_t ec_config_schema;
/* Fills in defaults, and says which key is missing. */
int ec_config_finish(void *config, cat_error *error);

#endif
