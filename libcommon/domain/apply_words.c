#include "domain/apply_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/string.h"
#include "domain/apply_types.h"

#define WORDS_MAX_BYTES 300
#define NAME_MAX_BYTES 253 /* of an object, as Kubernetes has it */
#define SHOWN_OBJECTS 5

/* What stands before the words that say something: how the words came. From `before` to the end of `after`. */
static const struct {
    const char *before, *after;
} FRAMES[] = {{"errors:", "\n  "},                              /* of several, one a line */
              {"failed to create typed patch object (", "): "}, /* managed fields of apimachinery */
              {"failed to create typed live object (", "): "},
              {"failed to convert new object (", ") to proper version: "},
              {"unable to convert unstructured object to ", ": "},
              {"error decoding from json: ", ""},
              {"admission webhook \"", "denied the request: "},
              {"ValidatingAdmissionPolicy '", "denied request: "},
              {"error when creating ", ": "},
              {"Internal error occurred: ", ""}};

/* "Deployment.apps \"web\" is invalid: " says again which object it is. */
static const char *without_object(const char *words)
{
    static const char *const ENDS[] = {"\" is invalid: ", "\" is forbidden: "};
    size_t kind = strcspn(words, " \"");
    for (size_t i = 0; words[kind] == ' ' && words[kind + 1] == '"' && i < sizeof ENDS / sizeof *ENDS; i++) {
        const char *end = strstr(words + kind, ENDS[i]);
        if (end && (size_t)(end - words) < kind + NAME_MAX_BYTES + 2)
            return end + strlen(ENDS[i]);
    }
    return words;
}

static const char *without_frames(const char *words)
{
    for (const char *before = NULL; before != words;) {
        before = words;
        words = without_object(words);
        for (size_t i = 0; i < sizeof FRAMES / sizeof *FRAMES; i++) {
            const char *start = words + strlen(FRAMES[i].before);
            const char *end = cat_text_starts_with(words, FRAMES[i].before) ? strstr(start, FRAMES[i].after) : NULL;
            if (end)
                words = end + strlen(FRAMES[i].after);
        }
    }
    return words;
}

/* The text between two marks, the caller's; NULL: they are not there. */
static char *between(const char *words, const char *before, const char *after)
{
    const char *start = strstr(words, before);
    const char *end = start ? strstr(start + strlen(before), after) : NULL;
    if (!end)
        return NULL;
    start += strlen(before);
    size_t length = cat_text_cut(start, NAME_MAX_BYTES);
    return cat_strndup(start, (size_t)(end - start) < length ? (size_t)(end - start) : length);
}

/* How many bytes there are until `end`, or of as long a name as there is. */
static int until(const char *words, const char *end)
{
    size_t length = cat_text_cut(words, NAME_MAX_BYTES);
    return (int)((size_t)(end - words) < length ? (size_t)(end - words) : length);
}

/* A list whose entries have a name of their own has one of them twice: ".spec.x: duplicate entries for key [name=\"A\"]". */
static char *twice(const char *words)
{
    const char *mark = strstr(words, ": duplicate entries for key [");
    cat_autofree char *entry = mark ? between(mark, "[", "]") : NULL;
    if (!entry)
        return NULL;
    words += *words == '.';
    return cat_printf("%.*s has the entry %s twice: take one away", until(words, mark), words, entry);
}

static char *unknown_kind(const char *words)
{
    cat_autofree char *kind = between(words, "no matches for kind \"", "\""), *version = between(words, "in version \"", "\"");
    return kind && version ? cat_printf("this cluster knows no kind %s of %s: correct its apiVersion, or install what brings it",
                                        kind, version)
                           : NULL;
}

/* Where the verdict begins that ends at `told`: of "[a: Invalid value: {…}: no, b: Invalid value: {…}: field is immutable]" that
 * of b. NULL: nowhere. */
static const char *last_verdict(const char *words, const char *told)
{
    static const char *const VERDICTS[] = {": Invalid value: ", ": Forbidden: "};
    const char *last = NULL;
    for (size_t i = 0; i < sizeof VERDICTS / sizeof *VERDICTS; i++)
        for (const char *at = strstr(words, VERDICTS[i]); at && at < told; at = strstr(at + 1, VERDICTS[i]))
            last = !last || at > last ? at : last;
    return last;
}

/* The value may be a whole Pod template. Of a StatefulSet Kubernetes lists what may be changed. */
static char *immutable(const char *words)
{
    if (strstr(words, "updates to statefulset spec for fields other than"))
        return cat_strdup(
            "of its spec replicas, template, updateStrategy and a few more can be changed once it is there, and not "
            "what else differs, such as volumeClaimTemplates: undo that, call it otherwise, or remove it first");
    const char *told = strstr(words, "field is immutable"), *end = told ? last_verdict(words, told) : NULL;
    if (!end)
        return NULL;
    const char *field = end;
    while (field > words && field[-1] != ' ' && field[-1] != '[')
        field--;
    return cat_printf("%.*s cannot be changed once the object is there: call it otherwise, or remove it first", until(field, end),
                      field);
}

/* Not what it says of an object ("denied the request"), but that it could not be asked; its address goes. */
static char *webhook(const char *words)
{
    cat_autofree char *name = between(words, "failed calling webhook \"", "\"");
    return name ? cat_printf("the webhook %s, which the cluster asks about it, could not be asked; it is tried again", name)
                : NULL;
}

static char *plain(const char *words)
{
    static const struct {
        const char *mark, *says;
    } PLAIN[] = {
        {"`selector` does not match template `labels`",
         "spec.selector does not match the labels of its Pod template: make them the same"},
        {"spec is immutable after creation except resources.requests",
         "of a claim only its size can be changed once it is there, and only to more: undo that, or call it otherwise"},
        {"may not be more than 1048576 bytes",
         "it holds more than 1 MiB, which is the most that one ConfigMap or Secret may: take it apart, or keep it in a volume"},
        {"illegal base64 data",
         "a value below data is not base64: plain text goes below stringData, or better into the secret store"},
        {"connection refused", "the cluster did not answer; Flux tries again"},
        {"context deadline exceeded", "the cluster did not answer in time; Flux tries again"},
        {"the server is currently unable", "the cluster did not answer; Flux tries again"}};
    for (size_t i = 0; i < sizeof PLAIN / sizeof *PLAIN; i++)
        if (strstr(words, PLAIN[i].mark))
            return cat_strdup(PLAIN[i].says);
    return NULL;
}

/* The words of Kubernetes' own validation, one line of them, without the pattern that a machine would use. */
static char *validation(const char *words)
{
    size_t length = cat_text_cut(words, WORDS_MAX_BYTES), line = strcspn(words, "\n");
    length = line < length ? line : length;
    static const char *const TAILS[] = {" (e.g. ", ", regex used for validation"};
    bool several = *words == '[' && length > 1 && words[length - 1] == ']';
    cat_autofree char *kept = cat_strndup(words + several, length - 2 * several);
    for (size_t i = 0; i < sizeof TAILS / sizeof *TAILS; i++) {
        char *tail = strstr(kept, TAILS[i]);
        if (tail && strstr(words, "regex used for validation"))
            *tail = 0;
    }
    return cat_strdup(*kept ? kept : "no reason is given");
}

static char *meaning_of_one(const char *words)
{
    char *(*const WAYS[])(const char *) = {webhook, unknown_kind, twice, immutable, cat_apply_type_words, plain};
    for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++) {
        char *says = WAYS[i](words);
        if (says)
            return says;
    }
    return validation(words);
}

/* Of several errors the first, and how many follow: each stands in a line of its own, with its field's path. */
static char *meaning(const char *words)
{
    words = without_frames(words);
    char *says = meaning_of_one(words);
    size_t more = 0;
    for (const char *line = words; (line = strstr(line, "\n  .")); line++)
        more++;
    if (more == 0)
        return says;
    char *all = cat_printf(more == 1 ? "%s; and 1 error more" : "%s; and %zu errors more", says, more);
    free(says);
    return all;
}

/* "Deployment/blog-dev/web" as "Deployment web"; of what has no namespace "Namespace/web". NULL: none. */
static char *object_name(const char *text, size_t length)
{
    size_t kind = strcspn(text, "/ \n"), last = length;
    if (kind == 0 || kind >= length || length > 2 * NAME_MAX_BYTES + 64)
        return NULL;
    while (last > 0 && text[last - 1] != '/')
        last--;
    return last < length ? cat_printf("%.*s %.*s", (int)kind, text, (int)(length - last), text + last) : NULL;
}

char *cat_apply_words(const char *message)
{
    static const char *const MARKS[] = {" dry-run failed", " apply failed", " immutable field detected"};
    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++) {
        const char *mark = strstr(message, MARKS[i]);
        cat_autofree char *object = mark ? object_name(message, (size_t)(mark - message)) : NULL;
        const char *words = object ? strstr(mark, ": ") : NULL;
        if (!words)
            continue;
        cat_autofree char *says = meaning(words + 2);
        return cat_printf("%s: %s", object, says);
    }
    return meaning(message);
}

bool cat_apply_is_unanswered(const char *message)
{
    static const char *const MARKS[] = {"failed calling webhook \"", "connection refused", "context deadline exceeded",
                                        "the server is currently unable", "i/o timeout"};
    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++)
        if (strstr(message, MARKS[i]))
            return true;
    return false;
}

/* "Deployment/blog-dev/web status: 'InProgress', Job/…" behind "[". */
static size_t objects_of(const char *list, char *names[SHOWN_OBJECTS])
{
    size_t count = 0;
    for (const char *mark; (mark = strstr(list, " status: '")); list = strchr(mark, ',')) {
        while (*list == ',' || *list == ' ' || *list == '[')
            list++;
        char *name = mark > list ? object_name(list, (size_t)(mark - list)) : NULL;
        if (name && count < SHOWN_OBJECTS)
            names[count] = name;
        else
            free(name);
        count += name != NULL;
        if (!strchr(mark, ','))
            break;
    }
    return count;
}

char *cat_health_words(const char *message)
{
    const char *list = strchr(message, '[');
    char *names[SHOWN_OBJECTS] = {NULL};
    size_t count = list ? objects_of(list, names) : 0, shown = count < SHOWN_OBJECTS ? count : SHOWN_OBJECTS;
    if (count == 0)
        return NULL;
    cat_auto(cat_string) out = CAT_STRING(4096);
    for (size_t i = 0; i < shown; i++) {
        cat_string_append(&out, i == 0 ? "" : i + 1 == count ? " and " : ", ");
        cat_string_append(&out, names[i]);
        free(names[i]);
    }
    if (count > shown)
        cat_string_appendf(&out, " and %zu more", count - shown);
    cat_string_append(&out, count > 1 ? " are" : " is");
    cat_string_append(&out, strstr(message, "stalled resources") ? " broken" : " not ready in time");
    return cat_string_take(&out);
}

char *cat_flux_words(const char *message)
{
    if (strstr(message, " dry-run failed") || strstr(message, " apply failed") || strstr(message, " immutable field detected"))
        return cat_apply_words(message);
    return strstr(message, "timeout waiting for: ") || strstr(message, "stalled resources: ") ? cat_health_words(message) : NULL;
}
