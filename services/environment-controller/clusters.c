#include "clusters.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/map.h"
#include "base/memory.h"
#include "core/plan.h"
#include "core/resources.h"
#include "wire/digest.h"

struct ec_cluster {
    atomic_int references;
    cat_kube *kube;
    bool owned;
    char digest[CAT_SHA256_HEX];
};

struct ec_clusters {
    pthread_mutex_t lock;
    cat_map *made;
    ec_cluster *management;
    cat_kube *kube;
};

static ec_cluster *make(cat_kube *kube, bool owned, const char *digest)
{
    ec_cluster *cluster = cat_calloc(1, sizeof *cluster);
    atomic_init(&cluster->references, 1);
    cluster->kube = kube;
    cluster->owned = owned;
    snprintf(cluster->digest, sizeof cluster->digest, "%s", digest);
    return cluster;
}

static ec_cluster *ref(ec_cluster *cluster)
{
    atomic_fetch_add(&cluster->references, 1);
    return cluster;
}

void ec_cluster_unref(ec_cluster *cluster)
{
    if (!cluster || atomic_fetch_sub(&cluster->references, 1) != 1)
        return;
    if (cluster->owned)
        cat_kube_destroy(cluster->kube);
    free(cluster);
}

static void release(void *value)
{
    ec_cluster_unref(value);
}

ec_clusters *ec_clusters_create(cat_kube *management)
{
    ec_clusters *clusters = cat_calloc(1, sizeof *clusters);
    pthread_mutex_init(&clusters->lock, NULL);
    clusters->made = cat_map_create(release);
    clusters->management = make(management, false, EC_MANAGEMENT);
    clusters->kube = management;
    return clusters;
}

void ec_clusters_destroy(ec_clusters *clusters)
{
    if (!clusters)
        return;
    cat_map_destroy(clusters->made);
    ec_cluster_unref(clusters->management);
    pthread_mutex_destroy(&clusters->lock);
    free(clusters);
}

cat_kube *ec_cluster_kube(ec_cluster *cluster)
{
    return cluster->kube;
}

const char *ec_cluster_digest(const ec_cluster *cluster)
{
    return cluster->digest;
}

/* Namespace, name and key of the Secret that holds a host cluster's kubeconfig; false: the host cluster is the management cluster
 * itself. */
static int find_host(ec_clusters *clusters, const char *name, char **namespace, char **secret, char **key, cat_error *error)
{
    cat_autojson json_t *sovereigns = NULL;
    int code = cat_kube_list_json(clusters->kube, ec_resource("Sovereign"), NULL, NULL, &sovereigns, error);
    if (code < 0)
        return code;
    size_t index, at;
    json_t *sovereign, *host;
    json_array_foreach(sovereigns, index, sovereign)
    {
        json_array_foreach(cat_json_get(sovereign, "spec.hostClusters"), at, host)
        {
            if (!cat_text_equal(cat_json_text(host, "name"), name))
                continue;
            *namespace = cat_strdup(cat_json_text(host, "kubeconfigSecret.namespace"));
            *secret = cat_strdup(cat_json_text(host, "kubeconfigSecret.name"));
            *key = cat_strdup(cat_json_text_or(host, "kubeconfigSecret.key", "config"));
            return 0;
        }
    }
    return cat_error_set_class(error, CAT_E_NOT_FOUND, CAT_CLASS_WAITING, "the Sovereign has no host cluster %s", name);
}

static int read_kubeconfig(ec_clusters *clusters, const char *namespace, const char *secret, const char *key, char **text,
                           size_t *length, cat_error *error)
{
    cat_autojson json_t *object = NULL;
    cat_error failed = {0};
    int code = cat_kube_get(clusters->kube, ec_resource("Secret"), namespace, secret, &object, &failed);
    if (code == CAT_E_NOT_FOUND)
        return cat_error_set_class(error, code, CAT_CLASS_WAITING, "Secret %s/%s with a kubeconfig is not there yet", namespace,
                                   secret);
    if (code < 0)
        return cat_error_copy(error, &failed);
    const char *encoded = json_string_value(json_object_get(json_object_get(object, "data"), key));
    *text = encoded ? (char *)cat_base64_decode(encoded, strlen(encoded), length) : NULL;
    if (!*text)
        return cat_error_set_class(error, CAT_E_INVALID, CAT_CLASS_WAITING, "Secret %s/%s has no key %s with a kubeconfig",
                                   namespace, secret, key);
    return 0;
}

static int keep(ec_clusters *clusters, const char *name, const char *text, size_t length, ec_cluster **cluster, cat_error *error)
{
    char digest[CAT_SHA256_HEX];
    cat_sha256_hex(text, length, digest);
    pthread_mutex_lock(&clusters->lock);
    ec_cluster *found = cat_map_get(clusters->made, name);
    int code = 0;
    if (!found || strcmp(found->digest, digest) != 0) {
        cat_kube *kube = NULL;
        code = cat_kube_create(text, length, &kube, error);
        found = code < 0 ? NULL : make(kube, true, digest);
        if (found)
            cat_map_set(clusters->made, name, found);
    }
    if (found)
        *cluster = ref(found);
    pthread_mutex_unlock(&clusters->lock);
    return code;
}

int ec_clusters_acquire(ec_clusters *clusters, const char *organization, const char *name, ec_cluster **cluster, cat_error *error)
{
    if (strcmp(name, EC_MANAGEMENT) == 0) {
        *cluster = ref(clusters->management);
        return 0;
    }
    cat_autofree char *namespace = NULL, *secret = NULL, *key = NULL, *text = NULL;
    cat_autofree char *ending = organization ? cat_printf("-%s", organization) : NULL;
    if (ending && cat_text_ends_with(name, ending)) {
        namespace = cat_strdup(organization);
        secret = cat_printf("vc-%s", name);
        key = cat_strdup("config");
    } else {
        int code = find_host(clusters, name, &namespace, &secret, &key, error);
        if (code < 0)
            return code;
        if (!secret) {
            *cluster = ref(clusters->management);
            return 0;
        }
    }
    size_t length = 0;
    int code = read_kubeconfig(clusters, namespace, secret, key, &text, &length, error);
    if (code < 0)
        return code;
    code = keep(clusters, name, text, length, cluster, error);
    cat_wipe(text, length);
    return code;
}
