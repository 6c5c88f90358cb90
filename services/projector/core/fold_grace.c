#include "core/fold_grace.h"

#include <stddef.h>
#include <string.h>

/* What often passes by itself while things start. What is not here does not: a controller has given up, or only a change helps.
 * - images: the kubelet's second try comes after 10 s, the third 20 s later (its image back-off);
 * - what ends again and again: the kubelet waits 10, 20, 40 s between starts; after three an Application that waits for its
 *   database has mostly found it;
 * - settings: External Secrets fills a Secret within seconds, and the kubelet looks again each minute;
 * - nodes: the scheduler tries again at once when a node comes, which takes a cloud a minute or two;
 * - autoscalers: its Deployment may come with the next file of the same commit;
 * - pods that a node gave up: another is made at once;
 * - pods that are refused: a ServiceAccount or a quota of the same commit is applied a moment later. */
static const struct {
    const char *reason;
    int seconds;
} GRACES[] = {
    {"ImagePullBackOff", 30},
    {"CrashLoopBackOff", 90},
    {"Error", 90},
    {"OOMKilled", 90},
    {"CreateContainerConfigError", 60},
    {"CreateContainerError", 60},
    {"RunContainerError", 60},
    {"Unschedulable", 60},
    {"FailedCreate", 30},
    {"CreateNotAnswered", 30},
    {"RunCannotStart", 30},
    {"ReplicaFailure", 30},
    {"TargetMissing", 60},
    {"ProvisioningFailed", 60},
    {"SecretSyncedError", 60},
    {"Evicted", 10},
    {"Preempting", 10},
    {"NodeShutdown", 10},
    {"Shutdown", 10},
    {"Terminated", 10},
};
/* What was well and is touched by nobody may stumble so long without being called broken. */
#define STUMBLE_SECONDS 15
/* Flux reads a branch within seconds; with many thousand files it was seen to take longer than it says it would. */
#define READING_SECONDS 180
/* As long as Kubernetes gives a Deployment by default (progressDeadlineSeconds). */
#define PATIENCE_SECONDS 600

int64_t prj_fold_grace_ms(const char *reason, prj_fold_phase phase)
{
    for (size_t i = 0; reason && i < sizeof GRACES / sizeof *GRACES; i++)
        if (strcmp(GRACES[i].reason, reason) == 0) {
            int seconds = GRACES[i].seconds;
            return 1000 * (int64_t)(phase == FOLD_UNCHANGED && seconds > STUMBLE_SECONDS ? STUMBLE_SECONDS : seconds);
        }
    return 0;
}

int64_t prj_fold_patience_ms(const char *reason, bool reading)
{
    /* It goes on when a person does something. */
    if (reason && strcmp(reason, "WaitsForDeletion") == 0)
        return 0;
    return reason && strcmp(reason, "Terminating") == 0 ? 0 : 1000 * (int64_t)(reading ? READING_SECONDS : PATIENCE_SECONDS);
}
