#include "core/plan_volumes.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/plan_facts.h"
#include "domain/volume_growth.h"

#define MAX_LEFT 64
/* fluxcd.io/flux/components/kustomize/kustomizations, "Controlling the apply behavior of resources": it counts on the object that
 * is there, too. */
#define FLUX_RECONCILE "kustomize.toolkit.fluxcd.io/reconcile"

/* The claim that Flux was refused at this commit; "" for none. */
static void refused_at(const json_t *kustomization, const char *commit, char name[CAT_VOLUME_NAME_MAX])
{
    char namespace[CAT_VOLUME_NAME_MAX];
    const json_t *ready = cat_condition_find(kustomization, "Ready");
    const char *attempted = ec_commit_of_revision(cat_json_text(kustomization, "status.lastAttemptedRevision"));
    bool is_so = commit && cat_text_equal(attempted, commit) && cat_text_equal(cat_json_text(ready, "status"), "False") &&
                 cat_volume_refused(cat_json_text(ready, "message"), namespace, name) &&
                 cat_text_equal(namespace, cat_object_name(kustomization));
    if (!is_so)
        *name = '\0';
}

static void names_of(const json_t *kustomization, cat_strings *names)
{
    cat_autofree char *text = cat_strdup(
        cat_object_annotation(kustomization, EC_ANNOTATION_LEFT) ? cat_object_annotation(kustomization, EC_ANNOTATION_LEFT) : "");
    char *rest = NULL;
    for (char *name = strtok_r(text, " ", &rest); name && names->count < MAX_LEFT; name = strtok_r(NULL, " ", &rest))
        if (!cat_strings_has(names, name))
            cat_strings_add(names, name);
}

/* `commit` NULL: Flux may have it. */
static void annotate(ec_plan *plan, ec_section section, const char *cluster, const char *namespace, const char *name,
                     const char *commit)
{
    json_t *patch = ec_object("v1", "PersistentVolumeClaim", namespace, name, NULL);
    json_t *annotations = json_object();
    json_object_set_new(annotations, FLUX_RECONCILE, commit ? json_string("disabled") : json_null());
    json_object_set_new(annotations, CAT_ANNOTATION_LARGER, commit ? json_string(commit) : json_null());
    cat_json_set(patch, "metadata.annotations", annotations);
    ec_patch(plan, section, cluster, patch);
}

static const json_t *claim_of(ec_plan *plan, const ec_observed *observed, const char *cluster, const json_t *kustomization,
                              const char *name)
{
    return ec_look(plan, observed, cluster, "PersistentVolumeClaim", cat_object_name(kustomization), name);
}

/* Since which commit Flux is kept from it; NULL: it is not. */
static const char *kept_since(const json_t *claim)
{
    return claim ? cat_object_annotation(claim, CAT_ANNOTATION_LARGER) : NULL;
}

char *ec_volumes_release(ec_plan *plan, const ec_observed *observed, const char *cluster, const json_t *kustomization,
                         const char *commit)
{
    cat_auto(cat_strings) names = {0};
    cat_auto(cat_string) left = CAT_STRING((size_t)MAX_LEFT * CAT_VOLUME_NAME_MAX + 1);
    char refused[CAT_VOLUME_NAME_MAX];
    if (!kustomization)
        return NULL;
    names_of(kustomization, &names);
    refused_at(kustomization, commit, refused);
    if (*refused && !cat_strings_has(&names, refused) && names.count < MAX_LEFT)
        cat_strings_add(&names, refused);
    for (size_t i = 0; i < names.count; i++) {
        const json_t *claim = claim_of(plan, observed, cluster, kustomization, names.items[i]);
        const char *since = kept_since(claim);
        bool is_refused = claim && strcmp(names.items[i], refused) == 0;
        if (!since && !is_refused)
            continue; /* it went, or is Flux's again */
        if (since && !is_refused && !cat_text_equal(since, commit))
            annotate(plan, EC_FLUX, cluster, cat_object_name(kustomization), names.items[i], NULL);
        cat_string_appendf(&left, "%s%s", left.length ? " " : "", names.items[i]);
    }
    bool written = left.length || cat_object_annotation(kustomization, EC_ANNOTATION_LEFT);
    return written ? cat_strdup(cat_string_get(&left)) : NULL;
}

void ec_volumes_keep(ec_plan *plan, const ec_observed *observed, const char *cluster, const json_t *kustomization,
                     const char *commit, int64_t now_s)
{
    char refused[CAT_VOLUME_NAME_MAX], now[CAT_TIME_TEXT_MAX];
    refused_at(kustomization, commit, refused);
    const json_t *claim = *refused ? claim_of(plan, observed, cluster, kustomization, refused) : NULL;
    if (!claim || cat_text_equal(kept_since(claim), commit))
        return;
    const char *namespace = cat_object_name(kustomization);
    annotate(plan, EC_FLUX, cluster, namespace, refused, commit);
    cat_time_format(now_s * 1000, now);
    json_t *ask = ec_object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", EC_FLUX_NAMESPACE, namespace, NULL);
    cat_object_set_annotation(ask, EC_ANNOTATION_REQUESTED, now);
    ec_patch(plan, EC_FLUX, cluster, ask);
}

void ec_volumes_release_all(ec_plan *plan, const ec_observed *observed, const char *cluster, const json_t *kustomization)
{
    cat_auto(cat_strings) names = {0};
    names_of(kustomization, &names);
    for (size_t i = 0; i < names.count; i++)
        if (kept_since(claim_of(plan, observed, cluster, kustomization, names.items[i])))
            annotate(plan, EC_REMOVAL, cluster, cat_object_name(kustomization), names.items[i], NULL);
}
