/* Who asks. */
#include <string.h>

#include "http/routes.h"

json_t *prv_principal_json(const prv_context *context, const cat_principal *principal)
{
    const char *name = principal->display_name && *principal->display_name ? principal->display_name : principal->user;
    cat_autofree char *email = principal->email && *principal->email
                                   ? cat_strdup(principal->email)
                                   : cat_printf("%s@%s", principal->user, context->config->common.sovereign.domain);
    cat_autofree char *clean = cat_strdup(name);
    /* What Git's commits cannot hold. */
    for (char *at = clean; *at; at++)
        if (strchr("<>\n\r", *at))
            *at = ' ';
    for (char *at = email; *at; at++)
        if (strchr("<>\n\r ", *at))
            *at = '_';
    return cat_json_object("user", json_string(principal->user), "name", json_string(clean), "email", json_string(email), NULL);
}

int prv_may_see(const cat_principal *principal, const char *organization, const json_t *environments, cat_error *error)
{
    if (json_array_size(environments) == 0)
        return cat_access_check(principal, CAT_ACTION_READ, organization, NULL, error);
    int code = CAT_E_NOT_FOUND;
    size_t index;
    json_t *environment;
    json_array_foreach((json_t *)environments, index, environment)
    {
        code = cat_access_check(principal, CAT_ACTION_READ, organization, json_string_value(environment), error);
        if (code == 0)
            return 0;
    }
    return code;
}
