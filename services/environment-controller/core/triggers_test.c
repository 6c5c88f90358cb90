/* What is seen, and which keys come of it. */
#include "core/triggers.h"

#include "base/memory.h"
#include "base/string.h"

#include "base/test.h"

static const ec_settings SETTINGS = {.namespace = "catalyst-environment-controller", .pull_secret = "pull"};

/* "Kind/namespace/name" each, in one line. */
static char *decided(ec_trigger_on on, ec_seen seen, const ec_seen_object *object)
{
    ec_wanted wanted[EC_WANTED_MAX];
    size_t count = ec_triggers_decide(on, seen, object, wanted);
    cat_auto(cat_string) text = CAT_STRING(4096);
    for (size_t i = 0; i < count; i++)
        cat_string_appendf(&text, "%s%s/%s/%s", i ? " " : "", wanted[i].kind, wanted[i].namespace ? wanted[i].namespace : "",
                           wanted[i].name ? wanted[i].name : "*");
    return cat_string_take(&text);
}

TEST("each object that is watched brings the keys that rest on it")
{
    static const struct {
        const char *what;
        ec_trigger_on on;
        const char *object, *listed, *changed, *deleted;
    } rows[] = {
        {"a Sovereign", EC_ON_SOVEREIGN, "{\"metadata\":{\"name\":\"s\"}}", "Sovereign//s", "Sovereign//s Organization//*",
         "Sovereign//s Organization//*"},
        {"an Organization", EC_ON_ORGANIZATION, "{\"metadata\":{\"name\":\"acme\"}}", "Organization//acme People//acme",
         "Organization//acme People//acme Environment/acme/* Informer/acme/*",
         "Organization//acme People//acme Environment/acme/* Informer/acme/*"},
        {"an Environment", EC_ON_ENVIRONMENT, "{\"metadata\":{\"namespace\":\"acme\",\"name\":\"acme-dev\"}}",
         "Environment/acme/acme-dev", "Environment/acme/acme-dev Organization//acme Application/acme/* Informer/acme/*",
         "Environment/acme/acme-dev Organization//acme Application/acme/* Informer/acme/*"},
        {"an Application", EC_ON_APPLICATION, "{\"metadata\":{\"namespace\":\"acme\",\"name\":\"blog\"}}",
         "Application/acme/blog", "Application/acme/blog", "Application/acme/blog Environment/acme/* Organization//acme"},
        {"a policy", EC_ON_POLICY, "{\"metadata\":{\"namespace\":\"catalyst-system\",\"name\":\"strict\"}}",
         "EnvironmentPolicy/catalyst-system/strict", "EnvironmentPolicy/catalyst-system/strict",
         "EnvironmentPolicy/catalyst-system/strict"},
        {"a vcluster", EC_ON_VCLUSTER,
         "{\"metadata\":{\"namespace\":\"acme\",\"name\":\"vc-x\",\"labels\":{\"" CAT_LABEL_VCLUSTER "\":\"x\"}}}",
         "Organization//acme Informer/acme/x", "Organization//acme Informer/acme/x Environment/acme/*",
         "Organization//acme Informer/acme/x Environment/acme/*"},
        {"a part of an Organization", EC_ON_HOST_SOURCE,
         "{\"metadata\":{\"namespace\":\"acme\",\"name\":\"c\",\"labels\":{\"" CAT_LABEL_ORGANIZATION "\":\"acme\"}}}", "",
         "Organization//acme", "Organization//acme"},
        {"a HelmRelease that does not say whose it is", EC_ON_VCLUSTER_RELEASE, "{\"metadata\":{\"name\":\"x\"}}", "", "", ""},
        {"credentials of an Organization", EC_ON_PULL_OWN,
         "{\"metadata\":{\"namespace\":\"acme\",\"name\":\"pull-credentials\"}}", "Environment/acme/* Application/acme/*",
         "Environment/acme/* Application/acme/*", "Environment/acme/* Application/acme/*"},
        {"everybody's credentials", EC_ON_PULL_SOVEREIGN,
         "{\"metadata\":{\"namespace\":\"catalyst-environment-controller\",\"name\":\"pull\"}}", "Environment//* Application//*",
         "Environment//* Application//*", "Environment//* Application//*"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].what);
        cat_document *document __attribute__((cleanup(cat_document_destroy_cleanup))) = NULL;
        REQUIRE(cat_document_parse(rows[i].object, strlen(rows[i].object), &CAT_JSON_CAPS, &document, NULL) == 0);
        ec_seen_object object = ec_triggers_object(rows[i].on, &SETTINGS, cat_document_root(document));
        cat_autofree char *listed = decided(rows[i].on, EC_SEEN_LISTED, &object),
                          *changed = decided(rows[i].on, EC_SEEN_CHANGED, &object),
                          *deleted = decided(rows[i].on, EC_SEEN_DELETED, &object);
        EXPECT_TEXT(listed, rows[i].listed);
        EXPECT_TEXT(changed, rows[i].changed);
        EXPECT_TEXT(deleted, rows[i].deleted);
    }
}

TEST("what is seen in a vcluster, on the spine and by the clock brings keys too")
{
    static const struct {
        const char *what;
        ec_trigger_on on;
        ec_seen seen;
        ec_seen_object object;
        const char *keys;
    } rows[] = {
        {"a namespace of an Application",
         EC_ON_NAMESPACE,
         EC_SEEN_CHANGED,
         {.organization = "acme", .label = "blog"},
         "Application/acme/blog"},
        {"a namespace of nobody", EC_ON_NAMESPACE, EC_SEEN_CHANGED, {.organization = "acme", .label = ""}, ""},
        {"a namespace in a list", EC_ON_NAMESPACE, EC_SEEN_LISTED, {.organization = "acme", .label = "blog"}, ""},
        {"a Kustomization that went",
         EC_ON_FLUX,
         EC_SEEN_DELETED,
         {.organization = "acme", .label = "blog"},
         "Application/acme/blog"},
        {"an XRD", EC_ON_XRD, EC_SEEN_CHANGED, {.namespace = "acme", .name = "x"}, "Informer/acme/x"},
        {"claims", EC_ON_CLAIMS, EC_SEEN_LISTED, {.organization = "acme", .label = "blog"}, "Application/acme/blog"},
        {"a stream made anew",
         EC_ON_RELIST_WANTED,
         EC_SEEN_CHANGED,
         {.namespace = "acme", .name = "acme-dev"},
         "Environment/acme/acme-dev"},
        {"a spine that is back", EC_ON_SPINE_BACK, EC_SEEN_CHANGED, {0}, "Organization//*"},
        {"the interval",
         EC_ON_INTERVAL,
         EC_SEEN_CHANGED,
         {0},
         "Sovereign//* Organization//* Environment//* Application//* EnvironmentPolicy//*"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].what);
        cat_autofree char *keys = decided(rows[i].on, rows[i].seen, &rows[i].object);
        EXPECT_TEXT(keys, rows[i].keys);
    }
}

TEST("the Sovereign's credentials are watched by name where there are any, and what is no Kubernetes object never")
{
    ec_trigger_watch watch;
    REQUIRE(ec_triggers_watch(EC_ON_PULL_SOVEREIGN, &SETTINGS, &watch));
    EXPECT_TEXT(watch.kind, "Secret");
    EXPECT_TEXT(watch.namespace, "catalyst-environment-controller");
    EXPECT_TEXT(watch.selector, "field:metadata.name=pull");
    EXPECT(watch.once_a_version);
    const ec_settings none = {.namespace = "catalyst-environment-controller"};
    EXPECT(!ec_triggers_watch(EC_ON_PULL_SOVEREIGN, &none, &watch));
    EXPECT(!ec_triggers_watch(EC_ON_NAMESPACE, &SETTINGS, &watch));
    EXPECT(!ec_triggers_watch(EC_ON_INTERVAL, &SETTINGS, &watch));
    REQUIRE(ec_triggers_watch(EC_ON_SOVEREIGN, &SETTINGS, &watch));
    EXPECT(!watch.namespace && !*watch.selector && !watch.once_a_version);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
