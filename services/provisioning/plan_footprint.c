#include "plan.h"

#include <string.h>

#include "wire/kubernetes.h"

typedef struct {
    int64_t pods, cpu_milli, memory_bytes, storage_bytes;
} footprint;

static void add_containers(const json_t *containers, int64_t times, footprint *sum)
{
    size_t index;
    json_t *container;
    json_array_foreach((json_t *)containers, index, container)
    {
        int64_t cpu = 0, memory = 0;
        if (cat_quantity_milli(cat_json_text_or(container, "resources.requests.cpu", "0"), &cpu))
            sum->cpu_milli += cpu * times;
        if (cat_quantity_bytes(cat_json_text_or(container, "resources.requests.memory", "0"), &memory))
            sum->memory_bytes += memory * times;
    }
}

static void add_claim(const json_t *spec, int64_t times, footprint *sum)
{
    int64_t bytes = 0;
    if (cat_quantity_bytes(cat_json_text_or(spec, "resources.requests.storage", "0"), &bytes))
        sum->storage_bytes += bytes * times;
}

static void add_object(const json_t *object, footprint *sum)
{
    const char *kind = cat_json_text_or(object, "kind", "");
    if (strcmp(kind, "PersistentVolumeClaim") == 0) {
        add_claim(cat_json_get(object, "spec"), 1, sum);
        return;
    }
    /* What ends by itself, such as a Job, asks for nothing in the long run. */
    if (strcmp(kind, "Deployment") != 0 && strcmp(kind, "StatefulSet") != 0 && strcmp(kind, "DaemonSet") != 0)
        return;
    int64_t times = cat_json_int_or(object, "spec.replicas", 1);
    sum->pods += times;
    add_containers(cat_json_get(object, "spec.template.spec.containers"), times, sum);
    size_t index;
    json_t *claim;
    json_array_foreach(cat_json_get(object, "spec.volumeClaimTemplates"), index, claim)
        add_claim(cat_json_get(claim, "spec"), times, sum);
}

json_t *prv_plan_footprint(const json_t *objects)
{
    footprint sum = {0};
    size_t index;
    json_t *object;
    json_array_foreach((json_t *)objects, index, object) add_object(object, &sum);
    return cat_json_object("pods", json_integer(sum.pods), "cpuMilli", json_integer(sum.cpu_milli), "memoryBytes",
                           json_integer(sum.memory_bytes), "storageBytes", json_integer(sum.storage_bytes), NULL);
}
