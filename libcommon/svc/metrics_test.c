#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/test.h"
#include "svc/metrics.h"

#define VALUES(...) ((const char *const[]){__VA_ARGS__})

TEST("counters, gauges and histograms are written in Prometheus' form")
{
    cat_metrics *metrics = cat_metrics_create();
    cat_metric *requests = cat_metric_get(metrics, CAT_METRIC_COUNTER, "requests_total", "Requests.", "method,status");
    cat_metric *depth = cat_metric_get(metrics, CAT_METRIC_GAUGE, "depth", "Depth.", NULL);
    cat_metric *seconds = cat_metric_get(metrics, CAT_METRIC_HISTOGRAM, "seconds", "Duration.", "route");
    cat_metric_add(requests, 1, VALUES("GET", "200"));
    cat_metric_add(requests, 2, VALUES("GET", "200"));
    cat_metric_add(requests, 1, VALUES("PO\"ST\\", "a\nb"));
    cat_metric_set(depth, 7, NULL);
    cat_metric_add(depth, -0.5, NULL);
    cat_metric_observe(seconds, 0.001, VALUES("/a"));
    cat_metric_observe(seconds, 0.3, VALUES("/a"));
    cat_metric_observe(seconds, 1000, VALUES("/a"));
    cat_auto(cat_string) text = CAT_STRING(65536);
    cat_metrics_format(metrics, &text);
    static const char *const LINES[] = {"# HELP requests_total Requests.\n# TYPE requests_total counter\n",
                                        "requests_total{method=\"GET\",status=\"200\"} 3\n",
                                        "requests_total{method=\"PO\\\"ST\\\\\",status=\"a\\nb\"} 1\n",
                                        "# TYPE depth gauge\ndepth 6.5\n",
                                        "seconds_bucket{route=\"/a\",le=\"0.001\"} 1\n",
                                        "seconds_bucket{route=\"/a\",le=\"0.25\"} 1\n",
                                        "seconds_bucket{route=\"/a\",le=\"0.5\"} 2\n",
                                        "seconds_bucket{route=\"/a\",le=\"60\"} 2\n",
                                        "seconds_bucket{route=\"/a\",le=\"+Inf\"} 3\n",
                                        "seconds_sum{route=\"/a\"} 1000.301\n",
                                        "seconds_count{route=\"/a\"} 3\n"};
    for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++) {
        cat_test_row("%s", LINES[i]);
        EXPECT(strstr(cat_string_get(&text), LINES[i]));
    }
    EXPECT(cat_metric_value(requests, VALUES("GET", "200")) == 3);
    EXPECT(cat_metric_value(requests, VALUES("PUT", "200")) == 0);
    EXPECT(cat_metric_value(depth, NULL) == 6.5);
    EXPECT(cat_metric_value(seconds, VALUES("/a")) == 3);
    cat_metrics_destroy(metrics);
}

TEST("the same name is the same metric")
{
    cat_metrics *metrics = cat_metrics_create();
    cat_metric *first = cat_metric_get(metrics, CAT_METRIC_COUNTER, "a_total", "A.", NULL);
    EXPECT(first == cat_metric_get(metrics, CAT_METRIC_COUNTER, "a_total", "A.", NULL));
    EXPECT(first != cat_metric_get(metrics, CAT_METRIC_COUNTER, "b_total", "B.", NULL));
    cat_metrics_destroy(metrics);
}

TEST("combinations of values above the maximum are counted under other")
{
    cat_metrics *metrics = cat_metrics_create();
    cat_metric *metric = cat_metric_get(metrics, CAT_METRIC_COUNTER, "a_total", "A.", "name");
    for (int i = 0; i < 1010; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        cat_metric_add(metric, 1, VALUES(name));
    }
    EXPECT(cat_metric_value(metric, VALUES("n999")) == 1);
    EXPECT(cat_metric_value(metric, VALUES("n1009")) == 0);
    EXPECT(cat_metric_value(metric, VALUES("other")) == 10);
    cat_metrics_destroy(metrics);
}

static void *add_often(void *context)
{
    for (int i = 0; i < 1000; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i % 10);
        cat_metric_add(context, 1, VALUES(name));
    }
    return NULL;
}

TEST("no addition of any thread is lost")
{
    cat_metrics *metrics = cat_metrics_create();
    cat_metric *metric = cat_metric_get(metrics, CAT_METRIC_COUNTER, "a_total", "A.", "name");
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, add_often, metric);
    cat_auto(cat_string) text = CAT_STRING(65536);
    cat_metrics_format(metrics, &text); /* at the same time */
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 10; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        EXPECT(cat_metric_value(metric, VALUES(name)) == 400);
    }
    cat_metrics_destroy(metrics);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
