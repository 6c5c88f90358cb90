/* A push names what it sends by local references. A repository in memory has none: its reference database knows exactly one kind,
 * whose name says the commit, "refs/catalyst/commit/{hex}", and stores nothing. */
#include <git2/sys/refdb_backend.h>
#include <git2/sys/refs.h>
#include <git2/sys/repository.h>
#include <stdlib.h>
#include <string.h>

#include "net/git_internal.h"

static bool commit_of(const char *name, git_oid *oid)
{
    const char *hex = name + strlen(GIT_COMMIT_REFERENCE);
    return cat_text_starts_with(name, GIT_COMMIT_REFERENCE) && strlen(hex) == GIT_OID_HEXSZ && git_oid_fromstr(oid, hex) == 0;
}

static int backend_exists(int *exists, git_refdb_backend *backend, const char *name)
{
    git_oid oid;
    (void)backend;
    *exists = commit_of(name, &oid);
    return 0;
}

static int backend_lookup(git_reference **out, git_refdb_backend *backend, const char *name)
{
    git_oid oid;
    (void)backend;
    if (!commit_of(name, &oid))
        return GIT_ENOTFOUND;
    *out = git_reference__alloc(name, &oid, NULL);
    return *out ? 0 : -1;
}

static int next_reference(git_reference **out, git_reference_iterator *iterator)
{
    (void)out;
    (void)iterator;
    return GIT_ITEROVER;
}

static int next_name(const char **out, git_reference_iterator *iterator)
{
    (void)out;
    (void)iterator;
    return GIT_ITEROVER;
}

static void free_iterator(git_reference_iterator *iterator)
{
    free(iterator);
}

static int backend_iterator(git_reference_iterator **out, git_refdb_backend *backend, const char *glob)
{
    (void)backend;
    (void)glob;
    git_reference_iterator *made = cat_calloc(1, sizeof *made);
    made->next = next_reference;
    made->next_name = next_name;
    made->free = free_iterator;
    *out = made;
    return 0;
}

static int backend_write(git_refdb_backend *backend, const git_reference *reference, int force, const git_signature *who,
                         const char *message, const git_oid *old, const char *old_target)
{
    (void)backend, (void)reference, (void)force, (void)who, (void)message, (void)old, (void)old_target;
    return GIT_EINVALID;
}

static int backend_rename(git_reference **out, git_refdb_backend *backend, const char *old_name, const char *new_name, int force,
                          const git_signature *who, const char *message)
{
    (void)out, (void)backend, (void)old_name, (void)new_name, (void)force, (void)who, (void)message;
    return GIT_EINVALID;
}

static int backend_delete(git_refdb_backend *backend, const char *name, const git_oid *old, const char *old_target)
{
    (void)backend, (void)name, (void)old, (void)old_target;
    return GIT_EINVALID;
}

static int backend_log(git_refdb_backend *backend, const char *name)
{
    (void)backend, (void)name;
    return 0;
}

static int backend_read_log(git_reflog **out, git_refdb_backend *backend, const char *name)
{
    (void)out, (void)backend, (void)name;
    return GIT_ENOTFOUND;
}

static int backend_write_log(git_refdb_backend *backend, git_reflog *log)
{
    (void)backend, (void)log;
    return 0;
}

static int backend_rename_log(git_refdb_backend *backend, const char *old_name, const char *new_name)
{
    (void)backend, (void)old_name, (void)new_name;
    return 0;
}

static void backend_free(git_refdb_backend *backend)
{
    free(backend);
}

int git_references_in_memory(git_repository *repository)
{
    git_refdb *refdb = NULL;
    int result = git_refdb_new(&refdb, repository);
    if (result < 0)
        return result;
    git_refdb_backend *backend = cat_calloc(1, sizeof *backend);
    *backend = (git_refdb_backend){
        .version = GIT_REFDB_BACKEND_VERSION,
        .exists = backend_exists,
        .lookup = backend_lookup,
        .iterator = backend_iterator,
        .write = backend_write,
        .rename = backend_rename,
        .del = backend_delete,
        .has_log = backend_log,
        .ensure_log = backend_log,
        .free = backend_free,
        .reflog_read = backend_read_log,
        .reflog_write = backend_write_log,
        .reflog_rename = backend_rename_log,
        .reflog_delete = backend_log,
    };
    result = git_refdb_set_backend(refdb, backend); /* it owns the backend now */
    if (result == 0)
        result = git_repository_set_refdb(repository, refdb);
    git_refdb_free(refdb);
    return result;
}
