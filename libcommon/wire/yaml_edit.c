/* The difference between what a text says and what it should say, as pieces of it that are put in place of others. */
#include "wire/yaml_edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "wire/yaml_internal.h"
#include "wire/yaml_tree.h"

#define TEXT_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define PASSES 3 /* a change below an anchor shows at its aliases in the next */

typedef struct {
    size_t start, end, order; /* of the text, bytes */
    char *text;               /* what comes there */
} piece;

typedef struct {
    const char *text;
    size_t length;
    const char *line_end; /* as the text has it */
    piece *pieces;
    size_t count, capacity;
    bool keeps_aliases; /* what they stand for may change with another piece */
    bool impossible;
} editing;

static void edit_value(editing *in, const yaml_place *place, const json_t *is, const json_t *wanted);

static void put(editing *in, size_t start, size_t end, char *text_taken)
{
    if (in->count == in->capacity) {
        in->capacity = in->capacity ? in->capacity * 2 : 16;
        in->pieces = cat_realloc(in->pieces, in->capacity * sizeof *in->pieces);
    }
    in->pieces[in->count] = (piece){start, end, in->count, text_taken};
    in->count++;
}

/* --- lines --- */

static size_t line_start(const editing *in, size_t at)
{
    while (at > 0 && in->text[at - 1] != '\n')
        at--;
    return at;
}

/* Before the line's end. */
static size_t line_end(const editing *in, size_t at)
{
    while (at < in->length && in->text[at] != '\n')
        at++;
    return at > 0 && at < in->length && in->text[at - 1] == '\r' ? at - 1 : at;
}

/* Behind it. */
static size_t next_line(const editing *in, size_t at)
{
    while (at < in->length && in->text[at] != '\n')
        at++;
    return at < in->length ? at + 1 : at;
}

/* The indentation of what stands at `at`, a byte order mark not counted. */
static size_t column_of(const editing *in, size_t at)
{
    size_t start = line_start(in, at);
    if (start == 0 && in->length >= 3 && memcmp(in->text, "\xef\xbb\xbf", 3) == 0)
        start = 3;
    return at - start;
}

static bool is_first_on_line(const editing *in, size_t at)
{
    for (size_t i = line_start(in, at); i < at; i++)
        if (in->text[i] != ' ')
            return false;
    return true;
}

/* --- new text --- */

/* Lines after the first are indented, empty ones not; line ends become the text's. No line end at the end. */
static char *indented(const editing *in, const char *block, size_t indent)
{
    cat_auto(cat_string) out = CAT_STRING(TEXT_MAX_BYTES);
    size_t length = strlen(block);
    if (length && block[length - 1] == '\n')
        length--;
    for (size_t i = 0; i < length; i++) {
        if (block[i] != '\n') {
            cat_string_append_char(&out, block[i]);
            continue;
        }
        cat_string_append(&out, in->line_end);
        for (size_t n = 0; i + 1 < length && block[i + 1] != '\n' && n < indent; n++)
            cat_string_append_char(&out, ' ');
    }
    return cat_string_take(&out);
}

static char *spaces(size_t count)
{
    char *text = cat_malloc(count + 1);
    memset(text, ' ', count);
    text[count] = '\0';
    return text;
}

static void write_flow(cat_string *out, const json_t *value)
{
    size_t index, count = 0;
    json_t *item;
    const char *name;
    if (json_is_array(value)) {
        cat_string_append_char(out, '[');
        json_array_foreach(value, index, item)
        {
            cat_string_append(out, index ? ", " : "");
            write_flow(out, item);
        }
        cat_string_append_char(out, ']');
        return;
    }
    if (json_is_object(value)) {
        cat_string_append_char(out, '{');
        json_object_foreach((json_t *)value, name, item)
        {
            cat_autojson json_t *text = json_string(name);
            cat_string_append(out, count++ ? ", " : "");
            write_flow(out, text);
            cat_string_append(out, ": ");
            write_flow(out, item);
        }
        cat_string_append_char(out, '}');
        return;
    }
    cat_autofree char *text = cat_json_format(value);
    static const char *const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
    if (json_is_string(value)) {
        /* Plain where the block form is, and nothing in it means something in a list. */
        cat_autofree char *block = cat_yaml_format(value);
        size_t length = strlen(block) - 1;
        if (length > 0 && strspn(block, LETTERS) == length)
            block[length] = '\0';
        cat_string_append(out, block[length] ? text : block);
        return;
    }
    cat_string_append(out, text);
}

static char *flow_of(const json_t *value)
{
    cat_auto(cat_string) out = CAT_STRING(TEXT_MAX_BYTES);
    write_flow(&out, value);
    return cat_string_take(&out);
}

/* A text of one line in the quotes that stand there already; NULL: not so. */
static char *quoted_as(const yaml_place *place, const json_t *value)
{
    const char *text = json_string_value(value);
    if (!text || strpbrk(text, "\n\r\t") || place->type != YAML_SCALAR_EVENT)
        return NULL;
    if (place->style == YAML_DOUBLE_QUOTED_SCALAR_STYLE)
        return cat_json_format(value);
    if (place->style != YAML_SINGLE_QUOTED_SCALAR_STYLE)
        return NULL;
    cat_auto(cat_string) out = CAT_STRING(TEXT_MAX_BYTES);
    cat_string_append_char(&out, '\'');
    for (; *text; text++)
        cat_string_append(&out, *text == '\'' ? "''" : (char[]){*text, '\0'});
    cat_string_append_char(&out, '\'');
    return cat_string_take(&out);
}

/* --- one value --- */

/* The new head stands where the old value did; lines below it come after the line, behind a comment that ends it. */
static void put_block(editing *in, const yaml_place *place, size_t from, const char *lead, char *block_taken)
{
    cat_autofree char *block = block_taken;
    cat_autofree char *anchor = place->anchor ? cat_printf("&%s ", place->anchor) : cat_strdup("");
    size_t head = strcspn(block, "\r\n");
    put(in, from, place->end, cat_printf("%s%s%.*s", lead, anchor, (int)head, block));
    if (block[head]) {
        size_t end = line_end(in, place->end);
        put(in, end, end, cat_strdup(block + head));
    }
}

static bool is_filled(const json_t *value)
{
    return json_object_size(value) > 0 || json_array_size(value) > 0;
}

/* Of a member in block form: what stands behind its colon. */
static void replace_member(editing *in, const yaml_place *name, const yaml_place *place, const json_t *wanted)
{
    size_t colon = name->end;
    while (colon < in->length && in->text[colon] == ' ')
        colon++;
    if (colon >= in->length || in->text[colon] != ':') {
        in->impossible = true;
        return;
    }
    char *quoted = quoted_as(place, wanted);
    if (quoted) {
        put_block(in, place, place->start, "", quoted);
        return;
    }
    /* With a short name, as the name decides on nothing but the first line. */
    cat_autojson json_t *member = cat_json_object("x", json_incref((json_t *)wanted), NULL);
    cat_autofree char *formatted = cat_yaml_format(member);
    char *block = indented(in, formatted + strlen("x:"), column_of(in, name->start));
    bool inline_before = place->end > place->start && !is_filled(wanted) && line_start(in, place->start) <= colon;
    if (inline_before && *block == ' ') {
        memmove(block, block + 1, strlen(block));
        put_block(in, place, place->start, "", block);
    } else {
        put_block(in, place, colon + 1, place->anchor ? " " : "", block);
    }
}

static void replace_element(editing *in, const yaml_place *place, const json_t *wanted)
{
    char *quoted = quoted_as(place, wanted);
    if (!quoted) {
        cat_autofree char *formatted = cat_yaml_format(wanted);
        quoted = indented(in, formatted, column_of(in, place->start));
    }
    put_block(in, place, place->start, place->end == place->start ? " " : "", quoted);
}

static void replace_in_flow(editing *in, const yaml_place *place, const json_t *wanted)
{
    char *quoted = quoted_as(place, wanted);
    cat_autofree char *text = quoted ? quoted : flow_of(wanted);
    const char *anchor = place->anchor ? place->anchor : "", *lead = place->end == place->start ? " " : "";
    put(in, place->start, place->end, cat_printf("%s%s%s%s%s", lead, *anchor ? "&" : "", anchor, *anchor ? " " : "", text));
}

/* --- groups --- */

static void remove_member(editing *in, const yaml_place *group, size_t index)
{
    const yaml_place *name = group->items[index], *value = group->items[index + 1];
    size_t end = value->end > name->end ? value->end : name->end;
    if (is_first_on_line(in, name->start))
        put(in, line_start(in, name->start), next_line(in, end), cat_strdup(""));
    else if (index + 2 < group->count)
        put(in, name->start, group->items[index + 2]->start, cat_strdup(""));
    else
        in->impossible = true;
}

static void add_member(editing *in, const yaml_place *group, size_t after, const char *name, const json_t *value)
{
    const yaml_place *last = group->items[after], *last_value = group->items[after + 1];
    size_t column = column_of(in, group->items[0]->start);
    size_t end = line_end(in, last_value->end > last->end ? last_value->end : last->end);
    cat_autojson json_t *member = cat_json_object(name, json_incref((json_t *)value), NULL);
    cat_autofree char *formatted = cat_yaml_format(member), *lead = spaces(column);
    cat_autofree char *block = indented(in, formatted, column);
    put(in, end, end, cat_printf("%s%s%s", in->line_end, lead, block));
}

static bool is_name(const yaml_place *place, const char *name)
{
    return place->type == YAML_SCALAR_EVENT && cat_text_equal(place->text, name);
}

static size_t index_of(const yaml_place *group, const char *name)
{
    size_t i = 0;
    while (i < group->count && !is_name(group->items[i], name))
        i += 2;
    return i;
}

/* Whether every member of one is one of the other. */
static bool has_same_names(const json_t *a, const json_t *b)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)a, name, value) if (!json_object_get(b, name)) return false;
    return json_object_size(a) == json_object_size(b);
}

/* The last member that stays; `count` when none does. */
static size_t last_kept(const yaml_place *group, const json_t *wanted)
{
    size_t kept = group->count;
    for (size_t i = 0; i + 1 < group->count; i += 2)
        if (group->items[i]->text && json_object_get(wanted, group->items[i]->text))
            kept = i;
    return kept;
}

static void edit_members(editing *in, const yaml_place *group, const json_t *is, const json_t *wanted)
{
    const char *name;
    json_t *value;
    size_t kept = last_kept(group, wanted);
    json_object_foreach((json_t *)wanted, name, value)
    {
        const json_t *old = json_object_get(is, name);
        size_t at = index_of(group, name);
        if (old && json_equal(old, value))
            continue;
        if (at >= group->count) { /* new, or it comes from what is merged */
            add_member(in, group, kept, name, value);
            continue;
        }
        const yaml_place *place = group->items[at + 1];
        if (in->keeps_aliases && place->type == YAML_ALIAS_EVENT)
            continue;
        bool inside = (json_is_object(old) && json_is_object(value)) || (json_is_array(old) && json_is_array(value));
        size_t before = in->count;
        if (inside && is_filled(value))
            edit_value(in, place, old, value);
        if (in->count == before)
            replace_member(in, group->items[at], place, value);
    }
    for (size_t i = 0; i + 1 < group->count; i += 2)
        if (group->items[i]->text && json_object_get(is, group->items[i]->text) &&
            !json_object_get(wanted, group->items[i]->text))
            remove_member(in, group, i);
}

static void edit_flow(editing *in, const yaml_place *place, const json_t *is, const json_t *wanted)
{
    bool group = place->type == YAML_MAPPING_START_EVENT;
    bool alike = group ? has_same_names(is, wanted) : json_array_size(is) == json_array_size(wanted);
    for (size_t i = 0; alike && i < place->count; i += group ? 2 : 1) {
        const yaml_place *item = place->items[group ? i + 1 : i];
        const char *name = group ? place->items[i]->text : NULL;
        const json_t *old = group ? json_object_get(is, name ? name : "") : json_array_get(is, i);
        const json_t *value = group ? json_object_get(wanted, name ? name : "") : json_array_get(wanted, i);
        if (!old || !value || json_equal(old, value))
            continue;
        size_t before = in->count;
        if (json_typeof(old) == json_typeof(value) && item->flow)
            edit_flow(in, item, old, value);
        if (in->count == before)
            replace_in_flow(in, item, value);
    }
    if (!alike)
        replace_in_flow(in, place, wanted);
}

/* --- lists --- */

static size_t dash_of(const editing *in, const yaml_place *item)
{
    size_t at = item->start;
    while (at > 0 && in->text[at] != '-')
        at--;
    /* An element that begins with a dash itself: a number, or a list. */
    if (at == item->start)
        for (at--; at > 0 && in->text[at] != '-';)
            at--;
    return at;
}

static void remove_elements(editing *in, const yaml_place *list, size_t from, size_t to)
{
    size_t start = dash_of(in, list->items[from]);
    if (!is_first_on_line(in, start))
        in->impossible = true;
    else
        put(in, line_start(in, start), next_line(in, list->items[to - 1]->end), cat_strdup(""));
}

static void add_elements(editing *in, const yaml_place *list, size_t after, const json_t *wanted, size_t from, size_t to)
{
    size_t end = line_end(in, list->items[after]->end), column = column_of(in, list->start);
    cat_autofree char *lead = spaces(column);
    cat_auto(cat_string) out = CAT_STRING(TEXT_MAX_BYTES);
    for (size_t i = from; i < to; i++) {
        cat_autofree char *formatted = cat_yaml_format(json_array_get(wanted, i));
        cat_autofree char *block = indented(in, formatted, column + 2);
        cat_string_append(&out, in->line_end);
        cat_string_append(&out, lead);
        cat_string_append(&out, "- ");
        cat_string_append(&out, block);
    }
    put(in, end, end, cat_string_take(&out));
}

static void edit_elements(editing *in, const yaml_place *list, const json_t *is, const json_t *wanted)
{
    size_t old = json_array_size(is), new = json_array_size(wanted), front = 0, back = 0;
    if (list->count != old || old == 0) {
        in->impossible = true;
        return;
    }
    while (front < old && front < new &&json_equal(json_array_get(is, front), json_array_get(wanted, front)))
        front++;
    while (back < old - front &&
           back < new - front &&json_equal(json_array_get(is, old - 1 - back), json_array_get(wanted, new - 1 - back)))
        back++;
    size_t both = (old < new ? old : new) - front - back;
    for (size_t i = front; i < front + both; i++) {
        size_t before = in->count;
        const json_t *from = json_array_get(is, i), *to = json_array_get(wanted, i);
        if (in->keeps_aliases && list->items[i]->type == YAML_ALIAS_EVENT)
            continue;
        if (json_typeof(from) == json_typeof(to) && is_filled(to))
            edit_value(in, list->items[i], from, to);
        if (in->count == before && !json_equal(from, to))
            replace_element(in, list->items[i], to);
    }
    if (old > front + both + back)
        remove_elements(in, list, front + both, old - back);
    if (new <= front + both + back)
        return;
    if (front + both > 0)
        add_elements(in, list, front + both - 1, wanted, front + both, new - back);
    else
        in->impossible = true;
}

/* Changes inside a group or list; what it cannot change so is left to the caller, who replaces the whole. */
static void edit_value(editing *in, const yaml_place *place, const json_t *is, const json_t *wanted)
{
    size_t before = in->count;
    bool could = !in->impossible;
    if (place->flow && place->count > 0)
        edit_flow(in, place, is, wanted);
    else if (place->type == YAML_MAPPING_START_EVENT && last_kept(place, wanted) < place->count)
        edit_members(in, place, is, wanted);
    else if (place->type == YAML_SEQUENCE_START_EVENT && !place->flow)
        edit_elements(in, place, is, wanted);
    if (!in->impossible || !could)
        return;
    while (in->count > before)
        free(in->pieces[--in->count].text);
    in->impossible = false;
}

/* --- the whole --- */

static int by_start(const void *a, const void *b)
{
    const piece *first = a, *second = b;
    if (first->start != second->start)
        return first->start < second->start ? -1 : 1;
    if (first->end != second->end)
        return first->end < second->end ? -1 : 1;
    return first->order < second->order ? -1 : 1; /* what is added at one place stays in the order of the wanted members */
}

static char *apply(editing *in)
{
    cat_auto(cat_string) out = CAT_STRING(TEXT_MAX_BYTES);
    size_t at = 0;
    if (in->count)
        qsort(in->pieces, in->count, sizeof *in->pieces, by_start);
    for (size_t i = 0; i < in->count; i++) {
        const piece *next = &in->pieces[i];
        if (next->start < at)
            return NULL;
        cat_string_append_bytes(&out, in->text + at, next->start - at);
        cat_string_append(&out, next->text);
        at = next->end;
    }
    cat_string_append_bytes(&out, in->text + at, in->length - at);
    return out.overflowed ? NULL : cat_string_take(&out);
}

/* A text of comments alone gets the value below them. */
static char *append_to(const editing *in, const json_t *wanted)
{
    cat_autofree char *formatted = cat_yaml_format(wanted);
    cat_autofree char *block = indented(in, formatted, 0);
    bool ended = in->length == 0 || in->text[in->length - 1] == '\n';
    return cat_printf("%.*s%s%s%s", (int)in->length, in->text, ended ? "" : in->line_end, block, in->line_end);
}

static char *edit_once(const char *text, size_t length, const json_t *is, const json_t *wanted, bool keeps_aliases)
{
    const char *first = memchr(text, '\n', length);
    editing in = {.text = text,
                  .length = length,
                  .line_end = first && first > text && first[-1] == '\r' ? "\r\n" : "\n",
                  .keeps_aliases = keeps_aliases};
    yaml_place *tree = yaml_tree_create(text, length);
    char *changed = NULL;
    if (tree)
        edit_value(&in, tree, is, wanted);
    if (!tree || (in.count == 0 && tree->start == tree->end))
        changed = append_to(&in, wanted);
    else if (in.count > 0 && !in.impossible)
        changed = apply(&in);
    for (size_t i = 0; i < in.count; i++)
        free(in.pieces[i].text);
    free(in.pieces);
    yaml_tree_destroy(tree);
    return changed;
}

/* The changed text, or NULL. */
static char *edit_in_place(const char *text, size_t length, const cat_yaml_caps *caps, const json_t *wanted)
{
    if (memchr(text, '\0', length))
        return NULL;
    cat_autofree char *now = cat_strndup(text, length);
    for (unsigned pass = 0; pass <= PASSES; pass++) {
        cat_autojson json_t *is = NULL;
        if (cat_yaml_parse(now, strlen(now), caps, &is, NULL, NULL) < 0)
            return NULL;
        if (json_equal(is, wanted))
            return cat_take(now);
        char *changed = pass == 0 ? edit_once(now, strlen(now), is, wanted, true) : NULL;
        if (!changed)
            changed = edit_once(now, strlen(now), is, wanted, false);
        if (!changed)
            return NULL;
        free(now);
        now = changed;
    }
    return NULL;
}

static void note_lost(const char *before, size_t length, const cat_yaml_caps *caps, const char *after, cat_strings *lost)
{
    cat_auto(cat_strings) had = {0}, has = {0};
    cat_autojson json_t *readable = NULL;
    /* The tree is of what the reader takes alone. */
    bool reads = cat_yaml_parse(before, length, caps, &readable, NULL, NULL) == 0;
    yaml_place *old = reads ? yaml_tree_create(before, length) : NULL, *new = yaml_tree_create(after, strlen(after));
    yaml_tree_comments(old, before, length, &had);
    yaml_tree_comments(new, after, strlen(after), &has);
    yaml_tree_destroy(old);
    yaml_tree_destroy(new);
    for (size_t i = 0, j = 0; i < had.count; i++) {
        size_t found = j;
        while (found < has.count && strcmp(had.items[i], has.items[found]) != 0)
            found++;
        if (found < has.count)
            j = found + 1;
        else
            cat_strings_add(lost, had.items[i]);
    }
}

char *cat_yaml_edit(const char *text, size_t length, const cat_yaml_caps *caps, const json_t *wanted, cat_strings *lost)
{
    cat_autofree char *plain = cat_yaml_format(wanted);
    cat_autojson json_t *as_read = NULL;
    char *changed = NULL;
    /* As the reader has it: `2.0` is 2. */
    if (cat_yaml_parse(plain, strlen(plain), caps, &as_read, NULL, NULL) == 0)
        changed = edit_in_place(text, length, caps, as_read);
    if (!changed)
        changed = cat_take(plain);
    if (lost)
        note_lost(text, length, caps, changed, lost);
    return changed;
}
