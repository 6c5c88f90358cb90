#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/schema_node.h"

static void mark_index(schema_evaluated *evaluated, size_t index)
{
    char text[24];
    snprintf(text, sizeof(text), "%zu", index);
    schema_evaluated_mark(evaluated, text);
}

static bool check_element(schema_run *run, const schema_node *node, size_t index, const json_t *value,
                          const schema_scope *scope)
{
    size_t before = schema_push_index(run, index);
    bool holds = schema_check(run, node, value, NULL, scope);
    schema_pop(run, before);
    return holds;
}

static bool check_elements(schema_run *run, const schema_node *node, const json_t *instance,
                           schema_evaluated *evaluated, const schema_scope *scope)
{
    bool holds = true;
    size_t index;
    json_t *value;
    json_array_foreach(instance, index, value)
    {
        const schema_node *own =
            index < node->prefix_items.count ? node->prefix_items.items[index].node : node->items;
        if (!own)
            break;
        holds = check_element(run, own, index, value, scope) && holds;
        if (!holds && !run->errors)
            return false;
        if (!node->items)
            mark_index(evaluated, index);
    }
    if (evaluated && node->items)
        evaluated->all = true;
    return holds;
}

static bool check_contains(schema_run *run, const schema_node *node, const json_t *instance,
                           schema_evaluated *evaluated, const schema_scope *scope)
{
    if (!node->contains)
        return true;
    long long matched = 0;
    size_t index;
    json_t *value;
    json_array_foreach(instance, index,
                       value) if (schema_check_quietly(run, node->contains, value, NULL, scope))
    {
        matched++;
        mark_index(evaluated, index);
    }
    long long least = node->min_contains >= 0 ? node->min_contains : 1;
    if (matched < least)
        return schema_fail(
            run, node->min_contains >= 0 ? "minContains" : "contains",
            "At least %lld of the entries have to be of the kind that is asked for here, but %lld are", least,
            matched);
    if (node->max_contains >= 0 && matched > node->max_contains)
        return schema_fail(run, "maxContains",
                           "At most %lld of the entries may be of this kind, but %lld are",
                           (long long)node->max_contains, matched);
    return true;
}

typedef struct {
    uint64_t hash;
    size_t index;
} hashed;

static uint64_t mix(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * UINT64_C(1099511628211);
    return hash;
}

/* Equal values have equal hashes: numbers by value, members in any order. */
static uint64_t hash_of(schema_run *run, const json_t *value, unsigned depth)
{
    uint64_t hash =
        mix(UINT64_C(14695981039346656037), &(unsigned char){(unsigned char)json_typeof(value)}, 1);
    if (!schema_spend(run) || depth > SCHEMA_MAX_NESTING)
        return hash;
    if (json_is_number(value)) {
        double number = json_number_value(value) + 0.0; /* no negative zero */
        return mix(UINT64_C(1469598103934665603), &number, sizeof(number));
    }
    if (json_is_string(value))
        return mix(hash, json_string_value(value), json_string_length(value));
    size_t index;
    json_t *item;
    json_array_foreach(value, index, item)
    {
        uint64_t inner = hash_of(run, item, depth + 1);
        hash = mix(hash, &inner, sizeof(inner));
    }
    const char *name;
    json_object_foreach((json_t *)value, name, item)
    {
        uint64_t inner = hash_of(run, item, depth + 1);
        hash += mix(inner, name, strlen(name));
    }
    return hash;
}

static int by_hash(const void *a, const void *b)
{
    const hashed *left = a, *right = b;
    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    return left->index < right->index ? -1 : left->index > right->index;
}

static bool check_unique(schema_run *run, const json_t *instance)
{
    size_t count = json_array_size(instance);
    if (count < 2)
        return true;
    cat_autofree hashed *items = cat_calloc(count, sizeof(*items));
    for (size_t i = 0; i < count; i++)
        items[i] = (hashed){hash_of(run, json_array_get(instance, i), 0), i};
    qsort(items, count, sizeof(*items), by_hash);
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count && items[j].hash == items[i].hash; j++)
            if (schema_equal(run, json_array_get(instance, items[i].index),
                             json_array_get(instance, items[j].index)))
                return schema_fail(run, "uniqueItems",
                                   "Entries %zu and %zu are the same, but all have to differ",
                                   items[i].index + 1, items[j].index + 1);
    return !run->exhausted;
}

bool schema_check_array(schema_run *run, const schema_node *node, const json_t *instance,
                        schema_evaluated *evaluated, const schema_scope *scope)
{
    long long count = (long long)json_array_size(instance);
    bool holds = true;
    if (node->min_items >= 0 && count < node->min_items)
        holds = schema_fail(run, "minItems", "This needs at least %lld %s, but it has %lld",
                            (long long)node->min_items, node->min_items == 1 ? "entry" : "entries", count);
    if (node->max_items >= 0 && count > node->max_items)
        holds = schema_fail(run, "maxItems", "This may have at most %lld %s, but it has %lld",
                            (long long)node->max_items, node->max_items == 1 ? "entry" : "entries", count);
    if (holds || run->errors)
        holds = check_elements(run, node, instance, evaluated, scope) && holds;
    if (holds || run->errors)
        holds = check_contains(run, node, instance, evaluated, scope) && holds;
    return (holds || run->errors) && (!node->unique_items || check_unique(run, instance)) && holds;
}

bool schema_check_unevaluated_items(schema_run *run, const schema_node *node, const json_t *instance,
                                    schema_evaluated *evaluated, const schema_scope *scope)
{
    if (evaluated->all)
        return true;
    bool holds = true;
    size_t index;
    json_t *value;
    json_array_foreach(instance, index, value)
    {
        char text[24];
        snprintf(text, sizeof(text), "%zu", index);
        if (json_object_get(evaluated->names, text))
            continue;
        holds = check_element(run, node->unevaluated_items, index, value, scope) && holds;
        if (!holds && !run->errors)
            return false;
    }
    evaluated->all = true;
    return holds;
}
