#include "base/random.h"

#include "base/memory.h"
#include "base/test.h"

TEST("numbers stay below their limit and reach every value")
{
    bool seen[10] = {false};
    for (int i = 0; i < 1000; i++) {
        uint64_t number = cat_random_below(10);
        EXPECT(number < 10);
        if (number < 10)
            seen[number] = true;
    }
    for (int i = 0; i < 10; i++)
        EXPECT(seen[i]);
    EXPECT_INT(cat_random_below(1), 0);
    EXPECT_INT(cat_random_below(0), 0);
    EXPECT(cat_random_below(UINT64_MAX) < UINT64_MAX);
}

TEST("identifiers are 26 characters that sort by time and never repeat")
{
    char first[CAT_ID_MAX], second[CAT_ID_MAX], later[CAT_ID_MAX];
    cat_id_make(1795507200000, first);
    cat_id_make(1795507200000, second);
    cat_id_make(1795507200001, later);
    EXPECT_INT(strlen(first), 26);
    EXPECT_INT(strspn(first, "0123456789abcdefghjkmnpqrstvwxyz"), 26);
    EXPECT(memcmp(first, second, 10) == 0 && strcmp(first, second) != 0);
    EXPECT(strcmp(first, later) < 0 && strcmp(second, later) < 0);
    cat_id_make(1469918176385, first);
    /* The example of the ULID specification. */
    first[10] = '\0';
    EXPECT_TEXT(first, "01aryz6s41");
}

TEST("passwords have the length and the letters asked for")
{
    cat_autofree char *password = cat_random_password(40, "ab"), *other = cat_random_password(40, NULL),
                      *third = cat_random_password(40, NULL);
    EXPECT_INT(strlen(password), 40);
    EXPECT_INT(strspn(password, "ab"), 40);
    EXPECT(strchr(password, 'a') && strchr(password, 'b'));
    EXPECT(strcmp(other, third) != 0 && !strpbrk(other, "0O1lI"));
}

TEST("delays double up to their maximum with jitter in the upper half")
{
    static const struct {
        unsigned attempt;
        int64_t base, max, low, high;
    } rows[] = {
        {0, 100, 5000, 50, 100},
        {1, 100, 5000, 100, 200},
        {3, 100, 5000, 400, 800},
        {10, 100, 5000, 2500, 5000},
        {4000000000u, 100, 5000, 2500, 5000},
        {0, 0, 5000, 0, 0},
        {5, 100, 1, 1, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int again = 0; again < 200; again++) {
            int64_t delay = cat_backoff_ms(rows[i].attempt, rows[i].base, rows[i].max);
            cat_test_checks();
            if (delay < rows[i].low || delay > rows[i].high)
                cat_test_fail(__FILE__, __LINE__, "attempt %u gives %lld", rows[i].attempt, (long long)delay);
        }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
