/* Dates and times as go-yaml v3 takes them: Go's time.Parse with the four forms of its allowedTimestampFormats, of which
 * encoding/json then makes RFC 3339. A date that is not in quotes therefore reaches the cluster with a time of day. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "wire/yaml_internal.h"

typedef struct {
    int year, month, day, hour, minute, second, offset_minutes;
    uint32_t nanoseconds;
} moment;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* One digit, or two where two stand. */
static bool read_number(const char **at, int low, int high, int *number)
{
    const char *text = *at;
    if (!is_digit(text[0]))
        return false;
    *number = text[0] - '0';
    *at += 1;
    if (is_digit(text[1])) {
        *number = *number * 10 + text[1] - '0';
        *at += 1;
    }
    return *number >= low && *number <= high;
}

static bool read_char(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

static int days_of(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return DAYS[month - 1] + (month == 2 && leap);
}

/* Any number of digits behind a dot or a comma; nine count. */
static void read_fraction(const char **at, uint32_t *nanoseconds)
{
    if ((**at != '.' && **at != ',') || !is_digit((*at)[1]))
        return;
    uint32_t unit = 100000000;
    for ((*at)++; is_digit(**at); (*at)++, unit /= 10)
        *nanoseconds += (uint32_t)(**at - '0') * unit;
}

static bool read_two(const char **at, int high, int *number)
{
    return is_digit((*at)[0]) && is_digit((*at)[1]) && read_number(at, 0, high, number);
}

/* `Z`, `+05:30`: Go lets 24 hours and 60 minutes pass. */
static bool read_zone(const char **at, moment *found)
{
    if (read_char(at, 'Z'))
        return true;
    int sign = **at == '-' ? -1 : 1, hours, minutes;
    if ((!read_char(at, '+') && !read_char(at, '-')) || !read_two(at, 24, &hours) || !read_char(at, ':') ||
        !read_two(at, 60, &minutes))
        return false;
    found->offset_minutes = sign * (hours * 60 + minutes);
    return true;
}

static bool read_time(const char **at, moment *found)
{
    char separator = **at;
    (*at)++;
    if ((separator != 'T' && separator != 't' && separator != ' ') || !read_number(at, 0, 23, &found->hour) ||
        !read_char(at, ':') || !read_number(at, 0, 59, &found->minute) || !read_char(at, ':') ||
        !read_number(at, 0, 59, &found->second))
        return false;
    read_fraction(at, &found->nanoseconds);
    return separator == ' ' || read_zone(at, found);
}

static bool read_moment(const char *text, moment *found)
{
    if (strspn(text, "0123456789") != 4 || text[4] != '-')
        return false;
    found->year = (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + text[3] - '0';
    const char *at = text + 5;
    if (!read_number(&at, 1, 12, &found->month) || !read_char(&at, '-') ||
        !read_number(&at, 1, days_of(found->year, found->month), &found->day))
        return false;
    return *at == '\0' || (read_time(&at, found) && *at == '\0');
}

bool cat_yaml_timestamp(const char *scalar, char **text)
{
    moment at = {0};
    char fraction[16] = "", zone[16] = "Z";
    if (!read_moment(scalar, &at))
        return false;
    *text = NULL;
    if (at.nanoseconds) {
        size_t length = (size_t)snprintf(fraction, sizeof fraction, ".%09u", at.nanoseconds);
        while (length > 1 && length < sizeof fraction && fraction[length - 1] == '0')
            fraction[--length] = '\0';
    }
    int offset = at.offset_minutes < 0 ? -at.offset_minutes : at.offset_minutes;
    if (offset >= 24 * 60)
        return true;
    if (offset)
        snprintf(zone, sizeof zone, "%c%02d:%02d", at.offset_minutes < 0 ? '-' : '+', offset / 60, offset % 60);
    *text =
        cat_printf("%04d-%02d-%02dT%02d:%02d:%02d%s%s", at.year, at.month, at.day, at.hour, at.minute, at.second, fraction, zone);
    return true;
}
