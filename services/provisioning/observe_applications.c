/* What Applications are made from, as their repositories say. */
#include <string.h>

#include "base/encoding.h"
#include "base/log.h"
#include "core/plan_reach.h"
#include "domain/application_source.h"
#include "observe_parts.h"

const char *const prv_branches[] = {"develop", "staging", "uat", "main", "poc", NULL};

int prv_observe_application(prv_context *context, const char *organization, const char *name, const json_t *environments,
                            json_t **branches, json_t *reads, cat_error *error)
{
    char url[512];
    cat_autofree char *repository = cat_printf("%s/%s", organization, name);
    cat_git_remote remote = prv_remote(context, repository, url);
    cat_autoptr(cat_git) git = NULL;
    cat_autojson json_t *found = json_object();
    int code = cat_git_open(&remote, NULL, &git, error);
    for (size_t i = 0; code == 0 && prv_branches[i]; i++) {
        cat_git_id head;
        json_t *facts = NULL;
        bool counts = strcmp(prv_branches[i], "develop") == 0 || prv_is_branch_of(organization, environments, prv_branches[i]);
        if (!counts || cat_git_head(git, prv_branches[i], &head, NULL) < 0)
            continue;
        if ((code = prv_branch_read(git, repository, prv_branches[i], &head, &facts, reads, error)) == 0)
            json_object_set_new(found, prv_branches[i], facts);
    }
    if (code == 0)
        *branches = cat_take(found);
    return code;
}

/* develop's catalyst.yaml by Gitea's API: one small call instead of a fetch. CAT_E_INVALID: people broke it, or took it away;
 * what can be read of it all the same is in `*source`. */
static int read_source(prv_context *context, const char *organization, const char *name, json_t **source, cat_error *error)
{
    cat_autojson json_t *reply = NULL, *document = NULL;
    cat_autofree char *path = cat_printf("/repos/%s/%s/contents/catalyst.yaml?ref=develop", organization, name);
    cat_error failed = {0};
    *source = NULL;
    int code = cat_gitea_call(context->gitea, "GET", path, NULL, NULL, &reply, &failed);
    if (code == CAT_E_NOT_FOUND)
        return cat_error_set(error, CAT_E_INVALID, "it is not there");
    if (code < 0)
        return cat_error_copy(error, &failed);
    size_t length = 0;
    const char *encoded = cat_json_text_or(reply, "content", "");
    cat_autofree unsigned char *text = cat_base64_decode(encoded, strlen(encoded), &length);
    code = text ? cat_application_source_read((const char *)text, length, name, &document, &failed)
                : cat_error_set(&failed, CAT_E_INVALID, "it is no text");
    if (json_is_object(cat_json_get(document, "spec")))
        *source = json_incref(cat_json_get(document, "spec"));
    return code < 0 ? cat_error_set(error, CAT_E_INVALID, "%s", failed.message) : 0;
}

bool prv_is_nobodys(const cat_error *failed)
{
    return failed->code == CAT_E_UNAVAILABLE || failed->code == CAT_E_TIMEOUT || failed->code == CAT_E_CANCELLED ||
           failed->code == CAT_E_UNAUTHORIZED || failed->code == CAT_E_LIMIT;
}

static void note_unreadable(json_t *branch, const char *name, const cat_error *failed)
{
    cat_log_warning("an Application's source cannot be read", CAT_FIELD("application", name),
                    CAT_FIELD("error", failed->message));
    const char *why = failed->code == CAT_E_INVALID ? failed->message : "its repository does not give it out";
    json_object_set_new(
        branch, "unreadable",
        json_pack("[o]", cat_json_object("file", json_string("catalyst.yaml"), "message", json_string(why), NULL)));
}

int prv_observe_sources(prv_context *context, const char *organization, json_t *applications, cat_error *error)
{
    const char *name;
    json_t *application;
    json_object_foreach(applications, name, application)
    {
        json_t *source = NULL, *branches = json_object_get(application, "branches");
        cat_error failed = {0};
        if (json_object_get(branches, "develop"))
            continue;
        int code = read_source(context, organization, name, &source, &failed);
        if (code < 0 && prv_is_nobodys(&failed))
            return cat_error_copy(error, &failed);
        json_t *develop = json_object();
        json_object_set_new(branches, "develop", develop);
        if (source)
            json_object_set_new(develop, "source", source);
        if (code < 0)
            note_unreadable(develop, name, &failed);
    }
    return 0;
}

int prv_observe_applications(prv_context *context, const char *organization, bool sources, json_t **applications,
                             cat_error *error)
{
    cat_autojson json_t *facts = cat_json_object("environments", json_object(), "policies", json_array(), "applications",
                                                 json_object(), "unreadable", json_object(), NULL);
    int code = prv_observe_config(context, organization, NULL, facts, NULL, error);
    if (code == 0 && sources)
        code = prv_observe_sources(context, organization, json_object_get(facts, "applications"), error);
    if (code == 0)
        *applications = json_incref(json_object_get(facts, "applications"));
    return code;
}
