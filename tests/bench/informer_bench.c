/* What an informer does for each object that a watch tells of: parse, judge, write the event's data once and its envelope for
 * each Environment. One thread, nothing is sent. Instructions: perf stat -e instructions:u, with two counts to take the start
 * off. usage: informer_bench [objects [Environments]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "core/informer_event.h"
#include "wire/cloudevent.h"

static const cat_resource DEPLOYMENT = {"apps", "v1", "Deployment", "deployments", true};
static const unsigned char KEY[EC_HASH_KEY_BYTES] = {1, 2, 3};

/* As an API server tells of one that Flux applied: 4.8 KiB. */
static char *deployment(void)
{
    cat_auto(cat_string) text = CAT_STRING(64 * 1024);
    cat_string_append(
        &text, "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"blog\",\"namespace\":\"blog-dev\","
               "\"uid\":\"0f0e0d0c-0b0a-4908-8706-050403020100\",\"resourceVersion\":\"123456\",\"generation\":3,"
               "\"creationTimestamp\":\"2026-11-30T12:00:00Z\",\"labels\":{\"app.kubernetes.io/name\":\"blog\","
               "\"kustomize.toolkit.fluxcd.io/name\":\"blog-dev\",\"kustomize.toolkit.fluxcd.io/namespace\":\"flux-system\"},"
               "\"annotations\":{\"deployment.kubernetes.io/revision\":\"3\"},\"managedFields\":[{\"manager\":"
               "\"kustomize-controller\",\"operation\":\"Apply\",\"apiVersion\":\"apps/v1\",\"time\":\"2026-11-30T12:00:00Z\","
               "\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:spec\":{\"f:replicas\":{},\"f:template\":{\"f:spec\":{");
    for (int i = 0; i < 40; i++)
        cat_string_appendf(&text, "%s\"f:field%d\":{}", i ? "," : "", i);
    cat_string_append(
        &text, "}}}}}]},\"spec\":{\"replicas\":2,\"selector\":{\"matchLabels\":{\"app\":\"blog\"}},\"template\":{\"metadata\":"
               "{\"labels\":{\"app\":\"blog\"}},\"spec\":{\"containers\":[{\"name\":\"blog\",\"image\":"
               "\"ghcr.io/acme/blog:1.4.2\",\"ports\":[{\"containerPort\":8080,\"name\":\"http\",\"protocol\":\"TCP\"}],"
               "\"resources\":{\"requests\":{\"cpu\":\"100m\",\"memory\":\"128Mi\"}},\"env\":[");
    for (int i = 0; i < 30; i++)
        cat_string_appendf(&text, "%s{\"name\":\"SETTING_%d\",\"value\":\"a value of number %d\"}", i ? "," : "", i, i);
    cat_string_append(&text,
                      "]}]}}},\"status\":{\"replicas\":2,\"readyReplicas\":2,\"updatedReplicas\":2,\"observedGeneration\":3,"
                      "\"conditions\":[{\"type\":\"Available\",\"status\":\"True\",\"reason\":\"MinimumReplicasAvailable\","
                      "\"message\":\"Deployment has minimum availability.\",\"lastTransitionTime\":\"2026-11-30T12:00:00Z\"}]}}");
    return cat_string_take(&text);
}

#ifdef BEFORE /* the way before the event was written straight: for comparison with sources of then */
static size_t tell(const ec_event_source *source, cat_view object, cat_cloudevent *event, unsigned environments)
{
    size_t bytes = 0;
    cat_autojson json_t *data = ec_event_object(source, object);
    event->data = data;
    for (unsigned i = 0; i < environments; i++) {
        cat_autofree char *text = cat_cloudevent_format(event);
        bytes += strlen(text);
    }
    return bytes;
}
#else
static size_t tell(const ec_event_source *source, cat_view object, cat_cloudevent *event, unsigned environments)
{
    static const ec_drift NONE = {0};
    size_t bytes = 0;
    cat_auto(cat_string) data = CAT_STRING(EC_EVENT_DATA_MAX_BYTES);
    ec_event_write_object(&data, source, object, &(ec_event_flux){.drift = &NONE});
    event->data_text = (cat_slice){data.data, data.length};
    for (unsigned i = 0; i < environments; i++) {
        cat_autofree char *text = cat_cloudevent_format(event);
        bytes += strlen(text);
    }
    return bytes;
}
#endif

int main(int argc, char **argv)
{
    long objects = argc > 1 ? strtol(argv[1], NULL, 10) : 100000;
    unsigned environments = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
    cat_autofree char *text = deployment();
    const size_t length = strlen(text);
    const ec_event_source source = {.cluster = "nbg-acme", .epoch = 3, .resource = &DEPLOYMENT, .hash_key = KEY};
    cat_cloudevent event = {.id = "nbg-acme/3/0f0e0d0c-0b0a-4908-8706-050403020100/123456",
                            .source = "nbg-acme",
                            .type = "io.openova.catalyst.k8s.object.v1",
                            .subject = "Deployment/blog-dev/blog",
                            .time_ms = 1,
                            .organization = "acme",
                            .environment = "acme-dev",
                            .application = "blog"};
    size_t bytes = 0;
    clock_t began = clock();
    for (long i = 0; i < objects; i++) {
        cat_document *document __attribute__((cleanup(cat_document_destroy_cleanup))) = NULL;
        if (cat_document_parse(text, length, &CAT_JSON_CAPS, &document, NULL) < 0)
            return 1;
        bytes += tell(&source, cat_document_root(document), &event, environments);
    }
    double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
    printf("%ld objects of %zu bytes to %u Environments: %.2f µs an object, %zu bytes of events\n", objects, length, environments,
           objects ? seconds / (double)objects * 1e6 : 0, bytes);
    return 0;
}
