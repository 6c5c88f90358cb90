#include "domain/kinds.h"

#include <strings.h>

#include "base/test.h"
#include "domain/object_status_internal.h"
#include "wire/subjects.h"

static bool is_object(const cat_kind_row *row)
{
    return row->resource.kind != NULL;
}

TEST("every row of the table is complete, and its token is what subjects and keys call it")
{
    for (int kind = CAT_KIND_OTHER + 1; kind < CAT_KIND_COUNT; kind++) {
        const cat_kind_row *row = cat_kind_get((cat_kind)kind);
        const cat_resource *resource = &row->resource;
        cat_test_row("%s", row->token ? row->token : "(a row that is missing)");
        REQUIRE(row->token && *row->token && row->rule);
        EXPECT(row->voice < CAT_VOICE_COUNT && row->part < CAT_PART_COUNT);
        if (!is_object(row)) {
            EXPECT(row->vcluster == CAT_WATCH_NEVER && row->management == CAT_WATCH_NEVER && !resource->namespaced);
            continue;
        }
        char token[CAT_KEY_MAX];
        cat_kind_token(resource->kind, resource->group, token, sizeof token);
        EXPECT_TEXT(row->token, token);
        EXPECT(resource->version && *resource->version);
        /* Plurals are lower case and begin as their kind does. */
        EXPECT(strspn(resource->plural, "abcdefghijklmnopqrstuvwxyz") == strlen(resource->plural));
        EXPECT(strncasecmp(resource->plural, resource->kind, 3) == 0);
        EXPECT(resource->namespaced || (row->vcluster == CAT_WATCH_NEVER && row->management == CAT_WATCH_NEVER));
    }
}

TEST("no two rows have one token, and no two of built-in groups' or Catalyst's kinds one name")
{
    for (int kind = CAT_KIND_OTHER + 1; kind < CAT_KIND_COUNT; kind++) {
        const cat_kind_row *row = cat_kind_get((cat_kind)kind);
        cat_test_row("%s", row->token);
        EXPECT_INT(cat_kind_of_token(cat_slice_of(row->token)), kind);
        for (int other = kind + 1; other < CAT_KIND_COUNT; other++)
            EXPECT(!is_object(row) || !cat_text_equal(row->resource.kind, cat_kind_get((cat_kind)other)->resource.kind));
    }
    EXPECT_INT(cat_kind_of_token(cat_slice_of("widget_example_org")), CAT_KIND_OTHER);
    EXPECT_INT(cat_kind_of_token(cat_slice_of("")), CAT_KIND_OTHER);
}

TEST("a row's key tells its kind, and all of a kind are asked for by its token")
{
    char key[CAT_KEY_MAX], filter[CAT_KEY_MAX];
    REQUIRE(cat_key_make("pod", "blog-dev", "blog-0", key, NULL) == 0);
    EXPECT(cat_kind_has_key(CAT_KIND_POD, key) && !cat_kind_has_key(CAT_KIND_POD_DISRUPTION_BUDGET, key));
    REQUIRE(cat_key_make("poddisruptionbudget", "blog-dev", "blog", key, NULL) == 0);
    EXPECT(!cat_kind_has_key(CAT_KIND_POD, key) && cat_kind_has_key(CAT_KIND_POD_DISRUPTION_BUDGET, key));
    EXPECT(!cat_kind_has_key(CAT_KIND_POD, "") && !cat_kind_has_key(CAT_KIND_POD, "pod"));
    EXPECT(cat_kind_is("pod", CAT_KIND_POD) && !cat_kind_is("pods", CAT_KIND_POD));
    cat_kind_filter(CAT_KIND_POD, filter);
    EXPECT_TEXT(filter, "pod.>");
}

TEST("every kind is found by group and kind, and by no other")
{
    for (int kind = CAT_KIND_OTHER + 1; kind < CAT_KIND_COUNT; kind++) {
        const cat_kind_row *row = cat_kind_get((cat_kind)kind);
        cat_test_row("%s", row->token);
        if (is_object(row))
            EXPECT(cat_resource_find(row->resource.group, row->resource.kind) == &row->resource);
        if (is_object(row))
            EXPECT(cat_kind_rule(row->resource.group, row->resource.kind) == row->rule);
    }
    EXPECT(cat_resource_find("apps", "Pod") == NULL);
    EXPECT(cat_resource_find(NULL, "Pod") == cat_resource_find("", "Pod"));
    EXPECT(!cat_resource_find(CAT_GROUP, "Organization")->namespaced && cat_resource_find(CAT_GROUP, "Environment")->namespaced);
}

TEST("a kind that nobody knows by name is judged as its group, or by its conditions")
{
    EXPECT(cat_kind_rule("source.toolkit.fluxcd.io", "OCIRepository") == status_of_flux);
    EXPECT(cat_kind_rule("external-secrets.io", "ClusterSecretStore") == status_of_external_secret);
    EXPECT(cat_kind_rule("example.org", "Widget") == status_of_conditions);
    EXPECT(cat_kind_rule("", "Widget") == status_of_conditions);
    EXPECT(cat_kind_rule("example.org", "Deployment") == status_of_conditions);
}

TEST("what is watched speaks of an Application, and what makes one exist is watched")
{
    int watched = 0;
    for (int kind = CAT_KIND_OTHER + 1; kind < CAT_KIND_COUNT; kind++) {
        const cat_kind_row *row = cat_kind_get((cat_kind)kind);
        cat_test_row("%s", row->token);
        watched += row->vcluster != CAT_WATCH_NEVER;
        if (row->part == CAT_PART_ANCHOR || row->part == CAT_PART_WORKLOAD || row->part == CAT_PART_SCHEDULE)
            EXPECT(row->vcluster != CAT_WATCH_NEVER || row->management != CAT_WATCH_NEVER);
        /* What an Application rests by has to say whether it rests. */
        if (row->part == CAT_PART_WORKLOAD || row->part == CAT_PART_SCHEDULE)
            EXPECT(row->rule != status_of_conditions);
        if (row->voice == CAT_VOICE_SOURCE || row->voice == CAT_VOICE_APPLIER || row->voice == CAT_VOICE_BRANCH)
            EXPECT(row->part == CAT_PART_ANCHOR);
    }
    EXPECT_INT(watched, 20);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
