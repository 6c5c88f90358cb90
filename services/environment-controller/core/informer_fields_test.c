/* What differs from what Flux applied: objects as Kubernetes shows them, before and after somebody changed them. */
#include "core/informer_fields.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/test.h"

static const unsigned char KEY[EC_FIELDS_KEY_BYTES] = {7};

#define T0 "2026-01-01T00:00:00Z"
#define T9 "2026-01-01T00:00:09Z"
#define CONTAINER(more) "\"f:containers\":{\"k:{\\\"name\\\":\\\"web\\\"}\":{\".\":{},\"f:name\":{}" more "}}"
#define POD(more) "\"f:template\":{\"f:spec\":{" CONTAINER(more) "}}"
#define META "\"f:metadata\":{\"f:labels\":{\"f:app\":{}}},"
#define PORTS ",\"f:ports\":{\"k:{\\\"containerPort\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},\"f:containerPort\":{}}}"
#define ALL "{" META "\"f:spec\":{\"f:replicas\":{}," POD(",\"f:image\":{}" PORTS) "}}"
#define NO_REPLICAS "{" META "\"f:spec\":{" POD(",\"f:image\":{}" PORTS) "}}"
#define NO_IMAGE "{" META "\"f:spec\":{\"f:replicas\":{}," POD(PORTS) "}}"
#define NO_PORTS "{" META "\"f:spec\":{\"f:replicas\":{}," POD(",\"f:image\":{}") "}}"
#define NO_LABEL "{\"f:spec\":{\"f:replicas\":{}," POD(",\"f:image\":{}" PORTS) "}}"
#define ONE_REPLICAS "{\"f:spec\":{\"f:replicas\":{}}}"
#define ONE_IMAGE                                                                                                                \
    "{\"f:spec\":{\"f:template\":{\"f:spec\":{\"f:containers\":{\"k:{\\\"name\\\":\\\"web\\\"}\":{\"f:image\":{}}}}}}}"
#define FLUX(time, fields)                                                                                                       \
    "{\"manager\":\"kustomize-controller\",\"operation\":\"Apply\",\"time\":\"" time "\",\"fieldsV1\":" fields "}"
#define OTHER(manager, time, more, fields)                                                                                       \
    ",{\"manager\":\"" manager "\",\"operation\":\"Update\"" time more ",\"fieldsV1\":" fields "}"
#define SIDE                                                                                                                     \
    "{\"f:spec\":{\"f:template\":{\"f:spec\":{\"f:containers\":{\"k:{\\\"name\\\":\\\"side\\\"}\":{\".\":{},\"f:image\":{}}}}}}" \
    "}"
#define AT9 ",\"time\":\"" T9 "\""
#define SCALE ",\"subresource\":\"scale\""

static char *object(const char *replicas, const char *image, const char *ports, const char *labels, const char *managed)
{
    return cat_printf("{\"metadata\":{\"name\":\"web\",\"labels\":{%s},\"managedFields\":[%s]},\"spec\":{\"replicas\":%s,"
                      "\"template\":{\"spec\":{\"containers\":[{\"name\":\"side\",\"image\":\"x\"},{\"name\":\"web\","
                      "\"image\":\"%s\",\"ports\":[%s]}]}}}}",
                      labels, managed, replicas, image, ports);
}
#define PORT "{\"containerPort\":80,\"protocol\":\"TCP\"}"
#define LABEL "\"app\":\"web\""

static ec_drift judge(ec_fields **applied, const char *text, char digest[EC_FIELDS_DIGEST_MAX])
{
    ec_drift drift = {0};
    cat_document *document __attribute__((cleanup(cat_document_destroy_cleanup))) = NULL;
    cat_error error = {0};
    if (cat_document_parse(text, strlen(text), &CAT_JSON_CAPS, &document, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    else
        ec_fields_judge(applied, cat_document_root(document), KEY, &drift);
    if (digest)
        EXPECT(ec_fields_digest(*applied, cat_document_root(document), &drift, KEY, digest));
    return drift;
}

static const struct {
    const char *what, *replicas, *image, *ports, *labels, *managed, *manager; /* manager "": no drift */
} CHANGES[] = {
    {"scaled to nothing: nobody owns the field any more", "0", "a:1", PORT, LABEL, FLUX(T0, NO_REPLICAS),
     "kubectl scale (or another client of scale)"},
    {"scaled to nothing after another wrote something else", "0", "a:1", PORT, LABEL ",\"theirs\":\"x\"",
     FLUX(T0, NO_REPLICAS) OTHER("velero", AT9, "", "{\"f:metadata\":{\"f:labels\":{\"f:theirs\":{}}}}"),
     "kubectl scale (or another client of scale)"},
    {"scaled up: through a subresource, without a time", "3", "a:1", PORT, LABEL,
     FLUX(T0, NO_REPLICAS) OTHER("kubectl", "", SCALE, ONE_REPLICAS), "kubectl"},
    {"scaled and scaled back by hand", "1", "a:1", PORT, LABEL, FLUX(T0, NO_REPLICAS) OTHER("kubectl", "", SCALE, ONE_REPLICAS),
     ""},
    {"scaled to nothing and back by hand", "1", "a:1", PORT, LABEL, FLUX(T0, NO_REPLICAS), ""},
    {"an image was edited, in a list by key", "1", "a:2", PORT, LABEL,
     FLUX(T0, NO_IMAGE) OTHER("kubectl-edit", AT9, "", ONE_IMAGE), "kubectl-edit"},
    {"and edited back", "1", "a:1", PORT, LABEL, FLUX(T0, NO_IMAGE) OTHER("kubectl-edit", AT9, "", ONE_IMAGE), ""},
    {"a port was taken out", "1", "a:1", "", LABEL,
     FLUX(T0, NO_PORTS) OTHER("kubectl-edit", AT9, "", "{\"f:spec\":{\"f:paused\":{}}}"), "kubectl-edit"},
    {"a label was taken off", "1", "a:1", PORT, "", FLUX(T0, NO_LABEL), "somebody"},
    {"another manager has a field that Git does not set", "1", "a:1", PORT, LABEL ",\"theirs\":\"x\"",
     FLUX(T0, ALL) OTHER("operator", AT9, "", "{\"f:metadata\":{\"f:labels\":{\"f:theirs\":{}}}}"), ""},
    {"another manager has the same value too", "1", "a:1", PORT, LABEL, FLUX(T0, ALL) OTHER("operator", AT9, "", ONE_REPLICAS),
     ""},
    {"a controller changed what Git says", "5", "a:1", PORT, LABEL,
     FLUX(T0, NO_REPLICAS) OTHER("kube-controller-manager", "", SCALE, ONE_REPLICAS), "kube-controller-manager"},
    {"a container was added, which Flux takes away", "1", "a:1", PORT, LABEL, FLUX(T0, ALL) OTHER("kubectl-patch", AT9, "", SIDE),
     "kubectl-patch"},
    {"an operator added it, which stays", "1", "a:1", PORT, LABEL, FLUX(T0, ALL) OTHER("operator", AT9, "", SIDE), ""},
    {"a restart was asked for", "1", "a:1", PORT, LABEL, FLUX(T0, ALL) OTHER("kubectl-rollout", AT9, "", SIDE), ""},
    {"a label of the object was added by kubectl", "1", "a:1", PORT, LABEL ",\"theirs\":\"x\"",
     FLUX(T0, ALL) OTHER("kubectl-label", AT9, "", "{\"f:metadata\":{\"f:labels\":{\"f:theirs\":{}}}}"), ""},
    {"a container was added where Flux is told to leave such", "1", "a:1", PORT,
     LABEL "},\"annotations\":{\"kustomize.toolkit.fluxcd.io/ssa\":\"Merge\"",
     FLUX(T0, ALL) OTHER("kubectl-patch", AT9, "", SIDE), ""},
    {"Flux applied other values", "2", "a:2", PORT, LABEL, FLUX(T9, ALL), ""},
    {"Flux applied other values within the same second", "2", "a:2", PORT, LABEL, FLUX(T0, ALL), ""},
    {"Flux applied less", "4", "a:1", PORT, LABEL, FLUX(T9, NO_REPLICAS), ""},
    {"a status was written", "1", "a:1", PORT, LABEL,
     FLUX(T0, ALL) OTHER("kubelet", AT9, ",\"subresource\":\"status\"", "{\"f:status\":{}}"), ""},
    {"all that Flux owned was taken from it", "7", "b:1", "", "",
     "{\"manager\":\"replacer\",\"operation\":\"Update\",\"time\":\"" T9 "\",\"fieldsV1\":" ALL "}", "replacer"},
};

TEST("drift is a field of Flux's that has another value than it applied, or is gone, whoever wrote last")
{
    for (size_t i = 0; i < sizeof CHANGES / sizeof *CHANGES; i++) {
        cat_test_row("%s", CHANGES[i].what);
        ec_fields *applied = NULL;
        cat_autofree char *before = object("1", "a:1", PORT, LABEL, FLUX(T0, ALL));
        cat_autofree char *after =
            object(CHANGES[i].replicas, CHANGES[i].image, CHANGES[i].ports, CHANGES[i].labels, CHANGES[i].managed);
        EXPECT_INT(judge(&applied, before, NULL).mark, 0);
        ec_drift drift = judge(&applied, after, NULL), again = judge(&applied, after, NULL);
        EXPECT_TEXT(drift.manager, CHANGES[i].manager);
        EXPECT_INT(drift.mark != 0, *CHANGES[i].manager != '\0');
        EXPECT_INT(drift.mark, again.mark);
        /* As Flux puts it back. */
        cat_autofree char *mended = object("1", "a:1", PORT, LABEL, FLUX("2026-01-01T00:00:12Z", ALL));
        EXPECT_INT(judge(&applied, mended, NULL).mark, 0);
        free(applied);
    }
}

TEST("replicas that an autoscaler changed are told from those that a person did, and from more than that")
{
    static const struct {
        const char *managed, *image;
        bool scaled;
    } ROWS[] = {
        {FLUX(T0, NO_REPLICAS) OTHER("kube-controller-manager", AT9, SCALE, ONE_REPLICAS), "a:1", true},
        {FLUX(T0, NO_REPLICAS) OTHER("kubectl", AT9, SCALE, ONE_REPLICAS), "a:1", false},
        {FLUX(T0, NO_REPLICAS) OTHER("kube-controller-manager", AT9, "", ONE_REPLICAS), "a:1", false},
        {FLUX(T0, "{}") OTHER("kubectl-edit", AT9, "", ONE_IMAGE) OTHER("kube-controller-manager", AT9, SCALE, ONE_REPLICAS),
         "a:2", false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%zu", i);
        ec_fields *applied = NULL;
        cat_autofree char *before = object("1", "a:1", PORT, LABEL, FLUX(T0, ALL)),
                          *after = object("3", ROWS[i].image, PORT, LABEL, ROWS[i].managed);
        EXPECT_INT(judge(&applied, before, NULL).mark, 0);
        ec_drift drift = judge(&applied, after, NULL);
        EXPECT(drift.mark != 0);
        EXPECT_INT(drift.scaled, ROWS[i].scaled);
        free(applied);
    }
}

TEST("another change of the same field is another change, the same one is not")
{
    ec_fields *applied = NULL;
    static const char *const REPLICAS[] = {"3", "3", "4"};
    uint32_t marks[3];
    cat_autofree char *before = object("1", "a:1", PORT, LABEL, FLUX(T0, ALL));
    judge(&applied, before, NULL);
    for (size_t i = 0; i < 3; i++) {
        cat_autofree char *after =
            object(REPLICAS[i], "a:1", PORT, LABEL, FLUX(T0, NO_REPLICAS) OTHER("kubectl", "", SCALE, ONE_REPLICAS));
        marks[i] = judge(&applied, after, NULL).mark;
    }
    EXPECT(marks[0] == marks[1] && marks[1] != marks[2]);
    free(applied);
}

TEST("fields that Flux does not own may be anything: an autoscaler's replicas")
{
    ec_fields *applied = NULL;
    cat_autofree char *before = object("1", "a:1", PORT, LABEL, FLUX(T0, NO_REPLICAS));
    cat_autofree char *after =
        object("9", "a:1", PORT, LABEL, FLUX(T0, NO_REPLICAS) OTHER("kube-controller-manager", "", SCALE, ONE_REPLICAS));
    judge(&applied, before, NULL);
    EXPECT_INT(judge(&applied, after, NULL).mark, 0);
    free(applied);
}

TEST("an informer that starts again knows by the row's digest whether anything was lost meanwhile")
{
    for (size_t i = 0; i < sizeof CHANGES / sizeof *CHANGES; i++) {
        cat_test_row("%s", CHANGES[i].what);
        bool by_hand = strstr(CHANGES[i].what, "back") != NULL;
        bool flux_at_once = strstr(CHANGES[i].what, "same second") != NULL;
        char digest[EC_FIELDS_DIGEST_MAX];
        ec_fields *applied = NULL;
        cat_autofree char *before = object("1", "a:1", PORT, LABEL, FLUX(T0, ALL));
        cat_autofree char *after =
            object(CHANGES[i].replicas, CHANGES[i].image, CHANGES[i].ports, CHANGES[i].labels, CHANGES[i].managed);
        judge(&applied, before, digest);
        ec_fields *kept = ec_fields_kept(applied->at, digest), *same = ec_fields_kept(applied->at, digest);
        EXPECT_INT(judge(&same, before, NULL).mark, 0);
        /* What was changed and mended while nobody looked cannot be told from what was changed; what was only added is told with
         * the object's next event. */
        bool added = strstr(CHANGES[i].what, "was added, which") != NULL;
        bool drifts = (*CHANGES[i].manager && !added) || by_hand || flux_at_once;
        EXPECT_INT(judge(&kept, after, NULL).mark != 0, drifts);
        /* What was seen to be the same stays so over a start. */
        ec_drift seen = judge(&applied, after, digest);
        ec_fields *again = ec_fields_kept(applied->at, digest);
        EXPECT_INT(judge(&again, after, NULL).mark != 0, seen.mark != 0 && !added);
        if (added)
            EXPECT(judge(&again, after, NULL).mark != 0);
        free(applied);
        free(kept);
        free(same);
        free(again);
    }
}

TEST("what a row says badly is not taken")
{
    EXPECT(ec_fields_kept(NULL, "0123456789abcdef") == NULL);
    EXPECT(ec_fields_kept(T0, "0123") == NULL);
    EXPECT(ec_fields_kept(T0, NULL) == NULL);
}

TEST("of an object that nobody remembers, a later hand is a doubt and no drift")
{
    static const struct {
        const char *what, *managed;
        bool doubtful;
    } ROWS[] = {
        {"Flux alone", FLUX(T0, ALL), false},
        {"a person later", FLUX(T0, NO_IMAGE) OTHER("kubectl-edit", AT9, "", ONE_IMAGE), true},
        {"a person earlier", FLUX("2026-01-01T00:00:30Z", ALL) OTHER("kubectl-edit", AT9, "", ONE_IMAGE), false},
        {"a controller later", FLUX(T0, ALL) OTHER("kube-controller-manager", AT9, "", ONE_IMAGE), false},
        {"not Flux's", "{\"manager\":\"kubectl\",\"operation\":\"Update\",\"time\":\"" T9 "\",\"fieldsV1\":{}}", false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].what);
        cat_autofree char *text = object("1", "a:1", PORT, LABEL, ROWS[i].managed);
        cat_document *document __attribute__((cleanup(cat_document_destroy_cleanup))) = NULL;
        REQUIRE(cat_document_parse(text, strlen(text), &CAT_JSON_CAPS, &document, NULL) == 0);
        EXPECT_INT(ec_fields_doubtful(cat_document_root(document)), ROWS[i].doubtful);
        ec_fields *applied = NULL;
        EXPECT_INT(judge(&applied, text, NULL).mark, 0);
        free(applied);
    }
}

/* A list of `count` items by name, all Flux's. */
static char *long_list(int count, const char *managed_by)
{
    cat_auto(cat_string) items = CAT_STRING(16 * 1024 * 1024), owned = CAT_STRING(16 * 1024 * 1024);
    for (int i = 0; i < count; i++) {
        cat_string_appendf(&items, "%s{\"name\":\"n%d\"}", i ? "," : "", i);
        cat_string_appendf(&owned, "%s\"k:{\\\"name\\\":\\\"n%d\\\"}\":{\".\":{},\"f:name\":{}}", i ? "," : "", i);
    }
    return cat_printf("{\"metadata\":{\"managedFields\":[{\"manager\":\"%s\",\"operation\":\"Apply\",\"time\":\"" T0
                      "\",\"fieldsV1\":{\"f:spec\":{\"f:list\":{%s}}}}]},\"spec\":{\"list\":[%s]}}",
                      managed_by, cat_string_get(&owned), cat_string_get(&items));
}

TEST("a list of thousands of items by their keys is not judged, and one of a hundred is")
{
    static const struct {
        int count;
        bool kept;
    } ROWS[] = {{100, true}, {3000, false}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_autofree char *text = long_list(ROWS[i].count, "kustomize-controller"), *taken = long_list(1, "somebody-else");
        ec_fields *applied = NULL;
        EXPECT_INT(judge(&applied, text, NULL).mark, 0);
        EXPECT_INT(applied != NULL, ROWS[i].kept);
        EXPECT_INT(judge(&applied, taken, NULL).mark != 0, ROWS[i].kept);
        free(applied);
    }
}

TEST("what a person made is told from what Flux, the control plane, a controller or an operator made")
{
    static const struct {
        const char *metadata;
        bool by_hand;
    } ROWS[] = {
        {"\"managedFields\":[{\"manager\":\"kubectl-client-side-apply\"}]", true},
        {"\"managedFields\":[{\"manager\":\"kube-controller-manager\",\"subresource\":\"status\"},{\"manager\":\"Mozilla\"}]",
         true},
        {"\"labels\":{\"app\":\"web\"},\"managedFields\":[{\"manager\":\"kubectl\"}]", true},
        {"\"managedFields\":[{\"manager\":\"kubectl\",\"subresource\":\"status\"}]", false},
        {"\"managedFields\":[{\"manager\":\"kube-controller-manager\"}]", false}, /* a StatefulSet's claim has no owner */
        {"\"managedFields\":[{\"manager\":\"strimzi-cluster-operator\"}]", false},
        {"\"managedFields\":[{\"manager\":\"cert-manager-certificates-issuing\"}]", false},
        {"\"annotations\":{\"cronjob.kubernetes.io/instantiate\":\"manual\"},\"ownerReferences\":[{\"kind\":\"CronJob\","
         "\"name\":\"a\"}],\"managedFields\":[{\"manager\":\"kubectl-create\"}]",
         true},
        {"\"ownerReferences\":[{\"kind\":\"Job\",\"name\":\"a\"}],\"managedFields\":[{\"manager\":\"kubectl\"}]", false},
        {"\"labels\":{\"kustomize.toolkit.fluxcd.io/name\":\"a\"},\"managedFields\":[{\"manager\":\"kubectl\"}]", false},
        {"\"labels\":{\"openova.io/application\":\"a\"},\"managedFields\":[{\"manager\":\"kubectl\"}]", false},
        {"\"managedFields\":[{\"manager\":\"kustomize-controller\",\"operation\":\"Apply\"},{\"manager\":\"kubectl\"}]", false},
        {"\"name\":\"a\"", false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].metadata);
        cat_autofree char *text = cat_printf("{\"metadata\":{%s}}", ROWS[i].metadata);
        cat_document *document = NULL;
        REQUIRE(cat_document_parse(text, strlen(text), &CAT_JSON_CAPS, &document, NULL) == 0);
        EXPECT_INT(ec_fields_is_by_hand(cat_document_root(document)), ROWS[i].by_hand);
        cat_document_destroy(document);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
