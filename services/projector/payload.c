#include "payload.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "wire/cloudevent.h"
#include "wire/digest.h"
#include "wire/names.h"

static const cat_json_caps CAPS = {.max_bytes = 4 * 1024 * 1024, .max_depth = 32};

void payload_finish(payload *event)
{
    free(event->organization);
    free(event->environment);
    free(event->application);
    free(event->repository);
    free(event->branch);
    free(event->commit);
    free(event->kustomization);
    json_decref(event->data);
    *event = (payload){0};
}

/* Gitea */

bool payload_gitea_is_signed(const char *secret, const char *body, size_t length, const char *signature)
{
    return secret && *secret && signature && cat_hmac_sha256_check(secret, strlen(secret), body, length, signature);
}

static bool is_commit(const char *text)
{
    size_t length = text ? strlen(text) : 0;
    return (length == 40 || length == 64) && strspn(text, "0123456789abcdef") == length;
}

static bool is_zero(const char *commit)
{
    return strspn(commit, "0") == strlen(commit);
}

/* Which event a repository's pushes are, and whose. */
static int place(payload *event, const char *owner, const char *name, cat_error *error)
{
    static const char *const SOVEREIGN[] = {"catalog", "catalog-sovereign", "system"};
    event->repository = cat_printf("%s/%s", owner, name);
    for (size_t i = 0; i < sizeof SOVEREIGN / sizeof *SOVEREIGN; i++) {
        if (strcmp(owner, SOVEREIGN[i]) != 0)
            continue;
        event->type = CAT_EVENT_TYPE("catalog.push");
        event->organization = cat_strdup("_");
        return 0;
    }
    int code = cat_name_check_organization(owner, error);
    if (code < 0)
        return code;
    event->organization = cat_strdup(owner);
    if (strcmp(name, "shared-blueprints") == 0) {
        event->type = CAT_EVENT_TYPE("catalog.push");
        return 0;
    }
    if ((code = cat_name_check_application(name, error)) < 0)
        return code;
    event->application = cat_strdup(name);
    const char *env_type = cat_env_type_of_branch(event->branch);
    if (env_type)
        event->environment = cat_printf("%s-%s", owner, env_type);
    return 0;
}

static void add_files(json_t *files, const json_t *list)
{
    size_t at;
    json_t *file;
    json_array_foreach(list, at, file) if (json_is_string(file) && json_array_size(files) < PAYLOAD_FILES_MAX &&
                                           !cat_json_is_text_in(files, json_string_value(file))) json_array_append(files, file);
}

static json_t *make_commit(const char *id, const char *message, const char *time, const char *name, const char *email,
                           const char *login, json_t *files_taken)
{
    json_t *commit = cat_json_object("id", json_string(id), "author", json_object(), "files", files_taken, NULL);
    if (message) {
        size_t length = strlen(message);
        while (length > 0 && strchr(" \n\r\t", message[length - 1]))
            length--;
        cat_json_set(commit, "message", json_stringn(message, length));
    }
    cat_json_set_text(commit, "time", time);
    cat_json_set_text(commit, "author.name", name);
    cat_json_set_text(commit, "author.email", email);
    cat_json_set_text(commit, "author.login", login);
    return commit;
}

/* Newest last, at most the newest fifty, whichever way round they came. */
static json_t *commits_of_push(const json_t *push, const char *after)
{
    const json_t *list = json_object_get(push, "commits");
    bool newest_first = cat_text_equal(cat_json_text(json_array_get(list, 0), "id"), after);
    json_t *commits = json_array();
    for (size_t i = 0; i < json_array_size(list); i++) {
        size_t at = newest_first ? json_array_size(list) - 1 - i : i;
        const json_t *one = json_array_get(list, at);
        if (!is_commit(cat_json_text(one, "id")))
            continue;
        json_t *files = json_array();
        add_files(files, json_object_get(one, "added"));
        add_files(files, json_object_get(one, "modified"));
        add_files(files, json_object_get(one, "removed"));
        json_array_append_new(commits,
                              make_commit(cat_json_text(one, "id"), cat_json_text(one, "message"),
                                          cat_json_text(one, "timestamp"), cat_json_text(one, "author.name"),
                                          cat_json_text(one, "author.email"), cat_json_text(one, "author.username"), files));
    }
    while (json_array_size(commits) > PAYLOAD_COMMITS_MAX)
        json_array_remove(commits, 0);
    return commits;
}

json_t *payload_commits_of_api(const json_t *list)
{
    json_t *commits = json_array();
    for (size_t i = json_array_size(list); i-- > 0;) {
        const json_t *one = json_array_get(list, i);
        if (i >= PAYLOAD_COMMITS_MAX || !is_commit(cat_json_text(one, "sha")))
            continue;
        json_t *names = json_array(), *files = json_array();
        size_t at;
        json_t *file;
        json_array_foreach(json_object_get(one, "files"), at, file) if (cat_json_text(file, "filename"))
            json_array_append(names, json_object_get(file, "filename"));
        add_files(files, names);
        json_decref(names);
        json_array_append_new(commits,
                              make_commit(cat_json_text(one, "sha"), cat_json_text(one, "commit.message"),
                                          cat_json_text(one, "commit.author.date"), cat_json_text(one, "commit.author.name"),
                                          cat_json_text(one, "commit.author.email"), cat_json_text(one, "author.login"), files));
    }
    return commits;
}

static const char *owner_of(const json_t *repository)
{
    const char *owner = cat_json_text(repository, "owner.login");
    return owner ? owner : cat_json_text(repository, "owner.username");
}

static int read_push(const json_t *json, payload *event, cat_error *error)
{
    const char *reference = cat_json_text(json, "ref"), *before = cat_json_text(json, "before"),
               *after = cat_json_text(json, "after");
    const json_t *repository = json_object_get(json, "repository");
    const char *owner = owner_of(repository), *name = cat_json_text(repository, "name");
    if (!reference || !is_commit(before) || !is_commit(after) || !owner || !name)
        return cat_error_set(error, CAT_E_INVALID, "a push needs ref, before, after and the repository");
    bool branch = cat_text_starts_with(reference, "refs/heads/");
    event->branch = cat_strdup(branch ? reference + strlen("refs/heads/") : reference);
    int code = place(event, owner, name, error);
    if (code < 0)
        return code;
    if (event->application && (!branch || !event->environment)) {
        event->type = NULL; /* a tag or a branch that is no Environment's */
        return 0;
    }
    if (event->application)
        event->type = CAT_EVENT_TYPE("git.push");
    event->commit = cat_strdup(is_zero(after) ? before : after);
    json_t *commits = commits_of_push(json, after);
    bool forced = json_array_size(commits) == 0 && !is_zero(before) && !is_zero(after) && strcmp(before, after) != 0;
    event->data = cat_json_object("repository", json_string(event->repository), "branch", json_string(event->branch), "before",
                                  json_string(before), "after", json_string(after), "forced",
                                  json_boolean(cat_json_bool_or(json, "forced", forced)), "commits", commits, NULL);
    cat_json_set_text(event->data, "application", event->application);
    const char *pusher = cat_json_text(json, "pusher.login");
    cat_json_set_text(event->data, "pusher", pusher ? pusher : cat_json_text(json, "pusher.username"));
    return 0;
}

static int read_pull_request(const json_t *json, payload *event, cat_error *error)
{
    const json_t *request = json_object_get(json, "pull_request"), *repository = json_object_get(json, "repository");
    const char *owner = owner_of(repository), *name = cat_json_text(repository, "name"),
               *base = cat_json_text(request, "base.ref");
    const char *head = cat_json_text(request, "head.sha");
    int64_t number = cat_json_int_or(json, "number", cat_json_int_or(request, "number", 0));
    if (!owner || !name || !base || !is_commit(head) || number <= 0)
        return cat_error_set(error, CAT_E_INVALID, "a pull request needs number, base, head and the repository");
    event->branch = cat_strdup(base);
    int code = place(event, owner, name, error);
    if (code < 0)
        return code;
    event->type = event->environment ? CAT_EVENT_TYPE("git.pull-request") : NULL;
    event->commit = cat_strdup(head);
    event->data =
        cat_json_object("repository", json_string(event->repository), "number", json_integer(number), "head", json_string(head),
                        "base", json_string(base), "merged", json_boolean(cat_json_bool_or(request, "merged", false)), NULL);
    cat_json_set_text(event->data, "application", event->application);
    cat_json_set_text(event->data, "action", cat_json_text_or(json, "action", "changed"));
    cat_json_set_text(event->data, "title", cat_json_text(request, "title"));
    cat_json_set_text(event->data, "author", cat_json_text(request, "user.login"));
    return 0;
}

int payload_gitea(const char *kind, const char *body, size_t length, payload *event, cat_error *error)
{
    cat_autojson json_t *json = NULL;
    cat_auto(payload) made = {0};
    int code = cat_json_parse(body, length, &CAPS, &json, error);
    if (code == 0 && cat_text_equal(kind, "push"))
        code = read_push(json, &made, error);
    else if (code == 0 && kind && cat_text_starts_with(kind, "pull_request"))
        code = read_pull_request(json, &made, error);
    if (code < 0)
        return code;
    *event = made;
    made = (payload){0};
    return 0;
}

/* Flux */

void payload_flux_token(const char *secret, const char *organization, char token[65])
{
    cat_hmac_sha256_hex(secret, strlen(secret), organization, strlen(organization), token);
}

bool payload_flux_is_signed(const char *token, const char *body, size_t length, const char *signature)
{
    static const char PREFIX[] = "sha256=";
    return signature && cat_text_starts_with(signature, PREFIX) &&
           cat_hmac_sha256_check(token, strlen(token), body, length, signature + strlen(PREFIX));
}

/* `{app}-{env type}` names the Kustomization of an Application. */
static bool split_name(const char *name, char **application, const char **env_type)
{
    const char *dash = strrchr(name, '-');
    if (!dash || dash == name || !cat_env_type_is(dash + 1))
        return false;
    *application = cat_strndup(name, (size_t)(dash - name));
    *env_type = dash + 1;
    return true;
}

int payload_flux(const char *organization, const char *cluster, const char *body, size_t length, payload *event, cat_error *error)
{
    cat_autojson json_t *json = NULL;
    cat_auto(payload) made = {0};
    const char *env_type = NULL;
    int code = cat_name_check_organization(organization ? organization : "", error);
    if (code == 0)
        code = cat_json_parse(body, length, &CAPS, &json, error);
    if (code < 0)
        return code;
    const char *name = cat_json_text(json, "involvedObject.name"), *kind = cat_json_text(json, "involvedObject.kind");
    if (!cluster || !*cluster || !name || !kind || !cat_time_parse(cat_json_text_or(json, "timestamp", ""), &made.time_ms))
        return cat_error_set(error, CAT_E_INVALID, "a notification needs the vcluster, the involved object and its timestamp");
    if (strcmp(kind, "Kustomization") == 0 && split_name(name, &made.application, &env_type)) {
        made.type = CAT_EVENT_TYPE("flux.notice");
        made.organization = cat_strdup(organization);
        made.environment = cat_printf("%s-%s", organization, env_type);
        made.kustomization = cat_strdup(name);
        made.data = cat_json_object("cluster", json_string(cluster), "kustomization", json_string(name), NULL);
        cat_json_set_text(made.data, "namespace", cat_json_text_or(json, "involvedObject.namespace", "flux-system"));
        static const char *const COPIED[] = {"severity", "reason", "message"};
        for (size_t i = 0; i < sizeof COPIED / sizeof *COPIED; i++)
            cat_json_set_text(made.data, COPIED[i], cat_json_text(json, COPIED[i]));
        const json_t *metadata = json_object_get(json, "metadata");
        const char *revision = cat_json_text(metadata, "revision");
        if (!revision)
            revision = json_string_value(json_object_get(metadata, "kustomize.toolkit.fluxcd.io/revision"));
        cat_json_set_text(made.data, "revision", revision);
    }
    *event = made;
    made = (payload){0};
    return 0;
}
