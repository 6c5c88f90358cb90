#include "svc/shard.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

typedef struct {
    bool open;   /* gained, and not asked to stop */
    unsigned in; /* who entered and has not left */
} place;

struct cat_shard {
    cat_shard_options options;
    cat_leases *leases;
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t left;
    cat_map *places; /* organization → place; only ever grows */
};

/* The lock is held. */
static place *place_of(cat_shard *shard, const char *organization)
{
    place *found = cat_map_get(shard->places, organization);
    if (!found) {
        found = cat_calloc(1, sizeof *found);
        cat_map_set(shard->places, organization, found);
    }
    return found;
}

static void on_gained(void *context, const char *organization)
{
    cat_shard *shard = context;
    pthread_mutex_lock(&shard->lock);
    place_of(shard, organization)->open = true;
    pthread_mutex_unlock(&shard->lock);
    if (shard->options.on_gained)
        shard->options.on_gained(shard->options.context, organization);
}

static void on_lost(void *context, const char *organization)
{
    cat_shard *shard = context;
    pthread_mutex_lock(&shard->lock);
    place *one = place_of(shard, organization);
    one->open = false;
    while (one->in)
        pthread_cond_wait(&shard->left, &shard->lock);
    pthread_mutex_unlock(&shard->lock);
    if (shard->options.on_lost)
        shard->options.on_lost(shard->options.context, organization);
}

int cat_shard_start(const cat_shard_options *options, cat_shard **shard, cat_error *error)
{
    cat_shard *made = cat_calloc(1, sizeof *made);
    made->options = *options;
    made->places = cat_map_create(free);
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->left, NULL);
    cat_lease_options leases = {.spine = options->spine,
                                .service = options->service,
                                .instance = options->instance,
                                .clock = options->clock,
                                .on_gained = on_gained,
                                .on_lost = on_lost,
                                .context = made};
    *shard = made;
    int code = cat_leases_start(&leases, &made->leases, error);
    if (code < 0) {
        *shard = NULL;
        cat_shard_destroy(made);
        return code;
    }
    cat_leases_add(made->leases, CAT_SHARD_SOVEREIGN);
    return 0;
}

void cat_shard_stop(cat_shard *shard)
{
    if (shard)
        cat_leases_stop(shard->leases);
}

void cat_shard_destroy(cat_shard *shard)
{
    if (!shard)
        return;
    cat_leases_destroy(shard->leases);
    cat_map_destroy(shard->places);
    pthread_cond_destroy(&shard->left);
    pthread_mutex_destroy(&shard->lock);
    free(shard);
}

void cat_shard_know(cat_shard *shard, const cat_strings *organizations)
{
    cat_leases_know(shard->leases, organizations);
}

void cat_shard_add(cat_shard *shard, const char *organization)
{
    cat_leases_add(shard->leases, organization);
}

bool cat_shard_knows(cat_shard *shard, const char *organization)
{
    return cat_leases_knows(shard->leases, organization);
}

bool cat_shard_holds(cat_shard *shard, const char *organization)
{
    return cat_shard_term(shard, organization) != 0;
}

uint64_t cat_shard_term(cat_shard *shard, const char *organization)
{
    return cat_leases_term(shard->leases, organization);
}

bool cat_shard_enter(cat_shard *shard, const char *organization)
{
    bool entered = cat_shard_holds(shard, organization);
    pthread_mutex_lock(&shard->lock);
    place *one = entered ? place_of(shard, organization) : NULL;
    entered = entered && one->open;
    if (entered)
        one->in++;
    pthread_mutex_unlock(&shard->lock);
    return entered;
}

void cat_shard_leave(cat_shard *shard, const char *organization)
{
    pthread_mutex_lock(&shard->lock);
    place_of(shard, organization)->in--;
    pthread_cond_broadcast(&shard->left);
    pthread_mutex_unlock(&shard->lock);
}

int cat_shard_check(cat_shard *shard, const char *organization, cat_error *error)
{
    if (cat_shard_holds(shard, organization))
        return 0;
    return cat_error_set_class(error, CAT_E_CONFLICT, CAT_CLASS_WAITING, "another replica works for %s now",
                               strcmp(organization, CAT_SHARD_SOVEREIGN) == 0 ? "the Sovereign" : organization);
}

size_t cat_shard_count(cat_shard *shard)
{
    size_t at = 0, count = 0;
    const char *name;
    void *value;
    pthread_mutex_lock(&shard->lock);
    while (cat_map_next(shard->places, &at, &name, &value))
        count += *name != CAT_LEASE_APART && ((place *)value)->open;
    pthread_mutex_unlock(&shard->lock);
    return count;
}
