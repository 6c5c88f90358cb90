/* JSON text written straight into a cat_string, without a document in between: for what is written in volume. Commas come by
 * themselves; the caller pairs brackets and gives no name twice in one object. `name` is NULL in arrays and at the top. Text is
 * UTF-8. Any thread; what does not fit below the ceiling is told by `overflowed`.
 *
 *     cat_write_begin(&out, NULL, '{');
 *     cat_write_text(&out, "name", "blog");
 *     cat_write_view(&out, "spec", cat_view_get(event, "spec"));
 *     cat_write_end(&out, '}');
 */
#ifndef CAT_WIRE_JSON_WRITER_H
#define CAT_WIRE_JSON_WRITER_H

#include "wire/json.h"

void cat_write_begin(cat_string *out, const char *name, char bracket); /* '{' or '[' */
void cat_write_end(cat_string *out, char bracket);
void cat_write_text(cat_string *out, const char *name, const char *text); /* NULL: nothing is written */
void cat_write_textn(cat_string *out, const char *name, const char *text, size_t length);
void cat_write_int(cat_string *out, const char *name, int64_t number);
void cat_write_bool(cat_string *out, const char *name, bool truth);
void cat_write_raw(cat_string *out, const char *name, const char *json, size_t length); /* what is JSON already */
/* A value as it was read; absent: nothing is written. Of a name that is there twice the first, as cat_view_get finds it. A number
 * that no int64_t holds becomes a real one, as other readers need it. */
void cat_write_view(cat_string *out, const char *name, cat_view view);
/* Each member of an object but those named in `except`. */
void cat_write_members(cat_string *out, cat_view object, const char *const except[], size_t count);

#endif
