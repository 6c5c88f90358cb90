#include "core/rate_sum.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/string.h"

#define GAPS_MAX 100

const char *const bil_amount_names[3] = {"cpuMilliSeconds", "memoryByteSeconds", "storageByteSeconds"};

typedef struct {
    bil_share all; /* names are owned */
    struct {
        int64_t from_s, to_s;
    } gaps[GAPS_MAX];
    size_t gap_count;
} summed;

struct bil_sums {
    cat_map *items; /* "environment application" → summed */
};

static void free_summed(void *value)
{
    summed *one = value;
    free((char *)one->all.environment);
    free((char *)one->all.application);
    free(one);
}

bil_sums *bil_sums_create(void)
{
    bil_sums *sums = cat_calloc(1, sizeof *sums);
    sums->items = cat_map_create(free_summed);
    return sums;
}

void bil_sums_destroy(bil_sums *sums)
{
    if (!sums)
        return;
    cat_map_destroy(sums->items);
    free(sums);
}

size_t bil_sums_count(const bil_sums *sums)
{
    return cat_map_count(sums->items);
}

static void add_gap(summed *one, int64_t from_s, int64_t to_s)
{
    bool touches = one->gap_count > 0 && one->gaps[one->gap_count - 1].to_s >= from_s;
    if (!touches && one->gap_count < GAPS_MAX) {
        one->gaps[one->gap_count].from_s = from_s;
        one->gaps[one->gap_count++].to_s = to_s;
    } else if (one->gaps[one->gap_count - 1].to_s < to_s)
        one->gaps[one->gap_count - 1].to_s = to_s;
}

void bil_sums_add(bil_sums *sums, const bil_share *share)
{
    cat_autofree char *key = cat_printf("%s %s", share->environment, share->application);
    summed *one = cat_map_get(sums->items, key);
    if (!one) {
        one = cat_calloc(1, sizeof *one);
        one->all = (bil_share){.environment = cat_strdup(share->environment),
                               .application = cat_strdup(share->application),
                               .from_s = share->from_s,
                               .to_s = share->to_s};
        cat_map_set(sums->items, key, one);
    }
    one->all.from_s = share->from_s < one->all.from_s ? share->from_s : one->all.from_s;
    one->all.to_s = share->to_s > one->all.to_s ? share->to_s : one->all.to_s;
    one->all.open = one->all.open || share->open;
    for (size_t i = 0; i < 3; i++)
        if (__builtin_add_overflow(one->all.amounts[i], share->amounts[i], &one->all.amounts[i]))
            one->all.amounts[i] = INT64_MAX;
    if (share->gap_to_s)
        add_gap(one, share->gap_from_s, share->gap_to_s);
}

static json_t *time_json(int64_t seconds)
{
    char text[CAT_TIME_TEXT_MAX];
    cat_time_format(seconds * 1000, text);
    return json_string(text);
}

static json_t *show(const summed *one)
{
    json_t *gaps = json_array();
    for (size_t i = 0; i < one->gap_count; i++)
        json_array_append_new(gaps,
                              cat_json_object("from", time_json(one->gaps[i].from_s), "to", time_json(one->gaps[i].to_s), NULL));
    json_t *item =
        cat_json_object("environment", json_string(one->all.environment), "application", json_string(one->all.application),
                        "from", time_json(one->all.from_s), "to", time_json(one->all.to_s), "gaps", gaps, NULL);
    for (size_t i = 0; i < 3; i++)
        json_object_set_new(item, bil_amount_names[i], json_integer(one->all.amounts[i]));
    if (one->all.open)
        json_object_set_new(item, "open", json_true());
    return item;
}

json_t *bil_sums_page(const bil_sums *sums, size_t skip, size_t limit)
{
    cat_auto(cat_strings) keys = {0};
    const char *key;
    void *value;
    for (size_t at = 0; cat_map_next(sums->items, &at, &key, &value);)
        cat_strings_add(&keys, key);
    cat_strings_sort(&keys);
    json_t *items = json_array();
    for (size_t i = skip; i < keys.count && i - skip < limit; i++)
        json_array_append_new(items, show(cat_map_get(sums->items, keys.items[i])));
    return items;
}
