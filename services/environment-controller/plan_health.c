#include "plan_health.h"

#include "wire/json.h"

/* Expressions of CEL, as Flux's Kustomization takes them for a kind; they replace what kstatus says of it. Objects of these kinds
 * always have a `status`, were it an empty one: the API server writes it. */
#define PODS(field) "(has(status." field ") ? status." field " : 0)"
#define CONDITION(rule) "has(status.conditions) && status.conditions.exists(condition, " rule ")"

static const struct {
    const char *api, *kind, *failed, *current;
} CHECKS
    [] =
        {
            /* One whose class waits for its first consumer (domain/object_status_things.c has the signs) may wait for ever, for a
             * CronJob that runs at night. */
            {"v1", "PersistentVolumeClaim", "has(status.phase) && status.phase == 'Lost'",
             "(has(status.phase) && status.phase == 'Bound') || (has(spec.storageClassName) && spec.storageClassName != '' "
             "&& !has(spec.volumeName) && !(has(metadata.annotations) && metadata.annotations.exists(name, name in "
             "['volume.kubernetes.io/storage-provisioner', 'volume.beta.kubernetes.io/storage-provisioner', "
             "'volume.kubernetes.io/selected-node'])))"},
            /* One that was made suspended is resumed when somebody needs it. */
            {"batch/v1", "Job", CONDITION("condition.type == 'Failed' && condition.status == 'True'"),
             "(has(spec.suspend) && spec.suspend) || (" CONDITION(
                 "condition.type == 'Complete' && condition.status == 'True'") ")"},
            /* A rollout may be paused on purpose; what else is needed is as kstatus has it (cli-utils
               pkg/kstatus/status/core.go). */
            {
                "apps/v1", "Deployment",
                "!(has(spec.paused) && spec.paused) && " CONDITION(
                    "condition.type == 'Progressing' && has(condition.reason) && condition.reason == 'ProgressDeadlineExceeded'"),
                "(has(spec.paused) && spec.paused) || (" CONDITION("condition.type == 'Available' && condition.status == 'True'") " && " PODS(
                    "updatedReplicas") " >= spec.replicas"
                                       " && " PODS("replicas") " <= " PODS("updatedReplicas") " && " PODS(
                                           "availableReplicas") " >= " PODS("updatedReplicas") " && " PODS("readyReplicas") " >= "
                                                                                                                            "spec"
                                                                                                                            ".rep"
                                                                                                                            "lica"
                                                                                                                            "s)"},
};

json_t *ec_health_checks(void)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof CHECKS / sizeof *CHECKS; i++)
        json_array_append_new(list, cat_json_object("apiVersion", json_string(CHECKS[i].api), "kind", json_string(CHECKS[i].kind),
                                                    "failed", json_string(CHECKS[i].failed), "current",
                                                    json_string(CHECKS[i].current), NULL));
    return list;
}
