/* Watches: the streams' thread puts lines into each watch's bounded queue; a small pool of workers lists, connects and hands out.
 *
 * A watch moves LIST → CONNECT → STREAM and back. One worker has it at a time (`busy`), so that its callbacks never overlap.
 * Everything in cat_kube_watch that says so is guarded by the watcher's lock; the rest belongs to the worker that has it. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/condition.h"
#include "base/encoding.h"
#include "base/random.h"
#include "net/kube_internal.h"

#define QUEUE_MAX_LINES 1024
#define QUEUE_MAX_BYTES ((size_t)16 * 1024 * 1024)
/* Lines in one go, before another watch gets its turn. */
#define BATCH_LINES 64
#define MAX_THREADS 32
#define WATCHES_A_THREAD 4
#define BACKOFF_BASE_MS 500
#define BACKOFF_MAX_MS 60000
/* The API server sends a bookmark each minute; two missed and half a third are silence. */
#define SILENCE_MS 150000
#define WATCH_MIN_SECONDS 300
#define ERROR_BODY_MAX_BYTES 65536

typedef struct queued_line queued_line;
struct queued_line {
    queued_line *next;
    size_t length;
    char text[];
};

struct cat_kube_watch {
    cat_kube_watcher *watcher;
    cat_kube *kube;
    cat_resource resource;
    char *group, *version, *kind, *plural, *namespace, *selector;
    cat_kube_watch_handlers handlers;
    /* Guarded. */
    cat_kube_watch *previous, *next, *next_ready;
    bool busy, ready, stopping;
    int64_t due_ms; /* -1: nothing is planned */
    queued_line *first_line, **last_line;
    size_t line_count, line_bytes;
    bool ended, held;
    int status;
    cat_error end;
    cat_string error_body;
    /* The worker's. */
    enum { LIST, CONNECT, STREAM } phase;
    cat_http_stream *stream;
    char resource_version[32];
    unsigned attempt;
    bool heard; /* a line came on this stream */
};

struct cat_kube_watcher {
    pthread_mutex_t lock;
    pthread_cond_t work, idle;
    cat_http_streams *streams;
    cat_kube_watch *watches, *first_ready, *last_ready;
    size_t watch_count;
    int64_t next_due_ms; /* no watch is due earlier */
    pthread_t threads[MAX_THREADS];
    unsigned thread_count;
    bool stopping;
};

static int64_t now_ms(void)
{
    return cat_clock_system()->monotonic_ms(cat_clock_system());
}

/* Under the lock. */
static void make_ready(cat_kube_watch *watch)
{
    cat_kube_watcher *watcher = watch->watcher;
    if (watch->ready || watch->busy || watch->stopping)
        return;
    watch->ready = true;
    watch->next_ready = NULL;
    if (watcher->last_ready)
        watcher->last_ready->next_ready = watch;
    else
        watcher->first_ready = watch;
    watcher->last_ready = watch;
    pthread_cond_signal(&watcher->work);
}

static void drop_ready(cat_kube_watch *watch)
{
    cat_kube_watcher *watcher = watch->watcher;
    cat_kube_watch *before = NULL;
    for (cat_kube_watch *at = watcher->first_ready; at; before = at, at = at->next_ready) {
        if (at != watch)
            continue;
        *(before ? &before->next_ready : &watcher->first_ready) = watch->next_ready;
        if (watcher->last_ready == watch)
            watcher->last_ready = before;
        break;
    }
    watch->ready = false;
}

static bool has_work(const cat_kube_watch *watch)
{
    return watch->line_count > 0 || watch->ended;
}

/* From the worker. */
static void plan(cat_kube_watch *watch, int phase, int64_t delay_ms)
{
    cat_kube_watcher *watcher = watch->watcher;
    pthread_mutex_lock(&watcher->lock);
    watch->phase = phase;
    watch->due_ms = now_ms() + delay_ms;
    if (watch->due_ms < watcher->next_due_ms)
        watcher->next_due_ms = watch->due_ms;
    pthread_mutex_unlock(&watcher->lock);
}

/* Under the lock. false when the queue is full. */
static bool queue_line(cat_kube_watch *watch, const char *text, size_t length)
{
    if (watch->line_count == QUEUE_MAX_LINES || (watch->line_count && watch->line_bytes + length > QUEUE_MAX_BYTES))
        return false;
    queued_line *line = cat_malloc(sizeof *line + length);
    line->next = NULL;
    line->length = length;
    memcpy(line->text, text, length);
    *watch->last_line = line;
    watch->last_line = &line->next;
    watch->line_count++;
    watch->line_bytes += length;
    return true;
}

/* Under the lock. NULL when there is none. */
static queued_line *unqueue_line(cat_kube_watch *watch)
{
    queued_line *line = watch->first_line;
    if (!line)
        return NULL;
    watch->first_line = line->next;
    if (!line->next)
        watch->last_line = &watch->first_line;
    watch->line_count--;
    watch->line_bytes -= line->length;
    return line;
}

static void drop_lines(cat_kube_watch *watch)
{
    for (queued_line *line = unqueue_line(watch); line; line = unqueue_line(watch))
        free(line);
}

/* The streams' thread. */
static void on_status(void *context, int status)
{
    cat_kube_watch *watch = context;
    pthread_mutex_lock(&watch->watcher->lock);
    watch->status = status;
    pthread_mutex_unlock(&watch->watcher->lock);
}

static void on_line(void *context, const char *line, size_t length)
{
    cat_kube_watch *watch = context;
    cat_kube_watcher *watcher = watch->watcher;
    pthread_mutex_lock(&watcher->lock);
    if (watch->status != 200) {
        cat_string_append_bytes(&watch->error_body, line, length);
    } else if (length && !watch->held) {
        /* Full: what comes now is left out, and the worker ends the stream when it sees it. */
        watch->held = !queue_line(watch, line, length);
        make_ready(watch);
    }
    pthread_mutex_unlock(&watcher->lock);
}

static void on_end(void *context, const cat_error *error)
{
    cat_kube_watch *watch = context;
    pthread_mutex_lock(&watch->watcher->lock);
    watch->ended = true;
    watch->end = *error;
    make_ready(watch);
    pthread_mutex_unlock(&watch->watcher->lock);
}

/* The oldest line, the caller's; NULL when there is none. */
static queued_line *take_line(cat_kube_watch *watch)
{
    pthread_mutex_lock(&watch->watcher->lock);
    queued_line *line = watch->stopping ? NULL : unqueue_line(watch);
    pthread_mutex_unlock(&watch->watcher->lock);
    return line;
}

static bool is_stopping(cat_kube_watch *watch)
{
    pthread_mutex_lock(&watch->watcher->lock);
    bool stopping = watch->stopping;
    pthread_mutex_unlock(&watch->watcher->lock);
    return stopping;
}

static void report(cat_kube_watch *watch, const cat_error *error)
{
    if (watch->handlers.on_error)
        watch->handlers.on_error(watch->handlers.context, error);
}

static int lend_listed(void *context, cat_view object, cat_error *error)
{
    cat_kube_watch *watch = context;
    if (is_stopping(watch))
        return cat_error_set(error, CAT_E_CANCELLED, "the watch was stopped");
    watch->handlers.on_object(watch->handlers.context, CAT_WATCH_LISTED, object);
    return 0;
}

/* After a failure: list again, later each time. */
static void list_later(cat_kube_watch *watch)
{
    plan(watch, LIST, cat_backoff_ms(watch->attempt, BACKOFF_BASE_MS, BACKOFF_MAX_MS));
    if (watch->attempt < 16)
        watch->attempt++;
}

static void run_list(cat_kube_watch *watch)
{
    cat_error error = {0};
    if (watch->handlers.on_list_start)
        watch->handlers.on_list_start(watch->handlers.context);
    int code = cat_kube_list(watch->kube, &(cat_kube_selection){&watch->resource, watch->namespace, watch->selector}, lend_listed,
                             watch, watch->resource_version, &error);
    if (code == CAT_E_CANCELLED)
        return;
    if (code < 0) {
        if (code != CAT_E_GONE)
            report(watch, &error);
        list_later(watch);
        return;
    }
    if (watch->handlers.on_listed)
        watch->handlers.on_listed(watch->handlers.context, watch->resource_version);
    plan(watch, CONNECT, 0);
}

static char *watch_url(const cat_kube_watch *watch)
{
    cat_autofree char *base = kube_url(watch->kube, &watch->resource, watch->namespace, NULL, NULL);
    cat_auto(cat_string) url = CAT_STRING(32768);
    /* A different end for each, so that not all watches of a cluster connect anew together. */
    cat_string_appendf(&url, "%s?watch=true&allowWatchBookmarks=true&timeoutSeconds=%u&resourceVersion=", base,
                       WATCH_MIN_SECONDS + (unsigned)cat_random_below(WATCH_MIN_SECONDS));
    cat_percent_encode(&url, watch->resource_version);
    kube_append_selector(&url, watch->selector);
    return cat_string_take(&url);
}

static void run_connect(cat_kube_watch *watch)
{
    static const char *const headers[] = {"Accept: application/json", NULL};
    pthread_mutex_lock(&watch->watcher->lock);
    watch->ended = watch->held = false;
    watch->status = 0;
    cat_string_clear(&watch->error_body);
    pthread_mutex_unlock(&watch->watcher->lock);
    watch->heard = false;
    watch->phase = STREAM;
    cat_autofree char *url = watch_url(watch);
    cat_autosecret char *bearer = kube_bearer(watch->kube);
    cat_http_call call = {.method = "GET", .url = url, .headers = headers, .bearer = bearer};
    if (!bearer) {
        call.basic_user = watch->kube->config.user;
        call.basic_password = watch->kube->config.password;
    }
    cat_http_stream_handlers handlers = {on_status, on_line, on_end, watch, KUBE_OBJECT_MAX_BYTES, SILENCE_MS};
    watch->stream = cat_http_stream_open(watch->watcher->streams, watch->kube->client, &call, &handlers);
}

static void close_stream(cat_kube_watch *watch)
{
    if (watch->stream)
        cat_http_stream_close(watch->stream);
    watch->stream = NULL;
}

/* 0, or why the stream cannot go on. */
static int hand_out(cat_kube_watch *watch, const queued_line *line, cat_error *error)
{
    static const cat_watch_kind kinds[] = {CAT_WATCH_ADDED, CAT_WATCH_MODIFIED, CAT_WATCH_DELETED};
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *document = NULL;
    kube_line decoded;
    int code = kube_line_decode(line->text, line->length, &document, &decoded, error);
    if (code < 0)
        return code;
    watch->heard = true;
    watch->attempt = 0;
    if (decoded.type != KUBE_LINE_BOOKMARK)
        watch->handlers.on_object(watch->handlers.context, kinds[decoded.type], decoded.object);
    memcpy(watch->resource_version, decoded.resource_version, sizeof watch->resource_version);
    return 0;
}

/* The stream is over: what next? */
static void after_end(cat_kube_watch *watch)
{
    pthread_mutex_lock(&watch->watcher->lock);
    cat_error end = watch->end;
    int status = watch->status;
    bool held = watch->held;
    watch->ended = false;
    cat_autofree char *body = cat_string_take(&watch->error_body);
    pthread_mutex_unlock(&watch->watcher->lock);
    close_stream(watch);
    if (held) { /* the queue was full: on from the last one handed out */
        plan(watch, CONNECT, 0);
        return;
    }
    if (end.code == 0 && status == 200) { /* the server ends each watch some time */
        if (watch->heard)
            plan(watch, CONNECT, (int64_t)cat_random_below(500));
        else
            plan(watch, CONNECT, cat_backoff_ms(watch->attempt++ % 16, BACKOFF_BASE_MS, BACKOFF_MAX_MS));
        return;
    }
    if (end.code == 0 || (status != 0 && status != 200)) {
        cat_error_clear(&end);
        kube_error_from_status(status, body, strlen(body), "watching", &end);
    }
    if (end.code != CAT_E_GONE)
        report(watch, &end);
    list_later(watch);
}

static void run_stream(cat_kube_watch *watch)
{
    for (int i = 0; i < BATCH_LINES; i++) {
        cat_autofree queued_line *line = take_line(watch);
        if (!line)
            break;
        cat_error error = {0};
        int code = hand_out(watch, line, &error);
        if (code == 0)
            continue;
        close_stream(watch);
        pthread_mutex_lock(&watch->watcher->lock);
        drop_lines(watch);
        watch->ended = false;
        pthread_mutex_unlock(&watch->watcher->lock);
        if (code != CAT_E_GONE)
            report(watch, &error);
        list_later(watch);
        return;
    }
    pthread_mutex_lock(&watch->watcher->lock);
    bool over = watch->line_count == 0 && watch->ended && !watch->stopping;
    bool hold = watch->held && !watch->ended;
    pthread_mutex_unlock(&watch->watcher->lock);
    if (hold)
        close_stream(watch); /* its end is seen in the next turn */
    else if (over)
        after_end(watch);
}

static void run(cat_kube_watch *watch)
{
    switch (watch->phase) {
    case LIST:
        run_list(watch);
        return;
    case CONNECT:
        run_connect(watch);
        return;
    case STREAM:
        run_stream(watch);
        return;
    }
}

/* Under the lock: watches whose time has come get ready. */
static void wake_due(cat_kube_watcher *watcher)
{
    int64_t now = now_ms();
    if (now < watcher->next_due_ms)
        return;
    watcher->next_due_ms = INT64_MAX;
    for (cat_kube_watch *watch = watcher->watches; watch; watch = watch->next) {
        if (watch->due_ms < 0 || watch->stopping)
            continue;
        if (watch->due_ms <= now)
            make_ready(watch);
        else if (watch->due_ms < watcher->next_due_ms)
            watcher->next_due_ms = watch->due_ms;
    }
}

static void wait_for_work(cat_kube_watcher *watcher)
{
    if (watcher->next_due_ms == INT64_MAX) {
        pthread_cond_wait(&watcher->work, &watcher->lock);
        return;
    }
    cat_condition_wait(&watcher->work, &watcher->lock, watcher->next_due_ms);
}

static void *worker(void *context)
{
    cat_kube_watcher *watcher = context;
    pthread_mutex_lock(&watcher->lock);
    while (!watcher->stopping) {
        wake_due(watcher);
        cat_kube_watch *watch = watcher->first_ready;
        if (!watch) {
            wait_for_work(watcher);
            continue;
        }
        drop_ready(watch);
        watch->busy = true;
        watch->due_ms = -1;
        if (watcher->next_due_ms != INT64_MAX) /* this one may have been the only one that waited for what is due next */
            pthread_cond_signal(&watcher->work);
        pthread_mutex_unlock(&watcher->lock);
        run(watch);
        pthread_mutex_lock(&watcher->lock);
        watch->busy = false;
        if (watch->stopping)
            pthread_cond_broadcast(&watcher->idle);
        else if (has_work(watch) || (watch->due_ms >= 0 && watch->due_ms <= now_ms()))
            make_ready(watch);
    }
    pthread_mutex_unlock(&watcher->lock);
    return NULL;
}

cat_kube_watcher *cat_kube_watcher_create(void)
{
    cat_kube_watcher *watcher = cat_calloc(1, sizeof *watcher);
    pthread_mutex_init(&watcher->lock, NULL);
    cat_condition_init(&watcher->work);
    cat_condition_init(&watcher->idle);
    watcher->next_due_ms = INT64_MAX;
    watcher->streams = cat_http_streams_create();
    return watcher;
}

void cat_kube_watcher_destroy(cat_kube_watcher *watcher)
{
    if (!watcher)
        return;
    while (watcher->watches)
        cat_kube_watch_stop(watcher->watches);
    pthread_mutex_lock(&watcher->lock);
    watcher->stopping = true;
    pthread_cond_broadcast(&watcher->work);
    pthread_mutex_unlock(&watcher->lock);
    for (unsigned i = 0; i < watcher->thread_count; i++)
        pthread_join(watcher->threads[i], NULL);
    cat_http_streams_destroy(watcher->streams);
    pthread_cond_destroy(&watcher->work);
    pthread_cond_destroy(&watcher->idle);
    pthread_mutex_destroy(&watcher->lock);
    free(watcher);
}

/* Under the lock. */
static int add_thread(cat_kube_watcher *watcher, cat_error *error)
{
    if (watcher->thread_count == MAX_THREADS || watcher->thread_count > watcher->watch_count / WATCHES_A_THREAD)
        return 0;
    if (pthread_create(&watcher->threads[watcher->thread_count], NULL, worker, watcher) != 0)
        return watcher->thread_count ? 0 : cat_error_set(error, CAT_E_IO, "no thread for Kubernetes watches can be started");
    watcher->thread_count++;
    return 0;
}

static cat_kube_watch *make_watch(cat_kube_watcher *watcher, cat_kube *kube, const cat_kube_selection *wanted,
                                  const cat_kube_watch_handlers *handlers)
{
    const cat_resource *resource = wanted->resource;
    cat_kube_watch *watch = cat_calloc(1, sizeof *watch);
    watch->watcher = watcher;
    watch->kube = kube;
    watch->group = cat_strdup(resource->group ? resource->group : "");
    watch->version = cat_strdup(resource->version);
    watch->kind = cat_strdup(resource->kind);
    watch->plural = cat_strdup(resource->plural);
    watch->resource = (cat_resource){watch->group, watch->version, watch->kind, watch->plural, resource->namespaced};
    watch->namespace = cat_strdup(wanted->namespace);
    watch->selector = cat_strdup(wanted->selector);
    watch->handlers = *handlers;
    watch->error_body = CAT_STRING(ERROR_BODY_MAX_BYTES);
    watch->last_line = &watch->first_line;
    return watch;
}

static void free_watch(cat_kube_watch *watch)
{
    drop_lines(watch);
    cat_string_finish(&watch->error_body);
    char *texts[] = {watch->group, watch->version, watch->kind, watch->plural, watch->namespace, watch->selector};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    free(watch);
}

int cat_kube_watch_start(cat_kube_watcher *watcher, cat_kube *kube, const cat_kube_selection *wanted,
                         const cat_kube_watch_handlers *handlers, cat_kube_watch **watch, cat_error *error)
{
    cat_kube_watch *made = make_watch(watcher, kube, wanted, handlers);
    pthread_mutex_lock(&watcher->lock);
    int code = add_thread(watcher, error);
    if (code == 0) {
        made->next = watcher->watches;
        if (watcher->watches)
            watcher->watches->previous = made;
        watcher->watches = made;
        watcher->watch_count++;
        made->due_ms = 0;
        *watch = made; /* before the first callback may look at it */
        make_ready(made);
    }
    pthread_mutex_unlock(&watcher->lock);
    if (code < 0)
        free_watch(made);
    return code;
}

void cat_kube_watch_stop(cat_kube_watch *watch)
{
    if (!watch)
        return;
    cat_kube_watcher *watcher = watch->watcher;
    pthread_mutex_lock(&watcher->lock);
    watch->stopping = true;
    drop_ready(watch);
    while (watch->busy)
        pthread_cond_wait(&watcher->idle, &watcher->lock);
    pthread_mutex_unlock(&watcher->lock);
    close_stream(watch);
    pthread_mutex_lock(&watcher->lock);
    *(watch->previous ? &watch->previous->next : &watcher->watches) = watch->next;
    if (watch->next)
        watch->next->previous = watch->previous;
    watcher->watch_count--;
    pthread_mutex_unlock(&watcher->lock);
    free_watch(watch);
}
