#include "core/plan.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const char *const SECTIONS[EC_SECTION_COUNT] = {"base",  "identity", "git",        "account", "vcluster", "source",
                                                       "spine", "flux",     "protection", "pull",    "secrets",  "removal"};

static const char *const STEPS[EC_STEP_COUNT] = {
    [EC_STEP_NONE] = "nothing",
    [EC_STEP_KEYS] = "make the Organization's keys",
    [EC_STEP_GIT_ORGANIZATION] = "Git organization",
    [EC_STEP_GIT_PERSON] = "Git user",
    [EC_STEP_GIT_TEAM] = "Git team",
    [EC_STEP_GIT_TOKEN] = "Git token",
    [EC_STEP_GIT_REPOSITORY] = "Git repository",
    [EC_STEP_GIT_HOOK] = "Git webhook",
    [EC_STEP_GIT_PROTECTION] = "Git protection",
    [EC_STEP_GIT_TAGS] = "Git tag protection",
    [EC_STEP_GIT_ARCHIVE] = "archive Git repositories",
    [EC_STEP_GIT_ASSERTED] = "remember that Git is as asked",
    [EC_STEP_ACCOUNT_PUSH] = "push the event account",
    [EC_STEP_ACCOUNT_CREDENTIALS] = "credentials of the event account",
    [EC_STEP_ACCOUNT_CHECK] = "check the event account's limits",
    [EC_STEP_ACCOUNT_DEAD_LETTER] = "dead-letter stream",
    [EC_STEP_ACCOUNT_REMOVE] = "remove the event account",
    [EC_STEP_SPINE_ENVIRONMENT] = "stream and bucket",
    [EC_STEP_SPINE_REMOVE] = "remove stream and bucket",
    [EC_STEP_STORE_TOKEN] = "token of the secret store",
    [EC_STEP_RECONCILE_REQUESTER] = "projector's account",
    [EC_STEP_INFORMER] = "informer",
    [EC_STEP_FINALIZER] = "finalizer",
};

const char *ec_section_name(ec_section section)
{
    return SECTIONS[section];
}

void ec_plan_finish(ec_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        free(plan->items[i].cluster);
        free(plan->items[i].part);
        free(plan->items[i].text);
        json_decref(plan->items[i].object);
    }
    free(plan->items);
    free(plan->part);
    cat_strings_finish(&plan->looks);
    *plan = (ec_plan){0};
}

static ec_action *add(ec_plan *plan, ec_section section, ec_verb verb)
{
    if (plan->count == plan->capacity) {
        plan->capacity = plan->capacity ? plan->capacity * 2 : 32;
        plan->items = cat_realloc(plan->items, plan->capacity * sizeof *plan->items);
    }
    ec_action *action = &plan->items[plan->count];
    *action = (ec_action){.section = section, .verb = verb, .part = plan->part ? cat_strdup(plan->part) : NULL};
    /* Above the ceiling the last one is written over: an object that wants so much is refused by its schema long before. */
    if (plan->count < EC_MAX_ACTIONS)
        plan->count++;
    return action;
}

void ec_part(ec_plan *plan, const char *cluster, const char *name)
{
    free(plan->part);
    plan->part = cluster ? cat_printf("%s %s", cluster, name) : NULL;
}

static const char *dash(const char *text)
{
    return text && *text ? text : "-";
}

char *ec_key(const char *cluster, const char *kind, const char *namespace, const char *name)
{
    return cat_printf("%s %s %s %s", cluster, kind, dash(namespace), name);
}

char *ec_key_list(const char *cluster, const char *kind, const char *namespace, const char *selector)
{
    return cat_printf("%s %s %s ?%s", cluster, kind, dash(namespace), selector ? selector : "");
}

bool ec_key_parse(const char *key, ec_key_parts *parsed)
{
    size_t length = strlen(key);
    if (length >= sizeof parsed->buffer)
        return false;
    memcpy(parsed->buffer, key, length + 1);
    char *parts[4], *at = parsed->buffer;
    for (int i = 0; i < 4; i++) {
        parts[i] = at;
        char *space = i < 3 ? strchr(at, ' ') : NULL;
        if (i < 3 && !space)
            return false;
        if (space) {
            *space = '\0';
            at = space + 1;
        }
    }
    parsed->cluster = parts[0];
    parsed->kind = parts[1];
    parsed->namespace = strcmp(parts[2], "-") == 0 ? NULL : parts[2];
    parsed->name = parts[3][0] == '?' ? NULL : parts[3];
    parsed->selector = parts[3][0] == '?' ? parts[3] + 1 : NULL;
    return true;
}

void ec_observed_init(ec_observed *observed)
{
    observed->objects = json_object();
    observed->unreachable = json_object();
}

void ec_observed_finish(ec_observed *observed)
{
    json_decref(observed->objects);
    json_decref(observed->unreachable);
    *observed = (ec_observed){0};
}

void ec_observed_set(ec_observed *observed, const char *key, json_t *value_taken)
{
    json_object_set_new(observed->objects, key, value_taken);
}

static const json_t *known(ec_plan *plan, const ec_observed *observed, const char *key)
{
    const json_t *value = json_object_get(observed->objects, key);
    if (!value && !cat_strings_has(&plan->looks, key))
        cat_strings_add(&plan->looks, key);
    return json_is_null(value) ? NULL : value;
}

const json_t *ec_look(ec_plan *plan, const ec_observed *observed, const char *cluster, const char *kind, const char *namespace,
                      const char *name)
{
    cat_autofree char *key = ec_key(cluster, kind, namespace, name);
    return known(plan, observed, key);
}

const json_t *ec_look_list(ec_plan *plan, const ec_observed *observed, const char *cluster, const char *kind,
                           const char *namespace, const char *selector)
{
    cat_autofree char *key = ec_key_list(cluster, kind, namespace, selector);
    const json_t *list = known(plan, observed, key);
    return json_is_array(list) ? list : NULL;
}

const char *ec_unreachable(const ec_observed *observed, const char *cluster)
{
    return json_string_value(json_object_get(observed->unreachable, cluster));
}

bool ec_covers(const json_t *have, const json_t *want)
{
    if (json_is_object(want)) {
        const char *name;
        json_t *value;
        json_object_foreach((json_t *)want, name, value)
        {
            if (!ec_covers(json_object_get(have, name), value))
                return false;
        }
        return json_is_object(have);
    }
    if (json_is_array(want)) {
        if (!json_is_array(have) || json_array_size(have) != json_array_size(want))
            return false;
        for (size_t i = 0; i < json_array_size(want); i++)
            if (!ec_covers(json_array_get(have, i), json_array_get(want, i)))
                return false;
        return true;
    }
    if (json_is_number(want) && json_is_number(have))
        return json_number_value(want) == json_number_value(have);
    /* The server leaves out what is false or null by default. */
    if (!have)
        return json_is_null(want) || json_is_false(want);
    return json_equal((json_t *)have, (json_t *)want);
}

void ec_want(ec_plan *plan, const ec_observed *observed, ec_section section, const char *cluster, json_t *object)
{
    cat_autojson json_t *wanted = object;
    const char *kind = cat_json_text(object, "kind"), *name = cat_object_name(object);
    const json_t *have = ec_look(plan, observed, cluster, kind, cat_object_namespace(object), name);
    const char *why = ec_unreachable(observed, cluster);
    if (why) {
        if (!ec_plan_has(plan, section, EC_WAIT))
            ec_wait(plan, section, "cluster %s does not answer: %s", cluster, why);
        return;
    }
    if (have && !cat_object_is_deleting(have) && ec_covers(have, object))
        return;
    if (have && cat_object_is_deleting(have)) {
        ec_wait(plan, section, "%s %s is still being removed from %s", kind, name, cluster);
        return;
    }
    ec_action *action = add(plan, section, EC_APPLY);
    action->cluster = cat_strdup(cluster);
    action->object = json_incref(wanted);
}

void ec_delete(ec_plan *plan, ec_section section, const char *cluster, const char *kind, const char *namespace, const char *name)
{
    ec_action *action = add(plan, section, EC_DELETE);
    action->cluster = cat_strdup(cluster);
    action->object = json_object();
    cat_json_set_text(action->object, "kind", kind);
    cat_json_set_text(action->object, "metadata.name", name);
    cat_json_set_text(action->object, "metadata.namespace", namespace);
}

void ec_patch(ec_plan *plan, ec_section section, const char *cluster, json_t *patch_taken)
{
    ec_action *action = add(plan, section, EC_PATCH);
    action->cluster = cat_strdup(cluster);
    action->object = patch_taken;
}

void ec_do(ec_plan *plan, ec_section section, ec_step step, json_t *arguments_taken)
{
    ec_action *action = add(plan, section, EC_DO);
    action->step = step;
    action->object = arguments_taken ? arguments_taken : json_object();
}

static void sentence(ec_plan *plan, ec_section section, ec_verb verb, const char *format, va_list arguments)
{
    ec_action *action = add(plan, section, verb);
    char text[1024];
    vsnprintf(text, sizeof text, format, arguments);
    action->text = cat_strdup(text);
}

void ec_wait(ec_plan *plan, ec_section section, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    sentence(plan, section, EC_WAIT, format, arguments);
    va_end(arguments);
}

void ec_unknown(ec_plan *plan, ec_section section, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    sentence(plan, section, EC_UNKNOWN, format, arguments);
    va_end(arguments);
}

void ec_refuse(ec_plan *plan, ec_section section, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    sentence(plan, section, EC_REFUSE, format, arguments);
    va_end(arguments);
}

bool ec_plan_has(const ec_plan *plan, ec_section section, ec_verb verb)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->items[i].section == section && plan->items[i].verb == verb)
            return true;
    return false;
}

static void print_object(cat_string *text, const char *verb, const ec_action *action)
{
    const char *namespace = cat_object_namespace(action->object);
    cat_string_appendf(text, "%s %s on %s: %s%s%s", verb, cat_json_text_or(action->object, "kind", "?"), action->cluster,
                       namespace ? namespace : "", namespace ? "/" : "", cat_object_name(action->object));
}

static void print(cat_string *text, const ec_action *action)
{
    cat_string_appendf(text, "%s: ", SECTIONS[action->section]);
    cat_autofree char *arguments = NULL;
    switch (action->verb) {
    case EC_APPLY:
        print_object(text, "apply", action);
        break;
    case EC_PATCH:
        print_object(text, "change", action);
        break;
    case EC_DELETE:
        print_object(text, "delete", action);
        break;
    case EC_DO:
        arguments = json_object_size(action->object) ? cat_json_format(action->object) : cat_strdup("");
        cat_string_appendf(text, "%s%s%s", STEPS[action->step], *arguments ? " " : "", arguments);
        break;
    case EC_WAIT:
        cat_string_appendf(text, "wait: %s", action->text);
        break;
    case EC_UNKNOWN:
        cat_string_appendf(text, "unknown: %s", action->text);
        break;
    case EC_REFUSE:
        cat_string_appendf(text, "refuse: %s", action->text);
        break;
    }
    cat_string_append_char(text, '\n');
}

char *ec_plan_text(const ec_plan *plan)
{
    cat_auto(cat_string) text = CAT_STRING(1024 * 1024);
    for (size_t i = 0; i < plan->count; i++)
        print(&text, &plan->items[i]);
    return cat_string_take(&text);
}
