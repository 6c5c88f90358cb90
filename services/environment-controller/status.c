#include "status.h"

#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "core/resources.h"
#include "domain/events.h"
#include "observe.h"
#include "svc/events.h"
#include "wire/subjects.h"

#define SERVICE "environment-controller"
#define MESSAGE_MAX 1000

static int64_t now_ms(void)
{
    return cat_clock_system()->wall_ms(cat_clock_system());
}

/* As it was, to be changed: transition times are kept by cat_condition_set. */
static json_t *conditions_of(const json_t *object)
{
    json_t *old = cat_json_get(object, "status.conditions");
    return json_is_array(old) ? json_deep_copy(old) : json_array();
}

static const char *reason_of(const cat_error *failed)
{
    return failed->class == CAT_CLASS_WAITING ? "Waiting" : failed->class == CAT_CLASS_STALLED ? "Refused" : "Failed";
}

static void set_condition(json_t *conditions, const json_t *object, const char *type, const cat_error *failed, const char *good)
{
    /* Ready is never Unknown: who waits for it wants to know that all is well. */
    const char *before = strcmp(type, "Ready") == 0 ? NULL : cat_condition_status(object, type);
    const char *status = ec_condition_after(before, failed);
    const char *reason = failed->code == 0 ? "Ready" : strcmp(status, "Unknown") == 0 ? "Unreachable" : reason_of(failed);
    cat_condition_set(conditions, type, status, reason, failed->code == 0 ? good : failed->message,
                      cat_json_int_or(object, "metadata.generation", 0), now_ms());
}

static bool same(const json_t *old, const json_t *new)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)new, name, value)
    {
        if (!json_equal(json_object_get(old, name), value))
            return false;
    }
    return true;
}

/* Of the object as it was seen: what somebody wrote since is not written over. */
static int put_status(ec_controller *controller, const json_t *object, const char *version, json_t *status, cat_error *error)
{
    cat_autojson json_t *patch = json_object();
    json_object_set(patch, "status", status);
    cat_json_set_text(patch, "metadata.resourceVersion", version);
    const cat_kube_change change = {ec_resource(cat_json_text(object, "kind")), cat_object_namespace(object),
                                    cat_object_name(object), patch, "status"};
    return cat_kube_patch(controller->kube, &change, NULL, error);
}

/* The object was changed meanwhile: by us (a finalizer), or by who wants something of it. Its status is still ours to write as
 * long as nobody wrote one; another replica's stays, and the key comes again. */
static int put_again(ec_controller *controller, const json_t *object, json_t *status, cat_error *error)
{
    cat_autojson json_t *now = NULL;
    int code = ec_observe_object(controller, cat_json_text(object, "kind"), cat_object_namespace(object), cat_object_name(object),
                                 &now, error);
    if (code < 0 || !now)
        return code;
    json_t *before = json_object_get(object, "status"), *after = json_object_get(now, "status");
    bool untouched = before ? json_equal(before, after) : !after;
    if (!untouched || !cat_text_equal(cat_object_uid(object), cat_object_uid(now)))
        return cat_error_set(error, CAT_E_CONFLICT, "another replica wrote the status of %s", cat_object_name(object));
    return put_status(controller, object, cat_json_text(now, "metadata.resourceVersion"), status, error);
}

static int write_status(ec_controller *controller, const json_t *object, json_t *status_taken, cat_error *error)
{
    cat_autojson json_t *status = status_taken;
    cat_json_set_int(status, "observedGeneration", cat_json_int_or(object, "metadata.generation", 0));
    if (same(json_object_get(object, "status"), status))
        return 0;
    cat_error failed = {0};
    int code = put_status(controller, object, cat_json_text(object, "metadata.resourceVersion"), status, &failed);
    if (code == CAT_E_CONFLICT)
        code = put_again(controller, object, status, &failed);
    /* It went while we looked: nothing is left to say. */
    return code == CAT_E_NOT_FOUND ? 0 : code < 0 ? cat_error_copy(error, &failed) : 0;
}

/* What the rows of projector say: Running, Progressing while something is waited for, Degraded when something failed. */
static void summarize(json_t *data, const json_t *object, const cat_error *worst)
{
    const char *word = worst->code == 0 ? "Running" : worst->class == CAT_CLASS_WAITING ? "Progressing" : "Degraded";
    cat_json_set_text(data, "status", cat_object_is_deleting(object) && worst->code < 0 ? "Progressing" : word);
    cat_json_set_text(data, "reason", worst->code == 0 ? "" : cat_object_is_deleting(object) ? "Deleting" : reason_of(worst));
    cat_json_set_text(data, "message", worst->code == 0 ? "" : worst->message);
}

/* What is told of: its event, its word, and where it is. */
typedef struct {
    cat_event_kind type;
    const char *what, *organization, *environment, *application; /* NULL where it has none */
} telling;

static int publish(ec_controller *controller, const telling *of, const json_t *object, json_t *data_taken, cat_error *error)
{
    const char *what = of->what, *organization = of->organization, *environment = of->environment, *application = of->application;
    cat_autojson json_t *data = data_taken;
    cat_json_set_text(data, "organization", organization);
    cat_json_set_text(data, "environment", environment);
    cat_json_set_text(data, "application", application);
    char digest[65], subject[CAT_SUBJECT_MAX];
    cat_json_digest(data, digest);
    cat_autofree char *name =
        cat_printf("event/%s/%s/%s/%s", what, organization, environment ? environment : "", application ? application : "");
    if (ec_asserted_holds(controller->asserted, name, digest, 0))
        return 0;
    int code = cat_event_subject(of->type, organization, NULL, subject, error);
    if (code < 0)
        return code;
    int64_t now = now_ms();
    /* What two replicas tell of one state of an object is one event; the same state told of a later one is another. */
    cat_autofree char *id =
        cat_printf("%s/%s/%.16s", cat_object_uid(object), cat_json_text_or(object, "metadata.resourceVersion", ""), digest);
    cat_autofree char *about = cat_printf("%s/%s", what, application ? application : environment ? environment : organization);
    cat_cloudevent event = {.id = id,
                            .source = SERVICE,
                            .type = cat_event_type(of->type),
                            .subject = about,
                            .time_ms = now,
                            .organization = organization,
                            .environment = environment,
                            .application = application,
                            .data = data};
    code = cat_event_publish(controller->spine, subject, &event, NULL, error);
    if (code == 0)
        ec_asserted_set(controller->asserted, name, digest);
    return code;
}

int ec_status_sovereign(ec_controller *controller, const json_t *sovereign, const cat_error *failed, cat_error *error)
{
    json_t *conditions = conditions_of(sovereign);
    set_condition(conditions, sovereign, "Ready", failed, "Git tells of every push to catalogs and configuration");
    return write_status(controller, sovereign, cat_json_object("conditions", conditions, NULL), error);
}

int ec_status_policy(ec_controller *controller, const json_t *policy, cat_error *error)
{
    json_t *conditions = conditions_of(policy);
    cat_error failed = {0};
    if (!controller->settings.merge_user)
        cat_error_set_class(&failed, CAT_E_UNSUPPORTED, CAT_CLASS_STALLED,
                            "logins.merge names no account that may merge: nothing can reach the branches of its Environments");
    set_condition(conditions, policy, "Ready", &failed,
                  "the branches of its Environments take merges of Catalyst's own account alone");
    return write_status(controller, policy, cat_json_object("conditions", conditions, NULL), error);
}

static json_t *names_of(const json_t *objects)
{
    cat_auto(cat_strings) names = {0};
    for (size_t i = 0; i < json_array_size(objects); i++) {
        const json_t *object = json_array_get(objects, i);
        const char *name = cat_object_name(object);
        cat_strings_add(&names, name ? name : cat_json_text_or(object, "name", ""));
    }
    cat_strings_sort(&names);
    return cat_json_strings(&names);
}

static int tell_organization(ec_controller *controller, const json_t *organization, json_t *conditions, const json_t *vclusters,
                             const cat_error *worst, cat_error *error)
{
    const char *name = cat_object_name(organization);
    cat_autojson json_t *environments = NULL;
    cat_error failed = {0};
    int code = cat_kube_list_json(controller->kube, ec_resource("Environment"), name, NULL, &environments, &failed);
    if (code < 0 && code != CAT_E_NOT_FOUND)
        return cat_error_copy(error, &failed);
    json_t *data = cat_json_object("conditions", json_incref(conditions), "spec",
                                   json_deep_copy(json_object_get(organization, "spec")), "gitOrganization", json_string(name),
                                   "vclusters", names_of(vclusters), "environments", names_of(environments), NULL);
    cat_json_set_text(data, "displayName", cat_json_text_or(organization, "spec.displayName", name));
    cat_json_set_text(data, "plan", cat_json_text(organization, "spec.plan"));
    summarize(data, organization, worst);
    return publish(controller, &(telling){CAT_EVENT_ORGANIZATION_READY, "organization", name}, organization, data, error);
}

/* What is said of one person whom Git does not take; NULL: it does. The caller's. */
static char *trouble_of(ec_controller *controller, const char *login)
{
    cat_autofree char *key = ec_person_key(login);
    for (const ec_person_trouble *one = EC_PERSON_TROUBLES; one->code; one++)
        if (ec_asserted_holds(controller->asserted, key, one->code, 0))
            return cat_printf("%.80s: %s", login, one->words);
    return NULL;
}

/* Those whose name is none for Git, and those whom Git did not take. The caller's. */
static json_t *left_out_of(ec_controller *controller, const ec_organization_facts *facts)
{
    json_t *left_out = json_array();
    const json_t *refused = json_object_get(facts->people, "refused");
    json_array_extend(left_out, (json_t *)refused);
    size_t index;
    json_t *user;
    json_array_foreach(json_object_get(facts->people, "users"), index, user)
    {
        cat_autofree char *text = trouble_of(controller, cat_json_text_or(user, "login", ""));
        if (text)
            json_array_append_new(left_out, json_string(text));
    }
    return left_out;
}

#define NAMED_MAX 3

/* A person without Git keeps nobody else from anything: said, and the Organization is ready. */
static void find_refused(ec_controller *controller, const ec_organization_facts *facts, cat_error *refused)
{
    cat_autojson json_t *left_out = left_out_of(controller, facts);
    size_t count = json_array_size(left_out);
    if (facts->people_problem) {
        cat_error_set(refused, CAT_E_UNAVAILABLE, "people cannot be read: %s", facts->people_problem);
        return;
    }
    if (!count)
        return;
    cat_auto(cat_string) names = CAT_STRING(4096);
    for (size_t i = 0; i < count && i < NAMED_MAX; i++)
        cat_string_appendf(&names, "%s%.220s", i ? "; " : "", json_string_value(json_array_get(left_out, i)));
    cat_error_set_class(refused, CAT_E_INVALID, CAT_CLASS_STALLED, "%zu of its people cannot use Git: %s%s", count,
                        cat_string_get(&names), count > NAMED_MAX ? "; and others" : "");
}

int ec_status_organization(ec_controller *controller, const ec_organization_facts *facts, const ec_observed *observed,
                           const ec_outcome *outcome, cat_error *error)
{
    static const struct {
        ec_section section;
        const char *type, *good;
    } parts[] = {
        {EC_IDENTITY, "IdentityReady", "people sign in at the Sovereign's Keycloak"},
        {EC_GIT, "GitReady", "Git organization, teams, people and webhook are as asked"},
        {EC_ACCOUNT, "AccountReady", "the event account has the limits of its plan"},
        {EC_VCLUSTER, "VclusterReady", "every vcluster answers"},
        {EC_SOURCE, "SourceReady", "the Organization's branch of system/catalyst-config is applied"},
    };
    const json_t *organization = facts->organization;
    cat_autojson json_t *conditions = conditions_of(organization);
    const cat_error *base = &outcome->sections[EC_BASE];
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !cat_object_is_deleting(organization); i++)
        set_condition(conditions, organization, parts[i].type, base->code < 0 ? base : &outcome->sections[parts[i].section],
                      parts[i].good);
    cat_error worst = {0}, refused = {0};
    find_refused(controller, facts, &refused);
    set_condition(conditions, organization, "PeopleReady", &refused, "everybody with a role that reads can use Git");
    ec_outcome_worst(outcome, &worst);
    set_condition(conditions, organization, "Ready", &worst, "everything is as asked");
    cat_autojson json_t *vclusters = ec_organization_vclusters(facts, observed);
    json_t *status = cat_json_object("conditions", json_deep_copy(conditions), "vclusters", json_incref(vclusters), NULL);
    cat_json_set_text(status, "gitOrganization", cat_object_name(organization));
    cat_json_set_text(status, "natsAccount", cat_json_text(facts->account, "publicKey"));
    if (ec_identity_is_shared(facts->sovereign))
        cat_json_set_text(status, "issuer", facts->settings->issuer);
    else if (cat_json_text(organization, "status.issuer"))
        json_object_set_new(status, "issuer", json_null());
    cat_json_set_text(status, "spineShard", facts->settings->shard);
    int code = write_status(controller, organization, status, error);
    return code < 0 ? code : tell_organization(controller, organization, conditions, vclusters, &worst, error);
}

int ec_status_environment(ec_controller *controller, const ec_environment_facts *facts, const ec_observed *observed,
                          const ec_outcome *outcome, cat_error *error)
{
    const json_t *environment = facts->environment;
    const char *name = cat_object_name(environment), *organization = cat_object_namespace(environment);
    const char *env_type = cat_json_text_or(environment, "spec.envType", "");
    cat_autojson json_t *conditions = conditions_of(environment);
    bool held = outcome->sections[EC_BASE].code < 0;
    if (!cat_object_is_deleting(environment)) {
        set_condition(conditions, environment, "SpineReady", &outcome->sections[held ? EC_BASE : EC_SPINE],
                      "stream and bucket are there");
        set_condition(conditions, environment, "FluxReady", &outcome->sections[held ? EC_BASE : EC_FLUX],
                      "Flux can read the Organization's repositories");
        set_condition(conditions, environment, "PullReady", &outcome->sections[held ? EC_BASE : EC_PULL],
                      "credentials for registries are right, where there are any");
    }
    cat_error worst = {0}, stops = {0};
    ec_outcome_worst(outcome, &worst);
    /* What needs no registry that asks for credentials runs all the same, and installs need not wait. */
    ec_outcome but_pull = *outcome;
    but_pull.sections[EC_PULL] = (cat_error){0};
    ec_outcome_worst(&but_pull, &stops);
    set_condition(conditions, environment, "Ready", &stops, "Applications can run here");
    cat_autojson json_t *vclusters = ec_environment_vclusters(facts, observed);
    char stream[CAT_KEY_MAX], bucket[CAT_KEY_MAX];
    cat_stream_of_environment(name, stream, sizeof stream);
    cat_bucket_of_environment(name, bucket, sizeof bucket);
    int code = write_status(controller, environment,
                            cat_json_object("conditions", json_deep_copy(conditions), "vclusters", json_incref(vclusters),
                                            "stream", json_string(stream), "bucket", json_string(bucket), NULL),
                            error);
    if (code < 0 || !facts->organization)
        return code; /* nobody reads events of an Organization that is not there */
    json_t *data =
        cat_json_object("conditions", json_deep_copy(conditions), "spec", json_deep_copy(json_object_get(environment, "spec")),
                        "envType", json_string(env_type), "vclusters", names_of(vclusters), NULL);
    cat_json_set_text(data, "branch", cat_branch_of_env_type(env_type));
    summarize(data, environment, &worst);
    return publish(controller, &(telling){CAT_EVENT_ENVIRONMENT_READY, "environment", organization, name}, environment, data,
                   error);
}

static void set_application_ready(json_t *conditions, const json_t *application, cat_error *worst, bool ready, const char *why)
{
    if (worst->code == 0 && !ready)
        cat_error_set_class(worst, CAT_E_UNAVAILABLE, CAT_CLASS_WAITING, "%s", why ? why : "it does not run everywhere yet");
    set_condition(conditions, application, "Ready", worst, "every Environment runs what its branch wants");
}

int ec_status_application(ec_controller *controller, const ec_application_facts *facts, const ec_observed *observed,
                          const ec_outcome *outcome, cat_error *error)
{
    const json_t *application = facts->application;
    const char *name = cat_object_name(application), *organization = cat_object_namespace(application);
    cat_autojson json_t *conditions = conditions_of(application);
    if (!cat_object_is_deleting(application))
        set_condition(conditions, application, "Protected",
                      &outcome->sections[outcome->sections[EC_BASE].code < 0 ? EC_BASE : EC_PROTECTION],
                      "its branches refuse force-push and deletion");
    if (!cat_object_is_deleting(application))
        set_condition(conditions, application, "SecretsReady",
                      &outcome->sections[outcome->sections[EC_BASE].code < 0 ? EC_BASE : EC_SECRETS],
                      "it may read its own secrets and those of its dependencies");
    bool ready = false;
    cat_autofree char *why = NULL, *repository = cat_printf("%s/%s", organization, name);
    cat_autojson json_t *environments = ec_application_environments(facts, observed, &ready, &why);
    /* An ExternalSecret says itself when it may not be read; what has none runs all the same. */
    ec_outcome but_secrets = *outcome;
    but_secrets.sections[EC_SECRETS] = (cat_error){0};
    cat_error worst = {0};
    ec_outcome_worst(&but_secrets, &worst);
    set_application_ready(conditions, application, &worst, ready, why);
    int code = write_status(controller, application,
                            cat_json_object("conditions", json_deep_copy(conditions), "environments", json_incref(environments),
                                            "repository", json_string(repository), NULL),
                            error);
    if (code < 0 || !facts->organization)
        return code;
    json_t *data =
        cat_json_object("conditions", json_deep_copy(conditions), "spec", json_deep_copy(json_object_get(application, "spec")),
                        "environments", json_deep_copy(environments), NULL);
    summarize(data, application, &worst);
    if (cat_json_bool_or(application, "spec.suspended", false) && !cat_object_is_deleting(application))
        cat_json_set_text(data, "status", "Suspended");
    return publish(controller, &(telling){CAT_EVENT_APPLICATION_CHANGED, "application", organization, NULL, name}, application,
                   data, error);
}

int ec_status_deleted(ec_controller *controller, const char *what, const json_t *object, cat_error *error)
{
    const char *name = cat_object_name(object), *namespace = cat_object_namespace(object);
    json_t *data = json_object();
    cat_json_set_text(data, "status", "Deleted");
    cat_json_set_bool(data, "deleted", true);
    if (strcmp(what, "organization") == 0)
        return publish(controller, &(telling){CAT_EVENT_ORGANIZATION_READY, what, name}, object, data, error);
    if (strcmp(what, "environment") == 0)
        return publish(controller, &(telling){CAT_EVENT_ENVIRONMENT_READY, what, namespace, name}, object, data, error);
    return publish(controller, &(telling){CAT_EVENT_APPLICATION_CHANGED, what, namespace, NULL, name}, object, data, error);
}
