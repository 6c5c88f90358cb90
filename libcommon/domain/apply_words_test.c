#include "domain/apply_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/string.h"
#include "base/test.h"

#define DRY(object, rest) object " dry-run failed" rest
#define PATCH(object) "failed to create typed patch object (" object "; apps/v1, Kind=Deployment): "
#define CONVERT                                                                                                                  \
    "failed to convert new object (shop-dev/x; apps/v1, Kind=Deployment) to proper version: unable to convert unstructured "     \
    "object to apps/v1, Kind=Deployment: "

TEST("what the cluster refuses is said with the object and the field, and without how Flux came to hear of it")
{
    static const struct {
        const char *message, *says;
    } ROWS[] = {
        {DRY("Deployment/shop-dev/x",
             " (Invalid): Deployment.apps \"x\" is invalid: [spec.selector: Required value, spec.template: wrong]\n"),
         "Deployment x: spec.selector: Required value, spec.template: wrong"},
        {DRY("ServiceMonitor/shop-dev/x", ": no matches for kind \"ServiceMonitor\" in version \"monitoring.coreos.com/v1\"\n"),
         "ServiceMonitor x: this cluster knows no kind ServiceMonitor of monitoring.coreos.com/v1: correct its apiVersion, or "
         "install what brings it"},
        {DRY("Deployment/shop-dev/x",
             ": " PATCH("shop-dev/x") ".spec.containers[name=\"c\"].env: duplicate entries for key [name=\"A\"]\n"),
         "Deployment x: spec.containers[name=\"c\"].env has the entry name=\"A\" twice: take one away"},
        {DRY("ConfigMap/shop-dev/x",
             " (Invalid): ConfigMap \"x\" is invalid: data: Forbidden: field is immutable when `immutable` is set\n"),
         "ConfigMap x: data cannot be changed once the object is there: call it otherwise, or remove it first"},
        {DRY("Deployment/shop-dev/x",
             " (Invalid): Deployment.apps \"x\" is invalid: [spec.template.metadata.labels: Invalid value: {\"app\":\"c\"}: "
             "`selector` "
             "does not match template `labels`, spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"other\"}}: field is "
             "immutable]\n"),
         "Deployment x: spec.selector cannot be changed once the object is there: call it otherwise, or remove it first"},
        {DRY("Deployment/shop-dev/x", " (Invalid): Deployment.apps \"x\" is invalid: spec.template.metadata.labels: Invalid "
                                      "value: {\"app\":\"c\"}: `selector` "
                                      "does not match template `labels`\n"),
         "Deployment x: spec.selector does not match the labels of its Pod template: make them the same"},
        {DRY("StatefulSet/shop-dev/x",
             " (Invalid): StatefulSet.apps \"x\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than "
             "'replicas', 'ordinals', 'template' are forbidden\n"),
         "StatefulSet x: of its spec replicas, template, updateStrategy and a few more can be changed once it is there, and not "
         "what "
         "else differs, such as volumeClaimTemplates: undo that, call it otherwise, or remove it first"},
        {DRY("Deployment/shop-dev/x",
             ": " PATCH("shop-dev/x") "errors:\n  .spec.containers[name=\"c\"].env: duplicate entries for key [name=\"A\"]\n"
                                      "  .spec.volumes: duplicate entries for key [name=\"v\"]\n"),
         "Deployment x: spec.containers[name=\"c\"].env has the entry name=\"A\" twice: take one away; and 1 error more"},
        {DRY("Deployment/shop-dev/x",
             ": " PATCH("shop-dev/x") ".spec.env[name=\"A\"].value: expected string, got &value.valueUnstructured{Value:1}\n"),
         "Deployment x: spec.env[name=\"A\"].value has to be a text, and is 1: write it in quotes"},
        {DRY("Deployment/shop-dev/x", ": " PATCH("shop-dev/x") ".spec.replicas: expected numeric (int or float), got string\n"),
         "Deployment x: spec.replicas has to be a number, and is a text"},
        {DRY("Deployment/shop-dev/x", ": " PATCH("shop-dev/x") ".spec.paused: expected boolean, got string"),
         "Deployment x: spec.paused has to be true or false, and is a text"},
        {DRY("Secret/shop-dev/x", ": failed to convert new object (shop-dev/x; /v1, Kind=Secret) to proper version: unable to "
                                  "convert unstructured object to /v1, "
                                  "Kind=Secret: error decoding from json: illegal base64 data at input byte 3"),
         "Secret x: a value below data is not base64: plain text goes below stringData, or better into the secret store"},
        {DRY("Job/shop-dev/once", " (Invalid): Job.batch \"once\" is invalid: spec.template: Invalid value: "
                                  "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}: field is immutable"),
         "Job once: spec.template cannot be changed once the object is there: call it otherwise, or remove it first"},
        {DRY("ConfigMap/shop-dev/My_Config",
             " (Invalid): ConfigMap \"My_Config\" is invalid: metadata.name: Invalid value: \"My_Config\": a lowercase RFC 1123 "
             "subdomain must consist of lower case characters (e.g. 'example.com', regex used for validation is '[a-z0-9]')"),
         "ConfigMap My_Config: metadata.name: Invalid value: \"My_Config\": a lowercase RFC 1123 subdomain must consist of lower "
         "case characters"},
        {DRY("Pod/shop-dev/x", " (Forbidden): admission webhook \"rules.example.org\" denied the request: no latest tags\nmore"),
         "Pod x: no latest tags"},
        {DRY("Deployment/shop-dev/x",
             ": " CONVERT "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.minReadySeconds of type int32"),
         "Deployment x: spec.minReadySeconds has to be a whole number, and is a text"},
        {DRY("ConfigMap/shop-dev/big",
             " (Invalid): ConfigMap \"big\" is invalid: []: Too long: may not be more than 1048576 bytes\n"),
         "ConfigMap big: it holds more than 1 MiB, which is the most that one ConfigMap or Secret may: take it apart, or keep it "
         "in a volume"},
        {DRY("Namespace/x", " (Invalid): Namespace \"x\" is invalid: y"), "Namespace x: y"},
        {"Get \"https://10.0.0.1:6443/api\": dial tcp 10.0.0.1:6443: connect: connection refused",
         "the cluster did not answer; Flux tries again"},
        {"something new", "something new"},
        {"", "no reason is given"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%.60s", ROWS[i].message);
        cat_autofree char *says = cat_apply_words(ROWS[i].message);
        EXPECT_TEXT(says, ROWS[i].says);
    }
}

TEST("what is not well is named, a few of many, and what names nothing says nothing")
{
    static const struct {
        const char *message, *says;
    } ROWS[] = {{"health check failed after 5m0.09s: timeout waiting for: [Deployment/shop-dev/mode status: 'InProgress']",
                 "Deployment mode is not ready in time"},
                {"health check failed after 1s: failed early due to stalled resources: [Job/shop-dev/a status: 'Failed', "
                 "Job/shop-dev/b status: 'Failed']",
                 "Job a and Job b are broken"},
                {"timeout waiting for: [A/n/1 status: 'Unknown', A/n/2 status: 'Unknown', A/n/3 status: 'Unknown', A/n/4 status: "
                 "'Unknown', A/n/5 status: 'Unknown', "
                 "A/n/6 status: 'Unknown', A/n/7 status: 'Unknown']",
                 "A 1, A 2, A 3, A 4, A 5 and 2 more are not ready in time"},
                {"timeout waiting for: []", NULL},
                {"[", NULL},
                {"[ status: '", NULL},
                {"[, status: ', ,", NULL},
                {"", NULL}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%.60s", ROWS[i].message);
        cat_autofree char *says = cat_health_words(ROWS[i].message);
        if (ROWS[i].says)
            EXPECT_TEXT(says, ROWS[i].says);
        else
            EXPECT(!says);
    }
}

TEST("words of any length end between characters and stay short")
{
    cat_autofree char *message = cat_calloc(1, 200001);
    for (size_t i = 0; i < 100000; i++)
        memcpy(message + 2 * i, "\xc3\xa4", 2);
    message[200000] = 0;
    static const char *const FORMS[] = {"%s",
                                        "Deployment/a/b dry-run failed: %s",
                                        "Deployment/a/%s dry-run failed: x",
                                        "Job/a/b dry-run failed: %s: expected string, got x",
                                        "Job/a/b dry-run failed: %s: duplicate entries for key [%s]",
                                        "Job/a/b dry-run failed: [%s: Invalid value: 1: field is immutable"};
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        cat_test_row("%s", FORMS[i]);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        cat_autofree char *whole = cat_printf(FORMS[i], message, message), *says = cat_apply_words(whole);
#pragma GCC diagnostic pop
        EXPECT(strlen(says) < 900);
        EXPECT(cat_text_is_utf8(says, strlen(says)));
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
