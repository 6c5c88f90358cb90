#include "svc/identity.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/encoding.h"
#include "base/test.h"
#include "net/http_test_support.h"
#include "svc/identity_internal.h"

#define NOW_S 1800000000LL
#define ISSUER "http://keycloak/realms/catalyst"

/* A key set endpoint with real keys: what it serves and whether it serves is the test's. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static EVP_PKEY *keys[2];
static int first_served, served_count;
static bool is_down;
static _Atomic int fetches;

static EVP_PKEY *make_key(void)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, NULL);
    EVP_PKEY *key = NULL;
    EVP_PKEY_keygen_init(context);
    EVP_PKEY_keygen(context, &key);
    EVP_PKEY_CTX_free(context);
    return key;
}

static int serve_keys(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)context;
    fetches++;
    pthread_mutex_lock(&mutex);
    int first = first_served, count = is_down ? -1 : served_count;
    pthread_mutex_unlock(&mutex);
    if (count < 0)
        return cat_error_set(error, CAT_E_INTERNAL, "down");
    json_t *list = json_array();
    for (int i = first; i < first + count; i++) {
        unsigned char raw[32];
        size_t length = sizeof raw;
        EVP_PKEY_get_raw_public_key(keys[i], raw, &length);
        cat_autofree char *x = cat_base64url_encode(raw, length), *kid = cat_printf("key-%d", i);
        json_array_append_new(list, cat_json_object("kty", json_string("OKP"), "crv", json_string("Ed25519"), "alg",
                                                    json_string("EdDSA"), "use", json_string("sig"), "kid", json_string(kid), "x",
                                                    json_string(x), NULL));
    }
    return cat_reply_json(reply, 200, cat_json_object("keys", list, NULL));
}

static int show(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)context;
    const char *organization = NULL;
    int result = cat_request_organization(request, &organization, error);
    if (result < 0)
        return result;
    return cat_reply_json(reply, 200,
                          cat_json_object("user", json_string(cat_request_principal(request)->user), "organization",
                                          json_string(organization), NULL));
}

typedef struct {
    cat_identity *identity; /* first, as the guard wants it */
    cat_http_server *issuer, *guarded;
    cat_clock_fake clock;
    cat_kv_watch_handlers people; /* what the bucket of people tells */
} world;

static const cat_route ISSUER_ROUTES[] = {{"GET", "/certs", serve_keys, 0, 0}, {0}};
static const cat_route ROUTES[] = {{"GET", "/me", show, 0, 0}, {0}};

static void world_start(world *own)
{
    cat_error error = {0};
    fetches = 0;
    is_down = false;
    first_served = 0;
    served_count = 1;
    for (int i = 0; i < 2; i++)
        if (!keys[i])
            keys[i] = make_key();
    cat_http_server_start(&(cat_http_server_options){.address = "127.0.0.1:0", .routes = ISSUER_ROUTES}, &own->issuer, &error);
    cat_autofree char *url = cat_printf("http://127.0.0.1:%u/certs", cat_http_server_port(own->issuer));
    cat_config_common config = {.identity = {.issuer = (char *)ISSUER, .jwks_url = url, .audience = (char *)"catalyst"}};
    EXPECT_INT(cat_identity_create(&config, &own->identity, &error), 0);
    cat_clock_fake_init(&own->clock, NOW_S * 1000);
    cat_identity_set_clock(own->identity, &own->clock.clock);
    own->people = cat_mirror_handlers(cat_identity_hear_people(own->identity));
    cat_http_server_start(
        &(cat_http_server_options){.address = "127.0.0.1:0", .routes = ROUTES, .context = own, .guard = cat_identity_guard},
        &own->guarded, &error);
}

static void world_stop(world *own)
{
    cat_http_server_stop(own->guarded, 2000);
    cat_identity_destroy(own->identity);
    cat_http_server_stop(own->issuer, 2000);
}

static char *sign(int key, const char *header, const char *claims)
{
    cat_autofree char *first = cat_base64url_encode(header, strlen(header)),
                      *second = cat_base64url_encode(claims, strlen(claims));
    cat_autofree char *signed_text = cat_printf("%s.%s", first, second);
    unsigned char signature[64];
    size_t length = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_DigestSignInit(context, NULL, NULL, NULL, keys[key]);
    EVP_DigestSign(context, signature, &length, (const unsigned char *)signed_text, strlen(signed_text));
    EVP_MD_CTX_free(context);
    cat_autofree char *third = cat_base64url_encode(signature, length);
    return cat_printf("%s.%s", signed_text, third);
}

static char *token(int key, const char *user, const char *organization, long long expires_s)
{
    cat_autofree char *header = cat_printf("{\"alg\":\"EdDSA\",\"kid\":\"key-%d\"}", key);
    cat_autofree char *claims =
        cat_printf("{\"iss\":\"" ISSUER "\",\"aud\":\"catalyst\",\"sub\":\"1\",\"preferred_username\":\"%s\","
                   "\"groups\":[\"/%s/%s\",\"/elsewhere\"],\"iat\":%lld,\"exp\":%lld}",
                   user, organization, strcmp(organization, "system") == 0 ? "sovereign-admin" : "org-admin", NOW_S, expires_s);
    return sign(key, header, claims);
}

static int verify(world *own, const char *text, cat_error *error)
{
    cat_auto(cat_principal) principal = {0};
    return cat_identity_verify(own->identity, text, &principal, error);
}

TEST("a token of the issuer gives its user, and is verified without asking again")
{
    world own;
    world_start(&own);
    cat_autofree char *text = token(0, "mara", "acme", NOW_S + 900);
    for (int i = 0; i < 3; i++) {
        cat_auto(cat_principal) principal = {0};
        cat_error error = {0};
        EXPECT_INT(cat_identity_verify(own.identity, text, &principal, &error), 0);
        EXPECT_TEXT(error.message, "");
        EXPECT_TEXT(principal.user, "mara");
        EXPECT_INT(principal.membership_count, 1);
        EXPECT_TEXT(principal.memberships[0].organization, "acme");
        EXPECT_TEXT(cat_role_name(principal.memberships[0].role), "org-admin");
        EXPECT_INT(principal.expires_ms, (NOW_S + 900) * 1000);
    }
    EXPECT_INT(fetches, 1);
    world_stop(&own);
}

TEST("a remembered token ends when it expires")
{
    world own;
    world_start(&own);
    cat_autofree char *text = token(0, "mara", "acme", NOW_S + 60);
    EXPECT_INT(verify(&own, text, NULL), 0);
    cat_clock_fake_advance(&own.clock, 59 * 1000);
    EXPECT_INT(verify(&own, text, NULL), 0);
    cat_clock_fake_advance(&own.clock, 31 * 1000 + 1); /* and the leeway */
    EXPECT_INT(verify(&own, text, NULL), CAT_E_UNAUTHORIZED);
    world_stop(&own);
}

TEST("what is not a good token of this issuer is refused")
{
    world own;
    world_start(&own);
    cat_autofree char *good = token(0, "mara", "acme", NOW_S + 900);
    cat_autofree char *expired = token(0, "mara", "acme", NOW_S - 31);
    cat_autofree char *forged = token(0, "mara", "acme", NOW_S + 900);
    char *middle = strchr(forged, '.') + 10;
    *middle = *middle == 'A' ? 'B' : 'A';
    cat_autofree char *unsigned_one =
        sign(0, "{\"alg\":\"none\",\"kid\":\"key-0\"}", "{\"iss\":\"" ISSUER "\",\"aud\":\"catalyst\",\"exp\":1900000000}");
    cat_autofree char *other_audience =
        sign(0, "{\"alg\":\"EdDSA\",\"kid\":\"key-0\"}", "{\"iss\":\"" ISSUER "\",\"aud\":\"other\",\"exp\":1900000000}");
    cat_autofree char *no_claims =
        sign(0, "{\"alg\":\"EdDSA\",\"kid\":\"key-0\"}", "{\"iss\":\"" ISSUER "\",\"aud\":\"catalyst\",\"exp\":1900000000}");
    cat_autofree char *long_one = cat_malloc(20001);
    memset(long_one, 'a', 20000);
    long_one[20000] = '\0';
    const char *const rows[] = {expired, forged, unsigned_one, other_audience, no_claims, long_one, "", "a.b.c"};
    EXPECT_INT(verify(&own, good, NULL), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("row %zu", i);
        cat_error error = {0};
        EXPECT_INT(verify(&own, rows[i], &error), CAT_E_UNAUTHORIZED);
        EXPECT(error.message[0]);
    }
    world_stop(&own);
}

TEST("an unknown key is looked for at most every 10 s, and found once the issuer has it")
{
    world own;
    world_start(&own);
    cat_autofree char *old = token(0, "mara", "acme", NOW_S + 900), *new = token(1, "mara", "acme", NOW_S + 900);
    EXPECT_INT(verify(&own, old, NULL), 0);
    EXPECT_INT(fetches, 1);
    EXPECT_INT(verify(&own, new, NULL), CAT_E_UNAUTHORIZED);
    EXPECT_INT(fetches, 1); /* the first fetch was less than 10 s ago */
    pthread_mutex_lock(&mutex);
    served_count = 2;
    pthread_mutex_unlock(&mutex);
    cat_clock_fake_advance(&own.clock, CAT_IDENTITY_REFRESH_MS);
    EXPECT_INT(verify(&own, new, NULL), 0);
    EXPECT_INT(fetches, 2);
    EXPECT_INT(verify(&own, old, NULL), 0);
    EXPECT_INT(fetches, 2);
    world_stop(&own);
}

TEST("a withdrawn key is worth nothing after the key set's age, and an issuer that is down does not lock anybody out")
{
    world own;
    world_start(&own);
    cat_autofree char *text = token(0, "mara", "acme", NOW_S + 3600);
    EXPECT_INT(verify(&own, text, NULL), 0);
    pthread_mutex_lock(&mutex);
    is_down = true;
    pthread_mutex_unlock(&mutex);
    cat_clock_fake_advance(&own.clock, CAT_IDENTITY_MAX_AGE_MS);
    EXPECT_INT(verify(&own, text, NULL), 0);
    pthread_mutex_lock(&mutex);
    is_down = false;
    first_served = 1; /* key 0 is gone */
    pthread_mutex_unlock(&mutex);
    cat_clock_fake_advance(&own.clock, CAT_IDENTITY_REFRESH_MS);
    EXPECT_INT(verify(&own, text, NULL), CAT_E_UNAUTHORIZED);
    world_stop(&own);
}

TEST("without any keys the answer is that the issuer is not reached, and it is asked again after 10 s")
{
    world own;
    world_start(&own);
    pthread_mutex_lock(&mutex);
    is_down = true;
    pthread_mutex_unlock(&mutex);
    cat_autofree char *text = token(0, "mara", "acme", NOW_S + 900);
    EXPECT_INT(verify(&own, text, NULL), CAT_E_UNAVAILABLE);
    int asked = fetches;
    EXPECT_INT(verify(&own, text, NULL), CAT_E_UNAVAILABLE);
    EXPECT_INT(fetches, asked);
    pthread_mutex_lock(&mutex);
    is_down = false;
    pthread_mutex_unlock(&mutex);
    cat_clock_fake_advance(&own.clock, CAT_IDENTITY_REFRESH_MS);
    EXPECT_INT(verify(&own, text, NULL), 0);
    world_stop(&own);
}

static char *ask(world *own, const char *path, const char *text)
{
    cat_autofree char *request = cat_printf("GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s%s\r\n\r\n", path,
                                            text ? "Authorization: Bearer " : "X: y", text ? text : "");
    return raw_exchange(cat_http_server_port(own->guarded), request);
}

TEST("the guard lets signed-in people in, and the Organization is their own unless they are the Sovereign's")
{
    world own;
    world_start(&own);
    cat_autofree char *person = token(0, "mara", "acme", NOW_S + 900), *sovereign = token(0, "root", "system", NOW_S + 900),
                      *nobody = token(0, "mara", "acme/x", NOW_S + 900);
    const struct {
        const char *path, *text;
        int status;
        const char *has;
    } rows[] = {{"/me", NULL, 401, "bearer token"},
                {"/me", "nonsense", 401, "problem"},
                {"/me", person, 200, "{\"user\":\"mara\",\"organization\":\"acme\"}"},
                {"/me?organization=acme", person, 200, "\"acme\""},
                {"/me?organization=other", person, 404, "there is no Organization other"},
                {"/me", sovereign, 200, "\"system\""},
                {"/me?organization=other", sovereign, 200, "{\"user\":\"root\",\"organization\":\"other\"}"},
                {"/me?organization=No%20Name", sovereign, 404, "problem"},
                {"/me", nobody, 403, "urn:catalyst:problem:no-organization"},
                {"/me?organization=acme", nobody, 403, "mara belongs to no Organization"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s (row %zu)", rows[i].path, i);
        cat_autofree char *answer = ask(&own, rows[i].path, rows[i].text);
        EXPECT_INT(raw_status(answer), rows[i].status);
        EXPECT(strstr(answer, rows[i].has));
    }
    world_stop(&own);
}

static void tell(world *own, const char *key, const char *value)
{
    cat_kv_entry entry = {.key = (char *)key, .value = (char *)value, .length = strlen(value)};
    own->people.on_entry(own->people.context, &entry);
}

TEST("what the mirror no longer has is gone at the next request, though the token lives on and was verified before")
{
    world own;
    world_start(&own);
    cat_autofree char *text = token(0, "mara", "acme", NOW_S + 900), *before = ask(&own, "/me", text);
    EXPECT_INT(raw_status(before), 200);
    cat_auto(cat_principal) streaming = {0};
    EXPECT_INT(cat_identity_verify(own.identity, text, &streaming, NULL), 0);
    tell(&own, "members.acme", "{\"groups\":{\"org-viewer\":[\"1\"],\"org-admin\":[\"2\"]}}");
    tell(&own, "read.acme", "{\"at\":1799999999999}"); /* before the token was made */
    cat_autofree char *newer = ask(&own, "/me", text);
    EXPECT_INT(raw_status(newer), 200);
    tell(&own, "read.acme", "{\"at\":1800000000000}");
    tell(&own, "nonsense", "{");
    cat_autofree char *after = ask(&own, "/me", text);
    EXPECT_INT(raw_status(after), 403);
    EXPECT(strstr(after, "no-organization"));
    EXPECT(cat_identity_reduce(own.identity, &streaming));
    EXPECT_INT(streaming.membership_count, 0);
    tell(&own, "members.acme", "{\"groups\":{\"org-admin\":[\"1\",\"2\"]}}");
    cat_autofree char *again = ask(&own, "/me", text);
    EXPECT_INT(raw_status(again), 200);
    world_stop(&own);
}

static void *verify_often(void *context)
{
    world *own = context;
    int good = 0;
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof name, "user%d", i % 8);
        cat_autofree char *text = token(0, name, "acme", NOW_S + 900);
        good += verify(own, text, NULL) == 0;
        cat_clock_fake_advance(&own->clock, 100);
    }
    return good == 40 ? own : NULL;
}

TEST("many threads verify at the same time")
{
    world own;
    world_start(&own);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, verify_often, &own);
    for (int i = 0; i < 4; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        EXPECT(result == &own);
    }
    world_stop(&own);
}

TEST("an issuer that is not configured is said so")
{
    cat_identity *identity = NULL;
    cat_error error = {0};
    EXPECT_INT(cat_identity_create(&(cat_config_common){0}, &identity, &error), CAT_E_INVALID);
    EXPECT_TEXT(error.message, "identity.issuer is not set");
}

int main(int argc, char **argv)
{
    int result = cat_test_main(argc, argv);
    EVP_PKEY_free(keys[0]);
    EVP_PKEY_free(keys[1]);
    return result;
}
