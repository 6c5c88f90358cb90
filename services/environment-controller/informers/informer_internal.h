/* Of informers: what their files share. Each calls those after it alone: informer.c (the set), informer_start.c, informer_kinds.c
 * (which kinds), informer_rows.c, informer_watch.c (callbacks), informer_tell.c, informer_flux.c, informer_epoch.c,
 * informer_state.c. */
#ifndef EC_INFORMER_INTERNAL_H
#define EC_INFORMER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "core/informer_event.h"
#include "core/plan_kinds.h"
#include "core/resources.h"
#include "core/triggers.h"
#include "informers/informer.h"
#include "svc/events.h"
#include "wire/names.h"
#include "wire/subjects.h"

#define EC_MAX_CLAIMS 64 /* kinds of claims in a vcluster */
#define EC_MAX_KINDS (32 + EC_MAX_CLAIMS)
#define EC_MAX_INFORMED 16 /* Environments of an Organization: five env types today */

typedef struct {
    uint64_t mark;         /* hash of epoch, uid and resourceVersion as published last; 0: publish in any case */
    uint32_t told;         /* the last change by somebody else that Flux was told of */
    uint16_t environments; /* bits: published to these */
    uint8_t round;         /* the list that it was seen in last */
    ec_fields *applied;    /* what Flux applied; NULL: it did not */
    char uid[40];
} ec_entry;

typedef struct ec_informer ec_informer;
/* One kind. Everything but `informer` belongs to the callbacks of its watch once that has started. */
typedef struct {
    ec_informer *informer;
    cat_resource resource; /* of a claim: text of `claim` */
    ec_claim claim;
    bool optional, is_claim;
    atomic_bool failed; /* its list or watch said that there is no such kind */
    char token[160];    /* the kind in rows' keys */
    bool is_flux;       /* Kustomization or GitRepository */
    cat_map *entries;   /* "namespace/name" → ec_entry */
    cat_map *flux;      /* of Kustomizations: name → what dependents need to know */
    uint8_t round;
    bool listed_once;
    cat_kube_watch *watch;
} ec_kind_watch;

typedef struct {
    int environment; /* index, or -1 */
    char application[64];
} ec_namespace;

struct ec_informer {
    ec_controller *controller;
    char *organization, *cluster, *record; /* record: its key in KV catalyst-informers */
    ec_cluster *client;
    cat_kube *kube;
    cat_spine *spine; /* the Organization's account, lent for life */
    cat_publisher *publisher;
    unsigned char hash_key[EC_HASH_KEY_BYTES];
    char environments[EC_MAX_INFORMED][CAT_NAME_ENVIRONMENT_MAX + 1];
    size_t environment_count;
    int64_t epoch;
    char kube_system_uid[64];
    bool is_management;

    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t listed;
    cat_map *namespaces; /* name → ec_namespace */
    cat_map *claims;     /* name of an XRD → ec_claim */
    bool namespaces_listed, claims_listed;
    uint64_t record_revision;  /* of KV: what another replica wrote since is not overwritten */
    char resource_version[32]; /* highest seen */
    char recorded[32];         /* …and kept in KV */

    atomic_bool stale; /* has to be made anew */
    atomic_bool muted; /* the cluster is not the one that was: nothing more under this epoch */
    cat_kube_watch *namespace_watch, *claim_watch;
    atomic_bool xrds_failed;
    bool has_notifications; /* of its key's worker, as are the kinds */
    ec_kind_watch *kinds[EC_MAX_KINDS];
    size_t kind_count;
};

/* informer_state.c */
uint64_t ec_informer_mark(int64_t epoch, const char *uid, const char *resource_version);
int ec_informer_environment(const ec_informer *informer, const char *name); /* index or -1 */
ec_kind_watch *ec_informer_kind_of(const ec_informer *informer, const char *token);
void ec_informer_make_stale(ec_informer *informer);
/* Keys of what was seen in the cluster; `label` is the Application's name, "" or NULL for none (core/triggers.h). */
void ec_informer_trigger(const ec_informer *informer, ec_trigger_on on, cat_watch_kind what, const char *label);
int ec_informer_wait_listed(ec_informer *informer, const bool *listed, const char *what, cat_error *error);
void ec_informer_entry_release(void *entry);

/* informer_epoch.c */
int ec_informer_find_epoch(ec_informer *informer, cat_error *error);
int ec_informer_record(ec_informer *informer, cat_error *error); /* the resourceVersion, when it moved */
/* uid of kube-system and the present resourceVersion. */
int ec_informer_probe(cat_kube *kube, char uid[64], char resource_version[32], cat_error *error);
/* The epoch that follows from what was kept and what is seen. Pure. */
int64_t ec_informer_epoch(int64_t kept_epoch, const char *kept_uid, const char *kept_version, const char *uid,
                          const char *resource_version);

/* informer_rows.c: of every kind, or of one by its token. */
int ec_informer_read_rows(ec_informer *informer, const char *token, cat_error *error);

/* informer_kinds.c */
void ec_informer_add_table(ec_informer *informer);
int ec_informer_know_kinds(ec_informer *informer, cat_error *error);   /* before rows are read */
int ec_informer_update_kinds(ec_informer *informer, cat_error *error); /* begins and ends watches as definitions come and go */
bool ec_informer_awaits_kinds(const ec_informer *informer);            /* that are expected soon */
void ec_informer_kind_free(ec_kind_watch *kind);

/* informer_start.c */
int ec_informer_start(ec_controller *controller, const char *organization, const char *cluster, ec_cluster *client_taken,
                      const cat_strings *environments, ec_informer **informer, cat_error *error);
void ec_informer_stop(ec_informer *informer); /* flushes, then frees */

/* informer_watch.c */
extern const cat_kube_watch_handlers ec_informer_kind_handlers, ec_informer_namespace_handlers;

/* informer_tell.c: `environments` are bits; none: nothing is told. */
void ec_informer_tell_deleted(const ec_kind_watch *kind, const ec_identity_of *of, uint16_t environments);
void ec_informer_tell_object(const ec_kind_watch *kind, cat_view object, const ec_event_flux *flux, const char *application,
                             uint16_t environments);

/* informer_flux.c: whether a present object differs from what Flux applied, before it is told, and what its event says of that;
 * told of each present object, and of each that is gone before it is forgotten. */
void ec_informer_flux_judge(ec_kind_watch *kind, cat_watch_kind what, cat_view object, ec_entry *entry, ec_drift *drift);
void ec_informer_flux_said(const ec_kind_watch *kind, cat_view object, const ec_entry *entry, const ec_drift *drift,
                           char digest[EC_FIELDS_DIGEST_MAX], ec_event_flux *flux);
void ec_informer_flux_object(ec_kind_watch *kind, cat_watch_kind what, cat_view object);
void ec_informer_flux_gone(ec_kind_watch *kind, cat_view object);
void ec_informer_flux_release(void *value);

#endif
