#include "wire/cloudevent.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/test.h"

TEST("an event is written in structured JSON and read back")
{
    cat_autojson json_t *data = cat_json_object("kind", json_string("pod"), NULL);
    cat_cloudevent event = {.id = "vc/1/u/7",
                            .source = "vc",
                            .type = "io.openova.catalyst.k8s.object.v1",
                            .subject = "pod/blog-dev/a",
                            .time_ms = 1795507200123,
                            .organization = "acme",
                            .environment = "acme-dev",
                            .data = data};
    cat_autofree char *text = cat_cloudevent_format(&event);
    EXPECT_TEXT(text,
                "{\"specversion\":\"1.0\",\"id\":\"vc/1/u/7\",\"source\":\"vc\",\"type\":\"io.openova.catalyst.k8s.object.v1\","
                "\"subject\":\"pod/blog-dev/a\",\"time\":\"2026-11-24T08:00:00.123Z\",\"organization\":\"acme\",\"environment\":"
                "\"acme-dev\",\"datacontenttype\":\"application/json\",\"data\":{\"kind\":\"pod\"}}");
    cat_auto(cat_cloudevent_in) in = {0};
    REQUIRE(cat_cloudevent_parse(text, strlen(text), &in, NULL) == 0);
    EXPECT_TEXT(in.id, "vc/1/u/7");
    EXPECT_TEXT(in.type, "io.openova.catalyst.k8s.object.v1");
    EXPECT_TEXT(in.subject, "pod/blog-dev/a");
    EXPECT_TEXT(in.environment, "acme-dev");
    EXPECT_INT(in.time_ms, 1795507200123);
    EXPECT(in.application == NULL && in.commit == NULL);
    EXPECT_TEXT(cat_view_text(in.data, "kind"), "pod");
}

TEST("what is no CloudEvent 1.0 is refused and nothing is left behind")
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", "not a CloudEvent"},
        {"[]", "no object"},
        {"{\"id\":\"1\",\"source\":\"a\",\"type\":\"b\"}", "specversion"},
        {"{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"a\",\"type\":\"b\"}", "specversion"},
        {"{\"specversion\":\"1.0\",\"source\":\"a\",\"type\":\"b\"}", "id is missing"},
        {"{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"a\",\"type\":\"b\"}", "id is missing"},
        {"{\"specversion\":\"1.0\",\"id\":1,\"source\":\"a\",\"type\":\"b\"}", "id is missing"},
        {"{\"specversion\":\"1.0\",\"id\":null,\"source\":\"a\",\"type\":\"b\"}", "id is missing"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"b\"}", "source is missing"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"a\"}", "type is missing"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"a\",\"type\":\"b\",\"subject\":1}", "subject"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"a\",\"type\":\"b\",\"time\":\"yesterday\"}", "time"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"a\",\"type\":\"b\",\"organization\":[]}", "extension"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"a\",\"type\":\"b\",\"data_base64\":\"!\"}", "base64"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"a\",\"type\":\"b\",\"data_base64\":\"e30=\",\"data\":1}", "exclude"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"a\",\"type\":\"b\",\"data_base64\":\"e30\"}", "base64"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"a\",\"type\":\"b\",\"data_base64\":\"ew==\"}", "its data"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].text);
        cat_cloudevent_in in = {0};
        cat_error error = {0};
        EXPECT_INT(cat_cloudevent_parse(rows[i].text, strlen(rows[i].text), &in, &error), CAT_E_INVALID);
        EXPECT_INT(error.class, CAT_CLASS_STALLED);
        if (!strstr(error.message, rows[i].message))
            cat_test_fail(__FILE__, __LINE__, "the message is: %s", error.message);
        EXPECT(in.document == NULL);
    }
}

TEST("attributes that are null count as left out, and base64 data is unpacked")
{
    static const char text[] = "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"a\",\"type\":\"b\",\"subject\":null,\"data_"
                               "base64\":\"eyJhIjo3fQ==\"}";
    cat_auto(cat_cloudevent_in) in = {0};
    REQUIRE(cat_cloudevent_parse(text, strlen(text), &in, NULL) == 0);
    EXPECT(in.subject == NULL);
    EXPECT_INT(cat_view_int_or(in.data, "a", 0), 7);
}

TEST("an event above the maximum is told from a broken one")
{
    size_t size = CAT_CLOUDEVENT_MAX_BYTES + 1;
    cat_autofree char *text = cat_malloc(size);
    memset(text, ' ', size);
    cat_cloudevent_in in = {0};
    EXPECT_INT(cat_cloudevent_parse(text, size, &in, NULL), CAT_E_TOO_LARGE);
    EXPECT_INT(cat_cloudevent_parse_binary(NULL, NULL, text, size, &in, NULL), CAT_E_TOO_LARGE);
}

typedef struct {
    const char *name, *value;
} header;

static const char *lookup(void *context, const char *name)
{
    for (const header *at = context; at->name; at++)
        if (strcmp(at->name, name) == 0)
            return at->value;
    return NULL;
}

TEST("the binary mode is read from headers and body")
{
    header headers[] = {{"ce-specversion", "1.0"},
                        {"ce-id", "a%20b"},
                        {"ce-source", "/x"},
                        {"ce-type", "t"},
                        {"ce-organization", "acme"},
                        {"ce-time", "2026-11-24T08:00:00Z"},
                        {"content-type", "application/json; charset=utf-8"},
                        {NULL, NULL}};
    cat_auto(cat_cloudevent_in) json = {0}, text = {0}, empty = {0};
    REQUIRE(cat_cloudevent_parse_binary(lookup, headers, "{\"a\":1}", 7, &json, NULL) == 0);
    EXPECT_TEXT(json.id, "a b");
    EXPECT_TEXT(json.organization, "acme");
    EXPECT_INT(json.time_ms, 1795507200000);
    EXPECT_INT(cat_view_int_or(json.data, "a", 0), 1);
    headers[6].value = "text/plain";
    REQUIRE(cat_cloudevent_parse_binary(lookup, headers, "{\"a\"", 4, &text, NULL) == 0);
    EXPECT_TEXT(cat_view_text(text.data, NULL), "{\"a\"");
    headers[6].name = "other";
    REQUIRE(cat_cloudevent_parse_binary(lookup, headers, "", 0, &empty, NULL) == 0);
    EXPECT(empty.data.value == NULL);
    cat_cloudevent_in broken = {0};
    EXPECT_INT(cat_cloudevent_parse_binary(lookup, headers, "{", 1, &broken, NULL), CAT_E_INVALID);
    headers[1].value = "a%2";
    EXPECT_INT(cat_cloudevent_parse_binary(lookup, headers, "{}", 2, &broken, NULL), CAT_E_INVALID);
    headers[1].value = "%ff";
    EXPECT_INT(cat_cloudevent_parse_binary(lookup, headers, "{}", 2, &broken, NULL), CAT_E_INVALID);
    headers[1].name = "other";
    EXPECT_INT(cat_cloudevent_parse_binary(lookup, headers, "{}", 2, &broken, NULL), CAT_E_INVALID);
    EXPECT(broken.document == NULL);
}

TEST("data that is text already goes out as if it had been written with the event")
{
    cat_autojson json_t *data = json_pack("{s:s, s:[i, n]}", "a", "b\"", "c", 5);
    cat_autofree char *text = cat_json_format(data);
    cat_cloudevent event = {
        .id = "1/\xc3\xa4\n", .source = "vc", .type = "t", .time_ms = 1, .environment = "acme-dev", .data = data};
    cat_autofree char *with_document = cat_cloudevent_format(&event);
    event.data = NULL;
    event.data_text = cat_slice_of(text);
    cat_autofree char *with_text = cat_cloudevent_format(&event);
    EXPECT_TEXT(with_text, with_document);
    event.data_text = (cat_slice){0};
    cat_autofree char *without = cat_cloudevent_format(&event);
    EXPECT(!strstr(without, "datacontenttype"));
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
