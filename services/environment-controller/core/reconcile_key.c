#include "core/reconcile_key.h"

#include <stdio.h>
#include <string.h>

#include "domain/access.h"

bool ec_reconcile_key_format(const char *kind, const char *namespace, const char *name, char text[EC_RECONCILE_KEY_MAX])
{
    int length = snprintf(text, EC_RECONCILE_KEY_MAX, "%s/%s/%s", kind, namespace ? namespace : "", name);
    return length > 0 && length < EC_RECONCILE_KEY_MAX;
}

bool ec_reconcile_key_parse(const char *text, ec_reconcile_key *key)
{
    int length = snprintf(key->buffer, sizeof key->buffer, "%s", text);
    if (length < 0 || (size_t)length >= sizeof key->buffer)
        return false;
    char *first = strchr(key->buffer, '/'), *second = first ? strchr(first + 1, '/') : NULL;
    if (!second || !second[1])
        return false;
    *first = *second = '\0';
    key->kind = key->buffer;
    key->namespace = first + 1;
    key->name = second + 1;
    return true;
}

const char *ec_reconcile_key_owner(const ec_reconcile_key *key)
{
    static const char *const BY_NAME[] = {"Organization", "People", "Gained"};
    for (size_t i = 0; i < sizeof BY_NAME / sizeof *BY_NAME; i++)
        if (strcmp(key->kind, BY_NAME[i]) == 0)
            return strcmp(key->name, CAT_ORGANIZATION_SYSTEM) == 0 ? EC_SOVEREIGNS_OWN : key->name;
    bool everybodys = strcmp(key->kind, "Sovereign") == 0 || strcmp(key->kind, "EnvironmentPolicy") == 0;
    return everybodys || !*key->namespace ? EC_SOVEREIGNS_OWN : key->namespace;
}
