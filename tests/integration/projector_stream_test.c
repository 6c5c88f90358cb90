/* Streams made anew, buckets that were lost, two replicas, and clients that come back: the projector's parts against a real
 * server. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/random.h"
#include "base/test.h"
#include "core/fold_testing.h"
#include "holder/holder.h"
#include "nats_fixture.h"
#include "net/http_stream.h"
#include "net/kv.h"
#include "svc/spine_layout.h"
#include "views/stream.h"
#include "wire/cloudevent.h"
#include "wire/json.h"

#define ENVIRONMENT "acme-dev"
#define BUCKET "ws-acme-dev-state"
#define PATIENCE_MS 20000

static nats_fixture *nats;

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static cat_spine *fresh_environment(void)
{
    cat_spine *spine = nats_fixture_connect(nats, NULL);
    cat_layout_delete_environment(spine, ENVIRONMENT, NULL);
    cat_error error = {0};
    if (cat_layout_ensure_environment(spine, ENVIRONMENT, cat_layout_plan_find("small"), &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return spine;
}

static prj_holder *start(cat_spine *spine, const char *replica)
{
    prj_holder *holder = NULL;
    prj_holder_start(
        &(prj_holder_options){
            .spine = spine, .controlplane = spine, .organization = "acme", .environment = ENVIRONMENT, .holder = replica},
        &holder, NULL);
    return holder;
}

static void publish_operation(cat_spine *spine, const char *id, int sequence)
{
    char time_text[CAT_TIME_TEXT_MAX];
    const cat_clock *clock = cat_clock_system();
    cat_time_format(clock->wall_ms(clock), time_text);
    cat_autofree char *subject = cat_printf("ws." ENVIRONMENT ".operation.%s", id);
    cat_autofree char *body =
        cat_printf("{\"specversion\":\"1.0\",\"id\":\"%s/"
                   "%d\",\"source\":\"test\",\"type\":\"io.openova.catalyst.operation.step.v1\",\"time\":\"%s\","
                   "\"data\":{\"operation\":\"%s\",\"kind\":\"install\",\"status\":\"Running\",\"sequence\":%d,\"steps\":[]}}",
                   id, sequence, time_text, id, sequence);
    cat_publication publication = {.subject = subject,
                                   .body = body,
                                   .length = strlen(body),
                                   .content_type = CAT_CLOUDEVENT_CONTENT_TYPE,
                                   .expected_subject_sequence = -1};
    cat_error error = {0};
    if (cat_spine_publish(spine, &publication, NULL, NULL, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
}

static json_t *read_row(cat_spine *spine, const char *key)
{
    cat_auto(cat_kv_entry) entry = {0};
    json_t *json = NULL;
    if (cat_kv_get(spine, BUCKET, key, &entry, NULL) == 0)
        cat_json_parse(entry.value, entry.length, &CAT_JSON_CAPS, &json, NULL);
    return json;
}

/* Waits until the row's number stands there (-1: until there is no row). */
static bool wait_row(cat_spine *spine, const char *key, const char *member, int64_t expected)
{
    for (int64_t waited = 0; waited < PATIENCE_MS; waited += 20) {
        cat_autojson json_t *row = read_row(spine, key);
        if (row ? cat_json_int_or(row, member, -2) == expected : expected == -1)
            return true;
        pause_ms(20);
    }
    return false;
}

static int64_t fold_number(cat_spine *spine, const char *member)
{
    cat_autojson json_t *row = read_row(spine, "_fold");
    return cat_json_int_or(row, member, -1);
}

TEST("who finds another epoch in _fold stops, and the newer holder goes on")
{
    cat_spine *spine = fresh_environment();
    prj_holder *first = start(spine, "one");
    publish_operation(spine, "o1", 1);
    EXPECT(wait_row(spine, "operation._.o1", "sequence", 1));
    prj_holder *second = start(spine, "two");
    for (int64_t waited = 0; waited < PATIENCE_MS && prj_holder_is_running(first); waited += 20)
        pause_ms(20);
    EXPECT(!prj_holder_is_running(first));
    publish_operation(spine, "o1", 2);
    EXPECT(wait_row(spine, "operation._.o1", "sequence", 2));
    EXPECT(prj_holder_is_running(second));
    EXPECT_INT(fold_number(spine, "epoch"), 2);
    prj_holder_stop(first);
    prj_holder_stop(second);
    cat_spine_destroy(spine);
}

TEST("a stream that was made anew empties the bucket and asks for a relist")
{
    cat_spine *spine = fresh_environment();
    cat_error error = {0};
    REQUIRE(cat_layout_ensure_stream(spine, "catalyst-events", &error) == 0);
    prj_holder *holder = start(spine, "one");
    publish_operation(spine, "old", 1);
    EXPECT(wait_row(spine, "operation._.old", "sequence", 1));
    cat_stream_info before = {0}, after = {0};
    cat_stream_get_info(spine, "catalyst-events", &before, &error);
    REQUIRE(cat_stream_delete(spine, "ws-" ENVIRONMENT, &error) == 0);
    REQUIRE(cat_layout_ensure_environment(spine, ENVIRONMENT, cat_layout_plan_find("small"), &error) == 0);
    publish_operation(spine, "new", 1);
    EXPECT(wait_row(spine, "operation._.new", "sequence", 1));
    EXPECT(wait_row(spine, "operation._.old", "", -1));
    cat_stream_get_info(spine, "catalyst-events", &after, &error);
    EXPECT_INT(after.messages, before.messages + 1);
    prj_holder_stop(holder);
    cat_spine_destroy(spine);
}

TEST("a bucket that was lost is folded again from the stream, to the same rows")
{
    cat_spine *spine = fresh_environment();
    cat_error error = {0};
    prj_holder *holder = start(spine, "one");
    for (int i = 1; i <= 20; i++)
        publish_operation(spine, i % 2 ? "odd" : "even", i);
    EXPECT(wait_row(spine, "operation._.even", "sequence", 20));
    cat_auto(cat_kv_entry) before = {0};
    cat_auto(cat_kv_entry) after = {0};
    REQUIRE(cat_kv_get(spine, BUCKET, "operation._.even", &before, &error) == 0);
    prj_holder_stop(holder);
    REQUIRE(cat_bucket_delete(spine, BUCKET, &error) == 0);
    REQUIRE(cat_layout_ensure_environment(spine, ENVIRONMENT, cat_layout_plan_find("small"), &error) == 0);
    holder = start(spine, "one");
    EXPECT(wait_row(spine, "operation._.even", "sequence", 20));
    REQUIRE(cat_kv_get(spine, BUCKET, "operation._.even", &after, &error) == 0);
    EXPECT_TEXT(after.value, before.value);
    prj_holder_stop(holder);
    cat_spine_destroy(spine);
}

static bool wait_cursor(cat_spine *spine, int64_t least)
{
    for (int64_t waited = 0; waited < PATIENCE_MS; waited += 20) {
        if (fold_number(spine, "cursor") >= least)
            return true;
        pause_ms(20);
    }
    return false;
}

static bool collect(void *context, const cat_kv_entry *entry)
{
    if (entry->value && strcmp(entry->key, "_fold") != 0)
        cat_map_set(context, entry->key, cat_strndup(entry->value, entry->length));
    return true;
}

static char *dump_bucket(cat_spine *spine)
{
    cat_map *bucket = cat_map_create(free);
    EXPECT_INT(cat_kv_each(spine, BUCKET, NULL, collect, bucket, NULL), 0);
    char *dump = test_dump(bucket);
    cat_map_destroy(bucket);
    return dump;
}

/* Graces of the log's events, which are of long ago, are over by the holder's clock, and what is gone is forgotten, once it has
 * heard that time has passed: so often that no tombstone is left. */
static char *dump_settled_bucket(cat_spine *spine)
{
    cat_error error = {0};
    for (int i = 0;; i++) {
        cat_autofree char *now = dump_bucket(spine);
        if (i > 0 && (!strstr(now, "\"deleted\":true") || i == 50))
            return cat_take(now);
        cat_stream_info stream = {0};
        char time_text[CAT_TIME_TEXT_MAX];
        cat_time_format(cat_clock_system()->wall_ms(cat_clock_system()), time_text);
        cat_autofree char *body = cat_printf("{\"specversion\":\"1.0\",\"id\":\"settle-%d\",\"source\":\"test\",\"type\":"
                                             "\"io.openova.catalyst.time.passed.v1\",\"time\":\"%s\",\"data\":{\"due\":0}}",
                                             i, time_text);
        cat_publication publication = {
            .subject = "ws." ENVIRONMENT ".sync.time", .body = body, .length = strlen(body), .expected_subject_sequence = -1};
        EXPECT_INT(cat_spine_publish(spine, &publication, NULL, NULL, &error), 0);
        EXPECT_INT(cat_stream_get_info(spine, "ws-" ENVIRONMENT, &stream, &error), 0);
        EXPECT(wait_cursor(spine, (int64_t)stream.last_sequence));
    }
}

/* Whole buckets are too long to be shown: the first row that is not the same is. */
static void expect_same_dump(const char *before, const char *after)
{
    size_t line = 0;
    for (size_t i = 0; before[i] && before[i] == after[i]; i++)
        line = before[i] == '\n' ? i + 1 : line;
    if (strcmp(before, after) != 0)
        cat_test_fail(__FILE__, __LINE__, "before %.*s\n  after  %.*s", (int)strcspn(before + line, "\n"), before + line,
                      (int)strcspn(after + line, "\n"), after + line);
}

TEST("holders that are stopped while they take over change no row")
{
    cat_spine *spine = fresh_environment();
    cat_error error = {0};
    test_random_state = cat_random_below(1000000000);
    cat_test_row("seed %llu", (unsigned long long)test_random_state);
    test_application_count = 60;
    enum { EVENTS = 1500 };
    test_event *log = test_random_log(EVENTS);
    for (size_t i = 0; i < EVENTS; i++) {
        cat_publication publication = {
            .subject = log[i].subject, .body = log[i].data, .length = strlen(log[i].data), .expected_subject_sequence = -1};
        EXPECT_INT(cat_spine_publish(spine, &publication, NULL, NULL, &error), 0);
    }
    prj_holder *holder = start(spine, "one");
    EXPECT(wait_cursor(spine, EVENTS));
    cat_autofree char *before = dump_settled_bucket(spine);
    prj_holder_stop(holder);
    for (int i = 0; i < 40; i++) {
        holder = start(spine, i % 2 ? "one" : "two");
        pause_ms((long)cat_random_below(30));
        prj_holder_stop(holder);
    }
    cat_autofree char *after = dump_bucket(spine);
    EXPECT(strlen(before) > 1000);
    expect_same_dump(before, after);
    test_free_log(log, EVENTS);
    cat_spine_destroy(spine);
}

TEST("two replicas give the same bytes for a row at the same revision")
{
    cat_spine *spine = fresh_environment(), *other = nats_fixture_connect(nats, NULL);
    prj_holder *holder = start(spine, "one");
    for (int i = 1; i <= 50; i++)
        publish_operation(spine, i % 2 ? "odd" : "even", i);
    EXPECT(wait_row(spine, "operation._.even", "sequence", 50));
    prj_views *replicas[2] = {prj_views_create(&(prj_views_options){.only_account = spine}),
                              prj_views_create(&(prj_views_options){.only_account = other})};
    cat_string texts[2] = {CAT_STRING(1 << 20), CAT_STRING(1 << 20)};
    for (int i = 0; i < 2; i++) {
        prj_view *seen = NULL;
        REQUIRE(prj_views_acquire(replicas[i], "acme", ENVIRONMENT, &seen, NULL) == 0);
        prj_view_lock(seen);
        size_t at = 0;
        for (const prj_view_row *row; (row = prj_view_next(seen, &at));)
            prj_view_row_format(row, &texts[i]);
        prj_view_unlock(seen);
        prj_views_release(replicas[i], seen);
        prj_views_destroy(replicas[i]);
    }
    EXPECT(texts[0].length > 100);
    EXPECT_TEXT(cat_string_get(&texts[0]), cat_string_get(&texts[1]));
    cat_string_finish(&texts[0]);
    cat_string_finish(&texts[1]);
    prj_holder_stop(holder);
    cat_spine_destroy(other);
    cat_spine_destroy(spine);
}

/* Clients */

typedef struct {
    pthread_mutex_t lock;
    char id[400], kind[16], reason[64];
    size_t snapshots, rows, deletes;
    bool ended;
} client;

static void on_line(void *context, const char *line, size_t length)
{
    client *at = context;
    cat_autofree char *text = cat_strndup(line, length);
    pthread_mutex_lock(&at->lock);
    if (strncmp(text, "id:", 3) == 0)
        snprintf(at->id, sizeof at->id, "%s", text + 3 + (text[3] == ' '));
    else if (strncmp(text, "event:", 6) == 0)
        snprintf(at->kind, sizeof at->kind, "%s", text + 6 + (text[6] == ' '));
    else if (strncmp(text, "data:", 5) == 0) {
        at->snapshots += strcmp(at->kind, "snapshot") == 0;
        at->rows += strcmp(at->kind, "row") == 0;
        at->deletes += strcmp(at->kind, "delete") == 0;
        if (strcmp(at->kind, "end") == 0)
            snprintf(at->reason, sizeof at->reason, "%s", text);
    }
    pthread_mutex_unlock(&at->lock);
}

static void on_end(void *context, const cat_error *error)
{
    (void)error;
    client *at = context;
    pthread_mutex_lock(&at->lock);
    at->ended = true;
    pthread_mutex_unlock(&at->lock);
}

typedef struct {
    prj_streams *streams;
    _Atomic int64_t expires_ms;
} serving;

static int open_stream(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    serving *all = context;
    cat_auto(cat_strings) environments = {0};
    cat_strings_add(&environments, ENVIRONMENT);
    prj_stream_request wish = {.organization = "acme",
                               .env_types = ~0u,
                               .scope = "acme",
                               .environments = &environments,
                               .expires_ms = atomic_load(&all->expires_ms),
                               .last_event_id = cat_request_query(request, "lastEventId")};
    return prj_streams_join(all->streams, reply, &wish, error);
}

typedef struct {
    cat_http_server *server;
    cat_http_client *http;
    cat_http_streams *threads;
    prj_views *views;
    serving serving;
} front;

static void front_open(front *all, cat_spine *spine)
{
    static cat_route routes[] = {{"GET", "/v1/stream", open_stream, CAT_ROUTE_OPEN, 0}, {0}};
    all->views = prj_views_create(&(prj_views_options){.only_account = spine});
    all->serving.streams = prj_streams_create(all->views, NULL, NULL);
    atomic_store(&all->serving.expires_ms, INT64_MAX);
    cat_error error = {0};
    if (cat_http_server_start(&(cat_http_server_options){.address = "127.0.0.1:0", .routes = routes, .context = &all->serving},
                              &all->server, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    all->http = cat_http_client_create(NULL);
    all->threads = cat_http_streams_create();
}

static void front_close(front *all)
{
    cat_http_streams_destroy(all->threads);
    cat_http_client_destroy(all->http);
    cat_http_server_stop(all->server, 5000);
    prj_streams_destroy(all->serving.streams);
    prj_views_destroy(all->views);
}

static cat_http_stream *connect_client(front *all, client *at, const char *last_event_id)
{
    pthread_mutex_init(&at->lock, NULL);
    cat_auto(cat_string) encoded = CAT_STRING(2048);
    for (const char *c = last_event_id ? last_event_id : ""; *c; c++)
        cat_string_appendf(&encoded, "%%%02X", (unsigned char)*c);
    cat_autofree char *url =
        cat_printf("http://127.0.0.1:%u/v1/stream?lastEventId=%s", cat_http_server_port(all->server), cat_string_get(&encoded));
    const cat_http_stream_handlers handlers = {.on_line = on_line, .on_end = on_end, .context = at};
    return cat_http_stream_open(all->threads, all->http, &(cat_http_call){.method = "GET", .url = url}, &handlers);
}

static size_t seen_of(client *at, const size_t *count)
{
    pthread_mutex_lock(&at->lock);
    size_t seen = *count;
    pthread_mutex_unlock(&at->lock);
    return seen;
}

static bool wait_count(client *at, const size_t *count, size_t least)
{
    for (int64_t waited = 0; waited < PATIENCE_MS; waited += 20) {
        if (seen_of(at, count) >= least)
            return true;
        pause_ms(20);
    }
    return false;
}

TEST("a client that comes back gets only what came after, and a snapshot when its id proves nothing")
{
    cat_spine *spine = fresh_environment();
    prj_holder *holder = start(spine, "one");
    publish_operation(spine, "o1", 1);
    publish_operation(spine, "o2", 1);
    EXPECT(wait_row(spine, "operation._.o2", "sequence", 1));
    front all;
    front_open(&all, spine);
    client first = {0};
    cat_http_stream *stream = connect_client(&all, &first, NULL);
    EXPECT(wait_count(&first, &first.snapshots, 1));
    cat_http_stream_close(stream);
    publish_operation(spine, "o1", 2);
    publish_operation(spine, "o3", 1);
    EXPECT(wait_row(spine, "operation._.o3", "sequence", 1));
    client again = {0};
    stream = connect_client(&all, &again, first.id);
    EXPECT(wait_count(&again, &again.rows, 2));
    EXPECT_INT(again.snapshots, 0);
    cat_http_stream_close(stream);
    static const char *const IDS[] = {ENVIRONMENT ":another.3", ENVIRONMENT ":%s.99999999", "nonsense", ENVIRONMENT ":",
                                      "acme-prod:x.1"};
    char incarnation[40];
    uint64_t revision = 0;
    REQUIRE(prj_stream_id_find(first.id, ENVIRONMENT, incarnation, &revision));
    for (size_t i = 0; i < sizeof IDS / sizeof *IDS; i++) {
        cat_test_row("%s", IDS[i]);
        cat_autofree char *id = cat_printf(IDS[i], incarnation);
        client odd = {0};
        stream = connect_client(&all, &odd, id);
        EXPECT(wait_count(&odd, &odd.snapshots, 1));
        cat_http_stream_close(stream);
    }
    front_close(&all);
    prj_holder_stop(holder);
    cat_spine_destroy(spine);
}

TEST("a stream ends when its token does")
{
    cat_spine *spine = fresh_environment();
    prj_holder *holder = start(spine, "one");
    publish_operation(spine, "o1", 1);
    EXPECT(wait_row(spine, "operation._.o1", "sequence", 1));
    front all;
    front_open(&all, spine);
    const cat_clock *clock = cat_clock_system();
    atomic_store(&all.serving.expires_ms, clock->wall_ms(clock) + 1500);
    client at = {0};
    cat_http_stream *stream = connect_client(&all, &at, NULL);
    EXPECT(wait_count(&at, &at.snapshots, 1));
    for (int64_t waited = 0; waited < PATIENCE_MS; waited += 20) {
        pthread_mutex_lock(&at.lock);
        bool ended = at.ended;
        pthread_mutex_unlock(&at.lock);
        if (ended)
            break;
        pause_ms(20);
    }
    EXPECT(at.ended);
    EXPECT(strstr(at.reason, "token-expired") != NULL);
    EXPECT_INT(prj_streams_clients(all.serving.streams), 0);
    cat_http_stream_close(stream);
    front_close(&all);
    prj_holder_stop(holder);
    cat_spine_destroy(spine);
}

int main(int argc, char **argv)
{
    nats = nats_fixture_start(NULL);
    int code = cat_test_main(argc, argv);
    nats_fixture_stop(nats);
    return code;
}
