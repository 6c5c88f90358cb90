/* One event to many listening browsers: our event streams beside nchan (nginx's module, one process) and a bare epoll loop that
 * does nothing but write, in one run, in turns:
 *
 *     sse_bench [clients [events [rounds]]]      default 10000 50 3
 *
 * An event of 512 bytes is sent when the last one has reached everybody. Deliveries a second and the time until a client has it
 * are seen from outside, by one reader for all; the processor's time is the server's own; memory is what its process holds more
 * of while the clients are connected. nchan is left out, and that is said, where Debian's libnginx-mod-nchan is not installed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "sse_servers.h"

#define EVENT_BYTES 512
#define MARK '~' /* once in each event, and nowhere else in what a server sends */
#define SILENT_MS 20000

typedef struct {
    double deliveries_s, cpu_us, memory_kib, p50_ms, p99_ms;
} measured;

static size_t client_count, event_count, round_count;
static int *clients, watch;
static double *waits;

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void fail(const char *what)
{
    fprintf(stderr, "sse_bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

static long number_in(const char *path, const char *before)
{
    char line[512];
    long value = 0;
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, before, strlen(before)) == 0)
            value = atol(line + strlen(before));
    if (file)
        fclose(file);
    return value;
}

static double anonymous_kib(pid_t process)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)process);
    return (double)number_in(path, "Anonymous:");
}

/* User and system time. */
static double cpu_us(pid_t process)
{
    char path[64], text[1024] = "";
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    FILE *file = fopen(path, "r");
    if (!file || !fgets(text, sizeof text, file))
        fail(path);
    fclose(file);
    sscanf(strrchr(text, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return (double)(user + system) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

static int connect_to(const bench_server *server)
{
    char request[256];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    if (client < 0 || connect(client, (struct sockaddr *)&address, sizeof address) < 0)
        fail("connecting");
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n",
                          server->path);
    if (write(client, request, (size_t)length) != length)
        fail("asking for the stream");
    fcntl(client, F_SETFL, O_NONBLOCK);
    return client;
}

/* Reads what has come of one client; how many events ended in it. */
static size_t read_events(int client)
{
    char buffer[16384];
    size_t events = 0;
    for (;;) {
        ssize_t length = read(client, buffer, sizeof buffer);
        if (length == 0)
            fail("a client was disconnected");
        if (length < 0)
            return events;
        for (const char *at = buffer; (at = memchr(at, MARK, (size_t)(buffer + length - at))); at++)
            events++;
    }
}

/* Until everybody has `wanted` events more, in all; false when nothing has come for long. */
static bool read_until(size_t wanted, double began, double *times)
{
    struct epoll_event ready[512];
    for (size_t got = 0; got < wanted;) {
        int count = epoll_wait(watch, ready, 512, SILENT_MS);
        if (count == 0)
            return false;
        for (int i = 0; i < count; i++)
            for (size_t events = read_events(clients[ready[i].data.u32]); events; events--, got++)
                if (times)
                    times[got] = now_ms() - began;
    }
    return true;
}

/* Answers' heads, and whatever a server sends first. */
static void read_until_quiet(void)
{
    struct epoll_event ready[512];
    for (int count; (count = epoll_wait(watch, ready, 512, 500)) > 0;)
        for (int i = 0; i < count; i++)
            read_events(clients[ready[i].data.u32]);
}

static void connect_all(const bench_server *server)
{
    watch = epoll_create1(0);
    for (size_t i = 0; i < client_count; i++) {
        clients[i] = connect_to(server);
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        epoll_ctl(watch, EPOLL_CTL_ADD, clients[i], &event);
    }
    read_until_quiet();
}

static void disconnect_all(void)
{
    for (size_t i = 0; i < client_count; i++)
        close(clients[i]);
    close(watch);
}

static void send_events(const bench_server *server, size_t count, double *times)
{
    char event[EVENT_BYTES + 1];
    memset(event, 'x', EVENT_BYTES);
    event[0] = MARK;
    event[EVENT_BYTES] = 0;
    for (size_t i = 0; i < count; i++) {
        double began = now_ms();
        server->publish(server, event, EVENT_BYTES);
        if (!read_until(client_count, began, times ? times + i * client_count : NULL))
            fail("an event did not reach everybody");
    }
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static measured measure(const bench_kind *kind)
{
    bench_server server = {0};
    kind->start(&server);
    double memory = anonymous_kib(server.process);
    connect_all(&server);
    send_events(&server, 5, NULL);
    double held = anonymous_kib(server.process) - memory, cpu = cpu_us(server.process), began = now_ms();
    send_events(&server, event_count, waits);
    double took = now_ms() - began, deliveries = (double)(event_count * client_count);
    cpu = cpu_us(server.process) - cpu;
    disconnect_all();
    bench_server_stop(&server);
    qsort(waits, event_count * client_count, sizeof *waits, by_value);
    return (measured){deliveries / took * 1000, cpu / deliveries, held / (double)client_count,
                      waits[event_count * client_count / 2], waits[event_count * client_count * 99 / 100]};
}

static void allow_files(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < client_count + 100) {
        fprintf(stderr, "sse_bench: %zu clients need more open files than the %llu that are allowed\n", client_count,
                (unsigned long long)limit.rlim_cur);
        exit(1);
    }
}

static size_t argument(int argc, char **argv, int place, size_t fallback)
{
    return argc > place && atol(argv[place]) > 0 ? (size_t)atol(argv[place]) : fallback;
}

int main(int argc, char **argv)
{
    client_count = argument(argc, argv, 1, 10000);
    event_count = argument(argc, argv, 2, 50);
    round_count = argument(argc, argv, 3, 3);
    allow_files();
    clients = cat_calloc(client_count, sizeof *clients);
    waits = cat_calloc(client_count * event_count, sizeof *waits);
    printf("%zu clients, %zu events of %d bytes, each when the last has reached everybody, %zu rounds in turns\n\n", client_count,
           event_count, EVENT_BYTES, round_count);
    printf("| server | round | deliveries/s | CPU us a delivery | anonymous KiB a client | p50 ms | p99 ms |\n"
           "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (size_t round = 1; round <= round_count; round++)
        for (const bench_kind *kind = bench_kinds; kind->name; kind++) {
            if (kind->missing && kind->missing()) {
                printf("| %s | %zu | %s |\n", kind->name, round, kind->missing());
                continue;
            }
            measured it = measure(kind);
            printf("| %s | %zu | %.0f | %.2f | %.2f | %.1f | %.1f |\n", kind->name, round, it.deliveries_s, it.cpu_us,
                   it.memory_kib, it.p50_ms, it.p99_ms);
            fflush(stdout);
        }
    free(clients);
    free(waits);
    return 0;
}
