/* What the parts of confined_program.h share. */
#ifndef CAT_NET_CONFINED_INTERNAL_H
#define CAT_NET_CONFINED_INTERNAL_H

#include <linux/filter.h>

#include "base/string.h"
#include "net/confined_program.h"

/* Where the program's own file is open when it is started. The limit of open files lies below: after the start nothing can be
 * open there again, and the filter starts programs from nowhere else. */
#define CONFINED_PROGRAM_FILE 100
#define CONFINED_OPEN_FILES 64

struct cat_confinement {
    char *program, *interpreter; /* interpreter: of a program that is linked at its start; else NULL */
    cat_strings libraries;
    size_t memory_bytes;
    unsigned cpu_seconds;
    int landlock; /* version; 0: not used */
    struct sock_filter *filter;
    size_t filter_count;
};

/* The kernel's version of Landlock; 0: none. */
int confined_landlock_version(void);
/* A ruleset that reads `folder` (an open folder) and what the program is made of, and nothing else. */
int confined_landlock_ruleset(const cat_confinement *confinement, int folder, int *ruleset, cat_error *error);
/* The filter as the kernel takes it: made here, as a new process of a program with threads may not even allocate. */
int confined_seccomp_filter(struct sock_filter **filter, size_t *count, cat_error *error);
/* The dynamic linker of an ELF file (NULL: none) and the libraries that it would load. */
int confined_libraries(const char *program, char **interpreter, cat_strings *libraries, cat_error *error);

#endif
