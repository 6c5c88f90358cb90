/* Which secrets there are and whether they came: references and their state, for who may know of them without reading all else.
 */
#include <string.h>

#include "domain/kinds.h"
#include "http/routes_internal.h"

/* Kubernetes' own, and what fetches them from the Organization's store. */
static bool is_of_secrets(const prj_view_row *row)
{
    return cat_kind_is(row->kind, CAT_KIND_SECRET) || cat_kind_is(row->kind, CAT_KIND_EXTERNAL_SECRET);
}

static void add_secrets(const prj_view *seen, const cat_strings *applications, prj_list *sorted)
{
    size_t at = 0;
    for (const prj_view_row *row; (row = prj_view_next(seen, &at));) {
        if (row->deleted || !is_of_secrets(row) || (applications->count > 0 && !cat_strings_has(applications, row->application)))
            continue;
        cat_autofree char *id = cat_printf("%s %s", prj_view_environment(seen), row->key);
        prj_list_add(sorted, id, id, row);
    }
}

/* No more than where one is, whose it is and how it is: not the keyed hashes of what it holds. */
static void name_fields(cat_strings *fields)
{
    static const char *const SHOWN[] = {"kind",   "namespace", "name",    "environment", "application",
                                        "status", "reason",    "message", "next",        "since"};
    for (size_t i = 0; i < sizeof SHOWN / sizeof *SHOWN; i++)
        cat_strings_add(fields, SHOWN[i]);
}

int prj_routes_list_secrets(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    const char *organization = NULL;
    cat_auto(cat_strings) applications = {0}, fields = {0};
    cat_auto(prj_routes_look) look = {0};
    cat_auto(prj_routes_page) page = {0};
    int code = prj_routes_list_begin(request, opaque, CAT_ACTION_READ_SECRETS, &organization, &look, &page.limit, error);
    if (code < 0)
        return code;
    prj_routes_query_list(request, "application", &applications);
    cat_auto(prj_list) sorted = {0};
    for (size_t i = 0; i < look.count; i++)
        add_secrets(look.seen[i], &applications, &sorted);
    code = prj_routes_cut_page(request, reply, &sorted, &page);
    if (page.refused)
        return code;
    name_fields(&fields);
    cat_auto(cat_string) body = CAT_STRING(ROUTES_BODY_MAX);
    cat_string_append(&body, "{\"items\":[");
    for (size_t i = page.from; i < page.to; i++) {
        cat_string_append(&body, i > page.from ? "," : "");
        prj_routes_format_row(sorted.items[i].payload, &fields, &body);
    }
    return prj_routes_answer_list(reply, &body, page.next, &look, error);
}
