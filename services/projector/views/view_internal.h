/* What one view and the table of views share. */
#ifndef PROJECTOR_VIEW_INTERNAL_H
#define PROJECTOR_VIEW_INTERNAL_H

#include <pthread.h>

#include "views/view.h"
#include "wire/subjects.h"

struct prj_view {
    prj_views *all;
    char *organization, *environment;
    char bucket[CAT_SUBJECT_MAX];
    cat_spine *spine;
    cat_kv_watch *watch;
    cat_metric *latency;

    pthread_rwlock_t lock; /* of the next group */
    cat_map *rows;
    uint64_t revision;
    char incarnation[40];
    bool ready;
    const prj_view_listener **listeners;
    size_t listener_count;

    /* The watch's thread alone. */
    bool was_ready;
    prj_view_row **pending;
    size_t pending_count, pending_capacity, borders;
    uint64_t batch_end;

    /* Under views.lock. */
    unsigned users;
    bool whole, opening;
    int64_t idle_since_ms;
};

struct prj_views {
    prj_views_options options;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    cat_map *open;    /* environment → view */
    cat_map *opening; /* environments that somebody is opening now */
    cat_metric *held;
};

prj_view_row *prj_view_row_make(const cat_kv_entry *entry); /* NULL: no key of a row */
int prj_view_open(prj_view *seen, cat_error *error);
void prj_view_close(prj_view *seen);

#endif
