#include "net/confined_program.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/condition.h"
#include "net/confined_internal.h"

#define ERROR_PIPE 3                          /* closed by the start; before it, what went wrong is told here */
#define HIGH 110                              /* descriptors are gathered above those that they get */
#define STACK_BYTES ((rlim_t)2 * 1024 * 1024) /* of each thread, as glibc takes it from the limit */
/* Go reserves address space that it never uses: measured 1.7 GB for a build of 20 MB. The limit on what can be written is
 * memory_bytes; this one ends what maps files without end. */
#define ADDRESSES_BYTES ((rlim_t)8 * 1024 * 1024 * 1024)

/* --- the confinement --- */

static char *find_program(const char *name)
{
    if (strchr(name, '/'))
        return cat_strdup(name);
    for (const char *at = getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin"; *at; at += *at == ':') {
        size_t length = strcspn(at, ":");
        cat_autofree char *path = cat_printf("%.*s/%s", (int)length, at, name);
        if (*path == '/' && access(path, X_OK) == 0)
            return cat_take(path);
        at += length;
    }
    return NULL;
}

int cat_confinement_create(const cat_confinement_options *options, cat_confinement **confinement, cat_error *error)
{
    int version = options->without_landlock ? 0 : confined_landlock_version();
    if (version == 0 && !options->without_landlock)
        return cat_error_set(error, CAT_E_UNSUPPORTED,
                             "this kernel has no Landlock (Linux 5.13 or newer has it, unless it is switched off)");
    cat_autoptr(cat_confinement) made = cat_calloc(1, sizeof *made);
    made->memory_bytes = options->memory_bytes;
    made->cpu_seconds = options->cpu_seconds;
    made->landlock = version;
    made->program = find_program(options->program);
    if (!made->program)
        return cat_error_set(error, CAT_E_IO, "there is no program %.200s in PATH", options->program);
    int code = confined_libraries(made->program, &made->interpreter, &made->libraries, error);
    if (code == 0)
        code = confined_seccomp_filter(&made->filter, &made->filter_count, error);
    if (code == 0)
        *confinement = cat_take(made);
    return code;
}

void cat_confinement_destroy(cat_confinement *confinement)
{
    if (!confinement)
        return;
    free(confinement->program);
    free(confinement->interpreter);
    cat_strings_finish(&confinement->libraries);
    free(confinement->filter);
    free(confinement);
}

int cat_confinement_landlock(const cat_confinement *confinement)
{
    return confinement->landlock;
}

void cat_confined_result_finish(cat_confined_result *result)
{
    free(result->output);
    free(result->words);
    *result = (cat_confined_result){0};
}

/* --- the new process: nothing but system calls, as this process has threads --- */

typedef struct {
    const cat_confinement *confinement;
    char *const *arguments, *const *environment;
    int nothing, output, words, told; /* /dev/null; the pipes' ends that are written to */
    int program, folder, ruleset;     /* ruleset: -1 without Landlock */
    pid_t parent;
} beginning;

enum { AT_DESCRIPTORS = 1, AT_LIMITS, AT_LANDLOCK, AT_SECCOMP, AT_PROGRAM };

__attribute__((noreturn)) static void give_up(int where)
{
    int said[2] = {where, errno};
    ssize_t written = write(ERROR_PIPE, said, sizeof said);
    _exit(written == (ssize_t)sizeof said ? 127 : 126);
}

static bool put(int from, int to, int flags)
{
    return dup3(from, to, flags) == to;
}

/* The numbers of what we were given may be those that we need: all are moved out of the way first. */
static void arrange(beginning *begin)
{
    int *const all[] = {&begin->nothing, &begin->output, &begin->words,  &begin->told,
                        &begin->program, &begin->folder, &begin->ruleset};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (*all[i] >= 0 && (*all[i] = fcntl(*all[i], F_DUPFD_CLOEXEC, HIGH)) < 0)
            _exit(126);
    if (!put(begin->told, ERROR_PIPE, O_CLOEXEC))
        _exit(126);
    if (!put(begin->nothing, 0, 0) || !put(begin->output, 1, 0) || !put(begin->words, 2, 0) ||
        !put(begin->program, CONFINED_PROGRAM_FILE, O_CLOEXEC) || fchdir(begin->folder) < 0)
        give_up(AT_DESCRIPTORS);
}

static void limit(int resource, rlim_t most)
{
    struct rlimit both = {most, most};
    if (syscall(SYS_prlimit64, 0, resource, &both, NULL) < 0)
        give_up(AT_LIMITS);
}

static void set_limits(const cat_confinement *confinement)
{
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_MEMLOCK, 0);
    limit(RLIMIT_MSGQUEUE, 0);
    limit(RLIMIT_STACK, STACK_BYTES);
    limit(RLIMIT_AS, ADDRESSES_BYTES);
    limit(RLIMIT_DATA, confinement->memory_bytes);
    limit(RLIMIT_CPU, confinement->cpu_seconds);
    limit(RLIMIT_NOFILE, CONFINED_OPEN_FILES);
}

__attribute__((noreturn)) static void become(beginning *begin)
{
    const cat_confinement *confinement = begin->confinement;
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != begin->parent) /* it ended before that was asked for */
        _exit(126);
    arrange(begin);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        give_up(AT_LIMITS);
    if (begin->ruleset >= 0 && syscall(SYS_landlock_restrict_self, begin->ruleset, 0) < 0)
        give_up(AT_LANDLOCK);
    if (syscall(SYS_close_range, ERROR_PIPE + 1, CONFINED_PROGRAM_FILE - 1, 0) < 0 ||
        syscall(SYS_close_range, CONFINED_PROGRAM_FILE + 1, ~0U, 0) < 0)
        give_up(AT_DESCRIPTORS);
    set_limits(confinement);
    struct sock_fprog program = {(unsigned short)confinement->filter_count, confinement->filter};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
        give_up(AT_SECCOMP);
    syscall(SYS_execveat, CONFINED_PROGRAM_FILE, "", begin->arguments, begin->environment, AT_EMPTY_PATH);
    give_up(AT_PROGRAM);
}

/* --- this process --- */

typedef struct {
    pid_t pid;
    int output, words, told; /* the pipes' ends that are read; -1: closed */
} running;

static void close_all(int *descriptors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (descriptors[i] >= 0)
            close(descriptors[i]);
        descriptors[i] = -1;
    }
}

static void wait_for(pid_t pid, int *status)
{
    while (waitpid(pid, status, 0) < 0 && errno == EINTR)
        continue;
}

/* Whether it came as far as the program: the pipe ends without a word then. */
static int hear_start(running *run, cat_error *error)
{
    static const char *const WHERE[] = {"", "its files", "its limits", "Landlock", "the seccomp filter", "the program"};
    int said[2] = {0}, status;
    ssize_t got;
    while ((got = read(run->told, said, sizeof said)) < 0 && errno == EINTR)
        continue;
    close_all(&run->told, 1);
    if (got == 0)
        return 0;
    wait_for(run->pid, &status);
    bool known = got == (ssize_t)sizeof said && said[0] > 0 && said[0] <= AT_PROGRAM;
    return cat_error_set(error, CAT_E_IO, "a confined program could not be started, at %s: %s", WHERE[known ? said[0] : 0],
                         known ? strerror(said[1]) : "unknown");
}

static int begin_process(beginning *begin, running *run, cat_error *error)
{
    int pipes[6] = {-1, -1, -1, -1, -1, -1};
    for (size_t i = 0; i < 6; i += 2)
        if (pipe2(&pipes[i], O_CLOEXEC) < 0) {
            close_all(pipes, 6);
            return cat_error_set(error, CAT_E_IO, "no pipe can be made: %s", strerror(errno));
        }
    begin->output = pipes[1];
    begin->words = pipes[3];
    begin->told = pipes[5];
    begin->parent = getpid();
    run->pid = fork();
    if (run->pid == 0)
        become(begin);
    int failed = errno, *const ours[] = {&run->output, &run->words, &run->told};
    for (size_t i = 0; i < 3; i++) {
        close(pipes[i * 2 + 1]);
        *ours[i] = pipes[i * 2];
    }
    if (run->pid > 0)
        return hear_start(run, error);
    close_all(pipes, 6);
    return cat_error_set(error, CAT_E_IO, "no process can be made: %s", strerror(failed));
}

static int open_places(const cat_confinement *confinement, const cat_confined_run *run, beginning *begin, cat_error *error)
{
    begin->nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    begin->program = open(confinement->program, O_PATH | O_CLOEXEC);
    begin->folder = open(run->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (begin->nothing < 0 || begin->program < 0 || begin->folder < 0)
        return cat_error_set(error, CAT_E_IO, "the folder or the program cannot be opened: %s", strerror(errno));
    return confinement->landlock ? confined_landlock_ruleset(confinement, begin->folder, &begin->ruleset, error) : 0;
}

static int start(const cat_confinement *confinement, const cat_confined_run *run, running *process, cat_error *error)
{
    static char *const NOTHING[] = {NULL};
    size_t count = 0;
    while (run->arguments[count])
        count++;
    cat_autofree char **arguments = cat_calloc(count + 2, sizeof *arguments);
    arguments[0] = confinement->program;
    memcpy(arguments + 1, run->arguments, count * sizeof *arguments);
    beginning begin = {.confinement = confinement,
                       .arguments = arguments,
                       .environment = run->environment ? (char *const *)run->environment : NOTHING,
                       .nothing = -1,
                       .program = -1,
                       .folder = -1,
                       .ruleset = -1};
    int code = open_places(confinement, run, &begin, error);
    if (code == 0)
        code = begin_process(&begin, process, error);
    close_all((int[]){begin.nothing, begin.program, begin.folder, begin.ruleset}, 4);
    return code;
}

/* One read of a pipe; closes it at its end. */
static void take(int *descriptor, cat_string *text)
{
    char bytes[16384];
    ssize_t got = read(*descriptor, bytes, sizeof bytes);
    if (got > 0)
        cat_string_append_bytes(text, bytes, (size_t)got);
    else if (got == 0 || errno != EINTR)
        close_all(descriptor, 1);
}

/* Until both pipes end. false: the time was over, or it wrote too much. */
static bool collect(running *process, int64_t end, cat_string *output, cat_string *words)
{
    const cat_clock *clock = cat_clock_system();
    while (process->output >= 0 || process->words >= 0) {
        int64_t left = end - clock->monotonic_ms(clock);
        if (left <= 0 || output->overflowed)
            return false;
        struct pollfd ends[] = {{.fd = process->output, .events = POLLIN}, {.fd = process->words, .events = POLLIN}};
        if (poll(ends, 2, left > 60000 ? 60000 : (int)left) < 0 && errno != EINTR)
            return false;
        if (process->output >= 0 && ends[0].revents)
            take(&process->output, output);
        if (process->words >= 0 && ends[1].revents)
            take(&process->words, words);
    }
    return !output->overflowed;
}

/* It may have closed the pipes itself and stayed. */
static bool has_ended(pid_t pid, int64_t end)
{
    const cat_clock *clock = cat_clock_system();
    struct pollfd process = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    bool ended = false;
    while (process.fd >= 0 && !ended) {
        int64_t left = end - clock->monotonic_ms(clock);
        if (left <= 0 || (poll(&process, 1, left > 60000 ? 60000 : (int)left) < 0 && errno != EINTR))
            break;
        ended = process.revents != 0;
    }
    close_all(&process.fd, 1);
    return ended;
}

int cat_confinement_run(const cat_confinement *confinement, const cat_confined_run *run, cat_confined_result *result,
                        cat_error *error)
{
    running process = {.output = -1, .words = -1, .told = -1};
    cat_auto(cat_string) output = CAT_STRING(run->max_output_bytes), words = CAT_STRING(run->max_words_bytes);
    int code = start(confinement, run, &process, error), status = 0;
    if (code < 0) {
        close_all((int[]){process.output, process.words}, 2);
        return code;
    }
    int64_t end = cat_deadline_after_ms(run->time_out_ms);
    bool ended = collect(&process, end, &output, &words) && has_ended(process.pid, end);
    if (!ended) /* with whatever is in its group, though it can start nothing */
        kill(-process.pid, SIGKILL);
    close_all((int[]){process.output, process.words}, 2);
    wait_for(process.pid, &status);
    *result = (cat_confined_result){.end = output.overflowed     ? CAT_CONFINED_TOO_MUCH
                                           : !ended              ? CAT_CONFINED_TIMED_OUT
                                           : WIFSIGNALED(status) ? CAT_CONFINED_SIGNALLED
                                                                 : CAT_CONFINED_EXITED,
                                    .status = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
                                    .length = output.length};
    result->output = cat_string_take(&output);
    result->words = cat_string_take(&words);
    return 0;
}
