/* What a row says of one vcluster's copy of its object: `clusters.{vcluster}`. */
#include "core/fold_entry.h"

#include "core/fold_details.h"
#include "domain/kinds.h"
#include "wire/kubernetes.h"

/* The generation that was last well, which tells a change from a mishap (fold_grace.h). What was deleted and made anew begins
 * with generation 1: it was well before the first. */
static void put_last_well(cat_string *out, cat_view object, const prj_fold_identity *id, cat_view row,
                          const prj_fold_standing *here)
{
    cat_view gone = cat_view_member(cat_view_member(row, "gone"), id->cluster);
    int64_t known =
        cat_view_int_or(prj_fold_remembered(row, id), "wellGeneration", cat_view_bool_or(gone, "well", false) ? 0 : -1);
    if (prj_fold_spell_of(here->status) != FOLD_SPELL_ILL)
        known = cat_view_int_or(object, "metadata.generation", 0);
    if (known >= 0)
        cat_write_int(out, "wellGeneration", known);
}

/* When its newest generation was seen; nothing when that is the first that was. */
static void put_generation_time(cat_string *out, const prj_fold_step *step, cat_view object, cat_view old)
{
    bool same = cat_view_int_or(old, "generation", 0) == cat_view_int_or(object, "metadata.generation", 0);
    prj_fold_put(out, "generationAt", same ? cat_view_text(old, "generationAt") : old.value ? step->time_text : NULL);
}

/* Events of before environment-controller told it have no `byHand`; a Pod shows it by itself. */
static bool is_bare_pod(const prj_fold_identity *id, cat_view object)
{
    return id->known == CAT_KIND_POD && cat_view_count(cat_view_get(object, "metadata.ownerReferences")) == 0 &&
           !cat_view_member(cat_view_get(object, "metadata.labels"), CAT_LABEL_FLUX_NAME).value;
}

/* What an entry says itself: of the event's other members those stay that this fold does not know. */
static const char *const OF_ENTRY[] = {"cluster",
                                       "kind",
                                       "group",
                                       "version",
                                       "namespace",
                                       "name",
                                       "object",
                                       "repair",
                                       "epoch",
                                       "uid",
                                       "status",
                                       "reason",
                                       "resourceVersion",
                                       "generation",
                                       "conditions",
                                       "observedGeneration",
                                       "ready",
                                       "next",
                                       "images",
                                       "message",
                                       "since",
                                       "replicas",
                                       "owner",
                                       "at",
                                       "drift",
                                       "hosts",
                                       "secure",
                                       "paths",
                                       "node",
                                       "restarts",
                                       "involved",
                                       "applied",
                                       "attempted",
                                       "suspended",
                                       "branch",
                                       "revision",
                                       "displayName",
                                       "wellGeneration",
                                       "missing",
                                       "byHand",
                                       "finished",
                                       "finishedAt",
                                       "startedAt",
                                       "succeededAt",
                                       "named",
                                       "attemptedAt",
                                       "reads",
                                       "notBuilt",
                                       "failedAt",
                                       "before",
                                       "storage",
                                       "fault",
                                       "attempts",
                                       "met",
                                       "scales",
                                       "madeAt",
                                       "ended",
                                       "madeOf",
                                       "newest",
                                       "unsettled",
                                       "again",
                                       "schedule",
                                       "involvedUid",
                                       "toldAt",
                                       "firstAt",
                                       "generationAt",
                                       "unregistered"};

void prj_fold_put_entry(cat_string *out, const prj_fold_step *step, const prj_fold_identity *id, cat_view data, cat_view object,
                        cat_view row, const cat_object_status *status, const prj_fold_standing *here)
{
    cat_write_begin(out, NULL, '{');
    cat_write_int(out, "epoch", id->epoch);
    prj_fold_put(out, "uid", id->uid);
    cat_write_text(out, "resourceVersion", id->resource_version);
    cat_write_int(out, "generation", cat_view_int_or(object, "metadata.generation", 0));
    cat_write_int(out, "observedGeneration", cat_view_int_or(object, "status.observedGeneration", 0));
    cat_write_bool(out, "ready", here->status == CAT_STATUS_RUNNING);
    prj_fold_put_words(out, here);
    if (status->wanted >= 0) {
        cat_write_begin(out, "replicas", '{');
        cat_write_int(out, "wanted", status->wanted);
        cat_write_int(out, "ready", status->ready < 0 ? 0 : status->ready);
        cat_write_end(out, '}');
    }
    if (status->missing > 0)
        cat_write_int(out, "missing", status->missing);
    put_last_well(out, object, id, row, here);
    put_generation_time(out, step, object, prj_fold_remembered(row, id));
    prj_fold_conditions(object, out);
    prj_fold_images(object, out);
    char owner[CAT_KEY_MAX];
    if (prj_fold_owner(object, owner))
        prj_fold_put(out, "owner", owner);
    cat_write_text(out, "at", step->time_text);
    prj_fold_put_drift(out, here);
    if (cat_view_bool_or(data, "byHand", false) || is_bare_pod(id, object))
        cat_write_bool(out, "byHand", true);
    prj_fold_details(
        &(prj_fold_look){object, prj_fold_remembered(row, id), step->time_text, here->status, here->reason, here->message},
        id->known, out);
    cat_write_members(out, data, OF_ENTRY, sizeof OF_ENTRY / sizeof *OF_ENTRY);
    cat_write_end(out, '}');
}
