/* What is done about what the bucket says. On the lease thread alone, which alone changes what is held; each write names the
 * revision that was judged: a newer one may be another's since. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "svc/lease_internal.h"
#include "wire/json.h"
#include "wire/subjects.h"

/* With a renewal older than this something is wrong: whoever waits for an answer now could overstay. */
#define FRESH_MS 3000
#define UNKNOWN_MS 60000

/* One key as it was when everything was looked at together. */
typedef struct {
    cat_lease_key *key;
    uint64_t judged;
    bool forget;
    cat_lease_action action;
} step;

typedef struct {
    size_t count, apart; /* those apart come first */
    step *steps;
} look;

static void set_held(cat_leases *leases, cat_lease_key *key, bool held, uint64_t term)
{
    pthread_mutex_lock(&leases->lock);
    key->held = held;
    key->term = term;
    pthread_mutex_unlock(&leases->lock);
}

static void lose(cat_leases *leases, cat_lease_key *key)
{
    set_held(leases, key, false, 0);
    leases->options.on_lost(leases->options.context, key->name);
}

/* Another replica was faster, or the next look tries again. */
static int put(cat_leases *leases, cat_lease_key *key, bool mine, uint64_t judged, uint64_t *revision)
{
    char name[CAT_KEY_MAX];
    cat_lease_bucket_key(leases, "key", key->name, name);
    cat_autojson json_t *body =
        mine ? cat_json_object("holder", json_string(leases->instance), "start", json_string(leases->start), NULL)
             : json_object();
    cat_autofree char *text = cat_json_format(body);
    cat_error failed = {0};
    int code = cat_kv_put(leases->options.spine, CAT_LEASE_BUCKET, &(cat_kv_write){name, text, strlen(text), (int64_t)judged},
                          revision, &failed);
    if (code < 0) {
        if (code != CAT_E_CONFLICT)
            cat_log_warning("a lease could not be written", CAT_FIELD("leases", leases->service), CAT_FIELD("key", key->name),
                            CAT_FIELD_ERROR(&failed));
        return code;
    }
    pthread_mutex_lock(&leases->lock);
    key->recorded = true;
    cat_lease_learn(leases, key, *revision, mine ? leases->instance : NULL, mine ? leases->start : NULL);
    pthread_mutex_unlock(&leases->lock);
    return 0;
}

static void claim(cat_leases *leases, cat_lease_key *key, uint64_t judged)
{
    uint64_t revision = 0;
    if (put(leases, key, true, judged, &revision) < 0)
        return;
    /* An answer that took too long: the record names this replica, which claims it again when its heartbeats go through. */
    if (cat_lease_is_over(leases))
        return;
    set_held(leases, key, true, revision);
    leases->options.on_gained(leases->options.context, key->name);
}

/* Where the writing fails, the record names a replica that does not hold it, which claims it again or is found dead. */
static int give_back(cat_leases *leases, cat_lease_key *key, uint64_t judged)
{
    uint64_t revision = 0;
    lose(leases, key);
    return put(leases, key, false, judged, &revision);
}

static void forget(cat_leases *leases, cat_lease_key *key, uint64_t judged)
{
    char name[CAT_KEY_MAX];
    lose(leases, key);
    cat_lease_bucket_key(leases, "key", key->name, name);
    cat_kv_delete(leases->options.spine, CAT_LEASE_BUCKET, name, (int64_t)judged, NULL);
}

static int compare(const void *a, const void *b)
{
    const cat_lease_key *one = ((const step *)a)->key, *two = ((const step *)b)->key;
    int order = (*two->name == CAT_LEASE_APART) - (*one->name == CAT_LEASE_APART);
    return order ? order : strcmp(one->name, two->name);
}

static bool is_forgotten(const cat_leases *leases, const cat_lease_key *key)
{
    return leases->told && key->held && !key->known && cat_lease_now(leases) - key->unknown_ms >= UNKNOWN_MS;
}

/* The lock is held. */
static void gather(cat_leases *leases, look *all)
{
    all->steps = cat_calloc(cat_map_count(leases->keys) + 1, sizeof(*all->steps));
    size_t at = 0;
    void *value;
    while (cat_map_next(leases->keys, &at, NULL, &value)) {
        cat_lease_key *key = value;
        if (!key->known && !key->recorded && !key->held)
            continue;
        all->steps[all->count++] = (step){.key = key, .judged = key->revision, .forget = is_forgotten(leases, key)};
        all->apart += *key->name == CAT_LEASE_APART;
    }
    qsort(all->steps, all->count, sizeof(*all->steps), compare);
}

/* The lock is held. */
static void decide(cat_leases *leases, look *all)
{
    size_t alive, rank, keys = all->count - all->apart;
    cat_lease_count_alive(leases, &alive, &rank);
    cat_autofree cat_lease_owner *owners = cat_calloc(keys + 1, sizeof(*owners));
    cat_autofree bool *held = cat_calloc(keys + 1, sizeof(*held));
    cat_autofree cat_lease_action *actions = cat_calloc(keys + 1, sizeof(*actions));
    for (size_t n = 0; n < all->apart; n++) {
        step *one = &all->steps[n];
        one->action = cat_lease_plan_apart(cat_lease_owner_of(leases, one->key), one->key->held);
    }
    for (size_t n = 0; n < keys; n++) {
        owners[n] = cat_lease_owner_of(leases, all->steps[all->apart + n].key);
        held[n] = all->steps[all->apart + n].key->held;
    }
    cat_lease_view view = {keys, cat_lease_share(keys, alive, rank), keys ? leases->first % keys : 0, owners, held};
    cat_lease_plan(&view, actions);
    for (size_t n = 0; n < keys; n++)
        all->steps[all->apart + n].action = actions[n];
}

static void carry_out(cat_leases *leases, const look *all)
{
    for (size_t n = 0; n < all->count; n++)
        if (all->steps[n].action == CAT_LEASE_LOSE)
            lose(leases, all->steps[n].key);
    for (size_t n = 0; n < all->count && !cat_lease_is_set(leases, &leases->stopping); n++) {
        const step *one = &all->steps[n];
        if (cat_lease_now(leases) - leases->sent_ms >= FRESH_MS)
            return;
        if (one->action == CAT_LEASE_RELEASE)
            give_back(leases, one->key, one->judged);
        if (one->action == CAT_LEASE_CLAIM)
            claim(leases, one->key, one->judged);
        if (one->action == CAT_LEASE_NOTHING && one->forget)
            forget(leases, one->key, one->judged);
    }
}

/* Replicas come and go with names of their own: what they left is removed some time after their death. One a look is enough. */
static void forget_dead(cat_leases *leases)
{
    char dead[128], name[CAT_KEY_MAX];
    uint64_t judged = 0;
    pthread_mutex_lock(&leases->lock);
    bool found = cat_lease_find_dead(leases, dead, &judged);
    pthread_mutex_unlock(&leases->lock);
    if (!found)
        return;
    cat_lease_bucket_key(leases, "alive", dead, name);
    cat_kv_delete(leases->options.spine, CAT_LEASE_BUCKET, name, (int64_t)judged, NULL);
}

void cat_lease_look(cat_leases *leases)
{
    look all = {0};
    pthread_mutex_lock(&leases->lock);
    bool ready = leases->ready;
    if (ready) {
        gather(leases, &all);
        decide(leases, &all);
    }
    pthread_mutex_unlock(&leases->lock);
    if (!ready)
        return;
    carry_out(leases, &all);
    free(all.steps);
    forget_dead(leases);
}

void cat_lease_lapse(cat_leases *leases)
{
    look all = {0};
    unsigned lost = 0;
    pthread_mutex_lock(&leases->lock);
    gather(leases, &all);
    pthread_mutex_unlock(&leases->lock);
    for (size_t n = 0; n < all.count; n++) {
        if (all.steps[n].key->held) {
            lose(leases, all.steps[n].key);
            lost++;
        }
    }
    free(all.steps);
    if (lost)
        cat_log_warning("the leases lapsed", CAT_FIELD("leases", leases->service), CAT_FIELD_INT("keys", lost));
    leases->lapsed = false;
}

/* At the end. A peer that does not answer is asked once. */
void cat_lease_give_all_back(cat_leases *leases)
{
    look all = {0};
    pthread_mutex_lock(&leases->lock);
    gather(leases, &all);
    pthread_mutex_unlock(&leases->lock);
    bool answers = !cat_lease_is_over(leases);
    for (size_t n = 0; n < all.count; n++) {
        cat_lease_key *key = all.steps[n].key;
        if (!key->held)
            continue;
        pthread_mutex_lock(&leases->lock);
        bool mine = cat_lease_owner_of(leases, key) == CAT_LEASE_MINE;
        uint64_t revision = key->revision;
        pthread_mutex_unlock(&leases->lock);
        if (!mine || !answers) {
            lose(leases, key);
            continue;
        }
        int result = give_back(leases, key, revision);
        answers = result == 0 || result == CAT_E_CONFLICT;
    }
    free(all.steps);
}
