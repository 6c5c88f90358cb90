/* Lines: a version, a range, another range. What is read is written back as the same; a version in both ranges means that they
 * meet. */
#include <string.h>

#include "base/memory.h"
#include "fuzz.h"
#include "wire/semver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cat_autofree char *text = cat_strndup((const char *)data, size);
    char *rest = text;
    const char *first = strsep(&rest, "\n"), *second = strsep(&rest, "\n"), *third = strsep(&rest, "\n");
    cat_semver version, again;
    cat_semver_range a, b;
    cat_error error = {0};
    bool has_version = cat_semver_parse(first, &version, &error) == 0;
    CLAIM(has_version || error.message[0]);
    if (has_version) {
        char out[CAT_SEMVER_TEXT_MAX];
        cat_semver_format(&version, out);
        if (strlen(first) < CAT_SEMVER_TEXT_MAX)
            CLAIM(strcmp(out, first) == 0 && cat_semver_parse(out, &again, NULL) == 0 &&
                  cat_semver_compare(&version, &again) == 0);
    }
    bool has_a = cat_semver_range_parse(second, &a, NULL) == 0, has_b = cat_semver_range_parse(third, &b, NULL) == 0;
    if (has_a && has_b)
        CLAIM(cat_semver_ranges_meet(&a, &b) == cat_semver_ranges_meet(&b, &a));
    if (has_version && has_a && has_b && cat_semver_range_holds(&a, &version) && cat_semver_range_holds(&b, &version))
        CLAIM(cat_semver_ranges_meet(&a, &b));
    return 0;
}
