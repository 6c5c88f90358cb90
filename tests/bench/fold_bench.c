/* Folding: by itself in memory, how its cost grows, and beside bare atomic batches of as many rows on the same server, from
 * events in a stream to rows in the bucket.
 *
 *     fold_bench [EVENTS]      prints three sizes, five pairs and their medians
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/fold_testing.h"
#include "holder/holder.h"
#include "nats_fixture.h"
#include "net/kv.h"
#include "net/publisher.h"
#include "svc/spine_layout.h"
#include "wire/json.h"

#define PAIRS 5
#define AT_ONCE 400

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Processor time of this process, which a busy machine changes less than the rate. */
static double cpu_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static void must(int code, const cat_error *error)
{
    if (code >= 0)
        return;
    fprintf(stderr, "%s\n", error->message);
    exit(1);
}

/* The fold alone, without a server: processor time an event, in µs, of `count` events of `applications`; as many at once as the
 * holder takes. */
static double fold_in_memory(size_t count, unsigned applications)
{
    static prj_fold_change changes[2 * AT_ONCE];
    test_event events[AT_ONCE];
    prj_fold *state = prj_fold_create("acme", "acme-dev");
    int64_t time_ms = FOLD_TEST_START_MS;
    double used = 0;
    test_application_count = applications;
    for (size_t at = 0; at < count; at += AT_ONCE) {
        for (size_t i = 0; i < AT_ONCE; i++)
            events[i] = test_random_object(at + i + 1, time_ms += test_chance(3000));
        double start = cpu_seconds();
        for (size_t i = 0; i < AT_ONCE; i++)
            test_apply(state, &events[i], at + i + 1, NULL);
        while (prj_fold_take(state, changes, 2 * AT_ONCE) > 0)
            continue;
        used += cpu_seconds() - start;
        for (size_t i = 0; i < AT_ONCE; i++)
            test_event_finish(&events[i]);
    }
    prj_fold_destroy(state);
    return used * 1e6 / (double)count;
}

/* Ten and a hundred times the events and the Applications. */
static void print_growth(size_t count)
{
    double first = 0, us = 0;
    for (size_t times = 1; times <= 100; times *= 10) {
        size_t events = count / 10 * times;
        us = fold_in_memory(events, (unsigned)(events / 250) + 1);
        first = times == 1 ? us : first;
        printf("in memory: %8zu events of %5zu Applications %6.2f us CPU an event\n", events, events / 250 + 1, us);
    }
    printf("total time grows with events to the power of %.2f\n", 1 + log10(us / first) / 2);
}

static int64_t cursor_of(cat_spine *spine)
{
    cat_auto(cat_kv_entry) entry = {0};
    cat_autojson json_t *json = NULL;
    if (cat_kv_get(spine, "ws-acme-dev-state", "_fold", &entry, NULL) < 0 ||
        cat_json_parse(entry.value, entry.length, &CAT_JSON_CAPS, &json, NULL) < 0)
        return -1;
    return cat_json_int_or(json, "cursor", -1);
}

/* Objects of 200 Applications, as informers send them. */
static void fill(cat_spine *spine, size_t count)
{
    cat_error error = {0};
    cat_publisher *publisher = cat_publisher_create(spine, &(cat_publisher_options){0});
    int64_t time_ms = FOLD_TEST_START_MS;
    test_application_count = 200;
    for (size_t i = 0; i < count; i++) {
        time_ms += test_chance(3000);
        test_event event = test_random_object(i + 1, time_ms);
        cat_publication publication = {
            .subject = event.subject, .body = event.data, .length = strlen(event.data), .expected_subject_sequence = -1};
        must(cat_publisher_send(publisher, &publication, &error), &error);
        test_event_finish(&event);
    }
    must(cat_publisher_flush(publisher, 60000, &error), &error);
    cat_publisher_destroy(publisher);
}

static uint64_t revision_of(cat_spine *spine)
{
    cat_stream_info info = {0};
    cat_bucket_get_info(spine, "ws-acme-dev-state", &info, NULL);
    return info.last_sequence;
}

/* Rows written a second by a holder that starts at the beginning. */
static double fold_all(cat_spine *spine, size_t count, size_t *rows)
{
    cat_error error = {0};
    cat_bucket_delete(spine, "ws-acme-dev-state", NULL);
    must(cat_layout_ensure_environment(spine, "acme-dev", cat_layout_plan_find("large"), &error), &error);
    double start = now_seconds();
    prj_holder *holder = NULL;
    must(prj_holder_start(
             &(prj_holder_options){.spine = spine, .organization = "acme", .environment = "acme-dev", .holder = "bench"}, &holder,
             &error),
         &error);
    while (cursor_of(spine) < (int64_t)count)
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    double seconds = now_seconds() - start;
    prj_holder_stop(holder);
    *rows = (size_t)revision_of(spine);
    return (double)*rows / seconds;
}

/* As many rows of the same size in bare batches. */
static double write_bare(cat_spine *spine, size_t rows, size_t row_bytes)
{
    cat_error error = {0};
    cat_bucket_delete(spine, "ws-acme-dev-state", NULL);
    must(cat_layout_ensure_environment(spine, "acme-dev", cat_layout_plan_find("large"), &error), &error);
    char *body = cat_malloc(row_bytes);
    memset(body, 'x', row_bytes);
    static char subjects[AT_ONCE][64];
    cat_publication batch[AT_ONCE];
    for (size_t i = 0; i < AT_ONCE; i++) {
        snprintf(subjects[i], sizeof subjects[i], "$KV.ws-acme-dev-state.deployment.app%zu-dev.app", i);
        batch[i] = (cat_publication){.subject = subjects[i], .body = body, .length = row_bytes, .expected_subject_sequence = -1};
    }
    double start = now_seconds();
    for (size_t at = 0; at < rows; at += AT_ONCE)
        must(cat_spine_publish_batch(spine, batch, AT_ONCE, NULL, &error), &error);
    double seconds = now_seconds() - start;
    free(body);
    return (double)rows / seconds;
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 50000, rows = 0;
    cat_error error = {0};
    nats_fixture *nats = nats_fixture_start(NULL);
    cat_spine *spine = nats_fixture_connect(nats, NULL);
    must(cat_layout_ensure_environment(spine, "acme-dev", cat_layout_plan_find("large"), &error), &error);
    test_random_state = 42;
    print_growth(count);
    fill(spine, count);
    double ours[PAIRS], bare[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        double start = cpu_seconds(), server_start = nats_fixture_cpu_seconds(nats);
        ours[i] = fold_all(spine, count, &rows);
        double folded = cpu_seconds(), server_folded = nats_fixture_cpu_seconds(nats);
        bare[i] = write_bare(spine, rows, 1000);
        double row_us = 1e6 / (double)rows;
        printf(
            "fold %8.0f rows/s, us CPU a row %5.1f ours %5.1f the server's   bare %8.0f rows/s, %5.1f ours %5.1f the server's   "
            "(%zu events, %zu rows)\n",
            ours[i], (folded - start) * row_us, (server_folded - server_start) * row_us, bare[i],
            (cpu_seconds() - folded) * row_us, (nats_fixture_cpu_seconds(nats) - server_folded) * row_us, count, rows);
    }
    qsort(ours, PAIRS, sizeof *ours, by_size);
    qsort(bare, PAIRS, sizeof *bare, by_size);
    printf("median: fold %.0f rows/s, bare %.0f rows/s, ratio %.2f\n", ours[PAIRS / 2], bare[PAIRS / 2],
           ours[PAIRS / 2] / bare[PAIRS / 2]);
    cat_spine_destroy(spine);
    nats_fixture_stop(nats);
    return 0;
}
