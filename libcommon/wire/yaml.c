/* YAML in: libyaml's events into JSON values. */
#include "wire/yaml.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "wire/yaml_internal.h"

const cat_yaml_caps CAT_YAML_CAPS = {.max_bytes = 1024 * 1024, .max_depth = 64, .max_nodes = 100000, .max_documents = 256};

#define MERGE "<<"
#define MERGE_TAG "tag:yaml.org,2002:merge"

struct cat_yaml_positions {
    cat_map *marks; /* pointer → line and column in the two halves of a pointer's bits */
};

/* What an anchor stands for, and how large that is. */
typedef struct {
    json_t *value; /* NULL: it is still open */
    size_t nodes, bytes;
    unsigned depth;
} anchored;

/* What one parse holds. */
typedef struct {
    yaml_parser_t parser;
    yaml_event_t event;
    bool has_event;
    bool flow_member; /* the next value is a member's in { } */
    const cat_yaml_caps *caps;
    const char *text;
    size_t length, nodes, bytes, documents;
    size_t characters, offset; /* of a place in the text that was looked at: libyaml counts characters */
    unsigned depth;
    cat_map *anchors;          /* of this document */
    yaml_mark_t document_mark; /* where it begins */
    cat_string pointer;
    cat_yaml_positions *positions; /* NULL: nobody asked */
    cat_error *error;
} reader;

/* Gives `code` back. */
static int reader_finish(reader *in, int code)
{
    size_t conflict = code == CAT_E_INVALID ? cat_yaml_conflict_line(in->text, in->length) : 0;
    if (conflict)
        cat_error_set(in->error, code, "line %zu, column 1: a merge conflict is left here: resolve it", conflict);
    if (in->has_event)
        yaml_event_delete(&in->event);
    yaml_parser_delete(&in->parser);
    cat_map_destroy(in->anchors);
    cat_string_finish(&in->pointer);
    return code;
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
    const char *problem = cat_yaml_problem(in->parser.problem);
    if (in->parser.error != YAML_READER_ERROR)
        return refuse_at(in, CAT_E_INVALID, &in->parser.problem_mark, problem);
    yaml_mark_t mark = {0};
    for (size_t i = 0; i < in->parser.problem_offset && i < in->length; i++) {
        mark.column = in->text[i] == '\n' ? 0 : mark.column + 1;
        mark.line += in->text[i] == '\n';
    }
    return refuse_at(in, CAT_E_INVALID, &mark, problem);
}

/* Of a place not before those that were asked for. */
static size_t offset_of(reader *in, size_t characters)
{
    for (; in->characters < characters && in->offset < in->length; in->characters++)
        do
            in->offset++;
        while (in->offset < in->length && ((unsigned char)in->text[in->offset] & 0xC0) == 0x80);
    return in->offset;
}

/* ---- anchors ---- */

static void free_anchored(void *value)
{
    anchored *of = value;
    json_decref(of->value);
    free(of);
}

static void measure(const json_t *value, unsigned depth, anchored *into)
{
    const char *name;
    json_t *inner;
    size_t index;
    into->nodes++;
    into->bytes += json_is_string(value) ? json_string_length(value) : 8;
    if ((json_is_object(value) || json_is_array(value)) && ++depth > into->depth)
        into->depth = depth;
    json_object_foreach((json_t *)value, name, inner)
    {
        into->nodes++;
        into->bytes += strlen(name);
        measure(inner, depth, into);
    }
    json_array_foreach(value, index, inner) measure(inner, depth, into);
}

/* `value` NULL: a list or group begins, which nothing inside it can stand for. */
static int remember(reader *in, const char *anchor, json_t *value)
{
    if (!anchor)
        return 0;
    if (in->caps->no_aliases)
        return refuse(in, CAT_E_INVALID, "anchors and aliases are not supported");
    anchored *of = cat_calloc(1, sizeof *of);
    of->value = json_incref(value);
    if (value)
        measure(value, 0, of);
    cat_map_set(in->anchors, anchor, of);
    return 0;
}

static int follow(reader *in, json_t **json)
{
    if (in->caps->no_aliases)
        return refuse(in, CAT_E_INVALID, "anchors and aliases are not supported");
    const anchored *of = cat_map_get(in->anchors, (const char *)in->event.data.alias.anchor);
    if (!of || !of->value)
        return refuse(in, CAT_E_INVALID,
                      of ? "an alias stands inside what its anchor names: that has no end"
                         : "an alias is of an anchor that is not there above it");
    in->nodes += of->nodes - 1;
    in->bytes += of->bytes;
    if (in->nodes > in->caps->max_nodes || in->bytes > in->caps->max_bytes)
        return refuse(in, CAT_E_TOO_LARGE, "the document becomes too large when its aliases are followed");
    if (in->depth + of->depth > in->caps->max_depth)
        return refuse(in, CAT_E_TOO_LARGE, "the document is nested too deep");
    *json = json_deep_copy(of->value);
    return 0;
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

/* Whether `<<` stands for what is merged; in quotes it is lost on its way to the cluster. */
static bool is_merge(const yaml_event_t *event)
{
    const char *tag = (const char *)event->data.scalar.tag;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return strcmp((const char *)event->data.scalar.value, MERGE) == 0 &&
           (tag ? strcmp(tag, "!") == 0 || strcmp(tag, MERGE_TAG) == 0 : plain);
}

static int check_name(reader *in, const char *text)
{
    const yaml_event_t *event = &in->event;
    const char *tag = (const char *)event->data.scalar.tag;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (strlen(text) != event->data.scalar.length)
        return refuse(in, CAT_E_INVALID, "a member's name holds a zero character");
    if (strcmp(text, MERGE) == 0 && !in->caps->no_aliases)
        return refuse(in, CAT_E_INVALID, "a member with the name << does not reach the cluster");
    if (tag && strcmp(tag, "!") != 0 && strcmp(tag, YAML_STR_TAG) != 0)
        return refuse(in, CAT_E_INVALID, "a member's name must be a text");
    json_t *value = NULL;
    if (!plain || (tag && strcmp(tag, "!") != 0) || cat_yaml_resolve(text, true, &value) == CAT_SCALAR_TEXT)
        return 0;
    json_decref(value);
    return cat_error_set(in->error, CAT_E_INVALID,
                         "line %zu, column %zu: a member's name must be a text: put \"%.100s\" in quotes",
                         event->start_mark.line + 1, event->start_mark.column + 1, text);
}

/* Whether the name is a group in { } right behind the { of its own group: YAML reads `{{ .x }}` so. */
static bool is_template(reader *in)
{
    size_t at = in->event.type == YAML_MAPPING_START_EVENT ? offset_of(in, in->event.start_mark.index) : 0;
    return at > 0 && in->text[at] == '{' && in->text[at - 1] == '{';
}

/* The name of a member: a scalar, taken as its text, or an alias of one. `*name` is NULL for a merge. */
static int read_name(reader *in, const json_t *object, char **name)
{
    const yaml_event_t *event = &in->event;
    *name = NULL;
    if (++in->nodes > in->caps->max_nodes)
        return refuse(in, CAT_E_TOO_LARGE, "the document has too many values");
    if (event->type == YAML_ALIAS_EVENT) {
        cat_autojson json_t *value = NULL;
        int code = follow(in, &value);
        if (code < 0)
            return code;
        if (!json_is_string(value))
            return refuse(in, CAT_E_INVALID, "a member's name must be a text");
        *name = cat_strdup(json_string_value(value));
    } else if (event->type != YAML_SCALAR_EVENT) {
        return refuse(in, CAT_E_INVALID,
                      is_template(in) ? CAT_YAML_TEMPLATE : "a member's name must be a text, not a list or a group");
    } else if (is_merge(event)) {
        return in->caps->no_aliases ? refuse(in, CAT_E_INVALID, "merge keys are not supported") : 0;
    } else {
        const char *text = (const char *)event->data.scalar.value;
        cat_autojson json_t *value = json_string(text);
        int code = check_name(in, text);
        if (code == 0)
            code = value ? remember(in, (const char *)event->data.scalar.anchor, value)
                         : refuse(in, CAT_E_INVALID, "a member's name is not UTF-8");
        if (code < 0)
            return code;
        *name = cat_strdup(text);
    }
    if (json_object_get(object, *name)) {
        int code = cat_error_set(in->error, CAT_E_INVALID, "line %zu, column %zu: the name \"%.100s\" is there twice",
                                 event->start_mark.line + 1, event->start_mark.column + 1, *name);
        free(*name);
        *name = NULL;
        return code;
    }
    return 0;
}

/* What is merged gives way to what is there, an earlier one of a list before a later one. */
static bool merge_from(json_t *into, json_t *from)
{
    size_t index;
    json_t *one;
    if (json_is_object(from))
        return json_object_update_missing(into, from) == 0;
    json_array_foreach(from, index, one)
    {
        if (!json_is_object(one))
            return false;
        json_object_update_missing(into, one);
    }
    return json_is_array(from);
}

static int read_member(reader *in, json_t *object, bool flow, json_t **merged)
{
    cat_autofree char *name = NULL;
    yaml_mark_t mark = in->event.start_mark;
    int code = read_name(in, object, &name);
    if (code == 0 && !name && *merged)
        code = refuse(in, CAT_E_INVALID, "the name \"<<\" is there twice");
    if (code < 0 || (code = next_event(in)) < 0)
        return code;
    json_t *value = NULL;
    size_t length = in->pointer.length;
    push_name(in, name ? name : MERGE);
    in->flow_member = flow;
    code = read_node(in, &value);
    pop_name(in, length);
    if (code < 0)
        return code;
    cat_autojson json_t *trial = json_object();
    if (name)
        json_object_set_new(object, name, value);
    else if (merge_from(trial, *merged = value) == false)
        return refuse_at(in, CAT_E_INVALID, &mark, "what << merges must be a group of fields, or a list of such");
    return 0;
}

static int read_members(reader *in, bool flow, json_t *object)
{
    cat_autojson json_t *merged = NULL;
    for (;;) {
        int code = next_event(in);
        if (code < 0)
            return code;
        if (in->event.type == YAML_MAPPING_END_EVENT)
            break;
        if ((code = read_member(in, object, flow, &merged)) < 0)
            return code;
    }
    if (merged)
        merge_from(object, merged);
    return 0;
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
    const char *found = (const char *)(mapping ? in->event.data.mapping_start.anchor : in->event.data.sequence_start.anchor);
    const char *tag = (const char *)(mapping ? in->event.data.mapping_start.tag : in->event.data.sequence_start.tag);
    bool flow = mapping && in->event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    /* go-yaml lets every tag of a list or a group pass, and changes nothing for it. */
    if (tag && in->caps->no_aliases && strcmp(tag, mapping ? YAML_MAP_TAG : YAML_SEQ_TAG) != 0)
        return refuse(in, CAT_E_INVALID, "tags other than YAML's own are not supported");
    if (in->depth == in->caps->max_depth)
        return refuse(in, CAT_E_TOO_LARGE, "the document is nested too deep");
    cat_autofree char *anchor = found ? cat_strdup(found) : NULL;
    int code = remember(in, anchor, NULL);
    if (code < 0)
        return code;
    in->depth++;
    cat_autojson json_t *made = mapping ? json_object() : json_array();
    code = mapping ? read_members(in, flow, made) : read_elements(in, made);
    in->depth--;
    if (code == 0 && (code = remember(in, anchor, made)) == 0)
        *json = cat_take(made);
    return code;
}

/* JSON's escape of a slash, which libyaml takes and go-yaml does not. */
static bool has_escaped_slash(reader *in)
{
    if (in->event.data.scalar.style != YAML_DOUBLE_QUOTED_SCALAR_STYLE)
        return false;
    size_t at = offset_of(in, in->event.start_mark.index), end = offset_of(in, in->event.end_mark.index);
    for (; at + 1 < end; at++) {
        if (in->text[at] != '\\')
            continue;
        if (in->text[++at] == '/')
            return true;
    }
    return false;
}

static bool is_common_tag(const char *tag)
{
    static const char *const TAGS[] = {"!", YAML_STR_TAG, YAML_NULL_TAG, YAML_BOOL_TAG, YAML_INT_TAG, YAML_FLOAT_TAG};
    for (size_t i = 0; i < sizeof TAGS / sizeof *TAGS; i++)
        if (strcmp(tag, TAGS[i]) == 0)
            return true;
    return false;
}

static int read_scalar(reader *in, bool flow_member, json_t **json)
{
    const char *text = (const char *)in->event.data.scalar.value, *tag = (const char *)in->event.data.scalar.tag, *why = NULL;
    bool plain = in->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (tag && in->caps->no_aliases && !is_common_tag(tag))
        return refuse(in, CAT_E_INVALID, "tags other than YAML's own are not supported");
    if (has_escaped_slash(in))
        return refuse(in, CAT_E_INVALID, "\\/ is no escape here: write / alone");
    /* kustomize writes `{a: }` anew as `{a: ""}`. */
    bool is_text = plain && !tag && ((flow_member && !*text) || (in->caps->as_written && !cat_yaml_is_null(text)));
    cat_autojson json_t *value = is_text ? json_string(text) : NULL;
    if (!value && cat_yaml_scalar(text, in->event.data.scalar.length, tag, plain, &value, &why) < 0)
        return refuse(in, CAT_E_INVALID, why);
    int code = remember(in, (const char *)in->event.data.scalar.anchor, value);
    if (code == 0)
        *json = cat_take(value);
    return code;
}

/* The value that begins with the current event. */
static int read_node(reader *in, json_t **json)
{
    bool flow_member = in->flow_member;
    in->flow_member = false;
    if (++in->nodes > in->caps->max_nodes)
        return refuse(in, CAT_E_TOO_LARGE, "the document has too many values");
    note_position(in);
    switch (in->event.type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(in, flow_member, json);
    case YAML_MAPPING_START_EVENT:
        return read_collection(in, true, json);
    case YAML_SEQUENCE_START_EVENT:
        return read_collection(in, false, json);
    case YAML_ALIAS_EVENT:
        return follow(in, json);
    default:
        return refuse(in, CAT_E_INVALID, "a value is missing");
    }
}

/* ---- documents ---- */

/* libyaml compares each tag directive with all before it, so that a megabyte of them takes seconds. They are refused later. */
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

/* A byte order mark, or its first character's other half. */
static bool is_wide(const char *text, size_t length)
{
    return length >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0 || !text[0] || !text[1]);
}

static int check_text(const char *text, size_t length, const cat_yaml_caps *caps, cat_error *error)
{
    if (length > caps->max_bytes)
        return cat_error_set(error, CAT_E_TOO_LARGE, "the YAML text has %zu bytes, at most %zu are allowed", length,
                             caps->max_bytes);
    if (is_wide(text, length))
        return cat_error_set(error, CAT_E_INVALID, "line 1, column 1: the text is UTF-16 or UTF-32: save the file as UTF-8");
    if (length && has_many_directives(text, length))
        return cat_error_set(error, CAT_E_TOO_LARGE, "the YAML text has more than %d tag directives", TAG_DIRECTIVES_MAX);
    return 0;
}

static int reader_init(reader *in, const char *text, size_t length, const cat_yaml_caps *caps, cat_error *error)
{
    int code = check_text(text, length, caps, error);
    if (code < 0)
        return code;
    /* For libyaml a byte order mark is a column, and the next line then stands further left. */
    size_t mark = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    text += mark;
    length -= mark;
    *in = (reader){.caps = caps,
                   .error = error,
                   .text = text,
                   .length = length,
                   .bytes = length,
                   .anchors = cat_map_create(free_anchored),
                   .pointer = CAT_STRING(caps->max_bytes * 2 + 16)};
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
    if (in->event.data.document_start.version_directive ||
        in->event.data.document_start.tag_directives.start != in->event.data.document_start.tag_directives.end)
        return refuse(in, CAT_E_INVALID, "lines that begin with % (%YAML, %TAG) are not supported: take them away");
    cat_map_clear(in->anchors);
    in->document_mark = in->event.start_mark;
    result = next_event(in);
    if (result < 0)
        return result;
    cat_autojson json_t *value = NULL;
    result = read_node(in, &value);
    if (result < 0 || (result = next_event(in)) < 0)
        return result;
    if (++in->documents > in->caps->max_documents)
        return cat_error_set(in->error, CAT_E_TOO_LARGE, "there are more than %zu documents", in->caps->max_documents);
    *json = cat_take(value);
    return 0;
}

static cat_yaml_positions *positions_create(void)
{
    cat_yaml_positions *positions = cat_calloc(1, sizeof *positions);
    positions->marks = cat_map_create(NULL);
    return positions;
}

/* The next document that holds something, or is `null`; NULL there at the stream's end. kustomize passes over the others: what
 * stands before a first `---` or behind a last one. */
static int read_filled(reader *in, json_t **json)
{
    cat_autojson json_t *value = NULL;
    do {
        json_decref(value);
        value = NULL;
        int result = read_document(in, &value);
        if (result < 0)
            return result;
    } while (json_is_null(value));
    *json = cat_take(value);
    return 0;
}

static int parse_one(reader *in, json_t **json)
{
    cat_autojson json_t *first = NULL, *second = NULL;
    int result = read_filled(in, &first);
    if (result < 0)
        return result;
    if (!first) {
        if (in->positions && !cat_map_get(in->positions->marks, ""))
            note_position(in);
        first = json_null();
    } else {
        cat_yaml_positions *positions = in->positions;
        in->positions = NULL;
        result = read_filled(in, &second);
        in->positions = positions;
        if (result < 0)
            return result;
        if (second)
            return refuse_at(in, CAT_E_INVALID, &in->document_mark,
                             "there is more than one document: a file has one, so take this one out");
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
    return reader_finish(&in, result);
}

static int parse_all(reader *in, json_t **documents)
{
    cat_autojson json_t *all = json_array();
    for (;;) {
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
    return reader_finish(&in, result);
}

int cat_yaml_measure(const char *text, size_t length, const cat_yaml_caps *caps, size_t *nodes, cat_error *error)
{
    reader in;
    int code = reader_init(&in, text, length, caps, error);
    if (code < 0)
        return code;
    cat_autojson json_t *documents = NULL;
    code = parse_all(&in, &documents);
    if (code == 0)
        *nodes = in.nodes;
    return reader_finish(&in, code);
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
