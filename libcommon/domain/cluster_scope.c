#include "domain/cluster_scope.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "domain/home.h"
#include "wire/kubernetes.h"

#define MAX_ENTRIES 4
#define MAX_NAMES 32
#define MAX_PRIORITY 1000000

/* Kinds that can be granted. Not: Namespaces, which are Catalyst's; webhooks and admission policies, which would see or stop what
 * everybody else writes; stores, issuers and storage, which reach credentials and disks of others. */
static const struct {
    const char *group, *kind, *resource;
} KINDS[MAX_ENTRIES] = {
    {"apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions"},
    {"rbac.authorization.k8s.io", "ClusterRole", "clusterroles"},
    {"rbac.authorization.k8s.io", "ClusterRoleBinding", "clusterrolebindings"},
    {"scheduling.k8s.io", "PriorityClass", "priorityclasses"},
};

static int find_kind(const char *kind)
{
    for (int i = 0; i < MAX_ENTRIES; i++)
        if (strcmp(KINDS[i].kind, kind) == 0)
            return i;
    return -1;
}

/* --- what can be granted --- */

/* A DNS subdomain, as Kubernetes names objects (RFC 1123). */
static bool is_subdomain(const char *name)
{
    char before = '.';
    if (!*name || strlen(name) > 253)
        return false;
    for (const char *at = name; *at; before = *at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9');
        if (!plain && (*at != '-' || before == '.') && (*at != '.' || before == '.' || before == '-'))
            return false;
    }
    return before != '.' && before != '-';
}

static const char *wrong_name(const char *kind, const char *name)
{
    if (!is_subdomain(name))
        return "is no name of an object";
    if (cat_text_starts_with(name, "system-"))
        return "is Kubernetes' own";
    if (cat_text_starts_with(name, CAT_HOME_PREFIX))
        return "is Catalyst's own";
    if (strcmp(kind, "ClusterRole") == 0 || strcmp(kind, "ClusterRoleBinding") == 0) {
        static const char *const ROLES[] = {"admin", "edit", "view", "cluster-admin"};
        for (size_t i = 0; i < sizeof ROLES / sizeof *ROLES; i++)
            if (strcmp(name, ROLES[i]) == 0)
                return "is Kubernetes' own";
    }
    if (strcmp(kind, "CustomResourceDefinition") != 0)
        return NULL;
    const char *dot = strchr(name, '.');
    if (!dot)
        return "is not {plural}.{group}";
    return cat_home_is_closed_group(dot + 1) || cat_text_equal(dot + 1, "openova.io") ||
                   cat_text_ends_with(dot + 1, ".openova.io")
               ? "defines a kind of a group that is somebody else's"
               : NULL;
}

static void check_names(const json_t *entry, size_t at, cat_cluster_scope_complaint *complain, void *context)
{
    const json_t *names = json_object_get(entry, "names");
    const char *kind = cat_json_text_or(entry, "kind", "");
    char pointer[64], message[512];
    size_t index;
    json_t *name;
    snprintf(pointer, sizeof pointer, "/%zu/names", at);
    if (json_array_size(names) == 0 || json_array_size(names) > MAX_NAMES) {
        snprintf(message, sizeof message, "names its objects one by one, 1 to %d of them", MAX_NAMES);
        complain(context, pointer, message);
        return;
    }
    json_array_foreach(names, index, name)
    {
        const char *text = json_is_string(name) ? json_string_value(name) : "", *wrong = wrong_name(kind, text);
        if (!wrong)
            continue;
        snprintf(pointer, sizeof pointer, "/%zu/names/%zu", at, index);
        snprintf(message, sizeof message, "%.80s '%.200s' %s, which nobody can grant", kind, text, wrong);
        complain(context, pointer, message);
    }
}

void cat_cluster_scope_check(const json_t *scope, cat_cluster_scope_complaint *complain, void *context)
{
    bool seen[MAX_ENTRIES] = {false};
    size_t index;
    json_t *entry;
    json_array_foreach((json_t *)scope, index, entry)
    {
        const char *kind = cat_json_text_or(entry, "kind", "");
        int found = find_kind(kind);
        char pointer[64], message[256];
        snprintf(pointer, sizeof pointer, "/%zu/kind", index);
        if (found < 0) {
            snprintf(
                message, sizeof message,
                "a '%.80s' cannot be granted; CustomResourceDefinition, ClusterRole, ClusterRoleBinding and PriorityClass can",
                kind);
            complain(context, pointer, message);
            continue;
        }
        if (seen[found])
            complain(context, pointer, "is there twice: one entry has all names of a kind");
        seen[found] = true;
        check_names(entry, index, complain, context);
    }
}

bool cat_cluster_scope_is_grantable(const char *group, const char *kind)
{
    int found = find_kind(kind);
    return found >= 0 && strcmp(KINDS[found].group, group) == 0;
}

/* --- what is granted --- */

static const json_t *names_of(const json_t *scope, const char *kind)
{
    size_t index;
    json_t *entry;
    json_array_foreach((json_t *)scope, index, entry)
    {
        if (cat_text_equal(cat_json_text(entry, "kind"), kind))
            return json_object_get(entry, "names");
    }
    return NULL;
}

bool cat_cluster_scope_has(const json_t *scope, const char *group, const char *kind, const char *name)
{
    return cat_cluster_scope_is_grantable(group, kind) && cat_json_is_text_in(names_of(scope, kind), name);
}

bool cat_cluster_scope_defines(const json_t *scope, const char *group)
{
    size_t index;
    json_t *name;
    json_array_foreach((json_t *)names_of(scope, "CustomResourceDefinition"), index, name)
    {
        const char *dot = strchr(json_string_value(name), '.');
        if (dot && strcmp(dot + 1, group) == 0)
            return true;
    }
    return false;
}

json_t *cat_cluster_scope_in(const json_t *granted, const char *environment)
{
    json_t *scope = json_array(), *entry;
    size_t index;
    json_array_foreach((json_t *)granted, index, entry)
    {
        const char *kind = cat_json_text(entry, "kind");
        if (kind && cat_text_equal(cat_json_text(entry, "environment"), environment))
            json_array_append_new(scope, json_pack("{s:s, s:O}", "kind", kind, "names", json_object_get(entry, "names")));
    }
    return scope;
}

char *cat_cluster_scope_print(const json_t *scope)
{
    cat_auto(cat_string) text = CAT_STRING(65536);
    size_t index, at;
    json_t *entry, *name;
    json_array_foreach((json_t *)scope, index, entry)
    {
        json_array_foreach(json_object_get(entry, "names"), at, name) cat_string_appendf(
            &text, "%s%s %s", text.length ? ", " : "", cat_json_text_or(entry, "kind", "?"), json_string_value(name));
    }
    return cat_string_take(&text);
}

/* --- inside the objects --- */

static bool wrong(char *why, size_t size, const char *what)
{
    snprintf(why, size, "%s", what);
    return true;
}

static bool binding_refused(const json_t *object, const char *namespace, char *why, size_t size)
{
    size_t index;
    json_t *subject;
    json_array_foreach(json_object_get(object, "subjects"), index, subject)
    {
        const char *in = cat_json_text(subject, "namespace");
        if (!cat_text_equal(cat_json_text(subject, "kind"), "ServiceAccount") || (namespace && in && strcmp(in, namespace) != 0))
            return wrong(why, size, "a ClusterRoleBinding gives rights to ServiceAccounts of the Application's own namespace");
    }
    return false;
}

bool cat_cluster_scope_content_refused(const json_t *object, const char *namespace, char *why, size_t size)
{
    const char *kind = cat_json_text_or(object, "kind", "");
    if (strcmp(kind, "ClusterRoleBinding") == 0)
        return binding_refused(object, namespace, why, size);
    if (strcmp(kind, "CustomResourceDefinition") == 0 && cat_json_get(object, "spec.conversion.webhook"))
        return wrong(why, size,
                     "a definition converts without a webhook, which the API server would call for everybody's objects");
    if (strcmp(kind, "PriorityClass") == 0 &&
        (cat_json_bool_or(object, "globalDefault", false) || cat_json_int_or(object, "value", 0) > MAX_PRIORITY ||
         !cat_text_equal(cat_json_text(object, "preemptionPolicy"), "Never")))
        return wrong(
            why, size,
            "a PriorityClass is nobody's default, at most 1000000, and of preemptionPolicy Never, so that others' pods stay");
    return false;
}

/* --- as Kubernetes takes it --- */

json_t *cat_cluster_scope_role_rules(const json_t *scope)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < MAX_ENTRIES; i++) {
        const json_t *names = names_of(scope, KINDS[i].kind);
        if (json_array_size(names))
            json_array_append_new(rules, json_pack("{s:[s], s:[s], s:O, s:[s, s, s, s, s]}", "apiGroups", KINDS[i].group,
                                                   "resources", KINDS[i].resource, "resourceNames", names, "verbs", "get",
                                                   "create", "update", "patch", "delete"));
    }
    cat_autojson json_t *kinds = json_array();
    size_t index;
    json_t *kind;
    cat_cluster_scope_add_kinds(scope, kinds);
    json_array_foreach(kinds, index, kind)
    {
        const char *plural = cat_json_text_or(kind, "plural", "");
        cat_autofree char *status = cat_printf("%s/status", plural), *finalizers = cat_printf("%s/finalizers", plural),
                          *scale = cat_printf("%s/scale", plural);
        json_array_append_new(rules, json_pack("{s:[s], s:[s, s, s, s], s:[s, s, s, s, s, s, s]}", "apiGroups",
                                               cat_json_text_or(kind, "group", ""), "resources", plural, status, finalizers,
                                               scale, "verbs", "get", "list", "watch", "create", "update", "patch", "delete"));
    }
    return rules;
}

void cat_cluster_scope_add_kinds(const json_t *scope, json_t *kinds)
{
    size_t index;
    json_t *name;
    json_array_foreach((json_t *)names_of(scope, "CustomResourceDefinition"), index, name)
    {
        const char *text = json_string_value(name), *dot = text ? strchr(text, '.') : NULL;
        if (!dot)
            continue;
        cat_autofree char *plural = cat_strndup(text, (size_t)(dot - text));
        json_array_append_new(kinds, json_pack("{s:s, s:s}", "group", dot + 1, "plural", plural));
    }
}

const char CAT_CLUSTER_SCOPE_IS_GRANTED[] =
    "(!has(request.namespace) || request.namespace == '') && request.resource.resource != 'namespaces' && "
    "authorizer.serviceAccount('" CAT_CLUSTER_SCOPE_GRANTED "', variables.home).group(request.resource.group)"
    ".resource(request.resource.resource).name(has(request.name) ? request.name : '')"
    ".check(request.operation.lowerAscii()).allowed()";

#define WRITES(resource_name) "request.operation != 'DELETE' && request.resource.resource == '" resource_name "'"

const cat_cluster_scope_rule CAT_CLUSTER_SCOPE_RULES[] = {
    {"!(" WRITES("clusterrolebindings") ") || !has(object.subjects) || object.subjects.all(s, s.kind == 'ServiceAccount' && "
                                        "has(s.namespace) && s.namespace == variables.home)",
     "a ClusterRoleBinding gives rights to ServiceAccounts of the Application's own namespace"},
    {"!(" WRITES("customresourcedefinitions") ") || !has(object.spec.conversion) || !has(object.spec.conversion.webhook)",
     "a definition converts without a webhook, which the API server would call for everybody's objects"},
    {"!(" WRITES("priorityclasses") ") || ((!has(object.globalDefault) || !object.globalDefault) && object.value <= 1000000 && "
                                    "has(object.preemptionPolicy) && object.preemptionPolicy == 'Never')",
     "a PriorityClass is nobody's default, at most 1000000, and of preemptionPolicy Never, so that others' pods stay"},
};
const size_t CAT_CLUSTER_SCOPE_RULE_COUNT = sizeof CAT_CLUSTER_SCOPE_RULES / sizeof *CAT_CLUSTER_SCOPE_RULES;
