/* Changes in a YAML text that people wrote: what is not changed keeps its bytes (comments, order, quotes, line ends, indentation,
 * byte order mark). Pure; any thread.
 *
 *     cat_auto(cat_strings) lost = {0};
 *     cat_autofree char *changed = cat_yaml_edit(before, length, &CAT_YAML_CAPS, wanted, &lost);
 */
#ifndef CAT_WIRE_YAML_EDIT_H
#define CAT_WIRE_YAML_EDIT_H

#include "base/string.h"
#include "wire/yaml.h"

/* The text of one document that is read as `wanted`. It is read again before it is given out; a text that cannot be changed in
 * place, or not be read, gives way to cat_yaml_format's. `lost` (may be NULL) gets the comments of `text` that are not there any
 * more: of members that went, or all. Owned by the caller. */
char *cat_yaml_edit(const char *text, size_t length, const cat_yaml_caps *caps, const json_t *wanted, cat_strings *lost);

#endif
