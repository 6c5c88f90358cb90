/* What a plan says of objects that an Application may not bring. */
#include "core/plan_home.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"

#define OBJECTS                                                                                                                  \
    "[{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\"namespace\":\"blog-dev\"}},"                  \
    "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"blog-dev\",\"annotations\":{"                        \
    "\"config.kubernetes.io/origin\":\"path: blueprint/home.yaml\\n\"}}},"                                                       \
    "{\"apiVersion\":\"example.org/v1\",\"kind\":\"Store\",\"metadata\":{\"name\":\"s\",\"namespace\":\"blog-dev\"}}]"

typedef struct {
    json_t *plan, *application, *objects, *complaints;
} fixture;

static void fixture_cleanup(fixture *f)
{
    json_decref(f->plan);
    json_decref(f->application);
    json_decref(f->objects);
    json_decref(f->complaints);
}

static void judge_objects(fixture *f, const char *action, const char *objects)
{
    *f = (fixture){json_pack("{s:[]}", "warnings"),
                   json_pack("{s:s, s:s, s:[{s:s, s:s, s:[s]}, {s:s, s:s, s:[s]}]}", "name", "blog", "action", action,
                             "clusterScope", "environment", "acme-dev", "kind", "ClusterRole", "names", "watcher", "environment",
                             "acme-prod", "kind", "PriorityClass", "names", "low"),
                   NULL, json_array()};
    cat_error error = {0};
    if (cat_json_parse(objects, strlen(objects), &CAT_JSON_CAPS, &f->objects, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    prv_plan_home(f->plan, f->application, "acme-dev", "blog-dev", f->objects, f->complaints);
}

static void judge(fixture *f, const char *action)
{
    judge_objects(f, action, OBJECTS);
}

TEST("a new Application that would bring what it may not is refused with file, object and reason")
{
    cat_auto(fixture) f = {0};
    judge(&f, "create");
    EXPECT_INT(json_array_size(f.complaints), 1);
    EXPECT_TEXT(cat_json_text(f.complaints, "0.message"), "blog in acme-dev: blueprint/home.yaml: Namespace blog-dev: an "
                                                          "Application may not bring a Namespace, as its namespace is "
                                                          "made and kept by Catalyst. Take it out");
    EXPECT_INT(json_array_size(json_object_get(f.plan, "warnings")), 1);
    EXPECT_TEXT(
        cat_json_text(f.plan, "warnings.0"),
        "blog in acme-dev: Store s: Store of example.org is taken only where Crossplane offers it as a claim. Elsewhere the "
        "cluster refuses it");
}

TEST("what somebody pushed into a repository is a warning to whoever changes something else")
{
    cat_auto(fixture) f = {0};
    judge(&f, "change");
    EXPECT_INT(json_array_size(f.complaints), 0);
    EXPECT_INT(json_array_size(json_object_get(f.plan, "warnings")), 2);
}

TEST("what it was granted in this Environment it may bring, by that name, and nothing more")
{
    cat_auto(fixture) f = {0};
    judge_objects(
        &f, "create",
        "[{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRole\",\"metadata\":{\"name\":\"watcher\"}},"
        "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRole\",\"metadata\":{\"name\":\"other\"}},"
        "{\"apiVersion\":\"scheduling.k8s.io/v1\",\"kind\":\"PriorityClass\",\"metadata\":{\"name\":\"low\"}}]");
    EXPECT_INT(json_array_size(f.complaints), 2);
    EXPECT(strstr(cat_json_text_or(f.complaints, "0.message", ""), "ClusterRole other:") != NULL);
    EXPECT(strstr(cat_json_text_or(f.complaints, "1.message", ""), "PriorityClass low:") != NULL);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
