#include "cluster.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/string.h"

/* A start takes 8 s when the machine is free. */
#define SCRIPT_TIMEOUT_MS 240000
#define OUTPUT_MAX_BYTES 65536

extern char **environ;

static int spawn(const char *script, const char *action, const char *name, int out, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, 1);
    /* Our own blocked signals are not for the programs that the script starts. */
    sigemptyset(&none);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    char *const arguments[] = {"bash", (char *)script, (char *)action, (char *)name, NULL};
    int failed = posix_spawnp(pid, "bash", &files, &attributes, arguments, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

/* Reads until the script closes its output; false when it took too long. */
static bool read_output(int in, cat_string *output)
{
    const cat_clock *clock = cat_clock_system();
    int64_t end = clock->monotonic_ms(clock) + SCRIPT_TIMEOUT_MS;
    char buffer[4096];
    for (;;) {
        int64_t left = end - clock->monotonic_ms(clock);
        struct pollfd wait = {.fd = in, .events = POLLIN};
        if (left <= 0 || poll(&wait, 1, (int)left) == 0)
            return false;
        ssize_t got = read(in, buffer, sizeof buffer);
        if (got <= 0)
            return true;
        cat_string_append_bytes(output, buffer, (size_t)got);
    }
}

static int run(const char *script, const char *action, const char *name, cat_string *output, cat_error *error)
{
    int pipe_ends[2];
    if (pipe2(pipe_ends, O_CLOEXEC) < 0)
        return cat_error_set(error, CAT_E_IO, "no pipe can be made");
    pid_t pid;
    int failed = spawn(script, action, name, pipe_ends[1], &pid), status = 0;
    close(pipe_ends[1]);
    if (failed) {
        close(pipe_ends[0]);
        return cat_error_set(error, CAT_E_IO, "%s cannot be started: %s", script, strerror(failed));
    }
    bool in_time = read_output(pipe_ends[0], output);
    close(pipe_ends[0]);
    if (!in_time)
        kill(pid, SIGTERM);
    waitpid(pid, &status, 0);
    if (!in_time)
        return cat_error_set(error, CAT_E_TIMEOUT, "%s %s %s did not end in time", script, action, name);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return cat_error_set(error, CAT_E_UNAVAILABLE, "%s %s %s failed; its reason stands in the log", script, action, name);
    return 0;
}

int cluster_up(const char *script, const char *name, char **kubeconfig, cat_error *error)
{
    cat_auto(cat_string) output = CAT_STRING(OUTPUT_MAX_BYTES);
    int code = run(script, "up", name, &output, error);
    if (code < 0)
        return code;
    cat_autofree char *path = cat_string_take(&output);
    path[strcspn(path, "\n")] = '\0';
    size_t length;
    return cat_file_read(path, (size_t)256 * 1024, kubeconfig, &length, error);
}

int cluster_remove(const char *script, const char *name, cat_error *error)
{
    cat_auto(cat_string) output = CAT_STRING(OUTPUT_MAX_BYTES);
    return run(script, "remove", name, &output, error);
}

int cluster_is_running(const char *script, const char *name, bool *running, cat_error *error)
{
    cat_auto(cat_string) output = CAT_STRING(OUTPUT_MAX_BYTES);
    int code = run(script, "status", name, &output, error);
    if (code == 0)
        *running = output.length > 0 && !strstr(cat_string_get(&output), " stopped\n");
    return code;
}
