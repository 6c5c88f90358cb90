#include "domain/secrets.h"

#include <string.h>

#include "base/memory.h"
#include "domain/expression.h"

char *cat_secret_base(const char *organization, const char *env_type, const char *application)
{
    return cat_printf("org/%s/env/%s/%s", organization, env_type, application);
}

char *cat_secret_key(const char *path)
{
    char *key = cat_strdup(path);
    for (char *at = key; *at; at++)
        if (*at == '/')
            *at = '.';
    return key;
}

bool cat_secret_is_own(const json_t *spec, const char *secret)
{
    size_t index;
    json_t *rotation;
    json_array_foreach(cat_json_get(spec, "rotation"), index, rotation)
    {
        if (cat_text_equal(cat_json_text(rotation, "secret"), secret))
            return true;
    }
    return false;
}

int cat_secret_output(const json_t *spec, const char *organization, const char *env_type, const char *application, char **path,
                      cat_error *error)
{
    const char *expression = cat_json_text(spec, "outputs.secretPath");
    if (!cat_json_get(spec, "outputs.secretPath")) {
        *path = NULL;
        return 0;
    }
    cat_autofree char *base = cat_secret_base(organization, env_type, application),
                      *namespace = cat_printf("%s-%s", application, env_type),
                      *environment = cat_printf("%s-%s", organization, env_type), *start = cat_printf("%s/", base);
    cat_autojson json_t *value = NULL,
                        *scope = json_pack("{s:{s:s, s:s}, s:{s:s, s:s, s:s}, s:{s:s}}", "application", "name", application,
                                           "namespace", namespace, "environment", "name", environment, "type", env_type,
                                           "secretPath", base, "organization", "name", organization);
    int code = expression ? cat_expression_evaluate(expression, scope, "outputs.secretPath", &value, NULL) : CAT_E_INVALID;
    const char *text = code < 0 ? NULL : json_string_value(value);
    if (!text || !cat_text_starts_with(text, start) || !cat_secret_is_own(spec, text + strlen(start)))
        return cat_error_set(error, CAT_E_INVALID,
                             "secretPath has to be '{{ .environment.secretPath }}/' and the name of a secret in rotation");
    *path = cat_strdup(text);
    return 0;
}
