/* Commits as Flux, and Catalyst, tell of them. */
#include "core/fold_commit.h"

#include <string.h>

#include "base/memory.h"
#include "core/fold_text.h"

const char *prj_fold_commit_of_revision(const char *revision)
{
    if (!revision)
        return NULL;
    const char *colon = strrchr(revision, ':'), *slash = strrchr(revision, '/');
    const char *commit = colon ? colon + 1 : slash ? slash + 1 : revision;
    size_t length = strlen(commit);
    return (length == 40 || length == 64) && strspn(commit, "0123456789abcdef") == length ? commit : NULL;
}

char *prj_fold_commit_not_built(const char *message)
{
    static const char MARK[] = "is not built: ";
    const char *id = message ? strstr(message, MARK) : NULL;
    size_t length = id ? strspn(id + strlen(MARK), "0123456789abcdef") : 0;
    return length == FOLD_SHORT_ID ? cat_strndup(id + strlen(MARK), length) : NULL;
}

char *prj_fold_describe_commit(cat_view commit)
{
    const char *message = cat_view_text_or(commit, "message", ""), *author = cat_view_text_or(commit, "author.name", "somebody");
    size_t length = strcspn(message, "\n");
    cat_autofree char *subject = cat_strndup(message, length);
    return cat_printf("commit %.8s \"%.*s\" by %.*s", cat_view_text_or(commit, "id", ""), (int)prj_fold_cut(subject, 100),
                      subject, (int)prj_fold_cut(author, 64), author);
}
