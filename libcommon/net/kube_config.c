#include "net/kube_config.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/file.h"
#include "base/string.h"
#include "wire/yaml.h"

void cat_kube_config_finish(cat_kube_config *config)
{
    free(config->server);
    free(config->ca_pem);
    free(config->client_certificate_pem);
    cat_secret_free(config->client_key_pem);
    cat_secret_free(config->token);
    free(config->token_path);
    free(config->user);
    cat_secret_free(config->password);
    *config = (cat_kube_config){0};
}

/* The entry called `name` in one of the three lists; its inner object is under `member`. */
static const json_t *entry(const json_t *config, const char *list, const char *member, const char *name)
{
    const json_t *entries = cat_json_get(config, list);
    size_t index;
    json_t *item;
    json_array_foreach(entries, index, item)
    {
        if (cat_text_equal(cat_json_text(item, "name"), name))
            return cat_json_get(item, member);
    }
    return NULL;
}

static int decode_data(const char *what, const char *data, char **pem, cat_error *error)
{
    size_t length;
    char *decoded = (char *)cat_base64_decode(data, strlen(data), &length);
    if (!decoded || strlen(decoded) != length) {
        free(decoded);
        return cat_error_set(error, CAT_E_INVALID, "kubeconfig: %s is not base64 of a text", what);
    }
    *pem = decoded;
    return 0;
}

static int resolve_path(const char *what, const char *folder, const char *path, char **resolved, cat_error *error)
{
    if (!folder)
        return cat_error_set(error, CAT_E_UNSUPPORTED, "kubeconfig: %s names a file, and this kubeconfig may name none", what);
    *resolved = path[0] == '/' ? cat_strdup(path) : cat_printf("%s/%s", folder, path);
    return 0;
}

/* A PEM text: `{key}-data` in base64, else the file that `key` names, else nothing. */
static int read_pem(const json_t *from, const char *key, const char *folder, char **pem, cat_error *error)
{
    cat_autofree char *data_key = cat_printf("%s-data", key);
    const char *data = cat_json_text(from, data_key);
    if (data && *data)
        return decode_data(data_key, data, pem, error);
    const char *path = cat_json_text(from, key);
    if (!path || !*path)
        return 0;
    cat_autofree char *resolved = NULL;
    size_t length;
    if (resolve_path(key, folder, path, &resolved, error) < 0)
        return error ? error->code : CAT_E_UNSUPPORTED;
    int code = cat_file_read(resolved, CAT_KUBE_CONFIG_MAX_BYTES, pem, &length, error);
    return code < 0 ? (cat_error_wrap(error, "kubeconfig: %s", key), code) : 0;
}

static int read_cluster(const json_t *cluster, const char *folder, cat_kube_config *config, cat_error *error)
{
    const char *server = cat_json_text(cluster, "server");
    if (!server || (!cat_text_starts_with(server, "https://") && !cat_text_starts_with(server, "http://")))
        return cat_error_set(error, CAT_E_INVALID, "kubeconfig: the cluster's server is no http or https URL");
    if (strpbrk(server, "?#@ \t\r\n"))
        return cat_error_set(error, CAT_E_INVALID, "kubeconfig: the cluster's server is no plain URL");
    const char *const unsupported[] = {"proxy-url", "tls-server-name"};
    for (size_t i = 0; i < 2; i++)
        if (cat_json_text(cluster, unsupported[i]))
            return cat_error_set(error, CAT_E_UNSUPPORTED, "kubeconfig: %s is not supported", unsupported[i]);
    size_t length = strlen(server);
    while (length && server[length - 1] == '/')
        length--;
    config->server = cat_strndup(server, length);
    config->insecure = cat_json_bool_or(cluster, "insecure-skip-tls-verify", false);
    return read_pem(cluster, "certificate-authority", folder, &config->ca_pem, error);
}

static int read_user(const json_t *user, const char *folder, cat_kube_config *config, cat_error *error)
{
    if (cat_json_get(user, "exec") || cat_json_get(user, "auth-provider"))
        return cat_error_set(error, CAT_E_UNSUPPORTED,
                             "kubeconfig: credentials from a program (exec, auth-provider) are not supported");
    const char *path = cat_json_text(user, "tokenFile");
    int code = path && *path ? resolve_path("tokenFile", folder, path, &config->token_path, error) : 0;
    if (code == 0)
        code = read_pem(user, "client-certificate", folder, &config->client_certificate_pem, error);
    if (code == 0)
        code = read_pem(user, "client-key", folder, &config->client_key_pem, error);
    if (code < 0)
        return code;
    if (!config->client_certificate_pem != !config->client_key_pem)
        return cat_error_set(error, CAT_E_INVALID, "kubeconfig: a client certificate and its key come together");
    config->token = cat_strdup(cat_json_text(user, "token"));
    config->user = cat_strdup(cat_json_text(user, "username"));
    config->password = cat_strdup(cat_json_text(user, "password"));
    if (config->token && strpbrk(config->token, "\r\n"))
        return cat_error_set(error, CAT_E_INVALID, "kubeconfig: the token is more than one line");
    return 0;
}

int cat_kube_config_parse(const char *text, size_t length, const char *folder, cat_kube_config *config, cat_error *error)
{
    cat_autojson json_t *json = NULL;
    cat_yaml_caps caps = {CAT_KUBE_CONFIG_MAX_BYTES, 16, 10000, 16};
    int code = cat_yaml_parse(text, length, &caps, &json, NULL, error);
    if (code < 0) {
        cat_error_wrap(error, "kubeconfig");
        return code;
    }
    const char *current = cat_json_text(json, "current-context");
    if (!current || !*current)
        return cat_error_set(error, CAT_E_INVALID, "kubeconfig: current-context is not set");
    const json_t *context = entry(json, "contexts", "context", current);
    if (!context)
        return cat_error_set(error, CAT_E_INVALID, "kubeconfig: there is no context %.100s", current);
    const char *cluster_name = cat_json_text_or(context, "cluster", "");
    const json_t *cluster = entry(json, "clusters", "cluster", cluster_name);
    if (!cluster)
        return cat_error_set(error, CAT_E_INVALID, "kubeconfig: there is no cluster %.100s", cluster_name);
    const char *user_name = cat_json_text(context, "user");
    const json_t *user = user_name ? entry(json, "users", "user", user_name) : NULL;
    if (user_name && *user_name && !user)
        return cat_error_set(error, CAT_E_INVALID, "kubeconfig: there is no user %.100s", user_name);

    cat_auto(cat_kube_config) made = {0};
    code = read_cluster(cluster, folder, &made, error);
    if (code == 0)
        code = read_user(user, folder, &made, error);
    if (code < 0)
        return code;
    *config = made;
    made = (cat_kube_config){0};
    return 0;
}
