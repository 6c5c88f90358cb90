#include <pthread.h>
#include <stdlib.h>

#include "base/condition.h"
#include "base/log.h"
#include "base/map.h"
#include "svc/mirror_internal.h"

struct cat_mirror {
    cat_mirror_options options;
    cat_kv_watch *watch;
    pthread_rwlock_t lock; /* of what follows, and of what the caller keeps */
    cat_map *values;       /* key → json_t; unused where the caller keeps them */
    uint64_t revision;
    unsigned incarnation;
    bool ready, unsettled;
    pthread_mutex_t waiting; /* of `read`, which tells those who wait */
    pthread_cond_t changed;
    bool read;
};

static void release_json(void *value)
{
    json_decref(value);
}

/* The lock for writing is held. */
static int take(cat_mirror *mirror, const char *key, json_t *value_taken, cat_error *error)
{
    mirror->unsettled = true;
    if (mirror->options.take)
        return mirror->options.take(mirror->options.context, key, value_taken, error);
    if (value_taken)
        cat_map_set(mirror->values, key, value_taken);
    else
        cat_map_remove(mirror->values, key);
    return 0;
}

/* Parsed before anybody is kept waiting. */
static void on_entry(void *context, const cat_kv_entry *entry)
{
    cat_mirror *mirror = context;
    json_t *value = NULL;
    cat_error error = {0};
    bool wanted = !mirror->options.wants || mirror->options.wants(entry->key);
    int code = wanted && entry->value ? cat_json_parse(entry->value, entry->length, &CAT_JSON_CAPS, &value, &error) : 0;
    pthread_rwlock_wrlock(&mirror->lock);
    if (wanted && code == 0)
        code = take(mirror, entry->key, value, &error);
    if (entry->revision > mirror->revision)
        mirror->revision = entry->revision;
    bool ready = mirror->ready;
    pthread_rwlock_unlock(&mirror->lock);
    if (code < 0)
        cat_log_warning("what a bucket says cannot be read", CAT_FIELD("bucket", mirror->options.bucket),
                        CAT_FIELD("what", mirror->options.what), CAT_FIELD("key", entry->key), CAT_FIELD_ERROR(&error));
    else if (wanted && ready && mirror->options.on_changed)
        mirror->options.on_changed(mirror->options.context, entry->key);
}

static void tell_state(cat_mirror *mirror, bool ready)
{
    pthread_mutex_lock(&mirror->waiting);
    mirror->read = ready;
    pthread_cond_broadcast(&mirror->changed);
    pthread_mutex_unlock(&mirror->waiting);
    if (mirror->options.on_state)
        mirror->options.on_state(mirror->options.context, ready);
}

static void on_ready(void *context, uint64_t revision)
{
    cat_mirror *mirror = context;
    pthread_rwlock_wrlock(&mirror->lock);
    mirror->ready = true;
    if (revision > mirror->revision)
        mirror->revision = revision;
    pthread_rwlock_unlock(&mirror->lock);
    tell_state(mirror, true);
}

static void on_reset(void *context)
{
    cat_mirror *mirror = context;
    pthread_rwlock_wrlock(&mirror->lock);
    cat_map_clear(mirror->values);
    if (mirror->options.clear)
        mirror->options.clear(mirror->options.context);
    mirror->revision = 0;
    mirror->incarnation++;
    mirror->ready = false;
    mirror->unsettled = true;
    pthread_rwlock_unlock(&mirror->lock);
    tell_state(mirror, false);
}

cat_mirror *cat_mirror_create(const cat_mirror_options *options)
{
    cat_mirror *made = cat_calloc(1, sizeof *made);
    made->options = *options;
    made->options.bucket = cat_strdup(options->bucket);
    made->values = cat_map_create(release_json);
    made->unsettled = true;
    pthread_rwlock_init(&made->lock, NULL);
    pthread_mutex_init(&made->waiting, NULL);
    cat_condition_init(&made->changed);
    return made;
}

cat_kv_watch_handlers cat_mirror_handlers(cat_mirror *mirror)
{
    return (cat_kv_watch_handlers){on_entry, on_ready, on_reset, mirror};
}

int cat_mirror_start(const cat_mirror_options *options, cat_mirror **mirror, cat_error *error)
{
    cat_mirror *made = cat_mirror_create(options);
    const cat_kv_watch_handlers handlers = cat_mirror_handlers(made);
    int code = cat_kv_watch_start(options->spine, options->bucket, options->filter, 0, &handlers, &made->watch, error);
    if (code < 0)
        cat_mirror_stop(made);
    else
        *mirror = made;
    return code;
}

void cat_mirror_stop(cat_mirror *mirror)
{
    if (!mirror)
        return;
    cat_kv_watch_stop(mirror->watch);
    cat_map_destroy(mirror->values);
    pthread_cond_destroy(&mirror->changed);
    pthread_mutex_destroy(&mirror->waiting);
    pthread_rwlock_destroy(&mirror->lock);
    free((char *)mirror->options.bucket);
    free(mirror);
}

bool cat_mirror_wait(cat_mirror *mirror, int64_t timeout_ms)
{
    int64_t until_ms = cat_deadline_after_ms(timeout_ms);
    pthread_mutex_lock(&mirror->waiting);
    while (!mirror->read && cat_condition_wait(&mirror->changed, &mirror->waiting, until_ms))
        ;
    bool read = mirror->read;
    pthread_mutex_unlock(&mirror->waiting);
    return read;
}

static void settle(cat_mirror *mirror)
{
    pthread_rwlock_wrlock(&mirror->lock);
    if (mirror->unsettled)
        mirror->options.settle(mirror->options.context);
    mirror->unsettled = false;
    pthread_rwlock_unlock(&mirror->lock);
}

int cat_mirror_acquire(cat_mirror *mirror, uint64_t *revision, cat_error *error)
{
    pthread_rwlock_rdlock(&mirror->lock);
    while (mirror->ready && mirror->unsettled && mirror->options.settle) {
        pthread_rwlock_unlock(&mirror->lock);
        settle(mirror);
        pthread_rwlock_rdlock(&mirror->lock);
    }
    if (!mirror->ready) {
        pthread_rwlock_unlock(&mirror->lock);
        return cat_error_set(error, CAT_E_UNAVAILABLE, "bucket %s is being read", mirror->options.bucket);
    }
    if (revision)
        *revision = mirror->revision;
    return 0;
}

bool cat_mirror_peek(cat_mirror *mirror)
{
    pthread_rwlock_rdlock(&mirror->lock);
    return mirror->ready;
}

void cat_mirror_release(cat_mirror *mirror)
{
    pthread_rwlock_unlock(&mirror->lock);
}

const json_t *cat_mirror_get(const cat_mirror *mirror, const char *key)
{
    return cat_map_get(mirror->values, key);
}

bool cat_mirror_next(const cat_mirror *mirror, size_t *at, const char **key, const json_t **value)
{
    void *found = NULL;
    if (!cat_map_next(mirror->values, at, key, &found))
        return false;
    *value = found;
    return true;
}

size_t cat_mirror_count(const cat_mirror *mirror)
{
    return cat_map_count(mirror->values);
}

unsigned cat_mirror_incarnation(const cat_mirror *mirror)
{
    return mirror->incarnation;
}
