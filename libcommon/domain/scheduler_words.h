/* Why no node takes a Pod, in words for people: from what the scheduler says in the condition PodScheduled. Pure; any thread.
 *
 *     cat_scheduler_words words;
 *     cat_scheduler_words_of("0/3 nodes are available: 2 Insufficient cpu, 1 node(s) were unschedulable. preemption: …",
 *                            &requests, &words);
 *     // cause: "2 of 3 nodes have not enough CPU free (it asks for 500m), 1 is closed for new pods" */
#ifndef CAT_DOMAIN_SCHEDULER_WORDS_H
#define CAT_DOMAIN_SCHEDULER_WORDS_H

#include "wire/kubernetes_requests.h"

typedef struct {
    char cause[320]; /* the rest of a sentence, without a full stop; never "" */
    char next[200];  /* what to do about the reason of most nodes */
} cat_scheduler_words;

/* `asked`: what the Pod asks for; 0 where it is not known. A reason that is not known here is told as "another reason": what
 * plugins write is not for people. */
void cat_scheduler_words_of(const char *message, const cat_pod_requests *asked, cat_scheduler_words *words);

#endif
