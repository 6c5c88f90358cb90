/* What libyaml finds wrong, in people's words. Its sentences are those of libyaml 0.2's scanner.c, parser.c and reader.c. */
#include <string.h>

#include "wire/yaml_internal.h"

static const struct {
    const char *problem, *words;
} WORDS[] = {
    {"mapping values are not allowed in this context",
     "a colon is not expected here: put a text that holds \": \" in quotes, or look at the indentation"},
    {"found character that cannot start any token",
     "a value cannot begin with this character: put it in quotes (and indent with spaces, not with tabs)"},
    {"could not find expected ':'", "a name without its colon, or a line of a longer text that is not indented"},
    {"did not find expected key", "a name is expected here: look at the indentation, and for a colon without a name"},
    {"did not find expected node content", "a value is missing here"},
    {"did not find expected ',' or ']'", "the list in [ ] is not closed, or a comma is missing"},
    {"did not find expected ',' or '}'", "the group in { } is not closed, or a comma is missing"},
    {"did not find expected '-' indicator", "an element of the list (\"- \") is expected here: look at the indentation"},
    {"did not find expected <document start>", "a line with --- alone is expected here"},
    {"found unexpected end of stream", "a quote is opened and not closed"},
    {"found unexpected document indicator", "a quote is opened and not closed before the next document"},
    {"found a tab character that violates indentation", "lines are indented with spaces, not with tabs"},
    {"found a tab character where an indentation space is expected", "lines are indented with spaces, not with tabs"},
    {"block sequence entries are not allowed in this context", "a list (\"- \") cannot begin here: put it on lines of its own"},
    {"mapping keys are not allowed in this context", "a \"?\" cannot stand here: put it in quotes if it is text"},
    {"block mapping entries are not allowed in this context", "a name cannot stand here: look at the indentation"},
    {"found unknown escape character", "a backslash in double quotes begins an escape that does not exist: write two"},
    {"found invalid Unicode character escape code", "an escape names a character that does not exist"},
    {"did not find expected hexdecimal number", "an escape needs hexadecimal digits"},
    {"did not find expected alphabetic or numeric character", "a * or & needs a name; put it in quotes if it is text"},
    {"found undefined tag handle", "a tag (a word that begins with !) is not known here"},
    {"found incompatible YAML document", "%YAML lines are not supported: take it away"},
    {"found duplicate %YAML directive", "%YAML lines are not supported: take it away"},
    {"control characters are not allowed", "a control character is not allowed here: write it as an escape in double quotes"},
    {"invalid leading UTF-8 octet", "the text is not UTF-8: save the file as UTF-8"},
    {"invalid trailing UTF-8 octet", "the text is not UTF-8: save the file as UTF-8"},
    {"incomplete UTF-8 octet sequence", "the text is not UTF-8: save the file as UTF-8"},
    {"invalid length of a UTF-8 sequence", "the text is not UTF-8: save the file as UTF-8"},
    {"invalid Unicode character", "the text is not UTF-8: save the file as UTF-8"},
};

const char *cat_yaml_problem(const char *problem)
{
    for (size_t i = 0; problem && i < sizeof WORDS / sizeof *WORDS; i++)
        if (strcmp(problem, WORDS[i].problem) == 0)
            return WORDS[i].words;
    return "this cannot be read as YAML";
}

/* `<<<<<<< HEAD`, `||||||| base`, `=======` and `>>>>>>> branch`. */
static bool is_conflict_mark(const char *line, size_t length)
{
    if (length < 7 || !strchr("<|=>", line[0]))
        return false;
    for (size_t i = 1; i < 7; i++)
        if (line[i] != line[0])
            return false;
    return length == 7 || line[7] == '\r' || (line[7] == ' ' && line[0] != '=');
}

size_t cat_yaml_conflict_line(const char *text, size_t length)
{
    const char *end = text + length;
    for (size_t line = 1; text < end; line++) {
        const char *feed = memchr(text, '\n', (size_t)(end - text));
        if (is_conflict_mark(text, (size_t)((feed ? feed : end) - text)))
            return line;
        text = feed ? feed + 1 : end;
    }
    return 0;
}
