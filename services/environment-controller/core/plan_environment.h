/* What an Environment needs: stream and bucket in its Organization's account, and in each vcluster of its placement what Flux
 * needs to read. Pure. */
#ifndef EC_PLAN_ENVIRONMENT_H
#define EC_PLAN_ENVIRONMENT_H

#include "core/plan_facts.h"

typedef struct {
    const ec_settings *settings;
    const json_t *environment, *organization, *sovereign; /* the last two NULL: not there */
    const json_t *policies;                               /* array of EnvironmentPolicies */
    int64_t now_ms;
    const char *flux_token;  /* of flux-{org}; NULL: not there yet */
    bool spine_asserted;     /* stream and bucket were found or made a short while ago */
    const json_t *informing; /* array of the vclusters that informers watch for it */
} ec_environment_facts;

void ec_plan_environment(const ec_environment_facts *facts, const ec_observed *observed, ec_plan *plan);
/* [{name, hostCluster, region, ready, informing, message?}] for status. The caller's. */
json_t *ec_environment_vclusters(const ec_environment_facts *facts, const ec_observed *observed);

#endif
