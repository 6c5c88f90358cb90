#include "core/payload.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "domain/access.h"
#include "domain/events.h"
#include "domain/source.h"
#include "wire/cloudevent.h"
#include "wire/digest.h"
#include "wire/names.h"

static const cat_json_caps CAPS = {.max_bytes = 4 * 1024 * 1024, .max_depth = 32};

void prj_payload_finish(prj_payload *event)
{
    free(event->organization);
    free(event->environment);
    free(event->application);
    free(event->repository);
    free(event->branch);
    free(event->commit);
    free(event->kustomization);
    json_decref(event->data);
    *event = (prj_payload){0};
}

/* Gitea */

bool prj_payload_gitea_is_signed(const char *secret, const char *body, size_t length, const char *signature)
{
    return secret && *secret && signature && cat_hmac_sha256_check(secret, strlen(secret), body, length, signature);
}

static bool is_zero(const char *commit)
{
    return strspn(commit, "0") == strlen(commit);
}

/* Which event a repository's pushes are, and whose. */
static int place(prj_payload *event, const char *owner, const char *name, cat_error *error)
{
    event->repository = cat_printf("%s/%s", owner, name);
    if (cat_source_is_sovereigns(owner) || strcmp(owner, CAT_ORGANIZATION_SYSTEM) == 0) {
        event->type = cat_event_type(CAT_EVENT_CATALOG_PUSH);
        event->organization = cat_strdup("_");
        return 0;
    }
    int code = cat_name_check_organization(owner, error);
    if (code < 0)
        return code;
    event->organization = cat_strdup(owner);
    if (cat_source_of_repository(owner, name) == CAT_SOURCE_OWN) {
        event->type = cat_event_type(CAT_EVENT_CATALOG_PUSH);
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

static const char *owner_of(const json_t *repository)
{
    const char *owner = cat_json_text(repository, "owner.login");
    return owner ? owner : cat_json_text(repository, "owner.username");
}

static int read_push(const json_t *json, prj_payload *event, cat_error *error)
{
    const char *reference = cat_json_text(json, "ref"), *before = cat_json_text(json, "before"),
               *after = cat_json_text(json, "after");
    const json_t *repository = json_object_get(json, "repository");
    const char *owner = owner_of(repository), *name = cat_json_text(repository, "name");
    if (!reference || !prj_payload_is_commit(before) || !prj_payload_is_commit(after) || !owner || !name)
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
        event->type = cat_event_type(CAT_EVENT_GIT_PUSH);
    event->commit = cat_strdup(is_zero(after) ? before : after);
    json_t *commits = prj_payload_commits_of_push(json_object_get(json, "commits"), after);
    bool forced = json_array_size(commits) == 0 && !is_zero(before) && !is_zero(after) && strcmp(before, after) != 0;
    event->data = cat_json_object("repository", json_string(event->repository), "branch", json_string(event->branch), "before",
                                  json_string(before), "after", json_string(after), "forced",
                                  json_boolean(cat_json_bool_or(json, "forced", forced)), "commits", commits, NULL);
    /* Gitea tells five commits of a push, and how many there are. */
    event->lacks_commits = cat_json_int_or(json, "total_commits", 0) > (int64_t)json_array_size(commits) &&
                           json_array_size(commits) < PAYLOAD_COMMITS_MAX;
    cat_json_set_text(event->data, "application", event->application);
    const char *pusher = cat_json_text(json, "pusher.login");
    cat_json_set_text(event->data, "pusher", pusher ? pusher : cat_json_text(json, "pusher.username"));
    return 0;
}

static int read_pull_request(const json_t *json, prj_payload *event, cat_error *error)
{
    const json_t *request = json_object_get(json, "pull_request"), *repository = json_object_get(json, "repository");
    const char *owner = owner_of(repository), *name = cat_json_text(repository, "name"),
               *base = cat_json_text(request, "base.ref");
    const char *head = cat_json_text(request, "head.sha");
    int64_t number = cat_json_int_or(json, "number", cat_json_int_or(request, "number", 0));
    if (!owner || !name || !base || !prj_payload_is_commit(head) || number <= 0)
        return cat_error_set(error, CAT_E_INVALID, "a pull request needs number, base, head and the repository");
    event->branch = cat_strdup(base);
    int code = place(event, owner, name, error);
    if (code < 0)
        return code;
    event->type = event->environment ? cat_event_type(CAT_EVENT_GIT_PULL_REQUEST) : NULL;
    event->commit = cat_strdup(head);
    event->data =
        cat_json_object("repository", json_string(event->repository), "number", json_integer(number), "head", json_string(head),
                        "base", json_string(base), "merged", json_boolean(cat_json_bool_or(request, "merged", false)), NULL);
    cat_json_set_text(event->data, "application", event->application);
    cat_json_set_text(event->data, "action", cat_json_text_or(json, "action", "changed"));
    const char *title = cat_json_text(request, "title");
    cat_autofree char *plain = title ? cat_text_plain(title) : NULL;
    cat_json_set_text(event->data, "title", plain);
    cat_json_set_text(event->data, "author", cat_json_text(request, "user.login"));
    return 0;
}

int prj_payload_gitea(const char *kind, const char *body, size_t length, prj_payload *event, cat_error *error)
{
    cat_autojson json_t *json = NULL;
    cat_auto(prj_payload) made = {0};
    int code = cat_json_parse(body, length, &CAPS, &json, error);
    if (code == 0 && cat_text_equal(kind, "push"))
        code = read_push(json, &made, error);
    else if (code == 0 && kind && cat_text_starts_with(kind, "pull_request"))
        code = read_pull_request(json, &made, error);
    if (code < 0)
        return code;
    *event = made;
    made = (prj_payload){0};
    return 0;
}

/* Flux */

void prj_payload_flux_token(const char *secret, const char *organization, char token[65])
{
    cat_hmac_sha256_hex(secret, strlen(secret), organization, strlen(organization), token);
}

bool prj_payload_flux_is_signed(const char *token, const char *body, size_t length, const char *signature)
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

int prj_payload_flux(const char *organization, const char *cluster, const char *body, size_t length, prj_payload *event,
                     cat_error *error)
{
    cat_autojson json_t *json = NULL;
    cat_auto(prj_payload) made = {0};
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
        made.type = cat_event_type(CAT_EVENT_FLUX_NOTICE);
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
    made = (prj_payload){0};
    return 0;
}
