/* Who sees what: Environments, and rows of them, by what the caller may do. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "domain/kinds.h"
#include "http/routes_internal.h"
#include "wire/names.h"

/* Values of secrets are never in rows; that one is there is not for everybody either. */
bool prj_routes_sees(const cat_principal *principal, const char *environment, const prj_view_row *row)
{
    char organization[CAT_NAME_ORGANIZATION_MAX + 1], env_type[8];
    if (row->elsewhere)
        return false;
    return !cat_kind_is(row->kind, CAT_KIND_SECRET) ||
           (cat_environment_split(environment, organization, env_type) &&
            cat_access_check(principal, CAT_ACTION_READ_SECRETS, organization, environment, NULL) == 0);
}

unsigned prj_routes_env_types(const cat_principal *principal, const char *organization)
{
    unsigned types = 0;
    for (unsigned i = 0; i < VIEW_ENV_TYPES; i++) {
        cat_autofree char *environment = cat_printf("%s-%s", organization, prj_view_env_types[i]);
        if (cat_access_check(principal, CAT_ACTION_READ, organization, environment, NULL) == 0)
            types |= 1u << i;
    }
    return types;
}

int prj_routes_environments(prj_routes_context *context, const cat_principal *principal, cat_action action,
                            const char *organization, cat_strings *names, cat_error *error)
{
    prj_view *controlplane = NULL;
    int code = prj_views_acquire(context->views, "system", "_", &controlplane, error);
    if (code < 0)
        return code;
    prj_view_lock(controlplane);
    size_t at = 0;
    for (const prj_view_row *row; (row = prj_view_next(controlplane, &at));) {
        if (row->deleted || !cat_kind_is(row->kind, CAT_KIND_ROW_ENVIRONMENT) || strcmp(row->organization, organization) != 0)
            continue;
        if (cat_access_check(principal, action, organization, row->name, NULL) == 0)
            cat_strings_add(names, row->name);
    }
    prj_view_unlock(controlplane);
    prj_views_release(context->views, controlplane);
    cat_strings_sort(names);
    return 0;
}

int prj_routes_environment(cat_request *request, prj_routes_context *context, const char *environment, prj_view **seen,
                           cat_error *error)
{
    char organization[CAT_NAME_ORGANIZATION_MAX + 1], env_type[8];
    if (!cat_environment_split(environment, organization, env_type))
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no Environment %.64s", environment);
    int code = cat_request_is_about(request, organization, error);
    if (code == 0)
        code = cat_access_check(cat_request_principal(request), CAT_ACTION_READ, organization, environment, error);
    return code < 0 ? code : prj_views_acquire(context->views, organization, environment, seen, error);
}

int prj_routes_look_at(cat_request *request, prj_routes_context *context, cat_action action, const char *organization,
                       const cat_strings *environments, prj_routes_look *look, cat_error *error)
{
    const cat_principal *principal = cat_request_principal(request);
    cat_auto(cat_strings) all = {0};
    int code = environments ? 0 : prj_routes_environments(context, principal, action, organization, &all, error);
    if (code < 0)
        return code;
    const cat_strings *names = environments ? environments : &all;
    /* Nothing to be seen: because nothing is there, or because the role does not allow it. */
    if (names->count == 0 && (code = cat_access_check_somewhere(principal, action, organization, error)) < 0)
        return code;
    *look = (prj_routes_look){.context = context, .seen = cat_calloc(names->count + 1, sizeof(prj_view *))};
    for (size_t i = 0; i < names->count; i++) {
        cat_error why = {0};
        code = cat_access_check(principal, action, organization, names->items[i], &why);
        if (code == 0)
            code = prj_views_acquire(context->views, organization, names->items[i], &look->seen[look->count], &why);
        if (code == 0)
            look->count++;
        else if (environments || code != CAT_E_NOT_FOUND)
            return cat_error_copy(error, &why);
    }
    for (size_t i = 0; i < look->count; i++)
        prj_view_lock(look->seen[i]);
    look->locked = true;
    return 0;
}

void prj_routes_look_finish(prj_routes_look *look)
{
    for (size_t i = look->count; i-- > 0;) {
        if (look->locked)
            prj_view_unlock(look->seen[i]);
        prj_views_release(look->context->views, look->seen[i]);
    }
    free(look->seen);
    *look = (prj_routes_look){0};
}
