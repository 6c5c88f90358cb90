#include "apply.h"

#include <string.h>

#include "apply_parts.h"
#include "base/clock.h"
#include "base/log.h"

static int put_entry(bpc_controller *controller, const json_t *entry, cat_error *error)
{
    cat_autofree char *key = bpc_key_of(entry), *text = cat_json_format(entry);
    cat_error failed = {0};
    if (strlen(text) > BPC_VALUE_MAX_BYTES)
        return cat_error_set(error, CAT_E_TOO_LARGE, "%s has %zu bytes, at most %zu can be registered", key, strlen(text),
                             BPC_VALUE_MAX_BYTES);
    int code = cat_kv_put(controller->spine, BPC_BUCKET, &(cat_kv_write){key, text, strlen(text), 0}, NULL, &failed);
    if (code == CAT_E_CONFLICT) /* another replica was first: the same version of the same file */
        return 0;
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}

/* What is known of the tag: `moved`, the commit that it names now, or `tagGone`, since when it is gone. NULL: no more. */
static int put_mark(bpc_controller *controller, const char *key, const char *mark, const char *value, cat_error *error)
{
    cat_auto(cat_kv_entry) stored = {0};
    cat_autojson json_t *entry = NULL;
    int code = cat_kv_get(controller->spine, BPC_BUCKET, key, &stored, error);
    if (code == 0)
        code = cat_json_parse(stored.value, stored.length, &CAT_JSON_CAPS, &entry, error);
    if (code < 0)
        return code;
    if (value)
        json_object_set_new(entry, mark, json_string(value));
    else
        json_object_del(entry, mark);
    cat_autofree char *text = cat_json_format(entry);
    return cat_kv_put(controller->spine, BPC_BUCKET, &(cat_kv_write){key, text, strlen(text), (int64_t)stored.revision}, NULL,
                      error);
}

static int apply_registered(bpc_controller *controller, const json_t *entry, cat_error *error)
{
    int code = put_entry(controller, entry, error);
    if (code == 0)
        code = bpc_publish(controller, "registered", CAT_EVENT_BLUEPRINT_REGISTERED, entry, NULL, error);
    cat_autofree char *key = bpc_key_of(entry);
    if (code == 0 && bpc_registry_is_rejected(controller->registry, key))
        code = bpc_forget(controller, key, error);
    if (code < 0)
        return code;
    const char *source = cat_json_text(entry, "source");
    cat_metric_add(controller->registered, 1, &source);
    cat_log_info("Blueprint registered", CAT_FIELD("source", source), CAT_FIELD("name", cat_json_text(entry, "name")),
                 CAT_FIELD("version", cat_json_text(entry, "version")), CAT_FIELD("digest", cat_json_text(entry, "digest")));
    return 0;
}

/* After one of many: a peer that is away ends them all, for now; what is wrong with this one alone is said, and the others go on.
 */
static int go_on(int code, const json_t *item, cat_error *error)
{
    if (code != CAT_E_INVALID && code != CAT_E_TOO_LARGE)
        return code;
    cat_autofree char *key = json_is_string(item) ? cat_strdup(json_string_value(item)) : bpc_key_of(item);
    cat_log_warning("what is kept of a Blueprint's version cannot be changed", CAT_FIELD("version", key), CAT_FIELD_ERROR(error));
    cat_error_clear(error);
    return 0;
}

static int apply_moved(bpc_controller *controller, const json_t *item, bool back, cat_error *error)
{
    cat_autofree char *key = bpc_key_of(item);
    int code = put_mark(controller, key, "moved", back ? NULL : cat_json_text(item, "commit"), error);
    if (code == 0 && !back)
        code = bpc_publish(controller, "moved", CAT_EVENT_BLUEPRINT_REJECTED, item, "TagMoved", error);
    if (code < 0)
        return code;
    const char *source = cat_json_text(item, "source");
    if (!back)
        cat_metric_add(controller->moved, 1, &source);
    if (back)
        bpc_settle(controller, item);
    cat_log_warning(back ? "a moved tag is where it was" : "a tag was moved: the version stays what it was registered as",
                    CAT_FIELD("version", key), CAT_FIELD("commit", cat_json_text(item, "commit")));
    return 0;
}

static int apply_gone(bpc_controller *controller, const json_t *item, bool found, cat_error *error)
{
    cat_autofree char *key = bpc_key_of(item);
    char now[CAT_TIME_TEXT_MAX];
    cat_time_format(cat_clock_system()->wall_ms(cat_clock_system()), now);
    int code = put_mark(controller, key, "tagGone", found ? NULL : now, error);
    if (code == 0 && !found)
        code = bpc_publish(controller, "gone", CAT_EVENT_BLUEPRINT_REJECTED, item, "TagGone", error);
    if (code == 0)
        cat_log_warning(found ? "a tag that was gone is there again"
                              : "a tag is gone: the version stays what it was registered as",
                        CAT_FIELD("version", key), CAT_FIELD("tag", cat_json_text(item, "tag")),
                        CAT_FIELD("repository", cat_json_text(item, "repository")));
    return code;
}

int bpc_apply(bpc_controller *controller, json_t *plan, cat_error *error)
{
    json_t *wanted = json_object_get(plan, "register"), *item;
    bool wrote = false;
    size_t index;
    int code = bpc_try_objects(controller, plan, error);
    if (code == 0 && json_array_size(wanted) > 0)
        code = bpc_write_files(controller, plan, &wrote, error);
    if (code == 0 && wrote)
        bpc_ask_flux(controller);
    json_array_foreach(wanted, index, item) if (code == 0) code = apply_registered(controller, item, error);
    if (code == 0)
        code = bpc_reject(controller, plan, error);
    json_array_foreach(json_object_get(plan, "forget"), index, item) if (code == 0) code =
        go_on(bpc_forget(controller, json_string_value(item), error), item, error);
    json_array_foreach(json_object_get(plan, "moved"), index, item) if (code == 0) code =
        go_on(apply_moved(controller, item, false, error), item, error);
    json_array_foreach(json_object_get(plan, "back"), index, item) if (code == 0) code =
        go_on(apply_moved(controller, item, true, error), item, error);
    json_array_foreach(json_object_get(plan, "same"), index, item) bpc_settle(controller, item);
    json_array_foreach(json_object_get(plan, "gone"), index, item) if (code == 0) code =
        go_on(apply_gone(controller, item, false, error), item, error);
    json_array_foreach(json_object_get(plan, "found"), index, item) if (code == 0) code =
        go_on(apply_gone(controller, item, true, error), item, error);
    return code;
}

/* Tried first, as when it was registered: an API server may have learned to refuse it. */
int bpc_mend(bpc_controller *controller, const cat_strings *keys, bool *wrote, cat_error *error)
{
    cat_autojson json_t *plan = cat_json_object("register", json_array(), "reject", json_array(), NULL);
    json_t *entries = json_object_get(plan, "register");
    for (size_t i = 0; i < keys->count; i++) {
        cat_auto(cat_kv_entry) stored = {0};
        json_t *entry = NULL;
        cat_error failed = {0};
        int code = cat_kv_get(controller->spine, BPC_BUCKET, keys->items[i], &stored, &failed);
        if (code == 0)
            code = cat_json_parse(stored.value, stored.length, &CAT_JSON_CAPS, &entry, &failed);
        cat_autojson json_t *key = json_string(keys->items[i]);
        if (code < 0 && code != CAT_E_NOT_FOUND && go_on(code, key, &failed) < 0)
            return cat_error_copy(error, &failed);
        if (entry)
            json_array_append_new(entries, entry);
    }
    *wrote = false;
    int code = json_array_size(entries) > 0 ? bpc_try_objects(controller, plan, error) : 0;
    if (code == 0 && json_array_size(entries) > 0)
        code = bpc_write_files(controller, plan, wrote, error);
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(plan, "reject"), index, item) cat_log_warning(
        "the file of a registered Blueprint cannot be written again", CAT_FIELD("name", cat_json_text(item, "name")),
        CAT_FIELD("version", cat_json_text(item, "version")), CAT_FIELD("error", cat_json_text(item, "errors.0.message")));
    if (code < 0 || !*wrote)
        return code;
    cat_log_warning("files of registered Blueprints were gone and are written again");
    bpc_ask_flux(controller);
    return 0;
}
