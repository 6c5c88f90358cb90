#include "core/resources.h"

#include <string.h>

#include "base/string.h"
#include "core/plan.h"
#include "domain/kinds.h"

#define CORE ""
/* Beside domain/kinds.h, which the controller may be asked for any of: what holds a namespace may be of every kind. */
static const cat_resource RESOURCES[] = {
    {CORE, "v1", "ResourceQuota", "resourcequotas", true},
    {"apiextensions.crossplane.io", "v1", "CompositeResourceDefinition", "compositeresourcedefinitions", false},
    {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", false},
    {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", false},
    {"source.toolkit.fluxcd.io", "v1", "HelmRepository", "helmrepositories", true},
    {NULL, NULL, NULL, NULL, false},
};

const cat_resource *ec_resource(const char *kind)
{
    for (const cat_resource *own = RESOURCES; kind && own->kind; own++)
        if (strcmp(own->kind, kind) == 0)
            return own;
    for (int i = 0; kind && i < CAT_KIND_COUNT; i++)
        if (cat_text_equal(cat_kind_get((cat_kind)i)->resource.kind, kind))
            return &cat_kind_get((cat_kind)i)->resource;
    return NULL;
}
