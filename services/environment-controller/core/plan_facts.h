/* What objects say, read once for all planners: which clusters an Organization, Environment or Application lies on, what a
 * branch's catalyst.yaml wants, what runs. Pure; text is lent from the objects given. */
#ifndef EC_PLAN_FACTS_H
#define EC_PLAN_FACTS_H

#include "core/plan.h"
#include "wire/names.h"

/* From the configuration. */
typedef struct {
    const char *sovereign, *domain;
    const char *git_url;   /* as Flux reaches it */
    const char *namespace; /* our own: catalyst-environment-controller */
    const char *git_user;  /* our own login */
    const char *provisioning_user, *projector_user, *blueprints_user;
    const char *merge_user;  /* whose merges governed branches take; NULL: they take none */
    const char *source_name; /* host Flux's GitRepository of system/catalyst-config, in flux-system */
    const char *chart, *chart_version, *chart_repository; /* of vclusters */
    const char *issuer, *shard;
    const char *public_url,
        *flux_secret;        /* where Flux in vclusters sends notifications, and what signs them; NULL: it sends none */
    const char *pull_secret; /* in our namespace: credentials for registries, for every Organization; NULL: there are none */
    const char *store_server, *store_authority; /* where vclusters reach the API server that keeps secrets, and its authorities in
                                                   PEM; NULL: the system's */
} ec_settings;

#define EC_MAX_VCLUSTERS 64
typedef struct {
    char name[CAT_NAME_MAX]; /* {host cluster}-{org} */
    char host_cluster[64], region[16];
    bool on_management; /* the host cluster is the one that the control plane runs on */
} ec_vcluster;
typedef struct {
    ec_vcluster items[EC_MAX_VCLUSTERS];
    size_t count;
} ec_vclusters;

/* One on each host cluster with the role workload. */
void ec_vclusters_of_organization(const json_t *sovereign, const char *organization, ec_vclusters *vclusters);
/* Those that the placement chooses: one for each of its regions, the first that fits its building blocks; without regions the
 * first of all. */
void ec_vclusters_of_environment(const json_t *sovereign, const json_t *environment, const char *organization,
                                 ec_vclusters *vclusters);
/* Those of the Environment in the regions that the Application names; all when it names none. */
void ec_vclusters_of_application(const json_t *sovereign, const json_t *environment, const json_t *application,
                                 const char *organization, ec_vclusters *vclusters);
/* What a host cluster is called among clusters. */
const char *ec_host_of(const ec_vcluster *vcluster);

/* "develop@sha1:abc…" → "abc…"; NULL when there is none. */
const char *ec_commit_of_revision(const char *revision);
/* Is condition `type` True, and does it speak of the object's present generation? */
bool ec_condition_holds(const json_t *object, const char *type);
/* Does the API server of this CustomResourceDefinition (NULL: there is none) serve this version? */
bool ec_definition_serves(const json_t *definition, const char *version);
/* A Flux object's Ready condition as a sentence; NULL when it is ready for its present generation, or was and is being looked at
 * again. */
const char *ec_flux_problem(const json_t *object);

/* Do all Organizations sign in at one Keycloak? */
bool ec_identity_is_shared(const json_t *sovereign);
#define EC_IDENTITY_NOT_SHARED                                                                                                   \
    "the Sovereign asks for a Keycloak of its own for each Organization, which Catalyst cannot make yet, so nobody's roles are " \
    "mirrored; set its spec.keycloakTopology to shared-sovereign"

/* What a condition that was `before` (NULL: not there) says after `failed` (code 0: all went well): what was so and cannot be
 * looked at, as a peer does not answer, is Unknown. */
const char *ec_condition_after(const char *before, const cat_error *failed);
/* Rights may be granted at any time, and an API server that has just started knows of none: who is not allowed waits. */
void ec_await_rights(cat_error *error);

/* Labels of everything that belongs to an Application; NULL values are left out. */
json_t *ec_labels(const ec_settings *settings, const char *organization, const char *environment, const ec_vcluster *vcluster,
                  const char *application, const json_t *source);
json_t *ec_object(const char *api_version, const char *kind, const char *namespace, const char *name, json_t *labels_taken);

#endif
