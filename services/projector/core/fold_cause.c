/* What people should hear of first. The state of an Application is the worst of what it consists of; the words are those of the
 * deepest resource that explains it: a Pod whose image cannot be pulled says more than its Deployment that waits. */
#include "core/fold_cause.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/fold_blame.h"
#include "core/fold_commit.h"
#include "core/fold_run.h"
#include "core/fold_voice.h"

static void set_text(char **text, const char *value)
{
    free(*text);
    *text = value && *value ? cat_strdup(value) : NULL;
}

static void speak(prj_fold_cause *cause, const char *reason, const char *next, char *message_taken)
{
    set_text(&cause->reason, reason);
    set_text(&cause->next, next);
    free(cause->message);
    cause->message = message_taken;
}

/* Of what is as bad the one that explains more, then the one that has lasted longer: what came later has to outlast it. */
static bool is_louder(const prj_fold_voice *voice, const prj_fold_voice *than)
{
    if (voice->status != than->status)
        return cat_status_worse(voice->status, than->status) == voice->status;
    return voice->speech != than->speech ? voice->speech > than->speech : voice->own_ms < than->own_ms;
}

static const prj_fold_row *loudest(const prj_fold_members *members, prj_fold_voice *loud, prj_fold_cause *cause)
{
    const prj_fold_row *found = NULL;
    cat_autofree prj_fold_voice *voices = cat_calloc(members->count + 1, sizeof *voices);
    for (size_t i = 0; i < members->count; i++) {
        voices[i] = prj_fold_voice_of(members, members->rows[i]);
        if (voices[i].due_ms && (cause->due_ms == 0 || voices[i].due_ms < cause->due_ms))
            cause->due_ms = voices[i].due_ms;
        if (voices[i].speech == 0 || (found && !is_louder(&voices[i], loud)))
            continue;
        found = members->rows[i];
        *loud = voices[i];
    }
    /* Since when it is not well, whoever speaks and how ill it was then: sentences come and go, and what people read as the
     * beginning must not jump back when what is older gets worse. */
    for (size_t i = 0; found && i < members->count; i++)
        if (voices[i].speech > 0 && voices[i].since_ms < loud->since_ms)
            loud->since_ms = voices[i].since_ms;
    return found;
}

/* An Event of Kubernetes about a resource says why when the resource itself has no words. */
static const char *words_of_event(const prj_fold_members *members, const char *key)
{
    const char *found = NULL, *found_at = "";
    for (size_t i = 0; i < members->count; i++) {
        if (members->rows[i]->kind != CAT_KIND_EVENT)
            continue;
        cat_view_iterator it = cat_view_each(members->rows[i]->clusters);
        cat_view entry;
        while (cat_view_next(&it, NULL, &entry)) {
            const char *at = cat_view_text_or(entry, "at", "");
            if (cat_text_equal(cat_view_text(entry, "involved"), key) && strcmp(at, found_at) > 0) {
                found = cat_view_text(entry, "message");
                found_at = at;
            }
        }
    }
    return found;
}

static void set_since(prj_fold_cause *cause, int64_t since_ms)
{
    char text[CAT_TIME_TEXT_MAX];
    if (since_ms == INT64_MAX)
        return;
    cat_time_format(since_ms, text);
    set_text(&cause->since, text);
}

/* New is not broken, and says so in its reason. */
static void say_phase(prj_fold_cause *cause, prj_fold_phase phase)
{
    if (cause->status != CAT_STATUS_PROGRESSING || phase == FOLD_UNCHANGED)
        return;
    const char *word = phase == FOLD_INSTALLING ? "Installing" : "Updating";
    char *message = cat_printf("%s: %s", word, cause->message ? cause->message : "the work has begun");
    set_text(&cause->reason, word);
    free(cause->message);
    cause->message = message;
}

static void say_late(prj_fold_cause *cause)
{
    char *message = cat_printf("%s, and this has not changed for too long", cause->message ? cause->message : "It is on its way");
    free(cause->message);
    cause->message = message;
}

static void quote_row(const prj_fold_members *members, const prj_fold_row *row, prj_fold_cause *cause)
{
    cat_key key;
    const char *words = cat_view_text(prj_fold_seen(row), "message");
    if (!words)
        words = words_of_event(members, row->key);
    if (cat_key_parse(row->key, &key, NULL) == 0) {
        free(cause->resource);
        cause->resource = cat_printf("%s/%s/%s", key.kind, key.namespace ? key.namespace : "_", key.name);
    }
    set_text(&cause->since, cat_view_text(prj_fold_seen(row), "since"));
    speak(cause, cat_view_text(prj_fold_seen(row), "reason"), cat_view_text(prj_fold_seen(row), "next"),
          words ? cat_strdup(words)
                : cat_printf("%s is %s", cause->resource ? cause->resource : row->key,
                             cat_view_text_or(prj_fold_seen(row), "status", "Unknown")));
}

/* What is as it should be by its own rules and not ready for Flux, which waits for it: a rollout that is paused, a Job's end. */
static bool say_what_flux_waits_for(const prj_fold_members *members, prj_fold_cause *cause)
{
    for (size_t i = 0; i < members->count; i++) {
        const prj_fold_row *row = members->rows[i];
        const char *reason = cat_view_text_or(prj_fold_seen(row), "reason", ""),
                   *name = cat_view_text_or(prj_fold_seen(row), "name", "");
        if (!prj_fold_is_counted(row))
            continue;
        if (row->kind == CAT_KIND_DEPLOYMENT && row->status == CAT_STATUS_SUSPENDED && strcmp(reason, "Paused") == 0) {
            speak(cause, "Paused", "Set paused to false in Git, or take it out",
                  cat_printf("Flux waits for Deployment %s, whose rollout is paused", name));
            return true;
        }
        if (row->kind == CAT_KIND_JOB && row->status == CAT_STATUS_RUNNING && !prj_fold_has(row, "finished")) {
            speak(cause, "JobRuns", "Wait for its end; one that may have no pods at a time (parallelism 0) has none",
                  cat_printf("Flux waits for Job %s, which has not ended yet", name));
            return true;
        }
    }
    return false;
}

/* Which of Flux's objects is at work with a commit changes several times a second, and says nothing more to people. */
static void say_commit_is_not_applied(const prj_fold_members *members, prj_fold_cause *cause)
{
    cat_view newest = cat_view_get(members->repository, "commits.0");
    if (!newest.value)
        return;
    cat_autofree char *commit = prj_fold_describe_commit(newest);
    speak(cause, NULL, "Wait for Flux; this takes a few seconds", cat_printf("%s is in Git and not applied yet", commit));
    set_text(&cause->resource, NULL);
}

static void blame_content(const prj_fold_members *members, const prj_fold_row *row, const prj_fold_voice *voice,
                          prj_fold_cause *cause)
{
    prj_fold_trouble trouble = {.since_ms = prj_fold_trouble_since(prj_fold_top_of(members, row), row, voice->change_ms),
                                .phase = voice->phase};
    trouble.made_ms = prj_fold_made_ms(members, row, trouble.since_ms);
    prj_fold_blame(members, &trouble, cause);
}

static void quote_voice(const prj_fold_members *members, const prj_fold_row *row, const prj_fold_voice *voice,
                        prj_fold_phase phase, prj_fold_cause *cause)
{
    quote_row(members, row, cause);
    if (voice->unsettled.value)
        speak(cause, cat_view_text(voice->unsettled, "reason"), cat_view_text(voice->unsettled, "next"),
              cat_printf("%s. It runs again, and counts as well when that lasts",
                         cat_view_text_or(voice->unsettled, "message", "It ended again and again")));
    set_since(cause, voice->since_ms);
    bool waits = row->kind == CAT_KIND_KUSTOMIZATION && voice->speech == 1 && say_what_flux_waits_for(members, cause);
    if (!waits && !prj_fold_is_content(row) && phase == FOLD_UPDATING && voice->status == CAT_STATUS_PROGRESSING && !voice->late)
        say_commit_is_not_applied(members, cause);
    if (voice->late)
        say_late(cause);
    if (voice->late && row->kind == CAT_KIND_GIT_REPOSITORY)
        set_text(&cause->next,
                 "Look at what was pushed last: many thousand files, or very long messages, take Flux minutes; else tell "
                 "the Sovereign's people");
    if (cat_text_equal(cause->reason, "NotBuilt"))
        prj_fold_name_not_built(members, cause);
    else if (prj_fold_is_content(row))
        blame_content(members, row, voice, cause);
    else if (row->kind == CAT_KIND_KUSTOMIZATION)
        prj_fold_blame_refused(members, voice->change_ms, cause);
    say_phase(cause, prj_fold_is_content(row) ? voice->phase : phase);
}

static const prj_fold_row *drifted(const prj_fold_members *members)
{
    for (size_t i = 0; i < members->count; i++)
        if (cat_view_member(prj_fold_seen(members->rows[i]), "drift").value)
            return members->rows[i];
    return NULL;
}

static bool is_flux_suspended(const prj_fold_members *members)
{
    for (size_t i = 0; i < members->count; i++)
        if (members->rows[i]->kind == CAT_KIND_KUSTOMIZATION && members->rows[i]->status == CAT_STATUS_SUSPENDED)
            return true;
    return false;
}

/* An autoscaler of the same Application that decides how many replicas the changed object has; NULL: it was somebody else. */
static const prj_fold_row *autoscaler_of(const prj_fold_members *members, const prj_fold_row *changed)
{
    if (!cat_text_equal(cat_view_text(prj_fold_seen(changed), "drift.manager"), "kube-controller-manager"))
        return NULL;
    for (size_t i = 0; i < members->count; i++) {
        cat_view_iterator it = cat_view_each(members->rows[i]->clusters);
        cat_view entry;
        while (cat_view_next(&it, NULL, &entry))
            if (cat_text_equal(cat_view_text(entry, "scales"), changed->key))
                return members->rows[i];
    }
    return NULL;
}

/* Both are in Git, and each undoes what the other does. */
static void quote_quarrel(const prj_fold_row *scaler, prj_fold_cause *cause)
{
    const char *name = cat_view_text_or(prj_fold_seen(scaler), "name", "");
    speak(cause, "ScaledTwice", "Take replicas out of the manifest of what it scales, or the autoscaler out of Git, and commit",
          cat_printf("HorizontalPodAutoscaler %s and Git both say how many replicas %s has, and change them in turns", name,
                     cause->resource));
}

/* Whoever changed the object made it what it is: no commit did, what looks deliberate in it (no replicas) is not, and what is
 * under way comes of it. Something else that is broken still speaks first. */
static void quote_drift(const prj_fold_members *members, const prj_fold_row *row, prj_fold_cause *cause)
{
    cat_key key;
    if (cat_key_parse(row->key, &key, NULL) < 0)
        return;
    bool stays = is_flux_suspended(members);
    bool settled = cause->status == CAT_STATUS_DEGRADED || cause->status == CAT_STATUS_MISSING;
    if (settled && cause->row != row)
        return;
    free(cause->cause);
    cause->cause = cat_printf("%s/%s/%s %s", key.kind, key.namespace ? key.namespace : "_", key.name,
                              cat_view_text_or(prj_fold_seen(row), "cause", "changed outside Git"));
    cause->status = stays ? CAT_STATUS_SUSPENDED : CAT_STATUS_PROGRESSING;
    set_text(&cause->commit, NULL);
    free(cause->resource);
    cause->resource = cat_printf("%s/%s/%s", key.kind, key.namespace ? key.namespace : "_", key.name);
    /* It may be told of late, among what came of it. */
    const char *drifted_at = cat_view_text(prj_fold_seen(row), "drift.at");
    if (!cause->since || (drifted_at && strcmp(drifted_at, cause->since) > 0))
        set_text(&cause->since, drifted_at);
    const prj_fold_row *scaler = autoscaler_of(members, row);
    if (scaler)
        quote_quarrel(scaler, cause);
    else
        speak(cause, "ChangedOutsideGit",
              stays ? "Resume the Kustomization, and Flux puts back what Git says; to keep the change, make it in Git"
                    : "Flux puts back what Git says; to keep the change, make it in Git",
              cat_printf("%s was changed outside Git by %s%s", cause->resource,
                         cat_view_text_or(prj_fold_seen(row), "drift.manager", "somebody"),
                         stays ? ", and stays so while its Kustomization is suspended" : ""));
}

/* The reason is the phase's, Installing or Updating (say_phase). */
static void quote_waiting(const prj_fold_members *members, const char *application, const char *wanted, const char *running,
                          prj_fold_cause *cause)
{
    bool has_kustomization = false;
    const prj_fold_row *object = NULL;
    for (size_t i = 0; i < members->count; i++) {
        has_kustomization |= members->rows[i]->kind == CAT_KIND_KUSTOMIZATION;
        if (members->rows[i]->kind == CAT_KIND_APPLICATION)
            object = members->rows[i];
    }
    if (!running && !has_kustomization && object && object->status != CAT_STATUS_RUNNING) {
        quote_row(members, object, cause);
        cause->status = CAT_STATUS_PROGRESSING;
        return;
    }
    if (!running) {
        cause->status = CAT_STATUS_PROGRESSING;
        speak(
            cause, NULL, has_kustomization ? "Wait for Flux; this takes a few seconds" : "Wait for the Environment to take it up",
            cat_printf(has_kustomization ? "Flux has not applied anything of %s yet" : "%s is not set up in this Environment yet",
                       application));
        return;
    }
    if (!wanted || strcmp(wanted, running) == 0)
        return;
    cause->status = CAT_STATUS_PROGRESSING;
    cat_view newest = cat_view_get(members->repository, "commits.0");
    cat_autofree char *commit = newest.value ? prj_fold_describe_commit(newest) : cat_printf("commit %.8s", wanted);
    set_text(&cause->since, cat_view_text(newest, "seenAt"));
    set_text(&cause->commit, wanted);
    speak(cause, NULL, "Wait for Flux; this takes a few seconds", cat_printf("%s is in Git and not applied yet", commit));
}

/* What runs is well, whatever its Blueprint's version is called; who wants to configure it finds that nobody can. */
static void quote_unregistered(const prj_fold_members *members, const char *application, prj_fold_cause *cause)
{
    for (size_t i = 0; i < members->count; i++) {
        const prj_fold_row *row = members->rows[i];
        cat_view_iterator it = cat_view_each(row->clusters);
        cat_view entry;
        if (row->kind != CAT_KIND_APPLICATION || !cat_view_next(&it, NULL, &entry))
            continue;
        const char *environment = cat_view_text_or(prj_fold_seen(row), "environment", "");
        const char *said = cat_view_text(cat_view_member(cat_view_member(entry, "unregistered"), environment), NULL);
        if (said)
            speak(cause, "BlueprintUnknown",
                  "Have that version registered, or name one that is under spec.blueprint.version of catalyst.yaml",
                  cat_printf("%s runs as Git has it, and cannot be configured: %s", application, said));
    }
}

/* What is being removed here: the Application, or what Flux has of it in this Environment. NULL: nothing is. */
static const prj_fold_row *removal(const prj_fold_members *members)
{
    const prj_fold_row *found = NULL;
    for (size_t i = 0; i < members->count; i++) {
        const prj_fold_row *row = members->rows[i];
        bool flux = row->kind == CAT_KIND_KUSTOMIZATION || row->kind == CAT_KIND_GIT_REPOSITORY;
        if ((row->kind == CAT_KIND_APPLICATION || (flux && !found)) &&
            cat_text_equal(cat_view_text(prj_fold_seen(row), "reason"), "Terminating"))
            found = row;
    }
    return found;
}

/* Whatever else is not well in it, it goes. */
static void quote_removal(const prj_fold_members *members, const prj_fold_row *row, prj_fold_cause *cause)
{
    cause->row = row;
    cause->status = CAT_STATUS_PROGRESSING;
    cause->due_ms = 0;
    quote_row(members, row, cause);
    set_text(&cause->reason, "Removing");
}

/* A change is under way since it was pushed, whatever has taken it up by now. */
static void begin_with_commit(const prj_fold_members *members, prj_fold_voice *voice)
{
    int64_t pushed_ms = 0;
    if (cat_time_parse(cat_view_text_or(cat_view_get(members->repository, "commits.0"), "seenAt", ""), &pushed_ms) &&
        pushed_ms < voice->since_ms)
        voice->since_ms = pushed_ms;
}

/* It was Updating until the last commit was applied, and what that one left as it was has rested for longer. */
static void rest_since_commit(const prj_fold_members *members, prj_fold_cause *cause)
{
    int64_t since_ms = 0, applied_ms = 0;
    const char *pushed = cat_view_text_or(cat_view_get(members->repository, "commits.0"), "seenAt", "");
    for (size_t i = 0; i < members->count; i++) {
        cat_view_iterator it = cat_view_each(members->rows[i]->clusters);
        cat_view entry;
        while (members->rows[i]->kind == CAT_KIND_KUSTOMIZATION && cat_view_next(&it, NULL, &entry)) {
            const char *at = cat_view_text_or(cat_view_get(entry, "attempts.0"), "at", "");
            applied_ms = cat_time_parse(at, &since_ms) && since_ms > applied_ms ? since_ms : applied_ms;
        }
    }
    applied_ms = cat_time_parse(pushed, &since_ms) && since_ms > applied_ms ? since_ms : applied_ms;
    if (cat_time_parse(cause->since ? cause->since : "", &since_ms) && since_ms < applied_ms)
        set_since(cause, applied_ms);
}

void prj_fold_find_cause(const prj_fold_members *members, const char *application, const char *wanted, const char *running,
                         prj_fold_cause *cause)
{
    *cause = (prj_fold_cause){.status = CAT_STATUS_RUNNING};
    const prj_fold_row *removed = removal(members);
    if (removed) {
        quote_removal(members, removed, cause);
        return;
    }
    prj_fold_voice voice = {.since_ms = INT64_MAX};
    prj_fold_phase phase = !running ? FOLD_INSTALLING : wanted && strcmp(wanted, running) != 0 ? FOLD_UPDATING : FOLD_UNCHANGED;
    const prj_fold_row *row = loudest(members, &voice, cause),
                       *resting = row || phase != FOLD_UNCHANGED ? NULL : prj_fold_resting(members);
    cause->row = row ? row : resting;
    if (row) {
        cause->status = voice.status;
        if (phase != FOLD_UNCHANGED && voice.status == CAT_STATUS_PROGRESSING)
            begin_with_commit(members, &voice);
        quote_voice(members, row, &voice, phase, cause);
        /* What is under way is the wanted commit, whoever speaks of it. */
        if (phase == FOLD_UPDATING && cause->status == CAT_STATUS_PROGRESSING && !cause->commit)
            set_text(&cause->commit, wanted);
    } else if (resting) {
        cause->status = CAT_STATUS_SUSPENDED;
        quote_row(members, resting, cause);
        rest_since_commit(members, cause);
    } else {
        quote_waiting(members, application, wanted, running, cause);
        say_phase(cause, phase);
    }
    const prj_fold_row *changed = drifted(members);
    if (changed)
        quote_drift(members, changed, cause);
    else if (cause->status == CAT_STATUS_RUNNING && !cause->reason)
        quote_unregistered(members, application, cause);
}

void prj_fold_cause_finish(prj_fold_cause *cause)
{
    free(cause->reason);
    free(cause->message);
    free(cause->next);
    free(cause->since);
    free(cause->resource);
    free(cause->commit);
    free(cause->cause);
}
