#include "core/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

#define DAY_MS INT64_C(86400000)
static const char UNTIL[] = " until ";

void prv_token_finish(prv_token *token)
{
    free(token->name);
    *token = (prv_token){0};
}

static void format_day(int64_t ms, char day[PRV_TOKEN_DATE_MAX])
{
    char text[CAT_TIME_TEXT_MAX];
    cat_time_format(ms, text);
    snprintf(day, PRV_TOKEN_DATE_MAX, "%.10s", text);
}

/* `YYYY-MM-DD` as the first instant of that day, in UTC; as it is written, and a day that there is. */
static bool parse_day(const char *day, int64_t *ms)
{
    char text[32], again[PRV_TOKEN_DATE_MAX];
    if (strlen(day) != PRV_TOKEN_DATE_MAX - 1)
        return false;
    snprintf(text, sizeof text, "%sT00:00:00Z", day);
    if (!cat_time_parse(text, ms))
        return false;
    format_day(*ms, again);
    return strcmp(day, again) == 0;
}

bool prv_token_is_unreachable(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

int prv_token_read(const json_t *listed, prv_token *token, cat_error *error)
{
    int64_t created_ms = 0, last_ms = 0;
    const char *label = cat_json_text_or(listed, "name", "");
    if (!cat_time_parse(cat_json_text_or(listed, "created_at", ""), &created_ms) || created_ms <= 0)
        return cat_error_set(error, CAT_E_PROTOCOL, "Gitea does not say when the token %.60s was made", label);
    size_t length = strlen(label), tail = strlen(UNTIL) + PRV_TOKEN_DATE_MAX - 1;
    bool dated = length > tail && strncmp(label + length - tail, UNTIL, strlen(UNTIL)) == 0 &&
                 parse_day(label + length - (PRV_TOKEN_DATE_MAX - 1), &last_ms);
    int64_t made_ms = created_ms - created_ms % DAY_MS, latest_ms = made_ms + PRV_TOKEN_DAYS_MAX * DAY_MS;
    if (!dated)
        last_ms = made_ms + PRV_TOKEN_DAYS * DAY_MS;
    if (last_ms > latest_ms)
        last_ms = latest_ms;
    char *name = cat_strndup(label, dated ? length - tail : length);
    if (prv_token_is_unreachable(name))
        last_ms = made_ms - DAY_MS;
    *token = (prv_token){.name = name, .ends_ms = last_ms + DAY_MS};
    format_day(last_ms, token->last_day);
    snprintf(token->id, sizeof token->id, "%lld", (long long)cat_json_int_or(listed, "id", 0));
    return 0;
}

char *prv_token_label(const char *name, const char *last_day)
{
    return cat_printf("%s%s%s", name, UNTIL, last_day);
}

int prv_token_choose_day(const char *wish, int64_t now_ms, char last_day[PRV_TOKEN_DATE_MAX], cat_error *error)
{
    int64_t today_ms = now_ms - now_ms % DAY_MS, chosen_ms = today_ms + PRV_TOKEN_DAYS * DAY_MS;
    char latest[PRV_TOKEN_DATE_MAX];
    format_day(today_ms + PRV_TOKEN_DAYS_MAX * DAY_MS, latest);
    if (wish && !parse_day(wish, &chosen_ms))
        return cat_error_set(error, CAT_E_INVALID, "the token's last day has to be a date as in %s", latest);
    if (chosen_ms < today_ms)
        return cat_error_set(error, CAT_E_INVALID, "the token's last day is in the past");
    if (chosen_ms > today_ms + PRV_TOKEN_DAYS_MAX * DAY_MS)
        return cat_error_set(error, CAT_E_INVALID, "a token lasts a year at most: its last day can be %s", latest);
    format_day(chosen_ms, last_day);
    return 0;
}
