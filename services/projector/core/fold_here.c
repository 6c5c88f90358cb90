/* develop has a branch of each Application, and its row is told to the Environment of that type: who may see this Environment
 * alone is shown the row only once the Application has run here. `here` says so, before the members that every row ends with. It
 * is decided with each event, so that no batch changes it, and stays: the repository of what was removed is still that of what
 * was here. */
#include "core/fold_here.h"

#include "base/memory.h"
#include "core/fold_members.h"

bool prj_fold_runs_here(const prj_fold *state, const char *application)
{
    cat_map *index = application ? cat_map_get(state->applications, application) : NULL;
    size_t at = 0;
    const char *key;
    void *value;
    while (index && cat_map_next(index, &at, &key, &value)) {
        const prj_fold_row *row = value;
        if (prj_fold_is_anchor(row) && !row->deleted && !row->gone)
            return true;
    }
    return false;
}

void prj_fold_tell_branch(prj_fold *state, const prj_fold_step *step, const char *object_key)
{
    static const char *const CHANGED[] = {"here", "seq", "observedAt"};
    const prj_fold_row *anchor = prj_fold_find(state, object_key);
    char key[CAT_KEY_MAX];
    if (!anchor || !prj_fold_is_anchor(anchor) || !anchor->application ||
        cat_key_make("repository", NULL, anchor->application, key, NULL) < 0)
        return;
    cat_view row = prj_fold_view(prj_fold_find(state, key));
    if (!row.value || cat_view_bool_or(row, "here", false))
        return;
    cat_autofree char *index = cat_strdup(anchor->application);
    cat_string *out = prj_fold_begin(state);
    cat_write_members(out, row, CHANGED, sizeof CHANGED / sizeof *CHANGED);
    cat_write_bool(out, "here", true);
    prj_fold_seal(out, step);
    prj_fold_store(state, key, index);
}
