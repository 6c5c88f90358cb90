#include "planner.h"

#include <string.h>

#include "base/random.h"
#include "core/plan.h"
#include "core/plan_kept.h"
#include "core/plan_reach.h"
#include "kinds/kinds.h"
#include "observe.h"
#include "render.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static bool is_known(const json_t *facts, const json_t *request)
{
    return json_object_get(cat_json_get(facts, "applications"), cat_json_text_or(request, "application", "")) != NULL;
}

/* `unseen`: the Applications of which who asks may not know. */
static void note_unseen(const prv_wish *wish, json_t *facts)
{
    json_t *unseen = json_array(), *application;
    const char *name;
    json_object_foreach(json_object_get(facts, "applications"), name, application)
    {
        const json_t *environments = cat_json_get(application, "spec.environments");
        if (json_array_size(environments) > 0 && !wish->sees(wish->context, environments))
            json_array_append_new(unseen, json_string(name));
    }
    json_object_set_new(facts, "unseen", unseen);
}

/* A change or an uninstall of one of these is answered as of one that is not there, but to whose role plans nothing at all. */
static int refuse_unseen(const prv_wish *wish, const json_t *facts, json_t **errors, cat_error *error)
{
    const char *name = cat_json_text_or(wish->request, "application", "");
    if (prv_kind_of(wish->request)->makes || !cat_json_is_text_in(json_object_get(facts, "unseen"), name))
        return 0;
    const json_t *environments = cat_json_get(json_object_get(json_object_get(facts, "applications"), name), "spec.environments");
    int code = wish->allowed(wish->context, environments, error);
    if (code < 0 && code != CAT_E_NOT_FOUND)
        return code;
    *errors = json_array();
    return cat_error_set(error, CAT_E_NOT_FOUND, "there is no Application '%.60s'", name);
}

static int make(prv_context *context, const prv_wish *wish, json_t *facts, json_t **plan, json_t **errors, const char **problem,
                cat_error *error)
{
    const prv_kind *kind = prv_kind_of(wish->request);
    cat_autojson json_t *keys = NULL;
    int code = prv_plan_needs(kind, facts, wish->request, &keys, errors, problem, error);
    if (code == 0)
        code = prv_observe_manifests(context, facts, keys, error);
    if (code == 0)
        code = prv_plan_make(kind, facts, wish->request, plan, errors, problem, error);
    return code;
}

static prv_render_options options_of(const prv_context *context)
{
    return (prv_render_options){.confinement = context->confinement,
                                .gate = context->gate,
                                .time_out_ms = (int64_t)context->config->kustomize.time_out_seconds * 1000};
}

static int render(prv_context *context, const json_t *facts, json_t *plan, json_t **errors, const char **problem,
                  cat_error *error)
{
    prv_render_options options = options_of(context);
    int code = prv_render_plan(&options, facts, plan, errors, error);
    if (code == CAT_E_INVALID)
        *problem = "plan-invalid";
    if (code == CAT_E_CONFLICT)
        *problem = "application-unreadable";
    return code;
}

static int observe_kept(prv_context *context, const char *organization, const json_t *facts, json_t *plan, json_t **errors,
                        const char **problem, cat_error *error)
{
    if (prv_kind_of(plan)->removes) {
        prv_render_options options = options_of(context);
        const char *name = cat_json_text_or(plan, "application", "");
        cat_autojson json_t *secrets = prv_secrets_of(facts, name), *claims = prv_render_claims(&options, facts, name);
        prv_observe_left(context, organization, plan, secrets, claims);
        return 0;
    }
    int code = prv_observe_kept(context, organization, plan, errors, error);
    if (code == CAT_E_INVALID)
        *problem = "plan-invalid";
    return code;
}

static int finish(prv_context *context, json_t *plan, json_t *environments_taken, cat_error *error)
{
    char id[CAT_ID_MAX], expires[CAT_TIME_TEXT_MAX];
    int64_t now = prv_now_ms();
    cat_id_make(now, id);
    cat_time_format(now + DAY_MS, expires);
    json_object_set_new(plan, "id", json_string(id));
    json_object_set_new(plan, "expiresAt", json_string(expires));
    json_object_set_new(plan, "environments", environments_taken);
    return prv_sign_plan(context->signer, plan, error);
}

int prv_make_plan(prv_context *context, const prv_wish *wish, json_t **made, json_t **errors, const char **problem,
                  cat_error *error)
{
    cat_autojson json_t *facts = NULL, *plan = NULL;
    /* What the person named may not even be known to them: before Git is asked. */
    const json_t *named = cat_json_get(wish->request, "environments");
    int code = json_array_size(named) ? wish->allowed(wish->context, named, error) : 0;
    if (code == 0)
        code = prv_observe(context, wish->organization, wish->request, &facts, error);
    if (code < 0)
        return code;
    note_unseen(wish, facts);
    if ((code = refuse_unseen(wish, facts, errors, error)) < 0)
        return code;
    cat_autojson json_t *environments = prv_environments_asked(prv_kind_of(wish->request), facts, wish->request);
    /* An Application that is not known is refused by the plan itself, in its own words. */
    bool nothing = json_array_size(environments) == 0 && !is_known(facts, wish->request);
    if (!nothing && (code = wish->allowed(wish->context, environments, error)) < 0)
        return code;
    code = make(context, wish, facts, &plan, errors, problem, error);
    if (code == 0)
        code = render(context, facts, plan, errors, problem, error);
    if (code == 0)
        code = observe_kept(context, wish->organization, facts, plan, errors, problem, error);
    if (code == 0)
        code = finish(context, plan, cat_take(environments), error);
    if (code == 0)
        *made = cat_take(plan);
    return code;
}
