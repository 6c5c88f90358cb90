/* Small files read whole. Any thread. */
#ifndef CAT_BASE_FILE_H
#define CAT_BASE_FILE_H

#include <stddef.h>

#include "base/error.h"

/* `*text` (the caller's, terminated) and `*length`. CAT_E_NOT_FOUND, CAT_E_TOO_LARGE above `max_bytes`, CAT_E_IO. */
int cat_file_read(const char *path, size_t max_bytes, char **text, size_t *length, cat_error *error);
/* One line of a secret's file without its final white space. */
int cat_file_read_secret(const char *path, char **secret, cat_error *error);

#endif
