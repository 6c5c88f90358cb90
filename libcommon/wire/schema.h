/* JSON Schema draft 2020-12, compiled once, then used by any number of threads at the same time. Numbers count by the decimal
 * digits that they are written with. Patterns are ECMA-262's; what is not supported (references to groups, most properties of
 * Unicode) is refused when the schema is compiled. A validation has one budget for everything, patterns too: when it is used up,
 * nothing is valid, whatever `not` or `if` would make of it. */
#ifndef CAT_WIRE_SCHEMA_H
#define CAT_WIRE_SCHEMA_H

#include "wire/json.h"

typedef struct cat_schema cat_schema;

/* `schema` is an object or a boolean; it is copied. Errors name the pointer of what is wrong in the schema.
 * `$ref` reaches within the document only. At most 64 KiB of patterns, 20,000 subschemas. */
int cat_schema_compile(const json_t *schema, cat_schema **compiled, cat_error *error);
/* `format` is said and not checked, as the draft has it, but where it is asked for: common ones are then (schema_format.c).
 * Before the schema is used. */
void cat_schema_assert_formats(cat_schema *schema);
void cat_schema_destroy(cat_schema *schema);
static inline void cat_schema_destroy_cleanup(cat_schema **schema)
{
    cat_schema_destroy(*schema);
}

/* True when `instance` is valid. When not, and `errors` is given, `*errors` is an array the caller owns of at
 * most 100
 * `{pointer, keyword, message}`; a message is a sentence for the person who wrote the value. */
bool cat_schema_validate(const cat_schema *schema, const json_t *instance, json_t **errors);
/* Puts `default`s in where members are missing, in nested objects and items too (of `properties`, `allOf`,
 * `$ref`; an object whose subschema has defaults inside is made when its own default or `type: object`
 * allows). In place. */
void cat_schema_apply_defaults(const cat_schema *schema, json_t *instance);
/* Writes what the schema calls an integer as one: 2.0 becomes 2 and 1e3 1000, as far as a double is exact. Below an object or a
 * list; in place. */
void cat_schema_write_integers(const cat_schema *schema, json_t *instance);
/* Puts the text of `written` (the same document with cat_yaml_caps.as_written) where the schema calls for one and a number or
 * truth value stands that it does not take: what is bound into a text reaches it as it was written. Not in lists, which are bound
 * as a whole. In place. */
void cat_schema_write_texts(const cat_schema *schema, json_t *instance, const json_t *written);

#endif
