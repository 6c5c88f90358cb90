#include "domain/source_ignore.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

typedef struct {
    char *folder; /* that it is of; "" or ending in / */
    char *text;   /* without ! and the last / */
    bool takes_back, folders_only;
} pattern;

typedef struct {
    pattern *items;
    size_t count;
} patterns;

/* --- one name --- */

/* The character at `text` and where the next one is. */
static const char *next_character(const char *text, unsigned *character)
{
    const unsigned char *at = (const unsigned char *)text;
    unsigned length = at[0] < 0x80 ? 1 : at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : 2;
    *character = length == 1 ? at[0] : at[0] & (0xFFu >> (length + 1));
    for (unsigned i = 1; i < length && at[i]; i++)
        *character = *character << 6 | (at[i] & 0x3F);
    return text + (strlen(text) < length ? strlen(text) : length);
}

/* A bound of a class in [ ]; NULL: the pattern is none. */
static const char *read_bound(const char *at, const char *end, unsigned *character)
{
    if (at == end || *at == '-' || *at == ']')
        return NULL;
    if (*at == '\\' && ++at == end)
        return NULL;
    return next_character(at, character);
}

/* Behind the class that begins at `[`; NULL: it is none. */
static const char *read_class(const char *at, const char *end, unsigned character, bool *holds)
{
    bool negated = ++at < end && *at == '^', found = false;
    unsigned low, high, count = 0;
    at += negated;
    while (at < end && (*at != ']' || count == 0)) {
        if (!(at = read_bound(at, end, &low)))
            return NULL;
        high = low;
        if (at < end && *at == '-' && !(at = read_bound(at + 1, end, &high)))
            return NULL;
        found = found || (low <= character && character <= high);
        count++;
    }
    *holds = found != negated;
    return at < end ? at + 1 : NULL;
}

/* Whether a pattern's part [at, end) can match at all: Go's filepath.Match refuses the others. */
static bool is_well_formed(const char *at, const char *end)
{
    bool holds;
    while (at && at < end) {
        if (*at == '[')
            at = read_class(at, end, 0, &holds);
        else if (*at == '\\')
            at = at + 1 < end ? at + 2 : NULL;
        else
            at++;
    }
    return at != NULL;
}

/* One step of the pattern that is no `*`; false: it does not match. */
static bool step(const char **at, const char *end, const char **name)
{
    unsigned character;
    bool holds = true;
    const char *behind = next_character(*name, &character);
    if (**at == '[') {
        *at = read_class(*at, end, character, &holds);
    } else if (**at == '?') {
        ++*at;
    } else {
        *at += **at == '\\';
        holds = **at == **name;
        behind = *name + 1;
        ++*at;
    }
    *name = behind;
    return holds;
}

static bool matches_name(const char *start, const char *end, const char *name)
{
    if (!is_well_formed(start, end))
        return false;
    const char *at = start, *star = NULL, *from = NULL;
    while (*name || at < end) {
        if (at < end && *at == '*') {
            star = ++at;
            from = name;
            continue;
        }
        const char *tried = name, *then = at;
        if (at < end && *name && step(&then, end, &tried)) {
            at = then;
            name = tried;
            continue;
        }
        if (!star || !*from)
            return false;
        name = ++from;
        at = star;
    }
    return true;
}

/* --- a path --- */

/* A pattern without a slash: any folder on the way, or the file. */
static bool matches_anywhere(const pattern *of, const cat_strings *path)
{
    const char *end = of->text + strlen(of->text);
    for (size_t i = 0; i < path->count; i++)
        if (matches_name(of->text, end, path->items[i]))
            return !of->folders_only || i + 1 < path->count;
    return false;
}

/* A pattern with slashes: part by part, `**` any number of folders. What it matches is left out with all below. */
static bool matches_path(const pattern *of, const cat_strings *path)
{
    bool matched = false, skips = false;
    size_t next = 0;
    for (const char *part = of->text, *end;; part = end + 1) {
        end = strchrnul(part, '/');
        size_t length = (size_t)(end - part);
        if (length == 0) {
            skips = false;
        } else if (length == 2 && memcmp(part, "**", 2) == 0) {
            if (!*end)
                break;
            skips = true;
        } else if (memmem(part, length, "**", 2) || next == path->count) {
            return false;
        } else if (skips) {
            skips = false;
            if (!is_well_formed(part, end))
                return false;
            bool found = false;
            while (next < path->count && !found)
                found = matches_name(part, end, path->items[next++]);
            matched = found || (matched && next < path->count);
        } else {
            if (!matches_name(part, end, path->items[next++]))
                return false;
            matched = true;
        }
        if (!*end)
            break;
    }
    return matched && (!of->folders_only || next < path->count);
}

static void split(const char *path, cat_strings *parts)
{
    for (const char *end;; path = end + 1) {
        end = strchrnul(path, '/');
        cat_strings_addf(parts, "%.*s", (int)(end - path), path);
        if (!*end)
            return;
    }
}

static bool is_left_out(const patterns *all, const char *path)
{
    for (size_t i = all->count; i-- > 0;) {
        const pattern *one = &all->items[i];
        if (!cat_text_starts_with(path, one->folder) || !path[strlen(one->folder)])
            continue;
        cat_auto(cat_strings) parts = {0};
        split(path + strlen(one->folder), &parts);
        if (strchr(one->text, '/') ? matches_path(one, &parts) : matches_anywhere(one, &parts))
            return !one->takes_back;
    }
    return false;
}

/* --- patterns --- */

static void add(patterns *all, const char *folder, size_t folder_length, const char *line, size_t length)
{
    pattern one = {.folder = cat_strndup(folder, folder_length)};
    if (length && *line == '!') {
        one.takes_back = true;
        line++;
        length--;
    }
    if (length < 2 || memcmp(line + length - 2, "\\ ", 2) != 0)
        while (length && line[length - 1] == ' ')
            length--;
    if (length && line[length - 1] == '/') {
        one.folders_only = true;
        length--;
    }
    one.text = cat_strndup(line, length);
    all->items = cat_realloc(all->items, (all->count + 1) * sizeof *all->items);
    all->items[all->count++] = one;
}

static void add_lines(patterns *all, const char *folder, size_t folder_length, const char *text)
{
    for (const char *line = text, *end; *line && all->count <= CAT_SOURCE_IGNORE_MAX_PATTERNS; line = *end ? end + 1 : end) {
        end = strchrnul(line, '\n');
        size_t length = (size_t)(end - line);
        if (length && line[length - 1] == '\r')
            length--;
        if (*line != '#' && strspn(line, " \t\v\f\r") < length)
            add(all, folder, folder_length, line, length);
    }
}

static void add_list(patterns *all, const char *const *list)
{
    for (; *list; list++)
        add(all, "", 0, *list, strlen(*list));
}

static const char *const VERSION_CONTROL[] = {".git/", ".gitignore", ".gitmodules", ".gitattributes", NULL};
static const char *const DEFAULTS[] = {"*.jpg",
                                       "*.jpeg",
                                       "*.gif",
                                       "*.png",
                                       "*.wmv",
                                       "*.flv",
                                       "*.tar.gz",
                                       "*.zip",
                                       ".github/",
                                       ".circleci/",
                                       ".travis.yml",
                                       ".gitlab-ci.yml",
                                       "appveyor.yml",
                                       ".drone.yml",
                                       "cloudbuild.yaml",
                                       "codeship-services.yml",
                                       "codeship-steps.yml",
                                       "**/.goreleaser.yml",
                                       "**/.sops.yaml",
                                       "**/.flux.yaml",
                                       NULL};

static bool is_ignore_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strcmp(slash ? slash + 1 : path, CAT_SOURCE_IGNORE_FILE) == 0;
}

/* A folder's before those of the folders in it, these by name: as their paths are sorted without the file's own name. */
static int by_folder(const void *a, const void *b)
{
    const char *first = *(const char *const *)a, *second = *(const char *const *)b;
    size_t long_first = strlen(first) - strlen(CAT_SOURCE_IGNORE_FILE),
           long_second = strlen(second) - strlen(CAT_SOURCE_IGNORE_FILE);
    int order = memcmp(first, second, long_first < long_second ? long_first : long_second);
    return order ? order : long_first < long_second ? -1 : long_first > long_second;
}

static int read_patterns(const json_t *files, patterns *all, cat_error *error)
{
    cat_auto(cat_strings) paths = {0};
    const char *path;
    json_t *file;
    json_object_foreach((json_t *)files, path, file) if (is_ignore_file(path)) cat_strings_add(&paths, path);
    if (paths.count)
        qsort(paths.items, paths.count, sizeof *paths.items, by_folder);
    add_list(all, VERSION_CONTROL);
    size_t before = all->count;
    for (size_t i = 0; i < paths.count; i++) {
        file = json_object_get(files, paths.items[i]);
        const char *text = json_string_value(file);
        if (!text || strlen(text) != json_string_length(file))
            return cat_error_set(error, CAT_E_INVALID, "%.200s is %s", paths.items[i],
                                 json_is_true(file) ? "a link, and links are not followed" : "no text");
        size_t folder = strlen(paths.items[i]) - strlen(CAT_SOURCE_IGNORE_FILE);
        if (strlen(text) <= CAT_SOURCE_IGNORE_MAX_BYTES)
            add_lines(all, paths.items[i], folder, text);
        if (strlen(text) > CAT_SOURCE_IGNORE_MAX_BYTES || all->count > CAT_SOURCE_IGNORE_MAX_PATTERNS)
            return cat_error_set(error, CAT_E_TOO_LARGE, "%.200s: at most %zu KiB in one, and %d patterns in all, are read",
                                 paths.items[i], CAT_SOURCE_IGNORE_MAX_BYTES / 1024, CAT_SOURCE_IGNORE_MAX_PATTERNS);
    }
    if (all->count == before)
        add_list(all, DEFAULTS);
    return 0;
}

json_t *cat_source_ignore_filter(const json_t *files, cat_error *error)
{
    patterns all = {0};
    json_t *kept = NULL, *file;
    const char *path;
    if (read_patterns(files, &all, error) == 0) {
        kept = json_object();
        json_object_foreach((json_t *)files, path, file) if (!is_left_out(&all, path)) json_object_set(kept, path, file);
    }
    for (size_t i = 0; i < all.count; i++) {
        free(all.items[i].folder);
        free(all.items[i].text);
    }
    free(all.items);
    return kept;
}
