#include "domain/object_status.h"

#include "base/memory.h"
#include "base/test.h"

typedef struct {
    const char *object, *status, *reason, *message;
} row;

static void check_rows(const row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cat_test_row("%s", rows[i].object);
        /* Single quotes keep the table readable. */
        cat_autofree char *text = cat_strdup(rows[i].object);
        for (char *at = text; *at; at++)
            if (*at == '\'')
                *at = '"';
        cat_autoptr(cat_document) document = NULL;
        cat_error error = {0};
        if (cat_document_parse(text, strlen(text), &CAT_JSON_CAPS, &document, &error) < 0) {
            cat_test_fail(__FILE__, __LINE__, "%s", error.message);
            continue;
        }
        cat_object_status status;
        cat_object_status_of(cat_document_root(document), &status);
        EXPECT_TEXT(cat_status_name(status.status), rows[i].status);
        EXPECT_TEXT(status.reason, rows[i].reason);
        EXPECT_TEXT(status.message, rows[i].message);
        EXPECT((status.status == CAT_STATUS_RUNNING) == (status.next[0] == 0));
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof(*(rows)))

#define DEPLOYMENT "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web','generation':2},"
#define POD "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'web-1'},"

#define ALL_TWO "'observedGeneration':2,'replicas':2,'updatedReplicas':2,'readyReplicas':2,'availableReplicas':2"

TEST("Deployments are judged by their rollout")
{
    static const row rows[] = {
        {DEPLOYMENT "'spec':{'replicas':2},'status':{" ALL_TWO ",'conditions':[{'type':'Available','status':'True'}]}}",
         "Running", "", ""},
        {DEPLOYMENT "'spec':{'replicas':2},'status':{" ALL_TWO ",'conditions':[{'type':'Available','status':'False'}]}}",
         "Progressing", "NotAvailable", "Deployment web has its replicas, but is not available yet"},
        {DEPLOYMENT
         "'spec':{'replicas':2,'progressDeadlineSeconds':600},'status':{" ALL_TWO
         ",'conditions':[{'type':'Progressing','status':'True','reason':'ReplicaSetUpdated'},{'type':'Available','status'"
         ":'True'}]}}",
         "Progressing", "RolloutInProgress", "The rollout of Deployment web has not ended yet"},
        {DEPLOYMENT
         "'spec':{'replicas':2,'progressDeadlineSeconds':600},'status':{" ALL_TWO
         ",'conditions':[{'type':'Progressing','status':'True','reason':'NewReplicaSetAvailable'},{'type':'Available','"
         "status':'True'}]}}",
         "Running", "", ""},
        {DEPLOYMENT "'spec':{'replicas':2},'status':{'observedGeneration':2,'replicas':1,'updatedReplicas':1,'readyReplicas':1}}",
         "Progressing", "PodsNotMade", "Deployment web has 1 of 2 pods"},
        {DEPLOYMENT "'spec':{'replicas':2},'status':{'observedGeneration':1,'replicas':2,'updatedReplicas':2,'readyReplicas':2}}",
         "Progressing", "GenerationNotObserved", "The latest change of Deployment web has not been taken up yet"},
        {DEPLOYMENT "'spec':{'replicas':3},'status':{'observedGeneration':2,'replicas':3,'updatedReplicas':1,'readyReplicas':3}}",
         "Progressing", "RolloutInProgress", "Deployment web has brought 1 of 3 replicas to the new version"},
        {DEPLOYMENT "'spec':{'replicas':3},'status':{'observedGeneration':2,'replicas':3,'updatedReplicas':3,'readyReplicas':1}}",
         "Progressing", "ReplicasNotReady", "Deployment web has 1 of 3 replicas ready"},
        {DEPLOYMENT "'spec':{'replicas':1},'status':{'observedGeneration':2,'replicas':2,'updatedReplicas':1,'readyReplicas':1}}",
         "Progressing", "OldReplicasTerminating", "Deployment web still has 1 pod that has to end"},
        {DEPLOYMENT "'spec':{'replicas':2},'status':{'observedGeneration':2,'replicas':2,'updatedReplicas':2,'readyReplicas':0,'"
                    "conditions':[{'type':"
                    "'Progressing','status':'False','reason':'ProgressDeadlineExceeded'}]}}",
         "Degraded", "ProgressDeadlineExceeded", "Deployment web did not finish its rollout in time: 0 of 2 replicas are ready"},
        {DEPLOYMENT
         "'spec':{'replicas':2},'status':{'observedGeneration':2,'conditions':[{'type':'ReplicaFailure','status':'True','reason':"
         "'FailedCreate','message':'exceeded quota'}]}}",
         "Degraded", "FailedCreate", "Deployment web cannot make its pods: exceeded quota"},
        {DEPLOYMENT "'spec':{'replicas':0},'status':{'observedGeneration':2}}", "Suspended", "ScaledToZero",
         "Deployment web is scaled to no replicas"},
        {DEPLOYMENT "'spec':{'paused':true},'status':{'observedGeneration':2}}", "Suspended", "Paused",
         "The rollout of Deployment web is paused"},
        {"{'apiVersion':'apps/"
         "v1','kind':'Deployment','metadata':{'name':'web','deletionTimestamp':'2026-01-01T00:00:00Z'},'spec':{},'status':{}}",
         "Progressing", "Terminating", "Deployment web is being removed"}};
    CHECK_ROWS(rows);
}

TEST("other workloads are judged by their own fields")
{
    static const row rows[] = {
        {"{'apiVersion':'apps/"
         "v1','kind':'StatefulSet','metadata':{'name':'db'},'spec':{'replicas':1},'status':{'replicas':1,'readyReplicas':1,"
         "'currentRevision':'a','updateRevision':'b','updatedReplicas':0}}",
         "Progressing", "RolloutInProgress", "StatefulSet db has brought 0 of 1 replicas to the new version"},
        {"{'apiVersion':'apps/"
         "v1','kind':'StatefulSet','metadata':{'name':'db'},'spec':{'replicas':1},'status':{'replicas':1,'readyReplicas':1,"
         "'currentReplicas':1,'currentRevision':'a','updateRevision':'a'}}",
         "Running", "", ""},
        {"{'apiVersion':'apps/"
         "v1','kind':'DaemonSet','metadata':{'name':'log','generation':1},'status':{'observedGeneration':1,'"
         "desiredNumberScheduled':3,"
         "'currentNumberScheduled':3,'updatedNumberScheduled':3,'numberReady':2,'numberAvailable':2}}",
         "Progressing", "ReplicasNotReady", "DaemonSet log has 2 of 3 replicas ready"},
        {"{'apiVersion':'apps/v1','kind':'ReplicaSet','metadata':{'name':'old'},'spec':{'replicas':0},'status':{'replicas':0}}",
         "Running", "", ""},
        {"{'apiVersion':'batch/"
         "v1','kind':'Job','metadata':{'name':'j'},'status':{'conditions':[{'type':'Failed','status':'True','reason':"
         "'BackoffLimitExceeded','message':'too often'}]}}",
         "Degraded", "BackoffLimitExceeded",
         "Job j failed: its pods failed too often (1), and it is not tried again (backoffLimit)"},
        {"{'apiVersion':'batch/"
         "v1','kind':'Job','metadata':{'name':'j'},'status':{'conditions':[{'type':'Complete','status':'True'}]}}",
         "Running", "", ""},
        {"{'apiVersion':'batch/v1','kind':'Job','metadata':{'name':'j'},'status':{}}", "Progressing", "JobNotStarted",
         "Job j has not started yet"},
        {"{'apiVersion':'batch/"
         "v1','kind':'Job','metadata':{'name':'j'},'status':{'startTime':'2026-01-01T00:00:00Z','active':1}}",
         "Running", "", ""},
        {"{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'d'},'spec':{'resources':{'requests':{'storage':'"
         "1Gi'}}},'status':{"
         "'phase':'Pending'}}",
         "Progressing", "VolumePending", "PersistentVolumeClaim d waits for a volume of 1Gi, storage class default"},
        {"{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'d'},'status':{'phase':'Lost'}}", "Degraded",
         "VolumeLost", "The volume of PersistentVolumeClaim d is gone"},
        {"{'apiVersion':'v1','kind':'Service','metadata':{'name':'s'},'spec':{'type':'LoadBalancer'},'status':{}}", "Progressing",
         "AddressPending", "Service s waits for the address of its load balancer"},
        {"{'apiVersion':'v1','kind':'Service','metadata':{'name':'s'},'spec':{'type':'ClusterIP'}}", "Running", "", ""},
        {"{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'c'}}", "Running", "", ""}};
    CHECK_ROWS(rows);
}

#define DAEMON_SET "{'apiVersion':'apps/v1','kind':'DaemonSet','metadata':{'name':'log','generation':1},'spec':{},"
TEST("a DaemonSet at the start of a rollout, or not looked at yet, is on its way")
{
    static const row rows[] = {
        {DAEMON_SET "'status':{'currentNumberScheduled':0,'desiredNumberScheduled':0,'numberMisscheduled':0,'numberReady':0}}",
         "Progressing", "GenerationNotObserved", "DaemonSet log has not been taken up yet"},
        {DAEMON_SET "'status':{'observedGeneration':1,'desiredNumberScheduled':2,'currentNumberScheduled':2,'numberReady':2,'"
                    "numberAvailable':2}}",
         "Progressing", "RolloutInProgress", "DaemonSet log has brought 0 of 2 replicas to the new version"},
        {"{'apiVersion':'apps/v1','kind':'DaemonSet','metadata':{'name':'log','generation':1},'spec':{'updateStrategy':{'type':"
         "'OnDelete'}},'status':{'observedGeneration':1,'desiredNumberScheduled':2,'currentNumberScheduled':2,'numberReady':2,'"
         "numberAvailable':2}}",
         "Progressing", "WaitsForDeletion",
         "DaemonSet log has 0 of 2 pods of the new version, and makes the others when somebody deletes the old ones "
         "(updateStrategy OnDelete)"},
        {DAEMON_SET "'status':{'observedGeneration':1,'desiredNumberScheduled':2,'currentNumberScheduled':1,'numberReady':1,'"
                    "numberAvailable':1,'updatedNumberScheduled':1}}",
         "Progressing", "PodsNotMade", "DaemonSet log has 1 of 2 pods"},
        {DAEMON_SET "'status':{'observedGeneration':1,'desiredNumberScheduled':0,'currentNumberScheduled':0,'numberReady':0}}",
         "Running", "", ""}};
    CHECK_ROWS(rows);
}

TEST("what is scaled down is on its way while pods are left")
{
    static const row rows[] = {
        {"{'apiVersion':'apps/v1','kind':'StatefulSet','metadata':{'name':'db'},'spec':{'replicas':1},'status':{'replicas':3,"
         "'readyReplicas':3,'currentReplicas':3,'currentRevision':'a','updateRevision':'a'}}",
         "Progressing", "OldReplicasTerminating", "StatefulSet db still has 2 pods that have to end"},
        {"{'apiVersion':'apps/v1','kind':'StatefulSet','metadata':{'name':'db'},'spec':{'replicas':0},'status':{'replicas':1}}",
         "Progressing", "OldReplicasTerminating", "StatefulSet db still has 1 pod that has to end"},
        {"{'apiVersion':'apps/v1','kind':'ReplicaSet','metadata':{'name':'rs'},'spec':{'replicas':0},'status':{'replicas':2}}",
         "Progressing", "OldReplicasTerminating", "ReplicaSet rs still has 2 pods that have to end"}};
    CHECK_ROWS(rows);
}

#define DEFINITION                                                                                                               \
    "{'apiVersion':'apiextensions.k8s.io/"                                                                                       \
    "v1','kind':'CustomResourceDefinition','metadata':{'name':'a.b'},'status':{'conditions':["
TEST("a definition of a kind is served, being installed or refused")
{
    static const row rows[] = {
        {DEFINITION "{'type':'NamesAccepted','status':'True'},{'type':'Established','status':'True'}]}}", "Running", "", ""},
        {DEFINITION "{'type':'NamesAccepted','status':'True'},{'type':'Established','status':'False','reason':'Installing'}]}}",
         "Progressing", "Installing", "CustomResourceDefinition a.b is being installed"},
        {DEFINITION "]}}", "Progressing", "Installing", "CustomResourceDefinition a.b is being installed"},
        {DEFINITION
         "{'type':'Established','status':'False','reason':'NotAccepted','message':'not all names are accepted'},{'type'"
         ":'NamesAccepted','status':'False','reason':'ListKindConflict','message':'AList is taken'}]}}",
         "Degraded", "ListKindConflict", "CustomResourceDefinition a.b is not served: AList is taken"}};
    CHECK_ROWS(rows);
}

TEST("conditions of an older generation do not count")
{
    static const row rows[] = {
        {"{'apiVersion':'example.org/v1','kind':'Thing','metadata':{'name':'t','generation':3},'status':{'conditions':[{'type':"
         "'Ready','status':'True','observedGeneration':2}]}}",
         "Progressing", "GenerationNotObserved", "The latest change of Thing t has not been taken up yet"},
        {"{'apiVersion':'example.org/v1','kind':'Thing','metadata':{'name':'t','generation':3},'status':{'conditions':[{'type':"
         "'Stalled','status':'True','observedGeneration':2},{'type':'Ready','status':'True','observedGeneration':3}]}}",
         "Running", "", ""},
        {"{'apiVersion':'example.org/v1','kind':'Thing','metadata':{'name':'t','generation':3},'status':{'observedGeneration':2,'"
         "conditions':[{'type':'Stalled','status':'True','reason':'Old'}]}}",
         "Progressing", "GenerationNotObserved", "The latest change of Thing t has not been taken up yet"},
        {"{'apiVersion':'kustomize.toolkit.fluxcd.io/v1','kind':'Kustomization','metadata':{'name':'blog-dev','generation':2},'"
         "status':{'conditions':[{'type':'Ready','status':'True','observedGeneration':1}]}}",
         "Progressing", "Progressing", "Kustomization blog-dev has not been brought up to date yet"}};
    CHECK_ROWS(rows);
}

#define CLAIM(annotations)                                                                                                       \
    "{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'d','annotations':{" annotations                       \
    "}},'spec':{'storageClassName':'fast','resources':{'requests':{'storage':'1Gi'}}},'status':{'phase':'Pending'}}"
TEST("a claim that waits for its first consumer is no work under way")
{
    static const char WAITS[] = "PersistentVolumeClaim d gets its volume of storage class fast with the first Pod that uses it";
    static const char WORK[] = "PersistentVolumeClaim d waits for a volume of 1Gi, storage class fast";
    static const row rows[] = {{CLAIM("'a':'b'"), "Running", "WaitsForConsumer", WAITS},
                               {CLAIM("'volume.kubernetes.io/storage-provisioner':'p'"), "Progressing", "VolumePending", WORK},
                               {CLAIM("'volume.kubernetes.io/selected-node':'n1'"), "Progressing", "VolumePending", WORK}};
    CHECK_ROWS(rows);
}

TEST("a volume that is larger than Git says runs, and says what to write into Git")
{
    static const row rows[] = {
        {"{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'d','annotations':{'openova.io/larger-than-git':"
         "'abc'}},'spec':{'resources':{'requests':{'storage':'90Gi'}}},'status':{'phase':'Bound'}}",
         "Running", "LargerThanGit",
         "PersistentVolumeClaim d has 90Gi, more than Git says: as a volume cannot become smaller, Flux leaves it as it is and "
         "applies everything else; to have both agree, ask for 90Gi in the Application's configuration"},
        {"{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'d','annotations':{'a':'b'}},'status':{'phase':"
         "'Bound'}}",
         "Running", "", ""}};
    CHECK_ROWS(rows);
}

#define AUTOSCALER(condition)                                                                                                    \
    "{'apiVersion':'autoscaling/"                                                                                                \
    "v2','kind':'HorizontalPodAutoscaler','metadata':{'name':'web'},'spec':{'scaleTargetRef':{'kind':"                           \
    "'Deployment','name':'shop'}},'status':{'conditions':[" condition "]}}"

TEST("an autoscaler without what it scales is broken, one without metrics is not")
{
    static const row rows[] = {
        {AUTOSCALER("{'type':'AbleToScale','status':'False','reason':'FailedGetScale','message':'the scale of deployments.apps "
                    "shop was not found'}"),
         "Degraded", "TargetMissing", "HorizontalPodAutoscaler web finds no Deployment shop to scale"},
        {AUTOSCALER("{'type':'AbleToScale','status':'False','reason':'FailedGetScale','message':'the server was unable'}"),
         "Running", "", ""},
        {AUTOSCALER(
             "{'type':'AbleToScale','status':'True','reason':'SucceededGetScale'},{'type':'ScalingActive','status':'False',"
             "'reason':'FailedGetResourceMetric','message':'no metrics'}"),
         "Running", "", ""},
        {AUTOSCALER(""), "Running", "", ""}};
    CHECK_ROWS(rows);
}

TEST("a Pod's trouble is told with its cause")
{
    static const row rows[] = {
        {POD "'status':{'phase':'Running','conditions':[{'type':'Ready','status':'True'}],'containerStatuses':[{'name':'c','"
             "state':{'running':{}}}]}}",
         "Running", "", ""},
        {POD "'status':{'phase':'Succeeded'}}", "Running", "", ""},
        {POD "'status':{'phase':'Pending','containerStatuses':[{'name':'c','image':'registry.example.org/"
             "web:9','state':{'waiting':{'reason':"
             "'ImagePullBackOff'}}}]}}",
         "Degraded", "ImagePullBackOff", "Container c of Pod web-1 cannot fetch its image: registry.example.org/web:9"},
        {POD "'status':{'phase':'Running','containerStatuses':[{'name':'ok','state':{'running':{}}},{'name':'c','restartCount':4,"
             "'state':{'waiting':{"
             "'reason':'CrashLoopBackOff'}},'lastState':{'terminated':{'exitCode':137,'reason':'OOMKilled'}}}]}}",
         "Degraded", "CrashLoopBackOff", "Container c of Pod web-1 keeps ending: it ran out of memory, restarted 4 times"},
        {POD "'status':{'phase':'Running','containerStatuses':[{'name':'c','restartCount':4,'state':{'waiting':{'reason':'"
             "CrashLoopBackOff'}},"
             "'lastState':{'terminated':{'exitCode':1}}}]}}",
         "Degraded", "CrashLoopBackOff", "Container c of Pod web-1 keeps ending: last exit code 1, restarted 4 times"},
        {POD "'status':{'phase':'Pending','containerStatuses':[{'name':'a','state':{'waiting':{'reason':'ContainerCreating'}}},{'"
             "name':'b','state':{"
             "'waiting':{'reason':'CreateContainerConfigError','message':'secret x not found'}}}]}}",
         "Degraded", "CreateContainerConfigError",
         "Container b of Pod web-1 refers to settings that are missing: secret x not found"},
        {POD "'status':{'phase':'Pending','initContainerStatuses':[{'name':'i','state':{'terminated':{'exitCode':2,'reason':'"
             "Error'}}}],"
             "'containerStatuses':[{'name':'c','state':{'waiting':{'reason':'PodInitializing'}}}]}}",
         "Degraded", "Error", "Container i of Pod web-1 ended with exit code 2"},
        {POD "'status':{'phase':'Pending','conditions':[{'type':'PodScheduled','status':'False','reason':'Unschedulable','"
             "message':'0/3 nodes are "
             "available: 3 Too many pods.'}]}}",
         "Degraded", "Unschedulable", "No node can take Pod web-1: 3 of 3 nodes have all the pods that they may have"},
        {POD "'status':{'phase':'Pending'}}", "Progressing", "Pending", "Pod web-1 waits for a node"},
        {POD "'status':{'phase':'Running','conditions':[{'type':'Ready','status':'False'}]}}", "Progressing", "NotReady",
         "Pod web-1 runs, but its readiness check does not succeed yet"},
        {POD "'status':{'phase':'Failed','reason':'Evicted','message':'low on memory'}}", "Degraded", "Evicted",
         "Pod web-1 failed: low on memory"},
        {POD "'status':{'phase':'Failed','containerStatuses':[{'name':'c','state':{'waiting':{'reason':'ContainerCreating'}}},{'"
             "name':'d','state':{'terminated':{'exitCode':3,'reason':'Error'}}}]}}",
         "Degraded", "Error", "Container d of Pod web-1 ended with exit code 3"},
        {POD "'status':{'phase':'Failed','containerStatuses':[{'name':'c','state':{'waiting':{'reason':'PodInitializing'}}}]}}",
         "Degraded", "PodFailed", "Pod web-1 failed: no reason is given"},
        {POD "'spec':{'nodeName':'n1'},'status':{'phase':'Unknown'}}", "Unknown", "NodeLost",
         "Nothing is heard from the node of Pod web-1"}};
    CHECK_ROWS(rows);
}

#define KUSTOMIZATION "{'apiVersion':'kustomize.toolkit.fluxcd.io/v1','kind':'Kustomization','metadata':{'name':'blog-dev'},"

TEST("Flux objects, ExternalSecrets and anything with conditions speak for themselves")
{
    static const row rows[] = {
        {KUSTOMIZATION "'status':{'conditions':[{'type':'Ready','status':'True'}]}}", "Running", "", ""},
        {KUSTOMIZATION
         "'status':{'conditions':[{'type':'Ready','status':'False','reason':'BuildFailed','message':'kustomize build failed: may "
         "not add resource with an already registered id: Service.v1.[noGrp]/web.[noNs]\\n in /tmp/kustomization-1'}]}}",
         "Degraded", "BuildFailed",
         "Kustomization blog-dev: the manifests cannot be built: Service web is there twice: two files have it, or the Blueprint "
         "gives two of its kind this name; take one away, or call it otherwise"},
        {KUSTOMIZATION
         "'status':{'conditions':[{'type':'Ready','status':'False','reason':'ArtifactFailed','message':'Source artifact "
         "not found, retrying in 5s'}]}}",
         "Progressing", "ArtifactFailed", "Kustomization blog-dev: its source has not been read yet"},
        {KUSTOMIZATION "'status':{'conditions':[{'type':'Ready','status':'False','reason':'ArtifactFailed','message':'failed to "
                       "download archive from http://source.flux-system.svc/x'}]}}",
         "Degraded", "ArtifactFailed", "Kustomization blog-dev: the source's content cannot be had"},
        {KUSTOMIZATION
         "'status':{'conditions':[{'type':'Ready','status':'False','reason':'ReconciliationFailed','message':'"
         "Deployment/blog-dev/web dry-run failed (InternalError): Internal error occurred: failed calling webhook "
         "\\\"check.example\\\": failed to call webhook: Post \\\"https://127.0.0.1:9/validate\\\": dial tcp 127.0.0.1:9: "
         "connect: connection refused'}]}}",
         "Degraded", "ApplyNotAnswered",
         "Kustomization blog-dev: the manifests could not be applied: Deployment web: the webhook check.example, which the "
         "cluster "
         "asks about it, could not be asked; it is tried again"},
        {KUSTOMIZATION "'status':{'conditions':[{'type':'Ready','status':'False','reason':'HealthCheckFailed','message':'timeout:"
                       " Deployment/web'}]}}",
         "Degraded", "HealthCheckFailed", "Kustomization blog-dev: what was applied is not well: timeout: Deployment/web"},
        {KUSTOMIZATION "'status':{'conditions':[{'type':'Ready','status':'False','reason':'ReconciliationFailed','message':'"
                       "LimitRange/blog-dev/x dry-run failed (Forbidden): limitranges is forbidden: User "
                       "\\\"system:serviceaccount:flux-system:blog-dev\\\" cannot patch resource'}]}}",
         "Degraded", "NotAtHome",
         "Kustomization blog-dev: the cluster refuses LimitRange x: an Application may not bring a LimitRange, as limits are the "
         "Organization's. Take it out of the repository, and commit"},
        {KUSTOMIZATION "'status':{'conditions':[{'type':'Ready','status':'False','reason':'ReconciliationFailed','message':'"
                       "PersistentVolumeClaim/blog-dev/data dry-run failed (Invalid): PersistentVolumeClaim \\\"data\\\" is "
                       "invalid: spec.resources.requests.storage: Forbidden: field can not be less than status.capacity'}]}}",
         "Progressing", "VolumeLarger",
         "Kustomization blog-dev: volume data is larger than Git says and cannot become smaller, so it is being left as it is"},
        {KUSTOMIZATION "'status':{'conditions':[{'type':'Ready','status':'False','reason':'HealthCheckCanceled','message':'New "
                       "reconciliation triggered by GitRepository/flux-system/blog-dev'}]}}",
         "Progressing", "HealthCheckCanceled", "Kustomization blog-dev: a newer change came before what was applied was well"},
        {KUSTOMIZATION
         "'status':{'conditions':[{'type':'Ready','status':'False','reason':'DependencyNotReady','message':'dependency "
         "\\u0027flux-system/shop-db-dev\\u0027 is not ready'}]}}",
         "Progressing", "DependencyNotReady", "Kustomization blog-dev: it waits for Application shop-db, which it depends on"},
        {KUSTOMIZATION "'status':{'conditions':[{'type':'Ready','status':'Unknown','reason':'Progressing','message':'applying'},{"
                       "'type':'Reconciling',"
                       "'status':'True'}]}}",
         "Progressing", "Progressing", "Kustomization blog-dev: work is under way"},
        {KUSTOMIZATION "'status':{'conditions':[{'type':'Ready','status':'False','reason':'GitOperationFailed','message':'unable "
                       "to clone http://10.0.0.1/a.git: repository not found: Not found'}]}}",
         "Degraded", "GitOperationFailed",
         "Kustomization blog-dev: the repository is not there: it was renamed, moved or deleted"},
        {KUSTOMIZATION "'status':{'conditions':[{'type':'Ready','status':'False','reason':'GitOperationFailed','message':'open "
                       "/tmp/x: something new'}]}}",
         "Degraded", "GitOperationFailed", "Kustomization blog-dev: the repository cannot be read"},
        {KUSTOMIZATION "'status':{'conditions':[{'type':'Ready','status':'False','reason':'NewReason','message':'m'}]}}",
         "Degraded", "NewReason", "Kustomization blog-dev is not ready: m"},
        {"{'apiVersion':'kustomize.toolkit.fluxcd.io/"
         "v1','kind':'Kustomization','metadata':{'name':'blog-dev','annotations':{'openova."
         "io/not-built':'bomb.yaml, line 1: it is too "
         "large'}},'spec':{'suspend':true},'status':{'conditions':[{'type':'Ready','status':"
         "'True'},{'type':'Stalled','status':'True','reason':'BuildFailed'}]}}",
         "Degraded", "NotBuilt", "Kustomization blog-dev: the newest commit is not built: bomb.yaml, line 1: it is too large"},
        {"{'apiVersion':'kustomize.toolkit.fluxcd.io/"
         "v1','kind':'Kustomization','metadata':{'name':'blog-dev','annotations':{'openova."
         "io/not-built':''}},'status':{'conditions':[{'type':'Ready','status':'True'}]}}",
         "Running", "", ""},
        {KUSTOMIZATION "'spec':{'suspend':true},'status':{'conditions':[{'type':'Ready','status':'True'}]}}", "Suspended",
         "Suspended", "Kustomization blog-dev is suspended: changes in Git are not applied"},
        {KUSTOMIZATION "'status':{'conditions':[{'type':'Ready','status':'True'},{'type':'Stalled','status':'True','reason':"
                       "'InvalidPath','message':'no such folder'}]}}",
         "Degraded", "InvalidPath", "Kustomization blog-dev is not ready: no such folder"},
        {KUSTOMIZATION "'status':{'conditions':[{'type':'Stalled','status':'True','reason':'InvalidPath','message':'m'}]}}",
         "Degraded", "InvalidPath", "Kustomization blog-dev is not ready: m"},
        {KUSTOMIZATION "'status':{}}", "Progressing", "Progressing",
         "Kustomization blog-dev has not been brought up to date yet"},
        {"{'apiVersion':'external-secrets.io/"
         "v1','kind':'ExternalSecret','metadata':{'name':'db'},'status':{'conditions':[{'type':'Ready','status':"
         "'False','reason':'SecretSyncedError','message':'not found'}]}}",
         "Degraded", "SecretSyncedError", "ExternalSecret db cannot be filled from the secret store: not found"},
        {"{'apiVersion':'external-secrets.io/v1','kind':'ExternalSecret','metadata':{'name':'db'}}", "Progressing",
         "SecretPending", "ExternalSecret db has not been filled from the secret store yet"},
        {"{'apiVersion':'example.org/"
         "v1','kind':'Thing','metadata':{'name':'t','generation':3},'status':{'observedGeneration':2}}",
         "Progressing", "GenerationNotObserved", "The latest change of Thing t has not been taken up yet"},
        {"{'apiVersion':'example.org/"
         "v1','kind':'Thing','metadata':{'name':'t'},'status':{'conditions':[{'type':'Stalled','status':'True','reason':"
         "'Bad','message':'never'}]}}",
         "Degraded", "Bad", "Thing t is not ready: never"},
        {"{'apiVersion':'example.org/"
         "v1','kind':'Thing','metadata':{'name':'t'},'status':{'conditions':[{'type':'Ready','status':'False'}]}}",
         "Progressing", "NotReady", "Thing t is not ready yet"},
        {"{'apiVersion':'catalyst.openova.io/"
         "v1alpha1','kind':'Application','metadata':{'name':'t'},'status':{'conditions':[{'type':'Ready','status':'False'}]}}",
         "Degraded", "NotReady", "Application t is not ready"},
        {"{'apiVersion':'example.org/v1','kind':'Thing','metadata':{'name':'t'},'status':{'conditions':'wrong'}}", "Running", "",
         ""},
        {"[1]", "Unknown", "NoObject", "What arrived is no Kubernetes object"}};
    CHECK_ROWS(rows);
}

TEST("replicas and the time of the last change are told")
{
    const char *text =
        "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"w\"},\"spec\":{\"replicas\":3},\"status\":{"
        "\"readyReplicas\":1,\"conditions\":[{\"type\":\"Available\",\"status\":\"False\",\"lastTransitionTime\":\"2026-11-24T08:"
        "00:00Z\"}]}}";
    cat_autoptr(cat_document) document = NULL;
    REQUIRE(cat_document_parse(text, strlen(text), &CAT_JSON_CAPS, &document, NULL) == 0);
    cat_object_status status;
    cat_object_status_of(cat_document_root(document), &status);
    EXPECT_INT(status.wanted, 3);
    EXPECT_INT(status.ready, 1);
    EXPECT_TEXT(status.since, "2026-11-24T08:00:00Z");
}

TEST("a message is cut between characters")
{
    static const char *const names[] = {"j", "jj"};
    for (size_t i = 0; i < 2; i++) {
        cat_auto(cat_string) text = CAT_STRING(8000);
        cat_string_appendf(
            &text,
            "{\"apiVersion\":\"batch/v1\",\"kind\":\"Job\",\"metadata\":{\"name\":\"%s\"},\"status\":{\"conditions\":[{\"type\":"
            "\"Failed\",\"status\":\"True\",\"message\":\"",
            names[i]);
        for (int count = 0; count < 700; count++)
            cat_string_append(&text, "\xc3\xa4");
        cat_string_append(&text, "\",\"reason\":\"x");
        for (int count = 0; count < 70; count++)
            cat_string_append(&text, "\xc3\xa4");
        cat_string_append(&text, "\"}]}}");
        cat_autoptr(cat_document) document = NULL;
        REQUIRE(cat_document_parse(text.data, text.length, &CAT_JSON_CAPS, &document, NULL) == 0);
        cat_object_status status;
        cat_object_status_of(cat_document_root(document), &status);
        EXPECT(cat_text_is_utf8(status.message, strlen(status.message)) && strlen(status.message) > 500);
        EXPECT(cat_text_is_utf8(status.reason, strlen(status.reason)) && strlen(status.reason) > 60);
    }
}

TEST("the worse of two statuses is the one that people should hear of first")
{
    static const cat_status order[] = {CAT_STATUS_RUNNING, CAT_STATUS_SUSPENDED, CAT_STATUS_PROGRESSING,
                                       CAT_STATUS_UNKNOWN, CAT_STATUS_MISSING,   CAT_STATUS_DEGRADED};
    for (size_t i = 0; i < 6; i++) {
        for (size_t j = 0; j < 6; j++)
            EXPECT_INT(cat_status_worse(order[i], order[j]), order[i > j ? i : j]);
        cat_status parsed;
        EXPECT(cat_status_parse(cat_status_name(order[i]), &parsed) && parsed == order[i]);
    }
    cat_status parsed;
    EXPECT(!cat_status_parse("running", &parsed));
}

TEST("what the container runtime says of its own insides does not reach people")
{
    static const row rows[] = {
        {"{'apiVersion':'v1','kind':'Pod','metadata':{'name':'a'},'status':{'phase':'Pending','containerStatuses':[{'name':'c','"
         "state':{'waiting':{'reason':'CreateContainerError','message':'failed to dial unix /run/containerd/containerd.sock at "
         "10.3.2.1:5000'}}}]}}",
         "Degraded", "CreateContainerError", "Container c of Pod a could not be made"},
        {"{'apiVersion':'v1','kind':'Pod','metadata':{'name':'a'},'status':{'phase':'Pending','containerStatuses':[{'name':'c','"
         "state':{'waiting':{'reason':'CreateContainerConfigError','message':'secret db not found'}}}]}}",
         "Degraded", "CreateContainerConfigError",
         "Container c of Pod a refers to settings that are missing: secret db not found"},
        {"{'apiVersion':'v1','kind':'Pod','metadata':{'name':'a'},'status':{'phase':'Pending','containerStatuses':[{'name':'c','"
         "state':{'waiting':{'reason':'Odd','message':'Get http://127.0.0.1:23167/x'}}}]}}",
         "Progressing", "Odd", "Container c of Pod a waits: Odd"},
    };
    check_rows(rows, sizeof rows / sizeof *rows);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
