#include "svc/service.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "svc/process_metrics.h"

#ifndef CATALYST_VERSION
#define CATALYST_VERSION "development"
#endif

enum {
    MAX_PARTS = 32,
    MAX_METRICS_BYTES = 16 * 1024 * 1024,
    ADMIN_DRAIN_MS = 500,
    STOP_WITHIN_S = 28, /* Kubernetes kills after 30 */
};

struct cat_service {
    const cat_service_definition *definition;
    void *config;
    void *state;
    cat_metrics *metrics;
    cat_http_server *admin;
    pthread_mutex_t mutex; /* of `parts` and `failure` */
    cat_map *parts;        /* name → why it is not well, "" when it is */
    cat_error failure;
    _Atomic bool is_started, is_stopping, has_failed;
};

void *cat_service_state(cat_service *service)
{
    return service->state;
}

const char *cat_service_name(const cat_service *service)
{
    return service->definition->name;
}

const cat_config_common *cat_service_config(cat_service *service)
{
    return (const cat_config_common *)((char *)service->config + service->definition->common_offset);
}

cat_metrics *cat_service_metrics(cat_service *service)
{
    return service->metrics;
}

void cat_service_set_ready(cat_service *service, const char *part, const char *why)
{
    pthread_mutex_lock(&service->mutex);
    const char *before = cat_map_get(service->parts, part);
    bool changed = !before || strcmp(before, why ? why : "") != 0;
    if (changed && (before || cat_map_count(service->parts) < MAX_PARTS))
        cat_map_set(service->parts, part, cat_strdup(why ? why : ""));
    pthread_mutex_unlock(&service->mutex);
    if (!changed)
        return;
    if (why)
        cat_log_warning("not ready", CAT_FIELD("part", part), CAT_FIELD("why", why));
    else
        cat_log_info("part is well", CAT_FIELD("part", part));
}

void cat_service_fail(cat_service *service, const cat_error *error)
{
    if (atomic_exchange(&service->has_failed, true))
        return;
    pthread_mutex_lock(&service->mutex);
    cat_error_copy(&service->failure, error);
    pthread_mutex_unlock(&service->mutex);
    cat_log_error("cannot go on", CAT_FIELD_ERROR(error));
    kill(getpid(), SIGTERM);
}

bool cat_service_is_stopping(const cat_service *service)
{
    return atomic_load(&service->is_stopping);
}

/* Admin server: never routed to from outside. */

static int healthz(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)context, (void)error;
    return cat_reply_text(reply, 200, "text/plain", cat_strdup("ok\n"), 3);
}

static int readyz(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)error;
    cat_service *service = context;
    json_t *parts = json_object();
    bool ready = atomic_load(&service->is_started) && !atomic_load(&service->is_stopping);
    if (!ready)
        json_object_set_new(parts, "service", json_string(atomic_load(&service->is_stopping) ? "stopping" : "starting"));
    pthread_mutex_lock(&service->mutex);
    size_t at = 0;
    const char *name = NULL;
    void *why = NULL;
    while (cat_map_next(service->parts, &at, &name, &why))
        if (*(const char *)why) {
            ready = false;
            json_object_set_new(parts, name, json_string(why));
        }
    pthread_mutex_unlock(&service->mutex);
    return cat_reply_json(reply, ready ? 200 : 503, cat_json_object("ready", json_boolean(ready), "waitingFor", parts, NULL));
}

static int metrics(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)error;
    cat_service *service = context;
    cat_auto(cat_string) text = CAT_STRING(MAX_METRICS_BYTES);
    cat_process_metrics_update(service->metrics);
    cat_metrics_format(service->metrics, &text);
    size_t length = text.length;
    return cat_reply_text(reply, 200, "text/plain; version=0.0.4", cat_string_take(&text), length);
}

static const cat_route ADMIN_ROUTES[] = {{"GET", "/healthz", healthz, CAT_ROUTE_INLINE, 0},
                                         {"GET", "/readyz", readyz, CAT_ROUTE_INLINE, 0},
                                         {"GET", "/metrics", metrics, 0, 0},
                                         {0}};

static int start_admin(cat_service *service, cat_error *error)
{
    cat_http_server_options options = {.address = cat_service_config(service)->admin,
                                       .routes = ADMIN_ROUTES,
                                       .context = service,
                                       .workers = 1,
                                       .max_connections = 64};
    int result = cat_http_server_start(&options, &service->admin, error);
    return result < 0 ? cat_error_wrap(error, "admin") : 0;
}

/* A label's values must be few: what clients make up is one. */
static const char *method_label(const char *method)
{
    static const char *const METHODS[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof METHODS / sizeof *METHODS; i++)
        if (!strcmp(method, METHODS[i]))
            return METHODS[i];
    return "other";
}

static void on_answer(void *context, const char *method, const char *pattern, int status, double seconds, size_t bytes)
{
    cat_metrics *all = context;
    char code[12];
    snprintf(code, sizeof code, "%d", status);
    cat_metric_add(
        cat_metric_get(all, CAT_METRIC_COUNTER, "http_requests_total", "Requests that were answered.", "method,route,status"), 1,
        (const char *const[]){method_label(method), pattern, code});
    cat_metric_observe(cat_metric_get(all, CAT_METRIC_HISTOGRAM, "http_request_duration_seconds",
                                      "From the request's last byte to the answer's first.", "route"),
                       seconds, (const char *const[]){pattern});
    cat_log_debug("answered", CAT_FIELD("method", method), CAT_FIELD("route", pattern), CAT_FIELD_INT("status", status),
                  CAT_FIELD_DOUBLE("seconds", seconds), CAT_FIELD_INT("bytes", bytes));
}

void cat_service_observe(cat_service *service, cat_http_server *server)
{
    cat_http_server_observe(server, on_answer, service->metrics);
}

/* Arguments. */

typedef struct {
    const char *config_path;
    bool check;
    int exit_code; /* ≥ 0: nothing more to do */
} arguments;

static void print_help(const cat_service_definition *definition, FILE *out)
{
    fprintf(out,
            "%s: %s\n\nUsage: %s [--config FILE] [--check]\n\n"
            "  --config FILE  configuration, default /etc/catalyst/%s.yaml; CATALYST_{KEY} and\n"
            "                 CATALYST_{SECTION}_{KEY} in the environment stand above it\n"
            "  --check        read the configuration, say whether it is good, and exit\n"
            "  --version      print the version and exit\n"
            "  --help         print this and exit\n",
            definition->name, definition->summary, definition->name, definition->name);
}

static arguments read_arguments(int count, char **values, const cat_service_definition *definition)
{
    arguments read = {.exit_code = -1};
    for (int i = 1; i < count && read.exit_code < 0; i++) {
        if (!strcmp(values[i], "--config") && i + 1 < count) {
            read.config_path = values[++i];
        } else if (!strncmp(values[i], "--config=", 9)) {
            read.config_path = values[i] + 9;
        } else if (!strcmp(values[i], "--check")) {
            read.check = true;
        } else if (!strcmp(values[i], "--version")) {
            printf("%s %s\n", definition->name, CATALYST_VERSION);
            read.exit_code = 0;
        } else if (!strcmp(values[i], "--help")) {
            print_help(definition, stdout);
            read.exit_code = 0;
        } else {
            fprintf(stderr, "%s: %s is not understood; --help says what is\n", definition->name, values[i]);
            read.exit_code = 1;
        }
    }
    return read;
}

/* Life. */

static void block_signals(sigset_t *waited)
{
    sigemptyset(waited);
    sigaddset(waited, SIGTERM);
    sigaddset(waited, SIGINT);
    /* Before any thread is made, so that all inherit it and sigwait alone sees them. */
    pthread_sigmask(SIG_BLOCK, waited, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* A connection is a file: the soft limit of many systems, 1,024, is far below what one service holds. */
static void raise_file_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

static void wait_and_stop(cat_service *service, const sigset_t *waited)
{
    int received = 0;
    while (sigwait(waited, &received) != 0)
        continue;
    atomic_store(&service->is_stopping, true);
    cat_log_info("stopping", CAT_FIELD_INT("signal", received));
    /* Whoever asks twice, or longer than the orchestrator waits, does not want to wait for peers that hang. */
    pthread_sigmask(SIG_UNBLOCK, waited, NULL);
    alarm(STOP_WITHIN_S);
    service->definition->stop(service);
    alarm(0);
}

static int run(cat_service *service)
{
    const cat_service_definition *definition = service->definition;
    cat_error error = {0};
    sigset_t waited;
    block_signals(&waited);
    raise_file_limit();
    int result = start_admin(service, &error);
    if (result == 0)
        result = definition->start(service, service->config, &error);
    if (result < 0) {
        fprintf(stderr, "%s: %s\n", definition->name, error.message);
        if (service->admin)
            definition->stop(service);
    } else {
        atomic_store(&service->is_started, true);
        cat_log_info("started", CAT_FIELD("version", CATALYST_VERSION));
        wait_and_stop(service, &waited);
        cat_log_info("stopped");
    }
    cat_http_server_stop(service->admin, ADMIN_DRAIN_MS);
    return result < 0 || atomic_load(&service->has_failed) ? 1 : 0;
}

int cat_service_main(int argc, char **argv, const cat_service_definition *definition)
{
    arguments read = read_arguments(argc, argv, definition);
    if (read.exit_code >= 0)
        return read.exit_code;
    cat_error error = {0};
    cat_service service = {.definition = definition, .mutex = PTHREAD_MUTEX_INITIALIZER};
    cat_autofree char *path =
        read.config_path ? cat_strdup(read.config_path) : cat_printf("/etc/catalyst/%s.yaml", definition->name);
    int code = cat_config_load(path, definition->config_schema, definition->common_offset, &service.config, &error);
    if (code == 0 && definition->finish_config && (code = definition->finish_config(service.config, &error)) < 0)
        cat_error_wrap(&error, "%s", path);
    int exit_code = code < 0 ? 1 : 0;
    if (code < 0) {
        fprintf(stderr, "%s: %s\n", definition->name, error.message);
    } else if (read.check) {
        printf("%s: %s is good\n", definition->name, path);
    } else {
        cat_log_level level = CAT_LOG_INFO;
        cat_log_level_parse(cat_service_config(&service)->log.level, &level);
        cat_log_setup(definition->name, level);
        service.metrics = cat_metrics_create();
        service.parts = cat_map_create(free);
        service.state = cat_calloc(1, definition->state_bytes);
        exit_code = run(&service);
        free(service.state);
        cat_map_destroy(service.parts);
        cat_metrics_destroy(service.metrics);
    }
    cat_config_free(definition->config_schema, service.config);
    return exit_code;
}
