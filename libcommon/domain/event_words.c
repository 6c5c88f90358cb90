#include "domain/event_words.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/string.h"
#include "domain/pod_refusal.h"
#include "domain/scheduler_words.h"

enum { NAME_MAX = 120, LINE_MAX_BYTES = 300 };

/* 10.42.0.7 */
static bool is_ipv4(const char *at)
{
    for (int part = 0; part < 4; part++) {
        size_t digits = strspn(at, "0123456789");
        if (digits == 0 || digits > 3 || (part < 3 && at[digits] != '.'))
            return false;
        at += digits + (part < 3);
    }
    return !isdigit((unsigned char)*at) && *at != '.';
}

bool cat_text_has_address(const char *text)
{
    static const char *const MARKS[] = {"://", ".svc:", ".svc.", "dial tcp", "dial udp", "lookup ", "[::"};
    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++)
        if (strstr(text, MARKS[i]))
            return true;
    for (const char *at = text; *at; at++)
        if (isdigit((unsigned char)*at) && (at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '.')) && is_ipv4(at))
            return true;
    return false;
}

static void say(cat_event_words *words, const char *next, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void say(cat_event_words *words, const char *next, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words->message, sizeof words->message, format, arguments);
    va_end(arguments);
    snprintf(words->next, sizeof words->next, "%s", next);
}

/* What stands between `mark` and the next of `ends`. */
static bool take(const char *text, const char *mark, const char *ends, char name[NAME_MAX])
{
    const char *found = strstr(text, mark);
    if (!found)
        return false;
    found += strlen(mark);
    size_t length = strcspn(found, ends);
    snprintf(name, NAME_MAX, "%.*s", (int)(length < NAME_MAX ? length : NAME_MAX - 1), found);
    return *name != 0;
}

static void scheduling(const char *text, cat_event_words *words)
{
    cat_scheduler_words why;
    cat_scheduler_words_of(text, NULL, &why);
    say(words, why.next, "no node takes it: %s", why.cause);
}

static void creation(const char *text, cat_event_words *words)
{
    cat_pod_refusal why;
    cat_pod_refusal_of(text, &why);
    say(words, why.next, "%s", why.cause);
    words->unanswered = why.unanswered;
}

/* pkg/controller/volume/persistentvolume; an external provisioner ends its own words with its driver's. */
static void volume(const char *text, cat_event_words *words)
{
    char name[NAME_MAX];
    if (take(text, "storageclass.storage.k8s.io \"", "\"", name))
        say(words, "Correct storageClassName, or have the class made", "there is no storage class %s", name);
    else if (strstr(text, "no storage class is set"))
        say(words, "Name a storage class (storageClassName), or have a default one set",
            "no volume is free for it, and it names no storage class");
    else if (take(text, "failed to provision volume with StorageClass \"", "\"", name))
        say(words, "Check the size and the access modes that it asks for; else tell the Sovereign's people",
            "storage class %s could not make it", name);
    else
        say(words, "Check that the storage class exists and has room, and correct storageClassName",
            "its storage class gave no volume");
}

static void mount(const char *text, cat_event_words *words)
{
    char name[NAME_MAX], missing[NAME_MAX], what[NAME_MAX + 8] = "one of its volumes";
    if (take(text, "for volume \"", "\"", name))
        snprintf(what, sizeof what, "volume %s", name);
    if (take(text, "configmap \"", "\"", missing))
        say(words, "Add the ConfigMap, or correct its name", "%s cannot be mounted: there is no ConfigMap %s", what, missing);
    else if (take(text, "secret \"", "\"", missing))
        say(words, "Add the Secret, or correct its name", "%s cannot be mounted: there is no Secret %s", what, missing);
    else if (strstr(text, "non-existent"))
        say(words, "Correct the keys that the volume names", "%s cannot be mounted: a key that it names is not there", what);
    else if (strstr(text, "Multi-Attach"))
        say(words, "Wait until the other Pod is gone, or run one replica", "%s is in use on another node", what);
    else
        say(words, "Look at the volume's claim, and at the node", "%s cannot be mounted", what);
}

static void probe(const char *text, cat_event_words *words)
{
    static const char *const KINDS[] = {"Readiness", "Liveness", "Startup"}, *const NAMES[] = {"readiness", "liveness",
                                                                                               "startup"};
    const char *name = "health", *why = strstr(text, "probe failed: ");
    char code[NAME_MAX];
    why = why ? why + strlen("probe failed: ") : "";
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
        if (cat_text_starts_with(text, KINDS[i]))
            name = NAMES[i];
    static const char next[] = "Read its log, and check the probe's port, path and times";
    if (take(why, "statuscode: ", " \n", code))
        say(words, next, "its %s probe fails: it answers HTTP %s", name, code);
    else if (strstr(why, "connection refused"))
        say(words, next, "its %s probe fails: nothing listens on the port", name);
    else if (strstr(why, "deadline exceeded") || strstr(why, "timed out") || strstr(why, "i/o timeout"))
        say(words, next, "its %s probe fails: there is no answer in time", name);
    else
        say(words, next, "its %s probe fails", name);
}

static void image(const char *text, cat_event_words *words)
{
    char name[NAME_MAX];
    if (!take(text, "ulling image \"", "\"", name) && !take(text, "pull image \"", "\"", name)) {
        say(words, "", "%.*s", (int)cat_text_cut(text, LINE_MAX_BYTES), text);
        return;
    }
    const char *why = strstr(text, "not found") || strstr(text, "manifest unknown")   ? ": it is not there"
                      : strstr(text, "unauthorized") || strstr(text, "denied")        ? ": its registry refuses the credentials"
                      : strstr(text, "no such host")                                  ? ": its registry's name is not known"
                      : strstr(text, "timeout") || strstr(text, "connection refused") ? ": its registry does not answer"
                      : strstr(text, "toomanyrequests") || strstr(text, "429")        ? ": its registry was asked too often"
                                                                                      : "";
    if (cat_text_starts_with(text, "Back-off"))
        say(words, "", "it is waited before image %s is fetched again", name);
    else if (cat_text_starts_with(text, "Pulling") || cat_text_starts_with(text, "Successfully"))
        say(words, "", "%s image %s", *text == 'P' ? "it fetches" : "it has fetched", name);
    else
        say(words, "Check the image's name and tag, and the credentials for its registry", "image %s cannot be fetched%s", name,
            why);
}

static void back_off(const char *text, cat_event_words *words)
{
    char name[NAME_MAX];
    if (take(text, "failed container ", " ", name))
        say(words, "Read its log, and the log of its previous run", "it is waited before container %s is started again", name);
    else
        image(text, words);
}

void cat_event_words_of(const char *reason, const char *message, cat_event_words *words)
{
    static const struct {
        const char *reason;
        void (*tell)(const char *text, cat_event_words *words);
    } TOLD[] = {{"FailedScheduling", scheduling},
                {"FailedCreate", creation},
                {"ReplicaSetCreateError", creation},
                {"ProvisioningFailed", volume},
                {"FailedBinding", volume},
                {"FailedMount", mount},
                {"FailedAttachVolume", mount},
                {"Unhealthy", probe},
                {"ProbeWarning", probe},
                {"Failed", image},
                {"Pulling", image},
                {"Pulled", image},
                {"BackOff", back_off},
                {"ErrImageNeverPull", image}};
    *words = (cat_event_words){.unanswered = false};
    for (size_t i = 0; i < sizeof TOLD / sizeof *TOLD; i++)
        if (strcmp(TOLD[i].reason, reason) == 0)
            TOLD[i].tell(message, words);
    if (!*words->message)
        say(words, "", "%.*s", (int)cat_text_cut(message, LINE_MAX_BYTES), message);
    words->message[strcspn(words->message, "\n")] = 0;
    if (!*words->message || cat_text_has_address(words->message))
        say(words, words->next, "%.60s", *reason ? reason : "no reason is given");
}
