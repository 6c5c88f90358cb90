#include "core/plan_governed.h"
#include "core/plan_reach.h"

#include <stdio.h>

#include "base/memory.h"
#include "kinds/kinds.h"
#include "wire/names.h"

static int refuse_dependants(prv_draft *draft, const char *name, cat_error *error)
{
    cat_auto(cat_string) names = CAT_STRING(400);
    bool unseen = false;
    const char *other;
    json_t *application;
    json_object_foreach(cat_json_get(draft->facts, "applications"), other, application)
    {
        const char *branch_name, *alias;
        json_t *branch, *dependency;
        bool uses = false;
        json_object_foreach(cat_json_get(application, "branches"), branch_name, branch)
        {
            if (!cat_text_equal(branch_name, "develop") && !prv_runs_on(draft->facts, other, branch_name))
                continue;
            json_object_foreach(cat_json_get(branch, "source.dependencies"), alias, dependency) uses =
                uses || cat_text_equal(cat_json_text(dependency, "application"), name);
        }
        bool hidden = cat_json_is_text_in(cat_json_get(draft->facts, "unseen"), other);
        unseen |= uses && hidden;
        if (uses && !hidden)
            cat_string_appendf(&names, "%s%s", names.length ? ", " : "", other);
    }
    if (!names.length && !unseen)
        return 0;
    if (!names.length)
        return prv_draft_refuse(draft, CAT_E_CONFLICT, "dependants-exist", error,
                                "used by something in an Environment that you do not see: ask who may before %s goes", name);
    return prv_draft_refuse(draft, CAT_E_CONFLICT, "dependants-exist", error,
                            "used by %s: uninstall or reconfigure that before %s", cat_string_get(&names), name);
}

/* Whether one that cannot be read uses what goes is not known: it holds nothing up, and is named. */
static void warn_unreadable(prv_draft *draft, const char *name)
{
    const char *other;
    json_t *application;
    json_object_foreach(cat_json_get(draft->facts, "applications"), other, application)
    {
        if (cat_text_equal(other, name) || cat_json_is_text_in(cat_json_get(draft->facts, "unseen"), other) ||
            !prv_is_unreadable(cat_json_get(application, "branches.develop"), "catalyst.yaml"))
            continue;
        cat_autofree char *text =
            cat_printf("Whether %s uses %s is not known: its catalyst.yaml cannot be read. Look before you go on", other, name);
        json_array_append_new(draft->warnings, json_string(text));
    }
}

static void warn_link_stays(prv_draft *draft, const char *repository, const char *branch, const char *kustomization,
                            const char *name)
{
    cat_autofree char *text = cat_printf("%s on branch %s of %s cannot be read, so %s stays in it: whoever corrects it takes "
                                         "links/%s.yaml out too",
                                         kustomization, branch, repository, name, name);
    json_array_append_new(draft->warnings, json_string(text));
}

/* A branch that takes promotions alone keeps the link: that holds no removal up, and is told. */
static bool is_kept_by_policy(prv_draft *draft, const char *repository, const char *branch, const char *type, const char *name)
{
    cat_autofree char *environment = cat_printf("%s-%s", cat_json_text_or(draft->facts, "organization.name", ""), type);
    cat_autofree char *what =
        cat_printf("links/%s.yaml stays on branch %s of %s until it is promoted away", name, branch, repository);
    cat_autofree char *governed = prv_governed_words(draft->facts, environment, what);
    if (governed)
        json_array_append_new(draft->warnings, json_string(governed));
    return governed != NULL;
}

static void unlink_from(prv_draft *draft, const char *name, const char *other, const json_t *application)
{
    const char *branch_name, *type;
    json_t *branch, *overlay;
    cat_autofree char *repository = cat_printf("%s/%s", cat_json_text_or(draft->facts, "organization.name", ""), other);
    bool any = false;
    json_object_foreach(cat_json_get(application, "branches"), branch_name, branch)
    {
        json_object_foreach(cat_json_get(branch, "overlays"), type, overlay)
        {
            /* A branch carries the overlays of the branches before it too; only its own counts, and only where both run. */
            if (!cat_text_equal(cat_branch_of_env_type(type), branch_name) || !prv_runs_on(draft->facts, other, branch_name) ||
                !prv_runs_on(draft->facts, name, branch_name) || !json_object_get(cat_json_get(overlay, "links"), name))
                continue;
            if (is_kept_by_policy(draft, repository, branch_name, type, name))
                continue;
            cat_autojson json_t *links = json_deep_copy(cat_json_get(overlay, "links"));
            json_object_del(links, name);
            cat_autofree char *link = cat_printf("overlays/%s/links/%s.yaml", type, name);
            cat_autofree char *kustomization = cat_printf("overlays/%s/kustomization.yaml", type);
            if (prv_is_unreadable(branch, kustomization)) {
                warn_link_stays(draft, repository, branch_name, kustomization, name);
                continue;
            }
            const json_t *texts = cat_json_get(branch, "files");
            cat_auto(cat_strings) lost = {0};
            cat_autofree char *text = prv_overlay_kept(json_string_value(json_object_get(texts, kustomization)),
                                                       cat_json_text_or(overlay, "size", "small"), links, &lost);
            prv_warn_lost(draft, repository, branch_name, kustomization, &lost);
            prv_show_file(draft, repository, branch_name, link, json_string_value(json_object_get(texts, link)), NULL);
            prv_show_file(draft, repository, branch_name, kustomization, json_string_value(json_object_get(texts, kustomization)),
                          text);
            json_t *files = json_array();
            json_array_append_new(files, cat_json_object("path", json_string(link), "content", json_null(), NULL));
            json_array_append_new(files, prv_file(kustomization, cat_take(text)));
            json_array_append_new(draft->trees,
                                  cat_json_object("repository", json_string(repository), "branch", json_string(branch_name),
                                                  "from", json_string(""), "keep", json_array(), "files", files, NULL));
            any = true;
        }
    }
    if (any) {
        cat_autofree char *message = cat_printf("Stop serving %s", name);
        json_array_append_new(draft->commits, cat_json_object("repository", json_string(repository), "message",
                                                              json_string(message), "application", json_string(other), NULL));
    }
}

/* `text` NULL: an install ended before its object was committed. */
static void remove_object(prv_draft *draft, const char *name, const char *text)
{
    if (!text)
        return;
    cat_autofree char *branch = cat_printf("org/%s", cat_json_text_or(draft->facts, "organization.name", ""));
    cat_autofree char *path = cat_printf("applications/%s.yaml", name);
    prv_show_file(draft, CAT_CONFIG_REPOSITORY, branch, path, text, NULL);
    json_array_append_new(draft->objects, cat_json_object("action", json_string("remove"), "branch", json_string(branch), "path",
                                                          json_string(path), NULL));
}

int prv_plan_uninstall(prv_draft *draft, cat_error *error)
{
    const char *name = cat_json_text_or(draft->request, "application", "");
    const json_t *application = prv_facts_application(draft->facts, name);
    if (!application)
        return prv_draft_refuse(draft, CAT_E_NOT_FOUND, NULL, error, "there is no Application '%.60s'", name);
    if (!cat_text_equal(cat_json_text(draft->request, "confirm"), name)) {
        prv_draft_complain(draft, "/confirm", "Type the Application's name, %s, to confirm", name);
        prv_draft_verdict(draft, error);
        draft->code = "confirmation-missing";
        return CAT_E_INVALID;
    }
    const json_t *work = json_object_get(cat_json_get(draft->facts, "work"), name);
    if (prv_is_being_removed(work)) {
        cat_autofree char *words = prv_work_words(work, name);
        return prv_draft_refuse(draft, CAT_E_CONFLICT, "operation-running", error, "%s", words);
    }
    int result = refuse_dependants(draft, name, error);
    if (result < 0)
        return result;
    warn_unreadable(draft, name);
    const char *other;
    json_t *one;
    json_object_foreach(cat_json_get(draft->facts, "applications"), other, one) unlink_from(draft, name, other, one);
    remove_object(draft, name, cat_json_text(application, "text"));
    json_array_append_new(
        draft->applications,
        cat_json_object("name", json_string(name), "action", json_string("remove"), "blueprint",
                        json_incref(cat_json_get(application, "branches.develop.source.blueprint.name")), "version",
                        json_incref(cat_json_get(application, "branches.develop.source.blueprint.version")), "environments",
                        json_incref(cat_json_get(application, "spec.environments")), "dependsOn", json_array(), NULL));
    return 0;
}
