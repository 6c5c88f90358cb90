#include "wire/names.h"

#include <stddef.h>
#include <string.h>

#include "base/string.h"
#include "wire/names_data.h"

/* RFC 1123's label, and Kubernetes' maximum for label values. */
#define LABEL_MAX 63
#define ORGANIZATION_MIN 3

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_lower_or_digit(char c)
{
    return is_lower(c) || (c >= '0' && c <= '9');
}

/* Lower-case letters, digits and hyphens, a letter or digit at both ends. */
static bool is_label(const char *text, size_t length, size_t max)
{
    if (length == 0 || length > max || !is_lower_or_digit(text[0]) || !is_lower_or_digit(text[length - 1]))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_lower_or_digit(text[i]) && text[i] != '-')
            return false;
    return true;
}

/* `^[a-z][a-z0-9]*(-[a-z0-9]+)*$` and 3 to 32 characters. */
static bool is_organization(const char *text, size_t length)
{
    if (length < ORGANIZATION_MIN || !is_label(text, length, CAT_NAME_ORGANIZATION_MAX) || !is_lower(text[0]))
        return false;
    for (size_t i = 1; i < length; i++)
        if (text[i] == '-' && text[i - 1] == '-')
            return false;
    return true;
}

static bool is_in(const char *const *list, const char *text)
{
    for (; *list; list++)
        if (strcmp(*list, text) == 0)
            return true;
    return false;
}

static const cat_env_type *find_env_type(const char *text)
{
    for (const cat_env_type *type = CAT_ENV_TYPES; text && type->code.code; type++)
        if (strcmp(type->code.code, text) == 0)
            return type;
    return NULL;
}

static char find_letter(const cat_location_code *codes, const char *text)
{
    for (; codes->code; codes++)
        if (strcmp(codes->code, text) == 0)
            return codes->letter;
    return 0;
}

static const cat_provider *find_provider(const char *text)
{
    for (const cat_provider *provider = CAT_PROVIDERS; provider->name; provider++)
        if (strcmp(provider->code.code, text) == 0)
            return provider;
    return NULL;
}

/* Where somebody reads `hz` or `prod` inside a name, it must mean the place and nothing else. */
static bool is_location_word(const char *text)
{
    if (find_provider(text) || find_letter(CAT_BUILDING_BLOCKS, text) || find_env_type(text))
        return true;
    for (const cat_provider *provider = CAT_PROVIDERS; provider->name; provider++)
        if (find_letter(provider->regions, text))
            return true;
    return false;
}

int cat_name_check_organization(const char *name, cat_error *error)
{
    size_t length = name ? strlen(name) : 0;
    if (length < ORGANIZATION_MIN || length > CAT_NAME_ORGANIZATION_MAX)
        return cat_error_set(error, CAT_E_INVALID, "an Organization's name has %d to %d characters", ORGANIZATION_MIN,
                             CAT_NAME_ORGANIZATION_MAX);
    if (!is_organization(name, length))
        return cat_error_set(error, CAT_E_INVALID,
                             "an Organization's name begins with a letter and holds lower-case letters and "
                             "digits, with single "
                             "hyphens between them");
    for (const char *const *prefix = CAT_RESERVED_PREFIXES; *prefix; prefix++)
        if (cat_text_starts_with(name, *prefix))
            return cat_error_set(error, CAT_E_INVALID, "names that begin with \"%s\" are reserved", *prefix);
    if (is_in(CAT_RESERVED_NAMES, name))
        return cat_error_set(error, CAT_E_INVALID, "the name \"%s\" is reserved", name);
    if (is_location_word(name))
        return cat_error_set(error, CAT_E_INVALID, "\"%s\" is the code of a provider, region, building block or environment type",
                             name);
    const char *hyphen = strrchr(name, '-');
    if (hyphen && find_env_type(hyphen + 1))
        return cat_error_set(error, CAT_E_INVALID,
                             "an Organization's name must not end in \"%s\": that would read as an Environment", hyphen);
    return 0;
}

bool cat_environment_split(const char *environment, char organization[CAT_NAME_ORGANIZATION_MAX + 1], char env_type[8])
{
    const char *hyphen = environment ? strrchr(environment, '-') : NULL;
    const cat_env_type *type = hyphen ? find_env_type(hyphen + 1) : NULL;
    if (!type || !is_organization(environment, (size_t)(hyphen - environment)))
        return false;
    size_t length = (size_t)(hyphen - environment);
    memcpy(organization, environment, length);
    organization[length] = '\0';
    memcpy(env_type, type->code.code, strlen(type->code.code) + 1);
    return true;
}

int cat_name_check_environment(const char *name, cat_error *error)
{
    const char *hyphen = name ? strrchr(name, '-') : NULL;
    if (!hyphen || !find_env_type(hyphen + 1))
        return cat_error_set(error, CAT_E_INVALID,
                             "an Environment is called {organization}-{type}, the type being prod, stg, uat, dev or poc");
    char organization[CAT_NAME_ORGANIZATION_MAX + 1];
    size_t length = (size_t)(hyphen - name);
    if (length > CAT_NAME_ORGANIZATION_MAX)
        return cat_error_set(error, CAT_E_INVALID, "an Organization's name has %d to %d characters", ORGANIZATION_MIN,
                             CAT_NAME_ORGANIZATION_MAX);
    memcpy(organization, name, length);
    organization[length] = '\0';
    return cat_name_check_organization(organization, error);
}

int cat_name_check_application(const char *name, cat_error *error)
{
    size_t length = name ? strlen(name) : 0;
    if (length == 0 || length > CAT_NAME_APPLICATION_MAX)
        return cat_error_set(error, CAT_E_INVALID, "an Application's name has 1 to %d characters", CAT_NAME_APPLICATION_MAX);
    if (!is_label(name, length, CAT_NAME_APPLICATION_MAX))
        return cat_error_set(error, CAT_E_INVALID,
                             "an Application's name holds lower-case letters, digits and hyphens, and "
                             "neither begins nor ends with a "
                             "hyphen");
    if (is_in(CAT_RESERVED_APPLICATIONS, name))
        return cat_error_set(error, CAT_E_INVALID, "the name \"%s\" is reserved", name);
    /* Its objects are called after it, and such objects are no tenant's (domain/home_content.c). */
    if (strcmp(name, "catalyst") == 0 || cat_text_starts_with(name, "catalyst-"))
        return cat_error_set(error, CAT_E_INVALID, "names that begin with \"catalyst\" are Catalyst's own");
    return 0;
}

int cat_name_check_blueprint(const char *name, cat_error *error)
{
    if (!name || !cat_text_starts_with(name, "bp-"))
        return cat_error_set(error, CAT_E_INVALID, "a Blueprint's name begins with \"bp-\"");
    if (!is_label(name + 3, strlen(name + 3), LABEL_MAX - 3))
        return cat_error_set(error, CAT_E_INVALID,
                             "after \"bp-\" a Blueprint's name has 1 to %d lower-case letters, digits and "
                             "hyphens, and neither begins "
                             "nor ends with a hyphen",
                             LABEL_MAX - 3);
    return 0;
}

/* A letter or digit at both ends, and between them single hyphens, dots or underscores: what Gitea takes, in lower case. */
static bool is_login(const char *text, size_t length)
{
    if (!is_lower_or_digit(text[0]) || !is_lower_or_digit(text[length - 1]))
        return false;
    for (size_t i = 1; i < length; i++)
        if (!is_lower_or_digit(text[i]) && (!strchr("-._", text[i]) || !is_lower_or_digit(text[i - 1])))
            return false;
    return true;
}

int cat_name_check_login(const char *login, cat_error *error)
{
    char lower[CAT_NAME_LOGIN_MAX + 1];
    size_t length = login ? strlen(login) : 0;
    if (length == 0 || length > CAT_NAME_LOGIN_MAX)
        return cat_error_set(error, CAT_E_INVALID, "a user name in Git has 1 to %d characters", CAT_NAME_LOGIN_MAX);
    for (size_t i = 0; i <= length; i++)
        lower[i] = login[i] >= 'A' && login[i] <= 'Z' ? (char)(login[i] - 'A' + 'a') : login[i];
    if (!is_login(lower, length))
        return cat_error_set(error, CAT_E_INVALID,
                             "a user name in Git holds letters from a to z and digits, with single hyphens, dots or underscores "
                             "between them");
    for (const char *const *prefix = CAT_RESERVED_LOGIN_PREFIXES; *prefix; prefix++)
        if (cat_text_starts_with(lower, *prefix))
            return cat_error_set(error, CAT_E_INVALID, "user names that begin with \"%s\" are kept for services", *prefix);
    if (is_in(CAT_RESERVED_NAMES, lower))
        return cat_error_set(error, CAT_E_INVALID, "the user name \"%s\" is reserved", lower);
    return 0;
}

bool cat_env_type_is(const char *text)
{
    return find_env_type(text) != NULL;
}

const char *cat_env_type_at(unsigned index)
{
    unsigned at = 0;
    while (CAT_ENV_TYPES[at].code.code && at < index)
        at++;
    return CAT_ENV_TYPES[at].code.code;
}

const char *cat_branch_of_env_type(const char *env_type)
{
    const cat_env_type *type = find_env_type(env_type);
    return type ? type->branch : NULL;
}

const char *cat_env_type_of_branch(const char *branch)
{
    for (const cat_env_type *type = CAT_ENV_TYPES; branch && type->code.code; type++)
        if (strcmp(type->branch, branch) == 0)
            return type->code.code;
    return NULL;
}

int cat_env_type_rank(const char *env_type)
{
    const cat_env_type *type = find_env_type(env_type);
    return type ? type->rank : -1;
}

/* Cuts `text` at its hyphens into exactly four parts. */
static bool split_four(char *text, char *parts[4])
{
    for (int i = 0; i < 4; i++) {
        parts[i] = text;
        char *hyphen = strchr(text, '-');
        if ((hyphen != NULL) != (i < 3))
            return false;
        if (hyphen) {
            *hyphen = '\0';
            text = hyphen + 1;
        }
    }
    return true;
}

int cat_host_cluster_code(const char *host_cluster, char code[5], cat_error *error)
{
    char copy[LABEL_MAX + 1], *parts[4];
    size_t length = host_cluster ? strlen(host_cluster) : 0;
    memcpy(copy, host_cluster ? host_cluster : "", length < LABEL_MAX ? length + 1 : LABEL_MAX);
    copy[LABEL_MAX] = '\0';
    if (length > LABEL_MAX || !split_four(copy, parts))
        return cat_error_set(error, CAT_E_INVALID,
                             "a host cluster is called {provider}-{region}-{building block}-{environment type}");
    const cat_provider *provider = find_provider(parts[0]);
    if (!provider)
        return cat_error_set(error, CAT_E_INVALID, "\"%s\" is no provider's code", parts[0]);
    char region = find_letter(provider->regions, parts[1]);
    if (!region)
        return cat_error_set(error, CAT_E_INVALID, "%s has no region \"%s\"", provider->name, parts[1]);
    char block = find_letter(CAT_BUILDING_BLOCKS, parts[2]);
    if (!block)
        return cat_error_set(error, CAT_E_INVALID, "\"%s\" is no building block: rtz, dmz or mgt", parts[2]);
    const cat_env_type *type = find_env_type(parts[3]);
    if (!type)
        return cat_error_set(error, CAT_E_INVALID, "\"%s\" is no environment type: prod, stg, uat, dev or poc", parts[3]);
    memcpy(code, (char[]){provider->code.letter, region, block, type->code.letter, '\0'}, 5);
    return 0;
}

int cat_name_check_host_cluster(const char *name, cat_error *error)
{
    char code[5];
    return cat_host_cluster_code(name, code, error);
}
