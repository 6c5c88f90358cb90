/* Runs the kustomize program on a tree in a private folder. Any thread; blocks. */
#ifndef PROVISIONING_RENDER_PROGRAM_H
#define PROVISIONING_RENDER_PROGRAM_H

#include "render.h"

#define PRV_PROGRAM_MAX_OUTPUT ((size_t)8 * 1024 * 1024)

/* `files` {path: text} is written below a temporary folder of the owner's alone, which is removed afterwards. The text that was
 * built is the caller's. CAT_E_INVALID with the program's words, without the folder's name. */
int prv_program_build(const prv_render_options *options, const json_t *files, char **built, size_t *length, cat_error *error);

#endif
