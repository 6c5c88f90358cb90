#include "render_program.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

#define MAX_WORDS ((size_t)64 * 1024)

/* --- the folder --- */

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static int make_folder(char **folder, cat_error *error)
{
    const char *base = access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
    cat_autofree char *name = cat_printf("%s/catalyst-render-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(name))
        return cat_error_set(error, CAT_E_IO, "no temporary folder can be made: %s", strerror(errno));
    *folder = cat_take(name);
    return 0;
}

/* Paths come from Git trees and from our own plans: parts that leave the folder are refused here again. */
static bool stays_below(const char *path)
{
    if (!*path || *path == '/' || strlen(path) > 512)
        return false;
    for (const char *at = path; *at;) {
        size_t part = strcspn(at, "/");
        if (part == 0 || (part == 1 && at[0] == '.') || (part == 2 && at[0] == '.' && at[1] == '.'))
            return false;
        at += part + (at[part] == '/');
    }
    return true;
}

static int write_file(const char *folder, const char *path, const char *text, cat_error *error)
{
    if (!stays_below(path))
        return cat_error_set(error, CAT_E_INVALID, "'%.100s' is no path that may stand in a repository", path);
    cat_autofree char *whole = cat_printf("%s/%s", folder, path);
    for (char *slash = strchr(whole + strlen(folder) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int made = mkdir(whole, 0700);
        *slash = '/';
        if (made < 0 && errno != EEXIST)
            return cat_error_set(error, CAT_E_IO, "%.200s cannot be made: %s", whole, strerror(errno));
    }
    int file = open(whole, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t length = strlen(text);
    bool written = file >= 0 && write(file, text, length) == (ssize_t)length;
    if (file >= 0)
        close(file);
    return written ? 0 : cat_error_set(error, CAT_E_IO, "%.200s cannot be written: %s", whole, strerror(errno));
}

static int write_files(const char *folder, const json_t *files, cat_error *error)
{
    const char *path;
    json_t *text;
    json_object_foreach((json_t *)files, path, text)
    {
        int code = write_file(folder, path, json_string_value(text), error);
        if (code < 0)
            return code;
    }
    return 0;
}

/* --- the program --- */

typedef struct {
    pid_t pid;
    int out, words; /* the pipes' ends that are ours */
} running;

static int start(const prv_render_options *options, const char *folder, running *run, cat_error *error)
{
    int out[2] = {-1, -1}, words[2] = {-1, -1};
    if (pipe2(out, O_CLOEXEC) < 0 || pipe2(words, O_CLOEXEC) < 0) {
        close(out[0]);
        close(out[1]);
        return cat_error_set(error, CAT_E_IO, "no pipe can be made: %s", strerror(errno));
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, words[1], STDERR_FILENO);
    char *arguments[] = {(char *)options->program, "build", (char *)folder, NULL};
    /* Nothing of ours in its environment: the program reads files of people. */
    cat_autofree char *path = cat_printf("PATH=%s", getenv("PATH") ? getenv("PATH") : "/usr/bin");
    cat_autofree char *home = cat_printf("HOME=%s", folder);
    char *environment[] = {path, home, "GOMAXPROCS=1", NULL};
    /* A group of its own, so that what it starts ends with it. */
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    int failed = posix_spawnp(&run->pid, options->program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(out[1]);
    close(words[1]);
    run->out = out[0];
    run->words = words[0];
    if (!failed)
        return 0;
    close(out[0]);
    close(words[0]);
    return cat_error_set(error, CAT_E_IO, "%s cannot be run: %s", options->program, strerror(failed));
}

/* One read of a pipe; closes it at its end. */
static void take(int *descriptor, cat_string *text)
{
    char bytes[16384];
    ssize_t got = read(*descriptor, bytes, sizeof bytes);
    if (got > 0) {
        cat_string_append_bytes(text, bytes, (size_t)got);
    } else if (got == 0 || errno != EINTR) {
        close(*descriptor);
        *descriptor = -1;
    }
}

/* Until both pipes end. false: the time was over, or it said too much. */
static bool collect(running *run, int64_t time_out_ms, cat_string *text, cat_string *words)
{
    const cat_clock *clock = cat_clock_system();
    int64_t end = clock->monotonic_ms(clock) + time_out_ms;
    while (run->out >= 0 || run->words >= 0) {
        int64_t left = end - clock->monotonic_ms(clock);
        if (left <= 0 || text->overflowed)
            return false;
        struct pollfd ends[] = {{.fd = run->out, .events = POLLIN}, {.fd = run->words, .events = POLLIN}};
        if (poll(ends, 2, (int)left) < 0 && errno != EINTR)
            return false;
        if (run->out >= 0 && ends[0].revents)
            take(&run->out, text);
        if (run->words >= 0 && ends[1].revents)
            take(&run->words, words);
    }
    return true;
}

/* The folder's name says nothing to people. */
static char *without_folder(const char *words, const char *folder)
{
    cat_auto(cat_string) text = CAT_STRING(400);
    size_t length = strlen(folder);
    for (const char *at = words; *at && text.length < 380;) {
        if (strncmp(at, folder, length) == 0) {
            at += length;
            at += *at == '/';
            continue;
        }
        cat_string_append_char(&text, *at == '\n' ? ' ' : *at);
        at++;
    }
    while (text.length && text.data[text.length - 1] == ' ')
        text.data[--text.length] = '\0';
    return cat_string_take(&text);
}

static int run_program(const prv_render_options *options, const char *folder, char **built, size_t *length, cat_error *error)
{
    running run = {.out = -1, .words = -1};
    cat_auto(cat_string) text = CAT_STRING(PRV_PROGRAM_MAX_OUTPUT), words = CAT_STRING(MAX_WORDS);
    int code = start(options, folder, &run, error);
    if (code < 0)
        return code;
    bool ended = collect(&run, options->time_out_ms, &text, &words);
    if (!ended)
        kill(-run.pid, SIGKILL);
    if (run.out >= 0)
        close(run.out);
    if (run.words >= 0)
        close(run.words);
    int status = 0;
    while (waitpid(run.pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (text.overflowed)
        return cat_error_set(error, CAT_E_INVALID, "the manifests are more than %zu MiB", PRV_PROGRAM_MAX_OUTPUT / 1024 / 1024);
    if (!ended)
        return cat_error_set(error, CAT_E_TIMEOUT, "building the manifests took longer than %lld s",
                             (long long)options->time_out_ms / 1000);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        cat_autofree char *said = without_folder(cat_string_get(&words), folder);
        return cat_error_set(error, CAT_E_INVALID, "the manifests cannot be built: %s", said);
    }
    *length = text.length;
    *built = cat_string_take(&text);
    return 0;
}

int prv_program_build(const prv_render_options *options, const json_t *files, char **built, size_t *length, cat_error *error)
{
    cat_autofree char *folder = NULL;
    int code = make_folder(&folder, error);
    if (code < 0)
        return code;
    code = write_files(folder, files, error);
    if (code == 0)
        code = run_program(options, folder, built, length, error);
    nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    return code;
}
