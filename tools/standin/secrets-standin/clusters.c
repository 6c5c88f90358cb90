#include "clusters.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/log.h"
#include "base/map.h"
#include "domain/kinds.h"

struct vcluster {
    vclusters *owner;
    char *key, *kubeconfig; /* `kubeconfig` as in the Secret: base64 */
    cat_kube *kube;
    cat_kube_watch *external;
};

struct vclusters {
    cat_kube *host;
    cat_reconciler *reconciler;
    cat_kube_watcher *watcher;
    pthread_mutex_t lock; /* one update at a time, and none after the stop */
    bool stopped;
    cat_map *all;
};

static void on_external(void *context, cat_watch_kind kind, cat_view object)
{
    vcluster *cluster = context;
    if (kind == CAT_WATCH_DELETED) /* its Secret goes with its owner */
        return;
    cat_autofree char *key = cat_printf(SECRET_KEY "%s %s/%s", cluster->key, cat_view_text_or(object, "metadata.namespace", ""),
                                        cat_view_text_or(object, "metadata.name", ""));
    cat_reconciler_add(cluster->owner->reconciler, key);
}

static void on_error(void *context, const cat_error *error)
{
    vcluster *cluster = context;
    cat_log_warning("watching", CAT_FIELD("vcluster", cluster->key), CAT_FIELD_ERROR(error));
}

static void cluster_free(void *value)
{
    vcluster *cluster = value;
    cat_kube_watch_stop(cluster->external);
    cat_kube_destroy(cluster->kube);
    if (cluster->kubeconfig)
        cat_wipe(cluster->kubeconfig, strlen(cluster->kubeconfig));
    free(cluster->kubeconfig);
    free(cluster->key);
    free(cluster);
}

static int start_watch(vcluster *cluster, cat_error *error)
{
    cat_kube_watch_handlers handlers = {.on_object = on_external, .on_error = on_error, .context = cluster};
    return cat_kube_watch_start(cluster->owner->watcher, cluster->kube,
                                &(cat_kube_selection){cat_resource_find("external-secrets.io", "ExternalSecret")}, &handlers,
                                &cluster->external, error);
}

static int start(vclusters *clusters, const char *key, const char *encoded, cat_error *error)
{
    size_t length;
    cat_autofree unsigned char *text = cat_base64_decode(encoded, strlen(encoded), &length);
    if (!text)
        return cat_error_set(error, CAT_E_INVALID, "the kubeconfig in %s is not base64", key);
    cat_kube *kube = NULL;
    int code = cat_kube_create((const char *)text, length, &kube, error);
    cat_wipe(text, length);
    if (code < 0)
        return code;
    vcluster *made = cat_calloc(1, sizeof *made);
    made->owner = clusters;
    made->key = cat_strdup(key);
    made->kubeconfig = cat_strdup(encoded);
    made->kube = kube;
    code = start_watch(made, error);
    if (code < 0) {
        cluster_free(made);
        return code;
    }
    cat_map_set(clusters->all, key, made);
    cat_log_info("serving a vcluster", CAT_FIELD("vcluster", key));
    return 0;
}

static int update(vclusters *clusters, const char *key, const char *namespace, const char *name, cat_error *error)
{
    cat_autojson json_t *secret = NULL;
    cat_error failed = {0};
    int code = cat_kube_get(clusters->host, cat_resource_find("", "Secret"), namespace, name, &secret, &failed);
    if (code < 0 && code != CAT_E_NOT_FOUND)
        return cat_error_copy(error, &failed);
    /* An Organization's clusters lie in its own namespace: the label alone would let one read another's secrets. */
    const char *config = cat_json_text(secret, "data.config");
    bool good = config && cat_text_equal(cat_object_label(secret, CAT_LABEL_ORGANIZATION), namespace);
    vcluster *old = cat_map_get(clusters->all, key);
    if (old && good && strcmp(old->kubeconfig, config) == 0)
        return 0;
    if (old) {
        cat_map_remove(clusters->all, key);
        cat_log_info("no longer serving a vcluster", CAT_FIELD("vcluster", key));
    }
    return good ? start(clusters, key, config, error) : 0;
}

int clusters_update(vclusters *clusters, const char *namespace, const char *name, cat_error *error)
{
    cat_autofree char *key = cat_printf("%s/%s", namespace, name);
    pthread_mutex_lock(&clusters->lock);
    int code = clusters->stopped ? 0 : update(clusters, key, namespace, name, error);
    pthread_mutex_unlock(&clusters->lock);
    return code;
}

vcluster *clusters_find(vclusters *clusters, const char *namespace, const char *name)
{
    cat_autofree char *key = cat_printf("%s/%s", namespace, name);
    return cat_map_get(clusters->all, key);
}

cat_kube *cluster_kube(vcluster *cluster)
{
    return cluster->kube;
}

vclusters *clusters_create(cat_kube *host, cat_reconciler *reconciler)
{
    vclusters *made = cat_calloc(1, sizeof *made);
    made->host = host;
    made->reconciler = reconciler;
    made->watcher = cat_kube_watcher_create();
    made->all = cat_map_create(cluster_free);
    pthread_mutex_init(&made->lock, NULL);
    return made;
}

void clusters_stop(vclusters *clusters)
{
    pthread_mutex_lock(&clusters->lock);
    clusters->stopped = true;
    const char *key;
    void *value;
    size_t at = 0;
    while (cat_map_next(clusters->all, &at, &key, &value)) {
        vcluster *cluster = value;
        cat_kube_watch_stop(cat_take(cluster->external));
    }
    pthread_mutex_unlock(&clusters->lock);
}

void clusters_destroy(vclusters *clusters)
{
    cat_map_destroy(clusters->all);
    cat_kube_watcher_destroy(clusters->watcher);
    pthread_mutex_destroy(&clusters->lock);
    free(clusters);
}
