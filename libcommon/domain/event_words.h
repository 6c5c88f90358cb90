/* What an Event of Kubernetes says, in words for people. Its own text is that of a program: with addresses of pods and services,
 * with what the container runtime answered, with ids. Pure; any thread.
 *
 *     cat_event_words words;
 *     cat_event_words_of("FailedScheduling", "0/1 nodes are available: 1 Insufficient cpu. preemption: …", &words);
 *     // message: "no node takes it: 1 of 1 nodes has not enough CPU free", next: "Ask for less CPU, or add nodes" */
#ifndef CAT_DOMAIN_EVENT_WORDS_H
#define CAT_DOMAIN_EVENT_WORDS_H

#include <stdbool.h>

typedef struct {
    char message[400]; /* about the object that the Event is about; without a full stop; never "" */
    char next[200];    /* what to do; "": nothing is known to help, or nothing is wrong */
    bool unanswered;   /* nobody judged the object: no commit is to blame */
} cat_event_words;

/* Either text may be "". Of a reason that is not known here the first line stays, unless it speaks of addresses. */
void cat_event_words_of(const char *reason, const char *message, cat_event_words *words);

/* Whether a text of a program names an address that is nobody's business: of a Pod, a Service, a webhook, a registry's parts. */
bool cat_text_has_address(const char *text);

#endif
