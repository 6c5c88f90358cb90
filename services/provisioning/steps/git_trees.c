#include "steps/git_trees.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define LOOK_BACK 50

static bool is_there(cat_git *git, const cat_git_id *tree, const char *path)
{
    cat_autofree char *content = NULL;
    size_t length = 0;
    cat_git_id folder;
    return cat_git_read(git, tree, path, &content, &length, NULL, NULL) == 0 ||
           cat_git_subtree(git, tree, path, &folder, NULL) == 0;
}

int prv_tree_make(cat_git *git, const cat_git_id *base, const cat_git_id *own, const json_t *keep, const json_t *files,
                  cat_git_id *tree, cat_error *error)
{
    size_t kept = own ? json_array_size(keep) : 0, count = 0, index;
    cat_autofree cat_git_file *list = cat_calloc(kept + json_array_size(files) + 1, sizeof *list);
    cat_autofree cat_git_id *folders = cat_calloc(kept + 1, sizeof *folders);
    json_t *item;
    cat_git_id first;
    int code = cat_git_tree_of(git, base, &first, error);
    for (size_t i = 0; code == 0 && i < kept; i++) {
        const char *folder = json_string_value(json_array_get(keep, i));
        bool has = cat_git_subtree(git, own, folder, &folders[i], NULL) == 0;
        if (has)
            list[count++] = (cat_git_file){.path = folder, .tree = &folders[i]};
        else if (is_there(git, base, folder))
            list[count++] = (cat_git_file){.path = folder};
    }
    if (code == 0 && count)
        code = cat_git_tree(git, base, list, count, &first, error);
    count = 0;
    json_array_foreach((json_t *)files, index, item)
    {
        const char *path = cat_json_text_or(item, "path", ""), *content = cat_json_text(item, "content");
        if (content || is_there(git, code == 0 ? &first : base, path))
            list[count++] = (cat_git_file){.path = path, .content = content, .length = content ? strlen(content) : 0};
    }
    if (code == 0 && count)
        code = cat_git_tree(git, &first, list, count, &first, error);
    if (code == 0)
        *tree = first;
    return code;
}

bool prv_commit_of_operation(cat_git *git, const cat_git_id *head, const char *operation, cat_git_id *commit)
{
    cat_autojson json_t *commits = NULL;
    cat_autofree char *trailer = cat_printf("\nOperation: %s\n", operation);
    if (cat_git_log(git, head, NULL, LOOK_BACK, &commits, NULL) < 0)
        return false;
    size_t index;
    json_t *one;
    json_array_foreach(commits, index, one)
    {
        if (!strstr(cat_json_text_or(one, "message", ""), trailer))
            continue;
        if (commit)
            snprintf(commit->hex, sizeof commit->hex, "%s", cat_json_text_or(one, "id", ""));
        return true;
    }
    return false;
}
