#include "steps/steps.h"

#include <string.h>

/* `brief`: who is in the plan is all that it needs of it. */
static const struct {
    const char *name;
    prv_step step;
    bool brief;
} STEPS[] = {{"secrets", prv_step_secrets, false},    {"repositories", prv_step_repositories, false},
             {"branches", prv_step_branches, false},  {"links", prv_step_links, false},
             {"commit", prv_step_links, false},       {"objects", prv_step_objects, false},
             {"reconcile", prv_step_reconcile, true}, {"protected", prv_step_protected, true},
             {"running", prv_step_running, true},     {"gone", prv_step_gone, true},
             {"archive", prv_step_archive, true},     {"ready", prv_step_ready, true}};
#define STEP_COUNT (sizeof STEPS / sizeof *STEPS)

prv_step prv_step_find(const char *name)
{
    for (size_t i = 0; i < STEP_COUNT; i++)
        if (strcmp(STEPS[i].name, name) == 0)
            return STEPS[i].step;
    return NULL;
}

static bool is_brief(const char *name)
{
    for (size_t i = 0; i < STEP_COUNT; i++)
        if (strcmp(STEPS[i].name, name) == 0)
            return STEPS[i].brief;
    return false;
}

bool prv_steps_left_are_brief(const json_t *operation)
{
    size_t index;
    json_t *step;
    json_array_foreach(json_object_get(operation, "steps"), index, step)
    {
        if (!cat_text_equal(cat_json_text(step, "status"), "Succeeded") && !is_brief(cat_json_text_or(step, "name", "")))
            return false;
    }
    return true;
}
