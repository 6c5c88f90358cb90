#include "steps/faults.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/string.h"

#define MAX_BYTES 256
#define LOOK_MS 20

static bool says(const char *path, const char *line)
{
    cat_autofree char *text = NULL;
    size_t length = 0;
    return cat_file_read(path, MAX_BYTES, &text, &length, NULL) == 0 && strcmp(text, line) == 0;
}

void prv_fault_point(const char *folder, const char *when, const char *step, const char *operation)
{
    if (!folder)
        return;
    cat_autofree char *order = cat_printf("%s/%s", folder, operation), *held = cat_printf("%s.held", order);
    cat_autofree char *here = cat_printf("%s %s\n", when, step);
    bool first = says(order, here) && rename(order, held) == 0;
    /* A queue that was struck may have given the operation to a second worker. */
    if (!first && !says(held, here))
        return;
    cat_log_warning("held, as ordered by a test", CAT_FIELD("when", when), CAT_FIELD("step", step),
                    CAT_FIELD("operation", operation));
    while (access(held, F_OK) == 0)
        cat_clock_system()->sleep_ms(cat_clock_system(), LOOK_MS);
    cat_log_warning("goes on, as ordered by a test", CAT_FIELD("when", when), CAT_FIELD("step", step),
                    CAT_FIELD("operation", operation));
}
