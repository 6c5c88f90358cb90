/* A KV bucket, or what a filter takes of one, kept in memory: read once, then followed for as long as the mirror lives. It is
 * made anew by itself when the bucket was made anew, and goes on after a broken connection where it was.
 *
 * Any thread reads, with the mirror's lock for reading held: whoever writes (the watch's one thread) waits for it, so it is held
 * briefly and no peer is asked meanwhile. What is lent is the mirror's, is read only and is gone when the lock is: jansson's
 * counts of references are not for several threads, so who keeps a value copies it.
 *
 *     cat_mirror_options options = {.spine = spine, .bucket = "catalyst-blueprints", .what = "a Blueprint"};
 *     cat_mirror_start(&options, &mirror, error);
 *     if (cat_mirror_acquire(mirror, NULL, error) == 0) {
 *         const json_t *value = cat_mirror_get(mirror, key);
 *         cat_mirror_release(mirror);
 *     }
 */
#ifndef CAT_SVC_MIRROR_H
#define CAT_SVC_MIRROR_H

#include "net/kv.h"
#include "wire/json.h"

typedef struct cat_mirror cat_mirror;
typedef struct {
    cat_spine *spine; /* lent for as long as the mirror lives */
    const char *bucket;
    const char *filter;             /* NULL: all keys */
    const char *what;               /* what an entry is, for the log: "a registered Blueprint"; a literal */
    bool (*wants)(const char *key); /* pure; NULL: every key */
    /* Without `take` the mirror keeps all values itself. With it they go into a structure of the caller's, which is read under
     * the mirror's lock as well: `take` and `clear` are called on the watch's thread, `settle` on a reader's
     * (cat_mirror_acquire), all three with the lock for writing held. They neither wait nor ask the mirror anything. */
    int (*take)(void *context, const char *key, json_t *value_taken, cat_error *error); /* NULL: deleted; a failure is logged */
    void (*clear)(void *context);  /* the bucket was made anew: nothing of it holds */
    void (*settle)(void *context); /* before somebody reads what has changed since the last time: indices, orders */
    /* On the watch's thread without the lock; both may be NULL. */
    void (*on_state)(void *context, bool ready);        /* true: everything was read; false: it is read anew */
    void (*on_changed)(void *context, const char *key); /* after each change that came when all had been read */
    void *context;
} cat_mirror_options;
/* CAT_E_NOT_FOUND without the bucket. Does not wait for what is in it. */
int cat_mirror_start(const cat_mirror_options *options, cat_mirror **mirror, cat_error *error);
void cat_mirror_stop(cat_mirror *mirror); /* nothing of it is called after this; nobody may read it any more; NULL allowed */
/* Waits until all was read: false when it was not within `timeout_ms`. */
bool cat_mirror_wait(cat_mirror *mirror, int64_t timeout_ms);

/* CAT_E_UNAVAILABLE (and no lock) while it is not read to its end. `revision` (may be NULL): of the bucket, as far as it was
 * read. */
int cat_mirror_acquire(cat_mirror *mirror, uint64_t *revision, cat_error *error);
/* As it stands, settled or not; whether it is read to its end. The lock is held either way. */
bool cat_mirror_peek(cat_mirror *mirror);
void cat_mirror_release(cat_mirror *mirror);

/* With the lock, for a mirror that keeps the values itself: NULL when there is none. */
const json_t *cat_mirror_get(const cat_mirror *mirror, const char *key);
/* In no order; `*at` is 0 at first. */
bool cat_mirror_next(const cat_mirror *mirror, size_t *at, const char **key, const json_t **value);
size_t cat_mirror_count(const cat_mirror *mirror);
/* With the lock. Rises when the bucket was made anew. */
unsigned cat_mirror_incarnation(const cat_mirror *mirror);

#endif
