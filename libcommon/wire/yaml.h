/* YAML in and out by libyaml, as JSON values. Pure; any thread.
 *
 * There is one reader, for what a plan shows and for what a cluster gets: a text is what kustomize 5.8, whose libraries Flux's
 * kustomize-controller has, makes of it on its way to the API server. These are the rules of go-yaml v3 (resolve.go, decode.go:
 * YAML 1.2 but for `0644`, `0b11` and `1_000`, which are numbers, as in YAML 1.1) and then those of JSON (`2.0` is 2):
 *
 *     0644 420      0o644 420     yes, no, on, y "yes" …     190:20:30 "190:20:30"       1e3 1000
 *     1_000 1000    0x1F 31       ~ null                     2001-12-14 "2001-12-14T00:00:00Z"
 *
 * A scalar that a replacement copies into another field gets there as it was written: `1.10` bound into a text is "1.10"
 * (`as_written`); a list that is copied keeps what its items are.
 *
 * sigs.k8s.io/yaml alone, which kubectl has, would make `yes` true; no file goes to a cluster past kustomize. The tests hold the
 * table of what the programs answered. Refused as they do: a name twice, a name that is no text (`1: x`), endless numbers,
 * directives. Refused where they would lose something, or fall: a member `"<<"`, a zero character, !!binary of no text, an alias
 * inside its anchor. UTF-16 is refused with its reason; a byte order mark is not seen. */
#ifndef CAT_WIRE_YAML_H
#define CAT_WIRE_YAML_H

#include "wire/json.h"

typedef struct {
    size_t max_bytes;
    unsigned max_depth;
    size_t max_nodes;
    size_t max_documents; /* empty ones too */
    bool no_aliases;      /* anchors, aliases, merge keys and unknown tags are refused */
    bool as_written;      /* what is neither in quotes nor tagged nor null is a text: `0x1F` is "0x1F" */
} cat_yaml_caps;
/* Of nodes, depth and bytes when every alias is what its anchor is. */
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

/* Exactly one document that is not empty or null; without one the value is null. `positions` may be NULL. Messages name line and
 * column. */
int cat_yaml_parse(const char *text, size_t length, const cat_yaml_caps *caps, json_t **json, cat_yaml_positions **positions,
                   cat_error *error);
/* Every document of a stream as a JSON array; empty documents are left out. */
int cat_yaml_parse_all(const char *text, size_t length, const cat_yaml_caps *caps, json_t **documents, cat_error *error);
/* As above with the positions of that array: "/0/kind" is the first document's. */
int cat_yaml_parse_all_at(const char *text, size_t length, const cat_yaml_caps *caps, json_t **documents,
                          cat_yaml_positions **positions, cat_error *error);
/* How many values the whole stream has when every alias is what its anchor is. */
int cat_yaml_measure(const char *text, size_t length, const cat_yaml_caps *caps, size_t *nodes, cat_error *error);
/* Block style, key order kept, any text that another YAML reader could take for something else in quotes, final line
 * end. The same value gives the same bytes. Owned by the caller. */
char *cat_yaml_format(const json_t *json);

#endif
