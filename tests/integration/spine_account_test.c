#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/test.h"
#include "nats_fixture.h"
#include "svc/events.h"
#include "svc/spine_layout.h"
#include "wire/subjects.h"

static nats_fixture *nats;

static cat_account_limits limits_of(const cat_layout_plan *plan)
{
    return (cat_account_limits){.disk_bytes = plan->disk_bytes,
                                .streams = 2 * plan->environments + 1,
                                .consumers_per_stream = plan->consumers_per_stream,
                                .connections = plan->connections,
                                .subscriptions = -1,
                                .max_payload_bytes = -1,
                                .max_bytes_required = true};
}

static cat_spine *make_account(const char *name, const cat_account_limits *limits, nats_account *account)
{
    *account = (nats_account){0};
    nats_fixture_put_account(nats, name, limits, account);
    return nats_fixture_connect(nats, account->credentials);
}

TEST("an account made while the server runs shows its limits, and changes when it is put again")
{
    const cat_layout_plan *small = cat_layout_plan_find("small"), *medium = cat_layout_plan_find("medium");
    cat_account_limits limits = limits_of(small);
    nats_account account;
    cat_spine *spine = make_account("acme", &limits, &account);
    cat_spine_account seen = {0};
    cat_error error = {0};
    EXPECT_INT(cat_spine_account_info(spine, &seen, &error), 0);
    EXPECT_TEXT(error.message, "");
    EXPECT_INT(seen.max_storage_bytes, small->disk_bytes);
    EXPECT_INT(seen.max_streams, 11);
    EXPECT_INT(seen.max_consumers, small->consumers_per_stream);
    EXPECT(seen.max_bytes_required);
    limits = limits_of(medium);
    nats_fixture_put_account(nats, "acme", &limits, &account);
    for (int i = 0; i < 100 && seen.max_storage_bytes != medium->disk_bytes; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        cat_spine_account_info(spine, &seen, NULL);
    }
    EXPECT_INT(seen.max_storage_bytes, medium->disk_bytes);
    cat_spine_destroy(spine);
    nats_account_finish(&account);
}

TEST("an account without JetStream is unavailable, not broken")
{
    cat_account_limits limits = {.connections = -1, .subscriptions = -1, .max_payload_bytes = -1};
    nats_account account;
    cat_spine *spine = make_account("bare", &limits, &account);
    cat_spine_account seen;
    EXPECT_INT(cat_spine_account_info(spine, &seen, NULL), CAT_E_UNAVAILABLE);
    cat_spine_destroy(spine);
    nats_account_finish(&account);
}

TEST("credentials of an account that the server does not know are refused")
{
    nats_account known, unknown = {0};
    cat_account_limits limits = limits_of(cat_layout_plan_find("small"));
    cat_spine *spine = make_account("known", &limits, &known);
    cat_spine_destroy(spine);
    cat_nkey user;
    cat_autofree char *jwt = NULL;
    cat_nkey_make(CAT_NKEY_ACCOUNT, &unknown.key);
    cat_nkey_make(CAT_NKEY_USER, &user);
    REQUIRE(cat_user_jwt(&unknown.key, unknown.key.public_key, user.public_key, "nobody", NULL, NULL, time(NULL), &jwt, NULL) ==
            0);
    unknown.credentials = cat_nats_credentials(jwt, user.seed);
    cat_spine *none = NULL;
    cat_error error = {0};
    cat_spine_options options = {.url = nats_fixture_url(nats), .credentials_text = unknown.credentials};
    EXPECT_INT(cat_spine_connect(&options, &none, &error), CAT_E_UNAUTHORIZED);
    EXPECT(none == NULL);
    nats_account_finish(&unknown);
    nats_account_finish(&known);
}

TEST("a plan's account holds every Environment that it allows for, and no more than its quota")
{
    static const char *const TYPES[] = {"dev", "stg", "uat", "prod", "poc"};
    const cat_layout_plan *plan = cat_layout_plan_find("small");
    cat_account_limits limits = limits_of(plan);
    nats_account account;
    cat_spine *spine = make_account("full", &limits, &account);
    cat_error error = {0};
    EXPECT_INT(cat_layout_ensure_dead_letter(spine, plan, &error), 0);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++) {
            char environment[40];
            snprintf(environment, sizeof(environment), "full-%s", TYPES[i]);
            cat_test_row("%s: %s", environment, error.message);
            EXPECT_INT(cat_layout_ensure_environment(spine, environment, plan, &error), 0);
        }
    }
    EXPECT_INT(cat_layout_delete_environment(spine, "full-poc", &error), 0);
    cat_auto(cat_strings) names = {0};
    EXPECT_INT(cat_stream_names(spine, &names, NULL), 0);
    EXPECT_INT(names.count, 9);
    EXPECT(cat_strings_has(&names, "KV_ws-full-dev-state"));
    EXPECT(!cat_strings_has(&names, "ws-full-poc"));
    cat_stream_config greedy = {.name = "greedy", .subjects = {"greedy"}, .max_bytes = plan->disk_bytes};
    EXPECT_INT(cat_stream_ensure(spine, &greedy, NULL), CAT_E_LIMIT);
    cat_stream_config endless = {.name = "endless", .subjects = {"endless"}};
    EXPECT_INT(cat_stream_ensure(spine, &endless, NULL), CAT_E_INVALID);
    cat_spine_destroy(spine);
    nats_account_finish(&account);
}

TEST("one account neither reads nor writes another's subjects")
{
    const cat_layout_plan *plan = cat_layout_plan_find("small");
    cat_account_limits limits = limits_of(plan);
    nats_account ours, theirs;
    cat_spine *our = make_account("ours", &limits, &ours), *their = make_account("theirs", &limits, &theirs);
    REQUIRE(cat_layout_ensure_environment(our, "ours-dev", plan, NULL) == 0);
    cat_publication publication = {.subject = "ws.ours-dev.git.abc", .body = "{}", .length = 2, .expected_subject_sequence = -1};
    EXPECT_INT(cat_spine_publish(our, &publication, NULL, NULL, NULL), 0);
    EXPECT_INT(cat_spine_publish(their, &publication, NULL, NULL, NULL), CAT_E_NOT_FOUND);
    cat_stream_info info;
    EXPECT_INT(cat_stream_get_info(their, "ws-ours-dev", &info, NULL), CAT_E_NOT_FOUND);
    REQUIRE(cat_stream_get_info(our, "ws-ours-dev", &info, NULL) == 0);
    EXPECT_INT(info.messages, 1);
    cat_spine_destroy(our);
    cat_spine_destroy(their);
    nats_account_finish(&ours);
    nats_account_finish(&theirs);
}

TEST("the control plane's layout fits an account of two GiB, and its audit trail refuses to be cut")
{
    cat_account_limits limits = {.disk_bytes = INT64_C(2) << 30,
                                 .streams = -1,
                                 .consumers_per_stream = -1,
                                 .connections = -1,
                                 .subscriptions = -1,
                                 .max_payload_bytes = -1,
                                 .max_bytes_required = true};
    nats_account account;
    cat_spine *spine = make_account("CATALYST", &limits, &account);
    static const char *const STREAMS[] = {"catalyst-events", "catalyst-audit", "billing-ledger", "provisioning-work"};
    static const char *const BUCKETS[] = {"catalyst-state", "catalyst-blueprints", "catalyst-catalog", "catalyst-informers",
                                          "catalyst-plans", "catalyst-meters",     "catalyst-people",  "catalyst-leases"};
    cat_error error = {0};
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof(STREAMS) / sizeof(STREAMS[0]); i++) {
            cat_test_row("%s: %s", STREAMS[i], error.message);
            EXPECT_INT(cat_layout_ensure_stream(spine, STREAMS[i], &error), 0);
        }
        for (size_t i = 0; i < sizeof(BUCKETS) / sizeof(BUCKETS[0]); i++) {
            cat_test_row("%s: %s", BUCKETS[i], error.message);
            EXPECT_INT(cat_layout_ensure_bucket(spine, BUCKETS[i], &error), 0);
        }
    }
    cat_test_row("audit");
    cat_principal who = {.user = "ada"};
    cat_audit audit = {.service = "provisioning",
                       .id = "once",
                       .what = "install",
                       .object = "blog",
                       .organization = "acme",
                       .result = "accepted",
                       .who = &who};
    EXPECT_INT(cat_audit_write(spine, &audit, &error), 0);
    EXPECT_INT(cat_audit_write(spine, &audit, &error), 0);
    cat_stream_info info;
    REQUIRE(cat_stream_get_info(spine, "catalyst-audit", &info, NULL) == 0);
    EXPECT_INT(info.messages, 1);
    cat_autofree char *reply = NULL;
    size_t length = 0;
    REQUIRE(cat_spine_request(spine, "$JS.API.STREAM.PURGE.catalyst-audit", NULL, 0, 2000, &reply, &length, NULL) == 0);
    EXPECT(strstr(reply, "\"error\""));
    cat_consumer_options options = {.stream = "catalyst-audit", .no_ack = true};
    cat_autoptr(cat_consumer) consumer = NULL;
    REQUIRE(cat_consumer_create(spine, &options, &consumer, NULL) == 0);
    cat_auto(cat_messages) messages = {0};
    REQUIRE(cat_consumer_fetch(consumer, 1, 5000, &messages, NULL) == 0 && messages.count == 1);
    EXPECT_TEXT(messages.items[0].subject, "catalyst.audit.acme.provisioning");
    cat_auto(cat_cloudevent_in) event = {0};
    REQUIRE(cat_cloudevent_parse(messages.items[0].data, messages.items[0].length, &event, NULL) == 0);
    EXPECT_TEXT(event.type, "io.openova.catalyst.audit.recorded.v1");
    EXPECT_TEXT(cat_view_text(event.data, "who"), "ada");
    EXPECT_TEXT(cat_view_text(event.data, "what"), "install");
    cat_messages_finish(&messages);
    cat_consumer_destroy(cat_take(consumer));
    cat_spine_destroy(spine);
    nats_account_finish(&account);
}

int main(int argc, char **argv)
{
    nats = nats_fixture_start_operator();
    int result = cat_test_main(argc, argv);
    nats_fixture_stop(nats);
    return result;
}
