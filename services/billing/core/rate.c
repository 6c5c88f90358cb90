#include "core/rate.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/memory.h"
#include "domain/events.h"
#include "wire/digest.h"
#include "wire/kubernetes.h"
#include "wire/kubernetes_requests.h"
#include "wire/names.h"

/* Above any machine that there is: what lies higher is somebody's mistake and may not overflow the sums of the others. */
#define CPU_MILLI_MAX INT64_C(1000000000)
#define BYTES_MAX (INT64_C(1) << 50)
#define REASON_MAX 120

typedef struct {
    bil_request rate, used; /* used: unit-seconds in the running window */
    int64_t objects;
    bool seen; /* in the running window */
    int64_t from_s;
} application;

typedef struct {
    char *application;
    bil_request request;
} object;

struct bil_meter {
    char *organization, *environment, *incarnation;
    uint64_t cursor;
    int64_t time_s, window_from_s; /* 0: nothing was heard yet */
    cat_map *objects, *applications;
    bool gap_pending, changed, in_doubt, full;
    int64_t gap_from_s, gap_to_s; /* of the running window; from 0: none */
    char gap_reason[REASON_MAX + 1];
};

/* --- sums that do not overflow --- */

static int64_t add(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int64_t times(int64_t amount, int64_t seconds)
{
    int64_t product;
    return __builtin_mul_overflow(amount, seconds, &product) ? INT64_MAX : product;
}

static void add_request(bil_request *to, const bil_request *what)
{
    to->cpu_milli = add(to->cpu_milli, what->cpu_milli);
    to->memory_bytes = add(to->memory_bytes, what->memory_bytes);
    to->storage_bytes = add(to->storage_bytes, what->storage_bytes);
}

static int64_t less(int64_t a, int64_t b)
{
    return a > b ? a - b : 0;
}

static void take_request(bil_request *from, const bil_request *what)
{
    from->cpu_milli = less(from->cpu_milli, what->cpu_milli);
    from->memory_bytes = less(from->memory_bytes, what->memory_bytes);
    from->storage_bytes = less(from->storage_bytes, what->storage_bytes);
}

static bool is_nothing(const bil_request *what)
{
    return what->cpu_milli == 0 && what->memory_bytes == 0 && what->storage_bytes == 0;
}

/* --- what an object asks for --- */

static int64_t capped(int64_t value, int64_t most)
{
    return value > most ? most : value;
}

static bil_request pod_request(cat_view pod)
{
    const char *phase = cat_view_text_or(pod, "status.phase", ""), *node = cat_view_text_or(pod, "spec.nodeName", "");
    if (!*node || strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0)
        return (bil_request){0};
    cat_pod_requests asked = cat_pod_requests_of(cat_view_get(pod, "spec"));
    return (bil_request){.cpu_milli = capped(asked.cpu_milli, CPU_MILLI_MAX),
                         .memory_bytes = capped(asked.memory_bytes, BYTES_MAX)};
}

bil_request bil_request_of(const char *kind, cat_view view)
{
    if (strcmp(kind, "Pod") == 0)
        return pod_request(view);
    bil_request request = {0};
    if (strcmp(kind, "PersistentVolumeClaim") != 0)
        return request;
    request.storage_bytes = capped(cat_quantity_bytes_of(cat_view_get(view, "spec.resources.requests.storage")), BYTES_MAX);
    return request;
}

/* --- life --- */

static void free_object(void *value)
{
    object *one = value;
    free(one->application);
    free(one);
}

bil_meter *bil_meter_create(const char *organization, const char *environment)
{
    bil_meter *meter = cat_calloc(1, sizeof *meter);
    meter->organization = cat_strdup(organization);
    meter->environment = cat_strdup(environment);
    meter->incarnation = cat_strdup("");
    meter->objects = cat_map_create(free_object);
    meter->applications = cat_map_create(free);
    return meter;
}

void bil_meter_destroy(bil_meter *meter)
{
    if (!meter)
        return;
    cat_map_destroy(meter->objects);
    cat_map_destroy(meter->applications);
    free(meter->organization);
    free(meter->environment);
    free(meter->incarnation);
    free(meter);
}

const char *bil_meter_environment(const bil_meter *meter)
{
    return meter->environment;
}

const char *bil_meter_organization(const bil_meter *meter)
{
    return meter->organization;
}

uint64_t bil_meter_cursor(const bil_meter *meter)
{
    return meter->cursor;
}

const char *bil_meter_incarnation(const bil_meter *meter)
{
    return meter->incarnation;
}

bool bil_meter_is_changed(bil_meter *meter)
{
    bool changed = meter->changed;
    meter->changed = false;
    return changed;
}

/* --- time --- */

static application *application_of(bil_meter *meter, const char *name)
{
    application *known = cat_map_get(meter->applications, name);
    if (known)
        return known;
    known = cat_calloc(1, sizeof *known);
    cat_map_set(meter->applications, name, known);
    return known;
}

static void accrue(bil_meter *meter, int64_t to_s)
{
    int64_t seconds = to_s - meter->time_s;
    size_t at = 0;
    const char *name;
    void *value;
    while (seconds > 0 && cat_map_next(meter->applications, &at, &name, &value)) {
        application *one = value;
        if (is_nothing(&one->rate))
            continue;
        if (!one->seen) {
            one->seen = true;
            one->from_s = meter->time_s;
        }
        bil_request used = {times(one->rate.cpu_milli, seconds), times(one->rate.memory_bytes, seconds),
                            times(one->rate.storage_bytes, seconds)};
        add_request(&one->used, &used);
    }
    if (meter->gap_pending && seconds > 0) {
        if (!meter->gap_from_s)
            meter->gap_from_s = meter->time_s;
        meter->gap_to_s = to_s;
    }
    meter->time_s = to_s;
}

static json_t *time_json(int64_t seconds)
{
    char text[CAT_TIME_TEXT_MAX];
    cat_time_format(seconds * 1000, text);
    return json_string(text);
}

static json_t *make_record(const bil_meter *meter, const char *name, const application *one, int64_t to_s)
{
    json_t *record = cat_json_object("environment", json_string(meter->environment), "application", json_string(name), "from",
                                     time_json(one->from_s), "to", time_json(to_s), "cpuMilliSeconds",
                                     json_integer(one->used.cpu_milli), "memoryByteSeconds", json_integer(one->used.memory_bytes),
                                     "storageByteSeconds", json_integer(one->used.storage_bytes), NULL);
    if (meter->gap_from_s)
        json_object_set_new(record, "gap",
                            cat_json_object("from", time_json(meter->gap_from_s), "to", time_json(meter->gap_to_s), "reason",
                                            json_string(meter->gap_reason), NULL));
    return record;
}

static void close_window(bil_meter *meter, json_t *records)
{
    size_t at = 0;
    const char *name;
    void *value;
    while (cat_map_next(meter->applications, &at, &name, &value)) {
        application *one = value;
        if (one->seen)
            json_array_append_new(records, make_record(meter, name, one, meter->time_s));
        one->used = (bil_request){0};
        one->seen = false;
        if (one->objects == 0)
            cat_map_remove(meter->applications, name);
    }
    meter->gap_from_s = meter->gap_to_s = 0;
    meter->window_from_s += BIL_WINDOW_S;
    meter->changed = true;
}

/* An Environment in which nothing asks for anything costs nothing, however long that was. */
static void skip_empty(bil_meter *meter, int64_t to_s)
{
    if (cat_map_count(meter->applications) > 0 || to_s < meter->window_from_s + BIL_WINDOW_S)
        return;
    meter->window_from_s = to_s - to_s % BIL_WINDOW_S;
    meter->time_s = to_s;
    meter->gap_from_s = meter->gap_to_s = 0;
    meter->changed = true;
}

static void move_to(bil_meter *meter, int64_t to_s, json_t *records)
{
    if (meter->time_s == 0) {
        meter->time_s = to_s;
        meter->window_from_s = to_s - to_s % BIL_WINDOW_S;
    }
    int64_t before_s = meter->time_s;
    skip_empty(meter, to_s);
    while (to_s >= meter->window_from_s + BIL_WINDOW_S) {
        accrue(meter, meter->window_from_s + BIL_WINDOW_S);
        close_window(meter, records);
        skip_empty(meter, to_s);
    }
    if (to_s > meter->time_s)
        accrue(meter, to_s);
    if (meter->time_s > before_s)
        meter->gap_pending = false;
}

/* --- events --- */

static void set_object(bil_meter *meter, const char *key, const char *application_name, bil_request request)
{
    object *known = cat_map_get(meter->objects, key);
    if (known ? strcmp(known->application, application_name) == 0 && memcmp(&known->request, &request, sizeof request) == 0
              : is_nothing(&request))
        return;
    if (known) {
        application *of = application_of(meter, known->application);
        take_request(&of->rate, &known->request);
        of->objects--;
        cat_map_remove(meter->objects, key);
    }
    meter->changed = true;
    if (is_nothing(&request))
        return;
    meter->full = cat_map_count(meter->objects) >= BIL_OBJECTS_MAX;
    if (meter->full)
        return;
    object *made = cat_calloc(1, sizeof *made);
    made->application = cat_strdup(application_name);
    made->request = request;
    cat_map_set(meter->objects, key, made);
    application *of = application_of(meter, application_name);
    add_request(&of->rate, &request);
    of->objects++;
}

/* Ninety-six bits: two of one Environment never have the same. */
static void key_of_text(const char *text, char key[BIL_OBJECT_KEY_BYTES])
{
    unsigned char digest[CAT_SHA256_BYTES];
    cat_sha256(text, strlen(text), digest);
    cat_autofree char *encoded = cat_base64url_encode((const char *)digest, 12);
    snprintf(key, BIL_OBJECT_KEY_BYTES, "%s", encoded);
}

void bil_object_key(const char *cluster, const char *kind, const char *namespace, const char *name,
                    char key[BIL_OBJECT_KEY_BYTES])
{
    cat_autofree char *text =
        cat_printf("%.253s/%s/%.253s/%.253s", cluster, strcasecmp(kind, "Pod") == 0 ? "pod" : "pvc", namespace, name);
    key_of_text(text, key);
}

/* As the fold has it: the attribute, else the label, else the namespace `{app}-{env type}`. The caller's; NULL: nobody's. */
static char *application_name_of(const bil_meter *meter, const cat_cloudevent_in *event, cat_view data)
{
    if (event->application && *event->application)
        return cat_strdup(event->application);
    const char *label = cat_view_text(cat_view_member(cat_view_get(data, "object.metadata.labels"), CAT_LABEL_APPLICATION), NULL);
    if (label && *label)
        return cat_strdup(label);
    char organization[CAT_NAME_ORGANIZATION_MAX + 1], env_type[8];
    const char *namespace = cat_view_text_or(data, "namespace", "");
    if (!cat_environment_split(meter->environment, organization, env_type))
        return NULL;
    size_t length = strlen(namespace), tail = strlen(env_type) + 1;
    if (length <= tail || namespace[length - tail] != '-' || strcmp(namespace + length - strlen(env_type), env_type) != 0)
        return NULL;
    return cat_strndup(namespace, length - tail);
}

void bil_meter_apply(bil_meter *meter, const cat_cloudevent_in *event, uint64_t sequence, int64_t heard_ms, json_t *records)
{
    meter->cursor = sequence;
    cat_event_kind what = cat_event_kind_of(event->type);
    bool repair = what == CAT_EVENT_SYNC_REPAIR;
    cat_view data = repair ? cat_view_get(event->data, "repair") : event->data;
    bool deleted = what == CAT_EVENT_K8S_DELETED || (repair && !cat_view_is_object(cat_view_get(data, "object")));
    if (!deleted && !repair && what != CAT_EVENT_K8S_OBJECT)
        return;
    const char *kind = cat_view_text_or(data, "kind", ""), *name = cat_view_text_or(data, "name", "");
    if (strcmp(kind, "Pod") != 0 && strcmp(kind, "PersistentVolumeClaim") != 0)
        return;
    int64_t time_s = (event->time_ms < heard_ms ? event->time_ms : heard_ms) / 1000;
    if (time_s > 0)
        move_to(meter, time_s > meter->time_s ? time_s : meter->time_s, records);
    char key[BIL_OBJECT_KEY_BYTES];
    bil_object_key(cat_view_text_or(data, "cluster", ""), kind, cat_view_text_or(data, "namespace", ""), name, key);
    cat_autofree char *of = application_name_of(meter, event, data);
    if (deleted || !of)
        set_object(meter, key, "", (bil_request){0});
    else if (!cat_view_bool_or(data, "cut", false)) /* a cut one does not say what it asks for: what is known stays */
        set_object(meter, key, of, bil_request_of(kind, cat_view_get(data, "object")));
}

void bil_meter_advance(bil_meter *meter, int64_t now_s, uint64_t cursor, json_t *records)
{
    if (cursor > meter->cursor)
        meter->cursor = cursor;
    if (meter->time_s > 0 && now_s > meter->time_s)
        move_to(meter, now_s, records);
}

void bil_meter_gap(bil_meter *meter, const char *reason, const char *incarnation, uint64_t cursor)
{
    if (meter->time_s > 0) {
        meter->gap_pending = meter->in_doubt = true;
        snprintf(meter->gap_reason, sizeof meter->gap_reason, "%s", reason);
    }
    char *old = meter->incarnation; /* which `incarnation` may be */
    meter->incarnation = cat_strdup(incarnation);
    free(old);
    meter->cursor = cursor;
    meter->changed = true;
}

bool bil_meter_is_in_doubt(const bil_meter *meter)
{
    return meter->in_doubt;
}

bool bil_meter_is_full(const bil_meter *meter)
{
    return meter->full;
}

void bil_meter_settle(bil_meter *meter, const cat_map *present)
{
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(meter->objects, &at, &key, &value))
        if (!cat_map_get(present, key))
            set_object(meter, key, "", (bil_request){0});
    meter->in_doubt = false;
    meter->changed = true;
}

void bil_meter_finish(bil_meter *meter, json_t *records)
{
    cat_map *nothing = cat_map_create(NULL);
    bil_meter_settle(meter, nothing);
    cat_map_destroy(nothing);
    close_window(meter, records);
}

json_t *bil_meter_open(const bil_meter *meter)
{
    json_t *records = json_array();
    size_t at = 0;
    const char *name;
    void *value;
    while (cat_map_next(meter->applications, &at, &name, &value)) {
        const application *one = value;
        if (!one->seen)
            continue;
        json_t *record = make_record(meter, name, one, meter->time_s);
        cat_json_set_bool(record, "open", true);
        json_array_append_new(records, record);
    }
    return records;
}

/* The window and whose it is; not how long of it was used, which is what the record says. */
char *bil_record_id(const json_t *record)
{
    int64_t from_ms = 0;
    cat_time_parse(cat_json_text_or(record, "from", ""), &from_ms);
    int64_t from_s = from_ms / 1000;
    char window[CAT_TIME_TEXT_MAX];
    cat_time_format((from_s - from_s % BIL_WINDOW_S) * 1000, window);
    return cat_printf("%s/%s/%s", cat_json_text_or(record, "environment", ""), cat_json_text_or(record, "application", ""),
                      window);
}

/* --- saving --- */

static json_t *request_json(const bil_request *what)
{
    json_t *array = json_array();
    json_array_append_new(array, json_integer(what->cpu_milli));
    json_array_append_new(array, json_integer(what->memory_bytes));
    json_array_append_new(array, json_integer(what->storage_bytes));
    return array;
}

static bil_request request_of_json(const json_t *array)
{
    bil_request request = {json_integer_value(json_array_get(array, 0)), json_integer_value(json_array_get(array, 1)),
                           json_integer_value(json_array_get(array, 2))};
    int64_t *const all[] = {&request.cpu_milli, &request.memory_bytes, &request.storage_bytes};
    for (size_t i = 0; i < 3; i++)
        *all[i] = *all[i] < 0 ? 0 : *all[i];
    return request;
}

/* The same Application asks for the same many times: each such pair is saved once, and objects by its number. */
static json_t *save_objects(const bil_meter *meter, json_t *shapes)
{
    json_t *objects = json_object();
    cat_map *numbers = cat_map_create(NULL);
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(meter->objects, &at, &key, &value)) {
        const object *one = value;
        cat_autojson json_t *shape = request_json(&one->request);
        json_array_insert_new(shape, 0, json_string(one->application));
        cat_autofree char *text = cat_json_format(shape);
        uintptr_t number = (uintptr_t)cat_map_get(numbers, text);
        if (!number) {
            json_array_append(shapes, shape);
            number = json_array_size(shapes);
            cat_map_set(numbers, text, (void *)number);
        }
        json_object_set_new(objects, key, json_integer((json_int_t)number - 1));
    }
    cat_map_destroy(numbers);
    return objects;
}

json_t *bil_meter_save(const bil_meter *meter)
{
    json_t *shapes = json_array(), *objects = save_objects(meter, shapes), *applications = json_object();
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(meter->applications, &at, &key, &value)) {
        const application *one = value;
        if (!one->seen)
            continue;
        json_t *saved = request_json(&one->used);
        json_array_append_new(saved, json_integer(one->from_s));
        json_object_set_new(applications, key, saved);
    }
    json_t *saved =
        cat_json_object("organization", json_string(meter->organization), "environment", json_string(meter->environment),
                        "incarnation", json_string(meter->incarnation), "cursor", json_integer((json_int_t)meter->cursor), "time",
                        json_integer(meter->time_s), "windowFrom", json_integer(meter->window_from_s), "shapes", shapes,
                        "objects", objects, "applications", applications, NULL);
    if (meter->in_doubt)
        cat_json_set_bool(saved, "inDoubt", true);
    if (meter->gap_pending || meter->gap_from_s) {
        cat_json_set_text(saved, "gap.reason", meter->gap_reason);
        cat_json_set_int(saved, "gap.from", meter->gap_from_s);
        cat_json_set_int(saved, "gap.to", meter->gap_to_s);
        cat_json_set_bool(saved, "gap.pending", meter->gap_pending);
    }
    return saved;
}

static void restore_parts(bil_meter *meter, const json_t *saved)
{
    const char *key;
    json_t *item;
    const json_t *shapes = json_object_get(saved, "shapes");
    json_object_foreach(json_object_get(saved, "objects"), key, item)
    {
        /* Before there were shapes, each stood with its object, which had its whole name. */
        const json_t *shape = json_is_array(item) ? item : json_array_get(shapes, (size_t)json_integer_value(item));
        const char *name = json_string_value(json_array_get(shape, 0));
        cat_autojson json_t *amounts = json_copy((json_t *)shape);
        char hashed[BIL_OBJECT_KEY_BYTES];
        if (!name)
            continue;
        json_array_remove(amounts, 0);
        if (json_is_array(item))
            key_of_text(key, hashed);
        set_object(meter, json_is_array(item) ? hashed : key, name, request_of_json(amounts));
    }
    json_object_foreach(json_object_get(saved, "applications"), key, item)
    {
        application *one = application_of(meter, key);
        one->used = request_of_json(item);
        one->from_s = json_integer_value(json_array_get(item, 3));
        one->seen = true;
    }
}

int bil_meter_restore(const json_t *saved, bil_meter **restored, cat_error *error)
{
    const char *organization = cat_json_text(saved, "organization"), *environment = cat_json_text(saved, "environment");
    int64_t cursor = cat_json_int_or(saved, "cursor", -1), time_s = cat_json_int_or(saved, "time", -1),
            window = cat_json_int_or(saved, "windowFrom", -1);
    if (!organization || !environment || cursor < 0 || time_s < 0 || window < 0 || window % BIL_WINDOW_S || window > time_s ||
        time_s - window > BIL_WINDOW_S)
        return cat_error_set(error, CAT_E_INVALID, "this is not what a meter saved");
    bil_meter *meter = bil_meter_create(organization, environment);
    free(meter->incarnation);
    meter->incarnation = cat_strdup(cat_json_text_or(saved, "incarnation", ""));
    meter->cursor = (uint64_t)cursor;
    meter->time_s = time_s;
    meter->window_from_s = window;
    restore_parts(meter, saved);
    snprintf(meter->gap_reason, sizeof meter->gap_reason, "%s", cat_json_text_or(saved, "gap.reason", ""));
    meter->gap_from_s = cat_json_int_or(saved, "gap.from", 0);
    meter->gap_to_s = cat_json_int_or(saved, "gap.to", 0);
    meter->gap_pending = cat_json_bool_or(saved, "gap.pending", false);
    meter->in_doubt = cat_json_bool_or(saved, "inDoubt", false);
    meter->changed = false;
    *restored = meter;
    return 0;
}
