#include "expired_tokens.h"

#include <stdlib.h>

#include "base/encoding.h"
#include "base/log.h"
#include "base/map.h"
#include "base/task.h"
#include "core/tokens.h"
#include "svc/events.h"
#include "wire/names.h"

#define MAX_USERS 100000

struct prv_expired_tokens {
    prv_context *context;
    cat_task *task;
    /* The task's alone: who belonged to no Organization when last looked at. While teams are changed somebody may be between two.
     */
    cat_map *homeless;
};

static void take_away(prv_context *context, const char *login, const prv_token *token, const char *why)
{
    cat_error error = {0};
    cat_autofree char *object = cat_printf("git-token/%s/%s", login, token->name),
                      *id = cat_printf("token-sweep/%s/%s", login, token->id);
    int code = cat_gitea_delete_token(context->gitea, login, token->id, &error);
    if (code == 0) {
        cat_audit entry = {.service = "provisioning", .id = id, .what = "end-git-token", .object = object, .result = why};
        code = cat_audit_write(context->spine, &entry, &error);
        cat_log_info("a token for Git was taken away", CAT_FIELD("user", login), CAT_FIELD("token", token->name),
                     CAT_FIELD("why", why));
    }
    if (code < 0)
        cat_log_warning("the end of a token for Git is not complete", CAT_FIELD("user", login), CAT_FIELD("token", token->name),
                        CAT_FIELD_ERROR(&error));
}

/* Twice in a row, and only then. */
static bool is_homeless(prv_expired_tokens *sweep, const char *login)
{
    cat_auto(cat_string) path = CAT_STRING(1024);
    cat_string_append(&path, "/users/");
    cat_percent_encode(&path, login);
    cat_string_append(&path, "/orgs");
    cat_autojson json_t *organizations = NULL;
    cat_error error = {0};
    if (cat_gitea_list(sweep->context->gitea, cat_string_get(&path), 1000, &organizations, &error) < 0)
        return false;
    if (json_array_size(organizations) > 0) {
        cat_map_remove(sweep->homeless, login);
        return false;
    }
    if (cat_map_get(sweep->homeless, login))
        return true;
    cat_map_set(sweep->homeless, login, cat_strdup(login));
    return false;
}

static int look_at(prv_expired_tokens *sweep, const char *login, cat_error *error)
{
    cat_autojson json_t *tokens = NULL;
    int code = cat_gitea_list_tokens(sweep->context->gitea, login, &tokens, error);
    if (code < 0 || json_array_size(tokens) == 0)
        return code;
    bool homeless = is_homeless(sweep, login);
    size_t index;
    json_t *listed;
    json_array_foreach(tokens, index, listed)
    {
        cat_auto(prv_token) token = {0};
        if ((code = prv_token_read(listed, &token, error)) < 0)
            return code;
        if (homeless || token.ends_ms <= prv_now_ms())
            take_away(sweep->context, login, &token, homeless ? "no membership" : "expired");
    }
    return 0;
}

static int64_t look_at_all(void *context, cat_task *task)
{
    prv_expired_tokens *sweep = context;
    cat_autojson json_t *users = NULL;
    cat_error error = {0};
    int code = cat_gitea_list(sweep->context->gitea, "/admin/users", MAX_USERS, &users, &error);
    size_t index;
    json_t *user;
    json_array_foreach(users, index, user)
    {
        const char *login = cat_json_text_or(user, "login", "");
        /* What services sign in with is theirs to renew. */
        if (cat_task_is_stopping(task) || cat_name_check_login(login, NULL) < 0)
            continue;
        cat_error failed = {0};
        if (look_at(sweep, login, &failed) < 0 && code == 0)
            code = cat_error_copy(&error, &failed);
    }
    if (code < 0)
        cat_log_warning("tokens for Git could not all be looked at", CAT_FIELD_ERROR(&error));
    return 0;
}

prv_expired_tokens *prv_expired_tokens_start(prv_context *context, int64_t interval_ms)
{
    prv_expired_tokens *sweep = cat_calloc(1, sizeof *sweep);
    sweep->context = context;
    sweep->homeless = cat_map_create(free);
    sweep->task = cat_task_start(
        &(cat_task_options){.interval_ms = interval_ms, .waits_first = true, .run = look_at_all, .context = sweep});
    return sweep;
}

void prv_expired_tokens_stop(prv_expired_tokens *sweep)
{
    if (!sweep)
        return;
    cat_task_stop(sweep->task);
    cat_map_destroy(sweep->homeless);
    free(sweep);
}
