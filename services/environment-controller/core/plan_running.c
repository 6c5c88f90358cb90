/* What an Application's branches want and what of it runs, for its status. */
#include <string.h>

#include "base/memory.h"
#include "core/plan_application.h"
#include "core/plan_secrets.h"
#include "domain/apply_words.h"
#include "domain/home.h"
#include "domain/kustomize_words.h"
#include "domain/volume_growth.h"

static const json_t *seen(const ec_observed *observed, const char *cluster, const char *kind, const char *name)
{
    cat_autofree char *key = ec_key(cluster, kind, EC_FLUX_NAMESPACE, name);
    const json_t *object = json_object_get(observed->objects, key);
    return json_is_object(object) ? object : NULL;
}

static json_t *revision(const json_t *source, const char *commit)
{
    json_t *made = json_object();
    cat_json_set_text(made, "commit", commit);
    cat_json_set_text(made, "source", cat_json_text(source, "spec.blueprint.source"));
    cat_json_set_text(made, "blueprint", cat_json_text(source, "spec.blueprint.name"));
    cat_json_set_text(made, "version", cat_json_text(source, "spec.blueprint.version"));
    cat_json_set_text(made, "size", cat_json_text(source, "spec.size"));
    return made;
}

/* Why this vcluster does not run what the branch wants; NULL when it does. Lends, or uses `buffer`. */
static const char *problem_in(const ec_observed *observed, const char *cluster, const char *name, const char *commit,
                              const char **running)
{
    const json_t *flux = seen(observed, cluster, "Kustomization", name), *source = seen(observed, cluster, "GitRepository", name);
    const char *runs = ec_commit_of_revision(cat_json_text(flux, "status.lastAppliedRevision"));
    if (runs && !*running)
        *running = runs;
    if (cat_json_bool_or(flux, "spec.suspend", false))
        return "it is suspended";
    if (!source || !flux)
        return "its Flux objects are not there yet";
    const char *problem = ec_flux_problem(source);
    if (!problem)
        problem = ec_flux_problem(flux);
    if (!problem && !cat_text_equal(runs, commit))
        problem = "Flux has not applied the branch's head yet";
    return problem;
}

const char *ec_application_running_commit(const ec_application_facts *facts, const ec_observed *observed, size_t environment)
{
    const ec_application_environment *of = &facts->environments[environment];
    ec_vclusters vclusters = {0};
    ec_vclusters_of_application(facts->sovereign, of->environment, facts->application, cat_object_namespace(facts->application),
                                &vclusters);
    cat_autofree char *name = cat_printf("%s-%s", cat_object_name(facts->application), of->env_type);
    for (size_t i = 0; i < vclusters.count; i++) {
        const json_t *flux = seen(observed, vclusters.items[i].name, "Kustomization", name);
        const char *commit = ec_commit_of_revision(cat_json_text(flux, "status.lastAppliedRevision"));
        if (commit)
            return commit;
    }
    return NULL;
}

/* Flux's words in ours, where they are about what somebody committed. */
static void set_message(json_t *status, const char *problem)
{
    char said[CAT_HOME_SENTENCE_MAX], namespace[CAT_VOLUME_NAME_MAX], volume[CAT_VOLUME_NAME_MAX];
    if (cat_volume_refused(problem, namespace, volume)) {
        cat_autofree char *larger =
            cat_printf("volume %s is larger than Git says and cannot become smaller, so it is being left as it is", volume);
        cat_json_set_text(status, "message", larger);
        return;
    }
    bool is_build = problem && strstr(problem, "kustomize build failed");
    cat_autofree char *means = is_build ? cat_kustomize_words(problem) : NULL;
    cat_autofree char *built = cat_printf("the manifests cannot be built%s%s", means ? ": " : "", means ? means : "");
    bool is_refusal = problem && !is_build && cat_home_explain(problem, said);
    cat_autofree char *words = problem && !is_build && !is_refusal ? cat_flux_words(problem) : NULL;
    cat_json_set_text(status, "message", is_build ? built : is_refusal ? said : words ? words : problem);
}

/* Why Flux is not given the branch's head, which only a commit helps; NULL: it is, or it waits. */
static const char *why_kept(const ec_application_environment *of)
{
    return !of->environment ? NULL : of->source ? of->not_built : of->refused ? of->problem : NULL;
}

/* With the commit, as `openova.io/not-built` names it too. */
static void say_kept(json_t *status, const ec_application_environment *of, const char *why)
{
    cat_autofree char *message = cat_printf("%.8s: %s", of->commit, why);
    cat_json_set_text(status, "message", message);
    cat_json_set_text(status, "reason", "NotBuilt");
}

/* What runs is as Git has it, and stays: it can only not be configured, as nobody knows by which schema. */
static void say_unregistered(json_t *status, const ec_application_environment *of)
{
    const json_t *blueprint = cat_json_get(of->source, "spec.blueprint");
    cat_autofree char *message =
        cat_printf("version %s of Blueprint %s (of %s) is not registered here", cat_json_text_or(blueprint, "version", "?"),
                   cat_json_text_or(blueprint, "name", "?"), cat_json_text_or(blueprint, "source", "?"));
    cat_json_set_text(status, "message", message);
    cat_json_set_text(status, "reason", "BlueprintUnknown");
}

static json_t *environment_status(const ec_application_facts *facts, const ec_observed *observed,
                                  const ec_application_environment *of)
{
    ec_vclusters vclusters = {0};
    if (of->environment)
        ec_vclusters_of_application(facts->sovereign, of->environment, facts->application,
                                    cat_object_namespace(facts->application), &vclusters);
    cat_autofree char *name = cat_printf("%s-%s", cat_object_name(facts->application), of->env_type);
    const char *running = NULL, *problem = of->source ? of->not_built : of->problem;
    if (!of->environment)
        problem = "the Environment is not there";
    json_t *names = json_array();
    for (size_t i = 0; i < vclusters.count; i++) {
        const char *why = problem_in(observed, vclusters.items[i].name, name, of->commit, &running);
        problem = problem ? problem : why;
        json_array_append_new(names, json_string(vclusters.items[i].name));
    }
    if (!problem && !vclusters.count)
        problem = "no host cluster fits the placement";
    json_t *status =
        json_pack("{s:s, s:s, s:b, s:o}", "name", of->name, "branch", of->branch, "ready", problem == NULL, "vclusters", names);
    const char *kept = why_kept(of);
    if (kept)
        say_kept(status, of, kept);
    else if (problem)
        set_message(status, problem);
    else if (ec_secrets_blueprint_is_missing(observed, cat_object_namespace(facts->application),
                                             cat_json_get(of->source, "spec.blueprint")))
        say_unregistered(status, of);
    if (of->source)
        json_object_set_new(status, "wanted", revision(of->source, of->commit));
    if (running)
        json_object_set_new(status, "running", revision(cat_text_equal(running, of->commit) ? of->source : of->running, running));
    return status;
}

json_t *ec_application_environments(const ec_application_facts *facts, const ec_observed *observed, bool *ready, char **why)
{
    json_t *list = json_array();
    *ready = true;
    for (size_t i = 0; i < facts->environment_count; i++) {
        json_t *status = environment_status(facts, observed, &facts->environments[i]);
        if (!cat_json_bool_or(status, "ready", false)) {
            if (*ready && why)
                *why = cat_printf("%s: %.400s", facts->environments[i].name, cat_json_text_or(status, "message", "not ready"));
            *ready = false;
        }
        json_array_append_new(list, status);
    }
    return list;
}
