#include "net/git_internal.h"

#include <ftw.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMPACK_PRIORITY 999
#define CACHE_MAX_BYTES ((ssize_t)32 * 1024 * 1024)
#define PACK_MAX_OBJECTS ((size_t)1000000)

static void setup_once(void)
{
    git_libgit2_init();
    /* What stands in somebody's ~/.gitconfig or /etc/gitconfig must not change what we write. */
    const int levels[] = {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
    git_libgit2_opts(GIT_OPT_SET_TEMPLATE_PATH, "");
    git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, CACHE_MAX_BYTES);
    git_libgit2_opts(GIT_OPT_SET_PACK_MAX_OBJECTS, PACK_MAX_OBJECTS);
}

void git_setup(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, setup_once);
}

int git_local_error(int result, const char *what, cat_error *error)
{
    const git_error *last = git_error_last();
    int code = result == GIT_ENOTFOUND                                ? CAT_E_NOT_FOUND
               : result == GIT_EINVALIDSPEC || result == GIT_EINVALID ? CAT_E_INVALID
                                                                      : CAT_E_IO;
    return cat_error_set(error, code, "%s: %s", what, last && last->message ? last->message : "libgit2 gave no reason");
}

int git_id_parse(const cat_git_id *id, git_oid *oid, cat_error *error)
{
    if (strlen(id->hex) != GIT_OID_HEXSZ || git_oid_fromstr(oid, id->hex) < 0)
        return cat_error_set(error, CAT_E_INVALID, "%.64s is no Git object id", id->hex);
    return 0;
}

void git_id_set(cat_git_id *id, const git_oid *oid)
{
    git_oid_tostr(id->hex, sizeof id->hex, oid);
}

static cat_git *make(const cat_git_remote *remote, git_repository *repository)
{
    cat_git *git = cat_calloc(1, sizeof *git);
    git->repository = repository;
    git_link_init(&git->link, remote);
    return git;
}

/* Nothing in it is ours to read, and libgit2 1.5 loses 20 KB for each entry that it compares with a pattern (url.*.insteadOf). */
static int drop_configuration(git_repository *repository)
{
    git_config *empty = NULL;
    int result = git_config_new(&empty);
    if (result == 0)
        result = git_repository_set_config(repository, empty);
    git_config_free(empty);
    return result;
}

/* A repository without a path: objects in memory, no configuration, no references. */
static int make_in_memory(git_repository **repository)
{
    git_odb *odb = NULL;
    git_odb_backend *mempack = NULL;
    int result = git_repository_new(repository);
    if (result == 0)
        result = git_odb_new(&odb);
    if (result == 0)
        result = git_mempack_new(&mempack);
    if (result == 0)
        result = git_odb_add_backend(odb, mempack, MEMPACK_PRIORITY); /* the database owns it now */
    if (result == 0)
        result = git_repository_set_odb(*repository, odb);
    if (result == 0)
        result = drop_configuration(*repository);
    if (result == 0)
        result = git_references_in_memory(*repository);
    git_odb_free(odb);
    return result;
}

int cat_git_open_new(const cat_git_remote *remote, cat_git **git, cat_error *error)
{
    git_setup();
    git_repository *repository = NULL;
    int result = make_in_memory(&repository);
    if (result < 0) {
        git_repository_free(repository);
        return git_local_error(result, "making a repository in memory", error);
    }
    *git = make(remote, repository);
    (*git)->heads = cat_map_create(free);
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static void remove_folder(const char *folder)
{
    nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static int make_temporary_folder(char **folder, cat_error *error)
{
    const char *base = getenv("TMPDIR");
    if (access("/dev/shm", W_OK | X_OK) == 0)
        base = "/dev/shm";
    else if (!base || !*base)
        base = "/tmp";
    char *made = cat_printf("%s/catalyst-git-XXXXXX", base);
    if (!mkdtemp(made)) {
        cat_error_set(error, CAT_E_IO, "no temporary folder can be made in %s", base);
        free(made);
        return CAT_E_IO;
    }
    *folder = made;
    return 0;
}

static int open_or_make(git_repository **repository, const char *folder, bool may_exist)
{
    if (may_exist && git_repository_open_bare(repository, folder) == 0)
        return 0;
    git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
    options.flags =
        GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_NO_DOTGIT_DIR | GIT_REPOSITORY_INIT_MKDIR | GIT_REPOSITORY_INIT_MKPATH;
    options.initial_head = "main";
    return git_repository_init_ext(repository, folder, &options);
}

static int open_in(const cat_git_remote *remote, char *folder_taken, bool keep, const char *const *branches, cat_git **git,
                   cat_error *error)
{
    git_repository *repository = NULL;
    int result = open_or_make(&repository, folder_taken, keep);
    if (result == 0)
        result = drop_configuration(repository);
    if (result < 0) {
        git_repository_free(repository);
        int code = git_local_error(result, folder_taken, error);
        if (!keep)
            remove_folder(folder_taken);
        free(folder_taken);
        return code;
    }
    cat_autoptr(cat_git) made = make(remote, repository);
    made->folder = folder_taken;
    made->keep_folder = keep;
    for (; branches && *branches; branches++)
        cat_strings_add(&made->branches, *branches);
    int code = cat_git_fetch(made, error);
    if (code == 0)
        *git = cat_take(made);
    return code;
}

int cat_git_open(const cat_git_remote *remote, const char *const *branches, cat_git **git, cat_error *error)
{
    git_setup();
    char *folder = NULL;
    int code = make_temporary_folder(&folder, error);
    return code < 0 ? code : open_in(remote, folder, false, branches, git, error);
}

int cat_git_open_cached(const cat_git_remote *remote, const char *folder, const char *const *branches, cat_git **git,
                        cat_error *error)
{
    git_setup();
    return open_in(remote, cat_strdup(folder), true, branches, git, error);
}

void cat_git_destroy(cat_git *git)
{
    if (!git)
        return;
    git_repository_free(git->repository);
    if (git->folder && !git->keep_folder)
        remove_folder(git->folder);
    free(git->folder);
    git_link_finish(&git->link);
    cat_strings_finish(&git->branches);
    cat_map_destroy(git->heads);
    free(git);
}

int cat_git_fetch(cat_git *git, cat_error *error)
{
    if (!git->folder)
        return cat_error_set(error, CAT_E_UNSUPPORTED, "a repository in memory is for first commits and fetches nothing");
    cat_auto(cat_strings) specs = {0};
    for (size_t i = 0; i < git->branches.count; i++)
        cat_strings_addf(&specs, "+refs/heads/%s:refs/heads/%s", git->branches.items[i], git->branches.items[i]);
    if (!git->branches.count)
        cat_strings_add(&specs, "+refs/heads/*:refs/heads/*");
    cat_strings_add(&specs, "+refs/tags/*:refs/tags/*");
    git_fetch_options options = GIT_FETCH_OPTIONS_INIT;
    git_link_callbacks(&git->link, &options.callbacks);
    options.prune = GIT_FETCH_PRUNE;
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE; /* the refspec brings them */
    options.update_fetchhead = 0;
    options.proxy_opts.type = GIT_PROXY_NONE;
    git_auto(git_remote) remote = NULL;
    int result = git_remote_create_anonymous(&remote, git->repository, git->link.url);
    git_strarray wanted = {specs.items, specs.count};
    if (result == 0)
        result = git_remote_fetch(remote, &wanted, &options, NULL);
    return result < 0 ? git_link_error(&git->link, result, "fetching", error) : 0;
}

static int look_up(cat_git *git, const char *reference, cat_git_id *commit, cat_error *error)
{
    if (git->heads) {
        const char *hex = cat_map_get(git->heads, reference);
        if (!hex)
            return cat_error_set(error, CAT_E_NOT_FOUND, "there is no %s in %s", reference, git->link.shown);
        memcpy(commit->hex, hex, strlen(hex) + 1);
        return 0;
    }
    git_auto(git_reference) found = NULL;
    git_auto(git_object) peeled = NULL;
    int result = git_reference_lookup(&found, git->repository, reference);
    if (result == GIT_ENOTFOUND || result == GIT_EINVALIDSPEC)
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no %s in %s", reference, git->link.shown);
    if (result == 0)
        result = git_reference_peel(&peeled, found, GIT_OBJECT_COMMIT);
    if (result < 0)
        return git_local_error(result, reference, error);
    git_id_set(commit, git_object_id(peeled));
    return 0;
}

int cat_git_head(cat_git *git, const char *branch, cat_git_id *commit, cat_error *error)
{
    cat_autofree char *reference = cat_printf("refs/heads/%s", branch);
    return look_up(git, reference, commit, error);
}

int cat_git_tag(cat_git *git, const char *tag, cat_git_id *commit, cat_error *error)
{
    cat_autofree char *reference = cat_printf("refs/tags/%s", tag);
    return look_up(git, reference, commit, error);
}

int cat_git_tags(cat_git *git, cat_strings *tags, cat_error *error)
{
    if (git->heads)
        return 0;
    git_strarray names = {0};
    int result = git_tag_list(&names, git->repository);
    if (result < 0)
        return git_local_error(result, "reading the tags", error);
    for (size_t i = 0; i < names.count; i++)
        cat_strings_add(tags, names.strings[i]);
    git_strarray_dispose(&names);
    return 0;
}
