/* What stands in a frame: rows, deletes, snapshots, and the id that lets a client go on from there. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "domain/kinds.h"
#include "views/stream_internal.h"
#include "wire/json.h"

#define ROW_MAX_BYTES (1024 * 1024)

bool prj_stream_id_find(const char *id, const char *environment, char incarnation[40], uint64_t *revision)
{
    size_t name = strlen(environment);
    for (const char *at = id; at && *at;) {
        size_t length = strcspn(at, ",");
        if (length > name + 1 && strncmp(at, environment, name) == 0 && at[name] == ':') {
            cat_autofree char *part = cat_strndup(at + name + 1, length - name - 1);
            char *dot = strrchr(part, '.');
            long long number = 0;
            if (!dot || dot == part || dot - part >= 40 || !cat_text_to_int64(dot + 1, 0, INT64_MAX, &number))
                return false;
            memcpy(incarnation, part, (size_t)(dot - part));
            incarnation[dot - part] = '\0';
            *revision = (uint64_t)number;
            return true;
        }
        at += length + (at[length] == ',');
    }
    return false;
}

static void add_part(char id[STREAM_ID_MAX], const char *environment, const char *incarnation, uint64_t revision)
{
    size_t length = strlen(id);
    snprintf(id + length, STREAM_ID_MAX - length, "%s%s:%s.%llu", length ? "," : "", environment, incarnation,
             (unsigned long long)revision);
}

void prj_stream_id_format(const prj_stream_group *group, char id[STREAM_ID_MAX])
{
    id[0] = '\0';
    for (size_t i = 0; i < group->count; i++)
        add_part(id, prj_view_environment(group->seen[i]), group->incarnations[i], group->revisions[i]);
}

bool prj_stream_sees(const prj_stream_group *group, const prj_view *seen, const prj_view_row *row)
{
    if (strcmp(prj_view_environment(seen), "_") == 0)
        return (strcmp(group->scope, "*") == 0 || strcmp(row->organization, group->scope) == 0 ||
                (cat_kind_is(row->kind, CAT_KIND_ROW_ORGANIZATION) && strcmp(row->name, group->scope) == 0)) &&
               (row->env_types & ~group->env_types) == 0;
    return !row->elsewhere && (group->secrets || !cat_kind_is(row->kind, CAT_KIND_SECRET));
}

cat_sse_frame *prj_stream_frame_of_row(const prj_stream_group *group, const prj_view *seen, const prj_view_row *row,
                                       const char *id)
{
    if (!row->deleted) {
        cat_auto(cat_string) text = CAT_STRING(ROW_MAX_BYTES + 1024);
        prj_view_row_format_for(row, group->env_types, &text);
        return cat_sse_frame_create(id, "row", cat_string_get(&text), text.length);
    }
    cat_autojson json_t *json =
        cat_json_object("environment", json_string(prj_view_environment(seen)), "key", json_string(row->shown), "revision",
                        json_integer((json_int_t)row->revision), NULL);
    cat_autofree char *text = cat_json_format(json);
    return cat_sse_frame_create(id, "delete", text, strlen(text));
}

static cat_sse_frame *make_snapshot(const prj_stream_group *group, const prj_view *seen, uint64_t revision, const char *id)
{
    cat_auto(cat_string) text = CAT_STRING(STREAM_SNAPSHOT_MAX_BYTES);
    cat_string_appendf(&text, "{\"environment\":\"%s\",\"revision\":%llu,\"rows\":[", prj_view_environment(seen),
                       (unsigned long long)revision);
    size_t at = 0;
    bool first = true;
    for (const prj_view_row *row; (row = prj_view_next(seen, &at));) {
        if (row->deleted || !prj_stream_sees(group, seen, row))
            continue;
        if (!first)
            cat_string_append_char(&text, ',');
        first = false;
        prj_view_row_format_for(row, group->env_types, &text);
    }
    cat_string_append(&text, "]}");
    return cat_sse_frame_create(id, "snapshot", cat_string_get(&text), text.length);
}

static int by_revision(const void *a, const void *b)
{
    const prj_view_row *left = *(const prj_view_row *const *)a, *right = *(const prj_view_row *const *)b;
    return (left->revision > right->revision) - (left->revision < right->revision);
}

/* Rows after `revision`, in order; NULL when they are so many that a snapshot is better. */
static const prj_view_row **rows_after(const prj_stream_group *group, const prj_view *seen, uint64_t revision, size_t *count)
{
    const prj_view_row **rows = cat_calloc(STREAM_RESUME_ROWS_MAX, sizeof *rows);
    size_t at = 0;
    *count = 0;
    for (const prj_view_row *row; (row = prj_view_next(seen, &at));) {
        if (row->revision <= revision || !prj_stream_sees(group, seen, row))
            continue;
        if (*count == STREAM_RESUME_ROWS_MAX) {
            free(rows);
            return NULL;
        }
        rows[(*count)++] = row;
    }
    qsort(rows, *count, sizeof *rows, by_revision);
    return rows;
}

/* The id while Environment `now` is being sent: those before it are up to date, those behind it are where the client had them. */
static void id_of_start(const prj_stream_group *group, size_t now, uint64_t revision, const char *last_event_id,
                        char id[STREAM_ID_MAX])
{
    id[0] = '\0';
    for (size_t i = 0; i < group->count; i++) {
        const char *environment = prj_view_environment(group->seen[i]);
        char incarnation[40];
        uint64_t seen = 0;
        if (i < now)
            add_part(id, environment, group->incarnations[i], group->revisions[i]);
        else if (i == now)
            add_part(id, environment, group->incarnations[i], revision);
        else if (prj_stream_id_find(last_event_id, environment, incarnation, &seen))
            add_part(id, environment, incarnation, seen);
    }
}

cat_sse_frame **prj_stream_frames_of_start(prj_stream_group *group, const char *last_event_id, size_t *count)
{
    cat_sse_frame **frames = cat_calloc(group->count * (STREAM_RESUME_ROWS_MAX + 1), sizeof(cat_sse_frame *));
    *count = 0;
    char id[STREAM_ID_MAX];
    for (size_t i = 0; i < group->count; i++) {
        const prj_view *seen = group->seen[i];
        char incarnation[40];
        uint64_t revision = 0;
        size_t row_count = 0;
        const prj_view_row **rows = NULL;
        if (prj_stream_id_find(last_event_id, prj_view_environment(seen), incarnation, &revision) &&
            prj_view_can_resume(seen, incarnation, revision))
            rows = rows_after(group, seen, revision, &row_count);
        for (size_t j = 0; rows && j < row_count; j++) {
            id_of_start(group, i, rows[j]->revision, last_event_id, id);
            frames[(*count)++] = prj_stream_frame_of_row(group, seen, rows[j], id);
        }
        if (!rows && !last_event_id) {
            id_of_start(group, i, group->revisions[i], NULL, id);
            if (!group->snapshot[i])
                group->snapshot[i] = make_snapshot(group, seen, group->revisions[i], id);
            frames[(*count)++] = cat_sse_frame_ref(group->snapshot[i]);
        } else if (!rows) {
            id_of_start(group, i, group->revisions[i], last_event_id, id);
            frames[(*count)++] = make_snapshot(group, seen, group->revisions[i], id);
        }
        free(rows);
    }
    return frames;
}
