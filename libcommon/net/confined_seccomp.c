/* What a confined program may ask the kernel: a list of what a Go or C program that reads files and writes to a pipe needs. What
 * is not on it answers "not permitted": sockets of every family, programs, processes, signals, tracing, mounts, namespaces, keys,
 * BPF, io_uring, limits, and what the next kernel brings. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "net/confined_internal.h"

static const char *const ALLOWED[] = {
    /* files; which ones is Landlock's */
    "open", "openat", "read", "readv", "pread64", "write", "writev", "close", "lseek", "fstat", "stat", "lstat", "newfstatat",
    "statx", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getdents64", "getcwd", "dup", "fadvise64",
    /* memory */
    "brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "mincore",
    /* threads, time, waiting */
    "futex", "set_robust_list", "set_tid_address", "rseq", "arch_prctl", "sched_yield", "sched_getaffinity", "getpid", "gettid",
    "nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday", "epoll_create1", "epoll_ctl", "epoll_wait",
    "epoll_pwait", "poll", "ppoll", "eventfd2", "pipe2", "restart_syscall", "exit", "exit_group",
    /* its own signals; it can send none */
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
    /* about itself */
    "getrandom", "getuid", "geteuid", "getgid", "getegid", "uname", "getrlimit", "sysinfo"};

static int allow(scmp_filter_ctx context, const char *name)
{
    int number = seccomp_syscall_resolve_name(name);
    if (number < 0) /* not on this processor */
        return 0;
    return seccomp_rule_add(context, SCMP_ACT_ALLOW, number, 0);
}

/* Threads, no processes, no namespaces; clone3's arguments cannot be looked at, so that its callers are sent back to clone. */
static int allow_threads(scmp_filter_ctx context)
{
    const scmp_datum_t spaces =
        CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
    int code = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | spaces, CLONE_THREAD));
    return code < 0 ? code : seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int allow_some(scmp_filter_ctx context)
{
    static const int COMMANDS[] = {F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD, F_DUPFD_CLOEXEC};
    int code = 0;
    for (size_t i = 0; code == 0 && i < sizeof COMMANDS / sizeof *COMMANDS; i++)
        code = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)COMMANDS[i]));
    /* Limits are read, not set. */
    if (code == 0)
        code =
            seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, SCMP_A0(SCMP_CMP_EQ, 0), SCMP_A2(SCMP_CMP_EQ, 0));
    /* The one start of the one program. */
    if (code == 0)
        code = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(execveat), 2, SCMP_A0(SCMP_CMP_EQ, CONFINED_PROGRAM_FILE),
                                SCMP_A4(SCMP_CMP_EQ, AT_EMPTY_PATH));
    return code;
}

static int export_filter(scmp_filter_ctx context, struct sock_filter **filter, size_t *count)
{
    int file = memfd_create("seccomp", MFD_CLOEXEC);
    if (file < 0)
        return -errno;
    int code = seccomp_export_bpf(context, file);
    off_t size = code < 0 ? -1 : lseek(file, 0, SEEK_END);
    if (size > 0 && size % (off_t)sizeof **filter == 0) {
        *count = (size_t)size / sizeof **filter;
        *filter = cat_calloc(*count, sizeof **filter);
        if (pread(file, *filter, (size_t)size, 0) != size)
            code = -EIO;
    } else if (code == 0) {
        code = -EIO;
    }
    close(file);
    return code;
}

int confined_seccomp_filter(struct sock_filter **filter, size_t *count, cat_error *error)
{
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int code = context ? 0 : -ENOMEM;
    for (size_t i = 0; code == 0 && i < sizeof ALLOWED / sizeof *ALLOWED; i++)
        code = allow(context, ALLOWED[i]);
    if (code == 0)
        code = allow_threads(context);
    if (code == 0)
        code = allow_some(context);
    if (code == 0)
        code = export_filter(context, filter, count);
    if (context)
        seccomp_release(context);
    return code == 0 ? 0 : cat_error_set(error, CAT_E_IO, "no seccomp filter can be made: %s", strerror(-code));
}
