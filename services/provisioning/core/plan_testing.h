/* What the tests of plans share: small facts, a wish as a plan, and what stands in it. */
#ifndef PRV_PLAN_TESTING_H
#define PRV_PLAN_TESTING_H

#include "base/memory.h"
#include "base/test.h"
#include "core/plan.h"
#include "kinds/kinds.h"

/* JSON with single quotes, so that tests read well. */
static inline json_t *json(const char *text)
{
    cat_autofree char *copy = cat_strdup(text);
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    json_t *value = json_loads(copy, JSON_DECODE_ANY, NULL);
    if (!value)
        cat_test_fail(__FILE__, __LINE__, "the test's own JSON is wrong: %s", copy);
    return value;
}

static const char BLUEPRINTS[] __attribute__((unused)) =
    "[{'source': 'catalog', 'name': 'bp-postgres', 'version': '1.4.0', 'digest': 'git-tree:a1', 'spec': {"
    "   'card': {'title': 'PostgreSQL'}, 'placementSchema': {'modes': ['single-region'], 'maxRegions': 1}, 'depends': [], "
    "'manifests': {'sizes': ['small', 'large']},"
    "   'configSchema': {'type': 'object', 'additionalProperties': false, 'properties': {"
    "      'username': {'type': 'string', 'default': 'app'},"
    "      'databases': {'type': 'array', 'items': {'type': 'string'}, 'default': []}}},"
    "   'outputs': {'host': '{{ .application.name }}.{{ .application.namespace }}.svc', 'port': '5432', 'user': '{{ "
    ".config.username }}',"
    "      'secretPath': '{{ .environment.secretPath }}/db'},"
    "   'rotation': [{'secret': 'db', 'keys': [{'name': 'password', 'length': 32}]}]}},"
    " {'source': 'catalog', 'name': 'bp-wordpress', 'version': '1.3.0', 'digest': 'git-tree:b1', 'spec': {"
    "   'card': {'title': 'WordPress'}, 'manifests': {'sizes': ['small', 'large']},"
    "   'configSchema': {'type': 'object', 'additionalProperties': false, 'required': ['title'], 'properties': {"
    "      'title': {'type': 'string', 'minLength': 1}, 'database': {'enum': ['postgres', 'sqlite'], 'default': 'postgres'},"
    "      'replicas': {'type': 'integer', 'minimum': 1, 'default': 1}}},"
    "   'depends': [{'blueprint': 'bp-postgres', 'version': '^1.4', 'alias': 'db', 'when': '{{ .config.database == "
    "\\\"postgres\\\" }}',"
    "      'values': {'databases': ['{{ .application.name }}']}}],"
    "   'outputs': {'url': 'http://{{ .application.name }}.{{ .environment.domain }}'},"
    "   'rotation': [{'secret': 'salts', 'keys': [{'name': 'auth', 'length': 64}]}]}}]";

static const char ENVIRONMENTS[] __attribute__((unused)) =
    "{'acme-dev': {'type': 'dev', 'domain': 'acme-dev.example.org', 'vclusters': ['hz-acme']},"
    " 'acme-stg': {'type': 'stg', 'domain': 'acme-stg.example.org', 'vclusters': ['hz-acme']},"
    " 'acme-prod': {'type': 'prod', 'domain': 'acme-prod.example.org', 'vclusters': ['hz-acme']}}";

static inline json_t *facts_with(const char *environments, const char *applications)
{
    cat_autojson json_t *manifests =
        json("{'catalog.bp-postgres.1.4.0': {'manifests/kustomization.yaml': 'resources: []\\n',"
             "  'sizes/small/kustomization.yaml': 'patches: []\\n', 'bind/kustomization.yaml': 'resources: []\\n'},"
             " 'catalog.bp-wordpress.1.3.0': {'manifests/kustomization.yaml': 'resources: []\\n',"
             "  'sizes/small/kustomization.yaml': 'patches: []\\n'}}");
    return cat_json_object(
        "now", json_string("2026-11-24T09:00:00.000Z"), "sovereign", json("{'name': 'one', 'domain': 'example.org'}"),
        "organization", json("{'name': 'acme', 'displayName': 'Acme'}"), "environments", json(environments), "blueprints",
        json(BLUEPRINTS), "manifests", json_incref(manifests), "applications", json(applications), "taken",
        json("['shared-blueprints', 'old-shop']"), "unfinished", json("['half-shop']"), "reads", json_array(), NULL);
}

/* A Postgres that runs in dev, as its branch has it. */
static const char PG[] __attribute__((unused)) =
    "{'pg': {'spec': {'environments': ['acme-dev']}, 'text': 'kind: Application\\n', 'branches': {'develop': {'commit': 'c0ffee',"
    "  'source': {'blueprint': {'source': 'catalog', 'name': 'bp-postgres', 'version': '1.4.0'}, 'size': 'small', "
    "'dependencies': {}},"
    "  'values': {'username': 'app', 'databases': []},"
    "  'overlays': {'dev': {'size': 'small', 'values': {}, 'links': {}}}, 'files': {'values.yaml': 'old\\n'}}}}}";

static const char WISH[] __attribute__((unused)) =
    "{'kind': 'install', 'application': 'site', 'blueprint': {'source': 'catalog', 'name': 'bp-wordpress'},"
    " 'environments': ['acme-dev'], 'config': {'title': 'Hello'}}";

static inline json_t *plan_of(const json_t *facts, const char *request)
{
    cat_autojson json_t *wish = json(request), *errors = NULL;
    json_t *plan = NULL;
    cat_error error = {0};
    if (prv_plan_make(prv_kind_of(wish), facts, wish, &plan, &errors, NULL, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "no plan: %s", error.message);
    return plan;
}

static inline void expect_plan(const json_t *facts, const char *request, const char *expected)
{
    cat_autojson json_t *plan = plan_of(facts, request);
    if (!plan)
        return;
    cat_autofree char *printed = prv_plan_print(plan);
    EXPECT_TEXT(printed, expected);
}

static inline const char *content_of(const json_t *plan, const char *repository, const char *branch, const char *path)
{
    size_t index, at;
    json_t *tree, *file;
    const char *found = NULL;
    json_array_foreach(json_object_get(plan, "trees"), index, tree)
    {
        if (!cat_text_equal(cat_json_text(tree, "repository"), repository) ||
            !cat_text_equal(cat_json_text(tree, "branch"), branch))
            continue;
        json_array_foreach(json_object_get(tree, "files"), at, file)
        {
            if (cat_text_equal(cat_json_text(file, "path"), path))
                found = cat_json_text(file, "content");
        }
    }
    return found;
}

/* An Application in dev and stg. */
static const char SITE[] __attribute__((unused)) =
    "{'site': {'spec': {'environments': ['acme-dev', 'acme-stg']}, 'text': 'kind: Application\\n', 'branches': {"
    "  'develop': {'commit': 'd', 'source': {'blueprint': {'source': 'catalog', 'name': 'bp-wordpress', 'version': '1.3.0'}, "
    "'size': 'small',"
    "     'dependencies': {'db': {'application': 'pg'}}}, 'values': {'title': 'Hello', 'database': 'postgres', 'replicas': 1},"
    "     'overlays': {'dev': {'size': 'small', 'links': {}}}, 'files': {'values.yaml': 'old\\n'}},"
    "  'staging': {'commit': 's', 'source': {'blueprint': {'source': 'catalog', 'name': 'bp-wordpress', 'version': '1.3.0'}, "
    "'size': 'small'},"
    "     'values': {'title': 'Hello', 'database': 'postgres', 'replicas': 1}, 'overlays': {'stg': {'size': 'small', 'links': "
    "{}}},"
    "     'files': {'values.yaml': 'old\\n'}},"
    "  'main': {'commit': 'm', 'overlays': {}, 'files': {}}}},"
    " 'pg': {'spec': {'environments': ['acme-dev', 'acme-stg']}, 'text': 'kind: Application\\n', 'branches': {"
    "  'develop': {'commit': 'd', 'source': {'blueprint': {'source': 'catalog', 'name': 'bp-postgres', 'version': '1.4.0'}, "
    "'size': 'small'},"
    "     'values': {'username': 'app', 'databases': []}, 'overlays': {'dev': {'size': 'small', 'links': {'site': [], 'shop': "
    "[]}}},"
    "     'files': {'values.yaml': 'old\\n', 'overlays/dev/links/site.yaml': 'x\\n'}}}}}";

#endif
