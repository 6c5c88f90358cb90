/* A person's own tokens for Git. The text of one is answered once and kept nowhere here. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/tokens.h"
#include "http/routes.h"

/* Of the path: a body's is held against its schema. */
static bool is_name(const char *name)
{
    static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t length = name ? strlen(name) : 0;
    return length > 0 && length <= PRV_TOKEN_NAME_MAX && strspn(name, ALLOWED) == length && !prv_token_is_unreachable(name);
}

/* Before a token is made or taken away in somebody's name: who is called as a service, an Organization or an administrator is
 * nobody in Git. The Git server learns of people before they first use it. */
static int check_person(prv_context *context, const cat_principal *principal, cat_error *error)
{
    cat_error failed = {0};
    int code = cat_gitea_check_person(context->gitea, principal->user, &failed);
    if (code == 0)
        return 0;
    if (code == CAT_E_FORBIDDEN)
        cat_log_warning("Git was asked for under a name that is no person's", CAT_FIELD("user", principal->user),
                        CAT_FIELD_ERROR(&failed));
    if (code == CAT_E_NOT_FOUND)
        return cat_error_set_class(error, CAT_E_UNAVAILABLE, CAT_CLASS_WAITING,
                                   "the Git server does not know %.60s yet: try again in a minute", principal->user);
    return cat_error_copy(error, &failed);
}

static json_t *shown_token(const json_t *listed, const prv_token *token)
{
    const char *used = cat_json_text(listed, "last_used_at");
    char ends[CAT_TIME_TEXT_MAX];
    cat_time_format(token->ends_ms, ends);
    return cat_json_object("name", json_string(token->name), "lastEight",
                           json_incref(json_object_get(listed, "token_last_eight")), "scopes",
                           json_incref(json_object_get(listed, "scopes")), "createdAt",
                           json_incref(json_object_get(listed, "created_at")), "lastUsedAt", used ? json_string(used) : NULL,
                           "expiresOn", json_string(token->last_day), "expiresAt", json_string(ends), NULL);
}

int prv_get_tokens(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    prv_context *context = opaque;
    const cat_principal *principal = cat_request_principal(request);
    cat_autojson json_t *tokens = NULL, *items = json_array();
    cat_error failed = {0};
    int code = cat_gitea_check_person(context->gitea, principal->user, &failed);
    if (code == 0)
        code = cat_gitea_list_tokens(context->gitea, principal->user, &tokens, &failed);
    if (code < 0 && code != CAT_E_NOT_FOUND)
        return cat_error_copy(error, &failed);
    size_t index;
    json_t *listed;
    json_array_foreach(tokens, index, listed)
    {
        cat_auto(prv_token) token = {0};
        if ((code = prv_token_read(listed, &token, error)) < 0)
            return code;
        if (token.ends_ms > prv_now_ms()) /* what has ended is being taken away */
            json_array_append_new(items, shown_token(listed, &token));
    }
    return cat_page_reply(request, reply, json_incref(items), "name", error);
}

/* Deletes the person's tokens of this name: those that have ended, or all. `*left`: how many stay. */
static int clear_name(prv_context *context, const char *login, const char *name, bool all, size_t *left, cat_error *error)
{
    cat_autojson json_t *tokens = NULL;
    int code = cat_gitea_list_tokens(context->gitea, login, &tokens, error);
    *left = 0;
    size_t index;
    json_t *listed;
    json_array_foreach(tokens, index, listed)
    {
        cat_auto(prv_token) token = {0};
        if (code < 0 || (code = prv_token_read(listed, &token, error)) < 0 || strcmp(token.name, name) != 0)
            continue;
        if (all || token.ends_ms <= prv_now_ms())
            code = cat_gitea_delete_token(context->gitea, login, token.id, error);
        else
            (*left)++;
    }
    return code;
}

/* Whose roles have no part in repositories (money, policies) is nobody in Git, and will not be in a minute either. */
static int may_read(const cat_principal *principal, cat_error *error)
{
    int code = cat_error_set(error, CAT_E_FORBIDDEN, "%.60s has no role in any Organization", principal->user);
    for (size_t i = 0; i < principal->membership_count && code < 0; i++)
        code = cat_access_check_somewhere(principal, CAT_ACTION_READ, principal->memberships[i].organization, error);
    return code;
}

/* Anywhere: what a token may push, and to which branch, its owner's teams say (services/environment-controller/people.c). */
static int may_push(const cat_principal *principal, cat_error *error)
{
    int code = CAT_E_FORBIDDEN;
    for (size_t i = 0; i < principal->membership_count && code < 0; i++)
        code = cat_access_check_somewhere(principal, CAT_ACTION_PROPOSE, principal->memberships[i].organization, error);
    return code;
}

static int choose_access(const cat_principal *principal, const char *wish, const char **access, cat_error *error)
{
    /* Git would refuse a viewer's pushes: who asks for the right to write hears it before. */
    cat_error refusal = {0};
    int code = may_push(principal, &refusal);
    if (code < 0 && cat_text_equal(wish, "write"))
        return cat_error_copy(error, &refusal);
    *access = wish ? wish : code < 0 ? "read" : "write";
    return 0;
}

static int choose_day(const json_t *body, char last_day[PRV_TOKEN_DATE_MAX], cat_write_answer *answer, cat_error *error)
{
    int code = prv_token_choose_day(cat_json_text(body, "expiresOn"), prv_now_ms(), last_day, error);
    if (code == CAT_E_INVALID) {
        answer->problem = "schema-invalid";
        answer->errors =
            json_pack("[o]", cat_json_object("pointer", json_string("/expiresOn"), "message", json_string(error->message), NULL));
    }
    return code;
}

static json_t *made_token(const cat_principal *principal, const char *name, const char *access, const char *last_day)
{
    return cat_json_object("name", json_string(name), "user", json_string(principal->user), "access", json_string(access),
                           "expiresOn", json_string(last_day), NULL);
}

static int make_token(void *opaque, cat_request *request, const json_t *body, cat_write_answer *answer, cat_error *error)
{
    prv_context *context = opaque;
    const cat_principal *principal = cat_request_principal(request);
    const char *name = cat_json_text(body, "name"), *access = NULL, *url = context->config->common.gitea.public_url;
    char last_day[PRV_TOKEN_DATE_MAX];
    size_t left = 0;
    answer->object = cat_printf("git-token/%s", name);
    int code = may_read(principal, error);
    if (code == 0)
        code = choose_access(principal, cat_json_text(body, "access"), &access, error);
    if (code == 0)
        code = choose_day(body, last_day, answer, error);
    if (code == 0)
        code = check_person(context, principal, error);
    if (code == 0)
        code = clear_name(context, principal->user, name, false, &left, error);
    if (code < 0)
        return code;
    cat_autofree char *label = prv_token_label(name, last_day);
    const char *const scopes[] = {strcmp(access, "write") == 0 ? "write:repository" : "read:repository", NULL};
    char *text = NULL;
    code = left > 0 ? cat_error_set(error, CAT_E_EXISTS, "there is a token called %.60s already", name)
                    : cat_gitea_create_token(context->gitea, principal->user, label, scopes, &text, error);
    if (code == CAT_E_EXISTS)
        answer->problem = "name-taken";
    if (code < 0)
        return code;
    answer->status = 201;
    answer->body = made_token(principal, name, access, last_day);
    json_object_set_new(answer->body, "token", json_string(text));
    cat_json_set_text(answer->body, "url", url);
    /* A repeat learns that it was made, not its text. */
    answer->repeated = made_token(principal, name, access, last_day);
    json_object_set_new(answer->repeated, "token", json_null());
    cat_secret_free(text);
    return 0;
}

int prv_post_token(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    cat_reply_header(reply, "Cache-Control", "no-store");
    return prv_write_once(request, reply, context, "make-git-token", make_token, error);
}

static int delete_token(void *opaque, cat_request *request, const json_t *body, cat_write_answer *answer, cat_error *error)
{
    prv_context *context = opaque;
    (void)body;
    const char *name = cat_request_parameter(request, "name");
    if (!is_name(name))
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no such token");
    answer->object = cat_printf("git-token/%s", name);
    answer->status = 204;
    const cat_principal *principal = cat_request_principal(request);
    size_t left = 0;
    cat_error failed = {0};
    int code = check_person(context, principal, &failed);
    if (code == CAT_E_UNAVAILABLE && failed.class == CAT_CLASS_WAITING) /* whom the Git server does not know has no token there */
        return 0;
    return code < 0 ? cat_error_copy(error, &failed) : clear_name(context, principal->user, name, true, &left, error);
}

int prv_delete_token(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    return prv_write_once(request, reply, context, "delete-git-token", delete_token, error);
}
