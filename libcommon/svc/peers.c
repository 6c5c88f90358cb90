#include "svc/peers.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "domain/spine_rights.h"
#include "svc/identity.h"
#include "svc/spine_layout.h"

#define AWAIT_MS 60000
#define AWAIT_STEP_MS 100

static void on_spine(void *context, bool connected)
{
    cat_service_set_ready(context, "spine", connected ? NULL : "not connected");
}

/* Whoever makes it may start at the same time. */
static int await(cat_service *service, cat_spine *spine, const char *name,
                 int (*look)(cat_spine *, const char *, cat_stream_info *, cat_error *), cat_error *error)
{
    const cat_clock *clock = cat_clock_system();
    int64_t until_ms = clock->monotonic_ms(clock) + AWAIT_MS;
    for (;;) {
        cat_stream_info info;
        cat_error why = {0};
        int code = look(spine, name, &info, &why);
        if (code == 0)
            return 0;
        if (cat_service_is_stopping(service) || clock->monotonic_ms(clock) >= until_ms || code == CAT_E_FORBIDDEN)
            return cat_error_set_peer(error, why.peer, code,
                                      "%s of the spine, which environment-controller makes, is not there: %.300s", name,
                                      why.message);
        clock->sleep_ms(clock, AWAIT_STEP_MS);
    }
}

int cat_peers_connect_spine(cat_service *service, const char *const *streams, const char *const *buckets, cat_spine **spine,
                            cat_error *error)
{
    const cat_config_common *config = cat_service_config(service);
    cat_spine_options options = {.url = config->spine.url,
                                 .name = config->instance,
                                 .credentials_path = config->spine.credentials,
                                 .on_state = on_spine,
                                 .context = service};
    /* The client says no more than "Error" of a file that it cannot read. */
    if (config->spine.credentials && access(config->spine.credentials, R_OK) != 0)
        return cat_error_set(error, CAT_E_INVALID, "spine.credentials: %s cannot be read: %s", config->spine.credentials,
                             strerror(errno));
    int code = cat_spine_connect(&options, spine, error);
    if (code == 0 && cat_spine_makes_streams(cat_service_name(service)))
        return cat_layout_ensure_all(*spine, error);
    for (; code == 0 && streams && *streams; streams++)
        code = await(service, *spine, *streams, cat_stream_get_info, error);
    for (; code == 0 && buckets && *buckets; buckets++)
        code = await(service, *spine, *buckets, cat_bucket_get_info, error);
    return code;
}

int cat_peers_connect_kube(const cat_config_common *config, cat_kube **kube, cat_error *error)
{
    const char *file = config->kubernetes.kubeconfig;
    return file && *file ? cat_kube_create_from_file(file, kube, error) : cat_kube_create_in_cluster(kube, error);
}

cat_accounts *cat_peers_create_accounts(const cat_config_common *config, cat_kube *kube)
{
    return cat_accounts_create(&(cat_accounts_options){
        .url = config->spine.url, .namespace = config->kubernetes.namespace, .client_name = config->instance, .kube = kube});
}

int cat_peers_create_gitea(const cat_config_common *config, cat_gitea **gitea, char **token, cat_error *error)
{
    int code = cat_file_read_secret(config->gitea.token, token, error);
    if (code < 0)
        return code;
    cat_gitea_options options = {.url = config->gitea.url, .token = *token, .user = config->gitea.user};
    return cat_gitea_create(&options, gitea, error);
}

void cat_peers_explain(const cat_error *error, cat_error *shown)
{
    static const char *const NAMES[] = {[CAT_PEER_GIT] = "the Git server",
                                        [CAT_PEER_CLUSTER] = "the management cluster",
                                        [CAT_PEER_SPINE] = "the event spine",
                                        [CAT_PEER_IDENTITY] = "the sign-in service"};
    *shown = *error;
    if (error->peer == CAT_PEER_NONE || (error->code != CAT_E_UNAVAILABLE && error->code != CAT_E_TIMEOUT))
        return;
    cat_error_set_class(shown, error->code, error->class, "%s does not answer", NAMES[error->peer]);
    cat_error_blame(shown, error->peer);
}

static void explain(const void *context, const cat_error *error, cat_error *shown)
{
    (void)context;
    cat_peers_explain(error, shown);
}

int cat_peers_serve(cat_service *service, const cat_api *api, void *context, cat_http_server **server, cat_error *error)
{
    const cat_config_common *config = cat_service_config(service);
    cat_openapi *description = NULL;
    int code = cat_openapi_create(api, &description, error);
    if (code < 0)
        return code;
    cat_http_server_options options = {.address = config->listen,
                                       .routes = api->routes,
                                       .context = context,
                                       .guard = cat_identity_guard,
                                       .check = cat_openapi_check,
                                       .check_context = description,
                                       .check_destroy = cat_openapi_destroy,
                                       .explain = explain,
                                       .trusted_proxies = config->trusted_proxies,
                                       .workers = config->workers};
    code = cat_http_server_start(&options, server, error);
    if (code == 0)
        cat_service_observe(service, *server);
    return code;
}
