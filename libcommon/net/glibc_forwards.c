/* libnats_static.a is built against a C library newer than Debian 12's, which calls the C23 forms of three functions. Their C17
 * forms read the same numbers, but for the prefix 0b, which NATS never sends. */
#include <features.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

extern const int cat_glibc_forwards;
/* spine.c points at this, so that the linker takes this file before it reaches nats.c's archive. */
const int cat_glibc_forwards = 1;

#if defined(__GLIBC__) && !__GLIBC_PREREQ(2, 38)
long __isoc23_strtol(const char *text, char **end, int base);
long long __isoc23_strtoll(const char *text, char **end, int base);
int __isoc23_sscanf(const char *text, const char *format, ...);

long __isoc23_strtol(const char *text, char **end, int base)
{
    return strtol(text, end, base);
}

long long __isoc23_strtoll(const char *text, char **end, int base)
{
    return strtoll(text, end, base);
}

int __isoc23_sscanf(const char *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int count = vsscanf(text, format, arguments);
    va_end(arguments);
    return count;
}
#endif
