#include "base/log.h"

#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/string.h"
#include "base/test.h"

static int ends[2];

static void begin(cat_log_level least)
{
    if (pipe(ends) != 0)
        abort();
    cat_log_setup("projector", least);
    cat_log_to_descriptor(ends[1]);
}

/* What was written, without the time that differs from run to run. */
static char *finish(void)
{
    close(ends[1]);
    cat_auto(cat_string) all = CAT_STRING(1 << 20);
    char chunk[4096];
    for (ssize_t got; (got = read(ends[0], chunk, sizeof chunk)) > 0;)
        cat_string_append_bytes(&all, chunk, (size_t)got);
    close(ends[0]);
    cat_log_to_descriptor(STDOUT_FILENO);
    return cat_string_take(&all);
}

#define AFTER_TIME strlen("{\"time\":\"2026-11-24T08:00:00.000Z\"")

TEST("a line is one JSON object with its fields")
{
    begin(CAT_LOG_INFO);
    cat_log_info("repository made", CAT_FIELD("repository", "acme/\"shop\"\n\x01"), CAT_FIELD_INT("ms", LLONG_MIN),
                 CAT_FIELD_DOUBLE("ratio", 0.5), CAT_FIELD_BOOL("new", 7), CAT_FIELD("none", NULL));
    cat_autofree char *text = finish();
    REQUIRE(strlen(text) > AFTER_TIME);
    EXPECT_TEXT(text + AFTER_TIME, ",\"level\":\"info\",\"service\":\"projector\",\"message\":\"repository "
                                   "made\",\"repository\":\"acme/\\\"shop\\\"\\n\\u0001\","
                                   "\"ms\":-9223372036854775808,\"ratio\":0.5,\"new\":true,\"none\":null}\n");
}

TEST("what is below the least level is left out")
{
    begin(CAT_LOG_WARNING);
    cat_log_debug("a");
    cat_log_info("b");
    cat_log_warning("c");
    cat_log_error("d");
    cat_autofree char *text = finish();
    EXPECT(!strstr(text, "\"a\"") && !strstr(text, "\"b\"") && strstr(text, "\"c\"") && strstr(text, "\"level\":\"error\""));
}

TEST("bytes that are no UTF-8 and endless numbers still give JSON")
{
    begin(CAT_LOG_INFO);
    cat_log_info("x\xff", CAT_FIELD_DOUBLE("n", NAN), CAT_FIELD("utf8", "\xc3\xa4"));
    cat_autofree char *text = finish();
    EXPECT(strstr(text, "\"message\":\"x\\u00ff\",\"n\":null,\"utf8\":\"\xc3\xa4\"}"));
}

TEST("a line that would be too long loses whole fields and says so")
{
    begin(CAT_LOG_INFO);
    cat_autofree char *big = cat_malloc(100001);
    memset(big, '\x01', 100000);
    big[100000] = '\0';
    cat_log_info(big, CAT_FIELD("a", big), CAT_FIELD("b", "kept nowhere"));
    cat_autofree char *text = finish();
    EXPECT(cat_text_ends_with(text, ",\"cut\":true}\n"));
    EXPECT(strlen(text) <= 16000 && strchr(text, '\n') == text + strlen(text) - 1);
}

TEST("a long text is cut between two characters")
{
    for (size_t shift = 0; shift < 4; shift++) {
        cat_test_row("shifted by %zu", shift);
        char text[4096] = "";
        memset(text, 'x', shift);
        for (size_t i = shift; i + 4 < sizeof text; i += 4)
            memcpy(text + i, "\xf0\x9f\x98\x80", 5);
        begin(CAT_LOG_INFO);
        cat_log_info(text);
        cat_autofree char *line = finish();
        EXPECT(strstr(line, "\xf0\x9f\x98\x80\"}") != NULL);
        EXPECT(strstr(line, "\\u00") == NULL);
    }
}

static void *write_lines(void *argument)
{
    for (int i = 0; i < 200; i++)
        cat_log_info("line", CAT_FIELD("from", argument), CAT_FIELD_INT("i", i));
    return NULL;
}

TEST("lines of several threads do not mix")
{
    begin(CAT_LOG_INFO);
    /* 400 lines are above a pipe's 64 KiB: read while they write. */
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, write_lines, "first");
    pthread_create(&threads[1], NULL, write_lines, "second");
    size_t lines = 0;
    char c, previous = '\n';
    while (lines < 400 && read(ends[0], &c, 1) == 1) {
        EXPECT((previous == '\n') == (c == '{'));
        lines += c == '\n';
        previous = c;
    }
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    cat_autofree char *rest = finish();
    EXPECT_INT(lines, 400);
    EXPECT_TEXT(rest, "");
}

TEST("levels are read by name")
{
    cat_log_level level = CAT_LOG_DEBUG;
    EXPECT(cat_log_level_parse("warning", &level) && level == CAT_LOG_WARNING);
    EXPECT(!cat_log_level_parse("loud", &level) && !cat_log_level_parse(NULL, &level));
    EXPECT_INT(level, CAT_LOG_WARNING);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
