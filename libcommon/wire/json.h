/* JSON documents. What is built or changed is jansson's json_t; what is read in volume is a cat_view over
 * yyjson. Nothing else in the project parses JSON. A json_t may be handed between threads but is changed by
 * one only.
 *
 *     cat_autojson json_t *body = NULL;
 *     if (cat_json_parse(text, length, &CAT_JSON_CAPS, &body, error) < 0) return -1;
 *     const char *name = cat_json_text(body, "metadata.name");      // NULL when absent or not a string
 */
#ifndef CAT_WIRE_JSON_H
#define CAT_WIRE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/string.h"

typedef struct {
    size_t max_bytes;
    unsigned max_depth;
} cat_json_caps;
extern const cat_json_caps CAT_JSON_CAPS; /* 1 MiB, depth 64: requests and configuration */

static inline void cat_json_cleanup(json_t **json)
{
    json_decref(*json);
}
#define cat_autojson __attribute__((cleanup(cat_json_cleanup)))

/* A whole document: UTF-8, any top-level value, duplicate keys refused. The message names line and column.
 * `*json` is the caller's reference. */
int cat_json_parse(const char *text, size_t length, const cat_json_caps *caps, json_t **json,
                   cat_error *error);
/* Compact text without a line end; owned by the caller. Key order is kept. */
char *cat_json_format(const json_t *json);
/* Two-space indent and a final line end, for people and files. */
char *cat_json_format_pretty(const json_t *json);
/* RFC 8785 (JCS). The form that is hashed and signed. */
char *cat_json_canonical(const json_t *json);
/* SHA-256 of the canonical form, lower-case hex (64 characters). */
void cat_json_digest(const json_t *json, char hex[65]);

/* Reading by a path of member names with dots between ("metadata.name"; an array index is a number:
 * "items.0"). Names that hold a dot are reached with cat_json_at. All lend; NULL / fallback when absent or of
 * another type. */
json_t *cat_json_get(const json_t *json, const char *path);
json_t *cat_json_at(const json_t *json, const char *const names[], size_t count);
const char *cat_json_text(const json_t *json, const char *path);
const char *cat_json_text_or(const json_t *json, const char *path, const char *fallback);
int64_t cat_json_int_or(const json_t *json, const char *path, int64_t fallback);
bool cat_json_bool_or(const json_t *json, const char *path, bool fallback);
/* RFC 6901 pointer. */
json_t *cat_json_pointer(const json_t *json, const char *pointer);
/* One step further: "/" and `name` with its `~` and `/` escaped. */
void cat_json_pointer_append(cat_string *pointer, const char *name);
/* The same as the caller's new text. */
char *cat_json_pointer_join(const char *pointer, const char *name);

/* Building. `cat_json_set` takes the value (NULL value: nothing is set), making objects along the path.
 * Objects only. */
void cat_json_set(json_t *json, const char *path, json_t *value);
void cat_json_set_text(json_t *json, const char *path, const char *text); /* NULL text: nothing is set */
void cat_json_set_int(json_t *json, const char *path, int64_t number);
void cat_json_set_bool(json_t *json, const char *path, bool truth);
/* A new object from pairs: cat_json_object("kind", json_string("Pod"), NULL). Values are taken, NULL values
 * left out... the list ends with a NULL name. */
json_t *cat_json_object(const char *name, ...) __attribute__((sentinel));
json_t *cat_json_strings(const cat_strings *strings);
bool cat_json_is_text_in(const json_t *array, const char *text); /* an array of strings holds it */
/* RFC 7396 merge patch: `target` is changed in place (may be NULL) and stays its owner's; returns the result,
 * a reference of its own that the caller owns (often to `target` itself). */
json_t *cat_json_merge_patch(json_t *target, const json_t *patch);
/* RFC 6902 operations add, remove, replace, test. On error `document` may be half changed: give a copy. */
int cat_json_patch(json_t *document, const json_t *operations, cat_error *error);

/* Reading in volume. A view is a pointer into a parsed text that lives as long as its document. */
typedef struct cat_document cat_document;
typedef struct {
    void *value; /* NULL: absent */
} cat_view;
/* As cat_json_parse, but of a name that is there twice the first counts. */
int cat_document_parse(const char *text, size_t length, const cat_json_caps *caps, cat_document **document,
                       cat_error *error);
void cat_document_destroy(cat_document *document);
static inline void cat_document_destroy_cleanup(cat_document **document)
{
    cat_document_destroy(*document);
}
cat_view cat_document_root(const cat_document *document);
cat_view cat_view_get(cat_view view, const char *path);     /* as cat_json_get */
cat_view cat_view_member(cat_view view, const char *name);  /* one name, dots and all */
const char *cat_view_text(cat_view view, const char *path); /* path NULL or "": the view itself */
const char *cat_view_text_or(cat_view view, const char *path, const char *fallback);
int64_t cat_view_int_or(cat_view view, const char *path, int64_t fallback);
bool cat_view_bool_or(cat_view view, const char *path, bool fallback);
bool cat_view_is_object(cat_view view);
bool cat_view_is_array(cat_view view);
size_t cat_view_count(cat_view view); /* members or elements */
/* Walks members (name set) or elements (name NULL): `cat_view_iterator it = cat_view_each(view); while
 * (cat_view_next(&it, &name, &item))`. */
typedef struct {
    unsigned char state[64];
} cat_view_iterator;
cat_view_iterator cat_view_each(cat_view view);
bool cat_view_next(cat_view_iterator *iterator, const char **name, cat_view *item);
json_t *cat_view_to_json(cat_view view); /* a copy that is the caller's */
char *cat_view_format(cat_view view);    /* compact text; owned by the caller */

#endif
