/* Webhooks: the signature over the raw bytes, and what becomes of them. */
#include "core/payload.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/test.h"
#include "domain/events.h"
#include "wire/cloudevent.h"
#include "wire/digest.h"
#include "wire/schema.h"

#define ZERO "0000000000000000000000000000000000000000"
#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

TEST("a webhook counts only with the signature of its exact bytes")
{
    static const char BODY[] = "{\"ref\":\"refs/heads/develop\"}";
    char hex[65];
    cat_hmac_sha256_hex("secret", 6, BODY, strlen(BODY), hex);
    cat_autofree char *upper = cat_strdup(hex), *changed = cat_strdup(BODY);
    changed[3] = 'X';
    EXPECT(prj_payload_gitea_is_signed("secret", BODY, strlen(BODY), hex));
    EXPECT(!prj_payload_gitea_is_signed("secret", changed, strlen(BODY), hex));
    EXPECT(!prj_payload_gitea_is_signed("secret", BODY, strlen(BODY) - 1, hex));
    EXPECT(!prj_payload_gitea_is_signed("other", BODY, strlen(BODY), hex));
    EXPECT(!prj_payload_gitea_is_signed("secret", BODY, strlen(BODY), NULL));
    EXPECT(!prj_payload_gitea_is_signed("secret", BODY, strlen(BODY), ""));
    EXPECT(!prj_payload_gitea_is_signed("", BODY, strlen(BODY), hex));
    EXPECT(!prj_payload_gitea_is_signed(NULL, BODY, strlen(BODY), hex));
    upper[10] = upper[10] == '0' ? '1' : '0';
    EXPECT(!prj_payload_gitea_is_signed("secret", BODY, strlen(BODY), upper));
}

TEST("each Organization's Flux speaks with a token of its own")
{
    static const char BODY[] = "{}";
    char acme[65], umbrella[65], hex[65];
    prj_payload_flux_token("secret", "acme", acme);
    prj_payload_flux_token("secret", "umbrella", umbrella);
    EXPECT(strcmp(acme, umbrella) != 0);
    cat_hmac_sha256_hex(acme, 64, BODY, 2, hex);
    cat_autofree char *signature = cat_printf("sha256=%s", hex);
    EXPECT(prj_payload_flux_is_signed(acme, BODY, 2, signature));
    EXPECT(!prj_payload_flux_is_signed(umbrella, BODY, 2, signature));
    EXPECT(!prj_payload_flux_is_signed(acme, BODY, 2, hex));
    EXPECT(!prj_payload_flux_is_signed(acme, BODY, 2, NULL));
}

static char *push_body(const char *owner, const char *name, const char *reference, const char *first, const char *second)
{
    return cat_printf("{\"ref\":\"%s\",\"before\":\"" ZERO "\",\"after\":\"" B
                      "\",\"commits\":[{\"id\":\"%s\",\"message\":\"m\",\"timestamp\":\"2025-11-24T15:00:00Z\","
                      "\"author\":{\"name\":\"Alice\",\"email\":\"a@example.org\",\"username\":\"alice\"},\"added\":[\"a\"],"
                      "\"removed\":[\"b\"],\"modified\":[\"a\",\"c\"]},"
                      "{\"id\":\"%s\",\"message\":\"m\",\"timestamp\":\"2025-11-24T15:00:00Z\",\"author\":{\"name\":\"Alice\"},"
                      "\"added\":[],\"removed\":[],\"modified\":[]}],"
                      "\"repository\":{\"name\":\"%s\",\"owner\":{\"login\":\"%s\"}},\"pusher\":{\"login\":\"alice\"}}",
                      reference, first, second, name, owner);
}

TEST("a push becomes the event of its Environment, of its Blueprint source, or nothing")
{
    static const struct {
        const char *owner, *name, *reference;
        cat_event_kind type;
        const char *organization, *environment;
    } ROWS[] = {
        {"acme", "blog", "refs/heads/develop", CAT_EVENT_GIT_PUSH, "acme", "acme-dev"},
        {"acme", "blog", "refs/heads/staging", CAT_EVENT_GIT_PUSH, "acme", "acme-stg"},
        {"acme", "blog", "refs/heads/main", CAT_EVENT_GIT_PUSH, "acme", "acme-prod"},
        {"acme", "blog", "refs/heads/catalyst/promote/staging", CAT_EVENT_NONE, "acme", NULL},
        {"acme", "blog", "refs/tags/v1.0.0", CAT_EVENT_NONE, "acme", NULL},
        {"acme", "shared-blueprints", "refs/tags/bp-x/v1.0.0", CAT_EVENT_CATALOG_PUSH, "acme", NULL},
        {"catalog", "bp-wordpress", "refs/tags/v1.3.0", CAT_EVENT_CATALOG_PUSH, "_", NULL},
        {"system", "catalyst-config", "refs/heads/org/acme", CAT_EVENT_CATALOG_PUSH, "_", NULL},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s/%s %s", ROWS[i].owner, ROWS[i].name, ROWS[i].reference);
        cat_autofree char *body = push_body(ROWS[i].owner, ROWS[i].name, ROWS[i].reference, A, B);
        cat_auto(prj_payload) event = {0};
        EXPECT_INT(prj_payload_gitea("push", body, strlen(body), &event, NULL), 0);
        EXPECT_TEXT(event.type, cat_event_type(ROWS[i].type));
        EXPECT_TEXT(event.organization, ROWS[i].organization);
        EXPECT_TEXT(event.environment, ROWS[i].environment);
    }
}

TEST("what a webhook becomes is an event as its schema says")
{
    static const char *const FILES[] = {"git.push", "catalog.push"};
    static const char *const OWNERS[] = {"acme", "catalog"};
    for (size_t i = 0; i < 2; i++) {
        cat_autofree char *path = cat_printf("%s/proto/events/%s.json", CATALYST_SOURCE_DIR, FILES[i]), *text = NULL;
        size_t length = 0;
        cat_autojson json_t *schema = NULL, *message = NULL, *errors = NULL;
        REQUIRE(cat_file_read(path, 1 << 20, &text, &length, NULL) == 0);
        REQUIRE(cat_json_parse(text, length, &CAT_JSON_CAPS, &schema, NULL) == 0);
        __attribute__((cleanup(cat_schema_destroy_cleanup))) cat_schema *compiled = NULL;
        REQUIRE(cat_schema_compile(schema, &compiled, NULL) == 0);
        cat_autofree char *body = push_body(OWNERS[i], i ? "bp-wordpress" : "blog", "refs/heads/develop", A, B);
        cat_auto(prj_payload) event = {0};
        REQUIRE(prj_payload_gitea("push", body, strlen(body), &event, NULL) == 0);
        cat_cloudevent envelope = {
            .id = "gitea/1", .source = "projector", .type = event.type, .time_ms = 1764000000000, .data = event.data};
        cat_autofree char *formatted = cat_cloudevent_format(&envelope);
        REQUIRE(cat_json_parse(formatted, strlen(formatted), &CAT_JSON_CAPS, &message, NULL) == 0);
        bool valid = cat_schema_validate(compiled, message, &errors);
        cat_autofree char *why = errors ? cat_json_format(errors) : NULL;
        cat_test_row("%s %s", FILES[i], why ? why : "");
        EXPECT(valid);
        json_object_del(json_object_get(message, "data"), "after");
        EXPECT(!cat_schema_validate(compiled, message, NULL));
    }
}

TEST("commits of a push stand newest last, whichever way Gitea sends them")
{
    static const char *const ORDERS[][2] = {{A, B}, {B, A}};
    for (size_t i = 0; i < 2; i++) {
        cat_autofree char *body = push_body("acme", "blog", "refs/heads/develop", ORDERS[i][0], ORDERS[i][1]);
        cat_auto(prj_payload) event = {0};
        REQUIRE(prj_payload_gitea("push", body, strlen(body), &event, NULL) == 0);
        EXPECT_TEXT(cat_json_text(event.data, "commits.0.id"), A);
        EXPECT_TEXT(cat_json_text(event.data, "commits.1.id"), B);
        EXPECT_TEXT(event.commit, B);
        const char *path = i == 0 ? "commits.0.files" : "commits.1.files";
        EXPECT_INT(json_array_size(cat_json_get(event.data, path)), 3);
    }
}

TEST("what is no push says what is missing")
{
    static const char *const BODIES[] = {"",
                                         "[]",
                                         "{",
                                         "{}",
                                         "{\"ref\":\"refs/heads/develop\",\"before\":\"x\",\"after\":\"y\"}",
                                         "{\"ref\":\"refs/heads/develop\",\"before\":\"" ZERO "\",\"after\":\"" A
                                         "\",\"repository\":{\"name\":\"../x\",\"owner\":{\"login\":\"acme\"}}}"};
    for (size_t i = 0; i < sizeof BODIES / sizeof *BODIES; i++) {
        cat_test_row("%s", BODIES[i]);
        cat_auto(prj_payload) event = {0};
        cat_error error = {0};
        EXPECT_INT(prj_payload_gitea("push", BODIES[i], strlen(BODIES[i]), &event, &error), CAT_E_INVALID);
        EXPECT(error.message[0] != '\0');
    }
}

TEST("a pull request goes to its destination's Environment")
{
    static const char BODY[] = "{\"action\":\"opened\",\"number\":4,\"pull_request\":{\"title\":\"t\",\"merged\":false,\"user\":{"
                               "\"login\":\"alice\"},\"base\":{\"ref\":\"main\"},"
                               "\"head\":{\"sha\":\"" A "\"}},\"repository\":{\"name\":\"blog\",\"owner\":{\"login\":\"acme\"}}}";
    cat_auto(prj_payload) event = {0};
    REQUIRE(prj_payload_gitea("pull_request", BODY, strlen(BODY), &event, NULL) == 0);
    EXPECT(cat_event_is(event.type, CAT_EVENT_GIT_PULL_REQUEST));
    EXPECT_TEXT(event.environment, "acme-prod");
    EXPECT_INT(cat_json_int_or(event.data, "number", 0), 4);
}

TEST("a notification of a Kustomization becomes the event of its Environment; others are nothing")
{
    static const char BODY[] =
        "{\"involvedObject\":{\"kind\":\"Kustomization\",\"namespace\":\"flux-system\",\"name\":\"blog-dev\"},\"severity\":"
        "\"error\",\"reason\":\"BuildFailed\","
        "\"message\":\"no\",\"timestamp\":\"2026-11-24T08:00:00Z\","
        "\"metadata\":{\"kustomize.toolkit.fluxcd.io/revision\":\"develop@sha1:" A "\"}}";
    static const char OTHER[] =
        "{\"involvedObject\":{\"kind\":\"HelmRelease\",\"name\":\"x\"},\"timestamp\":\"2026-11-24T08:00:00Z\"}";
    static const char TIMELESS[] = "{\"involvedObject\":{\"kind\":\"Kustomization\",\"name\":\"blog-dev\"}}";
    cat_auto(prj_payload) event = {0};
    REQUIRE(prj_payload_flux("acme", "c1", BODY, strlen(BODY), &event, NULL) == 0);
    EXPECT_TEXT(event.environment, "acme-dev");
    EXPECT_TEXT(cat_json_text(event.data, "cluster"), "c1");
    EXPECT_TEXT(cat_json_text(event.data, "revision"), "develop@sha1:" A);
    EXPECT_INT(event.time_ms, INT64_C(1795507200000)); /* as Flux signed it, however late it comes */
    cat_auto(prj_payload) timeless = {0};
    EXPECT_INT(prj_payload_flux("acme", "c1", TIMELESS, strlen(TIMELESS), &timeless, NULL), CAT_E_INVALID);
    cat_auto(prj_payload) other = {0};
    EXPECT_INT(prj_payload_flux("acme", "c1", OTHER, strlen(OTHER), &other, NULL), 0);
    EXPECT_TEXT(other.type, NULL);
    cat_auto(prj_payload) nobody = {0};
    EXPECT_INT(prj_payload_flux("acme", NULL, BODY, strlen(BODY), &nobody, NULL), CAT_E_INVALID);
}

/* `count` paths of `width` bytes. */
static void add_files(cat_string *out, const char *member, int count, int width)
{
    cat_string_appendf(out, ",\"%s\":[", member);
    for (int i = 0; i < count; i++)
        cat_string_appendf(out, "%s\"%0*d\"", i ? "," : "", width, i);
    cat_string_append(out, "]");
}

static size_t size_of(const json_t *data)
{
    cat_autofree char *text = cat_json_format(data);
    return strlen(text);
}

TEST("whatever was pushed, its event is below the limit, and says what was left out")
{
    static const struct {
        const char *what;
        int commits, message, files, width;
        const char *letter;
        int64_t more_files; /* of the newest commit */
    } ROWS[] = {
        {"an ordinary push", 2, 20, 3, 10, "x", 0},
        {"a message of 400 KB", 1, 400000, 1, 10, "x", 0},
        {"a message of 400 KB that is escaped", 5, 400000, 1, 10, "\\t", 0},
        {"twelve thousand files", 1, 20, 12000, 60, "x", 11800},
        {"files with long names in each of fifty commits", 50, 3000, 210, 250, "\\\"", 10},
        {"a path longer than all that may be told", 1, 20, 1, 200000, "x", 1},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].what);
        cat_auto(cat_string) body = CAT_STRING(64 * 1024 * 1024);
        cat_string_append(&body, "{\"list\":[");
        for (int k = 0; k < ROWS[i].commits; k++) {
            cat_string_appendf(&body, "%s{\"id\":\"%040x\",\"message\":\"", k ? "," : "", (unsigned)k + 1);
            for (int c = 0; c < ROWS[i].message; c++)
                cat_string_append(&body, ROWS[i].letter);
            cat_string_append(&body, "\"");
            add_files(&body, "added", ROWS[i].files, ROWS[i].width);
            cat_string_append(&body, "}");
        }
        cat_string_append(&body, "]}");
        cat_autojson json_t *json = NULL, *commits = NULL;
        static const cat_json_caps caps = {.max_bytes = (size_t)64 * 1024 * 1024, .max_depth = 8};
        REQUIRE(cat_json_parse(cat_string_get(&body), body.length, &caps, &json, NULL) == 0);
        cat_autofree char *after = cat_printf("%040x", (unsigned)ROWS[i].commits);
        commits = prj_payload_commits_of_push(json_object_get(json, "list"), after);
        const json_t *newest = json_array_get(commits, json_array_size(commits) - 1);
        EXPECT_INT(json_array_size(commits), ROWS[i].commits);
        EXPECT_TEXT(cat_json_text(newest, "id"), after);
        EXPECT(size_of(commits) < CAT_CLOUDEVENT_MAX_BYTES - 16 * 1024);
        EXPECT_INT(cat_json_int_or(newest, "moreFiles", 0), ROWS[i].more_files);
        EXPECT_INT(cat_json_bool_or(newest, "messageCut", false), ROWS[i].message > 2048);
    }
}

TEST("a title turns nothing around that quotes it")
{
    static const char PUSH[] = "[{\"id\":\"" A "\",\"message\":\"fix \\u202Etxt\",\"author\":{\"name\":\"D\\u2066ana\"}}]";
    cat_autojson json_t *list = json_loads(PUSH, 0, NULL), *commits = prj_payload_commits_of_push(list, A);
    EXPECT_TEXT(cat_json_text(commits, "0.message"), "fix txt");
    EXPECT_TEXT(cat_json_text(commits, "0.author.name"), "Dana");
}

TEST("a message is cut between characters")
{
    cat_auto(cat_string) message = CAT_STRING(16384);
    for (int i = 0; i < 1000; i++)
        cat_string_append(&message, "\xe2\x82\xac"); /* three bytes each; 2048 is no multiple of three */
    cat_autojson json_t *list = json_pack("[{s:s, s:s}]", "id", A, "message", cat_string_get(&message));
    cat_autojson json_t *commits = prj_payload_commits_of_push(list, A);
    const char *text = cat_json_text(json_array_get(commits, 0), "message");
    EXPECT_INT(strlen(text), 2046);
    EXPECT(cat_text_is_utf8(text, strlen(text)));
}

TEST("a push whose commits Gitea does not tell all is known as one that lacks some")
{
    static const struct {
        int64_t total;
        bool lacks;
    } ROWS[] = {{2, false}, {12, true}, {0, false}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_autofree char *body = push_body("acme", "blog", "refs/heads/develop", A, B);
        cat_autojson json_t *json = NULL;
        REQUIRE(cat_json_parse(body, strlen(body), &CAT_JSON_CAPS, &json, NULL) == 0);
        cat_json_set_int(json, "total_commits", ROWS[i].total);
        cat_autofree char *whole = cat_json_format(json);
        cat_auto(prj_payload) event = {0};
        EXPECT_INT(prj_payload_gitea("push", whole, strlen(whole), &event, NULL), 0);
        EXPECT_INT(event.lacks_commits, ROWS[i].lacks);
    }
}

TEST("commits of the API stand in Git's order, merges too, whatever clocks said")
{
    /* As Gitea lists them, by date: the merge M of A-B and A-S, whose author's clock is ahead. */
    static const struct {
        const char *list, *order;
    } ROWS[] = {
        {"M:BS B:A S:A A:", "ASBM"}, {"S:A M:BS B:A A:", "ASBM"}, {"A: B:A S:A M:BS", "ASBM"},
        {"C:B B:A A:", "ABC"},       {"A: C:B B:A", "ABC"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].list);
        cat_autojson json_t *list = json_array(), *commits = NULL;
        cat_autofree char *text = cat_strdup(ROWS[i].list);
        char *rest = NULL;
        for (const char *one = strtok_r(text, " ", &rest); one; one = strtok_r(NULL, " ", &rest)) {
            json_t *parents = json_array();
            for (const char *parent = one + 2; *parent; parent++)
                json_array_append_new(parents, json_pack("{s:o}", "sha", json_sprintf("%040x", (unsigned)*parent)));
            json_array_append_new(list,
                                  json_pack("{s:o, s:o}", "sha", json_sprintf("%040x", (unsigned)one[0]), "parents", parents));
        }
        commits = prj_payload_commits_of_api(list);
        EXPECT_INT(json_array_size(commits), strlen(ROWS[i].order));
        /* Two children of one commit may stand either way; children stand after their parents. */
        const char *first = cat_json_text(json_array_get(commits, 0), "id");
        cat_autofree char *oldest = cat_printf("%040x", (unsigned)'A'),
                          *newest = cat_printf("%040x", (unsigned)ROWS[i].order[strlen(ROWS[i].order) - 1]);
        EXPECT_TEXT(first, oldest);
        EXPECT_TEXT(cat_json_text(json_array_get(commits, json_array_size(commits) - 1), "id"), newest);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
