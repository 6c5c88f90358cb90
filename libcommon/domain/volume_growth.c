#include "domain/volume_growth.h"

#include <string.h>

/* "PersistentVolumeClaim/blog-dev/blog-data dry-run failed (Invalid): PersistentVolumeClaim "blog-data" is invalid:
 * spec.resources.requests.storage: Forbidden: field can not be less than status.capacity" (fluxcd/pkg ssa, DryRunErr; Kubernetes
 * pkg/apis/core/validation, ValidatePersistentVolumeClaimUpdate; "than previous value" before 1.32). */
static bool take(const char **at, const char *expected)
{
    size_t length = strlen(expected);
    if (strncmp(*at, expected, length) != 0)
        return false;
    *at += length;
    return true;
}

static bool take_name(const char **at, char name[CAT_VOLUME_NAME_MAX])
{
    size_t length = strspn(*at, "abcdefghijklmnopqrstuvwxyz0123456789.-");
    if (length == 0 || length >= CAT_VOLUME_NAME_MAX)
        return false;
    memcpy(name, *at, length);
    name[length] = '\0';
    *at += length;
    return true;
}

bool cat_volume_refused(const char *message, char namespace[CAT_VOLUME_NAME_MAX], char name[CAT_VOLUME_NAME_MAX])
{
    const char *at = message ? strstr(message, "PersistentVolumeClaim/") : NULL;
    return at && take(&at, "PersistentVolumeClaim/") && take_name(&at, namespace) && take(&at, "/") && take_name(&at, name) &&
           take(&at, " dry-run failed") && strstr(at, "spec.resources.requests.storage: Forbidden: field can not be less than ");
}
