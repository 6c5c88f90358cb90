/* The fold against a real server: 10,000 events while the folding process is killed twenty times, two holders at once now and
 * then, and a client that watches by an event stream all the while. In the end the rows are those of an independent fold of the
 * stream, and the client's ids came in order.
 *
 * The same program with `--fold {url}` is the process that is killed. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/random.h"
#include "base/test.h"
#include "core/fold_testing.h"
#include "holder/holder.h"
#include "nats_fixture.h"
#include "net/consumer.h"
#include "net/http_stream.h"
#include "net/kv.h"
#include "net/publisher.h"
#include "svc/spine_layout.h"
#include "views/stream.h"
#include "wire/json.h"

#define EVENTS 10000
#define KILLS 20
#define PATIENCE_MS 120000

static const char *program;

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* The process that folds */

static int fold_until_killed(const char *url)
{
    cat_spine *spine = NULL;
    cat_error error = {0};
    if (cat_spine_connect(&(cat_spine_options){.url = url, .name = "replica"}, &spine, &error) < 0)
        return 1;
    for (;;) {
        prj_holder *holder = NULL;
        if (prj_holder_start(
                &(prj_holder_options){.spine = spine, .organization = "acme", .environment = "acme-dev", .holder = "projector"},
                &holder, &error) < 0)
            return 1;
        while (prj_holder_is_running(holder))
            pause_ms(20);
        prj_holder_stop(holder);
        pause_ms(300); /* gave way to another: wait as the service does */
    }
}

static pid_t start_replica(const char *url)
{
    pid_t pid = fork();
    if (pid == 0) {
        execl(program, program, "--fold", url, (char *)NULL);
        _exit(127);
    }
    return pid;
}

static void kill_replica(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static uint64_t read_cursor(cat_spine *spine)
{
    cat_auto(cat_kv_entry) entry = {0};
    cat_autojson json_t *json = NULL;
    if (cat_kv_get(spine, "ws-acme-dev-state", "_fold", &entry, NULL) < 0 ||
        cat_json_parse(entry.value, entry.length, &CAT_JSON_CAPS, &json, NULL) < 0)
        return 0;
    return (uint64_t)cat_json_int_or(json, "cursor", 0);
}

/* Waits until the cursor stands at least there. */
static bool wait_cursor(cat_spine *spine, uint64_t least)
{
    for (int64_t waited = 0; waited < PATIENCE_MS; waited += 10) {
        if (read_cursor(spine) >= least)
            return true;
        pause_ms(10);
    }
    return false;
}

/* The one who publishes */

typedef struct {
    cat_spine *spine;
    const test_event *log;
    atomic_size_t sent;
    atomic_size_t allowed; /* it waits for more to be allowed */
} source;

static void *publish(void *argument)
{
    source *from = argument;
    cat_publisher *publisher = cat_publisher_create(from->spine, &(cat_publisher_options){0});
    for (size_t i = 0; i < EVENTS; i++) {
        while (atomic_load(&from->allowed) <= i)
            pause_ms(1);
        cat_autofree char *id = cat_printf("event-%zu", i);
        cat_publication publication = {.subject = from->log[i].subject,
                                       .message_id = id,
                                       .body = from->log[i].data,
                                       .length = strlen(from->log[i].data),
                                       .expected_subject_sequence = -1};
        cat_publisher_send(publisher, &publication, NULL);
        atomic_store(&from->sent, i + 1);
    }
    cat_publisher_flush(publisher, 30000, NULL);
    cat_publisher_destroy(publisher);
    return NULL;
}

/* What the stream and the bucket say in the end */

static char *fold_independently(cat_spine *spine, cat_map *bucket)
{
    cat_consumer *consumer = NULL;
    prj_fold *state = prj_fold_create("acme", "acme-dev");
    size_t count = 0;
    cat_consumer_create(spine, &(cat_consumer_options){.stream = "ws-acme-dev", .no_ack = true, .memory = true}, &consumer, NULL);
    while (count < EVENTS) {
        cat_auto(cat_messages) messages = {0};
        if (cat_consumer_fetch(consumer, EVENTS - count < 777 ? EVENTS - count : 777, 5000, &messages, NULL) < 0 ||
            messages.count == 0)
            break;
        for (size_t i = 0; i < messages.count; i++) {
            prj_fold_event event = {messages.items[i].subject,
                                    messages.items[i].data,
                                    messages.items[i].length,
                                    messages.items[i].sequence,
                                    NULL,
                                    NULL};
            prj_fold_apply(state, &event, NULL);
        }
        count += messages.count;
    }
    EXPECT_INT(count, EVENTS);
    test_write(state, bucket);
    prj_fold_destroy(state);
    cat_consumer_destroy(consumer);
    return test_dump(bucket);
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
    EXPECT_INT(cat_kv_each(spine, "ws-acme-dev-state", NULL, collect, bucket, NULL), 0);
    char *dump = test_dump(bucket);
    cat_map_destroy(bucket);
    return dump;
}

/* The client */

typedef struct {
    pthread_mutex_t lock;
    cat_map *rows;          /* shown key → revision, as text */
    uint64_t last_revision; /* of the last id */
    uint64_t next_revision; /* of the id that belongs to the data to come */
    size_t events, backwards;
    char kind[16];
} client;

static void take_data(client *at, const char *text)
{
    cat_json_caps caps = {.max_bytes = 64u * 1024 * 1024, .max_depth = 80};
    cat_autojson json_t *json = NULL;
    if (cat_json_parse(text, strlen(text), &caps, &json, NULL) < 0)
        return;
    if (strcmp(at->kind, "snapshot") == 0) {
        size_t i;
        json_t *row;
        cat_map_clear(at->rows);
        json_array_foreach(json_object_get(json, "rows"), i, row)
            cat_map_set(at->rows, cat_json_text(row, "key"), cat_printf("%lld", (long long)cat_json_int_or(row, "revision", 0)));
    } else if (strcmp(at->kind, "row") == 0) {
        cat_map_set(at->rows, cat_json_text(json, "key"), cat_printf("%lld", (long long)cat_json_int_or(json, "revision", 0)));
    } else if (strcmp(at->kind, "delete") == 0) {
        cat_map_remove(at->rows, cat_json_text(json, "key"));
    }
    at->events++;
}

static void on_line(void *context, const char *line, size_t length)
{
    client *at = context;
    cat_autofree char *text = cat_strndup(line, length);
    pthread_mutex_lock(&at->lock);
    if (strncmp(text, "id:", 3) == 0) {
        char incarnation[40];
        uint64_t revision = 0;
        if (!prj_stream_id_find(text + 3 + (text[3] == ' '), "acme-dev", incarnation, &revision) || revision < at->last_revision)
            at->backwards++;
        at->last_revision = revision;
    } else if (strncmp(text, "event:", 6) == 0) {
        snprintf(at->kind, sizeof at->kind, "%s", text + 6 + (text[6] == ' '));
    } else if (strncmp(text, "data:", 5) == 0) {
        take_data(at, text + 5 + (text[5] == ' '));
    }
    pthread_mutex_unlock(&at->lock);
}

static void on_end(void *context, const cat_error *error)
{
    (void)context;
    (void)error;
}

static int open_stream(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    cat_auto(cat_strings) environments = {0};
    cat_strings_add(&environments, "acme-dev");
    prj_stream_request wish = {.organization = "acme",
                               .scope = "acme",
                               .environments = &environments,
                               .secrets = true,
                               .expires_ms = INT64_MAX,
                               .last_event_id = cat_request_query(request, "lastEventId")};
    return prj_streams_join(context, reply, &wish, error);
}

/* What the client holds, against what a view holds: keys and revisions. */
static bool client_agrees(client *at, prj_views *all, cat_error *error)
{
    prj_view *seen = NULL;
    if (prj_views_acquire(all, "acme", "acme-dev", &seen, error) < 0)
        return false;
    size_t living = 0, i = 0, wrong = 0;
    prj_view_lock(seen);
    pthread_mutex_lock(&at->lock);
    for (const prj_view_row *row; (row = prj_view_next(seen, &i));) {
        if (row->deleted)
            continue;
        if (row->elsewhere) {
            wrong += cat_map_get(at->rows, row->shown) != NULL;
            continue;
        }
        living++;
        const char *revision = cat_map_get(at->rows, row->shown);
        wrong += !revision || strtoull(revision, NULL, 10) != row->revision;
    }
    bool agrees = wrong == 0 && living == cat_map_count(at->rows);
    pthread_mutex_unlock(&at->lock);
    prj_view_unlock(seen);
    prj_views_release(all, seen);
    return agrees;
}

static void kill_again_and_again(cat_spine *spine, source *from, const char *url)
{
    for (int i = 0; i < KILLS; i++) {
        uint64_t before = read_cursor(spine);
        pid_t first = start_replica(url), second = i % 4 == 3 ? start_replica(url) : 0;
        /* Events keep coming while it folds; it dies somewhere in the middle of them. */
        uint64_t goal = before + 1 + cat_random_below(EVENTS / KILLS), sent = (uint64_t)(i + 5) * (EVENTS / KILLS);
        atomic_store(&from->allowed, sent < EVENTS ? sent : EVENTS); /* a backlog: it is stored behind the folding */
        EXPECT(wait_cursor(spine, goal < EVENTS ? goal : EVENTS));
        kill_replica(first);
        if (second)
            kill_replica(second);
    }
}

/* The last event of a log is of now: nothing is left that changes by time alone, and no holder has to tell of time. */
static void end_log_now(test_event *log, size_t count)
{
    const cat_clock *clock = cat_clock_system();
    test_event_finish(&log[count - 1]);
    log[count - 1] = test_event_make("ws.acme-dev.sync.time", "time.passed", "end", clock->wall_ms(clock), "", "{\"due\":0}");
}

TEST("10,000 events folded by processes that are killed twenty times give the rows of an undisturbed fold, and clients see them "
     "in order")
{
    nats_fixture *nats = nats_fixture_start(NULL);
    cat_spine *spine = nats_fixture_connect(nats, NULL);
    cat_error error = {0};
    REQUIRE(cat_layout_ensure_environment(spine, "acme-dev", cat_layout_plan_find("small"), &error) == 0);
    REQUIRE(cat_layout_ensure_dead_letter(spine, cat_layout_plan_find("small"), &error) == 0);
    test_random_state = cat_random_below(1000000000);
    cat_test_row("seed %llu", (unsigned long long)test_random_state);
    test_application_count = 60;
    test_event *log = test_random_log(EVENTS);
    end_log_now(log, EVENTS);
    source from = {.spine = spine, .log = log};
    pthread_t publisher;
    pthread_create(&publisher, NULL, publish, &from);

    prj_views *all = prj_views_create(&(prj_views_options){.only_account = spine});
    prj_streams *events = prj_streams_create(all, NULL, NULL);
    const cat_route routes[] = {{"GET", "/v1/stream", open_stream, CAT_ROUTE_OPEN, 0}, {0}};
    cat_http_server *server = NULL;
    REQUIRE(cat_http_server_start(&(cat_http_server_options){.address = "127.0.0.1:0", .routes = routes, .context = events},
                                  &server, &error) == 0);
    client watching = {.rows = cat_map_create(free)};
    pthread_mutex_init(&watching.lock, NULL);
    cat_http_client *http = cat_http_client_create(NULL);
    cat_http_streams *http_streams = cat_http_streams_create();
    cat_autofree char *url = cat_printf("http://127.0.0.1:%u/v1/stream", cat_http_server_port(server));
    cat_http_stream *stream = cat_http_stream_open(
        http_streams, http, &(cat_http_call){.method = "GET", .url = url},
        &(cat_http_stream_handlers){.on_line = on_line, .on_end = on_end, .context = &watching, .max_line_bytes = 64u << 20});

    kill_again_and_again(spine, &from, nats_fixture_url(nats));
    pthread_join(publisher, NULL);
    pid_t last = start_replica(nats_fixture_url(nats));
    EXPECT(wait_cursor(spine, EVENTS));

    cat_map *bucket = cat_map_create(free);
    cat_autofree char *expected = fold_independently(spine, bucket), *actual = dump_bucket(spine);
    EXPECT(strlen(expected) > 1000);
    EXPECT(strcmp(actual, expected) == 0);
    for (int64_t waited = 0; waited < 10000 && !client_agrees(&watching, all, &error); waited += 50)
        pause_ms(50);
    EXPECT(client_agrees(&watching, all, &error));
    EXPECT_INT(watching.backwards, 0);
    EXPECT(watching.events > 1000);
    printf("     client saw %zu events; cursor %llu\n", watching.events, (unsigned long long)read_cursor(spine));

    /* Every poisonous event of the log is among the dead letters, once. */
    cat_stream_info letters = {0};
    size_t poison = 0;
    for (size_t i = 0; i < EVENTS; i++)
        poison += strstr(log[i].data, "\"id\":\"poison\"") != NULL;
    EXPECT_INT(cat_stream_get_info(spine, "ws-dead-letter", &letters, &error), 0);
    EXPECT_INT(letters.messages, poison);

    kill_replica(last);
    cat_http_stream_close(stream);
    cat_http_streams_destroy(http_streams);
    cat_http_client_destroy(http);
    cat_http_server_stop(server, 5000);
    prj_streams_destroy(events);
    prj_views_destroy(all);
    cat_map_destroy(watching.rows);
    cat_map_destroy(bucket);
    test_free_log(log, EVENTS);
    cat_spine_destroy(spine);
    nats_fixture_stop(nats);
}

static json_t *read_standing(cat_spine *spine)
{
    cat_auto(cat_kv_entry) entry = {0};
    json_t *json = NULL;
    if (cat_kv_get(spine, "ws-acme-dev-state", "_fold", &entry, NULL) == 0)
        cat_json_parse(entry.value, entry.length, &CAT_JSON_CAPS, &json, NULL);
    return json;
}

/* A holder takes the Environment over, stands at `cursor`, and leaves. */
static void take_over_and_fold(cat_spine *spine, int64_t cursor)
{
    cat_autojson json_t *before = read_standing(spine);
    prj_holder *holder = NULL;
    REQUIRE(prj_holder_start(
                &(prj_holder_options){.spine = spine, .organization = "acme", .environment = "acme-dev", .holder = "one"},
                &holder, NULL) == 0);
    bool there = false;
    for (int64_t waited = 0; waited < PATIENCE_MS && !there; waited += 10) {
        cat_autojson json_t *now = read_standing(spine);
        there =
            cat_json_int_or(now, "epoch", 0) > cat_json_int_or(before, "epoch", 0) && cat_json_int_or(now, "cursor", 0) >= cursor;
        pause_ms(10);
    }
    EXPECT(there);
    prj_holder_stop(holder);
}

static void put(cat_spine *spine, const char *key, const char *value)
{
    EXPECT_INT(cat_kv_put(spine, "ws-acme-dev-state", &(cat_kv_write){key, value, strlen(value), -1}, NULL, NULL), 0);
}

/* Rows of an earlier form must not stay beside those of this one: not what it would write otherwise, nor what it would not write
 * at all. */
TEST("rows of another version of the fold are removed, and the log is folded again from its beginning")
{
    enum { COUNT = 300 };
    nats_fixture *nats = nats_fixture_start(NULL);
    cat_spine *spine = nats_fixture_connect(nats, NULL);
    REQUIRE(cat_layout_ensure_environment(spine, "acme-dev", cat_layout_plan_find("small"), NULL) == 0);
    REQUIRE(cat_layout_ensure_dead_letter(spine, cat_layout_plan_find("small"), NULL) == 0);
    test_event *log = test_random_log(COUNT);
    end_log_now(log, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        cat_publication publication = {
            .subject = log[i].subject, .body = log[i].data, .length = strlen(log[i].data), .expected_subject_sequence = -1};
        REQUIRE(cat_spine_publish(spine, &publication, NULL, NULL, NULL) == 0);
    }
    take_over_and_fold(spine, COUNT);
    cat_autofree char *expected = dump_bucket(spine);

    put(spine, "deployment.old-dev.old", "{\"kind\":\"deployment\",\"name\":\"old\"}");
    take_over_and_fold(spine, COUNT);
    cat_autofree char *same_version = dump_bucket(spine);
    EXPECT(strstr(same_version, "deployment.old-dev.old") != NULL);

    cat_autojson json_t *standing = read_standing(spine);
    EXPECT_INT(cat_json_int_or(standing, "foldVersion", 0), FOLD_VERSION);
    cat_json_set_int(standing, "foldVersion", FOLD_VERSION - 1);
    cat_autofree char *older = cat_json_format(standing);
    put(spine, "_fold", older);
    take_over_and_fold(spine, COUNT);
    cat_autofree char *again = dump_bucket(spine);
    EXPECT(strcmp(again, expected) == 0);

    test_free_log(log, COUNT);
    cat_spine_destroy(spine);
    nats_fixture_stop(nats);
}

static void send(cat_spine *spine, const char *kind, const char *group, const char *namespace, const char *metadata,
                 const char *status)
{
    const cat_clock *clock = cat_clock_system();
    cat_autofree char *data = cat_printf("{\"cluster\":\"c\",\"epoch\":1,\"uid\":\"u\",\"resourceVersion\":\"1\",\"kind\":\"%s\","
                                         "\"group\":\"%s\",\"namespace\":\"%s\","
                                         "\"name\":\"blog-dev\",\"object\":{\"apiVersion\":\"%s%sv1\",\"kind\":\"%s\","
                                         "\"metadata\":{\"name\":\"blog-dev\",\"labels\":{"
                                         "\"openova.io/application\":\"blog\",%s}},\"status\":{%s}}}",
                                         kind, group, namespace, group, *group ? "/" : "", kind, metadata, status);
    test_event event = test_event_make("ws.acme-dev.k8s.x.y.z", "k8s.object", kind, clock->wall_ms(clock) - 60000, "", data);
    cat_publication publication = {
        .subject = event.subject, .body = event.data, .length = strlen(event.data), .expected_subject_sequence = -1};
    EXPECT_INT(cat_spine_publish(spine, &publication, NULL, NULL, NULL), 0);
    test_event_finish(&event);
}

TEST("a time of grace that has passed shows without any other event")
{
    nats_fixture *nats = nats_fixture_start(NULL);
    cat_spine *spine = nats_fixture_connect(nats, NULL);
    REQUIRE(cat_layout_ensure_environment(spine, "acme-dev", cat_layout_plan_find("small"), NULL) == 0);
    send(spine, "Kustomization", "kustomize.toolkit.fluxcd.io", "flux-system", "\"a\":\"b\"",
         "\"lastAppliedRevision\":\"develop@sha1:" TEST_COMMIT "\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]");
    send(spine, "Pod", "", "blog-dev", "\"kustomize.toolkit.fluxcd.io/name\":\"blog-dev\"",
         "\"phase\":\"Pending\",\"containerStatuses\":[{\"name\":\"c\",\"state\":{\"waiting\":{\"reason\":\"ImagePullBackOff\"}}}"
         "]");
    take_over_and_fold(spine, 3); /* the third event is the holder's own: that time has passed */
    cat_auto(cat_kv_entry) entry = {0};
    REQUIRE(cat_kv_get(spine, "ws-acme-dev-state", "application._.blog", &entry, NULL) == 0);
    EXPECT(strstr(entry.value, "\"status\":\"Degraded\"") != NULL);
    cat_spine_destroy(spine);
    nats_fixture_stop(nats);
}

int main(int argc, char **argv)
{
    program = argv[0];
    if (argc == 3 && strcmp(argv[1], "--fold") == 0)
        return fold_until_killed(argv[2]);
    return cat_test_main(argc, argv);
}
