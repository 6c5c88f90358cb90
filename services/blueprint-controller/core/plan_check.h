/* One folder being checked: what the parts of the check share. Pure; inside plan_check*.c. */
#ifndef BPC_PLAN_CHECK_H
#define BPC_PLAN_CHECK_H

#include "core/plan.h"
#include "wire/yaml.h"

typedef struct {
    const char *source, *name, *version; /* as the tag says */
    const json_t *files, *names;
    const json_t *spec;            /* of the document */
    cat_yaml_positions *positions; /* of blueprint.yaml */
    json_t *errors;
} bpc_checking;

/* About blueprint.yaml at a JSON pointer. */
void bpc_wrong(bpc_checking *checking, const char *pointer, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* About another file. */
void bpc_wrong_in(bpc_checking *checking, const char *file, unsigned line, unsigned column, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* The error of a parser that begins "line L, column C: ". */
void bpc_wrong_yaml(bpc_checking *checking, const char *file, const cat_error *error);

void bpc_check_config(bpc_checking *checking);      /* configSchema and its defaults */
void bpc_check_expressions(bpc_checking *checking); /* depends, outputs */
void bpc_check_files(bpc_checking *checking);       /* manifests, sizes, bind, pictures */
void bpc_check_home(bpc_checking *checking);        /* what the manifests bring */
/* The icon as a data URI; NULL when there is none. */
char *bpc_check_icon(const bpc_checking *checking);

#endif
