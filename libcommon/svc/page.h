/* Lists over HTTP, a page at a time: the query's `limit` and `cursor`, and {items, next, revision} for an answer. What is sorted
 * by more than a key is cut in a pure room, by wire/page.h. For handlers.
 *
 *     if ((code = cat_page_limit(request, &limit, error)) == 0)
 *         code = search(request, limit, cat_request_query(request, "cursor"), &result, error);
 *     if (code == CAT_E_INVALID)
 *         return cat_page_refuse(reply, error);
 *     return code < 0 ? code : cat_page_answer(reply, result, revision);
 */
#ifndef CAT_SVC_PAGE_H
#define CAT_SVC_PAGE_H

#include "net/http_server.h"
#include "wire/page.h"

/* Without one CAT_PAGE_LIMIT_DEFAULT. CAT_E_INVALID for a limit that is none, 0 or over the most. */
int cat_page_limit(const cat_request *request, size_t *limit, cat_error *error);
/* The problem `cursor-invalid`, at the query's `cursor`. Returns 0. */
int cat_page_refuse(cat_reply *reply, const cat_error *why);
/* A page that was cut already, with the revision of what it was read from. Returns 0. */
int cat_page_answer(cat_reply *reply, json_t *page_taken, uint64_t revision);
/* Cuts and answers a small list: each of `items` has the text `key`, by which they are sorted and which is the cursor, so any
 * text is one. The revision is a digest of all of them. */
int cat_page_reply(cat_request *request, cat_reply *reply, json_t *items_taken, const char *key, cat_error *error);

#endif
