#include "svc/write_once.h"

#include "base/test.h"
#include "net/http_test_support.h"

/* What a service brings: keys in memory, audit records in a list, one thing that is made. */
typedef struct {
    cat_writes writes;
    cat_http_server *server;
    cat_principal principal;
    json_t *keys; /* id: {revision, record} */
    json_int_t revision;
    cat_strings audited; /* "what object result[ xcount]" */
    int made, refusals;
    bool full, breaks;
} shop;

static int get(void *opaque, const char *id, json_t **record, uint64_t *revision, cat_error *error)
{
    shop *own = opaque;
    const json_t *found = json_object_get(own->keys, id);
    if (!found)
        return cat_error_set(error, CAT_E_NOT_FOUND, "no key");
    *revision = (uint64_t)cat_json_int_or(found, "revision", 0);
    *record = json_deep_copy(json_object_get(found, "record"));
    return 0;
}

static int put(void *opaque, const char *id, const json_t *record, int64_t expected, cat_error *error)
{
    shop *own = opaque;
    if (expected >= 0 && cat_json_int_or(json_object_get(own->keys, id), "revision", 0) != expected)
        return cat_error_set(error, CAT_E_CONFLICT, "another revision");
    json_object_set_new(own->keys, id,
                        cat_json_object("revision", json_integer(++own->revision), "record", json_deep_copy(record), NULL));
    return 0;
}

static int drop(void *opaque, const char *id, cat_error *error)
{
    (void)error;
    json_object_del(((shop *)opaque)->keys, id);
    return 0;
}

static int audit(void *opaque, const cat_audit *record, cat_error *error)
{
    shop *own = opaque;
    if (own->breaks)
        return cat_error_set_peer(error, CAT_PEER_SPINE, CAT_E_UNAVAILABLE, "the audit is away");
    cat_autofree char *line = cat_printf("%s %s %s %s x%lld", record->who->user, record->what, record->object, record->result,
                                         (long long)record->count);
    cat_strings_add(&own->audited, line);
    return 0;
}

static int admit(void *opaque, cat_request *request, cat_reply *reply, cat_write_answer *answer, cat_error *error)
{
    (void)request, (void)reply;
    if (!((shop *)opaque)->full)
        return 0;
    answer->problem = "limit";
    return cat_error_set(error, CAT_E_LIMIT, "no more today");
}

static bool refused(void *opaque, const cat_principal *principal, int64_t *count)
{
    (void)principal;
    *count = ++((shop *)opaque)->refusals;
    return *count <= 2;
}

static int repeat(void *context, const cat_principal *principal, const char *kept, cat_reply *reply, cat_error *error)
{
    (void)context, (void)principal, (void)error;
    return cat_reply_json(reply, 201, cat_json_object("from", json_string(kept), NULL));
}

static json_t *show(const cat_principal *principal, const json_t *answer)
{
    json_t *shown = json_copy((json_t *)answer);
    json_object_set_new(shown, "for", json_string(principal->user));
    return shown;
}

static int make(void *opaque, cat_request *request, const json_t *body, cat_write_answer *answer, cat_error *error)
{
    (void)request;
    const char *name = cat_json_text_or(body, "name", "?");
    answer->object = cat_printf("thing/%s", name);
    if (strcmp(name, "wrong") == 0) {
        answer->problem = "schema-invalid";
        return cat_error_set(error, CAT_E_INVALID, "no such name");
    }
    if (strcmp(name, "theirs") == 0)
        return cat_error_set(error, CAT_E_FORBIDDEN, "not yours");
    int number = ++((shop *)opaque)->made;
    answer->status = strcmp(name, "nothing") == 0 ? 204 : 201;
    answer->body = answer->status == 204 ? NULL : cat_json_object("number", json_integer(number), NULL);
    if (strcmp(name, "secret") == 0)
        answer->repeated = cat_json_object("number", json_null(), NULL);
    if (strcmp(name, "kept") == 0)
        answer->kept = cat_strdup("plan-1");
    return 0;
}

static int post(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    return cat_write_once(request, reply, &((shop *)opaque)->writes, "make", make, error);
}

static int guard(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    (void)reply, (void)error;
    cat_request_set_data(request, &((shop *)opaque)->principal, NULL);
    return 0;
}

static const cat_route ROUTES[] = {{"POST", "/things", post, 0, 0}, {0}};

static void open_shop(shop *own)
{
    cat_error error = {0};
    *own = (shop){.keys = json_object(), .principal = {.user = (char *)"mara", .subject = (char *)"u-1"}};
    own->writes = (cat_writes){"shop", get, put, drop, audit, admit, refused, repeat, show, own};
    EXPECT_INT(
        cat_http_server_start(
            &(cat_http_server_options){.address = "127.0.0.1:0", .routes = ROUTES, .context = own, .guard = guard, .workers = 1},
            &own->server, &error),
        0);
}

static void close_shop(shop *own)
{
    cat_http_server_stop(own->server, 2000);
    json_decref(own->keys);
    cat_strings_finish(&own->audited);
}

/* "status body", of a problem "status code". */
static char *ask(const shop *own, const char *key, const char *body)
{
    cat_autofree char *header = key ? cat_printf("Idempotency-Key: %s\r\n", key) : cat_strdup("");
    cat_autofree char *request = cat_printf("POST /things HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%sContent-Type: "
                                            "application/json\r\nContent-Length: %zu\r\n\r\n%s",
                                            header, strlen(body), body);
    cat_autofree char *answer = raw_exchange(cat_http_server_port(own->server), request);
    cat_autojson json_t *problem = NULL;
    const char *text = raw_body(answer);
    bool is_problem = raw_status(answer) >= 400 && cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &problem, NULL) == 0;
    return cat_printf("%d %s", raw_status(answer), is_problem ? cat_json_text_or(problem, "code", "") : text);
}

TEST("a write is done once for each key, answered alike when it is asked for again, and refused when the key is another's")
{
    static const struct {
        const char *key, *body, *answer;
    } ROWS[] = {
        {"a", "{\"name\":\"cup\"}", "201 {\"number\":1,\"for\":\"mara\"}"},
        {"a", "{\"name\":\"cup\"}", "201 {\"number\":1,\"for\":\"mara\"}"},
        {"a", "{\"name\":\"jug\"}", "409 idempotency-conflict"},
        {"b", "{\"name\":\"cup\"}", "201 {\"number\":2,\"for\":\"mara\"}"},
        {"c", "{\"name\":\"nothing\"}", "204 "},
        {"c", "{\"name\":\"nothing\"}", "204 "},
        {"d", "{\"name\":\"secret\"}", "201 {\"number\":4,\"for\":\"mara\"}"},
        {"d", "{\"name\":\"secret\"}", "201 {\"number\":null,\"for\":\"mara\"}"},
        {"e", "{\"name\":\"kept\"}", "201 {\"number\":5,\"for\":\"mara\"}"},
        {"e", "{\"name\":\"kept\"}", "201 {\"from\":\"plan-1\"}"},
        {NULL, "{\"name\":\"cup\"}", "400 idempotency-key-missing"},
        {"", "{\"name\":\"cup\"}", "400 idempotency-key-missing"},
    };
    shop own;
    open_shop(&own);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%zu: %s", i, ROWS[i].body);
        cat_autofree char *answer = ask(&own, ROWS[i].key, ROWS[i].body);
        EXPECT_TEXT(answer, ROWS[i].answer);
    }
    EXPECT_INT(own.made, 5);
    EXPECT_INT(own.audited.count, 5);
    EXPECT_TEXT(own.audited.items[0], "mara make thing/cup ok x0");
    close_shop(&own);
}

TEST("what was refused is audited as far as it is counted, says where, and may be tried again under its key")
{
    shop own;
    open_shop(&own);
    cat_autofree char *wrong = ask(&own, "a", "{\"name\":\"wrong\"}"), *theirs = ask(&own, "b", "{\"name\":\"theirs\"}"),
                      *third = ask(&own, "c", "{\"name\":\"theirs\"}"), *again = ask(&own, "b", "{\"name\":\"cup\"}");
    EXPECT_TEXT(wrong, "422 schema-invalid");
    EXPECT_TEXT(theirs, "403 forbidden");
    EXPECT_TEXT(third, "403 forbidden");
    EXPECT_TEXT(again, "201 {\"number\":1,\"for\":\"mara\"}");
    EXPECT_INT(own.audited.count, 3);
    EXPECT_TEXT(own.audited.items[0], "mara make thing/wrong invalid x1");
    EXPECT_TEXT(own.audited.items[1], "mara make thing/theirs forbidden x2");
    own.full = true;
    cat_autofree char *full = ask(&own, "d", "{\"name\":\"cup\"}");
    EXPECT_TEXT(full, "429 limit");
    EXPECT_INT(own.made, 1);
    close_shop(&own);
}

TEST("a write whose audit is away is not answered as done, and is told to be at work to who asks again")
{
    shop own;
    open_shop(&own);
    own.breaks = true;
    cat_autofree char *away = ask(&own, "a", "{\"name\":\"cup\"}"), *busy = ask(&own, "a", "{\"name\":\"cup\"}");
    EXPECT_TEXT(away, "503 unavailable");
    EXPECT_TEXT(busy, "409 conflict");
    close_shop(&own);
}

TEST("a key that somebody began with and left is taken over after a minute")
{
    shop own;
    open_shop(&own);
    own.breaks = true;
    free(ask(&own, "a", "{\"name\":\"cup\"}"));
    own.breaks = false;
    const char *id;
    json_t *kept;
    json_object_foreach(own.keys, id, kept)
        json_object_set_new(json_object_get(kept, "record"), "at", json_string("2020-01-01T00:00:00.000Z"));
    cat_autofree char *answer = ask(&own, "a", "{\"name\":\"cup\"}");
    EXPECT_TEXT(answer, "201 {\"number\":2,\"for\":\"mara\"}");
    close_shop(&own);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
