/* When tokens for Git end. */
#include "core/tokens.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/test.h"

static void expect_token(const char *label, const char *created, const char *name, const char *last_day)
{
    cat_test_row("%s", label);
    cat_autojson json_t *listed =
        cat_json_object("id", json_integer(7), "name", json_string(label), "created_at", json_string(created), NULL);
    cat_auto(prv_token) token = {0};
    REQUIRE(prv_token_read(listed, &token, NULL) == 0);
    EXPECT_TEXT(token.name, name);
    EXPECT_TEXT(token.last_day, last_day);
    EXPECT_TEXT(token.id, "7");
    char end[CAT_TIME_TEXT_MAX];
    cat_time_format(token.ends_ms - 1, end);
    EXPECT(strncmp(end, last_day, 10) == 0);
    cat_time_format(token.ends_ms, end);
    EXPECT(strstr(end, "T00:00:00") != NULL && strncmp(end, last_day, 10) != 0);
}

TEST("a token's end is the day in its name, and every token has one")
{
    static const char created[] = "2026-11-29T13:40:00Z";
    expect_token("laptop until 2027-01-31", created, "laptop", "2027-01-31");
    expect_token("until until 2026-11-29", created, "until", "2026-11-29");
    /* made before tokens had an end, or by hand */
    expect_token("laptop", created, "laptop", "2027-02-27");
    expect_token("laptop until Easter 27", created, "laptop until Easter 27", "2027-02-27");
    expect_token("laptop until 2027-02-30", created, "laptop until 2027-02-30", "2027-02-27");
    expect_token(" until 2027-01-31", created, " until 2027-01-31", "2027-02-27");
    /* by hand, for longer than anybody may */
    expect_token("laptop until 9999-12-31", created, "laptop", "2027-11-30");
    /* nobody could withdraw them */
    expect_token(". until 2027-01-31", created, ".", "2026-11-28");
    expect_token("..", created, "..", "2026-11-28");
    expect_token("... until 2027-01-31", created, "...", "2027-01-31");
    /* another zone is the same instant */
    expect_token("laptop", "2026-11-29T00:30:00+02:00", "laptop", "2027-02-26");
}

TEST("a token of which Gitea does not say when it was made is left alone")
{
    cat_autojson json_t *listed = cat_json_object("name", json_string("laptop"), NULL);
    prv_token token = {0};
    EXPECT_INT(prv_token_read(listed, &token, NULL), CAT_E_PROTOCOL);
    EXPECT(token.name == NULL);
}

TEST("the last day is chosen from today to a year ahead")
{
    static const struct {
        const char *wish, *day, *why;
    } rows[] = {
        {NULL, "2027-02-27", NULL},
        {"2026-11-29", "2026-11-29", NULL},
        {"2027-11-30", "2027-11-30", NULL},
        {"2027-12-01", NULL, "a year at most"},
        {"9999-12-31", NULL, "a year at most"},
        {"2026-11-28", NULL, "in the past"},
        {"2027-02-30", NULL, "has to be a date"},
        {"2027-2-3", NULL, "has to be a date"},
        {"2027-02-03T00:00:00Z", NULL, "has to be a date"},
        {"tomorrow", NULL, "has to be a date"},
        {"", NULL, "has to be a date"},
    };
    int64_t now_ms = 0;
    REQUIRE(cat_time_parse("2026-11-29T13:40:00Z", &now_ms));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].wish ? rows[i].wish : "(none)");
        char day[PRV_TOKEN_DATE_MAX] = "";
        cat_error error = {0};
        EXPECT_INT(prv_token_choose_day(rows[i].wish, now_ms, day, &error), rows[i].why ? CAT_E_INVALID : 0);
        EXPECT_TEXT(day, rows[i].day ? rows[i].day : "");
        EXPECT(!rows[i].why || strstr(error.message, rows[i].why));
    }
}

TEST("what is written into Gitea is read from it")
{
    cat_autofree char *label = prv_token_label("laptop", "2027-01-31");
    EXPECT_TEXT(label, "laptop until 2027-01-31");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
