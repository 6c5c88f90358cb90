/* Semantic Versioning 2.0 and ranges as npm and Cargo know them: ^1.4 ~1.2 1.x >=1 <2 || =1.2.3. Pure; any
 * thread. */
#ifndef CAT_WIRE_SEMVER_H
#define CAT_WIRE_SEMVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define CAT_SEMVER_TEXT_MAX 64
typedef struct {
    uint64_t major, minor, patch;
    char prerelease[40]; /* "" for none */
} cat_semver;

/* No build metadata (the contract), no leading `v`. */
int cat_semver_parse(const char *text, cat_semver *version, cat_error *error);
int cat_semver_compare(const cat_semver *a, const cat_semver *b);
void cat_semver_format(const cat_semver *version, char out[CAT_SEMVER_TEXT_MAX]);

#define CAT_SEMVER_RANGE_MAX_TERMS 16
typedef struct {
    struct {
        cat_semver from, to; /* from ≤ v < to unless the flags say otherwise */
        bool has_from, has_to, from_open, to_closed;
        bool names_prerelease; /* a comparator of this set has a prerelease: then prereleases of that version
                                  count */
        cat_semver prerelease_of;
        unsigned group; /* terms of one group all hold; groups are alternatives */
    } terms[CAT_SEMVER_RANGE_MAX_TERMS];
    unsigned count;
} cat_semver_range;
int cat_semver_range_parse(const char *text, cat_semver_range *range, cat_error *error);
bool cat_semver_range_holds(const cat_semver_range *range, const cat_semver *version);
/* Is there a version that both could hold? For explaining conflicts. */
bool cat_semver_ranges_meet(const cat_semver_range *a, const cat_semver_range *b);

#endif
