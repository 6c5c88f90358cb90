/* What kustomize would read of a tree that others wrote: the first of two walls (docs/security.md; the second is
 * net/confined_program.h). Pure; any thread.
 *
 *     const cat_kustomization_root roots[] = {{"", CAT_KUSTOMIZATION, ""}, {"overlays/dev", CAT_KUSTOMIZATION_COMPONENT, ""}};
 *     if (!cat_kustomization_check(files, roots, 2, &errors)) …
 *
 * It follows everything that kustomize would follow from the roots, and lets pass what is on its lists alone: kustomize's fields
 * in exact case, none twice (Go reads `Components:` as `components:`, and the last of two); transformers and generators of
 * kustomize's own kinds; references that are relative paths of plain characters to files and folders that are in the tree, files
 * in the folder of the kustomization that names them; YAML that stays small when its aliases are followed. */
#ifndef CAT_DOMAIN_KUSTOMIZATION_H
#define CAT_DOMAIN_KUSTOMIZATION_H

#include "wire/json.h"

typedef enum {
    CAT_KUSTOMIZATION,              /* kind Kustomization */
    CAT_KUSTOMIZATION_COMPONENT,    /* kind Component */
    CAT_KUSTOMIZATION_TRANSFORMERS, /* kind Kustomization, of transformers: it lists files and does nothing to them */
} cat_kustomization_role;

typedef struct {
    const char *folder; /* "" is the tree's root */
    cat_kustomization_role role;
    const char *within; /* a folder that nothing leaves; "" is the whole tree */
} cat_kustomization_root;

#define CAT_KUSTOMIZATION_MAX_ERRORS 50
#define CAT_KUSTOMIZATION_MAX_VISITS 256                      /* kustomizations that are built, each as often as it is named */
#define CAT_KUSTOMIZATION_MAX_DEPTH 16                        /* of kustomizations in each other */
#define CAT_KUSTOMIZATION_MAX_FILES 2000                      /* that are read, each as often as it is named */
#define CAT_KUSTOMIZATION_MAX_BYTES ((size_t)8 * 1024 * 1024) /* of these */
#define CAT_KUSTOMIZATION_MAX_VALUES ((size_t)300000)         /* of YAML in these, aliases followed */

/* `files`: {path: text} of the repository; what Flux leaves out (domain/source_ignore.h) counts as not there. A file that is no
 * text is null or something else, one that is too large false, a link true. false: `*errors` (the caller's) is
 * [{file, line?, column?, message}], at most CAT_KUSTOMIZATION_MAX_ERRORS; it is NULL when there are none. A root's own file that
 * cannot be had has no lines: then the message names it. */
bool cat_kustomization_check(const json_t *files, const cat_kustomization_root *roots, size_t count, json_t **errors);
/* As above; `*reads` (the caller's) says which files a build reads (kustomization_reads.h): NULL where it does not pass, or where
 * they are too many to say. */
bool cat_kustomization_check_reads(const json_t *files, const cat_kustomization_root *roots, size_t count, json_t **errors,
                                   char **reads);

/* Whether `name` is another name that kustomize would read as a kustomization. */
bool cat_kustomization_is_strange(const char *name);

#endif
