/* Patterns are ECMA-262's (with the flag u, as JSON Schema asks); PCRE2 matches them. What both have is written over so that it
 * means the same; what would mean something else, or belongs to PCRE2 alone, is refused with its reason. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/schema_node.h"

/* ECMA-262's WhiteSpace and LineTerminator, and all other characters, as parts of a class. */
#define SPACES "\\x{9}-\\x{d}\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}"
#define NO_SPACES                                                                                                                \
    "\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}"       \
    "\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}"
#define ANY_IN_LINE "[^\\x{a}\\x{d}\\x{2028}\\x{2029}]"
#define OUT_MAX ((size_t)8 * 1024 * 1024) /* SCHEMA_MAX_PATTERN_BYTES, each a class */

typedef struct {
    const char *start, *at;
    cat_string out;
    bool in_class;
    const char *why; /* that it is refused; NULL: it is not */
} writing;

static void refuse(writing *in, const char *why)
{
    if (!in->why)
        in->why = why;
}

static void put_code(writing *in, unsigned code)
{
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        refuse(in, "there is no such character");
    else
        cat_string_appendf(&in->out, "\\x{%x}", code);
}

static bool read_hex(const char *text, size_t digits, unsigned *code)
{
    char copy[9] = "";
    if (strnlen(text, digits) < digits || digits > 8)
        return false;
    memcpy(copy, text, digits);
    *code = (unsigned)strtoul(copy, NULL, 16);
    return strspn(copy, "0123456789abcdefABCDEF") == digits;
}

/* Behind `\u`. */
static void take_unicode(writing *in)
{
    unsigned code = 0, low = 0;
    const char *close = *in->at == '{' ? strchr(in->at, '}') : NULL;
    size_t digits = close ? (size_t)(close - in->at) - 1 : 4;
    if (digits == 0 || !read_hex(in->at + (close != NULL), digits, &code)) {
        refuse(in, "\\u needs four hexadecimal digits, or some in { }");
        return;
    }
    in->at += close ? digits + 2 : 4;
    if (code >= 0xD800 && code < 0xDC00 && strncmp(in->at, "\\u", 2) == 0 && read_hex(in->at + 2, 4, &low) && low >= 0xDC00 &&
        low <= 0xDFFF) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        in->at += 6;
    }
    put_code(in, code);
}

/* Names of ECMA-262 and what PCRE2 calls them. */
static const struct {
    const char *name, *property;
} PROPERTIES[] = {{"Letter", "L"},
                  {"Cased_Letter", "L&"},
                  {"Uppercase_Letter", "Lu"},
                  {"Lowercase_Letter", "Ll"},
                  {"Titlecase_Letter", "Lt"},
                  {"Modifier_Letter", "Lm"},
                  {"Other_Letter", "Lo"},
                  {"Mark", "M"},
                  {"Number", "N"},
                  {"Decimal_Number", "Nd"},
                  {"Letter_Number", "Nl"},
                  {"Other_Number", "No"},
                  {"Punctuation", "P"},
                  {"Symbol", "S"},
                  {"Math_Symbol", "Sm"},
                  {"Currency_Symbol", "Sc"},
                  {"Separator", "Z"},
                  {"Space_Separator", "Zs"},
                  {"Other", "C"},
                  {"Control", "Cc"},
                  {"LC", "L&"},
                  {"Any", "Any"}};

static bool is_category(const char *name, size_t length)
{
    static const char *const SECOND[] = {"Lultmo", "Mnce", "Ndlo", "Pcdseifo", "Smcko", "Zslp", "Ccfosn", NULL};
    for (const char *const *one = SECOND; *one; one++)
        if (*name == (*one)[0])
            return length == 1 || (length == 2 && strchr(*one + 1, name[1]));
    return false;
}

/* Behind `\p` or `\P`. */
static void take_property(writing *in, char letter)
{
    const char *close = *in->at == '{' ? strchr(in->at, '}') : NULL;
    char name[64];
    if (!close || close - in->at - 1 <= 0 || (size_t)(close - in->at) > sizeof name) {
        refuse(in, "\\p needs a name in { }");
        return;
    }
    snprintf(name, sizeof name, "%.*s", (int)(close - in->at) - 1, in->at + 1);
    in->at = close + 1;
    const char *equals = strchr(name, '='), *value = equals ? equals + 1 : name;
    size_t key = equals ? (size_t)(equals - name) : 0;
    if ((key == 6 && memcmp(name, "Script", 6) == 0) || (key == 2 && memcmp(name, "sc", 2) == 0)) {
        cat_string_appendf(&in->out, "\\%c{sc:%s}", letter, value);
        return;
    }
    if (equals && !(key == 2 && memcmp(name, "gc", 2) == 0) && !(key == 16 && memcmp(name, "General_Category", 16) == 0)) {
        refuse(in, "this property is not supported: categories such as \\p{L} and \\p{Script=Greek} are");
        return;
    }
    for (size_t i = 0; i < sizeof PROPERTIES / sizeof *PROPERTIES; i++)
        if (strcmp(value, PROPERTIES[i].name) == 0)
            value = PROPERTIES[i].property;
    if (strcmp(value, "L&") != 0 && strcmp(value, "Any") != 0 && !is_category(value, strlen(value)))
        refuse(in, "this property is not supported: categories such as \\p{L} and \\p{Script=Greek} are");
    cat_string_appendf(&in->out, "\\%c{%s}", letter, value);
}

static void take_spaces(writing *in, bool none)
{
    const char *set = none ? NO_SPACES : SPACES;
    cat_string_appendf(&in->out, in->in_class ? "%s" : "[%s]", set);
}

static void take_digits(writing *in, char first)
{
    if (first != '0')
        refuse(in, "references to groups are not supported");
    else if (*in->at >= '0' && *in->at <= '9')
        refuse(in, "octal escapes are not supported: write \\x and two hexadecimal digits");
    else
        put_code(in, 0);
}

/* Behind a backslash. */
static void take_escape(writing *in)
{
    static const char *const CONTROLS[] = {"f\f", "n\n", "r\r", "t\t", "v\v", NULL};
    char c = *in->at;
    unsigned code;
    if (!c) {
        refuse(in, "a backslash stands at the end");
        return;
    }
    in->at++;
    for (const char *const *control = CONTROLS; *control; control++)
        if ((*control)[0] == c) {
            put_code(in, (unsigned char)(*control)[1]);
            return;
        }
    if (strchr("dDwW", c) || (strchr("bB", c) && !in->in_class)) {
        cat_string_appendf(&in->out, "\\%c", c);
    } else if (c == 'b') {
        put_code(in, 8);
    } else if (c == 's' || c == 'S') {
        take_spaces(in, c == 'S');
    } else if (c == 'u') {
        take_unicode(in);
    } else if (c == 'p' || c == 'P') {
        take_property(in, c);
    } else if (c == 'x' && read_hex(in->at, 2, &code)) {
        in->at += 2;
        put_code(in, code);
    } else if (c == 'c' && ((*in->at >= 'a' && *in->at <= 'z') || (*in->at >= 'A' && *in->at <= 'Z'))) {
        put_code(in, (unsigned char)*in->at++ % 32);
    } else if (c >= '0' && c <= '9') {
        take_digits(in, c);
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
        refuse(in, c == 'k' ? "references to groups are not supported" : "this escape is not ECMA-262's");
    } else if ((unsigned char)c < 0x80) {
        put_code(in, (unsigned char)c);
    } else {
        cat_string_append_char(&in->out, c); /* the first byte of a character that needs no escape */
    }
}

/* Behind `[`. */
static void take_class(writing *in)
{
    in->in_class = true;
    cat_string_append_char(&in->out, '[');
    if (*in->at == '^')
        cat_string_append_char(&in->out, *in->at++);
    while (*in->at && *in->at != ']' && !in->why) {
        char c = *in->at++;
        if (c == '\\')
            take_escape(in);
        else if (c == '[')
            cat_string_append(&in->out, "\\["); /* no class of POSIX begins here */
        else
            cat_string_append_char(&in->out, c);
    }
    if (!*in->at)
        refuse(in, "[ is not closed");
    else
        cat_string_append_char(&in->out, *in->at++);
    in->in_class = false;
}

/* Behind `(`. */
static void take_group(writing *in)
{
    static const char *const KINDS[] = {"?:", "?=", "?!", "?<=", "?<!", NULL};
    cat_string_append_char(&in->out, '(');
    for (const char *const *kind = KINDS; *kind; kind++)
        if (strncmp(in->at, *kind, strlen(*kind)) == 0) {
            cat_string_append(&in->out, *kind);
            in->at += strlen(*kind);
            return;
        }
    if (*in->at == '*' || (*in->at == '?' && in->at[1] != '<'))
        refuse(in, "this kind of group is not ECMA-262's");
    else if (*in->at == '?') {
        size_t name = strcspn(in->at + 2, ">");
        if (name == 0 || in->at[2 + name] != '>')
            refuse(in, "a group's name is missing");
        else
            in->at += name + 3; /* nothing can refer to it */
    }
}

/* `{2}`, `{2,}`, `{2,5}`; its length, 0: it is none. */
static size_t counted(const char *at)
{
    size_t low = strspn(at + 1, "0123456789"), length = 1 + low;
    if (low == 0)
        return 0;
    if (at[length] == ',')
        length += 1 + strspn(at + length + 1, "0123456789");
    return at[length] == '}' ? length + 1 : 0;
}

/* A quantifier, and `?` for as few as can be; PCRE2's `+` behind one means something that ECMA-262 has not. */
static bool take_quantifier(writing *in)
{
    size_t length = *in->at == '{' ? counted(in->at) : strchr("*+?", *in->at) != NULL;
    if (!*in->at || length == 0)
        return false;
    cat_string_append_bytes(&in->out, in->at, length);
    in->at += length;
    if (*in->at == '?')
        cat_string_append_char(&in->out, *in->at++);
    if (*in->at && (strchr("*+?", *in->at) || (*in->at == '{' && counted(in->at))))
        refuse(in, "nothing is there to be repeated");
    return true;
}

char *schema_pattern_translate(const char *text, size_t *offset, const char **why)
{
    writing in = {.start = text, .at = text, .out = CAT_STRING(OUT_MAX)};
    const char *before = text;
    while (*in.at && !in.why) {
        before = in.at;
        if (take_quantifier(&in))
            continue;
        char c = *in.at++;
        if (c == '\\')
            take_escape(&in);
        else if (c == '[')
            take_class(&in);
        else if (c == '(')
            take_group(&in);
        else if (c == '.')
            cat_string_append(&in.out, ANY_IN_LINE);
        else if (strchr("{}]", c))
            cat_string_appendf(&in.out, "\\%c", c);
        else
            cat_string_append_char(&in.out, c);
    }
    *offset = (size_t)(before - text);
    *why = in.why ? in.why : in.out.overflowed ? "it is too long" : NULL;
    if (*why) {
        cat_string_finish(&in.out);
        return NULL;
    }
    return cat_string_take(&in.out);
}
