#include "core/rate_ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/memory.h"
#include "core/rate.h"
#include "core/rate_sum.h"
#include "wire/page.h"

typedef struct {
    int64_t from_s, to_s;
    const char *environment, *application; /* kept once each */
    int64_t amounts[3];
    int64_t gap_from_s, gap_to_s;
} record;

/* Of one Organization, by (from, environment, application). */
typedef struct {
    record *items;
    size_t begin, count, capacity;
    int64_t complete_from_s; /* records that began before have left; 0: none has */
} account;

struct bil_ledger {
    cat_map *accounts; /* organization → account */
    cat_map *names;    /* text → the one copy of it */
    size_t count, max_records;
};

static void free_account(void *value)
{
    free(((account *)value)->items);
    free(value);
}

bil_ledger *bil_ledger_create(size_t max_records)
{
    bil_ledger *ledger = cat_calloc(1, sizeof *ledger);
    ledger->max_records = max_records;
    ledger->accounts = cat_map_create(free_account);
    ledger->names = cat_map_create(free);
    return ledger;
}

void bil_ledger_destroy(bil_ledger *ledger)
{
    if (!ledger)
        return;
    cat_map_destroy(ledger->accounts);
    cat_map_destroy(ledger->names);
    free(ledger);
}

size_t bil_ledger_count(const bil_ledger *ledger)
{
    return ledger->count;
}

static const char *keep_name(bil_ledger *ledger, const char *name)
{
    const char *kept = cat_map_get(ledger->names, name);
    if (kept)
        return kept;
    char *copy = cat_strdup(name);
    cat_map_set(ledger->names, name, copy);
    return copy;
}

static int compare(const record *a, const record *b)
{
    if (a->from_s != b->from_s)
        return a->from_s < b->from_s ? -1 : 1;
    int environments = strcmp(a->environment, b->environment);
    return environments ? environments : strcmp(a->application, b->application);
}

/* The first that does not stand in front of `wanted`. */
static size_t find(const account *of, const record *wanted)
{
    size_t low = 0, high = of->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&of->items[of->begin + middle], wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The window and its owner are what a record is (bil_record_id), wherever in the window it begins. */
static bool has_window(const account *of, const record *wanted)
{
    int64_t window = wanted->from_s - wanted->from_s % BIL_WINDOW_S;
    record first = {.from_s = window, .environment = "", .application = ""};
    for (size_t i = find(of, &first); i < of->count && of->items[of->begin + i].from_s < window + BIL_WINDOW_S; i++) {
        const record *one = &of->items[of->begin + i];
        if (strcmp(one->environment, wanted->environment) == 0 && strcmp(one->application, wanted->application) == 0)
            return true;
    }
    return false;
}

static void insert(account *of, const record *made)
{
    if (of->begin + of->count == of->capacity) {
        if (of->begin)
            memmove(of->items, of->items + of->begin, of->count * sizeof *of->items);
        of->begin = 0;
        if (of->count * 2 >= of->capacity) {
            of->capacity = of->capacity ? of->capacity * 2 : 64;
            of->items = cat_realloc(of->items, of->capacity * sizeof *of->items);
        }
    }
    size_t at = of->begin + find(of, made);
    memmove(&of->items[at + 1], &of->items[at], (of->begin + of->count - at) * sizeof *of->items);
    of->items[at] = *made;
    of->count++;
}

/* The oldest record of the account that has the most. */
static void forget_one(bil_ledger *ledger)
{
    account *largest = NULL;
    size_t at = 0;
    const char *name;
    void *value;
    while (cat_map_next(ledger->accounts, &at, &name, &value))
        if (!largest || ((account *)value)->count > largest->count)
            largest = value;
    if (largest->items[largest->begin].from_s >= largest->complete_from_s)
        largest->complete_from_s = largest->items[largest->begin].from_s + 1;
    largest->begin++;
    largest->count--;
    ledger->count--;
}

static bool read_time(cat_view data, const char *path, int64_t *seconds)
{
    int64_t ms;
    const char *text = cat_view_text(data, path);
    if (!text || !cat_time_parse(text, &ms) || ms < 0)
        return false;
    *seconds = ms / 1000;
    return true;
}

bool bil_ledger_add(bil_ledger *ledger, const char *organization, cat_view data)
{
    const char *environment = cat_view_text(data, "environment"), *application = cat_view_text(data, "application");
    record made = {0};
    if (!organization || !environment || !application || !read_time(data, "from", &made.from_s) ||
        !read_time(data, "to", &made.to_s))
        return false;
    account *of = cat_map_get(ledger->accounts, organization);
    if (!of) {
        of = cat_calloc(1, sizeof *of);
        cat_map_set(ledger->accounts, organization, of);
    }
    made.environment = environment;
    made.application = application;
    if (has_window(of, &made))
        return false;
    made.environment = keep_name(ledger, environment);
    made.application = keep_name(ledger, application);
    for (size_t i = 0; i < 3; i++)
        made.amounts[i] = cat_view_int_or(data, bil_amount_names[i], 0);
    if (read_time(data, "gap.from", &made.gap_from_s))
        read_time(data, "gap.to", &made.gap_to_s);
    insert(of, &made);
    if (++ledger->count > ledger->max_records)
        forget_one(ledger);
    return true;
}

/* --- asking --- */

static json_t *time_json(int64_t seconds)
{
    char text[CAT_TIME_TEXT_MAX];
    cat_time_format(seconds * 1000, text);
    return json_string(text);
}

static json_t *show(const record *one)
{
    json_t *item = cat_json_object("environment", json_string(one->environment), "application", json_string(one->application),
                                   "from", time_json(one->from_s), "to", time_json(one->to_s), NULL);
    for (size_t i = 0; i < 3; i++)
        json_object_set_new(item, bil_amount_names[i], json_integer(one->amounts[i]));
    json_t *gaps = json_array();
    if (one->gap_to_s)
        json_array_append_new(gaps, cat_json_object("from", time_json(one->gap_from_s), "to", time_json(one->gap_to_s), NULL));
    json_object_set_new(item, "gaps", gaps);
    return item;
}

static bool is_wanted(const bil_ledger_query *query, const char *environment, const char *application, int64_t from_s)
{
    return (!query->environment || strcmp(environment, query->environment) == 0) &&
           (!query->application || strcmp(application, query->application) == 0) && from_s >= query->from_s &&
           (query->to_s == 0 || from_s < query->to_s) && (!query->may_see || query->may_see(query->context, environment));
}

typedef struct {
    const bil_ledger_query *query;
    size_t skip, seen; /* items in front of the page; items that are wanted so far */
    json_t *items;
    bil_sums *sums; /* NULL: each record is an item */
    int64_t totals[3];
} page;

static void take(page *all, const int64_t amounts[3], json_t *item_taken)
{
    for (size_t i = 0; i < 3; i++)
        if (__builtin_add_overflow(all->totals[i], amounts[i], &all->totals[i]))
            all->totals[i] = INT64_MAX;
    if (item_taken)
        json_array_append_new(all->items, item_taken);
    all->seen++;
}

static void take_into_sum(page *all, const record *one, bool open)
{
    bil_share share = {.environment = one->environment,
                       .application = one->application,
                       .from_s = one->from_s,
                       .to_s = one->to_s,
                       .gap_from_s = one->gap_from_s,
                       .gap_to_s = one->gap_to_s,
                       .open = open};
    memcpy(share.amounts, one->amounts, sizeof share.amounts);
    bil_sums_add(all->sums, &share);
    take(all, one->amounts, NULL);
}

static bool is_on_page(const page *all)
{
    return all->seen >= all->skip && json_array_size(all->items) < all->query->limit;
}

static void take_records(page *all, const account *of)
{
    record first = {.from_s = all->query->from_s, .environment = "", .application = ""};
    for (size_t i = of ? find(of, &first) : 0; of && i < of->count; i++) {
        const record *one = &of->items[of->begin + i];
        if (all->query->to_s && one->from_s >= all->query->to_s)
            break;
        if (!is_wanted(all->query, one->environment, one->application, one->from_s))
            continue;
        if (all->sums)
            take_into_sum(all, one, false);
        else
            take(all, one->amounts, is_on_page(all) ? show(one) : NULL);
    }
}

/* A running window as the ledger would hold it; false when that is not what it is. */
static bool read_open(const json_t *item, record *out)
{
    int64_t from_ms = 0, to_ms = 0, gap_from_ms = 0, gap_to_ms = 0;
    if (!cat_time_parse(cat_json_text_or(item, "from", ""), &from_ms))
        return false;
    *out = (record){.from_s = from_ms / 1000,
                    .environment = cat_json_text_or(item, "environment", ""),
                    .application = cat_json_text_or(item, "application", "")};
    out->to_s = cat_time_parse(cat_json_text_or(item, "to", ""), &to_ms) ? to_ms / 1000 : out->from_s;
    for (size_t i = 0; i < 3; i++)
        out->amounts[i] = cat_json_int_or(item, bil_amount_names[i], 0);
    if (cat_time_parse(cat_json_text_or(item, "gap.from", ""), &gap_from_ms) &&
        cat_time_parse(cat_json_text_or(item, "gap.to", ""), &gap_to_ms)) {
        out->gap_from_s = gap_from_ms / 1000;
        out->gap_to_s = gap_to_ms / 1000;
    }
    return true;
}

static json_t *show_open(const json_t *item)
{
    json_t *shown = json_deep_copy(item), *gap = json_object_get(shown, "gap"), *gaps = json_array();
    if (gap)
        json_array_append(gaps, gap);
    json_object_set_new(shown, "gaps", gaps);
    json_object_del(shown, "gap");
    return shown;
}

/* What was written meanwhile is not shown a second time as running. */
static void take_open(page *all, const account *of)
{
    size_t index;
    json_t *item;
    json_array_foreach(all->query->open, index, item)
    {
        record one = {0};
        if (!read_open(item, &one) || !is_wanted(all->query, one.environment, one.application, one.from_s) ||
            (of && has_window(of, &one)))
            continue;
        if (all->sums)
            take_into_sum(all, &one, true);
        else
            take(all, one.amounts, is_on_page(all) ? show_open(item) : NULL);
    }
}

static int read_cursor(const char *cursor, size_t *skip, cat_error *error)
{
    const char *text;
    cat_autofree char *bytes = NULL;
    long long number = 0;
    if (cursor && cat_cursor_parse(cursor, 1, &bytes, &text, error) < 0)
        return CAT_E_INVALID;
    if (cursor && !cat_text_to_int64(text, 1, INT64_MAX, &number))
        return cat_cursor_refuse(error);
    *skip = (size_t)number;
    return 0;
}

static json_t *cursor_of(size_t end)
{
    cat_autofree char *plain = cat_printf("%zu", end), *cursor = cat_cursor_format((const char *const[]){plain}, 1);
    return json_string(cursor);
}

/* Records are added behind, so a number says where a page begins: an Environment that lags can show one of them twice. */
int bil_ledger_search(const bil_ledger *ledger, const bil_ledger_query *query, json_t **result, cat_error *error)
{
    page all = {.query = query};
    int code = read_cursor(query->cursor, &all.skip, error);
    if (code < 0)
        return code;
    const account *of = cat_map_get(ledger->accounts, query->organization);
    all.items = json_array();
    all.sums = query->sum ? bil_sums_create() : NULL;
    take_records(&all, of);
    take_open(&all, of);
    if (all.sums) {
        json_decref(all.items);
        all.items = bil_sums_page(all.sums, all.skip, query->limit);
        all.seen = bil_sums_count(all.sums);
        bil_sums_destroy(all.sums);
    }
    size_t end = all.skip + json_array_size(all.items);
    json_t *next = end < all.seen ? cursor_of(end) : json_null();
    json_t *totals = json_object();
    for (size_t i = 0; i < 3; i++)
        json_object_set_new(totals, bil_amount_names[i], json_integer(all.totals[i]));
    *result = cat_json_object("items", all.items, "next", next, "totals", totals, NULL);
    if (of && of->complete_from_s > query->from_s)
        json_object_set_new(*result, "incompleteBefore", time_json(of->complete_from_s));
    return 0;
}
