#include "core/plan_quota.h"

#define HOUR_MS (INT64_C(3600) * 1000)
#define HOURS 24 /* after which a record is forgotten: store.h, and the bucket's time in svc/spine_layout.c */
#define RECORDED_SINGLY 20

static int64_t hour_of(int64_t now_ms)
{
    return now_ms / HOUR_MS;
}

/* Written at the end of its hour it is forgotten a day after that. */
static bool is_forgotten(const json_t *slot, int64_t hour)
{
    return cat_json_int_or(slot, "hour", 0) + HOURS < hour;
}

static void increase(json_t *slot, const char *member, int64_t by)
{
    json_object_set_new(slot, member, json_integer(cat_json_int_or(slot, member, 0) + by));
}

json_t *prv_quota_add(const json_t *kept, int64_t now_ms, const prv_quota_amount *more, int64_t refused)
{
    int64_t hour = hour_of(now_ms);
    json_t *hours = json_array(), *slot, *last = NULL;
    size_t index;
    json_array_foreach(json_object_get(kept, "hours"), index, slot)
    {
        if (is_forgotten(slot, hour))
            continue;
        json_array_append_new(hours, json_deep_copy(slot));
        last = json_array_get(hours, json_array_size(hours) - 1);
    }
    if (cat_json_int_or(last, "hour", -1) != hour) {
        last = json_pack("{s:I}", "hour", (json_int_t)hour);
        json_array_append_new(hours, last);
    }
    increase(last, "records", more->records);
    increase(last, "bytes", more->bytes);
    increase(last, "refused", refused);
    return cat_json_object("hours", hours, NULL);
}

static prv_quota_amount used_at(const json_t *kept, int64_t hour)
{
    prv_quota_amount sum = {0};
    size_t index;
    json_t *slot;
    json_array_foreach(json_object_get(kept, "hours"), index, slot)
    {
        if (is_forgotten(slot, hour))
            continue;
        sum.records += cat_json_int_or(slot, "records", 0);
        sum.bytes += cat_json_int_or(slot, "bytes", 0);
    }
    return sum;
}

prv_quota_amount prv_quota_used(const json_t *kept, int64_t now_ms)
{
    return used_at(kept, hour_of(now_ms));
}

bool prv_quota_allows(const json_t *kept, int64_t now_ms, const prv_quota_amount *most, const prv_quota_amount *more,
                      int64_t *free_at_ms)
{
    int64_t now = hour_of(now_ms);
    for (int64_t hour = now; hour <= now + HOURS + 1; hour++) {
        prv_quota_amount used = used_at(kept, hour);
        if (used.records + more->records > most->records || used.bytes + more->bytes > most->bytes)
            continue;
        *free_at_ms = hour == now ? now_ms : hour * HOUR_MS;
        return hour == now;
    }
    /* More than there may ever be. */
    *free_at_ms = (now + HOURS + 1) * HOUR_MS;
    return false;
}

int64_t prv_quota_refused(const json_t *kept, int64_t now_ms)
{
    const json_t *hours = json_object_get(kept, "hours"), *last = json_array_get(hours, json_array_size(hours) - 1);
    return cat_json_int_or(last, "hour", -1) == hour_of(now_ms) ? cat_json_int_or(last, "refused", 0) : 0;
}

bool prv_refusal_is_recorded(int64_t count)
{
    return count <= RECORDED_SINGLY || (count & (count - 1)) == 0;
}
