#include "core/plan_quota.h"

#include "base/test.h"

#define HOUR_MS (INT64_C(3600) * 1000)
#define NOW (INT64_C(500000) * HOUR_MS + 1234)

static const prv_quota_amount MOST = {.records = 10, .bytes = 1000};

TEST("what was written counts for a day after its hour, and no longer")
{
    static const struct {
        int64_t hours_later, records;
    } ROWS[] = {{0, 3}, {1, 3}, {24, 3}, {25, 0}, {1000, 0}};
    cat_autojson json_t *kept = prv_quota_add(NULL, NOW, &(prv_quota_amount){3, 100}, 0);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%lld hours later", (long long)ROWS[i].hours_later);
        EXPECT_INT(prv_quota_used(kept, NOW + ROWS[i].hours_later * HOUR_MS).records, ROWS[i].records);
    }
}

TEST("one who has used up the number or the bytes is told when there is room again")
{
    static const struct {
        const char *what;
        prv_quota_amount used, more;
        bool allowed;
        int64_t hours_until;
    } ROWS[] = {{"nothing used", {0, 0}, {1, 10}, true, 0},
                {"the last one", {9, 100}, {1, 10}, true, 0},
                {"one too many", {10, 100}, {1, 10}, false, 25},
                {"too many bytes", {2, 995}, {1, 10}, false, 25},
                {"more than there may ever be", {0, 0}, {1, 2000}, false, 25}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].what);
        cat_autojson json_t *kept = prv_quota_add(NULL, NOW, &ROWS[i].used, 0);
        int64_t free_at = 0;
        EXPECT(prv_quota_allows(kept, NOW, &MOST, &ROWS[i].more, &free_at) == ROWS[i].allowed);
        EXPECT_INT(free_at, ROWS[i].hours_until ? (NOW / HOUR_MS + ROWS[i].hours_until) * HOUR_MS : NOW);
    }
}

TEST("the record stays small, whatever is written for however long")
{
    json_t *kept = NULL;
    for (int hour = 0; hour < 400; hour++) {
        json_t *next = prv_quota_add(kept, NOW + hour * HOUR_MS / 2, &(prv_quota_amount){1, 1}, 1);
        json_decref(kept);
        kept = next;
    }
    EXPECT(json_array_size(json_object_get(kept, "hours")) <= 26);
    EXPECT_INT(prv_quota_refused(kept, NOW + 399 * HOUR_MS / 2), 2);
    EXPECT_INT(prv_quota_refused(kept, NOW + 500 * HOUR_MS), 0);
    json_decref(kept);
}

TEST("of many refusals in an hour few are recorded, and none of a few is left out")
{
    int recorded = 0;
    for (int64_t count = 1; count <= 1000000; count++)
        recorded += prv_refusal_is_recorded(count);
    EXPECT(prv_refusal_is_recorded(20) && !prv_refusal_is_recorded(21) && prv_refusal_is_recorded(32));
    EXPECT_INT(recorded, 20 + 15);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
