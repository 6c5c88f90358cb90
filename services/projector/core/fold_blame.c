/* Which commit led to trouble. In the order of the branch's history and by when pushes were seen, never by what authors' clocks
 * say; only for trouble that a commit can cause, of something that was changed since it was last well. */
#include "core/fold_blame.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/fold_commit.h"
#include "core/fold_fault.h"
#include "core/fold_text.h"
#include "domain/kustomization_reads.h"

/* A push is seen by the projector's clock, trouble by the cluster's. */
#define CLOCKS_DIFFER_MS 5000
/* What Flux tries is told of by its object's events, which come when what it applied is at work already. */
#define TOLD_LATE_MS 3000
/* What was well for a moment after a change may still fail of it. */
#define AFTERMATH_MS (10 * 60 * 1000)

/* What nobody's commit does: nodes, volumes and runs at their own time. */
static bool can_be_a_commits(const char *reason)
{
    static const char *const NOT[] = {"NodeLost",          "Evicted",      "Preempting",    "NodeShutdown",
                                      "Shutdown",          "Terminated",   "VolumeLost",    "LastRunFailed",
                                      "AddressPending",    "Terminating",  "VolumePending", "UnexpectedAdmissionError",
                                      "CreateNotAnswered", "NodeAffinity", "TooLarge",      "Suspended"};
    for (size_t i = 0; reason && i < sizeof NOT / sizeof *NOT; i++)
        if (strcmp(NOT[i], reason) == 0)
            return false;
    return true;
}

/* Where it is not known which files the root reaches, any may be among them; what never is is prose, and what is for Git and its
 * server. */
static bool may_be_configuration(const char *path)
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

/* The files that the root reached from the commit at `place` on (0 is the newest; SIZE_MAX: before all that are known), until the
 * next list's commit. */
typedef struct {
    cat_strings names; /* none: not known */
    size_t place;
} reach;

typedef struct {
    reach lists[FOLD_READS_MAX]; /* the newest first */
    size_t count;
} reaches;

static bool is_reached(const reach *list, const char *path)
{
    return list->names.count ? cat_kustomization_reads_has(&list->names, path) : may_be_configuration(path);
}

/* A commit between two lists may have come in one push with the newer one's: then it counts for that as well. */
static bool is_configuration(const reaches *known, size_t place, const char *path)
{
    if (strcmp(path, "catalyst.yaml") == 0) /* read by Catalyst itself, whether the root lists it or not */
        return true;
    size_t at = 0;
    while (at < known->count && known->lists[at].place < place)
        at++;
    if (at == known->count)
        return may_be_configuration(path);
    return is_reached(&known->lists[at], path) ||
           (at > 0 && place < known->lists[at].place && is_reached(&known->lists[at - 1], path));
}

static bool touches_configuration(const reaches *known, size_t place, cat_view commit)
{
    cat_view_iterator it = cat_view_each(cat_view_member(commit, "files"));
    cat_view file;
    while (cat_view_next(&it, NULL, &file))
        if (is_configuration(known, place, cat_view_text_or(file, NULL, ".")))
            return true;
    return cat_view_int_or(commit, "moreFiles", 0) > 0; /* more than are told: some of them will be */
}

/* The commits that Flux has tried to apply last, has applied last, and applied before that; NULL: none, or not known. */
typedef struct {
    const char *attempted, *applied, *before;
    int64_t attempted_ms;
    cat_view fault, attempts; /* fold_fault.c; absent: none */
} attempt;

/* Nothing newer than what was tried can be the cause of anything. */
static attempt last_attempt(const prj_fold_members *members)
{
    for (size_t i = 0; i < members->count; i++) {
        if (members->rows[i]->kind != CAT_KIND_KUSTOMIZATION)
            continue;
        cat_view_iterator it = cat_view_each(members->rows[i]->clusters);
        cat_view entry;
        while (cat_view_next(&it, NULL, &entry)) {
            attempt last = {.attempted = prj_fold_commit_of_revision(cat_view_text(entry, "attempted")),
                            .applied = prj_fold_commit_of_revision(cat_view_text(entry, "applied")),
                            .fault = cat_view_member(entry, "fault"),
                            .attempts = cat_view_member(entry, "attempts")};
            last.before = cat_text_equal(last.attempted, last.applied)
                              ? prj_fold_commit_of_revision(cat_view_text(entry, "before"))
                              : last.applied;
            if (last.attempted && cat_time_parse(cat_view_text_or(entry, "attemptedAt", ""), &last.attempted_ms))
                return last;
        }
    }
    return (attempt){0};
}

/* SIZE_MAX: it is not among them. */
static size_t place_of(cat_view commits, const char *id)
{
    cat_view_iterator it = cat_view_each(commits);
    cat_view commit;
    for (size_t at = 0; id && cat_view_next(&it, NULL, &commit); at++)
        if (cat_text_equal(cat_view_text(commit, "id"), id))
            return at;
    return SIZE_MAX;
}

/* As environment-controller tells it of each commit before Flux is given it; of several vclusters the first. */
static void read_reaches(const prj_fold_members *members, reaches *known)
{
    cat_view commits = cat_view_member(members->repository, "commits"), entry, list;
    for (size_t i = 0; i < members->count; i++) {
        if (members->rows[i]->kind != CAT_KIND_GIT_REPOSITORY)
            continue;
        cat_view_iterator it = cat_view_each(members->rows[i]->clusters);
        while (known->count == 0 && cat_view_next(&it, NULL, &entry)) {
            cat_view_iterator lists = cat_view_each(cat_view_member(entry, "reads"));
            while (known->count < FOLD_READS_MAX && cat_view_next(&lists, NULL, &list)) {
                reach *one = &known->lists[known->count++];
                one->place = place_of(commits, cat_view_text(list, "from"));
                cat_kustomization_reads_parse(cat_view_text_or(list, "files", ""), &one->names);
            }
        }
    }
}

/* How many of the commits that were applied together are named. */
enum { NAMED_MAX = 3 };

/* The commits that may have led there: those that changed what runs, were there when the trouble began, were tried and came to
 * the cluster together; the newest first. */
typedef struct {
    cat_view named[NAMED_MAX];
    size_t count; /* of all of them, not only those named */
    int64_t there_ms;
} suspects;

/* A commit was there no later than those above it, whenever it was told of, and no later than Flux had it: a lost webhook's
 * commits are told of by the sweep, a minute late. */
static suspects suspects_before(const prj_fold_members *members, int64_t since_ms, attempt last)
{
    cat_view commits = cat_view_member(members->repository, "commits"), commit;
    suspects found = {.there_ms = INT64_MAX};
    int64_t there_ms = INT64_MAX;
    size_t attempted = place_of(commits, last.attempted), end = place_of(commits, last.before), at = 0;
    if (last.before && end == SIZE_MAX && cat_view_count(commits) >= FOLD_COMMITS_MAX)
        end = FOLD_COMMITS_MAX; /* it lies below all that the row keeps */
    reaches known = {.count = 0};
    read_reaches(members, &known);
    cat_view_iterator it = cat_view_each(commits);
    for (; (found.count == 0 || (end != SIZE_MAX && at < end)) && cat_view_next(&it, NULL, &commit); at++) {
        int64_t seen_ms = 0;
        if (at == attempted && last.attempted_ms < there_ms)
            there_ms = last.attempted_ms;
        if (cat_time_parse(cat_view_text_or(commit, "seenAt", ""), &seen_ms) && seen_ms < there_ms)
            there_ms = seen_ms;
        bool there = there_ms == INT64_MAX || there_ms <= since_ms + CLOCKS_DIFFER_MS;
        bool tried = attempted == SIZE_MAX || at >= attempted;
        if (!tried || !there || !touches_configuration(&known, at, commit))
            continue;
        if (found.count == 0)
            found.there_ms = there_ms;
        if (found.count < NAMED_MAX)
            found.named[found.count] = commit;
        found.count++;
    }
    for (size_t i = 0; i < known.count; i++)
        cat_strings_finish(&known.lists[i].names);
    return found;
}

/* Of commits that were applied together none alone is said to have done it: they are named, the newest first. */
static char *describe(const suspects *found, bool applied)
{
    if (found->count == 1)
        return prj_fold_describe_commit(found->named[0]);
    cat_string text = CAT_STRING(FOLD_MESSAGE_MAX);
    cat_string_appendf(&text, "one of %zu changes that %s: ", found->count,
                       applied ? "were applied together" : "are not applied");
    for (size_t i = 0; i < NAMED_MAX && i < found->count; i++) {
        cat_autofree char *commit = prj_fold_describe_commit(found->named[i]);
        cat_string_appendf(&text, "%s%s", i ? ", " : "", commit);
    }
    if (found->count > NAMED_MAX)
        cat_string_appendf(&text, " and %zu before %s", found->count - NAMED_MAX, found->count == NAMED_MAX + 1 ? "it" : "them");
    return cat_string_take(&text);
}

/* `lead`: how sure that is, in words. */
static void blame(const suspects *found, bool applied, const char *lead, prj_fold_cause *cause)
{
    free(cause->commit);
    cause->commit = found->count == 1 ? cat_strdup(cat_view_text_or(found->named[0], "id", "")) : NULL;
    free(cause->cause);
    cause->cause = describe(found, applied);
    char *message = cat_printf("%s. %s %s", cause->message ? cause->message : "Something is not well", lead, cause->cause);
    free(cause->message);
    cause->message = message;
}

static int64_t earlier(int64_t one_ms, int64_t other_ms)
{
    return one_ms < other_ms ? one_ms : other_ms;
}

/* Of several that were tried one after another, the one that was when it began. */
static attempt attempt_then(const prj_fold_members *members, int64_t since_ms)
{
    attempt last = last_attempt(members);
    const prj_fold_attempt then = prj_fold_attempt_at(last.attempts, since_ms);
    if (then.commit && then.before) {
        last.attempted = then.commit;
        last.attempted_ms = then.at_ms;
        last.before = then.before;
    }
    return last;
}

void prj_fold_blame(const prj_fold_members *members, const prj_fold_trouble *trouble, prj_fold_cause *cause)
{
    if (cause->status != CAT_STATUS_DEGRADED || !can_be_a_commits(cause->reason))
        return;
    suspects found = suspects_before(members, trouble->since_ms, attempt_then(members, trouble->since_ms));
    const char *lead = cause->reason && strstr(cause->reason, "Image") ? "It came with"
                       : found.count > 1                               ? "It may have come with"
                                                                       : "The last change before it was";
    /* A commit takes longer from Git to its Pods than clocks differ, and is told of later than its Pods are made. */
    int64_t made_ms = earlier(trouble->since_ms, trouble->made_ms);
    suspects then = made_ms < trouble->since_ms
                        ? suspects_before(members, made_ms - CLOCKS_DIFFER_MS,
                                          attempt_then(members, earlier(trouble->since_ms, made_ms + TOLD_LATE_MS)))
                        : found;
    if (then.count > 0 && found.count > 0 && then.named[0].value != found.named[0].value && !strstr(lead, "came with"))
        lead = "The last change before its Pod was made was";
    if (then.count > 1 && !strstr(lead, "It came"))
        lead = "It may have come with";
    if (then.count == 0 || (trouble->phase == FOLD_UNCHANGED && trouble->since_ms - then.there_ms > AFTERMATH_MS))
        return;
    blame(&then, true, lead, cause);
}

void prj_fold_blame_refused(const prj_fold_members *members, int64_t since_ms, prj_fold_cause *cause)
{
    if (cause->status != CAT_STATUS_DEGRADED || !prj_fold_is_refusal(cause->reason))
        return;
    attempt last = last_attempt(members);
    /* What was applied once and is refused now is no commit's doing. */
    if (!last.attempted || cat_text_equal(last.attempted, last.applied))
        return;
    /* What was tried first with this fault brought it, not what came later and left it. */
    if (cat_view_text(last.fault, "from")) {
        last.attempted = cat_view_text(last.fault, "from");
        last.before = cat_view_text_or(last.fault, "after", last.before);
        cat_time_parse(cat_view_text_or(last.fault, "since", ""), &last.attempted_ms);
    }
    suspects found = suspects_before(members, since_ms, last);
    if (found.count > 0)
        blame(&found, false, "It came with", cause);
}

/* Lent; NULL: nothing is wrong, or not known since which commit. */
static const char *fault_began_with(const prj_fold_members *members)
{
    for (size_t i = 0; i < members->count; i++) {
        if (members->rows[i]->kind != CAT_KIND_KUSTOMIZATION)
            continue;
        cat_view_iterator it = cat_view_each(members->rows[i]->clusters);
        cat_view entry;
        while (cat_view_next(&it, NULL, &entry))
            if (cat_view_text(cat_view_member(entry, "fault"), "from"))
                return cat_view_text(cat_view_member(entry, "fault"), "from");
    }
    return NULL;
}

/* As the Application's object tells it of this Environment, where no Flux object does. Lent; NULL: not known. */
static const char *kept_since(const prj_fold_members *members)
{
    for (size_t i = 0; i < members->count; i++) {
        const prj_fold_row *row = members->rows[i];
        cat_view_iterator it = cat_view_each(row->clusters);
        cat_view entry;
        if (row->kind == CAT_KIND_APPLICATION && cat_view_next(&it, NULL, &entry))
            return cat_view_text(
                cat_view_member(cat_view_member(entry, "notBuilt"), cat_view_text_or(prj_fold_seen(row), "environment", "")),
                "from");
    }
    return NULL;
}

void prj_fold_name_not_built(const prj_fold_members *members, prj_fold_cause *cause)
{
    const char *from = fault_began_with(members);
    if (!from || strlen(from) != FOLD_SHORT_ID)
        from = kept_since(members);
    /* The first that was kept from Flux for it, not what came on top. */
    cat_autofree char *id = from ? cat_strdup(from) : prj_fold_commit_not_built(cause->message);
    cat_view_iterator it = cat_view_each(cat_view_member(members->repository, "commits"));
    cat_view commit;
    while (id && cat_view_next(&it, NULL, &commit)) {
        if (!cat_text_starts_with(cat_view_text_or(commit, "id", ""), id))
            continue;
        free(cause->commit);
        free(cause->cause);
        cause->commit = cat_strdup(cat_view_text_or(commit, "id", ""));
        cause->cause = prj_fold_describe_commit(commit);
        return;
    }
}
