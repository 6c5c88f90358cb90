/* The way of a change through the running Sovereign of ./dev up, measured from outside with one clock:
 *
 *     live_bench [installs [pushes [changes]]]      default 10 20 500
 *
 * installs: POST …/apply → the last branch is in Git → the Application runs. pushes: `git push` → Flux is asked to look.
 * changes: a Pod is changed in the vcluster → its row at a browser's event stream, through the front door.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "domain/kinds.h"
#include "net/git.h"
#include "sovereign.h"

#define MEASURED_MAX 5000
#define ARRIVED_MAX 4096

static char stamp[8];

/* What a watching thread saw and when, for the measuring one to find. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t came;
    struct {
        char what[40];
        double at;
    } items[ARRIVED_MAX];
    size_t count; /* ever; the newest ARRIVED_MAX are kept */
} arrived = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, {{{0}, 0}}, 0};

static void arrive(const char *what, size_t length)
{
    double now = bench_now_ms();
    pthread_mutex_lock(&arrived.lock);
    size_t place = arrived.count++ % ARRIVED_MAX;
    snprintf(arrived.items[place].what, sizeof arrived.items[place].what, "%.*s", (int)length, what);
    arrived.items[place].at = now;
    pthread_cond_broadcast(&arrived.came);
    pthread_mutex_unlock(&arrived.lock);
}

static double find(const char *what, size_t since)
{
    size_t oldest = arrived.count > ARRIVED_MAX ? arrived.count - ARRIVED_MAX : 0;
    for (size_t i = since > oldest ? since : oldest; i < arrived.count; i++)
        if (strcmp(arrived.items[i % ARRIVED_MAX].what, what) == 0)
            return arrived.items[i % ARRIVED_MAX].at;
    return -1;
}

static size_t arrived_by_now(void)
{
    pthread_mutex_lock(&arrived.lock);
    size_t count = arrived.count;
    pthread_mutex_unlock(&arrived.lock);
    return count;
}

/* When `what` came, or -1 when it did not within `ms`. */
static double wait_for(const char *what, size_t since, double ms)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += (time_t)(ms / 1000);
    pthread_mutex_lock(&arrived.lock);
    double at = find(what, since);
    while (at < 0 && pthread_cond_timedwait(&arrived.came, &arrived.lock, &end) == 0)
        at = find(what, since);
    pthread_mutex_unlock(&arrived.lock);
    return at;
}

static int64_t step_end_ms(const json_t *operation, const char *name)
{
    size_t i = 0;
    json_t *step = NULL;
    int64_t at = -1;
    json_array_foreach(json_object_get(operation, "steps"), i,
                       step) if (cat_text_equal(cat_json_text(step, "name"), name) && cat_json_text(step, "finishedAt"))
        cat_time_parse(cat_json_text(step, "finishedAt"), &at);
    bench_require(at >= 0, "an operation without the end of its steps", NULL);
    return at;
}

static void application_name(char name[40], size_t number)
{
    snprintf(name, 40, "bench-%s-%zu", stamp, number);
}

static void measure_installs(size_t count)
{
    double commits[MEASURED_MAX], runs[MEASURED_MAX];
    for (size_t i = 0; i < count; i++) {
        char name[40];
        int64_t applied = 0;
        application_name(name, i);
        cat_autojson json_t *wish = bench_install_wish(name);
        cat_autojson json_t *operation = bench_carry_out(wish, &applied);
        commits[i] = (double)(step_end_ms(operation, "branches") - applied);
        runs[i] = (double)(step_end_ms(operation, "running") - applied);
    }
    bench_print_row("install: apply to the last branch in Git", commits, count);
    bench_print_row("install: apply to running", runs, count);
}

static void on_git_repository(void *context, cat_watch_kind kind, cat_view object)
{
    (void)kind;
    static char before[64]; /* only the watch's thread comes here */
    const char *asked =
        cat_view_text(cat_view_member(cat_view_get(object, "metadata.annotations"), "reconcile.fluxcd.io/requestedAt"), NULL);
    if (!asked || !cat_text_equal(cat_view_text(object, "metadata.name"), context) || strcmp(asked, before) == 0)
        return;
    snprintf(before, sizeof before, "%s", asked);
    arrive("asked", 5);
}

/* A commit on `develop` that changes the README alone. */
static void prepare_push(cat_git *git, size_t number, cat_git_update *update)
{
    cat_error error = {0};
    cat_git_id head, tree;
    char text[64];
    int length = snprintf(text, sizeof text, "Benchmark %s, push %zu\n", stamp, number);
    bench_require(cat_git_fetch(git, &error) == 0 && cat_git_head(git, "develop", &head, &error) == 0, "fetching", &error);
    cat_git_file file = {.path = "README.md", .content = text, .length = (size_t)length};
    bench_require(cat_git_tree(git, &head, &file, 1, &tree, &error) == 0, "making a tree", &error);
    cat_git_person who = {"Benchmark", "bench@local.test"};
    *update = (cat_git_update){.branch = "develop"};
    bench_require(cat_git_commit(git,
                                 &(cat_git_new_commit){.tree = &tree,
                                                       .parents = &head,
                                                       .parent_count = 1,
                                                       .author = &who,
                                                       .committer = &who,
                                                       .time_ms = cat_clock_system()->wall_ms(cat_clock_system()),
                                                       .message = "Measure"},
                                 &update->commit, &error) == 0,
                  "committing", &error);
}

static void measure_pushes(size_t count)
{
    double pushes[MEASURED_MAX], asked[MEASURED_MAX], all[MEASURED_MAX];
    size_t well = 0;
    char name[40];
    cat_error error = {0};
    application_name(name, 0);
    cat_autofree char *repository = cat_printf("%s-dev", name);
    cat_autofree char *url = cat_printf("%s/acme/%s.git", bench_env("CATALYST_TEST_GITEA_URL"), name);
    cat_git_remote remote = {url, bench_env("CATALYST_TEST_GITEA_USER"), bench_env("CATALYST_TEST_GITEA_TOKEN")};
    cat_autoptr(cat_git) git = NULL;
    bench_require(cat_git_open(&remote, NULL, &git, &error) == 0, url, &error);
    cat_autoptr(cat_kube) kube = bench_vcluster();
    cat_autoptr(cat_kube_watcher) watcher = cat_kube_watcher_create();
    cat_kube_watch *watch = NULL;
    cat_kube_watch_handlers handlers = {.on_object = on_git_repository, .context = repository};
    bench_require(
        cat_kube_watch_start(watcher, kube,
                             &(cat_kube_selection){cat_resource_find("source.toolkit.fluxcd.io", "GitRepository"), "flux-system"},
                             &handlers, &watch, &error) == 0,
        "watching", &error);
    for (size_t i = 0; i < count; i++) {
        cat_git_update update;
        prepare_push(git, i, &update);
        bench_sleep_ms(2000); /* Flux is done with the one before */
        size_t since = arrived_by_now();
        double start = bench_now_ms();
        bench_require(cat_git_push(git, &update, 1, &error) == 0, "pushing", &error);
        double pushed = bench_now_ms(), seen = wait_for("asked", since, 10000);
        if (seen < 0)
            continue;
        pushes[well] = pushed - start;
        asked[well] = seen - pushed;
        all[well++] = seen - start;
    }
    cat_kube_watch_stop(watch);
    bench_print_row("push: the push itself", pushes, well);
    bench_print_row("push: pushed to requestedAt on the GitRepository", asked, well);
    bench_print_row("push: start of the push to requestedAt", all, well);
    if (well < count)
        printf("%zu pushes were not followed by requestedAt within 10 s\n", count - well);
}

/* Lines of the event stream: a Pod's row is known by its resourceVersion. */
static void on_line(void *context, const char *line, size_t length)
{
    (void)context;
    static const char row[] = "data: {\"key\":\"pod/", member[] = "\"resourceVersion\":\"";
    if (length > 9 && memcmp(line, "event: snap", 11) == 0)
        arrive("snapshot", 8);
    if (length < sizeof row || memcmp(line, row, sizeof row - 1) != 0)
        return;
    const char *at = memmem(line, length, member, sizeof member - 1);
    if (!at)
        return;
    at += sizeof member - 1;
    const char *end = memchr(at, '"', length - (size_t)(at - line));
    if (end)
        arrive(at, (size_t)(end - at));
}

static void on_end(void *context, const cat_error *error)
{
    (void)context;
    if (error->code && error->code != CAT_E_CANCELLED)
        fprintf(stderr, "the event stream ended: %s\n", error->message);
}

static json_t *find_pod(cat_kube *kube, const char *application)
{
    cat_error error = {0};
    cat_autojson json_t *pods = NULL;
    cat_autofree char *namespace = cat_printf("%s-dev", application);
    bench_require(cat_kube_list_json(kube, cat_resource_find("", "Pod"), namespace, NULL, &pods, &error) == 0, "listing Pods",
                  &error);
    bench_require(json_array_size(pods) > 0, "finding a Pod", NULL);
    return json_incref(json_array_get(pods, 0));
}

static size_t change_pod(cat_kube *kube, const json_t *pod, size_t count, double *from_start, double *from_answer)
{
    size_t well = 0;
    for (size_t i = 0; i < count; i++) {
        cat_error error = {0};
        cat_autojson json_t *patch =
            json_pack("{s:{s:{s:o}}}", "metadata", "annotations", "example.org/bench", json_sprintf("%s-%zu", stamp, i));
        cat_autojson json_t *changed = NULL;
        size_t since = arrived_by_now();
        double start = bench_now_ms();
        bench_require(cat_kube_patch(kube,
                                     &(cat_kube_change){cat_resource_find("", "Pod"), cat_object_namespace(pod),
                                                        cat_object_name(pod), patch},
                                     &changed, &error) == 0,
                      "changing the Pod", &error);
        double answered = bench_now_ms(), seen = wait_for(cat_object_resource_version(changed), since, 10000);
        if (seen >= 0) {
            from_start[well] = seen - start;
            from_answer[well++] = seen > answered ? seen - answered : 0;
        }
        bench_sleep_ms(20);
    }
    return well;
}

static void measure_changes(size_t count)
{
    double from_start[MEASURED_MAX], from_answer[MEASURED_MAX];
    char name[40];
    application_name(name, 0);
    cat_autoptr(cat_kube) kube = bench_vcluster();
    cat_autojson json_t *pod = find_pod(kube, name);
    cat_autofree char *url = cat_printf("%s/api/state/v1/stream?environments=acme-dev,acme-stg", bench_env("CATALYST_TEST_URL"));
    cat_http_streams *streams = cat_http_streams_create();
    cat_http_call call = {.method = "GET", .url = url, .bearer = bench_token()};
    cat_http_stream_handlers handlers = {.on_line = on_line, .on_end = on_end};
    size_t since = arrived_by_now();
    cat_http_stream *stream = cat_http_stream_open(streams, bench_client(), &call, &handlers);
    bench_require(wait_for("snapshot", since, 10000) >= 0, "the event stream's snapshot", NULL);
    bench_sleep_ms(1000);
    size_t well = change_pod(kube, pod, count, from_start, from_answer);
    cat_http_stream_close(stream);
    cat_http_streams_destroy(streams);
    bench_print_row("Pod: change sent to its row in the browser", from_start, well);
    bench_print_row("Pod: change answered to its row in the browser", from_answer, well);
    if (well < count)
        printf("%zu changes were not seen within 10 s (folded into a later one or lost)\n", count - well);
}

static size_t number_of(char **argv, int argc, int place, size_t fallback)
{
    long long value = (long long)fallback;
    bench_require(place >= argc || cat_text_to_int64(argv[place], 1, MEASURED_MAX, &value), "an argument from 1 to 5000", NULL);
    return (size_t)value;
}

int main(int argc, char **argv)
{
    size_t installs = number_of(argv, argc, 1, 10), pushes = number_of(argv, argc, 2, 20),
           changes = number_of(argv, argc, 3, 500);
    snprintf(stamp, sizeof stamp, "%06lld", (long long)(cat_clock_system()->wall_ms(cat_clock_system()) / 1000 % 1000000));
    bench_print_head();
    measure_installs(installs);
    measure_pushes(pushes);
    measure_changes(changes);
    for (size_t i = 0; i < installs; i++) {
        char name[40];
        application_name(name, i);
        bench_uninstall(name);
    }
    return 0;
}
