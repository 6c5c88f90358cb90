#ifndef PROJECTOR_STREAM_INTERNAL_H
#define PROJECTOR_STREAM_INTERNAL_H

#include <pthread.h>

#include "net/sse.h"
#include "views/stream.h"
#include "views/stream_seats.h"

#define STREAM_RESUME_ROWS_MAX 2000
#define STREAM_SNAPSHOT_MAX_BYTES (256u * 1024 * 1024)
#define STREAM_ID_MAX (STREAM_ENVIRONMENTS_MAX * 112)

typedef struct prj_stream_group prj_stream_group;
typedef struct {
    prj_stream_group *group;
    cat_sse *sse;
    int64_t expires_ms;
    bool (*holds)(void *rights);
    void (*finish)(void *rights);
    void *rights;
    char *person, *organization; /* whose seat it has; NULL: nobody's */
    size_t at;                   /* where it stands in its list */
    bool broken;                 /* in the list of those who wait for a snapshot */
} prj_stream_client;

struct prj_stream_group {
    prj_streams *all;
    char *key, *scope;
    unsigned env_types;
    bool secrets;
    prj_view **seen; /* sorted by Environment: the order in which they are locked */
    size_t count;
    prj_view_listener listener;
    unsigned users; /* under streams.lock: joins that are under way */

    pthread_mutex_t lock; /* of the rest; taken after the views' locks */
    uint64_t revisions[STREAM_ENVIRONMENTS_MAX];
    char incarnations[STREAM_ENVIRONMENTS_MAX][40];
    cat_sse_frame *snapshot[STREAM_ENVIRONMENTS_MAX]; /* as of `revisions`; NULL: to be made */
    prj_stream_client **clients;
    cat_sse **streams; /* beside clients */
    bool *full;
    size_t client_count, client_capacity;
    prj_stream_client **broken;
    size_t broken_count, broken_capacity;
};

struct prj_streams {
    prj_views *views;
    cat_metric *clients;
    prj_stream_seats *seats;
    pthread_mutex_t lock; /* of groups; taken before everything else */
    cat_map *groups;
    pthread_t thread;
    pthread_mutex_t wake_lock; /* taken last */
    pthread_cond_t wake;
    bool woken, stopping;
};

/* stream_frame.c: with the views' and the group's lock. */
bool prj_stream_sees(const prj_stream_group *group, const prj_view *seen, const prj_view_row *row);
void prj_stream_id_format(const prj_stream_group *group, char id[STREAM_ID_MAX]);
cat_sse_frame *prj_stream_frame_of_row(const prj_stream_group *group, const prj_view *seen, const prj_view_row *row,
                                       const char *id);
/* Frames for a client that comes or whose queue overflowed: the caller unrefs each and frees the array. */
cat_sse_frame **prj_stream_frames_of_start(prj_stream_group *group, const char *last_event_id, size_t *count);

#endif
