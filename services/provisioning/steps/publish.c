/* Operations as events. */
#include "steps/publish.h"

#include <string.h>

#include "core/operation_shown.h"
#include "domain/events.h"
#include "kinds/kinds.h"
#include "svc/events.h"
#include "wire/subjects.h"

static int publish_one(const json_t *operation, const char *environment, cat_spine *spine, cat_error *error)
{
    char subject[CAT_SUBJECT_MAX], id[PRV_EVENT_ID_MAX];
    const char *name = cat_json_text_or(operation, "operation", ""),
               *organization = cat_json_text_or(operation, "organization", "");
    int code = cat_event_subject(CAT_EVENT_OPERATION_STEP, environment ? environment : organization, environment ? name : NULL,
                                 subject, error);
    if (code < 0)
        return code;
    int64_t time_ms = 0;
    cat_time_parse(cat_json_text_or(operation, "updatedAt", ""), &time_ms);
    cat_autojson json_t *told = prv_operation_told(operation, environment, id);
    cat_cloudevent event = {.id = id,
                            .source = "provisioning",
                            .type = cat_event_type(CAT_EVENT_OPERATION_STEP),
                            .subject = name,
                            .time_ms = time_ms,
                            .organization = organization,
                            .environment = environment,
                            .application = cat_json_text(operation, "application"),
                            .data = told};
    return cat_event_publish(spine, subject, &event, NULL, error);
}

int prv_operation_publish(prv_context *context, const json_t *operation, cat_error *error)
{
    const json_t *environments = json_object_get(operation, "environments");
    const char *organization = cat_json_text_or(operation, "organization", "");
    /* What is being onboarded has no stream of its own yet. */
    if (prv_kind_of(operation)->onboards || json_array_size(environments) == 0)
        return publish_one(operation, NULL, context->spine, error);
    cat_spine *spine = NULL;
    int code = cat_accounts_acquire(context->accounts, organization, &spine, error);
    if (code < 0)
        return code;
    size_t index;
    json_t *environment;
    json_array_foreach(environments, index, environment)
    {
        if (code == 0)
            code = publish_one(operation, json_string_value(environment), spine, error);
    }
    cat_accounts_release(context->accounts, organization);
    return code;
}
