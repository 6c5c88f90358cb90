#include "base/clock.h"

#include "base/test.h"

TEST("times are written in UTC with milliseconds")
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1795507200123, "2026-11-24T08:00:00.123Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {4107542399999, "2100-02-28T23:59:59.999Z"},
        {4107542400000, "2100-03-01T00:00:00.000Z"},
        {-62167219200000, "0000-01-01T00:00:00.000Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
        {INT64_MAX, "9999-12-31T23:59:59.999Z"},
        {INT64_MIN, "0000-01-01T00:00:00.000Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[CAT_TIME_TEXT_MAX];
        cat_time_format(rows[i].ms, text);
        EXPECT_TEXT(text, rows[i].text);
    }
}

TEST("RFC 3339 times are read with offset and fraction")
{
    static const struct {
        const char *text;
        bool good;
        int64_t ms;
    } rows[] = {
        {"2026-11-24T08:00:00Z", true, 1795507200000},
        {"2026-11-24T08:00:00.123456Z", true, 1795507200123},
        {"2026-11-24T08:00:00.5+00:00", true, 1795507200500},
        {"2026-11-24t09:30:00+01:30", true, 1795507200000},
        {"2026-11-24 00:00:00-08:00", true, 1795507200000},
        {"2024-02-29T23:59:60z", true, 1709251200000},
        {"2023-02-29T00:00:00Z", false, 0},
        {"2026-13-01T00:00:00Z", false, 0},
        {"2026-00-01T00:00:00Z", false, 0},
        {"2026-11-31T00:00:00Z", false, 0},
        {"2026-11-24T24:00:00Z", false, 0},
        {"2026-11-24T08:00:00", false, 0},
        {"2026-11-24T08:00:00.Z", false, 0},
        {"2026-11-24T08:00:00Zx", false, 0},
        {"2026-11-24T08:00Z", false, 0},
        {"2026-11-24T08:00:00+1:00", false, 0},
        {"2026-11-24T08:00:00+24:00", false, 0},
        {"2026-11-24", false, 0},
        {"", false, 0},
        {NULL, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].text ? rows[i].text : "(null)");
        int64_t ms = -7;
        EXPECT_INT(cat_time_parse(rows[i].text, &ms), rows[i].good);
        EXPECT_INT(ms, rows[i].good ? rows[i].ms : -7);
    }
}

TEST("every day of four centuries is read as it was written")
{
    for (int64_t day = -719528; day < -719528 + 4 * 146097; day += 1) {
        char text[CAT_TIME_TEXT_MAX];
        int64_t ms = day * 86400000 + 12345678, again;
        cat_time_format(ms, text);
        cat_test_checks();
        if (!cat_time_parse(text, &again) || again != ms) {
            cat_test_fail(__FILE__, __LINE__, "%s", text);
            return;
        }
    }
}

TEST("a fake clock moves only when told")
{
    cat_clock_fake fake;
    cat_clock_fake_init(&fake, 1000);
    const cat_clock *clock = &fake.clock;
    EXPECT_INT(clock->wall_ms(clock), 1000);
    int64_t before = clock->monotonic_ms(clock);
    cat_clock_fake_advance(&fake, 5);
    clock->sleep_ms(clock, 7);
    EXPECT_INT(clock->wall_ms(clock), 1012);
    EXPECT_INT(clock->monotonic_ms(clock), before + 12);
}

TEST("the machine's monotonic clock does not go back")
{
    const cat_clock *clock = cat_clock_system();
    int64_t before = clock->monotonic_ms(clock);
    clock->sleep_ms(clock, 2);
    EXPECT(clock->monotonic_ms(clock) >= before + 2);
    EXPECT(clock->wall_ms(clock) > 1700000000000);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
