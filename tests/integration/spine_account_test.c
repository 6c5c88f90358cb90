#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/test.h"
#include "domain/spine_rights.h"
#include "nats_fixture.h"
#include "net/consumer.h"
#include "net/publisher.h"
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
    REQUIRE(cat_user_jwt(&unknown.key, unknown.key.public_key, user.public_key, &(cat_user_claims){.name = "nobody"}, time(NULL),
                         &jwt, NULL) == 0);
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

#define SHORT_LIFE_S 3
#define SENT 600

static char *credentials_of(const nats_account *account, const char *name, int64_t life_s)
{
    cat_nkey user;
    cat_autofree char *jwt = NULL;
    cat_auto(cat_strings) everything = {0};
    cat_strings_add(&everything, ">");
    cat_nkey_make(CAT_NKEY_USER, &user);
    cat_user_claims claims = {.name = name, .publish = &everything, .subscribe = &everything, .expires_s = time(NULL) + life_s};
    EXPECT(cat_user_jwt(&account->key, account->key.public_key, user.public_key, &claims, time(NULL), &jwt, NULL) == 0);
    return cat_nats_credentials(jwt, user.seed);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    REQUIRE(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void send_one(cat_publisher *publisher, int number)
{
    char id[24];
    snprintf(id, sizeof(id), "m%d", number);
    cat_publication publication = {
        .subject = "ws.renewed-dev.git.x", .message_id = id, .body = "x", .length = 1, .expected_subject_sequence = -1};
    cat_error error = {0};
    cat_test_row("message %d: %s", number, error.message);
    EXPECT_INT(cat_publisher_send(publisher, &publication, &error), 0);
}

TEST("users that are renewed while they run lose nothing when they expire, and one that is not is out")
{
    const cat_layout_plan *plan = cat_layout_plan_find("small");
    cat_account_limits limits = limits_of(plan);
    nats_account account;
    cat_spine *admin = make_account("renewed", &limits, &account);
    REQUIRE(cat_layout_ensure_environment(admin, "renewed-dev", plan, NULL) == 0);
    char path[] = "/tmp/catalyst-credentials-XXXXXX";
    REQUIRE(close(mkstemp(path)) == 0);
    cat_autofree char *brief = credentials_of(&account, "brief", SHORT_LIFE_S),
                      *renewed = credentials_of(&account, "brief", 3600);
    write_file(path, brief);
    cat_spine *of_file = NULL, *of_text = nats_fixture_connect(nats, brief), *unrenewed = nats_fixture_connect(nats, brief);
    cat_spine_options options = {.url = nats_fixture_url(nats), .name = "file", .credentials_path = path};
    REQUIRE(cat_spine_connect(&options, &of_file, NULL) == 0);
    cat_publisher *publishers[] = {cat_publisher_create(of_file, NULL), cat_publisher_create(of_text, NULL)};
    write_file(path, renewed);
    cat_spine_set_credentials(of_text, renewed);
    for (int i = 0; i < SENT; i++) { /* twice as long as the first user lives */
        send_one(publishers[i % 2], i);
        nanosleep(&(struct timespec){.tv_nsec = SHORT_LIFE_S * 2 * (1000000000L / SENT)}, NULL);
    }
    for (int i = 0; i < 2; i++) {
        EXPECT_INT(cat_publisher_flush(publishers[i], 20000, NULL), 0);
        cat_publisher_destroy(publishers[i]);
    }
    cat_stream_info info;
    REQUIRE(cat_stream_get_info(admin, "ws-renewed-dev", &info, NULL) == 0);
    EXPECT_INT(info.messages, SENT);
    EXPECT(cat_spine_is_connected(of_file) && cat_spine_is_connected(of_text));
    EXPECT(!cat_spine_is_connected(unrenewed));
    unlink(path);
    cat_spine_destroy(unrenewed);
    cat_spine_destroy(of_text);
    cat_spine_destroy(of_file);
    cat_spine_destroy(admin);
    nats_account_finish(&account);
}

static bool call_is_permitted(cat_spine *spine, const char *subject)
{
    cat_autofree char *reply = NULL;
    size_t length = 0;
    return cat_spine_request(spine, &(cat_spine_question){subject, "{}", 2, 700}, &reply, &length, NULL) == 0;
}

TEST("a user gets what the table gives it, and one that names nothing may nothing")
{
    cat_account_limits limits = limits_of(cat_layout_plan_find("medium"));
    nats_account account;
    cat_spine *admin = make_account("granted", &limits, &account);
    cat_stream_config audit = {.name = "catalyst-audit", .subjects = {"catalyst.audit.>"}, .max_bytes = 1 << 20};
    REQUIRE(cat_stream_ensure(admin, &audit, NULL) == 0);
    cat_auto(cat_strings) publish = {0}, subscribe = {0};
    REQUIRE(cat_spine_rights_of("provisioning", CAT_SPINE_CATALYST, &publish, &subscribe));
    cat_nkey keys[2];
    char *jwts[2] = {NULL, NULL}, *credentials[2] = {NULL, NULL};
    const cat_user_claims claims[] = {{.name = "provisioning", .publish = &publish, .subscribe = &subscribe},
                                      {.name = "provisioning"}};
    cat_spine *spines[2];
    for (int i = 0; i < 2; i++) {
        cat_nkey_make(CAT_NKEY_USER, &keys[i]);
        REQUIRE(cat_user_jwt(&account.key, account.key.public_key, keys[i].public_key, &claims[i], time(NULL), &jwts[i], NULL) ==
                0);
        credentials[i] = cat_nats_credentials(jwts[i], keys[i].seed);
        spines[i] = nats_fixture_connect(nats, credentials[i]);
    }
    EXPECT(call_is_permitted(spines[0], "$JS.API.STREAM.INFO.catalyst-audit"));
    EXPECT(call_is_permitted(spines[0], "catalyst.audit.acme.provisioning"));
    EXPECT(!call_is_permitted(spines[0], "$JS.API.STREAM.PURGE.catalyst-audit"));
    EXPECT(!call_is_permitted(spines[0], "catalyst.audit.acme.billing"));
    EXPECT(!call_is_permitted(spines[1], "$JS.API.STREAM.INFO.catalyst-audit"));
    for (int i = 0; i < 2; i++) {
        free(cat_take(jwts[i]));
        free(cat_take(credentials[i]));
        cat_spine_destroy(spines[i]);
    }
    cat_spine_destroy(admin);
    nats_account_finish(&account);
}

TEST("the control plane's layout fits an account of four GiB, and its audit trail refuses to be cut")
{
    cat_account_limits limits = {.disk_bytes = INT64_C(4) << 30,
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
    REQUIRE(cat_spine_request(spine, &(cat_spine_question){"$JS.API.STREAM.PURGE.catalyst-audit", NULL, 0, 2000}, &reply, &length,
                              NULL) == 0);
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
