#include "core/rate_ledger.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/test.h"

static bool add(bil_ledger *ledger, const char *organization, const char *environment, const char *application, const char *from,
                const char *to, int cpu)
{
    cat_autofree char *text =
        cat_printf("{\"environment\":\"%s\",\"application\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"cpuMilliSeconds\":%d,"
                   "\"memoryByteSeconds\":%d,\"storageByteSeconds\":0}",
                   environment, application, from, to, cpu, cpu * 2);
    cat_document *document = NULL;
    bool added = cat_document_parse(text, strlen(text), &CAT_JSON_CAPS, &document, NULL) == 0 &&
                 bil_ledger_add(ledger, organization, cat_document_root(document));
    cat_document_destroy(document);
    return added;
}

#define H8 "2026-11-24T08:00:00.000Z"
#define H8B "2026-11-24T08:30:00.000Z"
#define H9 "2026-11-24T09:00:00.000Z"
#define H10 "2026-11-24T10:00:00.000Z"

static bil_ledger *make(void)
{
    bil_ledger *ledger = bil_ledger_create(100);
    add(ledger, "acme", "acme-prod", "blog", H9, H10, 4);
    add(ledger, "acme", "acme-dev", "blog", H8, H9, 1);
    add(ledger, "acme", "acme-dev", "shop", H8, H9, 2);
    add(ledger, "acme", "acme-dev", "blog", H9, H10, 3);
    add(ledger, "blue", "blue-prod", "blog", H8, H9, 100);
    return ledger;
}

static bool only_dev(void *context, const char *environment)
{
    (void)context;
    return strcmp(environment, "acme-dev") == 0;
}

static char *shown(const json_t *result)
{
    cat_auto(cat_string) out = CAT_STRING(4096);
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(result, "items"), index, item)
        cat_string_appendf(&out, "%s/%s %.13s %lld%s\n", cat_json_text(item, "environment"), cat_json_text(item, "application"),
                           cat_json_text(item, "from"), (long long)cat_json_int_or(item, "cpuMilliSeconds", -1),
                           cat_json_bool_or(item, "open", false) ? " open" : "");
    cat_string_appendf(&out, "= %lld", (long long)cat_json_int_or(result, "totals.cpuMilliSeconds", -1));
    return cat_string_take(&out);
}

#define D8B "acme-dev/blog 2026-11-24T08 1\n"
#define D8S "acme-dev/shop 2026-11-24T08 2\n"
#define D9B "acme-dev/blog 2026-11-24T09 3\n"
#define P9B "acme-prod/blog 2026-11-24T09 4\n"

TEST("records are found by Environment, Application and time, oldest first, with sums of all")
{
    static const struct {
        bil_ledger_query query;
        const char *shown;
    } ROWS[] = {
        {{.organization = "acme", .limit = 50}, D8B D8S D9B P9B "= 10"},
        {{.organization = "acme", .limit = 1}, D8B "= 10"},
        {{.organization = "acme", .limit = 50, .environment = "acme-dev"}, D8B D8S D9B "= 6"},
        {{.organization = "acme", .limit = 50, .application = "blog"}, D8B D9B P9B "= 8"},
        {{.organization = "acme", .limit = 50, .from_s = 1795510800}, D9B P9B "= 7"},
        {{.organization = "acme", .limit = 50, .to_s = 1795510800}, D8B D8S "= 3"},
        {{.organization = "acme", .limit = 50, .may_see = only_dev}, D8B D8S D9B "= 6"},
        {{.organization = "blue", .limit = 50}, "blue-prod/blog 2026-11-24T08 100\n= 100"},
        {{.organization = "nobody", .limit = 50}, "= 0"},
    };
    bil_ledger *ledger = make();
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("row %zu", i);
        cat_autojson json_t *result = NULL;
        EXPECT_INT(bil_ledger_search(ledger, &ROWS[i].query, &result, NULL), 0);
        cat_autofree char *text = shown(result);
        EXPECT_TEXT(text, ROWS[i].shown);
    }
    bil_ledger_destroy(ledger);
}

TEST("a record that was written twice is one, and the first counts")
{
    bil_ledger *ledger = make();
    size_t before = bil_ledger_count(ledger);
    EXPECT(!add(ledger, "acme", "acme-dev", "blog", H8, H9, 50));
    EXPECT(!add(ledger, "acme", "acme-dev", "blog", H8B, H9, 50));
    EXPECT(add(ledger, "acme", "acme-dev", "blog", H10, H10, 0));
    EXPECT(!add(ledger, "acme", "acme-dev", "blog", "yesterday", H9, 50));
    EXPECT_INT(bil_ledger_count(ledger), before + 1);
    bil_ledger_destroy(ledger);
}

TEST("what no longer fits leaves the oldest first, and answers say before when they are not whole")
{
    static const struct {
        bil_ledger_query query;
        const char *shown, *incomplete_before;
    } ROWS[] = {
        {{.organization = "acme", .limit = 50}, D9B P9B "= 7", "2026-11-24T08:00:01.000Z"},
        {{.organization = "acme", .limit = 50, .from_s = 1795510800}, D9B P9B "= 7", NULL},
        {{.organization = "blue", .limit = 50}, "blue-prod/blog 2026-11-24T08 100\n= 100", NULL},
    };
    bil_ledger *ledger = bil_ledger_create(3);
    add(ledger, "acme", "acme-prod", "blog", H9, H10, 4);
    add(ledger, "acme", "acme-dev", "blog", H8, H9, 1);
    add(ledger, "acme", "acme-dev", "blog", H9, H10, 3);
    add(ledger, "blue", "blue-prod", "blog", H8, H9, 100);
    EXPECT_INT(bil_ledger_count(ledger), 3);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("row %zu", i);
        cat_autojson json_t *result = NULL;
        REQUIRE(bil_ledger_search(ledger, &ROWS[i].query, &result, NULL) == 0);
        cat_autofree char *text = shown(result);
        EXPECT_TEXT(text, ROWS[i].shown);
        EXPECT_TEXT(cat_json_text(result, "incompleteBefore"), ROWS[i].incomplete_before);
    }
    bil_ledger_destroy(ledger);
}

TEST("running windows stand behind what was recorded, unless they were recorded meanwhile")
{
    bil_ledger *ledger = make();
    cat_autojson json_t *open = NULL, *result = NULL;
    static const char TEXT[] = "[{\"environment\":\"acme-dev\",\"application\":\"blog\",\"from\":\"" H9 "\",\"to\":\"" H10
                               "\",\"cpuMilliSeconds\":9,\"open\":true},"
                               "{\"environment\":\"acme-dev\",\"application\":\"blog\",\"from\":\"" H10 "\",\"to\":\"" H10
                               "\",\"cpuMilliSeconds\":5,\"open\":true,"
                               "\"gap\":{\"from\":\"" H10 "\",\"to\":\"" H10 "\"}}]";
    REQUIRE(cat_json_parse(TEXT, strlen(TEXT), &CAT_JSON_CAPS, &open, NULL) == 0);
    bil_ledger_query query = {.organization = "acme", .limit = 50, .open = open};
    REQUIRE(bil_ledger_search(ledger, &query, &result, NULL) == 0);
    cat_autofree char *text = shown(result);
    EXPECT_TEXT(text, D8B D8S D9B P9B "acme-dev/blog 2026-11-24T10 5 open\n= 15");
    EXPECT_INT(json_array_size(cat_json_get(result, "items.4.gaps")), 1);
    bil_ledger_destroy(ledger);
}

TEST("a sum is one for each Application of an Environment, with what runs, and gaps that touch are one")
{
    bil_ledger *ledger = make();
    cat_autojson json_t *open = NULL, *first = NULL, *rest = NULL;
    static const char TEXT[] =
        "[{\"environment\":\"acme-dev\",\"application\":\"blog\",\"from\":\"" H10 "\",\"to\":\"" H10
        "\",\"cpuMilliSeconds\":5,\"open\":true,\"gap\":{\"from\":\"" H9 "\",\"to\":\"" H10 "\"}},"
        "{\"environment\":\"acme-dev\",\"application\":\"blog\",\"from\":\"2026-11-24T11:00:00Z\",\"to\":\"2026-11-24T12:00:"
        "00Z\","
        "\"cpuMilliSeconds\":1,\"open\":true,\"gap\":{\"from\":\"" H10 "\",\"to\":\"2026-11-24T11:30:00Z\"}}]";
    REQUIRE(cat_json_parse(TEXT, strlen(TEXT), &CAT_JSON_CAPS, &open, NULL) == 0);
    bil_ledger_query query = {.organization = "acme", .limit = 2, .open = open, .sum = true};
    REQUIRE(bil_ledger_search(ledger, &query, &first, NULL) == 0);
    EXPECT_INT(json_array_size(json_object_get(first, "items")), 2);
    EXPECT_TEXT(cat_json_text(first, "items.0.application"), "blog");
    EXPECT_TEXT(cat_json_text(first, "items.0.from"), "2026-11-24T08:00:00.000Z");
    EXPECT_TEXT(cat_json_text(first, "items.0.to"), "2026-11-24T12:00:00.000Z");
    EXPECT(json_is_true(cat_json_get(first, "items.0.open")));
    EXPECT_INT(json_array_size(cat_json_get(first, "items.0.gaps")), 1);
    EXPECT_TEXT(cat_json_text(first, "items.0.gaps.0.to"), "2026-11-24T11:30:00.000Z");
    EXPECT_TEXT(cat_json_text(first, "items.1.application"), "shop");
    EXPECT_INT(cat_json_int_or(first, "items.0.cpuMilliSeconds", 0) + cat_json_int_or(first, "items.1.cpuMilliSeconds", 0), 12);
    EXPECT_INT(cat_json_int_or(first, "totals.cpuMilliSeconds", 0), 16);
    query.cursor = cat_json_text(first, "next");
    REQUIRE(query.cursor && bil_ledger_search(ledger, &query, &rest, NULL) == 0);
    EXPECT_INT(json_array_size(json_object_get(rest, "items")), 1);
    EXPECT_TEXT(cat_json_text(rest, "items.0.environment"), "acme-prod");
    EXPECT(json_is_null(json_object_get(rest, "next")));
    bil_ledger_destroy(ledger);
}

TEST("pages go on where the last one ended")
{
    bil_ledger *ledger = make();
    cat_autofree char *cursor = NULL;
    cat_auto(cat_string) all = CAT_STRING(4096);
    for (int pages = 0; pages < 10; pages++) {
        cat_autojson json_t *result = NULL;
        bil_ledger_query query = {.organization = "acme", .limit = 3, .cursor = cursor};
        REQUIRE(bil_ledger_search(ledger, &query, &result, NULL) == 0);
        cat_autofree char *text = shown(result);
        cat_string_append(&all, text);
        free(cursor);
        cursor = cat_strdup(cat_json_text(result, "next"));
        if (!cursor)
            break;
    }
    EXPECT_TEXT(cat_string_get(&all), D8B D8S D9B "= 10" P9B "= 10");
    json_t *result = NULL;
    bil_ledger_query query = {.organization = "acme", .limit = 3, .cursor = "?"};
    EXPECT_INT(bil_ledger_search(ledger, &query, &result, NULL), CAT_E_INVALID);
    bil_ledger_destroy(ledger);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
