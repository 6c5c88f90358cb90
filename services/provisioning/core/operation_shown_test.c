/* What of an operation somebody sees, and that it names no Environment that is hidden from them. */
#include "core/operation_shown.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"
#include "core/operation.h"

static const char OPERATION[] =
    "{\"operation\": \"01op\", \"kind\": \"install\", \"organization\": \"acme\", \"application\": \"blog\", \"applications\": "
    "[\"blog\", \"blog-db\"], \"environments\": [\"acme-dev\", \"acme-stg\", \"acme-prod\"], \"status\": \"Waiting\", "
    "\"ticket\": 7, "
    "\"sequence\": 9, \"message\": \"blog has yet to take its commit\", \"about\": \"acme-stg\", \"steps\": [{\"name\": "
    "\"branches\", "
    "\"status\": \"Succeeded\"}, {\"name\": \"running\", \"status\": \"Waiting\", \"message\": \"blog has yet to take its "
    "commit\", "
    "\"about\": \"acme-stg\"}], \"commits\": [{\"repository\": \"acme/blog\", \"branch\": \"develop\", \"commit\": \"aa\"}, "
    "{\"repository\": \"acme/blog\", \"branch\": \"staging\", \"commit\": \"bb\"}, {\"repository\": \"acme/blog\", \"branch\": "
    "\"main\", \"commit\": \"cc\"}]}";

static json_t *of(const char *text)
{
    return json_loads(text, 0, NULL);
}

static json_t *told(const json_t *operation, const char *environment)
{
    char id[PRV_EVENT_ID_MAX];
    return prv_operation_told(operation, environment, id);
}

TEST("an Environment is told of itself alone, and how many others there are")
{
    static const struct {
        const char *environment, *commit;
        bool told;
    } rows[] = {{"acme-dev", "aa", false}, {"acme-stg", "bb", true}, {"acme-prod", "cc", false}};
    cat_autojson json_t *operation = of(OPERATION);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].environment);
        cat_autojson json_t *own = json_pack("[s]", rows[i].environment), *shown = told(operation, rows[i].environment);
        EXPECT(json_equal(json_object_get(shown, "environments"), own));
        EXPECT_INT(cat_json_int_or(shown, "elsewhere", -1), 2);
        EXPECT_INT(json_array_size(json_object_get(shown, "commits")), 1);
        EXPECT_TEXT(cat_json_text(shown, "commits.0.commit"), rows[i].commit);
        EXPECT(cat_json_bool_or(shown, "messageElsewhere", false) == !rows[i].told);
        EXPECT(cat_json_bool_or(shown, "steps.1.messageElsewhere", false) == !rows[i].told);
        EXPECT(!cat_json_bool_or(shown, "steps.0.messageElsewhere", false));
        cat_autofree char *text = cat_json_format(shown);
        EXPECT((strstr(text, "yet to take") != NULL) == rows[i].told);
        EXPECT(!strstr(text, "\"about\"") && !strstr(text, "ticket"));
        EXPECT_INT(strstr(text, "acme-stg") || strstr(text, "staging"), rows[i].told);
    }
}

TEST("what an Environment is told of the same operation has the same id and the same bytes, whatever others are told meanwhile")
{
    char first_id[PRV_EVENT_ID_MAX], other_id[PRV_EVENT_ID_MAX], again_id[PRV_EVENT_ID_MAX], later_id[PRV_EVENT_ID_MAX];
    cat_autojson json_t *operation = of(OPERATION), *untouched = of(OPERATION);
    cat_autojson json_t *first = prv_operation_told(operation, "acme-dev", first_id),
                        *other = prv_operation_told(operation, "acme-stg", other_id),
                        *again = prv_operation_told(operation, "acme-dev", again_id);
    cat_autofree char *before = cat_json_format(first), *after = cat_json_format(again);
    EXPECT_TEXT(before, after);
    EXPECT_TEXT(first_id, "01op/acme-dev/9");
    EXPECT_TEXT(again_id, first_id);
    EXPECT_TEXT(other_id, "01op/acme-stg/9");
    EXPECT(!json_equal(first, other));
    EXPECT(json_equal(operation, untouched));
    prv_operation_touch(operation, 1000);
    cat_autojson json_t *later = prv_operation_told(operation, "acme-dev", later_id);
    EXPECT_TEXT(later_id, "01op/acme-dev/10");
    EXPECT_INT(cat_json_int_or(later, "sequence", 0), 10);
}

TEST("words of which nobody said where they belong are left out where they name another Environment")
{
    static const struct {
        const char *words;
        bool dev, prod;
    } rows[] = {{"namespace catalyst-secrets-acme for secrets is not ready yet", true, true},
                {"the parts of acme-prod: no room", false, true},
                {"bucket ws-acme-dev-state does not answer", true, false},
                {"Kustomization flux-system/blog-prod is suspended", false, true},
                {"pod web in blog-db-dev cannot be pulled", true, false},
                {"values.yaml on main of acme/blog has changed since the plan was made", false, true},
                {"the Git server refused refs/heads/main of acme/blog", false, true},
                {"branch main of acme/blog is not there", false, true},
                {"overlays/prod/values.yaml has changed", false, true},
                {"secret org.acme.env.prod.blog.db was made meanwhile", false, true},
                {"blog-production is no name, and blog has no maintainer", true, true},
                {"blog runs in acme-dev and acme-prod", false, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].words);
        cat_autojson json_t *operation = of(OPERATION);
        json_object_del(operation, "about");
        json_object_set_new(operation, "message", json_string(rows[i].words));
        cat_autojson json_t *to_dev = told(operation, "acme-dev"), *to_prod = told(operation, "acme-prod"),
                            *whole = told(operation, NULL);
        EXPECT_INT(cat_text_equal(cat_json_text(to_dev, "message"), rows[i].words), rows[i].dev);
        EXPECT_INT(cat_text_equal(cat_json_text(to_prod, "message"), rows[i].words), rows[i].prod);
        EXPECT_TEXT(cat_json_text(whole, "message"), rows[i].words);
    }
}

TEST("an Environment's own words may name what they like: whoever sees it has them from its rows")
{
    cat_autojson json_t *operation = of(OPERATION);
    json_object_set_new(operation, "message", json_string("blog in acme-stg: it cannot reach db.acme-prod.example.org"));
    cat_autojson json_t *shown = told(operation, "acme-stg");
    EXPECT(strstr(cat_json_text_or(shown, "message", ""), "acme-prod") != NULL);
    EXPECT(!json_object_get(shown, "messageElsewhere"));
}

TEST("what overtook an operation is named where it did")
{
    cat_autojson json_t *operation = of(OPERATION);
    json_t *step = prv_operation_next_step(operation);
    prv_operation_supersede(operation, step, "02later", "dd", "blog in acme-stg runs the later commit dd", 1000);
    prv_operation_is_about(operation, step, "acme-stg");
    cat_autojson json_t *to_dev = told(operation, "acme-dev"), *to_stg = told(operation, "acme-stg");
    EXPECT_TEXT(cat_json_text(to_stg, "supersededBy"), "02later");
    EXPECT_TEXT(cat_json_text(to_stg, "supersededByCommit"), "dd");
    EXPECT(!json_object_get(to_dev, "supersededBy") && !json_object_get(to_dev, "supersededByCommit"));
    EXPECT_TEXT(cat_json_text(to_dev, "status"), "Superseded");
}

static json_t *shown_to(const char *group)
{
    cat_auto(cat_principal) principal = {.user = cat_strdup("devi"), .subject = cat_strdup("1")};
    cat_membership membership;
    cat_autojson json_t *operation = of(OPERATION);
    if (!cat_membership_parse(group, &membership))
        return NULL;
    cat_principal_add(&principal, &membership);
    return prv_operation_shown_to(&principal, operation);
}

TEST("who asks is shown what is of the Environments that he may see, and all of it only if he sees all of them")
{
    cat_autojson json_t *dev = shown_to("/acme/org-developer/dev"), *stg = shown_to("/acme/org-viewer/stg"),
                        *all = shown_to("/acme/org-viewer"), *whole = of(OPERATION);
    EXPECT_INT(json_array_size(json_object_get(dev, "environments")), 1);
    EXPECT_INT(cat_json_int_or(dev, "elsewhere", -1), 2);
    EXPECT(cat_json_bool_or(dev, "messageElsewhere", false));
    EXPECT_TEXT(cat_json_text(stg, "message"), "blog has yet to take its commit");
    EXPECT(json_equal(json_object_get(all, "environments"), json_object_get(whole, "environments")));
    EXPECT_INT(cat_json_int_or(all, "elsewhere", -1), 0);
    EXPECT_INT(json_array_size(json_object_get(all, "commits")), 3);
    EXPECT(!json_object_get(all, "messageElsewhere"));
}

TEST("an operation without Environments is told whole")
{
    cat_autojson json_t *operation =
        of("{\"operation\": \"o\", \"organization\": \"acme\", \"environments\": [], \"steps\": []}");
    cat_autojson json_t *shown = told(operation, NULL);
    EXPECT_INT(json_array_size(json_object_get(shown, "environments")), 0);
    EXPECT_INT(cat_json_int_or(shown, "elsewhere", -1), 0);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
