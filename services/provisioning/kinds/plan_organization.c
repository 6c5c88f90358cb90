/* An Organization begins as its object in system/catalyst-config, a branch of its own there, and its first Environments. */
#include "base/memory.h"
#include "domain/kinds.h"
#include "kinds/kinds.h"
#include "kinds/onboarding.h"
#include "wire/kubernetes.h"

static json_t *organization_object(const char *name, const json_t *wish)
{
    json_t *object = cat_object_make(cat_resource_find(CAT_GROUP, "Organization"), NULL, name);
    json_t *spec = json_object();
    static const char *const MEMBERS[] = {"displayName", "plan", "owners", "domain", "quotas", "billingCurrency", "timeZone"};
    for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++)
        if (json_object_get(wish, MEMBERS[i]))
            json_object_set(spec, MEMBERS[i], json_object_get(wish, MEMBERS[i]));
    if (!json_object_get(spec, "displayName"))
        json_object_set_new(spec, "displayName", json_string(name));
    if (!json_object_get(spec, "plan"))
        json_object_set_new(spec, "plan", json_string("small"));
    json_object_set_new(object, "spec", spec);
    return object;
}

/* The branch is there from the beginning: Flux looks at it. */
static void begin_branch(prv_draft *draft, const char *name)
{
    cat_autofree char *branch = cat_printf("org/%s", name),
                      *readme = cat_printf("# %s\n\nEnvironments and Applications of the Organization %s.\n", name, name);
    json_array_append_new(draft->objects, cat_json_object("action", json_string("apply"), "branch", json_string(branch), "path",
                                                          json_string("README.md"), "content", json_string(readme), NULL));
}

int prv_plan_organization(prv_draft *draft, cat_error *error)
{
    const char *name = prv_onboarded(draft);
    cat_autofree char *path = cat_printf("organizations/%s.yaml", name);
    prv_declare(draft, "main", path, organization_object(name, draft->request));
    begin_branch(draft, name);
    draft->subject = name;
    size_t index;
    json_t *wish;
    json_array_foreach(json_object_get(draft->request, "environments"), index, wish)
    {
        cat_autofree char *pointer = cat_printf("/environments/%zu", index);
        int code = prv_add_environment(draft, wish, pointer, error);
        if (code < 0)
            return code;
    }
    return 0;
}

char *prv_organization_note(const char *organization)
{
    return cat_printf("people sign in once the Sovereign's administrators have made the groups /%s/{role} in Keycloak",
                      organization);
}
