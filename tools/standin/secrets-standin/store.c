#include "store.h"

#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"

const char *store_name(const json_t *external_secret, cat_error *error)
{
    const json_t *reference = cat_json_get(external_secret, "spec.secretStoreRef");
    const char *name = cat_json_text(reference, "name"), *kind = cat_json_text_or(reference, "kind", "SecretStore");
    if (!name || !*name)
        return cat_error_set(error, CAT_E_INVALID, "it names no SecretStore"), NULL;
    if (strcmp(kind, "SecretStore") != 0)
        return cat_error_set(error, CAT_E_UNSUPPORTED, "a %.60s is not served, only a SecretStore of its namespace", kind), NULL;
    return name;
}

int store_read(const json_t *store, const char *server, store_parts *parts, cat_error *error)
{
    const char *name = cat_object_name(store);
    const json_t *kubernetes = cat_json_get(store, "spec.provider.kubernetes"), *token = cat_json_get(kubernetes, "auth.token");
    const store_parts found = {.namespace = cat_json_text(kubernetes, "remoteNamespace"),
                               .authority = cat_json_text(kubernetes, "server.caBundle"),
                               .secret = cat_json_text(token, "bearerToken.name"),
                               .key = cat_json_text_or(token, "bearerToken.key", "token")};
    if (!kubernetes || cat_json_get(kubernetes, "authRef") || !found.secret || !found.namespace || !found.authority)
        return cat_error_set(error, CAT_E_UNSUPPORTED,
                             "SecretStore %.100s is not served: it has to be of provider kubernetes, with remoteNamespace, "
                             "server.caBundle and auth.token",
                             name);
    if (!cat_text_equal(cat_json_text(kubernetes, "server.url"), server))
        return cat_error_set(error, CAT_E_UNSUPPORTED, "SecretStore %.100s is not served: its server is not the Sovereign's",
                             name);
    *parts = found;
    return 0;
}

int store_kubeconfig(const store_parts *parts, const char *server, const json_t *secret, char **kubeconfig, cat_error *error)
{
    const char *encoded = json_string_value(json_object_get(json_object_get(secret, "data"), parts->key));
    size_t length = 0;
    cat_autosecret char *token = encoded ? (char *)cat_base64_decode(encoded, strlen(encoded), &length) : NULL;
    if (!token || !length || strlen(token) != length)
        return cat_error_set_class(error, CAT_E_NOT_FOUND, CAT_CLASS_WAITING, "Secret %.100s has no token under %.100s",
                                   parts->secret, parts->key);
    cat_autojson json_t *made = json_pack(
        "{s:s, s:[{s:s, s:{s:s, s:s}}], s:[{s:s, s:{s:s}}], s:[{s:s, s:{s:s, s:s}}]}", "current-context", "store", "clusters",
        "name", "store", "cluster", "server", server, "certificate-authority-data", parts->authority, "users", "name", "store",
        "user", "token", token, "contexts", "name", "store", "context", "cluster", "store", "user", "store");
    if (!made)
        return cat_error_set(error, CAT_E_INVALID, "Secret %.100s has a token that is no text", parts->secret);
    *kubeconfig = cat_json_format(made);
    return 0;
}
