#include "svc/config_repo.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "wire/names.h"

#define STRIPES 64  /* locks of the cached copies, shared by Organizations of one hash */
#define MAX_TRIES 8 /* pushes that others were faster than */
#define MAX_TOGETHER 64
#define MESSAGE_MAX_BYTES ((size_t)64 * 1024)

typedef struct waiting waiting;
struct waiting {
    cat_config_wish *wish;
    bool taken, done;
    int code;
    cat_error error;
    waiting *next;
};

struct cat_config_repo {
    char *url, *email, *folder; /* `folder` may be NULL */
    cat_git_remote remote;
    pthread_mutex_t stripes[STRIPES];
    pthread_mutex_t lock; /* of the list below */
    pthread_cond_t changed;
    waiting *list;
};

cat_config_repo *cat_config_repo_create(const cat_config_common *config, const char *token, const char *folder)
{
    cat_config_repo *repo = cat_calloc(1, sizeof *repo);
    repo->url = cat_printf("%s/" CAT_CONFIG_REPOSITORY ".git", config->gitea.url);
    repo->email = cat_printf("catalyst@%s", config->sovereign.domain);
    repo->folder = folder ? cat_strdup(folder) : NULL;
    repo->remote = (cat_git_remote){.url = repo->url, .user = config->gitea.user, .password = token};
    for (size_t i = 0; i < STRIPES; i++)
        pthread_mutex_init(&repo->stripes[i], NULL);
    pthread_mutex_init(&repo->lock, NULL);
    pthread_cond_init(&repo->changed, NULL);
    return repo;
}

void cat_config_repo_destroy(cat_config_repo *repo)
{
    if (!repo)
        return;
    for (size_t i = 0; i < STRIPES; i++)
        pthread_mutex_destroy(&repo->stripes[i]);
    pthread_mutex_destroy(&repo->lock);
    pthread_cond_destroy(&repo->changed);
    free(repo->url);
    free(repo->email);
    free(repo->folder);
    free(repo);
}

/* By a hash of the name (FNV-1a): two Organizations may share one, and wait for each other then. */
static pthread_mutex_t *stripe_of(cat_config_repo *repo, const char *organization)
{
    uint32_t hash = UINT32_C(2166136261);
    for (const char *at = organization ? organization : "main"; *at; at++)
        hash = (hash ^ (unsigned char)*at) * UINT32_C(16777619);
    return &repo->stripes[hash % STRIPES];
}

int cat_config_repo_open(cat_config_repo *repo, const char *organization, cat_git **git, cat_error *error)
{
    cat_autofree char *branch = organization ? cat_printf("org/%s", organization) : NULL;
    cat_autofree char *folder = repo->folder ? cat_printf("%s/config-%s", repo->folder, organization ? organization : "_") : NULL;
    const char *const names[] = {"main", branch, NULL};
    pthread_mutex_lock(stripe_of(repo, organization));
    int code =
        folder ? cat_git_open_cached(&repo->remote, folder, names, git, error) : cat_git_open(&repo->remote, names, git, error);
    if (code < 0)
        pthread_mutex_unlock(stripe_of(repo, organization));
    return code;
}

void cat_config_repo_close(cat_config_repo *repo, const char *organization, cat_git *git)
{
    cat_git_destroy(git);
    pthread_mutex_unlock(stripe_of(repo, organization));
}

/* --- one commit for several wishes --- */

static bool holds_already(cat_git *git, const cat_git_id *head, const cat_config_wish *wish)
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

char *cat_config_message(const cat_config_wish *const *wishes, size_t count)
{
    if (count == 1)
        return cat_printf("%s\n\n%s", wishes[0]->subject, wishes[0]->trailers);
    cat_auto(cat_string) text = CAT_STRING(MESSAGE_MAX_BYTES);
    cat_string_appendf(&text, "%s and %zu more\n\n", wishes[0]->subject, count - 1);
    for (size_t i = 0; i < count; i++)
        cat_string_appendf(&text, "- %s\n", wishes[i]->subject);
    cat_string_append(&text, "\n");
    for (size_t i = 0; i < count; i++)
        cat_string_append(&text, wishes[i]->trailers);
    return cat_string_take(&text);
}

static int make_commit(cat_config_repo *repo, cat_git *git, const cat_git_id *head, const cat_config_wish *const *wishes,
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
    const cat_git_person catalyst = {"Catalyst", repo->email};
    cat_autofree char *message = cat_config_message(wishes, count);
    return cat_git_commit(git,
                          &(cat_git_new_commit){.tree = &tree,
                                                .parents = head,
                                                .parent_count = head ? 1 : 0,
                                                .author = count == 1 && wishes[0]->author.name ? &wishes[0]->author : &catalyst,
                                                .committer = &catalyst,
                                                .time_ms = wishes[0]->time_ms,
                                                .message = message},
                          commit, error);
}

static int commit_once(cat_config_repo *repo, cat_git *git, waiting *const *batch, size_t count, cat_error *error)
{
    const char *branch = batch[0]->wish->branch;
    const cat_config_wish *wishes[MAX_TOGETHER];
    size_t wanted = 0;
    cat_git_id head, commit;
    int found = cat_git_head(git, branch, &head, error);
    if (found < 0 && found != CAT_E_NOT_FOUND)
        return found;
    const cat_git_id *from = found == 0 ? &head : NULL;
    for (size_t i = 0; i < count; i++) {
        cat_config_wish *wish = batch[i]->wish;
        int chosen = wish->choose ? wish->choose(wish->context, git, from, wish, error) : 0;
        if (chosen < 0)
            return chosen;
        if (!holds_already(git, from, wish))
            wishes[wanted++] = wish;
    }
    if (!wanted)
        return 0;
    int code = make_commit(repo, git, from, wishes, wanted, &commit, error);
    if (code < 0)
        return code;
    cat_git_update update = {.branch = branch, .commit = commit};
    return cat_git_push(git, &update, 1, error);
}

static int commit_batch(cat_config_repo *repo, waiting *const *batch, size_t count, cat_error *error)
{
    const char *branch = batch[0]->wish->branch;
    const char *organization = cat_text_starts_with(branch, "org/") ? branch + strlen("org/") : NULL;
    for (unsigned attempt = 0;; attempt++) {
        cat_git *git = NULL;
        cat_error failed = {0};
        int code = cat_config_repo_open(repo, organization, &git, &failed);
        if (code == 0) {
            code = commit_once(repo, git, batch, count, &failed);
            cat_config_repo_close(repo, organization, git);
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

static bool is_busy(const cat_config_repo *repo, const char *branch)
{
    for (const waiting *one = repo->list; one; one = one->next)
        if (one->taken && strcmp(one->wish->branch, branch) == 0)
            return true;
    return false;
}

static size_t take_all(cat_config_repo *repo, const char *branch, waiting *batch[MAX_TOGETHER])
{
    size_t count = 0;
    for (waiting *one = repo->list; one && count < MAX_TOGETHER; one = one->next)
        if (!one->taken && !one->done && strcmp(one->wish->branch, branch) == 0) {
            one->taken = true;
            batch[count++] = one;
        }
    return count;
}

/* A wish that cannot be fulfilled must not spoil those that were put with it. */
static void commit_each(cat_config_repo *repo, waiting *const *batch, size_t count)
{
    cat_error failed = {0};
    int code = commit_batch(repo, batch, count, &failed);
    for (size_t i = 0; i < count; i++) {
        if (code < 0 && count > 1 && failed.class == CAT_CLASS_STALLED) {
            batch[i]->code = commit_batch(repo, &batch[i], 1, &batch[i]->error);
        } else {
            batch[i]->code = code;
            batch[i]->error = failed;
        }
    }
}

static void append(cat_config_repo *repo, waiting *self)
{
    waiting **last = &repo->list;
    while (*last)
        last = &(*last)->next;
    *last = self;
}

static void drop(cat_config_repo *repo, const waiting *self)
{
    waiting **at = &repo->list;
    while (*at != self)
        at = &(*at)->next;
    *at = self->next;
}

int cat_config_repo_commit(cat_config_repo *repo, cat_config_wish *wish, cat_error *error)
{
    waiting self = {.wish = wish};
    pthread_mutex_lock(&repo->lock);
    append(repo, &self);
    while (!self.done) {
        if (is_busy(repo, wish->branch)) {
            pthread_cond_wait(&repo->changed, &repo->lock);
            continue;
        }
        waiting *batch[MAX_TOGETHER];
        size_t count = take_all(repo, wish->branch, batch);
        pthread_mutex_unlock(&repo->lock);
        commit_each(repo, batch, count);
        pthread_mutex_lock(&repo->lock);
        for (size_t i = 0; i < count; i++) {
            batch[i]->taken = false;
            batch[i]->done = true;
        }
        pthread_cond_broadcast(&repo->changed);
    }
    drop(repo, &self);
    pthread_mutex_unlock(&repo->lock);
    return self.code < 0 ? cat_error_copy(error, &self.error) : 0;
}
