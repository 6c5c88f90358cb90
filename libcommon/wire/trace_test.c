#include "wire/trace.h"

#include "base/test.h"

TEST("a traceparent is read as the W3C says")
{
    static const struct {
        const char *text;
        bool good, sampled;
    } rows[] = {
        {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true, true},
        {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true, false},
        {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03", true, true},
        {"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", true, true},
        {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", false, false},
        {"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more", false, false},
        {"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false, false},
        {"00-00000000000000000000000000000000-b7ad6b7169203331-01", false, false},
        {"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false, false},
        {"00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false, false},
        {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0", false, false},
        {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g", false, false},
        {"00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false, false},
        {"", false, false},
        {NULL, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].text ? rows[i].text : "(null)");
        cat_trace trace = {.trace_id = "untouched"};
        EXPECT_INT(cat_trace_parse(rows[i].text, &trace), rows[i].good);
        EXPECT_TEXT(trace.trace_id, rows[i].good ? "0af7651916cd43dd8448eb211c80319c" : "untouched");
        if (!rows[i].good)
            continue;
        EXPECT_TEXT(trace.span_id, "b7ad6b7169203331");
        EXPECT_INT(trace.sampled, rows[i].sampled);
    }
}

TEST("a new trace can be read back, and its child is of the same trace")
{
    cat_trace trace, child, again;
    char text[CAT_TRACEPARENT_MAX];
    cat_trace_start(&trace);
    cat_trace_child(&trace, &child);
    EXPECT_TEXT(child.trace_id, trace.trace_id);
    EXPECT(strcmp(child.span_id, trace.span_id) != 0);
    cat_trace_format(&child, text);
    EXPECT_INT(strlen(text), 55);
    REQUIRE(cat_trace_parse(text, &again));
    EXPECT_TEXT(again.span_id, child.span_id);
    EXPECT(again.sampled);
    cat_trace other;
    cat_trace_start(&other);
    EXPECT(strcmp(other.trace_id, trace.trace_id) != 0);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
