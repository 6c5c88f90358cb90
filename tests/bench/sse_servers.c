#include "sse_servers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "net/http_server.h"
#include "net/sse.h"

#define NCHAN_MODULE "/usr/lib/nginx/modules/ngx_nchan_module.so"
#define STREAMS_MAX 100000

static void fail(const char *what)
{
    fprintf(stderr, "sse_bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

static bool read_whole(int from, void *data, size_t length)
{
    for (size_t got = 0; got < length;) {
        ssize_t more = read(from, (char *)data + got, length - got);
        if (more <= 0)
            return false;
        got += (size_t)more;
    }
    return true;
}

static void write_whole(int to, const void *data, size_t length)
{
    for (size_t sent = 0; sent < length;) {
        ssize_t more = write(to, (const char *)data + sent, length - sent);
        if (more <= 0)
            fail("handing an event over");
        sent += (size_t)more;
    }
}

/* A process that gets its events by a pipe, and says its port first. */
static void start_process(bench_server *server, void (*run)(int events, int answers))
{
    int events[2], answers[2];
    if (pipe(events) < 0 || pipe(answers) < 0 || (server->process = fork()) < 0)
        fail("starting a server");
    if (server->process == 0) {
        close(events[1]);
        close(answers[0]);
        run(events[0], answers[1]);
        _exit(0);
    }
    close(events[0]);
    close(answers[1]);
    if (!read_whole(answers[0], &server->port, sizeof server->port))
        fail("a server did not start");
    close(answers[0]);
    server->control = events[1];
    server->path = "/stream";
}

static void publish_by_pipe(const bench_server *server, const char *data, size_t length)
{
    write_whole(server->control, &length, sizeof length);
    write_whole(server->control, data, length);
}

/* --- ours --- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static cat_sse *streams[STREAMS_MAX];
static bool full[STREAMS_MAX];
static size_t stream_count;

static void on_close(void *context, cat_sse *sse)
{
    (void)context, (void)sse;
}

static int open_stream(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)context, (void)error;
    cat_sse *sse = NULL;
    int code = cat_reply_stream(reply, 65536, on_close, NULL, &sse);
    pthread_mutex_lock(&lock);
    if (code == 0)
        streams[stream_count++] = sse;
    pthread_mutex_unlock(&lock);
    return code;
}

static void run_ours(int events, int answers)
{
    static const cat_route ROUTES[] = {{"GET", "/stream", open_stream, CAT_ROUTE_INLINE, 0}, {0}};
    cat_http_server *server = NULL;
    cat_error error = {0};
    char data[4096];
    size_t length;
    if (cat_http_server_start(
            &(cat_http_server_options){.address = "127.0.0.1:0", .routes = ROUTES, .max_connections = STREAMS_MAX}, &server,
            &error) < 0)
        _exit(1);
    unsigned port = cat_http_server_port(server);
    write_whole(answers, &port, sizeof port);
    for (unsigned id = 1; read_whole(events, &length, sizeof length) && length <= sizeof data && read_whole(events, data, length);
         id++) {
        char number[16];
        snprintf(number, sizeof number, "%u", id);
        cat_sse_frame *frame = cat_sse_frame_create(number, "row", data, length);
        pthread_mutex_lock(&lock);
        cat_sse_send_many(streams, stream_count, frame, full);
        pthread_mutex_unlock(&lock);
        cat_sse_frame_unref(frame);
    }
}

static void start_ours(bench_server *server)
{
    start_process(server, run_ours);
    server->publish = publish_by_pipe;
}

/* --- a bare loop: accepts, reads the request's first bytes, and writes --- */

static int listen_anywhere(unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 4096) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) < 0)
        fail("listening");
    *port = ntohs(address.sin_port);
    return listener;
}

static void greet(int client)
{
    static const char HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    char request[1024];
    if (read(client, request, sizeof request) > 0)
        write_whole(client, HEAD, sizeof HEAD - 1);
}

static void write_to_all(const int *open, size_t count, const char *data, size_t length)
{
    char frame[4200];
    int size = snprintf(frame, sizeof frame, "id: 1\nevent: row\ndata: %.*s\n\n", (int)length, data);
    for (size_t i = 0; i < count; i++)
        if (write(open[i], frame, (size_t)size) != size)
            fail("the bare loop has no queue, and a client did not read");
}

static void run_bare(int events, int answers)
{
    static int open[STREAMS_MAX];
    struct epoll_event ready[64];
    size_t count = 0, length;
    unsigned port;
    char data[4096];
    int listener = listen_anywhere(&port), loop = epoll_create1(0);
    epoll_ctl(loop, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.fd = listener});
    epoll_ctl(loop, EPOLL_CTL_ADD, events, &(struct epoll_event){.events = EPOLLIN, .data.fd = events});
    write_whole(answers, &port, sizeof port);
    for (;;)
        for (int i = 0, some = epoll_wait(loop, ready, 64, -1); i < some; i++) {
            if (ready[i].data.fd == events) {
                if (!read_whole(events, &length, sizeof length) || length > sizeof data || !read_whole(events, data, length))
                    return;
                write_to_all(open, count, data, length);
            } else if (ready[i].data.fd == listener) {
                for (int client; count < STREAMS_MAX && (client = accept(listener, NULL, NULL)) >= 0;) {
                    open[count++] = client;
                    greet(client);
                }
            }
        }
}

static void start_bare(bench_server *server)
{
    start_process(server, run_bare);
    server->publish = publish_by_pipe;
}

/* --- nchan, in one process of nginx --- */

static const char *nchan_missing(void)
{
    return access(NCHAN_MODULE, R_OK) == 0 && access("/usr/sbin/nginx", X_OK) == 0 ? NULL : "libnginx-mod-nchan is not installed";
}

static int connect_to(unsigned port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int client = socket(AF_INET, SOCK_STREAM, 0);
    if (client >= 0 && connect(client, (struct sockaddr *)&address, sizeof address) < 0) {
        close(client);
        return -1;
    }
    return client;
}

static void publish_by_post(const bench_server *server, const char *data, size_t length)
{
    char request[4500], answer[1024];
    int size =
        snprintf(request, sizeof request,
                 "POST /publish HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%.*s",
                 length, (int)length, data);
    write_whole(server->control, request, (size_t)size);
    if (read(server->control, answer, sizeof answer) <= 0)
        fail("nchan did not take an event");
}

static void write_nginx_configuration(const bench_server *server, const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file)
        fail(path);
    fprintf(file,
            "load_module %s;\ndaemon off;\nmaster_process off;\npid %s/pid;\nerror_log %s/errors;\nevents { worker_connections "
            "60000; }\n"
            "http {\n  access_log off;\n  client_body_temp_path %s/body;\n  proxy_temp_path %s/proxy;\n  fastcgi_temp_path "
            "%s/fastcgi;\n"
            "  uwsgi_temp_path %s/uwsgi;\n  scgi_temp_path %s/scgi;\n  keepalive_requests 1000000;\n  keepalive_timeout 600s;\n  "
            "server {\n    listen 127.0.0.1:%u backlog=4096;\n"
            "    location = /stream { nchan_subscriber eventsource; nchan_channel_id bench; nchan_subscriber_first_message "
            "newest; }\n"
            "    location = /publish { nchan_publisher; nchan_channel_id bench; nchan_message_buffer_length 10; }\n  }\n}\n",
            NCHAN_MODULE, server->folder, server->folder, server->folder, server->folder, server->folder, server->folder,
            server->folder, server->port);
    fclose(file);
}

static void start_nchan(bench_server *server)
{
    char path[128];
    strcpy(server->folder, "/tmp/sse-bench-XXXXXX");
    if (!mkdtemp(server->folder))
        fail("making a folder");
    close(listen_anywhere(&server->port)); /* a port that was free a moment ago */
    snprintf(path, sizeof path, "%s/nginx.conf", server->folder);
    write_nginx_configuration(server, path);
    if ((server->process = fork()) < 0)
        fail("starting nginx");
    if (server->process == 0) {
        execl("/usr/sbin/nginx", "nginx", "-e", "stderr", "-p", server->folder, "-c", path, NULL);
        _exit(1);
    }
    for (int tries = 0; (server->control = connect_to(server->port)) < 0; tries++) {
        if (tries == 100)
            fail("nginx did not start");
        usleep(50000);
    }
    server->path = "/stream";
    server->publish = publish_by_post;
}

/* --- all --- */

const bench_kind bench_kinds[] = {
    {"ours", NULL, start_ours}, {"nchan", nchan_missing, start_nchan}, {"bare epoll loop", NULL, start_bare}, {0}};

void bench_server_stop(bench_server *server)
{
    char command[128];
    close(server->control);
    kill(server->process, SIGTERM);
    waitpid(server->process, NULL, 0);
    if (server->folder[0]) {
        snprintf(command, sizeof command, "rm -rf '%s'", server->folder);
        if (system(command) != 0)
            fprintf(stderr, "sse_bench: %s could not be deleted\n", server->folder);
    }
}
