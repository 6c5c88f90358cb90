#include "plan_speaks.h"

#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "wire/names.h"

json_t *prv_environments_of(const char *organization)
{
    static const char *const TYPES[] = {"dev", "stg", "uat", "prod", "poc"};
    json_t *names = json_array();
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        cat_autofree char *name = cat_printf("%s-%s", organization, TYPES[i]);
        json_array_append_new(names, json_string(name));
    }
    return names;
}

/* Whole: `acme-dev` stands in `ws-acme-dev-state` and not in `acme-development`. */
static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += length)
        if ((at == words || !isalnum((unsigned char)at[-1])) && !isalnum((unsigned char)at[length]))
            return true;
    return false;
}

static bool has_path_of(const char *words, const char *type)
{
    cat_autofree char *overlay = cat_printf("overlays/%s", type), *secret = cat_printf("/env/%s/", type),
                      *key = cat_printf(".env.%s.", type);
    return has_word(words, overlay) || strstr(words, secret) || strstr(words, key);
}

static bool has_branch_of(const char *words, const char *type)
{
    const char *branch = cat_branch_of_env_type(type);
    cat_autofree char *named = cat_printf("branch %s", branch), *there = cat_printf("on %s of ", branch),
                      *reference = cat_printf("refs/heads/%s", branch);
    return strcmp(branch, "develop") != 0 && (has_word(words, named) || strstr(words, there) || has_word(words, reference));
}

static bool has_namespace_of(const char *words, const json_t *applications, const char *type)
{
    size_t index;
    json_t *application;
    json_array_foreach((json_t *)applications, index, application)
    {
        cat_autofree char *namespace = cat_printf("%s-%s", json_string_value(application) ?: "?", type);
        if (has_word(words, namespace))
            return true;
    }
    return false;
}

bool prv_speaks_of(const char *words, const char *environment, const json_t *applications)
{
    char organization[CAT_NAME_ORGANIZATION_MAX + 1], type[8];
    if (has_word(words, environment))
        return true;
    return cat_environment_split(environment, organization, type) &&
           (has_path_of(words, type) || has_branch_of(words, type) || has_namespace_of(words, applications, type));
}
