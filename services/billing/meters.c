#include "meters.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/task.h"
#include "domain/events.h"
#include "domain/fold_mark.h"
#include "domain/kinds.h"
#include "svc/events.h"
#include "svc/follow.h"
#include "svc/shard.h"
#include "wire/names.h"
#include "wire/subjects.h"

#define FETCH_MAX 500
#define FETCH_MS 2000
#define BATCHES_MAX 200 /* of one Environment in one round: others wait too */
#define SAVED_MAX_BYTES ((size_t)900 * 1024)
/* A meter that only moved on is kept again after so many events: what was read since would be read again. */
#define CURSOR_SLACK 2000

typedef struct {
    bil_meter *meter;
    uint64_t revision; /* in KV; 0: not kept yet */
    uint64_t kept_cursor;
} kept;

struct bil_meters {
    bil_meters_options options;
    cat_shard *shard;
    cat_map *kept;            /* environment → kept; the thread's alone */
    cat_task *task, *running; /* the same; the second is set and read by the task alone, which may run before the first is set */
    cat_metric *events, *records, *gaps, *lag;
};

static void free_kept(void *value)
{
    bil_meter_destroy(((kept *)value)->meter);
    free(value);
}

static int64_t now_s(void)
{
    return cat_clock_system()->wall_ms(cat_clock_system()) / 1000;
}

/* --- Environments --- */

/* `{org}/{env}`; gone: of rows that say so. */
typedef struct {
    cat_strings *names, *gone;
} naming;

static bool add_environment(void *context, const cat_kv_entry *entry)
{
    naming *all = context;
    cat_key key;
    cat_autojson json_t *row = NULL;
    if (!entry->value || cat_key_parse(entry->key, &key, NULL) < 0 || !cat_kind_is(key.kind, CAT_KIND_ROW_ENVIRONMENT) ||
        cat_json_parse(entry->value, entry->length, &CAT_JSON_CAPS, &row, NULL) < 0)
        return true;
    char owner[CAT_NAME_ORGANIZATION_MAX + 1] = "", env_type[8];
    cat_environment_split(key.name, owner, env_type);
    const char *organization = cat_json_text_or(row, "organization", owner);
    if (*organization)
        cat_strings_addf(cat_json_bool_or(row, "deleted", false) ? all->gone : all->names, "%s/%s", organization, key.name);
    return true;
}

static int list_environments(cat_spine *spine, cat_strings *environments, cat_strings *gone, cat_error *error)
{
    naming all = {environments, gone};
    cat_error failed = {0};
    char filter[CAT_KEY_MAX];
    cat_kind_filter(CAT_KIND_ROW_ENVIRONMENT, filter);
    int code = cat_kv_each(spine, "catalyst-state", filter, add_environment, &all, &failed);
    if (code == CAT_E_NOT_FOUND) /* nobody has folded anything yet */
        return 0;
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}

int bil_meters_environments(cat_spine *spine, const char *organization, cat_strings *environments, cat_error *error)
{
    char key[CAT_KEY_MAX];
    cat_auto(cat_kv_entry) entry = {0};
    cat_autojson json_t *row = NULL;
    cat_error failed = {0};
    int code = cat_key_make(cat_kind_get(CAT_KIND_ROW_ORGANIZATION)->token, NULL, organization, key, &failed);
    if (code == 0)
        code = cat_kv_get(spine, "catalyst-state", key, &entry, &failed);
    if (code == CAT_E_NOT_FOUND)
        return 0;
    if (code == 0)
        code = cat_json_parse(entry.value, entry.length, &CAT_JSON_CAPS, &row, &failed);
    if (code < 0)
        return cat_error_copy(error, &failed);
    size_t index;
    json_t *name;
    json_array_foreach(json_object_get(row, "environments"), index, name) if (json_is_string(name))
        cat_strings_add(environments, json_string_value(name));
    return 0;
}

/* --- keeping --- */

static int read_meter(cat_spine *spine, const char *environment, bil_meter **meter, uint64_t *revision, cat_error *error)
{
    cat_auto(cat_kv_entry) entry = {0};
    cat_autojson json_t *saved = NULL;
    int code = cat_kv_get(spine, BIL_BUCKET, environment, &entry, error);
    *revision = entry.revision;
    if (code == 0)
        code = cat_json_parse(entry.value, entry.length, &CAT_JSON_CAPS, &saved, error);
    return code < 0 ? code : bil_meter_restore(saved, meter, error);
}

static int load(bil_meters *meters, const char *organization, const char *environment, kept **loaded, cat_error *error)
{
    *loaded = cat_map_get(meters->kept, environment);
    if (*loaded)
        return 0;
    kept *made = cat_calloc(1, sizeof *made);
    cat_error failed = {0};
    int code = read_meter(meters->options.spine, environment, &made->meter, &made->revision, &failed);
    if (code == CAT_E_NOT_FOUND) {
        made->meter = bil_meter_create(organization, environment);
        code = 0;
    } else if (code == CAT_E_INVALID) { /* begun again from the stream: the ledger knows each record once */
        cat_log_warning("a meter cannot be read and is begun again", CAT_FIELD("environment", environment),
                        CAT_FIELD_ERROR(&failed));
        made->meter = bil_meter_create(organization, environment);
        code = 0;
    }
    if (code < 0) {
        free(made);
        return cat_error_copy(error, &failed);
    }
    made->kept_cursor = bil_meter_cursor(made->meter);
    cat_map_set(meters->kept, environment, made);
    *loaded = made;
    return 0;
}

static int keep(bil_meters *meters, kept *one, cat_error *error)
{
    uint64_t cursor = bil_meter_cursor(one->meter);
    if (!bil_meter_is_changed(one->meter) && cursor - one->kept_cursor < CURSOR_SLACK)
        return 0;
    cat_autojson json_t *saved = bil_meter_save(one->meter);
    cat_autofree char *text = cat_json_format(saved);
    if (strlen(text) > SAVED_MAX_BYTES)
        return cat_error_set(error, CAT_E_TOO_LARGE, "the meter of %s has %zu bytes, at most %zu can be kept",
                             bil_meter_environment(one->meter), strlen(text), SAVED_MAX_BYTES);
    int code = cat_kv_put(meters->options.spine, BIL_BUCKET,
                          &(cat_kv_write){bil_meter_environment(one->meter), text, strlen(text), (int64_t)one->revision},
                          &one->revision, error);
    if (code == 0)
        one->kept_cursor = cursor;
    return code;
}

/* --- records --- */

static int publish(bil_meters *meters, const bil_meter *meter, const json_t *record, cat_error *error)
{
    const char *organization = bil_meter_organization(meter);
    char subject[CAT_SUBJECT_MAX];
    int code = cat_event_subject(CAT_EVENT_USAGE_RECORDED, organization, NULL, subject, error);
    if (code < 0)
        return code;
    cat_autofree char *id = bil_record_id(record);
    int64_t to_ms = 0;
    cat_time_parse(cat_json_text_or(record, "to", ""), &to_ms);
    cat_cloudevent event = {.id = id,
                            .source = "billing",
                            .type = cat_event_type(CAT_EVENT_USAGE_RECORDED),
                            .subject = id,
                            .time_ms = to_ms,
                            .organization = organization,
                            .environment = bil_meter_environment(meter),
                            .application = cat_json_text(record, "application"),
                            .data = (json_t *)record};
    return cat_event_publish(meters->options.spine, subject, &event, NULL, error);
}

/* The ledger first: a meter that was not kept afterwards makes the same records again, and their ids are the same. */
static int publish_all(bil_meters *meters, const bil_meter *meter, json_t *records, cat_error *error)
{
    size_t index;
    json_t *record;
    json_array_foreach(records, index, record)
    {
        int code = publish(meters, meter, record, error);
        if (code < 0)
            return code;
        const char *organization = bil_meter_organization(meter);
        cat_metric_add(meters->records, 1, &organization);
    }
    json_array_clear(records);
    return 0;
}

/* --- one Environment --- */

/* Sequences of this stream that can no longer be read; the meter is told, so that its records say so. */
static void look_for_gap(bil_meters *meters, bil_meter *meter, const cat_stream_info *info)
{
    const char *incarnation = bil_meter_incarnation(meter), *reason = NULL;
    uint64_t cursor = bil_meter_cursor(meter);
    switch (cat_follow_compare(incarnation, cursor, info)) {
    case CAT_FOLLOW_GOES_ON:
        return;
    case CAT_FOLLOW_FIRST:
        break;
    case CAT_FOLLOW_MADE_ANEW:
        reason = "the stream was made anew";
        cursor = 0;
        break;
    case CAT_FOLLOW_WENT_BACKWARDS:
        reason = "the stream went backwards";
        cursor = 0;
        break;
    case CAT_FOLLOW_DISCARDED:
        reason = "events were discarded before they were metered";
        cursor = info->first_sequence - 1;
        break;
    }
    bil_meter_gap(meter, reason ? reason : "", info->incarnation, cursor);
    if (!reason)
        return;
    const char *organization = bil_meter_organization(meter);
    cat_metric_add(meters->gaps, 1, &organization);
    cat_log_warning("usage was metered with a gap", CAT_FIELD("environment", bil_meter_environment(meter)),
                    CAT_FIELD("reason", reason));
}

static void hear(bil_meters *meters, bil_meter *meter, const cat_message *message, json_t *records)
{
    cat_auto(cat_cloudevent_in) event = {0};
    cat_error error = {0};
    if (message->sequence <= bil_meter_cursor(meter))
        return;
    if (cat_cloudevent_parse(message->data, message->length, &event, &error) < 0) {
        cat_log_warning("an event cannot be metered", CAT_FIELD("subject", message->subject), CAT_FIELD_ERROR(&error));
        return;
    }
    bil_meter_apply(meter, &event, message->sequence, message->time_ms, records);
    const char *organization = bil_meter_organization(meter);
    cat_metric_add(meters->events, 1, &organization);
}

static int read_batch(bil_meters *meters, cat_follow *follow, bil_meter *meter, cat_error *error)
{
    cat_auto(cat_messages) messages = {0};
    cat_autojson json_t *records = json_array();
    int code = cat_follow_read(follow, FETCH_MAX, FETCH_MS, FETCH_MS, &messages, error);
    for (size_t i = 0; i < messages.count; i++)
        hear(meters, meter, &messages.items[i], records);
    return code < 0 ? code : publish_all(meters, meter, records, error);
}

static void filter_objects(const char *environment, cat_kind kind, char filter[CAT_SUBJECT_MAX])
{
    cat_event_filter_of(CAT_EVENT_K8S_OBJECT, (const char *const[]){environment, cat_kind_get(kind)->token, NULL}, filter);
}

/* For this round alone: it begins behind the cursor, so nothing that was lost on the way is lost for good. */
static int read_events(bil_meters *meters, cat_spine *spine, bil_meter *meter, const char *stream, uint64_t *reached,
                       cat_error *error)
{
    const char *environment = bil_meter_environment(meter);
    char pods[CAT_SUBJECT_MAX], claims[CAT_SUBJECT_MAX], repairs[CAT_SUBJECT_MAX];
    filter_objects(environment, CAT_KIND_POD, pods);
    filter_objects(environment, CAT_KIND_PERSISTENT_VOLUME_CLAIM, claims);
    cat_event_filter_of(CAT_EVENT_SYNC_REPAIR, (const char *const[]){environment, NULL}, repairs);
    cat_follow_options options = {
        .spine = spine, .stream = stream, .filters = {pods, claims, repairs}, .after = bil_meter_cursor(meter)};
    cat_autoptr(cat_follow) follow = NULL;
    int code = cat_follow_create(&options, &follow, error);
    for (unsigned batch = 0; code == 0 && cat_follow_waiting(follow) > 0 && batch < BATCHES_MAX; batch++) {
        if (cat_task_is_stopping(meters->running))
            break;
        code = read_batch(meters, follow, meter, error);
    }
    if (code == 0 && cat_follow_waiting(follow) > 0)
        *reached = bil_meter_cursor(meter); /* there is more: next round */
    return code;
}

/* --- after a gap --- */

static bool add_row(void *context, const cat_kv_entry *entry)
{
    cat_map *present = context;
    cat_key key;
    cat_autojson json_t *row = NULL;
    if (!entry->value || cat_key_parse(entry->key, &key, NULL) < 0 ||
        cat_json_parse(entry->value, entry->length, &CAT_JSON_CAPS, &row, NULL) < 0 || cat_json_bool_or(row, "deleted", false))
        return true;
    const char *cluster;
    json_t *copy;
    json_object_foreach(json_object_get(row, "clusters"), cluster, copy)
    {
        char name[BIL_OBJECT_KEY_BYTES];
        bil_object_key(cluster, key.kind, key.namespace ? key.namespace : "", key.name, name);
        cat_map_set(present, name, present); /* anything */
    }
    return true;
}

static int each_row(cat_spine *spine, const char *bucket, cat_kind kind, cat_map *present, cat_error *error)
{
    char filter[CAT_KEY_MAX];
    cat_kind_filter(kind, filter);
    return cat_kv_each(spine, bucket, filter, add_row, present, error);
}

/* Has the fold come as far as the meter? */
static int read_fold(cat_spine *spine, const char *bucket, const bil_meter *meter, bool *far, cat_error *error)
{
    cat_auto(cat_kv_entry) entry = {0};
    cat_auto(cat_fold_mark) mark = {0};
    int code = cat_kv_get(spine, bucket, CAT_FOLD_MARK, &entry, error);
    if (code == 0)
        code = cat_fold_mark_parse(entry.value, entry.length, &mark, error);
    *far = code == 0 && cat_text_equal(mark.incarnation, bil_meter_incarnation(meter)) && mark.cursor >= bil_meter_cursor(meter);
    return code;
}

/* What ended while events were missing has no row any more. Rows that are at least as new as the meter say so. */
static void look_at_rows(cat_spine *spine, bil_meter *meter)
{
    char bucket[CAT_SUBJECT_MAX];
    bool far = false;
    cat_error error = {0};
    cat_bucket_of_environment(bil_meter_environment(meter), bucket, sizeof bucket);
    __attribute__((cleanup(cat_map_destroy_cleanup))) cat_map *present = cat_map_create(NULL);
    int code = read_fold(spine, bucket, meter, &far, &error);
    if (code == 0 && far)
        code = each_row(spine, bucket, CAT_KIND_POD, present, &error);
    if (code == 0 && far)
        code = each_row(spine, bucket, CAT_KIND_PERSISTENT_VOLUME_CLAIM, present, &error);
    if (code == 0 && far)
        bil_meter_settle(meter, present);
    else
        cat_log_debug("what a gap has hidden is not known yet", CAT_FIELD("environment", bil_meter_environment(meter)),
                      CAT_FIELD("error", error.message));
}

/* --- one Environment, once --- */

static int meter_environment(bil_meters *meters, cat_spine *spine, kept *one, cat_error *error)
{
    char stream[CAT_SUBJECT_MAX];
    cat_stream_info info;
    cat_autojson json_t *records = json_array();
    bil_meter *meter = one->meter;
    cat_stream_of_environment(bil_meter_environment(meter), stream, sizeof stream);
    int code = cat_stream_get_info(spine, stream, &info, error);
    if (code < 0)
        return code;
    look_for_gap(meters, meter, &info);
    uint64_t reached = info.last_sequence;
    if (info.last_sequence > bil_meter_cursor(meter))
        code = read_events(meters, spine, meter, stream, &reached, error);
    /* Only who has read everything knows that nothing happened since. */
    if (code == 0 && reached == info.last_sequence) {
        bil_meter_advance(meter, now_s() - BIL_GRACE_S, reached, records);
        code = publish_all(meters, meter, records, error);
        if (code == 0 && bil_meter_is_in_doubt(meter))
            look_at_rows(spine, meter);
    }
    if (code == 0 && bil_meter_is_full(meter))
        cat_log_warning("an Environment has more Pods and claims than are metered",
                        CAT_FIELD("environment", bil_meter_environment(meter)), CAT_FIELD_INT("metered", BIL_OBJECTS_MAX));
    return code == 0 ? keep(meters, one, error) : code;
}

static int meter_one(bil_meters *meters, const char *organization, const char *environment, cat_error *error)
{
    kept *one;
    cat_spine *spine = NULL;
    int code = load(meters, organization, environment, &one, error);
    if (code == 0)
        code = cat_accounts_acquire(meters->options.accounts, organization, &spine, error);
    if (code < 0)
        return code;
    code = meter_environment(meters, spine, one, error);
    cat_accounts_release(meters->options.accounts, organization);
    /* It may be half moved on, or somebody else's now: read again what was kept. */
    if (code < 0)
        cat_map_remove(meters->kept, environment);
    return code;
}

/* What it has counted and not recorded is recorded, and it goes; an Environment that is made again begins anew. */
static int finish_one(bil_meters *meters, const char *organization, const char *environment, cat_error *error)
{
    bil_meter *meter = NULL;
    uint64_t revision = 0;
    cat_error failed = {0};
    cat_map_remove(meters->kept, environment);
    int code = read_meter(meters->options.spine, environment, &meter, &revision, &failed);
    if (code == CAT_E_NOT_FOUND)
        return 0;
    cat_autojson json_t *records = json_array();
    if (code == 0) {
        bil_meter_finish(meter, records);
        code = publish_all(meters, meter, records, &failed);
        bil_meter_destroy(meter);
    } else if (code == CAT_E_INVALID) {
        code = 0;
    }
    if (code == 0)
        code = cat_kv_delete(meters->options.spine, BIL_BUCKET, environment, (int64_t)revision, &failed);
    if (code < 0)
        return cat_error_copy(error, &failed);
    cat_log_info("the usage of an Environment that is gone was recorded", CAT_FIELD("organization", organization),
                 CAT_FIELD("environment", environment));
    return 0;
}

/* --- rounds --- */

/* What is not there yet, or is being made, is no news. */
static void tell(const char *environment, const cat_error *failed)
{
    if (failed->class == CAT_CLASS_WAITING || failed->code == CAT_E_NOT_FOUND)
        cat_log_debug("an Environment cannot be metered yet", CAT_FIELD("environment", environment), CAT_FIELD_ERROR(failed));
    else
        cat_log_warning("an Environment was not metered", CAT_FIELD("environment", environment), CAT_FIELD_ERROR(failed));
}

/* For each `{org}/{env}` of the Organizations that this replica holds; how many failed. */
static char *organization_of(const char *named)
{
    return cat_strndup(named, (size_t)(strchr(named, '/') - named));
}

static double for_each(bil_meters *meters, const cat_strings *environments,
                       int (*act)(bil_meters *, const char *, const char *, cat_error *))
{
    double failures = 0;
    for (size_t i = 0; i < environments->count && !cat_task_is_stopping(meters->running); i++) {
        const char *environment = strchr(environments->items[i], '/') + 1;
        cat_autofree char *organization = organization_of(environments->items[i]);
        cat_error failed = {0};
        if (!cat_shard_holds(meters->shard, organization)) {
            cat_map_remove(meters->kept, environment);
        } else if (act(meters, organization, environment, &failed) < 0) {
            tell(environment, &failed);
            failures++;
        }
    }
    return failures;
}

/* Also those of which alone what was counted has to be ended. */
static void know_organizations(bil_meters *meters, const cat_strings *environments, const cat_strings *gone)
{
    cat_auto(cat_strings) organizations = {0};
    const cat_strings *lists[] = {environments, gone};
    for (size_t list = 0; list < 2; list++)
        for (size_t i = 0; i < lists[list]->count; i++) {
            cat_autofree char *organization = organization_of(lists[list]->items[i]);
            cat_strings_add(&organizations, organization);
        }
    cat_shard_know(meters->shard, &organizations);
}

static int go_round(bil_meters *meters, cat_error *error)
{
    cat_auto(cat_strings) environments = {0}, gone = {0};
    int code = list_environments(meters->options.spine, &environments, &gone, error);
    if (code < 0)
        return code;
    know_organizations(meters, &environments, &gone);
    double failures = for_each(meters, &environments, meter_one) + for_each(meters, &gone, finish_one);
    cat_metric_set(meters->lag, failures, NULL);
    return 0;
}

static int64_t meter_all(void *context, cat_task *task)
{
    bil_meters *meters = context;
    cat_error error = {0};
    meters->running = task;
    if (go_round(meters, &error) < 0)
        cat_log_warning("nothing was metered", CAT_FIELD_ERROR(&error));
    return 0;
}

int bil_meters_start(const bil_meters_options *options, bil_meters **started, cat_error *error)
{
    bil_meters *meters = cat_calloc(1, sizeof *meters);
    meters->options = *options;
    meters->kept = cat_map_create(free_kept);
    cat_metrics *metrics = cat_service_metrics(options->service);
    meters->events =
        cat_metric_get(metrics, CAT_METRIC_COUNTER, "catalyst_billing_events_total", "Events that were metered.", "organization");
    meters->records = cat_metric_get(metrics, CAT_METRIC_COUNTER, "catalyst_billing_records_total", "Records that were written.",
                                     "organization");
    meters->gaps =
        cat_metric_get(metrics, CAT_METRIC_COUNTER, "catalyst_billing_gaps_total", "Events that were missing.", "organization");
    meters->lag = cat_metric_get(metrics, CAT_METRIC_GAUGE, "catalyst_billing_environments_failed",
                                 "Environments that could not be metered in the last round.", NULL);
    /* Each round asks what is held; what is kept is fenced by its revision. */
    cat_shard_options shard = {.spine = options->spine, .service = "billing", .instance = options->instance};
    int code = cat_shard_start(&shard, &meters->shard, error);
    if (code < 0) {
        cat_map_destroy(meters->kept);
        free(meters);
        return code;
    }
    meters->task = cat_task_start(&(cat_task_options){.interval_ms = options->interval_ms, .run = meter_all, .context = meters});
    *started = meters;
    return 0;
}

void bil_meters_stop(bil_meters *meters)
{
    if (!meters)
        return;
    cat_task_stop(meters->task);
    cat_shard_stop(meters->shard);
    cat_shard_destroy(meters->shard);
    cat_map_destroy(meters->kept);
    free(meters);
}

int bil_meters_open(cat_spine *spine, const cat_strings *environments, json_t **records, cat_error *error)
{
    cat_autojson json_t *all = json_array();
    for (size_t i = 0; i < environments->count; i++) {
        bil_meter *meter = NULL;
        uint64_t revision;
        cat_error failed = {0};
        int code = read_meter(spine, environments->items[i], &meter, &revision, &failed);
        if (code == CAT_E_NOT_FOUND || code == CAT_E_INVALID)
            continue;
        if (code < 0)
            return cat_error_copy(error, &failed);
        cat_autojson json_t *ended = json_array(), *open = NULL;
        bil_meter_advance(meter, now_s() - BIL_GRACE_S, 0, ended);
        open = bil_meter_open(meter);
        json_array_extend(all, ended);
        json_array_extend(all, open);
        bil_meter_destroy(meter);
    }
    *records = cat_take(all);
    return 0;
}
