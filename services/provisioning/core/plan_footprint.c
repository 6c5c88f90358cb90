#include "core/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "wire/kubernetes.h"
#include "wire/kubernetes_requests.h"

/* Above what a plan's objects may be together (render.c), so that reading them back cannot fail. */
static const cat_json_caps CAPS = {.max_bytes = 64 << 20, .max_depth = 256};

typedef struct {
    int64_t pods, cpu_milli, memory_bytes, storage_bytes;
} footprint;

static void add_times(int64_t *sum, int64_t amount, int64_t times)
{
    int64_t product;
    if (__builtin_mul_overflow(amount, times, &product) || __builtin_add_overflow(*sum, product, sum))
        *sum = INT64_MAX;
}

static void add_claim(cat_view claim, int64_t times, footprint *sum)
{
    add_times(&sum->storage_bytes, cat_quantity_bytes_of(cat_view_get(claim, "spec.resources.requests.storage")), times);
}

static void add_pods(cat_view spec, int64_t times, footprint *sum)
{
    cat_pod_requests asked = cat_pod_requests_of(spec);
    add_times(&sum->pods, 1, times);
    add_times(&sum->cpu_milli, asked.cpu_milli, times);
    add_times(&sum->memory_bytes, asked.memory_bytes, times);
}

/* How many copies of its template an object keeps running. What ends by itself, such as a Job, asks for nothing in the long run;
 * a DaemonSet runs at least once, as the number of nodes is the cluster's. */
static int64_t copies_of(const char *group, const char *kind, cat_view object)
{
    bool apps = strcmp(group, "apps") == 0;
    if (apps && strcmp(kind, "DaemonSet") == 0)
        return 1;
    if ((apps && (strcmp(kind, "Deployment") == 0 || strcmp(kind, "StatefulSet") == 0 || strcmp(kind, "ReplicaSet") == 0)) ||
        (!*group && strcmp(kind, "ReplicationController") == 0)) {
        int64_t replicas = cat_view_int_or(object, "spec.replicas", 1);
        return replicas > 0 ? replicas : 0;
    }
    return 0;
}

static void add_object(cat_view object, footprint *sum)
{
    char group[128], version[64];
    const char *kind = cat_view_text_or(object, "kind", "");
    cat_api_version_split(cat_view_text_or(object, "apiVersion", ""), group, sizeof(group), version, sizeof(version));
    if (!*group && strcmp(kind, "PersistentVolumeClaim") == 0) {
        add_claim(object, 1, sum);
        return;
    }
    if (!*group && strcmp(kind, "Pod") == 0) {
        if (strcmp(cat_view_text_or(object, "spec.restartPolicy", "Always"), "Always") == 0)
            add_pods(cat_view_get(object, "spec"), 1, sum);
        return;
    }
    int64_t copies = copies_of(group, kind, object);
    if (!copies)
        return;
    add_pods(cat_view_get(object, "spec.template.spec"), copies, sum);
    cat_view claim;
    cat_view_iterator it = cat_view_each(cat_view_get(object, "spec.volumeClaimTemplates"));
    while (cat_view_next(&it, NULL, &claim))
        add_claim(claim, copies, sum);
}

json_t *prv_plan_footprint(const json_t *objects)
{
    footprint sum = {0};
    cat_autofree char *text = cat_json_format(objects);
    cat_autoptr(cat_document) document = NULL;
    if (cat_document_parse(text, strlen(text), &CAPS, &document, NULL) == 0) {
        cat_view object;
        cat_view_iterator it = cat_view_each(cat_document_root(document));
        while (cat_view_next(&it, NULL, &object))
            add_object(object, &sum);
    }
    return cat_json_object("pods", json_integer(sum.pods), "cpuMilli", json_integer(sum.cpu_milli), "memoryBytes",
                           json_integer(sum.memory_bytes), "storageBytes", json_integer(sum.storage_bytes), NULL);
}
