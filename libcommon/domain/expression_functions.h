/* The functions that expressions may call. Inside expression*.c alone. */
#ifndef CAT_DOMAIN_EXPRESSION_FUNCTIONS_H
#define CAT_DOMAIN_EXPRESSION_FUNCTIONS_H

#include "wire/json.h"

#define CAT_EXPRESSION_MAX_ARGUMENTS 3
#define CAT_EXPRESSION_MAX_RESULT_BYTES 65536

typedef struct {
    const char *name;
    unsigned arguments;
    /* A new value, or NULL with `problem` set to what is wrong, as it follows "name() ". */
    json_t *(*call)(json_t *const *arguments, const char **problem);
} cat_expression_function;

const cat_expression_function *cat_expression_function_find(const char *name, size_t length);
/* The names, for messages. */
extern const char CAT_EXPRESSION_FUNCTION_NAMES[];

#endif
