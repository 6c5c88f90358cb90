/* Who is asking, what they may do where, and who else could. */
#include "http/routes_internal.h"

#include <string.h>

static json_t *actions_of(const cat_principal *principal, const char *organization, const char *environment)
{
    json_t *actions = json_array();
    for (int action = 0; action < CAT_ACTION_COUNT; action++)
        if (cat_access_check(principal, (cat_action)action, organization, environment, NULL) == 0)
            json_array_append_new(actions, json_string(cat_action_name((cat_action)action)));
    return actions;
}

/* Those that are allowed in the Organization or in any Environment of it: what is worth offering at all. */
static json_t *anywhere_of(const cat_principal *principal, const char *organization)
{
    json_t *actions = json_array();
    for (int action = 0; action < CAT_ACTION_COUNT; action++)
        if (cat_access_check_somewhere(principal, (cat_action)action, organization, NULL) == 0)
            json_array_append_new(actions, json_string(cat_action_name((cat_action)action)));
    return actions;
}

/* By action, the roles that allow it in Environments of this type (NULL: everywhere): whoever may not is told who could. */
static json_t *roles_by_action(const char *env_type)
{
    json_t *all = json_object();
    for (int action = 0; action < CAT_ACTION_COUNT; action++) {
        cat_auto(cat_strings) roles = {0};
        cat_access_roles((cat_action)action, env_type, &roles);
        json_object_set_new(all, cat_action_name((cat_action)action), cat_json_strings(&roles));
    }
    return all;
}

/* Each Organization with the roles that were given in it: `roles` in all Environments, `environments` by their type. */
static json_t *memberships_of(const cat_principal *principal)
{
    json_t *all = json_array();
    cat_auto(cat_strings) organizations = {0};
    cat_principal_organizations(principal, &organizations);
    for (size_t i = 0; i < organizations.count; i++) {
        json_t *everywhere = json_array(), *by_type = json_object();
        for (size_t at = 0; at < principal->membership_count; at++) {
            const cat_membership *membership = &principal->memberships[at];
            if (strcmp(membership->organization, organizations.items[i]) != 0)
                continue;
            if (membership->env_type[0] && !json_object_get(by_type, membership->env_type))
                json_object_set_new(by_type, membership->env_type, json_array());
            json_array_append_new(membership->env_type[0] ? json_object_get(by_type, membership->env_type) : everywhere,
                                  json_string(cat_role_name(membership->role)));
        }
        json_array_append_new(all, cat_json_object("organization", json_string(organizations.items[i]), "roles", everywhere,
                                                   "environments", by_type, NULL));
    }
    return all;
}

/* What may be done in the Organization that is active. */
static int describe_active(prj_routes_context *context, const cat_principal *principal, const char *organization, json_t *me,
                           cat_error *error)
{
    cat_auto(cat_strings) names = {0}, roles = {0};
    int code = organization ? prj_routes_environments(context, principal, CAT_ACTION_READ, organization, &names, error) : 0;
    if (code < 0)
        return code;
    json_t *may = json_object();
    if (organization) {
        cat_principal_roles(principal, organization, &roles);
        json_object_set_new(may, "_", actions_of(principal, organization, NULL));
    }
    for (size_t i = 0; i < names.count; i++)
        json_object_set_new(may, names.items[i], actions_of(principal, organization, names.items[i]));
    json_object_set_new(me, "organization", organization ? json_string(organization) : json_null());
    json_object_set_new(me, "environments", cat_json_strings(&names));
    json_object_set_new(me, "roles", cat_json_strings(&roles));
    json_object_set_new(me, "may", may);
    json_object_set_new(me, "anywhere", organization ? anywhere_of(principal, organization) : json_array());
    json_object_set_new(me, "who", roles_by_action(NULL));
    json_object_set_new(me, "whoEarly", roles_by_action("dev"));
    return 0;
}

/* Who belongs to several Organizations and names none learns which there are. */
int prj_routes_get_me(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    const cat_principal *principal = cat_request_principal(request);
    const char *organization = NULL;
    cat_error why = {0};
    int code = cat_request_organization(request, &organization, &why);
    if (code < 0 && code != CAT_E_INVALID)
        return cat_error_copy(error, &why);
    cat_autojson json_t *me =
        cat_json_object("user", json_string(principal->user), "memberships", memberships_of(principal), NULL);
    if ((code = describe_active(opaque, principal, organization, me, error)) < 0)
        return code;
    cat_json_set_text(me, "displayName", principal->display_name);
    cat_json_set_text(me, "email", principal->email);
    cat_json_set_text(me, "gitUrl", ((prj_routes_context *)opaque)->git_url);
    return cat_reply_json(reply, 200, cat_take(me));
}
