/* Which cluster it is: the epoch rises when it is another one, or an older copy of itself. Kept in KV catalyst-informers. */
#include <string.h>

#include "base/memory.h"
#include "informers/informer_internal.h"
#include "net/kv.h"

#define EPOCHS "catalyst-informers"

int64_t ec_informer_epoch(int64_t kept_epoch, const char *kept_uid, const char *kept_version, const char *uid,
                          const char *resource_version)
{
    if (kept_epoch <= 0)
        return 1;
    bool same_cluster = cat_text_equal(kept_uid, uid);
    bool went_back = kept_version && *kept_version && cat_resource_version_compare(resource_version, kept_version) < 0;
    return same_cluster && !went_back ? kept_epoch : kept_epoch + 1;
}

int ec_informer_probe(cat_kube *kube, char uid[64], char resource_version[32], cat_error *error)
{
    cat_autojson json_t *namespace = NULL, *list = NULL;
    int code = cat_kube_get(kube, ec_resource("Namespace"), NULL, "kube-system", &namespace, error);
    if (code < 0)
        return code;
    cat_autofree char *body = NULL;
    size_t length = 0;
    code = cat_kube_raw(kube, "/api/v1/namespaces?limit=1", &body, &length, error);
    if (code == 0)
        code = cat_json_parse(body, length, &CAT_JSON_CAPS, &list, error);
    if (code < 0)
        return code;
    snprintf(uid, 64, "%s", cat_object_uid(namespace) ? cat_object_uid(namespace) : "");
    snprintf(resource_version, 32, "%s", cat_json_text_or(list, "metadata.resourceVersion", ""));
    return 0;
}

static int put_record(ec_informer *informer, const char *resource_version, cat_error *error)
{
    cat_autojson json_t *record = json_pack("{s:I, s:s, s:s}", "epoch", (json_int_t)informer->epoch, "kubeSystemUid",
                                            informer->kube_system_uid, "resourceVersion", resource_version);
    cat_autofree char *text = cat_json_format(record);
    uint64_t revision = 0;
    cat_error failed = {0};
    int code =
        cat_kv_put(informer->controller->spine, EPOCHS,
                   &(cat_kv_write){informer->record, text, strlen(text), (int64_t)informer->record_revision}, &revision, &failed);
    if (code == CAT_E_CONFLICT) { /* another replica informs of this cluster, or the answer to this one's own writing was lost */
        atomic_store(&informer->muted, true);
        ec_informer_make_stale(informer);
    }
    if (code < 0)
        return cat_error_copy(error, &failed);
    pthread_mutex_lock(&informer->lock);
    informer->record_revision = revision;
    snprintf(informer->recorded, sizeof informer->recorded, "%s", resource_version);
    pthread_mutex_unlock(&informer->lock);
    return 0;
}

int ec_informer_record(ec_informer *informer, cat_error *error)
{
    char version[32];
    pthread_mutex_lock(&informer->lock);
    strcpy(version, informer->resource_version);
    bool same = strcmp(version, informer->recorded) == 0;
    pthread_mutex_unlock(&informer->lock);
    return same || atomic_load(&informer->muted) ? 0 : put_record(informer, version, error);
}

int ec_informer_find_epoch(ec_informer *informer, cat_error *error)
{
    char version[32];
    int code = ec_informer_probe(informer->kube, informer->kube_system_uid, version, error);
    if (code < 0)
        return code;
    cat_auto(cat_kv_entry) entry = {0};
    cat_autojson json_t *kept = NULL;
    cat_error failed = {0};
    code = cat_kv_get(informer->controller->spine, EPOCHS, informer->record, &entry, &failed);
    if (code < 0 && code != CAT_E_NOT_FOUND)
        return cat_error_copy(error, &failed);
    informer->record_revision = code == 0 ? entry.revision : 0;
    if (code == 0)
        cat_json_parse(entry.value, entry.length, &CAT_JSON_CAPS, &kept, NULL);
    informer->epoch = ec_informer_epoch(cat_json_int_or(kept, "epoch", 0), cat_json_text(kept, "kubeSystemUid"),
                                        cat_json_text(kept, "resourceVersion"), informer->kube_system_uid, version);
    snprintf(informer->resource_version, sizeof informer->resource_version, "%s", version);
    return put_record(informer, version, error);
}
