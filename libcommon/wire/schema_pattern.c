#include <string.h>

#include "wire/schema_node.h"

/* Patterns come from Blueprints' authors and texts from users: a match may cost this much and no more. */
#define MATCH_LIMIT 200000
#define DEPTH_LIMIT 2000
#define HEAP_LIMIT_KIB 4096

/* ECMA-262's meaning as far as PCRE2 has it: `$` is the very end, \u escapes, Unicode. */
static pcre2_code *compile(const char *text, int *code, size_t *offset)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
    pcre2_set_parens_nest_limit(context, 100);
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)text, strlen(text),
                                         PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C |
                                             PCRE2_MATCH_UNSET_BACKREF | PCRE2_ALLOW_EMPTY_CLASS,
                                         code, offset, context);
    pcre2_compile_context_free(context);
    return compiled;
}

int schema_pattern_compile(schema_compiler *compiler, const char *pointer, const char *text,
                           pcre2_code **code)
{
    compiler->pattern_bytes += strlen(text);
    if (compiler->pattern_bytes > SCHEMA_MAX_PATTERN_BYTES)
        return cat_error_set(compiler->error, CAT_E_TOO_LARGE,
                             "the schema has more than %d bytes of patterns", SCHEMA_MAX_PATTERN_BYTES);
    int reason = 0;
    size_t offset = 0;
    pcre2_code *compiled = compile(text, &reason, &offset);
    if (!compiled) {
        PCRE2_UCHAR sentence[128];
        pcre2_get_error_message(reason, sentence, sizeof(sentence));
        return schema_invalid(compiler, pointer, "the pattern is wrong at character %zu: %s", offset + 1,
                              (const char *)sentence);
    }
    cat_schema *schema = compiler->schema;
    schema->patterns = cat_realloc(schema->patterns, (schema->pattern_count + 1) * sizeof(*schema->patterns));
    schema->patterns[schema->pattern_count++] = compiled;
    *code = compiled;
    return 0;
}

bool schema_pattern_valid(const char *text)
{
    int reason;
    size_t offset;
    pcre2_code *compiled = strlen(text) <= 4096 ? compile(text, &reason, &offset) : NULL;
    pcre2_code_free(compiled);
    return compiled != NULL;
}

schema_pattern_result schema_pattern_match(const pcre2_code *code, const char *text, size_t length)
{
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(context, MATCH_LIMIT);
    pcre2_set_depth_limit(context, DEPTH_LIMIT);
    pcre2_set_heap_limit(context, HEAP_LIMIT_KIB);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    int result = pcre2_match(code, (PCRE2_SPTR)text, length, 0, 0, data, context);
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    if (result >= 0)
        return SCHEMA_PATTERN_YES;
    return result == PCRE2_ERROR_NOMATCH ? SCHEMA_PATTERN_NO : SCHEMA_PATTERN_TOO_COSTLY;
}
