/* Landlock by its system calls: Debian 12's headers know its first versions alone, glibc none. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net/confined_internal.h"

/* Documentation/userspace-api/landlock.rst and include/uapi/linux/landlock.h of Linux 6.12. */
enum {
    ACCESS_EXECUTE = 1 << 0,
    ACCESS_READ_FILE = 1 << 2,
    ACCESS_READ_DIR = 1 << 3,
    ACCESS_ALL_1 = (1 << 13) - 1,        /* version 1: everything up to MAKE_SYM */
    ACCESS_REFER = 1 << 13,              /* 2 */
    ACCESS_TRUNCATE = 1 << 14,           /* 3 */
    ACCESS_IOCTL_DEV = 1 << 15,          /* 5 */
    NET_BIND_TCP = 1 << 0,               /* 4 */
    NET_CONNECT_TCP = 1 << 1,            /* 4 */
    SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0, /* 6 */
    SCOPE_SIGNAL = 1 << 1,               /* 6 */
    CREATE_VERSION = 1 << 0,
    RULE_PATH_BENEATH = 1,
};
typedef struct {
    uint64_t handled_files, handled_network, scoped;
} ruleset_attributes;
typedef struct {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed)) path_attributes;

int confined_landlock_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);
    return version > 0 ? (int)version : 0;
}

static uint64_t all_of(int version)
{
    uint64_t access = ACCESS_ALL_1;
    if (version >= 2)
        access |= ACCESS_REFER;
    if (version >= 3)
        access |= ACCESS_TRUNCATE;
    if (version >= 5)
        access |= ACCESS_IOCTL_DEV;
    return access;
}

static int allow(int ruleset, int place, uint64_t access, const char *what, cat_error *error)
{
    path_attributes rule = {.allowed = access, .parent = place};
    if (syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0) == 0)
        return 0;
    return cat_error_set(error, CAT_E_IO, "no rule for %.200s can be made: %s", what, strerror(errno));
}

static int allow_file(int ruleset, const char *path, uint64_t access, cat_error *error)
{
    int file = open(path, O_PATH | O_CLOEXEC);
    if (file < 0)
        return cat_error_set(error, CAT_E_IO, "%.200s cannot be opened: %s", path, strerror(errno));
    int code = allow(ruleset, file, access, path, error);
    close(file);
    return code;
}

static int allow_program(const cat_confinement *confinement, int ruleset, cat_error *error)
{
    int code = allow_file(ruleset, confinement->program, ACCESS_READ_FILE | ACCESS_EXECUTE, error);
    if (code == 0 && confinement->interpreter)
        code = allow_file(ruleset, confinement->interpreter, ACCESS_READ_FILE | ACCESS_EXECUTE, error);
    for (size_t i = 0; code == 0 && i < confinement->libraries.count; i++)
        code = allow_file(ruleset, confinement->libraries.items[i], ACCESS_READ_FILE, error);
    return code;
}

int confined_landlock_ruleset(const cat_confinement *confinement, int folder, int *ruleset, cat_error *error)
{
    int version = confinement->landlock;
    ruleset_attributes attributes = {.handled_files = all_of(version)};
    if (version >= 4)
        attributes.handled_network = NET_BIND_TCP | NET_CONNECT_TCP;
    if (version >= 6)
        attributes.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
    /* An older kernel takes the shorter form alone. */
    size_t size = version >= 6 ? sizeof attributes : version >= 4 ? sizeof(uint64_t) * 2 : sizeof(uint64_t);
    int made = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
    if (made < 0)
        return cat_error_set(error, CAT_E_IO, "no Landlock ruleset can be made: %s", strerror(errno));
    fcntl(made, F_SETFD, FD_CLOEXEC);
    int code = allow(made, folder, ACCESS_READ_FILE | ACCESS_READ_DIR, "the folder", error);
    if (code == 0)
        code = allow_program(confinement, made, error);
    if (code == 0)
        *ruleset = made;
    else
        close(made);
    return code;
}
