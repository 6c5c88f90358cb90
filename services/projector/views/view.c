#include "views/view.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/fold_mark.h"
#include "domain/kinds.h"
#include "views/view_internal.h"
#include "wire/json.h"
#include "wire/json_writer.h"
#include "wire/names.h"
#include "wire/subjects.h"

/* A delete is remembered as long as its marker stays in the bucket; an hour less, for clocks that differ. */
#define REMEMBER_MS (23 * 60 * 60 * 1000)
#define PRUNE_EVERY_BORDERS 1024

static void row_release(void *value)
{
    prj_view_row *row = value;
    free(row->key);
    free(row->shown);
    free(row->text);
    free(row->kind);
    free(row->name);
    free(row->application);
    free(row->organization);
    free(row->status);
    free(row->message);
    free(row->blueprint);
    free(row);
}

static char *copy_text(cat_view json, const char *member)
{
    return cat_strdup(cat_view_text_or(json, member, ""));
}

const char *const prj_view_env_types[VIEW_ENV_TYPES] = {"dev", "stg", "uat", "prod", "poc"};

static unsigned type_of(const char *environment)
{
    char organization[CAT_NAME_ORGANIZATION_MAX + 1], env_type[8];
    for (unsigned i = 0; environment && cat_environment_split(environment, organization, env_type) && i < VIEW_ENV_TYPES; i++)
        if (strcmp(prj_view_env_types[i], env_type) == 0)
            return 1u << i;
    return 0;
}

/* An Organization's own row is everybody's in it, and is cut where it names Environments (prj_view_row_format_for). */
static unsigned types_of(const prj_view_row *row, cat_view json)
{
    unsigned types = cat_kind_is(row->kind, CAT_KIND_ROW_ENVIRONMENT) ? type_of(row->name) : 0;
    cat_view_iterator it = cat_view_each(cat_view_member(json, "environments"));
    cat_view name;
    while (cat_kind_is(row->kind, CAT_KIND_ROW_OPERATION) && cat_view_next(&it, NULL, &name))
        types |= type_of(cat_view_text(name, NULL));
    return types;
}

prj_view_row *prj_view_row_make(const cat_kv_entry *entry)
{
    cat_key key;
    if (cat_key_parse(entry->key, &key, NULL) < 0)
        return NULL;
    prj_view_row *row = cat_calloc(1, sizeof *row);
    row->key = cat_strdup(entry->key);
    row->shown = cat_printf("%s/%s/%s", key.kind, key.namespace ? key.namespace : "_", key.name);
    row->revision = entry->revision;
    row->folded_ms = entry->time_ms;
    row->kind = cat_strdup(key.kind);
    row->name = cat_strdup(key.name);
    cat_json_caps caps = {.max_bytes = 1024 * 1024, .max_depth = 80};
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *document = NULL;
    cat_view json = {0};
    if (entry->value && entry->length > 1 && cat_document_parse(entry->value, entry->length, &caps, &document, NULL) == 0) {
        json = cat_document_root(document);
        row->text = cat_strndup(entry->value, entry->length);
        row->length = entry->length;
    }
    row->application = copy_text(json, "application");
    row->organization = copy_text(json, "organization");
    row->status = copy_text(json, "status");
    row->message = copy_text(json, "message");
    row->blueprint = copy_text(json, "blueprint");
    row->env_types = types_of(row, json);
    row->deleted = !row->text || cat_view_bool_or(json, "deleted", false);
    row->elsewhere = !row->deleted && cat_kind_is(row->kind, CAT_KIND_ROW_REPOSITORY) && !cat_view_bool_or(json, "here", false);
    cat_time_parse(cat_view_text_or(json, "observedAt", ""), &row->observed_ms);
    return row;
}

void prj_view_row_format(const prj_view_row *row, cat_string *out)
{
    char folded_at[CAT_TIME_TEXT_MAX];
    cat_time_format(row->folded_ms, folded_at);
    cat_autojson json_t *key = json_string(row->shown);
    cat_autofree char *key_text = cat_json_format(key);
    cat_string_appendf(out, "{\"key\":%s,\"revision\":%llu,\"foldedAt\":\"%s\"", key_text, (unsigned long long)row->revision,
                       folded_at);
    if (row->length > 2) {
        cat_string_append_char(out, ',');
        cat_string_append_bytes(out, row->text + 1, row->length - 1);
    } else {
        cat_string_append_char(out, '}');
    }
}

void prj_view_row_format_for(const prj_view_row *row, unsigned env_types, cat_string *out)
{
    static const char *const CUT[] = {"environments"};
    cat_json_caps caps = {.max_bytes = 1024 * 1024, .max_depth = 80};
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *document = NULL;
    cat_auto(cat_string) whole = CAT_STRING(1024 * 1024), cut = CAT_STRING(1024 * 1024);
    if (!cat_kind_is(row->kind, CAT_KIND_ROW_ORGANIZATION)) {
        prj_view_row_format(row, out);
        return;
    }
    prj_view_row_format(row, &whole);
    if (cat_document_parse(cat_string_get(&whole), whole.length, &caps, &document, NULL) < 0)
        return;
    cat_view json = cat_document_root(document), name;
    cat_write_begin(&cut, NULL, '{');
    cat_write_members(&cut, json, CUT, 1);
    cat_write_begin(&cut, "environments", '[');
    cat_view_iterator it = cat_view_each(cat_view_member(json, "environments"));
    while (cat_view_next(&it, NULL, &name))
        if ((type_of(cat_view_text(name, NULL)) & ~env_types) == 0)
            cat_write_text(&cut, NULL, cat_view_text_or(name, NULL, ""));
    cat_write_end(&cut, ']');
    cat_write_end(&cut, '}');
    cat_string_append_bytes(out, cut.data, cut.length);
}

/* Borders */

static void prune(prj_view *seen, int64_t newest_ms)
{
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(seen->rows, &at, &key, &value)) {
        const prj_view_row *row = value;
        if (!row->text && row->folded_ms + REMEMBER_MS < newest_ms)
            cat_map_remove(seen->rows, key);
    }
}

static void tell(prj_view *seen, const prj_view_row *const *rows, size_t count)
{
    for (size_t i = 0; i < seen->listener_count; i++)
        seen->listeners[i]->on_change(seen->listeners[i]->context, seen, rows, count);
}

static void observe(const prj_view *seen, const prj_view_row *row)
{
    if (!seen->latency || row->observed_ms <= 0 || row->deleted || seen->listener_count == 0)
        return;
    const cat_clock *clock = cat_clock_system();
    double seconds = (double)(clock->wall_ms(clock) - row->observed_ms) / 1000.0;
    cat_metric_observe(seen->latency, seconds > 0 ? seconds : 0, NULL);
}

/* What was collected becomes visible, at once and whole. */
static void reach_border(prj_view *seen, uint64_t revision)
{
    pthread_rwlock_wrlock(&seen->lock);
    for (size_t i = 0; i < seen->pending_count; i++)
        cat_map_set(seen->rows, seen->pending[i]->key, seen->pending[i]);
    if (revision > seen->revision)
        seen->revision = revision;
    if (seen->ready && seen->pending_count > 0)
        tell(seen, (const prj_view_row *const *)seen->pending, seen->pending_count);
    for (size_t i = 0; i < seen->pending_count && seen->ready; i++)
        observe(seen, seen->pending[i]);
    if (++seen->borders % PRUNE_EVERY_BORDERS == 0 && seen->pending_count > 0)
        prune(seen, seen->pending[seen->pending_count - 1]->folded_ms);
    seen->pending_count = 0;
    pthread_rwlock_unlock(&seen->lock);
}

/* A batch holds a key once. Where its `_fold` was replaced before it came, several batches are collected, and only a key's last
 * row is kept. */
static void collect(prj_view *seen, prj_view_row *row)
{
    for (size_t i = row->revision > seen->batch_end ? seen->pending_count : 0; i-- > 0;) {
        if (strcmp(seen->pending[i]->key, row->key) != 0)
            continue;
        row_release(seen->pending[i]);
        memmove(&seen->pending[i], &seen->pending[i + 1], (seen->pending_count - i - 1) * sizeof *seen->pending);
        seen->pending_count--;
        break;
    }
    if (seen->pending_count == seen->pending_capacity) {
        seen->pending_capacity = seen->pending_capacity ? seen->pending_capacity * 2 : 64;
        seen->pending = cat_realloc(seen->pending, seen->pending_capacity * sizeof *seen->pending);
    }
    seen->pending[seen->pending_count++] = row;
}

static uint64_t rows_of_batch(const cat_kv_entry *entry)
{
    cat_auto(cat_fold_mark) mark = {0};
    return entry->value && cat_fold_mark_parse(entry->value, entry->length, &mark, NULL) == 0 ? mark.rows : 0;
}

static void on_entry(void *context, const cat_kv_entry *entry)
{
    prj_view *seen = context;
    if (strcmp(entry->key, CAT_FOLD_MARK) == 0) {
        if (seen->ready && seen->pending_count > 0)
            reach_border(seen,
                         entry->revision - 1); /* entries of the last batch that were replaced before they came are in this one */
        seen->batch_end = entry->revision + rows_of_batch(entry);
    } else {
        prj_view_row *row = prj_view_row_make(entry);
        if (row && !seen->ready) {
            pthread_rwlock_wrlock(&seen->lock);
            cat_map_set(seen->rows, row->key, row);
            pthread_rwlock_unlock(&seen->lock);
        } else if (row) {
            collect(seen, row);
        }
    }
    /* Beyond the end of the batch that is known, the next `_fold` says where the border is. */
    if (seen->ready && entry->revision == seen->batch_end)
        reach_border(seen, entry->revision);
}

static void on_ready(void *context, uint64_t revision)
{
    prj_view *seen = context;
    cat_stream_info info;
    cat_error error = {0};
    if (cat_bucket_get_info(seen->spine, seen->bucket, &info, &error) < 0)
        cat_log_warning("bucket's incarnation is not known", CAT_FIELD("bucket", seen->bucket), CAT_FIELD_ERROR(&error));
    pthread_rwlock_wrlock(&seen->lock);
    bool again = seen->was_ready;
    if (error.code == 0)
        snprintf(seen->incarnation, sizeof seen->incarnation, "%s", info.incarnation);
    seen->revision = revision;
    seen->ready = seen->was_ready = true;
    if (again)
        tell(seen, NULL, 0);
    pthread_rwlock_unlock(&seen->lock);
    pthread_mutex_lock(&seen->all->lock);
    seen->whole = true;
    pthread_cond_broadcast(&seen->all->changed);
    pthread_mutex_unlock(&seen->all->lock);
}

static void on_reset(void *context)
{
    prj_view *seen = context;
    pthread_rwlock_wrlock(&seen->lock);
    for (size_t i = 0; i < seen->pending_count; i++)
        row_release(seen->pending[i]);
    seen->pending_count = 0;
    cat_map_clear(seen->rows);
    seen->ready = false;
    seen->batch_end = 0;
    pthread_rwlock_unlock(&seen->lock);
}

/* One view */

int prj_view_open(prj_view *seen, cat_error *error)
{
    seen->rows = cat_map_create(row_release);
    pthread_rwlock_init(&seen->lock, NULL);
    const cat_kv_watch_handlers handlers = {on_entry, on_ready, on_reset, seen};
    return cat_kv_watch_start(seen->spine, seen->bucket, NULL, 0, &handlers, &seen->watch, error);
}

void prj_view_close(prj_view *seen)
{
    cat_kv_watch_stop(seen->watch);
    for (size_t i = 0; i < seen->pending_count; i++)
        row_release(seen->pending[i]);
    free(seen->pending);
    free(seen->listeners);
    cat_map_destroy(seen->rows);
    pthread_rwlock_destroy(&seen->lock);
    free(seen->organization);
    free(seen->environment);
    free(seen);
}

const char *prj_view_environment(const prj_view *seen)
{
    return seen->environment;
}

const char *prj_view_organization(const prj_view *seen)
{
    return seen->organization;
}

void prj_view_lock(prj_view *seen)
{
    pthread_rwlock_rdlock(&seen->lock);
}

void prj_view_unlock(prj_view *seen)
{
    pthread_rwlock_unlock(&seen->lock);
}

const char *prj_view_incarnation(const prj_view *seen)
{
    return seen->incarnation;
}

uint64_t prj_view_revision(const prj_view *seen)
{
    return seen->revision;
}

size_t prj_view_count(const prj_view *seen)
{
    return cat_map_count(seen->rows);
}

const prj_view_row *prj_view_find(const prj_view *seen, const char *key)
{
    return cat_map_get(seen->rows, key);
}

const prj_view_row *prj_view_next(const prj_view *seen, size_t *at)
{
    const char *key;
    void *value;
    return cat_map_next(seen->rows, at, &key, &value) ? value : NULL;
}

/* Markers leave the bucket after a day without a trace. That the client's revision is younger is proved by a row of before it
 * that is. */
bool prj_view_can_resume(const prj_view *seen, const char *incarnation, uint64_t revision)
{
    if (!seen->ready || revision > seen->revision || !seen->incarnation[0] || strcmp(incarnation, seen->incarnation) != 0)
        return false;
    if (revision == seen->revision)
        return true;
    const cat_clock *clock = cat_clock_system();
    int64_t since_ms = clock->wall_ms(clock) - REMEMBER_MS;
    size_t at = 0;
    for (const prj_view_row *row; (row = prj_view_next(seen, &at));)
        if (row->revision <= revision && row->folded_ms >= since_ms)
            return true;
    return false;
}

void prj_view_listen(prj_view *seen, const prj_view_listener *listener)
{
    pthread_rwlock_wrlock(&seen->lock);
    seen->listeners = cat_realloc(seen->listeners, (seen->listener_count + 1) * sizeof *seen->listeners);
    seen->listeners[seen->listener_count++] = listener;
    pthread_rwlock_unlock(&seen->lock);
}

void prj_view_unlisten(prj_view *seen, const prj_view_listener *listener)
{
    pthread_rwlock_wrlock(&seen->lock);
    for (size_t i = 0; i < seen->listener_count; i++) {
        if (seen->listeners[i] != listener)
            continue;
        seen->listeners[i] = seen->listeners[--seen->listener_count];
        break;
    }
    pthread_rwlock_unlock(&seen->lock);
}
