#include "source.h"

#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "domain/kinds.h"

#define NAME_MAX_BYTES 253

int source_check_name(const char *key, cat_error *error)
{
    size_t length = key ? strlen(key) : 0;
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
    bool bad = length == 0 || length > NAME_MAX_BYTES || strspn(key, allowed) != length || strstr(key, "..") ||
               strchr(".-", key[0]) || strchr(".-", key[length - 1]);
    if (bad)
        return cat_error_set(error, CAT_E_INVALID, "\"%.100s\" is no name of a secret", key ? key : "");
    return 0;
}

static int look_up(const json_t *reference, source_lookup function, void *context, json_t **data, cat_error *error)
{
    const char *name = cat_json_text(reference, "key");
    int code = source_check_name(name, error);
    return code < 0 ? code : function(context, name, data, error);
}

/* One `data` item: a property of a source, or all of it as a JSON object. */
static int add_item(const json_t *item, source_lookup function, void *context, json_t *target, cat_error *error)
{
    const char *key = cat_json_text(item, "secretKey"), *property = cat_json_text(item, "remoteRef.property");
    cat_autojson json_t *data = NULL;
    if (cat_json_get(item, "sourceRef"))
        return cat_error_set(error, CAT_E_UNSUPPORTED, "sourceRef is not served: secretStoreRef says which store");
    if (!key)
        return cat_error_set(error, CAT_E_INVALID, "an item of data has no secretKey");
    int code = look_up(cat_json_get(item, "remoteRef"), function, context, &data, error);
    if (code < 0)
        return code;
    if (property && *property) {
        json_t *value = json_object_get(data, property);
        if (!json_is_string(value))
            return cat_error_set_class(error, CAT_E_NOT_FOUND, CAT_CLASS_WAITING, "%.150s has no property %.80s",
                                       cat_json_text(item, "remoteRef.key"), property);
        json_object_set(target, key, value);
        return 0;
    }
    cat_autojson json_t *plain = json_object();
    const char *name;
    json_t *value;
    json_object_foreach(data, name, value)
    {
        size_t length;
        const char *text = json_string_value(value);
        cat_autofree unsigned char *decoded = text ? cat_base64_decode(text, strlen(text), &length) : NULL;
        json_t *string = decoded ? json_stringn((const char *)decoded, length) : NULL;
        if (!string)
            return cat_error_set(error, CAT_E_INVALID, "%.150s holds bytes that are no text: name a property",
                                 cat_json_text(item, "remoteRef.key"));
        json_object_set_new(plain, name, string);
    }
    cat_autofree char *json = cat_json_format(plain), *encoded = cat_base64_encode(json, strlen(json));
    json_object_set_new(target, key, json_string(encoded));
    return 0;
}

static int add_all(const json_t *external, source_lookup function, void *context, json_t *target, cat_error *error)
{
    size_t index;
    json_t *item;
    json_array_foreach(cat_json_get(external, "spec.dataFrom"), index, item)
    {
        cat_autojson json_t *data = NULL;
        if (cat_json_get(item, "find") || cat_json_get(item, "sourceRef") || cat_json_get(item, "rewrite"))
            return cat_error_set(error, CAT_E_UNSUPPORTED, "of dataFrom only extract is served");
        int code = look_up(cat_json_get(item, "extract"), function, context, &data, error);
        if (code < 0)
            return code;
        json_object_update(target, data);
    }
    json_array_foreach(cat_json_get(external, "spec.data"), index, item)
    {
        int code = add_item(item, function, context, target, error);
        if (code < 0)
            return code;
    }
    return 0;
}

static int check_target(const json_t *external, cat_error *error)
{
    const char *field, *policy = cat_json_text_or(external, "spec.target.creationPolicy", "Owner");
    json_t *value;
    json_object_foreach(cat_json_get(external, "spec.target.template"), field, value)
    {
        static const char *const defaults[] = {"type", "engineVersion", "mergePolicy"};
        if (strcmp(field, defaults[0]) != 0 && strcmp(field, defaults[1]) != 0 && strcmp(field, defaults[2]) != 0)
            return cat_error_set(error, CAT_E_UNSUPPORTED, "of target.template only type is served");
    }
    if (strcmp(policy, "Owner") != 0)
        return cat_error_set(error, CAT_E_UNSUPPORTED, "of target.creationPolicy only Owner is served");
    if (cat_text_starts_with(cat_json_text_or(external, "spec.target.name", ""), "catalyst-"))
        return cat_error_set(error, CAT_E_INVALID, "target.name: what begins with catalyst- is Catalyst's own");
    return 0;
}

int source_build(const json_t *external, source_lookup function, void *context, json_t **secret, cat_error *error)
{
    cat_autojson json_t *data = json_object();
    int code = check_target(external, error);
    if (code == 0)
        code = add_all(external, function, context, data, error);
    if (code < 0)
        return code;
    const char *name = cat_object_name(external);
    json_t *made = cat_object_make(cat_resource_find("", "Secret"), cat_object_namespace(external),
                                   cat_json_text_or(external, "spec.target.name", name));
    json_t *owner = cat_json_object("apiVersion", json_string("external-secrets.io/v1"), "kind", json_string("ExternalSecret"),
                                    "name", json_string(name), "uid", json_string(cat_object_uid(external)), "controller",
                                    json_true(), "blockOwnerDeletion", json_true(), NULL);
    json_t *owners = json_array();
    json_array_append_new(owners, owner);
    cat_json_set(made, "metadata.ownerReferences", owners);
    /* The Secret belongs where the ExternalSecret does: the labels say whose it is. */
    json_t *labels = cat_json_get(external, "metadata.labels");
    if (labels)
        cat_json_set(made, "metadata.labels", json_deep_copy(labels));
    json_object_set_new(made, "type", json_string(cat_json_text_or(external, "spec.target.template.type", "Opaque")));
    json_object_set(made, "data", data);
    *secret = made;
    return 0;
}
