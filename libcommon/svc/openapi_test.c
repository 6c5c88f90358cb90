#include "svc/openapi.h"

#include "base/test.h"
#include "net/http_test_support.h"

static const char DESCRIPTION[] =
    "openapi: 3.1.0\n"
    "paths:\n"
    "  /things/{name}:\n"
    "    get:\n"
    "      parameters:\n"
    "        - {name: name, in: path, required: true, schema: {type: string}}\n"
    "        - {$ref: '#/components/parameters/limit'}\n"
    "        - {name: status, in: query, schema: {type: array, maxItems: 2, items: {enum: [Up, Down]}}}\n"
    "        - {name: whole, in: query, schema: {type: boolean}}\n"
    "        - {name: of, in: query, required: true, schema: {$ref: '#/components/schemas/Name'}}\n"
    "  /wishes:\n"
    "    post:\n"
    "      requestBody:\n"
    "        required: true\n"
    "        content: {application/json: {schema: {$ref: '#/components/schemas/Wish'}}}\n"
    "  /names:\n"
    "    post:\n"
    "      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Name'}}}}\n"
    "  /raw:\n"
    "    post:\n"
    "      requestBody: {content: {application/json: {schema: {type: object}}}}\n"
    "components:\n"
    "  parameters:\n"
    "    limit: {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 200}}\n"
    "  schemas:\n"
    "    Name: {type: string, maxLength: 3}\n"
    "    Wish:\n"
    "      oneOf: [{$ref: '#/components/schemas/Make'}, {$ref: '#/components/schemas/End'}]\n"
    "      discriminator:\n"
    "        propertyName: kind\n"
    "        mapping: {make: '#/components/schemas/Make', end: '#/components/schemas/End'}\n"
    "    Make:\n"
    "      type: object\n"
    "      additionalProperties: false\n"
    "      required: [kind, name]\n"
    "      properties: {kind: {const: make}, name: {$ref: '#/components/schemas/Name'}}\n"
    "    End: {type: object, additionalProperties: false, properties: {kind: {const: end}}}\n";

static int answer_well(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)context, (void)error;
    return cat_reply_empty(reply, 204);
}

static const cat_route ROUTES[] = {{"GET", "/things/{name}", answer_well, 0, 0},
                                   {"POST", "/wishes", answer_well, 0, 0},
                                   {"POST", "/names", answer_well, 0, 0},
                                   {"POST", "/raw", answer_well, CAT_ROUTE_RAW, 0},
                                   {0}};
static const cat_api API = {ROUTES, DESCRIPTION, DESCRIPTION + sizeof DESCRIPTION - 1};

static cat_http_server *start(void)
{
    cat_openapi *description = NULL;
    cat_http_server *server = NULL;
    cat_error error = {0};
    EXPECT(cat_openapi_create(&API, &description, &error) == 0);
    cat_http_server_options options = {.address = "127.0.0.1:0",
                                       .routes = ROUTES,
                                       .check = cat_openapi_check,
                                       .check_context = description,
                                       .check_destroy = cat_openapi_destroy};
    EXPECT(cat_http_server_start(&options, &server, &error) == 0);
    return server;
}

/* "status code first-place: message", or the status alone. */
static char *ask(unsigned port, const char *method, const char *path, const char *body)
{
    cat_autofree char *request = cat_printf("%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: "
                                            "application/json\r\nContent-Length: %zu\r\n\r\n%s",
                                            method, path, strlen(body), body);
    cat_autofree char *answer = raw_exchange(port, request);
    cat_autojson json_t *problem = NULL;
    const char *document = raw_body(answer);
    if (cat_json_parse(document, strlen(document), &CAT_JSON_CAPS, &problem, NULL) < 0)
        return cat_printf("%d", raw_status(answer));
    const char *pointer = cat_json_text(problem, "errors.0.pointer"),
               *where = pointer ? pointer : cat_json_text_or(problem, "errors.0.parameter", "-");
    return cat_printf("%d %s %s: %s", raw_status(answer), cat_json_text_or(problem, "code", "?"), where,
                      cat_json_text_or(problem, "errors.0.message", "-"));
}

TEST("a query is held against the description")
{
    static const struct {
        const char *query, *answer;
    } ROWS[] = {
        {"?of=a", "204"},
        {"?of=a&limit=200&status=Up,Down", "204"},
        {"?of=a&status=", "204"},
        {"?of=a&whole=true", "204"},
        {"?of=a&whole=yes", "400 invalid whole: This has to be true or false, but it is text"},
        {"", "400 invalid of: it is missing"},
        {"?of=abcd", "400 invalid of: This may be at most 3 characters long, but it is 4"},
        {"?of=a&limit=0", "400 invalid limit: This has to be at least 1"},
        {"?of=a&limit=201", "400 invalid limit: This has to be at most 200"},
        {"?of=a&limit=many", "400 invalid limit: This has to be a whole number, but it is text"},
        {"?of=a&limit=1&limit=2", "400 invalid limit: it stands there twice"},
        {"?of=a&status=Up,Sideways", "400 invalid status: This has to be one of: Up, Down"},
        {"?of=a&color=red", "400 invalid color: it is not known here; known are limit, status, whole, of"},
    };
    cat_http_server *server = start();
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].query);
        cat_autofree char *path = cat_printf("/things/x%s", ROWS[i].query);
        cat_autofree char *answer = ask(cat_http_server_port(server), "GET", path, "");
        EXPECT_TEXT(answer, ROWS[i].answer);
    }
    cat_http_server_stop(server, 5000);
}

TEST("a body is held against the description, and each complaint points to its place")
{
    static const struct {
        const char *path, *body, *answer;
    } ROWS[] = {
        {"/wishes", "{\"kind\":\"make\",\"name\":\"a\"}", "204"},
        {"/wishes", "{\"kind\":\"end\"}", "204"},
        {"/wishes", "", "400 invalid -: -"},
        {"/wishes", "{", "400 invalid -: -"},
        {"/wishes", "[]", "422 schema-invalid : This has to be an object"},
        {"/wishes", "{}", "422 schema-invalid /kind: This has to be one of: make, end"},
        {"/wishes", "{\"kind\":\"explode\"}", "422 schema-invalid /kind: This has to be one of: make, end"},
        {"/wishes", "{\"kind\":\"make\"}", "422 schema-invalid /name: name is missing"},
        {"/wishes", "{\"kind\":\"make\",\"name\":\"abcd\"}",
         "422 schema-invalid /name: This may be at most 3 characters long, but it is 4"},
        {"/wishes", "{\"kind\":\"end\",\"name\":\"a\"}", "422 schema-invalid /name: There is no field name here; known are kind"},
        {"/names", "", "204"},
        {"/names", "\"abcd\"", "422 schema-invalid : This may be at most 3 characters long, but it is 4"},
        {"/raw", "nothing of this is JSON", "204"},
        {"/raw?a=b", "", "400 invalid a: nothing is taken in the query here"},
    };
    cat_http_server *server = start();
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s %s", ROWS[i].path, ROWS[i].body);
        cat_autofree char *answer = ask(cat_http_server_port(server), "POST", ROWS[i].path, ROWS[i].body);
        EXPECT_TEXT(answer, ROWS[i].answer);
    }
    cat_http_server_stop(server, 5000);
}

TEST("a route that is not described, and a wrong schema, are refused")
{
    static const cat_route MORE[] = {{"DELETE", "/wishes", answer_well, 0, 0}, {0}},
                           WRONG[] = {{"GET", "/x", answer_well, 0, 0}, {0}};
    static const char SCHEMA[] = "paths: {/x: {get: {parameters: [{name: a, in: query, schema: {type: thing}}]}}}";
    cat_openapi *description = NULL;
    cat_error error = {0};
    EXPECT_INT(cat_openapi_create(&(cat_api){MORE, API.start, API.end}, &description, &error), CAT_E_INVALID);
    EXPECT_TEXT(error.message, "the description of DELETE /wishes: it is not described");
    EXPECT_INT(cat_openapi_create(&(cat_api){WRONG, SCHEMA, SCHEMA + sizeof SCHEMA - 1}, &description, &error), CAT_E_INVALID);
    EXPECT(strstr(error.message, "parameter a"));
    EXPECT(description == NULL);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
