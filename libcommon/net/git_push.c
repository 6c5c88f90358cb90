#include <stdlib.h>
#include <string.h>

#include "net/git_internal.h"

/* Words by which Git and Gitea say that a reference is not what the pusher thought. */
int git_refusal_code(const char *status, const char *words)
{
    static const char *const faster[] = {"fast-forward",   "fast forward",    "fetch first",
                                         "stale info",     "cannot lock ref", "failed to update ref",
                                         "failed to lock", "already exists",  "reference already"};
    static const char *const forbidden[] = {"protected",  "not allowed", "hook declined", "denied",
                                            "prohibited", "archived",    "deny"};
    for (size_t i = 0; i < sizeof faster / sizeof *faster; i++)
        if (strcasestr(status, faster[i]))
            return CAT_E_CONFLICT;
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        if (strcasestr(status, forbidden[i]) || strcasestr(words, forbidden[i]))
            return CAT_E_FORBIDDEN;
    return CAT_E_PROTOCOL;
}

/* Called for each reference after the server's report; the first refusal stands. */
static int on_reference(const char *reference, const char *status, void *payload)
{
    git_link *link = payload;
    if (!status || link->failure.code)
        return 0;
    const char *words = cat_string_get(&link->words);
    cat_error_set_peer(&link->failure, CAT_PEER_GIT, git_refusal_code(status, words),
                       "the Git server refused %s of %s (%.150s)%s%.250s", reference, link->shown, status, *words ? ": " : "",
                       words);
    return 0;
}

static char *full_name(const char *branch)
{
    return cat_text_starts_with(branch, "refs/") ? cat_strdup(branch) : cat_printf("refs/heads/%s", branch);
}

static int make_specs(const cat_git_update *updates, size_t count, cat_strings *specs, cat_error *error)
{
    for (size_t i = 0; i < count; i++) {
        git_oid oid;
        int code = git_id_parse(&updates[i].commit, &oid, error), valid = 0;
        if (code < 0)
            return code;
        cat_autofree char *name = full_name(updates[i].branch);
        if (git_reference_name_is_valid(&valid, name) < 0 || !valid)
            return cat_error_set(error, CAT_E_INVALID, "%.100s is no name of a branch", updates[i].branch);
        cat_strings_addf(specs, "%s" GIT_COMMIT_REFERENCE "%s:%s", updates[i].force ? "+" : "", updates[i].commit.hex, name);
    }
    return 0;
}

/* The references that the refspecs name, where the repository stores references. */
static int add_sources(cat_git *git, const cat_git_update *updates, size_t count)
{
    int result = 0;
    for (size_t i = 0; result == 0 && !git->heads && i < count; i++) {
        cat_autofree char *name = cat_printf(GIT_COMMIT_REFERENCE "%s", updates[i].commit.hex);
        git_oid oid;
        git_auto(git_reference) made = NULL;
        git_oid_fromstr(&oid, updates[i].commit.hex);
        result = git_reference_create(&made, git->repository, name, &oid, 1, "push");
    }
    return result;
}

static void remove_sources(cat_git *git, const cat_git_update *updates, size_t count)
{
    for (size_t i = 0; !git->heads && i < count; i++) {
        cat_autofree char *name = cat_printf(GIT_COMMIT_REFERENCE "%s", updates[i].commit.hex);
        git_reference_remove(git->repository, name);
    }
}

/* What was pushed is what the branches are now. */
static void remember(cat_git *git, const cat_git_update *updates, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cat_autofree char *name = full_name(updates[i].branch);
        if (git->heads) {
            cat_map_set(git->heads, name, cat_strdup(updates[i].commit.hex));
            continue;
        }
        git_oid oid;
        git_auto(git_reference) made = NULL;
        git_oid_fromstr(&oid, updates[i].commit.hex);
        git_reference_create(&made, git->repository, name, &oid, 1, "push");
    }
}

int cat_git_push(cat_git *git, const cat_git_update *updates, size_t count, cat_error *error)
{
    if (!count)
        return 0;
    cat_auto(cat_strings) specs = {0};
    int code = make_specs(updates, count, &specs, error);
    if (code < 0)
        return code;
    git_push_options options = GIT_PUSH_OPTIONS_INIT;
    git_link_callbacks(&git->link, &options.callbacks);
    options.callbacks.push_update_reference = on_reference;
    options.pb_parallelism = 1;
    options.proxy_opts.type = GIT_PROXY_NONE;
    git_auto(git_remote) remote = NULL;
    int result = git_remote_create_anonymous(&remote, git->repository, git->link.url);
    git_strarray wanted = {specs.items, specs.count};
    if (result == 0)
        result = add_sources(git, updates, count);
    if (result == 0)
        result = git_remote_push(remote, &wanted, &options);
    remove_sources(git, updates, count);
    if (result < 0 || git->link.failure.code)
        return git_link_error(&git->link, result, "pushing", error);
    remember(git, updates, count);
    return 0;
}
