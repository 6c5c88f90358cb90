/* What the tests of planners share: settings, JSON from text, a plan's lines of one section. */
#ifndef EC_PLAN_TEST_PARTS_H
#define EC_PLAN_TEST_PARTS_H

#include "base/memory.h"
#include "base/test.h"
#include "core/plan_facts.h"

static const ec_settings SETTINGS __attribute__((unused)) = {.sovereign = "local",
                                                             .domain = "example.org",
                                                             .git_url = "http://git",
                                                             .namespace = "catalyst-environment-controller",
                                                             .git_user = "catalyst-environment",
                                                             .provisioning_user = "catalyst-provisioning",
                                                             .projector_user = "catalyst-projector",
                                                             .blueprints_user = "catalyst-blueprints",
                                                             .merge_user = "catalyst-merge",
                                                             .source_name = "catalyst-config",
                                                             .chart = "vcluster",
                                                             .chart_version = "1.0",
                                                             .chart_repository = "vcluster",
                                                             .issuer = "http://id",
                                                             .public_url = "https://catalyst.example.org",
                                                             .flux_secret = "secret",
                                                             .shard = "default",
                                                             .store_server = "https://management",
                                                             .store_authority = "PEM"};

#define SOVEREIGN "{spec: {hostClusters: [{name: hz-nbg-mgt-prod, region: nbg, roles: [management, workload]}]}}"
#define VCLUSTER "hz-nbg-mgt-prod-acme"
#define FINALIZERS "finalizers: [catalyst.openova.io/environment-controller]"
#define DELETING "deletionTimestamp: '2026-11-24T08:00:00Z', " FINALIZERS

/* From YAML, as that reads better. */
json_t *test_json(const char *text);
void test_put(ec_observed *observed, const char *key, const char *text);
/* Lines of one section without its name, digests left out. The caller's. */
char *test_section(const ec_plan *plan, ec_section section);
/* Every object that the plan applies is there from now on. */
void test_carry_out(const ec_plan *plan, ec_observed *observed);
/* The object that the plan applies; NULL. Lends. */
const json_t *test_applied(const ec_plan *plan, const char *kind, const char *name);

#ifdef EC_PLAN_TEST_MAIN
#include <string.h>

#include "wire/yaml.h"

json_t *test_json(const char *text)
{
    json_t *value = NULL;
    cat_error error = {0};
    if (cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &value, NULL, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s: %s", text, error.message);
    return value;
}

void test_put(ec_observed *observed, const char *key, const char *text)
{
    ec_observed_set(observed, key, test_json(text));
}

char *test_section(const ec_plan *plan, ec_section section)
{
    cat_auto(cat_string) lines = CAT_STRING(65536);
    cat_autofree char *text = ec_plan_text(plan), *prefix = cat_printf("%s: ", ec_section_name(section));
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *digest = strstr(line, ",\"digest\"");
        if (digest)
            strcpy(digest, "}");
        if (cat_text_starts_with(line, prefix))
            cat_string_appendf(&lines, "%s\n", line + strlen(prefix));
    }
    return cat_string_take(&lines);
}

void test_carry_out(const ec_plan *plan, ec_observed *observed)
{
    for (size_t i = 0; i < plan->count; i++) {
        const ec_action *action = &plan->items[i];
        if (action->verb != EC_APPLY)
            continue;
        cat_autofree char *key = ec_key(action->cluster, cat_json_text(action->object, "kind"),
                                        cat_object_namespace(action->object), cat_object_name(action->object));
        ec_observed_set(observed, key, json_deep_copy(action->object));
    }
}

const json_t *test_applied(const ec_plan *plan, const char *kind, const char *name)
{
    for (size_t i = 0; i < plan->count; i++) {
        const ec_action *action = &plan->items[i];
        if (action->verb == EC_APPLY && cat_text_equal(cat_json_text(action->object, "kind"), kind) &&
            cat_text_equal(cat_object_name(action->object), name))
            return action->object;
    }
    return NULL;
}
#endif

#endif
