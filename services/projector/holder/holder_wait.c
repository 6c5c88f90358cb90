#include <time.h>

#include "holder/holder_internal.h"

bool prj_holder_wait(prj_holder *holder, int64_t ms)
{
    for (int64_t waited = 0; waited < ms && !atomic_load(&holder->stopping); waited += 20)
        nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
    return !atomic_load(&holder->stopping);
}
