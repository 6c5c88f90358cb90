#include "render_program.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "render_words.h"

#define MAX_WORDS ((size_t)64 * 1024)
#define MAX_LOGGED 2000
/* A build of a hundred objects takes 60 MB; an alias bomb of 1 KB took 2.2 GB. */
#define MEMORY_BYTES ((size_t)512 * 1024 * 1024)

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
            return cat_error_set(error, CAT_E_IO, "the folder of %.200s cannot be made: %s", path, strerror(errno));
    }
    int file = open(whole, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t length = strlen(text);
    bool written = file >= 0 && write(file, text, length) == (ssize_t)length;
    if (file >= 0)
        close(file);
    return written ? 0 : cat_error_set(error, CAT_E_IO, "%.200s cannot be written: %s", path, strerror(errno));
}

static int write_files(const char *folder, const json_t *files, cat_error *error)
{
    const char *path;
    json_t *text;
    json_object_foreach((json_t *)files, path, text)
    {
        /* What is no text is named by nobody, or the check would have said so. */
        int code = json_is_string(text) ? write_file(folder, path, json_string_value(text), error) : 0;
        if (code < 0)
            return code;
    }
    return 0;
}

/* --- the program --- */

int prv_program_confine(const char *program, unsigned time_out_seconds, bool without_landlock, cat_confinement **confinement,
                        cat_error *error)
{
    cat_confinement_options options = {
        .program = program, .memory_bytes = MEMORY_BYTES, .cpu_seconds = time_out_seconds, .without_landlock = without_landlock};
    cat_error failed = {0};
    int code = cat_confinement_create(&options, confinement, &failed);
    if (code == CAT_E_UNSUPPORTED)
        return cat_error_set(
            error, code,
            "%s, and kustomize builds files that others wrote: kustomize.without_landlock: true lets it run, held by "
            "seccomp and limits alone",
            failed.message);
    return code < 0 ? cat_error_copy(error, &failed) : 0;
}

/* The log keeps what it said, people get what it means. */
static int refuse(const cat_confined_result *result, cat_error *error)
{
    char id[CAT_ID_MAX];
    cat_id_make(cat_clock_system()->wall_ms(cat_clock_system()), id);
    cat_autofree char *said = cat_printf("%.*s", MAX_LOGGED, result->words), *means = prv_render_words(result, id);
    for (size_t length = strlen(said); length && !cat_text_is_utf8(said, length);)
        said[--length] = '\0';
    cat_log_warning("kustomize refused what somebody wrote", CAT_FIELD("id", id), CAT_FIELD("words", said),
                    CAT_FIELD_INT("status", result->status));
    return cat_error_set(error, CAT_E_INVALID, "%s", means);
}

static int run_program(const prv_render_options *options, const char *folder, char **built, size_t *length, cat_error *error)
{
    static const char *const ARGUMENTS[] = {"build", ".", NULL};
    /* For Go alone: one processor, no signals between its threads (it may send none), a heap that it collects before the limit,
     * and no thousand lines when it ends at one. */
    static const char *const ENVIRONMENT[] = {"GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1", "GOMEMLIMIT=384MiB",
                                              "GOTRACEBACK=none", NULL};
    cat_confined_run run = {.folder = folder,
                            .arguments = ARGUMENTS,
                            .environment = ENVIRONMENT,
                            .time_out_ms = options->time_out_ms,
                            .max_output_bytes = PRV_PROGRAM_MAX_OUTPUT,
                            .max_words_bytes = MAX_WORDS};
    cat_auto(cat_confined_result) result = {0};
    int code = cat_confinement_run(options->confinement, &run, &result, error);
    if (code < 0)
        return code;
    if (result.end == CAT_CONFINED_TOO_MUCH)
        return cat_error_set(error, CAT_E_INVALID, "the manifests are more than %zu MiB", PRV_PROGRAM_MAX_OUTPUT / 1024 / 1024);
    if (result.end == CAT_CONFINED_TIMED_OUT)
        return cat_error_set(error, CAT_E_TIMEOUT, "building the manifests took longer than %lld s",
                             (long long)options->time_out_ms / 1000);
    if (result.end != CAT_CONFINED_EXITED || result.status != 0)
        return refuse(&result, error);
    *length = result.length;
    *built = cat_take(result.output);
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
