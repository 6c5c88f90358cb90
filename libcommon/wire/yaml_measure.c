/* How large a YAML text becomes when a reader that follows aliases has read it. */
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/map.h"
#include "base/memory.h"
#include "wire/yaml.h"
#include "wire/yaml_internal.h"

typedef struct {
    size_t nodes, bytes;
    unsigned depth; /* of what stands below */
} extent;

/* One collection that is open, and the anchor that it got. */
typedef struct {
    extent inside;
    char *anchor;
} level;

typedef struct {
    yaml_parser_t parser;
    yaml_event_t event;
    const cat_yaml_caps *caps;
    cat_map *anchors; /* of this document: name → extent */
    level *levels;
    size_t depth;
    extent whole;
    cat_error *error;
} measuring;

static int refuse(measuring *in, int code, const yaml_mark_t *mark, const char *what)
{
    return cat_error_set(in->error, code, "line %zu, column %zu: %s", mark->line + 1, mark->column + 1, what);
}

static int add(measuring *in, const extent *more)
{
    extent *into = in->depth ? &in->levels[in->depth - 1].inside : &in->whole;
    into->nodes += more->nodes;
    into->bytes += more->bytes;
    if (more->depth + 1 > into->depth)
        into->depth = more->depth + 1;
    /* What is open is counted with what it stands in. */
    size_t nodes = in->whole.nodes, bytes = in->whole.bytes;
    for (size_t i = 0; i < in->depth; i++) {
        nodes += in->levels[i].inside.nodes;
        bytes += in->levels[i].inside.bytes;
    }
    if (nodes > in->caps->max_nodes || bytes > in->caps->max_bytes)
        return refuse(in, CAT_E_TOO_LARGE, &in->event.start_mark, "the document becomes too large when its aliases are followed");
    if (in->depth + more->depth >= in->caps->max_depth)
        return refuse(in, CAT_E_TOO_LARGE, &in->event.start_mark, "the document is nested too deep");
    return 0;
}

static void remember(measuring *in, const char *anchor, const extent *of)
{
    if (!anchor)
        return;
    extent *kept = cat_malloc(sizeof *kept);
    *kept = *of;
    cat_map_set(in->anchors, anchor, kept);
}

static int begin(measuring *in, const yaml_char_t *anchor)
{
    if (in->depth + 1 >= in->caps->max_depth)
        return refuse(in, CAT_E_TOO_LARGE, &in->event.start_mark, "the document is nested too deep");
    in->levels[in->depth++] = (level){.inside = {.nodes = 1}, .anchor = anchor ? cat_strdup((const char *)anchor) : NULL};
    return 0;
}

static int end(measuring *in)
{
    level closed = in->levels[--in->depth];
    remember(in, closed.anchor, &closed.inside);
    free(closed.anchor);
    return add(in, &closed.inside);
}

/* An anchor that is still open is not known yet: what holds itself has no end. */
static int follow(measuring *in)
{
    const extent *known = cat_map_get(in->anchors, (const char *)in->event.data.alias.anchor);
    if (!known)
        return refuse(in, CAT_E_INVALID, &in->event.start_mark,
                      "an alias is of an anchor that is not there, or stands inside it");
    extent copy = *known;
    return add(in, &copy);
}

static int scalar(measuring *in)
{
    extent one = {.nodes = 1, .bytes = in->event.data.scalar.length};
    remember(in, (const char *)in->event.data.scalar.anchor, &one);
    return add(in, &one);
}

static int take(measuring *in)
{
    switch (in->event.type) {
    case YAML_DOCUMENT_START_EVENT:
        cat_map_clear(in->anchors);
        return 0;
    case YAML_SCALAR_EVENT:
        return scalar(in);
    case YAML_ALIAS_EVENT:
        return follow(in);
    case YAML_MAPPING_START_EVENT:
        return begin(in, in->event.data.mapping_start.anchor);
    case YAML_SEQUENCE_START_EVENT:
        return begin(in, in->event.data.sequence_start.anchor);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        return end(in);
    default:
        return 0;
    }
}

static int unreadable(measuring *in)
{
    if (in->parser.error == YAML_MEMORY_ERROR)
        abort();
    const char *problem = in->parser.problem ? in->parser.problem : "it cannot be read";
    if (in->parser.error == YAML_READER_ERROR)
        return cat_error_set(in->error, CAT_E_INVALID, "byte %zu: %s", in->parser.problem_offset, problem);
    return refuse(in, CAT_E_INVALID, &in->parser.problem_mark, problem);
}

static int measure(measuring *in)
{
    for (bool over = false; !over;) {
        if (!yaml_parser_parse(&in->parser, &in->event))
            return unreadable(in);
        over = in->event.type == YAML_STREAM_END_EVENT;
        int code = take(in);
        yaml_event_delete(&in->event);
        if (code < 0)
            return code;
    }
    return 0;
}

int cat_yaml_measure(const char *text, size_t length, const cat_yaml_caps *caps, size_t *nodes, cat_error *error)
{
    int code = cat_yaml_check_text(text, length, caps, error);
    if (code < 0)
        return code;
    measuring in = {.caps = caps, .error = error};
    if (!yaml_parser_initialize(&in.parser))
        abort();
    yaml_parser_set_encoding(&in.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&in.parser, (const unsigned char *)(length ? text : ""), length);
    in.anchors = cat_map_create(free);
    in.levels = cat_calloc(caps->max_depth + 1, sizeof *in.levels);
    code = measure(&in);
    while (in.depth > 0)
        free(in.levels[--in.depth].anchor);
    free(in.levels);
    cat_map_destroy(in.anchors);
    yaml_parser_delete(&in.parser);
    if (code == 0)
        *nodes = in.whole.nodes;
    return code;
}
