#include "wire/yaml_tree.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define COMMENT_SHOWN_MAX ((size_t)200)

typedef struct {
    yaml_parser_t parser;
    const char *text;
    size_t length;
    uint32_t *offsets; /* libyaml counts characters */
    size_t characters;
} building;

static void note_offsets(building *in, size_t mark)
{
    in->offsets = cat_malloc((in->length + 1) * sizeof *in->offsets);
    for (size_t i = mark; i < in->length; i++)
        if (((unsigned char)in->text[i] & 0xC0) != 0x80)
            in->offsets[in->characters++] = (uint32_t)i;
    in->offsets[in->characters] = (uint32_t)in->length;
}

static size_t offset_of(const building *in, const yaml_mark_t *mark)
{
    return in->offsets[mark->index < in->characters ? mark->index : in->characters];
}

void yaml_tree_destroy(yaml_place *place)
{
    if (!place)
        return;
    for (size_t i = 0; i < place->count; i++)
        yaml_tree_destroy(place->items[i]);
    free(place->items);
    free(place->anchor);
    free(place->text);
    free(place);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A block scalar's event ends behind the empty lines below it. */
static size_t trimmed(const building *in, size_t start, size_t end)
{
    while (end > start && is_blank(in->text[end - 1]))
        end--;
    return end;
}

static yaml_place *build(building *in, const yaml_event_t *event);

static void build_items(building *in, yaml_place *place)
{
    size_t capacity = 0;
    for (;;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&in->parser, &event))
            return;
        bool ends = event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT;
        if (ends) {
            if (place->flow)
                place->end = offset_of(in, &event.end_mark);
            yaml_event_delete(&event);
            return;
        }
        if (place->count == capacity) {
            capacity = capacity ? capacity * 2 : 8;
            place->items = cat_realloc(place->items, capacity * sizeof(yaml_place *));
        }
        yaml_place *item = build(in, &event);
        yaml_event_delete(&event);
        place->items[place->count++] = item;
        if (!place->flow && item->end > place->end)
            place->end = item->end;
    }
}

static yaml_place *build(building *in, const yaml_event_t *event)
{
    yaml_place *place = cat_calloc(1, sizeof *place);
    const yaml_char_t *anchor = NULL;
    place->type = event->type;
    place->start = offset_of(in, &event->start_mark);
    place->end = trimmed(in, place->start, offset_of(in, &event->end_mark));
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        place->style = event->data.scalar.style;
        place->text = cat_strdup((const char *)event->data.scalar.value);
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        place->flow = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        place->flow = event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    }
    place->anchor = anchor ? cat_strdup((const char *)anchor) : NULL;
    if (event->type == YAML_MAPPING_START_EVENT || event->type == YAML_SEQUENCE_START_EVENT)
        build_items(in, place);
    return place;
}

yaml_place *yaml_tree_create(const char *text, size_t length)
{
    building in = {.text = text, .length = length};
    yaml_place *root = NULL;
    if (!yaml_parser_initialize(&in.parser))
        abort();
    yaml_parser_set_encoding(&in.parser, YAML_UTF8_ENCODING);
    /* For libyaml a byte order mark is a column. */
    size_t mark = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    yaml_parser_set_input_string(&in.parser, (const unsigned char *)text + mark, length - mark);
    note_offsets(&in, mark);
    for (bool over = false; !root && !over;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&in.parser, &event))
            break;
        if (event.type == YAML_SCALAR_EVENT || event.type == YAML_MAPPING_START_EVENT || event.type == YAML_SEQUENCE_START_EVENT)
            root = build(&in, &event);
        over = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    free(in.offsets);
    yaml_parser_delete(&in.parser);
    return root;
}

/* --- comments --- */

static void cover(const yaml_place *place, const char *text, unsigned char *covered)
{
    size_t start = place->start;
    for (size_t i = 0; i < place->count; i++)
        cover(place->items[i], text, covered);
    if (place->type != YAML_SCALAR_EVENT)
        return;
    /* Behind `|` and `>` there may be a comment. */
    if (place->style == YAML_LITERAL_SCALAR_STYLE || place->style == YAML_FOLDED_SCALAR_STYLE)
        while (start < place->end && text[start] != '\n')
            start++;
    memset(covered + start, 1, place->end - start);
}

void yaml_tree_comments(const yaml_place *tree, const char *text, size_t length, cat_strings *comments)
{
    cat_autofree unsigned char *covered = cat_calloc(length + 1, 1);
    if (tree)
        cover(tree, text, covered);
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '#' || covered[i] || (i > 0 && !is_blank(text[i - 1])))
            continue;
        size_t end = i;
        while (end < length && text[end] != '\n')
            end++;
        size_t shown = end - i < COMMENT_SHOWN_MAX ? end - i : COMMENT_SHOWN_MAX;
        while (shown > 0 && (is_blank(text[i + shown - 1]) || !cat_text_is_utf8(text + i, shown)))
            shown--;
        cat_autofree char *comment = cat_strndup(text + i, shown);
        cat_strings_add(comments, comment);
        i = end;
    }
}
