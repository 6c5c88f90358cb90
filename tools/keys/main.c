/* catalyst-keys: the operator, the accounts SYS and CATALYST and their users, as files. See README.md. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "domain/spine_rights.h"
#include "keys.h"

#define UNLIMITED (-1)

int64_t keys_now_s(void)
{
    const cat_clock *clock = cat_clock_system();
    return clock->wall_ms(clock) / 1000;
}

char *keys_path(const char *folder, const char *name, const char *ending)
{
    return cat_printf("%s/%s.%s", folder, name, ending);
}

bool keys_there(const char *folder, const char *name, const char *ending)
{
    cat_autofree char *path = keys_path(folder, name, ending);
    return access(path, R_OK) == 0;
}

/* A file for its owner alone, whole or not at all. */
int keys_write(const char *folder, const char *name, const char *ending, const char *text, cat_error *error)
{
    cat_autofree char *path = keys_path(folder, name, ending);
    cat_autofree char *temporary = cat_printf("%s.new", path);
    (void)unlink(temporary);
    int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0)
        return cat_error_set(error, CAT_E_IO, "%s cannot be made: %s", temporary, strerror(errno));
    size_t length = strlen(text);
    bool written = write(file, text, length) == (ssize_t)length && fsync(file) == 0;
    if (close(file) < 0 || !written || rename(temporary, path) < 0)
        return cat_error_set(error, CAT_E_IO, "%s cannot be written: %s", path, strerror(errno));
    return 0;
}

/* The key of `folder/name.seed`; made and written when it is not there. */
int keys_ensure(const char *folder, const char *name, cat_nkey_kind kind, cat_nkey *key, cat_error *error)
{
    if (!keys_there(folder, name, "seed")) {
        cat_nkey_make(kind, key);
        return keys_write(folder, name, "seed", key->seed, error);
    }
    cat_autofree char *path = keys_path(folder, name, "seed");
    cat_autofree char *seed = NULL;
    if (cat_file_read_secret(path, &seed, error) < 0)
        return error->code;
    int result = cat_nkey_from_seed(seed, key, error);
    cat_wipe(seed, strlen(seed));
    return result < 0 ? cat_error_wrap(error, "%s", path) : 0;
}

static int write_operator(const char *folder, const cat_nkey *operator_key, const cat_nkey *signing, const cat_nkey *system,
                          cat_error *error)
{
    if (keys_there(folder, "operator", "jwt"))
        return 0;
    cat_autofree char *jwt = NULL;
    const char *signing_keys[] = {signing->public_key};
    const cat_operator_claims claims = {
        .name = "catalyst", .system_account = system->public_key, .signing_keys = signing_keys, .signing_key_count = 1};
    if (cat_operator_jwt(operator_key, &claims, keys_now_s(), &jwt, error) < 0)
        return error->code;
    if (keys_write(folder, "operator", "pub", operator_key->public_key, error) < 0)
        return error->code;
    return keys_write(folder, "operator", "jwt", jwt, error);
}

/* A JWT that says the same stays, although it was made at another time: the server keeps it. */
static bool says_the_same(const char *folder, const char *name, const char *jwt)
{
    cat_autofree char *path = keys_path(folder, name, "jwt");
    cat_autosecret char *before = NULL;
    cat_autojson json_t *old = NULL, *new = NULL;
    return cat_file_read_secret(path, &before, NULL) == 0 && cat_nats_claims(before, strlen(before), &old, NULL) == 0 &&
           cat_nats_claims(jwt, strlen(jwt), &new, NULL) == 0 &&
           json_equal(json_object_get(old, "nats"), json_object_get(new, "nats"));
}

static int write_account(const char *folder, const cat_nkey *signing, const cat_nkey *account, const char *name,
                         int64_t disk_bytes, cat_error *error)
{
    cat_account_limits limits = {
        .memory_bytes = disk_bytes > 0 ? UNLIMITED : 0,
        .disk_bytes = disk_bytes,
        .streams = disk_bytes > 0 ? UNLIMITED : 0,
        .consumers_per_stream = disk_bytes > 0 ? UNLIMITED : 0,
        .connections = UNLIMITED,
        .subscriptions = UNLIMITED,
        .max_payload_bytes = UNLIMITED,
        .max_bytes_required = disk_bytes > 0,
    };
    cat_autofree char *jwt = NULL;
    const cat_account_claims claims = {.name = name, .limits = &limits};
    if (cat_account_jwt(signing, account->public_key, &claims, keys_now_s(), &jwt, error) < 0)
        return error->code;
    if (says_the_same(folder, name, jwt))
        return 0;
    if (keys_write(folder, name, "pub", account->public_key, error) < 0)
        return error->code;
    return keys_write(folder, name, "jwt", jwt, error);
}

static int init(const char *folder, const char *bytes, cat_error *error)
{
    long long disk_bytes = 0;
    if (!cat_text_to_int64(bytes, 1, INT64_MAX, &disk_bytes))
        return cat_error_set(error, CAT_E_INVALID, "\"%s\" is not a number of bytes", bytes);
    cat_nkey operator_key, signing, system, catalyst;
    if (keys_ensure(folder, "operator", CAT_NKEY_OPERATOR, &operator_key, error) < 0 ||
        keys_ensure(folder, "operator-signing", CAT_NKEY_OPERATOR, &signing, error) < 0 ||
        keys_ensure(folder, "SYS", CAT_NKEY_ACCOUNT, &system, error) < 0 ||
        keys_ensure(folder, "CATALYST", CAT_NKEY_ACCOUNT, &catalyst, error) < 0)
        return error->code;
    if (write_operator(folder, &operator_key, &signing, &system, error) < 0 ||
        write_account(folder, &signing, &system, "SYS", 0, error) < 0 ||
        write_account(folder, &signing, &catalyst, "CATALYST", disk_bytes, error) < 0)
        return error->code;
    return 0;
}

#define USAGE 1
#define LOOK_S 60

static int usage(void)
{
    (void)fputs("usage: catalyst-keys init FOLDER BYTES | user FOLDER ACCOUNT NAME [--everything] [--life SECONDS] | keep FOLDER "
                "ACCOUNT NAME... | rights\n",
                stderr);
    return USAGE;
}

static bool read_options(int count, char **options, keys_wish *wish)
{
    for (int i = 0; i < count; i++) {
        long long life_s = 0;
        if (strcmp(options[i], "--everything") == 0)
            wish->everything = true;
        else if (strcmp(options[i], "--life") == 0 && i + 1 < count && cat_text_to_int64(options[++i], 1, INT32_MAX, &life_s))
            wish->life_s = life_s;
        else
            return false;
    }
    return true;
}

/* For ever: what cannot be renewed now is tried again. */
static void keep(const char *folder, const char *account, char **names)
{
    for (;; sleep(LOOK_S)) {
        for (size_t i = 0; names[i]; i++) {
            cat_error error = {0};
            keys_wish wish = {.folder = folder, .account = account, .name = names[i], .life_s = CAT_SPINE_USER_LIFE_S};
            if (keys_user(&wish, &error) < 0)
                (void)fprintf(stderr, "catalyst-keys: %s\n", error.message);
        }
    }
}

/* A line of JSON for each right. */
static void print_right(void *context, const cat_spine_right *right)
{
    (void)context;
    cat_autojson json_t *line =
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "service", right->service, "account", cat_spine_account_name(right->account),
                  "verb", right->subscribe ? "subscribe" : "publish", "subject", right->subject, "why", right->why);
    cat_json_set_text(line, "seldom", right->seldom);
    cat_autofree char *text = cat_json_format(line);
    (void)puts(text);
}

int main(int argc, char **argv)
{
    cat_error error = {0};
    int result = 0;
    (void)umask(S_IRWXG | S_IRWXO);
    if (argc == 4 && strcmp(argv[1], "init") == 0) {
        result = init(argv[2], argv[3], &error);
    } else if (argc >= 5 && strcmp(argv[1], "user") == 0) {
        keys_wish wish = {.folder = argv[2], .account = argv[3], .name = argv[4], .life_s = CAT_SPINE_USER_LIFE_S};
        result = read_options(argc - 5, argv + 5, &wish) ? keys_user(&wish, &error) : usage();
    } else if (argc >= 5 && strcmp(argv[1], "keep") == 0) {
        keep(argv[2], argv[3], argv + 4);
    } else if (argc == 2 && strcmp(argv[1], "rights") == 0) {
        cat_spine_rights_each(print_right, NULL);
    } else {
        result = usage();
    }
    if (result == USAGE)
        return EXIT_FAILURE;
    if (result < 0) {
        (void)fprintf(stderr, "catalyst-keys: %s\n", error.message);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
