/* References as paths. kustomize looks for addresses in them before it looks into the folder, and its idea of an address has many
 * forms (`git::`, `user@host:`, `github.com/a/b`, any case of them, `?ref=`): what is made of letters, digits, `.`, `_` and `-`
 * alone, in parts that are not empty, is none of these but the one that begins with `github.com`. */
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "domain/kustomization_internal.h"

#define REFERENCE_MAX 500

static bool is_plain(const char *part, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char one = part[i];
        if (!(one >= 'a' && one <= 'z') && !(one >= 'A' && one <= 'Z') && !(one >= '0' && one <= '9') && one != '.' &&
            one != '_' && one != '-')
            return false;
    }
    return length > 0;
}

/* Takes the last part off; false at the root. */
static bool go_up(char *path)
{
    if (!*path)
        return false;
    char *slash = strrchr(path, '/');
    *(slash ? slash : path) = '\0';
    return true;
}

/* One part of the reference onto `path`, which has room. */
static const char *step(char *path, const char *part, size_t length, bool up)
{
    if (!is_plain(part, length))
        return "is no path in here: what it names has to be copied in, under a name of letters, digits, '.', '_' and '-'";
    if (length == 1 && *part == '.')
        return NULL;
    if (length == 2 && part[0] == '.' && part[1] == '.') {
        if (!up)
            return "leaves the folder of the file that names it";
        return go_up(path) ? NULL : "leaves what belongs together here";
    }
    size_t end = strlen(path);
    if (end)
        path[end++] = '/';
    memcpy(path + end, part, length);
    path[end + length] = '\0';
    return NULL;
}

char *kustomization_path(const char *folder, const char *reference, bool up, const char **why)
{
    size_t length = strlen(reference);
    *why = length == 0                                     ? "names nothing"
           : length > REFERENCE_MAX                        ? "is too long"
           : *reference == '/'                             ? "leaves what belongs together here"
           : strncasecmp(reference, "github.com", 10) == 0 ? "would be an address: give the folder another name"
                                                           : NULL;
    cat_autofree char *path = cat_malloc(strlen(folder) + length + 2);
    strcpy(path, folder);
    for (const char *at = reference; !*why && *at;) {
        size_t part = strcspn(at, "/");
        *why = step(path, at, part, up);
        at += part;
        /* A folder may be written with a slash at its end. */
        if (*at && *++at == '\0' && !up)
            *why = "is no path of a file";
    }
    return *why ? NULL : cat_take(path);
}
