#include "domain/environment_words.h"

#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "wire/names.h"

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

static bool has_namespace_of(const char *words, const cat_strings *applications, const char *type)
{
    for (size_t i = 0; applications && i < applications->count; i++) {
        cat_autofree char *namespace = cat_printf("%s-%s", applications->items[i], type);
        if (has_word(words, namespace))
            return true;
    }
    return false;
}

bool cat_words_name_environment(const char *words, const char *environment, const cat_strings *applications)
{
    char organization[CAT_NAME_ORGANIZATION_MAX + 1], type[8];
    if (has_word(words, environment))
        return true;
    return cat_environment_split(environment, organization, type) &&
           (has_path_of(words, type) || has_branch_of(words, type) || has_namespace_of(words, applications, type));
}

bool cat_words_name_another(const char *words, const char *organization, const cat_strings *visible,
                            const cat_strings *applications)
{
    const char *type;
    for (unsigned i = 0; (type = cat_env_type_at(i)); i++) {
        cat_autofree char *environment = cat_printf("%s-%s", organization, type);
        if (!cat_strings_has(visible, environment) && cat_words_name_environment(words, environment, applications))
            return true;
    }
    return false;
}
