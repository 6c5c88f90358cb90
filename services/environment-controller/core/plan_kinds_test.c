/* Claims of XRDs, and when a kind is watched. */
#include "core/plan_kinds.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"

TEST("an XRD that offers claims says what they are called, in the version that Crossplane refers to")
{
    static const struct {
        const char *what, *definition, *claim;
    } rows[] = {
        {"one version",
         "{\"spec\":{\"group\":\"example.org\",\"claimNames\":{\"kind\":\"Bucket\",\"plural\":\"buckets\"},\"versions\":[{"
         "\"name\":\"v1\","
         "\"served\":true,\"referenceable\":true}]}}",
         "buckets.example.org v1 Bucket"},
        {"the one referred to",
         "{\"spec\":{\"group\":\"example.org\",\"claimNames\":{\"kind\":\"Bucket\",\"plural\":\"buckets\"},\"versions\":[{"
         "\"name\":\"v1alpha1\","
         "\"served\":true},{\"name\":\"v1beta1\",\"served\":true,\"referenceable\":true},{\"name\":\"v1\",\"served\":true}]}}",
         "buckets.example.org v1beta1 Bucket"},
        {"the first that is served",
         "{\"spec\":{\"group\":\"example.org\",\"claimNames\":{\"kind\":\"Bucket\",\"plural\":\"buckets\"},\"versions\":[{"
         "\"name\":\"v1\","
         "\"served\":false,\"referenceable\":true},{\"name\":\"v2\",\"served\":true},{\"name\":\"v3\",\"served\":true}]}}",
         "buckets.example.org v2 Bucket"},
        {"no claims", "{\"spec\":{\"group\":\"example.org\",\"versions\":[{\"name\":\"v1\",\"served\":true}]}}", NULL},
        {"nothing served",
         "{\"spec\":{\"group\":\"example.org\",\"claimNames\":{\"kind\":\"Bucket\",\"plural\":\"buckets\"},\"versions\":[]}}",
         NULL},
        {"a kind longer than any",
         "{\"spec\":{\"group\":\"example.org\",\"claimNames\":{\"kind\":"
         "\"Bucketbucketbucketbucketbucketbucketbucketbucketbucketbucketbucketbucket\","
         "\"plural\":\"buckets\"},\"versions\":[{\"name\":\"v1\",\"served\":true}]}}",
         NULL},
        {"nothing at all", "{}", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].what);
        cat_document *document __attribute__((cleanup(cat_document_destroy_cleanup))) = NULL;
        EXPECT_INT(cat_document_parse(rows[i].definition, strlen(rows[i].definition), &CAT_JSON_CAPS, &document, NULL), 0);
        ec_claim claim = {0};
        bool offers = ec_claim_of(cat_document_root(document), &claim);
        EXPECT(offers == (rows[i].claim != NULL));
        cat_autofree char *text = cat_printf("%s.%s %s %s", claim.plural, claim.group, claim.version, claim.kind);
        if (rows[i].claim)
            EXPECT_TEXT(text, rows[i].claim);
    }
}

TEST("a kind is watched from when it is served until its definition is gone")
{
    static const struct {
        const char *what;
        ec_kind_state state;
        ec_kind_next next;
    } rows[] = {
        {"not served yet", {.wanted = true}, EC_KIND_KEEP},
        {"served", {.wanted = true, .served = true}, EC_KIND_START},
        {"not wanted before it was served", {.served = true}, EC_KIND_FORGET},
        {"watched", {.watched = true, .wanted = true}, EC_KIND_KEEP},
        {"not offered any more, but there", {.watched = true}, EC_KIND_KEEP},
        {"not offered any more, and gone", {.watched = true, .failed = true, .gone = true}, EC_KIND_END},
        {"gone while still offered", {.watched = true, .wanted = true, .failed = true, .gone = true}, EC_KIND_END},
        {"gone while nobody looked", {.wanted = true, .gone = true}, EC_KIND_END},
        {"away for a moment", {.watched = true, .wanted = true, .failed = true}, EC_KIND_KEEP},
        {"in another version, and still served", {.watched = true, .wanted = true, .moved = true}, EC_KIND_KEEP},
        {"in another version alone", {.watched = true, .wanted = true, .moved = true, .failed = true}, EC_KIND_RENEW},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].what);
        EXPECT_INT(ec_kind_decide(&rows[i].state), rows[i].next);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
