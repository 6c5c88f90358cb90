/* Flux looks at Git every few minutes; whoever knows that there is something to see asks it to look now. Any thread. A question
 * blocks as any call of the Kubernetes API does, and changes nothing but one annotation. */
#ifndef CAT_SVC_FLUX_H
#define CAT_SVC_FLUX_H

#include "net/kube.h"

/* Asks Flux to look at what the GitRepository names. CAT_E_NOT_FOUND where there is none of this name. */
int cat_flux_ask(cat_kube *kube, const char *namespace, const char *name, cat_error *error);
/* Says beside it that something was pushed, for environment-controller alone: Flux does not hear it (docs/seams.md). */
int cat_flux_tell_pushed(cat_kube *kube, const char *namespace, const char *name, cat_error *error);

/* Pure: what is sent. The caller's. */
json_t *cat_flux_patch(const char *annotation, int64_t wall_ms);

#endif
