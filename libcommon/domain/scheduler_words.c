#include "domain/scheduler_words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/string.h"

enum { REASONS_MAX = 4, NAME_MAX = 80 };

/* What is behind a reason's mark. */
typedef enum { BARE, ASKED_CPU, ASKED_MEMORY, RESOURCE, TAINT } rest_kind;

/* Reasons of the scheduler's own plugins (kube-scheduler 1.36, pkg/scheduler/framework/plugins: noderesources, tainttoleration,
 * nodeunschedulable, nodeaffinity, nodename, nodeports, interpodaffinity, podtopologyspread, nodevolumelimits, volumebinding,
 * volumezone, volumerestrictions). The first that matches counts. */
static const struct {
    const char *mark, *one, *many, *next;
    rest_kind rest;
} reasons[] = {
    {"Insufficient cpu", "has not enough CPU free", "have not enough CPU free", "Ask for less CPU, or add nodes", ASKED_CPU},
    {"Insufficient memory", "has not enough memory free", "have not enough memory free", "Ask for less memory, or add nodes",
     ASKED_MEMORY},
    {"Insufficient ", "has not enough of a resource free", "have not enough of a resource free",
     "Ask for less of it, or add nodes that have it", RESOURCE},
    {"Too many pods", "has all the pods that it may have", "have all the pods that they may have",
     "Add nodes, or remove pods that are not needed", BARE},
    {"node(s) had untolerated taint", "has a taint that it does not tolerate", "have a taint that it does not tolerate",
     "Add a toleration for it, or use other nodes", TAINT},
    {"node(s) were unschedulable", "is closed for new pods", "are closed for new pods", "Open a node (uncordon), or add one",
     BARE},
    {"node(s) didn't match Pod's node affinity/selector", "has not the labels that its node rules ask for",
     "have not the labels that its node rules ask for", "Correct nodeSelector and nodeAffinity, or label nodes", BARE},
    {"node(s) didn't match the requested node name", "is not the node that nodeName names",
     "are not the node that nodeName names", "Take nodeName out", BARE},
    {"node(s) didn't have free ports", "has the host port in use", "have the host port in use",
     "Take hostPort out, or ask for fewer replicas", BARE},
    {"node(s) didn't match pod anti-affinity rules", "has a pod that it may not be beside",
     "have a pod that it may not be beside", "Ask for fewer replicas, loosen podAntiAffinity, or add nodes", BARE},
    {"node(s) didn't satisfy existing pods anti-affinity rules", "has a pod that wants nothing beside it",
     "have a pod that wants nothing beside it", "Loosen that pod's podAntiAffinity, or add nodes", BARE},
    {"node(s) didn't match pod affinity rules", "has no pod that it has to be beside", "have no pod that it has to be beside",
     "Correct podAffinity, or start what it has to be beside", BARE},
    {"node(s) didn't match pod topology spread constraints", "would make its replicas too uneven",
     "would make its replicas too uneven", "Loosen topologySpreadConstraints, or add nodes", BARE},
    {"node(s) exceed max volume count", "has all the volumes that it may have", "have all the volumes that they may have",
     "Add nodes, or use fewer volumes", BARE},
    {"node(s) had volume node affinity conflict", "cannot reach its volume, which is bound elsewhere",
     "cannot reach its volume, which is bound elsewhere", "Free the node, or the zone, where the volume is", BARE},
    {"node(s) had no available volume zone", "is in another zone than its volume", "are in another zone than its volume",
     "Free a node in the volume's zone", BARE},
    {"node(s) didn't find available persistent volumes to bind", "has no free volume for it", "have no free volume for it",
     "Correct the claim's storageClassName, or provide volumes", BARE},
    {"node(s) did not have enough free storage", "has not enough storage free", "have not enough storage free",
     "Ask for a smaller volume, or add storage", BARE},
};

/* What holds for the Pod as a whole: no node was tried. */
static const struct {
    const char *mark, *format, *next;
} wholes[] = {
    {"persistentvolumeclaim \"", "its volume claim %s does not exist", "Add the PersistentVolumeClaim, or correct claimName"},
    {"pod has unbound immediate PersistentVolumeClaims", "one of its volume claims has no volume yet",
     "Look at the PersistentVolumeClaim: its class, its size"},
    {"no nodes available to schedule pods", "the cluster has no nodes", "Add nodes"},
};

static void add(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void add(char *text, size_t size, const char *format, ...)
{
    size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + length, size - length, format, arguments);
    va_end(arguments);
}

static void put_cpu(char *text, size_t size, int64_t milli)
{
    if (milli % 1000 == 0)
        add(text, size, " (it asks for %lld)", (long long)milli / 1000);
    else
        add(text, size, " (it asks for %lldm)", (long long)milli);
}

static void put_memory(char *text, size_t size, int64_t bytes)
{
    static const char *const units[] = {"", "Ki", "Mi", "Gi", "Ti"};
    size_t unit = 0;
    while (unit + 1 < sizeof units / sizeof *units && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    add(text, size, " (it asks for %lld%s)", (long long)bytes, units[unit]);
}

static void put_rest(char *text, size_t size, rest_kind kind, const char *rest, int length, const cat_pod_requests *asked)
{
    if (kind == ASKED_CPU && asked && asked->cpu_milli > 0)
        put_cpu(text, size, asked->cpu_milli);
    if (kind == ASKED_MEMORY && asked && asked->memory_bytes > 0)
        put_memory(text, size, asked->memory_bytes);
    if (kind == RESOURCE && length > 0)
        add(text, size, " (%.*s)", length, rest);
    /* "{key: value}"; since 1.34 "(s)" for several */
    const char *open = kind == TAINT ? memchr(rest, '{', (size_t)length) : NULL, *close = open ? strchr(open, '}') : NULL;
    if (close && close < rest + length) {
        int inner = (int)(close - open - 1);
        while (inner > 0 && (open[inner] == ' ' || open[inner] == ':'))
            inner--;
        add(text, size, " (%.*s)", inner < NAME_MAX ? inner : NAME_MAX, open + 1);
    }
}

/* "2 Insufficient cpu": one reason with its number of nodes. */
typedef struct {
    long count;
    size_t rule; /* of `reasons`; their number: not known here */
    const char *rest;
    int rest_length;
} reason;

static bool read_reason(const char **at, reason *found)
{
    char *end;
    found->count = strtol(*at, &end, 10);
    if (end == *at || *end != ' ' || found->count < 1)
        return false;
    const char *words = end + 1;
    /* A taint's braces may hold commas; a reason of a resource has dots in its name ("nvidia.com/gpu"). */
    size_t length = 0;
    for (int depth = 0; words[length]; length++) {
        depth += words[length] == '{' ? 1 : words[length] == '}' ? -1 : 0;
        bool ends = words[length] == ',' || (words[length] == '.' && (words[length + 1] == ' ' || !words[length + 1]));
        if (depth <= 0 && ends)
            break;
    }
    for (found->rule = 0; found->rule < sizeof reasons / sizeof *reasons; found->rule++)
        if (cat_text_starts_with(words, reasons[found->rule].mark))
            break;
    size_t mark = found->rule < sizeof reasons / sizeof *reasons ? strlen(reasons[found->rule].mark) : length;
    found->rest = words + mark;
    found->rest_length = length > mark ? (int)(length - mark < NAME_MAX ? length - mark : NAME_MAX) : 0;
    *at = words + length;
    return true;
}

static void put_reason(char *text, size_t size, const reason *it, bool first, const char *total, const cat_pod_requests *asked)
{
    bool known = it->rule < sizeof reasons / sizeof *reasons, one = it->count == 1;
    if (first)
        add(text, size, "%ld of %s nodes ", it->count, total);
    else
        add(text, size, ", %ld ", it->count);
    add(text, size, "%s",
        known ? (one ? reasons[it->rule].one : reasons[it->rule].many)
              : (one ? "is refused for another reason" : "are refused for another reason"));
    if (known)
        put_rest(text, size, reasons[it->rule].rest, it->rest, it->rest_length, asked);
}

/* "0/3 nodes are available: 1 a, 2 b. preemption: …" */
static bool tell_by_node(const char *message, const cat_pod_requests *asked, cat_scheduler_words *words)
{
    char total[12], after;
    const char *at = strstr(message, " nodes are available: ");
    if (sscanf(message, "0/%10[0-9]%c", total, &after) != 2 || after != ' ' || !at)
        return false;
    at += strlen(" nodes are available: ");
    reason one, most = {0};
    for (int count = 0; count < REASONS_MAX && read_reason(&at, &one); count++) {
        put_reason(words->cause, sizeof words->cause, &one, count == 0, total, asked);
        if (one.count > most.count)
            most = one;
        if (*at == ',')
            at += at[1] == ' ' ? 2 : 1;
        else
            break;
    }
    if (most.count == 0)
        return false;
    snprintf(words->next, sizeof words->next, "%s",
             most.rule < sizeof reasons / sizeof *reasons ? reasons[most.rule].next : "Ask whoever runs the cluster");
    return true;
}

static bool tell_whole(const char *message, cat_scheduler_words *words)
{
    for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++) {
        const char *found = strstr(message, wholes[i].mark);
        if (!found)
            continue;
        char name[NAME_MAX];
        snprintf(name, sizeof name, "%s", found + strlen(wholes[i].mark));
        name[strcspn(name, "\"")] = 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the table's own */
#pragma GCC diagnostic ignored "-Wformat-extra-args"
        snprintf(words->cause, sizeof words->cause, wholes[i].format, name);
#pragma GCC diagnostic pop
        snprintf(words->next, sizeof words->next, "%s", wholes[i].next);
        return true;
    }
    return false;
}

void cat_scheduler_words_of(const char *message, const cat_pod_requests *asked, cat_scheduler_words *words)
{
    *words = (cat_scheduler_words){0};
    if (tell_whole(message, words) || tell_by_node(message, asked, words))
        return;
    snprintf(words->cause, sizeof words->cause, "the scheduler gives no reason that is known here");
    snprintf(words->next, sizeof words->next, "Ask for less CPU and memory, add nodes, or loosen its node rules");
}
