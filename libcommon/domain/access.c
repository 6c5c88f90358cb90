#include "domain/access.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define MAX_GROUPS 1000

static const char *const action_names[CAT_ACTION_COUNT] = {
    "read", "write", "propose", "manage", "onboard", "read-money", "read-policy", "write-policy", "read-audit", "read-secrets"};

const char *cat_action_name(cat_action action)
{
    return action < CAT_ACTION_COUNT ? action_names[action] : "unknown";
}

static const char *const action_words[CAT_ACTION_COUNT] = {
    "reading",
    "changing",
    "proposing a change in",
    "managing",
    "onboarding",
    "seeing usage and cost of",
    "seeing policies of",
    "changing policies of",
    "seeing the audit trail of",
    "seeing secrets of"};

#define BIT(action) (1u << (action))
#define ALL (BIT(CAT_ACTION_COUNT) - 1)
#define ALL_OF_ONE_ORGANIZATION (ALL & ~BIT(CAT_ACTION_ONBOARD))
#define ALL_BUT_SECRETS (ALL & ~BIT(CAT_ACTION_READ_SECRETS))
#define READING (BIT(CAT_ACTION_READ) | BIT(CAT_ACTION_READ_SECRETS))
#define SECURITY                                                                                                                 \
    (BIT(CAT_ACTION_READ_POLICY) | BIT(CAT_ACTION_WRITE_POLICY) | BIT(CAT_ACTION_READ_AUDIT) | BIT(CAT_ACTION_READ_SECRETS))

/* The whole of authorization. `everywhere` is what the role may do in any Environment that it is given for and, given for all,
 * for the Organization itself; `dev_and_stg` what it may do besides in Environments of these types. `sovereign`: given in
 * `system` the role reaches every Organization; `system_only`: given elsewhere it is worth nothing. */
static const struct {
    const char *role;
    unsigned everywhere, dev_and_stg;
    bool sovereign, system_only;
} table[CAT_ROLE_COUNT] = {
    {"org-viewer", READING, 0, false, false},
    {"org-developer", READING | BIT(CAT_ACTION_PROPOSE), BIT(CAT_ACTION_WRITE), false, false},
    {"org-admin", ALL_OF_ONE_ORGANIZATION, 0, false, false},
    {"security-officer", SECURITY, 0, true, false},
    {"billing-admin", BIT(CAT_ACTION_READ_MONEY), 0, true, false},
    {"sovereign-admin", ALL_BUT_SECRETS, 0, true, true},
};

const char *cat_role_name(unsigned role)
{
    return role < CAT_ROLE_COUNT ? table[role].role : NULL;
}

/* --- groups --- */

static bool is_of_system(const char *organization)
{
    return strcmp(organization, CAT_ORGANIZATION_SYSTEM) == 0;
}

/* The next part of a path into `part`; false when it is empty or too long. */
static bool take_part(const char **at, char *part, size_t size)
{
    size_t length = strcspn(*at, "/");
    if (length == 0 || length >= size)
        return false;
    memcpy(part, *at, length);
    part[length] = '\0';
    *at += length;
    return true;
}

static bool find_role(const char *name, const char *organization, unsigned *role)
{
    bool of_system = is_of_system(organization);
    for (unsigned i = 0; i < CAT_ROLE_COUNT; i++)
        if (strcmp(table[i].role, name) == 0 && (of_system ? table[i].sovereign : !table[i].system_only)) {
            *role = i;
            return true;
        }
    return false;
}

bool cat_membership_parse(const char *group, cat_membership *membership)
{
    cat_membership found = {0};
    char role[32];
    const char *at = group + 1;
    if (group[0] != '/' || !take_part(&at, found.organization, sizeof found.organization) || *at++ != '/' ||
        !take_part(&at, role, sizeof role))
        return false;
    if (!is_of_system(found.organization) && cat_name_check_organization(found.organization, NULL) < 0)
        return false;
    if (*at == '/') {
        at++;
        if (!take_part(&at, found.env_type, sizeof found.env_type) || !cat_env_type_is(found.env_type))
            return false;
    }
    if (*at || !find_role(role, found.organization, &found.role))
        return false;
    *membership = found;
    return true;
}

void cat_membership_format(const cat_membership *membership, char group[CAT_GROUP_MAX])
{
    snprintf(group, CAT_GROUP_MAX, "/%s/%s%s%s", membership->organization, table[membership->role].role,
             membership->env_type[0] ? "/" : "", membership->env_type);
}

/* --- principals --- */

static int take_text(const json_t *claims, const char *name, bool needed, char **out, cat_error *error)
{
    const json_t *value = json_object_get(claims, name);
    if (!value && !needed)
        return 0;
    if (!json_is_string(value) || (needed && json_string_length(value) == 0))
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token's claim %s is missing or no text", name);
    *out = cat_strdup(json_string_value(value));
    return 0;
}

static int take_groups(const json_t *claims, cat_principal *out, cat_error *error)
{
    const json_t *list = json_object_get(claims, "groups");
    if (!list) /* an identity provider may leave out what is empty */
        return 0;
    if (!json_is_array(list) || json_array_size(list) > MAX_GROUPS)
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token's claim groups is no list, or one of more than %d",
                             MAX_GROUPS);
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item)
    {
        cat_membership membership;
        if (!json_is_string(item))
            return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token's claim groups holds something that is no text");
        const char *group = json_string_value(item);
        if (strlen(group) == json_string_length(item) && cat_membership_parse(group, &membership))
            cat_principal_add(out, &membership);
    }
    return 0;
}

static int take_time(const json_t *claims, const char *name, bool needed, int64_t *ms, cat_error *error)
{
    const json_t *value = json_object_get(claims, name);
    double seconds = json_number_value(value);
    if (!value && !needed)
        return 0;
    if (!json_is_number(value) || seconds < 0 || seconds > 1e12)
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token's claim %s is missing or no time", name);
    *ms = (int64_t)(seconds * 1000);
    return 0;
}

static int take_all(const json_t *claims, cat_principal *out, cat_error *error)
{
    const struct {
        const char *name;
        bool needed;
        char **out;
    } texts[] = {{"preferred_username", true, &out->user},
                 {"sub", true, &out->subject},
                 {"name", false, &out->display_name},
                 {"email", false, &out->email}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        int code = take_text(claims, texts[i].name, texts[i].needed, texts[i].out, error);
        if (code < 0)
            return code;
    }
    int code = take_groups(claims, out, error);
    if (code == 0)
        code = take_time(claims, "iat", false, &out->issued_ms, error);
    return code < 0 ? code : take_time(claims, "exp", true, &out->expires_ms, error);
}

int cat_principal_from_claims(const json_t *claims, cat_principal *principal, cat_error *error)
{
    cat_auto(cat_principal) found = {0};
    int code = take_all(claims, &found, error);
    if (code < 0)
        return code;
    *principal = found;
    found = (cat_principal){0};
    return 0;
}

static bool is_same(const cat_membership *one, const cat_membership *other)
{
    return one->role == other->role && strcmp(one->organization, other->organization) == 0 &&
           strcmp(one->env_type, other->env_type) == 0;
}

void cat_principal_add(cat_principal *principal, const cat_membership *membership)
{
    for (size_t i = 0; i < principal->membership_count; i++)
        if (is_same(&principal->memberships[i], membership))
            return;
    principal->memberships =
        cat_realloc(principal->memberships, (principal->membership_count + 1) * sizeof *principal->memberships);
    principal->memberships[principal->membership_count++] = *membership;
}

void cat_principal_copy(cat_principal *to, const cat_principal *from)
{
    *to = (cat_principal){.user = from->user ? cat_strdup(from->user) : NULL,
                          .subject = from->subject ? cat_strdup(from->subject) : NULL,
                          .display_name = from->display_name ? cat_strdup(from->display_name) : NULL,
                          .email = from->email ? cat_strdup(from->email) : NULL,
                          .issued_ms = from->issued_ms,
                          .expires_ms = from->expires_ms};
    for (size_t i = 0; i < from->membership_count; i++)
        cat_principal_add(to, &from->memberships[i]);
}

void cat_principal_finish(cat_principal *principal)
{
    free(principal->user);
    free(principal->subject);
    free(principal->display_name);
    free(principal->email);
    free(principal->memberships);
    *principal = (cat_principal){0};
}

bool cat_principal_is_member(const cat_principal *principal, const char *organization)
{
    for (size_t i = 0; i < principal->membership_count; i++)
        if (strcmp(principal->memberships[i].organization, organization) == 0)
            return true;
    return false;
}

void cat_principal_organizations(const cat_principal *principal, cat_strings *organizations)
{
    for (size_t i = 0; i < principal->membership_count; i++)
        if (!cat_strings_has(organizations, principal->memberships[i].organization))
            cat_strings_add(organizations, principal->memberships[i].organization);
    cat_strings_sort(organizations);
}

/* Does anything of this Organization exist for who has this membership? */
static bool reaches(const cat_membership *membership, const char *organization)
{
    return strcmp(membership->organization, organization) == 0 ||
           (is_of_system(membership->organization) && table[membership->role].sovereign);
}

void cat_principal_roles(const cat_principal *principal, const char *organization, cat_strings *roles)
{
    for (size_t i = 0; i < principal->membership_count; i++) {
        const cat_membership *membership = &principal->memberships[i];
        char name[CAT_GROUP_MAX];
        snprintf(name, sizeof name, "%s%s%s", table[membership->role].role, membership->env_type[0] ? "/" : "",
                 membership->env_type);
        if (reaches(membership, organization) && !cat_strings_has(roles, name))
            cat_strings_add(roles, name);
    }
    cat_strings_sort(roles);
}

bool cat_principal_reaches(const cat_principal *principal, const char *organization)
{
    for (size_t i = 0; i < principal->membership_count; i++)
        if (reaches(&principal->memberships[i], organization))
            return true;
    return false;
}

int cat_principal_choose(const cat_principal *principal, const char *asked, const char **organization, cat_error *error)
{
    if (principal->membership_count == 0)
        return cat_error_set(error, CAT_E_FORBIDDEN,
                             "%s belongs to no Organization: ask whoever administers yours to put you into a group of it",
                             principal->user ? principal->user : "this user");
    if (asked) {
        if ((!is_of_system(asked) && cat_name_check_organization(asked, NULL) < 0) || !cat_principal_reaches(principal, asked))
            return cat_error_set(error, CAT_E_NOT_FOUND, "there is no Organization %.64s", asked);
        *organization = asked;
        return 0;
    }
    cat_auto(cat_strings) all = {0};
    cat_principal_organizations(principal, &all);
    if (all.count == 1) {
        *organization = principal->memberships[0].organization;
        return 0;
    }
    cat_auto(cat_string) names = CAT_STRING(CAT_ERROR_MESSAGE_MAX / 2);
    for (size_t i = 0; i < all.count; i++)
        cat_string_appendf(&names, "%s%s", i == 0 ? "" : i + 1 < all.count ? ", " : " and ", all.items[i]);
    return cat_error_set(error, CAT_E_INVALID, "%s belongs to the Organizations %s: say which with ?organization=",
                         principal->user ? principal->user : "this user",
                         names.overflowed ? "of a long list" : cat_string_get(&names));
}

/* --- rights --- */

static unsigned actions_of(unsigned role, const char *env_type)
{
    bool early = env_type && (strcmp(env_type, "dev") == 0 || strcmp(env_type, "stg") == 0);
    return table[role].everywhere | (early ? table[role].dev_and_stg : 0);
}

static bool is_for(const cat_membership *membership, const char *env_type)
{
    return !membership->env_type[0] || (env_type && strcmp(membership->env_type, env_type) == 0);
}

/* `env_type` NULL: the Organization as a whole. */
static bool allows(const cat_membership *membership, cat_action action, const char *organization, const char *env_type)
{
    if (!reaches(membership, organization) || !(actions_of(membership->role, env_type) & BIT(action)))
        return false;
    return is_for(membership, env_type) || (!env_type && action == CAT_ACTION_READ);
}

void cat_access_roles(cat_action action, const char *env_type, cat_strings *roles)
{
    for (unsigned role = 0; role < CAT_ROLE_COUNT; role++)
        if (actions_of(role, env_type) & BIT(action))
            cat_strings_add(roles, table[role].role);
}

static int refuse(const cat_principal *principal, cat_action action, const char *organization, const char *env_type,
                  const char *thing, cat_error *error)
{
    cat_auto(cat_string) able = CAT_STRING(200), has = CAT_STRING(400);
    for (unsigned role = 0; role < CAT_ROLE_COUNT; role++)
        if (actions_of(role, env_type) & BIT(action))
            cat_string_appendf(&able, "%s%s", able.length ? " or " : "", table[role].role);
    cat_auto(cat_strings) roles = {0};
    cat_principal_roles(principal, organization, &roles);
    for (size_t i = 0; i < roles.count; i++)
        cat_string_appendf(&has, "%s%s", i ? ", " : "", roles.items[i]);
    return cat_error_set(error, CAT_E_FORBIDDEN, "%s %s needs the role %s; %s has %s", action_words[action], thing,
                         cat_string_get(&able), principal->user ? principal->user : "this user",
                         has.length ? cat_string_get(&has) : "none of these");
}

static int refuse_organization(const char *organization, cat_error *error)
{
    return cat_error_set(error, CAT_E_NOT_FOUND, "there is no Organization %.64s",
                         organization ? organization : "without a name");
}

/* Whoever makes Organizations does it for the Sovereign; that it can be done is no secret. */
static int check_onboarding(const cat_principal *principal, cat_error *error)
{
    for (size_t i = 0; i < principal->membership_count; i++)
        if (allows(&principal->memberships[i], CAT_ACTION_ONBOARD, CAT_ORGANIZATION_SYSTEM, NULL))
            return 0;
    return refuse(principal, CAT_ACTION_ONBOARD, CAT_ORGANIZATION_SYSTEM, NULL, "an Organization", error);
}

int cat_access_check(const cat_principal *principal, cat_action action, const char *organization, const char *environment,
                     cat_error *error)
{
    if (action == CAT_ACTION_ONBOARD && !organization)
        return check_onboarding(principal, error);
    if (!organization || !cat_principal_reaches(principal, organization))
        return refuse_organization(organization, error);
    char owner[CAT_NAME_ORGANIZATION_MAX + 1], type[8] = "";
    const char *env_type = environment ? type : NULL;
    bool there = !environment || (cat_environment_split(environment, owner, type) && strcmp(owner, organization) == 0),
         given = false;
    for (size_t i = 0; i < principal->membership_count && there; i++) {
        const cat_membership *membership = &principal->memberships[i];
        if (allows(membership, action, organization, env_type))
            return 0;
        given = given || (reaches(membership, organization) && is_for(membership, env_type));
    }
    /* An Environment that no role is given for does not exist for the caller. */
    if (environment && (!there || !given))
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no Environment %.64s", environment);
    return refuse(principal, action, organization, env_type, environment ? environment : organization, error);
}

int cat_access_check_somewhere(const cat_principal *principal, cat_action action, const char *organization, cat_error *error)
{
    static const char *const any[] = {NULL, "dev", "stg", "uat", "prod", "poc"};
    if (!cat_principal_reaches(principal, organization))
        return refuse_organization(organization, error);
    for (size_t i = 0; i < principal->membership_count; i++)
        for (size_t at = 0; at < sizeof any / sizeof *any; at++)
            if (allows(&principal->memberships[i], action, organization, any[at]))
                return 0;
    return refuse(principal, action, organization, "dev", organization, error);
}
