/* References as paths. kustomize looks for addresses in them before it looks into the folder, and its idea of an address has many
 * forms (`git::`, `user@host:`, `github.com/a/b`, any case of them, `?ref=`): what is made of letters, digits, `.`, `_` and `-`
 * alone, in parts that are not empty, is none of these but the one that begins with `github.com`. */
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "domain/kustomization_internal.h"

#define REFERENCE_MAX 500
#define ADDRESS                                                                                                                  \
    "would be an address, and nothing is fetched from elsewhere: copy what it names into the repository, and name the copy"

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

/* What people mean by a reference that is no path. */
static const char *why_no_path(const char *reference)
{
    if (strchr(reference, '\n') || strstr(reference, ": "))
        return "is written in place, and a file is expected: put it into a file of the repository, and name that";
    if (strpbrk(reference, ":?@") || strstr(reference, "//"))
        return ADDRESS;
    if (strncasecmp(reference, "github.com", 10) == 0)
        return ADDRESS "; a folder that is called so needs another name";
    return "has a character that is not taken in paths: call files and folders by letters, digits, '.', '_' and '-' alone";
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
static const char *step(char *path, const char *reference, const char *part, size_t length, bool up)
{
    if (!is_plain(part, length))
        return why_no_path(reference);
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
           : strncasecmp(reference, "github.com", 10) == 0 ? why_no_path(reference)
                                                           : NULL;
    cat_autofree char *path = cat_malloc(strlen(folder) + length + 2);
    strcpy(path, folder);
    for (const char *at = reference; !*why && *at;) {
        size_t part = strcspn(at, "/");
        *why = step(path, reference, at, part, up);
        at += part;
        /* A folder may be written with a slash at its end. */
        if (*at && *++at == '\0' && !up)
            *why = "is no path of a file";
    }
    return *why ? NULL : cat_take(path);
}
