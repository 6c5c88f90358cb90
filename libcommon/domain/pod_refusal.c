#include "domain/pod_refusal.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/string.h"
#include "domain/apply_words.h"

/* Texts of kube-apiserver's admission (plugin/pkg/admission: serviceaccount, resourcequota, limitranger, podsecurity; webhooks of
 * apiserver/pkg/admission) and what they mean. `to_end`: the words behind the mark stay; else the quoted name behind it. */
static const struct {
    const char *mark, *format, *next;
    bool to_end;
} causes[] = {
    {"serviceaccount \"", "its ServiceAccount %s does not exist",
     "Add the ServiceAccount to the repository, or correct serviceAccountName", false},
    {"service account ", "its ServiceAccount cannot be used: %s", "Correct serviceAccountName, or the ServiceAccount", true},
    {"exceeded quota: ", "the quota is used up: %s", "Ask for less, remove what is not needed, or have the quota raised", true},
    {"failed quota: ", "the quota asks for more to be said: %s", "Say the requests and limits that the message names", true},
    {"maximum ", "it asks for more than a limit of the namespace allows: maximum %s", "Ask for less, or have the limit raised",
     true},
    {"minimum ", "it asks for less than a limit of the namespace allows: minimum %s", "Ask for more", true},
    {"violates PodSecurity ", "the rules for pods do not allow it: %s", "Correct the securityContext that the message names",
     true},
    {"no PriorityClass with name ", "there is no PriorityClass %s", "Correct priorityClassName", false},
    {"RuntimeClass \"", "there is no RuntimeClass %s", "Correct runtimeClassName", false},
    {"admission webhook ", "a rule of the cluster refuses it: %s", "Correct what the message names", true},
    {"ValidatingAdmissionPolicy ", "a rule of the cluster refuses it: %s", "Correct what the message names", true},
};

/* How much of the first line ends between characters within `max_bytes`. */
static int line(const char *text, size_t max_bytes)
{
    size_t whole = cat_text_cut(text, max_bytes), first = strcspn(text, "\n");
    return (int)(first < whole ? first : whole);
}

static bool refuse(const char *message, size_t rule, cat_pod_refusal *refusal)
{
    const char *found = strstr(message, causes[rule].mark);
    if (!found)
        return false;
    const char *words = found + strlen(causes[rule].mark);
    char detail[256];
    snprintf(detail, sizeof detail, "%.*s", line(words, causes[rule].to_end ? 200 : 250), words);
    if (!causes[rule].to_end)
        detail[strcspn(detail, "\" ")] = 0;
    char *level_end = strncmp(causes[rule].mark, "violates PodSecurity", 20) == 0 ? strstr(detail, "\": ") : NULL;
    if (level_end) /* "baseline:latest": which version of the rules is no help */
        memmove(detail, level_end + 3, strlen(level_end + 3) + 1);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the table's own */
    snprintf(refusal->cause, sizeof refusal->cause, causes[rule].format, detail);
#pragma GCC diagnostic pop
    snprintf(refusal->next, sizeof refusal->next, "%s", causes[rule].next);
    return true;
}

void cat_pod_refusal_of(const char *message, cat_pod_refusal *refusal)
{
    *refusal = (cat_pod_refusal){.unanswered = false};
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (refuse(message, i, refusal))
            return;
    if (cat_apply_is_unanswered(message)) { /* its words have inner addresses */
        cat_autofree char *means = cat_apply_words(message);
        refusal->unanswered = true;
        snprintf(refusal->cause, sizeof refusal->cause, "%s", means);
        snprintf(refusal->next, sizeof refusal->next, "%s",
                 strstr(message, "webhook") ? "Have whoever set the webhook up in this cluster mend it, or take it away"
                                            : "Wait; if it stays so, tell the Sovereign's people");
        return;
    }
    const char *why = strstr(message, "is forbidden: ");
    why = why ? why + strlen("is forbidden: ") : message;
    snprintf(refusal->cause, sizeof refusal->cause, "%.*s", line(*why ? why : "no reason is given", 240),
             *why ? why : "no reason is given");
    snprintf(refusal->next, sizeof refusal->next,
             "Correct what the message names: quotas, limits, the ServiceAccount, or the pod's settings");
}
