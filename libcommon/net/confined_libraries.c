/* What a program is linked with: its file names the dynamic linker, and that one lists the libraries. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/confined_internal.h"

#define LIST_MAX_BYTES ((size_t)64 * 1024)
#define LIBRARIES_MAX 64
#define LINKER_CACHE "/etc/ld.so.cache"

static int read_interpreter(int file, char **interpreter)
{
    Elf64_Ehdr header;
    if (pread(file, &header, sizeof header, 0) != (ssize_t)sizeof header || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof(Elf64_Phdr))
        return -1;
    for (unsigned i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr part;
        off_t at = (off_t)(header.e_phoff + i * sizeof part);
        if (pread(file, &part, sizeof part, at) != (ssize_t)sizeof part)
            return -1;
        if (part.p_type != PT_INTERP || part.p_filesz == 0 || part.p_filesz > 4096)
            continue;
        cat_autofree char *path = cat_calloc(1, part.p_filesz + 1);
        if (pread(file, path, part.p_filesz, (off_t)part.p_offset) != (ssize_t)part.p_filesz)
            return -1;
        *interpreter = cat_take(path);
    }
    return 0;
}

/* Lines as "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)" and "\t/lib64/ld-linux-x86-64.so.2 (0x…)". */
static void take_line(const char *line, size_t length, cat_strings *libraries)
{
    const char *from = memchr(line, '/', length);
    if (!from || libraries->count >= LIBRARIES_MAX)
        return;
    size_t rest = length - (size_t)(from - line);
    const char *end = memmem(from, rest, " (", 2);
    cat_autofree char *path = cat_strndup(from, end ? (size_t)(end - from) : rest);
    if (access(path, R_OK) == 0 && !cat_strings_has(libraries, path))
        cat_strings_add(libraries, path);
}

static int list(const char *interpreter, const char *program, char *text, size_t size, cat_error *error)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return cat_error_set(error, CAT_E_IO, "no pipe can be made: %s", strerror(errno));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    char *arguments[] = {(char *)interpreter, "--list", (char *)program, NULL}, *environment[] = {NULL};
    pid_t pid;
    int failed = posix_spawn(&pid, interpreter, &actions, NULL, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    size_t length = 0;
    for (ssize_t got = 1; failed == 0 && got > 0 && length + 1 < size; length += got > 0 ? (size_t)got : 0)
        got = read(ends[0], text + length, size - 1 - length);
    text[length] = '\0';
    close(ends[0]);
    int status = 0;
    while (failed == 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (failed == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return cat_error_set(error, CAT_E_IO, "%s cannot say which libraries %s needs", interpreter, program);
}

int confined_libraries(const char *program, char **interpreter, cat_strings *libraries, cat_error *error)
{
    int file = open(program, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return cat_error_set(error, CAT_E_IO, "%.200s cannot be opened: %s", program, strerror(errno));
    cat_autofree char *linker = NULL, *text = cat_malloc(LIST_MAX_BYTES);
    int code = read_interpreter(file, &linker);
    close(file);
    if (code < 0)
        return cat_error_set(error, CAT_E_IO, "%.200s is no program file (ELF, 64 bits)", program);
    if (!linker)
        return 0;
    if ((code = list(linker, program, text, LIST_MAX_BYTES, error)) < 0)
        return code;
    for (const char *at = text; *at; at += *at == '\n') {
        size_t length = strcspn(at, "\n");
        take_line(at, length, libraries);
        at += length;
    }
    if (access(LINKER_CACHE, R_OK) == 0)
        cat_strings_add(libraries, LINKER_CACHE);
    *interpreter = cat_take(linker);
    return 0;
}
