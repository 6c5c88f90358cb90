#include "http/hooks.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/events.h"
#include "domain/kinds.h"
#include "http/hooks_commits.h"
#include "http/hooks_truth.h"
#include "svc/events.h"
#include "wire/digest.h"
#include "wire/names.h"
#include "wire/subjects.h"

struct prj_hooks {
    prj_hooks_options options;
    char *gitea_secret, *flux_secret;
    cat_metric *received;
};

prj_hooks *prj_hooks_create(const prj_hooks_options *options)
{
    prj_hooks *all = cat_calloc(1, sizeof *all);
    all->options = *options;
    all->gitea_secret = cat_strdup(options->gitea_secret);
    all->flux_secret = cat_strdup(options->flux_secret);
    if (options->metrics)
        all->received =
            cat_metric_get(options->metrics, CAT_METRIC_COUNTER, "projector_webhooks_total", "Webhooks received", "from,result");
    return all;
}

void prj_hooks_destroy(prj_hooks *all)
{
    if (!all)
        return;
    if (all->gitea_secret)
        cat_wipe(all->gitea_secret, strlen(all->gitea_secret));
    if (all->flux_secret)
        cat_wipe(all->flux_secret, strlen(all->flux_secret));
    free(all->gitea_secret);
    free(all->flux_secret);
    free(all);
}

/* Publishing */

static int make_subject(const prj_payload *event, char subject[CAT_SUBJECT_MAX], cat_error *error)
{
    const char *last = event->kustomization ? event->kustomization : event->environment ? event->commit : NULL;
    return cat_event_subject(cat_event_kind_of(event->type), event->environment ? event->environment : event->organization, last,
                             subject, error);
}

static int publish(prj_hooks *all, const prj_payload *event, const char *id, const cat_trace *trace, bool *published,
                   cat_error *error)
{
    char subject[CAT_SUBJECT_MAX];
    int code = make_subject(event, subject, error);
    if (code < 0)
        return code;
    const cat_clock *clock = cat_clock_system();
    /* What a peer's clock says is ahead has not happened yet: it would let all graces of the Environment pass at once. */
    int64_t now_ms = clock->wall_ms(clock), time_ms = event->time_ms && event->time_ms < now_ms ? event->time_ms : now_ms;
    bool sovereign = strcmp(event->organization, "_") == 0;
    cat_cloudevent message = {.id = id,
                              .source = "projector",
                              .type = event->type,
                              .subject = event->repository ? event->repository : event->kustomization,
                              .time_ms = time_ms,
                              .organization = sovereign ? NULL : event->organization,
                              .environment = event->environment,
                              .application = event->application,
                              .commit = event->commit,
                              .data = event->data};
    cat_error why = {0};
    if (!event->environment) {
        code = cat_event_publish(all->options.controlplane, subject, &message, trace, &why);
    } else {
        cat_spine *spine = NULL;
        code = cat_accounts_acquire(all->options.accounts, event->organization, &spine, &why);
        if (code == 0) {
            code = cat_event_publish(spine, subject, &message, trace, &why);
            cat_accounts_release(all->options.accounts, event->organization);
        }
    }
    *published = code == 0;
    /* A branch may be there before its Environment is, and develop always is: nobody waits for such a push. */
    return code == 0 || code == CAT_E_NOT_FOUND ? 0 : cat_error_copy(error, &why);
}

/* Asking Flux */

/* Flux unpacks a branch's head at once, and with many thousand files it was seen not to end: of such a push
 * environment-controller alone hears, which then gives Flux the commit, or keeps it from the branch. */
#define HEAVY_FILES 1000

static bool is_heavy(const prj_payload *event)
{
    size_t index;
    json_t *commit;
    int64_t files = 0;
    json_array_foreach(json_object_get(event->data, "commits"), index, commit) files +=
        (int64_t)json_array_size(json_object_get(commit, "files")) + cat_json_int_or(commit, "moreFiles", 0);
    return files > HEAVY_FILES;
}

static void ask_environment(prj_hooks *all, const prj_payload *event)
{
    prj_view *controlplane = NULL;
    char key[CAT_KEY_MAX], organization[CAT_NAME_ORGANIZATION_MAX + 1], env_type[8];
    if (!cat_environment_split(event->environment, organization, env_type) ||
        cat_key_make(cat_kind_get(CAT_KIND_ROW_ENVIRONMENT)->token, NULL, event->environment, key, NULL) < 0 ||
        prj_views_acquire(all->options.views, "system", "_", &controlplane, NULL) < 0)
        return;
    cat_autofree char *name = cat_printf("%s-%s", event->application, env_type);
    prj_view_lock(controlplane);
    const prj_view_row *row = prj_view_find(controlplane, key);
    __attribute__((cleanup(cat_document_destroy_cleanup))) cat_document *document = NULL;
    if (row && !row->deleted && cat_document_parse(row->text, row->length, &CAT_JSON_CAPS, &document, NULL) == 0) {
        cat_view_iterator it = cat_view_each(cat_view_get(cat_document_root(document), "vclusters"));
        cat_view item;
        while (cat_view_next(&it, NULL, &item)) {
            const char *vcluster = cat_view_text(item, NULL);
            vcluster = vcluster ? vcluster : cat_view_text(item, "name");
            if (vcluster)
                prj_reconcile_requester_add(all->options.requester, event->organization, vcluster, "flux-system", name,
                                            is_heavy(event));
        }
    }
    prj_view_unlock(controlplane);
    prj_views_release(all->options.views, controlplane);
}

static void ask_flux(prj_hooks *all, const prj_payload *event)
{
    if (!all->options.requester || event->kustomization)
        return;
    if (event->environment)
        ask_environment(all, event);
    else if (event->repository && strcmp(event->repository, CAT_CONFIG_REPOSITORY) == 0 &&
             cat_text_starts_with(event->branch, "org/"))
        prj_reconcile_requester_add(all->options.requester, event->branch + strlen("org/"), "", event->branch + strlen("org/"),
                                    "catalyst-config", false);
    else if (event->repository && strcmp(event->repository, CAT_CONFIG_REPOSITORY) == 0 && strcmp(event->branch, "main") == 0)
        prj_reconcile_requester_add(all->options.requester, "system", "", "flux-system", "catalyst-config", false);
}

int prj_hooks_deliver(prj_hooks *all, const prj_payload *event, const char *id, const cat_trace *trace, bool *published,
                      cat_error *error)
{
    *published = false;
    if (!event->type)
        return 0;
    if (!cat_event_is(event->type, CAT_EVENT_GIT_PULL_REQUEST))
        ask_flux(all, event);
    prj_hooks_complete_commits(all->options.gitea, event);
    return publish(all, event, id, trace, published, error);
}

static void count(const prj_hooks *all, const char *from, const char *result)
{
    if (all->received)
        cat_metric_add(all->received, 1, (const char *const[]){from, result});
}

static int accept_event(prj_hooks *all, const char *from, const prj_payload *event, const char *id, cat_request *request,
                        cat_reply *reply, cat_error *error)
{
    bool published = false;
    int code = prj_hooks_deliver(all, event, id, cat_request_trace(request), &published, error);
    if (code < 0) {
        count(all, from, cat_error_name(code));
        cat_log_warning("webhook not published", CAT_FIELD("from", from), CAT_FIELD("repository", event->repository),
                        CAT_FIELD_ERROR(error));
        return code;
    }
    count(all, from, published ? "published" : "not needed");
    return cat_reply_json(reply, 202, cat_json_object("published", json_boolean(published), NULL));
}

int prj_hooks_gitea(prj_hooks *all, cat_request *request, cat_reply *reply, cat_error *error)
{
    cat_slice body = cat_request_body(request);
    if (!prj_payload_gitea_is_signed(all->gitea_secret, body.data ? body.data : "", body.length,
                                     cat_request_header(request, "X-Gitea-Signature"))) {
        count(all, "gitea", "refused");
        return cat_reply_problem(reply, "signature-invalid", "the webhook's signature is missing or wrong", NULL);
    }
    cat_auto(prj_payload) event = {0};
    int code = prj_payload_gitea(cat_request_header(request, "X-Gitea-Event"), body.data, body.length, &event, error);
    if (code < 0) {
        count(all, "gitea", "invalid");
        return code;
    }
    bool there = true;
    code = all->options.gitea ? prj_hooks_see_truth(all->options.gitea, &event, &there, error) : 0;
    if (code < 0) {
        count(all, "gitea", cat_error_name(code));
        return code;
    }
    if (!there) {
        count(all, "gitea", "not needed");
        return cat_reply_json(reply, 202, cat_json_object("published", json_false(), NULL));
    }
    /* What was signed: the header with the delivery's id is not. */
    char hex[CAT_SHA256_HEX];
    cat_sha256_hex(body.data, body.length, hex);
    cat_autofree char *id = cat_printf("gitea/%s", hex);
    return accept_event(all, "gitea", &event, id, request, reply, error);
}

int prj_hooks_flux(prj_hooks *all, cat_request *request, cat_reply *reply, cat_error *error)
{
    cat_slice body = cat_request_body(request);
    const char *organization = cat_request_query(request, "organization");
    char token[65] = "", hex[CAT_SHA256_HEX];
    if (all->flux_secret && organization)
        prj_payload_flux_token(all->flux_secret, organization, token);
    if (!*token ||
        !prj_payload_flux_is_signed(token, body.data ? body.data : "", body.length, cat_request_header(request, "X-Signature"))) {
        count(all, "flux", "refused");
        return cat_reply_problem(reply, "signature-invalid", "the notification's signature is missing or wrong", NULL);
    }
    cat_auto(prj_payload) event = {0};
    int code = prj_payload_flux(organization, cat_request_query(request, "cluster"), body.data, body.length, &event, error);
    if (code < 0) {
        count(all, "flux", "invalid");
        return code;
    }
    cat_sha256_hex(body.data, body.length, hex);
    cat_autofree char *id = cat_printf("flux/%s", hex);
    return accept_event(all, "flux", &event, id, request, reply, error);
}
