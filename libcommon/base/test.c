#include "base/test.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static cat_test *first, **link = &first;
static bool failed;
static atomic_uint checks; /* of the running test; its threads check, too */
static char row[512];

void cat_test_register(cat_test *test)
{
    *link = test;
    link = &test->next;
}

void cat_test_checks(void)
{
    atomic_fetch_add_explicit(&checks, 1, memory_order_relaxed);
}

void cat_test_fail(const char *file, int line, const char *format, ...)
{
    if (row[0])
        printf("  in row: %s\n", row);
    printf("  %s:%d: ", file, line);
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    failed = true;
}

void cat_test_row(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(row, sizeof row, format, arguments);
    va_end(arguments);
}

static bool selected(const cat_test *test, int argc, char **argv)
{
    if (argc < 2)
        return true;
    for (int i = 1; i < argc; i++)
        if (strstr(test->name, argv[i]))
            return true;
    return false;
}

static bool passes(const cat_test *test)
{
    failed = false;
    atomic_store(&checks, 0);
    row[0] = '\0';
    test->run();
    if (!failed && atomic_load(&checks) == 0) {
        puts("  it checks nothing");
        failed = true;
    }
    printf("%s %s\n", failed ? "FAIL" : "ok  ", test->name);
    return !failed;
}

int cat_test_main(int argc, char **argv)
{
    /* A crash still shows what ran before it. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (cat_test *test = first; test; test = test->next)
            puts(test->name);
        return 0;
    }
    unsigned passed_count = 0, failed_count = 0;
    for (cat_test *test = first; test; test = test->next) {
        if (!selected(test, argc, argv))
            continue;
        if (passes(test))
            passed_count++;
        else
            failed_count++;
    }
    printf("%u passed, %u failed\n", passed_count, failed_count);
    /* No test at all is a mistake in the selection or in the build, never a success. */
    return failed_count > 0 || passed_count == 0 ? 1 : 0;
}
