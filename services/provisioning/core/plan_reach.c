#include "core/plan_reach.h"

#include "base/memory.h"
#include "wire/names.h"

json_t *prv_environments_asked(const prv_kind *kind, const json_t *facts, const json_t *request)
{
    const char *one = cat_json_text(request, "environment");
    if (kind->makes)
        return json_deep_copy(cat_json_get(request, "environments"));
    if (one)
        return json_pack("[s]", one);
    const json_t *application = prv_facts_application(facts, cat_json_text_or(request, "application", ""));
    json_t *all = json_deep_copy(cat_json_get(application, "spec.environments"));
    return all ? all : json_array();
}

bool prv_is_branch_of(const char *organization, const json_t *environments, const char *branch)
{
    const char *type = cat_env_type_of_branch(branch);
    cat_autofree char *environment = cat_printf("%s-%s", organization, type ? type : "");
    return type && cat_json_is_text_in(environments, environment);
}

bool prv_is_within(const char *organization, const json_t *environments, const char *branch, const char *path)
{
    bool own = prv_is_branch_of(organization, environments, branch);
    if (!cat_text_starts_with(path, "overlays/"))
        return own || cat_text_equal(branch, "develop");
    cat_autofree char *folder = cat_printf("overlays/%s/", own ? cat_env_type_of_branch(branch) : "");
    return own && cat_text_starts_with(path, folder);
}

bool prv_runs_on(const json_t *facts, const char *application, const char *branch)
{
    return prv_is_branch_of(cat_json_text_or(facts, "organization.name", ""),
                            cat_json_get(prv_facts_application(facts, application), "spec.environments"), branch);
}

static bool is_made_here(const prv_draft *draft, const char *repository)
{
    size_t index;
    json_t *skeleton;
    json_array_foreach(draft->skeletons, index, skeleton)
    {
        if (cat_text_equal(cat_json_text(skeleton, "repository"), repository))
            return true;
    }
    return false;
}

int prv_check_reach(const prv_draft *draft, cat_error *error)
{
    const char *organization = cat_json_text_or(draft->facts, "organization.name", "");
    bool everywhere = draft->kind->divisible && !cat_json_text(draft->request, "environment");
    cat_autojson json_t *asked = prv_environments_asked(draft->kind, draft->facts, draft->request);
    size_t index;
    json_t *tree;
    json_array_foreach(draft->trees, index, tree)
    {
        const char *repository = cat_json_text_or(tree, "repository", ""), *branch = cat_json_text_or(tree, "branch", "");
        bool shared = everywhere && cat_text_equal(branch, "develop");
        if (!shared && !is_made_here(draft, repository) && !prv_is_branch_of(organization, asked, branch))
            return cat_error_set(error, CAT_E_INTERNAL, "the plan would write branch %s of %s, which no rights were asked for",
                                 branch, repository);
    }
    return 0;
}
