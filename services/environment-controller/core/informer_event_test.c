/* What an informer says of an object. */
#include "core/informer_event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/test.h"
#include "wire/digest.h"

static const cat_resource SECRET = {"", "v1", "Secret", "secrets", true},
                          DEPLOYMENT = {"apps", "v1", "Deployment", "deployments", true};
static const unsigned char KEY[EC_HASH_KEY_BYTES] = {1, 2, 3};

static char *written_of(const cat_resource *resource, cat_view object, const ec_event_flux *flux)
{
    ec_event_source source = {.cluster = "vc", .epoch = 3, .resource = resource, .hash_key = KEY};
    cat_auto(cat_string) text = CAT_STRING(EC_EVENT_DATA_MAX_BYTES);
    ec_event_write_object(&text, &source, object, flux);
    EXPECT(!text.overflowed);
    return cat_string_take(&text);
}

static json_t *event_of(const cat_resource *resource, const char *text)
{
    cat_document *document __attribute__((cleanup(cat_document_destroy_cleanup))) = NULL;
    static const cat_json_caps caps = {(size_t)4 * 1024 * 1024, 32};
    cat_error error = {0};
    if (cat_document_parse(text, strlen(text), &caps, &document, &error) < 0) {
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
        return NULL;
    }
    static const ec_drift NONE = {0};
    cat_autofree char *written = written_of(resource, cat_document_root(document), &(ec_event_flux){.drift = &NONE});
    json_t *data = NULL;
    if (cat_json_parse(written, strlen(written), &caps, &data, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return data;
}

TEST("an object goes out with what it is, without who manages which field, and without a copy of itself")
{
    cat_autojson json_t *data = event_of(
        &DEPLOYMENT,
        "{\"metadata\":{\"name\":\"web\",\"namespace\":\"blog-dev\",\"uid\":\"u1\",\"resourceVersion\":\"42\",\"managedFields\":["
        "{}],"
        "\"annotations\":{\"kubectl.kubernetes.io/last-applied-configuration\":\"{}\",\"a\":\"b\"}},\"spec\":{\"replicas\":2}}");
    cat_autofree char *text = cat_json_format(data);
    EXPECT_TEXT(text, "{\"cluster\":\"vc\",\"epoch\":3,\"uid\":\"u1\",\"resourceVersion\":\"42\",\"kind\":\"Deployment\","
                      "\"group\":\"apps\",\"version\":\"v1\","
                      "\"namespace\":\"blog-dev\",\"name\":\"web\",\"byHand\":true,\"object\":{\"apiVersion\":\"apps/"
                      "v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"web\","
                      "\"namespace\":\"blog-dev\",\"uid\":\"u1\",\"resourceVersion\":\"42\",\"annotations\":{\"a\":\"b\"}},"
                      "\"spec\":{\"replicas\":2}}}");
}

TEST("a Secret's values are hashes under the Organization's key, and never what was written")
{
    cat_autojson json_t *data = event_of(&SECRET, "{\"metadata\":{\"name\":\"db\"},\"data\":{\"password\":\"c2VjcmV0\"},"
                                                  "\"stringData\":{\"x\":\"secret\"},\"type\":\"Opaque\"}");
    char hex[CAT_SHA256_HEX];
    cat_hmac_sha256_hex(KEY, sizeof KEY, "c2VjcmV0", 8, hex);
    EXPECT_TEXT(cat_json_text(data, "object.data.password"), hex);
    cat_autofree char *text = cat_json_format(data);
    EXPECT(strstr(text, "c2VjcmV0") == NULL && strstr(text, "\"secret\"") == NULL);
}

static void fill(cat_string *text)
{
    for (int i = 0; i < 300 * 1024; i++)
        cat_string_append_char(text, 'x');
}

TEST("an object above 256 KiB goes out with what its status needs, marked as cut")
{
    cat_auto(cat_string) text = CAT_STRING(1024 * 1024);
    cat_string_append(&text,
                      "{\"metadata\":{\"name\":\"big\"},\"status\":{\"ready\":true},\"spec\":{\"replicas\":3,\"template\":{"
                      "\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i:1\",\"resources\":{\"requests\":{\"cpu\":"
                      "\"1\"}},\"args\":[\"");
    fill(&text);
    cat_string_append(&text, "\"]}]}}}}");
    cat_autojson json_t *data = event_of(&DEPLOYMENT, cat_string_get(&text));
    EXPECT(cat_json_bool_or(data, "cut", false) && !cat_json_bool_or(data, "tooLarge", false));
    EXPECT_INT(cat_json_int_or(data, "object.spec.replicas", 0), 3);
    EXPECT_TEXT(cat_json_text(data, "object.spec.template.spec.containers.0.image"), "i:1");
    EXPECT_TEXT(cat_json_text(data, "object.spec.template.spec.containers.0.resources.requests.cpu"), "1");
    EXPECT(cat_json_get(data, "object.spec.template.spec.containers.0.args") == NULL);
    EXPECT(cat_json_bool_or(data, "object.status.ready", false));
    EXPECT_TEXT(cat_json_text(data, "object.metadata.name"), "big");
}

TEST("annotations leave before what a status needs, and what does not fit even so is too large to judge")
{
    static const struct {
        const char *before, *behind;
        bool too_large;
    } rows[] = {
        {"{\"metadata\":{\"name\":\"big\",\"annotations\":{\"a\":\"", "\"}},\"spec\":{\"replicas\":3},\"status\":{}}", false},
        {"{\"metadata\":{\"name\":\"big\"},\"spec\":{\"replicas\":3},\"status\":{\"a\":\"", "\"}}", true},
        {"{\"metadata\":{\"name\":\"big\"},\"data\":{\"a\":\"", "\"}}", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].before);
        cat_auto(cat_string) text = CAT_STRING(1024 * 1024);
        cat_string_append(&text, rows[i].before);
        fill(&text);
        cat_string_append(&text, rows[i].behind);
        cat_autojson json_t *data = event_of(&DEPLOYMENT, cat_string_get(&text));
        EXPECT(cat_json_bool_or(data, "cut", false));
        EXPECT(cat_json_bool_or(data, "tooLarge", false) == rows[i].too_large);
        EXPECT(rows[i].too_large || i == 2 || cat_json_int_or(data, "object.spec.replicas", 0) == 3);
        EXPECT_TEXT(cat_json_text(data, "object.metadata.name"), "big");
    }
}

TEST("ids tell epochs and deletions apart")
{
    ec_event_source source = {.cluster = "vc", .epoch = 3, .resource = &SECRET};
    cat_autofree char *changed = ec_event_id(&source, "u", "7", false), *deleted = ec_event_id(&source, "u", "7", true);
    EXPECT_TEXT(changed, "vc/3/u/7");
    EXPECT_TEXT(deleted, "vc/3/u/7/deleted");
}

TEST("who changed what Flux applied is said with the time that Kubernetes knows")
{
    static const struct {
        const char *what;
        ec_drift drift;
        const char *at, *end;
    } rows[] = {
        {"nobody", {.mark = 0}, NULL, "\"object\":{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\"}}"},
        {"somebody",
         {.manager = "kubectl-edit", .at = "2026-01-01T00:00:09Z", .mark = 1},
         NULL,
         ",\"drift\":{\"manager\":\"kubectl-edit\",\"at\":\"2026-01-01T00:00:09Z\"}}"},
        {"at a time that nobody knows",
         {.manager = "kubectl", .mark = 1},
         "2026-01-01T00:00:00Z",
         ",\"drift\":{\"manager\":\"kubectl\"},\"flux\":{\"at\":\"2026-01-01T00:00:00Z\",\"digest\":\"abc\"}}"},
    };
    cat_document *document __attribute__((cleanup(cat_document_destroy_cleanup))) = NULL;
    REQUIRE(cat_document_parse("{}", 2, &CAT_JSON_CAPS, &document, NULL) == 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].what);
        const ec_event_flux flux = {&rows[i].drift, rows[i].at, "abc"};
        cat_autofree char *text = written_of(&DEPLOYMENT, cat_document_root(document), &flux);
        EXPECT(cat_text_ends_with(text, rows[i].end));
    }
}

/* "<x 300000>" stands for so many of the letter. */
static char *expanded(const char *text)
{
    cat_auto(cat_string) out = CAT_STRING(4 * 1024 * 1024);
    for (const char *at = text, *run; *at; at = strchr(run, '>') + 1) {
        run = strstr(at, "<x ");
        cat_string_append_bytes(&out, at, run ? (size_t)(run - at) : strlen(at));
        if (!run)
            break;
        for (long left = strtol(run + 3, NULL, 10); left > 0; left--)
            cat_string_append_char(&out, 'x');
    }
    return cat_string_take(&out);
}

static void check_golden(char *line)
{
    const char *group = strsep(&line, "\t"), *version = strsep(&line, "\t"), *kind = strsep(&line, "\t");
    const char *object = strsep(&line, "\t"), *data = strsep(&line, "\n");
    const cat_resource resource = {group, version, kind, "", true};
    static const ec_drift DRIFT = {.manager = "kubectl", .at = "2026-01-01T00:00:09Z", .mark = 1};
    static const cat_json_caps caps = {(size_t)4 * 1024 * 1024, 32};
    cat_autofree char *text = expanded(object), *expected = expanded(data);
    cat_document *document __attribute__((cleanup(cat_document_destroy_cleanup))) = NULL;
    REQUIRE(cat_document_parse(text, strlen(text), &caps, &document, NULL) == 0);
    const ec_event_flux flux = {&DRIFT, "2026-01-01T00:00:00Z", "0123456789abcdef"};
    cat_autofree char *written = written_of(&resource, cat_document_root(document), &flux);
    EXPECT(strcmp(written, expected) == 0);
}

TEST("an object's event has the bytes that it always had, whatever the object")
{
    FILE *file = fopen("tests/informer/events.tsv", "r");
    REQUIRE(file);
    char *line = NULL;
    size_t capacity = 0, count = 0;
    while (getline(&line, &capacity, file) > 0) {
        cat_test_row("line %zu", ++count);
        check_golden(line);
    }
    free(line);
    fclose(file);
    EXPECT_INT(count, 60);
}

static const cat_resource JOB = {"batch", "v1", "Job", "jobs", true}, POD = {"", "v1", "Pod", "pods", true};

TEST("what goes with its owner, after its time or at its end is not wanted back; what a person deletes is")
{
#define DONE(time) "\"status\":{\"conditions\":[{\"type\":\"Complete\",\"status\":\"True\",\"lastTransitionTime\":\"" time "\"}]}"
    static const struct {
        const char *what;
        const cat_resource *resource;
        const char *object;
        bool by_itself;
    } ROWS[] = {
        {"a Deployment", &DEPLOYMENT, "{\"metadata\":{}}", false},
        {"an owner's", &DEPLOYMENT, "{\"metadata\":{\"ownerReferences\":[{\"kind\":\"Site\",\"name\":\"a\"}]}}", true},
        {"a Job whose time after the end is over", &JOB,
         "{\"spec\":{\"ttlSecondsAfterFinished\":60}," DONE("2026-01-01T00:00:00Z") "}", true},
        {"a Job that was deleted before its time", &JOB,
         "{\"spec\":{\"ttlSecondsAfterFinished\":600}," DONE("2026-01-01T00:00:00Z") "}", false},
        {"a Job that goes at once when it has ended", &JOB,
         "{\"spec\":{\"ttlSecondsAfterFinished\":0}," DONE("2026-01-01T00:02:00Z") "}", true},
        {"a Job that stays for ever", &JOB, "{\"spec\":{}," DONE("2026-01-01T00:00:00Z") "}", false},
        {"a Job that ran", &JOB, "{\"spec\":{\"ttlSecondsAfterFinished\":0},\"status\":{\"active\":1}}", false},
        {"a Pod that had ended", &POD, "{\"status\":{\"phase\":\"Succeeded\"}}", true},
        {"a Pod that ran", &POD, "{\"status\":{\"phase\":\"Running\"}}", false},
    };
    int64_t now_ms = 0;
    REQUIRE(cat_time_parse("2026-01-01T00:02:00Z", &now_ms));
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].what);
        cat_document *document __attribute__((cleanup(cat_document_destroy_cleanup))) = NULL;
        REQUIRE(cat_document_parse(ROWS[i].object, strlen(ROWS[i].object), &CAT_JSON_CAPS, &document, NULL) == 0);
        EXPECT_INT(ec_event_ended_by_itself(ROWS[i].resource, cat_document_root(document), now_ms), ROWS[i].by_itself);
    }
}

TEST("of Events warnings are told, and that a claim waits for its first consumer")
{
    static const struct {
        const char *event;
        bool noise;
    } rows[] = {
        {"{\"type\":\"Warning\",\"reason\":\"ProvisioningFailed\"}", false},
        {"{\"type\":\"Normal\",\"reason\":\"WaitForFirstConsumer\"}", false},
        {"{\"type\":\"Normal\",\"reason\":\"Pulled\"}", true},
        {"{}", true},
    };
    static const cat_resource EVENT = {"", "v1", "Event", "events", true};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].event);
        cat_document *document = NULL;
        REQUIRE(cat_document_parse(rows[i].event, strlen(rows[i].event), &CAT_JSON_CAPS, &document, NULL) == 0);
        EXPECT_INT(ec_event_is_noise(&EVENT, cat_document_root(document)), rows[i].noise);
        cat_document_destroy(document);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
