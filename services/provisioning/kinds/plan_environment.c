/* An Environment begins as its object in system/catalyst-config. */
#include "domain/kinds.h"
#include "kinds/kinds.h"
#include "kinds/onboarding.h"

#include "base/memory.h"
#include "domain/policy.h"
#include "wire/kubernetes.h"

static json_t *environment_object(const char *organization, const char *name, const json_t *wish)
{
    json_t *object = cat_object_make(cat_resource_find(CAT_GROUP, "Environment"), organization, name);
    cat_object_set_label(object, CAT_LABEL_ORGANIZATION, organization);
    json_object_set_new(object, "spec",
                        cat_json_object("envType", json_incref(json_object_get(wish, "envType")), "displayName",
                                        json_incref(json_object_get(wish, "displayName")), "placement",
                                        json_incref(json_object_get(wish, "placement")), "policyRef",
                                        json_incref(json_object_get(wish, "policyRef")), NULL));
    return object;
}

int prv_add_environment(prv_draft *draft, const json_t *wish, const char *pointer, cat_error *error)
{
    const char *type = cat_json_text_or(wish, "envType", ""), *organization = prv_onboarded(draft);
    cat_autofree char *where = cat_printf("%s/envType", pointer), *name = cat_printf("%s-%s", organization, type);
    if (cat_json_is_text_in(draft->environments, name)) {
        prv_draft_complain(draft, where, "is there twice");
        return prv_draft_refuse(draft, CAT_E_INVALID, "schema-invalid", error, "%s: is there twice", where);
    }
    const char *policy = cat_json_text(wish, "policyRef.name");
    char why[CAT_POLICY_WORDS_MAX];
    if (!cat_policy_reference_agrees(json_object_get(draft->facts, "policies"), name, policy, why)) {
        cat_autofree char *at = cat_printf("%s/policyRef/name", pointer);
        prv_draft_complain(draft, at, "%s", why);
        return prv_draft_refuse(draft, CAT_E_INVALID, "schema-invalid", error, "%s: %s", at, why);
    }
    cat_autofree char *path = cat_printf("environments/%s.yaml", name), *branch = cat_printf("org/%s", organization);
    json_array_append_new(draft->environments, json_string(name));
    prv_declare(draft, branch, path, environment_object(organization, name, wish));
    return 0;
}

int prv_plan_environment(prv_draft *draft, cat_error *error)
{
    int code = prv_add_environment(draft, draft->request, "", error);
    draft->subject = json_string_value(json_array_get(draft->environments, 0));
    return code;
}
