/* Versions that cannot be registered: told, and kept in KV until they are no more. */
#include <string.h>

#include "apply_parts.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/plan_rejection.h"

/* A rejection that is over. Should its tag come again, it is judged again. */
int bpc_forget(bpc_controller *controller, const char *name, cat_error *error)
{
    cat_autofree char *key = cat_printf(BPC_REJECTION_PREFIX "%s", name);
    int code = cat_kv_delete(controller->spine, BPC_BUCKET, key, -1, error);
    if (code < 0)
        return code;
    json_object_del(controller->settled, name);
    cat_log_info("a rejected Blueprint is so no longer", CAT_FIELD("version", name));
    return 0;
}

static int tell_rejected(bpc_controller *controller, const json_t *item, cat_error *error)
{
    int code = bpc_publish(controller, "rejected", CAT_EVENT_BLUEPRINT_REJECTED, item, NULL, error);
    if (code < 0)
        return code;
    const json_t *first = json_array_get(json_object_get(item, "errors"), 0);
    const char *source = cat_json_text(item, "source");
    cat_metric_add(controller->rejected, 1, &source);
    cat_log_warning("Blueprint rejected", CAT_FIELD("repository", cat_json_text(item, "repository")),
                    CAT_FIELD("tag", cat_json_text(item, "tag")), CAT_FIELD("file", cat_json_text(first, "file")),
                    CAT_FIELD_INT("line", cat_json_int_or(first, "line", 0)), CAT_FIELD("error", cat_json_text(first, "message")),
                    CAT_FIELD_INT("errors", json_array_size(json_object_get(item, "errors"))));
    return 0;
}

/* Told before it is kept: who dies between the two tells it twice, with the same id. What is kept with this commit was told. */
static int apply_rejected(bpc_controller *controller, const json_t *item, json_t *kept, cat_error *error)
{
    cat_autofree char *name = bpc_key_of(item), *key = cat_printf(BPC_REJECTION_PREFIX "%s", name);
    cat_auto(cat_kv_entry) stored = {0};
    cat_autojson json_t *before = NULL;
    cat_error failed = {0};
    int code = cat_kv_get(controller->spine, BPC_BUCKET, key, &stored, &failed);
    if (code < 0 && code != CAT_E_NOT_FOUND)
        return cat_error_copy(error, &failed);
    if (stored.value) /* what cannot be read is written anew */
        cat_json_parse(stored.value, stored.length, &CAT_JSON_CAPS, &before, NULL);
    bool known = cat_text_equal(cat_json_text(before, "commit"), cat_json_text(item, "commit"));
    if (!known && (code = tell_rejected(controller, item, error)) < 0)
        return code;
    char now[CAT_TIME_TEXT_MAX];
    cat_time_format(cat_clock_system()->wall_ms(cat_clock_system()), now);
    cat_autojson json_t *entry = bpc_rejection_make(item, controller->config->common.gitea.public_url,
                                                    known ? cat_json_text_or(before, "foundAt", now) : now);
    cat_autofree char *text = cat_json_format(entry);
    failed = (cat_error){0};
    code = json_equal(entry, before)
               ? 0
               : cat_kv_put(controller->spine, BPC_BUCKET, &(cat_kv_write){key, text, strlen(text), (int64_t)stored.revision},
                            NULL, &failed);
    if (code < 0 && code != CAT_E_CONFLICT) /* another replica was first: the same of the same tag */
        return cat_error_copy(error, &failed);
    json_object_set(kept, name, entry);
    bpc_settle(controller, item);
    return 0;
}

/* The oldest give way; they stay judged. */
static int drop_excess(bpc_controller *controller, const char *source, json_t *kept, cat_error *error)
{
    cat_autojson json_t *excess = bpc_rejection_excess(source, kept);
    size_t index;
    json_t *name;
    json_array_foreach(excess, index, name)
    {
        cat_autofree char *key = cat_printf(BPC_REJECTION_PREFIX "%s", json_string_value(name));
        int code = cat_kv_delete(controller->spine, BPC_BUCKET, key, -1, error);
        if (code < 0)
            return code;
        json_object_del(kept, json_string_value(name));
    }
    return 0;
}

int bpc_reject(bpc_controller *controller, const json_t *plan, cat_error *error)
{
    const json_t *rejected = json_object_get(plan, "reject");
    if (json_array_size(rejected) == 0)
        return 0;
    cat_autojson json_t *kept = bpc_registry_rejections(controller->registry);
    int code = 0;
    size_t index;
    json_t *item;
    json_array_foreach(rejected, index, item) if (code == 0) code = apply_rejected(controller, item, kept, error);
    json_array_foreach(rejected, index, item) if (code == 0) code =
        drop_excess(controller, cat_json_text_or(item, "source", ""), kept, error);
    return code;
}
