/* Derived rows: pure functions of base rows, so that a take-over may compute them all again and changes no byte. */
#include <stdlib.h>
#include <string.h>

#include "fold_cause.h"

#define IMAGES_MAX 64

static int by_key(const void *a, const void *b)
{
    return strcmp((*(fold_row *const *)a)->key, (*(fold_row *const *)b)->key);
}

static void members_finish(fold_members *members)
{
    free(members->rows);
    cat_map_destroy(members->by_key);
}

static bool is_deleted(fold_row *row)
{
    return json_is_true(json_object_get(fold_json(row), "deleted"));
}

/* Sequence and time of a derived row are those of the newest row that its state depends on: not of each Pod that comes and goes,
 * else every Pod's event would write the Application's row, too. */
typedef struct {
    int64_t sequence;
    const char *observed_at;
    bool exists;
    bool existed; /* there is a tombstone of what made it exist */
} horizon;

/* What makes an Application exist here: its object or its Flux objects. A push alone does not, nor does what it left behind, such
 * as a volume. */
static bool is_anchor(const fold_row *row)
{
    return fold_kind_is(row, FOLD_KIND_APPLICATION_OBJECT) || fold_kind_is(row, FOLD_KIND_KUSTOMIZATION) ||
           fold_kind_is(row, FOLD_KIND_GITREPOSITORY);
}

static void look_up_to(horizon *seen, fold_row *row)
{
    const char *observed_at = cat_json_text_or(fold_json(row), "observedAt", "");
    int64_t sequence = cat_json_int_or(row->json, "seq", 0);
    if (strcmp(observed_at, seen->observed_at) > 0)
        seen->observed_at = observed_at;
    seen->sequence = sequence > seen->sequence ? sequence : seen->sequence;
}

static horizon collect(fold *state, const char *application, fold_members *members)
{
    horizon seen = {.observed_at = ""}, dead = {.observed_at = ""};
    cat_map *index = cat_map_get(state->applications, application);
    *members = (fold_members){.by_key = cat_map_create(NULL)};
    members->rows = cat_calloc((index ? cat_map_count(index) : 0) + 1, sizeof *members->rows);
    size_t at = 0;
    const char *key;
    void *value;
    while (index && cat_map_next(index, &at, &key, &value)) {
        fold_row *row = value;
        if (is_deleted(row)) {
            seen.existed |= is_anchor(row);
            look_up_to(&dead, row);
            continue;
        }
        if (!fold_is_owned(row) && !fold_kind_is(row, "event"))
            look_up_to(&seen, row);
        if (fold_kind_is(row, "repository"))
            members->repository = row->json;
        seen.exists |= is_anchor(row);
        members->rows[members->count++] = row;
        cat_map_set(members->by_key, row->key, row);
    }
    if (!seen.exists) {
        seen.sequence = dead.sequence;
        seen.observed_at = dead.observed_at;
    }
    qsort(members->rows, members->count, sizeof *members->rows, by_key);
    return seen;
}

static json_t *wanted_of(const fold_members *members)
{
    const char *head = cat_json_text(members->repository, "head");
    json_t *wanted = json_object();
    if (head) {
        json_object_set_new(wanted, "commit", json_string(head));
        const json_t *newest = json_array_get(json_object_get(members->repository, "commits"), 0);
        if (cat_text_equal(cat_json_text(newest, "id"), head)) {
            fold_put(wanted, "at", cat_json_text(newest, "time"));
            fold_put(wanted, "author", cat_json_text(newest, "author.name"));
            const char *message = cat_json_text_or(newest, "message", "");
            cat_autofree char *subject = cat_strndup(message, strcspn(message, "\n"));
            fold_put(wanted, "message", subject);
        }
        return wanted;
    }
    for (size_t i = 0; i < members->count; i++) {
        if (!fold_kind_is(members->rows[i], FOLD_KIND_GITREPOSITORY))
            continue;
        const char *name;
        json_t *entry;
        json_object_foreach(json_object_get(members->rows[i]->json, "clusters"), name, entry)
        {
            const char *commit = fold_commit_of_revision(cat_json_text(entry, "revision"));
            if (commit && !json_object_get(wanted, "commit"))
                json_object_set_new(wanted, "commit", json_string(commit));
        }
    }
    return wanted;
}

static json_t *part_of_cluster(json_t *clusters, const char *cluster)
{
    json_t *part = json_object_get(clusters, cluster);
    if (!part)
        json_object_set_new(clusters, cluster, part = json_object());
    return part;
}

/* What each vcluster runs; `*running` is the commit that is not the wanted one, if there is any. */
static json_t *clusters_of(const fold_members *members, const char *wanted, const char **running)
{
    json_t *clusters = json_object();
    *running = NULL;
    for (size_t i = 0; i < members->count; i++) {
        const fold_row *row = members->rows[i];
        bool kustomization = fold_kind_is(row, FOLD_KIND_KUSTOMIZATION);
        const char *name;
        json_t *entry;
        json_object_foreach(json_object_get(row->json, "clusters"), name, entry)
        {
            if (kustomization) {
                const char *commit = fold_commit_of_revision(cat_json_text(entry, "applied"));
                json_t *part = part_of_cluster(clusters, name);
                fold_put(part, "commit", commit);
                fold_put(part, "status", cat_json_text(entry, "status"));
                bool other = commit && *running && cat_text_equal(*running, wanted) && !cat_text_equal(commit, wanted);
                if (commit && (!*running || other))
                    *running = commit;
            }
        }
    }
    return clusters;
}

static json_t *count_resources(const fold_members *members)
{
    json_int_t total = 0, ready = 0;
    for (size_t i = 0; i < members->count; i++) {
        if (!fold_is_content(members->rows[i]) || fold_is_owned(members->rows[i]))
            continue;
        total++;
        ready += cat_text_equal(cat_json_text(members->rows[i]->json, "status"), "Running");
    }
    return cat_json_object("total", json_integer(total), "ready", json_integer(ready), NULL);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_t *images_of(const fold_members *members)
{
    const char *images[IMAGES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < members->count; i++) {
        const char *name;
        json_t *entry;
        if (!fold_is_content(members->rows[i]) || fold_is_owned(members->rows[i]))
            continue;
        json_object_foreach(json_object_get(members->rows[i]->json, "clusters"), name, entry)
        {
            size_t at;
            json_t *image;
            json_array_foreach(json_object_get(entry, "images"), at, image)
            {
                bool known = false;
                for (size_t j = 0; j < count && !known; j++)
                    known = strcmp(images[j], json_string_value(image)) == 0;
                if (!known && count < IMAGES_MAX)
                    images[count++] = json_string_value(image);
            }
        }
    }
    qsort(images, count, sizeof *images, by_text);
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_string(images[i]));
    return array;
}

static void put_url(const fold_members *members, json_t *json)
{
    for (size_t i = 0; i < members->count; i++) {
        const char *name;
        json_t *entry;
        if (!fold_kind_is(members->rows[i], "ingress") && !fold_kind_is(members->rows[i], "httproute_gateway_networking_k8s_io"))
            continue;
        json_object_foreach(json_object_get(members->rows[i]->json, "clusters"), name, entry)
        {
            const char *host = cat_json_text(entry, "hosts.0");
            if (!host)
                continue;
            cat_autofree char *url = cat_printf("%s://%s", cat_json_bool_or(entry, "tls", false) ? "https" : "http", host);
            fold_put(json, "url", url);
            return;
        }
    }
}

/* Blueprint and version of the Kustomization, else of the first object that says them. */
static void put_labels(const fold_members *members, json_t *json)
{
    for (int flux = 1; flux >= 0; flux--)
        for (size_t i = 0; i < members->count; i++) {
            const json_t *row = members->rows[i]->json;
            if (fold_kind_is(members->rows[i], FOLD_KIND_KUSTOMIZATION) != (flux == 1) || !json_object_get(row, "blueprint") ||
                json_object_get(json, "blueprint"))
                continue;
            fold_put(json, "blueprint", cat_json_text(row, "blueprint"));
            fold_put(json, "version", cat_json_text(row, "version"));
        }
    for (size_t i = 0; i < members->count; i++) {
        const char *name;
        json_t *entry;
        if (fold_kind_is(members->rows[i], FOLD_KIND_APPLICATION_OBJECT))
            json_object_foreach(json_object_get(members->rows[i]->json, "clusters"), name, entry)
                fold_put(json, "displayName", cat_json_text(entry, "displayName"));
    }
}

static json_t *make_application(const fold *state, const char *application, const fold_members *members, horizon *seen)
{
    json_t *wanted = wanted_of(members);
    const char *wanted_commit = cat_json_text(wanted, "commit"), *running = NULL;
    json_t *clusters = clusters_of(members, wanted_commit, &running);
    cat_auto(fold_cause) cause = {0};
    fold_find_cause(members, application, wanted_commit, running, &cause);
    if (cause.row)
        look_up_to(seen, (fold_row *)cause.row);
    json_t *json =
        cat_json_object("kind", json_string("application"), "namespace", json_string("_"), "name", json_string(application),
                        "environment", json_string(state->environment), "application", json_string(application), "seq",
                        json_integer(seen->sequence), "observedAt", json_string(seen->observed_at), NULL);
    json_object_set_new(json, "clusters", clusters);
    json_object_set_new(json, "status", json_string(cat_status_name(cause.status)));
    fold_put(json, "reason", cause.reason);
    fold_put(json, "message", cause.message);
    fold_put(json, "next", cause.next);
    fold_put(json, "since", cause.since);
    fold_put(json, "resource", cause.resource);
    fold_put(json, "commit", cause.commit ? cause.commit : running);
    fold_put(json, "cause", cause.cause);
    json_object_set_new(json, "wanted", wanted);
    json_object_set_new(json, "running", running ? cat_json_object("commit", json_string(running), NULL) : json_object());
    json_object_set_new(json, "resources", count_resources(members));
    json_object_set_new(json, "images", images_of(members));
    put_url(members, json);
    put_labels(members, json);
    return json;
}

/* While tombstones of its objects are there the Application is one too; with the last of them it leaves. */
static json_t *derive_application(fold *state, const char *application)
{
    fold_members members;
    horizon seen = collect(state, application, &members);
    json_t *json = NULL;
    if (seen.exists)
        json = make_application(state, application, &members, &seen);
    else if (seen.existed)
        json =
            cat_json_object("kind", json_string("application"), "namespace", json_string("_"), "name", json_string(application),
                            "environment", json_string(state->environment), "application", json_string(application), "deleted",
                            json_true(), "seq", json_integer(seen.sequence), "observedAt", json_string(seen.observed_at), NULL);
    members_finish(&members);
    return json;
}

void fold_derive_application(fold *state, const char *application)
{
    char key[CAT_KEY_MAX];
    if (cat_key_make("application", NULL, application, key, NULL) < 0)
        return;
    cat_autojson json_t *json = derive_application(state, application);
    fold_row *row = fold_find(state, key);
    if (!json) {
        if (row)
            fold_remove(state, row);
        return;
    }
    if (row && json_equal(fold_json(row), json))
        return;
    row = fold_edit(state, key);
    row->derived = true;
    json_decref(row->json);
    row->json = cat_take(json);
}

/* The names of an Organization's living Environments stand in its row. */
void fold_derive_organization(fold *state, const char *organization)
{
    char key[CAT_KEY_MAX];
    if (cat_key_make("organization", NULL, organization, key, NULL) < 0)
        return;
    fold_row *row = fold_find(state, key);
    if (!row || is_deleted(row))
        return;
    cat_auto(cat_strings) names = {0};
    cat_map *index = cat_map_get(state->applications, organization);
    size_t at = 0;
    const char *name;
    void *value;
    while (index && cat_map_next(index, &at, &name, &value))
        if (fold_kind_is(value, "environment") && !is_deleted(value))
            cat_strings_add(&names, cat_json_text_or(fold_json(value), "name", ""));
    cat_strings_sort(&names);
    cat_autojson json_t *environments = cat_json_strings(&names);
    if (json_equal(json_object_get(fold_json(row), "environments"), environments))
        return;
    row = fold_edit(state, key);
    json_object_set(row->json, "environments", environments);
}
