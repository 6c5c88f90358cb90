/* What a list is asked with, and how it is answered. */
#include <string.h>

#include "base/memory.h"
#include "http/routes_internal.h"

bool prj_routes_query_list(const cat_request *request, const char *name, cat_strings *values)
{
    const char *text = cat_request_query(request, name);
    if (!text || !*text)
        return false;
    while (*text) {
        size_t length = strcspn(text, ",");
        cat_autofree char *value = cat_strndup(text, length);
        if (length > 0 && !cat_strings_has(values, value))
            cat_strings_add(values, value);
        text += length + (text[length] == ',');
    }
    cat_strings_sort(values);
    return values->count > 0;
}

int prj_routes_list_begin(cat_request *request, prj_routes_context *context, cat_action action, const char **organization,
                          prj_routes_look *look, size_t *limit, cat_error *error)
{
    cat_auto(cat_strings) environments = {0};
    int code = cat_request_organization(request, organization, error);
    if (code == 0)
        code = cat_page_limit(request, limit, error);
    bool named = prj_routes_query_list(request, "environment", &environments);
    return code < 0 ? code
                    : prj_routes_look_at(request, context, action, *organization, named ? &environments : NULL, look, error);
}

int prj_routes_cut_page(const cat_request *request, cat_reply *reply, prj_list *all, prj_routes_page *page)
{
    cat_error error = {0};
    page->refused =
        prj_list_page(all, cat_request_query(request, "cursor"), page->limit, &page->from, &page->to, &page->next, &error) < 0;
    return page->refused ? cat_page_refuse(reply, &error) : 0;
}

void prj_routes_format_row(const prj_view_row *row, const cat_strings *fields, cat_string *out)
{
    cat_auto(cat_string) text = CAT_STRING(2u * 1024 * 1024);
    prj_view_row_format(row, &text);
    if (!fields) {
        cat_string_append_bytes(out, text.data, text.length);
        return;
    }
    cat_json_caps caps = {.max_bytes = 2u * 1024 * 1024, .max_depth = 80};
    cat_autojson json_t *whole = NULL, *picked = json_object();
    if (cat_json_parse(cat_string_get(&text), text.length, &caps, &whole, NULL) < 0)
        return;
    for (size_t i = 0; i < fields->count; i++) {
        json_t *value = json_object_get(whole, fields->items[i]);
        if (value)
            json_object_set(picked, fields->items[i], value);
    }
    json_object_set(picked, "key", json_object_get(whole, "key"));
    json_object_set(picked, "revision", json_object_get(whole, "revision"));
    cat_autofree char *formatted = cat_json_format(picked);
    cat_string_append(out, formatted);
}

int prj_routes_answer_list(cat_reply *reply, cat_string *body, const char *next_or_null, const prj_routes_look *look,
                           cat_error *error)
{
    cat_string_append(body, "],\"next\":");
    if (next_or_null)
        cat_string_appendf(body, "\"%s\"", next_or_null);
    else
        cat_string_append(body, "null");
    cat_string_append(body, ",\"revision\":\"");
    for (size_t i = 0; i < look->count; i++)
        cat_string_appendf(body, "%s%s:%s.%llu", i ? "," : "", prj_view_environment(look->seen[i]),
                           prj_view_incarnation(look->seen[i]), (unsigned long long)prj_view_revision(look->seen[i]));
    cat_string_append(body, "\"}");
    if (body->overflowed)
        return cat_error_set(error, CAT_E_TOO_LARGE, "the page is too large: ask for fewer items or fields");
    size_t length = body->length;
    return cat_reply_text(reply, 200, "application/json", cat_string_take(body), length);
}
