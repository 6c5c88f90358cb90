#include "base/test.h"
#include "net/kube_internal.h"

static const char CONFIG[] = "{current-context: a, contexts: [{name: a, context: {cluster: c}}], clusters: [{name: c, cluster: "
                             "{server: 'https://h:6443/k'}}]}";
static const cat_resource PODS = {"", "v1", "Pod", "pods", true}, NODES = {"", "v1", "Node", "nodes", false},
                          DEPLOYMENTS = {"apps", "v1", "Deployment", "deployments", true};

TEST("URLs follow the API server's paths")
{
    cat_autoptr(cat_kube) kube = NULL;
    REQUIRE(cat_kube_create(CONFIG, sizeof CONFIG - 1, &kube, NULL) == 0);
    static const struct {
        const cat_resource *resource;
        const char *namespace, *name, *subresource, *url;
    } table[] = {
        {&PODS, NULL, NULL, NULL, "https://h:6443/k/api/v1/pods"},
        {&PODS, "", NULL, NULL, "https://h:6443/k/api/v1/pods"},
        {&PODS, "acme", NULL, NULL, "https://h:6443/k/api/v1/namespaces/acme/pods"},
        {&PODS, "acme", "web-1", "status", "https://h:6443/k/api/v1/namespaces/acme/pods/web-1/status"},
        {&DEPLOYMENTS, "acme", "web", NULL, "https://h:6443/k/apis/apps/v1/namespaces/acme/deployments/web"},
        {&NODES, "acme", "n1", NULL, "https://h:6443/k/api/v1/nodes/n1"},
        {&PODS, "a/../b", "x?y#z", NULL, "https://h:6443/k/api/v1/namespaces/a%2F..%2Fb/pods/x%3Fy%23z"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_autofree char *url = kube_url(kube, table[i].resource, table[i].namespace, table[i].name, table[i].subresource);
        EXPECT_TEXT(url, table[i].url);
    }
}

TEST("a selector is by labels, or by fields when it says so")
{
    static const struct {
        const char *selector, *parameter;
    } table[] = {{NULL, ""},
                 {"", ""},
                 {"app=web,!old", "&labelSelector=app%3Dweb%2C%21old"},
                 {"field:metadata.name=web", "&fieldSelector=metadata.name%3Dweb"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_auto(cat_string) url = CAT_STRING(1024);
        kube_append_selector(&url, table[i].selector);
        EXPECT_TEXT(cat_string_get(&url), table[i].parameter);
    }
}

TEST("an object without a name, or with a path's dots for one, is refused before anything is asked")
{
    cat_autoptr(cat_kube) kube = NULL;
    REQUIRE(cat_kube_create(CONFIG, sizeof CONFIG - 1, &kube, NULL) == 0);
    static const char *const names[] = {"", ".", ".."};
    for (size_t i = 0; i < 3; i++) {
        cat_error error = {0};
        EXPECT_INT(cat_kube_delete(kube, &PODS, "acme", names[i], NULL, &error), CAT_E_INVALID);
        EXPECT_INT(error.class, CAT_CLASS_STALLED);
    }
}

TEST("a Status becomes an error with its causes")
{
    static const struct {
        int http;
        const char *body;
        int code;
        const char *part;
    } table[] = {
        {404, "{\"kind\":\"Status\",\"message\":\"pods \\\"x\\\" not found\",\"reason\":\"NotFound\",\"code\":404}",
         CAT_E_NOT_FOUND, "reading: pods \"x\" not found"},
        {409, "{\"kind\":\"Status\",\"message\":\"m\",\"reason\":\"AlreadyExists\",\"code\":409}", CAT_E_EXISTS, "m"},
        {409, "{\"kind\":\"Status\",\"message\":\"m\",\"reason\":\"Conflict\",\"code\":409}", CAT_E_CONFLICT, "m"},
        {422,
         "{\"kind\":\"Status\",\"message\":\"it is "
         "invalid\",\"code\":422,\"details\":{\"causes\":[{\"field\":\"spec.a\",\"message\":\"Required value\"}]}}",
         CAT_E_INVALID, "it is invalid; spec.a: Required value"},
        {422,
         "{\"kind\":\"Status\",\"message\":\"spec.a: Required "
         "value\",\"code\":422,\"details\":{\"causes\":[{\"field\":\"spec.a\",\"message\":\"Required value\"}]}}",
         CAT_E_INVALID, "reading: spec.a: Required value"},
        {403, "{\"kind\":\"Status\",\"message\":\"exceeded quota: q\",\"code\":403}", CAT_E_LIMIT, "exceeded quota"},
        {403, "{\"kind\":\"Status\",\"message\":\"no\",\"code\":403}", CAT_E_FORBIDDEN, "no"},
        {401, "Unauthorized", CAT_E_UNAUTHORIZED, "answered 401"},
        {410, "{\"kind\":\"Status\",\"message\":\"too old\",\"code\":410}", CAT_E_GONE, "too old"},
        {429, "{\"kind\":\"Status\",\"message\":\"slow\",\"code\":429}", CAT_E_LIMIT, "slow"},
        {500, "<html>", CAT_E_UNAVAILABLE, "answered 500"},
        {502, "", CAT_E_UNAVAILABLE, "answered 502"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("row %zu: %s", i, table[i].body);
        cat_error error = {0};
        EXPECT_INT(kube_error_from_status(table[i].http, table[i].body, strlen(table[i].body), "reading", &error), table[i].code);
        EXPECT(strstr(error.message, table[i].part) != NULL);
        EXPECT_INT(error.peer, CAT_PEER_CLUSTER);
    }
    cat_error error = {0};
    const char *ending = "{\"kind\":\"Status\",\"message\":\"no\",\"code\":403,\"details\":{\"causes\":[{\"reason\":"
                         "\"NamespaceTerminating\",\"message\":\"being terminated\"}]}}";
    EXPECT_INT(kube_error_from_status(403, ending, strlen(ending), "making", &error), CAT_E_FORBIDDEN);
    EXPECT_INT(error.class, CAT_CLASS_WAITING);
    static const char refusal[] =
        "{\"kind\":\"Status\",\"code\":403,\"message\":\"pods is forbidden: User \\\"x\\\" cannot list resource\"}";
    EXPECT_INT(kube_error_from_status(403, refusal, strlen(refusal), "listing", &error), CAT_E_FORBIDDEN);
    EXPECT_INT(error.class, CAT_CLASS_WAITING);
    static const char policy[] = "{\"kind\":\"Status\",\"code\":403,\"message\":\"pods is forbidden: a policy denied request\"}";
    EXPECT_INT(kube_error_from_status(403, policy, strlen(policy), "making", &error), CAT_E_FORBIDDEN);
    EXPECT_INT(error.class, CAT_CLASS_STALLED);
}

TEST("lines of a watch give their object and version")
{
    static const struct {
        const char *text;
        int type;
    } table[] = {
        {"{\"type\":\"ADDED\",\"object\":{\"kind\":\"Pod\",\"metadata\":{\"resourceVersion\":\"7\"}}}", KUBE_LINE_ADDED},
        {"{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Pod\",\"metadata\":{\"resourceVersion\":\"7\"}}}", KUBE_LINE_MODIFIED},
        {"{\"type\":\"DELETED\",\"object\":{\"kind\":\"Pod\",\"metadata\":{\"resourceVersion\":\"7\"}}}", KUBE_LINE_DELETED},
        {"{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\",\"metadata\":{\"resourceVersion\":\"7\"}}}", KUBE_LINE_BOOKMARK},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("row %zu", i);
        __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *document = NULL;
        kube_line line = {0};
        REQUIRE(kube_line_decode(table[i].text, strlen(table[i].text), &document, &line, NULL) == 0);
        EXPECT_INT(line.type, table[i].type);
        EXPECT_TEXT(line.resource_version, "7");
        EXPECT_TEXT(cat_view_text(line.object, "kind"), "Pod");
    }
}

TEST("a broken line of a watch says what is wrong")
{
    static const struct {
        const char *text;
        int code;
    } table[] = {
        {"{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,\"message\":\"too old resource version\"}}",
         CAT_E_GONE},
        {"{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":500,\"message\":\"etcd\"}}", CAT_E_UNAVAILABLE},
        {"{\"type\":\"ERROR\",\"object\":{}}", CAT_E_UNAVAILABLE},
        {"{\"type\":\"ADDED\",\"object\":{\"metadata\":{}}}", CAT_E_PROTOCOL},
        {"{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":7}}}", CAT_E_PROTOCOL},
        {"{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":\"12345678901234567890123456789012\"}}}",
         CAT_E_PROTOCOL},
        {"{\"type\":\"GROWN\",\"object\":{\"metadata\":{\"resourceVersion\":\"7\"}}}", CAT_E_PROTOCOL},
        {"{\"type\":\"ADDED\"}", CAT_E_PROTOCOL},
        {"[]", CAT_E_PROTOCOL},
        {"{\"type\":\"ADDED\",", CAT_E_INVALID},
        {"", CAT_E_INVALID},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("row %zu: %s", i, table[i].text);
        cat_document *document = NULL;
        kube_line line = {0};
        EXPECT_INT(kube_line_decode(table[i].text, strlen(table[i].text), &document, &line, NULL), table[i].code);
        EXPECT(!document);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
