/* Is an Application's catalyst.yaml one that can be followed? The one answer for who builds it and who plans changes of it. Pure;
 * any thread. */
#ifndef CAT_DOMAIN_APPLICATION_SOURCE_H
#define CAT_DOMAIN_APPLICATION_SOURCE_H

#include "wire/json.h"

/* `document` is the file as YAML reads it; it stands in the repository of `application`. CAT_E_INVALID names the field and what
 * it has to be, and not the file. */
int cat_application_source_check(const json_t *document, const char *application, cat_error *error);
/* The same of the file's text, which is YAML; an empty one says what to do. `*document` (the caller's) is NULL where it is no
 * group of fields, and else what can be read of it, whatever is wrong with it. */
int cat_application_source_read(const char *text, size_t length, const char *application, json_t **document, cat_error *error);

#endif
