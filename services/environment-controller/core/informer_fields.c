#include "core/informer_fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/string.h"
#include "wire/digest.h"
#include "wire/kubernetes.h"

#define FLUX_MANAGER "kustomize-controller"
/* Of Kubernetes' own controllers only autoscalers write through `scale`. */
#define AUTOSCALER "kube-controller-manager"
#define HASH_START 2166136261u
/* Items of lists that are looked at for one object: to find a thousand of a thousand by their keys is not worth what it takes,
 * and the watcher's threads are everybody's. Beyond, the object is not judged. */
#define MAX_STEPS 20000
/* Kubernetes nests no deeper than this in what it manages; a path beyond is left out. */
#define MAX_DEPTH 48
/* Kubernetes keeps no manager of a field that was set to nothing through `scale`. */
#define SCALE_CLIENT "kubectl scale (or another client of scale)"
/* Later than every time. */
#define NO_TIME "no time"

static uint32_t hash_bytes(uint32_t hash, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 16777619u; /* FNV-1a: what it tells apart is one object's own */
    return hash;
}

static uint32_t hash_step(uint32_t path, const char *element)
{
    return hash_bytes(path, element, strlen(element) + 1);
}

static uint32_t hash_value(cat_view value)
{
    cat_autofree char *text = cat_view_format(value);
    return hash_bytes(HASH_START, text, strlen(text));
}

/* --- where an element of a path leads --- */

static bool same_value(cat_view value, cat_view other)
{
    cat_autofree char *a = cat_view_format(value), *b = cat_view_format(other);
    return strcmp(a, b) == 0;
}

static bool has_members(cat_view item, cat_view members)
{
    const char *name;
    cat_view wanted;
    cat_view_iterator each = cat_view_each(members);
    while (cat_view_next(&each, &name, &wanted)) {
        cat_view there = cat_view_member(item, name);
        if (!there.value || !same_value(there, wanted))
            return false;
    }
    return true;
}

/* The item of a list with these keys (`k:`), or that is this value (`v:`). */
static cat_view item_of(cat_view list, const char *text, bool is_key, size_t *steps_left)
{
    cat_document *document __attribute__((cleanup(cat_document_destroy_cleanup))) = NULL;
    cat_view item, none = {NULL};
    if (!cat_view_is_array(list) || cat_document_parse(text, strlen(text), &CAT_JSON_CAPS, &document, NULL) < 0)
        return none;
    cat_view wanted = cat_document_root(document);
    cat_view_iterator each = cat_view_each(list);
    while (*steps_left && cat_view_next(&each, NULL, &item)) {
        (*steps_left)--;
        if (is_key ? has_members(item, wanted) : same_value(item, wanted))
            return item;
    }
    return none;
}

static cat_view item_at(cat_view list, const char *index)
{
    cat_view item, none = {NULL};
    size_t at = strtoul(index, NULL, 10);
    cat_view_iterator each = cat_view_each(list);
    while (cat_view_is_array(list) && cat_view_next(&each, NULL, &item))
        if (at-- == 0)
            return item;
    return none;
}

static cat_view follow(cat_view value, const char *element, size_t *steps_left)
{
    cat_view none = {NULL};
    if (!value.value || !element[0] || element[1] != ':')
        return none;
    switch (element[0]) {
    case 'f':
        return cat_view_is_object(value) ? cat_view_member(value, element + 2) : none;
    case 'k':
    case 'v':
        return item_of(value, element + 2, element[0] == 'k', steps_left);
    case 'i':
        return item_at(value, element + 2);
    default:
        return none;
    }
}

/* --- walking what a manager owns --- */

typedef void (*on_field)(void *context, uint32_t path, uint32_t value);
typedef struct {
    on_field each_field;
    void *context;
    size_t steps_left;
} walk;

/* Each leaf that is owned and there. */
static void walk_owned(walk *by, cat_view owned, cat_view value, uint32_t path, int depth)
{
    const char *element;
    cat_view below;
    cat_view_iterator each = cat_view_each(owned);
    while (depth < MAX_DEPTH && by->steps_left && value.value && cat_view_next(&each, &element, &below)) {
        uint32_t here = hash_step(path, element);
        if (strcmp(element, ".") == 0) {
            by->each_field(by->context, here, 1);
            continue;
        }
        cat_view found = follow(value, element, &by->steps_left);
        if (!found.value)
            continue;
        if (cat_view_count(below) == 0)
            by->each_field(by->context, here, hash_value(found));
        else
            walk_owned(by, below, found, here, depth + 1);
    }
}

/* Each member that is reached by names alone: what is written through `scale` is owned by nobody and still has its place. */
static void walk_members(walk *by, cat_view value, uint32_t path, int depth)
{
    const char *name;
    cat_view member;
    cat_view_iterator each = cat_view_each(value);
    while (depth < MAX_DEPTH && cat_view_next(&each, &name, &member)) {
        cat_autofree char *element = cat_printf("f:%s", name);
        uint32_t here = hash_step(path, element);
        if (depth == 0 && (strcmp(name, "status") == 0))
            continue;
        if (strcmp(name, "managedFields") == 0)
            continue;
        by->each_field(by->context, here, hash_value(member));
        if (cat_view_is_object(member))
            walk_members(by, member, here, depth + 1);
    }
}

static bool is_flux(cat_view entry)
{
    return strcmp(cat_view_text_or(entry, "manager", ""), FLUX_MANAGER) == 0 &&
           strcmp(cat_view_text_or(entry, "operation", "Apply"), "Apply") == 0 && !*cat_view_text_or(entry, "subresource", "");
}

static cat_view entry_of_flux(cat_view object)
{
    cat_view entry, none = {NULL};
    cat_view_iterator each = cat_view_each(cat_view_get(object, "metadata.managedFields"));
    while (cat_view_next(&each, NULL, &entry))
        if (is_flux(entry))
            return entry;
    return none;
}

/* --- what Flux owns now --- */

typedef struct {
    ec_field *items;
    size_t count;
} fields;

static void keep_field(void *context, uint32_t path, uint32_t value)
{
    fields *kept = context;
    if (kept->count < EC_FIELDS_MAX)
        kept->items[kept->count++] = (ec_field){path, value};
}

static int by_path(const void *a, const void *b)
{
    const ec_field *left = a, *right = b;
    return (left->path > right->path) - (left->path < right->path);
}

/* NULL: it owns nothing, or never did, or (`*too_much`) more than can be looked at. */
static ec_fields *read_fields(cat_view object, bool *too_much)
{
    cat_view entry = entry_of_flux(object);
    if (!entry.value)
        return NULL;
    cat_autofree ec_field *items = cat_calloc(EC_FIELDS_MAX, sizeof *items);
    fields kept = {items, 0};
    walk by = {keep_field, &kept, MAX_STEPS};
    walk_owned(&by, cat_view_get(entry, "fieldsV1"), object, HASH_START, 0);
    *too_much = by.steps_left == 0;
    if (*too_much)
        return NULL;
    qsort(items, kept.count, sizeof *items, by_path);
    ec_fields *made = cat_calloc(1, sizeof *made + kept.count * sizeof *items);
    snprintf(made->at, sizeof made->at, "%s", cat_view_text_or(entry, "time", ""));
    made->count = (uint32_t)kept.count;
    if (kept.count)
        memcpy(made->fields, items, kept.count * sizeof *items);
    return made;
}

ec_fields *ec_fields_kept(const char *at, const char *digest)
{
    if (!at || !digest || strlen(digest) != EC_FIELDS_DIGEST_MAX - 1)
        return NULL;
    ec_fields *made = cat_calloc(1, sizeof *made);
    snprintf(made->at, sizeof made->at, "%s", at);
    snprintf(made->digest, sizeof made->digest, "%s", digest);
    return made;
}

static void digest_of(const ec_fields *applied, const unsigned char *key, char digest[EC_FIELDS_DIGEST_MAX])
{
    char hex[CAT_SHA256_HEX];
    cat_hmac_sha256_hex(key, EC_FIELDS_KEY_BYTES, (const char *)applied->fields, applied->count * sizeof *applied->fields, hex);
    snprintf(digest, EC_FIELDS_DIGEST_MAX, "%.*s", EC_FIELDS_DIGEST_MAX - 1, hex);
}

/* --- who did it --- */

/* Who writes objects as part of how Kubernetes and its operators work. */
static bool is_controller(const char *manager)
{
    static const char *const known[] = {
        "kube-controller-manager", "kube-scheduler",   "kubelet",  "kube-apiserver", "kwok", "helm-controller",
        "source-controller",       "external-secrets", "catalyst", "vcluster",       "keda", FLUX_MANAGER};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (cat_text_starts_with(manager, known[i]))
            return true;
    return false;
}

/* The last one who wrote, and is neither Flux nor a controller. RFC 3339 in UTC, to the second: text order is time order. A
 * change through `scale` says no time: it is taken for the last. */
static cat_view last_person(cat_view object)
{
    cat_view entry, last = {NULL};
    const char *last_at = "";
    cat_view_iterator each = cat_view_each(cat_view_get(object, "metadata.managedFields"));
    while (cat_view_next(&each, NULL, &entry)) {
        const char *at = cat_view_text_or(entry, "time", NO_TIME);
        if (strcmp(cat_view_text_or(entry, "subresource", ""), "status") == 0 ||
            is_controller(cat_view_text_or(entry, "manager", "")) || strcmp(at, last_at) <= 0)
            continue;
        last = entry;
        last_at = at;
    }
    return last;
}

static bool is_after(cat_view entry, const char *at)
{
    return entry.value && strcmp(cat_view_text_or(entry, "time", NO_TIME), at) >= 0;
}

bool ec_fields_is_applied(cat_view object)
{
    return entry_of_flux(object).value != NULL;
}

/* Names that operators give themselves (client-go's user agent is the program's name). */
static bool is_operator(const char *manager)
{
    return strstr(manager, "operator") || strstr(manager, "controller") || strstr(manager, "manager");
}

bool ec_fields_is_by_hand(cat_view object)
{
    cat_view labels = cat_view_get(object, "metadata.labels"), entry;
    /* `kubectl create job --from=cronjob/…` makes a run that is no run of the CronJob's schedule. */
    if (cat_text_equal(
            cat_view_text(cat_view_member(cat_view_get(object, "metadata.annotations"), "cronjob.kubernetes.io/instantiate"),
                          NULL),
            "manual"))
        return true;
    if (cat_view_count(cat_view_get(object, "metadata.ownerReferences")) > 0 || ec_fields_is_applied(object) ||
        cat_view_member(labels, CAT_LABEL_FLUX_NAME).value || cat_view_member(labels, CAT_LABEL_APPLICATION).value)
        return false;
    cat_view_iterator each = cat_view_each(cat_view_get(object, "metadata.managedFields"));
    while (cat_view_next(&each, NULL, &entry)) {
        const char *manager = cat_view_text_or(entry, "manager", "");
        if (strcmp(cat_view_text_or(entry, "subresource", ""), "status") != 0 && !is_controller(manager) && !is_operator(manager))
            return true;
    }
    return false;
}

bool ec_fields_doubtful(cat_view object)
{
    cat_view flux = entry_of_flux(object);
    return flux.value && is_after(last_person(object), cat_view_text_or(flux, "time", ""));
}

/* --- what differs --- */

enum { LOST, HELD, SAME, CHANGED };

typedef struct {
    const ec_fields *applied;
    unsigned char *states;   /* of each field */
    cat_view owner, changer; /* whose fields are walked; who has a changed one now */
    uint32_t mark;
    bool by_flux;
    bool unowned; /* a changed one that nobody owns: written through `scale`, as everything else that writes owns what it wrote */
} comparison;

static void compare_field(void *context, uint32_t path, uint32_t value)
{
    comparison *now = context;
    const ec_field wanted = {path, 0};
    const ec_field *found = bsearch(&wanted, now->applied->fields, now->applied->count, sizeof *now->applied->fields, by_path);
    if (!found)
        return;
    unsigned char *state = &now->states[found - now->applied->fields];
    if (now->by_flux)
        *state = HELD;
    else if (*state != HELD)
        *state = found->value == value ? SAME : CHANGED;
    if (*state != CHANGED)
        return;
    now->mark = hash_bytes(now->mark, (const char *)&path, sizeof path);
    now->mark = hash_bytes(now->mark, (const char *)&value, sizeof value);
    if (now->owner.value)
        now->changer = now->owner;
    now->unowned |= !now->owner.value;
}

/* False: it is more than can be looked at. Fields that Flux still owns have the value that it gave them; of the others the
 * present value counts. */
static bool compare(cat_view object, comparison *now)
{
    walk by = {compare_field, now, MAX_STEPS};
    cat_view entry;
    cat_view_iterator each = cat_view_each(cat_view_get(object, "metadata.managedFields"));
    now->by_flux = true;
    walk_owned(&by, cat_view_get(entry_of_flux(object), "fieldsV1"), object, HASH_START, 0);
    now->by_flux = false;
    walk_members(&by, object, HASH_START, 0);
    while (cat_view_next(&each, NULL, &entry)) {
        if (is_flux(entry) || strcmp(cat_view_text_or(entry, "subresource", ""), "status") == 0)
            continue;
        now->owner = entry;
        walk_owned(&by, cat_view_get(entry, "fieldsV1"), object, HASH_START, 0);
    }
    return by.steps_left > 0;
}

/* `unowned`: what was changed belongs to nobody now. */
static void name_actor(cat_view object, const char *applied_at, cat_view changer, bool unowned, ec_drift *drift)
{
    const char *by = unowned ? SCALE_CLIENT : "somebody";
    /* Who wrote last need not have written through `scale`. */
    cat_view person = unowned ? (cat_view){NULL} : last_person(object);
    cat_view actor = changer.value ? changer : is_after(person, applied_at) ? person : (cat_view){NULL};
    snprintf(drift->manager, sizeof drift->manager, "%s", cat_view_text_or(actor, "manager", by));
    snprintf(drift->at, sizeof drift->at, "%s", cat_view_text_or(actor, "time", ""));
}

static bool is_autoscaler(cat_view changer)
{
    return cat_text_equal(cat_view_text(changer, "manager"), AUTOSCALER) &&
           cat_text_equal(cat_view_text(changer, "subresource"), "scale");
}

/* Whether fields that Flux owned are lost to it with another value, or gone. */
static bool differs(const ec_fields *applied, cat_view object, ec_drift *drift)
{
    cat_autofree unsigned char *states = cat_calloc(applied->count + 1, 1);
    comparison now = {.applied = applied, .states = states, .mark = HASH_START};
    if (!compare(object, &now))
        return false;
    uint32_t found = 0;
    for (uint32_t i = 0; i < applied->count; i++) {
        if (states[i] != LOST && states[i] != CHANGED)
            continue;
        found++;
        if (states[i] == LOST)
            now.mark = hash_bytes(now.mark, (const char *)&applied->fields[i].path, sizeof applied->fields[i].path);
    }
    if (found == 0)
        return false;
    drift->scaled = found == 1 && is_autoscaler(now.changer);
    name_actor(object, applied->at, now.changer, now.unowned && !now.changer.value, drift);
    drift->mark = now.mark ? now.mark : 1;
    return true;
}

/* --- what was added --- */

/* Where an object tells Flux to leave alone what others set (kustomize-controller, annotations of objects). */
static bool is_left_alone(cat_view object)
{
    cat_view annotations = cat_view_get(object, "metadata.annotations");
    const char *how = cat_view_text(cat_view_member(annotations, "kustomize.toolkit.fluxcd.io/ssa"), NULL);
    return (how && strcmp(how, "Override") != 0) ||
           cat_text_equal(cat_view_text(cat_view_member(annotations, "kustomize.toolkit.fluxcd.io/reconcile"), NULL), "disabled");
}

/* Flux takes over what kubectl set, and takes it away when Git does not have it (kustomize-controller, DisallowedManagers). A
 * restart that somebody asked for is to happen: it stays until Flux comes by. */
static bool is_taken_away(cat_view entry)
{
    const char *manager = cat_view_text_or(entry, "manager", "");
    return cat_text_starts_with(manager, "kubectl") && strcmp(manager, "kubectl-rollout") != 0 &&
           !*cat_view_text_or(entry, "subresource", "");
}

typedef struct {
    const ec_fields *applied;
    uint32_t mark; /* 0: nothing was added */
} addition;

static void note_added(void *context, uint32_t path, uint32_t value)
{
    addition *now = context;
    const ec_field wanted = {path, 0};
    if (bsearch(&wanted, now->applied->fields, now->applied->count, sizeof *now->applied->fields, by_path))
        return;
    now->mark = hash_bytes(now->mark ? now->mark : HASH_START, (const char *)&path, sizeof path);
    now->mark = hash_bytes(now->mark, (const char *)&value, sizeof value) | 1;
}

/* What somebody set that Flux never did: a variable, a container. Labels and annotations of the object itself change nothing that
 * runs. */
static void find_added(const ec_fields *applied, cat_view object, ec_drift *drift)
{
    cat_view entry, below;
    const char *element;
    walk by = {note_added, NULL, MAX_STEPS};
    cat_view_iterator each = cat_view_each(cat_view_get(object, "metadata.managedFields"));
    while (!is_left_alone(object) && cat_view_next(&each, NULL, &entry)) {
        addition now = {.applied = applied};
        by.context = &now;
        cat_view_iterator members = cat_view_each(cat_view_get(entry, "fieldsV1"));
        while (is_taken_away(entry) && cat_view_next(&members, &element, &below))
            if (strcmp(element, "f:metadata") != 0 && strcmp(element, "f:status") != 0)
                walk_owned(&by, below, follow(object, element, &by.steps_left), hash_step(HASH_START, element), 1);
        if (now.mark == 0 || by.steps_left == 0)
            continue;
        snprintf(drift->manager, sizeof drift->manager, "%s", cat_view_text_or(entry, "manager", ""));
        snprintf(drift->at, sizeof drift->at, "%s", cat_view_text_or(entry, "time", ""));
        drift->mark = now.mark;
    }
}

static bool covers(const ec_fields *now, const ec_fields *applied)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < applied->count; i++) {
        while (at < now->count && now->fields[at].path < applied->fields[i].path)
            at++;
        if (at == now->count || now->fields[at].path != applied->fields[i].path)
            return false;
    }
    return true;
}

static void adopt(ec_fields **applied, ec_fields *now)
{
    free(*applied);
    *applied = now;
}

/* After a start only a digest is known: whether anything was lost meanwhile, not what. */
static bool differs_from_kept(const ec_fields *kept, const ec_fields *now, cat_view object, const unsigned char *key,
                              ec_drift *drift)
{
    char digest[EC_FIELDS_DIGEST_MAX] = "";
    if (now)
        digest_of(now, key, digest);
    if (strcmp(digest, kept->digest) == 0)
        return false;
    name_actor(object, kept->at, (cat_view){NULL}, false, drift);
    drift->mark = hash_step(HASH_START, digest) | 1;
    return true;
}

void ec_fields_judge(ec_fields **applied, cat_view object, const unsigned char key[EC_FIELDS_KEY_BYTES], ec_drift *drift)
{
    *drift = (ec_drift){0};
    bool too_much = false;
    ec_fields *now = read_fields(object, &too_much);
    const ec_fields *before = *applied;
    if (too_much)
        adopt(applied, NULL);
    if (too_much || (!before && !now))
        return;
    /* A field that Flux still owns was written by nobody else: what it owns entirely is as it applied it, also within one second.
     */
    bool anew = !before || (now && strcmp(now->at, before->at) != 0) || (now && before->count && covers(now, before));
    bool known = before && before->count && now && strcmp(now->at, before->at) == 0;
    if (!anew)
        anew = !before->count && !differs_from_kept(before, now, object, key, drift);
    if (anew && now)
        adopt(applied, now);
    else if (before->count)
        differs(before, object, drift);
    if (!anew || !now)
        free(now);
    /* When it applies it takes over what it finds, so that only what came later was added. */
    if (known && drift->mark == 0)
        find_added(*applied, object, drift);
}

bool ec_fields_digest(const ec_fields *applied, cat_view object, const ec_drift *drift,
                      const unsigned char key[EC_FIELDS_KEY_BYTES], char digest[EC_FIELDS_DIGEST_MAX])
{
    if (!applied)
        return false;
    if (drift->mark) {
        if (applied->count)
            digest_of(applied, key, digest);
        else
            snprintf(digest, EC_FIELDS_DIGEST_MAX, "%s", applied->digest);
        return true;
    }
    bool too_much = false;
    cat_autofree ec_fields *now = read_fields(object, &too_much);
    if (now)
        digest_of(now, key, digest);
    return now != NULL;
}
