#include "net/http_server.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/http_loop.h"

enum {
    ACCEPTS_AT_ONCE = 64,
    WRITE_STALL_MS = 30000, /* a peer that takes nothing for so long is gone */
    CLOSE_WAIT_MS = 1000,   /* for sockets to close after they were shut down */
    LINGER_MS = 5000,       /* for a client to send the rest of what is not wanted */
    LINGER_BYTES = 32 * 1024 * 1024,
    FILES_KEPT_BACK = 256,
};

/* Counts a connection for as long as its socket lives, whoever owns that: libh2o or a stream. */
typedef struct {
    cat_http_server *server;
    h2o_socket_t *socket;
    h2o_linklist_t link;
    int second_descriptor; /* of the same socket, for lingering; -1: none */
    size_t lingered_bytes;
    h2o_timeout_entry_t timer;
} connection;

typedef struct {
    h2o_handler_t super;
    cat_http_server *server;
} handler;

cat_http_server *cat_http_server_of(const h2o_req_t *req)
{
    return (cat_http_server *)((char *)req->conn->ctx - offsetof(cat_http_server, context));
}

static void on_linger_timeout(h2o_timeout_entry_t *timer)
{
    h2o_socket_close(((connection *)((char *)timer - offsetof(connection, timer)))->socket);
}

static void on_linger_read(h2o_socket_t *socket, const char *failure)
{
    connection *lingering = socket->on_close.data;
    lingering->lingered_bytes += socket->bytes_read;
    h2o_buffer_consume(&socket->input, socket->input->size);
    if (failure || lingering->lingered_bytes > LINGER_BYTES)
        h2o_socket_close(socket);
}

static void on_connection_close(void *data);

/* The answer is sent: says so, and takes what still comes, so that the client gets to read the answer. Closed with bytes unread,
 * the socket would be reset, and the answer lost. */
static void linger(connection *closed)
{
    cat_http_server *server = closed->server;
    int descriptor = closed->second_descriptor;
    closed->second_descriptor = -1;
    shutdown(descriptor, SHUT_WR);
    closed->socket = h2o_evloop_socket_create(server->loop, descriptor, 0);
    closed->socket->on_close.cb = on_connection_close;
    closed->socket->on_close.data = closed;
    closed->timer.cb = on_linger_timeout;
    h2o_timeout_link(server->loop, &server->linger_timeout, &closed->timer);
    h2o_socket_read_start(closed->socket, on_linger_read);
}

void cat_http_linger(h2o_socket_t *socket)
{
    connection *answered = socket->on_close.data;
    if (answered->second_descriptor < 0)
        answered->second_descriptor = fcntl(h2o_socket_get_fd(socket), F_DUPFD_CLOEXEC, 0);
}

static void on_connection_close(void *data)
{
    connection *closed = data;
    if (closed->second_descriptor >= 0) {
        linger(closed);
        return;
    }
    h2o_timeout_unlink(&closed->timer);
    h2o_linklist_unlink(&closed->link);
    closed->server->connection_count--;
    free(closed);
}

static void on_accept(h2o_socket_t *listener, const char *failure)
{
    cat_http_server *server = listener->data;
    if (failure)
        return;
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        h2o_socket_t *socket = h2o_evloop_socket_accept(listener);
        if (!socket)
            return;
        if (server->connection_count >= server->options.max_connections) {
            h2o_socket_close(socket);
            continue;
        }
        unsigned stall_ms = WRITE_STALL_MS;
        setsockopt(h2o_socket_get_fd(socket), IPPROTO_TCP, TCP_USER_TIMEOUT, &stall_ms, sizeof stall_ms);
        connection *accepted = cat_calloc(1, sizeof *accepted);
        accepted->server = server;
        accepted->socket = socket;
        accepted->second_descriptor = -1;
        h2o_linklist_insert(&server->connections, &accepted->link);
        server->connection_count++;
        socket->on_close.cb = on_connection_close;
        socket->on_close.data = accepted;
        h2o_accept(&server->accept, socket);
    }
}

static void stop_accepting(cat_http_server *server)
{
    server->stopping = true;
    h2o_socket_read_stop(server->listener);
    h2o_socket_close(server->listener);
    server->listener = NULL;
    h2o_context_request_shutdown(&server->context);
    cat_sse_hub_end_all(server->streams, "shutdown");
}

static void on_messages(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    cat_http_server *server = (cat_http_server *)((char *)receiver - offsetof(cat_http_server, receiver));
    while (!h2o_linklist_is_empty(messages)) {
        cat_loop_message *message = (cat_loop_message *)((char *)messages->next - offsetof(cat_loop_message, super.link));
        h2o_linklist_unlink(&message->super.link);
        switch (message->kind) {
        case CAT_MESSAGE_EXCHANGE:
            cat_exchange_returned((cat_exchange *)((char *)message - offsetof(cat_exchange, message)));
            break;
        case CAT_MESSAGE_STREAMS:
            cat_sse_hub_wake(server->streams);
            break;
        case CAT_MESSAGE_STOP:
            stop_accepting(server);
            break;
        }
    }
}

static void *work(void *context)
{
    cat_http_server *server = context;
    for (cat_exchange *exchange; (exchange = cat_queue_pop(server->work, -1));) {
        if (!atomic_load(&server->too_late))
            cat_reply_run(&exchange->reply, &server->options);
        h2o_multithread_send_message(&server->receiver, &exchange->message.super);
    }
    return NULL;
}

static int64_t now_ms(void)
{
    const cat_clock *clock = cat_clock_system();
    return clock->monotonic_ms(clock);
}

static bool is_busy(cat_http_server *server)
{
    return !h2o_linklist_is_empty(&server->exchanges) || !h2o_linklist_is_empty(&server->answers) || server->streams->count > 0;
}

/* Handlers, answers on their way and streams get until the deadline; then who still waits is told, and connections are closed. */
static void drain(cat_http_server *server)
{
    while (now_ms() < server->deadline_ms && is_busy(server))
        h2o_evloop_run(server->loop, 10);
    atomic_store(&server->too_late, true);
    cat_exchange_give_up_all(server);
    cat_sse_hub_cut_all(server->streams);
    h2o_evloop_run(server->loop, 0);
    cat_queue_close(server->work);
    for (unsigned i = 0; i < server->worker_count; i++)
        pthread_join(server->workers[i], NULL);
    /* What the workers sent last. */
    h2o_evloop_run(server->loop, 0);
    for (h2o_linklist_t *at = server->connections.next; at != &server->connections; at = at->next) {
        connection *open = (connection *)((char *)at - offsetof(connection, link));
        shutdown(h2o_socket_get_fd(open->socket), SHUT_RDWR);
    }
    for (int64_t until = now_ms() + CLOSE_WAIT_MS; server->connection_count > 0 && now_ms() < until;)
        h2o_evloop_run(server->loop, 10);
}

static int open_listener(cat_http_server *server, cat_error *error)
{
    const char *colon = strrchr(server->address, ':');
    if (!colon)
        return cat_error_set(error, CAT_E_INVALID, "%s is no address: it has to be host:port", server->address);
    bool in_brackets = server->address[0] == '[' && colon > server->address && colon[-1] == ']';
    cat_autofree char *host = cat_strndup(server->address + in_brackets, (size_t)(colon - server->address) - 2 * in_brackets);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *found;
    int status = getaddrinfo(*host ? host : NULL, colon + 1, &hints, &found);
    if (status != 0)
        return cat_error_set(error, CAT_E_INVALID, "%s is no address: %s", server->address, gai_strerror(status));
    int descriptor = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    struct sockaddr_storage bound;
    socklen_t bound_length = sizeof bound;
    bool is_open = descriptor >= 0 && bind(descriptor, found->ai_addr, found->ai_addrlen) == 0 &&
                   listen(descriptor, SOMAXCONN) == 0 && getsockname(descriptor, (void *)&bound, &bound_length) == 0;
    int reason = errno;
    freeaddrinfo(found);
    if (!is_open) {
        if (descriptor >= 0)
            close(descriptor);
        return cat_error_set(error, CAT_E_IO, "cannot listen on %s: %s", server->address, strerror(reason));
    }
    server->listen_descriptor = descriptor;
    server->port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                                     : ((struct sockaddr_in *)&bound)->sin_port);
    return 0;
}

/* Without a file left accept would fail again and again while the listener stays readable: connections leave some for the rest.
 */
static void cap_connections(cat_http_server_options *options)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY)
        return;
    size_t most = files.rlim_cur > 2 * FILES_KEPT_BACK ? files.rlim_cur - FILES_KEPT_BACK : files.rlim_cur / 2;
    if (options->max_connections > most)
        options->max_connections = most;
}

static void fill_defaults(cat_http_server_options *options)
{
    options->workers = options->workers ? options->workers : 4;
    options->max_body_bytes = options->max_body_bytes ? options->max_body_bytes : 256 * 1024;
    options->max_queued = options->max_queued ? options->max_queued : 1024;
    options->max_connections = options->max_connections ? options->max_connections : 20000;
    options->header_timeout_ms = options->header_timeout_ms ? options->header_timeout_ms : 10000;
    options->handler_timeout_ms = options->handler_timeout_ms ? options->handler_timeout_ms : 60000;
    cap_connections(options);
}

/* libh2o knows one maximum: the largest of all routes. Smaller ones are checked when the route is known. */
static size_t largest_body(const cat_http_server_options *options)
{
    size_t largest = options->max_body_bytes;
    for (const cat_route *route = options->routes; route->method; route++)
        if (route->max_body_bytes > largest)
            largest = route->max_body_bytes;
    return largest;
}

static void configure(cat_http_server *server)
{
    h2o_config_init(&server->config);
    server->config.server_name = h2o_iovec_init(H2O_STRLIT("catalyst"));
    server->config.max_request_entity_size = largest_body(&server->options);
    server->config.http1.req_timeout = (uint64_t)server->options.header_timeout_ms;
    server->config.http1.upgrade_to_http2 = 0;
    /* It would leave a timer behind that outlives the context. */
    server->config.http2.callbacks.request_shutdown = NULL;
    h2o_hostconf_t *host = h2o_config_register_host(&server->config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    cat_http_setup_fallback(host);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    handler *own = (void *)h2o_create_handler(path, sizeof *own);
    own->super.on_req = cat_exchange_on_request;
    own->server = server;
    server->loop = h2o_evloop_create();
    h2o_context_init(&server->context, server->loop, &server->config);
    server->accept.ctx = &server->context;
    server->accept.hosts = server->config.hosts;
    h2o_multithread_register_receiver(server->context.queue, &server->receiver, on_messages);
    h2o_timeout_init(server->loop, &server->handler_timeout, (uint64_t)server->options.handler_timeout_ms);
    h2o_timeout_init(server->loop, &server->linger_timeout, LINGER_MS);
    h2o_linklist_init_anchor(&server->exchanges);
    h2o_linklist_init_anchor(&server->answers);
    h2o_linklist_init_anchor(&server->connections);
    server->streams = cat_sse_hub_create(server);
    server->listener = h2o_evloop_socket_create(server->loop, server->listen_descriptor, H2O_SOCKET_FLAG_DONT_READ);
    server->listener->data = server;
    h2o_socket_read_start(server->listener, on_accept);
}

static void *loop(void *context)
{
    cat_http_server *server = context;
    /* Here and not where the server is started: libh2o keeps its buffers by thread, and a socket uses those of its maker for
     * ever. */
    configure(server);
    sem_post(&server->is_configured);
    while (!server->stopping)
        h2o_evloop_run(server->loop, INT32_MAX);
    drain(server);
    cat_sse_hub_stop(server->streams);
    h2o_evloop_run(server->loop, 0);
    h2o_timeout_dispose(server->loop, &server->streams->heartbeat);
    h2o_timeout_dispose(server->loop, &server->streams->snapshot);
    h2o_timeout_dispose(server->loop, &server->handler_timeout);
    h2o_timeout_dispose(server->loop, &server->linger_timeout);
    h2o_multithread_unregister_receiver(server->context.queue, &server->receiver);
    h2o_context_dispose(&server->context);
    h2o_evloop_destroy(server->loop);
    return NULL;
}

int cat_http_server_start(const cat_http_server_options *options, cat_http_server **started, cat_error *error)
{
    cat_http_server *server = cat_calloc(1, sizeof *server);
    server->options = *options;
    fill_defaults(&server->options);
    server->address = cat_strdup(options->address);
    int result = cat_http_proxies_parse(options->trusted_proxies, &server->proxies, error);
    if (result == 0)
        result = open_listener(server, error);
    if (result < 0) {
        if (options->check_destroy)
            options->check_destroy(options->check_context);
        cat_http_proxies_destroy(server->proxies);
        free(server->address);
        free(server);
        return result;
    }
    /* A client that goes away while it is written to is an error of that write, not the end of the process. */
    signal(SIGPIPE, SIG_IGN);
    server->work = cat_queue_create(server->options.max_queued, NULL);
    sem_init(&server->is_configured, 0, 0);
    h2o_multithread_create_thread(&server->loop_thread, NULL, loop, server);
    while (sem_wait(&server->is_configured) != 0)
        continue;
    server->worker_count = server->options.workers;
    server->workers = cat_calloc(server->worker_count, sizeof *server->workers);
    for (unsigned i = 0; i < server->worker_count; i++)
        h2o_multithread_create_thread(&server->workers[i], NULL, work, server);
    *started = server;
    return 0;
}

unsigned cat_http_server_port(const cat_http_server *server)
{
    return server->port;
}

void cat_http_server_stop(cat_http_server *server, int64_t deadline_ms)
{
    if (!server)
        return;
    server->deadline_ms = now_ms() + deadline_ms;
    server->stop.kind = CAT_MESSAGE_STOP;
    h2o_multithread_send_message(&server->receiver, &server->stop.super);
    pthread_join(server->loop_thread, NULL);
    h2o_config_dispose(&server->config);
    cat_sse_hub_unref(server->streams);
    cat_queue_destroy(server->work);
    sem_destroy(&server->is_configured);
    free(atomic_load(&server->observer));
    if (server->options.check_destroy)
        server->options.check_destroy(server->options.check_context);
    free(server->workers);
    cat_http_proxies_destroy(server->proxies);
    free(server->address);
    free(server);
}

void cat_http_server_observe(cat_http_server *server, cat_http_observer observer, void *context)
{
    cat_observer *observed = cat_calloc(1, sizeof *observed), *none = NULL;
    *observed = (cat_observer){observer, context};
    /* Once a server: the loop may be reading the first one. */
    if (!atomic_compare_exchange_strong(&server->observer, &none, observed))
        free(observed);
}
