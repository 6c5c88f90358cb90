#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"

/* Runs something that has to abort in a process of its own. */
static bool aborts(void (*run)(void))
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(2);
        run();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status);
}

static void take_too_much(void)
{
    cat_arena *arena = cat_arena_create(1000);
    for (int i = 0; i < 11; i++)
        cat_arena_alloc(arena, 100);
}

static void take_a_huge_piece(void)
{
    cat_arena_alloc(cat_arena_create(1000), SIZE_MAX - 8);
}

static void format_too_much(void)
{
    free(cat_printf("%*s", 2 * 1024 * 1024, ""));
}

TEST("what grows past its ceiling aborts")
{
    EXPECT(aborts(take_too_much));
    EXPECT(aborts(take_a_huge_piece));
    EXPECT(aborts(format_too_much));
}

TEST("an arena gives zeroed, aligned memory of any size")
{
    cat_autoptr(cat_arena) arena = cat_arena_create(10 * 1024 * 1024);
    for (size_t size = 0; size < 1000000; size = size * 3 + 1) {
        unsigned char *bytes = cat_arena_alloc(arena, size);
        EXPECT((uintptr_t)bytes % _Alignof(max_align_t) == 0);
        for (size_t i = 0; i < size; i++)
            if (bytes[i] != 0)
                cat_test_fail(__FILE__, __LINE__, "byte %zu of %zu is not zero", i, size);
        memset(bytes, 0xFF, size);
    }
    EXPECT_TEXT(cat_arena_strdup(arena, "acme"), "acme");
    EXPECT_TEXT(cat_arena_strndup(arena, "acme", 2), "ac");
    EXPECT_TEXT(cat_arena_printf(arena, "%s-%d", "a", 7), "a-7");
    EXPECT(cat_arena_strdup(arena, NULL) == NULL);
    cat_arena_destroy(NULL);
}

TEST("texts are copied, formatted and taken")
{
    cat_autofree char *a = cat_strdup("acme"), *b = cat_strndup("acme", 3), *c = cat_printf("%s/%d", "x", 5);
    cat_autofree char *d = cat_memdup("a\0b", 4);
    EXPECT_TEXT(a, "acme");
    EXPECT_TEXT(b, "acm");
    EXPECT_TEXT(c, "x/5");
    EXPECT(memcmp(d, "a\0b", 4) == 0);
    EXPECT(cat_strdup(NULL) == NULL);
    char *taken = cat_take(a);
    EXPECT(a == NULL);
    EXPECT_TEXT(taken, "acme");
    cat_wipe(taken, 4);
    EXPECT(memcmp(taken, "\0\0\0\0", 4) == 0);
    free(taken);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
