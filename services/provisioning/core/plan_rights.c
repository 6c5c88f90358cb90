#include "core/plan_rights.h"

#include "base/memory.h"

static int may_change_one(const prv_asking *ask, const char *environment, cat_error *error)
{
    int code = cat_access_check(ask->principal, CAT_ACTION_WRITE, ask->organization, environment, error);
    if (code == CAT_E_FORBIDDEN && !ask->apply &&
        cat_access_check(ask->principal, CAT_ACTION_PROPOSE, ask->organization, environment, NULL) == 0)
        return 0;
    return code;
}

/* The Application runs where the person sees nothing: that is said, and not where. */
static int refuse_whole(const prv_asking *ask, const cat_strings *allowed, cat_error *error)
{
    if (allowed->count == 0)
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no Application '%.60s'", ask->application);
    cat_auto(cat_string) names = CAT_STRING(400);
    for (size_t i = 0; i < allowed->count; i++)
        cat_string_appendf(&names, "%s%s", i ? ", " : "", allowed->items[i]);
    return cat_error_set(
        error, CAT_E_FORBIDDEN, "%.60s also runs where you may not change it: %s%s", ask->application,
        ask->divisible ? "choose one of: " : "somebody who may change all of it has to. You may in: ", cat_string_get(&names));
}

int prv_may_change(const prv_asking *ask, const json_t *environments, cat_error *error)
{
    if (json_array_size(environments) == 0)
        return cat_access_check(ask->principal, CAT_ACTION_PROPOSE, ask->organization, NULL, error);
    cat_auto(cat_strings) allowed = {0};
    bool hidden = false;
    size_t index;
    json_t *environment;
    json_array_foreach((json_t *)environments, index, environment)
    {
        const char *name = json_is_string(environment) ? json_string_value(environment) : "?";
        cat_error failed = {0};
        int code = may_change_one(ask, name, &failed);
        if (code == 0)
            cat_strings_add(&allowed, name);
        else if (code != CAT_E_NOT_FOUND || ask->named || !cat_principal_reaches(ask->principal, ask->organization))
            return cat_error_copy(error, &failed);
        else
            hidden = true;
    }
    return hidden ? refuse_whole(ask, &allowed, error) : 0;
}

int prv_may_ask(const prv_kind *kind, const prv_asking *ask, const json_t *environments, cat_error *error)
{
    switch (kind->right) {
    case PRV_RIGHT_ONBOARD:
        return cat_access_check(ask->principal, CAT_ACTION_ONBOARD, NULL, NULL, error);
    case PRV_RIGHT_MANAGE:
        return cat_access_check(ask->principal, CAT_ACTION_MANAGE, ask->organization, NULL, error);
    case PRV_RIGHT_CHANGE:
        break;
    }
    return prv_may_change(ask, environments, error);
}
