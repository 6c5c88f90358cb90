#include "svc/follow.h"

#include "base/test.h"

static cat_stream_info stream(uint64_t first, uint64_t last)
{
    return (cat_stream_info){.incarnation = "one", .first_sequence = first, .last_sequence = last};
}

TEST("a place is compared with the stream that it is of")
{
    static const struct {
        const char *incarnation;
        uint64_t cursor, first, last;
        cat_follow_break expected;
    } cases[] = {
        {"", 0, 1, 10, CAT_FOLLOW_FIRST},          {"one", 0, 1, 10, CAT_FOLLOW_GOES_ON},
        {"one", 10, 1, 10, CAT_FOLLOW_GOES_ON},    {"one", 4, 5, 10, CAT_FOLLOW_GOES_ON},
        {"one", 10, 11, 10, CAT_FOLLOW_GOES_ON},   {"one", 4, 6, 10, CAT_FOLLOW_DISCARDED},
        {"one", 9, 11, 10, CAT_FOLLOW_DISCARDED},  {"one", 11, 1, 10, CAT_FOLLOW_WENT_BACKWARDS},
        {"one", 0, 1, 0, CAT_FOLLOW_GOES_ON},      {"two", 4, 1, 10, CAT_FOLLOW_MADE_ANEW},
        {"two", 100, 1, 10, CAT_FOLLOW_MADE_ANEW},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cat_stream_info info = stream(cases[i].first, cases[i].last);
        EXPECT_INT(cat_follow_compare(cases[i].incarnation, cases[i].cursor, &info), cases[i].expected);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
