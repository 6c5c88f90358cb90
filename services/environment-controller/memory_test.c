/* What is remembered, for how long. */
#include "memory.h"

#include "base/memory.h"

#include "base/test.h"

TEST("a digest is held under its key until it is another one, too old, or forgotten")
{
    cat_clock_fake clock;
    cat_clock_fake_init(&clock, 0);
    ec_memory *memory = ec_memory_create(&clock.clock);
    EXPECT(!ec_memory_holds(memory, "git/acme", "a", 0));
    ec_memory_set(memory, "git/acme", "a");
    EXPECT(ec_memory_holds(memory, "git/acme", "a", 1000));
    EXPECT(!ec_memory_holds(memory, "git/acme", "b", 1000));
    cat_clock_fake_advance(&clock, 1000);
    EXPECT(!ec_memory_holds(memory, "git/acme", "a", 1000));
    EXPECT(ec_memory_holds(memory, "git/acme", "a", 0));
    ec_memory_forget(memory, "git/acme");
    EXPECT(!ec_memory_holds(memory, "git/acme", "a", 0));
    ec_memory_destroy(memory);
}

TEST("steps under one key keep their distance, the first comes at once")
{
    cat_clock_fake clock;
    cat_clock_fake_init(&clock, 0);
    ec_memory *memory = ec_memory_create(&clock.clock);
    EXPECT_INT(ec_memory_pace(memory, "k", 5000), 0);
    cat_clock_fake_advance(&clock, 2000);
    EXPECT_INT(ec_memory_pace(memory, "k", 5000), 3000);
    EXPECT_INT(ec_memory_pace(memory, "other", 5000), 0);
    cat_clock_fake_advance(&clock, 3000);
    EXPECT_INT(ec_memory_pace(memory, "k", 5000), 0);
    ec_memory_destroy(memory);
}

TEST("who comes again and again waits longer, and is let in at once after a quiet time")
{
    cat_clock_fake clock;
    cat_clock_fake_init(&clock, 0);
    ec_memory *memory = ec_memory_create(&clock.clock);
    static const int64_t GAPS[] = {0, 2000, 2000, 4000, 8000, 10000, 10000};
    for (size_t i = 0; i < sizeof GAPS / sizeof *GAPS; i++) {
        EXPECT_INT(ec_memory_backoff(memory, "k", 2000, 2, 10000), GAPS[i]);
        cat_clock_fake_advance(&clock, GAPS[i]);
        if (GAPS[i])
            EXPECT_INT(ec_memory_backoff(memory, "k", 2000, 2, 10000), 0);
    }
    cat_clock_fake_advance(&clock, 10000 + 60001);
    EXPECT_INT(ec_memory_backoff(memory, "k", 2000, 2, 10000), 0);
    EXPECT_INT(ec_memory_backoff(memory, "k", 2000, 2, 10000), 2000);
    ec_memory_destroy(memory);
}

TEST("a text is known with its digest, and goes with it")
{
    ec_memory *memory = ec_memory_create(NULL);
    ec_memory_set_text(memory, "k", "abc", "a text");
    cat_autofree char *text = ec_memory_text(memory, "k", "abc");
    EXPECT_TEXT(text, "a text");
    EXPECT(ec_memory_holds(memory, "k", "abc", 0));
    EXPECT(!ec_memory_text(memory, "k", "abd"));
    ec_memory_set(memory, "k", "abc");
    EXPECT(!ec_memory_text(memory, "k", "abc"));
    ec_memory_destroy(memory);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
