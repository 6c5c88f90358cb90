/* Any text as a time, and any number as one. */
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cat_autofree char *text = cat_strndup((const char *)data, size);
    char formatted[CAT_TIME_TEXT_MAX];
    int64_t ms, again;
    if (cat_time_parse(text, &ms)) {
        cat_time_format(ms, formatted);
        CLAIM(cat_time_parse(formatted, &again));
        /* Offsets reach a day out of the years that can be written. */
        CLAIM(again == ms || ms < -62167219200000 || ms > 253402300799999);
    }
    if (size == 8) {
        memcpy(&ms, data, 8);
        cat_time_format(ms, formatted);
        CLAIM(cat_time_parse(formatted, &again));
    }
    return 0;
}
