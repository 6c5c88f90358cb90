/* Derived rows: pure functions of base rows, so that a take-over may compute them all again and changes no byte. */
#include "core/fold_derive.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/fold_address.h"
#include "core/fold_cause.h"
#include "core/fold_commit.h"
#include "core/fold_explain.h"
#include "core/fold_text.h"
#include "core/fold_time.h"

#define IMAGES_MAX 64

static int by_key(const void *a, const void *b)
{
    return strcmp((*(prj_fold_row *const *)a)->key, (*(prj_fold_row *const *)b)->key);
}

/* Sequence and time of a derived row are those of the newest row that its state depends on: not of each Pod that comes and goes,
 * else every Pod's event would write the Application's row, too. */
typedef struct {
    int64_t sequence;
    const char *observed_at;
    bool exists;
    bool existed; /* there is a tombstone of what made it exist */
} horizon;

static void look_up_to(horizon *seen, const prj_fold_row *row)
{
    const char *observed_at = cat_view_text_or(prj_fold_seen(row), "observedAt", "");
    int64_t sequence = cat_view_int_or(prj_fold_seen(row), "seq", 0);
    if (strcmp(observed_at, seen->observed_at) > 0)
        seen->observed_at = observed_at;
    seen->sequence = sequence > seen->sequence ? sequence : seen->sequence;
}

/* The living rows, sorted, with what they say of each other. */
static void collect(prj_fold *state, const char *application, prj_fold_members *members)
{
    cat_map *index = cat_map_get(state->applications, application);
    *members = (prj_fold_members){.time_ms = state->time_ms};
    members->rows = cat_calloc((index ? cat_map_count(index) : 0) + 1, sizeof *members->rows);
    size_t at = 0;
    const char *key;
    void *value;
    while (index && cat_map_next(index, &at, &key, &value)) {
        prj_fold_row *row = value;
        if (!prj_fold_view(row).value || row->deleted)
            continue;
        if (row->kind == CAT_KIND_ROW_REPOSITORY)
            members->repository = prj_fold_seen(row);
        members->rows[members->count++] = row;
    }
    qsort(members->rows, members->count, sizeof *members->rows, by_key);
    prj_fold_explain(state, members);
}

static horizon look(prj_fold *state, const char *application)
{
    horizon seen = {.observed_at = ""}, dead = {.observed_at = ""};
    cat_map *index = cat_map_get(state->applications, application);
    size_t at = 0;
    const char *key;
    void *value;
    while (index && cat_map_next(index, &at, &key, &value)) {
        prj_fold_row *row = value;
        if (!prj_fold_view(row).value)
            continue;
        if (row->deleted) {
            seen.existed |= prj_fold_is_anchor(row);
            look_up_to(&dead, row);
            continue;
        }
        if (!row->owner && row->kind != CAT_KIND_EVENT)
            look_up_to(&seen, row);
        seen.exists |= prj_fold_is_anchor(row);
    }
    if (!seen.exists) {
        seen.sequence = dead.sequence;
        seen.observed_at = dead.observed_at;
    }
    return seen;
}

/* What Git wants: the head of the branch, or what Flux says of it. NULL when neither is known. */
static const char *wanted_commit(const prj_fold_members *members)
{
    const char *head = cat_view_text(members->repository, "head");
    for (size_t i = 0; i < members->count && !head; i++) {
        if (members->rows[i]->kind != CAT_KIND_GIT_REPOSITORY)
            continue;
        cat_view_iterator it = cat_view_each(members->rows[i]->clusters);
        cat_view entry;
        while (!head && cat_view_next(&it, NULL, &entry))
            head = prj_fold_commit_of_revision(cat_view_text(entry, "revision"));
    }
    return head;
}

/* When somebody made it, by his own clock; one that is ahead of ours is not believed. */
static const char *time_of_commit(cat_view commit)
{
    const char *made = cat_view_text(commit, "time"), *seen = cat_view_text(commit, "seenAt");
    int64_t made_ms = 0, seen_ms = 0;
    if (!seen || !cat_time_parse(seen, &seen_ms))
        return made;
    return made && cat_time_parse(made, &made_ms) && made_ms <= seen_ms ? made : seen;
}

static void put_wanted(cat_string *out, const prj_fold_members *members, const char *commit)
{
    cat_write_begin(out, "wanted", '{');
    cat_write_text(out, "commit", commit);
    const char *head = cat_view_text(members->repository, "head");
    cat_view newest = cat_view_get(members->repository, "commits.0");
    if (head && cat_text_equal(cat_view_text(newest, "id"), head)) {
        prj_fold_put(out, "at", time_of_commit(newest));
        prj_fold_put(out, "author", cat_view_text(newest, "author.name"));
        const char *message = cat_view_text_or(newest, "message", "");
        cat_autofree char *subject = cat_strndup(message, strcspn(message, "\n"));
        prj_fold_put(out, "message", subject);
    }
    cat_write_end(out, '}');
}

static void put_cluster(cat_string *out, const char *cluster, cat_view entry)
{
    cat_write_begin(out, cluster, '{');
    prj_fold_put(out, "commit", prj_fold_commit_of_revision(cat_view_text(entry, "applied")));
    prj_fold_put(out, "status", cat_view_text(entry, "status"));
    cat_write_end(out, '}');
}

static bool are_several(const prj_fold_members *members, cat_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < members->count && count < 2; i++)
        count += members->rows[i]->kind == kind;
    return count > 1;
}

/* What each vcluster runs, of several Kustomizations in it by the first; gives the commit that is not the wanted one, if there is
 * any. */
static const char *put_clusters(cat_string *out, const prj_fold_members *members, const char *wanted)
{
    const char *running = NULL;
    cat_map *told = are_several(members, CAT_KIND_KUSTOMIZATION) ? cat_map_create(NULL) : NULL;
    cat_write_begin(out, NULL, '{');
    for (size_t i = 0; i < members->count; i++) {
        if (members->rows[i]->kind != CAT_KIND_KUSTOMIZATION)
            continue;
        const char *name;
        cat_view entry;
        cat_view_iterator it = cat_view_each(members->rows[i]->clusters);
        while (cat_view_next(&it, &name, &entry)) {
            const char *commit = prj_fold_commit_of_revision(cat_view_text(entry, "applied"));
            if (!told || !cat_map_get(told, name))
                put_cluster(out, name, entry);
            if (told)
                cat_map_set(told, name, told);
            bool other = commit && running && cat_text_equal(running, wanted) && !cat_text_equal(commit, wanted);
            if (commit && (!running || other))
                running = commit;
        }
    }
    cat_write_end(out, '}');
    cat_map_destroy(told);
    return running;
}

static void put_resources(cat_string *out, const prj_fold_members *members)
{
    int64_t total = 0, ready = 0;
    for (size_t i = 0; i < members->count; i++) {
        if (!prj_fold_is_counted(members->rows[i]))
            continue;
        total++;
        /* What rests on purpose lacks nothing. */
        ready += members->rows[i]->status == CAT_STATUS_RUNNING || members->rows[i]->status == CAT_STATUS_SUSPENDED;
    }
    cat_write_begin(out, "resources", '{');
    cat_write_int(out, "total", total);
    cat_write_int(out, "ready", ready);
    cat_write_end(out, '}');
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t add_images(const prj_fold_row *row, const char *images[IMAGES_MAX], size_t count)
{
    cat_view_iterator it = cat_view_each(row->clusters);
    cat_view entry, image;
    while (cat_view_next(&it, NULL, &entry)) {
        cat_view_iterator each = cat_view_each(cat_view_member(entry, "images"));
        while (count < IMAGES_MAX && cat_view_next(&each, NULL, &image)) {
            const char *text = cat_view_text(image, NULL);
            bool known = text == NULL;
            for (size_t i = 0; i < count && !known; i++)
                known = strcmp(images[i], text) == 0;
            if (!known)
                images[count++] = text;
        }
    }
    return count;
}

static void put_images(cat_string *out, const prj_fold_members *members)
{
    const char *images[IMAGES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < members->count; i++)
        if (prj_fold_is_counted(members->rows[i]))
            count = add_images(members->rows[i], images, count);
    qsort(images, count, sizeof *images, by_text);
    cat_write_begin(out, "images", '[');
    for (size_t i = 0; i < count; i++)
        cat_write_text(out, NULL, images[i]);
    cat_write_end(out, ']');
}

/* Blueprint and version of the Kustomization, else of the first object that says them. */
static void put_labels(cat_string *out, const prj_fold_members *members)
{
    const prj_fold_row *labelled = NULL;
    const char *display_name = NULL;
    for (size_t i = 0; i < members->count; i++) {
        const prj_fold_row *row = members->rows[i];
        bool flux = row->kind == CAT_KIND_KUSTOMIZATION;
        bool first = !labelled || (flux && labelled->kind != CAT_KIND_KUSTOMIZATION);
        if (first && cat_view_member(prj_fold_seen(row), "blueprint").value)
            labelled = row;
        if (row->kind != CAT_KIND_APPLICATION)
            continue;
        cat_view_iterator it = cat_view_each(row->clusters);
        cat_view entry;
        while (cat_view_next(&it, NULL, &entry))
            display_name = cat_view_text(entry, "displayName");
    }
    if (labelled) {
        prj_fold_put(out, "blueprint", cat_view_text(prj_fold_seen(labelled), "blueprint"));
        prj_fold_put(out, "version", cat_view_text(prj_fold_seen(labelled), "version"));
    }
    prj_fold_put(out, "displayName", display_name);
}

static void put_cause(cat_string *out, const prj_fold_cause *cause, const char *running)
{
    cat_write_text(out, "status", cat_status_name(cause->status));
    prj_fold_put(out, "reason", cause->reason);
    prj_fold_put(out, "message", cause->message);
    prj_fold_put(out, "next", cause->next);
    prj_fold_put(out, "since", cause->since);
    prj_fold_put(out, "resource", cause->resource);
    prj_fold_put(out, "commit", cause->commit ? cause->commit : running);
    prj_fold_put(out, "cause", cause->cause);
}

static void put_application(prj_fold *state, cat_string *out, const char *application, const prj_fold_members *members,
                            horizon *seen)
{
    const char *wanted = wanted_commit(members);
    cat_string_clear(&state->part);
    const char *running = put_clusters(&state->part, members, wanted);
    cat_auto(prj_fold_cause) cause = {0};
    prj_fold_find_cause(members, application, wanted, running, &cause);
    prj_fold_set_due(state, application, cause.due_ms);
    if (cause.row)
        look_up_to(seen, cause.row);
    cat_write_int(out, "seq", seen->sequence);
    cat_write_text(out, "observedAt", seen->observed_at);
    cat_write_raw(out, "clusters", state->part.data, state->part.length);
    put_cause(out, &cause, running);
    put_wanted(out, members, wanted);
    cat_write_begin(out, "running", '{');
    cat_write_text(out, "commit", running);
    cat_write_end(out, '}');
    put_resources(out, members);
    put_images(out, members);
    prj_fold_put_address(out, members, application);
    put_labels(out, members);
}

/* While tombstones of its objects are there the Application is one too; with the last of them it leaves. */
void prj_fold_derive_application(prj_fold *state, const char *application)
{
    char key[CAT_KEY_MAX];
    if (cat_key_make("application", NULL, application, key, NULL) < 0)
        return;
    prj_fold_members members;
    collect(state, application, &members);
    horizon seen = look(state, application);
    prj_fold_row *row = prj_fold_find(state, key);
    cat_string *out = prj_fold_begin(state);
    prj_fold_stamp(state, out, "application", NULL, application);
    cat_write_text(out, "application", application);
    if (seen.exists) {
        put_application(state, out, application, &members, &seen);
    } else {
        prj_fold_set_due(state, application, 0);
        cat_write_bool(out, "deleted", true);
        cat_write_int(out, "seq", seen.sequence);
        cat_write_text(out, "observedAt", seen.observed_at);
    }
    free(members.rows);
    if (!seen.exists && !seen.existed) {
        if (row)
            prj_fold_remove(state, row);
        return;
    }
    /* The same but for the closing bracket: nothing changed. */
    if (row && row->length == out->length + 1 && memcmp(row->text, out->data, out->length) == 0)
        return;
    row = prj_fold_store(state, key, NULL);
    row->deleted = !seen.exists;
}

/* The names of an Organization's living Environments stand in its row. */
void prj_fold_derive_organization(prj_fold *state, const char *organization)
{
    static const char *const CHANGED[] = {"environments"};
    char key[CAT_KEY_MAX];
    if (cat_key_make("organization", NULL, organization, key, NULL) < 0)
        return;
    prj_fold_row *row = prj_fold_find(state, key);
    if (!row || row->deleted)
        return;
    cat_auto(cat_strings) names = {0};
    cat_map *index = cat_map_get(state->applications, organization);
    size_t at = 0;
    void *value;
    while (index && cat_map_next(index, &at, NULL, &value)) {
        prj_fold_row *member = value;
        if (member->kind == CAT_KIND_ROW_ENVIRONMENT && !member->deleted)
            cat_strings_add(&names, cat_view_text_or(prj_fold_view(member), "name", ""));
    }
    cat_strings_sort(&names);
    cat_string *out = prj_fold_begin(state);
    cat_write_members(out, prj_fold_view(row), CHANGED, 1);
    cat_write_begin(out, "environments", '[');
    for (size_t i = 0; i < names.count; i++)
        cat_write_text(out, NULL, names.items[i]);
    cat_write_end(out, ']');
    if (row->length == out->length + 1 && memcmp(row->text, out->data, out->length) == 0)
        return;
    cat_autofree char *index_name = cat_strdup(row->application);
    prj_fold_store(state, key, index_name);
}
