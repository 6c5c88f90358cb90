#include "people.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/map.h"
#include "base/memory.h"
#include "core/plan_organization.h"
#include "wire/names.h"

#define PAGE 200
#define MAX_MEMBERS 20000
/* A token is asked for anew this long before it ends. */
#define TOKEN_MARGIN_MS 15000

struct ec_people {
    cat_http_client *client;
    char *admin_url, *token_url, *client_id, *client_secret;
    pthread_mutex_t lock; /* over the token */
    char *token;
    int64_t token_until_ms;
};

int ec_people_create(const ec_people_options *options, ec_people **people, cat_error *error)
{
    const char *admin = strstr(options->admin_url, "/admin/realms/");
    if (!admin)
        return cat_error_set(error, CAT_E_INVALID, "identity.admin_url has to be …/admin/realms/{realm}, not %s",
                             options->admin_url);
    ec_people *made = cat_calloc(1, sizeof *made);
    made->client =
        cat_http_client_create(&(cat_http_client_options){.peer = CAT_PEER_IDENTITY, .max_concurrent = 4, .timeout_ms = 10000});
    made->admin_url = cat_strdup(options->admin_url);
    made->token_url = cat_printf("%.*s/realms/%s/protocol/openid-connect/token", (int)(admin - options->admin_url),
                                 options->admin_url, admin + strlen("/admin/realms/"));
    made->client_id = cat_strdup(options->client_id);
    made->client_secret = cat_strdup(options->client_secret);
    pthread_mutex_init(&made->lock, NULL);
    *people = made;
    return 0;
}

static void drop_token(ec_people *people)
{
    if (people->token)
        cat_wipe(people->token, strlen(people->token));
    free(people->token);
    people->token = NULL;
}

void ec_people_destroy(ec_people *people)
{
    if (!people)
        return;
    cat_http_client_destroy(people->client);
    drop_token(people);
    cat_wipe(people->client_secret, strlen(people->client_secret));
    free(people->admin_url);
    free(people->token_url);
    free(people->client_id);
    free(people->client_secret);
    pthread_mutex_destroy(&people->lock);
    free(people);
}

static int ask_token(ec_people *people, cat_error *error)
{
    cat_auto(cat_string) form = CAT_STRING(8192);
    cat_string_append(&form, "grant_type=client_credentials&client_id=");
    cat_percent_encode(&form, people->client_id);
    cat_string_append(&form, "&client_secret=");
    cat_percent_encode(&form, people->client_secret);
    cat_http_call call = {.method = "POST",
                          .url = people->token_url,
                          .content_type = "application/x-www-form-urlencoded",
                          .body = {form.data, form.length}};
    cat_auto(cat_http_answer) answer = {0};
    int code = cat_http_send(people->client, &call, &answer, error);
    if (code == 0 && answer.status != 200)
        code = cat_http_error(&answer, "signing in to Keycloak", error);
    cat_autojson json_t *body = NULL;
    if (code == 0)
        code = cat_json_parse(answer.body, answer.length, &CAT_JSON_CAPS, &body, error);
    if (code < 0)
        return code;
    const char *token = cat_json_text(body, "access_token");
    if (!token)
        return cat_error_set(error, CAT_E_PROTOCOL, "Keycloak's token endpoint answered without an access token");
    drop_token(people);
    people->token = cat_strdup(token);
    people->token_until_ms =
        cat_clock_system()->monotonic_ms(cat_clock_system()) + cat_json_int_or(body, "expires_in", 60) * 1000;
    return 0;
}

static int get_token(ec_people *people, char **token, cat_error *error)
{
    pthread_mutex_lock(&people->lock);
    int code = 0;
    if (!people->token || cat_clock_system()->monotonic_ms(cat_clock_system()) > people->token_until_ms - TOKEN_MARGIN_MS)
        code = ask_token(people, error);
    if (code == 0)
        *token = cat_strdup(people->token);
    pthread_mutex_unlock(&people->lock);
    return code;
}

/* `*json` NULL: not found. */
static int get(ec_people *people, const char *path, json_t **json, cat_error *error)
{
    cat_autofree char *token = NULL, *url = cat_printf("%s%s", people->admin_url, path);
    int code = get_token(people, &token, error);
    if (code < 0)
        return code;
    cat_http_call call = {.method = "GET", .url = url, .bearer = token, .retries = 1};
    cat_auto(cat_http_answer) answer = {0};
    code = cat_http_send(people->client, &call, &answer, error);
    if (code < 0)
        return code;
    if (answer.status == 404) {
        *json = NULL;
        return 0;
    }
    if (answer.status == 401) {
        pthread_mutex_lock(&people->lock);
        drop_token(people);
        pthread_mutex_unlock(&people->lock);
    }
    if (answer.status != 200)
        return cat_http_error(&answer, "reading groups from Keycloak", error);
    static const cat_json_caps caps = {(size_t)8 * 1024 * 1024, 32};
    return cat_json_parse(answer.body, answer.length, &caps, json, error);
}

/* All pages of a list into `all`. */
static int get_all(ec_people *people, const char *path, const char *query, json_t *all, cat_error *error)
{
    for (size_t first = 0; first < MAX_MEMBERS; first += PAGE) {
        cat_autofree char *page = cat_printf("%s?first=%zu&max=%d%s", path, first, PAGE, query);
        cat_autojson json_t *items = NULL;
        int code = get(people, page, &items, error);
        if (code < 0)
            return code;
        json_array_extend(all, items);
        if (json_array_size(items) < PAGE)
            return 0;
    }
    return cat_error_set(error, CAT_E_TOO_LARGE, "Keycloak has more than %d people in one group", MAX_MEMBERS);
}

/* Members of a group, and (`deeper`) of those in it, into `members` under the path below the Organization's. */
static int read_group(ec_people *people, const char *organization, const char *path, const json_t *group, bool deeper,
                      json_t *members, cat_error *error);

static int read_children(ec_people *people, const char *organization, const char *path, const json_t *group, bool deeper,
                         json_t *members, cat_error *error)
{
    cat_autojson json_t *children = json_array();
    cat_autofree char *of = cat_printf("/groups/%s/children", cat_json_text_or(group, "id", "-"));
    int code = get_all(people, of, "&briefRepresentation=true", children, error);
    size_t index;
    json_t *child;
    json_array_foreach(children, index, child)
    {
        const char *name = cat_json_text_or(child, "name", "");
        cat_autofree char *below = cat_printf("%s%s%s", path, *path ? "/" : "", name);
        cat_autofree char *whole = cat_printf("/%s/%s", organization, below);
        cat_membership membership;
        /* What gives nobody anything need not be read; a name with a slash in it is no path. */
        if (code == 0 && !strchr(name, '/') && cat_membership_parse(whole, &membership))
            code = read_group(people, organization, below, child, deeper, members, error);
    }
    return code;
}

static int read_group(ec_people *people, const char *organization, const char *path, const json_t *group, bool deeper,
                      json_t *members, cat_error *error)
{
    json_t *users = json_array();
    json_object_set_new(members, path, users);
    cat_autofree char *of = cat_printf("/groups/%s/members", cat_json_text_or(group, "id", "-"));
    int code = get_all(people, of, "&briefRepresentation=true", users, error);
    if (code < 0 || !deeper || cat_json_int_or(group, "subGroupCount", 1) == 0)
        return code;
    return read_children(people, organization, path, group, false, members, error);
}

int ec_people_of(ec_people *people, const char *organization, json_t **found, cat_error *error)
{
    cat_autojson json_t *group = NULL, *members = json_object();
    cat_autofree char *path = cat_printf("/group-by-path/%s", organization);
    int code = get(people, path, &group, error);
    if (code == 0 && group)
        code = read_children(people, organization, "", group, true, members, error);
    if (code < 0)
        return cat_error_wrap(error, "people of %s", organization);
    *found = ec_people_fold(organization, members);
    return 0;
}

static int by_login(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Who may sign in, under a name that is a person's in Git. */
static bool is_usable(const json_t *user)
{
    const char *login = cat_json_text(user, "username");
    return login && cat_json_bool_or(user, "enabled", true) && cat_name_check_login(login, NULL) == 0;
}

/* This member of each user who is not disabled, sorted, each once. */
static json_t *sorted(const json_t *users, const char *member)
{
    size_t count = json_array_size(users), kept = 0;
    const char **texts = cat_calloc(count + 1, sizeof *texts);
    for (size_t i = 0; i < count; i++) {
        const json_t *user = json_array_get(users, i);
        const char *text = cat_json_text(user, member);
        if (text && cat_json_bool_or(user, "enabled", true))
            texts[kept++] = text;
    }
    qsort(texts, kept, sizeof *texts, by_login);
    json_t *list = json_array();
    for (size_t i = 0; i < kept; i++)
        if (i == 0 || strcmp(texts[i], texts[i - 1]) != 0)
            json_array_append_new(list, json_string(texts[i]));
    free(texts);
    return list;
}

static void add_user(json_t *by_name, const json_t *user)
{
    if (!is_usable(user))
        return;
    const char *login = cat_json_text(user, "username");
    char name[256];
    snprintf(name, sizeof name, "%s%s%s", cat_json_text_or(user, "firstName", ""), cat_json_text(user, "firstName") ? " " : "",
             cat_json_text_or(user, "lastName", ""));
    cat_autofree char *email =
        cat_printf("%s@users.invalid", login); /* Gitea wants one; people without stay unreachable by mail */
    json_object_set_new(by_name, login,
                        json_pack("{s:s, s:s, s:s}", "login", login, "email", cat_json_text_or(user, "email", email), "name",
                                  name[0] && strcmp(name, " ") != 0 ? name : login));
}

/* Whose name is none for Git, each with why. */
static void add_refused(json_t *refused, const json_t *user)
{
    const char *login = cat_json_text(user, "username");
    cat_error why = {0};
    if (!login || !cat_json_bool_or(user, "enabled", true) || cat_name_check_login(login, &why) == 0)
        return;
    cat_autofree char *text = cat_printf("%.80s: %s", login, why.message);
    if (!cat_json_is_text_in(refused, text))
        json_array_append_new(refused, json_string(text));
}

static void principal_release(void *value)
{
    cat_principal_finish(value);
    free(value);
}

/* What each login's groups make of it, as a token's would. The caller's. */
static cat_map *principals_of(const char *organization, const json_t *members)
{
    cat_map *all = cat_map_create(principal_release);
    const char *path;
    json_t *users;
    json_object_foreach((json_t *)members, path, users)
    {
        cat_autofree char *group = cat_printf("/%s/%s", organization, path);
        cat_membership membership;
        size_t index;
        json_t *user;
        if (!cat_membership_parse(group, &membership))
            continue;
        json_array_foreach(users, index, user)
        {
            const char *login = cat_json_text(user, "username");
            if (!is_usable(user))
                continue;
            if (!cat_map_get(all, login))
                cat_map_set(all, login, cat_calloc(1, sizeof(cat_principal)));
            cat_principal_add(cat_map_get(all, login), &membership);
        }
    }
    return all;
}

static json_t *members_of(const ec_team *team, const cat_map *people, const char *organization)
{
    cat_auto(cat_strings) logins = {0};
    size_t at = 0;
    const char *login;
    void *person;
    while (cat_map_next(people, &at, &login, &person))
        if (ec_team_takes(team, person, organization))
            cat_strings_add(&logins, login);
    cat_strings_sort(&logins);
    return cat_json_strings(&logins);
}

/* Users are those who are in a team: nobody else has a right in Git. */
json_t *ec_people_fold(const char *organization, const json_t *members)
{
    cat_autojson json_t *by_name = json_object(), *everybody = json_array();
    json_t *teams = json_object(), *users = json_array(), *groups = json_object(), *refused = json_array();
    __attribute__((cleanup(cat_map_destroy_cleanup))) cat_map *people = principals_of(organization, members);
    const char *path;
    json_t *of_group;
    json_object_foreach((json_t *)members, path, of_group)
    {
        json_object_set_new(groups, path, sorted(of_group, "id"));
        json_array_extend(everybody, of_group);
    }
    cat_auto(cat_strings) in_teams = {0};
    for (const ec_team *team = EC_TEAMS; team->name; team++) {
        json_t *logins = members_of(team, people, organization);
        for (size_t i = 0; i < json_array_size(logins); i++)
            if (!cat_strings_has(&in_teams, json_string_value(json_array_get(logins, i))))
                cat_strings_add(&in_teams, json_string_value(json_array_get(logins, i)));
        json_object_set_new(teams, team->name, logins);
    }
    for (size_t i = 0; i < json_array_size(everybody); i++) {
        add_user(by_name, json_array_get(everybody, i));
        add_refused(refused, json_array_get(everybody, i));
    }
    cat_strings_sort(&in_teams);
    for (size_t i = 0; i < in_teams.count; i++)
        json_array_append(users, json_object_get(by_name, in_teams.items[i]));
    return json_pack("{s:o, s:o, s:o, s:o}", "users", users, "teams", teams, "groups", groups, "refused", refused);
}

/* --- whom Git does not take --- */

const ec_person_trouble EC_PERSON_TROUBLES[] = {
    {"email", "Git does not take the e-mail address: another user there has it, perhaps the same person under an older name"},
    {"name", "Git does not take the user name: it is kept there, or another's"},
    {NULL, NULL}};

const char *ec_person_trouble_of(const cat_error *refusal)
{
    if (refusal->code != CAT_E_INVALID && refusal->code != CAT_E_EXISTS && refusal->code != CAT_E_CONFLICT)
        return NULL;
    /* Gitea: "e-mail already in use", "email address is not valid"; "name is reserved", "name pattern is not allowed". */
    return strcasestr(refusal->message, "e-mail") || strcasestr(refusal->message, "email") ? "email" : "name";
}

char *ec_person_key(const char *login)
{
    return cat_printf("person/%s", login);
}
