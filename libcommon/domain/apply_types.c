#include "domain/apply_types.h"

#include <string.h>

#include "base/memory.h"
#include "base/string.h"

#define NAME_MAX_BYTES 253
#define VALUE_MAX_BYTES 60
#define WHICH "; which field it is, the cluster does not say"

/* How Go calls a type, by its beginning, and people. */
static const struct {
    const char *go, *says;
} TYPES[] = {{"string", "a text"},
             {"numeric", "a number"},
             {"number", "a number"},
             {"boolean", "true or false"},
             {"bool", "true or false"},
             {"list", "a list"},
             {"array", "a list"},
             {"[]", "a list"},
             {"map", "a group of fields"},
             {"object", "a group of fields"},
             {"any scalar", "a single value"},
             {"uint", "a whole number"},
             {"int", "a whole number"},
             {"float", "a number"}};

static const char *type_words(const char *go)
{
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (cat_text_starts_with(go, TYPES[i].go))
            return TYPES[i].says;
    return NULL;
}

/* How many bytes there are until `end`, or of as long a text as is shown. */
static int until(const char *words, const char *end, size_t max)
{
    size_t length = cat_text_cut(words, max);
    return (int)((size_t)(end - words) < length ? (size_t)(end - words) : length);
}

/* The field at the beginning of "{field}{mark}…", the caller's, without the dot that it begins with; NULL: there is no mark. */
static char *field_before(const char *words, const char *mark)
{
    const char *end = strstr(words, mark);
    if (!end || end == words || strcspn(words, "\n") < (size_t)(end - words))
        return NULL;
    words += *words == '.';
    return cat_printf("%.*s", until(words, end, NAME_MAX_BYTES), words);
}

/* What stands in a field, by what Go prints of it: "string", "&{yes}", "&{map[a:1]}", "&value.valueUnstructured{Value:1}". The
 * caller's; NULL: it does not say. */
static char *given_in(const char *got)
{
    static const char *const FRAMES[] = {"&value.valueUnstructured{Value:", "&{"};
    for (size_t i = 0; i < sizeof FRAMES / sizeof *FRAMES; i++) {
        if (!cat_text_starts_with(got, FRAMES[i]))
            continue;
        const char *value = got + strlen(FRAMES[i]);
        if (cat_text_starts_with(value, "map["))
            return cat_strdup("a group of fields");
        if (*value == '[')
            return cat_strdup("a list");
        const char *end = strchr(value, '}');
        return end && end > value ? cat_printf("%.*s", until(value, end, VALUE_MAX_BYTES), value) : NULL;
    }
    const char *type = type_words(got);
    return type ? cat_strdup(type) : NULL;
}

static const char *remedy(const char *wanted, const char *given)
{
    bool is_scalar = strcmp(given, "a list") != 0 && strcmp(given, "a group of fields") != 0;
    if (strcmp(wanted, "a text") == 0 && is_scalar)
        return ": write it in quotes";
    bool is_quoted = strcmp(given, "true") == 0 || strcmp(given, "false") == 0;
    return strcmp(wanted, "true or false") == 0 && is_quoted ? " in quotes: write it without" : "";
}

/* ".spec.paused: expected boolean, got &{yes}", by structured-merge-diff. */
static char *wrong_type(const char *words)
{
    static const char EXPECTED[] = ": expected ", GOT[] = ", got ";
    cat_autofree char *field = field_before(words, EXPECTED);
    const char *type = field ? strstr(words, EXPECTED) + strlen(EXPECTED) : NULL, *got = type ? strstr(type, GOT) : NULL;
    const char *wanted = type ? type_words(type) : NULL;
    if (!wanted)
        return NULL;
    cat_autofree char *given = got ? given_in(got + strlen(GOT)) : NULL;
    return given ? cat_printf("%s has to be %s, and is %s%s", field, wanted, given, remedy(wanted, given))
                 : cat_printf("%s has to be %s", field, wanted);
}

static char *unknown_field(const char *words)
{
    cat_autofree char *field = field_before(words, ": field not declared in schema");
    return field ? cat_printf("there is no field %s: correct its name or its place, or take it away", field) : NULL;
}

/* "strict decoding error: unknown field \"spec.foo\", unknown field \"spec.bar\"" */
static char *strict_field(const char *words)
{
    static const char MARK[] = "unknown field \"";
    const char *start = strstr(words, MARK), *end = start ? strchr(start + strlen(MARK), '"') : NULL;
    if (!end)
        return NULL;
    start += strlen(MARK);
    return cat_printf("there is no field %.*s: correct its name or its place, or take it away", until(start, end, NAME_MAX_BYTES),
                      start);
}

/* "integer,string" as people say it, until `end`. */
static char *types_words(const char *types, const char *end)
{
    cat_auto(cat_string) said = CAT_STRING(256);
    while (types < end) {
        const char *says = type_words(types);
        cat_string_appendf(&said, "%s%s", said.length ? " or " : "", says ? says : "something else");
        types += strcspn(types, ",:");
        types += *types == ',';
    }
    return cat_string_take(&said);
}

/* "spec.size: Invalid value: \"number\": spec.size in body must be of type integer: \"number\"", by the schema of a kind of one's
 * own. */
static char *schema_type(const char *words)
{
    static const char MARK[] = " in body must be of type ", VALUE[] = ": Invalid value: ";
    const char *body = strstr(words, MARK), *types = body ? body + strlen(MARK) : NULL;
    const char *given = types ? strstr(types, ": \"") : NULL, *field = words + (*words == '[');
    const char *end = strstr(field, VALUE);
    if (!given || !end || end > body)
        return NULL;
    cat_autofree char *wanted = types_words(types, given);
    const char *is = type_words(given + strlen(": \""));
    return cat_printf("%.*s has to be %s, and is %s", until(field, end, NAME_MAX_BYTES), field, wanted,
                      is ? is : "something else");
}

/* "number 1.5" is the value itself. The caller's. */
static char *given_to(const char *given, const char *end)
{
    static const char NUMBER[] = "number ";
    if (cat_text_starts_with(given, NUMBER))
        return cat_printf("%.*s", until(given + strlen(NUMBER), end, VALUE_MAX_BYTES), given + strlen(NUMBER));
    const char *type = cat_text_starts_with(given, "float") ? "a number with a fraction" : type_words(given);
    return cat_strdup(type ? type : "something else");
}

/* "json: cannot unmarshal string into Go struct field Spec.spec.replicas of type int32", "… bool into Go value of type int32" */
static char *go_value(const char *words)
{
    static const char START[] = "cannot unmarshal ", FIELD[] = "Go struct field ", TYPE[] = " of type ";
    const char *given = strstr(words, START), *into = given ? strstr(given, " into Go ") : NULL;
    const char *type = into ? strstr(into, TYPE) : NULL, *wanted = type ? type_words(type + strlen(TYPE)) : NULL;
    if (!type)
        return NULL;
    cat_autofree char *value = given_to(given + strlen(START), into);
    const char *path = strstr(into, FIELD) ? strchr(strstr(into, FIELD) + strlen(FIELD), '.') : NULL;
    if (path && path < type)
        return cat_printf("%.*s has to be %s, and is %s", until(path + 1, type, NAME_MAX_BYTES), path + 1,
                          wanted ? wanted : "something else", value);
    return cat_printf("a field has to be %s, and is %s" WHICH, wanted ? wanted : "something else", value);
}

/* "cannot convert float64 to int32", by what makes the typed object. */
static char *go_conversion(const char *words)
{
    static const char START[] = "cannot convert ", TO[] = " to ";
    const char *given = cat_text_starts_with(words, START) ? words + strlen(START) : NULL, *to = given ? strstr(given, TO) : NULL;
    const char *wanted = to ? type_words(to + strlen(TO)) : NULL;
    if (!wanted)
        return NULL;
    cat_autofree char *value = given_to(given, to);
    return cat_printf("a field has to be %s, and is %s" WHICH, wanted, value);
}

/* "parsing time \"yesterday\" as …", "time: invalid duration \"soon\"" */
static char *time_or_duration(const char *words)
{
    static const struct {
        const char *mark, *says, *such;
    } FORMS[] = {{"parsing time \"", "time", "2026-11-30T12:00:00Z"}, {"invalid duration \"", "duration", "30s, 5m or 1h30m"}};
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        const char *start = strstr(words, FORMS[i].mark);
        const char *value = start ? start + strlen(FORMS[i].mark) : NULL, *end = value ? strchr(value, '"') : NULL;
        if (end)
            return cat_printf("\"%.*s\" is no %s: write it such as %s", until(value, end, VALUE_MAX_BYTES), value, FORMS[i].says,
                              FORMS[i].such);
    }
    return NULL;
}

static char *quantity(const char *words)
{
    static const char *const MARKS[] = {"quantities must match the regular expression", "unable to parse quantity",
                                        "unable to parse numeric part of quantity"};
    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++)
        if (strstr(words, MARKS[i]))
            return cat_strdup("a quantity, below resources or of a volume, is none" WHICH
                              ": write each such as 500m, 2, 128Mi or 1Gi");
    return NULL;
}

char *cat_apply_type_words(const char *words)
{
    char *(*const WAYS[])(const char *) = {wrong_type, schema_type,   unknown_field,    strict_field,
                                           go_value,   go_conversion, time_or_duration, quantity};
    for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++) {
        char *says = WAYS[i](words);
        if (says)
            return says;
    }
    return NULL;
}
