/* The loop thread's side of the HTTP server: what http_server.c, http_exchange.c and sse.c share. Not for other layers.
 *
 * Everything here belongs to the loop thread, but for what its comment says. */
#ifndef CAT_NET_HTTP_LOOP_H
#define CAT_NET_HTTP_LOOP_H

#define H2O_USE_LIBUV 0
#include <h2o.h>
#include <h2o/http1.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "base/queue.h"
#include "net/http_internal.h"
#include "net/http_proxies.h"
#include "net/sse_internal.h"

typedef struct {
    h2o_multithread_message_t super;
    enum { CAT_MESSAGE_EXCHANGE, CAT_MESSAGE_STREAMS, CAT_MESSAGE_STOP } kind;
} cat_loop_message;

/* A request and its answer on their way: loop → worker → loop. `req` is NULL once the client or the answer is gone. */
typedef struct {
    cat_loop_message message;
    cat_http_server *server;
    h2o_req_t *req;
    void **slot; /* in the request's pool; points back here */
    h2o_linklist_t link;
    h2o_timeout_entry_t timer;
    bool with_worker, is_sent;
    double started;
    cat_request request;
    cat_reply reply;
} cat_exchange;

/* All streams of a server. The mutex guards `dirty`, `wake_sent` and what cat_sse says of itself; the rest is the loop's. */
typedef struct {
    pthread_mutex_t mutex;
    _Atomic unsigned references;
    cat_sse *dirty; /* streams with something to do, each with a reference */
    bool wake_sent;
    cat_loop_message wake;
    h2o_multithread_receiver_t *receiver;
    h2o_timeout_t heartbeat, snapshot;
    h2o_linklist_t streams;
    size_t count;
    cat_sse_frame *heartbeat_frame;
} cat_sse_hub;

typedef struct {
    cat_http_observer observe;
    void *context;
} cat_observer;

struct cat_http_server {
    cat_http_server_options options;
    char *address;
    cat_http_proxies *proxies; /* never changes */
    unsigned port;
    int listen_descriptor;
    h2o_globalconf_t config;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    h2o_loop_t *loop;
    h2o_socket_t *listener;
    h2o_multithread_receiver_t receiver;
    h2o_timeout_t handler_timeout, linger_timeout;
    h2o_linklist_t exchanges, answers, connections; /* with a worker; on their way to the client; open */
    size_t connection_count;
    cat_sse_hub *streams;
    cat_queue *work; /* any thread */
    pthread_t loop_thread, *workers;
    sem_t is_configured;
    unsigned worker_count;
    cat_observer *_Atomic observer; /* any thread sets it */
    cat_loop_message stop;
    int64_t deadline_ms; /* set before `stop` is sent */
    bool stopping;
    _Atomic bool too_late; /* what still waits for a worker is not begun any more */
};

/* http_server.c. The connection reads on for a while once its answer is sent, although nothing of it is wanted. */
void cat_http_linger(h2o_socket_t *socket);

/* http_exchange.c */
int cat_exchange_on_request(h2o_handler_t *handler, h2o_req_t *req);
void cat_exchange_returned(cat_exchange *exchange);
void cat_exchange_give_up_all(cat_http_server *server);
cat_http_server *cat_http_server_of(const h2o_req_t *req);
void cat_http_setup_fallback(h2o_hostconf_t *host);
double cat_http_seconds(void);

/* sse.c */
cat_sse_hub *cat_sse_hub_create(cat_http_server *server);
void cat_sse_hub_stop(cat_sse_hub *hub); /* no streams are left */
void cat_sse_hub_unref(cat_sse_hub *hub);
void cat_sse_hub_wake(cat_sse_hub *hub); /* the wake message arrived */
void cat_sse_hub_end_all(cat_sse_hub *hub, const char *reason);
void cat_sse_hub_cut_all(cat_sse_hub *hub);
/* Takes the server's reference: makes the response a stream, or closes the stream at once. */
void cat_sse_attach(cat_sse *sse, h2o_req_t *req, bool stopping);
void cat_sse_abandon(cat_sse *sse);

#endif
