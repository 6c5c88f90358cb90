#include "base/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_wall_ms(const cat_clock *clock)
{
    (void)clock;
    return read_clock(CLOCK_REALTIME);
}

static int64_t system_monotonic_ms(const cat_clock *clock)
{
    (void)clock;
    return read_clock(CLOCK_MONOTONIC);
}

static void system_sleep_ms(const cat_clock *clock, int64_t ms)
{
    (void)clock;
    if (ms <= 0)
        return;
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

const cat_clock *cat_clock_system(void)
{
    static const cat_clock clock = {system_wall_ms, system_monotonic_ms, system_sleep_ms};
    return &clock;
}

static int64_t fake_wall_ms(const cat_clock *clock)
{
    return atomic_load(&((cat_clock_fake *)(void *)clock)->wall);
}

static int64_t fake_monotonic_ms(const cat_clock *clock)
{
    return atomic_load(&((cat_clock_fake *)(void *)clock)->monotonic);
}

static void fake_sleep_ms(const cat_clock *clock, int64_t ms)
{
    cat_clock_fake_advance((cat_clock_fake *)(void *)clock, ms);
}

void cat_clock_fake_init(cat_clock_fake *fake, int64_t wall_ms)
{
    fake->clock = (cat_clock){fake_wall_ms, fake_monotonic_ms, fake_sleep_ms};
    atomic_init(&fake->wall, wall_ms);
    atomic_init(&fake->monotonic, 0);
}

void cat_clock_fake_advance(cat_clock_fake *fake, int64_t ms)
{
    atomic_fetch_add(&fake->wall, ms);
    atomic_fetch_add(&fake->monotonic, ms);
}

/* RFC 3339 has four digits for the year: what is outside is shown as the nearest time that can be written. */
#define EARLIEST_MS INT64_C(-62167219200000) /* 0000-01-01T00:00:00.000Z */
#define LATEST_MS INT64_C(253402300799999)   /* 9999-12-31T23:59:59.999Z */

/* Days since 1970-01-01 in the proleptic Gregorian calendar, by counting eras of 400 years from March. */
static int64_t days_from_date(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    unsigned year_of_era = (unsigned)(year - era * 400);
    unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + (int64_t)day_of_era - 719468;
}

static void date_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned day_of_era = (unsigned)(days - era * 146097);
    unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month_from_march = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *year = (int64_t)year_of_era + era * 400 + (*month <= 2);
}

static void put_digits(char *out, unsigned value, unsigned width)
{
    while (width-- > 0) {
        out[width] = (char)('0' + value % 10);
        value /= 10;
    }
}

void cat_time_format(int64_t wall_ms, char out[CAT_TIME_TEXT_MAX])
{
    if (wall_ms < EARLIEST_MS)
        wall_ms = EARLIEST_MS;
    if (wall_ms > LATEST_MS)
        wall_ms = LATEST_MS;
    const int64_t day_ms = 86400000;
    int64_t days = wall_ms / day_ms - (wall_ms % day_ms < 0);
    unsigned rest = (unsigned)(wall_ms - days * day_ms);
    int64_t year;
    unsigned month, day;
    date_from_days(days, &year, &month, &day);
    memcpy(out, "0000-00-00T00:00:00.000Z", 25);
    put_digits(out, (unsigned)year, 4);
    put_digits(out + 5, month, 2);
    put_digits(out + 8, day, 2);
    put_digits(out + 11, rest / 3600000, 2);
    put_digits(out + 14, rest / 60000 % 60, 2);
    put_digits(out + 17, rest / 1000 % 60, 2);
    put_digits(out + 20, rest % 1000, 3);
}

/* Exactly `width` digits; the text may end early. */
static bool take_digits(const char **text, unsigned width, unsigned *value)
{
    *value = 0;
    for (; width > 0; width--, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        *value = *value * 10 + (unsigned)(**text - '0');
    }
    return true;
}

static bool take(const char **text, char expected)
{
    return **text == expected ? ((*text)++, true) : false;
}

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool take_fraction(const char **text, unsigned *ms)
{
    *ms = 0;
    if (!take(text, '.'))
        return true;
    unsigned digits = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++, digits++)
        if (digits < 3)
            *ms = *ms * 10 + (unsigned)(**text - '0');
    for (unsigned padded = digits; padded < 3; padded++)
        *ms *= 10;
    return digits > 0;
}

static bool take_offset(const char **text, int64_t *offset_ms)
{
    *offset_ms = 0;
    if (take(text, 'Z') || take(text, 'z'))
        return true;
    int sign = **text == '+' ? 1 : **text == '-' ? -1 : 0;
    unsigned hours, minutes;
    if (sign == 0)
        return false;
    (*text)++;
    if (!take_digits(text, 2, &hours) || !take(text, ':') || !take_digits(text, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *offset_ms = sign * (int64_t)(hours * 60 + minutes) * 60000;
    return true;
}

bool cat_time_parse(const char *text, int64_t *wall_ms)
{
    unsigned year, month, day, hour, minute, second, ms;
    int64_t offset_ms;
    if (!text)
        return false;
    if (!take_digits(&text, 4, &year) || !take(&text, '-') || !take_digits(&text, 2, &month) || !take(&text, '-') ||
        !take_digits(&text, 2, &day) || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    if (!take(&text, 'T') && !take(&text, 't') && !take(&text, ' '))
        return false;
    if (!take_digits(&text, 2, &hour) || !take(&text, ':') || !take_digits(&text, 2, &minute) || !take(&text, ':') ||
        !take_digits(&text, 2, &second))
        return false;
    /* A leap second is read as the second after it. */
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    if (!take_fraction(&text, &ms) || !take_offset(&text, &offset_ms) || *text)
        return false;
    int64_t seconds = ((days_from_date(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    *wall_ms = seconds * 1000 + ms - offset_ms;
    return true;
}
