#include "core/rate.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/test.h"

#define T0 INT64_C(1764000000) /* 2025-11-24T16:00:00Z, a full hour */
#define HEARD_MAX 20000        /* nothing of these tests reaches the spine later than that after T0 */

static json_t *parse(const char *text)
{
    json_t *json = NULL;
    cat_error error = {0};
    if (cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &json, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s: %s", error.message, text);
    return json;
}

static bil_request request_of(const char *kind, const char *text)
{
    cat_document *document = NULL;
    bil_request request = {-1, -1, -1};
    if (cat_document_parse(text, strlen(text), &CAT_JSON_CAPS, &document, NULL) == 0)
        request = bil_request_of(kind, cat_document_root(document));
    cat_document_destroy(document);
    return request;
}

TEST("a Pod asks for what its containers request, from its placing until it has ended")
{
#define CONTAINER(cpu, memory) "{\"resources\":{\"requests\":{\"cpu\":" cpu ",\"memory\":" memory "}}}"
    static const struct {
        const char *kind, *object;
        bil_request request;
    } ROWS[] = {
        {"Pod",
         "{\"spec\":{\"nodeName\":\"n\",\"containers\":[" CONTAINER("\"250m\"", "\"64Mi\"") "," CONTAINER("\"1\"",
                                                                                                          "\"1Gi\"") "]}}",
         {1250, (64 + 1024) * INT64_C(1048576), 0}},
        {"Pod", "{\"spec\":{\"containers\":[" CONTAINER("\"1\"", "\"1Gi\"") "]}}", {0}},
        {"Pod",
         "{\"spec\":{\"nodeName\":\"n\",\"containers\":[" CONTAINER("\"1\"",
                                                                    "\"1Gi\"") "]},\"status\":{\"phase\":\"Succeeded\"}}",
         {0}},
        {"Pod",
         "{\"spec\":{\"nodeName\":\"n\",\"containers\":[" CONTAINER("\"1\"", "\"1Gi\"") "]},\"status\":{\"phase\":\"Failed\"}}",
         {0}},
        {"Pod",
         "{\"spec\":{\"nodeName\":\"n\",\"containers\":[" CONTAINER("1", "1024") "]},\"status\":{\"phase\":\"Running\"}}",
         {1000, 1024, 0}},
        {"Pod",
         "{\"spec\":{\"nodeName\":\"n\",\"containers\":[{}],\"initContainers\":[" CONTAINER("\"2\"", "\"1Ki\"") "]}}",
         {2000, 1024, 0}},
        {"Pod",
         "{\"spec\":{\"nodeName\":\"n\",\"overhead\":{\"cpu\":0.25},\"initContainers\":[{\"restartPolicy\":\"Always\","
         "\"resources\":{"
         "\"limits\":{\"cpu\":\"1\"}}}],\"containers\":[" CONTAINER("0.5", "1e3") "]}}",
         {1750, 1000, 0}},
        {"PersistentVolumeClaim", "{\"spec\":{\"resources\":{\"requests\":{\"storage\":1024}}}}", {0, 0, 1024}},
        {"Pod", "{\"spec\":{\"nodeName\":\"n\",\"containers\":[" CONTAINER("\"many\"", "\"-5\"") "]}}", {0}},
        {"Pod",
         "{\"spec\":{\"nodeName\":\"n\",\"containers\":[" CONTAINER("\"900G\"", "\"7E\"") "]}}",
         {1000000000, INT64_C(1) << 50, 0}},
        {"Pod", "{\"spec\":7}", {0}},
        {"PersistentVolumeClaim", "{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"10Gi\"}}}}", {0, 0, INT64_C(10) << 30}},
        {"PersistentVolumeClaim", "{\"spec\":{}}", {0}},
        {"Service", "{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"10Gi\"}}}}", {0}},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("row %zu: %s", i, ROWS[i].object);
        bil_request request = request_of(ROWS[i].kind, ROWS[i].object);
        EXPECT_INT(request.cpu_milli, ROWS[i].request.cpu_milli);
        EXPECT_INT(request.memory_bytes, ROWS[i].request.memory_bytes);
        EXPECT_INT(request.storage_bytes, ROWS[i].request.storage_bytes);
    }
}

/* --- a small language of events: what happened, to which Pod, at which second after T0 --- */

typedef struct {
    int64_t at;
    const char *what, *name, *application; /* what: pod, big (twice as much), pvc, done, gone, other, advance, gap */
} step;

static char *event_of(const step *one)
{
    char time[CAT_TIME_TEXT_MAX];
    cat_time_format((T0 + one->at) * 1000, time);
    bool gone = strcmp(one->what, "gone") == 0, claim = strcmp(one->what, "pvc") == 0;
    const char *kind = claim                             ? "PersistentVolumeClaim"
                       : strcmp(one->what, "other") == 0 ? "Service"
                                                         : "Pod",
               *amount = strcmp(one->what, "big") == 0 ? "\"2\"" : "\"1\"",
               *phase = strcmp(one->what, "done") == 0 ? "Succeeded" : "Running";
    return cat_printf(
        "{\"specversion\":\"1.0\",\"id\":\"%s/%lld\",\"source\":\"c\",\"type\":\"io.openova.catalyst.k8s.%s.v1\",\"time\":\"%s\","
        "\"environment\":\"acme-dev\",\"application\":\"%s\",\"data\":{\"cluster\":\"c\",\"epoch\":1,\"resourceVersion\":\"1\","
        "\"kind\":\"%s\","
        "\"namespace\":\"%s-dev\",\"name\":\"%s\"%s%s%s%s%s}}",
        one->name, (long long)one->at, gone ? "deleted" : "object", time, one->application, kind, one->application, one->name,
        gone ? "" : ",\"object\":{\"status\":{\"phase\":\"", gone ? "" : phase,
        gone ? ""
             : "\"},\"spec\":{\"nodeName\":\"n\",\"resources\":{\"requests\":{\"storage\":\"8\"}},\"containers\":[{\"resources\":"
               "{\"requests\":{\"cpu\":",
        gone ? "" : amount, gone ? "" : ",\"memory\":\"100\"}}}]}}");
}

static void run(bil_meter *meter, const step *steps, json_t *records, uint64_t *sequence)
{
    for (; steps->what; steps++) {
        if (strcmp(steps->what, "advance") == 0) {
            bil_meter_advance(meter, T0 + steps->at, 0, records);
        } else if (strcmp(steps->what, "gap") == 0) {
            bil_meter_gap(meter, "events were discarded", "i", bil_meter_cursor(meter));
        } else {
            cat_auto(cat_cloudevent_in) event = {0};
            cat_error error = {0};
            cat_autofree char *text = event_of(steps);
            if (cat_cloudevent_parse(text, strlen(text), &event, &error) < 0)
                cat_test_fail(__FILE__, __LINE__, "%s: %s", error.message, text);
            else
                bil_meter_apply(meter, &event, ++*sequence, (T0 + HEARD_MAX) * 1000, records);
        }
    }
}

static int64_t since(const char *text)
{
    int64_t ms = 0;
    cat_time_parse(text ? text : "", &ms);
    return ms / 1000 - T0;
}

/* "app from-to cpu memory storage [gap from-to]" a line, in the order of recording */
static char *print(const json_t *records)
{
    cat_auto(cat_string) out = CAT_STRING(65536);
    size_t index;
    json_t *record;
    json_array_foreach(records, index, record)
    {
        cat_string_appendf(&out, "%s %lld-%lld %lld %lld %lld", cat_json_text(record, "application"),
                           (long long)since(cat_json_text(record, "from")), (long long)since(cat_json_text(record, "to")),
                           (long long)cat_json_int_or(record, "cpuMilliSeconds", -1),
                           (long long)cat_json_int_or(record, "memoryByteSeconds", -1),
                           (long long)cat_json_int_or(record, "storageByteSeconds", -1));
        if (json_object_get(record, "gap"))
            cat_string_appendf(&out, " gap %lld-%lld", (long long)since(cat_json_text(record, "gap.from")),
                               (long long)since(cat_json_text(record, "gap.to")));
        cat_string_append(&out, "\n");
    }
    return cat_string_take(&out);
}

static const struct {
    const char *title;
    step steps[10];
    const char *records, *open;
} STORIES[] = {
    {"one Pod over the end of an hour",
     {{1800, "pod", "a", "blog"}, {5400, "gone", "a", "blog"}},
     "blog 1800-3600 1800000 180000 0\n",
     "blog 3600-5400 1800000 180000 0\n"},
    {"nothing is recorded of a time without anything",
     {{0, "pod", "a", "blog"}, {10, "gone", "a", "blog"}, {20000, "advance", "", ""}},
     "blog 0-3600 10000 1000 0\n",
     ""},
    {"a Pod that grows counts with each size",
     {{0, "pod", "a", "blog"}, {100, "big", "a", "blog"}, {200, "done", "a", "blog"}, {3600, "advance", "", ""}},
     "blog 0-3600 300000 20000 0\n",
     ""},
    {"two Pods and a claim of two Applications",
     {{0, "pod", "a", "blog"}, {0, "pod", "b", "shop"}, {10, "pvc", "v", "blog"}, {20, "advance", "", ""}},
     "",
     "blog 0-20 20000 2000 80\nshop 0-20 20000 2000 0\n"},
    {"an event that is told twice counts once",
     {{0, "pod", "a", "blog"}, {0, "pod", "a", "blog"}, {5, "pod", "a", "blog"}, {10, "advance", "", ""}},
     "",
     "blog 0-10 10000 1000 0\n"},
    {"an event that comes late counts from where the meter is",
     {{100, "pod", "a", "blog"}, {50, "pod", "b", "blog"}, {110, "advance", "", ""}},
     "",
     "blog 100-110 20000 2000 0\n"},
    {"other kinds count nothing", {{0, "other", "a", "blog"}, {10, "advance", "", ""}}, "", ""},
    {"several hours are several records",
     {{0, "pod", "a", "blog"}, {9000, "advance", "", ""}},
     "blog 0-3600 3600000 360000 0\nblog 3600-7200 3600000 360000 0\n",
     "blog 7200-9000 1800000 180000 0\n"},
    {"missing events are told in each hour that they touch",
     {{0, "pod", "a", "blog"},
      {1800, "advance", "", ""},
      {0, "gap", "", ""},
      {7000, "pod", "b", "blog"},
      {8000, "advance", "", ""}},
     "blog 0-3600 3600000 360000 0 gap 1800-3600\nblog 3600-7200 3800000 380000 0 gap 3600-7000\n",
     "blog 7200-8000 1600000 160000 0\n"},
    {"an event from a clock that is wrong happened when it was heard at the latest",
     {{19000, "pod", "a", "blog"}, {900000000, "gone", "a", "blog"}},
     "",
     "blog 19000-20000 1000000 100000 0\n"},
    {"the meter does not move before it has heard anything",
     {{5000, "advance", "", ""}, {6000, "pod", "a", "blog"}, {6010, "advance", "", ""}},
     "",
     "blog 6000-6010 10000 1000 0\n"},
};

TEST("usage is what was asked for, times how long, cut at full hours")
{
    for (size_t i = 0; i < sizeof STORIES / sizeof *STORIES; i++) {
        cat_test_row("%s", STORIES[i].title);
        bil_meter *meter = bil_meter_create("acme", "acme-dev");
        cat_autojson json_t *records = json_array();
        uint64_t sequence = 0;
        run(meter, STORIES[i].steps, records, &sequence);
        cat_autojson json_t *open = bil_meter_open(meter);
        cat_autofree char *recorded = print(records), *running = print(open);
        EXPECT_TEXT(recorded, STORIES[i].records);
        EXPECT_TEXT(running, STORIES[i].open);
        EXPECT_INT(bil_meter_cursor(meter), sequence);
        bil_meter_destroy(meter);
    }
}

TEST("a meter that is kept and read again after each step goes on as if nothing had been")
{
    for (size_t i = 0; i < sizeof STORIES / sizeof *STORIES; i++) {
        cat_test_row("%s", STORIES[i].title);
        bil_meter *meter = bil_meter_create("acme", "acme-dev");
        cat_autojson json_t *records = json_array();
        uint64_t sequence = 0;
        for (const step *one = STORIES[i].steps; one->what; one++) {
            const step alone[2] = {*one, {0}};
            run(meter, alone, records, &sequence);
            cat_autojson json_t *saved = bil_meter_save(meter);
            cat_autofree char *text = cat_json_format(saved);
            cat_autojson json_t *read = parse(text);
            bil_meter *again = NULL;
            EXPECT_INT(bil_meter_restore(read, &again, NULL), 0);
            if (!again)
                break;
            bil_meter_destroy(meter);
            meter = again;
        }
        cat_autojson json_t *open = bil_meter_open(meter);
        cat_autofree char *recorded = print(records), *running = print(open);
        EXPECT_TEXT(recorded, STORIES[i].records);
        EXPECT_TEXT(running, STORIES[i].open);
        bil_meter_destroy(meter);
    }
}

static cat_map *keys_of(const char *name)
{
    char key[BIL_OBJECT_KEY_BYTES];
    cat_map *present = cat_map_create(NULL);
    bil_object_key("c", "pod", "blog-dev", name, key);
    cat_map_set(present, key, present);
    return present;
}

TEST("what ended while events were missing is counted until somebody says what there still is, and no longer")
{
    static const step BEFORE[] = {{0, "pod", "a", "blog"},
                                  {0, "pod", "b", "blog"},
                                  {0, "gap", "", ""},
                                  {100, "advance", "", ""},
                                  {0}},
                      AFTER[] = {{200, "advance", "", ""}, {0}};
    bil_meter *meter = bil_meter_create("acme", "acme-dev");
    cat_autojson json_t *records = json_array();
    uint64_t sequence = 0;
    EXPECT(!bil_meter_is_in_doubt(meter));
    run(meter, BEFORE, records, &sequence);
    EXPECT(bil_meter_is_in_doubt(meter));
    cat_autojson json_t *saved = bil_meter_save(meter);
    bil_meter *again = NULL;
    REQUIRE(bil_meter_restore(saved, &again, NULL) == 0);
    bil_meter_destroy(meter);
    EXPECT(bil_meter_is_in_doubt(again));
    cat_map *present = keys_of("b");
    bil_meter_settle(again, present);
    cat_map_destroy(present);
    EXPECT(!bil_meter_is_in_doubt(again));
    run(again, AFTER, records, &sequence);
    cat_autojson json_t *open = bil_meter_open(again);
    cat_autofree char *running = print(open);
    EXPECT_TEXT(running, "blog 0-200 300000 30000 0 gap 0-100\n");
    bil_meter_destroy(again);
}

TEST("an Environment that is gone records what was counted, and counts no more")
{
    static const step STEPS[] = {{0, "pod", "a", "blog"}, {100, "advance", "", ""}, {0}},
                      LATER[] = {{9000, "advance", "", ""}, {0}};
    bil_meter *meter = bil_meter_create("acme", "acme-dev");
    cat_autojson json_t *records = json_array();
    uint64_t sequence = 0;
    run(meter, STEPS, records, &sequence);
    bil_meter_finish(meter, records);
    run(meter, LATER, records, &sequence);
    cat_autofree char *recorded = print(records);
    EXPECT_TEXT(recorded, "blog 0-100 100000 10000 0\n");
    bil_meter_destroy(meter);
}

TEST("a meter as it was kept before goes on")
{
    cat_autojson json_t *saved =
                            parse("{\"organization\":\"acme\",\"environment\":\"acme-dev\",\"incarnation\":\"i\",\"cursor\":1,"
                                  "\"time\":1764000000,\"windowFrom\":1764000000,"
                                  "\"objects\":{\"c/pod/blog-dev/a\":[\"blog\",1000,100,0]},\"applications\":{}}"),
                        *records = json_array();
    static const step STEPS[] = {{100, "gone", "a", "blog"}, {200, "advance", "", ""}, {0}};
    bil_meter *meter = NULL;
    uint64_t sequence = 1;
    REQUIRE(bil_meter_restore(saved, &meter, NULL) == 0);
    run(meter, STEPS, records, &sequence);
    cat_autojson json_t *open = bil_meter_open(meter);
    cat_autofree char *running = print(open);
    EXPECT_TEXT(running, "blog 0-200 100000 10000 0\n");
    bil_meter_destroy(meter);
}

TEST("as many objects as a meter takes fit into one value, and it says when it takes no more")
{
    bil_meter *meter = bil_meter_create("acme", "acme-dev");
    cat_autojson json_t *records = json_array();
    uint64_t sequence = 0;
    for (int i = 0; i < BIL_OBJECTS_MAX; i++) {
        cat_autofree char *name = cat_printf("a-deployment-of-the-shop-%d", i), *application = cat_printf("shop-%d", i % 40);
        const step one[] = {{1, "pod", name, application}, {0}};
        run(meter, one, records, &sequence);
    }
    EXPECT(!bil_meter_is_full(meter));
    cat_autojson json_t *saved = bil_meter_save(meter);
    cat_autofree char *text = cat_json_format(saved);
    EXPECT(strlen(text) < 900 * 1024);
    static const step MORE[] = {{1, "pod", "another", "shop-1"}, {0}};
    run(meter, MORE, records, &sequence);
    EXPECT(bil_meter_is_full(meter));
    bil_meter_destroy(meter);
}

TEST("a repair counts like the event that was missing")
{
    static const char *const EVENTS[] = {
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"c\",\"type\":\"io.openova.catalyst.sync.repair.v1\",\"time\":"
        "\"2025-11-24T16:00:00Z\",\"data\":{\"repair\":{\"cluster\":\"c\",\"kind\":\"Pod\",\"namespace\":\"blog-dev\",\"name\":"
        "\"a\","
        "\"object\":{\"spec\":{\"nodeName\":\"n\",\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"1\"}}}]}}}}}",
        "{\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"c\",\"type\":\"io.openova.catalyst.sync.repair.v1\",\"time\":"
        "\"2025-11-24T16:00:10Z\",\"data\":{\"repair\":{\"cluster\":\"c\",\"kind\":\"Pod\",\"namespace\":\"blog-dev\",\"name\":"
        "\"a\"}}}"};
    bil_meter *meter = bil_meter_create("acme", "acme-dev");
    cat_autojson json_t *records = json_array();
    for (size_t i = 0; i < 2; i++) {
        cat_auto(cat_cloudevent_in) event = {0};
        REQUIRE(cat_cloudevent_parse(EVENTS[i], strlen(EVENTS[i]), &event, NULL) == 0);
        bil_meter_apply(meter, &event, i + 1, (T0 + HEARD_MAX) * 1000, records);
    }
    bil_meter_advance(meter, T0 + 100, 2, records);
    cat_autojson json_t *open = bil_meter_open(meter);
    cat_autofree char *running = print(open);
    EXPECT_TEXT(running, "blog 0-100 10000 0 0\n");
    bil_meter_destroy(meter);
}

TEST("a record has one id however it came about, and another in another hour")
{
    cat_autojson json_t *a = parse(
                            "{\"environment\":\"acme-dev\",\"application\":\"blog\",\"from\":\"2025-11-24T16:00:00.000Z\"}"),
                        *b = parse(
                            "{\"environment\":\"acme-dev\",\"application\":\"blog\",\"from\":\"2025-11-24T16:59:59.000Z\"}"),
                        *c = parse(
                            "{\"environment\":\"acme-dev\",\"application\":\"blog\",\"from\":\"2025-11-24T17:00:00.000Z\"}");
    cat_autofree char *of_a = bil_record_id(a), *of_b = bil_record_id(b), *of_c = bil_record_id(c);
    EXPECT_TEXT(of_a, "acme-dev/blog/2025-11-24T16:00:00.000Z");
    EXPECT_TEXT(of_b, of_a);
    EXPECT(strcmp(of_a, of_c) != 0);
}

TEST("what is no meter is refused")
{
    static const char *const TEXTS[] = {
        "{}", "{\"organization\":\"acme\",\"environment\":\"acme-dev\",\"cursor\":1,\"time\":10,\"windowFrom\":5}",
        "{\"organization\":\"acme\",\"environment\":\"acme-dev\",\"cursor\":-1,\"time\":10,\"windowFrom\":0}",
        "{\"organization\":\"acme\",\"environment\":\"acme-dev\",\"cursor\":1,\"time\":9999,\"windowFrom\":0}"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        cat_autojson json_t *saved = parse(TEXTS[i]);
        bil_meter *meter = NULL;
        EXPECT_INT(bil_meter_restore(saved, &meter, NULL), CAT_E_INVALID);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
