/* Time as something that is handed in, so that tests own it. Any thread. */
#ifndef CAT_BASE_CLOCK_H
#define CAT_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cat_clock cat_clock;
struct cat_clock {
    int64_t (*wall_ms)(const cat_clock *clock);      /* since 1970-01-01T00:00:00Z */
    int64_t (*monotonic_ms)(const cat_clock *clock); /* never goes back; start is arbitrary */
    void (*sleep_ms)(const cat_clock *clock, int64_t ms);
};

/* The machine's clocks. */
const cat_clock *cat_clock_system(void);

/* A clock that moves only when told. sleep_ms moves it. Atomic: any thread may read it. */
typedef struct {
    cat_clock clock;
    _Atomic int64_t wall, monotonic;
} cat_clock_fake;
void cat_clock_fake_init(cat_clock_fake *fake, int64_t wall_ms);
void cat_clock_fake_advance(cat_clock_fake *fake, int64_t ms);

/* RFC 3339 in UTC with milliseconds: 2026-11-24T08:00:00.000Z. */
#define CAT_TIME_TEXT_MAX 32
void cat_time_format(int64_t wall_ms, char out[CAT_TIME_TEXT_MAX]);
/* Any RFC 3339 time with offset, fraction cut to milliseconds. */
bool cat_time_parse(const char *text, int64_t *wall_ms);

#endif
