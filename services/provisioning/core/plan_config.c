/* The config of a wish: what is left out of it, what it gets, and what is wrong with it. */
#include "core/plan_parts.h"

#include "base/memory.h"
#include "wire/schema.h"

void prv_drop_nulls(json_t *config)
{
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(config, next, name, value)
    {
        if (json_is_null(value))
            json_object_del(config, name);
        else
            prv_drop_nulls(value); /* lists keep theirs: they are replaced as a whole */
    }
}

void prv_write_integers(const json_t *blueprint, json_t *config)
{
    const json_t *schema = cat_json_get(blueprint, "spec.configSchema");
    __attribute__((cleanup(cat_schema_destroy_cleanup))) cat_schema *compiled = NULL;
    if (schema && cat_schema_compile(schema, &compiled, NULL) == 0)
        cat_schema_write_integers(compiled, config);
}

static void tell(prv_draft *draft, const json_t *config, const json_t *was, const json_t *fault, const char *pointer,
                 const char *note)
{
    const char *below = cat_json_text_or(fault, "pointer", ""), *message = cat_json_text_or(fault, "message", "is not valid");
    const json_t *is = cat_json_pointer(config, below), *before = was ? cat_json_pointer(was, below) : NULL;
    cat_autofree char *where = cat_printf("%s%s", pointer, below);
    if (!was || !(is && before ? json_equal(is, before) : is == before)) {
        prv_draft_complain(draft, where, "%s%s", message, note);
        return;
    }
    cat_autofree char *text = cat_printf("%.200s: %.300s. It is so in Git already, and this plan leaves it", where, message);
    json_array_append_new(draft->warnings, json_string(text));
}

/* What the Blueprint fixes once the Application is there: `"x-catalyst-immutable": true` beside a field. */
static void check_fixed(prv_draft *draft, const json_t *schema, const json_t *config, const json_t *was, const char *pointer)
{
    const char *name;
    json_t *field;
    json_object_foreach(json_object_get(schema, "properties"), name, field)
    {
        const json_t *is = json_object_get(config, name), *before = json_object_get(was, name);
        cat_autofree char *own = cat_json_pointer_join(pointer, name);
        if (!before || (is && json_equal(is, before)))
            continue;
        if (cat_json_bool_or(field, "x-catalyst-immutable", false)) {
            cat_autofree char *text = json_is_string(before) ? cat_strdup(json_string_value(before)) : cat_json_format(before);
            prv_draft_complain(draft, own,
                               "This cannot be changed once the Application is there: keep %.100s, or install it anew under "
                               "another name",
                               text);
        } else if (json_is_object(before)) {
            check_fixed(draft, field, is, before, own);
        }
    }
}

void prv_complete_config(prv_draft *draft, const json_t *blueprint, json_t *config, const json_t *was, const char *pointer,
                         const char *note)
{
    const json_t *schema = cat_json_get(blueprint, "spec.configSchema");
    __attribute__((cleanup(cat_schema_destroy_cleanup))) cat_schema *compiled = NULL;
    cat_error error = {0};
    if (!schema)
        return;
    if (cat_schema_compile(schema, &compiled, &error) < 0) {
        prv_draft_complain(draft, pointer, "The Blueprint's configSchema is wrong: %s", error.message);
        return;
    }
    cat_schema_apply_defaults(compiled, config);
    cat_schema_write_integers(compiled, config);
    check_fixed(draft, schema, config, was, pointer);
    cat_autojson json_t *errors = NULL;
    if (cat_schema_validate(compiled, config, &errors))
        return;
    size_t index;
    json_t *one;
    json_array_foreach(errors, index, one) tell(draft, config, was, one, pointer, note);
}
