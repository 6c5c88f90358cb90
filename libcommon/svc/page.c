#include "svc/page.h"

#include <inttypes.h>
#include <string.h>

#include "svc/openapi.h"
#include "wire/digest.h"

int cat_page_limit(const cat_request *request, size_t *limit, cat_error *error)
{
    int64_t number = 0;
    int code = cat_request_query_int(request, "limit", 1, CAT_PAGE_LIMIT_MAX, CAT_PAGE_LIMIT_DEFAULT, &number, error);
    if (code == 0)
        *limit = (size_t)number;
    return code;
}

int cat_page_refuse(cat_reply *reply, const cat_error *why)
{
    return cat_openapi_refuse(reply, "cursor-invalid", "cursor", why->message);
}

int cat_page_answer(cat_reply *reply, json_t *page_taken, uint64_t revision)
{
    cat_autofree char *text = cat_printf("%" PRIu64, revision);
    json_object_set_new(page_taken, "revision", json_string(text));
    return cat_reply_json(reply, 200, page_taken);
}

/* Of those above `above` (NULL: of all); their count when there is none. */
static size_t find_least(const json_t *items, const char *key, const char *above)
{
    size_t least = json_array_size(items), index;
    json_t *item;
    json_array_foreach((json_t *)items, index, item)
    {
        const char *text = cat_json_text_or(item, key, "");
        bool after = !above || strcmp(text, above) > 0;
        if (after &&
            (least == json_array_size(items) || strcmp(text, cat_json_text_or(json_array_get(items, least), key, "")) < 0))
            least = index;
    }
    return least;
}

int cat_page_reply(cat_request *request, cat_reply *reply, json_t *items_taken, const char *key, cat_error *error)
{
    cat_autojson json_t *items = items_taken, *page = json_array();
    const char *last = cat_request_query(request, "cursor");
    size_t limit = 0;
    int code = cat_page_limit(request, &limit, error);
    if (code < 0)
        return code;
    size_t at = find_least(items, key, last);
    for (; at < json_array_size(items) && json_array_size(page) < limit; at = find_least(items, key, last)) {
        json_array_append(page, json_array_get(items, at));
        last = cat_json_text_or(json_array_get(items, at), key, "");
    }
    char revision[65];
    cat_json_digest(items, revision);
    return cat_reply_json(reply, 200,
                          cat_json_object("items", json_incref(page), "next",
                                          at < json_array_size(items) ? json_string(last) : json_null(), "revision",
                                          json_string(revision), NULL));
}
