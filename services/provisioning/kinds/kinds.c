#include "kinds/kinds.h"

#include <string.h>

/* Names of steps are stable: tests of faults and the README name them. */
#define DECLARE                                                                                                                  \
    {"objects", "Declare it to the platform", "objects"},                                                                        \
    {                                                                                                                            \
        "reconcile", "Ask Flux to look", "objects"                                                                               \
    }

static const prv_kind_step INSTALL[] = {{"secrets", "Generate secrets", "secrets"},
                                        {"repositories", "Make repositories", NULL},
                                        {"branches", "Commit the manifests to their branches", NULL},
                                        {"links", "Tell the Applications that serve it", "links"},
                                        DECLARE,
                                        {"protected", "Wait for the branches' protection", NULL},
                                        {"running", "Wait until it runs", NULL},
                                        {0}};
static const prv_kind_step CONFIGURE[] = {{"commit", "Commit the change", NULL}, {"running", "Wait until it runs", NULL}, {0}};
static const prv_kind_step UNINSTALL[] = {{"links", "Tell the Applications that served it", "trees"},
                                          DECLARE,
                                          {"gone", "Wait until all of it is removed", "objects"},
                                          {"archive", "Archive the repository", NULL},
                                          {0}};
static const prv_kind_step ONBOARD[] = {DECLARE, {"ready", "Wait until it is ready", NULL}, {0}};

static const prv_kind KINDS[] = {
    {.name = "install",
     .plan = prv_plan_install,
     .needs = prv_install_needs,
     .facts = PRV_FACTS_CHOSEN,
     .steps = INSTALL,
     .right = PRV_RIGHT_CHANGE,
     .makes = true,
     .verb = "Install",
     .being = "being installed",
     .left = "left of an install that did not end: retry operation {operation}, or uninstall it"},
    {.name = "configure",
     .plan = prv_plan_configure,
     .facts = PRV_FACTS_OWN | PRV_FACTS_SOURCES,
     .steps = CONFIGURE,
     .right = PRV_RIGHT_CHANGE,
     .divisible = true,
     .verb = "Configure"},
    {.name = "uninstall",
     .plan = prv_plan_uninstall,
     .facts = PRV_FACTS_LEFT | PRV_FACTS_SOURCES | PRV_FACTS_SERVING,
     .steps = UNINSTALL,
     .right = PRV_RIGHT_CHANGE,
     .removes = true,
     .verb = "Uninstall",
     .being = "being removed",
     .left = "left of an uninstall that did not end: operation {operation} says why, and can be tried again",
     .supersedes = "a later uninstall takes it away"},
    {.name = "organization",
     .plan = prv_plan_organization,
     .steps = ONBOARD,
     .right = PRV_RIGHT_ONBOARD,
     .onboards = true,
     .whole = true,
     .verb = "Add",
     .note = prv_organization_note},
    {.name = "environment",
     .plan = prv_plan_environment,
     .steps = ONBOARD,
     .right = PRV_RIGHT_MANAGE,
     .onboards = true,
     .verb = "Add"},
};
#define KIND_COUNT (sizeof KINDS / sizeof *KINDS)

static const prv_kind_step NO_STEPS[] = {{0}};
static const prv_kind UNKNOWN = {.name = "", .steps = NO_STEPS, .verb = "Change"};

const prv_kind *prv_kind_at(size_t index)
{
    return index < KIND_COUNT ? &KINDS[index] : NULL;
}

const prv_kind *prv_kind_of(const json_t *record)
{
    const char *name = cat_json_text(record, "kind");
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (cat_text_equal(name, KINDS[i].name))
            return &KINDS[i];
    return &UNKNOWN;
}

const prv_kind *prv_kind_asked_at(const char *path)
{
    const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        size_t length = strlen(KINDS[i].name);
        if (KINDS[i].onboards && strncmp(last, KINDS[i].name, length) == 0 && strcmp(last + length, "s") == 0)
            return &KINDS[i];
    }
    return &UNKNOWN;
}
