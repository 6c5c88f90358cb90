/* Operations, which may stand in several Environments. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/operation_join.h"
#include "domain/kinds.h"
#include "http/routes_internal.h"

static int64_t sequence_of(const prj_view_row *row)
{
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *document = NULL;
    cat_json_caps caps = {.max_bytes = 1024 * 1024, .max_depth = 80};
    if (!row->text || cat_document_parse(row->text, row->length, &caps, &document, NULL) < 0)
        return -1;
    return cat_view_int_or(cat_document_root(document), "sequence", -1);
}

static bool is_about(const prj_view_row *row, const char *application)
{
    if (strcmp(row->application, application) == 0)
        return true;
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *document = NULL;
    cat_json_caps caps = {.max_bytes = 1024 * 1024, .max_depth = 80};
    if (cat_document_parse(row->text, row->length, &caps, &document, NULL) < 0)
        return false;
    cat_view_iterator it = cat_view_each(cat_view_get(cat_document_root(document), "applications"));
    cat_view item;
    while (cat_view_next(&it, NULL, &item))
        if (cat_text_equal(cat_view_text(item, NULL), application) || cat_text_equal(cat_view_text(item, "name"), application))
            return true;
    return false;
}

/* An operation over several Environments stands in each: the row that went furthest is the first. */
typedef struct {
    const prj_view_row *rows[VIEW_ENV_TYPES + 1];
    size_t count;
} operation;

static void add_row(cat_map *all, const prj_view_row *row)
{
    operation *one = cat_map_get(all, row->name);
    if (!one)
        cat_map_set(all, row->name, one = cat_calloc(1, sizeof *one));
    if (one->count == sizeof one->rows / sizeof *one->rows)
        return;
    bool first = one->count > 0 && sequence_of(row) > sequence_of(one->rows[0]);
    one->rows[one->count++] = first ? one->rows[0] : row;
    if (first)
        one->rows[0] = row;
}

/* `types`: of the Environments that may be read. What is onboarded stands in catalyst-state. */
static void add_operations(const prj_view *seen, const char *organization, unsigned types, cat_map *all)
{
    bool controlplane = strcmp(prj_view_environment(seen), "_") == 0;
    size_t at = 0;
    for (const prj_view_row *row; (row = prj_view_next(seen, &at));) {
        bool foreign = controlplane && (strcmp(row->organization, organization) != 0 || (row->env_types & ~types));
        if (!row->deleted && cat_kind_is(row->kind, CAT_KIND_ROW_OPERATION) && !foreign)
            add_row(all, row);
    }
}

static void format_joined(const operation *one, json_t *const *parsed, cat_string *out)
{
    cat_autojson json_t *joined = prj_operation_join((const json_t *const *)parsed, one->count);
    cat_autofree char *text = cat_json_format(joined);
    prj_view_row whole = *one->rows[0];
    whole.text = text;
    whole.length = strlen(text);
    prj_routes_format_row(&whole, NULL, out);
}

static void format_operation(const operation *one, cat_string *out)
{
    static const cat_json_caps CAPS = {.max_bytes = 1024 * 1024, .max_depth = 80};
    json_t *parsed[VIEW_ENV_TYPES + 1] = {0};
    bool whole = one->count > 1;
    for (size_t i = 0; i < one->count && whole; i++)
        whole = cat_json_parse(one->rows[i]->text, one->rows[i]->length, &CAPS, &parsed[i], NULL) == 0;
    if (whole)
        format_joined(one, parsed, out);
    else
        prj_routes_format_row(one->rows[0], NULL, out);
    for (size_t i = 0; i < one->count; i++)
        json_decref(parsed[i]);
}

/* The Organization's Environments and catalyst-state, locked; "_" sorts in front of all names. */
static int look_at_operations(cat_request *request, prj_routes_context *context, const char *organization, prj_routes_look *look,
                              cat_error *error)
{
    prj_view *controlplane = NULL;
    int code = cat_access_check(cat_request_principal(request), CAT_ACTION_READ, organization, NULL, error);
    if (code == 0)
        code = prj_routes_look_at(request, context, CAT_ACTION_READ, organization, NULL, look, error);
    if (code == 0)
        code = prj_views_acquire(context->views, "system", "_", &controlplane, error);
    if (code < 0)
        return code;
    prj_view_lock(controlplane);
    look->seen[look->count++] = controlplane;
    return 0;
}

static cat_map *collect_operations(const cat_request *request, const prj_routes_look *look, const char *organization)
{
    cat_map *all = cat_map_create(free);
    unsigned types = prj_routes_env_types(cat_request_principal(request), organization);
    for (size_t i = 0; i < look->count; i++)
        add_operations(look->seen[i], organization, types, all);
    return all;
}

int prj_routes_list_operations(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    const char *organization = NULL, *application = cat_request_query(request, "application");
    cat_auto(prj_routes_page) page = {0};
    size_t at = 0;
    cat_auto(prj_routes_look) look = {0};
    int code = cat_request_organization(request, &organization, error);
    if (code == 0)
        code = cat_page_limit(request, &page.limit, error);
    if (code == 0)
        code = look_at_operations(request, opaque, organization, &look, error);
    if (code < 0)
        return code;
    cat_auto(cat_strings) statuses = {0};
    prj_routes_query_list(request, "status", &statuses);
    __attribute__((cleanup(cat_map_destroy_cleanup))) cat_map *all = collect_operations(request, &look, organization);
    cat_auto(prj_list) sorted = {.descending = true}; /* ids sort by time: the newest first */
    const char *id;
    void *value;
    while (cat_map_next(all, &at, &id, &value)) {
        const prj_view_row *row = ((const operation *)value)->rows[0];
        if ((statuses.count == 0 || cat_strings_has(&statuses, row->status)) && (!application || is_about(row, application)))
            prj_list_add(&sorted, id, id, value);
    }
    code = prj_routes_cut_page(request, reply, &sorted, &page);
    if (page.refused)
        return code;
    cat_auto(cat_string) body = CAT_STRING(ROUTES_BODY_MAX);
    cat_string_append(&body, "{\"items\":[");
    for (size_t i = page.from; i < page.to; i++) {
        cat_string_append(&body, i > page.from ? "," : "");
        format_operation(sorted.items[i].payload, &body);
    }
    return prj_routes_answer_list(reply, &body, page.next, &look, error);
}

int prj_routes_get_operation(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    const char *organization = NULL, *id = cat_request_parameter(request, "id");
    cat_auto(prj_routes_look) look = {0};
    int code = cat_request_organization(request, &organization, error);
    if (code == 0)
        code = look_at_operations(request, opaque, organization, &look, error);
    if (code < 0)
        return code;
    __attribute__((cleanup(cat_map_destroy_cleanup))) cat_map *all = collect_operations(request, &look, organization);
    const operation *one = cat_map_get(all, id);
    if (!one)
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no operation %.64s", id);
    cat_auto(cat_string) body = CAT_STRING(2u * 1024 * 1024);
    format_operation(one, &body);
    size_t length = body.length;
    return cat_reply_text(reply, 200, "application/json", cat_string_take(&body), length);
}
