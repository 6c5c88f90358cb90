/* The rule as Kubernetes takes it: RBAC for what Flux may apply, admission policies for the rest and for whoever else writes. */
#include <string.h>

#include "base/memory.h"
#include "domain/cluster_scope.h"
#include "domain/home.h"

/* --- the Role --- */

static json_t *rule_of_group(json_t *rules, const char *group)
{
    size_t index;
    json_t *rule;
    json_array_foreach(rules, index, rule)
    {
        if (cat_json_is_text_in(json_object_get(rule, "apiGroups"), group))
            return rule;
    }
    rule = json_pack("{s:[s], s:[], s:[s, s, s, s, s, s, s]}", "apiGroups", group, "resources", "verbs", "get", "list", "watch",
                     "create", "update", "patch", "delete");
    json_array_append_new(rules, rule);
    return rule;
}

static void let(json_t *rules, const char *group, const char *resource)
{
    json_t *resources = json_object_get(rule_of_group(rules, group), "resources");
    if (!cat_json_is_text_in(resources, resource))
        json_array_append_new(resources, json_string(resource));
}

json_t *cat_home_role_rules(const json_t *claims)
{
    json_t *rules = json_array(), *claim;
    for (const cat_home_kind *known = CAT_HOME_KINDS; known->kind; known++)
        let(rules, known->group, known->resource);
    size_t index;
    json_array_foreach((json_t *)claims, index, claim)
    {
        const char *group = cat_json_text(claim, "group"), *plural = cat_json_text(claim, "plural");
        if (group && plural && !cat_home_is_closed_group(group))
            let(rules, group, plural);
    }
    /* Not brought by Flux, but an Application may give these to its own programs, and nobody gives what he does not have. */
    json_array_append_new(rules, json_pack("{s:[s, s], s:[s], s:[s, s, s, s, s]}", "apiGroups", "", "events.k8s.io", "resources",
                                           "events", "verbs", "get", "list", "watch", "create", "patch"));
    json_array_append_new(rules, json_pack("{s:[s], s:[s, s, s, s], s:[s, s, s]}", "apiGroups", "", "resources", "pods/log",
                                           "pods/status", "endpoints", "resourcequotas", "verbs", "get", "list", "watch"));
    json_array_append_new(rules, json_pack("{s:[s], s:[s], s:[s, s, s]}", "apiGroups", "discovery.k8s.io", "resources",
                                           "endpointslices", "verbs", "get", "list", "watch"));
    json_array_append_new(rules, json_pack("{s:[s], s:[s, s], s:[s, s, s]}", "apiGroups", "apps", "resources",
                                           "deployments/scale", "statefulsets/scale", "verbs", "get", "update", "patch"));
    return rules;
}

/* --- admission --- */

/* Who is held to the rules: the account that Flux applies an Application as, and every account of an Application's namespace. A
 * name that the API server vouches for, and no tenant chooses: nobody but Catalyst makes namespaces, or accounts in flux-system.
 */
#define ENV_TYPES "(prod|stg|uat|dev|poc)"
#define IS_TENANT                                                                                                                \
    "request.userInfo.username.matches('^system:serviceaccount:(" CAT_HOME_FLUX_NAMESPACE ":[^:]+-" ENV_TYPES                    \
    "|[^:]+-" ENV_TYPES ":[^:]+)$')"
#define IS_NOT_CATALYST "!has(request.userInfo.groups) || !('system:masters' in request.userInfo.groups)"
#define OURS "matches('^" CAT_HOME_PREFIX "($|-)')"
/* Of a resource, when somebody of an Application makes or changes one. */
#define WRITES(group, resource)                                                                                                  \
    "variables.tenant && request.operation != 'DELETE' && request.resource.group == '" group                                     \
    "' && request.resource.resource " resource

typedef struct {
    const char *expression, *message;
} validation;

static const validation LABELS = {
    "!(request.operation == 'CREATE' || (variables.tenant && request.operation == 'UPDATE')) || !has(object.metadata.labels) || "
    "object.metadata.labels.all(k, !k.matches('^([^/]*[.])?openova[.]io/') || k in ['openova.io/blueprint', "
    "'openova.io/blueprint-version'] || (k in namespaceObject.metadata.labels && namespaceObject.metadata.labels[k] == "
    "object.metadata.labels[k]))",
    "its labels of openova.io are Catalyst's, which sets them itself"};

static const validation VALIDATIONS[] = {
    {"!variables.tenant || !has(variables.subject.metadata.name) || !variables.subject.metadata.name." OURS,
     "names that begin with " CAT_HOME_PREFIX " are Catalyst's"},
    /* Of Kubernetes' own kinds: operators work with finalizers of their own kinds. */
    {"!variables.tenant || request.operation == 'DELETE' || request.resource.group.matches('[.]') && "
     "!request.resource.group.endsWith('.k8s.io') || !has(object.metadata.finalizers) || object.metadata.finalizers.all(f, f in "
     "['kubernetes.io/pvc-protection', 'foregroundDeletion', 'orphan'] || (request.operation == 'UPDATE' && "
     "has(oldObject.metadata.finalizers) && f in oldObject.metadata.finalizers))",
     "a finalizer would keep it from ever being removed"},
    {"!variables.tenant || request.resource.resource != 'networkpolicies' || !has(variables.subject.metadata.name) || "
     "variables.subject.metadata.name != '" CAT_HOME_NETWORK_POLICY "'",
     "NetworkPolicy " CAT_HOME_NETWORK_POLICY " is Catalyst's"},
    {"!(" WRITES("", "== 'secrets'") ") || !has(object.type) || !(object.type in ['kubernetes.io/service-account-token', "
                                     "'bootstrap.kubernetes.io/token'])",
     "a Secret of this type is a credential that never ends; pods are given tokens of their ServiceAccount"},
    {"!(" WRITES("", "== 'services'") ") || ((!has(object.spec.type) || object.spec.type == 'ClusterIP') && "
                                      "(!has(object.spec.externalIPs) || object.spec.externalIPs.size() == 0))",
     "a Service is of type ClusterIP without externalIPs: what comes from outside comes through an Ingress or a route"},
    {"!(" WRITES("rbac.authorization.k8s.io", "== 'rolebindings'") ") || (object.roleRef.kind == 'Role' && "
                                                                   "(!has(object.subjects) || object.subjects.all(s, s.kind == "
                                                                   "'ServiceAccount' && has(s.namespace) && s.namespace == "
                                                                   "request.namespace)))",
     "a RoleBinding gives a Role of its own namespace to ServiceAccounts of its own namespace"},
    {"!(" WRITES("external-secrets.io",
                 "== 'externalsecrets'") ") || ("
                                         "(!has(object.spec.secretStoreRef) || (has(object.spec.secretStoreRef.name) && "
                                         "object.spec.secretStoreRef.name == '" CAT_HOME_SECRET_STORE
                                         "' && (!has(object.spec.secretStoreRef.kind) || object.spec.secretStoreRef.kind == "
                                         "'SecretStore'))) && "
                                         "(!has(object.spec.data) || object.spec.data.all(d, !has(d.sourceRef))) && "
                                         "(!has(object.spec.dataFrom) || object.spec.dataFrom.all(d, !has(d.sourceRef))))",
     "an ExternalSecret reads from SecretStore " CAT_HOME_SECRET_STORE " alone"},
    {"!(" WRITES("external-secrets.io",
                 "== 'externalsecrets'") ") || !has(object.spec.target) || ("
                                         "(!has(object.spec.target.name) || !object.spec.target.name." OURS
                                         ") && !has(object.spec.target.manifest) && "
                                         "(!has(object.spec.target.template) || !has(object.spec.target.template.type) || "
                                         "object.spec.target.template.type != "
                                         "'kubernetes.io/service-account-token'))",
     "an ExternalSecret makes a Secret whose name does not begin with " CAT_HOME_PREFIX ", and no token of a ServiceAccount"},
    {"!(" WRITES("monitoring.coreos.com", "in ['servicemonitors', 'podmonitors']") ") || !has(object.spec.namespaceSelector)",
     "it watches its own namespace, which it does without a namespaceSelector"},
    {"request.operation != 'CREATE' || request.resource.group != '' || request.resource.resource != 'pods' || "
     "!has(object.spec.priorityClassName) || !object.spec.priorityClassName.startsWith('system-')",
     "its pods may not push the cluster's own aside"},
};

/* Kinds, for accounts of an Application that have more rights than the Role, whoever gave them. What is no kind of a closed group
 * is RBAC's to say. */
static char *kinds_expression(void)
{
    cat_auto(cat_string) text = CAT_STRING(16384);
    cat_string_append(&text, "!variables.tenant || (request.resource.group + '/' + request.resource.resource) in ['/events', "
                             "'events.k8s.io/events'");
    for (const cat_home_kind *known = CAT_HOME_KINDS; known->kind; known++)
        cat_string_appendf(&text, ", '%s/%s'", known->group, known->resource);
    cat_string_append(&text, "] || (request.resource.group.contains('.') && !request.resource.group.matches('(^|[.])(k8s[.]io|"
                             "fluxcd[.]io|controlplane[.]io|external-secrets[.]io|catalyst[.]openova[.]io|crossplane[.]io|"
                             "kyverno[.]io|gatekeeper[.]sh|cert-manager[.]io|keda[.]sh|monitoring[.]coreos[.]com)$'))");
    return cat_string_take(&text);
}

static void add(json_t *list, const char *expression, const char *message)
{
    json_array_append_new(list,
                          json_pack("{s:s, s:s, s:s}", "expression", expression, "message", message, "reason", "Forbidden"));
}

static json_t *policy(const char *name, json_t *constraints, json_t *conditions, json_t *variables, json_t *validations)
{
    return json_pack("{s:s, s:s, s:{s:s}, s:{s:s, s:o, s:o, s:o, s:o}}", "apiVersion", "admissionregistration.k8s.io/v1", "kind",
                     "ValidatingAdmissionPolicy", "metadata", "name", name, "spec", "failurePolicy", "Fail", "matchConstraints",
                     constraints, "matchConditions", conditions, "variables", variables, "validations", validations);
}

static json_t *binding(const char *name)
{
    return json_pack("{s:s, s:s, s:{s:s}, s:{s:s, s:[s]}}", "apiVersion", "admissionregistration.k8s.io/v1", "kind",
                     "ValidatingAdmissionPolicyBinding", "metadata", "name", name, "spec", "policyName", name,
                     "validationActions", "Deny");
}

/* In namespaces of Applications, whoever writes but Catalyst itself. Events are many, and nobody acts on them. */
static json_t *home_policy(void)
{
    json_t *constraints =
        json_pack("{s:[{s:[s], s:[s], s:[s, s, s], s:[s], s:s}], s:{s:[{s:s, s:s}]}}", "resourceRules", "apiGroups", "*",
                  "apiVersions", "*", "operations", "CREATE", "UPDATE", "DELETE", "resources", "*", "scope", "Namespaced",
                  "namespaceSelector", "matchExpressions", "key", "openova.io/application", "operator", "Exists");
    json_t *conditions =
        json_pack("[{s:s, s:s}, {s:s, s:s}]", "name", "not-catalyst", "expression", IS_NOT_CATALYST, "name", "no-event",
                  "expression", "!(request.resource.group in ['', 'events.k8s.io'] && request.resource.resource == 'events')");
    json_t *variables = json_pack("[{s:s, s:s}, {s:s, s:s}]", "name", "tenant", "expression", IS_TENANT, "name", "subject",
                                  "expression", "request.operation == 'DELETE' ? oldObject : object");
    json_t *validations = json_array();
    cat_autofree char *kinds = kinds_expression();
    add(validations, kinds, "an Application may not bring this kind");
    add(validations, LABELS.expression, LABELS.message);
    for (size_t i = 0; i < sizeof VALIDATIONS / sizeof *VALIDATIONS; i++)
        add(validations, VALIDATIONS[i].expression, VALIDATIONS[i].message);
    return policy(CAT_HOME_POLICY, constraints, conditions, variables, validations);
}

/* Everywhere: what an account of an Application writes lies in its own namespace, whatever rights somebody gave it. Asking who
 * one is and what one may is no writing. */
static json_t *reach_policy(void)
{
    json_t *constraints = json_pack("{s:[{s:[s], s:[s], s:[s], s:[s], s:s}]}", "resourceRules", "apiGroups", "*", "apiVersions",
                                    "*", "operations", "*", "resources", "*/*", "scope", "*");
    json_t *conditions =
        json_pack("[{s:s, s:s}, {s:s, s:s}]", "name", "application", "expression", IS_TENANT, "name", "no-question", "expression",
                  "!(request.resource.group in ['authentication.k8s.io', 'authorization.k8s.io'])");
    json_t *variables = json_pack("[{s:s, s:s}]", "name", "home", "expression",
                                  "request.userInfo.username.startsWith('system:serviceaccount:" CAT_HOME_FLUX_NAMESPACE
                                  ":') ? request.userInfo.username.split(':')[3] : request.userInfo.username.split(':')[2]");
    json_t *validations = json_array();
    cat_autofree char *where =
        cat_printf("(request.resource.resource != 'namespaces' && has(request.namespace) && request.namespace == variables.home) "
                   "|| (%s)",
                   CAT_CLUSTER_SCOPE_IS_GRANTED);
    add(validations, where, "an Application writes in its own namespace alone, and what it was granted of the cluster by name");
    for (size_t i = 0; i < CAT_CLUSTER_SCOPE_RULE_COUNT; i++)
        add(validations, CAT_CLUSTER_SCOPE_RULES[i].expression, CAT_CLUSTER_SCOPE_RULES[i].message);
    return policy(CAT_HOME_REACH, constraints, conditions, variables, validations);
}

json_t *cat_home_policies(void)
{
    json_t *all = json_array();
    json_array_append_new(all, home_policy());
    json_array_append_new(all, binding(CAT_HOME_POLICY));
    json_array_append_new(all, reach_policy());
    json_array_append_new(all, binding(CAT_HOME_REACH));
    return all;
}
