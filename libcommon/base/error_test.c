#include "base/error.h"

#include "base/string.h"
#include "base/test.h"

TEST("an error has the code's class and a sentence")
{
    cat_error error = {0};
    EXPECT_INT(cat_error_set(&error, CAT_E_TIMEOUT, "no answer from %s", "gitea"), CAT_E_TIMEOUT);
    EXPECT_INT(error.code, CAT_E_TIMEOUT);
    EXPECT_INT(error.class, CAT_CLASS_TRANSIENT);
    EXPECT_TEXT(error.message, "no answer from gitea");
    EXPECT_INT(cat_error_set_class(&error, CAT_E_NOT_FOUND, CAT_CLASS_STALLED, "gone"), CAT_E_NOT_FOUND);
    EXPECT_INT(error.class, CAT_CLASS_STALLED);
}

TEST("wrapping puts the context in front and keeps code and class")
{
    cat_error error = {0};
    cat_error_set_class(&error, CAT_E_IO, CAT_CLASS_WAITING, "disk full");
    EXPECT_INT(cat_error_wrap(&error, "writing %d files", 3), CAT_E_IO);
    EXPECT_TEXT(error.message, "writing 3 files: disk full");
    EXPECT_INT(error.class, CAT_CLASS_WAITING);
}

TEST("nobody has to ask for the error")
{
    EXPECT_INT(cat_error_set(NULL, CAT_E_INVALID, "x"), CAT_E_INVALID);
    EXPECT(cat_error_wrap(NULL, "x") < 0);
    cat_error_clear(NULL);
    cat_error from = {.code = CAT_E_GONE};
    EXPECT_INT(cat_error_copy(NULL, &from), CAT_E_GONE);
}

TEST("a message that is too long is cut between two characters")
{
    char text[2 * CAT_ERROR_MESSAGE_MAX];
    for (size_t shift = 0; shift < 4; shift++) {
        cat_test_row("shifted by %zu", shift);
        memset(text, 'x', shift);
        for (size_t i = shift; i + 4 < sizeof text; i += 4)
            memcpy(text + i, "\xf0\x9f\x98\x80", 5);
        cat_error error = {0};
        cat_error_set(&error, CAT_E_INVALID, "%s", text);
        size_t length = strlen(error.message);
        EXPECT(length > CAT_ERROR_MESSAGE_MAX - 5 && length < CAT_ERROR_MESSAGE_MAX);
        EXPECT(cat_text_is_utf8(error.message, length));
    }
}

TEST("what is no UTF-8 in a message is replaced, so that the rest can be shown")
{
    static const struct {
        const char *says, *shown;
    } ROWS[] = {
        {"hook: zur\xfc"
         "ckgewiesen",
         "hook: zur?ckgewiesen"},
        {"half \xe2\x82", "half ??"},
        {"\xf0\x9f\x98\x80 \xff\xfe \xc3\xa4", "\xf0\x9f\x98\x80 ?? \xc3\xa4"},
        {"\xc3\xa4 is left alone", "\xc3\xa4 is left alone"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].shown);
        cat_error error = {0};
        cat_error_set(&error, CAT_E_FORBIDDEN, "%s", ROWS[i].says);
        EXPECT_TEXT(error.message, ROWS[i].shown);
    }
    cat_error error = {0};
    cat_error_set(&error, CAT_E_FORBIDDEN, "refused (%.2s)", "x\xc3\xa4");
    EXPECT_TEXT(error.message, "refused (x?)");
}

TEST("a message may be made from the message it replaces")
{
    cat_error error = {0};
    cat_error_set(&error, CAT_E_INVALID, "inner");
    cat_error_set(&error, CAT_E_INTERNAL, "outer (%s)", error.message);
    EXPECT_TEXT(error.message, "outer (inner)");
}

TEST("an error says which peer was asked, through wrapping and copying, until another failure takes its place")
{
    cat_error error = {0}, copy = {0};
    EXPECT_INT(cat_error_set_peer(&error, CAT_PEER_GIT, CAT_E_TIMEOUT, "no answer"), CAT_E_TIMEOUT);
    EXPECT_INT(error.class, CAT_CLASS_TRANSIENT);
    EXPECT_INT(cat_error_wrap(&error, "reading"), CAT_E_TIMEOUT);
    EXPECT_INT(error.peer, CAT_PEER_GIT);
    cat_error_copy(&copy, &error);
    EXPECT_INT(copy.peer, CAT_PEER_GIT);
    cat_error_set(&error, CAT_E_INVALID, "another: %s", error.message);
    EXPECT_INT(error.peer, CAT_PEER_NONE);
    EXPECT_INT(cat_error_set_peer(NULL, CAT_PEER_GIT, CAT_E_TIMEOUT, "no answer"), CAT_E_TIMEOUT);
}

TEST("every code has a name of its own and copying keeps all")
{
    for (int code = CAT_E_INVALID; code >= CAT_E_INTERNAL; code--) {
        EXPECT(strcmp(cat_error_name(code), "unknown") != 0);
        for (int other = code - 1; other >= CAT_E_INTERNAL; other--)
            EXPECT(strcmp(cat_error_name(code), cat_error_name(other)) != 0);
    }
    EXPECT_TEXT(cat_error_name(CAT_E_NOT_FOUND), "not-found");
    EXPECT_TEXT(cat_error_name(-999), "unknown");
    cat_error from = {0}, to = {0};
    cat_error_set(&from, CAT_E_LIMIT, "full");
    EXPECT_INT(cat_error_copy(&to, &from), CAT_E_LIMIT);
    EXPECT_TEXT(to.message, "full");
    EXPECT_INT(to.class, CAT_CLASS_WAITING);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
