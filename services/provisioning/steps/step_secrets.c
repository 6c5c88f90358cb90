/* Values that are generated once. They go from here to the store of secrets and nowhere else. */
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/random.h"
#include "domain/kinds.h"
#include "domain/secrets.h"
#include "steps/steps.h"

#define DEFAULT_LENGTH 32
#define MAX_LENGTH 1024

static void generate(json_t *data, const json_t *key)
{
    int64_t length = cat_json_int_or(key, "length", DEFAULT_LENGTH);
    char *value = cat_random_password((size_t)(length < 1 || length > MAX_LENGTH ? DEFAULT_LENGTH : length), NULL);
    char *encoded = cat_base64_encode(value, strlen(value));
    json_object_set_new(data, cat_json_text_or(key, "name", "value"), json_string(encoded));
    cat_wipe(encoded, strlen(encoded));
    cat_wipe(value, strlen(value));
    free(encoded);
    free(value);
}

/* Values of the keys that are not there yet; NULL when none is missing. */
static json_t *missing_values(const json_t *present, const json_t *keys)
{
    json_t *data = json_object();
    size_t index;
    json_t *key;
    json_array_foreach((json_t *)keys, index, key)
    {
        if (!json_object_get(json_object_get(present, "data"), cat_json_text_or(key, "name", "value")))
            generate(data, key);
    }
    if (json_object_size(data))
        return data;
    json_decref(data);
    return NULL;
}

static int make_secret(prv_run *run, const char *namespace, const char *name, json_t *data_taken, cat_error *error)
{
    cat_autojson json_t *object = cat_object_make(cat_resource_find("", "Secret"), namespace, name);
    cat_object_set_label(object, CAT_LABEL_ORGANIZATION, run->organization);
    json_object_set_new(object, "type", json_string("Opaque"));
    json_object_set_new(object, "data", data_taken);
    cat_error failed = {0};
    int code = cat_kube_create_object(run->context->kube, object, NULL, &failed);
    if (code == CAT_E_EXISTS) /* somebody was faster: look again */
        return cat_error_set_class(error, CAT_E_CONFLICT, CAT_CLASS_TRANSIENT, "secret %s was made meanwhile", name);
    if (code == CAT_E_NOT_FOUND ||
        code == CAT_E_FORBIDDEN) /* environment-controller makes it with the Organization, and the right to write there */
        return cat_error_set_class(error, CAT_E_UNAVAILABLE, CAT_CLASS_WAITING, "namespace %s for secrets is not ready yet",
                                   namespace);
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}

static int ensure_secret(prv_run *run, const char *namespace, const json_t *secret, cat_error *error)
{
    const cat_resource *resource = cat_resource_find("", "Secret");
    cat_autofree char *name = cat_secret_key(cat_json_text_or(secret, "path", ""));
    cat_autojson json_t *present = NULL;
    cat_error failed = {0};
    int code = cat_kube_get(run->context->kube, resource, namespace, name, &present, &failed);
    if (code == CAT_E_FORBIDDEN)
        return cat_error_set_class(error, CAT_E_UNAVAILABLE, CAT_CLASS_WAITING, "namespace %s for secrets is not ready yet",
                                   namespace);
    if (code < 0 && code != CAT_E_NOT_FOUND)
        return cat_error_copy(error, &failed);
    json_t *data = missing_values(present, json_object_get(secret, "keys"));
    if (!data)
        return 0;
    if (code == CAT_E_NOT_FOUND)
        return make_secret(run, namespace, name, data, error);
    cat_autojson json_t *patch =
        cat_json_object("metadata", cat_json_object("resourceVersion", json_string(cat_object_resource_version(present)), NULL),
                        "data", data, NULL);
    return cat_kube_patch(run->context->kube, &(cat_kube_change){resource, namespace, name, patch}, NULL, error);
}

int prv_step_secrets(prv_run *run, cat_error *error)
{
    cat_autofree char *namespace = cat_printf("catalyst-secrets-%s", run->organization);
    int code = 0;
    size_t index;
    json_t *secret;
    json_array_foreach(json_object_get(run->plan, "secrets"), index, secret)
    {
        if (code == 0)
            code = ensure_secret(run, namespace, secret, error);
    }
    return code;
}
