/* A growing text with a ceiling, slices, and a list of strings. Belongs to one thread.
 *
 *     cat_auto(cat_string) body = CAT_STRING(64 * 1024);
 *     cat_string_append(&body, "hello");
 *     if (body.overflowed) ...
 */
#ifndef CAT_BASE_STRING_H
#define CAT_BASE_STRING_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *data; /* not terminated; NULL when length is 0 is allowed */
    size_t length;
} cat_slice;

#define CAT_SLICE(literal) ((cat_slice){(literal), sizeof(literal) - 1})
cat_slice cat_slice_of(const char *text); /* NULL gives the empty slice */
bool cat_slice_equal(cat_slice a, cat_slice b);
bool cat_slice_equal_text(cat_slice a, const char *text);

typedef struct {
    char *data;       /* always terminated once something was appended; NULL before */
    size_t length;
    size_t capacity;
    size_t max_bytes; /* the ceiling, without the final zero */
    bool overflowed;  /* an append did not fit: it was dropped whole, and so is every later one */
} cat_string;

#define CAT_STRING(ceiling) ((cat_string){.max_bytes = (ceiling)})
void cat_string_finish(cat_string *string);
static inline void cat_string_cleanup(cat_string *string)
{
    cat_string_finish(string);
}
void cat_string_append(cat_string *string, const char *text);
void cat_string_append_bytes(cat_string *string, const void *bytes, size_t length);
void cat_string_append_char(cat_string *string, char character);
void cat_string_appendf(cat_string *string, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Room for `length` more bytes and the final zero, for who writes them into `data` and counts `length` up by hand; false (and
 * overflowed) when the ceiling is in the way. */
bool cat_string_reserve(cat_string *string, size_t length);
void cat_string_clear(cat_string *string);   /* keeps the memory, resets overflowed */
char *cat_string_take(cat_string *string);   /* hands the text over (never NULL), string is empty after */
const char *cat_string_get(const cat_string *string); /* lends; "" when empty */

bool cat_text_starts_with(const char *text, const char *prefix);
bool cat_text_ends_with(const char *text, const char *suffix);
bool cat_text_equal(const char *a, const char *b); /* NULL equals NULL only */
bool cat_text_is_utf8(const char *bytes, size_t length);
/* How many bytes of `text`, at most `max_bytes`, end between characters. */
size_t cat_text_cut(const char *text, size_t max_bytes);
/* Without what does not print: control characters but tab and line feed, and those that turn the direction of what stands around
 * them (Unicode Standard Annex 9, explicit formatting characters). The caller's. */
char *cat_text_plain(const char *text);
/* Compares in time that depends on the length alone. For secrets. */
bool cat_bytes_equal_constant_time(const void *a, const void *b, size_t length);
/* Whole text must be a decimal number in [minimum, maximum]. */
bool cat_text_to_int64(const char *text, long long minimum, long long maximum, long long *value);

/* An owned list of owned strings. */
typedef struct {
    char **items;
    size_t count, capacity;
} cat_strings;
void cat_strings_add(cat_strings *strings, const char *text);        /* copies */
void cat_strings_addf(cat_strings *strings, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool cat_strings_has(const cat_strings *strings, const char *text);
void cat_strings_sort(cat_strings *strings);                         /* by bytes */
void cat_strings_finish(cat_strings *strings);
static inline void cat_strings_cleanup(cat_strings *strings)
{
    cat_strings_finish(strings);
}

#endif
