/* When a person's token for Git ends. Gitea's tokens have no end of their own: it stands in the name that Gitea keeps, `{name}
 * until {date}`, where the loss of every store of ours does not touch it. A name that people choose has no space. Pure; any
 * thread. */
#ifndef PROVISIONING_TOKENS_H
#define PROVISIONING_TOKENS_H

#include "wire/json.h"

#define PRV_TOKEN_NAME_MAX 60
#define PRV_TOKEN_DATE_MAX 11 /* YYYY-MM-DD and its end */
#define PRV_TOKEN_DAYS 90     /* what a token gets that nobody chose an end for, from the day it was made */
#define PRV_TOKEN_DAYS_MAX 366

typedef struct {
    char *name;                        /* as its owner called it; owned */
    char last_day[PRV_TOKEN_DATE_MAX]; /* in UTC */
    int64_t ends_ms;                   /* the end of that day */
    char id[24];                       /* by which Gitea deletes it */
} prv_token;
void prv_token_finish(prv_token *token);
static inline void prv_token_cleanup(prv_token *token)
{
    prv_token_finish(token);
}

/* "." and "..": as part of an address they mean another one, so that nobody could withdraw the token. */
bool prv_token_is_unreachable(const char *name);
/* A token as Gitea lists it. One that is unreachable had ended the day before it was made. Without a date in its name it ends
 * PRV_TOKEN_DAYS after it was made, and with one PRV_TOKEN_DAYS_MAX after that at the latest. CAT_E_PROTOCOL when Gitea does not
 * say when it was made. */
int prv_token_read(const json_t *listed, prv_token *token, cat_error *error);
/* The name for Gitea; the caller's. */
char *prv_token_label(const char *name, const char *last_day);
/* `wish` NULL: PRV_TOKEN_DAYS from now. CAT_E_INVALID for what is no date, is past, or is too far away. */
int prv_token_choose_day(const char *wish, int64_t now_ms, char last_day[PRV_TOKEN_DATE_MAX], cat_error *error);

#endif
