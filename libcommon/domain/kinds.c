#include "domain/kinds.h"

#include <stdio.h>
#include <string.h>

#include "domain/object_status_internal.h"

#define ROW(constant, token, group, version, kind, plural, namespaced, vcluster, management, rule, voice, part)                  \
    [CAT_KIND_##constant] = {token,                                                                                              \
                             {group, version, kind, plural, namespaced},                                                         \
                             CAT_WATCH_##vcluster,                                                                               \
                             CAT_WATCH_##management,                                                                             \
                             status_of_##rule,                                                                                   \
                             CAT_VOICE_##voice,                                                                                  \
                             CAT_PART_##part},
static const cat_kind_row KINDS[CAT_KIND_COUNT] = {[CAT_KIND_OTHER] = {.token = "", .rule = status_of_conditions},
                                                   CAT_KINDS(ROW)};
#undef ROW

/* Groups of which every kind says its state alike, also those that nobody here knows by name. */
static const struct {
    const char *group;
    cat_status_rule rule;
} GROUPS[] = {{"kustomize.toolkit.fluxcd.io", status_of_flux},
              {"source.toolkit.fluxcd.io", status_of_flux},
              {"helm.toolkit.fluxcd.io", status_of_flux},
              {"external-secrets.io", status_of_external_secret},
              {CAT_GROUP, status_of_catalyst}};

const cat_kind_row *cat_kind_get(cat_kind kind)
{
    return &KINDS[kind];
}

cat_kind cat_kind_of_token(cat_slice token)
{
    for (int kind = CAT_KIND_OTHER + 1; kind < CAT_KIND_COUNT; kind++)
        if (cat_slice_equal_text(token, KINDS[kind].token))
            return (cat_kind)kind;
    return CAT_KIND_OTHER;
}

bool cat_kind_is(const char *token, cat_kind kind)
{
    return strcmp(token, KINDS[kind].token) == 0;
}

bool cat_kind_has_key(cat_kind kind, const char *key)
{
    size_t length = strlen(KINDS[kind].token);
    return strncmp(key, KINDS[kind].token, length) == 0 && key[length] == '.';
}

void cat_kind_filter(cat_kind kind, char filter[CAT_KEY_MAX])
{
    snprintf(filter, CAT_KEY_MAX, "%s.>", KINDS[kind].token);
}

static cat_kind find(const char *group, const char *kind)
{
    for (int at = CAT_KIND_OTHER + 1; at < CAT_KIND_COUNT; at++) {
        const cat_resource *resource = &KINDS[at].resource;
        if (resource->kind && strcmp(resource->kind, kind) == 0 && strcmp(resource->group, group ? group : "") == 0)
            return (cat_kind)at;
    }
    return CAT_KIND_OTHER;
}

cat_status_rule cat_kind_rule(const char *group, const char *kind)
{
    cat_kind known = find(group, kind);
    for (size_t i = 0; known == CAT_KIND_OTHER && i < sizeof GROUPS / sizeof *GROUPS; i++)
        if (strcmp(GROUPS[i].group, group) == 0)
            return GROUPS[i].rule;
    return KINDS[known].rule;
}

const cat_resource *cat_resource_find(const char *group, const char *kind)
{
    cat_kind known = find(group, kind);
    return known == CAT_KIND_OTHER ? NULL : &KINDS[known].resource;
}
