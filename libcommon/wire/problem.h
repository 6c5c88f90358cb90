/* RFC 9457 problem details. The table stands in proto/problems.yaml too; a test holds the two together. Pure. */
#ifndef CAT_WIRE_PROBLEM_H
#define CAT_WIRE_PROBLEM_H

#include "wire/json.h"

typedef struct {
    const char *code; /* e.g. "plan-changed"; type is urn:catalyst:problem:{code} */
    int http_status;
    const char *title; /* a short sentence that does not change from one occurrence to the next */
} cat_problem;
extern const cat_problem CAT_PROBLEMS[];                 /* ends with a NULL code */
const cat_problem *cat_problem_find(const char *code);   /* the entry "internal" when unknown */
const cat_problem *cat_problem_of_error(int error_code); /* the entry for a CAT_E_ code */
/* What stands in `detail` of a complaint about a value: "/config/size: This has to be text"; of the body as a whole, whose
 * pointer is "": "The body has to be an object". The result is the caller's. */
char *cat_problem_complaint(const char *pointer, const char *message);
/* `errors` (taken, may be NULL): array of {pointer, message}. The result is the caller's. */
json_t *cat_problem_make(const cat_problem *problem, const char *detail, json_t *errors, const char *trace_id);

#endif
