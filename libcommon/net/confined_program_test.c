/* A program that tries each way out (tests/hostile/confined_hostile.c) is held by the real kernel, and one that does as it should
 * is not disturbed. */
#include "net/confined_program.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/string.h"
#include "base/test.h"

#define MEMORY ((size_t)256 * 1024 * 1024)

static char folder[] = "/tmp/catalyst-confined-XXXXXX";

static cat_confinement *confinement_of(bool without_landlock, unsigned cpu_seconds)
{
    cat_confinement *confinement = NULL;
    cat_error error = {0};
    cat_confinement_options options = {
        .program = CONFINED_HOSTILE, .memory_bytes = MEMORY, .cpu_seconds = cpu_seconds, .without_landlock = without_landlock};
    if (cat_confinement_create(&options, &confinement, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return confinement;
}

static int run(const cat_confinement *confinement, const char *way, const char *argument, int64_t time_out_ms,
               cat_confined_result *result)
{
    static const char *const ENVIRONMENT[] = {"GIVEN=1", NULL};
    const char *arguments[] = {way, argument, NULL};
    cat_confined_run one = {.folder = folder,
                            .arguments = arguments,
                            .environment = ENVIRONMENT,
                            .time_out_ms = time_out_ms,
                            .max_output_bytes = 1024 * 1024,
                            .max_words_bytes = 4096};
    cat_error error = {0};
    int code = cat_confinement_run(confinement, &one, result, &error);
    if (code < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return code;
}

/* A port of this machine that listens. */
static int listen_somewhere(char port[16])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 4) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        cat_test_fail(__FILE__, __LINE__, "nothing listens");
    snprintf(port, 16, "%d", ntohs(address.sin_port));
    return listener;
}

TEST("no way leads out of a confined program")
{
    char port[16], parent[16];
    int listener = listen_somewhere(port);
    snprintf(parent, sizeof parent, "%d", (int)getpid());
    const struct {
        const char *way, *argument, *says; /* `says`: what it is held at */
        bool by_landlock;                  /* alone */
    } ROWS[] = {{"read", "/etc/passwd", "open: Permission denied", true},
                {"read", "../../etc/passwd", "open: Permission denied", true},
                {"read", "/proc/self/environ", "open: Permission denied", true},
                {"read", "/proc/1/environ", "open: Permission denied", true},
                {"read", "/etc/ld.so.conf", "open: Permission denied", true},
                {"write", "/tmp/catalyst-confined-escape", "open: Permission denied", true},
                {"write", "here", "open: Permission denied", true},
                {"write", "/dev/null", "open: Permission denied", true},
                {"link", "", "symlink: Operation not permitted", false},
                {"run", "/bin/true", "execve: Operation not permitted", false},
                {"run", "./copy", "execve: Operation not permitted", false},
                {"run", "/lib64/ld-linux-x86-64.so.2", "execve: Operation not permitted", false},
                {"run-itself", "", "execve: Operation not permitted", false},
                {"run-open", "copy", "execveat: Operation not permitted", false},
                {"run-open", "/lib64/ld-linux-x86-64.so.2", "execveat: Operation not permitted", false},
                {"fork", "", "fork: Operation not permitted", false},
                {"vfork", "", "vfork: Operation not permitted", false},
                {"clone", "", "clone: Operation not permitted", false},
                {"unshare", "", "unshare: Operation not permitted", false},
                {"connect", port, "socket: Operation not permitted", false},
                {"socket", "1", "socket: Operation not permitted", false},  /* unix */
                {"socket", "10", "socket: Operation not permitted", false}, /* IPv6 */
                {"socket", "16", "socket: Operation not permitted", false}, /* netlink */
                {"socket", "40", "socket: Operation not permitted", false}, /* vsock */
                {"socketpair", "", "socketpair: Operation not permitted", false},
                {"io_uring", "", "io_uring_setup: Operation not permitted", false},
                {"kill", parent, "kill: Operation not permitted", false},
                {"tgkill", parent, "tgkill: Operation not permitted", false},
                {"fown", parent, "F_SETOWN: Operation not permitted", false},
                {"ptrace", parent, "ptrace: Operation not permitted", false},
                {"memory", parent, "process_vm_readv: Operation not permitted", false},
                {"bpf", "", "bpf: Operation not permitted", false},
                {"key", "", "add_key: Operation not permitted", false},
                {"mount", "", "mount: Operation not permitted", false},
                {"limits", "", "setrlimit: Operation not permitted", false},
                {"take", "", "mmap: Cannot allocate memory", false},
                {"open-many", "", "open: Too many open files", false}};
    for (int without = 0; without < 2; without++) {
        cat_autoptr(cat_confinement) confinement = confinement_of(without, 20);
        for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
            cat_test_row("%s %s%s", ROWS[i].way, ROWS[i].argument, without ? " without Landlock" : "");
            cat_auto(cat_confined_result) result = {0};
            if ((without && ROWS[i].by_landlock) || run(confinement, ROWS[i].way, ROWS[i].argument, 10000, &result) < 0)
                continue;
            EXPECT_INT(result.end, CAT_CONFINED_EXITED);
            EXPECT_INT(result.status, 1);
            EXPECT(cat_text_starts_with(result.output, ROWS[i].says));
        }
    }
    /* Nobody came. */
    fcntl(listener, F_SETFL, O_NONBLOCK);
    EXPECT(accept(listener, NULL, NULL) < 0);
    EXPECT(access("/tmp/catalyst-confined-escape", F_OK) < 0);
    close(listener);
}

TEST("a confined program has its folder, its arguments, the environment that it is given, and no file of ours")
{
    cat_autoptr(cat_confinement) confinement = confinement_of(false, 20);
    EXPECT(cat_confinement_landlock(confinement) > 0);
    int open_here = open("/etc/passwd", O_RDONLY); /* not even marked to be closed */
    cat_auto(cat_confined_result) result = {0}, file = {0}, thread = {0};
    REQUIRE(run(confinement, "tell", "it", 10000, &result) == 0);
    cat_autofree char *expected = cat_printf("argument it\nvariable GIVEN=1\nopen 0\nopen 1\nopen 2\nin %s\n", folder);
    EXPECT_TEXT(result.output, expected);
    REQUIRE(run(confinement, "print", "file", 10000, &file) == 0);
    EXPECT_INT(file.status, 0);
    EXPECT_TEXT(file.output, "kind: Thing\n");
    REQUIRE(run(confinement, "thread", "", 10000, &thread) == 0);
    EXPECT_INT(thread.status, 0);
    close(open_here);
}

TEST("what does not end is ended, and what says too much is cut")
{
    static const struct {
        const char *way;
        cat_confined_end end;
        int status;
        unsigned cpu_seconds;
        int64_t time_out_ms;
    } ROWS[] = {{"hang", CAT_CONFINED_TIMED_OUT, SIGKILL, 20, 300},
                {"hang-silent", CAT_CONFINED_TIMED_OUT, SIGKILL, 20, 300},
                {"spin", CAT_CONFINED_SIGNALLED, SIGKILL, 1, 60000},
                {"flood", CAT_CONFINED_TOO_MUCH, SIGKILL, 20, 60000},
                {"crash", CAT_CONFINED_SIGNALLED, SIGILL, 20, 60000}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].way);
        cat_autoptr(cat_confinement) confinement = confinement_of(false, ROWS[i].cpu_seconds);
        cat_auto(cat_confined_result) result = {0};
        if (run(confinement, ROWS[i].way, "", ROWS[i].time_out_ms, &result) < 0)
            continue;
        EXPECT_INT(result.end, ROWS[i].end);
        EXPECT_INT(result.status, ROWS[i].status);
        EXPECT(result.output && result.length <= 1024 * 1024);
    }
}

TEST("what is no program, or is not there, is no confinement")
{
    static const char *const PROGRAMS[] = {"/nowhere/program", "/etc/passwd", "no-program-of-this-name"};
    for (size_t i = 0; i < sizeof PROGRAMS / sizeof *PROGRAMS; i++) {
        cat_test_row("%s", PROGRAMS[i]);
        cat_confinement *confinement = NULL;
        cat_error error = {0};
        cat_confinement_options options = {.program = PROGRAMS[i], .memory_bytes = MEMORY, .cpu_seconds = 1};
        EXPECT_INT(cat_confinement_create(&options, &confinement, &error), CAT_E_IO);
        EXPECT(confinement == NULL && error.message[0]);
    }
    cat_autoptr(cat_confinement) confinement = confinement_of(false, 20);
    const char *arguments[] = {"tell", NULL};
    cat_confined_run nowhere = {.folder = "/nowhere", .arguments = arguments, .time_out_ms = 1000, .max_output_bytes = 10};
    cat_confined_result result = {0};
    EXPECT_INT(cat_confinement_run(confinement, &nowhere, &result, NULL), CAT_E_IO);
    EXPECT(result.output == NULL);
}

int main(int argc, char **argv)
{
    if (!mkdtemp(folder))
        return 1;
    cat_autofree char *file = cat_printf("%s/file", folder), *copy = cat_printf("cp %s %s/copy", CONFINED_HOSTILE, folder),
                      *clean = cat_printf("rm -rf %s", folder);
    int written = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (written < 0 || write(written, "kind: Thing\n", 12) != 12 || system(copy) != 0)
        return 1;
    close(written);
    int code = cat_test_main(argc, argv);
    return system(clean) != 0 ? 1 : code;
}
