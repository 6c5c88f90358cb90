/* What versions and ranges share. */
#ifndef CAT_WIRE_SEMVER_INTERNAL_H
#define CAT_WIRE_SEMVER_INTERNAL_H

#include <stddef.h>

#include "wire/semver.h"

/* A version whose prerelease lies elsewhere: ranges keep all of theirs in one text. */
typedef struct {
    uint64_t major, minor, patch;
    const char *prerelease; /* "" for none */
} semver_parts;

/* Both scan from `at` and answer where they stopped; NULL when nothing of the kind stands there. Identifiers have dots between
 * and no leading zero in a number; they are copied to `out` of `size` bytes, and what does not fit is NULL too. */
const char *semver_scan_number(const char *at, uint64_t *number);
const char *semver_scan_prerelease(const char *at, char *out, size_t size);

semver_parts semver_parts_of(const cat_semver *version);
int semver_parts_compare(semver_parts a, semver_parts b);
static inline bool semver_parts_same_numbers(semver_parts a, semver_parts b)
{
    return a.major == b.major && a.minor == b.minor && a.patch == b.patch;
}

#endif
