/* Which kinds an informer watches: those of the table, and the claims that a vcluster's XRDs offer, each from when it is served
 * until its definition is gone. On a reconciler's worker but for the callbacks of the XRDs' watch. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "domain/kinds.h"
#include "informers/informer_internal.h"
#include "observe.h"

static const cat_resource XRD = {"apiextensions.crossplane.io", "v1", "CompositeResourceDefinition",
                                 "compositeresourcedefinitions", false};

static ec_kind_watch *add_kind(ec_informer *informer, const cat_resource *resource, bool optional)
{
    ec_kind_watch *kind = informer->kinds[informer->kind_count++] = cat_calloc(1, sizeof *kind);
    kind->informer = informer;
    kind->resource = *resource;
    kind->optional = optional;
    cat_kind_token(resource->kind, resource->group, kind->token, sizeof kind->token);
    kind->entries = cat_map_create(ec_informer_entry_release);
    return kind;
}

void ec_informer_add_table(ec_informer *informer)
{
    for (int i = 0; i < CAT_KIND_COUNT; i++) {
        const cat_kind_row *row = cat_kind_get((cat_kind)i);
        cat_watch watch = informer->is_management ? row->management : row->vcluster;
        if (watch == CAT_WATCH_NEVER)
            continue;
        ec_kind_watch *kind = add_kind(informer, &row->resource, watch == CAT_WATCH_SERVED);
        bool kustomization = i == CAT_KIND_KUSTOMIZATION;
        kind->is_flux = kustomization || i == CAT_KIND_GIT_REPOSITORY;
        kind->flux = kustomization ? cat_map_create(ec_informer_flux_release) : NULL;
    }
}

void ec_informer_kind_free(ec_kind_watch *kind)
{
    cat_kube_watch_stop(kind->watch);
    cat_map_destroy(kind->entries);
    cat_map_destroy(kind->flux);
    free(kind);
}

/* The claim that an XRD offers now under this kind's name. */
static bool offered(ec_informer *informer, const ec_kind_watch *kind, ec_claim *claim)
{
    pthread_mutex_lock(&informer->lock);
    size_t at = 0;
    const char *name;
    void *value;
    bool found = false;
    while (!found && cat_map_next(informer->claims, &at, &name, &value)) {
        const ec_claim *of = value;
        found = strcmp(of->group, kind->claim.group) == 0 && strcmp(of->kind, kind->claim.kind) == 0;
        if (found)
            *claim = *of;
    }
    pthread_mutex_unlock(&informer->lock);
    return found;
}

static void take_version(ec_kind_watch *kind, const ec_claim *claim)
{
    kind->claim = *claim;
    kind->resource = (cat_resource){kind->claim.group, kind->claim.version, kind->claim.kind, kind->claim.plural, true};
}

static void keep_first(cat_error *first, const cat_error *failed)
{
    if (!first->code)
        *first = *failed;
}

/* Kinds that XRDs offer and nobody knew of. Those that come later than the informer read the rows first, as all did at its start.
 */
static int add_claims(ec_informer *informer, bool seeded, cat_error *error)
{
    ec_claim new[EC_MAX_CLAIMS];
    size_t count = 0, at = 0;
    const char *name;
    void *value;
    pthread_mutex_lock(&informer->lock);
    while (cat_map_next(informer->claims, &at, &name, &value)) {
        const ec_claim *claim = value;
        char token[160];
        cat_kind_token(claim->kind, claim->group, token, sizeof token);
        if (!ec_informer_kind_of(informer, token) && informer->kind_count + count < EC_MAX_KINDS && count < EC_MAX_CLAIMS)
            new[count++] = *claim;
    }
    pthread_mutex_unlock(&informer->lock);
    cat_error first = {0};
    for (size_t i = 0; i < count; i++) {
        cat_resource resource = {new[i].group, new[i].version, new[i].kind, new[i].plural, true};
        ec_kind_watch *kind = add_kind(informer, &resource, true);
        kind->is_claim = true;
        take_version(kind, &new[i]);
        cat_error failed = {0};
        if (!seeded || ec_informer_read_rows(informer, kind->token, &failed) == 0)
            continue;
        ec_informer_kind_free(informer->kinds[--informer->kind_count]);
        keep_first(&first, &failed);
    }
    return first.code < 0 ? cat_error_copy(error, &first) : 0;
}

static int is_defined(const ec_informer *informer, const ec_kind_watch *kind, bool *defined, cat_error *error)
{
    cat_autofree char *name = cat_printf("%s.%s", kind->resource.plural, kind->resource.group);
    cat_autojson json_t *definition = NULL;
    cat_error failed = {0};
    int code = cat_kube_get(informer->kube, ec_resource("CustomResourceDefinition"), NULL, name, &definition, &failed);
    *defined = code == 0;
    return code == CAT_E_NOT_FOUND || code == 0 ? 0 : cat_error_copy(error, &failed);
}

static int look_at(ec_informer *informer, ec_kind_watch *kind, ec_claim *claim, ec_kind_state *state, cat_error *error)
{
    *state = (ec_kind_state){.watched = kind->watch, .failed = atomic_load(&kind->failed)};
    state->wanted = !kind->is_claim || offered(informer, kind, claim);
    state->moved = kind->is_claim && state->wanted && strcmp(claim->version, kind->claim.version) != 0;
    if (!kind->watch && state->moved)
        take_version(kind, claim);
    int code = 0;
    if (!kind->watch && !kind->optional)
        state->served = true;
    else if (!kind->watch && state->wanted)
        code = cat_kube_serves(informer->kube, &kind->resource, &state->served, error);
    bool doubtful = kind->watch ? state->failed || !state->wanted : !state->served && cat_map_count(kind->entries) > 0;
    bool defined = true;
    /* On the management cluster nobody may read definitions, and Flux stays. */
    if (code == 0 && kind->optional && doubtful && !informer->is_management)
        code = is_defined(informer, kind, &defined, error);
    state->gone = !defined;
    return code;
}

static int start_kind(ec_informer *informer, ec_kind_watch *kind, cat_error *error)
{
    cat_kube_watch_handlers handlers = ec_informer_kind_handlers;
    handlers.context = kind;
    atomic_store(&kind->failed, false);
    return cat_kube_watch_start(informer->controller->watcher, informer->kube,
                                &(cat_kube_selection){&kind->resource, informer->is_management ? informer->organization : NULL},
                                &handlers, &kind->watch, error);
}

static void stop_kind(ec_kind_watch *kind)
{
    cat_kube_watch_stop(kind->watch);
    kind->watch = NULL;
    kind->listed_once = false;
}

/* What a list would lack; the definition's own end is later than that of its objects, so what was seen last is. */
static void end_kind(ec_informer *informer, ec_kind_watch *kind)
{
    stop_kind(kind);
    char version[32];
    pthread_mutex_lock(&informer->lock);
    strcpy(version, informer->resource_version);
    pthread_mutex_unlock(&informer->lock);
    kind->round++;
    ec_informer_kind_handlers.on_listed(kind, version);
    if (kind->flux)
        cat_map_clear(kind->flux);
    atomic_store(&kind->failed, false);
    cat_log_info("a kind is not there any more", CAT_FIELD("cluster", informer->cluster), CAT_FIELD("kind", kind->token));
}

static void forget_kind(ec_informer *informer, size_t index)
{
    ec_informer_kind_free(informer->kinds[index]);
    informer->kinds[index] = informer->kinds[--informer->kind_count];
}

static int update_kind(ec_informer *informer, size_t index, bool *forgotten, cat_error *error)
{
    ec_kind_watch *kind = informer->kinds[index];
    ec_kind_state state;
    ec_claim claim = {0};
    int code = look_at(informer, kind, &claim, &state, error);
    if (code < 0)
        return code;
    switch (ec_kind_decide(&state)) {
    case EC_KIND_KEEP:
        return 0;
    case EC_KIND_RENEW:
        stop_kind(kind);
        take_version(kind, &claim);
        return start_kind(informer, kind, error);
    case EC_KIND_START:
        return start_kind(informer, kind, error);
    case EC_KIND_END:
        end_kind(informer, kind);
        return 0;
    case EC_KIND_FORGET:
        *forgotten = true;
        forget_kind(informer, index);
        return 0;
    }
    return 0;
}

/* XRDs. */

static bool same_claim(const ec_claim *a, const ec_claim *b)
{
    return strcmp(a->group, b->group) == 0 && strcmp(a->version, b->version) == 0 && strcmp(a->kind, b->kind) == 0 &&
           strcmp(a->plural, b->plural) == 0;
}

/* An XRD that went while nobody watched is not in the list that follows. */
static void on_xrds_begin(void *context)
{
    ec_informer *informer = context;
    pthread_mutex_lock(&informer->lock);
    cat_map_clear(informer->claims);
    pthread_mutex_unlock(&informer->lock);
}

/* What Applications may bring has changed. With the informer's lock. */
static void tell_applications(const ec_informer *informer)
{
    size_t at = 0;
    const char *name;
    void *value;
    while (cat_map_next(informer->namespaces, &at, &name, &value)) {
        const ec_namespace *of = value;
        ec_informer_trigger(informer, EC_ON_CLAIMS, CAT_WATCH_MODIFIED, of->application);
    }
}

static void on_xrd(void *context, cat_watch_kind what, cat_view object)
{
    ec_informer *informer = context;
    const char *name = ec_event_identity(object).name;
    ec_claim claim;
    bool offers = what != CAT_WATCH_DELETED && ec_claim_of(object, &claim);
    pthread_mutex_lock(&informer->lock);
    const ec_claim *known = cat_map_get(informer->claims, name);
    bool full = !known && cat_map_count(informer->claims) >= EC_MAX_CLAIMS;
    bool changed = offers ? !full && !(known && same_claim(known, &claim)) : known != NULL;
    if (offers && changed)
        cat_map_set(informer->claims, name, cat_memdup(&claim, sizeof claim));
    else if (!offers)
        cat_map_remove(informer->claims, name);
    if (changed && what != CAT_WATCH_LISTED)
        tell_applications(informer);
    pthread_mutex_unlock(&informer->lock);
    if (offers && full)
        cat_log_warning("a vcluster has more XRDs with claims than are watched", CAT_FIELD("cluster", informer->cluster),
                        CAT_FIELD("definition", name), CAT_FIELD_INT("most", EC_MAX_CLAIMS));
    /* Also when it stays the same: Crossplane may just have made the claim's definition. */
    ec_informer_trigger(informer, EC_ON_XRD, what, NULL);
}

static void on_xrds_listed(void *context, const char *resource_version)
{
    (void)resource_version;
    ec_informer *informer = context;
    pthread_mutex_lock(&informer->lock);
    informer->claims_listed = true;
    tell_applications(informer);
    pthread_cond_broadcast(&informer->listed);
    pthread_mutex_unlock(&informer->lock);
    ec_informer_trigger(informer, EC_ON_XRD, CAT_WATCH_MODIFIED, NULL);
}

static void on_xrd_error(void *context, const cat_error *error)
{
    ec_informer *informer = context;
    if (error->code == CAT_E_NOT_FOUND) {
        atomic_store(&informer->xrds_failed, true);
        return;
    }
    cat_log_warning("watching XRDs", CAT_FIELD("cluster", informer->cluster), CAT_FIELD_ERROR(error));
}

/* Crossplane that came or went. */
static int update_xrds(ec_informer *informer, cat_error *error)
{
    if (atomic_exchange(&informer->xrds_failed, false)) {
        cat_kube_watch_stop(informer->claim_watch);
        informer->claim_watch = NULL;
        pthread_mutex_lock(&informer->lock);
        cat_map_clear(informer->claims);
        pthread_mutex_unlock(&informer->lock);
    }
    bool served = false;
    int code = informer->claim_watch || informer->is_management ? 0 : cat_kube_serves(informer->kube, &XRD, &served, error);
    if (code < 0 || !served)
        return code;
    cat_kube_watch_handlers handlers = {.on_list_start = on_xrds_begin,
                                        .on_object = on_xrd,
                                        .on_listed = on_xrds_listed,
                                        .on_error = on_xrd_error,
                                        .context = informer};
    informer->claims_listed = false;
    code = cat_kube_watch_start(informer->controller->watcher, informer->kube, &(cat_kube_selection){&XRD}, &handlers,
                                &informer->claim_watch, error);
    return code < 0 ? code : ec_informer_wait_listed(informer, &informer->claims_listed, "XRDs", error);
}

/* Who made notification-controller's definitions wants its objects at once, also where they were once before. */
static int look_for_notifications(ec_informer *informer, cat_error *error)
{
    if (informer->is_management)
        return 0;
    bool alerts = false, served = false, before = informer->has_notifications;
    int code = cat_kube_serves(informer->kube, ec_resource("Alert"), &alerts, error);
    if (code == 0 && alerts)
        code = cat_kube_serves(informer->kube, ec_resource("Provider"), &served, error);
    if (code < 0)
        return code;
    informer->has_notifications = served;
    for (size_t i = 0; i < informer->environment_count && served && !before; i++)
        ec_queue_add(informer->controller->queue, "Environment", informer->organization, informer->environments[i]);
    return 0;
}

int ec_informer_know_kinds(ec_informer *informer, cat_error *error)
{
    int code = update_xrds(informer, error);
    return code < 0 ? code : add_claims(informer, false, error);
}

int ec_informer_update_kinds(ec_informer *informer, cat_error *error)
{
    int code = update_xrds(informer, error);
    if (code == 0)
        code = add_claims(informer, true, error);
    if (code < 0)
        return code;
    /* A kind that cannot be looked at or watched holds up no other. */
    cat_error first = {0};
    for (size_t i = 0; i < informer->kind_count;) {
        bool forgotten = false;
        cat_error failed = {0};
        if (update_kind(informer, i, &forgotten, &failed) < 0)
            keep_first(&first, &failed);
        i += forgotten ? 0 : 1;
    }
    cat_error failed = {0};
    if (look_for_notifications(informer, &failed) < 0)
        keep_first(&first, &failed);
    return first.code < 0 ? cat_error_copy(error, &first) : 0;
}

bool ec_informer_awaits_kinds(const ec_informer *informer)
{
    for (size_t i = 0; i < informer->kind_count; i++)
        if (!informer->kinds[i]->watch && (informer->kinds[i]->is_flux || informer->kinds[i]->is_claim))
            return true;
    return false;
}
