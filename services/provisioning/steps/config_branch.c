#include "steps/config_branch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "provisioning.h"

#define STRIPES 64  /* locks of the cached copies, shared by Organizations of one hash */
#define MAX_TRIES 8 /* pushes that others were faster than */
#define MAX_TOGETHER 64

typedef struct waiting waiting;
struct waiting {
    const prv_config_wish *wish;
    bool taken, done;
    int code;
    cat_error error;
    waiting *next;
};

struct prv_config_branches {
    prv_context *context;
    pthread_mutex_t stripes[STRIPES];
    pthread_mutex_t lock; /* of the list below */
    pthread_cond_t changed;
    waiting *list;
};

prv_config_branches *prv_config_branches_create(prv_context *context)
{
    prv_config_branches *branches = cat_calloc(1, sizeof *branches);
    branches->context = context;
    for (size_t i = 0; i < STRIPES; i++)
        pthread_mutex_init(&branches->stripes[i], NULL);
    pthread_mutex_init(&branches->lock, NULL);
    pthread_cond_init(&branches->changed, NULL);
    return branches;
}

void prv_config_branches_destroy(prv_config_branches *branches)
{
    if (!branches)
        return;
    for (size_t i = 0; i < STRIPES; i++)
        pthread_mutex_destroy(&branches->stripes[i]);
    pthread_mutex_destroy(&branches->lock);
    pthread_cond_destroy(&branches->changed);
    free(branches);
}

/* By a hash of the name (FNV-1a): two Organizations may share one, and wait for each other then. */
static pthread_mutex_t *stripe_of(prv_config_branches *branches, const char *organization)
{
    uint32_t hash = UINT32_C(2166136261);
    for (const char *at = organization ? organization : "main"; *at; at++)
        hash = (hash ^ (unsigned char)*at) * UINT32_C(16777619);
    return &branches->stripes[hash % STRIPES];
}

int prv_config_open(prv_config_branches *branches, const char *organization, cat_git **git, cat_error *error)
{
    char url[512];
    cat_git_remote remote = prv_remote(branches->context, PRV_CONFIG_REPOSITORY, url);
    cat_autofree char *branch = organization ? cat_printf("org/%s", organization) : NULL;
    cat_autofree char *folder = cat_printf("%s/config-%s", branches->context->cache_folder, organization ? organization : "_");
    const char *const names[] = {"main", branch, NULL};
    pthread_mutex_lock(stripe_of(branches, organization));
    int code = cat_git_open_cached(&remote, folder, names, git, error);
    if (code < 0)
        pthread_mutex_unlock(stripe_of(branches, organization));
    return code;
}

void prv_config_close(prv_config_branches *branches, const char *organization, cat_git *git)
{
    cat_git_destroy(git);
    pthread_mutex_unlock(stripe_of(branches, organization));
}

char *prv_commit_message(const char *subject, const char *operation, const char *plan, const char *user)
{
    cat_auto(cat_string) text = CAT_STRING(64 * 1024);
    cat_string_appendf(&text, "%s\n\n", subject);
    if (operation)
        cat_string_appendf(&text, "Operation: %s\n", operation);
    if (plan)
        cat_string_appendf(&text, "Plan: %s\n", plan);
    if (user)
        cat_string_appendf(&text, "Requested-by: %s\n", user);
    return cat_string_take(&text);
}

/* --- one commit for several wishes --- */

static bool holds_already(cat_git *git, const cat_git_id *head, const prv_config_wish *wish)
{
    for (size_t i = 0; i < wish->count; i++) {
        cat_autofree char *content = NULL;
        size_t length = 0;
        int code = head ? cat_git_read(git, head, wish->files[i].path, &content, &length, NULL, NULL) : CAT_E_NOT_FOUND;
        bool wanted = wish->files[i].content != NULL;
        if ((code == 0) != wanted)
            return false;
        if (wanted && (length != wish->files[i].length || memcmp(content, wish->files[i].content, length) != 0))
            return false;
    }
    return true;
}

static bool is_there(cat_git *git, const cat_git_id *head, const char *path)
{
    cat_autofree char *content = NULL;
    size_t length = 0;
    return head && cat_git_read(git, head, path, &content, &length, NULL, NULL) == 0;
}

/* One wish speaks for itself; several are listed, and each has its trailers. */
static char *message_of(const prv_config_wish *const *wishes, size_t count)
{
    if (count == 1)
        return prv_commit_message(wishes[0]->subject, wishes[0]->operation, wishes[0]->plan, wishes[0]->user);
    cat_auto(cat_string) text = CAT_STRING(64 * 1024);
    cat_string_appendf(&text, "%s and %zu more\n\n", wishes[0]->subject, count - 1);
    for (size_t i = 0; i < count; i++)
        cat_string_appendf(&text, "- %s\n", wishes[i]->subject);
    cat_string_append(&text, "\n");
    for (size_t i = 0; i < count; i++) {
        cat_autofree char *trailers = prv_commit_message("", wishes[i]->operation, wishes[i]->plan, wishes[i]->user);
        cat_string_append(&text, trailers + strspn(trailers, "\n"));
    }
    return cat_string_take(&text);
}

static int make_commit(prv_config_branches *branches, cat_git *git, const cat_git_id *head, const prv_config_wish *const *wishes,
                       size_t count, cat_git_id *commit, cat_error *error)
{
    size_t total = 0, at = 0;
    for (size_t i = 0; i < count; i++)
        total += wishes[i]->count;
    cat_git_file *files = cat_calloc(total + 1, sizeof *files);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < wishes[i]->count; j++) {
            /* What is to go and is gone already is no change. */
            if (wishes[i]->files[j].content || is_there(git, head, wishes[i]->files[j].path))
                files[at++] = wishes[i]->files[j];
        }
    cat_git_id tree;
    int code = cat_git_tree(git, head, files, at, &tree, error);
    free(files);
    if (code < 0)
        return code;
    cat_autofree char *email = cat_printf("catalyst@%s", branches->context->config->common.sovereign.domain);
    cat_git_person catalyst = {"Catalyst", email};
    cat_autofree char *message = message_of(wishes, count);
    return cat_git_commit(git,
                          &(cat_git_new_commit){.tree = &tree,
                                                .parents = head,
                                                .parent_count = head ? 1 : 0,
                                                .author = count == 1 ? &wishes[0]->author : &catalyst,
                                                .committer = &catalyst,
                                                .time_ms = wishes[0]->time_ms,
                                                .message = message},
                          commit, error);
}

static int commit_once(prv_config_branches *branches, cat_git *git, waiting *const *batch, size_t count, cat_error *error)
{
    const char *branch = batch[0]->wish->branch;
    const prv_config_wish *wishes[MAX_TOGETHER];
    size_t wanted = 0;
    cat_git_id head, commit;
    int found = cat_git_head(git, branch, &head, error);
    if (found < 0 && found != CAT_E_NOT_FOUND)
        return found;
    for (size_t i = 0; i < count; i++)
        if (!holds_already(git, found == 0 ? &head : NULL, batch[i]->wish))
            wishes[wanted++] = batch[i]->wish;
    if (!wanted)
        return 0;
    int code = make_commit(branches, git, found == 0 ? &head : NULL, wishes, wanted, &commit, error);
    if (code < 0)
        return code;
    cat_git_update update = {.branch = branch, .commit = commit};
    return cat_git_push(git, &update, 1, error);
}

static int commit_batch(prv_config_branches *branches, waiting *const *batch, size_t count, cat_error *error)
{
    const char *branch = batch[0]->wish->branch;
    const char *organization = cat_text_starts_with(branch, "org/") ? branch + strlen("org/") : NULL;
    for (unsigned attempt = 0;; attempt++) {
        cat_git *git = NULL;
        cat_error failed = {0};
        int code = prv_config_open(branches, organization, &git, &failed);
        if (code == 0) {
            code = commit_once(branches, git, batch, count, &failed);
            prv_config_close(branches, organization, git);
        }
        if (code != CAT_E_CONFLICT)
            return code < 0 ? cat_error_copy(error, &failed) : 0;
        if (attempt + 1 == MAX_TRIES)
            return cat_error_set_class(error, code, CAT_CLASS_TRANSIENT, "%s moved %d times while it was written: %.200s", branch,
                                       MAX_TRIES, failed.message);
        cat_clock_system()->sleep_ms(cat_clock_system(), cat_backoff_ms(attempt, 50, 2000));
    }
}

/* --- who commits --- */

static bool is_busy(const prv_config_branches *branches, const char *branch)
{
    for (const waiting *one = branches->list; one; one = one->next)
        if (one->taken && strcmp(one->wish->branch, branch) == 0)
            return true;
    return false;
}

static size_t take_all(prv_config_branches *branches, const char *branch, waiting *batch[MAX_TOGETHER])
{
    size_t count = 0;
    for (waiting *one = branches->list; one && count < MAX_TOGETHER; one = one->next)
        if (!one->taken && !one->done && strcmp(one->wish->branch, branch) == 0) {
            one->taken = true;
            batch[count++] = one;
        }
    return count;
}

/* A wish that cannot be fulfilled must not spoil those that were put with it. */
static void commit_each(prv_config_branches *branches, waiting *const *batch, size_t count)
{
    cat_error failed = {0};
    int code = commit_batch(branches, batch, count, &failed);
    for (size_t i = 0; i < count; i++) {
        if (code < 0 && count > 1 && failed.class == CAT_CLASS_STALLED) {
            batch[i]->code = commit_batch(branches, &batch[i], 1, &batch[i]->error);
        } else {
            batch[i]->code = code;
            batch[i]->error = failed;
        }
    }
}

static void append(prv_config_branches *branches, waiting *self)
{
    waiting **last = &branches->list;
    while (*last)
        last = &(*last)->next;
    *last = self;
}

static void drop(prv_config_branches *branches, const waiting *self)
{
    waiting **at = &branches->list;
    while (*at != self)
        at = &(*at)->next;
    *at = self->next;
}

int prv_config_commit(prv_config_branches *branches, const prv_config_wish *wish, cat_error *error)
{
    waiting self = {.wish = wish};
    pthread_mutex_lock(&branches->lock);
    append(branches, &self);
    while (!self.done) {
        if (is_busy(branches, wish->branch)) {
            pthread_cond_wait(&branches->changed, &branches->lock);
            continue;
        }
        waiting *batch[MAX_TOGETHER];
        size_t count = take_all(branches, wish->branch, batch);
        pthread_mutex_unlock(&branches->lock);
        commit_each(branches, batch, count);
        pthread_mutex_lock(&branches->lock);
        for (size_t i = 0; i < count; i++) {
            batch[i]->taken = false;
            batch[i]->done = true;
        }
        pthread_cond_broadcast(&branches->changed);
    }
    drop(branches, &self);
    pthread_mutex_unlock(&branches->lock);
    return self.code < 0 ? cat_error_copy(error, &self.error) : 0;
}
