/* What the files of the Gitea client share. Not for others. */
#ifndef CAT_NET_GITEA_INTERNAL_H
#define CAT_NET_GITEA_INTERNAL_H

#include "net/gitea.h"

#define GITEA_PATH_MAX_BYTES 4096
#define GITEA_PAGE_ITEMS 50

typedef struct {
    const char *method, *path;
    const json_t *body;
    const char *sudo;
    bool basic; /* tokens are made with Basic sign-in only */
} gitea_request;
/* `next` (may be NULL) gets whether the list has another page. */
int gitea_send(cat_gitea *gitea, const gitea_request *request, json_t **reply, bool *next, cat_error *error);
int gitea_list(cat_gitea *gitea, const char *path, bool basic, size_t max_items, json_t **items, cat_error *error);
/* A path of parts that are encoded, e.g. gitea_path("/orgs/%s/teams", name): each %s is one part. The caller's. */
char *gitea_path(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* An answer's reply. Pure: reads bytes from outside. `body` NULL or empty gives null. */
int gitea_reply_parse(const char *body, size_t length, json_t **reply, cat_error *error);
/* Error for an answer that is not 2xx: Gitea says "exists already" with 400, 403, 409 or 422. */
int gitea_answer_error(const cat_http_answer *answer, const char *what, cat_error *error);
/* Everything of `wanted` is in `have`: objects by member, arrays as sets, null as an empty array, the rest by value. */
bool gitea_is_part(const json_t *wanted, const json_t *have);

#endif
