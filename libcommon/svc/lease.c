/* Three threads meet here: the watch's tells what the bucket says, the beating one renews this replica's heartbeat and does
 * nothing else, so that a callback that takes its time costs no lease, and the lease thread decides and calls back. `lock` guards
 * what they share. */
#include "svc/lease.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/condition.h"
#include "base/log.h"
#include "base/map.h"
#include "base/random.h"
#include "svc/lease_plan.h"
#include "wire/digest.h"
#include "wire/json.h"
#include "wire/subjects.h"

#define BUCKET "catalyst-leases"
#define BEAT_MS 2000
#define EXPIRED_MS 10000
#define STOP_MS 8000
/* With a renewal older than this something is wrong: whoever waits for an answer now could overstay. */
#define FRESH_MS 3000
#define FORGET_MS 600000
/* Silence of others counts while this replica hears itself: so many of its own heartbeats must have come back through the same
 * watch. After a pause of this process, or while the watch lags, everybody would look dead. */
#define ECHOES_LEAST 3
#define PARTITIONS_MAX 1024

typedef struct {
    uint64_t revision;
    char *holder, *start; /* of a heartbeat: NULL, and the replica's start */
    int64_t changed_ms;   /* of this observer's clock */
    unsigned echoes;      /* of this observer, when it changed */
} record;

struct cat_leases {
    cat_lease_options options;
    const cat_clock *clock;
    long poll_ms;
    char service[64], instance[128];
    char start[33]; /* of this process, sorted by time: of two with one name the older one gives way */
    unsigned first;
    cat_kv_watch *watch;
    pthread_t beating, leasing;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping, given_back, ready;
    unsigned echoes;  /* this replica's heartbeats that came back through the watch */
    cat_map *records; /* by key without the service's prefix */
    _Atomic bool *held;
    _Atomic bool superseded; /* a newer process has this one's name */
    _Atomic bool lapsed;     /* no renewal came in time: everything has to stop first */
    _Atomic int64_t sent_ms; /* when the last renewal that succeeded was sent */
};

static void free_record(void *value)
{
    record *item = value;
    free(item->holder);
    free(item->start);
    free(item);
}

static int64_t now_of(const cat_leases *leases)
{
    return leases->clock->monotonic_ms(leases->clock);
}

/* Keys take fewer characters than names of instances do. */
static void encode(const char *name, char *out, size_t size)
{
    size_t length = 0;
    for (const unsigned char *at = (const unsigned char *)name; *at && length + 4 < size; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') || *at == '-';
        length += (size_t)snprintf(out + length, size - length, plain ? "%c" : "=%02X", *at);
    }
}

static void key_of(const cat_leases *leases, const char *rest, char key[CAT_KEY_MAX])
{
    snprintf(key, CAT_KEY_MAX, "%s.%s", leases->service, rest);
}

static void partition_name(unsigned partition, char name[32])
{
    snprintf(name, 32, "partition.%u", partition);
}

unsigned cat_lease_partition_of(const char *organization, unsigned partitions)
{
    unsigned char digest[CAT_SHA256_BYTES];
    cat_sha256(organization, strlen(organization), digest);
    uint32_t number = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8 | digest[3];
    return partitions ? number % partitions : 0;
}

/* The lock is held. A record that is not newer than what is known is our own writing coming back. */
static void learn(cat_leases *leases, const char *name, uint64_t revision, const char *holder, const char *start, bool deleted)
{
    record *known = cat_map_get(leases->records, name);
    if (known && known->revision >= revision)
        return;
    if (deleted && !known)
        return;
    record *item = cat_calloc(1, sizeof(*item));
    item->revision = revision;
    item->changed_ms = now_of(leases);
    item->echoes = leases->echoes;
    item->holder = deleted ? NULL : cat_strdup(holder);
    item->start = deleted ? NULL : cat_strdup(start);
    cat_map_set(leases->records, name, item);
}

static void on_entry(void *context, const cat_kv_entry *entry)
{
    cat_leases *leases = context;
    const char *name = entry->key + strlen(leases->service) + 1;
    cat_autojson json_t *body = NULL;
    if (entry->value && cat_json_parse(entry->value, entry->length, &CAT_JSON_CAPS, &body, NULL) < 0)
        return; /* nobody's: only this file writes here */
    const char *start = cat_json_text(body, "start");
    bool own = cat_text_starts_with(name, "alive.") && strcmp(name + strlen("alive."), leases->instance) == 0;
    if (own && start && strcmp(start, leases->start) > 0)
        leases->superseded = true;
    pthread_mutex_lock(&leases->lock);
    leases->echoes += own && cat_text_equal(start, leases->start);
    learn(leases, name, entry->revision, cat_json_text(body, "holder"), start, !entry->value);
    pthread_cond_broadcast(&leases->changed);
    pthread_mutex_unlock(&leases->lock);
}

static void on_ready(void *context, uint64_t revision)
{
    (void)revision;
    cat_leases *leases = context;
    pthread_mutex_lock(&leases->lock);
    leases->ready = true;
    pthread_cond_broadcast(&leases->changed);
    pthread_mutex_unlock(&leases->lock);
}

static void on_reset(void *context)
{
    cat_leases *leases = context;
    pthread_mutex_lock(&leases->lock);
    leases->ready = false;
    cat_map_clear(leases->records);
    pthread_mutex_unlock(&leases->lock);
}

/* The lock is held. */
static void wait_a_while(cat_leases *leases, const bool *over)
{
    if (!*over)
        cat_condition_wait(&leases->changed, &leases->lock, cat_deadline_after_ms(leases->poll_ms));
}

static bool is_set(cat_leases *leases, const bool *flag)
{
    pthread_mutex_lock(&leases->lock);
    bool set = *flag;
    pthread_mutex_unlock(&leases->lock);
    return set;
}

static int beat(cat_leases *leases, cat_error *error)
{
    char name[160], key[CAT_KEY_MAX];
    snprintf(name, sizeof(name), "alive.%s", leases->instance);
    key_of(leases, name, key);
    int64_t sent_ms = now_of(leases);
    if (sent_ms - leases->sent_ms >= STOP_MS)
        leases->lapsed = true;
    cat_autojson json_t *body = cat_json_object("start", json_string(leases->start), "beat", json_integer(sent_ms), NULL);
    cat_autofree char *text = cat_json_format(body);
    int result = cat_kv_put(leases->options.spine, BUCKET, key, text, strlen(text), -1, NULL, error);
    if (result < 0)
        return result;
    /* An answer that took too long does not mend what lapsed meanwhile. */
    if (now_of(leases) - leases->sent_ms >= STOP_MS)
        leases->lapsed = true;
    leases->sent_ms = sent_ms;
    return 0;
}

static void *keep_beating(void *argument)
{
    cat_leases *leases = argument;
    bool failing = false;
    /* While work is given back, too: what is not yet given back is still this replica's. */
    for (int64_t next_ms = now_of(leases) + BEAT_MS; !is_set(leases, &leases->given_back);) {
        if (now_of(leases) >= next_ms && !leases->superseded) {
            cat_error error = {0};
            bool failed = beat(leases, &error) < 0;
            if (failed && !failing)
                cat_log_warning("a heartbeat could not be written", CAT_FIELD("leases", leases->service),
                                CAT_FIELD_ERROR(&error));
            failing = failed;
            next_ms = now_of(leases) + (failed ? BEAT_MS / 4 : BEAT_MS);
        }
        pthread_mutex_lock(&leases->lock);
        wait_a_while(leases, &leases->given_back);
        pthread_mutex_unlock(&leases->lock);
    }
    return NULL;
}

/* The lock is held. */
static bool is_silent(const cat_leases *leases, const record *heartbeat)
{
    return now_of(leases) - heartbeat->changed_ms >= EXPIRED_MS && leases->echoes - heartbeat->echoes >= ECHOES_LEAST;
}

/* The lock is held. */
static bool lives(const cat_leases *leases, const char *holder, const char *start)
{
    char name[160];
    snprintf(name, sizeof(name), "alive.%s", holder);
    const record *heartbeat = cat_map_get(leases->records, name);
    return heartbeat && heartbeat->start && start && strcmp(heartbeat->start, start) == 0 && !is_silent(leases, heartbeat);
}

/* The lock is held. This replica counts, whatever is known of it. */
static unsigned count_alive(cat_leases *leases)
{
    unsigned alive = 1;
    size_t at = 0;
    const char *name;
    void *value;
    while (cat_map_next(leases->records, &at, &name, &value)) {
        const record *item = value;
        if (cat_text_starts_with(name, "alive.") && strcmp(name + strlen("alive."), leases->instance) != 0)
            alive += item->start && !is_silent(leases, item);
    }
    return alive;
}

static cat_lease_owner owner_of(const cat_leases *leases, unsigned partition)
{
    char name[32];
    partition_name(partition, name);
    const record *item = cat_map_get(leases->records, name);
    if (!item || !item->holder)
        return CAT_LEASE_FREE;
    if (strcmp(item->holder, leases->instance) == 0)
        return item->start && strcmp(item->start, leases->start) == 0 ? CAT_LEASE_MINE : CAT_LEASE_FREE;
    return lives(leases, item->holder, item->start) ? CAT_LEASE_OTHERS : CAT_LEASE_FREE;
}

/* The lock is held. Whoever writes names the revision that was judged: a newer one may be another's since. */
static uint64_t revision_of(const cat_leases *leases, unsigned partition)
{
    char name[32];
    partition_name(partition, name);
    const record *item = cat_map_get(leases->records, name);
    return item ? item->revision : 0;
}

static void lose(cat_leases *leases, unsigned partition)
{
    leases->held[partition] = false;
    leases->options.on_lost(leases->options.context, partition);
}

static bool is_over(cat_leases *leases)
{
    return leases->superseded || leases->lapsed || now_of(leases) - leases->sent_ms >= STOP_MS;
}

static void claim(cat_leases *leases, unsigned partition, uint64_t judged)
{
    char name[32], key[CAT_KEY_MAX];
    partition_name(partition, name);
    key_of(leases, name, key);
    cat_autojson json_t *body =
        cat_json_object("holder", json_string(leases->instance), "start", json_string(leases->start), NULL);
    cat_autofree char *text = cat_json_format(body);
    uint64_t revision = 0;
    cat_error error = {0};
    int result = cat_kv_put(leases->options.spine, BUCKET, key, text, strlen(text), (int64_t)judged, &revision, &error);
    if (result < 0) {
        /* Another replica was faster, or the next look tries again. */
        if (result != CAT_E_CONFLICT)
            cat_log_warning("a partition could not be claimed", CAT_FIELD("leases", leases->service), CAT_FIELD_ERROR(&error));
        return;
    }
    pthread_mutex_lock(&leases->lock);
    learn(leases, name, revision, leases->instance, leases->start, false);
    pthread_mutex_unlock(&leases->lock);
    /* An answer that took too long: the record names this replica, which claims it again when its heartbeats go through. */
    if (is_over(leases))
        return;
    leases->held[partition] = true;
    leases->options.on_gained(leases->options.context, partition);
}

static int give_back(cat_leases *leases, unsigned partition, uint64_t judged)
{
    lose(leases, partition);
    char name[32], key[CAT_KEY_MAX];
    partition_name(partition, name);
    key_of(leases, name, key);
    /* Where this fails, the record names a replica that does not hold it, which claims it again or is found dead. */
    return cat_kv_delete(leases->options.spine, BUCKET, key, (int64_t)judged, NULL);
}

/* At the end. A peer that does not answer is asked once. */
static void give_all_back(cat_leases *leases)
{
    bool answers = !is_over(leases);
    for (unsigned n = 0; n < leases->options.partitions; n++) {
        if (!leases->held[n])
            continue;
        pthread_mutex_lock(&leases->lock);
        bool mine = owner_of(leases, n) == CAT_LEASE_MINE;
        uint64_t revision = revision_of(leases, n);
        pthread_mutex_unlock(&leases->lock);
        if (!mine || !answers) {
            lose(leases, n);
            continue;
        }
        int result = give_back(leases, n, revision);
        answers = result == 0 || result == CAT_E_CONFLICT;
    }
}

/* Replicas come and go with names of their own: what they left is removed some time after their death. */
static void forget_dead(cat_leases *leases)
{
    char dead[CAT_KEY_MAX] = "";
    uint64_t judged = 0;
    pthread_mutex_lock(&leases->lock);
    size_t at = 0;
    const char *name;
    void *value;
    while (!judged && cat_map_next(leases->records, &at, &name, &value)) {
        const record *item = value;
        bool heartbeat = cat_text_starts_with(name, "alive.") && strcmp(name + strlen("alive."), leases->instance) != 0;
        if (heartbeat && item->start && is_silent(leases, item) && now_of(leases) - item->changed_ms >= FORGET_MS) {
            key_of(leases, name, dead);
            judged = item->revision;
        }
    }
    pthread_mutex_unlock(&leases->lock);
    /* One a look is enough. */
    if (judged)
        cat_kv_delete(leases->options.spine, BUCKET, dead, (int64_t)judged, NULL);
}

static void lapse(cat_leases *leases)
{
    unsigned lost = 0;
    for (unsigned n = 0; n < leases->options.partitions; n++) {
        if (leases->held[n]) {
            lose(leases, n);
            lost++;
        }
    }
    if (lost)
        cat_log_warning("the leases lapsed", CAT_FIELD("leases", leases->service), CAT_FIELD_INT("partitions", lost));
    leases->lapsed = false;
}

static void look(cat_leases *leases)
{
    cat_lease_owner owners[PARTITIONS_MAX];
    cat_lease_action actions[PARTITIONS_MAX];
    bool held[PARTITIONS_MAX];
    uint64_t judged[PARTITIONS_MAX];
    pthread_mutex_lock(&leases->lock);
    bool ready = leases->ready;
    unsigned alive = count_alive(leases), partitions = leases->options.partitions;
    for (unsigned n = 0; n < partitions; n++) {
        owners[n] = owner_of(leases, n);
        held[n] = leases->held[n];
        judged[n] = revision_of(leases, n);
    }
    pthread_mutex_unlock(&leases->lock);
    if (!ready)
        return;
    cat_lease_plan(partitions, alive, leases->first, owners, held, actions);
    for (unsigned n = 0; n < partitions; n++) {
        if (actions[n] == CAT_LEASE_LOSE)
            lose(leases, n);
    }
    for (unsigned n = 0; n < partitions && !is_set(leases, &leases->stopping); n++) {
        if (now_of(leases) - leases->sent_ms >= FRESH_MS)
            return;
        if (actions[n] == CAT_LEASE_RELEASE)
            give_back(leases, n, judged[n]);
        if (actions[n] == CAT_LEASE_CLAIM)
            claim(leases, n, judged[n]);
    }
    forget_dead(leases);
}

static void *keep_leasing(void *argument)
{
    cat_leases *leases = argument;
    while (!is_set(leases, &leases->stopping)) {
        if (is_over(leases)) {
            leases->lapsed = true;
            lapse(leases);
        } else {
            look(leases);
        }
        pthread_mutex_lock(&leases->lock);
        wait_a_while(leases, &leases->stopping);
        pthread_mutex_unlock(&leases->lock);
    }
    give_all_back(leases);
    return NULL;
}

static void free_leases(cat_leases *leases)
{
    cat_map_destroy(leases->records);
    pthread_cond_destroy(&leases->changed);
    pthread_mutex_destroy(&leases->lock);
    free(leases->held);
    free(leases);
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
    leases->first = cat_lease_partition_of(options->instance, options->partitions);
    leases->held = cat_calloc(options->partitions, sizeof(*leases->held));
    leases->records = cat_map_create(free_record);
    pthread_mutex_init(&leases->lock, NULL);
    cat_condition_init(&leases->changed);
    leases->sent_ms = now_of(leases);
    return leases;
}

int cat_leases_start(const cat_lease_options *options, cat_leases **leases, cat_error *error)
{
    if (options->partitions == 0 || options->partitions > PARTITIONS_MAX || !options->service || !options->instance)
        return cat_error_set(error, CAT_E_INTERNAL, "leases need a service, an instance and 1 to %d partitions", PARTITIONS_MAX);
    cat_leases *made = make(options);
    char filter[80];
    snprintf(filter, sizeof(filter), "%s.>", made->service);
    cat_kv_watch_handlers handlers = {.on_entry = on_entry, .on_ready = on_ready, .on_reset = on_reset, .context = made};
    cat_error local = {0};
    int result = beat(made, &local);
    if (result == 0)
        result = cat_kv_watch_start(options->spine, BUCKET, filter, 0, &handlers, &made->watch, &local);
    if (result < 0) {
        free_leases(made);
        return cat_error_copy(error, &local);
    }
    if (pthread_create(&made->beating, NULL, keep_beating, made) != 0 ||
        pthread_create(&made->leasing, NULL, keep_leasing, made) != 0)
        abort();
    *leases = made;
    return 0;
}

void cat_leases_stop(cat_leases *leases)
{
    if (!leases)
        return;
    pthread_mutex_lock(&leases->lock);
    leases->stopping = true;
    pthread_cond_broadcast(&leases->changed);
    pthread_mutex_unlock(&leases->lock);
    pthread_join(leases->leasing, NULL);
    pthread_mutex_lock(&leases->lock);
    leases->given_back = true;
    pthread_cond_broadcast(&leases->changed);
    pthread_mutex_unlock(&leases->lock);
    pthread_join(leases->beating, NULL);
    char name[160], key[CAT_KEY_MAX];
    snprintf(name, sizeof(name), "alive.%s", leases->instance);
    key_of(leases, name, key);
    if (!leases->superseded)
        cat_kv_delete(leases->options.spine, BUCKET, key, -1, NULL);
    cat_kv_watch_stop(leases->watch);
    free_leases(leases);
}

bool cat_leases_holds(cat_leases *leases, unsigned partition)
{
    return partition < leases->options.partitions && leases->held[partition] && !is_over(leases);
}
