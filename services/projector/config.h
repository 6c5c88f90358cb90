/* Configuration of the projector: what all services share, and its own keys. Read once at start. */
#ifndef PROJECTOR_CONFIG_H
#define PROJECTOR_CONFIG_H

#include "svc/config.h"

typedef struct {
    cat_config_common common;
    struct {
        char *webhook_secret;
    } flux; /* file; empty: Flux's notifications are refused */
    struct {
        unsigned interval_seconds;
    } sweep; /* 0: 60 */
    struct { /* open at a time on a replica; 0: 32 and 2,000 */
        unsigned person, organization;
    } streams;
} prj_config;
extern const cyaml_schema_value_t prj_config_schema;
/* Whether what the projector cannot do without is there. */
int prj_config_finish(void *config, cat_error *error);

#endif
