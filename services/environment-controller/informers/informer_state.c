/* What every part of an informer needs of it. */
#include <stdlib.h>
#include <string.h>

#include "base/condition.h"
#include "informers/informer_internal.h"

#define LIST_WAIT_MS 30000

uint64_t ec_informer_mark(int64_t epoch, const char *uid, const char *resource_version)
{
    char text[160];
    snprintf(text, sizeof text, "%lld/%s/%s", (long long)epoch, uid, resource_version);
    uint64_t hash = 14695981039346656037u; /* FNV-1a: what it must tell apart is our own */
    for (const char *at = text; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    return hash ? hash : 1;
}

int ec_informer_environment(const ec_informer *informer, const char *name)
{
    for (size_t i = 0; i < informer->environment_count; i++)
        if (strcmp(informer->environments[i], name) == 0)
            return (int)i;
    return -1;
}

ec_kind_watch *ec_informer_kind_of(const ec_informer *informer, const char *token)
{
    for (size_t i = 0; i < informer->kind_count; i++)
        if (strcmp(informer->kinds[i]->token, token) == 0)
            return informer->kinds[i];
    return NULL;
}

void ec_informer_make_stale(ec_informer *informer)
{
    if (!atomic_exchange(&informer->stale, true))
        ec_queue_add(informer->controller->queue, "Informer", informer->organization, informer->cluster);
}

void ec_informer_trigger(const ec_informer *informer, ec_trigger_on on, cat_watch_kind what, const char *label)
{
    ec_seen seen = what == CAT_WATCH_LISTED ? EC_SEEN_LISTED : what == CAT_WATCH_DELETED ? EC_SEEN_DELETED : EC_SEEN_CHANGED;
    const ec_seen_object of = {
        .namespace = informer->organization, .name = informer->cluster, .organization = informer->organization, .label = label};
    ec_wanted wanted[EC_WANTED_MAX];
    size_t count = ec_triggers_decide(on, seen, &of, wanted);
    for (size_t i = 0; i < count; i++)
        ec_queue_add(informer->controller->queue, wanted[i].kind, wanted[i].namespace, wanted[i].name);
}

int ec_informer_wait_listed(ec_informer *informer, const bool *listed, const char *what, cat_error *error)
{
    int64_t until_ms = cat_deadline_after_ms(LIST_WAIT_MS);
    pthread_mutex_lock(&informer->lock);
    while (!*listed && cat_condition_wait(&informer->listed, &informer->lock, until_ms))
        continue;
    bool done = *listed;
    pthread_mutex_unlock(&informer->lock);
    return done ? 0
                : cat_error_set(error, CAT_E_TIMEOUT, "the %s of %s were not listed within %d s", what, informer->cluster,
                                LIST_WAIT_MS / 1000);
}

void ec_informer_entry_release(void *value)
{
    ec_entry *entry = value;
    free(entry->applied);
    free(entry);
}
