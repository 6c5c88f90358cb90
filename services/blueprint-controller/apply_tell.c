/* What became of a version, told to others and kept in mind. */
#include "apply_parts.h"
#include "base/clock.h"
#include "svc/events.h"
#include "wire/names.h"
#include "wire/subjects.h"

char *bpc_key_of(const json_t *item)
{
    return cat_printf("%s.%s.%s", cat_json_text_or(item, "source", ""), cat_json_text_or(item, "name", ""),
                      cat_json_text_or(item, "version", ""));
}

int bpc_publish(bpc_controller *controller, const char *what, cat_event_kind type, const json_t *item, const char *reason,
                cat_error *error)
{
    const char *source = cat_json_text_or(item, "source", "");
    const char *organization = cat_name_check_organization(source, NULL) == 0 ? source : NULL;
    char subject[CAT_SUBJECT_MAX];
    int code = cat_event_subject(type, organization, NULL, subject, error);
    if (code < 0)
        return code;
    cat_autojson json_t *data = json_object();
    static const char *const KEPT[] = {"source", "name", "version", "digest", "tag", "repository"};
    for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++)
        cat_json_set_text(data, KEPT[i], cat_json_text(item, KEPT[i]));
    cat_json_set_text(data, "reason", reason ? reason : cat_json_text(item, "reason"));
    if (json_object_get(item, "errors"))
        json_object_set(data, "errors", json_object_get(item, "errors"));
    cat_autofree char *key = bpc_key_of(item), *id = cat_printf("%s/%s/%s", key, cat_json_text_or(item, "commit", ""), what);
    cat_cloudevent event = {.id = id,
                            .source = BPC_NAME,
                            .type = cat_event_type(type),
                            .subject = key,
                            .time_ms = cat_clock_system()->wall_ms(cat_clock_system()),
                            .organization = organization,
                            .commit = cat_json_text(item, "commit"),
                            .data = data};
    return cat_event_publish(controller->spine, subject, &event, NULL, error);
}

void bpc_settle(bpc_controller *controller, const json_t *item)
{
    cat_autofree char *key = bpc_key_of(item);
    json_object_set_new(controller->settled, key, json_string(cat_json_text_or(item, "commit", "")));
}
