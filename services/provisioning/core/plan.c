#include "core/plan.h"

#include "base/memory.h"
#include "core/plan_reach.h"

static json_t *finished_plan(const prv_draft *draft)
{
    json_t *plan = cat_json_object(
        "kind", json_string(draft->kind->name), "organization", json_incref(cat_json_get(draft->facts, "organization.name")),
        "application", json_incref(cat_json_get(draft->request, "application")), "applications", json_incref(draft->applications),
        "files", json_incref(draft->files), "objects", json_incref(draft->objects), "verdicts", json_array(), "commits",
        json_incref(draft->commits), "warnings", json_incref(draft->warnings), "reads",
        cat_json_get(draft->facts, "reads") ? json_incref(cat_json_get(draft->facts, "reads")) : json_array(), "trees",
        json_incref(draft->trees), "skeletons", json_incref(draft->skeletons), "secrets", json_incref(draft->secrets), "links",
        json_incref(draft->links), NULL);
    cat_json_set_text(plan, "subject", draft->subject);
    if (draft->kind->onboards)
        json_object_set(plan, "environments", draft->environments);
    return plan;
}

/* Says what is wrong with the wish where there is somebody to hear it. */
static int hand_over(const prv_draft *draft, json_t **errors, const char **code, int result)
{
    if (errors)
        *errors = json_incref(draft->errors);
    if (code)
        *code = draft->code;
    return result;
}

int prv_plan_make(const prv_kind *kind, const json_t *facts, const json_t *request, json_t **plan, json_t **errors,
                  const char **code, cat_error *error)
{
    cat_auto(prv_draft) draft;
    prv_draft_init(&draft, kind, facts, request);
    if (!kind->plan)
        prv_draft_complain(&draft, "/kind", "is none that can be planned");
    int result = kind->plan ? kind->plan(&draft, error) : prv_draft_verdict(&draft, error);
    if (result == 0)
        result = prv_check_reach(&draft, error);
    if (result < 0)
        return hand_over(&draft, errors, code, result);
    *plan = finished_plan(&draft);
    return 0;
}

int prv_plan_needs(const prv_kind *kind, const json_t *facts, const json_t *request, json_t **keys, json_t **errors,
                   const char **code, cat_error *error)
{
    cat_auto(prv_draft) draft;
    cat_autojson json_t *found = json_array();
    prv_draft_init(&draft, kind, facts, request);
    int result = kind->needs ? kind->needs(&draft, found, error) : 0;
    if (result < 0)
        return hand_over(&draft, errors, code, result);
    *keys = cat_take(found);
    return 0;
}

static void print_list(cat_string *out, const json_t *list)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)list, index, item)
        cat_string_appendf(out, "%s%s", index ? "," : "", json_string_value(item) ? json_string_value(item) : "?");
}

char *prv_plan_print(const json_t *plan)
{
    cat_auto(cat_string) out = CAT_STRING(1024 * 1024);
    size_t index, at;
    json_t *item, *file;
    json_array_foreach(cat_json_get(plan, "applications"), index, item)
    {
        cat_string_appendf(&out, "application %s %s %s %s in ", cat_json_text_or(item, "name", "?"),
                           cat_json_text_or(item, "action", "?"), cat_json_text_or(item, "blueprint", "?"),
                           cat_json_text_or(item, "version", "?"));
        print_list(&out, cat_json_get(item, "environments"));
        cat_string_append(&out, " after ");
        print_list(&out, cat_json_get(item, "dependsOn"));
        cat_string_append(&out, "\n");
    }
    json_array_foreach(cat_json_get(plan, "trees"), index, item)
    {
        cat_string_appendf(&out, "tree %s %s from '%s' keep ", cat_json_text_or(item, "repository", "?"),
                           cat_json_text_or(item, "branch", "?"), cat_json_text_or(item, "from", "?"));
        print_list(&out, cat_json_get(item, "keep"));
        cat_string_append(&out, "\n");
        json_array_foreach(cat_json_get(item, "files"), at, file) cat_string_appendf(
            &out, "  %s %s\n", cat_json_text(file, "content") ? "write" : "remove", cat_json_text_or(file, "path", "?"));
    }
    json_array_foreach(cat_json_get(plan, "secrets"), index, item)
        cat_string_appendf(&out, "secret %s\n", cat_json_text_or(item, "path", "?"));
    json_array_foreach(cat_json_get(plan, "objects"), index, item)
        cat_string_appendf(&out, "object %s %s %s\n", cat_json_text_or(item, "action", "?"),
                           cat_json_text_or(item, "branch", "?"), cat_json_text_or(item, "path", "?"));
    json_array_foreach(cat_json_get(plan, "warnings"), index, item)
        cat_string_appendf(&out, "warning %s\n", json_string_value(item));
    return cat_string_take(&out);
}
