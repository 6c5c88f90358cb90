#include "store.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"
#include "wire/yaml.h"

#define SERVER "https://127.0.0.1:1"

static json_t *yaml(const char *text)
{
    json_t *value = NULL;
    cat_error error = {0};
    if (cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &value, NULL, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s: %s", text, error.message);
    return value;
}

TEST("an ExternalSecret is served from a SecretStore of its own namespace alone")
{
    static const struct {
        const char *spec, *name;
    } table[] = {
        {"{spec: {secretStoreRef: {name: catalyst}}}", "catalyst"},
        {"{spec: {secretStoreRef: {name: mine, kind: SecretStore}}}", "mine"},
        {"{spec: {secretStoreRef: {name: catalyst, kind: ClusterSecretStore}}}", NULL},
        {"{spec: {secretStoreRef: {name: catalyst, kind: secretstore}}}", NULL},
        {"{spec: {secretStoreRef: {name: ''}}}", NULL},
        {"{spec: {}}", NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("%s", table[i].spec);
        cat_autojson json_t *external = yaml(table[i].spec);
        cat_error error = {0};
        EXPECT_TEXT(store_name(external, &error), table[i].name);
        EXPECT(table[i].name || error.message[0]);
    }
}

TEST("a store is served when it is one that Catalyst makes: a token, on the Sovereign's own server")
{
    static const struct {
        const char *kubernetes;
        int code;
    } table[] = {
        {"{remoteNamespace: n, server: {url: '" SERVER "', caBundle: Q0E=}, auth: {token: {bearerToken: {name: s, key: k}}}}", 0},
        {"{remoteNamespace: n, server: {url: 'https://127.0.0.1:2', caBundle: Q0E=}, auth: {token: {bearerToken: {name: s, key: "
         "k}}}}",
         CAT_E_UNSUPPORTED},
        {"{remoteNamespace: n, server: {url: '" SERVER "/', caBundle: Q0E=}, auth: {token: {bearerToken: {name: s, key: k}}}}",
         CAT_E_UNSUPPORTED},
        {"{remoteNamespace: n, server: {url: '" SERVER "', caBundle: Q0E=}, auth: {serviceAccount: {name: default}}}",
         CAT_E_UNSUPPORTED},
        {"{remoteNamespace: n, server: {url: '" SERVER "', caBundle: Q0E=}, auth: {cert: {clientCert: {name: c, key: k}}}}",
         CAT_E_UNSUPPORTED},
        {"{remoteNamespace: n, authRef: {name: s, key: k}}", CAT_E_UNSUPPORTED},
        {"{remoteNamespace: n, authRef: {name: s, key: k}, server: {url: '" SERVER
         "', caBundle: Q0E=}, auth: {token: {bearerToken: "
         "{name: s, key: k}}}}",
         CAT_E_UNSUPPORTED},
        {"{server: {url: '" SERVER "', caBundle: Q0E=}, auth: {token: {bearerToken: {name: s, key: k}}}}", CAT_E_UNSUPPORTED},
        {"{remoteNamespace: n, server: {url: '" SERVER "'}, auth: {token: {bearerToken: {name: s, key: k}}}}", CAT_E_UNSUPPORTED},
        {"null", CAT_E_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("%s", table[i].kubernetes);
        cat_autofree char *text = cat_printf("{metadata: {name: x}, spec: {provider: {kubernetes: %s}}}", table[i].kubernetes);
        cat_autojson json_t *store = yaml(text);
        store_parts parts = {0};
        EXPECT_INT(store_read(store, SERVER, &parts, NULL), table[i].code);
        EXPECT_TEXT(parts.namespace, table[i].code ? NULL : "n");
    }
}

TEST("the token of the store's Secret is what signs in, whatever it holds")
{
    const store_parts parts = {.namespace = "n", .authority = "Q0E=", .secret = "s", .key = "token"};
    /* a", user: {exec: … is a text like any other */
    static const struct {
        const char *secret, *token;
    } table[] = {
        {"{data: {token: dC0x}}", "t-1"}, {"{data: {token: YSIsICJ4Ijog}}", "a\", \"x\": "},
        {"{data: {other: dC0x}}", NULL},  {"{data: {token: ''}}", NULL},
        {"{data: {token: '%%%'}}", NULL}, {"{}", NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("%s", table[i].secret);
        cat_autojson json_t *secret = yaml(table[i].secret), *read = NULL;
        cat_autofree char *kubeconfig = NULL;
        EXPECT_INT(store_kubeconfig(&parts, SERVER, secret, &kubeconfig, NULL), table[i].token ? 0 : CAT_E_NOT_FOUND);
        if (!kubeconfig)
            continue;
        read = yaml(kubeconfig);
        EXPECT_TEXT(cat_json_text(read, "users.0.user.token"), table[i].token);
        EXPECT_TEXT(cat_json_text(read, "clusters.0.cluster.server"), SERVER);
        EXPECT_INT(json_object_size(cat_json_get(read, "users.0.user")), 1);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
