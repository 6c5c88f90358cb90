/* The Kubernetes client against a real API server, named by CATALYST_TEST_KUBECONFIG. Works in a namespace of its own. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/random.h"
#include "base/test.h"
#include "net/kube.h"

static const cat_resource CONFIG_MAPS = {"", "v1", "ConfigMap", "configmaps", true},
                          NAMESPACES = {"", "v1", "Namespace", "namespaces", false}, PODS = {"", "v1", "Pod", "pods", true},
                          DEPLOYMENTS = {"apps", "v1", "Deployment", "deployments", true},
                          WIDGETS = {"example.org", "v1", "Widget", "widgets", true};

static cat_kube *kube;
static char *namespace;

static json_t *config_map(const char *name, const char *value)
{
    json_t *object = cat_object_make(&CONFIG_MAPS, namespace, name);
    cat_json_set_text(object, "data.key", value);
    return object;
}

static int apply(const char *name, const char *value, const char *manager, bool force, cat_error *error)
{
    cat_autojson json_t *object = config_map(name, value);
    return cat_kube_apply(kube, object, &(cat_apply_options){.field_manager = manager, .force = force}, NULL, error);
}

TEST("an object is applied, read, changed and deleted")
{
    cat_error error = {0};
    cat_autojson json_t *applied = NULL, *read = NULL, *changed = NULL, *object = config_map("one", "1");
    REQUIRE(cat_kube_apply(kube, object, &(cat_apply_options){.field_manager = "test"}, &applied, &error) == 0);
    EXPECT(cat_object_uid(applied) != NULL);
    REQUIRE(cat_kube_get(kube, &CONFIG_MAPS, namespace, "one", &read, &error) == 0);
    EXPECT_TEXT(cat_json_text(read, "data.key"), "1");
    cat_autojson json_t *patch = cat_json_object("data", cat_json_object("key", json_string("2"), NULL), NULL);
    REQUIRE(cat_kube_patch(kube, &(cat_kube_change){&CONFIG_MAPS, namespace, "one", patch}, &changed, &error) == 0);
    EXPECT_TEXT(cat_json_text(changed, "data.key"), "2");
    EXPECT(strcmp(cat_object_resource_version(changed), cat_object_resource_version(applied)) != 0);

    cat_json_set_text(patch, "metadata.resourceVersion", cat_object_resource_version(applied));
    EXPECT_INT(cat_kube_patch(kube, &(cat_kube_change){&CONFIG_MAPS, namespace, "one", patch}, NULL, NULL), CAT_E_CONFLICT);
    EXPECT_INT(cat_kube_create_object(kube, object, NULL, NULL), CAT_E_EXISTS);
    EXPECT_INT(cat_kube_delete(kube, &CONFIG_MAPS, namespace, "one", NULL, NULL), 0);
    EXPECT_INT(cat_kube_delete(kube, &CONFIG_MAPS, namespace, "one", NULL, NULL), 0);
    json_decref(read);
    read = NULL;
    EXPECT_INT(cat_kube_get(kube, &CONFIG_MAPS, namespace, "one", &read, NULL), CAT_E_NOT_FOUND);
}

TEST("a field of another manager is a conflict unless it is taken by force")
{
    cat_error error = {0};
    REQUIRE(apply("shared", "a", "first", false, NULL) == 0);
    EXPECT_INT(apply("shared", "b", "second", false, &error), CAT_E_CONFLICT);
    EXPECT(strstr(error.message, "first") != NULL);
    EXPECT_INT(apply("shared", "b", "second", true, NULL), 0);
}

TEST("a dry run says what would be refused and leaves nothing")
{
    cat_autojson json_t *object = config_map("dry", "1"), *read = NULL;
    EXPECT_INT(cat_kube_apply(kube, object, &(cat_apply_options){.field_manager = "test", .dry_run = true}, NULL, NULL), 0);
    EXPECT_INT(cat_kube_get(kube, &CONFIG_MAPS, namespace, "dry", &read, NULL), CAT_E_NOT_FOUND);
}

TEST("what the server will not take is invalid, with the fields that are wrong")
{
    cat_autojson json_t *object = cat_object_make(&DEPLOYMENTS, namespace, "broken");
    cat_json_set_int(object, "spec.replicas", -1);
    cat_json_set_text(object, "spec.selector.matchLabels.app", "x");
    cat_json_set_text(object, "spec.template.metadata.labels.app", "y");
    cat_error error = {0};
    EXPECT_INT(cat_kube_apply(kube, object, &(cat_apply_options){.field_manager = "test"}, NULL, &error), CAT_E_INVALID);
    EXPECT(strstr(error.message, "spec.replicas") != NULL);
    EXPECT_INT(error.class, CAT_CLASS_STALLED);
}

TEST("kinds are found by discovery, and those that are not served are waited for")
{
    bool served = false;
    EXPECT_INT(cat_kube_serves(kube, &DEPLOYMENTS, &served, NULL), 0);
    EXPECT(served);
    EXPECT_INT(cat_kube_serves(kube, &WIDGETS, &served, NULL), 0);
    EXPECT(!served);
    cat_autojson json_t *widget = cat_object_make(&WIDGETS, namespace, "w");
    cat_error error = {0};
    EXPECT_INT(cat_kube_apply(kube, widget, &(cat_apply_options){.field_manager = "test"}, NULL, &error), CAT_E_NOT_FOUND);
    EXPECT_INT(error.class, CAT_CLASS_WAITING);
    /* A kind that the project's table does not name. */
    static const cat_resource LEASES = {"coordination.k8s.io", "v1", "Lease", "leases", true};
    cat_autojson json_t *lease = cat_object_make(&LEASES, namespace, "l");
    EXPECT_INT(cat_kube_apply(kube, lease, &(cat_apply_options){.field_manager = "test"}, NULL, &error), 0);
}

static int count_whole(void *context, cat_view object, cat_error *error)
{
    (void)error;
    if (cat_text_equal(cat_view_text(object, "kind"), "ConfigMap") && cat_text_equal(cat_view_text(object, "apiVersion"), "v1"))
        ++*(int *)context;
    return 0;
}

TEST("a list longer than a page comes whole, each object with its kind")
{
    for (int i = 0; i < 505; i++) {
        cat_autofree char *name = cat_printf("page-%d", i);
        cat_autojson json_t *object = config_map(name, "x");
        cat_object_set_label(object, "set", "pages");
        REQUIRE(cat_kube_create_object(kube, object, NULL, NULL) == 0);
    }
    int count = 0;
    char version[32] = "";
    REQUIRE(cat_kube_list(kube, &(cat_kube_selection){&CONFIG_MAPS, namespace, "set=pages"}, count_whole, &count, version,
                          NULL) == 0);
    EXPECT_INT(count, 505);
    EXPECT(version[0] != '\0');
    cat_autojson json_t *items = NULL;
    REQUIRE(cat_kube_list_json(kube, &CONFIG_MAPS, namespace, "set=none", &items, NULL) == 0);
    EXPECT_INT(json_array_size(items), 0);
}

/* What a watch told, as words in order. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t told;
    cat_strings words;
    char last[64];
    bool hold;
    int listed, errors;
} watch_diary;

static void note(watch_diary *diary, const char *word)
{
    pthread_mutex_lock(&diary->lock);
    cat_strings_add(&diary->words, word);
    pthread_cond_broadcast(&diary->told);
    pthread_mutex_unlock(&diary->lock);
}

static void on_object(void *context, cat_watch_kind kind, cat_view object)
{
    static const char *const kinds[] = {"listed", "added", "modified", "deleted"};
    watch_diary *diary = context;
    const char *name = cat_view_text(object, "metadata.name");
    if (!name || strcmp(name, "kube-root-ca.crt") == 0)
        return;
    cat_autofree char *word = cat_printf("%s %s", kinds[kind], name);
    note(diary, word);
    pthread_mutex_lock(&diary->lock);
    snprintf(diary->last, sizeof diary->last, "%s", cat_view_text_or(object, "data.key", ""));
    while (diary->hold)
        pthread_cond_wait(&diary->told, &diary->lock);
    pthread_cond_broadcast(&diary->told);
    pthread_mutex_unlock(&diary->lock);
}

static void on_listed(void *context, const char *version)
{
    watch_diary *diary = context;
    (void)version;
    pthread_mutex_lock(&diary->lock);
    diary->listed++;
    pthread_cond_broadcast(&diary->told);
    pthread_mutex_unlock(&diary->lock);
}

static void on_error(void *context, const cat_error *error)
{
    watch_diary *diary = context;
    (void)error;
    pthread_mutex_lock(&diary->lock);
    diary->errors++;
    pthread_cond_broadcast(&diary->told);
    pthread_mutex_unlock(&diary->lock);
}

#define WAIT_FOR(diary_, condition)                                                                                              \
    ({                                                                                                                           \
        struct timespec until_;                                                                                                  \
        clock_gettime(CLOCK_REALTIME, &until_);                                                                                  \
        until_.tv_sec += 30;                                                                                                     \
        pthread_mutex_lock(&(diary_).lock);                                                                                      \
        int waited_ = 0;                                                                                                         \
        while (!(condition) && waited_ == 0)                                                                                     \
            waited_ = pthread_cond_timedwait(&(diary_).told, &(diary_).lock, &until_);                                           \
        bool holds_ = (condition);                                                                                               \
        pthread_mutex_unlock(&(diary_).lock);                                                                                    \
        holds_;                                                                                                                  \
    })

static cat_kube_watch_handlers handlers_of(watch_diary *diary)
{
    return (cat_kube_watch_handlers){.on_object = on_object, .on_listed = on_listed, .on_error = on_error, .context = diary};
}

TEST("a watch tells what is there, then every change in order, and nothing after it was stopped")
{
    watch_diary told = {.lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER};
    cat_autoptr(cat_kube_watcher) watcher = cat_kube_watcher_create();
    cat_kube_watch *watch = NULL;
    cat_autojson json_t *object = config_map("watched", "1"), *other = config_map("other", "1");
    cat_object_set_label(object, "set", "watch");
    REQUIRE(cat_kube_create_object(kube, object, NULL, NULL) == 0);
    cat_kube_watch_handlers handlers = handlers_of(&told);
    REQUIRE(cat_kube_watch_start(watcher, kube, &(cat_kube_selection){&CONFIG_MAPS, namespace, "set=watch"}, &handlers, &watch,
                                 NULL) == 0);
    EXPECT(WAIT_FOR(told, told.listed == 1));
    REQUIRE(cat_kube_create_object(kube, other, NULL, NULL) == 0); /* another set: not told */
    cat_json_set_text(object, "data.key", "2");
    REQUIRE(cat_kube_patch(kube, &(cat_kube_change){&CONFIG_MAPS, namespace, "watched", object}, NULL, NULL) == 0);
    cat_object_set_label(other, "set", "watch");
    REQUIRE(cat_kube_patch(kube, &(cat_kube_change){&CONFIG_MAPS, namespace, "other", other}, NULL, NULL) == 0);
    REQUIRE(cat_kube_delete(kube, &CONFIG_MAPS, namespace, "watched", NULL, NULL) == 0);
    EXPECT(WAIT_FOR(told, told.words.count >= 4));
    cat_kube_watch_stop(watch);
    REQUIRE(cat_kube_delete(kube, &CONFIG_MAPS, namespace, "other", NULL, NULL) == 0);
    static const char *const expected[] = {"listed watched", "modified watched", "added other", "deleted watched"};
    EXPECT_INT(told.words.count, 4);
    for (size_t i = 0; i < 4 && i < told.words.count; i++)
        EXPECT_TEXT(told.words.items[i], expected[i]);
    EXPECT_INT(told.errors, 0);
    cat_strings_finish(&told.words);
}

TEST("a reader that is slower than the stream misses nothing")
{
    enum { CHANGES = 1500 };
    watch_diary told = {.lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER, .hold = true};
    cat_autoptr(cat_kube_watcher) watcher = cat_kube_watcher_create();
    cat_kube_watch *watch = NULL;
    cat_autojson json_t *object = config_map("busy", "0");
    cat_object_set_label(object, "set", "busy");
    cat_kube_watch_handlers handlers = handlers_of(&told);
    REQUIRE(cat_kube_watch_start(watcher, kube, &(cat_kube_selection){&CONFIG_MAPS, namespace, "set=busy"}, &handlers, &watch,
                                 NULL) == 0);
    EXPECT(WAIT_FOR(told, told.listed == 1));
    REQUIRE(cat_kube_create_object(kube, object, NULL, NULL) == 0);
    for (int i = 1; i <= CHANGES; i++) {
        char value[16];
        snprintf(value, sizeof value, "%d", i);
        cat_json_set_text(object, "data.key", value);
        REQUIRE(cat_kube_patch(kube, &(cat_kube_change){&CONFIG_MAPS, namespace, "busy", object}, NULL, NULL) == 0);
    }
    pthread_mutex_lock(&told.lock);
    told.hold = false;
    pthread_cond_broadcast(&told.told);
    pthread_mutex_unlock(&told.lock);
    EXPECT(WAIT_FOR(told, strcmp(told.last, "1500") == 0));
    cat_kube_watch_stop(watch);
    EXPECT_INT(told.words.count, CHANGES + 1);
    EXPECT_INT(told.listed, 1); /* it went on where it was, without another list */
    EXPECT_INT(told.errors, 0);
    cat_strings_finish(&told.words);
}

TEST("a watch of a server that is not there reports and goes on, and can be stopped")
{
    static const char config[] = "{current-context: a, contexts: [{name: a, context: {cluster: c}}], clusters: [{name: c, "
                                 "cluster: {server: 'http://127.0.0.1:1'}}]}";
    watch_diary told = {.lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER};
    cat_autoptr(cat_kube) nowhere = NULL;
    REQUIRE(cat_kube_create(config, sizeof config - 1, &nowhere, NULL) == 0);
    cat_autoptr(cat_kube_watcher) watcher = cat_kube_watcher_create();
    cat_kube_watch *watch = NULL;
    cat_kube_watch_handlers handlers = handlers_of(&told);
    REQUIRE(cat_kube_watch_start(watcher, nowhere, &(cat_kube_selection){&PODS}, &handlers, &watch, NULL) == 0);
    EXPECT(WAIT_FOR(told, told.errors >= 2));
    cat_kube_watch_stop(watch);
    EXPECT_INT(told.listed, 0);
}

TEST("a watch of a kind that the server does not serve reports it")
{
    watch_diary told = {.lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER};
    cat_autoptr(cat_kube_watcher) watcher = cat_kube_watcher_create();
    cat_kube_watch *watch = NULL;
    cat_kube_watch_handlers handlers = handlers_of(&told);
    REQUIRE(cat_kube_watch_start(watcher, kube, &(cat_kube_selection){&WIDGETS}, &handlers, &watch, NULL) == 0);
    EXPECT(WAIT_FOR(told, told.errors >= 1));
    /* The watcher stops it. */
}

TEST("a token of a ServiceAccount signs in as that account, with its rights alone")
{
    static const cat_resource accounts = {"", "v1", "ServiceAccount", "serviceaccounts", true};
    cat_error error = {0};
    cat_autosecret char *token = NULL;
    cat_autojson json_t *account = cat_object_make(&accounts, namespace, "reader"), *read = NULL;
    EXPECT_INT(cat_kube_request_token(kube, namespace, "reader", 600, &token, NULL), CAT_E_NOT_FOUND);
    REQUIRE(cat_kube_create_object(kube, account, NULL, &error) == 0);
    REQUIRE(cat_kube_request_token(kube, namespace, "reader", 600, &token, &error) == 0);
    cat_autofree char *authority = cat_base64_encode(cat_kube_authority(kube), strlen(cat_kube_authority(kube)));
    cat_autojson json_t *config =
        json_pack("{s:s, s:[{s:s, s:{s:s, s:s}}], s:[{s:s, s:{s:s}}], s:[{s:s, s:{s:s, s:s}}]}", "current-context", "c",
                  "clusters", "name", "c", "cluster", "server", cat_kube_server(kube), "certificate-authority-data", authority,
                  "users", "name", "c", "user", "token", token, "contexts", "name", "c", "context", "cluster", "c", "user", "c");
    cat_autosecret char *text = cat_json_format(config);
    cat_autoptr(cat_kube) reader = NULL;
    REQUIRE(cat_kube_create(text, strlen(text), &reader, &error) == 0);
    EXPECT_INT(cat_kube_get(reader, &CONFIG_MAPS, namespace, "one", &read, &error), CAT_E_FORBIDDEN);
    cat_autofree char *who = cat_printf("system:serviceaccount:%s:reader", namespace);
    EXPECT(strstr(error.message, who));
}

int main(int argc, char **argv)
{
    const char *path = getenv("CATALYST_TEST_KUBECONFIG");
    if (!path || !*path) {
        puts("skipped: CATALYST_TEST_KUBECONFIG names no kubeconfig");
        return 77;
    }
    cat_error error = {0};
    if (cat_kube_create_from_file(path, &kube, &error) < 0) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    char id[CAT_ID_MAX];
    cat_id_make(cat_clock_system()->wall_ms(cat_clock_system()), id);
    namespace = cat_printf("test-%s", id);
    json_t *made = cat_object_make(&NAMESPACES, NULL, namespace);
    if (cat_kube_create_object(kube, made, NULL, &error) < 0) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    int result = cat_test_main(argc, argv);
    cat_kube_delete(kube, &NAMESPACES, NULL, namespace, NULL, NULL);
    json_decref(made);
    free(namespace);
    cat_kube_destroy(kube);
    return result;
}
