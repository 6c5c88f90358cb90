#include "people.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/memory.h"
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
    made->client = cat_http_client_create(&(cat_http_client_options){.max_concurrent = 4, .timeout_ms = 10000});
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

static int read_roles(ec_people *people, const json_t *group, json_t *members, cat_error *error)
{
    cat_autojson json_t *roles = json_array();
    cat_autofree char *path = cat_printf("/groups/%s/children", cat_json_text_or(group, "id", "-"));
    int code = get_all(people, path, "&briefRepresentation=true", roles, error);
    size_t index;
    json_t *role;
    json_array_foreach(roles, index, role)
    {
        const char *name = cat_json_text(role, "name"), *id = cat_json_text(role, "id");
        if (code < 0 || !name || !id)
            continue;
        json_t *users = json_array();
        json_object_set_new(members, name, users);
        cat_autofree char *of = cat_printf("/groups/%s/members", id);
        code = get_all(people, of, "&briefRepresentation=true", users, error);
    }
    return code;
}

int ec_people_of(ec_people *people, const char *organization, json_t **found, cat_error *error)
{
    cat_autojson json_t *group = NULL, *members = json_object();
    cat_autofree char *path = cat_printf("/group-by-path/%s", organization);
    int code = get(people, path, &group, error);
    if (code == 0 && group)
        code = read_roles(people, group, members, error);
    if (code < 0)
        return cat_error_wrap(error, "people of %s", organization);
    *found = ec_people_fold(members);
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

static json_t *sorted_logins(const json_t *users)
{
    size_t count = json_array_size(users), kept = 0;
    const char **logins = cat_calloc(count + 1, sizeof *logins);
    for (size_t i = 0; i < count; i++) {
        const json_t *user = json_array_get(users, i);
        if (is_usable(user))
            logins[kept++] = cat_json_text(user, "username");
    }
    qsort(logins, kept, sizeof *logins, by_login);
    json_t *list = json_array();
    for (size_t i = 0; i < kept; i++)
        if (i == 0 || strcmp(logins[i], logins[i - 1]) != 0)
            json_array_append_new(list, json_string(logins[i]));
    free(logins);
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

json_t *ec_people_fold(const json_t *members)
{
    static const char *const teams[][2] = {{"org-viewer", "viewers"}, {"org-developer", "developers"}, {"org-admin", "admins"}};
    cat_autojson json_t *by_name = json_object(), *everybody = json_array();
    json_t *of_teams = json_object(), *users = json_array(), *refused = json_array();
    for (size_t i = 0; i < sizeof teams / sizeof *teams; i++) {
        const json_t *in_role = json_object_get(members, teams[i][0]);
        for (size_t at = 0; at < json_array_size(in_role); at++) {
            add_user(by_name, json_array_get(in_role, at));
            add_refused(refused, json_array_get(in_role, at));
            json_array_append(everybody, json_array_get(in_role, at));
        }
        json_object_set_new(of_teams, teams[i][1], sorted_logins(in_role));
    }
    cat_autojson json_t *logins = sorted_logins(everybody);
    for (size_t i = 0; i < json_array_size(logins); i++)
        json_array_append(users, json_object_get(by_name, json_string_value(json_array_get(logins, i))));
    return json_pack("{s:o, s:o, s:o}", "users", users, "teams", of_teams, "refused", refused);
}
