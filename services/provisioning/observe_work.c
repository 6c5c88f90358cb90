/* Which operation was last about an Application, of those that are kept (store.h). */
#include <string.h>

#include "core/operation.h"
#include "core/plan_parts.h"
#include "kinds/kinds.h"
#include "observe.h"

typedef struct {
    const char *organization;
    json_t *work;
} gathering;

static void note(gathering *to, const char *name, const json_t *operation)
{
    const char *began = cat_json_text_or(operation, "startedAt", "");
    const char *known = cat_json_text(json_object_get(to->work, name), "startedAt");
    if (known && strcmp(known, began) >= 0)
        return;
    json_object_set_new(to->work, name, prv_work_of(prv_kind_of(operation), operation, prv_operation_has_ended(operation)));
}

/* What makes Applications is about every Application that it makes; what it uses or serves is not its to tell of. */
static void look(void *context, const json_t *operation, uint64_t revision)
{
    gathering *to = context;
    (void)revision;
    bool makes = prv_kind_of(operation)->makes;
    size_t index;
    json_t *name;
    if (!cat_text_equal(cat_json_text(operation, "organization"), to->organization))
        return;
    if (cat_json_text(operation, "application"))
        note(to, cat_json_text(operation, "application"), operation);
    json_array_foreach(makes ? json_object_get(operation, "applications") : NULL, index, name)
    {
        if (json_is_string(name))
            note(to, json_string_value(name), operation);
    }
}

int prv_observe_work(prv_context *context, const char *organization, json_t **work, cat_error *error)
{
    cat_autojson json_t *found = json_object();
    gathering to = {organization, found};
    int code = prv_store_each(&context->store, look, &to, error);
    if (code == 0)
        *work = cat_take(found);
    return code;
}
