/* What an operation is doing, or left, of a name that has a repository and no Application: `facts.work`, {name: {kind, operation,
 * ended}}, as observe_work.c finds it. Operations are kept for a day, so that there may be nothing to tell. */
#include "core/plan_parts.h"

#include "base/memory.h"

bool prv_is_being_removed(const json_t *work)
{
    return cat_text_equal(cat_json_text(work, "kind"), "uninstall") && !cat_json_bool_or(work, "ended", false);
}

char *prv_work_words(const json_t *work, const char *name)
{
    const char *kind = cat_json_text_or(work, "kind", ""), *id = cat_json_text_or(work, "operation", "");
    bool removal = cat_text_equal(kind, "uninstall"), ended = cat_json_bool_or(work, "ended", false);
    if (removal && !ended)
        return cat_printf("'%.60s' is being removed, by operation %.60s", name, id);
    if (removal)
        return cat_printf("'%.60s' is left of an uninstall that did not end: operation %.60s says why, and can be tried again",
                          name, id);
    if (cat_text_equal(kind, "install") && !ended)
        return cat_printf("'%.60s' is being installed, by operation %.60s", name, id);
    if (cat_text_equal(kind, "install"))
        return cat_printf("'%.60s' is left of an install that did not end: retry operation %.60s, or uninstall it", name, id);
    return cat_printf(
        "'%.60s' is a repository without an Application. If it was renamed, give it its name back; if an install or an "
        "uninstall left it, uninstall it",
        name);
}
