/* Events and audit records on the spine, as CloudEvents. Any thread. */
#ifndef CAT_SVC_EVENTS_H
#define CAT_SVC_EVENTS_H

#include "domain/access.h"
#include "net/publisher.h"
#include "wire/cloudevent.h"
#include "wire/trace.h"

/* Publishes and waits until it is stored. */
int cat_event_publish(cat_spine *spine, const char *subject, const cat_cloudevent *event, const cat_trace *trace, cat_error *error);
/* Pipelined. */
int cat_event_send(cat_publisher *publisher, const char *subject, const cat_cloudevent *event, const cat_trace *trace, cat_error *error);

/* Who did what, when, from where, with what result: stored before the caller answers. `id` makes a repeat one record. */
typedef struct {
    const char *service, *id, *what, *object, *organization, *environment, *operation, *result, *from;
    int64_t count; /* how many like it there were in this hour, for what is not recorded singly; 0: it stands for itself */
    const cat_principal *who;
} cat_audit;
int cat_audit_write(cat_spine *spine, const cat_audit *audit, cat_error *error);

#endif
