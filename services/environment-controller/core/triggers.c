#include "core/triggers.h"

#include <stdio.h>
#include <string.h>

#include "core/plan_pull.h"
#include "wire/kubernetes.h"

/* CHANGED: also when it went, but not when a list tells of it. */
typedef enum { ALWAYS, CHANGED, DELETED } due;
/* NAMED: by the label, of its Organization. EACH: all of its Organization; where it is nobody's, all. */
typedef enum { ITSELF, OWNER, NAMED, EACH } target;

typedef struct {
    ec_trigger_on on;
    due due;
    const char *kind;
    target whom;
} trigger;

static const trigger TABLE[] = {
    {EC_ON_SOVEREIGN, ALWAYS, "Sovereign", ITSELF},
    {EC_ON_SOVEREIGN, CHANGED, "Organization", EACH},
    {EC_ON_ORGANIZATION, ALWAYS, "Organization", ITSELF},
    {EC_ON_ORGANIZATION, ALWAYS, "People", OWNER},
    {EC_ON_ORGANIZATION, CHANGED, "Environment", EACH},
    {EC_ON_ORGANIZATION, CHANGED, "Informer", EACH},
    {EC_ON_ENVIRONMENT, ALWAYS, "Environment", ITSELF},
    {EC_ON_ENVIRONMENT, CHANGED, "Organization", OWNER},
    {EC_ON_ENVIRONMENT, CHANGED, "Application", EACH},
    {EC_ON_ENVIRONMENT, CHANGED, "Informer", EACH},
    {EC_ON_APPLICATION, ALWAYS, "Application", ITSELF},
    {EC_ON_APPLICATION, DELETED, "Environment", EACH}, /* one may have waited for the last to go */
    {EC_ON_APPLICATION, DELETED, "Organization", OWNER},
    {EC_ON_POLICY, ALWAYS, "EnvironmentPolicy", ITSELF},
    {EC_ON_VCLUSTER, ALWAYS, "Organization", OWNER},
    {EC_ON_VCLUSTER, ALWAYS, "Informer", NAMED},
    {EC_ON_VCLUSTER, CHANGED, "Environment", EACH},
    {EC_ON_VCLUSTER_RELEASE, CHANGED, "Organization", OWNER},
    {EC_ON_HOST_KUSTOMIZATION, CHANGED, "Organization", OWNER},
    {EC_ON_HOST_SOURCE, CHANGED, "Organization", OWNER},
    {EC_ON_PULL_OWN, ALWAYS, "Environment", EACH},
    {EC_ON_PULL_OWN, ALWAYS, "Application", EACH},
    {EC_ON_PULL_SOVEREIGN, ALWAYS, "Environment", EACH},
    {EC_ON_PULL_SOVEREIGN, ALWAYS, "Application", EACH},
    {EC_ON_NAMESPACE, CHANGED, "Application", NAMED},
    {EC_ON_FLUX, CHANGED, "Application", NAMED},
    {EC_ON_XRD, CHANGED, "Informer", ITSELF},
    {EC_ON_CLAIMS, ALWAYS, "Application", NAMED},
    {EC_ON_RELIST_WANTED, ALWAYS, "Environment", ITSELF},
    {EC_ON_SPINE_BACK, ALWAYS, "Organization", EACH},
    {EC_ON_INTERVAL, ALWAYS, "Sovereign", EACH},
    {EC_ON_INTERVAL, ALWAYS, "Organization", EACH},
    {EC_ON_INTERVAL, ALWAYS, "Environment", EACH},
    {EC_ON_INTERVAL, ALWAYS, "Application", EACH},
    {EC_ON_INTERVAL, ALWAYS, "EnvironmentPolicy", EACH},
};

/* What says whose an object is. */
typedef enum { BY_NOBODY, BY_NAME, BY_NAMESPACE, BY_LABEL } told_by;

/* Those on the management cluster. */
static const struct {
    const char *kind, *selector; /* selector NULL: all */
    told_by owner;
    const char *label; /* NULL: none counts */
    bool once_a_version;
} WATCHED[EC_TRIGGER_COUNT] = {
    [EC_ON_SOVEREIGN] = {"Sovereign"},
    [EC_ON_ORGANIZATION] = {"Organization", .owner = BY_NAME},
    [EC_ON_ENVIRONMENT] = {"Environment", .owner = BY_NAMESPACE},
    [EC_ON_APPLICATION] = {"Application", .owner = BY_NAMESPACE},
    [EC_ON_POLICY] = {"EnvironmentPolicy"},
    [EC_ON_VCLUSTER] = {"Secret", CAT_LABEL_VCLUSTER, BY_NAMESPACE, CAT_LABEL_VCLUSTER},
    [EC_ON_VCLUSTER_RELEASE] = {"HelmRelease", "catalyst.openova.io/vcluster=true", BY_LABEL},
    [EC_ON_HOST_KUSTOMIZATION] = {"Kustomization", CAT_LABEL_ORGANIZATION, BY_LABEL},
    [EC_ON_HOST_SOURCE] = {"GitRepository", CAT_LABEL_ORGANIZATION, BY_LABEL},
    [EC_ON_PULL_OWN] = {"Secret", "field:metadata.name=" EC_PULL_OWN, BY_NAMESPACE, .once_a_version = true},
    [EC_ON_PULL_SOVEREIGN] = {"Secret", .owner = BY_NAMESPACE, .once_a_version = true},
};

static bool is_due(due when, ec_seen seen)
{
    return when == ALWAYS || (when == CHANGED && seen != EC_SEEN_LISTED) || (when == DELETED && seen == EC_SEEN_DELETED);
}

static const char *some(const char *text)
{
    return text && *text ? text : NULL;
}

/* False: the object does not say whom. */
static bool point(const trigger *to, const ec_seen_object *object, ec_wanted *wanted)
{
    const char *organization = some(object->organization);
    switch (to->whom) {
    case ITSELF:
        *wanted = (ec_wanted){to->kind, some(object->namespace), some(object->name)};
        return wanted->name;
    case NAMED:
        *wanted = (ec_wanted){to->kind, organization, some(object->label)};
        return wanted->name;
    case OWNER:
        *wanted = (ec_wanted){to->kind, NULL, organization};
        return wanted->name;
    case EACH:
        *wanted = (ec_wanted){to->kind, organization, NULL};
        return true;
    }
    return false;
}

size_t ec_triggers_decide(ec_trigger_on on, ec_seen seen, const ec_seen_object *object, ec_wanted wanted[EC_WANTED_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
        const trigger *to = &TABLE[i];
        if (to->on == on && is_due(to->due, seen) && count < EC_WANTED_MAX && point(to, object, &wanted[count]))
            count++;
    }
    return count;
}

bool ec_triggers_watch(ec_trigger_on on, const ec_settings *settings, ec_trigger_watch *watch)
{
    bool is_sovereigns = on == EC_ON_PULL_SOVEREIGN;
    if (!WATCHED[on].kind || (is_sovereigns && !settings->pull_secret))
        return false;
    *watch = (ec_trigger_watch){.kind = WATCHED[on].kind, .once_a_version = WATCHED[on].once_a_version};
    snprintf(watch->selector, sizeof watch->selector, "%s", WATCHED[on].selector ? WATCHED[on].selector : "");
    if (is_sovereigns) {
        watch->namespace = settings->namespace;
        snprintf(watch->selector, sizeof watch->selector, "field:metadata.name=%s", settings->pull_secret);
    }
    return true;
}

static const char *label(cat_view object, const char *name)
{
    return name ? cat_view_text(cat_view_member(cat_view_get(object, "metadata.labels"), name), NULL) : NULL;
}

ec_seen_object ec_triggers_object(ec_trigger_on on, const ec_settings *settings, cat_view object)
{
    ec_seen_object seen = {.namespace = cat_view_text(object, "metadata.namespace"),
                           .name = cat_view_text(object, "metadata.name"),
                           .label = label(object, WATCHED[on].label)};
    switch (WATCHED[on].owner) {
    case BY_NAME:
        seen.organization = seen.name;
        break;
    case BY_NAMESPACE: /* what lies in our own is everybody's */
        seen.organization = cat_text_equal(seen.namespace, settings->namespace) ? NULL : seen.namespace;
        break;
    case BY_LABEL:
        seen.organization = label(object, CAT_LABEL_ORGANIZATION);
        break;
    case BY_NOBODY:
        break;
    }
    return seen;
}
