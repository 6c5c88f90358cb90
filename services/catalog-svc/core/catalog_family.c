/* Versions of one Blueprint. */
#include "core/catalog_internal.h"

const ctg_version *ctg_newest(const ctg_family *family)
{
    for (size_t i = 0; i < family->count; i++)
        if (!family->versions[i].semver.prerelease[0])
            return &family->versions[i];
    return family->count ? &family->versions[0] : NULL;
}
