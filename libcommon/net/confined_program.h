/* Runs one program on files that others wrote, so that whatever they make of it, it reaches its folder and nothing else. Any
 * thread; runs block. Needs no privileges.
 *
 *     cat_confinement_create(&(cat_confinement_options){.program = "kustomize", .memory_bytes = …}, &confinement, error)
 *     cat_confinement_run(confinement, &(cat_confined_run){.folder = folder, .arguments = arguments, …}, &result, error)
 *
 * What holds the program (docs/security.md has why): Landlock lets it read its folder, its own file and its libraries, write
 * nothing, and neither bind nor connect; a seccomp filter of what it may ask the kernel (net/confined_seccomp.c) leaves it no
 * socket, no second program, no process of its own and no signal; limits end it for memory, processor time, open files and
 * written files; it starts with no file of ours open, an environment of the caller's alone, and no way to new privileges. */
#ifndef CAT_NET_CONFINED_PROGRAM_H
#define CAT_NET_CONFINED_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct cat_confinement cat_confinement;

typedef struct {
    const char *program;   /* an ELF file; looked for in PATH when it has no slash */
    size_t memory_bytes;   /* what it may write to: RLIMIT_DATA */
    unsigned cpu_seconds;  /* of one run, all its threads together */
    bool without_landlock; /* on a kernel that lacks it: all else holds, files and addresses of the machine are open to reading */
} cat_confinement_options;

/* Finds the program and what it is linked with, once. CAT_E_UNSUPPORTED: the kernel has no Landlock, and nobody said that it goes
 * without; CAT_E_IO: the program is not there or is no ELF file. */
int cat_confinement_create(const cat_confinement_options *options, cat_confinement **confinement, cat_error *error);
void cat_confinement_destroy(cat_confinement *confinement);
CAT_DEFINE_AUTOPTR(cat_confinement)
/* The version of the kernel's Landlock, 0 when it has none (or it is not used). */
int cat_confinement_landlock(const cat_confinement *confinement);

typedef struct {
    const char *folder;             /* all that it reads, and where it starts */
    const char *const *arguments;   /* after the program's name, up to NULL */
    const char *const *environment; /* up to NULL; NULL: empty */
    int64_t time_out_ms;
    size_t max_output_bytes, max_words_bytes; /* of standard output (more ends it) and of standard error (the rest is dropped) */
} cat_confined_run;

typedef enum {
    CAT_CONFINED_EXITED,    /* status: what it said at its end */
    CAT_CONFINED_SIGNALLED, /* status: the signal; SIGXCPU and SIGKILL are the limits' */
    CAT_CONFINED_TIMED_OUT,
    CAT_CONFINED_TOO_MUCH, /* it wrote more than max_output_bytes */
} cat_confined_end;
typedef struct {
    cat_confined_end end;
    int status;
    char *output, *words; /* never NULL after a run that returned 0 */
    size_t length;        /* of output */
} cat_confined_result;
void cat_confined_result_finish(cat_confined_result *result);
static inline void cat_confined_result_cleanup(cat_confined_result *result)
{
    cat_confined_result_finish(result);
}

/* However the program ended is a result; CAT_E_IO: it could not be started under its limits, and then did not start at all. */
int cat_confinement_run(const cat_confinement *confinement, const cat_confined_run *run, cat_confined_result *result,
                        cat_error *error);

#endif
