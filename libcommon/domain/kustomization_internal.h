/* What the parts of the check of kustomizations share. */
#ifndef CAT_DOMAIN_KUSTOMIZATION_INTERNAL_H
#define CAT_DOMAIN_KUSTOMIZATION_INTERNAL_H

#include <stddef.h>

#include "domain/kustomization.h"

/* What may stand in a field, and what kustomize does with it. */
typedef enum {
    FIELD_ANY,          /* kustomize opens nothing because of it */
    FIELD_OBJECT,       /* an object of `fields` */
    FIELD_OBJECTS,      /* a list of them */
    FIELD_PATCH,        /* YAML in a text */
    FIELD_FILE,         /* the path of a YAML file */
    FIELD_FILES,        /* a list of them */
    FIELD_PLAIN_FILE,   /* the path of a file that is taken as it is */
    FIELD_PLAIN_FILES,  /* a list of them */
    FIELD_SOURCES,      /* a list of `key=path` or `path`, taken as they are */
    FIELD_RESOURCES,    /* a list of YAML files and folders of Kustomizations */
    FIELD_COMPONENTS,   /* a list of folders of Components */
    FIELD_TRANSFORMERS, /* a list of files, or folders of Kustomizations, with transformers */
    FIELD_GENERATORS,
} field_shape;

typedef struct field {
    const char *name; /* NULL ends a list */
    field_shape shape;
    const struct field *fields;
} field;

/* By kustomize 5.8's api/types/kustomization.go and api/internal/builtins. */
extern const field KUSTOMIZATION_FIELDS[], TRANSFORMERS_FIELDS[];
/* The fields of a transformer or generator of this kind; NULL: it is not on the list. */
const field *kustomization_transformer(const char *kind);
const field *kustomization_generator(const char *kind);
const field *kustomization_field(const field *fields, const char *name);
/* What to do instead of a field of kustomize's that is not taken; NULL: nothing is known of it. */
const char *kustomization_advice(const char *name);

/* A YAML reader's message without the place that it begins with, which goes into `line` and `column` where it has one. */
const char *kustomization_place(const cat_error *error, unsigned *line, unsigned *column);

/* The path in the tree that `reference` names from `folder`, the caller's; NULL with `*why` (static) when it may not be named so.
 * Only with `up` may it leave the folder. */
char *kustomization_path(const char *folder, const char *reference, bool up, const char **why);

#endif
