/* Who gets what from the projector's REST calls: rows folded from events by a real server, asked for by people of different roles
 * and Organizations. */
#include <stdio.h>
#include <time.h>

#include "base/test.h"
#include "core/fold_testing.h"
#include "holder/holder.h"
#include "http/routes.h"
#include "nats_fixture.h"
#include "net/http_client.h"
#include "net/kv.h"
#include "svc/spine_layout.h"
#include "wire/json.h"

#define PATIENCE_MS 20000

static nats_fixture *nats;
static cat_spine *spine;
static cat_http_server *server;
static cat_http_client *http;

/* Stands where the sign-in would: the header names a row of this table. */
static const struct {
    const char *name, *groups;
} PEOPLE[] = {
    {"vera", "[\"/acme/org-viewer\"]"},
    {"bill", "[\"/acme/billing-admin\"]"},
    {"sofia", "[\"/acme/security-officer\"]"},
    {"berta", "[\"/system/billing-admin\"]"},
    {"nora", "[\"/acme/org-viewer/stg\"]"},
    {"una", "[\"/umbrella/org-admin\"]"},
    {"twain", "[\"/umbrella/billing-admin\",\"/acme/org-admin/dev\"]"},
    {"sina", "[\"/system/sovereign-admin\"]"},
};

static void release_principal(void *data)
{
    cat_principal_finish(data);
    free(data);
}

static int sign_in(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)reply;
    (void)context;
    const char *name = cat_request_header(request, "X-Person");
    for (size_t i = 0; name && i < sizeof PEOPLE / sizeof *PEOPLE; i++) {
        if (strcmp(PEOPLE[i].name, name) != 0)
            continue;
        cat_autofree char *text = cat_printf("{\"preferred_username\":\"%s\",\"sub\":\"%s\",\"groups\":%s,\"exp\":9999999999}",
                                             name, name, PEOPLE[i].groups);
        cat_autojson json_t *claims = NULL;
        cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &claims, NULL);
        cat_principal *principal = cat_calloc(1, sizeof *principal);
        int code = cat_principal_from_claims(claims, principal, error);
        cat_request_set_data(request, principal, release_principal);
        return code;
    }
    return cat_error_set(error, CAT_E_UNAUTHORIZED, "nobody");
}

static int ask(const char *person, const char *path, const char *if_none_match, cat_http_answer *answer)
{
    cat_autofree char *url = cat_printf("http://127.0.0.1:%u%s", cat_http_server_port(server), path);
    cat_autofree char *header = cat_printf("X-Person: %s", person),
                      *match = cat_printf("If-None-Match: %s", if_none_match ? if_none_match : "\"none\"");
    const char *headers[] = {header, match, NULL};
    cat_error error = {0};
    if (cat_http_send(http, &(cat_http_call){.method = "GET", .url = url, .headers = headers}, answer, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return answer->status;
}

static json_t *ask_json(const char *person, const char *path, int status)
{
    cat_http_answer answer = {0};
    json_t *json = NULL;
    EXPECT_INT(ask(person, path, NULL, &answer), status);
    cat_json_parse(answer.body, answer.length, &(cat_json_caps){1 << 24, 80}, &json, NULL);
    cat_http_answer_finish(&answer);
    return json;
}

static void publish(const char *subject, const char *type, const char *attributes, const char *data)
{
    static int64_t number;
    const cat_clock *clock = cat_clock_system();
    test_event event = test_event_make(subject, type, "id", clock->wall_ms(clock) + number++, attributes, data);
    cat_publication publication = {
        .subject = event.subject, .body = event.data, .length = strlen(event.data), .expected_subject_sequence = -1};
    cat_error error = {0};
    if (cat_spine_publish(spine, &publication, NULL, NULL, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    test_event_finish(&event);
}

static void publish_environment(const char *organization, const char *environment)
{
    cat_autofree char *subject = cat_printf("catalyst.environment-controller.%s.environment", organization);
    cat_autofree char *data =
        cat_printf("{\"organization\":\"%s\",\"environment\":\"%s\",\"status\":\"Running\",\"vclusters\":[\"c1\"]}", organization,
                   environment);
    publish(subject, "environment.ready", "", data);
}

static void publish_object(const char *environment, const char *kind, const char *api, const char *namespace, const char *name,
                           const char *application, const char *status)
{
    static int version;
    const char *slash = strchr(api, '/');
    cat_autofree char *group = slash ? cat_strndup(api, (size_t)(slash - api)) : cat_strdup("");
    cat_autofree char *subject = cat_printf("ws.%s.k8s.%s.%s.%s", environment, kind, namespace, name),
                      *attributes = cat_printf(",\"application\":\"%s\"", application);
    cat_autofree char *data = cat_printf("{\"cluster\":\"c1\",\"epoch\":1,\"uid\":\"u\",\"resourceVersion\":\"%d\",\"kind\":\"%"
                                         "s\",\"group\":\"%s\",\"namespace\":\"%s\",\"name\":\"%s\","
                                         "\"object\":{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\","
                                         "\"namespace\":\"%s\",\"generation\":1},\"status\":%s}}",
                                         ++version, kind, group, namespace, name, api, kind, name, namespace, status);
    publish(subject, "k8s.object", attributes, data);
}

#define WELL                                                                                                                     \
    "{\"observedGeneration\":1,\"lastAppliedRevision\":\"develop@sha1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","               \
    "\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}"
#define ILL                                                                                                                      \
    "{\"observedGeneration\":1,\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\",\"reason\":\"BuildFailed\",\"message\":" \
    "\"no such file\"}]}"

static void publish_kustomization(const char *environment, const char *application, const char *status)
{
    cat_autofree char *name = cat_printf("%s-%s", application, strrchr(environment, '-') + 1);
    publish_object(environment, "Kustomization", "kustomize.toolkit.fluxcd.io/v1", "flux-system", name, application, status);
}

static void fill(void)
{
    publish("catalyst.environment-controller.acme.organization", "organization.ready", "",
            "{\"organization\":\"acme\",\"status\":\"Running\",\"displayName\":\"Acme\"}");
    publish("catalyst.environment-controller.umbrella.organization", "organization.ready", "",
            "{\"organization\":\"umbrella\",\"status\":\"Running\"}");
    publish_environment("acme", "acme-dev");
    publish_environment("acme", "acme-stg");
    publish_environment("umbrella", "umbrella-dev");
    static const char *const NAMES[] = {"blog", "shop", "wiki"};
    for (size_t i = 0; i < 3; i++)
        publish_kustomization("acme-dev", NAMES[i], i == 1 ? ILL : WELL);
    publish_kustomization("acme-stg", "blog", WELL);
    publish_kustomization("umbrella-dev", "secret-project", WELL);
    publish_object("acme-dev", "Secret", "v1", "blog-dev", "blog-db", "blog", "{}");
    publish("ws.acme-dev.operation.o1", "operation.step", ",\"organization\":\"acme\"",
            "{\"operation\":\"o1\",\"kind\":\"install\",\"application\":\"blog\",\"status\":\"Running\",\"sequence\":2,"
            "\"environments\":[\"acme-dev\"],\"elsewhere\":1,\"steps\":[]}");
    publish("ws.acme-stg.operation.o1", "operation.step", ",\"organization\":\"acme\"",
            "{\"operation\":\"o1\",\"kind\":\"install\",\"application\":\"blog\",\"status\":\"Succeeded\",\"sequence\":3,"
            "\"environments\":[\"acme-stg\"],\"elsewhere\":1,\"steps\":[]}");
    publish("catalyst.provisioning.umbrella.operation", "operation.step", ",\"organization\":\"umbrella\"",
            "{\"operation\":\"o2\",\"kind\":\"environment\",\"status\":\"Running\",\"sequence\":1,\"steps\":[]}");
    publish("catalyst.provisioning.acme.operation", "operation.step", ",\"organization\":\"acme\"",
            "{\"operation\":\"o3\",\"kind\":\"environment\",\"organization\":\"acme\",\"environments\":[\"acme-dev\"],"
            "\"status\":\"Succeeded\",\"sequence\":1,\"steps\":[]}");
}

TEST("everybody gets what their Organization, Environments and role allow, and nothing else exists")
{
    static const struct {
        const char *person, *path;
        int status;
    } ROWS[] = {
        {"nobody", "/v1/me", 401},
        {"vera", "/v1/me", 200},
        {"vera", "/v1/environments/acme-dev/rows", 200},
        {"vera", "/v1/environments/umbrella-dev/rows", 404},
        {"vera", "/v1/environments/acme-poc/rows", 404},
        {"vera", "/v1/environments/nonsense/rows", 404},
        {"vera", "/v1/environments/acme-dev/rows/secret/blog-dev/blog-db", 200},
        {"vera", "/v1/environments/acme-dev/rows/pod/blog-dev/none", 404},
        {"vera", "/v1/applications/blog", 200},
        {"vera", "/v1/applications/secret-project", 404},
        {"vera", "/v1/applications?environment=umbrella-dev", 404},
        {"vera", "/v1/applications?sort=colour", 400},
        {"vera", "/v1/applications?limit=201", 400},
        {"vera", "/v1/applications?cursor=abc", 400},
        {"vera", "/v1/operations/o1", 200},
        {"vera", "/v1/operations/o2", 404},
        {"vera", "/v1/operations/o3", 200},
        {"nora", "/v1/operations/o1", 200},
        {"nora", "/v1/operations/o3", 404},
        {"nora", "/v1/environments/acme-stg/rows", 200},
        {"nora", "/v1/environments/acme-dev/rows", 404},
        {"nora", "/v1/stream?environments=acme-dev", 404},
        {"bill", "/v1/environments/acme-dev/rows", 403},
        {"bill", "/v1/operations", 403},
        {"bill", "/v1/applications?environment=acme-dev", 403},
        {"bill", "/v1/stream?environments=_", 403},
        {"una", "/v1/applications/blog", 404},
        {"una", "/v1/applications/secret-project", 200},
        {"una", "/v1/environments/acme-dev/rows", 404},
        {"una", "/v1/stream?environments=acme-dev", 404},
        {"sina", "/v1/environments/acme-dev/rows", 200},
        {"sina", "/v1/applications/blog?organization=acme", 200},
        {"sina", "/v1/environments/acme-dev/rows/secret/blog-dev/blog-db", 404},
        {"twain", "/v1/me", 200},
        {"twain", "/v1/applications", 400},
        {"twain", "/v1/applications?organization=acme", 200},
        {"twain", "/v1/applications?organization=umbrella", 403},
        {"twain", "/v1/applications?organization=globex", 404},
        {"twain", "/v1/environments/acme-dev/rows", 200},
        {"twain", "/v1/environments/acme-dev/rows?organization=umbrella", 404},
        {"twain", "/v1/environments/acme-stg/rows", 404},
        {"twain", "/v1/environments/umbrella-dev/rows", 403},
        {"twain", "/v1/operations/o2?organization=umbrella", 403},
        {"twain", "/v1/stream?organization=umbrella", 403},
        {"twain", "/v1/stream?organization=acme&environments=acme-stg", 404},
        {"una", "/v1/openapi.json", 200},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s asks for %s", ROWS[i].person, ROWS[i].path);
        cat_http_answer answer = {0};
        EXPECT_INT(ask(ROWS[i].person, ROWS[i].path, NULL, &answer), ROWS[i].status);
        cat_http_answer_finish(&answer);
    }
}

TEST("Applications of all Environments stand in one list, filtered, sorted and in pages")
{
    static const struct {
        const char *path, *names;
    } ROWS[] = {
        {"/v1/applications", "blog shop wiki "},
        {"/v1/applications?sort=-name", "wiki shop blog "},
        {"/v1/applications?sort=status&limit=1", "shop "},
        {"/v1/applications?status=Degraded", "shop "},
        {"/v1/applications?status=Degraded,Running&q=I", "shop wiki "},
        {"/v1/applications?environment=acme-stg", "blog "},
        {"/v1/applications?q=cannot%20be%20built", "shop "},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].path);
        cat_autojson json_t *list = ask_json("vera", ROWS[i].path, 200);
        cat_auto(cat_string) names = CAT_STRING(1000);
        size_t at;
        json_t *item;
        json_array_foreach(json_object_get(list, "items"), at, item)
            cat_string_appendf(&names, "%s ", cat_json_text_or(item, "name", "?"));
        EXPECT_TEXT(cat_string_get(&names), ROWS[i].names);
    }
    cat_autojson json_t *blog = ask_json("vera", "/v1/applications/blog", 200);
    EXPECT(cat_json_get(blog, "environments.acme-dev") && cat_json_get(blog, "environments.acme-stg"));
    cat_autojson json_t *nora = ask_json("nora", "/v1/applications/blog", 200);
    EXPECT(!cat_json_get(nora, "environments.acme-dev") && cat_json_get(nora, "environments.acme-stg"));
    cat_autojson json_t *first = ask_json("vera", "/v1/applications?limit=2", 200);
    cat_autofree char *path = cat_printf("/v1/applications?limit=2&cursor=%s", cat_json_text_or(first, "next", ""));
    cat_autojson json_t *second = ask_json("vera", path, 200);
    EXPECT_TEXT(cat_json_text(second, "items.0.name"), "wiki");
    EXPECT(json_is_null(json_object_get(second, "next")));
}

TEST("an operation over several Environments is one, as far as it went anywhere")
{
    cat_autojson json_t *list = ask_json("vera", "/v1/operations?application=blog", 200);
    EXPECT_INT(json_array_size(json_object_get(list, "items")), 1);
    EXPECT_TEXT(cat_json_text(list, "items.0.status"), "Succeeded");
    EXPECT_TEXT(cat_json_text(list, "items.0.environments.0"), "acme-dev");
    EXPECT_TEXT(cat_json_text(list, "items.0.environments.1"), "acme-stg");
    EXPECT_INT(cat_json_int_or(list, "items.0.elsewhere", -1), 0);
    cat_autojson json_t *other = ask_json("una", "/v1/operations", 200);
    EXPECT_TEXT(cat_json_text(other, "items.0.key"), "operation/_/o2");
}

TEST("who sees one of its Environments is told of an operation there, and that it is also elsewhere")
{
    cat_autojson json_t *list = ask_json("nora", "/v1/operations", 200), *one = ask_json("nora", "/v1/operations/o1", 200);
    EXPECT_INT(json_array_size(json_object_get(list, "items")), 1);
    EXPECT_INT(json_array_size(json_object_get(one, "environments")), 1);
    EXPECT_TEXT(cat_json_text(one, "environments.0"), "acme-stg");
    EXPECT_INT(cat_json_int_or(one, "elsewhere", -1), 1);
}

TEST("which secrets there are is told to who may know of them, and nothing that they hold")
{
    static const struct {
        const char *person, *path;
        int status;
    } ROWS[] = {
        {"sofia", "/v1/secrets", 200},
        {"vera", "/v1/secrets", 200},
        {"bill", "/v1/secrets", 403},
        {"sina", "/v1/secrets?organization=acme", 403},
        {"una", "/v1/secrets?organization=acme", 404},
        {"nora", "/v1/secrets?environment=acme-dev", 404},
        {"sofia", "/v1/secrets?environment=umbrella-dev", 404},
        {"sofia", "/v1/environments/acme-dev/rows", 403},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s %s", ROWS[i].person, ROWS[i].path);
        json_decref(ask_json(ROWS[i].person, ROWS[i].path, ROWS[i].status));
    }
    cat_autojson json_t *list = ask_json("sofia", "/v1/secrets", 200),
                        *none = ask_json("sofia", "/v1/secrets?application=shop", 200);
    EXPECT_INT(json_array_size(json_object_get(list, "items")), 1);
    EXPECT_TEXT(cat_json_text(list, "items.0.key"), "secret/blog-dev/blog-db");
    EXPECT_TEXT(cat_json_text(list, "items.0.environment"), "acme-dev");
    EXPECT(!cat_json_get(list, "items.0.clusters"));
    EXPECT_INT(json_array_size(json_object_get(none, "items")), 0);
}

TEST("who may not is told who could, and where Git is")
{
    cat_autojson json_t *bill = ask_json("bill", "/v1/me", 200), *nora = ask_json("nora", "/v1/me", 200),
                        *berta = ask_json("berta", "/v1/organizations", 200);
    EXPECT_TEXT(cat_json_text(bill, "anywhere.0"), "read-money");
    EXPECT_TEXT(cat_json_text(bill, "who.onboard.0"), "sovereign-admin");
    EXPECT_TEXT(cat_json_text(bill, "gitUrl"), "https://git.example.org");
    EXPECT_TEXT(cat_json_text(nora, "anywhere.1"), "read-secrets");
    EXPECT_INT(json_array_size(json_object_get(berta, "items")), 2);
}

TEST("me and Environments say what may be done and how things are")
{
    cat_autojson json_t *me = ask_json("nora", "/v1/me", 200), *environments = ask_json("vera", "/v1/environments", 200);
    EXPECT_INT(json_array_size(json_object_get(me, "environments")), 1);
    EXPECT_TEXT(cat_json_text(me, "may.acme-stg.0"), "read");
    EXPECT_TEXT(cat_json_text(me, "organization"), "acme");
    EXPECT_TEXT(cat_json_text(me, "roles.0"), "org-viewer/stg");
    EXPECT_TEXT(cat_json_text(me, "memberships.0.environments.stg.0"), "org-viewer");
    cat_autojson json_t *several = ask_json("twain", "/v1/me", 200),
                        *one = ask_json("twain", "/v1/me?organization=umbrella", 200);
    EXPECT(json_is_null(json_object_get(several, "organization")) && json_object_size(json_object_get(several, "may")) == 0);
    EXPECT_TEXT(cat_json_text(several, "memberships.1.organization"), "umbrella");
    EXPECT_TEXT(cat_json_text(one, "roles.0"), "billing-admin");
    EXPECT_INT(json_array_size(json_object_get(one, "roles")), 1);
    EXPECT_INT(json_array_size(json_object_get(one, "environments")), 0);
    EXPECT_TEXT(cat_json_text(environments, "items.0.name"), "acme-dev");
    EXPECT_INT(cat_json_int_or(environments, "items.0.applications.total", 0), 3);
    EXPECT_INT(cat_json_int_or(environments, "items.0.applications.degraded", 0), 1);
    int64_t counted = 0;
    static const char *const COUNTERS[] = {"running", "progressing", "degraded", "suspended", "missing", "unknown"};
    for (size_t i = 0; i < sizeof COUNTERS / sizeof *COUNTERS; i++) {
        cat_autofree char *path = cat_printf("items.0.applications.%s", COUNTERS[i]);
        counted += cat_json_int_or(environments, path, -1000);
    }
    EXPECT_INT(counted, cat_json_int_or(environments, "items.0.applications.total", 0));
    cat_autojson json_t *organizations = ask_json("vera", "/v1/organizations", 200),
                        *every = ask_json("sina", "/v1/organizations", 200);
    EXPECT_INT(json_array_size(json_object_get(organizations, "items")), 1);
    EXPECT_TEXT(cat_json_text(organizations, "items.0.environments.1"), "acme-stg");
    EXPECT_INT(json_array_size(json_object_get(every, "items")), 2);
    cat_autojson json_t *cut = ask_json("nora", "/v1/organizations", 200); /* she reads acme-stg alone */
    EXPECT_INT(json_array_size(json_object_get(cat_json_get(cut, "items.0"), "environments")), 1);
    EXPECT_TEXT(cat_json_text(cut, "items.0.environments.0"), "acme-stg");
}

TEST("a list that has not changed is answered with 304, and rows can be had in part")
{
    cat_http_answer first = {0}, again = {0};
    EXPECT_INT(ask("vera", "/v1/environments/acme-dev/rows?fields=status", NULL, &first), 200);
    EXPECT_INT(ask("vera", "/v1/environments/acme-dev/rows?fields=status", first.etag, &again), 304);
    cat_autojson json_t *list = NULL;
    cat_json_parse(first.body, first.length, &CAT_JSON_CAPS, &list, NULL);
    EXPECT_INT(json_object_size(cat_json_get(list, "items.0")), 3);
    cat_http_answer_finish(&first);
    cat_http_answer_finish(&again);
}

static bool wait_for(const char *bucket, const char *key)
{
    for (int64_t waited = 0; waited < PATIENCE_MS; waited += 20) {
        cat_auto(cat_kv_entry) entry = {0};
        if (cat_kv_get(spine, bucket, key, &entry, NULL) == 0)
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return false;
}

int main(int argc, char **argv)
{
    static const char *const ENVIRONMENTS[] = {"_", "acme-dev", "acme-stg", "umbrella-dev"};
    prj_holder *holders[4] = {0};
    cat_error error = {0};
    nats = nats_fixture_start(NULL);
    spine = nats_fixture_connect(nats, NULL);
    cat_layout_ensure_stream(spine, "catalyst-events", &error);
    cat_layout_ensure_bucket(spine, "catalyst-state", &error);
    for (size_t i = 0; i < 4; i++) {
        const char *organization = i == 0 ? "_" : i == 3 ? "umbrella" : "acme";
        if (i > 0)
            cat_layout_ensure_environment(spine, ENVIRONMENTS[i], cat_layout_plan_find("small"), &error);
        prj_holder_start(
            &(prj_holder_options){.spine = spine, .organization = organization, .environment = ENVIRONMENTS[i], .holder = "one"},
            &holders[i], &error);
    }
    fill();
    bool ready = wait_for("ws-acme-dev-state", "operation._.o1") && wait_for("ws-acme-stg-state", "operation._.o1") &&
                 wait_for("catalyst-state", "operation._.o2") && wait_for("catalyst-state", "operation._.o3") &&
                 wait_for("ws-umbrella-dev-state", "application._.secret-project");
    prj_routes_context context = {.views = prj_views_create(&(prj_views_options){.controlplane = spine, .only_account = spine}),
                                  .git_url = "https://git.example.org"};
    context.streams = prj_streams_create(context.views, NULL, NULL);
    http = cat_http_client_create(NULL);
    cat_openapi *description = NULL;
    if (!ready || cat_openapi_create(&prj_api, &description, &error) < 0 ||
        cat_http_server_start(&(cat_http_server_options){.address = "127.0.0.1:0",
                                                         .routes = prj_routes,
                                                         .context = &context,
                                                         .guard = sign_in,
                                                         .check = cat_openapi_check,
                                                         .check_context = description,
                                                         .check_destroy = cat_openapi_destroy},
                              &server, &error) < 0) {
        fprintf(stderr, "not ready: %s\n", error.message);
        return 1;
    }
    int code = cat_test_main(argc, argv);
    cat_http_server_stop(server, 5000);
    cat_http_client_destroy(http);
    prj_streams_destroy(context.streams);
    prj_views_destroy(context.views);
    for (size_t i = 0; i < 4; i++)
        prj_holder_stop(holders[i]);
    cat_spine_destroy(spine);
    nats_fixture_stop(nats);
    return code;
}
