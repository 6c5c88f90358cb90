#include "base/memory.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRINTF_MAX (1024 * 1024)

/* Nothing sensible can be done without memory, and every input has a ceiling: so this is a fault of the machine. */
static void __attribute__((noreturn)) give_up(const char *what)
{
    fprintf(stderr, "catalyst: %s\n", what);
    abort();
}

void *cat_malloc(size_t size)
{
    void *pointer = malloc(size ? size : 1);
    if (!pointer)
        give_up("out of memory");
    return pointer;
}

void *cat_calloc(size_t count, size_t size)
{
    void *pointer = calloc(count ? count : 1, size ? size : 1);
    if (!pointer)
        give_up("out of memory");
    return pointer;
}

void *cat_realloc(void *pointer, size_t size)
{
    void *grown = realloc(pointer, size ? size : 1);
    if (!grown)
        give_up("out of memory");
    return grown;
}

char *cat_strdup(const char *text)
{
    return text ? cat_strndup(text, strlen(text)) : NULL;
}

char *cat_strndup(const char *text, size_t length)
{
    char *copy = cat_malloc(length + 1);
    if (length)
        memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

void *cat_memdup(const void *bytes, size_t length)
{
    void *copy = cat_malloc(length);
    if (length)
        memcpy(copy, bytes, length);
    return copy;
}

static size_t measure(const char *format, va_list arguments)
{
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0 || length > PRINTF_MAX)
        give_up("a formatted text is longer than 1 MiB");
    return (size_t)length;
}

char *cat_printf(const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    size_t length = measure(format, arguments);
    char *text = cat_malloc(length + 1);
    vsnprintf(text, length + 1, format, again);
    va_end(again);
    va_end(arguments);
    return text;
}

void cat_free_cleanup(void *pointer_to_pointer)
{
    free(*(void **)pointer_to_pointer);
}

void cat_wipe(void *bytes, size_t length)
{
    explicit_bzero(bytes, length);
}

void cat_secret_free(char *secret)
{
    if (secret)
        cat_wipe(secret, strlen(secret));
    free(secret);
}

void cat_secret_cleanup(char **secret)
{
    cat_secret_free(*secret);
}

/* Blocks double, so that a small request costs one allocation and a large one a handful. */
#define ARENA_FIRST_BLOCK 4096
#define ARENA_LARGEST_BLOCK (256 * 1024)

typedef struct block block;
struct block {
    block *previous;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

struct cat_arena {
    block *last;
    size_t taken, max_bytes;
};

cat_arena *cat_arena_create(size_t max_bytes)
{
    cat_arena *arena = cat_calloc(1, sizeof *arena);
    arena->max_bytes = max_bytes;
    return arena;
}

void cat_arena_destroy(cat_arena *arena)
{
    if (!arena)
        return;
    for (block *last = arena->last; last;) {
        block *previous = last->previous;
        free(last);
        last = previous;
    }
    free(arena);
}

static block *arena_grow(cat_arena *arena, size_t needed)
{
    size_t size = arena->last ? arena->last->size * 2 : ARENA_FIRST_BLOCK;
    if (size > ARENA_LARGEST_BLOCK)
        size = ARENA_LARGEST_BLOCK;
    if (size < needed)
        size = needed;
    block *fresh = cat_calloc(1, sizeof *fresh + size);
    fresh->size = size;
    fresh->previous = arena->last;
    arena->last = fresh;
    return fresh;
}

void *cat_arena_alloc(cat_arena *arena, size_t size)
{
    const size_t unit = alignof(max_align_t);
    if (size > arena->max_bytes)
        give_up("an arena is over its maximum");
    size_t rounded = size ? (size + unit - 1) / unit * unit : unit;
    arena->taken += rounded;
    if (arena->taken > arena->max_bytes + unit)
        give_up("an arena is over its maximum");
    block *last = arena->last;
    if (!last || last->size - last->used < rounded)
        last = arena_grow(arena, rounded);
    void *bytes = last->bytes + last->used;
    last->used += rounded;
    return bytes;
}

char *cat_arena_strdup(cat_arena *arena, const char *text)
{
    return text ? cat_arena_strndup(arena, text, strlen(text)) : NULL;
}

char *cat_arena_strndup(cat_arena *arena, const char *text, size_t length)
{
    char *copy = cat_arena_alloc(arena, length + 1);
    if (length)
        memcpy(copy, text, length);
    return copy;
}

char *cat_arena_printf(cat_arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    size_t length = measure(format, arguments);
    char *text = cat_arena_alloc(arena, length + 1);
    vsnprintf(text, length + 1, format, again);
    va_end(again);
    va_end(arguments);
    return text;
}
