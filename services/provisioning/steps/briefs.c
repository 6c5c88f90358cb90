#include "steps/briefs.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"

#define HOUR_MS (INT64_C(3600) * 1000)

typedef struct {
    json_t *work;
    int64_t read_at_ms;
} brief;

struct prv_briefs {
    pthread_mutex_t lock;
    cat_map *kept; /* operation → brief */
};

static void release(void *value)
{
    brief *own = value;
    json_decref(own->work);
    free(own);
}

prv_briefs *prv_briefs_create(void)
{
    prv_briefs *briefs = cat_calloc(1, sizeof *briefs);
    pthread_mutex_init(&briefs->lock, NULL);
    briefs->kept = cat_map_create(release);
    return briefs;
}

void prv_briefs_destroy(prv_briefs *briefs)
{
    if (!briefs)
        return;
    cat_map_destroy(briefs->kept);
    pthread_mutex_destroy(&briefs->lock);
    free(briefs);
}

json_t *prv_briefs_get(prv_briefs *briefs, const char *operation, int64_t now_ms)
{
    pthread_mutex_lock(&briefs->lock);
    const brief *found = cat_map_get(briefs->kept, operation);
    json_t *work = found && now_ms - found->read_at_ms < HOUR_MS ? json_deep_copy(found->work) : NULL;
    pthread_mutex_unlock(&briefs->lock);
    return work;
}

static json_t *applications_of(const json_t *plan)
{
    static const char *const MEMBERS[] = {"name", "action", "environments"};
    json_t *applications = json_array(), *application;
    size_t index;
    json_array_foreach(json_object_get(plan, "applications"), index, application)
    {
        json_t *one = json_object();
        for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++)
            if (json_object_get(application, MEMBERS[i]))
                json_object_set_new(one, MEMBERS[i], json_deep_copy(json_object_get(application, MEMBERS[i])));
        json_array_append_new(applications, one);
    }
    return applications;
}

void prv_briefs_keep(prv_briefs *briefs, const char *operation, const json_t *work, int64_t now_ms)
{
    const json_t *plan = json_object_get(work, "plan");
    json_t *plan_brief = cat_json_object("applications", applications_of(plan), "environments",
                                         json_deep_copy(json_object_get(plan, "environments")), NULL);
    brief *own = cat_calloc(1, sizeof *own);
    own->read_at_ms = now_ms;
    own->work = cat_json_object("plan", plan_brief, "principal", json_deep_copy(json_object_get(work, "principal")), "appliedAt",
                                json_deep_copy(json_object_get(work, "appliedAt")), NULL);
    pthread_mutex_lock(&briefs->lock);
    bool room = cat_map_get(briefs->kept, operation) || cat_map_count(briefs->kept) < PRV_BRIEFS_MAX;
    if (room)
        cat_map_set(briefs->kept, operation, own);
    pthread_mutex_unlock(&briefs->lock);
    if (!room)
        release(own);
}

void prv_briefs_drop(prv_briefs *briefs, const char *operation)
{
    pthread_mutex_lock(&briefs->lock);
    cat_map_remove(briefs->kept, operation);
    pthread_mutex_unlock(&briefs->lock);
}
