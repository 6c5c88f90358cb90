/* Which files of a repository Flux's source-controller leaves out of what it hands on, so that plans and checks are of what a
 * cluster gets. Pure; any thread.
 *
 * Left out: what Git itself needs; then what the `.sourceignore` files name (gitignore patterns, each file's for its own folder,
 * the last that matches counts), or, in a repository that has none, pictures, archives and configuration of build servers. The
 * rules and the list are those of github.com/fluxcd/pkg/sourceignore 0.18 (with its gitignore) and artifact/storage 0.18, which
 * source-controller 1.9.0 has. They differ from Git's: a pattern is held against every file by itself, so that a file in a folder
 * that is left out can be taken back. */
#ifndef CAT_DOMAIN_SOURCE_IGNORE_H
#define CAT_DOMAIN_SOURCE_IGNORE_H

#include "wire/json.h"

#define CAT_SOURCE_IGNORE_FILE ".sourceignore"
#define CAT_SOURCE_IGNORE_MAX_BYTES ((size_t)16 * 1024) /* of one .sourceignore */
#define CAT_SOURCE_IGNORE_MAX_PATTERNS 500              /* of all */

/* `files`: {path: text, or null for what is no text}. The caller's copy without what is left out (the values are shared); NULL
 * when a .sourceignore is no text or there is too much of it: `error` names it. */
json_t *cat_source_ignore_filter(const json_t *files, cat_error *error);

#endif
