/* The test harness: names that are sentences, tables, one closing line.
 *
 *     TEST("a name of three letters is allowed") { EXPECT(cat_name_is_organization("abc")); }
 *     int main(int argc, char **argv) { return cat_test_main(argc, argv); }
 *
 * Arguments select tests whose name contains them; `--list` prints names. A test that checks nothing fails.
 */
#ifndef CAT_BASE_TEST_H
#define CAT_BASE_TEST_H

#include <stdbool.h>
#include <string.h>

typedef struct cat_test cat_test;
struct cat_test {
    const char *name;
    void (*run)(void);
    cat_test *next;
};
void cat_test_register(cat_test *test);
int cat_test_main(int argc, char **argv);
/* Counts a check of the running test, whatever comes of it. */
void cat_test_checks(void);
/* Marks the running test failed and prints where and what. */
void cat_test_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A line that is printed in front of failures until the next call: the row of a table. */
void cat_test_row(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define CAT_TEST_CAT2(a, b) a##b
#define CAT_TEST_CAT(a, b) CAT_TEST_CAT2(a, b)
#define TEST(sentence)                                                                                          \
    static void CAT_TEST_CAT(test_, __LINE__)(void);                                                            \
    __attribute__((constructor)) static void CAT_TEST_CAT(register_, __LINE__)(void)                            \
    {                                                                                                           \
        static cat_test test = {(sentence), CAT_TEST_CAT(test_, __LINE__), NULL};                               \
        cat_test_register(&test);                                                                               \
    }                                                                                                           \
    static void CAT_TEST_CAT(test_, __LINE__)(void)

#define EXPECT(condition)                                                                                       \
    do {                                                                                                        \
        cat_test_checks();                                                                                      \
        if (!(condition))                                                                                       \
            cat_test_fail(__FILE__, __LINE__, "expected %s", #condition);                                       \
    } while (0)
#define EXPECT_TEXT(actual, expected)                                                                           \
    do {                                                                                                        \
        const char *actual_ = (actual), *expected_ = (expected);                                                \
        cat_test_checks();                                                                                      \
        if (!actual_ || !expected_ ? actual_ != expected_ : strcmp(actual_, expected_) != 0)                    \
            cat_test_fail(__FILE__, __LINE__, "%s\n      is  %s\n  expected  %s", #actual,                      \
                          actual_ ? actual_ : "(null)", expected_ ? expected_ : "(null)");                      \
    } while (0)
#define EXPECT_INT(actual, expected)                                                                            \
    do {                                                                                                        \
        long long actual_ = (long long)(actual), expected_ = (long long)(expected);                             \
        cat_test_checks();                                                                                      \
        if (actual_ != expected_)                                                                               \
            cat_test_fail(__FILE__, __LINE__, "%s is %lld, expected %lld", #actual, actual_, expected_);        \
    } while (0)
/* Stops this test when the condition does not hold. */
#define REQUIRE(condition)                                                                                      \
    do {                                                                                                        \
        cat_test_checks();                                                                                      \
        if (!(condition)) {                                                                                     \
            cat_test_fail(__FILE__, __LINE__, "required %s", #condition);                                       \
            return;                                                                                             \
        }                                                                                                       \
    } while (0)

#endif
