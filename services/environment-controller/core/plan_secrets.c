#include "core/plan_secrets.h"

#include <ctype.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "core/plan_confinement.h"
#include "domain/secrets.h"
#include "domain/source.h"

#define RBAC_API "rbac.authorization.k8s.io/v1"
#define RBAC_GROUP "rbac.authorization.k8s.io"
#define SECRETS_API "external-secrets.io/v1"

typedef struct {
    const ec_application_facts *facts;
    const ec_application_environment *of;
    const ec_observed *observed;
    ec_plan *plan;
    const char *application, *organization;
    cat_strings names; /* of Secrets that may be read */
} granting;

static char *place_of(const char *organization)
{
    return cat_printf("catalyst-secrets-%s", organization);
}

static void grant(granting *g, const char *path)
{
    cat_autofree char *name = cat_secret_key(path);
    if (!cat_strings_has(&g->names, name))
        cat_strings_add(&g->names, name);
}

/* --- what Blueprints say --- */

static bool is_part_of_name(const char *text)
{
    return text && *text && text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")] == '\0';
}

/* The name of the object of a Blueprint's version, the caller's; NULL: there can be none. The three may have been written by
 * anybody. */
static char *object_of(const char *organization, const char *source, const char *name, const char *version)
{
    if (cat_source_seen(source, organization) == CAT_SOURCE_NONE || !is_part_of_name(name) || !is_part_of_name(version))
        return NULL;
    char *object = cat_printf("%s.%s.%s", source, name, version);
    for (char *at = object; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return object;
}

bool ec_secrets_blueprint_is_missing(const ec_observed *observed, const char *organization, const json_t *blueprint)
{
    cat_autofree char *object = object_of(organization, cat_json_text(blueprint, "source"), cat_json_text(blueprint, "name"),
                                          cat_json_text(blueprint, "version"));
    if (!object)
        return true;
    cat_autofree char *key = ec_key(EC_MANAGEMENT, "Blueprint", NULL, object);
    return json_is_null(json_object_get(observed->objects, key));
}

/* As it was registered; NULL, and waited for, when it is not. */
static const json_t *registered(const granting *g, const char *source, const char *name, const char *version)
{
    cat_autofree char *object = object_of(g->organization, source, name, version);
    const json_t *blueprint = object ? ec_look(g->plan, g->observed, EC_MANAGEMENT, "Blueprint", NULL, object) : NULL;
    if (!blueprint)
        ec_wait(g->plan, EC_SECRETS, "%s: Blueprint %.40s/%.63s %.63s is not registered, so what secrets it has is not known",
                g->of->name, source ? source : "", name ? name : "", version ? version : "");
    return blueprint;
}

static void grant_own(granting *g, const json_t *blueprint)
{
    cat_autofree char *base = cat_secret_base(g->organization, g->of->env_type, g->application);
    size_t index;
    json_t *rotation;
    json_array_foreach(cat_json_get(blueprint, "spec.rotation"), index, rotation)
    {
        const char *secret = cat_json_text(rotation, "secret");
        if (!secret || !*secret)
            continue;
        cat_autofree char *path = cat_printf("%s/%s", base, secret);
        grant(g, path);
    }
}

static const json_t *declared(const json_t *blueprint, const char *alias)
{
    size_t index;
    json_t *dependency;
    json_array_foreach(cat_json_get(blueprint, "spec.depends"), index, dependency)
    {
        const char *name = cat_json_text_or(dependency, "blueprint", "");
        if (cat_text_equal(cat_json_text_or(dependency, "alias", name), alias))
            return dependency;
    }
    return NULL;
}

/* --- dependencies --- */

/* What an Application wants in the Environment, as this controller said last; NULL: it is not there, or not looked at yet. */
static const json_t *wanted_of(const granting *g, const char *application)
{
    const json_t *object = ec_look(g->plan, g->observed, EC_MANAGEMENT, "Application", g->organization, application);
    if (!object || cat_object_is_deleting(object) || !cat_json_is_text_in(cat_json_get(object, "spec.environments"), g->of->name))
        return NULL;
    size_t index;
    json_t *environment;
    json_array_foreach(cat_json_get(object, "status.environments"), index, environment)
    {
        if (cat_text_equal(cat_json_text(environment, "name"), g->of->name))
            return cat_json_get(environment, "wanted");
    }
    return NULL;
}

static void grant_dependency(granting *g, const json_t *blueprint, const char *alias, const char *application)
{
    const json_t *dependency = declared(blueprint, alias);
    if (!dependency) {
        ec_wait(g->plan, EC_SECRETS, "%s: catalyst.yaml names %s as %.60s, which its Blueprint does not depend on", g->of->name,
                application, alias);
        return;
    }
    const json_t *wanted = wanted_of(g, application);
    if (!wanted) {
        ec_wait(g->plan, EC_SECRETS, "%s: %s, which it depends on, is not there yet", g->of->name, application);
        return;
    }
    const char *name = cat_json_text(wanted, "blueprint");
    if (!cat_text_equal(name, cat_json_text(dependency, "blueprint"))) {
        ec_wait(g->plan, EC_SECRETS, "%s: %s is no %.63s, which the Blueprint depends on as %.60s", g->of->name, application,
                cat_json_text_or(dependency, "blueprint", ""), alias);
        return;
    }
    const json_t *other = registered(g, cat_json_text(wanted, "source"), name, cat_json_text(wanted, "version"));
    cat_autofree char *path = NULL;
    if (other && cat_secret_output(cat_json_get(other, "spec"), g->organization, g->of->env_type, application, &path, NULL) < 0)
        ec_wait(g->plan, EC_SECRETS, "%s: the output secretPath of %s names no secret of its own, so it cannot be read",
                g->of->name, application);
    if (path)
        grant(g, path);
}

static void find_grants(granting *g)
{
    const json_t *of = cat_json_get(g->of->source, "spec.blueprint");
    const json_t *blueprint = registered(g, cat_json_text(of, "source"), cat_json_text(of, "name"), cat_json_text(of, "version"));
    if (!blueprint)
        return;
    grant_own(g, blueprint);
    const char *alias;
    json_t *dependency;
    json_object_foreach(cat_json_get(g->of->source, "spec.dependencies"), alias, dependency)
        grant_dependency(g, blueprint, alias, cat_json_text_or(dependency, "application", ""));
}

/* --- the identity, on the management cluster --- */

static json_t *role(const granting *g, const char *place, const char *account, json_t *labels)
{
    json_t *object = ec_object(RBAC_API, "Role", place, account, labels);
    json_object_set_new(object, "rules",
                        json_pack("[{s:[s], s:[s], s:o, s:[s]}]", "apiGroups", "", "resources", "secrets", "resourceNames",
                                  cat_json_strings(&g->names), "verbs", "get"));
    return object;
}

static json_t *binding(const char *place, const char *account, json_t *labels)
{
    json_t *object = ec_object(RBAC_API, "RoleBinding", place, account, labels);
    json_object_set_new(object, "roleRef", json_pack("{s:s, s:s, s:s}", "apiGroup", RBAC_GROUP, "kind", "Role", "name", account));
    json_object_set_new(object, "subjects",
                        json_pack("[{s:s, s:s, s:s}]", "kind", "ServiceAccount", "name", account, "namespace", place));
    return object;
}

void ec_secrets_grant(const ec_application_facts *facts, const ec_application_environment *of, const ec_observed *observed,
                      ec_plan *plan)
{
    granting g = {.facts = facts,
                  .of = of,
                  .observed = observed,
                  .plan = plan,
                  .application = cat_object_name(facts->application),
                  .organization = cat_object_namespace(facts->application)};
    /* A rule without names would be all Secrets of the Organization, and External Secrets takes a store that may get none for a
     * broken one. Nothing is kept under the path itself. */
    cat_autofree char *base = cat_secret_base(g.organization, of->env_type, g.application);
    grant(&g, base);
    find_grants(&g);
    cat_strings_sort(&g.names);
    cat_autofree char *place = place_of(g.organization), *account = cat_printf("%s-%s", g.application, of->env_type);
    cat_autojson json_t *labels = ec_labels(facts->settings, g.organization, of->name, NULL, g.application, NULL);
    ec_part(plan, EC_MANAGEMENT, account);
    ec_want(plan, observed, EC_SECRETS, EC_MANAGEMENT, role(&g, place, account, json_incref(labels)));
    ec_want(plan, observed, EC_SECRETS, EC_MANAGEMENT, binding(place, account, json_incref(labels)));
    ec_want(plan, observed, EC_SECRETS, EC_MANAGEMENT, ec_object("v1", "ServiceAccount", place, account, json_incref(labels)));
    ec_part(plan, NULL, NULL);
    cat_strings_finish(&g.names);
}

static bool still_wants(const ec_application_facts *facts, const char *account)
{
    for (size_t i = 0; i < facts->environment_count && !cat_object_is_deleting(facts->application); i++) {
        cat_autofree char *name = cat_printf("%s-%s", cat_object_name(facts->application), facts->environments[i].env_type);
        if (strcmp(name, account) == 0)
            return true;
    }
    return false;
}

void ec_secrets_remove(const ec_application_facts *facts, const ec_observed *observed, ec_plan *plan)
{
    const char *organization = cat_object_namespace(facts->application);
    cat_autofree char *place = place_of(organization),
                      *selector = cat_printf(CAT_LABEL_APPLICATION "=%s," CAT_LABEL_ORGANIZATION "=%s",
                                             cat_object_name(facts->application), organization);
    size_t index;
    json_t *account;
    json_array_foreach((json_t *)ec_look_list(plan, observed, EC_MANAGEMENT, "ServiceAccount", place, selector), index, account)
    {
        const char *name = cat_object_name(account);
        if (still_wants(facts, name) || cat_object_is_deleting(account))
            continue;
        ec_part(plan, EC_MANAGEMENT, name);
        /* What it was found by goes last. */
        ec_delete(plan, EC_REMOVAL, EC_MANAGEMENT, "RoleBinding", place, name);
        ec_delete(plan, EC_REMOVAL, EC_MANAGEMENT, "Role", place, name);
        ec_delete(plan, EC_REMOVAL, EC_MANAGEMENT, "ServiceAccount", place, name);
    }
    ec_part(plan, NULL, NULL);
}

/* --- credential and store, in a vcluster --- */

json_t *ec_secrets_credential(const char *namespace, const char *token, json_t *labels)
{
    json_t *object = ec_object("v1", "Secret", namespace, EC_STORE_SECRET, labels);
    json_object_set_new(object, "type", json_string("Opaque"));
    json_object_set_new(object, "data", json_pack("{s:s}", EC_STORE_TOKEN, token));
    return ec_keep_from_flux(object);
}

/* Unsigned as far as we are concerned: the API server judges a token, this only says whether another one is due. */
static json_t *claims_of(const char *encoded)
{
    size_t length = 0, size = 0;
    cat_autosecret char *token = encoded ? (char *)cat_base64_decode(encoded, strlen(encoded), &length) : NULL;
    const char *first = token ? memchr(token, '.', length) : NULL;
    const char *last = first ? memchr(first + 1, '.', length - (size_t)(first + 1 - token)) : NULL;
    cat_autofree char *text = last ? (char *)cat_base64url_decode(first + 1, (size_t)(last - first - 1), &size) : NULL;
    json_t *claims = NULL;
    return text && cat_json_parse(text, size, &CAT_JSON_CAPS, &claims, NULL) == 0 ? claims : NULL;
}

bool ec_secrets_token_holds(const char *token, const char *namespace, const char *account, const char *uid, int64_t now_s)
{
    cat_autojson json_t *claims = claims_of(token);
    cat_autofree char *subject = cat_printf("system:serviceaccount:%s:%s", namespace, account);
    static const char *const uid_path[] = {"kubernetes.io", "serviceaccount", "uid"};
    int64_t from = cat_json_int_or(claims, "iat", 0), to = cat_json_int_or(claims, "exp", 0);
    return claims && uid && cat_text_equal(cat_json_text(claims, "sub"), subject) &&
           cat_text_equal(json_string_value(cat_json_at(claims, uid_path, 3)), uid) && from <= now_s && now_s - from < to - now_s;
}

static json_t *store(const ec_settings *settings, const char *namespace, const char *place, json_t *labels)
{
    json_t *object = ec_object(SECRETS_API, "SecretStore", namespace, EC_STORE, labels);
    json_t *server = json_pack("{s:s}", "url", settings->store_server);
    if (settings->store_authority) {
        cat_autofree char *bundle = cat_base64_encode(settings->store_authority, strlen(settings->store_authority));
        cat_json_set_text(server, "caBundle", bundle);
    }
    json_object_set_new(object, "spec",
                        json_pack("{s:{s:{s:s, s:o, s:{s:{s:{s:s, s:s}}}}}}", "provider", "kubernetes", "remoteNamespace", place,
                                  "server", server, "auth", "token", "bearerToken", "name", EC_STORE_SECRET, "key",
                                  EC_STORE_TOKEN));
    return ec_keep_from_flux(object);
}

void ec_secrets_give(const ec_application_facts *facts, const ec_application_environment *of, const ec_observed *observed,
                     ec_plan *plan, const char *cluster, json_t *labels)
{
    cat_autojson json_t *own_labels = labels;
    const char *organization = cat_object_namespace(facts->application);
    cat_autofree char *place = place_of(organization),
                      *name = cat_printf("%s-%s", cat_object_name(facts->application), of->env_type);
    const json_t *account = ec_look(plan, observed, EC_MANAGEMENT, "ServiceAccount", place, name);
    const json_t *secret = ec_look(plan, observed, cluster, "Secret", name, EC_STORE_SECRET);
    const char *token = cat_json_text(secret, "data." EC_STORE_TOKEN);
    if (ec_secrets_token_holds(token, place, name, cat_object_uid(account), facts->now_s))
        ec_want(plan, observed, EC_SECRETS, cluster, ec_secrets_credential(name, token, json_incref(own_labels)));
    else
        ec_do(plan, EC_SECRETS, EC_STEP_STORE_TOKEN,
              json_pack("{s:s, s:s, s:s, s:s, s:O}", "organization", organization, "cluster", cluster, "place", place, "account",
                        name, "labels", own_labels));
    ec_want(plan, observed, EC_SECRETS, cluster, store(facts->settings, name, place, json_incref(own_labels)));
}

void ec_secrets_take(const ec_observed *observed, ec_plan *plan, const char *cluster, const char *namespace)
{
    if (ec_look(plan, observed, cluster, "Secret", namespace, EC_STORE_SECRET))
        ec_delete(plan, EC_REMOVAL, cluster, "Secret", namespace, EC_STORE_SECRET);
}
