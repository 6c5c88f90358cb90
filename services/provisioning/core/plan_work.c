/* What an operation is doing, or left, of a name that has a repository and no Application: `facts.work`, {name: {operation,
 * ended, removes, being, left}}, as observe_work.c finds it: the last three are of the operation's kind (core/kind.h). Operations
 * are kept for a day, so that there may be nothing to tell. */
#include "core/plan_parts.h"

#include <string.h>

#include "base/memory.h"

json_t *prv_work_of(const prv_kind *kind, const json_t *operation, bool ended)
{
    static const char *const MEMBERS[] = {"operation", "startedAt", "environments"};
    json_t *work = cat_json_object("ended", json_boolean(ended), "removes", json_boolean(kind->removes), NULL);
    for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++)
        if (json_object_get(operation, MEMBERS[i]))
            json_object_set_new(work, MEMBERS[i], json_deep_copy(json_object_get(operation, MEMBERS[i])));
    cat_json_set_text(work, "being", kind->being);
    cat_json_set_text(work, "left", kind->left);
    return work;
}

bool prv_is_being_removed(const json_t *work)
{
    return cat_json_bool_or(work, "removes", false) && !cat_json_bool_or(work, "ended", false);
}

static char *left_words(const char *name, const char *left, const char *id)
{
    static const char PLACE[] = "{operation}";
    const char *at = strstr(left, PLACE);
    size_t before = at ? (size_t)(at - left) : strlen(left);
    return cat_printf("'%.60s' is %.*s%.60s%s", name, (int)before, left, at ? id : "", at ? at + strlen(PLACE) : "");
}

char *prv_work_words(const json_t *work, const char *name)
{
    const char *being = cat_json_text(work, "being"), *left = cat_json_text(work, "left"),
               *id = cat_json_text_or(work, "operation", "");
    if (being && !cat_json_bool_or(work, "ended", false))
        return cat_printf("'%.60s' is %s, by operation %.60s", name, being, id);
    if (left)
        return left_words(name, left, id);
    return cat_printf(
        "'%.60s' is a repository without an Application. If it was renamed, give it its name back; if an install or an "
        "uninstall left it, uninstall it",
        name);
}
