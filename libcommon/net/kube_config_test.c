#include "net/kube_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/string.h"
#include "base/test.h"

#define HEAD "apiVersion: v1\nkind: Config\ncurrent-context: a\n"
#define CONTEXT "contexts: [{name: b, context: {cluster: x}}, {name: a, context: {cluster: c, user: u}}]\n"
#define CLUSTER "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:6443/'}}]\n"
#define USER "users: [{name: u, user: {token: t0k}}]\n"

static int parse(const char *text, const char *folder, cat_kube_config *config, cat_error *error)
{
    return cat_kube_config_parse(text, strlen(text), folder, config, error);
}

TEST("the current context's cluster and token are read")
{
    cat_auto(cat_kube_config) config = {0};
    cat_error error = {0};
    EXPECT_INT(parse(HEAD CONTEXT CLUSTER USER, NULL, &config, &error), 0);
    EXPECT_TEXT(error.message, "");
    EXPECT_TEXT(config.server, "https://127.0.0.1:6443");
    EXPECT_TEXT(config.token, "t0k");
    EXPECT(!config.insecure);
    EXPECT(!config.ca_pem);
}

TEST("certificates given as data are decoded")
{
    cat_auto(cat_kube_config) config = {0};
    EXPECT_INT(parse(HEAD CONTEXT "clusters: [{name: c, cluster: {server: 'https://h', certificate-authority-data: Y2E=}}]\n"
                                  "users: [{name: u, user: {client-certificate-data: Y2VydA==, client-key-data: a2V5}}]\n",
                     NULL, &config, NULL),
               0);
    EXPECT_TEXT(config.ca_pem, "ca");
    EXPECT_TEXT(config.client_certificate_pem, "cert");
    EXPECT_TEXT(config.client_key_pem, "key");
}

TEST("a kubeconfig that is JSON is read too")
{
    cat_auto(cat_kube_config) config = {0};
    EXPECT_INT(parse("{\"current-context\":\"a\",\"contexts\":[{\"name\":\"a\",\"context\":{\"cluster\":\"c\"}}],"
                     "\"clusters\":[{\"name\":\"c\",\"cluster\":{\"server\":\"http://h:1\",\"insecure-skip-tls-verify\":true}}]}",
                     NULL, &config, NULL),
               0);
    EXPECT_TEXT(config.server, "http://h:1");
    EXPECT(config.insecure);
    EXPECT(!config.token);
}

TEST("what is wrong with a kubeconfig is said")
{
    static const struct {
        const char *text;
        int code;
        const char *part;
    } table[] = {
        {"", CAT_E_INVALID, "current-context"},
        {"[1, 2]", CAT_E_INVALID, "current-context"},
        {"a: [", CAT_E_INVALID, "kubeconfig"},
        {HEAD CLUSTER USER, CAT_E_INVALID, "no context a"},
        {HEAD CONTEXT USER, CAT_E_INVALID, "no cluster c"},
        {HEAD CONTEXT CLUSTER, CAT_E_INVALID, "no user u"},
        {HEAD CONTEXT "clusters: [{name: c, cluster: {server: 'ftp://h'}}]\n" USER, CAT_E_INVALID, "no http or https URL"},
        {HEAD CONTEXT "clusters: [{name: c, cluster: {server: 'https://h?x=1'}}]\n" USER, CAT_E_INVALID, "no plain URL"},
        {HEAD CONTEXT "clusters: [{name: c, cluster: {server: 'https://u:p@h'}}]\n" USER, CAT_E_INVALID, "no plain URL"},
        {HEAD CONTEXT "clusters: [{name: c, cluster: {server: 'https://h', proxy-url: 'http://p'}}]\n" USER, CAT_E_UNSUPPORTED,
         "proxy-url"},
        {HEAD CONTEXT "clusters: [{name: c, cluster: {server: 'https://h', certificate-authority-data: '*'}}]\n" USER,
         CAT_E_INVALID, "not base64"},
        {HEAD CONTEXT CLUSTER "users: [{name: u, user: {exec: {command: x}}}]\n", CAT_E_UNSUPPORTED, "from a program"},
        {HEAD CONTEXT CLUSTER "users: [{name: u, user: {client-key-data: a2V5}}]\n", CAT_E_INVALID, "come together"},
        {HEAD CONTEXT CLUSTER "users: [{name: u, user: {tokenFile: /etc/passwd}}]\n", CAT_E_UNSUPPORTED, "may name none"},
        {HEAD CONTEXT "clusters: [{name: c, cluster: {server: 'https://h', certificate-authority: /etc/passwd}}]\n" USER,
         CAT_E_UNSUPPORTED, "may name none"},
        {HEAD CONTEXT CLUSTER "users: [{name: u, user: {token: \"a\\r\\nX: y\"}}]\n", CAT_E_INVALID, "more than one line"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("row %zu: %s", i, table[i].part);
        cat_auto(cat_kube_config) config = {0};
        cat_error error = {0};
        EXPECT_INT(parse(table[i].text, NULL, &config, &error), table[i].code);
        EXPECT(strstr(error.message, table[i].part) != NULL);
        EXPECT(!config.server);
    }
}

TEST("a kubeconfig that is a file may name files beside it")
{
    char folder[] = "/tmp/kube_config_testXXXXXX";
    REQUIRE(mkdtemp(folder));
    cat_autofree char *path = cat_printf("%s/ca.crt", folder);
    FILE *file = fopen(path, "w");
    REQUIRE(file);
    fputs("PEM", file);
    fclose(file);
    cat_auto(cat_kube_config) config = {0};
    EXPECT_INT(parse(HEAD CONTEXT "clusters: [{name: c, cluster: {server: 'https://h', certificate-authority: ca.crt}}]\n"
                                  "users: [{name: u, user: {tokenFile: token}}]\n",
                     folder, &config, NULL),
               0);
    EXPECT_TEXT(config.ca_pem, "PEM");
    cat_autofree char *token_path = cat_printf("%s/token", folder);
    EXPECT_TEXT(config.token_path, token_path);
    unlink(path);
    rmdir(folder);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
