/* YAML in and out by libyaml, as JSON values. Pure; any thread. Anchors and aliases are refused, duplicate keys too;
 * plain scalars are resolved by YAML 1.2's core schema, so that `yes` and `1.10.0` are text. */
#ifndef CAT_WIRE_YAML_H
#define CAT_WIRE_YAML_H

#include "wire/json.h"

typedef struct {
    size_t max_bytes;
    unsigned max_depth;
    size_t max_nodes;
    size_t max_documents;
} cat_yaml_caps;
extern const cat_yaml_caps CAT_YAML_CAPS; /* 1 MiB, depth 64, 100,000 nodes, 256 documents */

/* Where each value of a document stands: JSON pointer → line and column, both from 1. */
typedef struct cat_yaml_positions cat_yaml_positions;
void cat_yaml_positions_destroy(cat_yaml_positions *positions);
/* false when the pointer is unknown: the nearest parent's position is given then, (1, 1) at worst. */
bool cat_yaml_position(const cat_yaml_positions *positions, const char *pointer, unsigned *line, unsigned *column);
static inline void cat_yaml_positions_destroy_cleanup(cat_yaml_positions **positions)
{
    cat_yaml_positions_destroy(*positions);
}

/* Exactly one document (an empty text is null). `positions` may be NULL. Messages name line and column. */
int cat_yaml_parse(const char *text, size_t length, const cat_yaml_caps *caps, json_t **json, cat_yaml_positions **positions,
                   cat_error *error);
/* Every document of a stream as a JSON array; empty documents are left out. */
int cat_yaml_parse_all(const char *text, size_t length, const cat_yaml_caps *caps, json_t **documents, cat_error *error);
/* As above with the positions of that array: "/0/kind" is the first document's. */
int cat_yaml_parse_all_at(const char *text, size_t length, const cat_yaml_caps *caps, json_t **documents,
                          cat_yaml_positions **positions, cat_error *error);
/* For a text that another reader gets, one that follows aliases: it can be read as YAML, and stays below the caps when every
 * alias is what its anchor is (max_bytes: of all scalars; documents are not counted). `*nodes`: how many values it has then. */
int cat_yaml_measure(const char *text, size_t length, const cat_yaml_caps *caps, size_t *nodes, cat_error *error);
/* Block style, key order kept, any text that another YAML reader could take for something else in quotes, final line
 * end. The same value gives the same bytes. Owned by the caller. */
char *cat_yaml_format(const json_t *json);

#endif
