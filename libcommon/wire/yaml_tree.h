/* Where everything of a YAML text stands, by bytes: for yaml_edit.c alone. Pure; any thread. */
#ifndef CAT_WIRE_YAML_TREE_H
#define CAT_WIRE_YAML_TREE_H

#include <yaml.h>

#include "base/string.h"

typedef struct yaml_place {
    yaml_event_type_t type; /* of a scalar, an alias, or a list's or group's start */
    yaml_scalar_style_t style;
    bool flow;         /* a list in [ ], a group in { } */
    size_t start, end; /* bytes; the end is behind the last of what is inside, without the blanks that follow */
    char *anchor, *text;
    struct yaml_place **items; /* of a group: name, value, name, … */
    size_t count;
} yaml_place;

/* The only document of a text that the reader has taken; NULL when there is none. The caller's. */
yaml_place *yaml_tree_create(const char *text, size_t length);
void yaml_tree_destroy(yaml_place *place);
/* Adds each comment, from its # to the end of its line. `tree` may be NULL. */
void yaml_tree_comments(const yaml_place *tree, const char *text, size_t length, cat_strings *comments);

#endif
