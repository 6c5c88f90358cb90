#include "base/test.h"
#include "net/gitea_internal.h"

TEST("parts of a path are encoded, so that a name cannot become another call")
{
    cat_autofree char *plain = gitea_path("/orgs/%s/teams", "acme");
    EXPECT_TEXT(plain, "/orgs/acme/teams");
    cat_autofree char *odd = gitea_path("/repos/%s/%s/branches/%s", "a?b", "../x", "feature/y");
    EXPECT_TEXT(odd, "/repos/a%3Fb/..%2Fx/branches/feature%2Fy");
}

TEST("what is wanted is a part of what is there, whatever the order of lists and whatever else is there")
{
    static const struct {
        const char *wanted, *have;
        bool part;
    } table[] = {
        {"{}", "{\"a\":1}", true},
        {"{\"a\":1}", "{\"a\":1,\"b\":2}", true},
        {"{\"a\":1}", "{\"a\":2}", false},
        {"{\"a\":1}", "{}", false},
        {"{\"a\":[\"x\",\"y\"]}", "{\"a\":[\"y\",\"x\"]}", true},
        {"{\"a\":[\"x\"]}", "{\"a\":[\"y\",\"x\"]}", false},
        {"{\"a\":[]}", "{\"a\":null}", true},
        {"{\"a\":[]}", "{}", true},
        {"{\"a\":[]}", "{\"a\":[1]}", false},
        {"{\"a\":false}", "{\"a\":null}", false},
        {"{\"a\":{\"b\":\"w\"}}", "{\"a\":{\"b\":\"w\",\"c\":1}}", true},
        {"{\"a\":{\"b\":\"w\"}}", "{\"a\":[]}", false},
        {"\"x\"", "\"x\"", true},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("%s in %s", table[i].wanted, table[i].have);
        cat_autojson json_t *wanted = NULL, *have = NULL;
        REQUIRE(cat_json_parse(table[i].wanted, strlen(table[i].wanted), &CAT_JSON_CAPS, &wanted, NULL) == 0);
        REQUIRE(cat_json_parse(table[i].have, strlen(table[i].have), &CAT_JSON_CAPS, &have, NULL) == 0);
        EXPECT_INT(gitea_is_part(wanted, have), table[i].part);
    }
}

TEST("Gitea's refusals become errors that say whether it is there already")
{
    static const struct {
        int status;
        const char *body;
        int code;
    } table[] = {
        {409, "{\"message\":\"The repository with the same name already exists.\"}", CAT_E_EXISTS},
        {422, "{\"message\":\"user already exists [name: acme]\"}", CAT_E_EXISTS},
        {403, "{\"message\":\"Branch protection already exist\"}", CAT_E_EXISTS},
        {400, "{\"message\":\"access token name has been used already\"}", CAT_E_EXISTS},
        {409, "{\"message\":\"head out of date\"}", CAT_E_CONFLICT},
        {403, "{\"message\":\"user should be an owner of the organization\"}", CAT_E_FORBIDDEN},
        {405, "{\"message\":\"User not allowed to merge PR\"}", CAT_E_FORBIDDEN},
        {405, "{\"message\":\"Please try again later\"}", CAT_E_UNAVAILABLE},
        {404, "{\"message\":\"not found\"}", CAT_E_NOT_FOUND},
        {307, "<a href=\"/api/v1/repositories/9\">Temporary Redirect</a>", CAT_E_NOT_FOUND},
        {301, "", CAT_E_NOT_FOUND},
        {500, "<html>", CAT_E_UNAVAILABLE},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("%d %s", table[i].status, table[i].body);
        cat_http_answer answer = {.status = table[i].status, .body = (char *)table[i].body, .length = strlen(table[i].body)};
        cat_error error = {0};
        EXPECT_INT(gitea_answer_error(&answer, "call", &error), table[i].code);
        EXPECT_INT(error.code, table[i].code);
    }
}

TEST("an empty answer is null, and one that is no JSON is refused")
{
    cat_autojson json_t *reply = NULL, *none = NULL;
    EXPECT_INT(gitea_reply_parse("", 0, &reply, NULL), 0);
    EXPECT(json_is_null(reply));
    EXPECT_INT(gitea_reply_parse("<html>", 6, &none, NULL), CAT_E_PROTOCOL);
    EXPECT(!none);
}

TEST("an address that is no plain URL, and a token of two lines, are refused")
{
    static const cat_gitea_options bad[] = {
        {NULL, "t", "u"},      {"ftp://h", "t", "u"},   {"http://u:p@h", "t", "u"},    {"http://h?x", "t", "u"},
        {"http://h", "", "u"}, {"http://h", NULL, "u"}, {"http://h", "a\r\nX: y", "u"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cat_test_row("row %zu", i);
        cat_autoptr(cat_gitea) gitea = NULL;
        EXPECT_INT(cat_gitea_create(&bad[i], &gitea, NULL), CAT_E_INVALID);
    }
}

TEST("acting for nobody, or for two lines, is refused before anything is asked")
{
    cat_autoptr(cat_gitea) gitea = NULL;
    REQUIRE(cat_gitea_create(&(cat_gitea_options){"http://127.0.0.1:1", "t", "u"}, &gitea, NULL) == 0);
    EXPECT_INT(cat_gitea_call(gitea, "GET", "/version", NULL, "", NULL, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_gitea_call(gitea, "GET", "/version", NULL, "a\r\nX: y", NULL, NULL), CAT_E_INVALID);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
