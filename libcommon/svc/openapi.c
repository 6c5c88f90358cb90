#include "svc/openapi.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/string.h"
#include "wire/problem.h"
#include "wire/schema.h"
#include "wire/yaml.h"

int cat_openapi_reply(cat_reply *reply, const char *start, const char *end, cat_error *error)
{
    json_t *description = NULL;
    int result = cat_yaml_parse(start, (size_t)(end - start), &CAT_YAML_CAPS, &description, NULL, error);
    return result < 0 ? result : cat_reply_json(reply, 200, description);
}

/* --- compiling --- */

typedef struct {
    const char *name;
    enum { TEXT, INTEGER, BOOLEAN, LIST } form;
    bool required;
    cat_schema *schema;
} parameter;

/* One of the forms that a body may have: `value` is the discriminator's, NULL when there is one form only. */
typedef struct {
    const char *value;
    cat_schema *schema;
} form;

typedef struct {
    parameter *parameters;
    form *forms;
    size_t parameter_count, form_count;
    const char *discriminator;
    bool body_required;
} operation;

struct cat_openapi {
    json_t *document; /* lends every text here */
    const cat_route *routes;
    operation *operations; /* beside `routes` */
    size_t count;
};

static const json_t *follow(const json_t *document, const json_t *value)
{
    const char *reference = cat_json_text(value, "$ref");
    return reference && *reference == '#' ? cat_json_pointer(document, reference + 1) : value;
}

/* References reach into `components` as they do in the description. */
static int compile(const json_t *document, const json_t *schema, cat_schema **compiled, cat_error *error)
{
    cat_autojson json_t *whole = cat_json_object("$ref", json_string("#/schema"), "schema", json_incref((json_t *)schema),
                                                 "components", json_incref(json_object_get(document, "components")), NULL);
    int code = cat_schema_compile(whole, compiled, error);
    if (code == 0)
        cat_schema_assert_formats(*compiled);
    return code;
}

static int add_parameter(const json_t *document, const json_t *described, operation *own, cat_error *error)
{
    if (!cat_text_equal(cat_json_text(described, "in"), "query"))
        return 0;
    const json_t *schema = follow(document, json_object_get(described, "schema"));
    const char *type = cat_json_text_or(schema, "type", "string");
    parameter *added = &own->parameters[own->parameter_count];
    *added = (parameter){.name = cat_json_text_or(described, "name", ""),
                         .form = strcmp(type, "integer") == 0   ? INTEGER
                                 : strcmp(type, "boolean") == 0 ? BOOLEAN
                                 : strcmp(type, "array") == 0   ? LIST
                                                                : TEXT,
                         .required = json_is_true(json_object_get(described, "required"))};
    int code = compile(document, schema, &added->schema, error);
    if (code < 0)
        return cat_error_wrap(error, "parameter %s", added->name);
    own->parameter_count++;
    return 0;
}

static int add_forms(const json_t *document, const json_t *body, operation *own, cat_error *error)
{
    const json_t *schema = cat_json_get(json_object_get(json_object_get(body, "content"), "application/json"), "schema");
    const json_t *choice = follow(document, schema);
    const json_t *mapping = cat_json_get(choice, "discriminator.mapping");
    own->body_required = json_is_true(json_object_get(body, "required"));
    own->discriminator = cat_json_text(choice, "discriminator.propertyName");
    own->forms = cat_calloc(json_object_size(mapping) + 1, sizeof *own->forms);
    if (!schema)
        return 0;
    if (!own->discriminator || !mapping) {
        own->discriminator = NULL;
        int code = compile(document, schema, &own->forms[0].schema, error);
        own->form_count = code == 0;
        return code;
    }
    const char *value;
    json_t *reference;
    json_object_foreach((json_t *)mapping, value, reference)
    {
        cat_autojson json_t *chosen = cat_json_object("$ref", json_incref(reference), NULL);
        form *added = &own->forms[own->form_count];
        added->value = value;
        int code = compile(document, chosen, &added->schema, error);
        if (code < 0)
            return code;
        own->form_count++;
    }
    return 0;
}

static int compile_operation(const json_t *document, const cat_route *route, operation *own, cat_error *error)
{
    cat_autofree char *method = cat_strdup(route->method);
    for (char *at = method; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    const json_t *described = json_object_get(json_object_get(json_object_get(document, "paths"), route->pattern), method);
    if (!described)
        return cat_error_set(error, CAT_E_INVALID, "it is not described");
    const json_t *parameters = json_object_get(described, "parameters");
    own->parameters = cat_calloc(json_array_size(parameters) + 1, sizeof *own->parameters);
    size_t index;
    json_t *item;
    int code = 0;
    json_array_foreach((json_t *)parameters, index, item)
    {
        if (code == 0)
            code = add_parameter(document, follow(document, item), own, error);
    }
    return code < 0 ? code : add_forms(document, json_object_get(described, "requestBody"), own, error);
}

int cat_openapi_create(const cat_api *api, cat_openapi **description, cat_error *error)
{
    const cat_route *routes = api->routes;
    cat_openapi *made = cat_calloc(1, sizeof *made);
    made->routes = routes;
    while (routes[made->count].method)
        made->count++;
    made->operations = cat_calloc(made->count + 1, sizeof *made->operations);
    int code = cat_yaml_parse(api->start, (size_t)(api->end - api->start), &CAT_YAML_CAPS, &made->document, NULL, error);
    for (size_t i = 0; code == 0 && i < made->count; i++) {
        code = compile_operation(made->document, &routes[i], &made->operations[i], error);
        if (code < 0)
            cat_error_wrap(error, "the description of %s %s", routes[i].method, routes[i].pattern);
    }
    if (code < 0) {
        cat_openapi_destroy(made);
        return code;
    }
    *description = made;
    return 0;
}

void cat_openapi_destroy(void *opaque)
{
    cat_openapi *description = opaque;
    if (!description)
        return;
    for (size_t i = 0; i < description->count; i++) {
        operation *own = &description->operations[i];
        for (size_t j = 0; j < own->parameter_count; j++)
            cat_schema_destroy(own->parameters[j].schema);
        for (size_t j = 0; j < own->form_count; j++)
            cat_schema_destroy(own->forms[j].schema);
        free(own->parameters);
        free(own->forms);
    }
    free(description->operations);
    json_decref(description->document);
    free(description);
}

/* --- checking --- */

int cat_openapi_refuse(cat_reply *reply, const char *problem, const char *name, const char *message)
{
    cat_autofree char *detail = cat_printf("the query's %.100s: %s", name, message);
    json_t *error = cat_json_object("parameter", json_string(name), "message", json_string(message), NULL);
    return cat_reply_problem(reply, problem, detail, json_pack("[o]", error));
}

static json_t *value_of(const parameter *of, const char *text)
{
    long long number = 0;
    if (of->form == INTEGER && cat_text_to_int64(text, INT64_MIN, INT64_MAX, &number))
        return json_integer(number);
    if (of->form == BOOLEAN && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
        return json_boolean(text[0] == 't');
    if (of->form != LIST)
        return json_string(text);
    json_t *list = json_array();
    while (*text) {
        size_t length = strcspn(text, ",");
        if (length > 0)
            json_array_append_new(list, json_stringn(text, length));
        text += length + (text[length] == ',');
    }
    return list;
}

static const parameter *find_parameter(const operation *own, const char *name)
{
    for (size_t i = 0; i < own->parameter_count; i++)
        if (strcmp(own->parameters[i].name, name) == 0)
            return &own->parameters[i];
    return NULL;
}

static int refuse_unknown(cat_reply *reply, const operation *own, const char *name)
{
    cat_auto(cat_string) message = CAT_STRING(4096);
    cat_string_append(&message, own->parameter_count ? "it is not known here; known are" : "nothing is taken in the query here");
    for (size_t i = 0; i < own->parameter_count; i++)
        cat_string_appendf(&message, "%s %s", i ? "," : "", own->parameters[i].name);
    return cat_openapi_refuse(reply, "invalid", name, cat_string_get(&message));
}

static int check_query(cat_request *request, cat_reply *reply, const operation *own, bool *refused)
{
    const char *name, *text;
    size_t at = 0;
    *refused = true;
    while (cat_request_query_next(request, &at, &name, &text)) {
        const parameter *known = find_parameter(own, name);
        if (!known)
            return refuse_unknown(reply, own, name);
        if (cat_request_query(request, name) != text)
            return cat_openapi_refuse(reply, "invalid", name, "it stands there twice");
        cat_autojson json_t *value = value_of(known, text), *errors = NULL;
        if (!cat_schema_validate(known->schema, value, &errors))
            return cat_openapi_refuse(reply, "invalid", name, cat_json_text_or(errors, "0.message", "it does not fit"));
    }
    for (size_t i = 0; i < own->parameter_count; i++)
        if (own->parameters[i].required && !cat_request_query(request, own->parameters[i].name))
            return cat_openapi_refuse(reply, "invalid", own->parameters[i].name, "it is missing");
    *refused = false;
    return 0;
}

static json_t *complaint(const char *pointer, const char *message)
{
    return json_pack("[o]", cat_json_object("pointer", json_string(pointer), "message", json_string(message), NULL));
}

/* The schema that judges `body`; NULL, with `*errors` set, when its discriminator says nothing that is known. */
static const cat_schema *choose(const operation *own, const json_t *body, json_t **errors)
{
    if (!own->discriminator)
        return own->forms[0].schema;
    cat_auto(cat_string) known = CAT_STRING(4096);
    cat_autofree char *pointer = cat_printf("/%s", own->discriminator);
    for (size_t i = 0; i < own->form_count; i++) {
        if (cat_text_equal(own->forms[i].value, json_string_value(json_object_get(body, own->discriminator))))
            return own->forms[i].schema;
        cat_string_appendf(&known, "%s%s", i ? ", " : "This has to be one of: ", own->forms[i].value);
    }
    *errors = json_is_object(body) ? complaint(pointer, cat_string_get(&known)) : complaint("", "This has to be an object");
    return NULL;
}

static int check_body(cat_request *request, cat_reply *reply, const operation *own, bool *refused, cat_error *error)
{
    json_t *body = NULL;
    *refused = false;
    if (own->form_count == 0)
        return 0;
    if (cat_request_body(request).length == 0) {
        *refused = own->body_required;
        return *refused ? cat_reply_problem(reply, "invalid", "the body is missing: it has to be application/json", NULL) : 0;
    }
    int code = cat_request_json(request, &body, error);
    if (code < 0)
        return code;
    json_t *errors = NULL;
    const cat_schema *schema = choose(own, body, &errors);
    if (schema && cat_schema_validate(schema, body, &errors))
        return 0;
    *refused = true;
    cat_autofree char *detail = cat_problem_complaint(cat_json_text_or(errors, "0.pointer", ""),
                                                      cat_json_text_or(errors, "0.message", "This does not fit"));
    return cat_reply_problem(reply, "schema-invalid", detail, errors);
}

int cat_openapi_check(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    const cat_openapi *description = opaque;
    const cat_route *route = cat_request_route(request);
    const operation *own = &description->operations[route - description->routes];
    bool refused = false;
    int code = check_query(request, reply, own, &refused);
    if (code < 0 || refused || (route->flags & CAT_ROUTE_RAW))
        return code;
    return check_body(request, reply, own, &refused, error);
}
