#include "wire/yaml_edit.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/test.h"

static json_t *read_yaml(const char *text)
{
    json_t *json = NULL;
    cat_error error = {0};
    if (cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &json, NULL, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s: %s", text, error.message);
    return json;
}

/* The text with a merge patch on its value; comments that went, with | between. */
static char *edited(const char *text, const char *patch, char **gone)
{
    cat_autojson json_t *is = read_yaml(text), *change = read_yaml(patch);
    cat_autojson json_t *wanted = cat_json_merge_patch(is, change);
    cat_auto(cat_strings) lost = {0};
    char *changed = cat_yaml_edit(text, strlen(text), &CAT_YAML_CAPS, wanted, &lost);
    cat_auto(cat_string) all = CAT_STRING(4096);
    for (size_t i = 0; i < lost.count; i++)
        cat_string_appendf(&all, "%s%s", i ? "|" : "", lost.items[i]);
    *gone = cat_string_take(&all);
    cat_autojson json_t *again = read_yaml(changed);
    EXPECT(again && json_equal(again, wanted));
    return changed;
}

TEST("what is not changed keeps its bytes")
{
    static const struct {
        const char *before, *patch, *after, *lost;
    } ROWS[] = {
        {"# top\nspec:\n  replicas: 1   # few\n  b: x\n", "spec: {replicas: 3}", "# top\nspec:\n  replicas: 3   # few\n  b: x\n",
         ""},
        {"a: 1\r\nb: 2 # two\r\n", "{b: 3, c: {d: 1}}", "a: 1\r\nb: 3 # two\r\nc:\r\n  d: 1\r\n", ""},
        {"\xef\xbb\xbf"
         "a: 1\nb: 2\n",
         "{a: 5, c: 3}",
         "\xef\xbb\xbf"
         "a: 5\nb: 2\nc: 3\n",
         ""},
        {"a: 'x'\nb: \"y\"\nc: z\n", "{a: it's, b: 'q\"', c: w}", "a: 'it''s'\nb: \"q\\\"\"\nc: w\n", ""},
        {"a:\n    b: 1\n    c: 2\nd: 3", "{a: {e: 4}, d: 5}", "a:\n    b: 1\n    c: 2\n    e: 4\nd: 5", ""},
        {"spec: {}\nx: 1\n", "spec: {a: {b: 1}}", "spec:\n  a:\n    b: 1\nx: 1\n", ""},
        {"spec:  # what people want\nx: 1\n", "spec: {a: 1}", "spec:  # what people want\n  a: 1\nx: 1\n", ""},
        {"spec: {a: 1, b: [x, y]} # one line\n", "spec: {b: [x, z]}", "spec: {a: 1, b: [x, z]} # one line\n", ""},
        {"spec: {a: 1}\n", "spec: {b: no}", "spec: {a: 1, b: \"no\"}\n", ""},
        {"a: 1\n# of b\nb: 2 # two\nc: 3\n", "{b: null}", "a: 1\n# of b\nc: 3\n", "# two"},
        {"a: 1\nb:\n  # why\n  c: 1\n", "{b: null}", "a: 1\n", "# why"},
        {"a:\n  b: 1\n  # deep\nc: 2\n", "{a: {b: null}}", "a: {}\n  # deep\nc: 2\n", ""},
        {"list:\n- a # first\n- b\n- c\n", "list: [a, c]", "list:\n- a # first\n- c\n", ""},
        {"list:\n  - a # first\n  - c\n", "list: [a, b, c]", "list:\n  - a # first\n  - b\n  - c\n", ""},
        {"list:\n- name: x # it\n  v: 1\n- name: y\n  v: 2\n", "list: [{name: x, v: 1}, {name: y, v: 3}]",
         "list:\n- name: x # it\n  v: 1\n- name: y\n  v: 3\n", ""},
        {"list:\n- name: x\n  v: 1\n", "list: [{v: 1}]", "list:\n- v: 1\n", ""},
        {"a: |\n  one\n  two\n\n# end\nb: 1\n", "a: 'new\n\n  text'", "a: |-\n  new\n  text\n\n# end\nb: 1\n", ""},
        {"a: | # text\n  one\n", "a: short", "a: short\n", "# text"},
        {"a: 1 # n\nb: 2\n", "a: \"x\\ny\\n\"", "a: | # n\n  x\n  y\nb: 2\n", ""},
        {"a: &x 1\nb: *x\n", "{b: 2}", "a: &x 1\nb: 2\n", ""},
        {"a: &x 1 # x\nb: *x\n", "{a: 2, b: 2}", "a: &x 2 # x\nb: *x\n", ""},
        {"a: &x {p: 1}\nb:\n  <<: *x\n  q: 2\n", "{b: {p: 5}}", "a: &x {p: 1}\nb:\n  <<: *x\n  q: 2\n  p: 5\n", ""},
        {"a: &x {p: 1}\nb: *x\n", "{a: {p: 2}}", "a: &x {p: 2}\nb:\n  p: 1\n", ""},
        {"mode: 0644 # octal\n", "mode: 0600", "mode: 384 # octal\n", ""},
        {"v: 0644 # as it was\nw: 1\n", "w: 2", "v: 0644 # as it was\nw: 2\n", ""},
        {"# nothing yet\n", "{a: 1}", "# nothing yet\na: 1\n", ""},
        {"a:\n- 1\n- 2\n", "a: {x: 1}", "a:\n  x: 1\n", ""},
        {"\xc3\xa4: \xe2\x82\xac # \xc3\xb6\nb: 1\n", "b: 2", "\xc3\xa4: \xe2\x82\xac # \xc3\xb6\nb: 2\n", ""},
        {"---\na: 1 # n\n...\n---\n# end\n", "{a: 2, b: 3}", "---\na: 2 # n\nb: 3\n...\n---\n# end\n", ""},
        /* What cannot be done in place: the whole anew. */
        {"# c\n? a\n: 1\n", "a: 2", "a: 2\n", "# c"},
        {"a: &x {p: 1, q: 2}\nb: {<<: *x} # c\n", "b: {p: null}", "a: &x {p: 1, q: 2}\nb: {q: 2} # c\n", ""},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s with %s", ROWS[i].before, ROWS[i].patch);
        cat_autofree char *gone = NULL;
        cat_autofree char *after = edited(ROWS[i].before, ROWS[i].patch, &gone);
        EXPECT_TEXT(after, ROWS[i].after);
        EXPECT_TEXT(gone, ROWS[i].lost);
    }
}

TEST("a text that cannot be read is written anew, and its comments are told")
{
    cat_autojson json_t *wanted = read_yaml("a: 1");
    cat_auto(cat_strings) lost = {0};
    cat_autofree char *changed = cat_yaml_edit("a: [ # open\n", 12, &CAT_YAML_CAPS, wanted, &lost);
    EXPECT_TEXT(changed, "a: 1\n");
    EXPECT_INT(lost.count, 1);
    EXPECT_TEXT(lost.count ? lost.items[0] : "", "# open");
}

/* --- made-up documents --- */

static uint64_t state = 7;
static unsigned any(unsigned below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % below;
}

static json_t *made_up(unsigned depth)
{
    static const char *const TEXTS[] = {"x", "yes",  "0644", "a: b", "two words", "line\nline\n",
                                        "",  "it's", "# no", "- x",  "\xc3\xa4"};
    unsigned kind = any(depth ? 6 : 4);
    if (kind < 2)
        return json_string(TEXTS[any(sizeof TEXTS / sizeof *TEXTS)]);
    if (kind == 2)
        return json_integer(any(100));
    if (kind == 3)
        return any(2) ? json_true() : json_null();
    json_t *made = kind == 4 ? json_object() : json_array();
    for (unsigned n = any(5); n > 0; n--) {
        char name[16];
        snprintf(name, sizeof name, "k%u", any(8));
        if (kind == 4)
            json_object_set_new(made, name, made_up(depth - 1));
        else
            json_array_append_new(made, made_up(depth - 1));
    }
    return made;
}

/* Another value, near to this one. */
static json_t *changed(const json_t *value, unsigned depth)
{
    if (any(6) == 0)
        return made_up(depth ? depth - 1 : 0);
    if (json_is_object(value)) {
        const char *name;
        json_t *inner, *made = json_object();
        json_object_foreach((json_t *)value, name, inner) if (any(8)) json_object_set_new(made, name, changed(inner, depth));
        if (any(4) == 0)
            json_object_set_new(made, "added", made_up(depth));
        return made;
    }
    if (json_is_array(value)) {
        size_t index;
        json_t *inner, *made = json_array();
        json_array_foreach(value, index, inner) if (any(8)) json_array_append_new(made, changed(inner, depth));
        if (any(4) == 0)
            json_array_insert_new(made, any((unsigned)json_array_size(made) + 1), made_up(depth));
        return made;
    }
    return json_deep_copy(value);
}

/* The text with a comment on lines that may have one. */
static char *commented(const char *text)
{
    cat_auto(cat_string) out = CAT_STRING(1 << 20);
    bool literal = strchr(text, '|') != NULL;
    unsigned count = 0;
    for (const char *at = text; *at; at++) {
        if (*at == '\n' && !literal && any(3) == 0)
            cat_string_appendf(&out, " # c%u", count++);
        cat_string_append_char(&out, *at);
        if (*at == '\n' && !literal && any(5) == 0)
            cat_string_appendf(&out, "# line %u\n", count++);
    }
    return cat_string_take(&out);
}

TEST("any document becomes any other near it, and comments stay where values stay")
{
    unsigned in_place = 0, with_comments = 0;
    for (int i = 0; i < 1000; i++) {
        cat_autojson json_t *before = json_object(), *wanted = NULL;
        for (unsigned n = 1 + any(5); n > 0; n--) {
            char name[16];
            snprintf(name, sizeof name, "m%u", n);
            json_object_set_new(before, name, made_up(3));
        }
        json_object_set_new(before, "stays", json_integer(1));
        wanted = changed(before, 3);
        if (!json_is_object(wanted))
            continue;
        json_object_set_new(wanted, "stays", json_integer(1));
        cat_autofree char *plain = cat_yaml_format(before), *text = commented(plain);
        cat_autojson json_t *is = read_yaml(text);
        cat_test_row("%s", text);
        REQUIRE(is && json_equal(is, before));
        cat_auto(cat_strings) lost = {0};
        cat_autofree char *after = cat_yaml_edit(text, strlen(text), &CAT_YAML_CAPS, wanted, &lost);
        cat_autojson json_t *again = read_yaml(after);
        EXPECT(again && json_equal(again, wanted));
        if (!strchr(text, '#'))
            continue;
        with_comments++;
        in_place += strchr(after, '#') != NULL;
    }
    EXPECT(with_comments > 200);
    /* In a few, all that had a comment went. */
    EXPECT(in_place * 10 > with_comments * 9);
}

TEST("another scalar costs no comment and no other byte")
{
    for (int i = 0; i < 300; i++) {
        cat_autojson json_t *before = json_object();
        for (unsigned n = 0; n < 4; n++) {
            char name[16];
            snprintf(name, sizeof name, "m%u", n);
            json_object_set_new(before, name, n == 2 ? json_pack("{s:i}", "v", 111222333) : made_up(2));
        }
        cat_autofree char *plain = cat_yaml_format(before), *text = commented(plain);
        cat_test_row("%s", text);
        json_object_set_new(json_object_get(before, "m2"), "v", json_integer(4));
        cat_auto(cat_strings) lost = {0};
        cat_autofree char *after = cat_yaml_edit(text, strlen(text), &CAT_YAML_CAPS, before, &lost);
        char *at = strstr(text, "v: 111222333");
        REQUIRE(at != NULL);
        cat_autofree char *wanted = cat_printf("%.*sv: 4%s", (int)(at - text), text, at + strlen("v: 111222333"));
        EXPECT_TEXT(after, wanted);
        EXPECT_INT(lost.count, 0);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
