/* Expressions in `{{ … }}`, as Blueprints hold them (docs/blueprints.md). Pure; any thread. No loops, no recursion, bounded size and steps. */
#ifndef CAT_DOMAIN_EXPRESSION_H
#define CAT_DOMAIN_EXPRESSION_H

#include "wire/json.h"

#define CAT_EXPRESSION_MAX_BYTES 4096

/* `scope` holds config, application, environment, organization, sovereign, dependencies. A text that is one whole expression keeps
 * its type; otherwise parts are put together as text. A missing path is null; null in text is an error that names the path.
 * `where` names Blueprint and field in messages ("bp-wordpress 1.3.0 depends[0].when"); the column is added. The result is the caller's. */
int cat_expression_evaluate(const char *text, const json_t *scope, const char *where, json_t **result, cat_error *error);
/* Every string inside `value`, member names too left as they are; arrays and objects walked. A new value, the caller's. */
int cat_expression_evaluate_all(const json_t *value, const json_t *scope, const char *where, json_t **result, cat_error *error);
/* Empty or absent text is true. Anything but a boolean is an error. */
int cat_expression_condition(const char *text, const json_t *scope, const char *where, bool *holds, cat_error *error);
/* Parses only; for validating Blueprints. Adds the paths used (".config.host") to `paths` when given. */
int cat_expression_check(const char *text, const char *where, cat_strings *paths, cat_error *error);

#endif
