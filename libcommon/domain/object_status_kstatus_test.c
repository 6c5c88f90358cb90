/* A thousand objects as clusters have them, of every kind, against kstatus' published rules
 * (sigs.k8s.io/cli-utils, pkg/kstatus/status: generic.go, core.go), written here a second time, from numbers and not from JSON.
 */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/string.h"
#include "base/test.h"
#include "domain/object_status.h"

#define OBJECTS 1000

typedef enum { CURRENT, IN_PROGRESS, FAILED, TERMINATING } verdict;

typedef enum {
    DEPLOYMENT,
    STATEFUL_SET,
    DAEMON_SET,
    REPLICA_SET,
    POD,
    JOB,
    CRON_JOB,
    CLAIM,
    SERVICE,
    DEFINITION,
    BUDGET,
    CONFIG_MAP,
    CUSTOM,
    KINDS
} kind;

static const char *const APIS[KINDS][2] = {{"apps/v1", "Deployment"},
                                           {"apps/v1", "StatefulSet"},
                                           {"apps/v1", "DaemonSet"},
                                           {"apps/v1", "ReplicaSet"},
                                           {"v1", "Pod"},
                                           {"batch/v1", "Job"},
                                           {"batch/v1", "CronJob"},
                                           {"v1", "PersistentVolumeClaim"},
                                           {"v1", "Service"},
                                           {"apiextensions.k8s.io/v1", "CustomResourceDefinition"},
                                           {"policy/v1", "PodDisruptionBudget"},
                                           {"v1", "ConfigMap"},
                                           {"example.org/v1", "Certificate"}};

/* Everything that decides, as numbers. -1: the field is not there. */
typedef struct {
    kind kind;
    bool deleting;
    int generation, observed;
    int wanted, made, updated, ready, available, current, labelled;
    int partition, deadline;
    bool on_delete, same_revision;
    const char *available_is, *progressing_reason; /* NULL: the condition is not there */
    const char *ready_is, *phase;
    bool crash_loop, unschedulable;
    bool complete, failed, started;
    const char *names_are, *established_is, *established_reason;
    int ready_generation; /* of the condition Ready of a custom kind; -1: not said */
    const char *reconciling, *stalled;
    bool provisioned;
} facts;

static unsigned chance(unsigned limit)
{
    return (unsigned)cat_random_below(limit);
}

static const char *one_of(const char *const *texts, unsigned count)
{
    return texts[chance(count)];
}

/* Mostly the number itself, else something near it. */
static int near(int number)
{
    int other = number + (int)chance(3) - 1;
    return chance(4) ? number : other < 0 ? 0 : other;
}

static facts make_facts(void)
{
    static const char *const VALUES[] = {"True", "True", "False", "Unknown", NULL};
    static const char *const PHASES[] = {"Pending", "Running", "Running", "Succeeded", "Failed"};
    static const char *const REASONS[] = {"NewReplicaSetAvailable", "NewReplicaSetAvailable", "ReplicaSetUpdated",
                                          "ProgressDeadlineExceeded"};
    static const char *const INSTALLS[] = {"Installing", "NotAccepted"};
    facts made = {.kind = (kind)chance(KINDS), .generation = 1 + (int)chance(4), .wanted = (int)chance(4)};
    made.deleting = chance(20) == 0;
    made.observed = chance(10) ? made.generation : chance(2) ? -1 : made.generation - 1;
    made.made = near(made.wanted);
    made.updated = near(made.wanted);
    made.ready = near(made.wanted);
    made.available = near(made.ready);
    made.current = near(made.wanted);
    made.labelled = near(made.wanted);
    made.partition = chance(2) ? (int)chance(2) : -1;
    made.deadline = chance(4) ? 600 : -1;
    made.on_delete = chance(8) == 0;
    made.same_revision = chance(3) > 0;
    made.available_is = one_of(VALUES, 5);
    made.progressing_reason = chance(6) ? REASONS[chance(4)] : NULL;
    made.ready_is = one_of(VALUES, 5);
    made.phase = one_of(PHASES, 5);
    made.crash_loop = chance(3) == 0;
    made.unschedulable = chance(3) == 0;
    made.complete = chance(3) == 0;
    made.failed = !made.complete && chance(3) == 0;
    made.started = made.complete || made.failed || chance(2);
    made.names_are = one_of(VALUES, 3);
    made.established_is = one_of(VALUES, 3);
    made.established_reason = INSTALLS[chance(2)];
    made.ready_generation = chance(2) ? made.generation - (int)chance(2) : -1;
    made.reconciling = chance(6) ? NULL : VALUES[chance(3)];
    made.stalled = chance(6) ? NULL : VALUES[chance(3)];
    made.provisioned = chance(2);
    return made;
}

/* Printing */

static void put(cat_string *out, const char *name, int number)
{
    if (number >= 0)
        cat_string_appendf(out, "%s\"%s\":%d", out->data[out->length - 1] == '{' ? "" : ",", name, number);
}

static void put_condition(cat_string *out, const char *type, const char *value, const char *reason, int generation)
{
    if (!value)
        return;
    cat_string_appendf(out,
                       "%s{\"type\":\"%s\",\"status\":\"%s\",\"reason\":\"%s\",\"lastTransitionTime\":\"2026-03-01T10:00:00Z\"",
                       out->data[out->length - 1] == '[' ? "" : ",", type, value, reason);
    put(out, "observedGeneration", generation);
    cat_string_append(out, "}");
}

static void put_spec(cat_string *out, const facts *of)
{
    cat_string_append(out, "\"spec\":{");
    if (of->kind == DEPLOYMENT || of->kind == STATEFUL_SET || of->kind == REPLICA_SET)
        put(out, "replicas", of->wanted);
    if (of->kind == DEPLOYMENT)
        put(out, "progressDeadlineSeconds", of->deadline);
    if (of->kind == STATEFUL_SET && of->on_delete)
        cat_string_append(out, ",\"updateStrategy\":{\"type\":\"OnDelete\"}");
    else if (of->kind == STATEFUL_SET && of->partition >= 0)
        cat_string_appendf(out, ",\"updateStrategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"partition\":%d}}",
                           of->partition);
    if (of->kind == CLAIM)
        cat_string_append(out, "\"storageClassName\":\"fast\",\"resources\":{\"requests\":{\"storage\":\"1Gi\"}}");
    if (of->kind == SERVICE)
        cat_string_append(out, "\"type\":\"ClusterIP\",\"clusterIP\":\"10.0.0.1\"");
    cat_string_append(out, "},");
}

static void put_conditions(cat_string *out, const facts *of)
{
    cat_string_appendf(out, "%s\"conditions\":[", out->data[out->length - 1] == '{' ? "" : ",");
    if (of->kind == DEPLOYMENT) {
        put_condition(out, "Available", of->available_is, "MinimumReplicasAvailable", -1);
        if (of->progressing_reason)
            put_condition(out, "Progressing", strcmp(of->progressing_reason, "ProgressDeadlineExceeded") == 0 ? "False" : "True",
                          of->progressing_reason, -1);
    }
    if (of->kind == POD) {
        put_condition(out, "Ready", of->ready_is, "ContainersNotReady", -1);
        if (of->unschedulable)
            put_condition(out, "PodScheduled", "False", "Unschedulable", -1);
    }
    if (of->kind == JOB && of->complete)
        put_condition(out, "Complete", "True", "CompletionsReached", -1);
    if (of->kind == JOB && of->failed)
        put_condition(out, "Failed", "True", "BackoffLimitExceeded", -1);
    if (of->kind == DEFINITION) {
        put_condition(out, "NamesAccepted", of->names_are, "NoConflicts", -1);
        put_condition(out, "Established", of->established_is, of->established_reason, -1);
    }
    if (of->kind == CUSTOM) {
        put_condition(out, "Ready", of->ready_is, "Issuing", of->ready_generation);
        put_condition(out, "Reconciling", of->reconciling, "Working", -1);
        put_condition(out, "Stalled", of->stalled, "Never", -1);
    }
    cat_string_append(out, "]");
}

static void put_numbers(cat_string *out, const facts *of)
{
    bool counts = of->kind == DEPLOYMENT || of->kind == STATEFUL_SET || of->kind == REPLICA_SET;
    put(out, "observedGeneration", of->observed);
    if (counts) {
        put(out, "replicas", of->made);
        put(out, "readyReplicas", of->ready);
        put(out, "availableReplicas", of->available);
    }
    if (of->kind == DEPLOYMENT || of->kind == STATEFUL_SET)
        put(out, "updatedReplicas", of->updated);
    if (of->kind == REPLICA_SET)
        put(out, "fullyLabeledReplicas", of->labelled);
    if (of->kind == STATEFUL_SET) {
        put(out, "currentReplicas", of->current);
        cat_string_appendf(out, ",\"currentRevision\":\"a\",\"updateRevision\":\"%s\"", of->same_revision ? "a" : "b");
    }
    if (of->kind == DAEMON_SET) {
        put(out, "desiredNumberScheduled", of->wanted);
        put(out, "currentNumberScheduled", of->current);
        put(out, "updatedNumberScheduled", of->updated);
        put(out, "numberAvailable", of->available);
        put(out, "numberReady", of->ready);
    }
}

static char *print(const facts *of)
{
    cat_auto(cat_string) out = CAT_STRING(16384);
    cat_string_appendf(&out, "{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{\"name\":\"x\",\"generation\":%d",
                       APIS[of->kind][0], APIS[of->kind][1], of->generation);
    if (of->deleting)
        cat_string_append(&out, ",\"deletionTimestamp\":\"2026-03-01T10:00:00Z\"");
    if (of->kind == CLAIM && of->provisioned)
        cat_string_append(&out, ",\"annotations\":{\"volume.kubernetes.io/storage-provisioner\":\"csi\"}");
    cat_string_append(&out, "},");
    put_spec(&out, of);
    cat_string_append(&out, "\"status\":{");
    put_numbers(&out, of);
    if (of->kind == POD || of->kind == CLAIM)
        cat_string_appendf(&out, "%s\"phase\":\"%s\"", out.data[out.length - 1] == '{' ? "" : ",",
                           of->kind == POD                ? of->phase
                           : strcmp(of->phase, "Running") ? "Pending"
                                                          : "Bound");
    if (of->kind == POD && of->crash_loop)
        cat_string_append(&out, ",\"containerStatuses\":[{\"name\":\"c\",\"restartCount\":3,\"state\":{\"waiting\":{\"reason\":"
                                "\"CrashLoopBackOff\"}}}]");
    if (of->kind == JOB && of->started)
        cat_string_appendf(&out, "%s\"startTime\":\"2026-03-01T10:00:00Z\"", out.data[out.length - 1] == '{' ? "" : ",");
    put_conditions(&out, of);
    cat_string_append(&out, "}}");
    return cat_string_take(&out);
}

/* The reference */

static bool is(const char *text, const char *wanted)
{
    return text && strcmp(text, wanted) == 0;
}

static verdict of_deployment(const facts *of)
{
    if (is(of->progressing_reason, "ProgressDeadlineExceeded"))
        return FAILED;
    bool progressed = of->deadline < 0 || is(of->progressing_reason, "NewReplicaSetAvailable");
    bool whole = of->made == of->wanted && of->updated >= of->wanted && of->available >= of->updated && of->ready >= of->wanted;
    return whole && progressed && is(of->available_is, "True") ? CURRENT : IN_PROGRESS;
}

static verdict of_stateful_set(const facts *of)
{
    if (of->made != of->wanted || of->ready < of->wanted)
        return IN_PROGRESS;
    if (of->on_delete)
        return CURRENT; /* once its pods are ready, which kstatus does not ask (object_status.h) */
    if (of->partition >= 0)
        return of->updated >= of->wanted - of->partition ? CURRENT : IN_PROGRESS;
    return of->current >= of->wanted && of->same_revision ? CURRENT : IN_PROGRESS;
}

static verdict of_daemon_set(const facts *of)
{
    bool all = of->current >= of->wanted && of->updated >= of->wanted && of->available >= of->wanted && of->ready >= of->wanted;
    return of->observed >= 0 && all ? CURRENT : IN_PROGRESS;
}

static verdict of_replica_set(const facts *of)
{
    return of->made <= of->wanted && of->labelled >= of->wanted && of->available >= of->wanted && of->ready >= of->wanted &&
                   of->made == of->wanted
               ? CURRENT
               : IN_PROGRESS;
}

static verdict of_pod(const facts *of)
{
    if (is(of->phase, "Succeeded"))
        return CURRENT;
    if (is(of->phase, "Failed"))
        return FAILED; /* kstatus calls it Current, as it has ended */
    if (is(of->phase, "Running") && is(of->ready_is, "True"))
        return CURRENT;
    return of->crash_loop || (is(of->phase, "Pending") && of->unschedulable) ? FAILED : IN_PROGRESS;
}

static verdict of_job(const facts *of)
{
    return of->failed ? FAILED : of->complete || of->started ? CURRENT : IN_PROGRESS;
}

static verdict of_definition(const facts *of)
{
    if (is(of->names_are, "False") || (is(of->established_is, "False") && !is(of->established_reason, "Installing")))
        return FAILED;
    return is(of->established_is, "True") ? CURRENT : IN_PROGRESS;
}

static verdict of_custom(const facts *of)
{
    /* Reconciling stands before Stalled in the list; both say no generation and count. */
    if (is(of->reconciling, "True"))
        return IN_PROGRESS;
    if (is(of->stalled, "True"))
        return FAILED;
    bool counts = of->ready_is && (of->ready_generation < 0 || of->ready_generation == of->generation);
    bool old_alone = of->ready_is && !counts && !of->reconciling && !of->stalled;
    return old_alone || (counts && !is(of->ready_is, "True")) ? IN_PROGRESS : CURRENT;
}

static verdict reference(const facts *of)
{
    if (of->deleting)
        return TERMINATING;
    if (of->observed >= 0 && of->observed != of->generation)
        return IN_PROGRESS;
    switch (of->kind) {
    case DEPLOYMENT:
        return of_deployment(of);
    case STATEFUL_SET:
        return of_stateful_set(of);
    case DAEMON_SET:
        return of_daemon_set(of);
    case REPLICA_SET:
        return of_replica_set(of);
    case POD:
        return of_pod(of);
    case JOB:
        return of_job(of);
    case CLAIM: /* a claim that nobody works for waits for its first consumer */
        return is(of->phase, "Running") || !of->provisioned ? CURRENT : IN_PROGRESS;
    case DEFINITION:
        return of_definition(of);
    case CUSTOM:
        return of_custom(of);
    default:
        return CURRENT;
    }
}

/* Suspended is what is Current on purpose with nothing; kstatus asks conditions of a Deployment even then. */
static bool agrees(const facts *of, verdict wanted, cat_status found)
{
    bool nothing = of->wanted == 0 && of->made == 0 && (of->kind == DEPLOYMENT || of->kind == STATEFUL_SET);
    if (found == CAT_STATUS_SUSPENDED)
        return nothing && wanted != FAILED;
    static const cat_status MEANS[] = {CAT_STATUS_RUNNING, CAT_STATUS_PROGRESSING, CAT_STATUS_DEGRADED, CAT_STATUS_PROGRESSING};
    return found == MEANS[wanted];
}

TEST("a thousand real-looking objects of all kinds are judged as kstatus' rules have it")
{
    static const char *const NAMES[] = {"Current", "InProgress", "Failed", "Terminating"};
    size_t seen[4] = {0};
    for (int i = 0; i < OBJECTS; i++) {
        facts of = make_facts();
        cat_autofree char *text = print(&of);
        cat_test_row("%s", text);
        cat_autoptr(cat_document) document = NULL;
        cat_error error = {0};
        if (cat_document_parse(text, strlen(text), &CAT_JSON_CAPS, &document, &error) < 0) {
            cat_test_fail(__FILE__, __LINE__, "%s", error.message);
            continue;
        }
        cat_object_status status;
        cat_object_status_of(cat_document_root(document), &status);
        verdict wanted = reference(&of);
        seen[wanted]++;
        if (!agrees(&of, wanted, status.status))
            cat_test_fail(__FILE__, __LINE__, "%s, and kstatus says %s", cat_status_name(status.status), NAMES[wanted]);
    }
    for (size_t i = 0; i < 4; i++)
        EXPECT(seen[i] > OBJECTS / 50); /* each verdict is met often enough to mean something */
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
