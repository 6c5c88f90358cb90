#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "net/http_internal.h"

static const char *content_type_of(const char *path)
{
    static const struct {
        const char *ending, *type;
    } TYPES[] = {{".html", "text/html; charset=utf-8"},
                 {".css", "text/css; charset=utf-8"},
                 {".js", "text/javascript; charset=utf-8"},
                 {".mjs", "text/javascript; charset=utf-8"},
                 {".json", "application/json"},
                 {".map", "application/json"},
                 {".svg", "image/svg+xml"},
                 {".png", "image/png"},
                 {".jpg", "image/jpeg"},
                 {".webp", "image/webp"},
                 {".ico", "image/x-icon"},
                 {".woff2", "font/woff2"},
                 {".wasm", "application/wasm"},
                 {".txt", "text/plain; charset=utf-8"},
                 {".yaml", "application/yaml"}};
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (cat_text_ends_with(path, TYPES[i].ending))
            return TYPES[i].type;
    return "application/octet-stream";
}

static bool has_bad_segment(const char *path)
{
    for (const char *at = path; *at;) {
        size_t length = strcspn(at, "/");
        if ((length == 0 && at[length]) || (length == 1 && at[0] == '.') || (length == 2 && !memcmp(at, "..", 2)))
            return true;
        at += length + (at[length] ? 1 : 0);
    }
    return false;
}

/* The file's real place, when that lies below the root's: links may stay inside but not lead out. */
static int resolve(const char *root, const char *path, char real[PATH_MAX], cat_error *error)
{
    char real_root[PATH_MAX];
    struct stat status;
    if (!*path || has_bad_segment(path) || strchr(path, '\\'))
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no such file");
    if (!realpath(root, real_root))
        return cat_error_set(error, CAT_E_IO, "the folder %s cannot be read", root);
    cat_autofree char *joined = cat_printf("%s/%s", real_root, path);
    size_t length = strlen(real_root);
    if (!realpath(joined, real) || strncmp(real, real_root, length) != 0 || real[length] != '/' || stat(real, &status) != 0 ||
        !S_ISREG(status.st_mode))
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no such file");
    return 0;
}

int cat_reply_file(cat_reply *reply, const char *root, const char *path, cat_error *error)
{
    char real[PATH_MAX];
    char *bytes = NULL;
    size_t length = 0;
    int result = resolve(root, path, real, error);
    if (result == 0)
        result = cat_file_read(real, CAT_HTTP_MAX_FILE_BYTES, &bytes, &length, error);
    if (result < 0)
        return result;
    return cat_reply_text(reply, 200, content_type_of(real), bytes, length);
}
