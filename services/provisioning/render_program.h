/* Runs the kustomize program on a tree in a private folder, confined. Any thread; blocks. */
#ifndef PROVISIONING_RENDER_PROGRAM_H
#define PROVISIONING_RENDER_PROGRAM_H

#include "render.h"

#define PRV_PROGRAM_MAX_OUTPUT ((size_t)8 * 1024 * 1024)

/* `files` {path: text} is written below a temporary folder of the owner's alone, which is removed afterwards. The text that was
 * built is the caller's. CAT_E_INVALID: it was refused, in our words (render_words.h); its own are in the log. */
int prv_program_build(const prv_render_options *options, const json_t *files, char **built, size_t *length, cat_error *error);

/* The program under its limits, as the configuration says. CAT_E_UNSUPPORTED: this kernel cannot hold it. */
int prv_program_confine(const char *program, unsigned time_out_seconds, bool without_landlock, cat_confinement **confinement,
                        cat_error *error);

#endif
