#include "faults.h"

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

void prv_fault_point(const char *folder, const char *when, const char *step, const char *operation)
{
    if (!folder)
        return;
    cat_autofree char *order = cat_printf("%s/%s", folder, operation), *held = cat_printf("%s.held", order);
    cat_autofree char *here = cat_printf("%s %s\n", when, step), *text = NULL;
    size_t length = 0;
    if (cat_file_read(order, MAX_BYTES, &text, &length, NULL) < 0 || strcmp(text, here) != 0 || rename(order, held) < 0)
        return;
    cat_log_warning("held, as ordered by a test", CAT_FIELD("when", when), CAT_FIELD("step", step),
                    CAT_FIELD("operation", operation));
    while (access(held, F_OK) == 0)
        cat_clock_system()->sleep_ms(cat_clock_system(), LOOK_MS);
    cat_log_warning("goes on, as ordered by a test", CAT_FIELD("when", when), CAT_FIELD("step", step),
                    CAT_FIELD("operation", operation));
}
