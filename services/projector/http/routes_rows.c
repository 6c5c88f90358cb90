/* Rows of one Environment. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/routes_internal.h"
#include "wire/subjects.h"

typedef struct {
    cat_strings kinds, statuses, applications;
    const char *q;
} filter;

static void filter_finish(filter *wanted)
{
    cat_strings_finish(&wanted->kinds);
    cat_strings_finish(&wanted->statuses);
    cat_strings_finish(&wanted->applications);
}

static inline void filter_cleanup(filter *wanted)
{
    filter_finish(wanted);
}

static bool passes(const filter *wanted, const prj_view_row *row)
{
    return !row->deleted && (wanted->kinds.count == 0 || cat_strings_has(&wanted->kinds, row->kind)) &&
           (wanted->statuses.count == 0 || cat_strings_has(&wanted->statuses, row->status)) &&
           (wanted->applications.count == 0 || cat_strings_has(&wanted->applications, row->application)) &&
           (!wanted->q || prj_list_text_has(row->shown, wanted->q) || prj_list_text_has(row->message, wanted->q));
}

static void sort_rows(const cat_request *request, const prj_view *seen, const filter *wanted, const cat_principal *principal,
                      prj_list *sorted)
{
    const char *field = prj_list_sort_field(cat_request_query(request, "sort"), "key", &sorted->descending);
    bool by_status = strcmp(field, "status") == 0, by_time = strcmp(field, "observedAt") == 0,
         by_name = strcmp(field, "name") == 0;
    size_t at = 0;
    for (const prj_view_row *row; (row = prj_view_next(seen, &at));) {
        char time_text[CAT_TIME_TEXT_MAX];
        if (!passes(wanted, row) || !prj_routes_sees(principal, prj_view_environment(seen), row))
            continue;
        cat_time_format(row->observed_ms, time_text);
        prj_list_add(sorted, by_status ? row->status : by_time ? time_text : by_name ? row->name : row->key, row->key, row);
    }
}

int prj_routes_list_rows(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    prj_routes_context *context = opaque;
    cat_auto(prj_routes_page) page = {0};
    prj_view *seen = NULL;
    int code = cat_page_limit(request, &page.limit, error);
    if (code == 0)
        code = prj_routes_environment(request, context, cat_request_parameter(request, "env"), &seen, error);
    if (code < 0)
        return code;
    cat_auto(prj_routes_look) look = {.context = context, .seen = cat_calloc(1, sizeof(prj_view *)), .count = 1, .locked = true};
    look.seen[0] = seen;
    prj_view_lock(seen);
    cat_auto(filter) wanted = {.q = cat_request_query(request, "q")};
    prj_routes_query_list(request, "kind", &wanted.kinds);
    prj_routes_query_list(request, "status", &wanted.statuses);
    prj_routes_query_list(request, "application", &wanted.applications);
    cat_auto(cat_strings) fields = {0};
    bool sparse = prj_routes_query_list(request, "fields", &fields);
    cat_auto(prj_list) sorted = {0};
    sort_rows(request, seen, &wanted, cat_request_principal(request), &sorted);
    code = prj_routes_cut_page(request, reply, &sorted, &page);
    if (page.refused)
        return code;
    cat_auto(cat_string) body = CAT_STRING(ROUTES_BODY_MAX);
    cat_string_append(&body, "{\"items\":[");
    for (size_t i = page.from; i < page.to; i++) {
        cat_string_append(&body, i > page.from ? "," : "");
        prj_routes_format_row(sorted.items[i].payload, sparse ? &fields : NULL, &body);
    }
    return prj_routes_answer_list(reply, &body, page.next, &look, error);
}

int prj_routes_get_row(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    prj_routes_context *context = opaque;
    const char *namespace = cat_request_parameter(request, "namespace");
    char key[CAT_KEY_MAX];
    prj_view *seen = NULL;
    int code = prj_routes_environment(request, context, cat_request_parameter(request, "env"), &seen, error);
    if (code < 0)
        return code;
    cat_auto(cat_string) body = CAT_STRING(2u * 1024 * 1024);
    prj_view_lock(seen);
    const prj_view_row *row = NULL;
    if (cat_key_make(cat_request_parameter(request, "kind"), strcmp(namespace, "_") == 0 ? NULL : namespace,
                     cat_request_parameter(request, "name"), key, NULL) == 0)
        row = prj_view_find(seen, key);
    if (row && !row->deleted && prj_routes_sees(cat_request_principal(request), prj_view_environment(seen), row))
        prj_view_row_format(row, &body);
    prj_view_unlock(seen);
    prj_views_release(context->views, seen);
    if (body.length == 0)
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no such row");
    size_t length = body.length;
    return cat_reply_text(reply, 200, "application/json", cat_string_take(&body), length);
}
