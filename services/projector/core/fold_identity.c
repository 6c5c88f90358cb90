/* Which object an event tells of, and whether it is newer than what the row knows of it. Within a vcluster the order is (epoch,
 * resourceVersion, deleted). */
#include "core/fold_identity.h"

#include <string.h>

#include "base/string.h"
#include "wire/kubernetes.h"
#include "wire/subjects.h"

int prj_fold_identity_read(cat_view data, prj_fold_identity *id, cat_error *error)
{
    *id = (prj_fold_identity){
        .cluster = cat_view_text(data, "cluster"),
        .uid = cat_view_text_or(data, "uid", ""),
        .resource_version = cat_view_text(data, "resourceVersion"),
        .kind = cat_view_text(data, "kind"),
        .group = cat_view_text_or(data, "group", ""),
        .namespace = cat_view_text_or(data, "namespace", ""),
        .name = cat_view_text(data, "name"),
        .epoch = cat_view_int_or(data, "epoch", -1),
    };
    if (!id->cluster || !*id->cluster || !id->resource_version || !*id->resource_version || !id->kind || !*id->kind ||
        !id->name || !*id->name || id->epoch < 0)
        return cat_error_set(error, CAT_E_INVALID, "an object needs cluster, epoch, resourceVersion, kind and name");
    if (strlen(id->cluster) > 253 || strlen(id->uid) > 128 || strlen(id->resource_version) > 64)
        return cat_error_set(error, CAT_E_TOO_LARGE, "cluster, uid or resourceVersion is longer than any of Kubernetes");
    cat_kind_token(id->kind, id->group, id->token, sizeof id->token);
    id->known = cat_kind_of_token(cat_slice_of(id->token));
    if (strcmp(id->token, "application") == 0 || strcmp(id->token, "repository") == 0 || strcmp(id->token, "operation") == 0)
        return cat_error_set(error, CAT_E_INVALID, "kind %s of the built-in groups does not exist", id->token);
    return cat_key_make(id->token, id->namespace, id->name, id->key, error);
}

/* Below, equal or above what is known. A delete stands above the object of its own resourceVersion. */
static int compare(cat_view known, bool known_deleted, const prj_fold_identity *id, bool deleted)
{
    int64_t epoch = cat_view_int_or(known, "epoch", -1);
    if (epoch != id->epoch)
        return epoch < id->epoch ? 1 : -1;
    int order = cat_resource_version_compare(id->resource_version, cat_view_text_or(known, "resourceVersion", "0"));
    return order ? order : (int)deleted - (int)known_deleted;
}

bool prj_fold_is_stale(cat_view row, const prj_fold_identity *id, bool deleted)
{
    cat_view here = cat_view_member(cat_view_member(row, "clusters"), id->cluster);
    cat_view gone = cat_view_member(cat_view_member(row, "gone"), id->cluster);
    return (here.value && compare(here, false, id, deleted) <= 0) || (gone.value && compare(gone, true, id, deleted) <= 0);
}

cat_view prj_fold_remembered(cat_view row, const prj_fold_identity *id)
{
    cat_view old = cat_view_member(cat_view_member(row, "clusters"), id->cluster);
    return cat_text_equal(cat_view_text_or(old, "uid", ""), id->uid) ? old : (cat_view){NULL};
}
