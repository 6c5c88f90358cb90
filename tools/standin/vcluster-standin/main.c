/* Plays the vcluster chart on one machine: for each vcluster HelmRelease of the host cluster it starts a real API server with its
 * controllers, puts the kubeconfig into the Secret that the chart would make, and says so in the release's status. */
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/log.h"
#include "cluster.h"
#include "domain/kinds.h"
#include "standin.h"
#include "svc/reconcile.h"
#include "wire/names.h"

#define SELECTOR "catalyst.openova.io/vcluster=true"
#define FINALIZER "catalyst.openova.io/vcluster-standin"
#define SWEEP_MS 10000

typedef struct {
    standin base;
    cat_reconciler *reconciler;
    const cat_resource *releases, *secrets;
} program;

static int patch_finalizers(program *self, const json_t *release, bool add, json_t **result, cat_error *error)
{
    json_t *finalizers = json_array();
    const json_t *old = cat_json_get(release, "metadata.finalizers");
    size_t index;
    json_t *item;
    json_array_foreach(old, index, item)
    {
        if (!cat_text_equal(json_string_value(item), FINALIZER))
            json_array_append(finalizers, item);
    }
    if (add)
        json_array_append_new(finalizers, json_string(FINALIZER));
    cat_autojson json_t *patch = cat_json_object(
        "metadata",
        cat_json_object("finalizers", finalizers, "resourceVersion", json_string(cat_object_resource_version(release)), NULL),
        NULL);
    return cat_kube_patch(self->base.host,
                          &(cat_kube_change){self->releases, cat_object_namespace(release), cat_object_name(release), patch},
                          result, error);
}

static json_t *make_secret(const program *self, const char *organization, const char *cluster, const char *kubeconfig)
{
    cat_autofree char *name = cat_printf("vc-%s", cluster), *data = cat_base64_encode(kubeconfig, strlen(kubeconfig));
    json_t *secret = cat_object_make(self->secrets, organization, name);
    cat_object_set_label(secret, CAT_LABEL_ORGANIZATION, organization);
    cat_object_set_label(secret, CAT_LABEL_VCLUSTER, cluster);
    cat_object_set_label(secret, CAT_LABEL_HOST_CLUSTER, self->base.host_cluster);
    json_object_set_new(secret, "type", json_string("Opaque"));
    json_object_set_new(secret, "data", cat_json_object("config", json_string(data), NULL));
    return secret;
}

/* The release is wanted no more. */
static int tear_down(program *self, const json_t *release, bool is_ours, cat_error *error)
{
    if (!cat_object_has_finalizer(release, FINALIZER))
        return 0;
    const char *namespace = cat_object_namespace(release), *name = cat_object_name(release);
    if (is_ours) {
        /* The Secret first, so that whoever watches the cluster leaves before it goes. */
        cat_autofree char *secret = cat_printf("vc-%s", name);
        int code = cat_kube_delete(self->base.host, self->secrets, namespace, secret, NULL, error);
        if (code == 0)
            code = cluster_remove(self->base.cluster_script, name, error);
        if (code < 0)
            return code;
        cat_log_info("vcluster removed", CAT_FIELD("vcluster", name));
    }
    cat_error failed = {0};
    int code = patch_finalizers(self, release, false, NULL, &failed);
    return code == 0 || code == CAT_E_NOT_FOUND ? 0 : cat_error_copy(error, &failed);
}

static int secret_is_there(program *self, const char *namespace, const char *name, bool *there, cat_error *error)
{
    cat_autofree char *secret_name = cat_printf("vc-%s", name);
    cat_autojson json_t *secret = NULL;
    cat_error failed = {0};
    int code = cat_kube_get(self->base.host, self->secrets, namespace, secret_name, &secret, &failed);
    *there = code == 0 && cat_json_text(secret, "data.config") != NULL;
    return code == 0 || code == CAT_E_NOT_FOUND ? 0 : cat_error_copy(error, &failed);
}

/* Starts the cluster when it does not run whole, and publishes its kubeconfig. */
static int bring_up(program *self, const json_t *release, cat_error *error)
{
    const char *namespace = cat_object_namespace(release), *name = cat_object_name(release);
    bool running = false, published = false;
    int code = cluster_is_running(self->base.cluster_script, name, &running, error);
    if (code == 0)
        code = secret_is_there(self, namespace, name, &published, error);
    if (code < 0)
        return code;
    if (!running || !published) {
        cat_log_info("vcluster starts", CAT_FIELD("vcluster", name));
        code = standin_set_ready(self->base.host, self->releases, release, "False", "Progressing", "the vcluster is starting",
                                 NULL, error);
        cat_autofree char *kubeconfig = NULL;
        if (code == 0)
            code = cluster_up(self->base.cluster_script, name, &kubeconfig, error);
        if (code < 0)
            return code;
        cat_autojson json_t *secret = make_secret(self, namespace, name, kubeconfig);
        code = cat_kube_apply(self->base.host, secret, &(cat_apply_options){.field_manager = "vcluster", .force = true}, NULL,
                              error);
        if (code < 0)
            return code;
        cat_log_info("vcluster runs", CAT_FIELD("vcluster", name));
    }
    /* Its status may have changed meanwhile, by us above: read again. */
    cat_autojson json_t *fresh = NULL;
    code = cat_kube_get(self->base.host, self->releases, namespace, name, &fresh, error);
    return code < 0 ? code
                    : standin_set_ready(self->base.host, self->releases, fresh, "True", "InstallSucceeded", "the vcluster runs",
                                        NULL, error);
}

static int reconcile(void *context, const char *key, int64_t *again_ms, cat_error *error)
{
    program *self = context;
    char namespace[64];
    const char *name;
    if (!standin_split(key, namespace, sizeof namespace, &name))
        return cat_error_set(error, CAT_E_INTERNAL, "%s is no key", key);
    cat_autojson json_t *release = NULL, *marked = NULL;
    cat_error failed = {0};
    int code = cat_kube_get(self->base.host, self->releases, namespace, name, &release, &failed);
    if (code < 0)
        return code == CAT_E_NOT_FOUND ? 0 : cat_error_copy(error, &failed);
    cat_autofree char *expected = cat_printf("%s-%s", self->base.host_cluster, namespace);
    bool is_ours = strcmp(name, expected) == 0 && cat_name_check_organization(namespace, NULL) == 0;
    if (cat_object_is_deleting(release))
        return tear_down(self, release, is_ours, error);
    if (!is_ours)
        return standin_set_ready(
            self->base.host, self->releases, release, "False", "InvalidName",
            "a vcluster's release is called {host cluster}-{organization} and lies in the Organization's namespace", NULL, error);
    if (!cat_object_has_finalizer(release, FINALIZER)) {
        code = patch_finalizers(self, release, true, &marked, error);
        if (code < 0)
            return code;
    }
    *again_ms = SWEEP_MS;
    code = bring_up(self, marked ? marked : release, error);
    if (code < 0) {
        cat_autofree char *why = error ? cat_strdup(error->message) : NULL;
        standin_set_ready(self->base.host, self->releases, marked ? marked : release, "False", "InstallFailed",
                          why ? why : "the start failed", NULL, NULL);
    }
    return code;
}

static void on_release(void *context, cat_watch_kind kind, cat_view object)
{
    program *self = context;
    if (kind == CAT_WATCH_DELETED)
        return;
    cat_autofree char *key =
        cat_printf("%s/%s", cat_view_text_or(object, "metadata.namespace", ""), cat_view_text_or(object, "metadata.name", ""));
    cat_reconciler_add(self->reconciler, key);
}

static void on_error(void *context, const cat_error *error)
{
    (void)context;
    cat_log_warning("watching releases", CAT_FIELD_ERROR(error));
}

int main(int argc, char **argv)
{
    program self = {.releases = cat_resource_find("helm.toolkit.fluxcd.io", "HelmRelease"),
                    .secrets = cat_resource_find("", "Secret")};
    int status = standin_setup(argc, argv, "vcluster-standin", &self.base);
    if (status)
        return status - 1;
    self.reconciler = cat_reconciler_create(
        &(cat_reconciler_options){.name = "vcluster", .workers = 2, .reconcile = reconcile, .context = &self});
    cat_kube_watcher *watcher = cat_kube_watcher_create();
    cat_kube_watch *watch = NULL;
    cat_error error = {0};
    cat_kube_watch_handlers handlers = {.on_object = on_release, .on_error = on_error, .context = &self};
    int code = cat_kube_watch_start(watcher, self.base.host, &(cat_kube_selection){self.releases, NULL, SELECTOR}, &handlers,
                                    &watch, &error);
    if (code == 0) {
        cat_log_info("started", CAT_FIELD("hostCluster", self.base.host_cluster));
        standin_wait();
    } else {
        cat_log_error("not started", CAT_FIELD_ERROR(&error));
    }
    cat_kube_watcher_destroy(watcher);
    cat_reconciler_stop(self.reconciler);
    standin_finish(&self.base);
    return code == 0 ? 0 : 1;
}
