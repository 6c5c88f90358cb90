#include "domain/event_words.h"

#include <string.h>

#include "base/test.h"

/* Texts as kubelet, scheduler and controllers of Kubernetes 1.36 write them. */
TEST("what an Event says is told in words, without what its writer met on the way")
{
    static const struct {
        const char *reason, *message, *says, *next;
    } rows[] = {
        {"FailedScheduling",
         "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 "
         "Preemption is not helpful for scheduling.",
         "no node takes it: 1 of 1 nodes has not enough CPU free", "less CPU"},
        {"FailedCreate",
         "Error creating: Internal error occurred: failed calling webhook \"guard.acme.io\": failed to call webhook: Post "
         "\"https://guard.acme-dev.svc:443/check?timeout=10s\": dial tcp 10.96.4.2:443: connect: connection refused",
         "guard.acme.io", "webhook"},
        {"FailedCreate", "pods \"db-0\" is forbidden: error looking up service account x/y: serviceaccount \"y\" not found",
         "its ServiceAccount y does not exist", "ServiceAccount"},
        {"ProvisioningFailed", "storageclass.storage.k8s.io \"fast\" not found", "there is no storage class fast",
         "storageClassName"},
        {"FailedBinding", "no persistent volumes available for this claim and no storage class is set",
         "no volume is free for it, and it names no storage class", "storageClassName"},
        {"ProvisioningFailed",
         "failed to provision volume with StorageClass \"ceph\": rpc error: code = Internal desc = dial tcp 10.3.4.5:6789: no",
         "storage class ceph could not make it", "size"},
        {"FailedMount", "MountVolume.SetUp failed for volume \"cfg\" : configmap \"settings\" not found",
         "volume cfg cannot be mounted: there is no ConfigMap settings", "ConfigMap"},
        {"FailedMount", "Unable to attach or mount volumes: unmounted volumes=[cfg], timed out waiting for the condition",
         "one of its volumes cannot be mounted", "claim"},
        {"Unhealthy",
         "Readiness probe failed: Get \"http://10.42.0.7:8080/ready\": dial tcp 10.42.0.7:8080: connect: connection refused",
         "its readiness probe fails: nothing listens on the port", "probe"},
        {"Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 503",
         "its liveness probe fails: it answers HTTP 503", "probe"},
        {"Unhealthy", "Startup probe failed: Get \"http://10.42.0.7/\": context deadline exceeded",
         "its startup probe fails: there is no answer in time", "probe"},
        {"Failed",
         "Failed to pull image \"reg.acme.io/x:1\": rpc error: code = NotFound desc = failed to pull and unpack image: not found",
         "image reg.acme.io/x:1 cannot be fetched: it is not there", "tag"},
        {"Failed", "Error: ImagePullBackOff", "Error: ImagePullBackOff", ""},
        {"Pulling", "Pulling image \"nginx:1\"", "it fetches image nginx:1", ""},
        {"BackOff", "Back-off pulling image \"nginx:0\"", "it is waited before image nginx:0 is fetched again", ""},
        {"BackOff", "Back-off restarting failed container web in pod web-1_acme-dev(0b6f)",
         "it is waited before container web is started again", "log"},
        {"ScalingReplicaSet", "Scaled up replica set web-1 to 2", "Scaled up replica set web-1 to 2", ""},
        {"Odd", "it went wrong at https://10.0.0.1:6443/api", "Odd", ""},
        {"Odd", "first line\nsecond line", "first line", ""},
        {"Odd", "", "Odd", ""},
        {"", "", "no reason is given", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%zu: %s", i, rows[i].message);
        cat_event_words words;
        cat_event_words_of(rows[i].reason, rows[i].message, &words);
        if (!strstr(words.message, rows[i].says) || !strstr(words.next, rows[i].next))
            cat_test_fail(__FILE__, __LINE__, "says \"%s\", next \"%s\"", words.message, words.next);
        EXPECT(!cat_text_has_address(words.message));
        EXPECT(!cat_text_has_address(words.next));
    }
}

TEST("an address is found wherever it stands, and a version is none")
{
    static const char *const WITH[] = {
        "http://x",         "at 10.42.0.7",      "10.42.0.7:80 says", "lookup db on 10.96.0.10:53: no such host",
        "web.acme.svc.x:1", "dial tcp [::1]:80", "(172.16.0.1)"};
    static const char *const WITHOUT[] = {"", "1.2.3", "image web:1.2.3.4.5", "v10.0.0.1-rc", "1000.1.1.1", "0.5 of 2.5 CPU"};
    for (size_t i = 0; i < sizeof WITH / sizeof *WITH; i++) {
        cat_test_row("%s", WITH[i]);
        EXPECT(cat_text_has_address(WITH[i]));
    }
    for (size_t i = 0; i < sizeof WITHOUT / sizeof *WITHOUT; i++) {
        cat_test_row("%s", WITHOUT[i]);
        EXPECT(!cat_text_has_address(WITHOUT[i]));
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
