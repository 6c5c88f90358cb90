/* Which commit led to trouble. In the order of the branch's history and by when pushes were seen, never by what authors' clocks
 * say; only for trouble that a commit can cause, of something that was changed since it was last well. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fold_cause.h"

/* A push is seen by the projector's clock, trouble by the cluster's. */
#define CLOCKS_DIFFER_MS 5000
/* What was well for a moment after a change may still fail of it. */
#define AFTERMATH_MS (10 * 60 * 1000)

/* What nobody's commit does: nodes, volumes and runs at their own time. */
static bool can_be_a_commits(const char *reason)
{
    static const char *const NOT[] = {"NodeLost",       "Evicted",     "Preempting",    "NodeShutdown",
                                      "Shutdown",       "Terminated",  "VolumeLost",    "LastRunFailed",
                                      "AddressPending", "Terminating", "VolumePending", "UnexpectedAdmissionError",
                                      "NodeAffinity",   "TooLarge",    "Suspended"};
    for (size_t i = 0; reason && i < sizeof NOT / sizeof *NOT; i++)
        if (strcmp(NOT[i], reason) == 0)
            return false;
    return true;
}

/* Which files make up what is applied is up to the root's kustomization, which may list any; what never does is prose, and what
 * is for Git and its server. */
static bool is_configuration(const char *path)
{
    static const char *const PROSE[] = {".md", ".markdown", ".rst", ".adoc"};
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    if (*path == '.' || cat_text_starts_with(name, "LICENSE") || cat_text_starts_with(name, ".git") ||
        cat_text_starts_with(name, "README") || strcmp(name, "CODEOWNERS") == 0)
        return false;
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof PROSE / sizeof *PROSE; i++)
        if (length > strlen(PROSE[i]) && strcmp(name + length - strlen(PROSE[i]), PROSE[i]) == 0)
            return false;
    return true;
}

static bool touches_configuration(cat_view commit)
{
    cat_view_iterator it = cat_view_each(cat_view_member(commit, "files"));
    cat_view file;
    while (cat_view_next(&it, NULL, &file))
        if (is_configuration(cat_view_text_or(file, NULL, ".")))
            return true;
    return cat_view_int_or(commit, "moreFiles", 0) > 0; /* more than are told: some of them will be */
}

/* What Flux has tried to apply; nothing newer can be the cause of anything. NULL when that is not known. */
static const char *attempted_commit(const fold_members *members)
{
    for (size_t i = 0; i < members->count; i++) {
        if (members->rows[i]->kind != FOLD_KUSTOMIZATION)
            continue;
        cat_view_iterator it = cat_view_each(members->rows[i]->clusters);
        cat_view entry;
        while (cat_view_next(&it, NULL, &entry)) {
            const char *commit = fold_commit_of_revision(cat_view_text(entry, "attempted"));
            if (commit)
                return commit;
        }
    }
    return NULL;
}

static size_t place_of(cat_view commits, const char *id)
{
    cat_view_iterator it = cat_view_each(commits);
    cat_view commit;
    for (size_t at = 0; id && cat_view_next(&it, NULL, &commit); at++)
        if (cat_text_equal(cat_view_text(commit, "id"), id))
            return at;
    return 0;
}

/* The newest commit that changed what runs and was there when the trouble began. A commit was there no later than those above
 * it, whenever it was told of. */
static cat_view commit_before(const fold_members *members, int64_t since_ms, int64_t *there_ms)
{
    cat_view commits = cat_view_member(members->repository, "commits"), commit;
    size_t first = place_of(commits, attempted_commit(members)), at = 0;
    *there_ms = INT64_MAX;
    cat_view_iterator it = cat_view_each(commits);
    for (; cat_view_next(&it, NULL, &commit); at++) {
        int64_t seen_ms = 0;
        if (cat_time_parse(cat_view_text_or(commit, "seenAt", ""), &seen_ms) && seen_ms < *there_ms)
            *there_ms = seen_ms;
        bool there = *there_ms == INT64_MAX || *there_ms <= since_ms + CLOCKS_DIFFER_MS;
        if (at >= first && there && touches_configuration(commit))
            return commit;
    }
    return (cat_view){NULL};
}

char *fold_describe_commit(cat_view commit)
{
    const char *message = cat_view_text_or(commit, "message", ""), *author = cat_view_text_or(commit, "author.name", "somebody");
    size_t length = strcspn(message, "\n");
    cat_autofree char *subject = cat_strndup(message, length);
    return cat_printf("commit %.8s \"%.*s\" by %.*s", cat_view_text_or(commit, "id", ""), (int)fold_cut(subject, 100), subject,
                      (int)fold_cut(author, 64), author);
}

void fold_blame(const fold_members *members, int64_t since_ms, fold_phase phase, fold_cause *cause)
{
    if (cause->status != CAT_STATUS_DEGRADED || !can_be_a_commits(cause->reason))
        return;
    int64_t there_ms = 0;
    cat_view commit = commit_before(members, since_ms, &there_ms);
    if (!commit.value || (phase == FOLD_UNCHANGED && since_ms - there_ms > AFTERMATH_MS))
        return;
    free(cause->commit);
    cause->commit = cat_strdup(cat_view_text_or(commit, "id", ""));
    free(cause->cause);
    cause->cause = fold_describe_commit(commit);
    bool image = cause->reason && strstr(cause->reason, "Image");
    char *message = cat_printf("%s. %s %s", cause->message ? cause->message : "Something is not well",
                               image ? "It came with" : "The last change before it was", cause->cause);
    free(cause->message);
    cause->message = message;
}
