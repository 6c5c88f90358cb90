/* The inside of a compiled JSON Schema: for schema*.c alone. Immutable once compiled, hence any thread. */
#ifndef CAT_WIRE_SCHEMA_NODE_H
#define CAT_WIRE_SCHEMA_NODE_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/map.h"
#include "base/memory.h"
#include "wire/schema.h"

enum {
    SCHEMA_NULL = 1,
    SCHEMA_BOOLEAN = 2,
    SCHEMA_OBJECT = 4,
    SCHEMA_ARRAY = 8,
    SCHEMA_NUMBER = 16,
    SCHEMA_STRING = 32,
    SCHEMA_INTEGER = 64,
};

typedef struct schema_node schema_node;

/* A part of the document with an identity of its own: the whole, or what stands below an `$id`. */
typedef struct {
    char *id;                           /* absolute as far as it can be; "" for none */
    char *pointer;                      /* where its root stands in the document */
    cat_map *anchors, *dynamic_anchors; /* name → node, borrowed */
} schema_resource;

typedef struct {
    const char *name; /* borrowed from the document; NULL in lists */
    schema_node *node;
    pcre2_code *pattern; /* of patternProperties; owned by the schema */
} schema_child;

typedef struct {
    schema_child *items;
    size_t count;
} schema_children;

struct schema_node {
    char *pointer;
    const json_t *source; /* all json here is borrowed from the schema's document */
    schema_resource *resource;
    int boolean;    /* -1: an object; else false or true */
    unsigned types; /* 0: any */
    const json_t *constant, *enumeration, *required, *dependent_required, *default_value;
    const json_t *minimum, *maximum, *exclusive_minimum, *exclusive_maximum, *multiple_of;
    int64_t min_length, max_length, min_items, max_items, min_properties, max_properties, min_contains,
        max_contains; /* -1: none */
    bool unique_items;
    pcre2_code *pattern;
    const char *pattern_text, *format;
    schema_node *items, *contains, *additional_properties, *property_names, *negated, *condition,
        *consequence, *alternative;
    schema_node *unevaluated_items, *unevaluated_properties, *ref, *dynamic_ref;
    const char *dynamic_anchor;
    const char *dynamic_ref_anchor; /* set when the target of $dynamicRef is a $dynamicAnchor */
    schema_children prefix_items, properties, pattern_properties, dependent_schemas, all_of, any_of, one_of,
        definitions;
    int visit; /* compile time: the search for endless references */
};

struct cat_schema {
    json_t *document;
    schema_node *root;
    schema_node **nodes;
    size_t node_count, node_capacity;
    cat_map *by_pointer; /* pointer → node, borrowed */
    schema_resource **resources;
    size_t resource_count;
    pcre2_code **patterns;
    size_t pattern_count;
    bool asserts_formats;
    bool tracks; /* unevaluated… is used: what was evaluated has to be remembered */
};

/* What is needed while compiling. */
typedef struct {
    cat_schema *schema;
    size_t pattern_bytes, pointer_bytes;
    cat_error *error;
} schema_compiler;

#define SCHEMA_MAX_NODES 20000
#define SCHEMA_MAX_DEPTH 64
#define SCHEMA_MAX_PATTERN_BYTES 65536
#define SCHEMA_MAX_POINTER_BYTES (8 * 1024 * 1024)
#define SCHEMA_MAX_NESTING 256

/* schema.c: compiles the subschema at `pointer` (once). */
int schema_compile_node(schema_compiler *compiler, const json_t *source, const char *pointer,
                        schema_resource *resource, unsigned depth, schema_node **node);
int schema_invalid(const schema_compiler *compiler, const char *pointer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* schema_references.c */
int schema_register_identity(schema_compiler *compiler, schema_node *node, schema_resource **resource);
int schema_resolve_references(schema_compiler *compiler);

/* schema_pattern.c */
int schema_pattern_compile(schema_compiler *compiler, const char *pointer, const char *text,
                           pcre2_code **code);
bool schema_pattern_valid(const char *text);
/* schema_dialect.c: an ECMA-262 pattern as PCRE2 has it, the caller's; NULL: it is refused, at a byte of it and with a constant. */
char *schema_pattern_translate(const char *text, size_t *offset, const char **why);
/* schema_decimal.c: exact, by the digits. */
bool schema_is_multiple(const json_t *value, const json_t *of);

/* schema_format.c: true too for a format that is not asserted; `what` is said when it does not hold. */
bool schema_format_holds(const char *format, const char *text, size_t length, const char **what);

/* What a validation carries along. */
typedef struct {
    const cat_schema *schema;
    json_t *errors; /* NULL: only yes or no is asked for */
    cat_string path;
    size_t steps;
    unsigned depth;
    bool exhausted;
    char *exhausted_at; /* the pointer */
} schema_run;

#define SCHEMA_MAX_STEPS 2000000
#define SCHEMA_MAX_ERRORS 100

/* Dynamic scope: the resources entered so far, innermost first. */
typedef struct schema_scope {
    const schema_resource *resource;
    const struct schema_scope *outer;
} schema_scope;

/* Which members or elements (by index as text) some subschema has looked at. */
typedef struct {
    bool all;
    json_t *names; /* NULL: none yet */
} schema_evaluated;
static inline void schema_evaluated_cleanup(schema_evaluated *evaluated)
{
    json_decref(evaluated->names);
}
void schema_evaluated_mark(schema_evaluated *evaluated, const char *name);
void schema_evaluated_merge(schema_evaluated *into, const schema_evaluated *from);

/* schema_validate.c */
bool schema_check(schema_run *run, const schema_node *node, const json_t *instance,
                  schema_evaluated *evaluated, const schema_scope *outer);
/* The same without adding errors. */
bool schema_check_quietly(schema_run *run, const schema_node *node, const json_t *instance,
                          schema_evaluated *evaluated, const schema_scope *outer);
bool schema_fail(schema_run *run, const char *keyword, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Spends a step; false when the budget is used up (the validation then fails as too costly). */
bool schema_spend(schema_run *run);
/* Uses the budget up. */
void schema_exhaust(schema_run *run);
/* Whether `text` has it. What a match costs is taken from the budget of the validation. */
bool schema_pattern_match(schema_run *run, const pcre2_code *code, const char *text, size_t length);
/* The path of what is looked at; pop takes what push gave. */
size_t schema_push(schema_run *run, const char *name);
size_t schema_push_index(schema_run *run, size_t index);
void schema_pop(schema_run *run, size_t length);

/* schema_object.c, schema_array.c, schema_scalar.c: the keywords of one type. */
bool schema_check_object(schema_run *run, const schema_node *node, const json_t *instance,
                         schema_evaluated *evaluated, const schema_scope *scope);
bool schema_check_unevaluated_properties(schema_run *run, const schema_node *node, const json_t *instance,
                                         schema_evaluated *evaluated, const schema_scope *scope);
bool schema_check_array(schema_run *run, const schema_node *node, const json_t *instance,
                        schema_evaluated *evaluated, const schema_scope *scope);
bool schema_check_unevaluated_items(schema_run *run, const schema_node *node, const json_t *instance,
                                    schema_evaluated *evaluated, const schema_scope *scope);
bool schema_check_type(schema_run *run, const schema_node *node, const json_t *instance);
bool schema_check_values(schema_run *run, const schema_node *node, const json_t *instance);
bool schema_check_number(schema_run *run, const schema_node *node, const json_t *instance);
bool schema_check_string(schema_run *run, const schema_node *node, const json_t *instance);
unsigned schema_types_of(const json_t *instance);
const char *schema_type_words(unsigned type);
/* Equality of JSON Schema: numbers by value. */
bool schema_equal(schema_run *run, const json_t *a, const json_t *b);

#endif
