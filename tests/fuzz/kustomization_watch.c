#include "kustomization_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/string.h"
#include "fuzz.h"

#define STRACE "/usr/bin/strace"
#define NO_PROGRAMS "/catalyst-no-programs" /* the PATH: looking for a program there is seen */

static const char *program(void)
{
    const char *named = getenv("CATALYST_TEST_KUSTOMIZE");
    return named && *named ? named : CATALYST_SYSROOT "/usr/bin/kustomize";
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static bool write_tree(const char *folder, const json_t *files)
{
    const char *path;
    json_t *text;
    json_object_foreach((json_t *)files, path, text)
    {
        cat_autofree char *whole = cat_printf("%s/%s", folder, path);
        for (char *slash = strchr(whole + strlen(folder) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
            *slash = '\0';
            mkdir(whole, 0700);
            *slash = '/';
        }
        FILE *file = fopen(whole, "w");
        if (!file)
            return false;
        fwrite(json_string_value(text), 1, json_string_length(text), file);
        fclose(file);
    }
    return true;
}

static int run(const char *folder, const char *trace)
{
    pid_t pid = fork();
    if (pid == 0) {
        int nothing = open("/dev/null", O_RDWR);
        dup2(nothing, 0);
        dup2(nothing, 1);
        dup2(nothing, 2);
        alarm(9); /* libFuzzer's limit is ten */
        if (chdir(folder) < 0)
            _exit(126);
        execle(STRACE, "strace", "-f", "-qq", "--seccomp-bpf", "-s", "4096", "-o", trace, "-e", "trace=%file,%network,%process",
               "-e", "signal=none", "-E", "PATH=" NO_PROGRAMS, "-E", "GOMAXPROCS=1", program(), "build", ".", NULL,
               (char *[]){NULL});
        _exit(127);
    }
    int status = 0;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    CLAIM(pid > 0 && !(WIFEXITED(status) && (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127)));
    return status;
}

/* Whether `path` is `folder`, below it, or one of the folders above it, which are looked at for links. */
static bool is_near(const char *path, const char *folder)
{
    size_t length = strlen(folder), own = strlen(path);
    if (strncmp(path, folder, length) == 0)
        return (path[length] == '\0' || path[length] == '/') && !strstr(path, "/../");
    return strcmp(path, "/") == 0 || (strncmp(folder, path, own) == 0 && folder[own] == '/');
}

/* What the linker and Go's runtime read before anything of ours. */
static bool is_its_own(const char *path)
{
    static const char *const OWN[] = {"/etc/ld.so.preload",
                                      "/etc/ld.so.cache",
                                      "/proc/self/maps",
                                      "/proc/self/exe",
                                      "/proc/self/cgroup",
                                      "/proc/self/mountinfo",
                                      "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
                                      "."};
    if (strcmp(path, program()) == 0 || cat_text_starts_with(path, "/lib/") || cat_text_starts_with(path, "/usr/lib/") ||
        cat_text_starts_with(path, "/lib64/") || cat_text_starts_with(path, "/sys/fs/cgroup/"))
        return true;
    for (size_t i = 0; i < sizeof OWN / sizeof *OWN; i++)
        if (strcmp(path, OWN[i]) == 0)
            return true;
    return false;
}

/* The first text in quotes; strace escapes what is not plain. */
static bool path_of(const char *call, char path[8192])
{
    const char *from = strchr(call, '"'), *end = from ? strchr(from + 1, '"') : NULL;
    if (!end || end - from > 8000)
        return false;
    memcpy(path, from + 1, (size_t)(end - from - 1));
    path[end - from - 1] = '\0';
    return true;
}

/* One line: "PID name(arguments) = result". */
static const char *wrong(const char *line, const char *folder, unsigned *starts)
{
    char path[8192];
    const char *call = line + strspn(line, "0123456789 ");
    if (cat_text_starts_with(call, "execve"))
        return ++*starts > 1 || !strstr(call, program()) ? "a program is started" : NULL;
    if (cat_text_starts_with(call, "clone") || cat_text_starts_with(call, "fork") || cat_text_starts_with(call, "vfork"))
        return strstr(call, "CLONE_THREAD") ? NULL : "a process is made";
    if (cat_text_starts_with(call, "socket") || cat_text_starts_with(call, "connect") || cat_text_starts_with(call, "bind") ||
        cat_text_starts_with(call, "send"))
        return "there is a socket";
    if (*call == '<' || *call == '+' || *call == '-' || cat_text_starts_with(call, "exit") ||
        cat_text_starts_with(call, "getcwd") || cat_text_starts_with(call, "wait") || !path_of(call, path))
        return NULL;
    /* Of an open file itself. */
    if (!*path)
        return NULL;
    bool relative = *path != '/';
    if (relative ? strstr(path, "..") == NULL : is_near(path, folder) || is_its_own(path))
        return NULL;
    return "a file outside is touched";
}

static void look(const char *trace, const char *folder, const json_t *files)
{
    static char line[65536];
    unsigned starts = 0, lines = 0;
    FILE *file = fopen(trace, "r");
    CLAIM(file != NULL);
    while (fgets(line, sizeof line, file)) {
        lines++;
        const char *what = wrong(line, folder, &starts);
        if (!what)
            continue;
        cat_autofree char *tree = json_dumps(files, JSON_INDENT(1));
        fprintf(stderr, "%s: %sthe tree:\n%s\n", what, line, tree);
        abort();
    }
    fclose(file);
    CLAIM(starts == 1 && lines > 10); /* something was watched */
}

bool kustomization_watch(const json_t *files)
{
    cat_autofree char *folder = cat_strdup("/dev/shm/catalyst-watch-XXXXXX");
    CLAIM(mkdtemp(folder) != NULL);
    cat_autofree char *tree = cat_printf("%s/tree", folder), *trace = cat_printf("%s/trace", folder);
    bool written = mkdir(tree, 0700) == 0 && write_tree(tree, files);
    int status = written ? run(tree, trace) : 1;
    if (written)
        look(trace, tree, files);
    nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return status == 0;
}
