/* Values as the schema calls them. Whole numbers as whole numbers: 2.0 and 1e3 are integers to JSON Schema, and 2.0 is none to
 * whoever reads them next. Texts as they were written: YAML takes 1.10 for a number, and who binds it into a text does not. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wire/schema_node.h"

#define MAX_STEPS 200000

typedef struct {
    size_t steps;
    schema_run matching;   /* the budget of patterns */
    unsigned types;        /* while they are gathered */
    const json_t *written; /* of the value that is looked at, when texts are what is written */
} writing;

typedef bool (*visitor)(writing *in, const schema_node *node, json_t *instance, unsigned depth);

/* The subschemas that say something of the same value; true as soon as `visit` is. */
static bool any_beside(writing *in, const schema_node *node, json_t *instance, unsigned depth, visitor visit)
{
    const schema_node *single[] = {node->ref, node->consequence, node->alternative};
    const schema_children *lists[] = {&node->all_of, &node->any_of, &node->one_of};
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (single[i] && visit(in, single[i], instance, depth + 1))
            return true;
    for (size_t list = 0; list < sizeof lists / sizeof *lists; list++)
        for (size_t i = 0; i < lists[list]->count; i++)
            if (visit(in, lists[list]->items[i].node, instance, depth + 1))
                return true;
    return false;
}

static bool is_exhausted(writing *in, unsigned depth)
{
    return depth > SCHEMA_MAX_NESTING || ++in->steps > MAX_STEPS;
}

static bool calls_integer(writing *in, const schema_node *node, json_t *instance, unsigned depth)
{
    if (!node || is_exhausted(in, depth))
        return false;
    if ((node->types & SCHEMA_INTEGER) && !(node->types & SCHEMA_NUMBER))
        return true;
    return any_beside(in, node, instance, depth, calls_integer);
}

/* Gathers the types that the schema takes of a value; never true. */
static bool gather_types(writing *in, const schema_node *node, json_t *instance, unsigned depth)
{
    size_t index;
    json_t *item;
    if (!node || is_exhausted(in, depth))
        return false;
    in->types |= node->types;
    in->types |= node->constant ? schema_types_of(node->constant) : 0;
    json_array_foreach((json_t *)node->enumeration, index, item) in->types |= schema_types_of(item);
    return any_beside(in, node, instance, depth, gather_types);
}

/* The text that was written where one belongs and `value` is none that may stand there. */
static json_t *text_written(writing *in, const schema_node *node, json_t *value, unsigned depth)
{
    if (!json_is_string(in->written) || json_is_string(value))
        return NULL;
    in->types = 0;
    gather_types(in, node, value, depth);
    bool wanted = (in->types & SCHEMA_STRING) && !(in->types & schema_types_of(value));
    return wanted ? json_incref((json_t *)in->written) : NULL;
}

/* Within what a double holds exactly: beyond it the text is not what its writer meant any more. */
static json_t *whole(const json_t *value)
{
    double number = json_real_value(value);
    return number == floor(number) && fabs(number) <= 9007199254740992.0 ? json_integer((json_int_t)number) : NULL;
}

static bool write_below(writing *in, const schema_node *node, json_t *instance, unsigned depth);

/* What stands in the parent's place instead of `value`; NULL: itself. */
static json_t *changed(writing *in, const schema_node *node, json_t *value, unsigned depth)
{
    if (!node)
        return NULL;
    if (in->written && !json_is_object(value))
        return text_written(in, node, value, depth); /* what stands in a list is bound with it, as what it is */
    if (json_is_real(value))
        return calls_integer(in, node, value, depth) ? whole(value) : NULL;
    if (json_is_object(value) || json_is_array(value))
        write_below(in, node, value, depth);
    return NULL;
}

static void write_member(writing *in, const schema_node *node, json_t *instance, const char *name, unsigned depth)
{
    bool known = false;
    const schema_children *lists[] = {&node->properties, &node->pattern_properties};
    for (size_t list = 0; list < 2; list++)
        for (size_t i = 0; i < lists[list]->count; i++) {
            const schema_child *child = &lists[list]->items[i];
            bool meant = child->pattern ? schema_pattern_match(&in->matching, child->pattern, name, strlen(name))
                                        : strcmp(child->name, name) == 0;
            json_t *now = meant ? changed(in, child->node, json_object_get(instance, name), depth + 1) : NULL;
            known = known || meant;
            if (now)
                json_object_set_new_nocheck(instance, name, now);
        }
    json_t *now = known ? NULL : changed(in, node->additional_properties, json_object_get(instance, name), depth + 1);
    if (now)
        json_object_set_new_nocheck(instance, name, now);
}

/* Never true: it goes through everything. */
static bool write_below(writing *in, const schema_node *node, json_t *instance, unsigned depth)
{
    const char *name;
    json_t *value;
    void *next;
    if (!node || is_exhausted(in, depth))
        return false;
    any_beside(in, node, instance, depth, write_below);
    const json_t *written = in->written;
    json_object_foreach_safe(instance, next, name, value)
    {
        in->written = json_object_get(written, name);
        if (!written || in->written)
            write_member(in, node, instance, name, depth);
    }
    in->written = written;
    for (size_t i = 0; !written && i < json_array_size(instance); i++) {
        const schema_node *item = i < node->prefix_items.count ? node->prefix_items.items[i].node : node->items;
        json_t *now = changed(in, item, json_array_get(instance, i), depth + 1);
        if (now)
            json_array_set_new(instance, i, now);
    }
    return false;
}

void cat_schema_write_integers(const cat_schema *schema, json_t *instance)
{
    writing in = {.matching = {.schema = schema}};
    write_below(&in, schema->root, instance, 0);
    free(in.matching.exhausted_at);
}

void cat_schema_write_texts(const cat_schema *schema, json_t *instance, const json_t *written)
{
    writing in = {.matching = {.schema = schema}, .written = written};
    write_below(&in, schema->root, instance, 0);
    free(in.matching.exhausted_at);
}
