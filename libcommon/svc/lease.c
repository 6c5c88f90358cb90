/* Three threads meet here: the watch's tells what the bucket says, the beating one renews this replica's heartbeat and does
 * nothing else, so that a callback that takes its time costs no lease, and the lease thread decides and calls back. `lock` guards
 * what they share. */
#include "svc/lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/condition.h"
#include "base/log.h"
#include "base/random.h"
#include "svc/lease_internal.h"
#include "wire/digest.h"
#include "wire/json.h"
#include "wire/subjects.h"

#define BEAT_MS 2000

/* Keys take fewer characters than names of instances do. */
static void encode(const char *name, char *out, size_t size)
{
    size_t length = 0;
    for (const unsigned char *at = (const unsigned char *)name; *at && length + 4 < size; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') || *at == '-';
        length += (size_t)snprintf(out + length, size - length, plain ? "%c" : "=%02X", *at);
    }
}

/* The lock is held. */
static void wait_a_while(cat_leases *leases, const bool *over)
{
    if (!*over)
        cat_condition_wait(&leases->changed, &leases->lock, cat_deadline_after_ms(leases->poll_ms));
}

bool cat_lease_is_set(cat_leases *leases, const bool *flag)
{
    pthread_mutex_lock(&leases->lock);
    bool set = *flag;
    pthread_mutex_unlock(&leases->lock);
    return set;
}

bool cat_lease_is_over(cat_leases *leases)
{
    return leases->superseded || leases->lapsed || cat_lease_now(leases) - leases->sent_ms >= CAT_LEASE_STOP_MS;
}

static int beat(cat_leases *leases, cat_error *error)
{
    char key[CAT_KEY_MAX];
    cat_lease_bucket_key(leases, "alive", leases->instance, key);
    int64_t sent_ms = cat_lease_now(leases);
    if (sent_ms - leases->sent_ms >= CAT_LEASE_STOP_MS)
        leases->lapsed = true;
    cat_autojson json_t *body = cat_json_object("start", json_string(leases->start), "beat", json_integer(sent_ms), NULL);
    cat_autofree char *text = cat_json_format(body);
    int result = cat_kv_put(leases->options.spine, CAT_LEASE_BUCKET, &(cat_kv_write){key, text, strlen(text), -1}, NULL, error);
    if (result < 0)
        return result;
    /* An answer that took too long does not mend what lapsed meanwhile. */
    if (cat_lease_now(leases) - leases->sent_ms >= CAT_LEASE_STOP_MS)
        leases->lapsed = true;
    leases->sent_ms = sent_ms;
    return 0;
}

static void *keep_beating(void *argument)
{
    cat_leases *leases = argument;
    bool failing = false;
    /* While work is given back, too: what is not yet given back is still this replica's. */
    for (int64_t next_ms = cat_lease_now(leases) + BEAT_MS; !cat_lease_is_set(leases, &leases->given_back);) {
        if (cat_lease_now(leases) >= next_ms && !leases->superseded) {
            cat_error error = {0};
            bool failed = beat(leases, &error) < 0;
            if (failed && !failing)
                cat_log_warning("a heartbeat could not be written", CAT_FIELD("leases", leases->service),
                                CAT_FIELD_ERROR(&error));
            failing = failed;
            next_ms = cat_lease_now(leases) + (failed ? BEAT_MS / 4 : BEAT_MS);
        }
        pthread_mutex_lock(&leases->lock);
        wait_a_while(leases, &leases->given_back);
        pthread_mutex_unlock(&leases->lock);
    }
    return NULL;
}

static void *keep_leasing(void *argument)
{
    cat_leases *leases = argument;
    while (!cat_lease_is_set(leases, &leases->stopping)) {
        pthread_mutex_lock(&leases->lock);
        leases->news = false;
        pthread_mutex_unlock(&leases->lock);
        if (cat_lease_is_over(leases)) {
            leases->lapsed = true;
            cat_lease_lapse(leases);
        } else {
            cat_lease_look(leases);
        }
        pthread_mutex_lock(&leases->lock);
        if (!leases->news)
            wait_a_while(leases, &leases->stopping);
        pthread_mutex_unlock(&leases->lock);
    }
    cat_lease_give_all_back(leases);
    return NULL;
}

void cat_leases_destroy(cat_leases *leases)
{
    if (!leases)
        return;
    cat_map_destroy(leases->beats);
    cat_map_destroy(leases->keys);
    pthread_cond_destroy(&leases->changed);
    pthread_mutex_destroy(&leases->lock);
    free(leases);
}

static uint32_t number_of(const char *name)
{
    unsigned char digest[CAT_SHA256_BYTES];
    cat_sha256(name, strlen(name), digest);
    return (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8 | digest[3];
}

static cat_leases *make(const cat_lease_options *options)
{
    cat_leases *leases = cat_calloc(1, sizeof(*leases));
    leases->options = *options;
    leases->clock = options->clock ? options->clock : cat_clock_system();
    /* A clock that is moved by hand is looked at more often than one that runs. */
    leases->poll_ms = options->clock ? 10 : 500;
    encode(options->service, leases->service, sizeof(leases->service));
    encode(options->instance, leases->instance, sizeof(leases->instance));
    leases->options.service = leases->service;
    leases->options.instance = leases->instance;
    snprintf(leases->start, sizeof(leases->start), "%012llx-%08llx",
             (unsigned long long)cat_clock_system()->wall_ms(cat_clock_system()),
             (unsigned long long)cat_random_below(UINT64_C(1) << 32));
    leases->first = number_of(options->instance);
    leases->beats = cat_map_create(cat_lease_beat_free);
    leases->keys = cat_map_create(cat_lease_key_free);
    pthread_mutex_init(&leases->lock, NULL);
    cat_condition_init(&leases->changed);
    leases->sent_ms = cat_lease_now(leases);
    return leases;
}

int cat_leases_start(const cat_lease_options *options, cat_leases **leases, cat_error *error)
{
    if (!options->service || !options->instance)
        return cat_error_set(error, CAT_E_INTERNAL, "leases need a service and an instance");
    cat_leases *made = make(options);
    char filter[80];
    snprintf(filter, sizeof(filter), "%s.>", made->service);
    cat_kv_watch_handlers handlers = cat_lease_handlers;
    handlers.context = made;
    cat_error local = {0};
    int result = beat(made, &local);
    if (result == 0)
        result = cat_kv_watch_start(options->spine, CAT_LEASE_BUCKET, filter, 0, &handlers, &made->watch, &local);
    if (result < 0) {
        cat_leases_destroy(made);
        return cat_error_copy(error, &local);
    }
    /* Callbacks may ask what they are called about. */
    *leases = made;
    if (pthread_create(&made->beating, NULL, keep_beating, made) != 0 ||
        pthread_create(&made->leasing, NULL, keep_leasing, made) != 0)
        abort();
    return 0;
}

static void set(cat_leases *leases, bool *flag)
{
    pthread_mutex_lock(&leases->lock);
    *flag = true;
    pthread_cond_broadcast(&leases->changed);
    pthread_mutex_unlock(&leases->lock);
}

void cat_leases_stop(cat_leases *leases)
{
    if (!leases)
        return;
    set(leases, &leases->stopping);
    pthread_join(leases->leasing, NULL);
    set(leases, &leases->given_back);
    pthread_join(leases->beating, NULL);
    char key[CAT_KEY_MAX];
    cat_lease_bucket_key(leases, "alive", leases->instance, key);
    if (!leases->superseded)
        cat_kv_delete(leases->options.spine, CAT_LEASE_BUCKET, key, -1, NULL);
    cat_kv_watch_stop(leases->watch);
}

/* The lock is held. */
static void know(cat_leases *leases, const char *name)
{
    cat_lease_key *key = cat_lease_key_of(leases, name);
    if (!key)
        return;
    leases->news = leases->news || !key->known;
    key->known = true;
}

void cat_leases_add(cat_leases *leases, const char *key)
{
    pthread_mutex_lock(&leases->lock);
    know(leases, key);
    pthread_cond_broadcast(&leases->changed);
    pthread_mutex_unlock(&leases->lock);
}

void cat_leases_know(cat_leases *leases, const cat_strings *keys)
{
    pthread_mutex_lock(&leases->lock);
    size_t at = 0;
    void *value;
    while (cat_map_next(leases->keys, &at, NULL, &value)) {
        cat_lease_key *key = value;
        if (key->known || !leases->told)
            key->unknown_ms = cat_lease_now(leases);
        key->known = *key->name == CAT_LEASE_APART && key->known;
    }
    for (size_t i = 0; i < keys->count; i++)
        know(leases, keys->items[i]);
    leases->told = leases->news = true;
    pthread_cond_broadcast(&leases->changed);
    pthread_mutex_unlock(&leases->lock);
}

bool cat_leases_knows(cat_leases *leases, const char *key)
{
    pthread_mutex_lock(&leases->lock);
    const cat_lease_key *found = cat_map_get(leases->keys, key);
    bool knows = !leases->told || (found && found->known);
    pthread_mutex_unlock(&leases->lock);
    return knows;
}

bool cat_leases_holds(cat_leases *leases, const char *key)
{
    return cat_leases_term(leases, key) != 0;
}

uint64_t cat_leases_term(cat_leases *leases, const char *key)
{
    pthread_mutex_lock(&leases->lock);
    const cat_lease_key *found = cat_map_get(leases->keys, key);
    uint64_t term = found && found->held ? found->term : 0;
    pthread_mutex_unlock(&leases->lock);
    return cat_lease_is_over(leases) ? 0 : term;
}
