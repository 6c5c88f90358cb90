#include "tree.h"

#include <stdio.h>
#include <stdlib.h>

#include "domain/application_tree.h"
#include "domain/kustomization.h"

/* What does not fit is not a text to the check, which refuses whatever names it. */
static int read_files(cat_git *git, const cat_git_id *commit, json_t *files, cat_error *error)
{
    cat_auto(cat_strings) paths = {0};
    int code = cat_git_list(git, commit, "", &paths, error);
    size_t bytes = 0;
    for (size_t i = 0; code == 0 && i < paths.count; i++) {
        cat_autofree char *content = NULL;
        size_t length = 0;
        cat_error failed = {0};
        json_t *text = NULL;
        int read = cat_git_read(git, commit, paths.items[i], &content, &length, NULL, &failed);
        if (read < 0 && read != CAT_E_INVALID && read != CAT_E_TOO_LARGE && read != CAT_E_NOT_FOUND)
            return cat_error_copy(error, &failed);
        bool fits = read == 0 ? bytes + length <= CAT_KUSTOMIZATION_MAX_BYTES : read != CAT_E_TOO_LARGE;
        if (read == 0 && fits && cat_text_is_utf8(content, length)) {
            text = json_stringn(content, length);
            bytes += length;
        }
        json_t *missing = read == CAT_E_INVALID ? json_true() : fits ? json_null() : json_false();
        json_object_set_new(files, paths.items[i], text ? text : missing);
    }
    return code;
}

int ec_tree_judge(cat_git *git, const cat_git_id *commit, const char *env_type, ec_tree_verdict *verdict, cat_error *error)
{
    *verdict = (ec_tree_verdict){0};
    cat_autojson json_t *files = json_object(), *errors = NULL;
    cat_error failed = {0};
    int code = read_files(git, commit, files, &failed);
    /* More than can be looked at is more than Flux is given. */
    if (code == CAT_E_TOO_LARGE) {
        *verdict = (ec_tree_verdict){.why = cat_strdup(failed.message), .too_large = true};
        return 0;
    }
    if (code < 0)
        return cat_error_copy(error, &failed);
    if (!cat_application_tree_check(files, env_type, &errors, &verdict->reads))
        verdict->why = cat_tree_error_words(json_array_get(errors, 0));
    return 0;
}

int ec_tree_check(const cat_git_remote *remote, const char *branch, const char *commit, const char *env_type,
                  ec_tree_verdict *verdict, cat_error *error)
{
    *verdict = (ec_tree_verdict){0};
    const char *const branches[] = {branch, NULL};
    cat_autoptr(cat_git) git = NULL;
    cat_git_id id;
    cat_error failed = {0};
    snprintf(id.hex, sizeof id.hex, "%s", commit);
    int code = cat_git_open(remote, branches, &git, &failed);
    if (code == CAT_E_TOO_LARGE) {
        *verdict = (ec_tree_verdict){.why = cat_strdup(failed.message), .too_large = true};
        return 0;
    }
    return code < 0 ? cat_error_copy(error, &failed) : ec_tree_judge(git, &id, env_type, verdict, error);
}
