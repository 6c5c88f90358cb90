/* What objects ask for. */
#include "core/plan_parts.h"
#include "core/plan_testing.h"

TEST("a footprint adds up what all copies ask for, and leaves out what ends by itself")
{
    cat_autojson json_t *objects =
        json("[{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'spec': {'replicas': 3, 'template': {'spec': {'containers': ["
             "   {'resources': {'requests': {'cpu': '250m', 'memory': '64Mi'}}}, {'resources': {'requests': {'cpu': '1'}}}]}}}},"
             " {'apiVersion': 'apps/v1', 'kind': 'StatefulSet', 'spec': {'template': {'spec': {'containers': []}},"
             "   'volumeClaimTemplates': [{'spec': {'resources': {'requests': {'storage': '1Gi'}}}}]}},"
             " {'apiVersion': 'v1', 'kind': 'PersistentVolumeClaim', 'spec': {'resources': {'requests': {'storage': '2Gi'}}}},"
             " {'apiVersion': 'batch/v1', 'kind': 'Job',"
             "  'spec': {'template': {'spec': {'containers': [{'resources': {'requests': {'cpu': '8'}}}]}}}}]");
    cat_autojson json_t *sum = prv_plan_footprint(objects);
    EXPECT_INT(cat_json_int_or(sum, "pods", 0), 4);
    EXPECT_INT(cat_json_int_or(sum, "cpuMilli", 0), 3750);
    EXPECT_INT(cat_json_int_or(sum, "memoryBytes", 0), 3 * 64 * 1024 * 1024);
    EXPECT_INT(cat_json_int_or(sum, "storageBytes", 0), 3LL * 1024 * 1024 * 1024);
}

TEST("each kind counts as often as it runs, and its pods as Kubernetes counts them")
{
#define POD                                                                                                                      \
    "{'initContainers': [{'restartPolicy': 'Always', 'resources': {'limits': {'cpu': 0.5}}}],"                                   \
    " 'containers': [{'resources': {'requests': {'cpu': 1, 'memory': 1e3}}}]"
    static const struct {
        const char *object;
        int64_t pods, cpu_milli, memory_bytes, storage_bytes;
    } rows[] = {
        {"{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'spec': {'template': {'spec': " POD "}}}}", 1, 1500, 1000, 0},
        {"{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'spec': {'replicas': 0, 'template': {'spec': " POD "}}}}", 0, 0, 0, 0},
        {"{'apiVersion': 'apps/v1', 'kind': 'ReplicaSet', 'spec': {'replicas': 2, 'template': {'spec': " POD "}}}}", 2, 3000,
         2000, 0},
        {"{'apiVersion': 'apps/v1', 'kind': 'DaemonSet', 'spec': {'replicas': 9, 'template': {'spec': " POD "}}}}", 1, 1500, 1000,
         0},
        {"{'apiVersion': 'apps/v1', 'kind': 'StatefulSet', 'spec': {'replicas': 3, 'template': {'spec': " POD "}},"
         "'volumeClaimTemplates': [{'spec': {'resources': {'requests': {'storage': 1024}}}}]}}",
         3, 4500, 3000, 3072},
        {"{'apiVersion': 'batch/v1', 'kind': 'CronJob', 'spec': {'jobTemplate': {'spec': {'template': {'spec': " POD "}}}}}}", 0,
         0, 0, 0},
        {"{'apiVersion': 'v1', 'kind': 'Pod', 'spec': " POD "}}", 1, 1500, 1000, 0},
        {"{'apiVersion': 'v1', 'kind': 'Pod', 'spec': " POD ", 'restartPolicy': 'Never'}}", 0, 0, 0, 0},
        {"{'apiVersion': 'example.org/v1', 'kind': 'Deployment', 'spec': {'template': {'spec': " POD "}}}}", 0, 0, 0, 0},
        {"{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'spec': {'replicas': 9000000000000000000, 'template': {'spec': " POD
         "}}}}",
         INT64_C(9000000000000000000), INT64_MAX, INT64_MAX, 0},
        {"7", 0, 0, 0, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s", rows[i].object);
        cat_autofree char *text = cat_printf("[%s]", rows[i].object);
        cat_autojson json_t *objects = json(text), *sum = prv_plan_footprint(objects);
        EXPECT_INT(cat_json_int_or(sum, "pods", -1), rows[i].pods);
        EXPECT_INT(cat_json_int_or(sum, "cpuMilli", -1), rows[i].cpu_milli);
        EXPECT_INT(cat_json_int_or(sum, "memoryBytes", -1), rows[i].memory_bytes);
        EXPECT_INT(cat_json_int_or(sum, "storageBytes", -1), rows[i].storage_bytes);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
