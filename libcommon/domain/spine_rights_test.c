#include "domain/spine_rights.h"

#include <string.h>

#include "base/memory.h"
#include "base/test.h"
#include "wire/nkey.h"

/* NATS' matching: `*` is one token, `>` at the end one or more. */
static bool matches(const char *pattern, const char *subject)
{
    for (;;) {
        size_t wanted = strcspn(pattern, "."), given = strcspn(subject, ".");
        if (strcmp(pattern, ">") == 0)
            return given > 0;
        if (!(wanted == 1 && *pattern == '*') && (wanted != given || memcmp(pattern, subject, wanted) != 0))
            return false;
        pattern += wanted;
        subject += given;
        if (!*pattern || !*subject)
            return *pattern == *subject;
        pattern++;
        subject++;
    }
}

static bool may(const char *service, cat_spine_account_kind account, bool subscribe, const char *subject)
{
    cat_auto(cat_strings) publish = {0}, listen = {0};
    cat_spine_rights_of(service, account, &publish, &listen);
    const cat_strings *list = subscribe ? &listen : &publish;
    for (size_t i = 0; i < list->count; i++) {
        if (matches(list->items[i], subject))
            return true;
    }
    return false;
}

TEST("each service may do what its duty asks, and none of the others'")
{
    static const struct {
        const char *service;
        cat_spine_account_kind account;
        const char *subject, *who; /* who may: a letter a service */
    } ROWS[] = {
        {NULL, CAT_SPINE_CATALYST, "$KV.catalyst-plans.work.01abc", "p"},
        {NULL, CAT_SPINE_CATALYST, "$JS.API.STREAM.MSG.GET.KV_catalyst-plans", "p"},
        {NULL, CAT_SPINE_CATALYST, "$JS.API.CONSUMER.CREATE.KV_catalyst-plans.c1.$KV.catalyst-plans.>", "p"},
        {NULL, CAT_SPINE_CATALYST, "$JS.API.CONSUMER.CREATE.KV_catalyst-plans.c1", ""},
        {NULL, CAT_SPINE_CATALYST, "catalyst.command.provisioning.carry-out", "p"},
        {NULL, CAT_SPINE_CATALYST, "$JS.API.CONSUMER.MSG.NEXT.provisioning-work.workers", "p"},
        {NULL, CAT_SPINE_CATALYST, "$JS.API.STREAM.UPDATE.catalyst-audit", "e"},
        {NULL, CAT_SPINE_CATALYST, "$JS.API.STREAM.CREATE.KV_catalyst-catalog", "e"},
        {NULL, CAT_SPINE_CATALYST, "$JS.API.STREAM.PURGE.catalyst-audit", ""},
        {NULL, CAT_SPINE_CATALYST, "$JS.API.STREAM.DELETE.catalyst-audit", ""},
        {NULL, CAT_SPINE_CATALYST, "$JS.API.STREAM.SNAPSHOT.catalyst-audit", ""},
        {NULL, CAT_SPINE_CATALYST, "$JS.API.CONSUMER.NAMES.catalyst-events", ""},
        {NULL, CAT_SPINE_CATALYST, "catalyst.audit.acme.provisioning", "p"},
        {NULL, CAT_SPINE_CATALYST, "catalyst.audit.acme.billing", ""},
        {NULL, CAT_SPINE_CATALYST, "catalyst.billing.acme.usage", "b"},
        {NULL, CAT_SPINE_CATALYST, "$KV.catalyst-state.organization._.acme", "j"},
        {NULL, CAT_SPINE_CATALYST, "$KV.catalyst-blueprints.catalog.bp-x.1", "r"},
        {NULL, CAT_SPINE_CATALYST, "$KV.catalyst-people.ada", "e"},
        {NULL, CAT_SPINE_CATALYST, "$KV.catalyst-leases.billing.key.acme", "b"},
        {NULL, CAT_SPINE_CATALYST, "$KV.catalyst-leases.projector.key.acme", "j"},
        /* Names of consumers there are random, and nobody may list them. */
        {NULL, CAT_SPINE_CATALYST, "$JS.API.CONSUMER.MSG.NEXT.catalyst-events.3f9c", "ejr"},
        {NULL, CAT_SPINE_CATALYST, "_INBOX.provisioning.x.1", "p"},
        {NULL, CAT_SPINE_ORGANIZATION, "ws.acme-dev.k8s.pod.a.b", "e"},
        {NULL, CAT_SPINE_ORGANIZATION, "ws.acme-dev.operation.01abc", "p"},
        {NULL, CAT_SPINE_ORGANIZATION, "ws.acme-dev.git.abc", "j"},
        {NULL, CAT_SPINE_ORGANIZATION, "$KV.ws-acme-dev-state.pod.a.b", "j"},
        {NULL, CAT_SPINE_ORGANIZATION, "$JS.API.STREAM.DELETE.ws-acme-dev", "e"},
        {NULL, CAT_SPINE_ORGANIZATION, "$JS.API.STREAM.PURGE.ws-acme-dev", ""},
    };
    static const struct {
        const char *name;
        char letter;
    } SERVICES[] = {{"environment-controller", 'e'}, {"projector", 'j'},   {"provisioning", 'p'},
                    {"blueprint-controller", 'r'},   {"catalog-svc", 'c'}, {"billing", 'b'}};
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        for (size_t j = 0; j < sizeof(SERVICES) / sizeof(SERVICES[0]); j++) {
            cat_test_row("%s publishes %s", SERVICES[j].name, ROWS[i].subject);
            EXPECT(may(SERVICES[j].name, ROWS[i].account, false, ROWS[i].subject) ==
                   (strchr(ROWS[i].who, SERVICES[j].letter) != NULL));
        }
    }
}

TEST("a user hears its own inbox alone")
{
    EXPECT(may("billing", CAT_SPINE_CATALYST, true, "_INBOX.billing.a.1"));
    EXPECT(!may("billing", CAT_SPINE_CATALYST, true, "_INBOX.provisioning.a.1"));
    EXPECT(!may("billing", CAT_SPINE_CATALYST, true, "_INBOX.>"));
    EXPECT(!may("billing", CAT_SPINE_ORGANIZATION, true, "ws.acme-dev.k8s.pod.a.b"));
    EXPECT(!may("provisioning", CAT_SPINE_CATALYST, true, "catalyst.command.provisioning.carry-out"));
}

TEST("who is not in the table has no rights, and its digest is nobody's else")
{
    cat_auto(cat_strings) publish = {0}, subscribe = {0};
    EXPECT(!cat_spine_rights_of("console", CAT_SPINE_CATALYST, &publish, &subscribe));
    EXPECT(!cat_spine_rights_of("catalog-svc", CAT_SPINE_ORGANIZATION, &publish, &subscribe));
    EXPECT(publish.count == 0 && subscribe.count == 0);
    char one[65], other[65], again[65];
    cat_spine_rights_digest("billing", CAT_SPINE_ORGANIZATION, one);
    cat_spine_rights_digest("projector", CAT_SPINE_ORGANIZATION, other);
    cat_spine_rights_digest("billing", CAT_SPINE_ORGANIZATION, again);
    EXPECT(strcmp(one, other) != 0);
    EXPECT_TEXT(one, again);
}

typedef struct {
    size_t count, inside;
} seen;

static void look(void *context, const cat_spine_right *right)
{
    seen *all = context;
    all->count++;
    EXPECT(right->why && *right->why);
    /* Whoever could write everywhere, or speak to the server itself, would need no table. */
    EXPECT(strcmp(right->subject, ">") != 0 && strncmp(right->subject, "*", 1) != 0);
    if (strncmp(right->subject, "$SYS", 4) == 0)
        EXPECT(right->account == CAT_SPINE_SYSTEM);
}

TEST("every right says what it is for, and none is for everything")
{
    seen all = {0};
    cat_spine_rights_each(look, &all);
    EXPECT(all.count > 100);
}

TEST("a user's claims fit into a line of the server's protocol")
{
    static const char *const SERVICES[] = {"environment-controller", "projector",   "provisioning",
                                           "blueprint-controller",   "catalog-svc", "billing"};
    cat_nkey account, user;
    cat_nkey_make(CAT_NKEY_ACCOUNT, &account);
    cat_nkey_make(CAT_NKEY_USER, &user);
    for (size_t i = 0; i < sizeof(SERVICES) / sizeof(SERVICES[0]); i++) {
        cat_auto(cat_strings) publish = {0}, subscribe = {0};
        REQUIRE(cat_spine_rights_of(SERVICES[i], CAT_SPINE_CATALYST, &publish, &subscribe));
        cat_user_claims claims = {.name = SERVICES[i], .publish = &publish, .subscribe = &subscribe, .expires_s = 1};
        cat_autofree char *jwt = NULL;
        REQUIRE(cat_user_jwt(&account, account.public_key, user.public_key, &claims, 1, &jwt, NULL) == 0);
        cat_test_row("%s: %zu", SERVICES[i], strlen(jwt));
        EXPECT(strlen(jwt) < 12 * 1024); /* the server's max_control_line is 16 KiB */
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
