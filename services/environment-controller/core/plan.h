/* Deciding: what has to be done so that an Organization, an Environment or an Application is as its object wants. Pure: no I/O,
 * no clock.
 *
 * A planner asks for what it has to know with ec_look and ec_look_list, and says what it wants with ec_want and its like. What it
 * asked for and is not known yet stays in `looks`: the observing side fetches that and plans again, until nothing is asked any
 * more. So what is observed is what is decided upon, and the same planner with nothing observed prints the whole wish.
 *
 *     ec_plan_organization(&facts, &observed, &plan);
 *     cat_autofree char *text = ec_plan_text(&plan);
 */
#ifndef EC_PLAN_H
#define EC_PLAN_H

#include "base/map.h"
#include "base/string.h"
#include "wire/json.h"
#include "wire/kubernetes.h"

#define EC_FINALIZER "catalyst.openova.io/environment-controller"
#define EC_FIELD_MANAGER "catalyst-environment-controller"
#define EC_MANAGEMENT "management" /* what the management cluster is called among clusters */
#define EC_FLUX_NAMESPACE "flux-system"
#define EC_ANNOTATION_ACCOUNT "openova.io/nats-account"   /* on Secrets nats-{org}: the account that the credentials are of */
#define EC_ANNOTATION_RIGHTS "openova.io/nats-rights"     /* on them too: the digest of what their user may */
#define EC_ANNOTATION_RENEW_AT "openova.io/nats-renew-at" /* and when they are made anew, RFC 3339 */
#define EC_ANNOTATION_REQUESTED "reconcile.fluxcd.io/requestedAt"
#define EC_NOTIFICATION_GROUP "notification.toolkit.fluxcd.io"
#define EC_NOTIFICATION_VERSION "v1beta3"
#define EC_MAX_ACTIONS 4096

/* What belongs together: a step that fails holds back the later steps of its own section that are of its part (ec_part) or of all
 * (and everything, when it is BASE). */
typedef enum {
    EC_BASE,
    EC_IDENTITY,
    EC_GIT,
    EC_ACCOUNT,
    EC_VCLUSTER,
    EC_SOURCE,
    EC_SPINE,
    EC_FLUX,
    EC_PROTECTION,
    EC_PULL,
    EC_SECRETS,
    EC_REMOVAL,
    EC_SECTION_COUNT
} ec_section;
const char *ec_section_name(ec_section section);

typedef enum {
    EC_APPLY,   /* `object` whole, by server-side apply */
    EC_PATCH,   /* `object` is a merge patch with apiVersion, kind and metadata.name */
    EC_DELETE,  /* `object` names it */
    EC_DO,      /* `step` outside Kubernetes, with `arguments` */
    EC_WAIT,    /* for what `text` says */
    EC_UNKNOWN, /* a peer does not answer: `text` says which; what it knew before may still hold */
    EC_REFUSE,  /* only a change of the object helps: `text` says why */
} ec_verb;

typedef enum {
    EC_STEP_NONE,
    EC_STEP_KEYS, /* Secret organization-{org} with seeds and hash key */
    EC_STEP_GIT_ORGANIZATION,
    EC_STEP_GIT_PERSON,
    EC_STEP_GIT_TEAM,
    EC_STEP_GIT_TOKEN,
    EC_STEP_GIT_REPOSITORY,
    EC_STEP_GIT_HOOK,
    EC_STEP_GIT_PROTECTION,
    EC_STEP_GIT_TAGS,
    EC_STEP_GIT_ARCHIVE,
    EC_STEP_GIT_ASSERTED, /* all before it was done: remembered for a while */
    EC_STEP_ACCOUNT_PUSH,
    EC_STEP_ACCOUNT_CREDENTIALS,
    EC_STEP_ACCOUNT_CHECK,
    EC_STEP_ACCOUNT_DEAD_LETTER,
    EC_STEP_ACCOUNT_REMOVE,
    EC_STEP_SPINE_ENVIRONMENT,
    EC_STEP_SPINE_REMOVE,
    EC_STEP_STORE_TOKEN,         /* for the store of secrets of an Application's namespace */
    EC_STEP_RECONCILE_REQUESTER, /* projector's kubeconfig of a vcluster */
    EC_STEP_INFORMER,
    EC_STEP_FINALIZER, /* arguments.present says whether it should be there; the object is the one reconciled */
    EC_STEP_COUNT
} ec_step;

typedef struct {
    ec_section section;
    ec_verb verb;
    ec_step step;
    char *cluster;  /* of APPLY, PATCH, DELETE */
    char *part;     /* what it is a part of beside others; NULL: of all (ec_part) */
    json_t *object; /* or the step's arguments */
    char *text;     /* WAIT, UNKNOWN, REFUSE: a sentence; else NULL */
} ec_action;

typedef struct {
    ec_action *items;
    size_t count, capacity;
    char *part;        /* of what is added next */
    cat_strings looks; /* keys asked for that `observed` does not know */
} ec_plan;
void ec_plan_finish(ec_plan *plan);
static inline void ec_plan_cleanup(ec_plan *plan)
{
    ec_plan_finish(plan);
}
/* One line an action; never a value of a Secret. Owned by the caller. */
char *ec_plan_text(const ec_plan *plan);
bool ec_plan_has(const ec_plan *plan, ec_section section, ec_verb verb);

/* What was seen, by key `{cluster} {Kind} {namespace or -} {name}` or `{cluster} {Kind} {namespace or -} ?{selector}`. Value JSON
 * null: not there. */
typedef struct {
    json_t *objects;     /* object: key → object, array or null */
    json_t *unreachable; /* object: cluster → why */
} ec_observed;
void ec_observed_init(ec_observed *observed);
void ec_observed_finish(ec_observed *observed);
static inline void ec_observed_cleanup(ec_observed *observed)
{
    ec_observed_finish(observed);
}
void ec_observed_set(ec_observed *observed, const char *key, json_t *value_taken);
/* Key of an object; owned by the caller. */
char *ec_key(const char *cluster, const char *kind, const char *namespace, const char *name);
char *ec_key_list(const char *cluster, const char *kind, const char *namespace, const char *selector);
typedef struct {
    const char *cluster, *kind, *namespace, *name, *selector; /* in `buffer`; `selector` or `name` is NULL */
    char buffer[1024];
} ec_key_parts;
bool ec_key_parse(const char *key, ec_key_parts *parts);

/* NULL: it is not there, or not known yet (then it is among the looks). Lends. */
const json_t *ec_look(ec_plan *plan, const ec_observed *observed, const char *cluster, const char *kind, const char *namespace,
                      const char *name);
/* An array; NULL when unknown (jansson takes that for an empty one). Lends. */
const json_t *ec_look_list(ec_plan *plan, const ec_observed *observed, const char *cluster, const char *kind,
                           const char *namespace, const char *selector);
/* Why a cluster does not answer; NULL when it does. */
const char *ec_unreachable(const ec_observed *observed, const char *cluster);

/* What is planned from here on belongs to this one of many (an Application's Environment, a vcluster): within it an action rests
 * on those before it, and what fails of it keeps no other from being done. NULL: to all of them again. */
void ec_part(ec_plan *plan, const char *cluster, const char *name);
/* Takes `object`: applied unless what is there already holds all of it. A cluster that does not answer is waited for. */
void ec_want(ec_plan *plan, const ec_observed *observed, ec_section section, const char *cluster, json_t *object);
void ec_delete(ec_plan *plan, ec_section section, const char *cluster, const char *kind, const char *namespace, const char *name);
void ec_patch(ec_plan *plan, ec_section section, const char *cluster, json_t *patch_taken);
void ec_do(ec_plan *plan, ec_section section, ec_step step, json_t *arguments_taken);
void ec_wait(ec_plan *plan, ec_section section, const char *format, ...) __attribute__((format(printf, 3, 4)));
void ec_unknown(ec_plan *plan, ec_section section, const char *format, ...) __attribute__((format(printf, 3, 4)));
void ec_refuse(ec_plan *plan, ec_section section, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Does `have` hold everything that `want` says? Objects by member; arrays by element; numbers by value. */
bool ec_covers(const json_t *have, const json_t *want);

#endif
