/* Applications: the rows `application._.{app}` of all Environments of an Organization, put together by name. */
#include <stdlib.h>
#include <string.h>

#include "domain/kinds.h"
#include "domain/object_status.h"
#include "http/routes_internal.h"
#include "wire/names.h"
#include "wire/subjects.h"

typedef struct {
    const char *name;
    const prj_view_row **rows; /* beside look.seen; NULL where it is not */
    char changed_at[40];
} application;

static void application_release(void *value)
{
    application *one = value;
    free(one->rows);
    free(one);
}

static cat_map *merge(const prj_routes_look *look)
{
    cat_map *all = cat_map_create(application_release);
    for (size_t i = 0; i < look->count; i++) {
        size_t at = 0;
        for (const prj_view_row *row; (row = prj_view_next(look->seen[i], &at));) {
            if (row->deleted || !cat_kind_is(row->kind, CAT_KIND_ROW_APPLICATION))
                continue;
            application *one = cat_map_get(all, row->name);
            if (!one) {
                one = cat_calloc(1, sizeof *one);
                one->name = row->name;
                one->rows = cat_calloc(look->count, sizeof *one->rows);
                cat_map_set(all, row->name, one);
            }
            one->rows[i] = row;
        }
    }
    return all;
}

static bool matches(const application *one, size_t count, const cat_strings *statuses, const char *q)
{
    bool status = statuses->count == 0, text = !q || prj_list_text_has(one->name, q);
    for (size_t i = 0; i < count; i++) {
        const prj_view_row *row = one->rows[i];
        if (!row)
            continue;
        status = status || cat_strings_has(statuses, row->status);
        text = text || prj_list_text_has(row->blueprint, q) || prj_list_text_has(row->message, q);
    }
    return status && text;
}

/* The newest commit that any of its Environments wants. */
static json_t *last_change(application *one, size_t count)
{
    json_t *newest = NULL;
    cat_json_caps caps = {.max_bytes = 1024 * 1024, .max_depth = 80};
    one->changed_at[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *document = NULL;
        if (!one->rows[i] || cat_document_parse(one->rows[i]->text, one->rows[i]->length, &caps, &document, NULL) < 0)
            continue;
        cat_view wanted = cat_view_get(cat_document_root(document), "wanted");
        const char *at = cat_view_text_or(wanted, "at", "");
        if (!cat_view_text(wanted, "commit") || (newest && strcmp(at, one->changed_at) <= 0))
            continue;
        json_decref(newest);
        newest = cat_view_to_json(wanted);
        snprintf(one->changed_at, sizeof one->changed_at, "%s", at);
    }
    return newest;
}

static const char *rank_of(const application *one, size_t count)
{
    static const char *const RANKS[] = {[CAT_STATUS_DEGRADED] = "0",    [CAT_STATUS_MISSING] = "1",   [CAT_STATUS_UNKNOWN] = "2",
                                        [CAT_STATUS_PROGRESSING] = "3", [CAT_STATUS_SUSPENDED] = "4", [CAT_STATUS_RUNNING] = "5"};
    cat_status worst = CAT_STATUS_RUNNING;
    for (size_t i = 0; i < count; i++) {
        cat_status here = CAT_STATUS_UNKNOWN;
        if (one->rows[i] && cat_status_parse(one->rows[i]->status, &here))
            worst = cat_status_worse(worst, here);
    }
    return RANKS[worst];
}

/* The Environment nearest to production speaks for name and Blueprint. */
static const prj_view_row *foremost(const application *one, const prj_routes_look *look)
{
    const prj_view_row *found = NULL;
    int rank = -2;
    for (size_t i = 0; i < look->count; i++) {
        char organization[CAT_NAME_ORGANIZATION_MAX + 1], env_type[8];
        if (!one->rows[i] || !cat_environment_split(prj_view_environment(look->seen[i]), organization, env_type))
            continue;
        if (!found || cat_env_type_rank(env_type) > rank) {
            found = one->rows[i];
            rank = cat_env_type_rank(env_type);
        }
    }
    return found;
}

static void add_member(cat_string *out, const char *name, json_t *value_taken)
{
    cat_autojson json_t *value = value_taken;
    cat_autofree char *text = cat_json_format(value);
    cat_string_appendf(out, "\"%s\":", name);
    cat_string_append(out, text);
    cat_string_append_char(out, ',');
}

static void format(application *one, const char *organization, const prj_routes_look *look, cat_string *out)
{
    const prj_view_row *row = foremost(one, look);
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *document = NULL;
    cat_json_caps caps = {.max_bytes = 1024 * 1024, .max_depth = 80};
    cat_view json = {0};
    if (row && cat_document_parse(row->text, row->length, &caps, &document, NULL) == 0)
        json = cat_document_root(document);
    json_t *change = last_change(one, look->count);
    cat_string_append_char(out, '{');
    add_member(out, "name", json_string(one->name));
    add_member(out, "organization", json_string(organization));
    add_member(out, "title", json_string(cat_view_text_or(json, "displayName", one->name)));
    add_member(out, "blueprint", cat_view_text(json, "blueprint") ? json_string(cat_view_text(json, "blueprint")) : json_null());
    add_member(out, "version", cat_view_text(json, "version") ? json_string(cat_view_text(json, "version")) : json_null());
    add_member(out, "lastChange", change ? change : json_null());
    cat_string_append(out, "\"environments\":{");
    bool first = true;
    for (size_t i = 0; i < look->count; i++) {
        if (!one->rows[i])
            continue;
        cat_string_appendf(out, "%s\"%s\":", first ? "" : ",", prj_view_environment(look->seen[i]));
        first = false;
        prj_view_row_format(one->rows[i], out);
    }
    cat_string_append(out, "}}");
}

static void sort_applications(cat_map *all, const prj_routes_look *look, const cat_request *request, prj_list *sorted)
{
    cat_auto(cat_strings) statuses = {0};
    prj_routes_query_list(request, "status", &statuses);
    const char *q = cat_request_query(request, "q");
    const char *field = prj_list_sort_field(cat_request_query(request, "sort"), "name", &sorted->descending);
    bool by_status = strcmp(field, "status") == 0, by_change = strcmp(field, "changed") == 0;
    size_t at = 0;
    const char *name;
    void *value;
    while (cat_map_next(all, &at, &name, &value)) {
        application *one = value;
        if (!matches(one, look->count, &statuses, q))
            continue;
        if (by_change)
            json_decref(last_change(one, look->count));
        prj_list_add(sorted, by_status ? rank_of(one, look->count) : by_change ? one->changed_at : name, name, one);
    }
}

int prj_routes_list_applications(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    const char *organization = NULL;
    cat_auto(prj_routes_look) look = {0};
    cat_auto(prj_routes_page) page = {0};
    int code = prj_routes_list_begin(request, opaque, CAT_ACTION_READ, &organization, &look, &page.limit, error);
    if (code < 0)
        return code;
    __attribute__((cleanup(cat_map_destroy_cleanup))) cat_map *all = merge(&look);
    cat_auto(prj_list) sorted = {0};
    sort_applications(all, &look, request, &sorted);
    code = prj_routes_cut_page(request, reply, &sorted, &page);
    if (page.refused)
        return code;
    cat_auto(cat_string) body = CAT_STRING(ROUTES_BODY_MAX);
    cat_string_append(&body, "{\"items\":[");
    for (size_t i = page.from; i < page.to; i++) {
        cat_string_append(&body, i > page.from ? "," : "");
        format((application *)sorted.items[i].payload, organization, &look, &body);
    }
    return prj_routes_answer_list(reply, &body, page.next, &look, error);
}

int prj_routes_get_application(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    const char *organization = NULL, *name = cat_request_parameter(request, "app");
    cat_auto(prj_routes_look) look = {0};
    char key[CAT_KEY_MAX];
    int code = cat_request_organization(request, &organization, error);
    if (code == 0)
        code = prj_routes_look_at(request, opaque, CAT_ACTION_READ, organization, NULL, &look, error);
    if (code < 0)
        return code;
    application one = {.name = name, .rows = cat_calloc(look.count + 1, sizeof(prj_view_row *))};
    bool named = cat_key_make(cat_kind_get(CAT_KIND_ROW_APPLICATION)->token, NULL, name, key, NULL) == 0, found = false;
    for (size_t i = 0; named && i < look.count; i++) {
        const prj_view_row *row = prj_view_find(look.seen[i], key);
        one.rows[i] = row && !row->deleted ? row : NULL;
        found = found || one.rows[i];
    }
    cat_auto(cat_string) body = CAT_STRING(ROUTES_BODY_MAX);
    if (found)
        format(&one, organization, &look, &body);
    free(one.rows);
    if (!found)
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no Application %.64s in %s", name, organization);
    size_t length = body.length;
    return cat_reply_text(reply, 200, "application/json", cat_string_take(&body), length);
}
