/* Folders of Blueprints as candidates, for tests. Paths are relative to the checkout. */
#ifndef BPC_PLAN_TESTING_H
#define BPC_PLAN_TESTING_H

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "core/plan.h"

static inline void testing_read(const char *root, const char *inner, json_t *files)
{
    cat_autofree char *folder = *inner ? cat_printf("%s/%s", root, inner) : cat_strdup(root);
    DIR *directory = opendir(folder);
    if (!directory)
        return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] == '.')
            continue;
        cat_autofree char *path = *inner ? cat_printf("%s/%s", inner, entry->d_name) : cat_strdup(entry->d_name),
                          *whole = cat_printf("%s/%s", root, path), *text = NULL;
        size_t length = 0;
        if (entry->d_type == DT_DIR)
            testing_read(root, path, files);
        else if (cat_file_read(whole, 1 << 20, &text, &length, NULL) == 0)
            json_object_set_new(files, path, json_stringn(text, length));
    }
    closedir(directory);
}

static inline bpc_checker *testing_checker(void)
{
    cat_autofree char *text = NULL;
    size_t length = 0;
    bpc_checker *checker = NULL;
    cat_error error = {0};
    if (cat_file_read("proto/blueprint.schema.json", 1 << 20, &text, &length, &error) < 0 ||
        bpc_checker_create(text, length, &checker, &error) < 0)
        fprintf(stderr, "%s\n", error.message);
    return checker;
}

static inline json_t *testing_candidate(const char *source, const char *name, const char *version, json_t *files_taken)
{
    return cat_json_object("source", json_string(source), "name", json_string(name), "version", json_string(version), "files",
                           files_taken, NULL);
}

/* "file:line: message" a line. The caller's. */
static inline char *testing_errors(const json_t *checked)
{
    cat_auto(cat_string) out = CAT_STRING(65536);
    size_t index;
    json_t *error;
    json_array_foreach(json_object_get(checked, "errors"), index, error)
        cat_string_appendf(&out, "%s:%lld: %s\n", cat_json_text_or(error, "file", ""),
                           (long long)cat_json_int_or(error, "line", 0), cat_json_text_or(error, "message", ""));
    return cat_string_take(&out);
}

#endif
