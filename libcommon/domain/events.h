/* Every event of the project: one row each, and nothing says a type or a subject in any other way. Pure; any thread.
 *
 * A new event is one row here and its schema `proto/events/{name}.json` with its message in proto/asyncapi.yaml (a test holds
 * them to each other in both directions); what makes rows of it is said in its row, and done in services/projector/core/fold.c.
 */
#ifndef CAT_DOMAIN_EVENTS_H
#define CAT_DOMAIN_EVENTS_H

#include "wire/subjects.h"

/* What becomes of an event in the fold. */
typedef enum {
    CAT_FOLDED_NOT,       /* other services hear it */
    CAT_FOLDED_AS_OBJECT, /* the row of an object, and what is derived from it */
    CAT_FOLDED_AS_REMOVAL,
    CAT_FOLDED_AS_REPAIR, /* either of these, as the self-check found it */
    CAT_FOLDED_AS_NOTICE,
    CAT_FOLDED_AS_PUSH,
    CAT_FOLDED_AS_PULL_REQUEST,
    CAT_FOLDED_AS_OPERATION,
    CAT_FOLDED_AS_ORGANIZATION,
    CAT_FOLDED_AS_ENVIRONMENT,
    CAT_FOLDED_AS_TIME, /* its time is all that it says */
    CAT_FOLDED_COUNT
} cat_folded;

/* EVENT(constant, name, folded, publisher, subjects …). `name` is what stands in the type, io.openova.catalyst.{name}.v1, and in
 * the file of the schema. The publisher is a service, or "*" for every one; in parentheses it is whose event it is, and nobody's
 * of today publishes it: a log may hold such events. Subjects have a parameter in braces for each token that differs. */
#define CAT_EVENTS(EVENT)                                                                                                        \
    EVENT(K8S_OBJECT, "k8s.object", AS_OBJECT, "environment-controller", "ws.{environment}.k8s.{kind}.{namespace}.{name}",       \
          "ws.{environment}.flux.{name}", "ws.{environment}.crossplane.{kind}.{namespace}.{name}")                               \
    EVENT(K8S_DELETED, "k8s.deleted", AS_REMOVAL, "environment-controller", "ws.{environment}.k8s.{kind}.{namespace}.{name}",    \
          "ws.{environment}.flux.{name}", "ws.{environment}.crossplane.{kind}.{namespace}.{name}")                               \
    EVENT(FLUX_NOTICE, "flux.notice", AS_NOTICE, "projector", "ws.{environment}.flux.{name}")                                    \
    EVENT(GIT_PUSH, "git.push", AS_PUSH, "projector", "ws.{environment}.git.{commit}")                                           \
    EVENT(GIT_PULL_REQUEST, "git.pull-request", AS_PULL_REQUEST, "projector", "ws.{environment}.git.{commit}")                   \
    EVENT(OPERATION_STEP, "operation.step", AS_OPERATION, "provisioning", "ws.{environment}.operation.{id}",                     \
          "catalyst.provisioning.{organization}.operation")                                                                      \
    EVENT(SYNC_REPAIR, "sync.repair", AS_REPAIR, "(projector)", "ws.{environment}.sync.{what}")                                  \
    EVENT(TIME_PASSED, "time.passed", AS_TIME, "projector", "ws.{environment}.sync.time")                                        \
    EVENT(ORGANIZATION_READY, "organization.ready", AS_ORGANIZATION, "environment-controller",                                   \
          "catalyst.environment-controller.{organization}.organization")                                                         \
    EVENT(ENVIRONMENT_READY, "environment.ready", AS_ENVIRONMENT, "environment-controller",                                      \
          "catalyst.environment-controller.{organization}.environment")                                                          \
    EVENT(APPLICATION_CHANGED, "application.changed", NOT, "environment-controller",                                             \
          "catalyst.environment-controller.{organization}.application")                                                          \
    EVENT(BLUEPRINT_REGISTERED, "blueprint.registered", NOT, "blueprint-controller",                                             \
          "catalyst.blueprint-controller.{organization}.blueprint")                                                              \
    EVENT(BLUEPRINT_REJECTED, "blueprint.rejected", NOT, "blueprint-controller",                                                 \
          "catalyst.blueprint-controller.{organization}.blueprint")                                                              \
    EVENT(CATALOG_PUSH, "catalog.push", NOT, "projector", "catalyst.projector.{organization}.push")                              \
    EVENT(RELIST_WANTED, "relist.wanted", NOT, "projector", "catalyst.projector.{organization}.relist-wanted")                   \
    EVENT(USAGE_RECORDED, "usage.recorded", NOT, "billing", "catalyst.billing.{organization}.usage")                             \
    EVENT(AUDIT_RECORDED, "audit.recorded", NOT, "*", "catalyst.audit.{organization}.{service}")

#define CAT_EVENT_CONSTANT(constant, ...) CAT_EVENT_##constant,
typedef enum {
    CAT_EVENT_NONE, /* of a newer publisher, or of nobody */
    CAT_EVENTS(CAT_EVENT_CONSTANT) CAT_EVENT_COUNT
} cat_event_kind;
#undef CAT_EVENT_CONSTANT

#define CAT_EVENT_SUBJECTS_MAX 4
typedef struct {
    const char *name, *type;
    cat_folded folded;
    const char *publisher;
    const char *subjects[CAT_EVENT_SUBJECTS_MAX]; /* until NULL */
} cat_event;

/* NULL for CAT_EVENT_NONE. */
const cat_event *cat_event_get(cat_event_kind kind);
/* `type` NULL is CAT_EVENT_NONE. */
cat_event_kind cat_event_kind_of(const char *type);
const char *cat_event_type(cat_event_kind kind); /* NULL for CAT_EVENT_NONE */
bool cat_event_is(const char *type, cat_event_kind kind);

/* The subject of an event that is no object's: `whose` is the Environment or the Organization (NULL: none, `_`), `last` what the
 * subject ends with where that differs from event to event, else NULL. An operation has a last part in its Environment, and none
 * in the control plane. Errors as of wire/subjects.h, which makes those of objects. */
int cat_event_subject(cat_event_kind kind, const char *whose, const char *last, char subject[CAT_SUBJECT_MAX], cat_error *error);
/* What a consumer asks for who wants the event of everybody: its first subject with `*` for each parameter. */
void cat_event_filter(cat_event_kind kind, char filter[CAT_SUBJECT_MAX]);
/* …and who wants it of these alone: they stand for the first parameters (until NULL), `>` for the others. */
void cat_event_filter_of(cat_event_kind kind, const char *const *parameters, char filter[CAT_SUBJECT_MAX]);

#endif
