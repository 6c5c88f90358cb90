/* What is remembered, for how long. */
#include "asserted.h"

#include "base/memory.h"

#include "base/test.h"

TEST("a digest is held under its key until it is another one, too old, or forgotten")
{
    cat_clock_fake clock;
    cat_clock_fake_init(&clock, 0);
    ec_asserted *asserted = ec_asserted_create(&clock.clock);
    EXPECT(!ec_asserted_holds(asserted, "git/acme", "a", 0));
    ec_asserted_set(asserted, "git/acme", "a");
    EXPECT(ec_asserted_holds(asserted, "git/acme", "a", 1000));
    EXPECT(!ec_asserted_holds(asserted, "git/acme", "b", 1000));
    cat_clock_fake_advance(&clock, 1000);
    EXPECT(!ec_asserted_holds(asserted, "git/acme", "a", 1000));
    EXPECT(ec_asserted_holds(asserted, "git/acme", "a", 0));
    ec_asserted_forget(asserted, "git/acme");
    EXPECT(!ec_asserted_holds(asserted, "git/acme", "a", 0));
    ec_asserted_destroy(asserted);
}

TEST("steps under one key keep their distance, the first comes at once")
{
    cat_clock_fake clock;
    cat_clock_fake_init(&clock, 0);
    ec_asserted *asserted = ec_asserted_create(&clock.clock);
    EXPECT_INT(ec_asserted_pace(asserted, "k", 5000), 0);
    cat_clock_fake_advance(&clock, 2000);
    EXPECT_INT(ec_asserted_pace(asserted, "k", 5000), 3000);
    EXPECT_INT(ec_asserted_pace(asserted, "other", 5000), 0);
    cat_clock_fake_advance(&clock, 3000);
    EXPECT_INT(ec_asserted_pace(asserted, "k", 5000), 0);
    ec_asserted_destroy(asserted);
}

TEST("who comes again and again waits longer, and is let in at once after a quiet time")
{
    cat_clock_fake clock;
    cat_clock_fake_init(&clock, 0);
    ec_asserted *asserted = ec_asserted_create(&clock.clock);
    static const int64_t GAPS[] = {0, 2000, 2000, 4000, 8000, 10000, 10000};
    for (size_t i = 0; i < sizeof GAPS / sizeof *GAPS; i++) {
        EXPECT_INT(ec_asserted_backoff(asserted, "k", 2000, 2, 10000), GAPS[i]);
        cat_clock_fake_advance(&clock, GAPS[i]);
        if (GAPS[i])
            EXPECT_INT(ec_asserted_backoff(asserted, "k", 2000, 2, 10000), 0);
    }
    cat_clock_fake_advance(&clock, 10000 + 60001);
    EXPECT_INT(ec_asserted_backoff(asserted, "k", 2000, 2, 10000), 0);
    EXPECT_INT(ec_asserted_backoff(asserted, "k", 2000, 2, 10000), 2000);
    ec_asserted_destroy(asserted);
}

TEST("a text is known with its digest, and goes with it")
{
    ec_asserted *asserted = ec_asserted_create(NULL);
    ec_asserted_set_text(asserted, "k", "abc", "a text");
    cat_autofree char *text = ec_asserted_text(asserted, "k", "abc");
    EXPECT_TEXT(text, "a text");
    EXPECT(ec_asserted_holds(asserted, "k", "abc", 0));
    EXPECT(!ec_asserted_text(asserted, "k", "abd"));
    ec_asserted_set(asserted, "k", "abc");
    EXPECT(!ec_asserted_text(asserted, "k", "abc"));
    ec_asserted_destroy(asserted);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
