#include "domain/access.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "wire/names.h"

#define SYSTEM "system"
#define MAX_LISTED 1000

static const char *const action_names[CAT_ACTION_COUNT] = {"read",       "write",       "propose",      "manage",    "onboard",
                                                           "read-money", "read-policy", "write-policy", "read-audit"};

const char *cat_action_name(cat_action action)
{
    return action < CAT_ACTION_COUNT ? action_names[action] : "unknown";
}

static const char *const action_words[CAT_ACTION_COUNT] = {"reading",         "changing",          "proposing a change",
                                                           "managing",        "onboarding",        "seeing usage and cost",
                                                           "seeing policies", "changing policies", "seeing the audit trail"};

#define BIT(action) (1u << (action))
#define ALL (BIT(CAT_ACTION_COUNT) - 1)
#define ALL_OF_ONE_ORGANIZATION (ALL & ~BIT(CAT_ACTION_ONBOARD))

/* The whole of authorization. `everywhere` is what the role may do in any Environment and for the Organization itself;
 * `dev_and_stg` what it may do besides in Environments of these types. `sovereign`: in the hands of people of `system` the role
 * reaches every Organization; `system_only`: in anybody else's it is worth nothing. */
static const struct {
    const char *role;
    unsigned everywhere, dev_and_stg;
    bool sovereign, system_only;
} table[] = {
    {"org-viewer", BIT(CAT_ACTION_READ), 0, false, false},
    {"org-developer", BIT(CAT_ACTION_READ) | BIT(CAT_ACTION_PROPOSE), BIT(CAT_ACTION_WRITE), false, false},
    {"org-admin", ALL_OF_ONE_ORGANIZATION, 0, false, false},
    {"security-officer", BIT(CAT_ACTION_READ_POLICY) | BIT(CAT_ACTION_WRITE_POLICY) | BIT(CAT_ACTION_READ_AUDIT), 0, true, false},
    {"billing-admin", BIT(CAT_ACTION_READ_MONEY), 0, true, false},
    {"sovereign-admin", ALL, 0, true, true},
};
#define ROLE_COUNT (sizeof(table) / sizeof(*table))

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

static int take_list(const json_t *claims, const char *name, cat_strings *out, cat_error *error)
{
    const json_t *list = json_object_get(claims, name);
    if (!json_is_array(list) || json_array_size(list) > MAX_LISTED)
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token's claim %s is missing or no list", name);
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item)
    {
        if (!json_is_string(item))
            return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token's claim %s holds something that is no text", name);
        cat_strings_add(out, json_string_value(item));
    }
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
                 {"organization", true, &out->organization},
                 {"name", false, &out->display_name},
                 {"email", false, &out->email}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        int code = take_text(claims, texts[i].name, texts[i].needed, texts[i].out, error);
        if (code < 0)
            return code;
    }
    int code = take_list(claims, "environments", &out->environments, error);
    if (code == 0)
        code = take_list(claims, "roles", &out->roles, error);
    if (code < 0)
        return code;
    const json_t *expires = json_object_get(claims, "exp");
    double seconds = json_number_value(expires);
    if (!json_is_number(expires) || seconds < 0 || seconds > 1e12)
        return cat_error_set(error, CAT_E_UNAUTHORIZED, "the token's claim exp is missing or no time");
    out->expires_ms = (int64_t)(seconds * 1000);
    return 0;
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

void cat_principal_finish(cat_principal *principal)
{
    free(principal->user);
    free(principal->subject);
    free(principal->display_name);
    free(principal->email);
    free(principal->organization);
    cat_strings_finish(&principal->environments);
    cat_strings_finish(&principal->roles);
    *principal = (cat_principal){0};
}

static unsigned actions_of(size_t role, const char *env_type)
{
    bool early = env_type && (strcmp(env_type, "dev") == 0 || strcmp(env_type, "stg") == 0);
    return table[role].everywhere | (early ? table[role].dev_and_stg : 0);
}

static bool role_counts(size_t role, bool of_system, bool own)
{
    return table[role].system_only ? of_system : own || (of_system && table[role].sovereign);
}

/* Does anything of this Organization exist for the caller? */
static bool reaches_organization(const cat_principal *principal, bool of_system, bool own)
{
    for (size_t role = 0; role < ROLE_COUNT; role++)
        if (cat_strings_has(&principal->roles, table[role].role) && role_counts(role, of_system, own))
            return true;
    return own;
}

static int refuse(const cat_principal *principal, cat_action action, const char *env_type, const char *thing, cat_error *error)
{
    cat_auto(cat_string) able = CAT_STRING(200);
    for (size_t role = 0; role < ROLE_COUNT; role++)
        if (actions_of(role, env_type) & BIT(action))
            cat_string_appendf(&able, "%s%s", able.length ? " or " : "", table[role].role);
    cat_auto(cat_string) has = CAT_STRING(200);
    for (size_t i = 0; i < principal->roles.count; i++)
        cat_string_appendf(&has, "%s%s", i ? ", " : "", principal->roles.items[i]);
    return cat_error_set(error, CAT_E_FORBIDDEN, "%s %s needs the role %s; %s has %s", action_words[action], thing,
                         cat_string_get(&able), principal->user ? principal->user : "this user",
                         has.length ? cat_string_get(&has) : "none");
}

int cat_access_check(const cat_principal *principal, cat_action action, const char *organization, const char *environment,
                     cat_error *error)
{
    bool of_system = cat_text_equal(principal->organization, SYSTEM);
    if (action == CAT_ACTION_ONBOARD && !organization)
        organization = principal->organization;
    bool own = principal->organization && organization && strcmp(principal->organization, organization) == 0;
    if (!organization || !reaches_organization(principal, of_system, own))
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no Organization %s",
                             organization ? organization : "without a name");
    char owner[CAT_NAME_ORGANIZATION_MAX + 1], env_type[8] = "";
    if (environment) {
        bool exists = cat_environment_split(environment, owner, env_type) && strcmp(owner, organization) == 0;
        bool listed = cat_strings_has(&principal->environments, "*") || cat_strings_has(&principal->environments, environment);
        if (!exists || !listed)
            return cat_error_set(error, CAT_E_NOT_FOUND, "there is no Environment %s", environment);
    }
    for (size_t role = 0; role < ROLE_COUNT; role++)
        if (cat_strings_has(&principal->roles, table[role].role) && role_counts(role, of_system, own) &&
            (actions_of(role, environment ? env_type : NULL) & BIT(action)))
            return 0;
    return refuse(principal, action, environment ? env_type : NULL, environment ? environment : organization, error);
}
