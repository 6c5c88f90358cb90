#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/string.h"

/* Keys and credentials are far below this; NATS credentials of two PEM-like blocks are the longest. */
#define SECRET_MAX_BYTES (64 * 1024)
#define CHUNK_BYTES 16384

static void close_cleanup(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
}

int cat_file_read(const char *path, size_t max_bytes, char **text, size_t *length, cat_error *error)
{
    __attribute__((cleanup(close_cleanup))) int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return cat_error_set(error, errno == ENOENT || errno == ENOTDIR ? CAT_E_NOT_FOUND : CAT_E_IO, "cannot open %s: %s", path,
                             strerror(errno));
    cat_auto(cat_string) content = CAT_STRING(max_bytes);
    char chunk[CHUNK_BYTES];
    for (;;) {
        ssize_t got = read(descriptor, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cat_error_set(error, CAT_E_IO, "cannot read %s: %s", path, strerror(errno));
        if (got == 0)
            break;
        cat_string_append_bytes(&content, chunk, (size_t)got);
        if (content.overflowed)
            return cat_error_set(error, CAT_E_TOO_LARGE, "%s is larger than %zu bytes", path, max_bytes);
    }
    if (length)
        *length = content.length;
    *text = cat_string_take(&content);
    return 0;
}

int cat_file_read_secret(const char *path, char **secret, cat_error *error)
{
    char *text;
    size_t length;
    int result = cat_file_read(path, SECRET_MAX_BYTES, &text, &length, error);
    if (result < 0)
        return result;
    while (length > 0 && strchr(" \t\r\n", text[length - 1]))
        text[--length] = '\0';
    const char *wrong = length == 0                     ? "is empty"
                        : memchr(text, '\0', length)    ? "holds a zero byte"
                        : strpbrk(text, "\r\n") != NULL ? "has more than one line"
                                                        : NULL;
    if (wrong) {
        cat_wipe(text, length); /* there may be a zero byte in it */
        free(text);
        return cat_error_set(error, CAT_E_INVALID, "the secret's file %s %s", path, wrong);
    }
    *secret = text;
    return 0;
}
