/* Connections are kept by Organization and counted. One that was forgotten while it was lent lives on until nobody has a
 * connection of that Organization: a release does not say which one it gives back. */
#include "svc/accounts.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/condition.h"
#include "base/encoding.h"
#include "base/map.h"
#include "base/task.h"
#include "wire/nkey.h"

#define IDLE_MS 60000
#define LOOK_MS 5000
#define RETIRED_MAX 8
#define CREDENTIALS_MAX_BYTES (64 * 1024)

typedef struct {
    cat_spine *spine; /* NULL: none yet, or forgotten */
    bool connecting;
    unsigned users;
    int64_t used_ms;
    uint64_t generation; /* rises when it is forgotten: what was being made then is old */
    cat_spine *retired[RETIRED_MAX];
    size_t retired_count;
} entry;

struct cat_accounts {
    char *url, *namespace, *client_name;
    cat_kube *kube;
    int64_t idle_ms;
    cat_task *task;
    pthread_mutex_t lock; /* of the entries, and of what is known */
    pthread_cond_t changed;
    cat_map *entries;
    cat_map *
        known; /* credentials that the spine took, by Organization: one that is known is reached without the management cluster */
};

static int64_t now_ms(void)
{
    return cat_clock_system()->monotonic_ms(cat_clock_system());
}

/* Closing a connection waits for its threads: it is done without the lock. */
typedef struct {
    cat_spine *spines[RETIRED_MAX + 1];
    size_t count;
} closing;

static void close_all(closing *list)
{
    for (size_t i = 0; i < list->count; i++)
        cat_spine_destroy(list->spines[i]);
    list->count = 0;
}

static void take_retired(entry *item, closing *list)
{
    for (size_t i = 0; i < item->retired_count; i++)
        list->spines[list->count++] = item->retired[i];
    item->retired_count = 0;
}

static bool take_one_idle(cat_accounts *accounts, bool every, closing *list)
{
    size_t at = 0;
    const char *organization;
    void *value;
    while (cat_map_next(accounts->entries, &at, &organization, &value)) {
        entry *item = value;
        bool idle = item->users == 0 && !item->connecting && (every || now_ms() - item->used_ms >= accounts->idle_ms);
        if (!idle)
            continue;
        if (item->spine)
            list->spines[list->count++] = item->spine;
        take_retired(item, list);
        cat_autofree char *key = cat_strdup(organization);
        cat_map_remove(accounts->entries, key);
        return true;
    }
    return false;
}

/* --- credentials that grow old --- */

static void release_credentials(void *credentials)
{
    cat_secret_free(credentials);
}

/* Half of their life is over: somebody has renewed them, or does soon. Those that never expire are never old. */
static bool are_old(const char *credentials)
{
    cat_autojson json_t *claims = NULL;
    if (!credentials || cat_nats_claims(credentials, strlen(credentials), &claims, NULL) < 0)
        return false;
    int64_t expires_s = cat_json_int_or(claims, "exp", 0), issued_s = cat_json_int_or(claims, "iat", 0);
    return expires_s > 0 && cat_clock_system()->wall_ms(cat_clock_system()) / 1000 >= issued_s + (expires_s - issued_s) / 2;
}

/* The server ends a connection when its user expires; what is given here is what it comes back with. */
static void give_credentials(cat_accounts *accounts, const char *organization, const char *credentials)
{
    pthread_mutex_lock(&accounts->lock);
    entry *item = cat_map_get(accounts->entries, organization);
    if (item && item->spine)
        cat_spine_set_credentials(item->spine, credentials);
    for (size_t i = 0; item && i < item->retired_count; i++)
        cat_spine_set_credentials(item->retired[i], credentials);
    cat_map_set(accounts->known, organization, cat_strdup(credentials));
    pthread_mutex_unlock(&accounts->lock);
}

static int read_credentials(cat_accounts *accounts, const char *organization, char **credentials, cat_error *error);

static void renew_old(cat_accounts *accounts)
{
    cat_auto(cat_strings) old = {0};
    size_t at = 0;
    const char *organization;
    void *credentials;
    pthread_mutex_lock(&accounts->lock);
    while (cat_map_next(accounts->known, &at, &organization, &credentials)) {
        if (are_old(credentials))
            cat_strings_add(&old, organization);
    }
    pthread_mutex_unlock(&accounts->lock);
    for (size_t i = 0; i < old.count; i++) {
        cat_autosecret char *renewed = NULL;
        cat_error error = {0};
        if (read_credentials(accounts, old.items[i], &renewed, &error) == 0 && !are_old(renewed))
            give_credentials(accounts, old.items[i], renewed);
    }
}

static void close_idle(cat_accounts *accounts)
{
    for (bool found = true; found;) {
        closing list = {0};
        pthread_mutex_lock(&accounts->lock);
        found = take_one_idle(accounts, false, &list);
        pthread_mutex_unlock(&accounts->lock);
        close_all(&list);
    }
}

static int64_t look_after(void *context, cat_task *task)
{
    (void)task;
    close_idle(context);
    renew_old(context);
    return 0;
}

cat_accounts *cat_accounts_create(const cat_accounts_options *options)
{
    cat_accounts *accounts = cat_calloc(1, sizeof(*accounts));
    accounts->url = cat_strdup(options->url);
    accounts->namespace = cat_strdup(options->namespace);
    accounts->client_name = cat_strdup(options->client_name);
    accounts->kube = options->kube;
    accounts->idle_ms = options->idle_ms ? options->idle_ms : IDLE_MS;
    accounts->entries = cat_map_create(free);
    accounts->known = cat_map_create(release_credentials);
    pthread_mutex_init(&accounts->lock, NULL);
    cat_condition_init(&accounts->changed);
    int64_t look_ms = accounts->idle_ms < LOOK_MS ? accounts->idle_ms : LOOK_MS;
    accounts->task = cat_task_start(&(cat_task_options){.interval_ms = look_ms, .run = look_after, .context = accounts});
    return accounts;
}

void cat_accounts_destroy(cat_accounts *accounts)
{
    if (!accounts)
        return;
    cat_task_stop(accounts->task);
    closing list = {0};
    while (take_one_idle(accounts, true, &list))
        close_all(&list);
    cat_map_destroy(accounts->entries);
    cat_map_destroy(accounts->known);
    pthread_cond_destroy(&accounts->changed);
    pthread_mutex_destroy(&accounts->lock);
    free(accounts->url);
    free(accounts->namespace);
    free(accounts->client_name);
    free(accounts);
}

static int read_credentials(cat_accounts *accounts, const char *organization, char **credentials, cat_error *error)
{
    static const cat_resource SECRET = {.group = "", .version = "v1", .kind = "Secret", .plural = "secrets", .namespaced = true};
    cat_autofree char *name = cat_printf("nats-%s", organization);
    cat_autojson json_t *secret = NULL;
    cat_error local = {0};
    int result = cat_kube_get(accounts->kube, &SECRET, accounts->namespace, name, &secret, &local);
    if (result == CAT_E_NOT_FOUND)
        return cat_error_set_class(error, CAT_E_NOT_FOUND, CAT_CLASS_WAITING, "Organization %s has no Secret %s/%s yet",
                                   organization, accounts->namespace, name);
    if (result < 0)
        return cat_error_copy(error, &local);
    const char *encoded = cat_json_text(secret, "data.creds");
    size_t length = 0;
    char *text =
        encoded && strlen(encoded) < CREDENTIALS_MAX_BYTES ? (char *)cat_base64_decode(encoded, strlen(encoded), &length) : NULL;
    if (!text || length == 0 || strlen(text) != length) {
        free(text);
        return cat_error_set_class(error, CAT_E_INVALID, CAT_CLASS_WAITING, "Secret %s/%s has no credentials in its key creds",
                                   accounts->namespace, name);
    }
    *credentials = text;
    return 0;
}

static int connect_with(cat_accounts *accounts, const char *organization, const char *credentials, cat_spine **spine,
                        cat_error *error)
{
    cat_autofree char *name = cat_printf("%s for %s", accounts->client_name ? accounts->client_name : "catalyst", organization);
    cat_spine_options options = {.url = accounts->url, .name = name, .credentials_text = credentials};
    cat_error local = {0};
    int result = cat_spine_connect(&options, spine, &local);
    /* An account that is just being made, or a Secret that is just being renewed: neither is for this service to mend. */
    if (result == CAT_E_UNAUTHORIZED)
        local.class = CAT_CLASS_WAITING;
    if (result < 0)
        cat_error_copy(error, &local);
    return result;
}

/* `*credentials`: what is known, or NULL; becomes what was used. The Secret is read when nothing is known, or when that is
 * refused. */
static int connect_to(cat_accounts *accounts, const char *organization, char **credentials, cat_spine **spine, cat_error *error)
{
    int result = *credentials ? connect_with(accounts, organization, *credentials, spine, error) : CAT_E_UNAUTHORIZED;
    if (result != CAT_E_UNAUTHORIZED)
        return result;
    cat_secret_free(cat_take(*credentials));
    result = read_credentials(accounts, organization, credentials, error);
    return result < 0 ? result : connect_with(accounts, organization, *credentials, spine, error);
}

static entry *entry_of(cat_accounts *accounts, const char *organization)
{
    entry *item = cat_map_get(accounts->entries, organization);
    if (!item) {
        item = cat_calloc(1, sizeof(*item));
        cat_map_set(accounts->entries, organization, item);
    }
    return item;
}

/* The lock is held, given up while connecting. `connecting` keeps the entry where it is. */
static int make_connection(cat_accounts *accounts, const char *organization, entry *item, cat_error *error)
{
    cat_spine *made = NULL;
    cat_error local = {0};
    cat_autosecret char *credentials = cat_strdup(cat_map_get(accounts->known, organization));
    item->connecting = true;
    uint64_t generation = item->generation;
    pthread_mutex_unlock(&accounts->lock);
    int result = connect_to(accounts, organization, &credentials, &made, &local);
    pthread_mutex_lock(&accounts->lock);
    item->connecting = false;
    item->used_ms = now_ms();
    pthread_cond_broadcast(&accounts->changed);
    if (result == 0 && generation != item->generation) {
        pthread_mutex_unlock(&accounts->lock);
        cat_spine_destroy(made);
        pthread_mutex_lock(&accounts->lock);
        return cat_error_set(error, CAT_E_UNAVAILABLE, "the credentials of Organization %s changed while connecting",
                             organization);
    }
    if (result == CAT_E_UNAUTHORIZED || !credentials)
        cat_map_remove(accounts->known, organization);
    if (result < 0)
        return cat_error_copy(error, &local);
    cat_map_set(accounts->known, organization, cat_take(credentials));
    item->spine = made;
    return 0;
}

int cat_accounts_acquire(cat_accounts *accounts, const char *organization, cat_spine **spine, cat_error *error)
{
    pthread_mutex_lock(&accounts->lock);
    entry *item = entry_of(accounts, organization);
    while (item->connecting) {
        pthread_cond_wait(&accounts->changed, &accounts->lock);
        item = entry_of(accounts, organization);
    }
    int result = item->spine ? 0 : make_connection(accounts, organization, item, error);
    if (result == 0) {
        item->users++;
        item->used_ms = now_ms();
        *spine = item->spine;
    }
    pthread_mutex_unlock(&accounts->lock);
    return result;
}

void cat_accounts_release(cat_accounts *accounts, const char *organization)
{
    closing list = {0};
    pthread_mutex_lock(&accounts->lock);
    entry *item = cat_map_get(accounts->entries, organization);
    if (item && item->users > 0 && --item->users == 0)
        take_retired(item, &list);
    if (item)
        item->used_ms = now_ms();
    pthread_mutex_unlock(&accounts->lock);
    close_all(&list);
}

void cat_accounts_forget(cat_accounts *accounts, const char *organization)
{
    closing list = {0};
    pthread_mutex_lock(&accounts->lock);
    entry *item = cat_map_get(accounts->entries, organization);
    cat_map_remove(accounts->known, organization);
    if (item)
        item->generation++;
    /* With the list of the retired full the old connection stays in use: somebody holds connections without giving any back. */
    if (item && item->spine && item->users > 0 && item->retired_count < RETIRED_MAX)
        item->retired[item->retired_count++] = cat_take(item->spine);
    else if (item && item->spine && item->users == 0)
        list.spines[list.count++] = cat_take(item->spine);
    pthread_mutex_unlock(&accounts->lock);
    close_all(&list);
}
