/* What the readers of YAML share. */
#ifndef CAT_WIRE_YAML_INTERNAL_H
#define CAT_WIRE_YAML_INTERNAL_H

#include "wire/yaml.h"

/* What is looked at before libyaml sees the text: its size, and what would take libyaml too long. */
int cat_yaml_check_text(const char *text, size_t length, const cat_yaml_caps *caps, cat_error *error);

#endif
