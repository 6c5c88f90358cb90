/* What our layer over nats.c costs: each row does the same work on the same server by our calls and by a bare loop of nats.c, in
 * turns, and prints the medians.
 *
 *     spine_bench [rounds]
 */
#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nats_fixture.h"
#include "net/consumer.h"
#include "net/kv.h"
#include "net/publisher.h"

#define BODY_BYTES 500
#define ROUNDS_MAX 51

static nats_fixture *nats;
static cat_spine *spine;
static natsConnection *bare;
static jsCtx *js;
static kvStore *kv;
static char body[BODY_BYTES];

static double now_s(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void require(bool well, const char *what)
{
    if (!well) {
        fprintf(stderr, "spine_bench: %s failed\n", what);
        exit(1);
    }
}

static cat_publication publication_of(const char *subject, const char *id)
{
    return (cat_publication){
        .subject = subject, .message_id = id, .body = body, .length = sizeof(body), .expected_subject_sequence = -1};
}

static natsMsg *message_of(const char *subject, const char *id)
{
    natsMsg *message = NULL;
    require(natsMsg_Create(&message, subject, NULL, body, sizeof(body)) == NATS_OK, "making a message");
    if (id)
        natsMsgHeader_Set(message, "Nats-Msg-Id", id);
    return message;
}

static void id_of(char id[48])
{
    static unsigned long long counter;
    snprintf(id, 48, "bench-%llu", counter++);
}

static void ours_one_by_one(size_t count)
{
    char id[48];
    for (size_t i = 0; i < count; i++) {
        id_of(id);
        cat_publication publication = publication_of("bench.one", id);
        require(cat_spine_publish(spine, &publication, NULL, NULL, NULL) == 0, "publishing");
    }
}

static void bare_one_by_one(size_t count)
{
    char id[48];
    for (size_t i = 0; i < count; i++) {
        id_of(id);
        natsMsg *message = message_of("bench.one", id);
        jsPubAck *ack = NULL;
        require(js_PublishMsg(&ack, js, message, NULL, NULL) == NATS_OK, "js_PublishMsg");
        jsPubAck_Destroy(ack);
        natsMsg_Destroy(message);
    }
}

static void ours_pipelined(size_t count)
{
    char id[48];
    cat_autoptr(cat_publisher) publisher = cat_publisher_create(spine, NULL);
    for (size_t i = 0; i < count; i++) {
        id_of(id);
        cat_publication publication = publication_of("bench.pipe", id);
        require(cat_publisher_send(publisher, &publication, NULL) == 0, "sending");
    }
    require(cat_publisher_flush(publisher, 60000, NULL) == 0, "flushing");
}

static void bare_pipelined(size_t count)
{
    char id[48];
    for (size_t i = 0; i < count; i++) {
        id_of(id);
        natsMsg *message = message_of("bench.pipe", id);
        require(js_PublishMsgAsync(js, &message, NULL) == NATS_OK, "js_PublishMsgAsync");
        natsMsg_Destroy(message);
    }
    require(js_PublishAsyncComplete(js, NULL) == NATS_OK, "js_PublishAsyncComplete");
}

static void ours_batches(size_t count, size_t size)
{
    static cat_publication batch[1000];
    static char subjects[1000][48];
    for (size_t done = 0; done < count; done += size) {
        for (size_t i = 0; i < size; i++) {
            snprintf(subjects[i], sizeof(subjects[i]), "$KV.bench.pod.n.k%zu", (done + i) % 5000);
            batch[i] = publication_of(subjects[i], NULL);
        }
        require(cat_spine_publish_batch(spine, batch, size, NULL, NULL) == 0, "a batch");
    }
}

static void bare_batch_part(const char *subject, const char *id, size_t sequence, bool commit)
{
    char number[24];
    natsMsg *message = message_of(subject, NULL), *answer = NULL;
    snprintf(number, sizeof(number), "%zu", sequence);
    natsMsgHeader_Set(message, "Nats-Batch-Id", id);
    natsMsgHeader_Set(message, "Nats-Batch-Sequence", number);
    if (!commit) {
        require(natsConnection_PublishMsg(bare, message) == NATS_OK, "natsConnection_PublishMsg");
    } else {
        natsMsgHeader_Set(message, "Nats-Batch-Commit", "1");
        require(natsConnection_RequestMsg(&answer, bare, message, 5000) == NATS_OK, "natsConnection_RequestMsg");
        require(strstr(natsMsg_GetData(answer), "\"error\"") == NULL, "the bare batch");
    }
    natsMsg_Destroy(answer);
    natsMsg_Destroy(message);
}

static void bare_batches(size_t count, size_t size)
{
    char subject[48], id[48];
    for (size_t done = 0; done < count; done += size) {
        id_of(id);
        for (size_t i = 0; i < size; i++) {
            snprintf(subject, sizeof(subject), "$KV.bench.pod.n.k%zu", (done + i) % 5000);
            bare_batch_part(subject, id, i + 1, i + 1 == size);
        }
    }
}

static void ours_batches_100(size_t count)
{
    ours_batches(count, 100);
}

static void ours_batches_500(size_t count)
{
    ours_batches(count, 500);
}

static void bare_batches_100(size_t count)
{
    bare_batches(count, 100);
}

static void bare_batches_500(size_t count)
{
    bare_batches(count, 500);
}

static void ours_put(size_t count)
{
    char key[32];
    for (size_t i = 0; i < count; i++) {
        snprintf(key, sizeof(key), "pod.n.k%zu", i % 5000);
        require(cat_kv_put(spine, "bench", &(cat_kv_write){key, body, sizeof(body), -1}, NULL, NULL) == 0, "putting");
    }
}

static void bare_put(size_t count)
{
    char key[32];
    for (size_t i = 0; i < count; i++) {
        snprintf(key, sizeof(key), "pod.n.k%zu", i % 5000);
        require(kvStore_Put(NULL, kv, key, body, sizeof(body)) == NATS_OK, "kvStore_Put");
    }
}

static void ours_fetch(size_t count)
{
    cat_consumer_options options = {.stream = "bench-read", .durable = "ours"};
    cat_autoptr(cat_consumer) consumer = NULL;
    require(cat_consumer_delete_named(spine, "bench-read", "ours", NULL) == 0, "deleting the consumer");
    require(cat_consumer_create(spine, &options, &consumer, NULL) == 0, "making a consumer");
    for (size_t done = 0; done < count;) {
        cat_auto(cat_messages) messages = {0};
        require(cat_consumer_fetch(consumer, 500, 5000, &messages, NULL) == 0 && messages.count > 0, "fetching");
        for (size_t i = 0; i < messages.count; i++)
            cat_message_ack(&messages.items[i], NULL);
        done += messages.count;
    }
}

static void bare_fetch(size_t count)
{
    natsSubscription *subscription = NULL;
    js_DeleteConsumer(js, "bench-read", "bare", NULL, NULL);
    jsSubOptions options;
    jsSubOptions_Init(&options);
    options.Stream = "bench-read";
    require(js_PullSubscribe(&subscription, js, "read.>", "bare", NULL, &options, NULL) == NATS_OK, "js_PullSubscribe");
    for (size_t done = 0; done < count;) {
        natsMsgList list = {0};
        require(natsSubscription_Fetch(&list, subscription, 500, 5000, NULL) == NATS_OK && list.Count > 0,
                "natsSubscription_Fetch");
        for (int i = 0; i < list.Count; i++)
            natsMsg_Ack(list.Msgs[i], NULL);
        done += (size_t)list.Count;
        natsMsgList_Destroy(&list);
    }
    natsSubscription_Destroy(subscription);
}

static const struct {
    const char *name;
    size_t count;
    void (*ours)(size_t count), (*bare)(size_t count);
    const char *bare_name;
} ROWS[] = {
    {"publish one by one", 5000, ours_one_by_one, bare_one_by_one, "js_PublishMsg"},
    {"publish pipelined", 50000, ours_pipelined, bare_pipelined, "js_PublishMsgAsync"},
    {"atomic batches of 100", 20000, ours_batches_100, bare_batches_100, "natsConnection_PublishMsg"},
    {"atomic batches of 500", 50000, ours_batches_500, bare_batches_500, "natsConnection_PublishMsg"},
    {"KV put", 5000, ours_put, bare_put, "kvStore_Put"},
    {"fetch 500 with acks", 50000, ours_fetch, bare_fetch, "natsSubscription_Fetch"},
};

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), by_value);
    return values[count / 2];
}

static double rate_of(void (*run)(size_t count), size_t count)
{
    double start = now_s();
    run(count);
    return (double)count / (now_s() - start);
}

static void measure(size_t row, size_t rounds)
{
    double ours[ROUNDS_MAX], peers[ROUNDS_MAX], ratios[ROUNDS_MAX];
    for (size_t round = 0; round < rounds; round++) {
        ours[round] = rate_of(ROWS[row].ours, ROWS[row].count);
        peers[round] = rate_of(ROWS[row].bare, ROWS[row].count);
        ratios[round] = ours[round] / peers[round];
    }
    printf("| %-22s | %8.0f | %8.0f | %-26s | %4.2f |\n", ROWS[row].name, median(ours, rounds), median(peers, rounds),
           ROWS[row].bare_name, median(ratios, rounds));
    fflush(stdout);
}

static void set_up(void)
{
    memset(body, 'x', sizeof(body));
    spine = nats_fixture_connect(nats, NULL);
    cat_stream_config events = {.name = "bench", .subjects = {"bench.>"}, .max_bytes = INT64_C(2) << 30};
    cat_stream_config reading = {.name = "bench-read", .subjects = {"read.>"}, .max_bytes = INT64_C(1) << 30};
    cat_bucket_config bucket = {.bucket = "bench", .max_bytes = INT64_C(1) << 30, .marker_ttl_ms = 3600000, .allow_atomic = true};
    require(cat_stream_ensure(spine, &events, NULL) == 0 && cat_stream_ensure(spine, &reading, NULL) == 0, "making streams");
    require(cat_bucket_ensure(spine, &bucket, NULL) == 0, "making the bucket");
    cat_autoptr(cat_publisher) publisher = cat_publisher_create(spine, NULL);
    for (int i = 0; i < 50000; i++) {
        cat_publication publication = publication_of("read.a", NULL);
        require(cat_publisher_send(publisher, &publication, NULL) == 0, "filling the stream");
    }
    require(cat_publisher_flush(publisher, 60000, NULL) == 0, "filling the stream");
    natsOptions *options = NULL;
    natsOptions_Create(&options);
    natsOptions_SetURL(options, nats_fixture_url(nats));
    require(natsConnection_Connect(&bare, options) == NATS_OK && natsConnection_JetStream(&js, bare, NULL) == NATS_OK,
            "connecting");
    natsOptions_Destroy(options);
    require(js_KeyValue(&kv, js, "bench") == NATS_OK, "opening the bucket");
}

int main(int argc, char **argv)
{
    size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 5;
    if (rounds == 0 || rounds > ROUNDS_MAX)
        rounds = 5;
    nats = nats_fixture_start(NULL);
    set_up();
    printf("nats.c %s, %d-byte messages, R1 on files, %zu rounds in turns, medians a second\n\n", nats_GetVersion(), BODY_BYTES,
           rounds);
    printf("| %-22s | %8s | %8s | %-26s | %4s |\n| --- | ---: | ---: | --- | ---: |\n", "what", "ours", "bare",
           "the bare loop calls", "ratio");
    for (size_t row = 0; row < sizeof(ROWS) / sizeof(ROWS[0]); row++)
        measure(row, rounds);
    kvStore_Destroy(kv);
    jsCtx_Destroy(js);
    natsConnection_Destroy(bare);
    cat_spine_destroy(spine);
    nats_fixture_stop(nats);
    return 0;
}
