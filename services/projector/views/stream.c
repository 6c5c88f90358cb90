#include "views/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/condition.h"
#include "views/stream_internal.h"

#define CLIENT_QUEUE_BYTES (256 * 1024)
#define TICK_MS 1000
#define SWEEP_EVERY_TICKS 5

static int64_t wall_ms(void)
{
    const cat_clock *clock = cat_clock_system();
    return clock->wall_ms(clock);
}

static void wake(prj_streams *all)
{
    pthread_mutex_lock(&all->wake_lock);
    all->woken = true;
    pthread_cond_signal(&all->wake);
    pthread_mutex_unlock(&all->wake_lock);
}

/* Clients of a group. With its lock. */

static void add_active(prj_stream_group *group, prj_stream_client *client)
{
    if (group->client_count == group->client_capacity) {
        group->client_capacity = group->client_capacity ? group->client_capacity * 2 : 4;
        group->clients = cat_realloc(group->clients, group->client_capacity * sizeof *group->clients);
        group->streams = cat_realloc(group->streams, group->client_capacity * sizeof *group->streams);
        group->full = cat_realloc(group->full, group->client_capacity * sizeof *group->full);
    }
    client->broken = false;
    client->at = group->client_count;
    group->clients[group->client_count] = client;
    group->streams[group->client_count++] = client->sse;
}

static void remove_active(prj_stream_group *group, prj_stream_client *client)
{
    size_t last = --group->client_count;
    group->clients[client->at] = group->clients[last];
    group->streams[client->at] = group->streams[last];
    group->clients[client->at]->at = client->at;
}

static void add_broken(prj_stream_group *group, prj_stream_client *client)
{
    if (group->broken_count == group->broken_capacity) {
        group->broken_capacity = group->broken_capacity ? group->broken_capacity * 2 : 4;
        group->broken = cat_realloc(group->broken, group->broken_capacity * sizeof *group->broken);
    }
    client->broken = true;
    client->at = group->broken_count;
    group->broken[group->broken_count++] = client;
}

static void remove_broken(prj_stream_group *group, prj_stream_client *client)
{
    group->broken[client->at] = group->broken[--group->broken_count];
    group->broken[client->at]->at = client->at;
}

/* Nothing more is sent to a client that missed a frame, until it gets a snapshot: else its last id would lie. */
static void break_client(prj_stream_group *group, prj_stream_client *client)
{
    remove_active(group, client);
    add_broken(group, client);
}

static void drop_snapshots(prj_stream_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        cat_sse_frame_unref(group->snapshot[i]);
        group->snapshot[i] = NULL;
    }
}

static void end_expired(prj_stream_group *group, int64_t now_ms)
{
    for (size_t i = 0; i < group->client_count; i++)
        if (group->clients[i]->expires_ms <= now_ms)
            cat_sse_end(group->streams[i], "token-expired");
    for (size_t i = 0; i < group->broken_count; i++)
        if (group->broken[i]->expires_ms <= now_ms)
            cat_sse_end(group->broken[i]->sse, "token-expired");
}

static void end_unless_it_holds(prj_stream_client *client)
{
    if (client->holds && !client->holds(client->rights))
        cat_sse_end(client->sse, "rights-changed");
}

static void end_without_rights(prj_stream_group *group)
{
    for (size_t i = 0; i < group->client_count; i++)
        end_unless_it_holds(group->clients[i]);
    for (size_t i = 0; i < group->broken_count; i++)
        end_unless_it_holds(group->broken[i]);
}

/* Changes, on the thread of a view's watch, with that view's lock */

static void send_row(prj_stream_group *group, size_t at, const prj_view_row *row)
{
    char id[STREAM_ID_MAX];
    if (!prj_stream_sees(group, group->seen[at], row))
        return;
    group->revisions[at] = row->revision;
    prj_stream_id_format(group, id);
    cat_sse_frame *frame = prj_stream_frame_of_row(group, group->seen[at], row, id);
    memset(group->full, 0, group->client_count * sizeof *group->full);
    cat_sse_send_many(group->streams, group->client_count, frame, group->full);
    cat_sse_frame_unref(frame);
    for (size_t i = group->client_count; i-- > 0;)
        if (group->full[i])
            break_client(group, group->clients[i]);
}

static void on_change(void *context, prj_view *seen, const prj_view_row *const *rows, size_t count)
{
    prj_stream_group *group = context;
    pthread_mutex_lock(&group->lock);
    size_t at = 0;
    while (group->seen[at] != seen)
        at++;
    drop_snapshots(group);
    end_expired(group, wall_ms());
    snprintf(group->incarnations[at], sizeof group->incarnations[at], "%s", prj_view_incarnation(seen));
    for (size_t i = 0; rows && i < count && group->client_count > 0; i++)
        send_row(group, at, rows[i]);
    while (!rows && group->client_count > 0)
        break_client(group, group->clients[0]);
    group->revisions[at] = prj_view_revision(seen);
    bool broken = group->broken_count > 0;
    pthread_mutex_unlock(&group->lock);
    if (broken)
        wake(group->all);
}

/* Groups */

static void group_destroy(prj_stream_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        prj_view_unlisten(group->seen[i], &group->listener);
        prj_views_release(group->all->views, group->seen[i]);
    }
    drop_snapshots(group);
    pthread_mutex_destroy(&group->lock);
    free(group->seen);
    free(group->clients);
    free(group->streams);
    free(group->full);
    free(group->broken);
    free(group->key);
    free(group->scope);
    free(group);
}

static void lock_views(const prj_stream_group *group)
{
    for (size_t i = 0; i < group->count; i++)
        prj_view_lock(group->seen[i]);
}

static void unlock_views(const prj_stream_group *group)
{
    for (size_t i = group->count; i-- > 0;)
        prj_view_unlock(group->seen[i]);
}

/* With the views' and the group's lock. */
static void take_revisions(prj_stream_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        group->revisions[i] = prj_view_revision(group->seen[i]);
        snprintf(group->incarnations[i], sizeof group->incarnations[i], "%s", prj_view_incarnation(group->seen[i]));
    }
}

static prj_stream_group *group_create(prj_streams *all, const char *key, const prj_stream_request *request, prj_view **seen_taken)
{
    prj_stream_group *group = cat_calloc(1, sizeof *group);
    group->all = all;
    group->key = cat_strdup(key);
    group->scope = cat_strdup(request->scope);
    group->env_types = request->env_types;
    group->secrets = request->secrets;
    group->seen = seen_taken;
    group->count = request->environments->count;
    group->listener = (prj_view_listener){on_change, group};
    pthread_mutex_init(&group->lock, NULL);
    cat_map_set(all->groups, key, group);
    for (size_t i = 0; i < group->count; i++)
        prj_view_listen(group->seen[i], &group->listener);
    return group;
}

static char *group_key(const prj_stream_request *request)
{
    cat_string key = CAT_STRING(16 * 1024);
    cat_string_appendf(&key, "%s|%d|%u", request->scope, request->secrets, request->env_types);
    for (size_t i = 0; i < request->environments->count; i++)
        cat_string_appendf(&key, "|%s", request->environments->items[i]);
    return cat_string_take(&key);
}

static void release_views(prj_views *all, prj_view **seen, size_t count)
{
    for (size_t i = 0; i < count; i++)
        prj_views_release(all, seen[i]);
    free(seen);
}

static int enter_group(prj_streams *all, const prj_stream_request *request, prj_stream_group **found, cat_error *error)
{
    size_t count = request->environments->count;
    prj_view **seen = cat_calloc(count, sizeof *seen);
    for (size_t i = 0; i < count; i++) {
        int code = prj_views_acquire(all->views, request->organization, request->environments->items[i], &seen[i], error);
        if (code < 0) {
            release_views(all->views, seen, i);
            return code;
        }
    }
    cat_autofree char *key = group_key(request);
    pthread_mutex_lock(&all->lock);
    prj_stream_group *group = cat_map_get(all->groups, key);
    if (group)
        release_views(all->views, seen, count);
    else
        group = group_create(all, key, request, seen);
    group->users++;
    pthread_mutex_unlock(&all->lock);
    *found = group;
    return 0;
}

static void leave_group(prj_stream_group *group)
{
    pthread_mutex_lock(&group->all->lock);
    group->users--;
    pthread_mutex_unlock(&group->all->lock);
}

/* Clients come and go */

static int client_create(prj_streams *all, const prj_stream_request *request, prj_stream_client **made, cat_error *error)
{
    if (all->seats && request->person) {
        int code = prj_stream_seats_take(all->seats, request->person, request->organization, error);
        if (code < 0)
            return code;
    }
    *made = cat_calloc(1, sizeof **made);
    **made = (prj_stream_client){.expires_ms = request->expires_ms,
                                 .holds = request->holds,
                                 .finish = request->finish,
                                 .rights = request->rights,
                                 .person = all->seats ? cat_strdup(request->person) : NULL,
                                 .organization = cat_strdup(request->organization)};
    return 0;
}

static void client_destroy(prj_streams *all, prj_stream_client *client)
{
    if (client->person)
        prj_stream_seats_give_back(all->seats, client->person, client->organization);
    free(client->person);
    free(client->organization);
    free(client);
}

static void on_close(void *context, cat_sse *sse)
{
    prj_stream_client *client = context;
    prj_stream_group *group = client->group;
    pthread_mutex_lock(&group->lock);
    if (client->broken)
        remove_broken(group, client);
    else
        remove_active(group, client);
    pthread_mutex_unlock(&group->lock);
    if (group->all->clients)
        cat_metric_add(group->all->clients, -1, NULL);
    if (client->finish)
        client->finish(client->rights);
    client_destroy(group->all, client);
    cat_sse_unref(sse);
}

static void give_frames(prj_stream_group *group, cat_sse *sse, const char *last_event_id)
{
    size_t count = 0;
    cat_sse_frame **frames = prj_stream_frames_of_start(group, last_event_id, &count);
    if (count > 0)
        cat_sse_reset(sse, frames, count);
    for (size_t i = 0; i < count; i++)
        cat_sse_frame_unref(frames[i]);
    free(frames);
}

int prj_streams_join(prj_streams *all, cat_reply *reply, const prj_stream_request *request, cat_error *error)
{
    prj_stream_group *group = NULL;
    prj_stream_client *client = NULL;
    int code = client_create(all, request, &client, error);
    if (code < 0)
        return code;
    if ((code = enter_group(all, request, &group, error)) < 0) {
        client_destroy(all, client);
        return code;
    }
    client->group = group;
    lock_views(group);
    pthread_mutex_lock(&group->lock);
    code = cat_reply_stream(reply, CLIENT_QUEUE_BYTES, on_close, client, &client->sse);
    if (code == 0) {
        take_revisions(group);
        give_frames(group, client->sse, request->last_event_id);
        add_active(group, client);
        if (all->clients)
            cat_metric_add(all->clients, 1, NULL);
    }
    pthread_mutex_unlock(&group->lock);
    unlock_views(group);
    leave_group(group);
    if (code < 0) {
        client_destroy(all, client);
        return cat_error_set(error, code, "the answer cannot become a stream");
    }
    return 0;
}

/* The streams' own thread */

static void mend(prj_stream_group *group)
{
    lock_views(group);
    pthread_mutex_lock(&group->lock);
    take_revisions(group);
    while (group->broken_count > 0) {
        prj_stream_client *client = group->broken[0];
        remove_broken(group, client);
        give_frames(group, client->sse, NULL);
        add_active(group, client);
    }
    pthread_mutex_unlock(&group->lock);
    unlock_views(group);
}

static void look_after(prj_streams *all, bool rights)
{
    pthread_mutex_lock(&all->lock);
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(all->groups, &at, &key, &value)) {
        prj_stream_group *group = value;
        pthread_mutex_lock(&group->lock);
        end_expired(group, wall_ms());
        if (rights)
            end_without_rights(group);
        bool broken = group->broken_count > 0, empty = group->client_count + group->broken_count == 0;
        pthread_mutex_unlock(&group->lock);
        if (broken)
            mend(group);
        if (!empty || group->users > 0)
            continue;
        cat_map_remove(all->groups, key);
        group_destroy(group);
    }
    pthread_mutex_unlock(&all->lock);
}

static void *run(void *argument)
{
    prj_streams *all = argument;
    int64_t rights_ms = 0;
    for (unsigned ticks = 1;; ticks++) {
        int64_t until_ms = cat_deadline_after_ms(TICK_MS);
        pthread_mutex_lock(&all->wake_lock);
        while (!all->woken && !all->stopping && cat_condition_wait(&all->wake, &all->wake_lock, until_ms))
            ;
        all->woken = false;
        bool stopping = all->stopping;
        pthread_mutex_unlock(&all->wake_lock);
        if (stopping)
            return NULL;
        const cat_clock *clock = cat_clock_system();
        bool rights = clock->monotonic_ms(clock) - rights_ms >= STREAM_RIGHTS_MS;
        if (rights)
            rights_ms = clock->monotonic_ms(clock);
        look_after(all, rights);
        if (ticks % SWEEP_EVERY_TICKS == 0)
            prj_views_sweep(all->views);
    }
}

prj_streams *prj_streams_create(prj_views *all_views, prj_stream_seats *seats, cat_metrics *metrics)
{
    prj_streams *all = cat_calloc(1, sizeof *all);
    all->views = all_views;
    all->seats = seats;
    all->groups = cat_map_create(NULL);
    pthread_mutex_init(&all->lock, NULL);
    pthread_mutex_init(&all->wake_lock, NULL);
    cat_condition_init(&all->wake);
    if (metrics)
        all->clients = cat_metric_get(metrics, CAT_METRIC_GAUGE, "projector_stream_clients", "Clients of event streams", NULL);
    if (pthread_create(&all->thread, NULL, run, all) != 0)
        abort();
    return all;
}

void prj_streams_destroy(prj_streams *all)
{
    if (!all)
        return;
    pthread_mutex_lock(&all->wake_lock);
    all->stopping = true;
    pthread_cond_signal(&all->wake);
    pthread_mutex_unlock(&all->wake_lock);
    pthread_join(all->thread, NULL);
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(all->groups, &at, &key, &value))
        group_destroy(value);
    cat_map_destroy(all->groups);
    prj_stream_seats_destroy(all->seats);
    pthread_mutex_destroy(&all->lock);
    pthread_mutex_destroy(&all->wake_lock);
    pthread_cond_destroy(&all->wake);
    free(all);
}

size_t prj_streams_clients(prj_streams *all)
{
    size_t count = 0, at = 0;
    const char *key;
    void *value;
    pthread_mutex_lock(&all->lock);
    while (cat_map_next(all->groups, &at, &key, &value)) {
        prj_stream_group *group = value;
        pthread_mutex_lock(&group->lock);
        count += group->client_count + group->broken_count;
        pthread_mutex_unlock(&group->lock);
    }
    pthread_mutex_unlock(&all->lock);
    return count;
}
