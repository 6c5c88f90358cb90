/* Volumes that are larger than Git says: grown by hand, or kept from an Application that had more. Kubernetes makes no volume
 * smaller, so it refuses Flux the claim, and Flux applies nothing of that Kustomization. environment-controller then has Flux
 * leave the claim as it is, and the rest goes on. Pure; any thread.
 *
 *     char namespace[CAT_VOLUME_NAME_MAX], name[CAT_VOLUME_NAME_MAX];
 *     if (cat_volume_refused(message_of_ready, namespace, name)) … */
#ifndef CAT_DOMAIN_VOLUME_GROWTH_H
#define CAT_DOMAIN_VOLUME_GROWTH_H

#include <stdbool.h>

#define CAT_VOLUME_NAME_MAX 254 /* with its end: a DNS subdomain */

/* Which claim Flux was refused for its size, by the message of a Kustomization's Ready; false: it is about something else. */
bool cat_volume_refused(const char *message, char namespace[CAT_VOLUME_NAME_MAX], char name[CAT_VOLUME_NAME_MAX]);

#endif
