#include "wire/kubernetes_requests.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/test.h"
#include "base/test_random.h"

/* Single quotes for double ones. */
static cat_pod_requests requests_of(const char *text)
{
    cat_autofree char *copy = cat_strdup(text);
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    cat_document *document = NULL;
    cat_pod_requests asked = {-1, -1};
    if (cat_document_parse(copy, strlen(copy), &CAT_JSON_CAPS, &document, NULL) == 0)
        asked = cat_pod_requests_of(cat_document_root(document));
    cat_document_destroy(document);
    return asked;
}

#define ASKS(cpu, memory) "'resources':{'requests':{'cpu':" cpu ",'memory':" memory "}}"
#define MI(n) (INT64_C(n) << 20)

TEST("a pod asks for what Kubernetes counts")
{
    static const struct {
        const char *what, *spec;
        int64_t cpu_milli, memory_bytes;
    } rows[] = {
        {"numbers are quantities", "{'containers':[{" ASKS("1", "1024") "},{" ASKS("0.5", "1.5e3") "},{" ASKS("0.1", "1e3") "}]}",
         1600, 3524},
        {"texts are quantities", "{'containers':[{" ASKS("'500m'", "'1Gi'") "},{" ASKS("'5e-1'", "'1E3'") "}]}", 1000,
         (INT64_C(1) << 30) + 1000},
        {"limits stand for missing requests, each for itself",
         "{'containers':[{'resources':{'limits':{'cpu':'2','memory':'64Mi'},'requests':{'cpu':'1'}}}]}", 1000, MI(64)},
        {"a request of nothing is a request",
         "{'containers':[{'resources':{'limits':{'cpu':'2','memory':'64Mi'},'requests':{'cpu':0,'memory':null}}}]}", 0, 0},
        {"init containers run one after another, before the others",
         "{'initContainers':[{" ASKS("2", "'10Mi'") "},{" ASKS("1", "'30Mi'") "}],'containers':[{" ASKS("'500m'", "'20Mi'") "}]}",
         2000, MI(30)},
        {"limits stand for missing requests of init containers",
         "{'initContainers':[{'resources':{'limits':{'cpu':3}}}],'containers':[{" ASKS("1", "'1Mi'") "}]}", 3000, MI(1)},
        {"a sidecar runs on beside the containers",
         "{'initContainers':[{'restartPolicy':'Always'," ASKS("1", "'10Mi'") "}],'containers':[{" ASKS("2", "'20Mi'") "}]}", 3000,
         MI(30)},
        {"an init container behind a sidecar runs beside it",
         "{'initContainers':[{'restartPolicy':'Always'," ASKS("1", "'10Mi'") "},{" ASKS("5", "'1Mi'") "}],'containers':[{" ASKS(
             "2", "'20Mi'") "}]}",
         6000, MI(30)},
        {"one before a sidecar does not",
         "{'initContainers':[{" ASKS("5", "'1Mi'") "},{'restartPolicy':'Always'," ASKS("1", "'10Mi'") "}],'containers':[{" ASKS(
             "2", "'20Mi'") "}]}",
         5000, MI(30)},
        {"another restart policy makes no sidecar",
         "{'initContainers':[{'restartPolicy':'Never'," ASKS("1", "'10Mi'") "}],'containers':[{" ASKS("2", "'20Mi'") "}]}", 2000,
         MI(20)},
        {"what the pod itself asks for stands above its containers, each resource for itself",
         "{'resources':{'requests':{'cpu':'1'}},'containers':[{" ASKS("2", "'20Mi'") "}]}", 1000, MI(20)},
        {"the pod's limits count where nobody asks",
         "{'resources':{'limits':{'cpu':'4','memory':'1Gi'}},'containers':[{'resources':{'requests':{'cpu':'2'}}}]}", 2000,
         MI(1024)},
        {"overhead comes on top, of the pod's own requests too",
         "{'overhead':{'cpu':'250m','memory':'120Mi'},'resources':{'requests':{'cpu':'1'}},'containers':[{" ASKS("2",
                                                                                                                 "'20Mi'") "}]}",
         1250, MI(140)},
        {"other resources are not counted",
         "{'containers':[{'resources':{'requests':{'ephemeral-storage':'1Gi','nvidia.com/gpu':1,'hugepages-2Mi':'4Mi'}}}]}", 0,
         0},
        {"parts of a byte are added up before they are rounded",
         "{'containers':[{" ASKS("'100n'", "'400m'") "},{" ASKS("'100n'", "'400m'") "}]}", 2, 1},
        {"what no cluster takes counts as nothing",
         "{'containers':[{" ASKS("'many'", "'-5'") "},{" ASKS("true", "{}") "},{" ASKS("'1'", "[]") "},7]}", 1000, 0},
        {"more than there can be is cut", "{'containers':[{" ASKS("'9E'", "'1e900'") "},{" ASKS("'9E'", "'16Ei'") "}]}",
         INT64_MAX, INT64_MAX},
        {"nothing", "{}", 0, 0},
        {"no object", "7", 0, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s", rows[i].what);
        cat_pod_requests asked = requests_of(rows[i].spec);
        EXPECT_INT(asked.cpu_milli, rows[i].cpu_milli);
        EXPECT_INT(asked.memory_bytes, rows[i].memory_bytes);
    }
}

/* --- A reference of another make: it plays the life of a pod and looks when most runs --- */

typedef struct {
    bool requested, limited;
    int64_t request, limit; /* of cpu thousandths, of memory bytes */
} wish;

typedef struct {
    wish cpu, memory;
    bool sidecar;
} part;

typedef struct {
    part init[4], containers[4], pod;
    int init_count, container_count;
    bool overhead;
    int64_t overhead_cpu, overhead_memory;
} life;

static const wish *wish_of(const part *one, bool memory)
{
    return memory ? &one->memory : &one->cpu;
}

static int64_t effective(const part *one, bool memory)
{
    const wish *w = wish_of(one, memory);
    return w->requested ? w->request : w->limited ? w->limit : 0;
}

static int64_t peak(const life *l, bool memory)
{
    int64_t most = 0;
    for (int moment = 0; moment <= l->init_count; moment++) {
        int64_t running = 0;
        for (int i = 0; i < l->init_count && i <= moment; i++)
            if (i == moment || l->init[i].sidecar)
                running += effective(&l->init[i], memory);
        for (int i = 0; moment == l->init_count && i < l->container_count; i++)
            running += effective(&l->containers[i], memory);
        most = running > most ? running : most;
    }
    return most;
}

static int64_t reference(const life *l, bool memory)
{
    const wish *own = wish_of(&l->pod, memory);
    bool somebody_asks = false;
    for (int i = 0; i < 4; i++) {
        const wish *init = wish_of(&l->init[i], memory), *container = wish_of(&l->containers[i], memory);
        somebody_asks = somebody_asks || (i < l->init_count && (init->requested || init->limited)) ||
                        (i < l->container_count && (container->requested || container->limited));
    }
    int64_t asked = own->requested ? own->request : !somebody_asks && own->limited ? own->limit : peak(l, memory);
    return asked + (!l->overhead ? 0 : memory ? l->overhead_memory : l->overhead_cpu);
}

/* --- Made-up pods --- */

static int64_t write_cpu(uint64_t *seed, cat_string *out)
{
    int64_t whole = (int64_t)cat_test_below(seed, 9), milli = (int64_t)cat_test_below(seed, 4000);
    switch (cat_test_below(seed, 6)) {
    case 0:
        cat_string_appendf(out, "\"%lldm\"", (long long)milli);
        return milli;
    case 1:
        cat_string_appendf(out, "%lld.%03lld", (long long)(milli / 1000), (long long)(milli % 1000));
        return milli;
    case 2:
        cat_string_appendf(out, "\"%llde-3\"", (long long)milli);
        return milli;
    case 3:
        cat_string_appendf(out, "\"%llduu\"", (long long)milli);
        return 0; /* no quantity */
    case 4:
        cat_string_appendf(out, "\"%lld\"", (long long)whole);
        return whole * 1000;
    default:
        cat_string_appendf(out, "%lld", (long long)whole);
        return whole * 1000;
    }
}

static int64_t write_memory(uint64_t *seed, cat_string *out)
{
    static const struct {
        const char *format;
        int64_t times;
    } forms[] = {{"%lld", 1},         {"\"%lld\"", 1},         {"\"%lldKi\"", 1 << 10}, {"\"%lldMi\"", 1 << 20},
                 {"\"%lldk\"", 1000}, {"\"%lldM\"", 1000000},  {"%llde3", 1000},        {"\"%lldE3\"", 1000},
                 {"%lld.0", 1},       {"\"%lldGi\"", 1 << 30}, {"\"%lld000m\"", 1}};
    int64_t number = (int64_t)cat_test_below(seed, 1000);
    uint64_t form = cat_test_below(seed, sizeof(forms) / sizeof(*forms));
    cat_string_appendf(out, forms[form].format, (long long)number);
    return number * forms[form].times;
}

static void write_list(uint64_t *seed, part *one, bool limits, cat_string *out)
{
    const char *between = "";
    cat_string_appendf(out, "\"%s\":{", limits ? "limits" : "requests");
    for (int memory = 0; memory < 2; memory++) {
        if (cat_test_below(seed, 2))
            continue;
        cat_string_appendf(out, "%s\"%s\":", between, memory ? "memory" : "cpu");
        int64_t amount = memory ? write_memory(seed, out) : write_cpu(seed, out);
        wish *w = memory ? &one->memory : &one->cpu;
        *(limits ? &w->limited : &w->requested) = true;
        *(limits ? &w->limit : &w->request) = amount;
        between = ",";
    }
    cat_string_append(out, "}");
}

static void write_resources(uint64_t *seed, part *one, cat_string *out)
{
    cat_string_append(out, "\"resources\":{");
    bool requests = cat_test_below(seed, 4);
    if (requests)
        write_list(seed, one, false, out);
    if (cat_test_below(seed, 2)) {
        cat_string_append(out, requests ? "," : "");
        write_list(seed, one, true, out);
    }
    cat_string_append(out, "}");
}

static void write_parts(uint64_t *seed, const char *name, part *parts, int count, bool init, cat_string *out)
{
    cat_string_appendf(out, "\"%s\":[", name);
    for (int i = 0; i < count; i++) {
        parts[i].sidecar = init && cat_test_below(seed, 2);
        cat_string_appendf(out, "%s{%s", i ? "," : "", parts[i].sidecar ? "\"restartPolicy\":\"Always\"," : "");
        write_resources(seed, &parts[i], out);
        cat_string_append(out, "}");
    }
    cat_string_append(out, "],");
}

TEST("20,000 made-up pods ask for the most that runs at one time of their lives")
{
    uint64_t seed = 3;
    for (int i = 0; i < 20000; i++) {
        cat_auto(cat_string) out = CAT_STRING(8000);
        life l = {.init_count = (int)cat_test_below(&seed, 5), .container_count = (int)cat_test_below(&seed, 5)};
        cat_string_append(&out, "{");
        write_parts(&seed, "initContainers", l.init, l.init_count, true, &out);
        write_parts(&seed, "containers", l.containers, l.container_count, false, &out);
        if (cat_test_below(&seed, 3) == 0) {
            write_resources(&seed, &l.pod, &out);
            cat_string_append(&out, ",");
        }
        if ((l.overhead = cat_test_below(&seed, 3) == 0)) {
            cat_string_append(&out, "\"overhead\":{\"cpu\":");
            l.overhead_cpu = write_cpu(&seed, &out);
            cat_string_append(&out, ",\"memory\":");
            l.overhead_memory = write_memory(&seed, &out);
            cat_string_append(&out, "},");
        }
        cat_string_append(&out, "\"x\":1}");
        REQUIRE(!out.overflowed);
        cat_test_row("%s", out.data);
        cat_pod_requests asked = requests_of(out.data);
        EXPECT_INT(asked.cpu_milli, reference(&l, false));
        EXPECT_INT(asked.memory_bytes, reference(&l, true));
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
