#include "net/gitea_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "wire/names.h"

/* With its retries. A read takes milliseconds; somebody may be waiting for what it is needed for. */
#define READ_TIMEOUT_MS 15000

struct cat_gitea {
    char *api, *token, *user;
    cat_http_client *client;
};

int cat_gitea_create(const cat_gitea_options *options, cat_gitea **gitea, cat_error *error)
{
    const char *url = options->url;
    if (!url || (!cat_text_starts_with(url, "http://") && !cat_text_starts_with(url, "https://")) || strpbrk(url, "?#@ \r\n"))
        return cat_error_set(error, CAT_E_INVALID, "gitea.url is no plain http or https URL");
    if (!options->token || !*options->token || strpbrk(options->token, "\r\n"))
        return cat_error_set(error, CAT_E_INVALID, "Gitea's access token is not one line of text");
    size_t length = strlen(url);
    while (length && url[length - 1] == '/')
        length--;
    cat_gitea *made = cat_calloc(1, sizeof *made);
    made->api = cat_printf("%.*s/api/v1", (int)length, url);
    made->token = cat_strdup(options->token);
    made->user = cat_strdup(options->user);
    made->client = cat_http_client_create(&(cat_http_client_options){.peer = CAT_PEER_GIT});
    *gitea = made;
    return 0;
}

void cat_gitea_destroy(cat_gitea *gitea)
{
    if (!gitea)
        return;
    cat_http_client_destroy(gitea->client);
    cat_secret_free(gitea->token);
    free(gitea->api);
    free(gitea->user);
    free(gitea);
}

char *gitea_path(const char *format, ...)
{
    cat_auto(cat_string) path = CAT_STRING(GITEA_PATH_MAX_BYTES);
    va_list arguments;
    va_start(arguments, format);
    for (const char *at = format; *at; at++) {
        if (at[0] == '%' && at[1] == 's') {
            cat_percent_encode(&path, va_arg(arguments, const char *));
            at++;
        } else {
            cat_string_append_char(&path, *at);
        }
    }
    va_end(arguments);
    return cat_string_take(&path);
}

int gitea_reply_parse(const char *body, size_t length, json_t **reply, cat_error *error)
{
    static const cat_json_caps caps = {(size_t)16 * 1024 * 1024, 64};
    if (!length) {
        *reply = json_null();
        return 0;
    }
    cat_error failed = {0};
    if (cat_json_parse(body, length, &caps, reply, &failed) == 0)
        return 0;
    return cat_error_set_peer(error, CAT_PEER_GIT, CAT_E_PROTOCOL, "Gitea's answer is no JSON: %s", failed.message);
}

/* What Gitea means by a status that it uses for several things. */
static int code_of(int status, const char *words, int usual)
{
    bool may_exist = status == 400 || status == 403 || status == 409 || status == 422;
    if (may_exist && (strstr(words, "already exist") || strstr(words, "used already")))
        return CAT_E_EXISTS;
    if (status != 405)
        return usual;
    /* "Please try again later": Gitea still checks the pull request. */
    return strcasestr(words, "try again later") ? CAT_E_UNAVAILABLE : CAT_E_FORBIDDEN;
}

int gitea_answer_error(const cat_http_answer *answer, const char *what, cat_error *error)
{
    /* What was renamed or given to somebody else is not there under this name: nobody follows it to another's ground. */
    if (answer->status >= 300 && answer->status < 400)
        return cat_error_set(error, CAT_E_NOT_FOUND, "%s: it was renamed or moved, and has another name now", what);
    cat_error made = {0};
    int usual = cat_http_error(answer, what, &made);
    return cat_error_set_peer(error, CAT_PEER_GIT, code_of(answer->status, made.message, usual), "%s", made.message);
}

int gitea_send(cat_gitea *gitea, const gitea_request *request, json_t **reply, bool *next, cat_error *error)
{
    if (request->sudo && (!*request->sudo || strpbrk(request->sudo, "\r\n")))
        return cat_error_set(error, CAT_E_INVALID, "Gitea: acting for a person needs the person's login");
    cat_error refusal = {0};
    if (request->sudo && cat_name_check_login(request->sudo, &refusal) < 0)
        return cat_error_set(error, CAT_E_FORBIDDEN, "nothing is done in Git in this user's name: %s", refusal.message);
    cat_autofree char *url = cat_printf("%s%s", gitea->api, request->path);
    cat_autofree char *sudo = request->sudo ? cat_printf("Sudo: %s", request->sudo) : NULL;
    cat_autosecret char *token = request->basic ? NULL : cat_printf("Authorization: token %s", gitea->token);
    cat_autofree char *body = request->body ? cat_json_format(request->body) : NULL;
    bool reads = strcmp(request->method, "GET") == 0;
    const char *headers[4] = {"Accept: application/json"};
    size_t count = 1;
    if (token)
        headers[count++] = token;
    if (sudo)
        headers[count++] = sudo;
    cat_http_call call = {
        .method = request->method,
        .url = url,
        .content_type = body ? "application/json" : NULL,
        .body = cat_slice_of(body),
        .headers = headers,
        .basic_user = request->basic ? gitea->user : NULL,
        .basic_password = request->basic ? gitea->token : NULL,
        .retries = reads ? 2 : 0,
        .timeout_ms = reads ? READ_TIMEOUT_MS : 0,
    };
    cat_autofree char *what = cat_printf("Gitea %s %.*s", request->method, (int)strcspn(request->path, "?"), request->path);
    cat_auto(cat_http_answer) answer = {0};
    int code = cat_http_send(gitea->client, &call, &answer, error);
    if (code < 0) {
        cat_error_wrap(error, "%s", what);
        return code;
    }
    if (answer.status < 200 || answer.status > 299)
        return gitea_answer_error(&answer, what, error);
    json_t *parsed = NULL;
    code = reply ? gitea_reply_parse(answer.body, answer.length, &parsed, error) : 0;
    if (code < 0)
        return code;
    if (next)
        *next = answer.link && strstr(answer.link, "rel=\"next\"");
    if (reply)
        *reply = parsed;
    return 0;
}

int cat_gitea_call(cat_gitea *gitea, const char *method, const char *path, const json_t *body, const char *sudo, json_t **reply,
                   cat_error *error)
{
    return gitea_send(gitea, &(gitea_request){.method = method, .path = path, .body = body, .sudo = sudo}, reply, NULL, error);
}

int gitea_list(cat_gitea *gitea, const char *path, bool basic, size_t max_items, json_t **items, cat_error *error)
{
    cat_autojson json_t *found = json_array();
    bool next = true;
    for (unsigned page = 1; next; page++) {
        cat_autofree char *paged =
            cat_printf("%s%climit=%d&page=%u", path, strchr(path, '?') ? '&' : '?', GITEA_PAGE_ITEMS, page);
        cat_autojson json_t *reply = NULL;
        int code = gitea_send(gitea, &(gitea_request){.method = "GET", .path = paged, .basic = basic}, &reply, &next, error);
        if (code < 0)
            return code;
        if (!json_is_array(reply) && !json_is_null(reply))
            return cat_error_set(error, CAT_E_PROTOCOL, "Gitea's answer to %s is no list", path);
        if (json_is_array(reply))
            json_array_extend(found, reply);
        next = next || json_array_size(reply) >= GITEA_PAGE_ITEMS; /* not every list has a Link header */
        if (json_array_size(found) > max_items)
            return cat_error_set(error, CAT_E_TOO_LARGE, "Gitea has more than %zu items at %s", max_items, path);
    }
    *items = cat_take(found);
    return 0;
}

int cat_gitea_list(cat_gitea *gitea, const char *path, size_t max_items, json_t **items, cat_error *error)
{
    return gitea_list(gitea, path, false, max_items, items, error);
}

static bool is_in(const json_t *value, const json_t *array)
{
    size_t index;
    json_t *item;
    json_array_foreach(array, index, item)
    {
        if (gitea_is_part(value, item))
            return true;
    }
    return false;
}

bool gitea_is_part(const json_t *wanted, const json_t *have)
{
    if (json_is_object(wanted)) {
        const char *name;
        json_t *value;
        if (!json_is_object(have))
            return false;
        json_object_foreach((json_t *)wanted, name, value)
        {
            const json_t *other = json_object_get(have, name);
            if (!gitea_is_part(value, other) &&
                !(json_is_array(value) && json_array_size(value) == 0 && (!other || json_is_null(other))))
                return false;
        }
        return true;
    }
    if (json_is_array(wanted)) {
        size_t index;
        json_t *item;
        if (json_array_size(wanted) != json_array_size(have)) /* of null: 0 */
            return false;
        json_array_foreach(wanted, index, item)
        {
            if (!is_in(item, have))
                return false;
        }
        return true;
    }
    return have && json_equal(wanted, have);
}
