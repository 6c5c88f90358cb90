#include "core/plan_kinds.h"

#include <stdio.h>
#include <string.h>

static bool put(char *to, size_t size, cat_view definition, const char *path)
{
    int length = snprintf(to, size, "%s", cat_view_text_or(definition, path, ""));
    return length > 0 && (size_t)length < size;
}

bool ec_claim_of(cat_view definition, ec_claim *claim)
{
    ec_claim found = {0};
    if (!put(found.group, sizeof found.group, definition, "spec.group") ||
        !put(found.kind, sizeof found.kind, definition, "spec.claimNames.kind") ||
        !put(found.plural, sizeof found.plural, definition, "spec.claimNames.plural"))
        return false;
    cat_view version;
    cat_view_iterator each = cat_view_each(cat_view_get(definition, "spec.versions"));
    while (cat_view_next(&each, NULL, &version)) {
        if (!cat_view_bool_or(version, "served", false))
            continue;
        bool referred = cat_view_bool_or(version, "referenceable", false);
        if ((referred || !found.version[0]) && !put(found.version, sizeof found.version, version, "name"))
            return false;
        if (referred)
            break;
    }
    if (!found.version[0])
        return false;
    *claim = found;
    return true;
}

ec_kind_next ec_kind_decide(const ec_kind_state *state)
{
    /* A definition takes its objects along. While it is there, they are: also when no XRD offers them any more. */
    if (state->gone)
        return EC_KIND_END;
    if (!state->watched)
        return !state->wanted ? EC_KIND_FORGET : state->served ? EC_KIND_START : EC_KIND_KEEP;
    return state->failed && state->moved ? EC_KIND_RENEW : EC_KIND_KEEP;
}
