/* Lists, a page at a time. */
#include <string.h>

#include "http/routes.h"
#include "wire/digest.h"

#define LIMIT_MAX 200
#define LIMIT_DEFAULT 50

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

int prv_reply_page(cat_request *request, cat_reply *reply, json_t *items_taken, const char *key, cat_error *error)
{
    cat_autojson json_t *items = items_taken, *page = json_array();
    const char *last = cat_request_query(request, "cursor");
    int64_t limit = 0;
    int code = cat_request_query_int(request, "limit", 1, LIMIT_MAX, LIMIT_DEFAULT, &limit, error);
    if (code < 0)
        return code;
    size_t at = find_least(items, key, last);
    for (; at < json_array_size(items) && json_array_size(page) < (size_t)limit; at = find_least(items, key, last)) {
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
