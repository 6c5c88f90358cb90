/* What Flux says of objects that the cluster does not take, and of objects that do not become healthy, in words for people. Pure;
 * any thread. */
#ifndef CAT_DOMAIN_APPLY_WORDS_H
#define CAT_DOMAIN_APPLY_WORDS_H

#include <stdbool.h>

/* The message of a Kustomization's reason ReconciliationFailed as half a sentence, which is the caller's: "Deployment web:
 * spec.replicas has to be a number, and is a string". What Kubernetes says of a field stays as it says it; how Flux came to
 * hear of it goes. At most some 400 bytes; never NULL. */
char *cat_apply_words(const char *message);
/* Whether such a message says that nobody judged the object, as the cluster, or a webhook that it asks first, gave no answer:
 * then no commit is to blame. */
bool cat_apply_is_unanswered(const char *message);
/* The message of HealthCheckFailed: "Deployment web and Job migrate are not ready after 5 minutes". NULL: names no object. */
char *cat_health_words(const char *message);
/* Whichever of both it is, by its words; NULL: neither. The caller's. */
char *cat_flux_words(const char *message);

#endif
