/* An Organization's account on the spine: keys, claims, credentials, streams. Seeds live in Secret organization-{org} and nowhere
 * else. */
#include <stdlib.h>
#include <string.h>

#include "apply/apply.h"
#include "base/encoding.h"
#include "base/memory.h"
#include "base/random.h"
#include "core/plan_organization.h"
#include "core/resources.h"
#include "domain/spine_rights.h"
#include "observe.h"
#include "svc/spine_layout.h"

#define REQUEST_MS 5000
#define HASH_KEY_BYTES 32
/* Consumers in memory (the fold's) count against it. */
#define ACCOUNT_MEMORY_BYTES (8 * 1024 * 1024)

typedef struct {
    cat_nkey account, signing;
} account_keys;

static void account_keys_cleanup(account_keys *keys)
{
    cat_nkey_wipe(&keys->account);
    cat_nkey_wipe(&keys->signing);
}

static char *secret_of(const char *organization)
{
    return cat_printf("organization-%s", organization);
}

static void put_secret(json_t *data, const char *key, const char *text)
{
    cat_autofree char *encoded = cat_base64_encode(text, strlen(text));
    json_object_set_new(data, key, json_string(encoded));
}

static json_t *secret_object(const ec_controller *controller, const char *namespace, const char *name, const char *organization)
{
    json_t *object =
        ec_object("v1", "Secret", namespace, name, ec_labels(&controller->settings, organization, NULL, NULL, NULL, NULL));
    json_object_set_new(object, "type", json_string("Opaque"));
    return object;
}

/* Created, never applied: two that make them at the same time end with one set of keys. */
static int make_keys(ec_controller *controller, const char *organization, cat_error *error)
{
    cat_autofree char *name = secret_of(organization);
    cat_auto(account_keys) keys = {0};
    cat_nkey_make(CAT_NKEY_ACCOUNT, &keys.account);
    cat_nkey_make(CAT_NKEY_ACCOUNT, &keys.signing);
    unsigned char bytes[HASH_KEY_BYTES];
    cat_random_bytes(bytes, sizeof bytes);
    cat_autofree char *hash_key = cat_hex_encode(bytes, sizeof bytes);
    cat_autojson json_t *object = secret_object(controller, controller->settings.namespace, name, organization);
    json_t *data = json_object();
    put_secret(data, "account-seed", keys.account.seed);
    put_secret(data, "account-signing-seed", keys.signing.seed);
    put_secret(data, "hmac", hash_key);
    json_object_set_new(object, "data", data);
    cat_error failed = {0};
    int code = cat_kube_create_object(controller->kube, object, NULL, &failed);
    cat_wipe(bytes, sizeof bytes);
    cat_wipe(hash_key, strlen(hash_key));
    if (code < 0 && code != CAT_E_EXISTS)
        return cat_error_copy(error, &failed);
    ec_queue_add(controller->queue, "Organization", NULL, organization);
    return 0;
}

/* CAT_E_NOT_FOUND (waiting) while they are not made. */
static int read_keys(ec_controller *controller, const char *organization, account_keys *keys, cat_error *error)
{
    cat_autofree char *name = secret_of(organization), *account = NULL, *signing = NULL;
    int code = ec_observe_secret(controller, controller->settings.namespace, name, "account-seed", &account, error);
    if (code == 0)
        code = ec_observe_secret(controller, controller->settings.namespace, name, "account-signing-seed", &signing, error);
    if (code < 0)
        return code;
    if (!account || !signing)
        return cat_error_set_class(error, CAT_E_NOT_FOUND, CAT_CLASS_WAITING, "the keys of %s are not made yet", organization);
    code = cat_nkey_from_seed(account, &keys->account, error);
    if (code == 0)
        code = cat_nkey_from_seed(signing, &keys->signing, error);
    cat_wipe(account, strlen(account));
    cat_wipe(signing, strlen(signing));
    return code;
}

static cat_account_limits limits_of(const cat_layout_plan *plan)
{
    return (cat_account_limits){.memory_bytes = ACCOUNT_MEMORY_BYTES,
                                .disk_bytes = plan->disk_bytes,
                                .streams = plan->environments * 2 + 1,
                                .consumers_per_stream = plan->consumers_per_stream,
                                .connections = plan->connections,
                                .subscriptions = -1,
                                .max_payload_bytes = -1,
                                .max_bytes_required = true};
}

json_t *ec_account_limits(const char *plan)
{
    cat_account_limits limits = limits_of(cat_layout_plan_find(plan));
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:b}", "mem_storage", (json_int_t)limits.memory_bytes, "disk_storage",
                     (json_int_t)limits.disk_bytes, "streams", (json_int_t)limits.streams, "consumer",
                     (json_int_t)limits.consumers_per_stream, "conn", (json_int_t)limits.connections, "max_bytes_required", 1);
}

static const char *plan_of(const json_t *organization)
{
    return cat_json_text_or(organization, "spec.plan", "small");
}

/* The part `nats` of a JWT's claims; NULL when it is none. Nothing is checked: the server is ours, and the answer only says
 * whether to push again. */
static json_t *claims_of(const char *jwt, size_t length)
{
    const char *first = memchr(jwt, '.', length);
    const char *last = first ? memchr(first + 1, '.', length - (size_t)(first + 1 - jwt)) : NULL;
    if (!last)
        return NULL;
    size_t size;
    cat_autofree unsigned char *text = cat_base64url_decode(first + 1, (size_t)(last - first - 1), &size);
    cat_autojson json_t *claims = NULL;
    if (!text || cat_json_parse((const char *)text, size, &CAT_JSON_CAPS, &claims, NULL) < 0)
        return NULL;
    json_t *nats = json_object_get(claims, "nats");
    return nats ? json_incref(nats) : NULL;
}

static int look_up(ec_controller *controller, const char *account, json_t **claims, cat_error *error)
{
    cat_autofree char *subject = cat_printf("$SYS.REQ.ACCOUNT.%s.CLAIMS.LOOKUP", account), *reply = NULL;
    size_t length = 0;
    int code = cat_spine_request(controller->system, &(cat_spine_question){subject, "", 0, REQUEST_MS}, &reply, &length, error);
    if (code < 0)
        return code;
    *claims = claims_of(reply, length);
    return 0;
}

/* Does JetStream give the account what its plan says? A server that could not reserve it leaves the account without, silently. */
static int check_limits(ec_controller *controller, const char *organization, const char *plan, cat_error *error)
{
    cat_spine *spine = NULL;
    cat_error failed = {0};
    int code = cat_accounts_acquire(controller->accounts, organization, &spine, &failed);
    if (code < 0)
        return cat_error_copy(error, &failed);
    cat_spine_account account = {0};
    code = cat_spine_account_info(spine, &account, &failed);
    bool is_away = code < 0 && (code == CAT_E_TIMEOUT || !cat_spine_is_connected(spine));
    cat_accounts_release(controller->accounts, organization);
    if (is_away) /* says nothing about the account */
        return cat_error_set_peer(error, failed.peer, CAT_E_UNAVAILABLE, "%s", failed.message);
    int64_t wanted = cat_layout_plan_find(plan)->disk_bytes;
    if (code < 0)
        return cat_error_set_class(error, CAT_E_UNAVAILABLE, CAT_CLASS_WAITING, "the event account has no JetStream yet: %.300s",
                                   failed.message);
    if (account.max_storage_bytes != wanted)
        return cat_error_set_class(error, CAT_E_UNAVAILABLE, CAT_CLASS_WAITING,
                                   "the event account shows %lld bytes where its plan gives %lld",
                                   (long long)account.max_storage_bytes, (long long)wanted);
    return 0;
}

int ec_account_observe(ec_controller *controller, const char *organization, const char *plan, json_t **account, cat_error *error)
{
    cat_auto(account_keys) keys = {0};
    cat_error failed = {0};
    int code = read_keys(controller, organization, &keys, &failed);
    if (code == CAT_E_NOT_FOUND) {
        *account = NULL;
        return 0;
    }
    if (code < 0)
        return cat_error_copy(error, &failed);
    json_t *claims = NULL;
    code = look_up(controller, keys.account.public_key, &claims, error);
    if (code < 0)
        return code;
    bool shown = claims && check_limits(controller, organization, plan, NULL) == 0;
    *account = json_pack("{s:s, s:s, s:o, s:o, s:b}", "publicKey", keys.account.public_key, "signingKey", keys.signing.public_key,
                         "wanted", ec_account_limits(plan), "claims", claims ? claims : json_null(), "shown", shown);
    return 0;
}

static int push(ec_controller *controller, const char *subject, const char *jwt, const char *what, cat_error *error)
{
    cat_autofree char *reply = NULL;
    size_t length = 0;
    int code = cat_spine_request(controller->system, &(cat_spine_question){subject, jwt, strlen(jwt), REQUEST_MS}, &reply,
                                 &length, error);
    if (code < 0)
        return cat_error_wrap(error, "%s", what);
    cat_autojson json_t *answer = NULL;
    if (cat_json_parse(reply, length, &CAT_JSON_CAPS, &answer, NULL) < 0)
        return cat_error_set(error, CAT_E_PROTOCOL, "%s: the spine answered no JSON", what);
    if (cat_json_get(answer, "error") || cat_json_int_or(answer, "data.code", 200) != 200)
        return cat_error_set(error, CAT_E_UNAVAILABLE, "%s: %s", what,
                             cat_json_text_or(answer, "error.description", cat_json_text_or(answer, "data.message", "refused")));
    return 0;
}

static int push_account(ec_controller *controller, const char *organization, const char *plan, cat_error *error)
{
    cat_auto(account_keys) keys = {0};
    int code = read_keys(controller, organization, &keys, error);
    if (code < 0)
        return code;
    cat_account_limits limits = limits_of(cat_layout_plan_find(plan));
    const char *signing[] = {keys.signing.public_key};
    int64_t now_s = cat_clock_system()->wall_ms(cat_clock_system()) / 1000;
    cat_autofree char *jwt = NULL;
    const cat_account_claims claims = {.name = organization, .limits = &limits, .signing_keys = signing, .signing_key_count = 1};
    code = cat_account_jwt(&controller->operator_key, keys.account.public_key, &claims, now_s, &jwt, error);
    return code < 0 ? code : push(controller, "$SYS.REQ.CLAIMS.UPDATE", jwt, "pushing the event account", error);
}

static int make_credentials(ec_controller *controller, const char *organization, const char *service, cat_error *error)
{
    cat_auto(account_keys) keys = {0};
    int code = read_keys(controller, organization, &keys, error);
    if (code < 0)
        return code;
    cat_nkey user;
    cat_nkey_make(CAT_NKEY_USER, &user);
    int64_t now_s = cat_clock_system()->wall_ms(cat_clock_system()) / 1000;
    cat_autofree char *jwt = NULL, *name = cat_printf("catalyst-%s", service), *secret = cat_printf("nats-%s", organization);
    cat_auto(cat_strings) publish = {0}, subscribe = {0};
    if (!cat_spine_rights_of(service, CAT_SPINE_ORGANIZATION, &publish, &subscribe))
        return cat_error_set(error, CAT_E_INTERNAL, "%s has no rights in an Organization's account", service);
    cat_user_claims claims = {
        .name = service, .publish = &publish, .subscribe = &subscribe, .expires_s = now_s + CAT_SPINE_USER_LIFE_S};
    code = cat_user_jwt(&keys.signing, keys.account.public_key, user.public_key, &claims, now_s, &jwt, error);
    if (code < 0)
        return code;
    cat_autofree char *credentials = cat_nats_credentials(jwt, user.seed);
    cat_nkey_wipe(&user);
    cat_autojson json_t *object = secret_object(controller, name, secret, organization);
    char digest[65], renew_at[CAT_TIME_TEXT_MAX];
    cat_spine_rights_digest(service, CAT_SPINE_ORGANIZATION, digest);
    cat_time_format((now_s + CAT_SPINE_USER_LIFE_S / 2) * 1000, renew_at);
    cat_object_set_annotation(object, EC_ANNOTATION_ACCOUNT, keys.account.public_key);
    cat_object_set_annotation(object, EC_ANNOTATION_RIGHTS, digest);
    cat_object_set_annotation(object, EC_ANNOTATION_RENEW_AT, renew_at);
    json_t *data = json_object();
    put_secret(data, "creds", credentials);
    json_object_set_new(object, "data", data);
    cat_wipe(credentials, strlen(credentials));
    code = cat_kube_apply(controller->kube, object, &(cat_apply_options){.field_manager = EC_FIELD_MANAGER, .force = true}, NULL,
                          error);
    cat_accounts_forget(controller->accounts, organization);
    return code;
}

static int with_spine(ec_controller *controller, const char *organization, const char *environment, ec_step step,
                      const cat_layout_plan *plan, cat_error *error)
{
    cat_spine *spine = NULL;
    int code = cat_accounts_acquire(controller->accounts, organization, &spine, error);
    if (code < 0)
        return code;
    if (step == EC_STEP_ACCOUNT_DEAD_LETTER)
        code = cat_layout_ensure_dead_letter(spine, plan, error);
    else if (step == EC_STEP_SPINE_ENVIRONMENT)
        code = cat_layout_ensure_environment(spine, environment, plan, error);
    else
        code = cat_layout_delete_environment(spine, environment, error);
    cat_accounts_release(controller->accounts, organization);
    cat_autofree char *key = cat_printf("spine/%s", environment ? environment : organization);
    if (code == 0 && step != EC_STEP_SPINE_REMOVE)
        ec_asserted_set(controller->asserted, key, "made");
    else
        ec_asserted_forget(controller->asserted, key);
    return code;
}

static int remove_streams(ec_controller *controller, const char *organization, cat_error *error)
{
    cat_spine *spine = NULL;
    cat_error failed = {0};
    int code = cat_accounts_acquire(controller->accounts, organization, &spine, &failed);
    if (code == CAT_E_NOT_FOUND)
        return 0;
    if (code < 0)
        return cat_error_copy(error, &failed);
    cat_auto(cat_strings) names = {0};
    code = cat_stream_names(spine, &names, error);
    for (size_t i = 0; i < names.count && code == 0; i++)
        code = cat_stream_delete(spine, names.items[i], error);
    cat_accounts_release(controller->accounts, organization);
    return code;
}

/* An account without room, connections or valid users. Its name stays known to the server: it keeps an empty folder of every
 * account that had a stream, and calls itself unwell at its next start when it cannot say whose one is. */
static int close_account(ec_controller *controller, const char *organization, const account_keys *keys, cat_error *error)
{
    int64_t now_s = cat_clock_system()->wall_ms(cat_clock_system()) / 1000;
    cat_autojson json_t *revoked = json_pack("{s:{s:I}}", "revocations", "*", (json_int_t)now_s);
    static const cat_account_limits none = {0};
    cat_autofree char *jwt = NULL;
    const cat_account_claims claims = {.name = organization, .limits = &none, .extra = revoked};
    int code = cat_account_jwt(&controller->operator_key, keys->account.public_key, &claims, now_s, &jwt, error);
    return code < 0 ? code : push(controller, "$SYS.REQ.CLAIMS.UPDATE", jwt, "closing the event account", error);
}

static int remove_account(ec_controller *controller, const char *organization, cat_error *error)
{
    cat_auto(account_keys) keys = {0};
    cat_error failed = {0};
    int code = read_keys(controller, organization, &keys, &failed);
    if (code == CAT_E_NOT_FOUND)
        return 0; /* nothing was made, or it is removed already */
    if (code < 0)
        return cat_error_copy(error, &failed);
    cat_autojson json_t *claims = NULL;
    code = look_up(controller, keys.account.public_key, &claims, error);
    if (code < 0)
        return code;
    if (!claims || cat_json_int_or(claims, "limits.disk_storage", -1) == 0)
        return 0; /* closed already */
    code = remove_streams(controller, organization, error);
    if (code < 0)
        return code;
    cat_accounts_forget(controller->accounts, organization);
    return close_account(controller, organization, &keys, error);
}

int ec_apply_account(ec_controller *controller, ec_step step, const json_t *arguments, cat_error *error)
{
    const char *name = cat_json_text(arguments, "organization");
    if (step == EC_STEP_KEYS)
        return make_keys(controller, name, error);
    if (step == EC_STEP_ACCOUNT_REMOVE)
        return remove_account(controller, name, error);
    cat_autojson json_t *organization = NULL;
    int code = ec_observe_object(controller, "Organization", NULL, name, &organization, error);
    if (code < 0)
        return code;
    const char *plan = plan_of(organization);
    switch (step) {
    case EC_STEP_ACCOUNT_PUSH:
        return push_account(controller, name, plan, error);
    case EC_STEP_ACCOUNT_CREDENTIALS:
        return make_credentials(controller, name, cat_json_text(arguments, "service"), error);
    case EC_STEP_ACCOUNT_CHECK:
        return check_limits(controller, name, plan, error);
    case EC_STEP_ACCOUNT_DEAD_LETTER:
    case EC_STEP_SPINE_ENVIRONMENT:
    case EC_STEP_SPINE_REMOVE:
        return with_spine(controller, name, cat_json_text(arguments, "environment"), step, cat_layout_plan_find(plan), error);
    default:
        return cat_error_set(error, CAT_E_INTERNAL, "step %d is not one of an account", step);
    }
}
