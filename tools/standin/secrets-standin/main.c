/* Plays External Secrets on one machine: makes the Secret that an ExternalSecret of a vcluster names, and says in its status how
 * that went. Sources are read as the SecretStore says, with its credential and never with another: what that may not get, nobody
 * gets. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "clusters.h"
#include "domain/kinds.h"
#include "source.h"
#include "standin.h"
#include "store.h"

#define SELECTOR CAT_LABEL_VCLUSTER
/* A Secret that somebody changed or removed in the vcluster comes back. */
#define REFRESH_MS 30000
#define RETRY_MS 10000
/* What was made just now may be a moment ahead of what it may read. */
#define YOUNG_MS 60000
#define YOUNG_RETRY_MS 1000

typedef struct {
    standin base;
    cat_reconciler *reconciler;
    vclusters *clusters;
} program;

typedef struct {
    cat_kube *kube; /* signed in as the store */
    const char *namespace;
} source_place;

static int look_up(void *context, const char *name, json_t **data, cat_error *error)
{
    source_place *place = context;
    cat_autojson json_t *secret = NULL;
    cat_error failed = {0};
    int code = cat_kube_get(place->kube, cat_resource_find("", "Secret"), place->namespace, name, &secret, &failed);
    if (code == CAT_E_NOT_FOUND)
        return cat_error_set_class(error, code, CAT_CLASS_WAITING, "the secret store has no %s", name);
    if (code == CAT_E_FORBIDDEN)
        return cat_error_set_class(error, code, CAT_CLASS_WAITING, "this Application may not read %s", name);
    if (code == CAT_E_UNAUTHORIZED)
        return cat_error_set_class(error, code, CAT_CLASS_WAITING, "the secret store does not know this SecretStore's token");
    if (code < 0)
        return cat_error_set_class(error, code, CAT_CLASS_WAITING, "the secret store does not answer");
    json_t *found = cat_json_get(secret, "data");
    *data = found ? json_incref(found) : json_object();
    return 0;
}

static int get_beside(cat_kube *kube, const json_t *external, const char *group, const char *kind, const char *name,
                      json_t **object, cat_error *error)
{
    cat_error failed = {0};
    int code = cat_kube_get(kube, cat_resource_find(group, kind), cat_object_namespace(external), name, object, &failed);
    if (code == CAT_E_NOT_FOUND)
        return cat_error_set_class(error, code, CAT_CLASS_WAITING, "%s %.100s is not there", kind, name);
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}

/* The Secret that an ExternalSecret asks for, read with what its store signs in with. */
static int fetch(program *self, cat_kube *kube, const json_t *external, json_t **secret, cat_error *error)
{
    cat_autojson json_t *store = NULL, *credential = NULL;
    cat_autosecret char *kubeconfig = NULL;
    store_parts parts;
    const char *server = cat_kube_server(self->base.host), *name = store_name(external, error);
    if (!name)
        return error->code;
    int code = get_beside(kube, external, "external-secrets.io", "SecretStore", name, &store, error);
    if (code == 0)
        code = store_read(store, server, &parts, error);
    if (code == 0)
        code = get_beside(kube, external, "", "Secret", parts.secret, &credential, error);
    if (code == 0)
        code = store_kubeconfig(&parts, server, credential, &kubeconfig, error);
    if (code < 0)
        return code;
    cat_autoptr(cat_kube) place = NULL;
    code = cat_kube_create(kubeconfig, strlen(kubeconfig), &place, error);
    if (code < 0)
        return code;
    return source_build(external, look_up, &(source_place){place, parts.namespace}, secret, error);
}

static int64_t retry_ms(const json_t *external)
{
    int64_t made = 0;
    bool known = cat_time_parse(cat_json_text_or(external, "metadata.creationTimestamp", ""), &made);
    return known && cat_clock_system()->wall_ms(cat_clock_system()) - made < YOUNG_MS ? YOUNG_RETRY_MS : RETRY_MS;
}

/* refreshTime moves when the Secret did, so that an unchanged one leaves the status alone. */
static int report_synced(cat_kube *kube, const json_t *external, const json_t *secret, cat_error *error)
{
    const char *version = cat_object_resource_version(secret);
    cat_autojson json_t *extra = cat_json_object("binding", cat_json_object("name", json_string(cat_object_name(secret)), NULL),
                                                 "syncedResourceVersion", json_string(version ? version : ""), NULL);
    if (!cat_text_equal(cat_json_text(external, "status.syncedResourceVersion"), version)) {
        char now[CAT_TIME_TEXT_MAX];
        cat_time_format(cat_clock_system()->wall_ms(cat_clock_system()), now);
        json_object_set_new(extra, "refreshTime", json_string(now));
        cat_log_info("secret synced", CAT_FIELD("namespace", cat_object_namespace(secret)),
                     CAT_FIELD("secret", cat_object_name(secret)));
    }
    return standin_set_ready(kube, cat_resource_find("external-secrets.io", "ExternalSecret"), external, "True", "SecretSynced",
                             "secret synced", extra, error);
}

static int sync_secret(program *self, vcluster *cluster, const char *namespace, const char *name, int64_t *again_ms,
                       cat_error *error)
{
    const cat_resource *resource = cat_resource_find("external-secrets.io", "ExternalSecret");
    cat_kube *kube = cluster_kube(cluster);
    cat_autojson json_t *external = NULL, *secret = NULL, *applied = NULL;
    cat_error failed = {0};
    int code = cat_kube_get(kube, resource, namespace, name, &external, &failed);
    if (code < 0)
        return code == CAT_E_NOT_FOUND ? 0 : cat_error_copy(error, &failed);
    if (cat_object_is_deleting(external))
        return 0;
    code = fetch(self, kube, external, &secret, &failed);
    if (code == 0)
        code = cat_kube_apply(kube, secret, &(cat_apply_options){.field_manager = "external-secrets", .force = true}, &applied,
                              &failed);
    *again_ms = code == 0 ? REFRESH_MS : retry_ms(external);
    if (code == 0)
        return report_synced(kube, external, applied, error);
    /* Not an error of ours: its owner reads it in the status. */
    return standin_set_ready(kube, resource, external, "False", "SecretSyncedError", failed.message, NULL, error);
}

static int reconcile(void *context, const char *key, int64_t *again_ms, cat_error *error)
{
    program *self = context;
    char organization[64], namespace[64];
    const char *name, *secret_name;
    if (cat_text_starts_with(key, CLUSTER_KEY)) {
        if (!standin_split(key + strlen(CLUSTER_KEY), organization, sizeof organization, &name))
            return cat_error_set(error, CAT_E_INTERNAL, "%s is no key", key);
        return clusters_update(self->clusters, organization, name, error);
    }
    cat_autofree char *text = cat_strdup(key + strlen(SECRET_KEY));
    char *space = strchr(text, ' ');
    if (!space)
        return cat_error_set(error, CAT_E_INTERNAL, "%s is no key", key);
    *space = '\0';
    if (!standin_split(text, organization, sizeof organization, &name) ||
        !standin_split(space + 1, namespace, sizeof namespace, &secret_name))
        return cat_error_set(error, CAT_E_INTERNAL, "%s is no key", key);
    vcluster *cluster = clusters_find(self->clusters, organization, name);
    return cluster ? sync_secret(self, cluster, namespace, secret_name, again_ms, error) : 0;
}

static void on_kubeconfig(void *context, cat_watch_kind kind, cat_view object)
{
    program *self = context;
    (void)kind;
    const char *namespace = cat_view_text_or(object, "metadata.namespace", ""),
               *name = cat_view_text_or(object, "metadata.name", "");
    if (!cat_text_starts_with(name, "vc-"))
        return;
    cat_autofree char *key = cat_printf(CLUSTER_KEY "%s/%s", namespace, name);
    cat_reconciler_add(self->reconciler, key);
}

static void on_error(void *context, const cat_error *error)
{
    (void)context;
    cat_log_warning("watching the vclusters' kubeconfigs", CAT_FIELD_ERROR(error));
}

int main(int argc, char **argv)
{
    program self = {0};
    int status = standin_setup(argc, argv, "secrets-standin", &self.base);
    if (status)
        return status - 1;
    /* One worker: the clusters belong to it. */
    self.reconciler = cat_reconciler_create(
        &(cat_reconciler_options){.name = "external-secret", .workers = 1, .reconcile = reconcile, .context = &self});
    self.clusters = clusters_create(self.base.host, self.reconciler);
    cat_kube_watcher *watcher = cat_kube_watcher_create();
    cat_kube_watch *watch = NULL;
    cat_error error = {0};
    cat_kube_watch_handlers handlers = {.on_object = on_kubeconfig, .on_error = on_error, .context = &self};
    int code =
        cat_kube_watch_start(watcher, self.base.host, &(cat_kube_selection){cat_resource_find("", "Secret"), NULL, SELECTOR},
                             &handlers, &watch, &error);
    if (code == 0) {
        cat_log_info("started", CAT_FIELD("hostCluster", self.base.host_cluster));
        standin_wait();
    } else {
        cat_log_error("not started", CAT_FIELD_ERROR(&error));
    }
    cat_kube_watcher_destroy(watcher);
    clusters_stop(self.clusters);
    cat_reconciler_stop(self.reconciler);
    clusters_destroy(self.clusters);
    standin_finish(&self.base);
    return code == 0 ? 0 : 1;
}
