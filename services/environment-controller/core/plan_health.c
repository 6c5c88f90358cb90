#include "core/plan_health.h"

#include "wire/json.h"

/* Expressions of CEL, as Flux's Kustomization takes them for a kind; they replace what kstatus says of it. Objects of these kinds
 * always have a `status`, were it an empty one: the API server writes it. */
#define CONDITION(rule) "has(status.conditions) && status.conditions.exists(condition, " rule ")"
#define PODS(field) "(has(status." field ") ? status." field " : 0)"

/* One whose class waits for its first consumer (domain/object_status_things.c has the signs) may wait for ever, for a CronJob
 * that runs at night. */
static const char CLAIM_LOST[] = "has(status.phase) && status.phase == 'Lost'";
static const char CLAIM_WELL[] =
    "(has(status.phase) && status.phase == 'Bound') || (has(spec.storageClassName) && spec.storageClassName != '' "
    "&& !has(spec.volumeName) && !(has(metadata.annotations) && metadata.annotations.exists(name, name in "
    "['volume.kubernetes.io/storage-provisioner', 'volume.beta.kubernetes.io/storage-provisioner', "
    "'volume.kubernetes.io/selected-node'])))";

/* One that was made suspended is resumed when somebody needs it. */
static const char JOB_FAILED[] = CONDITION("condition.type == 'Failed' && condition.status == 'True'");
static const char JOB_WELL[] =
    "(has(spec.suspend) && spec.suspend) || (" CONDITION("condition.type == 'Complete' && condition.status == 'True'") ")";

/* A rollout may be paused on purpose; what else is needed is as kstatus has it (cli-utils pkg/kstatus/status/core.go). */
#define PAUSED "(has(spec.paused) && spec.paused)"
#define UPDATED PODS("updatedReplicas")
#define MADE PODS("replicas")
#define AVAILABLE PODS("availableReplicas")
#define READY PODS("readyReplicas")
#define IS_AVAILABLE CONDITION("condition.type == 'Available' && condition.status == 'True'")
#define IS_LATE                                                                                                                  \
    CONDITION("condition.type == 'Progressing' && has(condition.reason) && condition.reason == 'ProgressDeadlineExceeded'")
static const char DEPLOYMENT_FAILED[] = "!" PAUSED " && " IS_LATE;
#define ALL_UPDATED UPDATED " >= spec.replicas && " MADE " <= " UPDATED
#define ALL_WELL AVAILABLE " >= " UPDATED " && " READY " >= spec.replicas"
static const char DEPLOYMENT_WELL[] = PAUSED " || (" IS_AVAILABLE " && " ALL_UPDATED " && " ALL_WELL ")";

static const struct {
    const char *api, *kind, *failed, *current;
} CHECKS[] = {{"v1", "PersistentVolumeClaim", CLAIM_LOST, CLAIM_WELL},
              {"batch/v1", "Job", JOB_FAILED, JOB_WELL},
              {"apps/v1", "Deployment", DEPLOYMENT_FAILED, DEPLOYMENT_WELL}};

json_t *ec_health_checks(void)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof CHECKS / sizeof *CHECKS; i++)
        json_array_append_new(list, cat_json_object("apiVersion", json_string(CHECKS[i].api), "kind", json_string(CHECKS[i].kind),
                                                    "failed", json_string(CHECKS[i].failed), "current",
                                                    json_string(CHECKS[i].current), NULL));
    return list;
}
