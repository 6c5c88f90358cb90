/* The servers that sse_bench compares, each a process of its own on a port of its own of loopback. */
#ifndef BENCH_SSE_SERVERS_H
#define BENCH_SSE_SERVERS_H

#include <stddef.h>
#include <sys/types.h>

typedef struct bench_server bench_server;
struct bench_server {
    pid_t process;
    unsigned port;
    const char *path; /* of the stream */
    int control;      /* where events are handed to the process */
    char folder[64];  /* its own, deleted when it stops; "": none */
    void (*publish)(const bench_server *server, const char *data, size_t length);
};

typedef struct {
    const char *name;
    const char *(*missing)(void); /* why it cannot run here; NULL, or answers NULL: it can */
    void (*start)(bench_server *server);
} bench_kind;
extern const bench_kind bench_kinds[]; /* ends with a NULL name */

void bench_server_stop(bench_server *server);

#endif
