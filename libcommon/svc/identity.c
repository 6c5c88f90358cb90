#include "svc/identity.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/map.h"
#include "domain/people.h"
#include "net/http_client.h"
#include "svc/identity_internal.h"
#include "wire/digest.h"
#include "wire/jwt.h"

enum { LEEWAY_MS = 30000, FETCH_TIMEOUT_MS = 5000, MAX_KEY_SET_BYTES = 256 * 1024 };

/* Shared by the cache and the requests that are using it. Begins with the principal, which is what the request's data is read as.
 */
typedef struct {
    cat_principal principal;
    _Atomic unsigned references;
} known_user;

/* A key set outlives its successor's arrival for as long as somebody verifies with it. */
typedef struct {
    cat_jwks *jwks;
    _Atomic unsigned references;
} key_set;

struct cat_identity {
    char *issuer, *audience, *jwks_url;
    cat_http_client *client;
    const cat_clock *clock;
    pthread_mutex_t mutex;    /* of `keys`, `fetched_ms` and `tokens`; never held while a peer is asked */
    pthread_mutex_t fetching; /* one asks, the others wait for what it gets */
    key_set *keys;            /* NULL: not fetched yet */
    int64_t fetched_ms, tried_ms;
    bool has_tried;
    cat_map *tokens;    /* hex SHA-256 of a token that was verified → known_user */
    cat_people *people; /* under the mirror's lock */
    cat_mirror *mirror; /* of them; NULL: nobody's is taken away */
};

static void user_unref(void *pointer)
{
    known_user *user = pointer;
    if (atomic_fetch_sub(&user->references, 1) != 1)
        return;
    cat_principal_finish(&user->principal);
    free(user);
}

static void keys_unref(key_set *keys)
{
    if (!keys || atomic_fetch_sub(&keys->references, 1) != 1)
        return;
    cat_jwks_destroy(keys->jwks);
    free(keys);
}

int cat_identity_create(const cat_config_common *config, cat_identity **identity, cat_error *error)
{
    int result = cat_config_require(config->identity.issuer, "identity.issuer", error);
    if (result == 0)
        result = cat_config_require(config->identity.jwks_url, "identity.jwks_url", error);
    if (result == 0)
        result = cat_config_require(config->identity.audience, "identity.audience", error);
    if (result < 0)
        return result;
    cat_identity *made = cat_calloc(1, sizeof *made);
    made->issuer = cat_strdup(config->identity.issuer);
    made->audience = cat_strdup(config->identity.audience);
    made->jwks_url = cat_strdup(config->identity.jwks_url);
    made->client = cat_http_client_create(&(cat_http_client_options){
        .peer = CAT_PEER_IDENTITY, .max_concurrent = 1, .timeout_ms = FETCH_TIMEOUT_MS, .max_response_bytes = MAX_KEY_SET_BYTES});
    made->clock = cat_clock_system();
    made->tokens = cat_map_create(user_unref);
    pthread_mutex_init(&made->mutex, NULL);
    pthread_mutex_init(&made->fetching, NULL);
    made->people = cat_people_create();
    *identity = made;
    return 0;
}

void cat_identity_destroy(cat_identity *identity)
{
    if (!identity)
        return;
    cat_mirror_stop(identity->mirror);
    cat_people_destroy(identity->people);
    cat_map_destroy(identity->tokens);
    keys_unref(identity->keys);
    cat_http_client_destroy(identity->client);
    pthread_mutex_destroy(&identity->mutex);
    pthread_mutex_destroy(&identity->fetching);
    free(identity->issuer);
    free(identity->audience);
    free(identity->jwks_url);
    free(identity);
}

void cat_identity_set_clock(cat_identity *identity, const cat_clock *clock)
{
    identity->clock = clock;
}

static int64_t monotonic_ms(const cat_identity *identity)
{
    return identity->clock->monotonic_ms(identity->clock);
}

/* Key set. */

static int fetch(cat_identity *identity, cat_jwks **jwks, cat_error *error)
{
    cat_auto(cat_http_answer) answer = {0};
    cat_http_call call = {.method = "GET", .url = identity->jwks_url, .retries = 1};
    int result = cat_http_send(identity->client, &call, &answer, error);
    if (result == 0 && answer.status != 200)
        result = cat_http_error(&answer, "the identity provider's key set", error);
    if (result == 0)
        result = cat_jwks_parse(answer.body, answer.length, jwks, error);
    if (result == 0)
        return 0;
    /* Whatever it was, the caller's token is not the reason. */
    cat_error why = {0};
    cat_error_copy(&why, error);
    return cat_error_set_peer(error, CAT_PEER_IDENTITY, CAT_E_UNAVAILABLE, "the identity provider's keys cannot be read: %s",
                              why.message);
}

/* The current keys with a reference; NULL when there are none yet. */
static key_set *keys_get(cat_identity *identity)
{
    pthread_mutex_lock(&identity->mutex);
    key_set *keys = identity->keys;
    if (keys)
        atomic_fetch_add(&keys->references, 1);
    pthread_mutex_unlock(&identity->mutex);
    return keys;
}

static void keys_replace(cat_identity *identity, cat_jwks *jwks)
{
    key_set *keys = cat_calloc(1, sizeof *keys);
    keys->jwks = jwks;
    keys->references = 1;
    pthread_mutex_lock(&identity->mutex);
    key_set *before = identity->keys;
    identity->keys = keys;
    identity->fetched_ms = monotonic_ms(identity);
    /* A token whose key was withdrawn must not live on in the cache. */
    cat_map_clear(identity->tokens);
    pthread_mutex_unlock(&identity->mutex);
    keys_unref(before);
}

/* Fetches, unless somebody did within the last 10 s. `seen`: the keys that were not enough; NULL: none were there. `waits`: while
 * somebody else asks, wait for what comes of it. */
static int refresh(cat_identity *identity, const key_set *seen, bool waits, cat_error *error)
{
    if (!waits && pthread_mutex_trylock(&identity->fetching) != 0)
        return 0;
    if (waits)
        pthread_mutex_lock(&identity->fetching);
    pthread_mutex_lock(&identity->mutex);
    bool is_done = identity->keys && identity->keys != seen;
    pthread_mutex_unlock(&identity->mutex);
    int result = 0;
    if (!is_done && identity->has_tried && monotonic_ms(identity) - identity->tried_ms < CAT_IDENTITY_REFRESH_MS) {
        result = seen ? 0
                      : cat_error_set_peer(error, CAT_PEER_IDENTITY, CAT_E_UNAVAILABLE,
                                           "the identity provider's keys could not be read a moment ago");
    } else if (!is_done) {
        cat_jwks *jwks = NULL;
        identity->has_tried = true;
        identity->tried_ms = monotonic_ms(identity);
        cat_error why = {0};
        result = fetch(identity, &jwks, &why);
        if (result == 0)
            keys_replace(identity, jwks);
        else
            cat_log_warning("keys not refreshed", CAT_FIELD_ERROR(&why));
        if (result < 0)
            cat_error_copy(error, &why);
    }
    pthread_mutex_unlock(&identity->fetching);
    return result;
}

/* Tokens. */

static known_user *cached(cat_identity *identity, const char *digest)
{
    int64_t now = identity->clock->wall_ms(identity->clock);
    pthread_mutex_lock(&identity->mutex);
    known_user *user = cat_map_get(identity->tokens, digest);
    bool is_old = monotonic_ms(identity) - identity->fetched_ms >= CAT_IDENTITY_MAX_AGE_MS;
    if (user && (now >= user->principal.expires_ms || is_old)) {
        cat_map_remove(identity->tokens, digest);
        user = NULL;
    }
    if (user)
        atomic_fetch_add(&user->references, 1);
    pthread_mutex_unlock(&identity->mutex);
    return user;
}

/* The oldest quarter makes room: at 10,000 tokens of 15 minutes it has expired for the most part anyway. The mutex is held. */
static void make_room(cat_identity *identity)
{
    if (cat_map_count(identity->tokens) < CAT_IDENTITY_MAX_TOKENS)
        return;
    size_t at = 0;
    const char *digest = NULL;
    void *user = NULL;
    for (int i = 0; i < CAT_IDENTITY_MAX_TOKENS / 4 && cat_map_next(identity->tokens, &at, &digest, &user); i++)
        cat_map_remove(identity->tokens, digest);
}

static void remember(cat_identity *identity, const char *digest, known_user *user, const key_set *keys)
{
    pthread_mutex_lock(&identity->mutex);
    if (identity->keys == keys) { /* else the keys that said yes are no longer those that count */
        make_room(identity);
        atomic_fetch_add(&user->references, 1);
        cat_map_set(identity->tokens, digest, user);
    }
    pthread_mutex_unlock(&identity->mutex);
}

static bool are_old(cat_identity *identity)
{
    pthread_mutex_lock(&identity->mutex);
    bool old = monotonic_ms(identity) - identity->fetched_ms >= CAT_IDENTITY_MAX_AGE_MS;
    pthread_mutex_unlock(&identity->mutex);
    return old;
}

/* Keys to verify with, fetched when there are none or they are old. An old set serves on while no new one comes. */
static int keys_for_verifying(cat_identity *identity, key_set **keys, cat_error *error)
{
    *keys = keys_get(identity);
    if (*keys && !are_old(identity))
        return 0;
    int result = refresh(identity, *keys, !*keys, error);
    key_set *newer = keys_get(identity);
    keys_unref(*keys);
    *keys = newer;
    return newer ? 0 : result;
}

static int verify_claims(cat_identity *identity, const char *token, json_t **claims, key_set **keys, cat_error *error)
{
    cat_jwt_rules rules = {.issuer = identity->issuer,
                           .audience = identity->audience,
                           .now_ms = identity->clock->wall_ms(identity->clock),
                           .leeway_ms = LEEWAY_MS};
    int result = keys_for_verifying(identity, keys, error);
    if (result < 0)
        return result;
    result = cat_jwt_verify(token, strlen(token), (*keys)->jwks, &rules, claims, error);
    if (result != CAT_E_NOT_FOUND)
        return result;
    /* An unknown key: the provider may have changed its own. That nobody can be asked now is not worth another answer. */
    refresh(identity, *keys, true, NULL);
    key_set *newer = keys_get(identity);
    bool same = newer == *keys;
    keys_unref(*keys);
    *keys = newer;
    if (!same)
        result = cat_jwt_verify(token, strlen(token), newer->jwks, &rules, claims, error);
    return result == CAT_E_NOT_FOUND
               ? cat_error_set(error, CAT_E_UNAUTHORIZED, "the token was signed with a key that is not known")
               : result;
}

static int verify(cat_identity *identity, const char *token, known_user **user, cat_error *error)
{
    char digest[CAT_SHA256_HEX];
    size_t length = strnlen(token, CAT_JWT_MAX_BYTES + 1);
    if (length > CAT_JWT_MAX_BYTES)
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token is too long");
    cat_sha256_hex(token, length, digest);
    *user = cached(identity, digest);
    if (*user)
        return 0;
    cat_autojson json_t *claims = NULL;
    key_set *keys = NULL;
    cat_principal principal = {0};
    int result = verify_claims(identity, token, &claims, &keys, error);
    if (result == 0)
        result = cat_principal_from_claims(claims, &principal, error);
    if (result == 0) {
        *user = cat_calloc(1, sizeof **user);
        (*user)->principal = principal;
        (*user)->references = 1;
        remember(identity, digest, *user, keys);
    }
    keys_unref(keys);
    return result;
}

/* People. */

static int take_entry(void *context, const char *key, json_t *value_taken, cat_error *error)
{
    cat_identity *identity = context;
    cat_autojson json_t *value = value_taken;
    return cat_people_apply(identity->people, key, value, error);
}

static void forget_people(void *context)
{
    cat_identity *identity = context;
    cat_people_clear(identity->people);
}

static cat_mirror_options options_of(cat_identity *identity, cat_spine *spine)
{
    return (cat_mirror_options){.spine = spine,
                                .bucket = CAT_PEOPLE_BUCKET,
                                .what = "who is in which group",
                                .take = take_entry,
                                .clear = forget_people,
                                .context = identity};
}

int cat_identity_watch_people(cat_identity *identity, cat_spine *spine, cat_error *error)
{
    const cat_mirror_options options = options_of(identity, spine);
    return cat_mirror_start(&options, &identity->mirror, error);
}

cat_mirror *cat_identity_hear_people(cat_identity *identity)
{
    const cat_mirror_options options = options_of(identity, NULL);
    return identity->mirror = cat_mirror_create(&options);
}

/* What is known counts, also while it is read anew. */
bool cat_identity_reduce(cat_identity *identity, cat_principal *principal)
{
    if (!identity->mirror)
        return false;
    cat_mirror_peek(identity->mirror);
    bool less = cat_people_reduce(identity->people, principal);
    cat_mirror_release(identity->mirror);
    return less;
}

static bool has_lost(cat_identity *identity, const cat_principal *principal)
{
    bool lost = false;
    if (!identity->mirror)
        return false;
    cat_mirror_peek(identity->mirror);
    for (size_t i = 0; i < principal->membership_count && !lost; i++)
        lost = !cat_people_keeps(identity->people, principal->subject, principal->issued_ms, &principal->memberships[i]);
    cat_mirror_release(identity->mirror);
    return lost;
}

/* What a token says is kept with it; what is gone since is taken away at each use, from a copy of the request's own. */
static void take_away(cat_identity *identity, known_user **user)
{
    if (!has_lost(identity, &(*user)->principal))
        return;
    known_user *left = cat_calloc(1, sizeof *left);
    left->references = 1;
    cat_principal_copy(&left->principal, &(*user)->principal);
    cat_identity_reduce(identity, &left->principal);
    user_unref(*user);
    *user = left;
}

int cat_identity_verify(cat_identity *identity, const char *token, cat_principal *principal, cat_error *error)
{
    known_user *user = NULL;
    int result = verify(identity, token, &user, error);
    if (result < 0)
        return result;
    cat_principal_copy(principal, &user->principal);
    cat_identity_reduce(identity, principal);
    user_unref(user);
    return 0;
}

int cat_identity_guard(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    cat_identity *identity = *(cat_identity **)context;
    const char *authorization = cat_request_header(request, "Authorization");
    if (!authorization || strncasecmp(authorization, "Bearer ", 7) != 0)
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "this needs a bearer token");
    known_user *user = NULL;
    int result = verify(identity, authorization + 7 + strspn(authorization + 7, " "), &user, error);
    if (result < 0)
        return result;
    take_away(identity, &user);
    const char *organization = NULL;
    cat_error none = {0};
    if (user->principal.membership_count == 0) {
        /* Signing in anew would not help, so it is no 401. */
        cat_principal_choose(&user->principal, NULL, &organization, &none);
        result = cat_reply_problem(reply, "no-organization", none.message, NULL);
    }
    cat_request_set_data(request, user, user_unref);
    return result;
}

const cat_principal *cat_request_principal(const cat_request *request)
{
    return cat_request_data(request);
}

int cat_request_organization(const cat_request *request, const char **organization, cat_error *error)
{
    const cat_principal *principal = cat_request_principal(request);
    if (!principal)
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "this needs a bearer token");
    return cat_principal_choose(principal, cat_request_query(request, "organization"), organization, error);
}

int cat_request_is_about(const cat_request *request, const char *organization, cat_error *error)
{
    const char *asked = cat_request_query(request, "organization");
    return !asked || strcmp(asked, organization) == 0
               ? 0
               : cat_error_set(error, CAT_E_NOT_FOUND, "there is no such thing in the Organization %.64s", asked);
}
