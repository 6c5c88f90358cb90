/* What has to be there is made, or mended where it differs. Two that make the same thing at once both succeed: whoever comes
 * second is told "exists already", and looks again. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/encoding.h"
#include "base/random.h"
#include "net/gitea_internal.h"
#include "wire/digest.h"
#include "wire/names.h"

#define MAX_LISTED 10000

static void set_changed(bool *changed, bool value)
{
    if (changed)
        *changed = value;
}

/* One thing with a path of its own. `differs` may be NULL: nothing is mended. */
typedef struct {
    const char *path;                   /* where it is read and changed */
    const char *make_path;              /* where it is made */
    const char *mend_path;              /* NULL: `path` */
    const json_t *make, *mend, *wanted; /* `wanted`: what has to be part of what is read */
} ensured;

/* 0 and `*found` NULL when it is not there. */
static int read_one(cat_gitea *gitea, const char *path, json_t **found, cat_error *error)
{
    cat_error failed = {0};
    int code = cat_gitea_call(gitea, "GET", path, NULL, NULL, found, &failed);
    if (code == CAT_E_NOT_FOUND)
        return 0;
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}

static int ensure(cat_gitea *gitea, const ensured *thing, bool *changed, cat_error *error)
{
    cat_autojson json_t *found = NULL;
    int code = read_one(gitea, thing->path, &found, error);
    if (code < 0)
        return code;
    if (!found) {
        cat_error failed = {0};
        code = cat_gitea_call(gitea, "POST", thing->make_path, thing->make, NULL, NULL, &failed);
        if (code == 0) {
            set_changed(changed, true);
            return 0;
        }
        if (code != CAT_E_EXISTS)
            return cat_error_copy(error, &failed);
        code = read_one(gitea, thing->path, &found, error);
        if (code < 0 || !found)
            return code < 0 ? code : cat_error_copy(error, &failed);
    }
    bool same = gitea_is_part(thing->wanted, found);
    if (!same)
        code = cat_gitea_call(gitea, "PATCH", thing->mend_path ? thing->mend_path : thing->path, thing->mend, NULL, NULL, error);
    if (code == 0)
        set_changed(changed, !same);
    return code;
}

int cat_gitea_ensure_organization(cat_gitea *gitea, const char *name, const char *display_name, bool *changed, cat_error *error)
{
    cat_autofree char *path = gitea_path("/orgs/%s", name);
    cat_autojson json_t *make =
        cat_json_object("username", json_string(name), "full_name", json_string(display_name ? display_name : name), "visibility",
                        json_string("private"), "repo_admin_change_team_access", json_false(), NULL);
    cat_autojson json_t *wanted = json_copy(make);
    json_object_del(wanted, "username");
    return ensure(gitea, &(ensured){.path = path, .make_path = "/orgs", .make = make, .mend = wanted, .wanted = wanted}, changed,
                  error);
}

static int refuse_organization(cat_gitea *gitea, const char *login, cat_error *error)
{
    cat_autofree char *path = gitea_path("/orgs/%s", login);
    cat_autojson json_t *organization = NULL;
    int code = read_one(gitea, path, &organization, error);
    if (code == 0 && organization)
        return cat_error_set(error, CAT_E_FORBIDDEN, "in Git \"%.40s\" is an Organization, and no person's name", login);
    return code;
}

int cat_gitea_check_person(cat_gitea *gitea, const char *login, cat_error *error)
{
    cat_error refusal = {0};
    if (cat_name_check_login(login, &refusal) < 0)
        return cat_error_set(error, CAT_E_FORBIDDEN, "this user cannot use Git: %s", refusal.message);
    int code = refuse_organization(gitea, login, error);
    if (code < 0)
        return code;
    cat_autofree char *path = gitea_path("/users/%s", login);
    cat_autojson json_t *user = NULL;
    code = cat_gitea_call(gitea, "GET", path, NULL, NULL, &user, error);
    if (code == 0 && cat_json_bool_or(user, "is_admin", true))
        return cat_error_set(error, CAT_E_FORBIDDEN, "in Git \"%.40s\" is an administrator, and no person's name", login);
    return code;
}

int cat_gitea_ensure_user(cat_gitea *gitea, const char *login, const char *email, const char *full_name, bool *changed,
                          cat_error *error)
{
    int code = refuse_organization(gitea, login, error);
    if (code < 0)
        return code;
    cat_autofree char *path = gitea_path("/users/%s", login), *mend_path = gitea_path("/admin/users/%s", login);
    /* Nobody signs in with it: people come by tokens, which provisioning makes. */
    cat_autosecret char *password = cat_random_password(40, NULL);
    cat_autojson json_t *wanted =
        cat_json_object("email", json_string(email), "full_name", json_string(full_name ? full_name : login), NULL);
    cat_autojson json_t *make = json_copy(wanted), *mend = json_copy(wanted);
    json_object_set_new(make, "username", json_string(login));
    json_object_set_new(make, "password", json_string(password));
    json_object_set_new(make, "must_change_password", json_false());
    json_object_set_new(make, "visibility", json_string("private"));
    json_object_set_new(mend, "login_name", json_string(login));
    json_object_set_new(mend, "source_id", json_integer(0));
    return ensure(
        gitea,
        &(ensured){
            .path = path, .make_path = "/admin/users", .mend_path = mend_path, .make = make, .mend = mend, .wanted = wanted},
        changed, error);
}

int cat_gitea_get_repository(cat_gitea *gitea, const char *owner, const char *name, json_t **repository, cat_error *error)
{
    cat_autofree char *path = gitea_path("/repos/%s/%s", owner, name);
    return cat_gitea_call(gitea, "GET", path, NULL, NULL, repository, error);
}

int cat_gitea_ensure_repository(cat_gitea *gitea, const cat_gitea_repository *repository, bool *changed, cat_error *error)
{
    cat_autofree char *path = gitea_path("/repos/%s/%s", repository->owner, repository->name),
                      *make_path = gitea_path("/orgs/%s/repos", repository->owner);
    cat_autojson json_t *wanted =
        cat_json_object("description", json_string(repository->description ? repository->description : ""), "default_branch",
                        json_string(repository->default_branch ? repository->default_branch : "main"), "private",
                        json_boolean(repository->private), NULL);
    cat_autojson json_t *make = json_copy(wanted);
    json_object_set_new(make, "name", json_string(repository->name));
    json_object_set_new(make, "auto_init", json_false());
    return ensure(gitea, &(ensured){.path = path, .make_path = make_path, .make = make, .mend = wanted, .wanted = wanted},
                  changed, error);
}

int cat_gitea_archive_repository(cat_gitea *gitea, const char *owner, const char *name, bool archived, cat_error *error)
{
    cat_autofree char *path = gitea_path("/repos/%s/%s", owner, name);
    cat_autojson json_t *body = cat_json_object("archived", json_boolean(archived), NULL);
    return cat_gitea_call(gitea, "PATCH", path, body, NULL, NULL, error);
}

int cat_gitea_ensure_protection(cat_gitea *gitea, const char *owner, const char *name, const json_t *rule, bool *changed,
                                cat_error *error)
{
    const char *rule_name = cat_json_text(rule, "rule_name");
    if (!rule_name || !*rule_name)
        return cat_error_set(error, CAT_E_INVALID, "a branch protection needs rule_name");
    cat_autofree char *path = gitea_path("/repos/%s/%s/branch_protections/%s", owner, name, rule_name),
                      *make_path = gitea_path("/repos/%s/%s/branch_protections", owner, name);
    return ensure(gitea, &(ensured){.path = path, .make_path = make_path, .make = rule, .mend = rule, .wanted = rule}, changed,
                  error);
}

/* The item of a list whose `member` is this text, as Gitea compares names: whatever the case. Lent. */
static json_t *find_by(const json_t *items, const char *member, const char *text)
{
    size_t index;
    json_t *item;
    json_array_foreach(items, index, item)
    {
        const char *value = cat_json_text(item, member);
        if (value && strcasecmp(value, text) == 0)
            return item;
    }
    return NULL;
}

int cat_gitea_ensure_tag_protection(cat_gitea *gitea, const char *owner, const char *name, const json_t *rule, bool *changed,
                                    cat_error *error)
{
    cat_autofree char *path = gitea_path("/repos/%s/%s/tag_protections", owner, name);
    cat_autojson json_t *rules = NULL;
    int code = cat_gitea_list(gitea, path, MAX_LISTED, &rules, error);
    if (code < 0)
        return code;
    const json_t *found = NULL;
    size_t index;
    json_t *one;
    json_array_foreach(rules, index, one) if (cat_text_equal(cat_json_text(one, "name_pattern"),
                                                             cat_json_text(rule, "name_pattern"))) found = one;
    bool same = found && gitea_is_part(rule, found);
    cat_autofree char *one_path = cat_printf("%s/%lld", path, (long long)cat_json_int_or(found, "id", 0));
    if (!same)
        code = cat_gitea_call(gitea, found ? "PATCH" : "POST", found ? one_path : path, rule, NULL, NULL, error);
    if (code == 0)
        set_changed(changed, !same);
    return code;
}

static json_t *make_team(const char *team, const char *permission)
{
    static const char *const units[] = {"repo.code", "repo.issues", "repo.pulls", "repo.releases", "repo.wiki"};
    json_t *wanted = cat_json_object("name", json_string(team), "includes_all_repositories", json_true(), "can_create_org_repo",
                                     json_false(), NULL);
    if (strcmp(permission, "admin") == 0) {
        json_object_set_new(wanted, "permission", json_string("admin"));
        return wanted;
    }
    /* What Gitea tells back in `permission` is "none" for these: the units say what holds. */
    json_t *map = json_object();
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        json_object_set_new(map, units[i], json_string(permission));
    json_object_set_new(wanted, "units_map", map);
    return wanted;
}

static int find_team(cat_gitea *gitea, const char *list_path, const char *team, json_t **found, cat_error *error)
{
    cat_autojson json_t *teams = NULL;
    int code = cat_gitea_list(gitea, list_path, MAX_LISTED, &teams, error);
    if (code == 0)
        *found = json_incref(find_by(teams, "name", team));
    return code;
}

int cat_gitea_ensure_team(cat_gitea *gitea, const char *organization, const char *team, const char *permission, int64_t *id,
                          bool *changed, cat_error *error)
{
    cat_autofree char *path = gitea_path("/orgs/%s/teams", organization);
    cat_autojson json_t *wanted = make_team(team, permission), *body = json_copy(wanted), *found = NULL;
    json_object_set_new(body, "permission", json_string(permission));
    int code = find_team(gitea, path, team, &found, error);
    bool made = false;
    if (code == 0 && !found) {
        cat_error failed = {0};
        code = cat_gitea_call(gitea, "POST", path, body, NULL, &found, &failed);
        made = code == 0;
        if (code == CAT_E_EXISTS)
            code = find_team(gitea, path, team, &found, error);
        else if (code < 0)
            cat_error_copy(error, &failed);
    }
    if (code < 0)
        return code;
    int64_t number = cat_json_int_or(found, "id", 0);
    if (number <= 0)
        return cat_error_set(error, CAT_E_PROTOCOL, "Gitea gave no id for team %s of %s", team, organization);
    bool same = made || gitea_is_part(wanted, found);
    if (!same) {
        cat_autofree char *team_path = cat_printf("/teams/%lld", (long long)number);
        code = cat_gitea_call(gitea, "PATCH", team_path, body, NULL, NULL, error);
    }
    if (code == 0) {
        *id = number;
        set_changed(changed, made || !same);
    }
    return code;
}

static bool has_login(const cat_strings *logins, const char *login)
{
    for (size_t i = 0; i < logins->count; i++)
        if (strcasecmp(logins->items[i], login) == 0)
            return true;
    return false;
}

static int change_member(cat_gitea *gitea, int64_t team_id, const char *login, const char *method, cat_error *error)
{
    cat_autofree char *number = cat_printf("%lld", (long long)team_id), *path = gitea_path("/teams/%s/members/%s", number, login);
    cat_error failed = {0};
    int code = cat_gitea_call(gitea, method, path, NULL, NULL, NULL, &failed);
    /* Somebody else removed the member first. */
    if (code == CAT_E_NOT_FOUND && strcmp(method, "DELETE") == 0)
        return 0;
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}

int cat_gitea_ensure_team_members(cat_gitea *gitea, int64_t team_id, const cat_strings *logins, bool *changed, cat_error *error)
{
    cat_autofree char *path = cat_printf("/teams/%lld/members", (long long)team_id);
    cat_autojson json_t *members = NULL;
    int code = cat_gitea_list(gitea, path, MAX_LISTED, &members, error);
    if (code < 0)
        return code;
    bool any = false;
    cat_error first = {0};
    for (size_t i = 0; i < logins->count; i++) {
        cat_error failed = {0};
        if (find_by(members, "login", logins->items[i]))
            continue;
        any = true;
        /* Whom Gitea does not know holds up nobody else. */
        if (change_member(gitea, team_id, logins->items[i], "PUT", &failed) < 0 && failed.code != CAT_E_NOT_FOUND && !first.code)
            first = failed;
    }
    size_t index;
    json_t *member;
    json_array_foreach(members, index, member)
    {
        const char *login = cat_json_text(member, "login");
        cat_error failed = {0};
        if (!login || has_login(logins, login))
            continue;
        any = true;
        if (change_member(gitea, team_id, login, "DELETE", &failed) < 0 && !first.code)
            first = failed;
    }
    if (first.code < 0)
        return cat_error_copy(error, &first);
    set_changed(changed, any);
    return 0;
}

/* Gitea never tells a hook's secret: the hook's name says which one it has, as a hash cut short. */
static char *hook_name(const char *secret)
{
    char hex[65];
    cat_sha256_hex(secret, strlen(secret), hex);
    return cat_printf("catalyst-%.12s", hex);
}

/* Gitea lists what an event stands for beside it, and in any order. */
static bool hook_is_good(const json_t *hook, const char *name, const json_t *events)
{
    size_t index;
    json_t *event;
    json_array_foreach(events, index, event)
    {
        if (!cat_json_is_text_in(cat_json_get(hook, "events"), json_string_value(event)))
            return false;
    }
    return cat_json_bool_or(hook, "active", false) && cat_text_equal(cat_json_text(hook, "name"), name) &&
           cat_text_equal(cat_json_text(hook, "config.content_type"), "json");
}

int cat_gitea_ensure_hook(cat_gitea *gitea, const char *organization, const char *url, const char *secret,
                          const char *const *events, bool *changed, cat_error *error)
{
    cat_autofree char *path = gitea_path("/orgs/%s/hooks", organization), *name = hook_name(secret);
    cat_autojson json_t *hooks = NULL, *wanted_events = json_array();
    for (; *events; events++)
        json_array_append_new(wanted_events, json_string(*events));
    int code = cat_gitea_list(gitea, path, MAX_LISTED, &hooks, error);
    if (code < 0)
        return code;
    cat_autojson json_t *body = cat_json_object(
        "name", json_string(name), "type", json_string("gitea"), "active", json_true(), "events", json_incref(wanted_events),
        "config",
        cat_json_object("url", json_string(url), "content_type", json_string("json"), "secret", json_string(secret), NULL), NULL);
    bool there = false, any = false;
    size_t index;
    json_t *hook;
    json_array_foreach(hooks, index, hook)
    {
        if (code < 0 || !cat_text_equal(cat_json_text(hook, "config.url"), url))
            continue;
        cat_autofree char *one = cat_printf("%s/%lld", path, (long long)cat_json_int_or(hook, "id", 0));
        /* Two controllers may have made it at once: one is enough. */
        bool keep = !there && hook_is_good(hook, name, wanted_events);
        if (!keep) {
            code = cat_gitea_call(gitea, there ? "DELETE" : "PATCH", one, there ? NULL : body, NULL, NULL, error);
            any = true;
        }
        there = true;
    }
    if (code == 0 && !there) {
        code = cat_gitea_call(gitea, "POST", path, body, NULL, NULL, error);
        any = true;
    }
    if (code == 0)
        set_changed(changed, any);
    return code;
}

static const json_t *find_exact(const json_t *items, const char *member, const char *text)
{
    size_t index;
    json_t *item;
    json_array_foreach(items, index, item)
    {
        if (cat_text_equal(cat_json_text(item, member), text))
            return item;
    }
    return NULL;
}

/* By Git's own references: …/branches/{branch} is answered from a table that lags behind a push, and breaks (500) for a moment
 * after the first one. */
int cat_gitea_branch_head(cat_gitea *gitea, const char *owner, const char *name, const char *branch, char commit[65],
                          cat_error *error)
{
    cat_autofree char *path = gitea_path("/repos/%s/%s/git/refs/heads/%s", owner, name, branch),
                      *reference = cat_printf("refs/heads/%s", branch);
    cat_autojson json_t *reply = NULL;
    int code = cat_gitea_call(gitea, "GET", path, NULL, NULL, &reply, error);
    if (code < 0)
        return code;
    const json_t *found = find_exact(reply, "ref", reference); /* the answer is every branch that begins so */
    if (!found)
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no branch %.100s in %s/%s", branch, owner, name);
    const char *id = cat_json_text(found, "object.sha");
    if (!id || strlen(id) > 64 || strlen(id) < 40)
        return cat_error_set(error, CAT_E_PROTOCOL, "Gitea gave no commit for branch %.100s of %s/%s", branch, owner, name);
    memcpy(commit, id, strlen(id) + 1);
    return 0;
}

int cat_gitea_create_token(cat_gitea *gitea, const char *login, const char *token_name, const char *const *scopes, char **token,
                           cat_error *error)
{
    cat_autofree char *path = gitea_path("/users/%s/tokens", login);
    cat_autojson json_t *names = json_array();
    for (; *scopes; scopes++)
        json_array_append_new(names, json_string(*scopes));
    cat_autojson json_t *body = cat_json_object("name", json_string(token_name), "scopes", json_incref(names), NULL),
                        *reply = NULL;
    int code =
        gitea_send(gitea, &(gitea_request){.method = "POST", .path = path, .body = body, .basic = true}, &reply, NULL, error);
    if (code < 0)
        return code;
    const char *text = cat_json_text(reply, "sha1");
    if (!text || !*text)
        return cat_error_set(error, CAT_E_PROTOCOL, "Gitea made a token without telling it");
    *token = cat_strdup(text);
    return 0;
}

int cat_gitea_list_tokens(cat_gitea *gitea, const char *login, json_t **tokens, cat_error *error)
{
    cat_autofree char *path = gitea_path("/users/%s/tokens", login);
    return gitea_list(gitea, path, true, MAX_LISTED, tokens, error);
}

int cat_gitea_delete_token(cat_gitea *gitea, const char *login, const char *token_name, cat_error *error)
{
    cat_autofree char *path = gitea_path("/users/%s/tokens/%s", login, token_name);
    cat_error failed = {0};
    int code = gitea_send(gitea, &(gitea_request){.method = "DELETE", .path = path, .basic = true}, NULL, NULL, &failed);
    return code == 0 || code == CAT_E_NOT_FOUND ? 0 : cat_error_copy(error, &failed);
}
