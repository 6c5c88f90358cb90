/* YAML out: block style, one form for one value, and nothing plain that any reader could take for something
 * else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "wire/yaml.h"

#define TEXT_MAX_BYTES ((size_t)64 * 1024 * 1024)
/* Readers look for the colon of a simple name within 1024 characters. */
#define SIMPLE_NAME_MAX 1000
#define ESCAPE_MAX ((size_t)6) /* \uXXXX */

static void write_value(cat_string *out, const json_t *json, unsigned indent, bool after_dash);

static void indent_by(cat_string *out, unsigned indent)
{
    for (unsigned i = 0; i < indent; i++)
        cat_string_append_char(out, ' ');
}

/* The character at `text` and its length in bytes; the text is UTF-8. */
static unsigned decode(const char *text, unsigned *character)
{
    const unsigned char *at = (const unsigned char *)text;
    if (at[0] < 0x80)
        return *character = at[0], 1;
    unsigned length = at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : 2;
    *character = at[0] & (0xFFu >> (length + 1));
    for (unsigned i = 1; i < length; i++)
        *character = *character << 6 | (at[i] & 0x3F);
    return length;
}

/* Controls, line separators of YAML 1.1 and byte order marks: only an escape brings these through every
 * reader. */
static bool needs_escape(unsigned c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF || c == 0xFFFE ||
           c == 0xFFFF;
}

static bool is_special_word(const char *text)
{
    static const char *const words[] = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", NULL};
    for (const char *const *word = words; *word; word++)
        if (strcasecmp(text, *word) == 0)
            return true;
    return false;
}

/* Letters, `_`, `/` or what is not ASCII in front: nothing that begins so is a number, a date or an
 * indicator. Of what begins with a dot only paths are let through, as `.5` and `.inf` are numbers. */
static bool may_begin_plain(const char *text)
{
    unsigned char c = (unsigned char)text[0];
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '/' || c >= 0x80 ||
           strncmp(text, "./", 2) == 0 || strncmp(text, "../", 3) == 0;
}

static bool is_plain(const char *text)
{
    if (!may_begin_plain(text) || is_special_word(text))
        return false;
    unsigned character = 0;
    for (const char *at = text; *at;) {
        unsigned before = character;
        at += decode(at, &character);
        if (needs_escape(character) || (character == '#' && before == ' ') ||
            (character == ':' && (*at == ' ' || *at == '\0')))
            return false;
    }
    return character != ' ';
}

static void write_quoted(cat_string *out, const char *text)
{
    cat_string_append_char(out, '"');
    while (*text) {
        unsigned character, length = decode(text, &character);
        if (character == '"' || character == '\\')
            cat_string_append_bytes(out, (char[]){'\\', (char)character}, 2);
        else if (character == '\n' || character == '\t' || character == '\r')
            cat_string_append(out, character == '\n' ? "\\n" : character == '\t' ? "\\t" : "\\r");
        else if (needs_escape(character))
            cat_string_appendf(out, character < 0x100 ? "\\x%02X" : "\\u%04X", character);
        else
            cat_string_append_bytes(out, text, length);
        text += length;
    }
    cat_string_append_char(out, '"');
}

/* Lines that a literal block gives back as they are: nothing to escape, the first line neither empty nor
 * indented (a reader finds the block's indentation there), no white space at an end that people's editors
 * take away. */
static bool is_literal(const char *text)
{
    if (!strchr(text, '\n') || *text == ' ' || *text == '\t' || *text == '\n')
        return false;
    unsigned character = 0;
    for (const char *at = text; *at;) {
        unsigned before = character;
        at += decode(at, &character);
        if (character == '\n' ? before == ' ' || before == '\t'
                              : needs_escape(character) && character != '\t')
            return false;
    }
    return character != ' ' && character != '\t';
}

static void write_literal(cat_string *out, const char *text, unsigned indent)
{
    size_t length = strlen(text);
    bool ends = text[length - 1] == '\n', ends_more = ends && text[length - 2] == '\n';
    cat_string_append(out, ends_more ? "|+" : ends ? "|" : "|-");
    while (*text) {
        size_t line = strcspn(text, "\n");
        cat_string_append_char(out, '\n');
        if (line > 0)
            indent_by(out, indent);
        cat_string_append_bytes(out, text, line);
        text += line + (text[line] == '\n');
    }
}

static void write_name(cat_string *out, const char *text)
{
    if (is_plain(text))
        cat_string_append(out, text);
    else
        write_quoted(out, text);
}

static void write_scalar(cat_string *out, const json_t *json, unsigned indent)
{
    if (json_is_string(json)) {
        const char *text = json_string_value(json);
        if (is_literal(text))
            write_literal(out, text, indent);
        else
            write_name(out, text);
        return;
    }
    cat_autofree char *text = cat_json_format(json);
    /* YAML 1.1 knows numbers with an exponent only with a dot in front of it. */
    char *exponent = json_is_real(json) && !strchr(text, '.') ? strchr(text, 'e') : NULL;
    if (exponent)
        cat_string_appendf(out, "%.*s.0%s", (int)(exponent - text), text, exponent);
    else
        cat_string_append(out, text);
}

static bool is_filled(const json_t *json)
{
    return json_object_size(json) > 0 || json_array_size(json) > 0;
}

/* It is the written name that counts, with its quotes and escapes. */
static bool is_simple_name(const char *name)
{
    size_t length = strlen(name);
    if (length > SIMPLE_NAME_MAX || is_plain(name))
        return length <= SIMPLE_NAME_MAX;
    cat_auto(cat_string) written = CAT_STRING(ESCAPE_MAX * SIMPLE_NAME_MAX + 2);
    write_quoted(&written, name);
    return written.length <= SIMPLE_NAME_MAX;
}

/* What stands behind a name: on the same line, or as a block below. Lists stand under their name without
 * indent. */
static void write_member(cat_string *out, const char *name, const json_t *value, unsigned indent)
{
    bool simple = is_simple_name(name);
    if (!simple)
        cat_string_append(out, "? ");
    write_name(out, name);
    if (!simple) {
        cat_string_append_char(out, '\n');
        indent_by(out, indent);
    }
    cat_string_append_char(out, ':');
    if (!is_filled(value)) {
        cat_string_append_char(out, ' ');
        write_value(out, value, indent + 2, true);
        return;
    }
    unsigned inner = json_is_array(value) && simple ? indent : indent + 2;
    cat_string_append_char(out, '\n');
    indent_by(out, inner);
    write_value(out, value, inner, true);
}

/* The first line stands where the caller put the cursor, further lines at `indent`. */
static void write_value(cat_string *out, const json_t *json, unsigned indent, bool inside)
{
    if (!is_filled(json)) {
        /* A literal block of the whole document is indented too: no reader then takes a line of it for a
         * mark. */
        write_scalar(out, json, inside ? indent : 2);
        return;
    }
    bool first = true;
    if (json_is_array(json)) {
        for (size_t i = 0; i < json_array_size(json); i++, first = false) {
            if (!first) {
                cat_string_append_char(out, '\n');
                indent_by(out, indent);
            }
            cat_string_append(out, "- ");
            write_value(out, json_array_get(json, i), indent + 2, true);
        }
        return;
    }
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, name, value)
    {
        if (!first) {
            cat_string_append_char(out, '\n');
            indent_by(out, indent);
        }
        first = false;
        write_member(out, name, value, indent);
    }
}

char *cat_yaml_format(const json_t *json)
{
    cat_auto(cat_string) out = CAT_STRING(TEXT_MAX_BYTES);
    write_value(&out, json, 0, false);
    cat_string_append_char(&out, '\n');
    if (out.overflowed) {
        fprintf(stderr, "catalyst: a YAML text is larger than %zu bytes\n", TEXT_MAX_BYTES);
        abort();
    }
    return cat_string_take(&out);
}
