/* Projector's account in a vcluster, as text. */
#define EC_PLAN_TEST_MAIN
#include "core/plan_reconcile_requester.h"

#include "base/encoding.h"
#include "core/plan_test_parts.h"

#define NOW_MS INT64_C(1795950000000) /* 2026-11-29T11:00:00Z */
/* SHA-256 of "Y29uZmln" */
#define KUBECONFIG "{metadata: {name: vc}, data: {config: Y29uZmln}}"

TEST("projector gets an account that may ask Flux to look, and a kubeconfig that is renewed in time")
{
    static const struct {
        const char *what, *renew_at;
        bool same_cluster, made;
    } rows[] = {{"none yet", NULL, true, true},
                {"a good one", "2026-11-29T12:00:00Z", true, false},
                {"half of its life is over", "2026-11-29T11:00:00Z", true, true},
                {"the vcluster was made anew", "2026-11-29T12:00:00Z", false, true},
                {"a time that is none", "soon", true, true}};
    cat_autojson json_t *sovereign = test_json(SOVEREIGN), *kubeconfig = test_json(KUBECONFIG),
                        *other = test_json("{data: {config: AAAA}}");
    ec_vclusters vclusters;
    ec_vclusters_of_organization(sovereign, "acme", &vclusters);
    REQUIRE(vclusters.count > 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].what);
        cat_auto(ec_observed) observed;
        ec_observed_init(&observed);
        cat_auto(ec_plan) first = {0}, plan = {0};
        ec_plan_reconcile_requester(&SETTINGS, rows[i].same_cluster ? kubeconfig : other, NOW_MS, &observed, &first,
                                    &vclusters.items[0], "acme");
        const char *digest = NULL;
        for (size_t j = 0; j < first.count; j++) {
            if (first.items[j].step == EC_STEP_RECONCILE_REQUESTER)
                digest = cat_json_text(first.items[j].object, "digest");
        }
        REQUIRE(digest);
        if (rows[i].renew_at) {
            cat_autofree char *text =
                cat_printf("{metadata: {name: vc, annotations: {openova.io/kubeconfig: '%s', openova.io/renew-at: '%s'}}}",
                           digest, rows[i].renew_at);
            test_put(&observed, "management Secret catalyst-projector vc-" VCLUSTER, text);
        }
        ec_plan_reconcile_requester(&SETTINGS, kubeconfig, NOW_MS, &observed, &plan, &vclusters.items[0], "acme");
        cat_autofree char *text = test_section(&plan, EC_FLUX);
        EXPECT((strstr(text, "projector's account") != NULL) == rows[i].made);
        EXPECT(strstr(text, "apply Role on " VCLUSTER ": flux-system/catalyst-projector\n") != NULL);
    }
}

TEST("its kubeconfig holds its own token, the vcluster's address, and nothing of the administrator's")
{
    cat_autojson json_t *secret =
        ec_reconcile_requester_secret("nbg-acme", "https://vc.example.org", "PEM", "its-token", "abc", NOW_MS);
    EXPECT_TEXT(cat_object_namespace(secret), "catalyst-projector");
    EXPECT_TEXT(cat_object_name(secret), "vc-nbg-acme");
    EXPECT_TEXT(cat_object_annotation(secret, EC_ANNOTATION_REQUESTER_RENEW_AT), "2026-11-29T23:00:00.000Z");
    const char *encoded = cat_json_text_or(secret, "data.config", "");
    size_t length = 0;
    cat_autofree char *text = (char *)cat_base64_decode(encoded, strlen(encoded), &length);
    cat_autojson json_t *config = NULL;
    REQUIRE(text && cat_json_parse(text, length, &CAT_JSON_CAPS, &config, NULL) == 0);
    EXPECT_TEXT(cat_json_text(config, "clusters.0.cluster.server"), "https://vc.example.org");
    EXPECT_TEXT(cat_json_text(config, "clusters.0.cluster.certificate-authority-data"), "UEVN");
    EXPECT_TEXT(cat_json_text(config, "users.0.user.token"), "its-token");
    EXPECT_INT(json_object_size(cat_json_get(config, "users.0.user")), 1);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
