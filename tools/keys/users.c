/* Users: made from the table of rights, and renewed before they expire. */
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "domain/spine_rights.h"
#include "keys.h"

#define FILE_MAX_BYTES ((size_t)64 * 1024)
#define OPERATORS_USER "environment-controller" /* whose the user of SYS is */

typedef struct {
    cat_strings publish, subscribe;
    const char *user; /* as its inbox is called */
} rights;

static void rights_cleanup(rights *have)
{
    cat_strings_finish(&have->publish);
    cat_strings_finish(&have->subscribe);
}

static int find_rights(const keys_wish *wish, rights *found, cat_error *error)
{
    bool system = strcmp(wish->account, "SYS") == 0;
    found->user = system ? OPERATORS_USER : wish->name;
    if (wish->everything) {
        cat_strings_add(&found->publish, ">");
        cat_strings_add(&found->subscribe, ">");
        return 0;
    }
    /* An account that is neither is an Organization's. */
    cat_spine_account_kind kind = system                                   ? CAT_SPINE_SYSTEM
                                  : strcmp(wish->account, "CATALYST") == 0 ? CAT_SPINE_CATALYST
                                                                           : CAT_SPINE_ORGANIZATION;
    if (!cat_spine_rights_of(found->user, kind, &found->publish, &found->subscribe))
        return cat_error_set(error, CAT_E_NOT_FOUND, "no service is called %s, or it has no rights in account %s", found->user,
                             wish->account);
    return 0;
}

static bool is_list(const json_t *claims, const char *path, const cat_strings *wanted)
{
    cat_autojson json_t *list = cat_json_strings(wanted);
    return json_equal(cat_json_get(claims, path), list);
}

/* Of this name and with these rights, and more than half of its life to go. */
static bool is_good(const keys_wish *wish, const rights *wanted)
{
    cat_autofree char *path = keys_path(wish->folder, wish->name, "creds");
    cat_autosecret char *text = NULL;
    size_t length = 0;
    cat_autojson json_t *claims = NULL;
    if (cat_file_read(path, FILE_MAX_BYTES, &text, &length, NULL) < 0 || cat_nats_claims(text, length, &claims, NULL) < 0)
        return false;
    return cat_text_equal(cat_json_text(claims, "name"), wanted->user) && is_list(claims, "nats.pub.allow", &wanted->publish) &&
           is_list(claims, "nats.sub.allow", &wanted->subscribe) &&
           cat_json_int_or(claims, "exp", 0) - keys_now_s() > wish->life_s / 2;
}

int keys_user(const keys_wish *wish, cat_error *error)
{
    cat_auto(rights) wanted = {0};
    int result = find_rights(wish, &wanted, error);
    if (result < 0)
        return result;
    if (is_good(wish, &wanted))
        return 0;
    if (!keys_there(wish->folder, wish->account, "seed"))
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no account %s in %s", wish->account, wish->folder);
    cat_nkey account, key;
    if (keys_ensure(wish->folder, wish->account, CAT_NKEY_ACCOUNT, &account, error) < 0)
        return error->code;
    cat_nkey_make(CAT_NKEY_USER, &key);
    cat_autofree char *jwt = NULL;
    cat_user_claims claims = {.name = wanted.user,
                              .publish = &wanted.publish,
                              .subscribe = &wanted.subscribe,
                              .expires_s = keys_now_s() + wish->life_s};
    result = cat_user_jwt(&account, account.public_key, key.public_key, &claims, keys_now_s(), &jwt, error);
    if (result == 0) {
        cat_autosecret char *credentials = cat_nats_credentials(jwt, key.seed);
        result = keys_write(wish->folder, wish->name, "creds", credentials, error);
    }
    cat_nkey_wipe(&key);
    cat_nkey_wipe(&account);
    return result;
}
