/* Allocation that aborts instead of failing, cleanup of owning locals, and an arena for one request's data.
 * Any thread; an arena belongs to one.
 *
 *     cat_autofree char *name = cat_strdup("acme");
 *     cat_auto(cat_string) text = CAT_STRING(4096);
 */
#ifndef CAT_BASE_MEMORY_H
#define CAT_BASE_MEMORY_H

#include <stddef.h>

/* A type NAME that wants cleanup defines `static inline void NAME_cleanup(NAME *p)` or uses CAT_DEFINE_CLEANUP. */
#define cat_auto(type) __attribute__((cleanup(type##_cleanup))) type
#define cat_autofree __attribute__((cleanup(cat_free_cleanup)))
/* For heap objects: `cat_autoptr(cat_kube) kube = NULL;` calls cat_kube_destroy. */
#define cat_autoptr(type) __attribute__((cleanup(type##_destroy_cleanup))) type *
#define CAT_DEFINE_AUTOPTR(type)                                                                                \
    static inline void type##_destroy_cleanup(type **pointer)                                                   \
    {                                                                                                           \
        type##_destroy(*pointer);                                                                               \
    }

void *cat_malloc(size_t size);              /* aborts when there is no memory */
void *cat_calloc(size_t count, size_t size);
void *cat_realloc(void *pointer, size_t size);
char *cat_strdup(const char *text);         /* NULL gives NULL */
char *cat_strndup(const char *text, size_t length);
void *cat_memdup(const void *bytes, size_t length);
/* Aborts with a clear line when the text would be longer than 1 MiB. */
char *cat_printf(const char *format, ...) __attribute__((format(printf, 1, 2), malloc));
void cat_free_cleanup(void *pointer_to_pointer);
/* Takes what `pointer_to_pointer` owns and leaves NULL there. */
#define cat_take(variable) ({ __typeof__(variable) taken_ = (variable); (variable) = NULL; taken_; })
/* Overwrites secrets in a way that the compiler keeps. */
void cat_wipe(void *bytes, size_t length);
/* Overwrites and frees a secret's text. NULL allowed. */
void cat_secret_free(char *secret);
/* For an owning local that is a secret's text. */
#define cat_autosecret __attribute__((cleanup(cat_secret_cleanup)))
void cat_secret_cleanup(char **secret);

typedef struct cat_arena cat_arena;
/* `max_bytes`: what may be taken in all; taking more aborts, so check sizes of outside data before. */
cat_arena *cat_arena_create(size_t max_bytes);
void cat_arena_destroy(cat_arena *arena); /* NULL allowed */
void *cat_arena_alloc(cat_arena *arena, size_t size); /* zeroed, aligned for any type */
char *cat_arena_strdup(cat_arena *arena, const char *text);
char *cat_arena_strndup(cat_arena *arena, const char *text, size_t length);
char *cat_arena_printf(cat_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
CAT_DEFINE_AUTOPTR(cat_arena)

#endif
