#include "domain/kustomization_reads.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"

/* How many files a folder has, below it too, and how many of them are read. */
typedef struct {
    size_t all, read;
} counted;

static void count_above(cat_map *folders, const char *path, bool read)
{
    cat_autofree char *folder = cat_strdup(path);
    for (char *slash = strrchr(folder, '/'); slash; slash = strrchr(folder, '/')) {
        *slash = '\0';
        counted *found = cat_map_get(folders, folder);
        if (!found) {
            found = cat_calloc(1, sizeof *found);
            cat_map_set(folders, folder, found);
        }
        found->all++;
        found->read += read;
    }
}

/* The uppermost folder of the path that is read whole, as `folder/`; else the path. */
static void add_name(cat_strings *names, const cat_map *folders, const char *path)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        cat_autofree char *folder = cat_strndup(path, (size_t)(slash - path));
        const counted *found = cat_map_get(folders, folder);
        if (found && found->all == found->read) {
            cat_autofree char *whole = cat_printf("%s/", folder);
            if (!cat_strings_has(names, whole))
                cat_strings_add(names, whole);
            return;
        }
    }
    cat_strings_add(names, path);
}

char *cat_kustomization_reads_write(const json_t *files, const json_t *read)
{
    cat_map *folders = cat_map_create(free);
    cat_auto(cat_strings) names = {0};
    const char *path;
    json_t *value;
    json_object_foreach((json_t *)files, path, value) count_above(folders, path, json_object_get(read, path) != NULL);
    json_object_foreach((json_t *)read, path, value) add_name(&names, folders, path);
    cat_map_destroy(folders);
    cat_strings_sort(&names);
    cat_string text = CAT_STRING(CAT_KUSTOMIZATION_READS_MAX + 1024);
    for (size_t i = 0; i < names.count && text.length <= CAT_KUSTOMIZATION_READS_MAX; i++) {
        if (i)
            cat_string_append(&text, " ");
        cat_string_append(&text, names.items[i]);
    }
    char *written = text.length && text.length <= CAT_KUSTOMIZATION_READS_MAX ? cat_strdup(cat_string_get(&text)) : NULL;
    cat_string_finish(&text);
    return written;
}

void cat_kustomization_reads_parse(const char *text, cat_strings *names)
{
    for (const char *at = text; *at;) {
        size_t length = strcspn(at, " ");
        if (length) {
            cat_autofree char *name = cat_strndup(at, length);
            cat_strings_add(names, name);
        }
        at += length + (at[length] == ' ');
    }
    cat_strings_sort(names);
}

bool cat_kustomization_reads_has(const cat_strings *names, const char *path)
{
    size_t low = 0, high = names->count;
    while (low < high) { /* the last that is not behind the path: between a folder and what is in it stands nothing else */
        size_t middle = low + (high - low) / 2;
        if (strcmp(names->items[middle], path) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return false;
    const char *name = names->items[low - 1];
    size_t length = strlen(name);
    return strcmp(name, path) == 0 || (length && name[length - 1] == '/' && strncmp(name, path, length) == 0);
}
