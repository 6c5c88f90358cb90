#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/schema_node.h"

/* Nested checks of one validation: an instance of 64 levels below schemas that refer on and on stays under
 * it. */
#define MAX_CHECKS_OPEN 768
#define MAX_PATH_BYTES 65536

void schema_evaluated_mark(schema_evaluated *evaluated, const char *name)
{
    if (!evaluated || evaluated->all)
        return;
    if (!evaluated->names)
        evaluated->names = json_object();
    json_object_set_new_nocheck(evaluated->names, name, json_true());
}

void schema_evaluated_merge(schema_evaluated *into, const schema_evaluated *from)
{
    if (!into)
        return;
    into->all = into->all || from->all;
    const char *name;
    json_t *item;
    json_object_foreach(from->names, name, item) schema_evaluated_mark(into, name);
}

bool schema_spend(schema_run *run)
{
    if (run->steps < SCHEMA_MAX_STEPS) {
        run->steps++;
        return true;
    }
    schema_exhaust(run);
    return false;
}

void schema_exhaust(schema_run *run)
{
    if (!run->exhausted)
        run->exhausted_at = cat_strdup(cat_string_get(&run->path));
    run->exhausted = true;
    run->steps = SCHEMA_MAX_STEPS;
}

bool schema_fail(schema_run *run, const char *keyword, const char *format, ...)
{
    if (!run->errors || json_array_size(run->errors) >= SCHEMA_MAX_ERRORS)
        return false;
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    /* A cut must not leave half a character behind. */
    for (size_t end = strlen(message);
         length >= (int)sizeof(message) && end > 0 && !cat_text_is_utf8(message, end);)
        message[--end] = 0;
    json_array_append_new(run->errors,
                          cat_json_object("pointer", json_string(cat_string_get(&run->path)), "keyword",
                                          json_string(keyword), "message", json_string(message), NULL));
    return false;
}

size_t schema_push(schema_run *run, const char *name)
{
    size_t before = run->path.length;
    cat_json_pointer_append(&run->path, name);
    return before;
}

size_t schema_push_index(schema_run *run, size_t index)
{
    char number[24];
    snprintf(number, sizeof(number), "%zu", index);
    return schema_push(run, number);
}

void schema_pop(schema_run *run, size_t length)
{
    run->path.length = length;
    run->path.overflowed = false;
    if (run->path.data)
        run->path.data[length] = 0;
}

bool schema_check_quietly(schema_run *run, const schema_node *node, const json_t *instance,
                          schema_evaluated *evaluated, const schema_scope *outer)
{
    json_t *errors = run->errors;
    run->errors = NULL;
    bool holds = schema_check(run, node, instance, evaluated, outer);
    run->errors = errors;
    return holds;
}

/* What a subschema would have to be to fit at all: its types, looked for through references. */
static unsigned wanted_types(const schema_node *node)
{
    for (unsigned hops = 0; node && hops < 32; hops++, node = node->ref)
        if (node->types)
            return node->types;
    return 0;
}

/* A member that is fixed by `const` in this form, with another value here, tells that another form is meant.
 */
static bool is_ruled_out(schema_run *run, const schema_node *node, const json_t *instance)
{
    unsigned wanted = wanted_types(node);
    if (wanted && !(wanted & schema_types_of(instance)))
        return true;
    for (unsigned hops = 0; node->ref && !node->properties.count && hops < 32; hops++)
        node = node->ref;
    for (size_t i = 0; i < node->properties.count; i++) {
        const schema_child *child = &node->properties.items[i];
        const json_t *value = json_object_get(instance, child->name);
        if (value && child->node->constant && !schema_equal(run, child->node->constant, value))
            return true;
    }
    return false;
}

static void name_forms(const schema_children *forms, cat_string *names)
{
    for (size_t i = 0; i < forms->count && i < 8; i++) {
        const schema_node *node = forms->items[i].node;
        const char *title = json_string_value(json_object_get(node->source, "title"));
        unsigned types = wanted_types(node);
        cat_string_append(names, i ? ", or " : "");
        cat_string_append(names, title ? title : types ? schema_type_words(types) : "another form");
    }
}

/* No form fits. If only one can have been meant, its own errors help more than a list of forms. */
static bool fail_choice(schema_run *run, const char *keyword, const schema_children *forms,
                        const json_t *instance, const schema_scope *scope)
{
    if (!run->errors)
        return false;
    const schema_node *meant = NULL;
    size_t possible = 0;
    for (size_t i = 0; i < forms->count; i++)
        if (!is_ruled_out(run, forms->items[i].node, instance)) {
            meant = forms->items[i].node;
            possible++;
        }
    if (possible == 1)
        return schema_check(run, meant, instance, NULL, scope);
    cat_auto(cat_string) names = CAT_STRING(512);
    name_forms(forms, &names);
    return schema_fail(run, keyword, "This fits none of the allowed forms: %s", cat_string_get(&names));
}

static bool check_any_of(schema_run *run, const schema_node *node, const json_t *instance,
                         schema_evaluated *evaluated, const schema_scope *scope)
{
    bool holds = false;
    for (size_t i = 0; i < node->any_of.count; i++) {
        holds = schema_check_quietly(run, node->any_of.items[i].node, instance, evaluated, scope) || holds;
        if (holds && !evaluated)
            return true; /* the others matter for unevaluated… alone */
    }
    return holds || fail_choice(run, "anyOf", &node->any_of, instance, scope);
}

static bool check_one_of(schema_run *run, const schema_node *node, const json_t *instance,
                         schema_evaluated *evaluated, const schema_scope *scope)
{
    size_t matched = 0;
    for (size_t i = 0; i < node->one_of.count && matched < 2; i++)
        matched += schema_check_quietly(run, node->one_of.items[i].node, instance, evaluated, scope);
    if (matched == 0)
        return fail_choice(run, "oneOf", &node->one_of, instance, scope);
    return matched == 1 ||
           schema_fail(run, "oneOf", "This fits more than one of the forms of which exactly one has to fit");
}

static bool check_condition(schema_run *run, const schema_node *node, const json_t *instance,
                            schema_evaluated *evaluated, const schema_scope *scope)
{
    if (!node->condition)
        return true;
    const schema_node *next = schema_check_quietly(run, node->condition, instance, evaluated, scope)
                                  ? node->consequence
                                  : node->alternative;
    return !next || schema_check(run, next, instance, evaluated, scope);
}

/* The outermost resource of the dynamic scope that has the anchor decides. */
static const schema_node *dynamic_target(const schema_node *node, const schema_scope *scope)
{
    const schema_node *target = node->dynamic_ref;
    for (; node->dynamic_ref_anchor && scope; scope = scope->outer) {
        const schema_node *found = cat_map_get(scope->resource->dynamic_anchors, node->dynamic_ref_anchor);
        target = found ? found : target;
    }
    return target;
}

static bool check_in_place(schema_run *run, const schema_node *node, const json_t *instance,
                           schema_evaluated *evaluated, const schema_scope *scope)
{
    bool holds = true;
    if (node->ref)
        holds = schema_check(run, node->ref, instance, evaluated, scope);
    if (node->dynamic_ref && (holds || run->errors))
        holds = schema_check(run, dynamic_target(node, scope), instance, evaluated, scope) && holds;
    for (size_t i = 0; i < node->all_of.count && (holds || run->errors); i++)
        holds = schema_check(run, node->all_of.items[i].node, instance, evaluated, scope) && holds;
    if (node->any_of.count && (holds || run->errors))
        holds = check_any_of(run, node, instance, evaluated, scope) && holds;
    if (node->one_of.count && (holds || run->errors))
        holds = check_one_of(run, node, instance, evaluated, scope) && holds;
    if (node->negated && (holds || run->errors) &&
        schema_check_quietly(run, node->negated, instance, NULL, scope))
        holds = schema_fail(run, "not", "This is a value that is ruled out here");
    return (holds || run->errors) && check_condition(run, node, instance, evaluated, scope) && holds;
}

static bool check_keywords(schema_run *run, const schema_node *node, const json_t *instance,
                           schema_evaluated *evaluated, const schema_scope *scope)
{
    if (!schema_check_type(run, node, instance))
        return false; /* the other keywords would only say the same again */
    bool holds = schema_check_values(run, node, instance);
    if (!holds && !run->errors)
        return false;
    if (json_is_object(instance))
        holds = schema_check_object(run, node, instance, evaluated, scope) && holds;
    else if (json_is_array(instance))
        holds = schema_check_array(run, node, instance, evaluated, scope) && holds;
    else if (json_is_string(instance))
        holds = schema_check_string(run, node, instance) && holds;
    else if (json_is_number(instance))
        holds = schema_check_number(run, node, instance) && holds;
    if (!holds && !run->errors)
        return false;
    holds = check_in_place(run, node, instance, evaluated, scope) && holds;
    if (node->unevaluated_properties && json_is_object(instance) && (holds || run->errors))
        holds = schema_check_unevaluated_properties(run, node, instance, evaluated, scope) && holds;
    if (node->unevaluated_items && json_is_array(instance) && (holds || run->errors))
        holds = schema_check_unevaluated_items(run, node, instance, evaluated, scope) && holds;
    return holds;
}

bool schema_check(schema_run *run, const schema_node *node, const json_t *instance,
                  schema_evaluated *evaluated, const schema_scope *outer)
{
    if (node->boolean >= 0)
        return node->boolean || schema_fail(run, "false", "Nothing is allowed here");
    if (!schema_spend(run))
        return false;
    if (run->depth >= MAX_CHECKS_OPEN) {
        run->steps = SCHEMA_MAX_STEPS;
        return schema_spend(run);
    }
    schema_scope own = {node->resource, outer};
    const schema_scope *scope = outer && outer->resource == node->resource ? outer : &own;
    cat_auto(schema_evaluated) mine = {0};
    run->depth++;
    bool holds = check_keywords(run, node, instance, run->schema->tracks ? &mine : NULL, scope);
    run->depth--;
    if (holds)
        schema_evaluated_merge(evaluated, &mine);
    return holds;
}

bool cat_schema_validate(const cat_schema *schema, const json_t *instance, json_t **errors)
{
    cat_autojson json_t *found = errors ? json_array() : NULL;
    schema_run run = {.schema = schema, .errors = found, .path = CAT_STRING(MAX_PATH_BYTES)};
    bool valid = schema_check(&run, schema->root, instance, NULL, NULL) && !run.exhausted;
    cat_string_finish(&run.path);
    if (run.exhausted && found) {
        /* What was found by then may come of what was not looked at. */
        json_array_clear(found);
        json_array_append_new(found, cat_json_object("pointer", json_string(run.exhausted_at), "keyword", json_string("$ref"),
                                                     "message", json_string("This is too involved to be checked"), NULL));
    }
    free(run.exhausted_at);
    if (!valid && errors)
        *errors = cat_take(found);
    return valid;
}
