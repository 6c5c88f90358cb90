/* Any bytes: a reply of Gitea's, and its refusal. */
#include <string.h>

#include "fuzz.h"
#include "net/gitea_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {400, 401, 403, 404, 405, 409, 422, 500};
    cat_autojson json_t *reply = NULL;
    cat_error error = {0};
    if (gitea_reply_parse((const char *)data, size, &reply, &error) < 0)
        CLAIM(error.code == CAT_E_PROTOCOL && !reply);
    else
        CLAIM(gitea_is_part(reply, reply));
    cat_autofree char *text = cat_strndup((const char *)data, size);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        cat_http_answer answer = {.status = statuses[i], .body = text, .length = size};
        CLAIM(gitea_answer_error(&answer, "call", NULL) < 0);
    }
    cat_autofree char *path = gitea_path("/x/%s", text);
    CLAIM(strncmp(path, "/x/", 3) == 0 && !strchr(path + 3, '/'));
    return 0;
}
