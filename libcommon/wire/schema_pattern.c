#include <stdlib.h>
#include <string.h>

#include "wire/schema_node.h"

/* Patterns come from Blueprints' authors and texts from users. Each item of a pattern that is tried, and each character that is
 * passed on the way to it, is a step of the whole validation's budget; these hold besides. */
#define DEPTH_LIMIT 2000
#define HEAP_LIMIT_KIB 4096

static pcre2_code *compile(const char *text, const char **why, size_t *offset, char sentence[128])
{
    int code = 0;
    cat_autofree char *translated = schema_pattern_translate(text, offset, why);
    if (!translated)
        return NULL;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_set_parens_nest_limit(context, 100);
    size_t at = 0;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)translated, strlen(translated),
                      PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_AUTO_CALLOUT |
                          PCRE2_NO_AUTO_CAPTURE,
                      &code, &at, context);
    pcre2_compile_context_free(context);
    if (!compiled) {
        pcre2_get_error_message(code, (PCRE2_UCHAR *)sentence, 128);
        *why = sentence;
        *offset = strlen(text);
    }
    return compiled;
}

int schema_pattern_compile(schema_compiler *compiler, const char *pointer, const char *text,
                           pcre2_code **code)
{
    compiler->pattern_bytes += strlen(text);
    if (compiler->pattern_bytes > SCHEMA_MAX_PATTERN_BYTES)
        return cat_error_set(compiler->error, CAT_E_TOO_LARGE,
                             "the schema has more than %d bytes of patterns", SCHEMA_MAX_PATTERN_BYTES);
    const char *why = NULL;
    char sentence[128];
    size_t offset = 0;
    pcre2_code *compiled = compile(text, &why, &offset, sentence);
    if (!compiled)
        return schema_invalid(compiler, pointer, "the pattern is wrong%s at \"%.40s\": %s", text[offset] ? "" : " near its end,",
                              text[offset] ? text + offset : text, why);
    cat_schema *schema = compiler->schema;
    schema->patterns = cat_realloc(schema->patterns, (schema->pattern_count + 1) * sizeof(*schema->patterns));
    schema->patterns[schema->pattern_count++] = compiled;
    *code = compiled;
    return 0;
}

bool schema_pattern_valid(const char *text)
{
    const char *why;
    char sentence[128];
    size_t offset;
    pcre2_code *compiled = strlen(text) <= 4096 ? compile(text, &why, &offset, sentence) : NULL;
    pcre2_code_free(compiled);
    return compiled != NULL;
}

typedef struct {
    schema_run *run;
    size_t at;
} counting;

/* Before each item of the pattern. */
static int count(pcre2_callout_block *block, void *data)
{
    counting *counted = data;
    size_t passed = block->current_position > counted->at ? block->current_position - counted->at
                                                          : counted->at - block->current_position;
    counted->at = block->current_position;
    if (passed >= SCHEMA_MAX_STEPS - counted->run->steps)
        return PCRE2_ERROR_CALLOUT;
    counted->run->steps += passed + 1;
    return 0;
}

bool schema_pattern_match(schema_run *run, const pcre2_code *code, const char *text, size_t length)
{
    if (run->exhausted || length >= SCHEMA_MAX_STEPS - run->steps) {
        schema_exhaust(run);
        return false;
    }
    run->steps += length;
    counting counted = {.run = run};
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_set_depth_limit(context, DEPTH_LIMIT);
    pcre2_set_heap_limit(context, HEAP_LIMIT_KIB);
    pcre2_set_match_limit(context, SCHEMA_MAX_STEPS);
    pcre2_set_callout(context, count, &counted);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    int result = pcre2_match(code, (PCRE2_SPTR)text, length, 0, 0, data, context);
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    if (result < 0 && result != PCRE2_ERROR_NOMATCH)
        schema_exhaust(run);
    return result >= 0;
}
