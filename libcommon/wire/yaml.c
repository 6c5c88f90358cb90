/* YAML in: libyaml's events into JSON values. */
#include "wire/yaml.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/map.h"
#include "base/memory.h"
#include "wire/yaml_internal.h"

const cat_yaml_caps CAT_YAML_CAPS = {.max_bytes = 1024 * 1024, .max_depth = 64, .max_nodes = 100000, .max_documents = 256};

struct cat_yaml_positions {
    cat_map *marks; /* pointer → line and column in the two halves of a pointer's bits */
};

/* What one parse holds. */
typedef struct {
    yaml_parser_t parser;
    yaml_event_t event;
    bool has_event;
    const cat_yaml_caps *caps;
    size_t nodes;
    unsigned depth;
    cat_string pointer;
    cat_yaml_positions *positions; /* NULL: nobody asked */
    cat_error *error;
} reader;

static void reader_finish(reader *in)
{
    if (in->has_event)
        yaml_event_delete(&in->event);
    yaml_parser_delete(&in->parser);
    cat_string_finish(&in->pointer);
}

static int refuse_at(reader *in, int code, const yaml_mark_t *mark, const char *what)
{
    return cat_error_set(in->error, code, "line %zu, column %zu: %s", mark->line + 1, mark->column + 1, what);
}

static int refuse(reader *in, int code, const char *what)
{
    return refuse_at(in, code, &in->event.start_mark, what);
}

static int next_event(reader *in)
{
    if (in->has_event)
        yaml_event_delete(&in->event);
    in->has_event = false;
    if (yaml_parser_parse(&in->parser, &in->event)) {
        in->has_event = true;
        return 0;
    }
    if (in->parser.error == YAML_MEMORY_ERROR)
        abort();
    const char *problem = in->parser.problem ? in->parser.problem : "it cannot be read";
    if (in->parser.error == YAML_READER_ERROR)
        return cat_error_set(in->error, CAT_E_INVALID, "byte %zu: %s", in->parser.problem_offset, problem);
    return refuse_at(in, CAT_E_INVALID, &in->parser.problem_mark, problem);
}

/* ---- plain scalars, by YAML 1.2's core schema ---- */

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static const char *const null_words[] = {"", "~", "null", "Null", "NULL", NULL};
static const char *const true_words[] = {"true", "True", "TRUE", NULL};
static const char *const false_words[] = {"false", "False", "FALSE", NULL};
static const char *const endless_words[] = {".inf",  ".Inf",  ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
                                            "-.Inf", "-.INF", ".nan", ".NaN",  ".NAN",  NULL};

/* The base of a whole number and where its digits begin; 0 when it is none. Only decimal ones take a sign. */
static int integer_base(const char *text, const char **digits)
{
    int base = 10;
    const char *allowed = "0123456789";
    *digits = text + (*text == '+' || *text == '-');
    if (text[0] == '0' && (text[1] == 'o' || text[1] == 'x')) {
        base = text[1] == 'o' ? 8 : 16;
        allowed = base == 8 ? "01234567" : "0123456789abcdefABCDEF";
        *digits = text + 2;
    }
    size_t length = strlen(*digits);
    return length > 0 && strspn(*digits, allowed) == length ? base : 0;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_real(const char *text)
{
    text += *text == '+' || *text == '-';
    size_t whole = strspn(text, "0123456789"), fraction = 0;
    text += whole;
    if (*text == '.') {
        fraction = strspn(text + 1, "0123456789");
        text += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '+' || *text == '-';
        size_t exponent = strspn(text, "0123456789");
        if (exponent == 0)
            return false;
        text += exponent;
    }
    return *text == '\0';
}

static int make_integer(reader *in, const char *text, const char *digits, int base, json_t **json)
{
    char *end;
    errno = 0;
    /* strtoll takes the sign together with the digits, so that the smallest number fits. */
    long long number = strtoll(base == 10 ? text : digits, &end, base);
    if (errno || *end)
        return refuse(in, CAT_E_INVALID, "a whole number does not fit 64 bits; put it in quotes if it is text");
    *json = json_integer(number);
    return 0;
}

static int make_real(reader *in, const char *text, json_t **json)
{
    double number = strtod(text, NULL);
    if (!isfinite(number))
        return refuse(in, CAT_E_INVALID, "a number is too large");
    *json = json_real(number);
    return 0;
}

static int make_text(reader *in, json_t **json)
{
    const char *text = (const char *)in->event.data.scalar.value;
    size_t length = in->event.data.scalar.length;
    if (memchr(text, '\0', length))
        return refuse(in, CAT_E_INVALID, "a text holds a zero character");
    *json = json_stringn(text, length);
    return *json ? 0 : refuse(in, CAT_E_INVALID, "a text is not UTF-8");
}

static int resolve(reader *in, json_t **json)
{
    const char *text = (const char *)in->event.data.scalar.value, *digits;
    if (strlen(text) != in->event.data.scalar.length)
        return make_text(in, json);
    int base = integer_base(text, &digits);
    if (base)
        return make_integer(in, text, digits, base, json);
    if (is_real(text))
        return make_real(in, text, json);
    if (is_one_of(text, endless_words))
        return refuse(in, CAT_E_INVALID, "endless numbers and not-a-numbers are not supported");
    if (is_one_of(text, null_words))
        *json = json_null();
    else if (is_one_of(text, true_words) || is_one_of(text, false_words))
        *json = json_boolean(is_one_of(text, true_words));
    else
        return make_text(in, json);
    return 0;
}

/* `!!str` and `!` make text; the other core tags must be what the plain text is anyway. */
static int tagged_scalar(reader *in, const char *tag, json_t **json)
{
    static const struct {
        const char *tag;
        json_type first, second;
    } tags[] = {{YAML_NULL_TAG, JSON_NULL, JSON_NULL},
                {YAML_BOOL_TAG, JSON_TRUE, JSON_FALSE},
                {YAML_INT_TAG, JSON_INTEGER, JSON_INTEGER},
                {YAML_FLOAT_TAG, JSON_REAL, JSON_INTEGER}};
    if (strcmp(tag, YAML_STR_TAG) == 0 || strcmp(tag, "!") == 0)
        return make_text(in, json);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        if (strcmp(tag, tags[i].tag) != 0)
            continue;
        json_t *value = NULL;
        int result = resolve(in, &value);
        if (result < 0)
            return result;
        if (json_typeof(value) != tags[i].first && json_typeof(value) != tags[i].second) {
            json_decref(value);
            return refuse(in, CAT_E_INVALID, "a value is not what its tag says");
        }
        *json = value;
        return 0;
    }
    return refuse(in, CAT_E_INVALID, "tags other than YAML's own are not supported");
}

static int make_scalar(reader *in, json_t **json)
{
    const char *tag = (const char *)in->event.data.scalar.tag;
    if (tag)
        return tagged_scalar(in, tag, json);
    return in->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? resolve(in, json) : make_text(in, json);
}

/* ---- nodes ---- */

static void note_position(reader *in)
{
    if (!in->positions)
        return;
    uintptr_t packed = (uintptr_t)(in->event.start_mark.line + 1) << 32 | (uintptr_t)(in->event.start_mark.column + 1);
    cat_map_set(in->positions->marks, cat_string_get(&in->pointer), (void *)packed);
}

static void push_name(reader *in, const char *name)
{
    cat_json_pointer_append(&in->pointer, name);
}

static void pop_name(reader *in, size_t length)
{
    in->pointer.length = length;
    in->pointer.overflowed = false;
    if (in->pointer.data)
        in->pointer.data[length] = '\0';
}

static int read_node(reader *in, json_t **json);

/* The name of a member: a scalar, taken as its text. */
static int read_name(reader *in, const json_t *object, char **name)
{
    const yaml_event_t *event = &in->event;
    if (event->type == YAML_ALIAS_EVENT || (event->type == YAML_SCALAR_EVENT && event->data.scalar.anchor))
        return refuse(in, CAT_E_INVALID, "anchors and aliases are not supported");
    if (event->type != YAML_SCALAR_EVENT)
        return refuse(in, CAT_E_INVALID, "a member's name must be a text");
    if (event->data.scalar.tag && strcmp((const char *)event->data.scalar.tag, YAML_STR_TAG) != 0 &&
        strcmp((const char *)event->data.scalar.tag, "!") != 0)
        return refuse(in, CAT_E_INVALID, "a member's name must be a text");
    const char *text = (const char *)event->data.scalar.value;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !event->data.scalar.tag;
    if (strlen(text) != event->data.scalar.length)
        return refuse(in, CAT_E_INVALID, "a member's name holds a zero character");
    if (plain && is_one_of(text, null_words))
        return refuse(in, CAT_E_INVALID, "a member's name must not be null");
    /* Other readers would merge here; who means the text can quote it. */
    if (plain && strcmp(text, "<<") == 0)
        return refuse(in, CAT_E_INVALID, "merge keys are not supported");
    if (json_object_get(object, text))
        return cat_error_set(in->error, CAT_E_INVALID, "line %zu, column %zu: the name \"%.100s\" is there twice",
                             event->start_mark.line + 1, event->start_mark.column + 1, text);
    if (++in->nodes > in->caps->max_nodes)
        return refuse(in, CAT_E_TOO_LARGE, "the document has too many values");
    *name = cat_strdup(text);
    return 0;
}

static int read_members(reader *in, json_t *object)
{
    size_t length = in->pointer.length;
    for (;;) {
        int result = next_event(in);
        if (result < 0)
            return result;
        if (in->event.type == YAML_MAPPING_END_EVENT)
            return 0;
        cat_autofree char *name = NULL;
        result = read_name(in, object, &name);
        if (result < 0 || (result = next_event(in)) < 0)
            return result;
        push_name(in, name);
        json_t *value = NULL;
        result = read_node(in, &value);
        pop_name(in, length);
        if (result < 0)
            return result;
        if (json_object_set_new(object, name, value) < 0)
            return refuse(in, CAT_E_INVALID, "a member's name is not UTF-8");
    }
}

static int read_elements(reader *in, json_t *array)
{
    size_t length = in->pointer.length;
    for (;;) {
        int result = next_event(in);
        if (result < 0)
            return result;
        if (in->event.type == YAML_SEQUENCE_END_EVENT)
            return 0;
        cat_string_appendf(&in->pointer, "/%zu", json_array_size(array));
        json_t *value = NULL;
        result = read_node(in, &value);
        pop_name(in, length);
        if (result < 0)
            return result;
        json_array_append_new(array, value);
    }
}

static int read_collection(reader *in, bool mapping, json_t **json)
{
    const yaml_char_t *anchor = mapping ? in->event.data.mapping_start.anchor : in->event.data.sequence_start.anchor;
    const yaml_char_t *tag = mapping ? in->event.data.mapping_start.tag : in->event.data.sequence_start.tag;
    if (anchor)
        return refuse(in, CAT_E_INVALID, "anchors and aliases are not supported");
    if (tag && strcmp((const char *)tag, mapping ? YAML_MAP_TAG : YAML_SEQ_TAG) != 0)
        return refuse(in, CAT_E_INVALID, "tags other than YAML's own are not supported");
    if (in->depth == in->caps->max_depth)
        return refuse(in, CAT_E_TOO_LARGE, "the document is nested too deep");
    in->depth++;
    cat_autojson json_t *made = mapping ? json_object() : json_array();
    int result = mapping ? read_members(in, made) : read_elements(in, made);
    in->depth--;
    if (result == 0)
        *json = cat_take(made);
    return result;
}

/* The value that begins with the current event. */
static int read_node(reader *in, json_t **json)
{
    if (++in->nodes > in->caps->max_nodes)
        return refuse(in, CAT_E_TOO_LARGE, "the document has too many values");
    note_position(in);
    switch (in->event.type) {
    case YAML_SCALAR_EVENT:
        if (in->event.data.scalar.anchor)
            return refuse(in, CAT_E_INVALID, "anchors and aliases are not supported");
        return make_scalar(in, json);
    case YAML_MAPPING_START_EVENT:
        return read_collection(in, true, json);
    case YAML_SEQUENCE_START_EVENT:
        return read_collection(in, false, json);
    case YAML_ALIAS_EVENT:
        return refuse(in, CAT_E_INVALID, "anchors and aliases are not supported");
    default:
        return refuse(in, CAT_E_INVALID, "a value is missing");
    }
}

/* ---- documents ---- */

/* libyaml compares each tag directive with all before it, so that a megabyte of them takes seconds. Nobody needs any. */
#define TAG_DIRECTIVES_MAX 16

static bool has_many_directives(const char *text, size_t length)
{
    unsigned count = 0;
    const char *end = text + length, *at = text;
    while (at < end && (at = memmem(at, (size_t)(end - at), "%TAG", 4)) != NULL) {
        /* The last bytes of every line break that YAML 1.1 knows, and of the byte order mark. */
        count += at == text || strchr("\n\r\x85\xa8\xa9\xbf", at[-1]) != NULL;
        at += 4;
    }
    return count > TAG_DIRECTIVES_MAX;
}

int cat_yaml_check_text(const char *text, size_t length, const cat_yaml_caps *caps, cat_error *error)
{
    if (length > caps->max_bytes)
        return cat_error_set(error, CAT_E_TOO_LARGE, "the YAML text has %zu bytes, at most %zu are allowed", length,
                             caps->max_bytes);
    if (length && has_many_directives(text, length))
        return cat_error_set(error, CAT_E_TOO_LARGE, "the YAML text has more than %d tag directives", TAG_DIRECTIVES_MAX);
    return 0;
}

static int reader_init(reader *in, const char *text, size_t length, const cat_yaml_caps *caps, cat_error *error)
{
    int code = cat_yaml_check_text(text, length, caps, error);
    if (code < 0)
        return code;
    *in = (reader){.caps = caps, .error = error, .pointer = CAT_STRING(caps->max_bytes * 2 + 16)};
    if (!yaml_parser_initialize(&in->parser))
        abort();
    /* Without this, a text that begins with UTF-16's mark would be read as such, past every check of ours on
     * bytes. */
    yaml_parser_set_encoding(&in->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&in->parser, (const unsigned char *)(length ? text : ""), length);
    return 0;
}

/* The next document into `*json`; NULL there at the stream's end. */
static int read_document(reader *in, json_t **json)
{
    int result = next_event(in);
    if (result == 0 && in->event.type == YAML_STREAM_START_EVENT)
        result = next_event(in);
    if (result < 0)
        return result;
    if (in->event.type == YAML_STREAM_END_EVENT) {
        *json = NULL;
        return 0;
    }
    result = next_event(in);
    if (result < 0)
        return result;
    cat_autojson json_t *value = NULL;
    result = read_node(in, &value);
    if (result < 0 || (result = next_event(in)) < 0)
        return result;
    *json = cat_take(value);
    return 0;
}

static cat_yaml_positions *positions_create(void)
{
    cat_yaml_positions *positions = cat_calloc(1, sizeof *positions);
    positions->marks = cat_map_create(NULL);
    return positions;
}

static int parse_one(reader *in, json_t **json)
{
    cat_autojson json_t *first = NULL, *second = NULL;
    int result = read_document(in, &first);
    if (result < 0)
        return result;
    if (!first) {
        note_position(in);
        first = json_null();
    } else {
        cat_yaml_positions *positions = in->positions;
        in->positions = NULL;
        result = read_document(in, &second);
        in->positions = positions;
        if (result < 0)
            return result;
        if (second)
            return cat_error_set(in->error, CAT_E_INVALID, "there is more than one document");
    }
    *json = cat_take(first);
    return 0;
}

int cat_yaml_parse(const char *text, size_t length, const cat_yaml_caps *caps, json_t **json, cat_yaml_positions **positions,
                   cat_error *error)
{
    reader in;
    int result = reader_init(&in, text, length, caps, error);
    if (result < 0)
        return result;
    if (positions)
        in.positions = positions_create();
    result = parse_one(&in, json);
    if (result == 0 && positions)
        *positions = in.positions;
    else
        cat_yaml_positions_destroy(in.positions);
    reader_finish(&in);
    return result;
}

static int parse_all(reader *in, json_t **documents)
{
    cat_autojson json_t *all = json_array();
    for (size_t count = 0;; count++) {
        json_t *json = NULL;
        /* Positions are those of the array that comes of it. */
        pop_name(in, 0);
        cat_string_appendf(&in->pointer, "/%zu", json_array_size(all));
        int result = read_document(in, &json);
        if (result < 0)
            return result;
        if (!json)
            break;
        if (json_is_null(json))
            json_decref(json);
        else
            json_array_append_new(all, json);
        if (count == in->caps->max_documents)
            return cat_error_set(in->error, CAT_E_TOO_LARGE, "there are more than %zu documents", in->caps->max_documents);
    }
    *documents = cat_take(all);
    return 0;
}

int cat_yaml_parse_all(const char *text, size_t length, const cat_yaml_caps *caps, json_t **documents, cat_error *error)
{
    return cat_yaml_parse_all_at(text, length, caps, documents, NULL, error);
}

int cat_yaml_parse_all_at(const char *text, size_t length, const cat_yaml_caps *caps, json_t **documents,
                          cat_yaml_positions **positions, cat_error *error)
{
    reader in;
    int result = reader_init(&in, text, length, caps, error);
    if (result < 0)
        return result;
    if (positions)
        in.positions = positions_create();
    result = parse_all(&in, documents);
    if (result == 0 && positions)
        *positions = in.positions;
    else
        cat_yaml_positions_destroy(in.positions);
    reader_finish(&in);
    return result;
}

void cat_yaml_positions_destroy(cat_yaml_positions *positions)
{
    if (!positions)
        return;
    cat_map_destroy(positions->marks);
    free(positions);
}

bool cat_yaml_position(const cat_yaml_positions *positions, const char *pointer, unsigned *line, unsigned *column)
{
    cat_autofree char *shorter = cat_strdup(pointer);
    for (;;) {
        uintptr_t packed = positions ? (uintptr_t)cat_map_get(positions->marks, shorter) : 0;
        char *slash = strrchr(shorter, '/');
        if (packed || !slash) {
            *line = packed ? (unsigned)(packed >> 32) : 1;
            *column = packed ? (unsigned)(packed & 0xFFFFFFFFu) : 1;
            return packed && strcmp(shorter, pointer) == 0;
        }
        *slash = '\0';
    }
}
