/* What kustomize's words mean, in ours. Pure. */
#ifndef PROVISIONING_RENDER_WORDS_H
#define PROVISIONING_RENDER_WORDS_H

#include "net/confined_program.h"

/* A sentence for people about a build that failed; the caller's. Of what the program said nothing gets into it but names of files
 * of the tree, of fields and of objects, where they are made of plain characters: it read what others wrote, and whatever it was
 * brought to read could stand in its words. `id` is where the log has them. */
char *prv_render_words(const cat_confined_result *result, const char *id);

#endif
