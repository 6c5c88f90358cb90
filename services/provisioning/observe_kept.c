/* What an earlier Application of the same name left, and a new one would find: volumes, as the Environments' rows tell, and
 * values in the store of secrets. Both are kept on purpose; the plan says so before somebody relies on a fresh start. And volumes
 * that are larger than the plan says, kept or grown by hand: they stay so. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/plan_kept.h"
#include "core/plan_volume.h"
#include "domain/kinds.h"
#include "domain/secrets.h"
#include "kinds/kinds.h"
#include "observe.h"
#include "wire/names.h"
#include "wire/subjects.h"

static void warn(json_t *plan, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void warn(json_t *plan, const char *format, ...)
{
    char text[CAT_ERROR_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    json_array_append_new(json_object_get(plan, "warnings"), json_string(text));
}

/* The row of a volume; 0 with NULL when there is none. */
static int read_volume(cat_spine *spine, const json_t *volume, json_t **row, cat_error *error)
{
    char bucket[128], key[CAT_KEY_MAX];
    cat_auto(cat_kv_entry) entry = {0};
    cat_error failed = {0};
    static const cat_json_caps CAPS = {.max_bytes = (size_t)2 * 1024 * 1024, .max_depth = 80};
    *row = NULL;
    cat_bucket_of_environment(cat_json_text_or(volume, "environment", ""), bucket, sizeof bucket);
    if (cat_key_make(cat_kind_get(CAT_KIND_PERSISTENT_VOLUME_CLAIM)->token, cat_json_text_or(volume, "namespace", ""),
                     cat_json_text_or(volume, "name", ""), key, NULL) < 0)
        return 0;
    int code = cat_kv_get(spine, bucket, key, &entry, &failed);
    if (code == 0)
        code = cat_json_parse(entry.value, entry.length, &CAPS, row, &failed);
    return code == CAT_E_NOT_FOUND ? 0 : code < 0 ? cat_error_copy(error, &failed) : 0;
}

static void warn_of_volume(json_t *plan, const json_t *volume, const json_t *row)
{
    const char *application = cat_json_text_or(volume, "application", ""), *name = cat_json_text_or(volume, "name", ""),
               *environment = cat_json_text_or(volume, "environment", ""), *wanted = cat_json_text_or(volume, "blueprint", ""),
               *was = cat_json_text(row, "blueprint");
    if (was && !cat_text_equal(was, wanted))
        warn(plan,
             "%s in %s: volume %s is kept of an earlier Application of that name, made from %s: %s would start on what that one "
             "wrote. Choose another name, or ask the Sovereign's administrators to delete the volume first",
             application, environment, name, was, wanted);
    else
        warn(plan,
             "%s in %s: volume %s is kept of an earlier Application of that name and is taken over with what is on it. Choose "
             "another name for a fresh start, or ask the Sovereign's administrators to delete the volume first",
             application, environment, name);
}

/* In the vcluster where it has most. */
static const char *storage_of(const json_t *row, int64_t *bytes)
{
    const char *cluster, *largest = NULL;
    json_t *entry;
    *bytes = 0;
    json_object_foreach(json_object_get(row, "clusters"), cluster, entry)
    {
        const char *storage = cat_json_text(entry, "storage");
        int64_t here = 0;
        if (!storage || !cat_quantity_bytes(storage, &here) || here <= *bytes)
            continue;
        *bytes = here;
        largest = storage;
    }
    return largest;
}

/* Rows that cannot be read leave what Git asked for. */
static int look_at_volumes(prv_context *context, const char *organization, json_t *plan, const json_t *volumes,
                           json_t *complaints, cat_error *error)
{
    cat_spine *spine = NULL;
    int code = json_array_size(volumes) ? cat_accounts_acquire(context->accounts, organization, &spine, error) : 0;
    size_t index;
    json_t *volume;
    json_array_foreach(volumes, index, volume)
    {
        cat_autojson json_t *row = NULL;
        int64_t bytes = 0;
        if (code == 0 && spine)
            code = read_volume(spine, volume, &row, error);
        bool there = row && !cat_json_bool_or(row, "deleted", false);
        if (there && cat_json_bool_or(volume, "new", false))
            warn_of_volume(plan, volume, row);
        prv_plan_volume(plan, volume, there ? storage_of(row, &bytes) : NULL, complaints);
    }
    if (spine)
        cat_accounts_release(context->accounts, organization);
    return code;
}

/* A store that cannot be asked is no reason to refuse a plan: the step waits for it in its own words. */
static void look_at_secrets(prv_context *context, const char *organization, json_t *plan)
{
    cat_autofree char *namespace = cat_printf("catalyst-secrets-%s", organization);
    size_t index;
    json_t *secret;
    json_array_foreach(json_object_get(plan, "secrets"), index, secret)
    {
        const char *path = cat_json_text_or(secret, "path", "");
        cat_autofree char *name = cat_secret_key(path);
        cat_autojson json_t *present = NULL;
        if (cat_kube_get(context->kube, cat_resource_find("", "Secret"), namespace, name, &present, NULL) == 0)
            warn(plan, "the secret %s is kept of an earlier Application of that name, and its values are used again", path);
    }
}

/* --- what an uninstall leaves --- */

/* Those of one Environment that it has. false: not all could be looked at. */
static bool list_volumes_in(cat_spine *spine, const char *application, const char *environment, const json_t *claims,
                            json_t *volumes)
{
    const char *hyphen = strrchr(environment, '-');
    cat_autofree char *namespace = cat_printf("%s-%s", application, hyphen ? hyphen + 1 : "");
    bool known = claims != NULL;
    size_t index;
    json_t *claim;
    json_array_foreach((json_t *)claims, index, claim)
    {
        cat_autojson json_t *row = NULL, *volume = json_copy(claim);
        json_object_set_new(volume, "environment", json_string(environment));
        json_object_set_new(volume, "namespace", json_string(namespace));
        if (read_volume(spine, volume, &row, NULL) < 0)
            known = false;
        else if (row && !cat_json_bool_or(row, "deleted", false))
            json_array_append(volumes, volume);
    }
    return known;
}

static bool list_volumes(cat_spine *spine, const json_t *plan, const json_t *claims, json_t *volumes)
{
    const char *name = cat_json_text_or(plan, "application", "");
    bool known = true;
    size_t index;
    json_t *environment;
    json_array_foreach(cat_json_get(plan, "applications.0.environments"), index, environment)
    {
        const char *text = json_string_value(environment) ? json_string_value(environment) : "";
        known = list_volumes_in(spine, name, text, json_object_get(claims, text), volumes) && known;
    }
    return known;
}

static bool list_secrets(prv_context *context, const char *organization, const json_t *paths, json_t *secrets)
{
    cat_autofree char *namespace = cat_printf("catalyst-secrets-%s", organization);
    bool known = paths != NULL;
    size_t index;
    json_t *path;
    json_array_foreach((json_t *)paths, index, path)
    {
        cat_autofree char *name = cat_secret_key(json_string_value(path));
        cat_autojson json_t *present = NULL;
        int code = cat_kube_get(context->kube, cat_resource_find("", "Secret"), namespace, name, &present, NULL);
        if (code == 0)
            json_array_append(secrets, path);
        else if (code != CAT_E_NOT_FOUND)
            known = false;
    }
    return known;
}

void prv_observe_left(prv_context *context, const char *organization, json_t *plan, const json_t *secrets, const json_t *claims)
{
    cat_spine *spine = NULL;
    json_t *volumes = json_array(), *paths = json_array();
    cat_autojson json_t *kept = cat_json_object("volumes", volumes, "secrets", paths, NULL);
    bool known = list_secrets(context, organization, secrets, paths);
    if (cat_accounts_acquire(context->accounts, organization, &spine, NULL) == 0) {
        known = list_volumes(spine, plan, claims, volumes) && known;
        cat_accounts_release(context->accounts, organization);
    } else {
        known = false;
    }
    json_object_set_new(kept, "unknown", json_boolean(!known));
    json_object_del(plan, "volumes");
    prv_tell_kept(plan, kept);
}

int prv_observe_kept(prv_context *context, const char *organization, json_t *plan, json_t **errors, cat_error *error)
{
    cat_autojson json_t *volumes = json_incref(json_object_get(plan, "volumes")), *complaints = json_array();
    bool makes = prv_kind_of(plan)->makes;
    json_object_del(plan, "volumes");
    if (makes)
        look_at_secrets(context, organization, plan);
    int code = look_at_volumes(context, organization, plan, volumes, complaints, makes ? error : NULL);
    if (code < 0 && makes) /* anything else goes on without the warning */
        return code;
    if (!json_array_size(complaints))
        return 0;
    cat_error_set(error, CAT_E_INVALID, "%s", cat_json_text_or(complaints, "0.message", ""));
    if (errors)
        *errors = cat_take(complaints);
    return CAT_E_INVALID;
}
