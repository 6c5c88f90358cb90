/* Semantic Versioning 2.0, and ranges as npm's node-semver 7 reads them: ^1.4 ~1.2 1.x >=1 <2 || 1.2.3-rc.1 - 2. Pure; any
 * thread. */
#ifndef CAT_WIRE_SEMVER_H
#define CAT_WIRE_SEMVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Semver sets no length. npm's MAX_LENGTH is what registries and peers hold people to, so a version and a range have at most as
 * many characters here. The shortest version with a prerelease begins with "0.0.0-". */
#define CAT_SEMVER_MAX_CHARACTERS 256
#define CAT_SEMVER_TEXT_MAX (CAT_SEMVER_MAX_CHARACTERS + 1)
#define CAT_SEMVER_PRERELEASE_MAX (CAT_SEMVER_TEXT_MAX - 6)
typedef struct {
    uint64_t major, minor, patch;
    char prerelease[CAT_SEMVER_PRERELEASE_MAX]; /* "" for none */
} cat_semver;

/* No build metadata (the contract), no leading `v`. */
int cat_semver_parse(const char *text, cat_semver *version, cat_error *error);
int cat_semver_compare(const cat_semver *a, const cat_semver *b);
void cat_semver_format(const cat_semver *version, char out[CAT_SEMVER_TEXT_MAX]);

/* A range is alternatives ("||"), each a set of comparators that all hold. What people write (`^1.4`, `1.x`, `1 - 2`) is at most
 * two comparators each. */
#define CAT_SEMVER_RANGE_MAX_TERMS 16
typedef struct {
    struct {
        uint64_t major, minor, patch;
        uint16_t prerelease; /* where its text begins in `prereleases` */
        uint8_t relation, alternative;
    } comparators[2 * CAT_SEMVER_RANGE_MAX_TERMS];
    unsigned count, alternatives;
    bool any; /* "*", alone or as an alternative: every release, and as with npm no prerelease whatever else is named */
    char prereleases[CAT_SEMVER_TEXT_MAX + 4];
} cat_semver_range;
/* Takes what npm takes, and as Cargo does a comma for "and". */
int cat_semver_range_parse(const char *text, cat_semver_range *range, cat_error *error);
/* A prerelease is held only where a comparator of the same alternative names a prerelease of the same major.minor.patch. */
bool cat_semver_range_holds(const cat_semver_range *range, const cat_semver *version);
/* Is there a version that both could hold? For explaining conflicts. */
bool cat_semver_ranges_meet(const cat_semver_range *a, const cat_semver_range *b);

#endif
