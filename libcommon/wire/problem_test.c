#include "wire/problem.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/test.h"
#include "wire/yaml.h"

TEST("the table in proto/problems.yaml and the one in the code are the same")
{
    cat_autofree char *text = NULL;
    size_t length = 0;
    cat_error error = {0};
    cat_autojson json_t *file = NULL;
    if (cat_file_read(CATALYST_SOURCE_DIR "/proto/problems.yaml", 100000, &text, &length, &error) < 0 ||
        cat_yaml_parse(text, length, &CAT_YAML_CAPS, &file, NULL, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    const json_t *problems = cat_json_get(file, "problems");
    size_t count = 0;
    for (const cat_problem *problem = CAT_PROBLEMS; problem->code; problem++, count++) {
        cat_test_row("%s", problem->code);
        const json_t *entry = json_array_get(problems, count);
        EXPECT_TEXT(cat_json_text(entry, "code"), problem->code);
        EXPECT_INT(cat_json_int_or(entry, "status", 0), problem->http_status);
        EXPECT_TEXT(cat_json_text(entry, "title"), problem->title);
        EXPECT(cat_json_text(entry, "next") != NULL);
        EXPECT_INT(json_object_size(entry), 4);
        EXPECT(cat_problem_find(problem->code) == problem);
        EXPECT(problem->http_status >= 400 && problem->http_status < 600);
    }
    EXPECT_INT(json_array_size(problems), count);
}

TEST("every code of an error has a problem of its own")
{
    for (int code = CAT_E_INVALID; code >= CAT_E_INTERNAL; code--) {
        cat_test_row("%s", cat_error_name(code));
        EXPECT(code == CAT_E_INTERNAL || strcmp(cat_problem_of_error(code)->code, "internal") != 0);
        for (int other = code - 1; other >= CAT_E_INTERNAL; other--)
            EXPECT(cat_problem_of_error(code) != cat_problem_of_error(other));
    }
    EXPECT_TEXT(cat_problem_of_error(-999)->code, "internal");
    EXPECT_TEXT(cat_problem_find("no-such-code")->code, "internal");
    EXPECT_TEXT(cat_problem_find(NULL)->code, "internal");
}

TEST("a complaint names the value, or the body where it is about all of it")
{
    static const struct {
        const char *pointer, *message, *detail;
    } rows[] = {
        {"/config/size", "This has to be text", "/config/size: This has to be text"},
        {"", "This has to be an object", "The body has to be an object"},
        {"", "There are too many Applications", "There are too many Applications"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].detail);
        cat_autofree char *detail = cat_problem_complaint(rows[i].pointer, rows[i].message);
        EXPECT_TEXT(detail, rows[i].detail);
    }
}

TEST("a problem document has type, code, detail, errors and the trace")
{
    cat_autojson json_t *errors = json_array();
    json_array_append_new(errors,
                          cat_json_object("pointer", json_string("/config/host"), "message", json_string("is missing"), NULL));
    cat_autojson json_t *problem = cat_problem_make(cat_problem_find("schema-invalid"), "one value", cat_take(errors), "abc");
    cat_autofree char *text = cat_json_format(problem);
    EXPECT_TEXT(text, "{\"type\":\"urn:catalyst:problem:schema-invalid\",\"title\":\"The values do not fit "
                      "their schema\",\"status\":422,"
                      "\"code\":\"schema-invalid\",\"detail\":\"one "
                      "value\",\"errors\":[{\"pointer\":\"/config/host\",\"message\":\"is "
                      "missing\"}],\"traceId\":\"abc\"}");
    cat_autojson json_t *bare = cat_problem_make(cat_problem_find("gone"), NULL, NULL, NULL);
    EXPECT_INT(json_object_size(bare), 4);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
