#include "base/memory.h"
#include "base/test.h"
#include "net/http_internal.h"

static int nothing(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)reply, (void)context, (void)error;
    return 0;
}

static const cat_route ROUTES[] = {{"GET", "/", nothing, 0, 0},
                                   {"GET", "/v1/things", nothing, 0, 0},
                                   {"POST", "/v1/things", nothing, 0, 0},
                                   {"GET", "/v1/things/{name}", nothing, 0, 0},
                                   {"DELETE", "/v1/things/{name}", nothing, 0, 0},
                                   {"PUT", "/v1/things/{name}/parts/{part}", nothing, 0, 0},
                                   {"GET", "/files/{path...}", nothing, 0, 0},
                                   {0}};

TEST("a path finds its route and decoded parameters")
{
    static const struct {
        const char *method, *path;
        cat_match match;
        const char *pattern, *name, *value, *allow;
    } ROWS[] = {
        {"GET", "/", CAT_MATCH_FOUND, "/", NULL, NULL, NULL},
        {"GET", "", CAT_MATCH_NO_PATH, NULL, NULL, NULL, NULL},
        {"GET", "*", CAT_MATCH_NO_PATH, NULL, NULL, NULL, NULL},
        {"GET", "/v1/things", CAT_MATCH_FOUND, "/v1/things", NULL, NULL, NULL},
        {"HEAD", "/v1/things", CAT_MATCH_FOUND, "/v1/things", NULL, NULL, NULL},
        {"GET", "/v1/things/", CAT_MATCH_NO_PATH, NULL, NULL, NULL, NULL},
        {"GET", "/v1/thing", CAT_MATCH_NO_PATH, NULL, NULL, NULL, NULL},
        {"GET", "/v1//things", CAT_MATCH_NO_PATH, NULL, NULL, NULL, NULL},
        {"DELETE", "/v1/things", CAT_MATCH_NO_METHOD, NULL, NULL, NULL, "GET, HEAD, POST"},
        {"HEAD", "/v1/things/a/parts/b", CAT_MATCH_NO_METHOD, NULL, NULL, NULL, "PUT"},
        {"GET", "/v1/things/a", CAT_MATCH_FOUND, "/v1/things/{name}", "name", "a", NULL},
        {"GET", "/v1/things/a%20b%2fc", CAT_MATCH_FOUND, "/v1/things/{name}", "name", "a b/c", NULL},
        {"GET", "/v1/things/a+b", CAT_MATCH_FOUND, "/v1/things/{name}", "name", "a+b", NULL},
        {"GET", "/v1/things/%c3%a4", CAT_MATCH_FOUND, "/v1/things/{name}", "name", "ä", NULL},
        {"GET", "/v1/things/%ff", CAT_MATCH_BROKEN, NULL, NULL, NULL, NULL},
        {"GET", "/v1/things/%zz", CAT_MATCH_BROKEN, NULL, NULL, NULL, NULL},
        {"GET", "/v1/things/a%00b", CAT_MATCH_BROKEN, NULL, NULL, NULL, NULL},
        {"GET", "/v1/things/a%2", CAT_MATCH_BROKEN, NULL, NULL, NULL, NULL},
        {"PUT", "/v1/things/a/parts/b", CAT_MATCH_FOUND, "/v1/things/{name}/parts/{part}", "part", "b", NULL},
        {"GET", "/files/a/b.js", CAT_MATCH_FOUND, "/files/{path...}", "path", "a/b.js", NULL},
        {"GET", "/files/", CAT_MATCH_FOUND, "/files/{path...}", "path", "", NULL},
        {"GET", "/filesystem", CAT_MATCH_NO_PATH, NULL, NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s %s", ROWS[i].method, ROWS[i].path);
        cat_autoptr(cat_arena) arena = cat_arena_create(65536);
        cat_request request = {.arena = arena, .method = ROWS[i].method};
        const char *allow = NULL;
        EXPECT_INT(cat_route_find(ROUTES, &request, ROWS[i].path, strlen(ROWS[i].path), &allow), ROWS[i].match);
        EXPECT_TEXT(request.route ? request.route->pattern : NULL, ROWS[i].pattern);
        EXPECT_TEXT(allow, ROWS[i].allow);
        if (ROWS[i].name)
            EXPECT_TEXT(cat_request_parameter(&request, ROWS[i].name), ROWS[i].value);
    }
}

TEST("a query is split and decoded, and a broken one is refused")
{
    static const struct {
        const char *query;
        bool is_good;
        size_t count;
        const char *a;
    } ROWS[] = {{"", true, 0, NULL},       {"a=1", true, 1, "1"},          {"a=1&b=2&a=3", true, 3, "1"},
                {"a", true, 1, ""},        {"b=1&&a=x+y", true, 2, "x y"}, {"%61=%26%3D", true, 1, "&="},
                {"a=b=c", true, 1, "b=c"}, {"a=%", false, 0, NULL},        {"a=%00", false, 0, NULL},
                {"a=%ff", false, 0, NULL}, {"%=1", false, 0, NULL}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].query);
        cat_autoptr(cat_arena) arena = cat_arena_create(65536);
        cat_request request = {.arena = arena};
        EXPECT_INT(cat_query_parse(&request, ROWS[i].query, strlen(ROWS[i].query)), ROWS[i].is_good);
        EXPECT_INT(request.query_count, ROWS[i].count);
        EXPECT_TEXT(cat_request_query(&request, "a"), ROWS[i].a);
    }
}

TEST("a query of more members than the maximum is refused")
{
    cat_auto(cat_string) query = CAT_STRING(4096);
    for (int i = 0; i < CAT_HTTP_MAX_QUERY + 1; i++)
        cat_string_append(&query, "a=1&");
    cat_autoptr(cat_arena) arena = cat_arena_create(65536);
    cat_request request = {.arena = arena};
    EXPECT(!cat_query_parse(&request, query.data, query.length));
    EXPECT(cat_query_parse(&request, query.data, query.length - 4));
}

TEST("a number of the query has to be whole and within its limits")
{
    static const struct {
        const char *query;
        int result;
        int64_t value;
    } ROWS[] = {{"", 0, 50},
                {"limit=1", 0, 1},
                {"limit=200", 0, 200},
                {"limit=0", CAT_E_INVALID, -1},
                {"limit=201", CAT_E_INVALID, -1},
                {"limit=", CAT_E_INVALID, -1},
                {"limit=1.5", CAT_E_INVALID, -1}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].query);
        cat_autoptr(cat_arena) arena = cat_arena_create(65536);
        cat_request request = {.arena = arena};
        int64_t value = -1;
        EXPECT(cat_query_parse(&request, ROWS[i].query, strlen(ROWS[i].query)));
        EXPECT_INT(cat_request_query_int(&request, "limit", 1, 200, 50, &value, NULL), ROWS[i].result);
        EXPECT_INT(value, ROWS[i].value);
    }
}

TEST("an entity tag is found in If-None-Match by weak comparison")
{
    static const struct {
        const char *header, *etag;
        bool matches;
    } ROWS[] = {
        {NULL, "\"a\"", false}, {"\"a\"", "\"a\"", true},   {"\"b\", \"a\"", "\"a\"", true},       {"W/\"a\"", "\"a\"", true},
        {"*", "\"a\"", true},   {"\"ab\"", "\"a\"", false}, {"\"b\" , W/\"a\" ", "W/\"a\"", true}, {"", "\"a\"", false},
        {"a", "\"a\"", false},  {"\"a\"", NULL, false}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].header ? ROWS[i].header : "(none)");
        EXPECT_INT(cat_etag_matches(ROWS[i].header, ROWS[i].etag), ROWS[i].matches);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
