/* Event streams: clients that look at the same Environments with the same eyes form a group, and share each frame. Any thread.
 *
 * What a client gets: a snapshot of each Environment (or, when it resumes, only what came after), then rows and deletes in
 * revision order, each with the revisions of all its Environments as id. A client whose queue is full gets whole snapshots
 * instead, made by the streams' own thread, which also ends streams whose token has expired or whose rights no longer hold.
 */
#ifndef PROJECTOR_STREAM_H
#define PROJECTOR_STREAM_H

#include "net/http_server.h"
#include "views/view.h"

#define STREAM_ENVIRONMENTS_MAX 32

#define STREAM_RIGHTS_MS 5000 /* how often each stream's rights are asked again */

typedef struct prj_streams prj_streams;
struct prj_stream_seats;
/* metrics may be NULL; `seats` (taken) NULL: no cap */
prj_streams *prj_streams_create(prj_views *all, struct prj_stream_seats *seats, cat_metrics *metrics);
void prj_streams_destroy(prj_streams *all); /* after the server has stopped */

typedef struct {
    const char *organization;        /* of the Environments */
    const char *person;              /* whose seat it takes; NULL: nobody's */
    const char *scope;               /* whose rows of "_" may be seen; "*": everybody's */
    const cat_strings *environments; /* sorted, each once; "_" for catalyst-state */
    unsigned env_types;              /* rows of "_" that name Environments of these types alone */
    bool secrets;                    /* rows of Secrets, too */
    int64_t expires_ms;              /* wall clock */
    /* Is what the client was let in with still so? Asked on the streams' thread, and quick. NULL: nothing but the time ends it.
     */
    bool (*holds)(void *rights);
    void (*finish)(void *rights); /* once, when the client has gone */
    void *rights;                 /* the client's when prj_streams_join succeeds */
    const char *last_event_id;    /* NULL: none */
} prj_stream_request;
/* Turns `reply` into the stream. Waits until the views are whole. CAT_E_LIMIT. */
int prj_streams_join(prj_streams *all, cat_reply *reply, const prj_stream_request *request, cat_error *error);
size_t prj_streams_clients(prj_streams *all);

/* The part of a last event id that is about `environment`; false when it says nothing of it. */
bool prj_stream_id_find(const char *id, const char *environment, char incarnation[40], uint64_t *revision);

#endif
