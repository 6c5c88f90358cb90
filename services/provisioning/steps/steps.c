#include "steps/steps.h"

#include <string.h>

prv_step prv_step_find(const char *name)
{
    static const struct {
        const char *name;
        prv_step step;
    } STEPS[] = {{"secrets", prv_step_secrets},     {"repositories", prv_step_repositories},
                 {"branches", prv_step_branches},   {"links", prv_step_links},
                 {"commit", prv_step_links},        {"objects", prv_step_objects},
                 {"reconcile", prv_step_reconcile}, {"protected", prv_step_protected},
                 {"running", prv_step_running},     {"gone", prv_step_gone},
                 {"archive", prv_step_archive},     {"ready", prv_step_ready}};
    for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++)
        if (strcmp(STEPS[i].name, name) == 0)
            return STEPS[i].step;
    return NULL;
}
