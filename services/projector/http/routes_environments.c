/* Organizations and Environments, as catalyst-state has them. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "domain/kinds.h"
#include "domain/object_status.h"
#include "http/routes_internal.h"

int prj_routes_list_organizations(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    prj_routes_context *context = opaque;
    const char *q = cat_request_query(request, "q");
    cat_auto(prj_routes_page) page = {0};
    size_t at = 0;
    int code = cat_page_limit(request, &page.limit, error);
    prj_view *controlplane = NULL;
    if (code == 0)
        code = prj_views_acquire(context->views, "system", "_", &controlplane, error);
    if (code < 0)
        return code;
    cat_auto(prj_routes_look) look = {.context = context, .seen = cat_calloc(1, sizeof(prj_view *)), .count = 1, .locked = true};
    look.seen[0] = controlplane;
    prj_view_lock(controlplane);
    cat_auto(prj_list) all = {0};
    for (const prj_view_row *row; (row = prj_view_next(controlplane, &at));)
        if (!row->deleted && cat_kind_is(row->kind, CAT_KIND_ROW_ORGANIZATION) &&
            cat_principal_reaches(cat_request_principal(request), row->name) && (!q || prj_list_text_has(row->name, q)))
            prj_list_add(&all, row->name, row->name, row);
    code = prj_routes_cut_page(request, reply, &all, &page);
    if (page.refused)
        return code;
    cat_auto(cat_string) body = CAT_STRING(ROUTES_BODY_MAX);
    cat_string_append(&body, "{\"items\":[");
    for (size_t i = page.from; i < page.to; i++) {
        cat_string_append(&body, i > page.from ? "," : "");
        const prj_view_row *row = all.items[i].payload;
        prj_view_row_format_for(row, prj_routes_env_types(cat_request_principal(request), row->name), &body);
    }
    return prj_routes_answer_list(reply, &body, page.next, &look, error);
}

/* As many as the list shows with each status as a filter. */
static json_t *count_applications(const prj_view *seen)
{
    static const char *const NAMES[] = {
        [CAT_STATUS_RUNNING] = "running",     [CAT_STATUS_PROGRESSING] = "progressing", [CAT_STATUS_DEGRADED] = "degraded",
        [CAT_STATUS_SUSPENDED] = "suspended", [CAT_STATUS_MISSING] = "missing",         [CAT_STATUS_UNKNOWN] = "unknown"};
    json_int_t total = 0, counts[sizeof NAMES / sizeof *NAMES] = {0};
    size_t at = 0;
    for (const prj_view_row *row; seen && (row = prj_view_next(seen, &at));) {
        cat_status status = CAT_STATUS_UNKNOWN;
        if (row->deleted || !cat_kind_is(row->kind, CAT_KIND_ROW_APPLICATION))
            continue;
        total++;
        cat_status_parse(row->status, &status);
        counts[status]++;
    }
    json_t *made = cat_json_object("total", json_integer(total), NULL);
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        cat_json_set_int(made, NAMES[i], counts[i]);
    return made;
}

static json_t *describe_environment(const prj_view_row *row, const prj_view *seen)
{
    cat_json_caps caps = {.max_bytes = 1024 * 1024, .max_depth = 80};
    cat_autojson json_t *stored = NULL;
    if (cat_json_parse(row->text, row->length, &caps, &stored, NULL) < 0)
        stored = json_object();
    json_t *shown = cat_json_object("name", json_string(row->name), "organization", json_string(row->organization),
                                    "applications", count_applications(seen), NULL);
    static const char *const COPIED[] = {"displayName", "envType", "branch", "vclusters", "status",
                                         "reason",      "message", "next",   "since",     "policyRef"};
    for (size_t i = 0; i < sizeof COPIED / sizeof *COPIED; i++)
        if (json_object_get(stored, COPIED[i]))
            json_object_set(shown, COPIED[i], json_object_get(stored, COPIED[i]));
    cat_autofree char *revision =
        seen ? cat_printf("%s:%s.%llu", row->name, prj_view_incarnation(seen), (unsigned long long)prj_view_revision(seen))
             : NULL;
    json_object_set_new(shown, "revision", revision ? json_string(revision) : json_null());
    return shown;
}

static const prj_view *find_seen(const prj_routes_look *look, const char *environment)
{
    for (size_t i = 0; i < look->count; i++)
        if (strcmp(prj_view_environment(look->seen[i]), environment) == 0)
            return look->seen[i];
    return NULL;
}

int prj_routes_list_environments(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    prj_routes_context *context = opaque;
    const char *organization = NULL;
    cat_auto(prj_routes_page) page = {0};
    size_t at = 0;
    cat_auto(prj_routes_look) look = {0};
    prj_view *controlplane = NULL;
    int code = cat_request_organization(request, &organization, error);
    if (code == 0)
        code = cat_page_limit(request, &page.limit, error);
    if (code == 0)
        code = prj_routes_look_at(request, context, CAT_ACTION_READ, organization, NULL, &look, error);
    if (code == 0)
        code = prj_views_acquire(context->views, "system", "_", &controlplane, error);
    if (code < 0)
        return code;
    cat_auto(prj_list) all = {0};
    cat_auto(cat_string) body = CAT_STRING(ROUTES_BODY_MAX);
    cat_string_append(&body, "{\"items\":[");
    prj_view_lock(controlplane);
    for (const prj_view_row *row; (row = prj_view_next(controlplane, &at));)
        if (!row->deleted && cat_kind_is(row->kind, CAT_KIND_ROW_ENVIRONMENT) && strcmp(row->organization, organization) == 0 &&
            cat_access_check(cat_request_principal(request), CAT_ACTION_READ, organization, row->name, NULL) == 0)
            prj_list_add(&all, row->name, row->name, row);
    code = prj_routes_cut_page(request, reply, &all, &page);
    for (size_t i = page.from; i < page.to; i++) {
        const prj_view_row *row = all.items[i].payload;
        cat_autojson json_t *shown = describe_environment(row, find_seen(&look, row->name));
        cat_autofree char *text = cat_json_format(shown);
        cat_string_append(&body, i > page.from ? "," : "");
        cat_string_append(&body, text);
    }
    prj_view_unlock(controlplane);
    prj_views_release(context->views, controlplane);
    return page.refused ? code : prj_routes_answer_list(reply, &body, page.next, &look, error);
}
