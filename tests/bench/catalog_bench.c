/* Searching the catalog in process, as one types: every beginning of every query, at three sizes. The limit is 5 ms at the 95th
 * percentile with 5,000 Blueprints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "core/catalog.h"

static const char *const WORDS[] = {"storage", "website", "database", "queue",  "search",   "metrics", "cache",
                                    "gateway", "editor",  "chat",     "mail",   "calendar", "wiki",    "forum",
                                    "shop",    "invoice", "stream",   "vector", "graph",    "backup"};
static const char *const QUERIES[] = {"database",   "search engine", "websiet",        "cache queue",
                                      "bp-item-17", "stroage",       "nothing at all", "calendar"};
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Of this thread: others on the machine do not count. */
static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static ctg_catalog *make(unsigned count)
{
    ctg_catalog *catalog = ctg_catalog_create();
    for (unsigned i = 0; i < count; i++)
        for (unsigned version = 0; version < 5; version++) {
            cat_autofree char *text =
                cat_printf("{\"source\":\"%s\",\"name\":\"bp-item-%u\",\"version\":\"1.%u.0\",\"spec\":{\"card\":{\"title\":\"%s "
                           "%s %u\",\"tagline\":"
                           "\"A %s for your %s, with %s\",\"category\":\"%s\",\"tags\":[\"%s\",\"%s\"]}}}",
                           i % 10 ? "catalog" : "catalog-sovereign", i, version, WORDS[i % COUNT(WORDS)],
                           WORDS[i / 7 % COUNT(WORDS)], i, WORDS[i / 3 % COUNT(WORDS)], WORDS[i / 11 % COUNT(WORDS)],
                           WORDS[i / 5 % COUNT(WORDS)], WORDS[i % 8], WORDS[i / 2 % COUNT(WORDS)], WORDS[i / 13 % COUNT(WORDS)]);
            json_t *value = NULL;
            if (cat_json_parse(text, strlen(text), &CAT_JSON_CAPS, &value, NULL) == 0)
                ctg_catalog_put(catalog, value, NULL, NULL);
        }
    return catalog;
}

static int by_size(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return difference < 0 ? -1 : difference > 0;
}

static void measure(unsigned count)
{
    ctg_catalog *catalog = make(count);
    double begin = now_us();
    ctg_catalog_index(catalog);
    double index_ms = (now_us() - begin) / 1e3, times[4096];
    size_t taken = 0;
    for (unsigned round = 0; round < 20; round++)
        for (size_t q = 0; q < COUNT(QUERIES); q++)
            for (size_t length = 0; length <= strlen(QUERIES[q]) && taken < COUNT(times); length++) {
                cat_autofree char *typed = cat_strndup(QUERIES[q], length);
                json_t *result = NULL;
                ctg_query query = {.organization = "acme", .q = typed};
                begin = now_us();
                ctg_catalog_search(catalog, &query, &result, NULL);
                times[taken++] = now_us() - begin;
                json_decref(result);
            }
    qsort(times, taken, sizeof *times, by_size);
    printf("%10u %12.1f %10.2f %10.2f %10.2f\n", count, index_ms, times[taken / 2] / 1e3, times[taken * 95 / 100] / 1e3,
           times[taken - 1] / 1e3);
    ctg_catalog_destroy(catalog);
}

int main(void)
{
    printf("%10s %12s %10s %10s %10s\n", "Blueprints", "index, ms", "p50, ms", "p95, ms", "max, ms");
    measure(500);
    measure(5000);
    measure(50000);
    return 0;
}
