/* What the files of the YAML reader share; only yaml*.c include it. Pure; any thread. */
#ifndef CAT_WIRE_YAML_INTERNAL_H
#define CAT_WIRE_YAML_INTERNAL_H

#include <yaml.h>

#include "wire/yaml.h"

/* What go-yaml makes of a scalar that is not in quotes. */
typedef enum {
    CAT_SCALAR_TEXT,
    CAT_SCALAR_NULL,
    CAT_SCALAR_BOOLEAN,
    CAT_SCALAR_INTEGER,
    CAT_SCALAR_REAL,
    CAT_SCALAR_ENDLESS, /* .inf, .nan */
    CAT_SCALAR_TIME,
} cat_scalar_kind;

/* `json` is the caller's; NULL for text and endless numbers. `timed`: dates are told from texts. */
cat_scalar_kind cat_yaml_resolve(const char *text, bool timed, json_t **json);

/* Of a scalar that is not in quotes. */
bool cat_yaml_is_null(const char *text);

/* A scalar as it reaches the cluster. `tag` may be NULL; `plain`: not in quotes. On failure `*why` is a constant. */
int cat_yaml_scalar(const char *text, size_t length, const char *tag, bool plain, json_t **json, const char **why);

/* A date or time in one of the forms that go-yaml takes, as Go writes it into JSON; false: it is none. `*text` is NULL when it
 * is one that JSON cannot have. Owned by the caller. */
bool cat_yaml_timestamp(const char *scalar, char **text);

/* libyaml's words for what is wrong, in people's. */
const char *cat_yaml_problem(const char *problem);

/* Of what a template program would fill in. */
#define CAT_YAML_TEMPLATE                                                                                                        \
    "{{ }} is not filled in here: write the value itself, or put the text in quotes if the braces belong to it"

/* The first line with a mark that Git leaves where a merge has to be resolved, from 1; 0: none. */
size_t cat_yaml_conflict_line(const char *text, size_t length);

#endif
