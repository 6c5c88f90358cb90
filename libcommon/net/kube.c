#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/file.h"
#include "net/kube_internal.h"

#define SERVICE_ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount"
/* Tokens of service accounts are renewed long before they end; a minute is soon enough. */
#define TOKEN_KEPT_MS 60000

static int create(cat_kube_config *config_taken, cat_kube **kube, cat_error *error)
{
    cat_http_client_options options = {
        .peer = CAT_PEER_CLUSTER,
        .max_response_bytes = KUBE_ANSWER_MAX_BYTES,
        .ca_pem = config_taken->ca_pem,
        .client_certificate_pem = config_taken->client_certificate_pem,
        .client_key_pem = config_taken->client_key_pem,
        .insecure = config_taken->insecure,
    };
    cat_http_client *client = cat_http_client_create(&options);
    if (!client)
        return cat_error_set(error, CAT_E_INVALID, "kubeconfig: its certificates cannot be used");
    cat_kube *made = cat_calloc(1, sizeof *made);
    made->config = *config_taken;
    *config_taken = (cat_kube_config){0};
    made->client = client;
    pthread_mutex_init(&made->lock, NULL);
    *kube = made;
    return 0;
}

int cat_kube_create(const char *kubeconfig, size_t length, cat_kube **kube, cat_error *error)
{
    cat_auto(cat_kube_config) config = {0};
    int code = cat_kube_config_parse(kubeconfig, length, NULL, &config, error);
    return code < 0 ? code : create(&config, kube, error);
}

int cat_kube_create_from_file(const char *path, cat_kube **kube, cat_error *error)
{
    cat_autofree char *text = NULL;
    size_t length;
    int code = cat_file_read(path, CAT_KUBE_CONFIG_MAX_BYTES, &text, &length, error);
    if (code < 0)
        return code;
    const char *slash = strrchr(path, '/');
    cat_autofree char *folder = slash ? cat_strndup(path, (size_t)(slash - path)) : cat_strdup(".");
    cat_auto(cat_kube_config) config = {0};
    code = cat_kube_config_parse(text, length, folder, &config, error);
    cat_wipe(text, length);
    if (code < 0) {
        cat_error_wrap(error, "%s", path);
        return code;
    }
    return create(&config, kube, error);
}

int cat_kube_create_in_cluster(cat_kube **kube, cat_error *error)
{
    const char *host = getenv("KUBERNETES_SERVICE_HOST"), *port = getenv("KUBERNETES_SERVICE_PORT");
    if (!host || !port)
        return cat_error_set_class(error, CAT_E_INVALID, CAT_CLASS_STALLED,
                                   "no kubeconfig is named, and KUBERNETES_SERVICE_HOST and _PORT are not set: this is no pod");
    cat_auto(cat_kube_config) config = {0};
    size_t length;
    int code = cat_file_read(SERVICE_ACCOUNT "/ca.crt", CAT_KUBE_CONFIG_MAX_BYTES, &config.ca_pem, &length, error);
    if (code < 0)
        return code;
    config.server = strchr(host, ':') ? cat_printf("https://[%s]:%s", host, port) : cat_printf("https://%s:%s", host, port);
    config.token_path = cat_strdup(SERVICE_ACCOUNT "/token");
    return create(&config, kube, error);
}

void cat_kube_destroy(cat_kube *kube)
{
    if (!kube)
        return;
    cat_http_client_destroy(kube->client);
    cat_kube_config_finish(&kube->config);
    cat_secret_free(kube->file_token);
    kube_discovery_forget(kube);
    pthread_mutex_destroy(&kube->lock);
    free(kube);
}

char *kube_bearer(cat_kube *kube)
{
    if (!kube->config.token_path)
        return cat_strdup(kube->config.token);
    pthread_mutex_lock(&kube->lock);
    int64_t now = cat_clock_system()->monotonic_ms(cat_clock_system());
    if (!kube->file_token || now - kube->file_token_at_ms > TOKEN_KEPT_MS) {
        char *fresh = NULL;
        /* A token that cannot be read for a moment leaves the last one in use: the server decides. */
        if (cat_file_read_secret(kube->config.token_path, &fresh, NULL) == 0) {
            cat_secret_free(kube->file_token);
            kube->file_token = fresh;
            kube->file_token_at_ms = now;
        }
    }
    char *token = cat_strdup(kube->file_token ? kube->file_token : kube->config.token);
    pthread_mutex_unlock(&kube->lock);
    return token;
}

static void append_part(cat_string *url, const char *part)
{
    cat_string_append_char(url, '/');
    cat_percent_encode(url, part);
}

char *kube_url(const cat_kube *kube, const cat_resource *resource, const char *namespace, const char *name,
               const char *subresource)
{
    cat_auto(cat_string) url = CAT_STRING(16384);
    cat_string_append(&url, kube->config.server);
    if (resource->group && *resource->group) {
        cat_string_append(&url, "/apis");
        append_part(&url, resource->group);
    } else {
        cat_string_append(&url, "/api");
    }
    append_part(&url, resource->version);
    if (resource->namespaced && namespace && *namespace) {
        cat_string_append(&url, "/namespaces");
        append_part(&url, namespace);
    }
    append_part(&url, resource->plural);
    if (name && *name)
        append_part(&url, name);
    if (subresource && *subresource)
        append_part(&url, subresource);
    return cat_string_take(&url);
}

static int code_of(int status, const char *reason)
{
    switch (status) {
    case 400:
        return CAT_E_INVALID;
    case 401:
        return CAT_E_UNAUTHORIZED;
    case 403:
        return CAT_E_FORBIDDEN;
    case 404:
        return CAT_E_NOT_FOUND;
    case 409:
        return cat_text_equal(reason, "AlreadyExists") ? CAT_E_EXISTS : CAT_E_CONFLICT;
    case 410:
        return CAT_E_GONE;
    case 413:
        return CAT_E_TOO_LARGE;
    case 415:
        return CAT_E_UNSUPPORTED;
    case 422:
        return CAT_E_INVALID;
    case 429:
        return CAT_E_LIMIT;
    case 504:
        return CAT_E_TIMEOUT;
    default:
        return status >= 500 ? CAT_E_UNAVAILABLE : CAT_E_PROTOCOL;
    }
}

/* The causes that the message does not hold already, as "field: message; …". */
static void append_causes(cat_string *text, const json_t *status)
{
    const json_t *causes = cat_json_get(status, "details.causes");
    size_t index;
    json_t *cause;
    json_array_foreach(causes, index, cause)
    {
        const char *field = cat_json_text(cause, "field"), *message = cat_json_text(cause, "message");
        if (!message || strstr(cat_string_get(text), message))
            continue;
        cat_string_appendf(text, "; %.200s%s%.300s", field ? field : "", field ? ": " : "", message);
    }
}

static bool has_cause(const json_t *status, const char *reason)
{
    const json_t *causes = cat_json_get(status, "details.causes");
    size_t index;
    json_t *cause;
    json_array_foreach(causes, index, cause)
    {
        if (cat_text_equal(cat_json_text(cause, "reason"), reason))
            return true;
    }
    return false;
}

static int error_of(int status, const char *text, size_t length, const char *what, cat_error *error)
{
    static const cat_json_caps caps = {256 * 1024, 32};
    cat_autojson json_t *body = NULL;
    bool is_status =
        length && cat_json_parse(text, length, &caps, &body, NULL) == 0 && cat_text_equal(cat_json_text(body, "kind"), "Status");
    int http = is_status ? (int)cat_json_int_or(body, "code", status) : status;
    int code = code_of(http, is_status ? cat_json_text(body, "reason") : NULL);
    if (!is_status)
        return cat_error_set(error, code, "%s: the API server answered %d", what, http);
    const char *message = cat_json_text_or(body, "message", "no message");
    cat_auto(cat_string) sentence = CAT_STRING(8192);
    cat_string_appendf(&sentence, "%.4000s", message);
    append_causes(&sentence, body);
    if (code == CAT_E_FORBIDDEN && strstr(message, "exceeded quota"))
        return cat_error_set(error, CAT_E_LIMIT, "%s: %s", what, cat_string_get(&sentence));
    /* A namespace on its way out will be gone, or made anew, soon. A missing right is the installer's to give, whatever was asked
     * for; an API server that has just started lacks all of them, as it has yet to read who may what. */
    bool lacks_right = code == CAT_E_FORBIDDEN && strstr(message, "is forbidden: User ");
    if (lacks_right || has_cause(body, "NamespaceTerminating"))
        return cat_error_set_class(error, code, CAT_CLASS_WAITING, "%s: %s", what, cat_string_get(&sentence));
    return cat_error_set(error, code, "%s: %s", what, cat_string_get(&sentence));
}

int kube_error_from_status(int status, const char *text, size_t length, const char *what, cat_error *error)
{
    int code = error_of(status, text, length, what, error);
    cat_error_blame(error, CAT_PEER_CLUSTER);
    return code;
}

int kube_send(cat_kube *kube, const kube_call *call, cat_http_answer *answer, cat_error *error)
{
    static const char *const headers[] = {"Accept: application/json", NULL};
    cat_autosecret char *bearer = kube_bearer(kube);
    cat_autofree char *body = call->body ? cat_json_format(call->body) : NULL;
    cat_http_call http = {
        .method = call->method,
        .url = call->url,
        .content_type = call->content_type ? call->content_type : "application/json",
        .body = cat_slice_of(body),
        .headers = headers,
        .bearer = bearer,
        .basic_user = bearer ? NULL : kube->config.user,
        .basic_password = bearer ? NULL : kube->config.password,
        .timeout_ms = call->timeout_ms,
        .retries = strcmp(call->method, "GET") == 0 ? 2 : 0,
    };
    cat_auto(cat_http_answer) got = {0};
    int code = cat_http_send(kube->client, &http, &got, error);
    if (code < 0) {
        cat_error_wrap(error, "%s", call->what);
        return code;
    }
    if (got.status < 200 || got.status > 299)
        return kube_error_from_status(got.status, got.body, got.length, call->what, error);
    *answer = got;
    got = (cat_http_answer){0};
    return 0;
}

/* The answer's object, when somebody wants it. */
static int send_for_object(cat_kube *kube, const kube_call *call, json_t **object, cat_error *error)
{
    static const cat_json_caps caps = {KUBE_OBJECT_MAX_BYTES, KUBE_MAX_DEPTH};
    cat_auto(cat_http_answer) answer = {0};
    int code = kube_send(kube, call, &answer, error);
    if (code < 0 || !object)
        return code;
    json_t *parsed = NULL;
    code = cat_json_parse(answer.body, answer.length, &caps, &parsed, error);
    if (code < 0) {
        cat_error_wrap(error, "%s: the API server's answer", call->what);
        return code == CAT_E_TOO_LARGE
                   ? code
                   : cat_error_set(error, CAT_E_PROTOCOL, "%s: the API server answered no JSON object", call->what);
    }
    *object = parsed;
    return 0;
}

static char *describe(const char *verb, const cat_resource *resource, const char *namespace, const char *name)
{
    bool in_namespace = resource->namespaced && namespace && *namespace;
    return cat_printf("%s %.60s %.60s%s%.100s", verb, resource->kind, in_namespace ? namespace : "", in_namespace ? "/" : "",
                      name ? name : "");
}

static int check_name(const char *name, cat_error *error)
{
    /* Without a name the URL would be the collection's. */
    return name && *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0
               ? 0
               : cat_error_set(error, CAT_E_INVALID, "a Kubernetes object needs a name");
}

int cat_kube_get(cat_kube *kube, const cat_resource *resource, const char *namespace, const char *name, json_t **object,
                 cat_error *error)
{
    int code = check_name(name, error);
    if (code < 0)
        return code;
    cat_autofree char *url = kube_url(kube, resource, namespace, name, NULL);
    cat_autofree char *what = describe("reading", resource, namespace, name);
    return send_for_object(kube, &(kube_call){.method = "GET", .url = url, .what = what}, object, error);
}

int cat_kube_apply(cat_kube *kube, const json_t *object, const cat_apply_options *options, json_t **result, cat_error *error)
{
    kube_resource kept;
    int code = kube_resource_of(kube, object, &kept, error);
    if (code == 0)
        code = check_name(cat_object_name(object), error);
    if (code < 0)
        return code;
    const char *namespace = cat_object_namespace(object), *name = cat_object_name(object);
    cat_autofree char *base = kube_url(kube, &kept.resource, namespace, name, options->subresource);
    cat_auto(cat_string) url = CAT_STRING(16384);
    cat_string_appendf(&url, "%s?fieldManager=", base);
    cat_percent_encode(&url, options->field_manager);
    cat_string_appendf(&url, "&force=%s%s", options->force ? "true" : "false", options->dry_run ? "&dryRun=All" : "");

    /* The server refuses what it hands out itself. */
    cat_autojson json_t *body = json_copy((json_t *)object);
    cat_autojson json_t *metadata = json_copy(json_object_get(body, "metadata"));
    json_object_del(metadata, "managedFields");
    json_object_set(body, "metadata", metadata);
    cat_autofree char *what = describe("applying", &kept.resource, namespace, name);
    kube_call call = {.method = "PATCH",
                      .url = cat_string_get(&url),
                      .content_type = "application/apply-patch+yaml",
                      .body = body,
                      .what = what};
    return send_for_object(kube, &call, result, error);
}

int cat_kube_patch(cat_kube *kube, const cat_kube_change *change, json_t **result, cat_error *error)
{
    int code = check_name(change->name, error);
    if (code < 0)
        return code;
    cat_autofree char *url = kube_url(kube, change->resource, change->namespace, change->name, change->subresource);
    cat_autofree char *what = describe("changing", change->resource, change->namespace, change->name);
    kube_call call = {
        .method = "PATCH", .url = url, .content_type = "application/merge-patch+json", .body = change->patch, .what = what};
    return send_for_object(kube, &call, result, error);
}

int cat_kube_create_object(cat_kube *kube, const json_t *object, json_t **result, cat_error *error)
{
    kube_resource kept;
    int code = kube_resource_of(kube, object, &kept, error);
    if (code < 0)
        return code;
    const char *namespace = cat_object_namespace(object);
    cat_autofree char *url = kube_url(kube, &kept.resource, namespace, NULL, NULL);
    cat_autofree char *what = describe("making", &kept.resource, namespace, cat_object_name(object));
    return send_for_object(kube, &(kube_call){.method = "POST", .url = url, .body = object, .what = what}, result, error);
}

int cat_kube_delete(cat_kube *kube, const cat_resource *resource, const char *namespace, const char *name,
                    const char *propagation, cat_error *error)
{
    int code = check_name(name, error);
    if (code < 0)
        return code;
    cat_autofree char *url = kube_url(kube, resource, namespace, name, NULL);
    cat_autofree char *what = describe("deleting", resource, namespace, name);
    cat_autojson json_t *body = cat_json_object("apiVersion", json_string("v1"), "kind", json_string("DeleteOptions"),
                                                "propagationPolicy", json_string(propagation ? propagation : "Background"), NULL);
    cat_error failed = {0};
    code = send_for_object(kube, &(kube_call){.method = "DELETE", .url = url, .body = body, .what = what}, NULL, &failed);
    return code == 0 || code == CAT_E_NOT_FOUND ? 0 : cat_error_copy(error, &failed);
}

int cat_kube_request_token(cat_kube *kube, const char *namespace, const char *account, int64_t seconds, char **token,
                           cat_error *error)
{
    static const cat_resource accounts = {"", "v1", "ServiceAccount", "serviceaccounts", true};
    int code = check_name(account, error);
    if (code < 0)
        return code;
    cat_autofree char *url = kube_url(kube, &accounts, namespace, account, "token");
    cat_autofree char *what = describe("making a token of", &accounts, namespace, account);
    cat_autojson json_t *body = json_pack("{s:s, s:s, s:{s:I}}", "apiVersion", "authentication.k8s.io/v1", "kind", "TokenRequest",
                                          "spec", "expirationSeconds", (json_int_t)seconds);
    cat_autojson json_t *made = NULL;
    code = send_for_object(kube, &(kube_call){.method = "POST", .url = url, .body = body, .what = what}, &made, error);
    if (code < 0)
        return code;
    const char *text = cat_json_text(made, "status.token");
    if (!text)
        return cat_error_set(error, CAT_E_PROTOCOL, "%s: the API server answered without one", what);
    *token = cat_strdup(text);
    return 0;
}

const char *cat_kube_server(const cat_kube *kube)
{
    return kube->config.server;
}

const char *cat_kube_authority(const cat_kube *kube)
{
    return kube->config.ca_pem;
}

int cat_kube_raw(cat_kube *kube, const char *path, char **body, size_t *length, cat_error *error)
{
    cat_autofree char *url = cat_printf("%s%s", kube->config.server, path);
    cat_auto(cat_http_answer) answer = {0};
    int code = kube_send(kube, &(kube_call){.method = "GET", .url = url, .what = path}, &answer, error);
    if (code < 0)
        return code;
    *length = answer.length;
    *body = answer.body ? cat_take(answer.body) : cat_strdup("");
    return 0;
}
