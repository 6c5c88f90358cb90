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
#include "wire/nkey.h"

#define UNLIMITED (-1)

static int64_t now_s(void)
{
    const cat_clock *clock = cat_clock_system();
    return clock->wall_ms(clock) / 1000;
}

static char *path_of(const char *folder, const char *name, const char *ending)
{
    return cat_printf("%s/%s.%s", folder, name, ending);
}

static bool there(const char *folder, const char *name, const char *ending)
{
    cat_autofree char *path = path_of(folder, name, ending);
    return access(path, R_OK) == 0;
}

/* A file for its owner alone, whole or not at all. */
static int write_secret(const char *folder, const char *name, const char *ending, const char *text,
                        cat_error *error)
{
    cat_autofree char *path = path_of(folder, name, ending);
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
static int key_ensure(const char *folder, const char *name, cat_nkey_kind kind, cat_nkey *key,
                      cat_error *error)
{
    if (!there(folder, name, "seed")) {
        cat_nkey_make(kind, key);
        return write_secret(folder, name, "seed", key->seed, error);
    }
    cat_autofree char *path = path_of(folder, name, "seed");
    cat_autofree char *seed = NULL;
    if (cat_file_read_secret(path, &seed, error) < 0)
        return error->code;
    int result = cat_nkey_from_seed(seed, key, error);
    cat_wipe(seed, strlen(seed));
    return result < 0 ? cat_error_wrap(error, "%s", path) : 0;
}

static int write_operator(const char *folder, const cat_nkey *operator_key, const cat_nkey *signing,
                          const cat_nkey *system, cat_error *error)
{
    if (there(folder, "operator", "jwt"))
        return 0;
    cat_autofree char *jwt = NULL;
    const char *signing_keys[] = {signing->public_key};
    if (cat_operator_jwt(operator_key, "catalyst", system->public_key, signing_keys, 1, now_s(), &jwt,
                         error) < 0)
        return error->code;
    if (write_secret(folder, "operator", "pub", operator_key->public_key, error) < 0)
        return error->code;
    return write_secret(folder, "operator", "jwt", jwt, error);
}

static int write_account(const char *folder, const cat_nkey *signing, const cat_nkey *account,
                         const char *name, int64_t disk_bytes, cat_error *error)
{
    if (there(folder, name, "jwt"))
        return 0;
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
    if (cat_account_jwt(signing, account->public_key, name, &limits, NULL, 0, NULL, now_s(), &jwt, error) < 0)
        return error->code;
    if (write_secret(folder, name, "pub", account->public_key, error) < 0)
        return error->code;
    return write_secret(folder, name, "jwt", jwt, error);
}

static int init(const char *folder, const char *bytes, cat_error *error)
{
    long long disk_bytes = 0;
    if (!cat_text_to_int64(bytes, 1, INT64_MAX, &disk_bytes))
        return cat_error_set(error, CAT_E_INVALID, "\"%s\" is not a number of bytes", bytes);
    cat_nkey operator_key, signing, system, catalyst;
    if (key_ensure(folder, "operator", CAT_NKEY_OPERATOR, &operator_key, error) < 0 ||
        key_ensure(folder, "operator-signing", CAT_NKEY_OPERATOR, &signing, error) < 0 ||
        key_ensure(folder, "SYS", CAT_NKEY_ACCOUNT, &system, error) < 0 ||
        key_ensure(folder, "CATALYST", CAT_NKEY_ACCOUNT, &catalyst, error) < 0)
        return error->code;
    if (write_operator(folder, &operator_key, &signing, &system, error) < 0 ||
        write_account(folder, &signing, &system, "SYS", 0, error) < 0 ||
        write_account(folder, &signing, &catalyst, "CATALYST", disk_bytes, error) < 0)
        return error->code;
    return 0;
}

static int user(const char *folder, const char *account_name, const char *name, cat_error *error)
{
    if (there(folder, name, "creds"))
        return 0;
    if (!there(folder, account_name, "seed"))
        return cat_error_set(error, CAT_E_NOT_FOUND, "there is no account %s in %s", account_name, folder);
    cat_nkey account, key;
    if (key_ensure(folder, account_name, CAT_NKEY_ACCOUNT, &account, error) < 0)
        return error->code;
    cat_nkey_make(CAT_NKEY_USER, &key);
    cat_autofree char *jwt = NULL;
    if (cat_user_jwt(&account, account.public_key, key.public_key, name, NULL, NULL, now_s(), &jwt, error) <
        0)
        return error->code;
    cat_autofree char *credentials = cat_nats_credentials(jwt, key.seed);
    int result = write_secret(folder, name, "creds", credentials, error);
    cat_wipe(credentials, strlen(credentials));
    cat_nkey_wipe(&key);
    cat_nkey_wipe(&account);
    return result;
}

int main(int argc, char **argv)
{
    cat_error error = {0};
    int result = 0;
    (void)umask(S_IRWXG | S_IRWXO);
    if (argc == 4 && strcmp(argv[1], "init") == 0) {
        result = init(argv[2], argv[3], &error);
    } else if (argc == 5 && strcmp(argv[1], "user") == 0) {
        result = user(argv[2], argv[3], argv[4], &error);
    } else {
        (void)fputs("usage: catalyst-keys init FOLDER BYTES | catalyst-keys user FOLDER ACCOUNT NAME\n",
                    stderr);
        return EXIT_FAILURE;
    }
    if (result < 0) {
        (void)fprintf(stderr, "catalyst-keys: %s\n", error.message);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
