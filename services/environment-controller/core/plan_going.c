#include "core/plan_going.h"

#include "base/memory.h"

void ec_going_finish(ec_going *going)
{
    cat_strings_finish(&going->parts);
    *going = (ec_going){0};
}

static char *key_of(const ec_action *action)
{
    return cat_printf("%s %s", ec_section_name(action->section), action->part);
}

/* Steps in Git that do not rest on each other: what ails one (a team, a rule, a repository that somebody renamed) keeps no other
 * from being done. A Git server that is away keeps all. */
static bool is_on_its_own(const ec_action *action, const cat_error *failed)
{
    bool away = failed->code == CAT_E_UNAVAILABLE || failed->code == CAT_E_TIMEOUT || failed->code == CAT_E_UNAUTHORIZED;
    if (away || action->verb != EC_DO)
        return false;
    return action->step == EC_STEP_GIT_PERSON || action->step == EC_STEP_GIT_TEAM || action->step == EC_STEP_GIT_REPOSITORY ||
           action->step == EC_STEP_GIT_HOOK || action->step == EC_STEP_GIT_TOKEN || action->step == EC_STEP_GIT_PROTECTION ||
           action->step == EC_STEP_GIT_TAGS;
}

bool ec_going_may(const ec_going *going, const ec_action *action)
{
    if (going->left[EC_BASE] || going->left[action->section])
        return false;
    if (action->verb == EC_DO && action->step == EC_STEP_GIT_ASSERTED && going->failures[action->section])
        return false;
    if (!action->part)
        return !going->broken[action->section];
    cat_autofree char *key = key_of(action);
    return !cat_strings_has(&going->parts, key);
}

void ec_going_failed(ec_going *going, const ec_action *action, const cat_error *failed)
{
    going->failures[action->section]++;
    if (is_on_its_own(action, failed))
        return;
    if (!action->part) {
        going->left[action->section] = true;
        return;
    }
    going->broken[action->section] = true;
    cat_autofree char *key = key_of(action);
    cat_strings_add(&going->parts, key);
}
