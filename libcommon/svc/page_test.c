#include "svc/page.h"

#include "base/test.h"
#include "net/http_test_support.h"

static int list_small(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)context;
    json_t *items = json_array();
    static const char *const NAMES[] = {"cup", "jug", "bowl", "tray"};
    for (size_t i = 0; i < 4; i++)
        json_array_append_new(items, cat_json_object("name", json_string(NAMES[i]), NULL));
    return cat_page_reply(request, reply, items, "name", error);
}

static int list_large(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)context;
    size_t limit = 0;
    const char *cursor = cat_request_query(request, "cursor");
    cat_autofree char *bytes = NULL;
    const char *part;
    int code = cat_page_limit(request, &limit, error);
    if (code < 0)
        return code;
    if (cursor && cat_cursor_parse(cursor, 1, &bytes, &part, error) < 0)
        return cat_page_refuse(reply, error);
    return cat_page_answer(reply, cat_json_object("limit", json_integer((json_int_t)limit), NULL), 7);
}

static const cat_route ROUTES[] = {{"GET", "/small", list_small, 0, 0}, {"GET", "/large", list_large, 0, 0}, {0}};

/* "status names next" of a small list, "status body" of a large one, "status code parameter" of a problem. */
static char *ask(unsigned port, const char *path)
{
    cat_autofree char *answer = raw_get(port, path);
    cat_autojson json_t *body = NULL;
    const char *text = raw_body(answer), *at = NULL;
    if (cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &body, NULL) < 0)
        return cat_strdup("no JSON");
    if (raw_status(answer) != 200)
        return cat_printf("%d %s %s", raw_status(answer), cat_json_text_or(body, "code", ""),
                          cat_json_text_or(json_array_get(json_object_get(body, "errors"), 0), "parameter", ""));
    if (!json_object_get(body, "items"))
        return cat_printf("200 %s", text);
    cat_auto(cat_string) names = CAT_STRING(1000);
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(body, "items"), index, item)
        cat_string_appendf(&names, "%s,", cat_json_text(item, "name"));
    at = cat_json_text_or(body, "next", "-");
    return cat_printf("200 %s %s", cat_string_get(&names), at);
}

TEST("a list is asked for a page at a time, and what asks for none is refused")
{
    static const struct {
        const char *path, *answer;
    } ROWS[] = {
        {"/small", "200 bowl,cup,jug,tray, -"},
        {"/small?limit=2", "200 bowl,cup, cup"},
        {"/small?limit=2&cursor=cup", "200 jug,tray, -"},
        {"/small?limit=2&cursor=dish", "200 jug,tray, -"}, /* it is gone */
        {"/small?cursor=zzz", "200  -"},
        {"/small?limit=0", "400 invalid "},
        {"/small?limit=201", "400 invalid "},
        {"/small?limit=two", "400 invalid "},
        {"/large", "200 {\"limit\":50,\"revision\":\"7\"}"},
        {"/large?limit=200", "200 {\"limit\":200,\"revision\":\"7\"}"},
        {"/large?cursor=Y3Vw", "200 {\"limit\":50,\"revision\":\"7\"}"},
        {"/large?cursor=!", "400 cursor-invalid cursor"},
    };
    cat_error error = {0};
    cat_http_server *server = NULL;
    EXPECT_INT(cat_http_server_start(&(cat_http_server_options){.address = "127.0.0.1:0", .routes = ROUTES}, &server, &error), 0);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].path);
        cat_autofree char *answer = ask(cat_http_server_port(server), ROWS[i].path);
        EXPECT_TEXT(answer, ROWS[i].answer);
    }
    cat_http_server_stop(server, 2000);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
