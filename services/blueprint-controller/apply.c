#include "apply.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/plan_rejection.h"
#include "domain/events.h"
#include "svc/events.h"
#include "svc/flux.h"
#include "wire/names.h"
#include "wire/subjects.h"
#include "wire/yaml.h"

static char *key_of(const json_t *item)
{
    return cat_printf("%s.%s.%s", cat_json_text_or(item, "source", ""), cat_json_text_or(item, "name", ""),
                      cat_json_text_or(item, "version", ""));
}

/* --- dry run --- */

static json_t *refused(const json_t *entry, const char *reason, const char *message)
{
    json_t *item = json_object(), *errors = json_array();
    static const char *const KEPT[] = {"source", "name", "version", "repository", "path", "tag", "commit", "digest"};
    for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++)
        cat_json_set_text(item, KEPT[i], cat_json_text(entry, KEPT[i]));
    json_array_append_new(errors,
                          cat_json_object("file", json_string("blueprint.yaml"), "line", json_integer(1), "column",
                                          json_integer(1), "pointer", json_string(""), "message", json_string(message), NULL));
    json_object_set_new(item, "reason", json_string(reason));
    json_object_set_new(item, "errors", errors);
    return item;
}

/* What the API server would not take may not reach Git: one bad file stops everything that Flux applies with it. */
static int try_objects(bpc_controller *controller, json_t *plan, cat_error *error)
{
    json_t *wanted = json_object_get(plan, "register");
    for (size_t i = 0; i < json_array_size(wanted);) {
        const json_t *entry = json_array_get(wanted, i);
        cat_autojson json_t *object = bpc_plan_object(entry);
        cat_apply_options options = {.field_manager = BPC_NAME, .force = true, .dry_run = true};
        cat_error failed = {0};
        int code = cat_kube_apply(controller->kube, object, &options, NULL, &failed);
        if (code == CAT_E_INVALID || code == CAT_E_TOO_LARGE) {
            json_array_append_new(json_object_get(plan, "reject"), refused(entry, "Refused", failed.message));
            json_array_remove(wanted, i);
            continue;
        }
        if (code < 0) {
            cat_error_wrap(&failed, "trying Blueprint %s", cat_object_name(object));
            return cat_error_copy(error, &failed);
        }
        i++;
    }
    return 0;
}

/* --- Git --- */

/* The version as it was committed once; that is what it stays. */
static int adopt(cat_git *git, const cat_git_id *head, const char *path, json_t *entries, size_t index, bool *there,
                 cat_error *error)
{
    cat_autofree char *text = NULL;
    size_t length = 0;
    cat_error failed = {0};
    int code = cat_git_read(git, head, path, &text, &length, NULL, &failed);
    *there = code == 0;
    if (code == CAT_E_NOT_FOUND)
        return 0;
    if (code < 0) {
        cat_error_wrap(&failed, "%s", path);
        return cat_error_copy(error, &failed);
    }
    cat_autojson json_t *object = NULL;
    const json_t *entry = json_array_get(entries, index);
    cat_yaml_parse(text, length, &CAT_YAML_CAPS, &object, NULL, NULL);
    if (cat_text_equal(cat_json_text(object, "spec.digest"), cat_json_text(entry, "digest")))
        return 0;
    json_t *older = bpc_plan_entry_of_object(object, cat_json_text_or(entry, "registeredAt", ""));
    if (!older)
        return cat_error_set_class(error, CAT_E_CONFLICT, CAT_CLASS_STALLED,
                                   "%s in " CAT_CONFIG_REPOSITORY " is not what this service wrote", path);
    cat_json_set_text(older, "moved", cat_json_text(entry, "commit"));
    json_array_set_new(entries, index, older);
    return 0;
}

static char *subject_of(const json_t *entries, size_t written)
{
    const json_t *first = json_array_get(entries, 0);
    if (written == 1 && json_array_size(entries) == 1)
        return cat_printf("Register %s %s", cat_json_text_or(first, "name", ""), cat_json_text_or(first, "version", ""));
    return cat_printf("Register %zu Blueprint versions", written);
}

static char *trailers_of(const json_t *entries)
{
    cat_auto(cat_string) text = CAT_STRING(16384);
    size_t index;
    json_t *entry;
    json_array_foreach(entries, index, entry) cat_string_appendf(
        &text, "Blueprint: %s/%s %s %s\n", cat_json_text_or(entry, "source", ""), cat_json_text_or(entry, "name", ""),
        cat_json_text_or(entry, "version", ""), cat_json_text_or(entry, "digest", ""));
    return cat_string_take(&text);
}

/* What stands in a file's place and is not ours keeps its own version from being registered, and no other. */
static int find_wanted(cat_git *git, const cat_git_id *head, json_t *plan, cat_strings *paths, cat_strings *texts,
                       cat_error *error)
{
    json_t *entries = json_object_get(plan, "register");
    for (size_t i = 0; i < json_array_size(entries);) {
        cat_autofree char *path = bpc_plan_file(json_array_get(entries, i));
        bool there = false;
        cat_error failed = {0};
        int code = adopt(git, head, path, entries, i, &there, &failed);
        if (code == CAT_E_CONFLICT && failed.class == CAT_CLASS_STALLED) {
            json_array_append_new(json_object_get(plan, "reject"),
                                  refused(json_array_get(entries, i), "Occupied", failed.message));
            json_array_remove(entries, i);
            continue;
        }
        if (code < 0)
            return cat_error_copy(error, &failed);
        if (!there) {
            cat_autojson json_t *object = bpc_plan_object(json_array_get(entries, i));
            cat_autofree char *text = cat_yaml_format(object);
            cat_strings_add(paths, path);
            cat_strings_add(texts, text);
        }
        i++;
    }
    return 0;
}

/* What is to be written, as the branch stands. */
typedef struct {
    json_t *plan;
    cat_strings paths, texts;
    cat_git_file *files;
    char *subject, *trailers;
} writing;

static void writing_finish(writing *all)
{
    cat_strings_finish(&all->paths);
    cat_strings_finish(&all->texts);
    free(all->files);
    free(all->subject);
    free(all->trailers);
    *all = (writing){.plan = all->plan};
}

static int choose(void *context, cat_git *git, const cat_git_id *head, cat_config_wish *wish, cat_error *error)
{
    writing *all = context;
    writing_finish(all);
    if (!head)
        return cat_error_set(error, CAT_E_NOT_FOUND, CAT_CONFIG_REPOSITORY " has no branch main");
    int code = find_wanted(git, head, all->plan, &all->paths, &all->texts, error);
    if (code < 0)
        return code;
    const json_t *entries = json_object_get(all->plan, "register");
    all->files = cat_calloc(all->paths.count + 1, sizeof *all->files);
    for (size_t i = 0; i < all->paths.count; i++)
        all->files[i] =
            (cat_git_file){.path = all->paths.items[i], .content = all->texts.items[i], .length = strlen(all->texts.items[i])};
    wish->files = all->files;
    wish->count = all->paths.count;
    wish->subject = all->subject = subject_of(entries, all->paths.count);
    wish->trailers = all->trailers = trailers_of(entries);
    wish->time_ms = cat_clock_system()->wall_ms(cat_clock_system());
    return 0;
}

static int write_files(bpc_controller *controller, json_t *plan, bool *wrote, cat_error *error)
{
    writing all = {.plan = plan};
    cat_config_wish wish = {.branch = "main", .choose = choose, .context = &all};
    int code = cat_config_repo_commit(controller->config_repo, &wish, error);
    *wrote = all.paths.count > 0;
    writing_finish(&all);
    return code;
}

/* Flux looks at this branch every few minutes; a version that was just registered is wanted now. That it cannot be asked is no
 * failure: it looks by itself. */
static void ask_flux(bpc_controller *controller)
{
    cat_error error = {0};
    if (cat_flux_ask(controller->kube, "flux-system", "catalyst-config", &error) < 0)
        cat_log_info("Flux was not asked to look at " CAT_CONFIG_REPOSITORY, CAT_FIELD_ERROR(&error));
}

/* --- KV --- */

static int put_entry(bpc_controller *controller, const json_t *entry, cat_error *error)
{
    cat_autofree char *key = key_of(entry), *text = cat_json_format(entry);
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

/* --- events --- */

static int publish(bpc_controller *controller, const char *what, cat_event_kind type, const json_t *item, const char *reason,
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
    cat_autofree char *key = key_of(item), *id = cat_printf("%s/%s/%s", key, cat_json_text_or(item, "commit", ""), what);
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

static void settle(bpc_controller *controller, const json_t *item)
{
    cat_autofree char *key = key_of(item);
    json_object_set_new(controller->settled, key, json_string(cat_json_text_or(item, "commit", "")));
}

/* A rejection that is over. Should its tag come again, it is judged again. */
static int forget(bpc_controller *controller, const char *name, cat_error *error)
{
    cat_autofree char *key = cat_printf(BPC_REJECTION_PREFIX "%s", name);
    int code = cat_kv_delete(controller->spine, BPC_BUCKET, key, -1, error);
    if (code < 0)
        return code;
    json_object_del(controller->settled, name);
    cat_log_info("a rejected Blueprint is so no longer", CAT_FIELD("version", name));
    return 0;
}

static int apply_registered(bpc_controller *controller, const json_t *entry, cat_error *error)
{
    int code = put_entry(controller, entry, error);
    if (code == 0)
        code = publish(controller, "registered", CAT_EVENT_BLUEPRINT_REGISTERED, entry, NULL, error);
    cat_autofree char *key = key_of(entry);
    if (code == 0 && bpc_registry_is_rejected(controller->registry, key))
        code = forget(controller, key, error);
    if (code < 0)
        return code;
    const char *source = cat_json_text(entry, "source");
    cat_metric_add(controller->registered, 1, &source);
    cat_log_info("Blueprint registered", CAT_FIELD("source", source), CAT_FIELD("name", cat_json_text(entry, "name")),
                 CAT_FIELD("version", cat_json_text(entry, "version")), CAT_FIELD("digest", cat_json_text(entry, "digest")));
    return 0;
}

static int tell_rejected(bpc_controller *controller, const json_t *item, cat_error *error)
{
    int code = publish(controller, "rejected", CAT_EVENT_BLUEPRINT_REJECTED, item, NULL, error);
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
    cat_autofree char *name = key_of(item), *key = cat_printf(BPC_REJECTION_PREFIX "%s", name);
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
    settle(controller, item);
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

static int apply_rejections(bpc_controller *controller, const json_t *plan, cat_error *error)
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

/* After one of many: a peer that is away ends them all, for now; what is wrong with this one alone is said, and the others go on.
 */
static int go_on(int code, const json_t *item, cat_error *error)
{
    if (code != CAT_E_INVALID && code != CAT_E_TOO_LARGE)
        return code;
    cat_autofree char *key = json_is_string(item) ? cat_strdup(json_string_value(item)) : key_of(item);
    cat_log_warning("what is kept of a Blueprint's version cannot be changed", CAT_FIELD("version", key), CAT_FIELD_ERROR(error));
    cat_error_clear(error);
    return 0;
}

static int apply_moved(bpc_controller *controller, const json_t *item, bool back, cat_error *error)
{
    cat_autofree char *key = key_of(item);
    int code = put_mark(controller, key, "moved", back ? NULL : cat_json_text(item, "commit"), error);
    if (code == 0 && !back)
        code = publish(controller, "moved", CAT_EVENT_BLUEPRINT_REJECTED, item, "TagMoved", error);
    if (code < 0)
        return code;
    const char *source = cat_json_text(item, "source");
    if (!back)
        cat_metric_add(controller->moved, 1, &source);
    if (back)
        settle(controller, item);
    cat_log_warning(back ? "a moved tag is where it was" : "a tag was moved: the version stays what it was registered as",
                    CAT_FIELD("version", key), CAT_FIELD("commit", cat_json_text(item, "commit")));
    return 0;
}

static int apply_gone(bpc_controller *controller, const json_t *item, bool found, cat_error *error)
{
    cat_autofree char *key = key_of(item);
    char now[CAT_TIME_TEXT_MAX];
    cat_time_format(cat_clock_system()->wall_ms(cat_clock_system()), now);
    int code = put_mark(controller, key, "tagGone", found ? NULL : now, error);
    if (code == 0 && !found)
        code = publish(controller, "gone", CAT_EVENT_BLUEPRINT_REJECTED, item, "TagGone", error);
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
    int code = try_objects(controller, plan, error);
    if (code == 0 && json_array_size(wanted) > 0)
        code = write_files(controller, plan, &wrote, error);
    if (code == 0 && wrote)
        ask_flux(controller);
    json_array_foreach(wanted, index, item) if (code == 0) code = apply_registered(controller, item, error);
    if (code == 0)
        code = apply_rejections(controller, plan, error);
    json_array_foreach(json_object_get(plan, "forget"), index, item) if (code == 0) code =
        go_on(forget(controller, json_string_value(item), error), item, error);
    json_array_foreach(json_object_get(plan, "moved"), index, item) if (code == 0) code =
        go_on(apply_moved(controller, item, false, error), item, error);
    json_array_foreach(json_object_get(plan, "back"), index, item) if (code == 0) code =
        go_on(apply_moved(controller, item, true, error), item, error);
    json_array_foreach(json_object_get(plan, "same"), index, item) settle(controller, item);
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
    int code = json_array_size(entries) > 0 ? try_objects(controller, plan, error) : 0;
    if (code == 0 && json_array_size(entries) > 0)
        code = write_files(controller, plan, wrote, error);
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(plan, "reject"), index, item) cat_log_warning(
        "the file of a registered Blueprint cannot be written again", CAT_FIELD("name", cat_json_text(item, "name")),
        CAT_FIELD("version", cat_json_text(item, "version")), CAT_FIELD("error", cat_json_text(item, "errors.0.message")));
    if (code < 0 || !*wrote)
        return code;
    cat_log_warning("files of registered Blueprints were gone and are written again");
    ask_flux(controller);
    return 0;
}
