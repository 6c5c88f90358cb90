#include "svc/metrics.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"

enum { MAX_SERIES = 1000, MAX_LABELS = 8, BUCKETS = 16, MAX_VALUE_BYTES = 256 };

/* Upper bounds of the histograms' buckets in seconds; +Inf is the count. */
static const double BOUNDS[BUCKETS] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60};

/* One combination of label values. A number is the bits of a double, changed by compare-and-swap. */
typedef struct {
    char *labels; /* a="x",b="y", escaped; "" for none */
    _Atomic uint64_t value, sum;
    _Atomic uint64_t count, buckets[];
} series;

struct cat_metric {
    cat_metric *next;
    cat_metric_kind kind;
    char *name, *help;
    char *label_names[MAX_LABELS];
    size_t label_count;
    pthread_rwlock_t lock; /* of the map; a series never moves nor goes */
    cat_map *all;
};

struct cat_metrics {
    pthread_mutex_t mutex;
    cat_metric *first, **last;
};

static double number_of(uint64_t bits)
{
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static uint64_t bits_of(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

static void add_to(_Atomic uint64_t *bits, double amount)
{
    uint64_t before = atomic_load_explicit(bits, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(bits, &before, bits_of(number_of(before) + amount), memory_order_relaxed,
                                                  memory_order_relaxed))
        continue;
}

static void series_free(void *pointer)
{
    series *own = pointer;
    free(own->labels);
    free(own);
}

cat_metrics *cat_metrics_create(void)
{
    cat_metrics *metrics = cat_calloc(1, sizeof *metrics);
    pthread_mutex_init(&metrics->mutex, NULL);
    metrics->last = &metrics->first;
    return metrics;
}

void cat_metrics_destroy(cat_metrics *metrics)
{
    if (!metrics)
        return;
    while (metrics->first) {
        cat_metric *metric = metrics->first;
        metrics->first = metric->next;
        cat_map_destroy(metric->all);
        pthread_rwlock_destroy(&metric->lock);
        for (size_t i = 0; i < metric->label_count; i++)
            free(metric->label_names[i]);
        free(metric->name);
        free(metric->help);
        free(metric);
    }
    pthread_mutex_destroy(&metrics->mutex);
    free(metrics);
}

static cat_metric *make(cat_metric_kind kind, const char *name, const char *help, const char *labels)
{
    cat_metric *metric = cat_calloc(1, sizeof *metric);
    metric->kind = kind;
    metric->name = cat_strdup(name);
    metric->help = cat_strdup(help);
    metric->all = cat_map_create(series_free);
    pthread_rwlock_init(&metric->lock, NULL);
    for (const char *at = labels; at && *at && metric->label_count < MAX_LABELS;) {
        size_t length = strcspn(at, ",");
        metric->label_names[metric->label_count++] = cat_strndup(at, length);
        at += length + (at[length] == ',');
    }
    return metric;
}

cat_metric *cat_metric_get(cat_metrics *metrics, cat_metric_kind kind, const char *name, const char *help, const char *labels)
{
    pthread_mutex_lock(&metrics->mutex);
    cat_metric *metric = metrics->first;
    while (metric && strcmp(metric->name, name) != 0)
        metric = metric->next;
    if (!metric) {
        metric = make(kind, name, help, labels);
        *metrics->last = metric;
        metrics->last = &metric->next;
    }
    pthread_mutex_unlock(&metrics->mutex);
    return metric;
}

static void append_escaped(cat_string *out, const char *text)
{
    for (size_t i = 0; text[i] && i < MAX_VALUE_BYTES; i++) {
        if (text[i] == '\\' || text[i] == '"')
            cat_string_append_char(out, '\\');
        if (text[i] == '\n')
            cat_string_append(out, "\\n");
        else
            cat_string_append_char(out, text[i]);
    }
}

static char *label_text(const cat_metric *metric, const char *const *values)
{
    cat_auto(cat_string) text = CAT_STRING(MAX_LABELS * (2 * MAX_VALUE_BYTES + 128));
    for (size_t i = 0; i < metric->label_count; i++) {
        cat_string_appendf(&text, "%s%s=\"", i ? "," : "", metric->label_names[i]);
        append_escaped(&text, values && values[i] ? values[i] : values ? "" : "other");
        cat_string_append_char(&text, '"');
    }
    return cat_string_take(&text);
}

static series *find(cat_metric *metric, const char *labels)
{
    pthread_rwlock_rdlock(&metric->lock);
    series *found = cat_map_get(metric->all, labels);
    pthread_rwlock_unlock(&metric->lock);
    return found;
}

static series *series_of(cat_metric *metric, const char *const *values)
{
    cat_autofree char *labels = label_text(metric, metric->label_count ? values : NULL);
    series *found = find(metric, labels);
    if (found)
        return found;
    pthread_rwlock_wrlock(&metric->lock);
    if (cat_map_count(metric->all) >= MAX_SERIES) {
        free(labels);
        labels = label_text(metric, NULL);
    }
    found = cat_map_get(metric->all, labels);
    if (!found) {
        size_t buckets = metric->kind == CAT_METRIC_HISTOGRAM ? BUCKETS : 0;
        found = cat_calloc(1, sizeof *found + buckets * sizeof *found->buckets);
        found->labels = cat_strdup(labels);
        cat_map_set(metric->all, labels, found);
    }
    pthread_rwlock_unlock(&metric->lock);
    return found;
}

void cat_metric_add(cat_metric *metric, double amount, const char *const *values)
{
    add_to(&series_of(metric, values)->value, amount);
}

void cat_metric_set(cat_metric *metric, double value, const char *const *values)
{
    atomic_store_explicit(&series_of(metric, values)->value, bits_of(value), memory_order_relaxed);
}

void cat_metric_observe(cat_metric *metric, double seconds, const char *const *values)
{
    series *own = series_of(metric, values);
    if (metric->kind == CAT_METRIC_HISTOGRAM)
        for (size_t i = 0; i < BUCKETS; i++)
            if (seconds <= BOUNDS[i]) {
                atomic_fetch_add_explicit(&own->buckets[i], 1, memory_order_relaxed);
                break;
            }
    add_to(&own->sum, seconds);
    atomic_fetch_add_explicit(&own->count, 1, memory_order_relaxed);
}

double cat_metric_value(cat_metric *metric, const char *const *values)
{
    cat_autofree char *labels = label_text(metric, metric->label_count ? values : NULL);
    series *found = find(metric, labels);
    if (!found)
        return 0;
    return metric->kind == CAT_METRIC_HISTOGRAM ? (double)atomic_load(&found->count) : number_of(atomic_load(&found->value));
}

static void format_number(cat_string *out, double number)
{
    if (number == floor(number) && fabs(number) < 1e15)
        cat_string_appendf(out, "%.0f\n", number);
    else
        cat_string_appendf(out, "%.9g\n", number);
}

static void format_histogram(cat_string *out, const cat_metric *metric, series *own)
{
    const char *comma = *own->labels ? "," : "";
    uint64_t below = 0, buckets[BUCKETS];
    for (size_t i = 0; i < BUCKETS; i++)
        buckets[i] = atomic_load_explicit(&own->buckets[i], memory_order_relaxed);
    for (size_t i = 0; i < BUCKETS; i++) {
        below += buckets[i];
        cat_string_appendf(out, "%s_bucket{%s%sle=\"%g\"} %llu\n", metric->name, own->labels, comma, BOUNDS[i],
                           (unsigned long long)below);
    }
    /* Read last, so that it is never below a bucket. */
    uint64_t count = atomic_load(&own->count);
    count = count < below ? below : count;
    const char *open = *own->labels ? "{" : "", *close = *own->labels ? "}" : "";
    cat_string_appendf(out, "%s_bucket{%s%sle=\"+Inf\"} %llu\n", metric->name, own->labels, comma, (unsigned long long)count);
    cat_string_appendf(out, "%s_sum%s%s%s ", metric->name, open, own->labels, close);
    format_number(out, number_of(atomic_load(&own->sum)));
    cat_string_appendf(out, "%s_count%s%s%s %llu\n", metric->name, open, own->labels, close, (unsigned long long)count);
}

static void format_metric(cat_string *out, cat_metric *metric)
{
    static const char *const KINDS[] = {
        [CAT_METRIC_COUNTER] = "counter", [CAT_METRIC_GAUGE] = "gauge", [CAT_METRIC_HISTOGRAM] = "histogram"};
    cat_string_appendf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name, KINDS[metric->kind]);
    pthread_rwlock_rdlock(&metric->lock);
    size_t at = 0;
    const char *labels = NULL;
    void *value = NULL;
    while (cat_map_next(metric->all, &at, &labels, &value)) {
        series *own = value;
        if (metric->kind == CAT_METRIC_HISTOGRAM) {
            format_histogram(out, metric, own);
            continue;
        }
        if (*labels)
            cat_string_appendf(out, "%s{%s} ", metric->name, labels);
        else
            cat_string_appendf(out, "%s ", metric->name);
        format_number(out, number_of(atomic_load_explicit(&own->value, memory_order_relaxed)));
    }
    pthread_rwlock_unlock(&metric->lock);
}

void cat_metrics_format(cat_metrics *metrics, cat_string *out)
{
    pthread_mutex_lock(&metrics->mutex);
    for (cat_metric *metric = metrics->first; metric; metric = metric->next)
        format_metric(out, metric);
    pthread_mutex_unlock(&metrics->mutex);
}
