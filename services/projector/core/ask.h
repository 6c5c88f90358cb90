/* Asking Flux to look now: which GitRepository is asked next, so that one is asked at most once a second and a vcluster at most
 * 20 times a second. A second wish for the same one while the first waits is the same wish: what is asked for is the newest
 * commit. Pure: time comes in. Belongs to one lock. */
#ifndef PROJECTOR_ASK_H
#define PROJECTOR_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASK_EVERY_MS 1000
#define ASK_CLUSTER_PER_SECOND 20
#define ASK_WAITING_MAX 100000

typedef struct ask_schedule ask_schedule;
typedef struct {
    char *cluster;      /* vcluster; "": the management cluster */
    char *organization; /* whose vcluster */
    char *namespace, *name;
    int64_t wished_ms; /* of the first wish */
    unsigned attempts;
    bool quiet; /* environment-controller is to look, and Flux not yet */
} ask_target;

ask_schedule *ask_schedule_create(void);
void ask_schedule_destroy(ask_schedule *schedule);
/* false: too many wait already. */
bool ask_add(ask_schedule *schedule, const ask_target *wish); /* copied */
/* A target that may be asked now: the caller's, given back with ask_done; its cluster has nothing else under way. NULL:
 * `*wait_ms` until one may (-1: none waits). */
ask_target *ask_next(ask_schedule *schedule, int64_t now_ms, int64_t *wait_ms);
/* `again`: it did not work, and is wished for again. */
void ask_done(ask_schedule *schedule, ask_target *target, int64_t now_ms, bool again);
size_t ask_waiting(const ask_schedule *schedule);

#endif
