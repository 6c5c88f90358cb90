#include "domain/events.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/string.h"

#define PREFIX "io.openova.catalyst."
#define SUFFIX ".v1"

#define ROW(constant, name, folded, publisher, ...)                                                                              \
    [CAT_EVENT_##constant] = {name, PREFIX name SUFFIX, CAT_FOLDED_##folded, publisher, {__VA_ARGS__}},
static const cat_event EVENTS[CAT_EVENT_COUNT] = {CAT_EVENTS(ROW)};
#undef ROW

const cat_event *cat_event_get(cat_event_kind kind)
{
    return kind > CAT_EVENT_NONE && kind < CAT_EVENT_COUNT ? &EVENTS[kind] : NULL;
}

cat_event_kind cat_event_kind_of(const char *type)
{
    if (!cat_text_starts_with(type ? type : "", PREFIX))
        return CAT_EVENT_NONE;
    for (int kind = CAT_EVENT_NONE + 1; kind < CAT_EVENT_COUNT; kind++)
        if (strcmp(type + sizeof PREFIX - 1, EVENTS[kind].type + sizeof PREFIX - 1) == 0)
            return (cat_event_kind)kind;
    return CAT_EVENT_NONE;
}

const char *cat_event_type(cat_event_kind kind)
{
    const cat_event *event = cat_event_get(kind);
    return event ? event->type : NULL;
}

bool cat_event_is(const char *type, cat_event_kind kind)
{
    return kind != CAT_EVENT_NONE && cat_text_equal(type, cat_event_type(kind));
}

/* --- subjects --- */

static unsigned parameters_of(const char *pattern)
{
    unsigned count = 0;
    for (; *pattern; pattern++)
        count += *pattern == '{';
    return count;
}

static const char *pattern_with(const cat_event *event, unsigned parameters)
{
    for (size_t i = 0; i < CAT_EVENT_SUBJECTS_MAX && event->subjects[i]; i++)
        if (parameters_of(event->subjects[i]) == parameters)
            return event->subjects[i];
    return NULL;
}

/* The tokens of a pattern; what does not differ is said by it, and what does by `whose` and `last`. */
typedef struct {
    char first[16], second[64], third[64], fourth[64];
} tokens;

static int subject_by(const tokens *of, const char *whose, const char *last, char subject[CAT_SUBJECT_MAX], cat_error *error)
{
    static const struct {
        const char *word;
        int (*make)(const char *, const char *, char[CAT_SUBJECT_MAX], cat_error *);
    } FORMS[] = {
        {"flux", cat_subject_flux}, {"git", cat_subject_git}, {"operation", cat_subject_operation}, {"sync", cat_subject_sync}};
    if (strcmp(of->first, "catalyst") == 0)
        return cat_subject_service(of->second, whose, last ? last : of->fourth, subject, error);
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++)
        if (strcmp(of->third, FORMS[i].word) == 0)
            return FORMS[i].make(whose, last ? last : of->fourth, subject, error);
    return cat_error_set(error, CAT_E_INTERNAL, "no subject is made of ws.….%s", of->third);
}

int cat_event_subject(cat_event_kind kind, const char *whose, const char *last, char subject[CAT_SUBJECT_MAX], cat_error *error)
{
    const cat_event *event = cat_event_get(kind);
    const char *pattern = event ? pattern_with(event, last ? 2 : 1) : NULL;
    tokens of = {0};
    if (!pattern || sscanf(pattern, "%15[^.].%63[^.].%63[^.].%63s", of.first, of.second, of.third, of.fourth) != 4)
        return cat_error_set(error, CAT_E_INTERNAL, "event %s has no such subject", event ? event->name : "of no kind");
    return subject_by(&of, whose, last, subject, error);
}

void cat_event_filter(cat_event_kind kind, char filter[CAT_SUBJECT_MAX])
{
    const cat_event *event = cat_event_get(kind);
    size_t length = 0;
    bool inside = false;
    for (const char *at = event ? event->subjects[0] : ""; *at && length + 1 < CAT_SUBJECT_MAX; at++) {
        if (*at == '{')
            filter[length++] = '*';
        else if (!inside && *at != '}')
            filter[length++] = *at;
        inside = *at == '{' || (inside && *at != '}');
    }
    filter[length] = '\0';
}

void cat_event_filter_of(cat_event_kind kind, const char *const *parameters, char filter[CAT_SUBJECT_MAX])
{
    const cat_event *event = cat_event_get(kind);
    cat_auto(cat_string) text = CAT_STRING(CAT_SUBJECT_MAX - 1);
    const char *at = event ? event->subjects[0] : "";
    for (size_t length; *at; at += length) {
        bool is_parameter = *at == '{';
        length = is_parameter ? strcspn(at, "}") + 1 : strcspn(at, "{");
        if (is_parameter && !*parameters) {
            cat_string_append_char(&text, '>');
            break;
        }
        is_parameter ? cat_string_append(&text, *parameters++) : cat_string_append_bytes(&text, at, length);
    }
    snprintf(filter, CAT_SUBJECT_MAX, "%s", text.overflowed ? "" : cat_string_get(&text));
}
