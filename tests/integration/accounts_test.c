/* Connections to Organizations' accounts, from Secrets of a real API server (CATALYST_TEST_KUBECONFIG) to a nats-server of the
 * test's own. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/random.h"
#include "base/test.h"
#include "nats_fixture.h"
#include "svc/accounts.h"

#define SKIPPED 77

static const cat_resource SECRETS = {"", "v1", "Secret", "secrets", true},
                          NAMESPACES = {"", "v1", "Namespace", "namespaces", false};
static nats_fixture *nats;
static cat_kube *kube;
static char namespace[64];
static cat_accounts *accounts;

static bool put_secret(const char *organization, const char *credentials)
{
    cat_autofree char *name = cat_printf("nats-%s", organization), *encoded = cat_base64_encode(credentials, strlen(credentials));
    cat_autojson json_t *secret = cat_object_make(&SECRETS, namespace, name);
    cat_json_set_text(secret, "data.creds", encoded);
    cat_error error = {0};
    if (cat_kube_apply(kube, secret, &(cat_apply_options){.field_manager = "test", .force = true}, NULL, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return error.code == 0;
}

static void put_account(const char *name, int64_t disk_bytes, nats_account *account)
{
    cat_account_limits limits = {.disk_bytes = disk_bytes,
                                 .streams = -1,
                                 .consumers_per_stream = -1,
                                 .connections = -1,
                                 .subscriptions = -1,
                                 .max_payload_bytes = -1};
    *account = (nats_account){0};
    nats_fixture_put_account(nats, name, &limits, account);
}

static int64_t disk_of(cat_spine *spine)
{
    cat_spine_account info = {0};
    cat_spine_account_info(spine, &info, NULL);
    return info.max_storage_bytes;
}

TEST("an Organization's connection is made once from its Secret and lent to everybody")
{
    nats_account account;
    put_account("lent", 1 << 20, &account);
    REQUIRE(put_secret("lent", account.credentials));
    cat_spine *first = NULL, *second = NULL;
    cat_error error = {0};
    EXPECT_INT(cat_accounts_acquire(accounts, "lent", &first, &error), 0);
    EXPECT_TEXT(error.message, "");
    EXPECT_INT(cat_accounts_acquire(accounts, "lent", &second, NULL), 0);
    EXPECT(first == second);
    REQUIRE(first);
    EXPECT_INT(disk_of(first), 1 << 20);
    cat_accounts_release(accounts, "lent");
    cat_accounts_release(accounts, "lent");
    nats_account_finish(&account);
}

TEST("while the Secret is not there, or holds nothing, the Organization is waited for")
{
    cat_spine *spine = NULL;
    cat_error error = {0};
    EXPECT_INT(cat_accounts_acquire(accounts, "nobody", &spine, &error), CAT_E_NOT_FOUND);
    EXPECT_INT(error.class, CAT_CLASS_WAITING);
    EXPECT(strstr(error.message, "nats-nobody"));
    REQUIRE(put_secret("nothing", ""));
    EXPECT_INT(cat_accounts_acquire(accounts, "nothing", &spine, &error), CAT_E_INVALID);
    EXPECT_INT(error.class, CAT_CLASS_WAITING);
    EXPECT(spine == NULL);
}

TEST("credentials that changed are used after they were told of, and who still has the old connection keeps it")
{
    nats_account before, after;
    put_account("before", 1 << 20, &before);
    put_account("after", 2 << 20, &after);
    REQUIRE(put_secret("changing", before.credentials));
    cat_spine *old = NULL, *new = NULL;
    REQUIRE(cat_accounts_acquire(accounts, "changing", &old, NULL) == 0);
    REQUIRE(put_secret("changing", after.credentials));
    cat_accounts_forget(accounts, "changing");
    REQUIRE(cat_accounts_acquire(accounts, "changing", &new, NULL) == 0);
    EXPECT(new != old);
    EXPECT_INT(disk_of(old), 1 << 20);
    EXPECT_INT(disk_of(new), 2 << 20);
    cat_accounts_release(accounts, "changing");
    EXPECT_INT(disk_of(old), 1 << 20);
    cat_accounts_release(accounts, "changing");
    cat_accounts_forget(accounts, "never-had");
    cat_accounts_release(accounts, "never-had");
    nats_account_finish(&before);
    nats_account_finish(&after);
}

static void *acquire_many(void *argument)
{
    for (int i = 0; i < 50; i++) {
        cat_spine *spine = NULL;
        cat_error error = {0};
        int result = cat_accounts_acquire(accounts, "crowd", &spine, &error);
        if (result == 0) {
            if (disk_of(spine) != 1 << 20)
                return "a lent connection does not work";
            cat_accounts_release(accounts, "crowd");
        } else if (result != CAT_E_UNAVAILABLE) {
            return "an acquire failed";
        }
        if (argument && i % 10 == 0)
            cat_accounts_forget(accounts, "crowd");
    }
    return NULL;
}

TEST("many threads share one Organization while its credentials are told to have changed")
{
    nats_account account;
    put_account("crowd", 1 << 20, &account);
    REQUIRE(put_secret("crowd", account.credentials));
    pthread_t threads[6];
    for (size_t i = 0; i < 6; i++)
        REQUIRE(pthread_create(&threads[i], NULL, acquire_many, i == 0 ? &threads : NULL) == 0);
    for (size_t i = 0; i < 6; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        EXPECT_TEXT((const char *)failed, NULL);
    }
    nats_account_finish(&account);
}

TEST("an Organization that is known is reached again without its Secret")
{
    nats_account account;
    put_account("idle", 1 << 20, &account);
    REQUIRE(put_secret("idle", account.credentials));
    cat_accounts *own = cat_accounts_create(
        &(cat_accounts_options){.url = nats_fixture_url(nats), .namespace = namespace, .kube = kube, .idle_ms = 50});
    cat_spine *spine = NULL;
    REQUIRE(cat_accounts_acquire(own, "idle", &spine, NULL) == 0);
    cat_accounts_release(own, "idle");
    EXPECT_INT(cat_kube_delete(kube, &SECRETS, namespace, "nats-idle", NULL, NULL), 0);
    cat_clock_system()->sleep_ms(cat_clock_system(), 500); /* the connection is closed */
    EXPECT_INT(cat_accounts_acquire(own, "idle", &spine, NULL), 0);
    EXPECT_INT(disk_of(spine), 1 << 20);
    cat_accounts_release(own, "idle");
    cat_accounts_forget(own, "idle");
    EXPECT_INT(cat_accounts_acquire(own, "idle", &spine, NULL), CAT_E_NOT_FOUND);
    cat_accounts_destroy(own);
    nats_account_finish(&account);
}

int main(int argc, char **argv)
{
    const char *path = getenv("CATALYST_TEST_KUBECONFIG");
    cat_error error = {0};
    if (!path || !*path)
        return SKIPPED;
    if (cat_kube_create_from_file(path, &kube, &error) < 0) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    snprintf(namespace, sizeof(namespace), "accounts-test-%llx", (unsigned long long)cat_random_below(UINT64_C(1) << 40));
    cat_autojson json_t *object = cat_object_make(&NAMESPACES, NULL, namespace);
    if (cat_kube_create_object(kube, object, NULL, &error) < 0) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    nats = nats_fixture_start_operator();
    accounts = cat_accounts_create(
        &(cat_accounts_options){.url = nats_fixture_url(nats), .namespace = namespace, .client_name = "test", .kube = kube});
    int result = cat_test_main(argc, argv);
    cat_accounts_destroy(accounts);
    nats_fixture_stop(nats);
    cat_kube_delete(kube, &NAMESPACES, NULL, namespace, NULL, NULL);
    cat_kube_destroy(kube);
    return result;
}
