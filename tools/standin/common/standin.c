#include "standin.h"

#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

static void signals_of(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
}

static int usage(const char *name, FILE *to)
{
    fprintf(to,
            "usage: %s --kubeconfig FILE --host-cluster NAME [--cluster-script FILE] [--log-level debug|info|warning|error]\n",
            name);
    return to == stderr ? 3 : 1;
}

int standin_setup(int argc, char **argv, const char *name, standin *out)
{
    static const struct option flags[] = {{"kubeconfig", required_argument, NULL, 'k'},
                                          {"host-cluster", required_argument, NULL, 'c'},
                                          {"cluster-script", required_argument, NULL, 's'},
                                          {"log-level", required_argument, NULL, 'l'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    const char *kubeconfig = NULL;
    cat_log_level level = CAT_LOG_INFO;
    *out = (standin){.cluster_script = CATALYST_SOURCE_DIR "/tools/cluster.sh"};
    for (int flag; (flag = getopt_long(argc, argv, "", flags, NULL)) != -1;) {
        switch (flag) {
        case 'k':
            kubeconfig = optarg;
            break;
        case 'c':
            out->host_cluster = optarg;
            break;
        case 's':
            out->cluster_script = optarg;
            break;
        case 'h':
            return usage(name, stdout);
        case 'l':
            if (cat_log_level_parse(optarg, &level))
                break;
            return usage(name, stderr);
        default:
            return usage(name, stderr);
        }
    }
    if (!kubeconfig || !out->host_cluster || optind < argc)
        return usage(name, stderr);
    sigset_t set;
    signals_of(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    cat_log_setup(name, level);
    cat_error error = {0};
    if (cat_kube_create_from_file(kubeconfig, &out->host, &error) < 0) {
        cat_log_error("not started", CAT_FIELD_ERROR(&error));
        return 2;
    }
    return 0;
}

void standin_wait(void)
{
    sigset_t set;
    int received;
    signals_of(&set);
    sigwait(&set, &received);
    cat_log_info("stopping");
}

void standin_finish(standin *self)
{
    cat_kube_destroy(self->host);
}

bool standin_split(const char *key, char *namespace, size_t size, const char **name)
{
    const char *slash = strchr(key, '/');
    if (!slash || slash == key || !slash[1] || (size_t)(slash - key) >= size)
        return false;
    memcpy(namespace, key, (size_t)(slash - key));
    namespace[slash - key] = '\0';
    *name = slash + 1;
    return true;
}

int standin_set_ready(cat_kube *kube, const cat_resource *resource, const json_t *object, const char *status, const char *reason,
                      const char *message, const json_t *extra, cat_error *error)
{
    int64_t generation = cat_json_int_or(object, "metadata.generation", 0);
    const json_t *before = cat_json_get(object, "status");
    cat_autojson json_t *after = before ? json_deep_copy(before) : json_object();
    json_t *conditions = cat_json_get(after, "conditions");
    if (!json_is_array(conditions)) {
        conditions = json_array();
        json_object_set_new(after, "conditions", conditions);
    }
    cat_condition_set(conditions, "Ready", status, reason, message, generation, cat_clock_system()->wall_ms(cat_clock_system()));
    json_object_set_new(after, "observedGeneration", json_integer(generation));
    if (extra)
        json_object_update(after, (json_t *)extra);
    if (before && json_equal(before, after))
        return 0;
    cat_autojson json_t *patch = cat_json_object("status", json_incref(after), NULL);
    return cat_kube_patch(
        kube, &(cat_kube_change){resource, cat_object_namespace(object), cat_object_name(object), patch, "status"}, NULL, error);
}
