#include "base/test.h"
#include "net/spine_internal.h"

TEST("the reply subject of a delivered message is read in every form that servers write")
{
    static const struct {
        const char *reply;
        bool well;
        spine_delivery delivery;
    } TABLE[] = {
        {"$JS.ACK.ws-acme-dev.fold-7.1.20.3.1700000000123456789.5", true, {1, 20, 3, 5, 1700000000123}},
        {"$JS.ACK._.hash.ws-acme-dev.fold-7.2.21.4.1700000000123456789.0", true, {2, 21, 4, 0, 1700000000123}},
        {"$JS.ACK._.hash.ws-acme-dev.fold-7.2.21.4.1700000000123456789.0.token", true, {2, 21, 4, 0, 1700000000123}},
        {"$JS.ACK.ws-acme-dev.fold-7.1.20.3.1700000000123456789", false, {0}},
        {"$JS.ACK.ws-acme-dev.fold-7.one.20.3.1700000000123456789.5", false, {0}},
        {"_INBOX.x.1", false, {0}},
        {"", false, {0}},
        {NULL, false, {0}},
    };
    for (size_t i = 0; i < sizeof(TABLE) / sizeof(TABLE[0]); i++) {
        cat_test_row("%s", TABLE[i].reply ? TABLE[i].reply : "(none)");
        spine_delivery found = {0};
        EXPECT(spine_delivery_parse(TABLE[i].reply, &found) == TABLE[i].well);
        EXPECT_INT(found.delivered, TABLE[i].delivery.delivered);
        EXPECT_INT(found.stream_sequence, TABLE[i].delivery.stream_sequence);
        EXPECT_INT(found.consumer_sequence, TABLE[i].delivery.consumer_sequence);
        EXPECT_INT(found.pending, TABLE[i].delivery.pending);
        EXPECT_INT(found.time_ms, TABLE[i].delivery.time_ms);
    }
}

TEST("what cannot be published is refused before anything is sent")
{
    static const struct {
        cat_publication publication;
        int code;
    } TABLE[] = {
        {{.subject = "ws.acme-dev.k8s.pod.blog.web"}, 0},
        {{.subject = "ws.acme-dev", .message_id = "a/b/c", .content_type = "application/json", .kv_operation = "DEL"}, 0},
        {{.subject = NULL}, CAT_E_INVALID},
        {{.subject = ""}, CAT_E_INVALID},
        {{.subject = "ws acme"}, CAT_E_INVALID},
        {{.subject = "ws.*"}, CAT_E_INVALID},
        {{.subject = "ws.>"}, CAT_E_INVALID},
        {{.subject = "ws..dev"}, CAT_E_INVALID},
        {{.subject = ".ws"}, CAT_E_INVALID},
        {{.subject = "ws."}, CAT_E_INVALID},
        {{.subject = "ws\r\nPUB x"}, CAT_E_INVALID},
        {{.subject = "ws", .message_id = "a\r\nNats-Rollup: all"}, CAT_E_INVALID},
        {{.subject = "ws", .message_id = ""}, CAT_E_INVALID},
        {{.subject = "ws", .traceparent = "\n"}, CAT_E_INVALID},
        {{.subject = "ws", .kv_operation = "PUT"}, CAT_E_INVALID},
        {{.subject = "ws", .body = "", .length = 65u << 20}, CAT_E_TOO_LARGE},
    };
    for (size_t i = 0; i < sizeof(TABLE) / sizeof(TABLE[0]); i++) {
        cat_test_row("row %zu: %s", i, TABLE[i].publication.subject ? TABLE[i].publication.subject : "(none)");
        EXPECT_INT(spine_check_publication(&TABLE[i].publication, NULL), TABLE[i].code);
    }
}

TEST("a filter of keys stays inside its bucket")
{
    spine_bucket names;
    char subject[CAT_SUBJECT_MAX];
    REQUIRE(spine_bucket_of("ws-acme-dev-state", &names, NULL) == 0);
    EXPECT_TEXT(names.stream, "KV_ws-acme-dev-state");
    EXPECT_INT(spine_bucket_filter(&names, NULL, subject, NULL), 0);
    EXPECT_TEXT(subject, "$KV.ws-acme-dev-state.>");
    EXPECT_INT(spine_bucket_filter(&names, "pod.*.>", subject, NULL), 0);
    EXPECT_TEXT(subject, "$KV.ws-acme-dev-state.pod.*.>");
    EXPECT_INT(spine_bucket_filter(&names, "pod .>", subject, NULL), CAT_E_INVALID);
    EXPECT_INT(spine_bucket_of("a.b", &names, NULL), CAT_E_INVALID);
    EXPECT_INT(spine_bucket_of("", &names, NULL), CAT_E_INVALID);
}

TEST("an error of the server keeps its number and gets the code that callers decide by")
{
    static const struct {
        const char *answer;
        int code;
    } TABLE[] = {
        {"{\"code\":400,\"err_code\":10071,\"description\":\"wrong last sequence: 3\"}", CAT_E_CONFLICT},
        {"{\"code\":400,\"err_code\":10164,\"description\":\"wrong last sequence\"}", CAT_E_CONFLICT},
        {"{\"code\":404,\"err_code\":10059,\"description\":\"stream not found\"}", CAT_E_NOT_FOUND},
        {"{\"code\":404,\"err_code\":10014,\"description\":\"consumer not found\"}", CAT_E_NOT_FOUND},
        {"{\"code\":503,\"err_code\":10039,\"description\":\"JetStream not enabled for account\"}", CAT_E_UNAVAILABLE},
        {"{\"code\":503,\"err_code\":10077,\"description\":\"maximum bytes exceeded\"}", CAT_E_LIMIT},
        {"{\"code\":503,\"err_code\":10077,\"description\":\"write failed\"}", CAT_E_UNAVAILABLE},
        {"{\"code\":500,\"err_code\":10047,\"description\":\"insufficient storage resources available\"}", CAT_E_LIMIT},
        {"{\"code\":400,\"err_code\":10026,\"description\":\"maximum consumers limit reached\"}", CAT_E_LIMIT},
        {"{\"code\":400,\"err_code\":10054,\"description\":\"message size exceeds maximum allowed\"}", CAT_E_TOO_LARGE},
        {"{\"code\":404,\"err_code\":99999,\"description\":\"something new\"}", CAT_E_NOT_FOUND},
        {"{\"code\":418}", CAT_E_PROTOCOL},
    };
    for (size_t i = 0; i < sizeof(TABLE) / sizeof(TABLE[0]); i++) {
        cat_test_row("%s", TABLE[i].answer);
        __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *document = NULL;
        REQUIRE(cat_document_parse(TABLE[i].answer, strlen(TABLE[i].answer), &CAT_JSON_CAPS, &document, NULL) == 0);
        cat_error error = {0};
        EXPECT_INT(spine_api_error(cat_document_root(document), &error, "STREAM.INFO.x"), TABLE[i].code);
        EXPECT(cat_text_starts_with(error.message, "STREAM.INFO.x: "));
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
