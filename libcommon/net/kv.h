/* JetStream key-value buckets: stream `KV_{bucket}` on `$KV.{bucket}.>`. Any thread. */
#ifndef CAT_NET_KV_H
#define CAT_NET_KV_H

#include "net/spine.h"

typedef struct {
    const char *bucket, *description;
    int64_t max_bytes;
    int64_t marker_ttl_ms; /* how long delete markers stay; 0: for ever */
    int64_t ttl_ms;        /* of every value; 0: none */
    unsigned replicas;
    bool allow_atomic, memory;
} cat_bucket_config;
int cat_bucket_ensure(cat_spine *spine, const cat_bucket_config *config, cat_error *error);
int cat_bucket_delete(cat_spine *spine, const char *bucket, cat_error *error);
int cat_bucket_get_info(cat_spine *spine, const char *bucket, cat_stream_info *info, cat_error *error);

typedef struct {
    char *key, *value; /* value NULL for a deleted key */
    size_t length;
    uint64_t revision;
    int64_t time_ms;
} cat_kv_entry;
void cat_kv_entry_finish(cat_kv_entry *entry);
static inline void cat_kv_entry_cleanup(cat_kv_entry *entry)
{
    cat_kv_entry_finish(entry);
}
/* CAT_E_NOT_FOUND also for a deleted key (entry->revision is set then). */
int cat_kv_get(cat_spine *spine, const char *bucket, const char *key, cat_kv_entry *entry, cat_error *error);
typedef struct {
    const char *key;
    const void *value;
    size_t length;
    int64_t expected; /* -1: any; 0: must not exist; else the revision that it must have: CAT_E_CONFLICT */
} cat_kv_write;
/* `revision` may be NULL. */
int cat_kv_put(cat_spine *spine, const char *bucket, const cat_kv_write *write, uint64_t *revision, cat_error *error);
int cat_kv_delete(cat_spine *spine, const char *bucket, const char *key, int64_t expected, cat_error *error);
/* Every key under a filter ("environments.>"; NULL: all) with its value, in revision order, on the caller's thread; stops when
 * `each` returns false. */
int cat_kv_each(cat_spine *spine, const char *bucket, const char *filter, bool (*each)(void *context, const cat_kv_entry *entry),
                void *context, cat_error *error);

/* Watching: first what is there (last value of each key), then `on_ready` once, then every change in order. Callbacks run on one
 * thread of the watch and may block it (the server's flow is bounded). A broken watch starts again from the last revision it
 * gave; when that cannot be (bucket made anew, history gone) `on_reset` comes and the snapshot starts over. */
typedef struct cat_kv_watch cat_kv_watch;
typedef struct {
    void (*on_entry)(void *context, const cat_kv_entry *entry); /* lent; value NULL: deleted */
    void (*on_ready)(void *context, uint64_t revision);
    void (*on_reset)(void *context);
    void *context;
} cat_kv_watch_handlers;
/* `from_revision` 0: snapshot first; else only what came at or after it. `filter` NULL: all keys. */
int cat_kv_watch_start(cat_spine *spine, const char *bucket, const char *filter, uint64_t from_revision,
                       const cat_kv_watch_handlers *handlers, cat_kv_watch **watch, cat_error *error);
void cat_kv_watch_stop(cat_kv_watch *watch); /* no callback runs after it returned; not from a callback; NULL allowed */

#endif
