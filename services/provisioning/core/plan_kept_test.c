/* What an uninstall says that it leaves: by name, or that there is none. */
#include "core/plan_kept.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"

#define END ". The repository is archived, and the name stays taken: " PRV_WHO_FREES

static json_t *json(const char *text)
{
    cat_autofree char *copy = cat_strdup(text);
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    return json_loads(copy, JSON_DECODE_ANY, NULL);
}

TEST("what stays of an uninstalled Application is said by name, or that there is none, or that it is not known")
{
    static const struct {
        const char *kept, *first, *second;
    } rows[] = {
        {"{'volumes': [], 'secrets': []}", "No volume and no secret is kept, as there is none" END, NULL},
        {"{'volumes': [{'environment': 'acme-dev', 'name': 'data'}], 'secrets': ['org/acme/env/dev/blog/db']}",
         "Kept: volume data in acme-dev, secret org/acme/env/dev/blog/db" END, NULL},
        {"{'volumes': [], 'secrets': [], 'unknown': true}",
         "Its volumes and secrets could not be looked at: what its Blueprint keeps is kept" END, NULL},
        {"{'volumes': [], 'secrets': ['org/acme/env/dev/blog/db'], 'unknown': true}",
         "Kept: secret org/acme/env/dev/blog/db, and what else its Blueprint keeps, which could not be looked at" END, NULL},
        {"{'volumes': [{'environment': 'acme-dev', 'name': 'scratch', 'goes': true}], 'secrets': []}",
         "Removed with what is on it: volume scratch in acme-dev. Its claim does not say kustomize.toolkit.fluxcd.io/prune: "
         "disabled",
         "No volume and no secret is kept, as there is none" END},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].kept);
        cat_autojson json_t *plan = json_pack("{s:[]}", "warnings"), *kept = json(rows[i].kept);
        prv_tell_kept(plan, kept);
        EXPECT_TEXT(cat_json_text(plan, "warnings.0"), rows[i].first);
        EXPECT_TEXT(cat_json_text(plan, "warnings.1"), rows[i].second);
    }
}

TEST("of many the first are named, and how many more there are")
{
    cat_autojson json_t *plan = json_pack("{s:[]}", "warnings"), *paths = json_array();
    for (int i = 0; i < 25; i++)
        json_array_append_new(paths, json_sprintf("s%d", i));
    cat_autojson json_t *kept = json_pack("{s:[],s:O}", "volumes", "secrets", paths);
    prv_tell_kept(plan, kept);
    const char *text = cat_json_text_or(plan, "warnings.0", "");
    EXPECT(strstr(text, "secret s19 and 5 more.") && !strstr(text, "s20"));
}

TEST("Flux takes away the claims that it made, but for those that say that they stay")
{
    cat_autojson json_t *
        objects = json(
           "[{'kind': 'PersistentVolumeClaim', 'metadata': {'name': 'data', 'annotations': {'kustomize.toolkit.fluxcd.io/prune': "
           "'disabled'}}}, {'kind': 'PersistentVolumeClaim', 'metadata': {'name': 'scratch'}}, {'kind': 'ConfigMap', 'metadata': "
           "{'name': 'c'}}, {'kind': 'StatefulSet', 'metadata': {'name': 'pg'}, 'spec': {'replicas': 2, 'volumeClaimTemplates': "
           "[{'metadata': {'name': 'wal'}}]}}]"),
       *claims = prv_claims_of(objects),
       *wanted = json("[{'name': 'data', 'goes': false}, {'name': 'scratch', 'goes': true},"
                      " {'name': 'wal-pg-0', 'goes': false}, {'name': 'wal-pg-1', 'goes': false}]");
    EXPECT(json_equal(claims, wanted));
}

TEST("which secrets it has its Blueprint says, for each of its Environments")
{
    cat_autojson json_t *facts = json(
        "{'organization': {'name': 'acme'}, 'environments': {'acme-dev': {'type': 'dev'}, 'acme-prod': {'type': 'prod'}},"
        " 'blueprints': [{'source': 'catalog', 'name': 'bp-x', 'version': '1.0.0', 'spec': {'rotation': [{'secret': 'db'}]}},"
        "                {'source': 'catalog', 'name': 'bp-none', 'version': '1.0.0', 'spec': {}}], 'applications': {"
        " 'blog': {'spec': {'environments': ['acme-dev', 'acme-prod']}, 'branches': {'develop': {'source': {'blueprint': "
        "{'source': 'catalog', 'name': 'bp-x', 'version': '1.0.0'}}}}},"
        " 'plain': {'spec': {'environments': ['acme-dev']}, 'branches': {'develop': {'source': {'blueprint': {'source': "
        "'catalog', 'name': 'bp-none', 'version': '1.0.0'}}}}}, 'lost': {'spec': {'environments': ['acme-dev']}}}}");
    cat_autojson json_t *blog = prv_secrets_of(facts, "blog"), *plain = prv_secrets_of(facts, "plain"),
                        *lost = prv_secrets_of(facts, "lost"),
                        *wanted = json("['org/acme/env/dev/blog/db', 'org/acme/env/prod/blog/db']");
    EXPECT(json_equal(blog, wanted));
    EXPECT_INT(json_array_size(plain), 0);
    EXPECT(plain && !lost);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
