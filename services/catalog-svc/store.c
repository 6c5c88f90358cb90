#include "store.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/queue.h"
#include "base/task.h"
#include "svc/mirror.h"

#define SOURCE "catalyst-blueprints"
#define SHOWN "catalyst-catalog"
#define QUEUE_MAX 100000
#define RETRY_MS 2000
#define EVERYTHING "*"

struct ctg_store {
    cat_service *service;
    cat_spine *spine;
    cat_mirror *mirror;
    /* Under the mirror's lock. */
    ctg_catalog *catalog;
    ctg_rejections *rejections;
    char *family;       /* of the version that was taken last; the watch's thread alone */
    cat_queue *changed; /* families as text, and EVERYTHING: from the watch to the writer */
    cat_task *writer;
    cat_metric *blueprints;
};

static void tell(ctg_store *store, const char *family)
{
    char *text = cat_strdup(family);
    if (!cat_queue_try_push(store->changed, text))
        free(text);
}

/* --- from KV --- */

static int take_rejection(ctg_store *store, const char *key, json_t *value_taken, cat_error *error)
{
    if (value_taken)
        return ctg_rejections_put(store->rejections, key, value_taken, error);
    ctg_rejections_remove(store->rejections, key);
    return 0;
}

static int take(void *context, const char *key, json_t *value_taken, cat_error *error)
{
    ctg_store *store = context;
    free(cat_take(store->family));
    if (cat_text_starts_with(key, CTG_REJECTION_PREFIX))
        return take_rejection(store, key, value_taken, error);
    int code = 0;
    if (value_taken)
        code = ctg_catalog_put(store->catalog, value_taken, &store->family, error);
    else
        ctg_catalog_remove(store->catalog, key, &store->family);
    cat_metric_set(store->blueprints, (double)ctg_catalog_count(store->catalog), NULL);
    return code;
}

static void clear(void *context)
{
    ctg_store *store = context;
    ctg_catalog_clear(store->catalog);
    ctg_rejections_clear(store->rejections);
}

static void settle(void *context)
{
    ctg_catalog_index(((ctg_store *)context)->catalog);
}

static void on_changed(void *context, const char *key)
{
    (void)key;
    ctg_store *store = context;
    if (store->family)
        tell(store, store->family);
}

/* While the bucket is read anew nothing would be shown, which is not true: so nothing is said. */
static void on_state(void *context, bool ready)
{
    ctg_store *store = context;
    cat_service_set_ready(store->service, "catalog", ready ? NULL : "reading what is registered");
    if (ready)
        tell(store, EVERYTHING);
}

/* --- into KV --- */

/* False while the catalog is being read: what is not there yet is not gone. */
static bool card_of(ctg_store *store, const char *family, json_t **card)
{
    bool ready = cat_mirror_peek(store->mirror);
    *card = ready ? ctg_catalog_card(store->catalog, family) : NULL;
    cat_mirror_release(store->mirror);
    return ready;
}

/* At the revision that was read: what another replica wrote since is newer than what this one knows. */
static int remove_family(ctg_store *store, const char *family, uint64_t revision, cat_error *error)
{
    cat_error failed = {0};
    int code = cat_kv_delete(store->spine, SHOWN, family, (int64_t)revision, &failed);
    return code == CAT_E_CONFLICT ? 0 : code < 0 ? cat_error_copy(error, &failed) : 0;
}

/* Several replicas write the same: who finds it written already leaves it. */
static int write_family(ctg_store *store, const char *family, cat_error *error)
{
    cat_autojson json_t *card = NULL;
    cat_auto(cat_kv_entry) stored = {0};
    cat_error failed = {0};
    if (!card_of(store, family, &card))
        return 0; /* all are written once it was read */
    int code = cat_kv_get(store->spine, SHOWN, family, &stored, &failed);
    if (code < 0 && code != CAT_E_NOT_FOUND)
        return cat_error_copy(error, &failed);
    failed = (cat_error){0};
    if (!card)
        return stored.value ? remove_family(store, family, stored.revision, error) : 0;
    cat_autofree char *text = cat_json_format(card);
    if (stored.value && stored.length == strlen(text) && memcmp(stored.value, text, stored.length) == 0)
        return 0;
    code = cat_kv_put(store->spine, SHOWN, &(cat_kv_write){family, text, strlen(text), (int64_t)stored.revision}, NULL, &failed);
    /* Another replica was between: it wrote what the same registry says, or will be told again. */
    return code == CAT_E_CONFLICT ? 0 : code < 0 ? cat_error_copy(error, &failed) : 0;
}

static bool add_key(void *context, const cat_kv_entry *entry)
{
    cat_strings *keys = context;
    if (entry->value)
        cat_strings_add(keys, entry->key);
    return true;
}

/* One of many: a peer that is away ends them all, for now; what is wrong with this one alone is said, and the others go on. */
static int write_one(ctg_store *store, const char *family, cat_error *error)
{
    cat_error failed = {0};
    int code = write_family(store, family, &failed);
    if (code == 0)
        return 0;
    if (code != CAT_E_INVALID && code != CAT_E_TOO_LARGE)
        return cat_error_copy(error, &failed);
    cat_log_warning("a Blueprint is not written into the catalog's bucket", CAT_FIELD("blueprint", family),
                    CAT_FIELD_ERROR(&failed));
    return 0;
}

/* All families, and what KV still has of those that are gone. */
static int write_everything(ctg_store *store, cat_error *error)
{
    cat_auto(cat_strings) families = {0}, stored = {0};
    int code = cat_kv_each(store->spine, SHOWN, NULL, add_key, &stored, error);
    if (code < 0)
        return code;
    bool ready = cat_mirror_peek(store->mirror);
    ctg_catalog_families(store->catalog, &families);
    cat_mirror_release(store->mirror);
    for (size_t i = 0; code == 0 && ready && i < families.count; i++)
        code = write_one(store, families.items[i], error);
    for (size_t i = 0; code == 0 && ready && i < stored.count; i++)
        code = write_one(store, stored.items[i], error); /* unchanged ones are left as they are */
    return code;
}

/* Until the queue is closed. What could not be written comes behind the others; what is left at the end the next start writes. */
static int64_t write_changes(void *context, cat_task *task)
{
    ctg_store *store = context;
    for (char *taken; !cat_task_is_stopping(task) && (taken = cat_queue_pop(store->changed, -1));) {
        cat_autofree char *family = taken;
        cat_error error = {0};
        int code = strcmp(family, EVERYTHING) == 0 ? write_everything(store, &error) : write_one(store, family, &error);
        if (code == 0 || cat_task_is_stopping(task))
            continue;
        cat_log_warning("the catalog's bucket was not written", CAT_FIELD("blueprint", family), CAT_FIELD_ERROR(&error));
        if (cat_task_pause(task, RETRY_MS))
            tell(store, family);
    }
    return 0;
}

/* --- life --- */

int ctg_store_start(cat_service *service, cat_spine *spine, ctg_store **started, cat_error *error)
{
    ctg_store *store = cat_calloc(1, sizeof *store);
    store->service = service;
    store->spine = spine;
    store->catalog = ctg_catalog_create();
    store->rejections = ctg_rejections_create();
    store->changed = cat_queue_create(QUEUE_MAX, free);
    store->blueprints = cat_metric_get(cat_service_metrics(service), CAT_METRIC_GAUGE, "catalyst_catalog_blueprints",
                                       "Blueprints in the catalog.", NULL);
    cat_service_set_ready(service, "catalog", "reading what is registered");
    cat_mirror_options options = {.spine = spine,
                                  .bucket = SOURCE,
                                  .what = "what is said of a Blueprint",
                                  .take = take,
                                  .clear = clear,
                                  .settle = settle,
                                  .on_state = on_state,
                                  .on_changed = on_changed,
                                  .context = store};
    int code = cat_mirror_start(&options, &store->mirror, error);
    if (code < 0) {
        ctg_store_stop(store);
        return code;
    }
    store->writer = cat_task_start(&(cat_task_options){.interval_ms = RETRY_MS, .run = write_changes, .context = store});
    *started = store;
    return 0;
}

void ctg_store_stop(ctg_store *store)
{
    if (!store)
        return;
    /* The writer reads the mirror, and the mirror's last change goes to a closed queue. */
    if (store->writer)
        cat_task_ask_to_stop(store->writer);
    cat_queue_close(store->changed);
    cat_task_stop(store->writer);
    cat_mirror_stop(store->mirror);
    cat_queue_destroy(store->changed);
    ctg_catalog_destroy(store->catalog);
    ctg_rejections_destroy(store->rejections);
    free(store->family);
    free(store);
}

int ctg_store_acquire(ctg_store *store, const ctg_catalog **catalog, uint64_t *revision, cat_error *error)
{
    if (cat_mirror_acquire(store->mirror, revision, NULL) < 0)
        return cat_error_set(error, CAT_E_UNAVAILABLE, "the catalog is being read");
    *catalog = store->catalog;
    return 0;
}

const ctg_rejections *ctg_store_rejections(const ctg_store *store)
{
    return store->rejections;
}

void ctg_store_release(ctg_store *store)
{
    cat_mirror_release(store->mirror);
}
