/* A person's own tokens for Git. The text of one is answered once and kept nowhere here. */
#include <stdlib.h>
#include <string.h>

#include "routes.h"

#define NAME_MAX_LENGTH 60

/* Of the path: a body's is held against its schema. */
static bool is_name(const char *name)
{
    static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t length = name ? strlen(name) : 0;
    return length > 0 && length <= NAME_MAX_LENGTH && strspn(name, ALLOWED) == length;
}

/* The Git server learns of people before they first use it. */
static int explain(int code, cat_error *failed, const cat_principal *principal, cat_error *error)
{
    if (code == CAT_E_NOT_FOUND)
        return cat_error_set_class(error, CAT_E_UNAVAILABLE, CAT_CLASS_WAITING,
                                   "the Git server does not know %.60s yet: try again in a minute", principal->user);
    return cat_error_copy(error, failed);
}

static json_t *shown_token(const json_t *token)
{
    const char *used = cat_json_text(token, "last_used_at");
    return cat_json_object(
        "name", json_incref(json_object_get(token, "name")), "lastEight", json_incref(json_object_get(token, "token_last_eight")),
        "scopes", json_incref(json_object_get(token, "scopes")), "createdAt", json_incref(json_object_get(token, "created_at")),
        "lastUsedAt", used ? json_string(used) : NULL, NULL);
}

int prv_get_tokens(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    prv_context *context = opaque;
    const cat_principal *principal = cat_request_principal(request);
    cat_autojson json_t *tokens = NULL;
    cat_error failed = {0};
    int code = cat_gitea_list_tokens(context->gitea, principal->user, &tokens, &failed);
    if (code < 0 && code != CAT_E_NOT_FOUND)
        return cat_error_copy(error, &failed);
    json_t *items = json_array();
    size_t index;
    json_t *token;
    json_array_foreach(tokens, index, token) json_array_append_new(items, shown_token(token));
    return prv_reply_page(request, reply, items, "name", error);
}

/* Anywhere: what a token may push, and to which branch, its owner's teams say (services/environment-controller/people.c). */
static int may_push(const cat_principal *principal, cat_error *error)
{
    int code = CAT_E_FORBIDDEN;
    for (size_t i = 0; i < principal->membership_count && code < 0; i++)
        code = cat_access_check_somewhere(principal, CAT_ACTION_PROPOSE, principal->memberships[i].organization, error);
    return code;
}

static int make_token(prv_context *context, cat_request *request, const json_t *body, prv_answer *answer, cat_error *error)
{
    const cat_principal *principal = cat_request_principal(request);
    const char *name = cat_json_text(body, "name"), *access = cat_json_text(body, "access");
    /* Git would refuse a viewer's pushes: who asks for the right to write hears it before. */
    cat_error refusal = {0};
    int code = may_push(principal, &refusal);
    if (code < 0 && cat_text_equal(access, "write"))
        return cat_error_copy(error, &refusal);
    if (!access)
        access = code < 0 ? "read" : "write";
    bool write = strcmp(access, "write") == 0;
    answer->object = cat_printf("git-token/%s", name);
    const char *const scopes[] = {write ? "write:repository" : "read:repository", NULL};
    char *text = NULL;
    cat_error failed = {0};
    code = cat_gitea_create_token(context->gitea, principal->user, name, scopes, &text, &failed);
    if (code == CAT_E_EXISTS)
        answer->problem = "name-taken";
    if (code < 0)
        return explain(code, &failed, principal, error);
    answer->status = 201;
    answer->body = cat_json_object(
        "name", json_string(name), "user", json_string(principal->user), "access", json_string(access), "token",
        json_string(text), "url",
        context->config->common.gitea.public_url ? json_string(context->config->common.gitea.public_url) : NULL, NULL);
    /* A repeat learns that it was made, not its text. */
    answer->repeated = cat_json_object("name", json_string(name), "user", json_string(principal->user), "access",
                                       json_string(access), "token", json_null(), NULL);
    cat_wipe(text, strlen(text));
    free(text);
    return 0;
}

int prv_post_token(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    cat_reply_header(reply, "Cache-Control", "no-store");
    return prv_write_once(request, reply, context, "make-git-token", make_token, error);
}

static int delete_token(prv_context *context, cat_request *request, const json_t *body, prv_answer *answer, cat_error *error)
{
    (void)body;
    const char *name = cat_request_parameter(request, "name");
    if (!is_name(name))
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no such token");
    answer->object = cat_printf("git-token/%s", name);
    answer->status = 204;
    return cat_gitea_delete_token(context->gitea, cat_request_principal(request)->user, name, error);
}

int prv_delete_token(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    return prv_write_once(request, reply, context, "delete-git-token", delete_token, error);
}
