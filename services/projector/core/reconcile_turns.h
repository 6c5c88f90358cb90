/* Asking Flux to look now: which GitRepository is asked next, so that one is asked at most once a second and a vcluster at most
 * 20 times a second. A second wish for the same one while the first waits is the same wish: what is asked for is the newest
 * commit. Pure: time comes in. Belongs to one lock. */
#ifndef PROJECTOR_RECONCILE_TURNS_H
#define PROJECTOR_RECONCILE_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASK_EVERY_MS 1000
#define ASK_CLUSTER_PER_SECOND 20
#define ASK_WAITING_MAX 100000

typedef struct prj_reconcile_turns_schedule prj_reconcile_turns_schedule;
typedef struct {
    char *cluster;      /* vcluster; "": the management cluster */
    char *organization; /* whose vcluster */
    char *namespace, *name;
    int64_t wished_ms; /* of the first wish */
    unsigned attempts;
    bool quiet; /* environment-controller is to look, and Flux not yet */
} prj_reconcile_turns_target;

prj_reconcile_turns_schedule *prj_reconcile_turns_schedule_create(void);
void prj_reconcile_turns_schedule_destroy(prj_reconcile_turns_schedule *schedule);
/* false: too many wait already. */
bool prj_reconcile_turns_add(prj_reconcile_turns_schedule *schedule, const prj_reconcile_turns_target *wish); /* copied */
/* A target that may be asked now: the caller's, given back with prj_reconcile_turns_done; its cluster has nothing else under way.
 * NULL:
 * `*wait_ms` until one may (-1: none waits). */
prj_reconcile_turns_target *prj_reconcile_turns_next(prj_reconcile_turns_schedule *schedule, int64_t now_ms, int64_t *wait_ms);
/* `again`: it did not work, and is wished for again. */
void prj_reconcile_turns_done(prj_reconcile_turns_schedule *schedule, prj_reconcile_turns_target *target, int64_t now_ms,
                              bool again);
size_t prj_reconcile_turns_waiting(const prj_reconcile_turns_schedule *schedule);

#endif
