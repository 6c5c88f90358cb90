/* The harness proves itself: programs that are made to fail must fail. */
#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test_random.h"

static char self[4096];

/* Runs this program again with one argument and gives its output and exit code. */
static int run(const char *argument, char *output, size_t size)
{
    char command[5000];
    snprintf(command, sizeof command, "CATALYST_TEST_INNER=1 '%s' '%s'", self, argument);
    FILE *pipe = popen(command, "r");
    if (!pipe)
        return -1;
    size_t length = fread(output, 1, size - 1, pipe);
    output[length] = '\0';
    return pclose(pipe);
}

static void fails_on_purpose(void)
{
    cat_test_row("row %d", 7);
    EXPECT(1 == 2);
    EXPECT_TEXT("is", "should");
    EXPECT_INT(3, 4);
}

static void stops_at_what_is_required(void)
{
    REQUIRE(false);
    puts("went on");
}

static void passes(void)
{
    EXPECT_TEXT((const char *)NULL, NULL);
}

static void returns_early(void)
{
    if (self[0])
        return;
    EXPECT(true);
}

/* Only the program that another one has started has these. */
static cat_test inner_tests[] = {
    {"inner: fails on purpose", fails_on_purpose, NULL},
    {"inner: stops at what is required", stops_at_what_is_required, NULL},
    {"inner: passes", passes, NULL},
    {"inner: returns early", returns_early, NULL},
};

TEST("failures are counted, located and shown with their row")
{
    char output[8192];
    EXPECT(run("inner: f", output, sizeof output) != 0);
    EXPECT(strstr(output, "in row: row 7") && strstr(output, "expected 1 == 2") && strstr(output, "should") &&
           strstr(output, "expected 4"));
    EXPECT(strstr(output, "\n0 passed, 1 failed\n") != NULL);
    EXPECT(run("inner: stops", output, sizeof output) != 0);
    EXPECT(strstr(output, "went on") == NULL && strstr(output, "required false"));
}

TEST("a test that checks nothing fails, also when another one before it checked something")
{
    char output[8192];
    EXPECT(run("inner: returns early", output, sizeof output) != 0);
    EXPECT_TEXT(output, "  it checks nothing\nFAIL inner: returns early\n0 passed, 1 failed\n");
    EXPECT(run("inner: ", output, sizeof output) != 0);
    EXPECT(strstr(output, "ok   inner: passes\n  it checks nothing\nFAIL inner: returns early\n1 passed, 3 failed\n"));
}

TEST("a selection runs what it names, and nothing at all is no success")
{
    char output[8192];
    EXPECT_INT(run("inner: passes", output, sizeof output), 0);
    EXPECT_TEXT(output, "ok   inner: passes\n1 passed, 0 failed\n");
    EXPECT(run("no such test", output, sizeof output) != 0);
    EXPECT_INT(run("--list", output, sizeof output), 0);
    EXPECT(strstr(output, "\ninner: passes\n") && strstr(output, "failures are counted"));
}

TEST("made-up numbers are the same on every run and stay below their limit")
{
    uint64_t a = 7, b = 7, other = 8;
    bool differs = false;
    for (int i = 0; i < 1000; i++) {
        uint64_t number = cat_test_below(&a, 10);
        EXPECT(number < 10 && number == cat_test_below(&b, 10));
        differs = differs || number != cat_test_below(&other, 10);
    }
    EXPECT(differs);
}

int main(int argc, char **argv)
{
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0)
        return 2;
    if (getenv("CATALYST_TEST_INNER"))
        for (size_t i = 0; i < sizeof inner_tests / sizeof *inner_tests; i++)
            cat_test_register(&inner_tests[i]);
    return cat_test_main(argc, argv);
}
