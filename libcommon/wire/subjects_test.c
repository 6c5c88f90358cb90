#include "wire/subjects.h"

#include "base/test.h"

TEST("an object's subject holds kind, namespace and name, whatever they hold")
{
    static const struct {
        const char *kind, *group, *namespace, *name, *subject;
    } rows[] = {
        {"Pod", "", "blog-dev", "blog-0", "ws.acme-dev.k8s.pod.blog-dev.blog-0"},
        {"Deployment", "apps", "blog-dev", "web", "ws.acme-dev.k8s.deployment.blog-dev.web"},
        {"Namespace", NULL, NULL, "blog-dev", "ws.acme-dev.k8s.namespace._.blog-dev"},
        {"ExternalSecret", "external-secrets.io", "blog-dev", "db",
         "ws.acme-dev.k8s.externalsecret_external-secrets_io.blog-dev.db"},
        {"Ingress", "networking.k8s.io", "", "a.b.c", "ws.acme-dev.k8s.ingress._.a.b.c"},
        {"ClusterRole", "rbac.authorization.k8s.io", NULL, "system:a b>*",
         "ws.acme-dev.k8s.clusterrole_rbac_authorization_k8s_io._.system:a_b__"},
        {"Pod", "", "x", ".a..b.", "ws.acme-dev.k8s.pod.x._a._b_"},
        {"Pod", "", "x.y", "a", "ws.acme-dev.k8s.pod.x_y.a"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].subject);
        char subject[CAT_SUBJECT_MAX] = "";
        EXPECT_INT(cat_subject_k8s("acme-dev", rows[i].kind, rows[i].group, rows[i].namespace, rows[i].name, subject, NULL), 0);
        EXPECT_TEXT(subject, rows[i].subject);
    }
    char subject[CAT_SUBJECT_MAX] = "untouched", name[600];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    EXPECT_INT(cat_subject_k8s("acme-dev", "Pod", "", "x", name, subject, NULL), CAT_E_TOO_LARGE);
    EXPECT_INT(cat_subject_k8s("acme dev", "Pod", "", "x", "a", subject, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_subject_k8s(NULL, "Pod", "", "x", "a", subject, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_subject_k8s("acme-dev", "Pod", "", "x", "", subject, NULL), CAT_E_INVALID);
    EXPECT_TEXT(subject, "untouched");
}

TEST("the other subjects have their form")
{
    char subject[CAT_SUBJECT_MAX];
    EXPECT_INT(cat_subject_flux("acme-dev", "blog-dev", subject, NULL), 0);
    EXPECT_TEXT(subject, "ws.acme-dev.flux.blog-dev");
    EXPECT_INT(cat_subject_crossplane("acme-dev", "Bucket", "example.org", "blog-dev", "media", subject, NULL), 0);
    EXPECT_TEXT(subject, "ws.acme-dev.crossplane.bucket_example_org.blog-dev.media");
    EXPECT_INT(cat_subject_crossplane("acme-dev", "", "example.org", "blog-dev", "media", subject, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_subject_git("acme-dev", "0a1b2c", subject, NULL), 0);
    EXPECT_TEXT(subject, "ws.acme-dev.git.0a1b2c");
    EXPECT_INT(cat_subject_operation("acme-dev", "01j", subject, NULL), 0);
    EXPECT_TEXT(subject, "ws.acme-dev.operation.01j");
    EXPECT_INT(cat_subject_service("provisioning", NULL, "operation", subject, NULL), 0);
    EXPECT_TEXT(subject, "catalyst.provisioning._.operation");
    EXPECT_INT(cat_subject_service("environment-controller", "acme", "environment.ready", subject, NULL), 0);
    EXPECT_TEXT(subject, "catalyst.environment-controller.acme.environment.ready");
    EXPECT_INT(cat_subject_command("provisioning", "apply", subject, NULL), 0);
    EXPECT_TEXT(subject, "catalyst.command.provisioning.apply");
    EXPECT_INT(cat_subject_git("acme-dev", "", subject, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_subject_git("acme-dev", NULL, subject, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_subject_operation("acme-dev", "a..b", subject, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_subject_service("a.b", "acme", "x", subject, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_subject_service("command", "acme", "x", subject, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_subject_service("billing", "a*", "x", subject, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_subject_command("provisioning", ">", subject, NULL), CAT_E_INVALID);
}

TEST("a subject is taken apart")
{
    static const struct {
        const char *subject;
        int what;
        const char *environment, *kind, *namespace, *name, *service, *organization, *happened;
    } rows[] = {
        {"ws.acme-dev.k8s.pod.blog-dev.a.b", CAT_SUBJECT_K8S, "acme-dev", "pod", "blog-dev", "a.b", NULL, NULL, NULL},
        {"ws.acme-dev.k8s.namespace._.x", CAT_SUBJECT_K8S, "acme-dev", "namespace", NULL, "x", NULL, NULL, NULL},
        {"ws.acme-dev.flux.blog-dev", CAT_SUBJECT_FLUX, "acme-dev", NULL, NULL, "blog-dev", NULL, NULL, NULL},
        {"ws.acme-dev.git.0a1b", CAT_SUBJECT_GIT, "acme-dev", NULL, NULL, "0a1b", NULL, NULL, NULL},
        {"ws.acme-dev.crossplane.bucket.a", CAT_SUBJECT_CROSSPLANE, "acme-dev", NULL, NULL, "bucket.a", NULL, NULL, NULL},
        {"ws.acme-dev.operation.01j", CAT_SUBJECT_OPERATION, "acme-dev", NULL, NULL, "01j", NULL, NULL, NULL},
        {"ws.acme-dev.sync.repair", CAT_SUBJECT_SYNC, "acme-dev", NULL, NULL, NULL, NULL, NULL, "repair"},
        {"catalyst.billing.acme.usage", CAT_SUBJECT_SERVICE, NULL, NULL, NULL, NULL, "billing", "acme", "usage"},
        {"catalyst.audit._.provisioning", CAT_SUBJECT_SERVICE, NULL, NULL, NULL, NULL, "audit", NULL, "provisioning"},
        {"catalyst.command.provisioning.apply", CAT_SUBJECT_COMMAND, NULL, NULL, NULL, NULL, "provisioning", NULL, "apply"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].subject);
        cat_subject parsed;
        REQUIRE(cat_subject_parse(rows[i].subject, &parsed, NULL) == 0);
        EXPECT_INT(parsed.what, rows[i].what);
        EXPECT_TEXT(parsed.environment, rows[i].environment);
        EXPECT_TEXT(parsed.kind, rows[i].kind);
        EXPECT_TEXT(parsed.namespace, rows[i].namespace);
        EXPECT_TEXT(parsed.name, rows[i].name);
        EXPECT_TEXT(parsed.service, rows[i].service);
        EXPECT_TEXT(parsed.organization, rows[i].organization);
        EXPECT_TEXT(parsed.happened, rows[i].happened);
    }
    static const char *const broken[] = {"",
                                         "ws",
                                         "ws.acme-dev",
                                         "ws.acme-dev.k8s.pod.x",
                                         "ws.acme-dev.other.x",
                                         "ws..k8s.pod.x.y",
                                         "ws.acme-dev.flux.",
                                         ".ws.a.flux.b",
                                         "catalyst.billing.acme",
                                         "other.a.b.c",
                                         "ws.a.k8s.p.n.x..y"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        cat_test_row("%s", broken[i]);
        cat_subject parsed;
        EXPECT_INT(cat_subject_parse(broken[i], &parsed, NULL), CAT_E_INVALID);
    }
}

TEST("a token is cut to its buffer and never empty")
{
    char small[4];
    cat_subject_token("abcdef", small, sizeof small);
    EXPECT_TEXT(small, "abc");
    cat_subject_token("", small, sizeof small);
    EXPECT_TEXT(small, "_");
    cat_subject_token(NULL, small, sizeof small);
    EXPECT_TEXT(small, "_");
    cat_kind_token("Job", "batch", small, sizeof small);
    EXPECT_TEXT(small, "job");
}

TEST("streams and buckets are named after their Environment")
{
    char name[64];
    cat_stream_of_environment("acme-dev", name, sizeof name);
    EXPECT_TEXT(name, "ws-acme-dev");
    cat_bucket_of_environment("acme-dev", name, sizeof name);
    EXPECT_TEXT(name, "ws-acme-dev-state");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
