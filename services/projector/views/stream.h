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

typedef struct streams streams;
struct stream_seats;
/* metrics may be NULL; `seats` (taken) NULL: no cap */
streams *streams_create(views *all, struct stream_seats *seats, cat_metrics *metrics);
void streams_destroy(streams *all); /* after the server has stopped */

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
    void *rights;                 /* the client's when streams_join succeeds */
    const char *last_event_id;    /* NULL: none */
} stream_request;
/* Turns `reply` into the stream. Waits until the views are whole. CAT_E_LIMIT. */
int streams_join(streams *all, cat_reply *reply, const stream_request *request, cat_error *error);
size_t streams_clients(streams *all);

/* The part of a last event id that is about `environment`; false when it says nothing of it. */
bool stream_id_find(const char *id, const char *environment, char incarnation[40], uint64_t *revision);

#endif
