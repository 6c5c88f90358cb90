/* The tree of a branch of an Application's repository (docs/seams.md, "Application repository"), as who gives it to a cluster,
 * who plans a change of it and who shows what it says have to agree on it. Pure; any thread. */
#ifndef CAT_DOMAIN_APPLICATION_TREE_H
#define CAT_DOMAIN_APPLICATION_TREE_H

#include "wire/json.h"

/* Whether Flux may build it for an Environment of this type: no file is missing that it cannot be built without, what kustomize
 * would follow passes domain/kustomization.h, the values pass domain/values_check.h and quantities domain/quantity_check.h.
 * `files` and `*errors` as of cat_kustomization_check; `reads` (it may be NULL) as of cat_kustomization_check_reads. */
bool cat_application_tree_check(const json_t *files, const char *env_type, json_t **errors, char **reads);
/* One of these errors as people read it: "{file}, line {line}: {message}", or the message alone, where that names a file that has
 * no lines. The caller's. */
char *cat_tree_error_words(const json_t *error);

typedef enum {
    CAT_FILE_THERE, /* what stands in it is another question */
    CAT_FILE_GONE,
    CAT_FILE_EMPTY, /* it has no value: nothing but white space, comments, `---`, null or {} */
} cat_file_state;

bool cat_document_is_empty(const json_t *document);
cat_file_state cat_file_state_of(const json_t *files, const char *path);
/* What to say of a file that something has to stand in: "values.yaml is empty{where}: bring back in Git what was in it"; `where`
 * is "" or " on branch …". The caller's; NULL: it is there. */
char *cat_file_words(cat_file_state state, const char *path, const char *where);

#endif
