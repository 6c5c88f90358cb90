/* What Flux has tried, and what of it it cannot apply, from when on it is the same: commits come while a fault stands, mend it
 * and bring another, and each is to be told as that of the commit that it came with. */
#include "core/fold_fault.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/string.h"
#include "core/fold_commit.h"
#include "core/fold_text.h"

/* Kubernetes tells times in whole seconds: what came of an attempt may seem to be that much older. */
#define SECONDS_ARE_WHOLE_MS 1000

bool prj_fold_is_refusal(const char *reason)
{
    static const char *const REFUSALS[] = {"ReconciliationFailed", "BuildFailed", "NotAtHome"};
    for (size_t i = 0; reason && i < sizeof REFUSALS / sizeof *REFUSALS; i++)
        if (strcmp(reason, REFUSALS[i]) == 0)
            return true;
    return false;
}

/* A commit that is kept from Flux is no other fault than the one before it for being another commit. */
static const char *words_of_fault(const char *reason, const char *message)
{
    static const char MARK[] = "is not built: ";
    const char *rest = cat_text_equal(reason, "NotBuilt") && message ? strstr(message, MARK) : NULL;
    rest = rest ? strstr(rest + strlen(MARK), ": ") : NULL;
    return rest ? rest + 2 : message;
}

static bool is_fault(cat_status status, const char *reason)
{
    return status == CAT_STATUS_DEGRADED && (prj_fold_is_refusal(reason) || cat_text_equal(reason, "NotBuilt"));
}

const char *prj_fold_fault_since(cat_view old, cat_status status, const char *reason, const char *message, const char *at)
{
    cat_view fault = cat_view_member(old, "fault");
    if (!fault.value || !is_fault(status, reason))
        return NULL;
    return cat_text_equal(cat_view_text(fault, "message"), words_of_fault(reason, message)) ? cat_view_text(fault, "since") : at;
}

/* What Flux tried before `tried`; NULL: nothing, or not known. */
static const char *tried_before(cat_view old, const char *tried)
{
    cat_view_iterator it = cat_view_each(cat_view_member(old, "attempts"));
    cat_view entry;
    while (cat_view_next(&it, NULL, &entry))
        if (!cat_text_equal(cat_view_text(entry, "commit"), tried))
            return cat_view_text(entry, "commit");
    return NULL;
}

/* In which order Flux applies kinds (fluxcd/pkg/ssa, utils/sort.go); all others come between the two ends. It tells of the first
 * that the cluster refuses, and nothing of those behind it. */
static int rank_of(const char *object)
{
    static const char *const FIRST[] = {"CustomResourceDefinition",
                                        "Namespace",
                                        "ResourceQuota",
                                        "StorageClass",
                                        "ServiceAccount",
                                        "Role",
                                        "ClusterRole",
                                        "RoleBinding",
                                        "ClusterRoleBinding",
                                        "ConfigMap",
                                        "Secret",
                                        "Service",
                                        "LimitRange",
                                        "PriorityClass",
                                        "Deployment",
                                        "StatefulSet",
                                        "CronJob",
                                        "PodDisruptionBudget"};
    size_t length = strcspn(object, "/");
    for (size_t i = 0; i < sizeof FIRST / sizeof *FIRST; i++)
        if (strlen(FIRST[i]) == length && strncmp(FIRST[i], object, length) == 0)
            return (int)i;
    return (int)(sizeof FIRST / sizeof *FIRST);
}

/* "Kind/namespace/name" at the beginning of what Flux says; "": it speaks of the manifests as a whole, before any is applied. The
 * caller's. */
static char *refused_object(cat_view object)
{
    cat_view_iterator it = cat_view_each(cat_view_get(object, "status.conditions"));
    cat_view condition;
    while (cat_view_next(&it, NULL, &condition)) {
        const char *message = cat_view_text_or(condition, "message", "");
        size_t length = strcspn(message, " :\n");
        if (cat_text_equal(cat_view_text(condition, "type"), "Ready") && length < CAT_KEY_MAX && memchr(message, '/', length) &&
            *message >= 'A' && *message <= 'Z')
            return cat_strndup(message, length);
    }
    return cat_strdup("");
}

/* What is refused now may have been as bad before, and Flux not have come to it for what it refused then. */
static bool may_have_been_hidden(const char *before, const char *now)
{
    if (!*now || strcmp(before, now) == 0)
        return false;
    int first = *before ? rank_of(before) : -1, second = rank_of(now);
    return first != second ? first < second : strcmp(before, now) < 0;
}

/* What was tried before there was this fault, as far as it is known. */
static const char *tried_without(const prj_fold_look *seen, cat_view old, const char *object, const char *tried)
{
    const char *before = cat_view_text(old, "object");
    bool hidden = before && cat_view_text(old, "after") && may_have_been_hidden(before, object);
    return hidden ? cat_view_text(old, "after") : tried_before(seen->old, tried);
}

/* A fault that another one hides is not mended by that: when it is told again it began where it began. */
static void put_hidden(cat_string *out, cat_view old, const char *object)
{
    static const char *const KEPT[] = {"message", "object", "from", "after"};
    cat_view before = cat_view_member(old, "hidden");
    if (may_have_been_hidden(object, cat_view_text_or(old, "object", "")))
        before = old;
    if (!before.value)
        return;
    cat_write_begin(out, "hidden", '{');
    for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++)
        prj_fold_put(out, KEPT[i], cat_view_text(before, KEPT[i]));
    cat_write_end(out, '}');
}

static void put_new_fault(const prj_fold_look *seen, cat_string *out, cat_view old, const char *words)
{
    bool refused = prj_fold_is_refusal(seen->reason);
    const char *tried = prj_fold_commit_of_revision(cat_view_text(seen->object, "status.lastAttemptedRevision"));
    cat_autofree char *kept = refused ? NULL : prj_fold_commit_not_built(seen->message),
                      *object = refused ? refused_object(seen->object) : cat_strdup("");
    cat_view hidden = cat_view_member(old, "hidden");
    bool again = hidden.value && cat_text_equal(cat_view_text(hidden, "message"), words);
    prj_fold_put(out, "from", again ? cat_view_text(hidden, "from") : refused ? tried : kept);
    prj_fold_put(out, "after", again ? cat_view_text(hidden, "after") : refused ? tried_without(seen, old, object, tried) : NULL);
    prj_fold_put(out, "since", seen->at);
    if (refused)
        prj_fold_put_cut(out, "object", object, CAT_KEY_MAX);
    if (!again)
        put_hidden(out, old, object);
}

void prj_fold_put_fault(const prj_fold_look *seen, cat_string *out)
{
    cat_view old = cat_view_member(seen->old, "fault");
    if (seen->status == CAT_STATUS_RUNNING)
        return;
    const char *words = words_of_fault(seen->reason, seen->message);
    /* The next try is under way, or it is told once more. */
    if (!is_fault(seen->status, seen->reason) || (old.value && cat_text_equal(cat_view_text(old, "message"), words))) {
        if (old.value)
            cat_write_view(out, "fault", old);
        return;
    }
    cat_write_begin(out, "fault", '{');
    prj_fold_put(out, "message", words);
    put_new_fault(seen, out, old, words);
    cat_write_end(out, '}');
}

/* What is refused changes nothing in the cluster: what comes of it comes with the next. */
static void put_attempt(cat_string *out, const char *commit, const char *at, bool refused)
{
    cat_write_begin(out, NULL, '{');
    prj_fold_put(out, "commit", commit);
    prj_fold_put(out, "at", at);
    if (refused)
        cat_write_bool(out, "refused", true);
    cat_write_end(out, '}');
}

void prj_fold_put_attempts(const prj_fold_look *seen, cat_string *out)
{
    const char *tried = prj_fold_commit_of_revision(cat_view_text(seen->object, "status.lastAttemptedRevision"));
    cat_view old = cat_view_member(seen->old, "attempts"), entry, newest = cat_view_get(old, "0");
    bool known = tried && cat_text_equal(cat_view_text(newest, "commit"), tried),
         refused = seen->status == CAT_STATUS_DEGRADED && prj_fold_is_refusal(seen->reason);
    cat_view_iterator it = cat_view_each(old);
    size_t count = 0;
    if (!tried && cat_view_count(old) == 0)
        return;
    cat_write_begin(out, "attempts", '[');
    if (tried) {
        put_attempt(out, tried, known ? cat_view_text(newest, "at") : seen->at,
                    refused || (known && seen->status != CAT_STATUS_RUNNING && cat_view_bool_or(newest, "refused", false)));
        count++;
        if (known)
            cat_view_next(&it, NULL, &entry);
    }
    for (; count < FOLD_ATTEMPTS_MAX && cat_view_next(&it, NULL, &entry); count++)
        cat_write_view(out, NULL, entry);
    cat_write_end(out, ']');
}

prj_fold_attempt prj_fold_attempt_at(cat_view attempts, int64_t since_ms)
{
    prj_fold_attempt found = {.commit = NULL};
    cat_view_iterator it = cat_view_each(attempts);
    cat_view entry;
    while (cat_view_next(&it, NULL, &entry)) {
        int64_t at_ms = 0;
        bool timed = cat_time_parse(cat_view_text_or(entry, "at", ""), &at_ms);
        if (!found.commit && timed && at_ms - SECONDS_ARE_WHOLE_MS <= since_ms) {
            found.commit = cat_view_text(entry, "commit");
            found.at_ms = at_ms;
        } else if (found.commit && !cat_view_bool_or(entry, "refused", false)) {
            found.before = cat_view_text(entry, "commit");
            break;
        }
    }
    return found;
}
