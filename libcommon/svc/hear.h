/* Events that every replica hears, from now on: nothing is acknowledged, and what came while it did not run is not made good, so
 * it is for those who look at everything at their start. What a connection lost is read again. (A queue whose replicas share its
 * messages is svc/consume.h.) */
#ifndef CAT_SVC_HEAR_H
#define CAT_SVC_HEAR_H

#include "net/consumer.h"

typedef struct cat_hear cat_hear;
typedef struct {
    cat_spine *spine; /* lent, as the texts are, for as long as it hears */
    const char *stream, *filter;
    const char *what; /* what is heard, for the log: "pushes" */
    /* One after the other, on a thread of its own; the message is lent. */
    void (*handle)(void *context, const cat_message *message);
    void *context;
} cat_hear_options;
cat_hear *cat_hear_start(const cat_hear_options *options);
void cat_hear_stop(cat_hear *hear); /* within about a second; NULL allowed */

#endif
