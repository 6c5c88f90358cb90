/* Volumes that are larger than Git says (domain/volume_growth.h): Flux is kept from the claim alone, so that all else of the
 * Application goes on. Pure.
 *
 * Only Flux knows what Git says, as it builds the tree: what it was refused for is therefore what decides, for each commit anew.
 * A claim that was refused gets Flux's own annotation for objects that it shall not touch, and CAT_ANNOTATION_LARGER with the
 * commit, which people's screens explain; the next commit takes both off first, so that growing it in Git works, and is refused
 * once more where Git still says less. Nothing is looked at for an Application of which no claim was refused. */
#ifndef EC_PLAN_VOLUMES_H
#define EC_PLAN_VOLUMES_H

#include <stdint.h>

#include "core/plan.h"

/* On a Kustomization: the claims that Flux is kept from, by name, with spaces between. "" is none. */
#define EC_ANNOTATION_LEFT "openova.io/left-as-they-are"

/* Gives claims back to Flux that it was kept from for another commit than this. The caller gets the names for EC_ANNOTATION_LEFT:
 * those that Flux is or shall be kept from, and those whose annotations are being taken off; NULL where the annotation is not to
 * be written. `kustomization` NULL: there is none yet. */
char *ec_volumes_release(ec_plan *plan, const ec_observed *observed, const char *cluster, const json_t *kustomization,
                         const char *commit);
/* Keeps Flux from what it was refused at this commit, and has it try again. To be planned after the Kustomization is applied with
 * what ec_volumes_release said. */
void ec_volumes_keep(ec_plan *plan, const ec_observed *observed, const char *cluster, const json_t *kustomization,
                     const char *commit, int64_t now_s);
/* Gives all of them back to Flux, which is about to remove them, or leaves them by their own rules. */
void ec_volumes_release_all(ec_plan *plan, const ec_observed *observed, const char *cluster, const json_t *kustomization);

#endif
