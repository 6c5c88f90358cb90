#include "domain/spine_rights.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "wire/digest.h"

#define KEEPER "environment-controller"
#define CALL "$JS.API."

typedef enum {
    SEND,   /* publish on `name` */
    CALLS,  /* one call of JetStream's API, `name` behind $JS.API. */
    LOOK,   /* a stream's state */
    GET,    /* the last message of a subject of a stream */
    FOLLOW, /* a stream by consumers of its own, all of it or what `filter` says */
    WORK    /* a stream by the durable consumer `durable`, with acknowledgements */
} act;

typedef struct {
    const char *service;
    cat_spine_account_kind account;
    act act;
    const char *name, *durable, *filter, *why, *seldom;
} row;

#define C CAT_SPINE_CATALYST
#define O CAT_SPINE_ORGANIZATION
#define S CAT_SPINE_SYSTEM

/* Of each service of services/table its folder's spine_rights.inc; OF is its name. */
static const row ROWS[] = {
#include "spine_rights_rows.inc"
};
#undef C
#undef O
#undef S

#define ROW_COUNT (sizeof(ROWS) / sizeof(ROWS[0]))

static const char ENDS_BY_ITSELF[] = "only when it ends before the server forgets it";
static const char ASKED_WHEN_SILENT[] = "only asked when nobody answers a pull";

const char *cat_spine_account_name(cat_spine_account_kind kind)
{
    static const char *const NAMES[] = {
        [CAT_SPINE_CATALYST] = "CATALYST", [CAT_SPINE_ORGANIZATION] = "{org}", [CAT_SPINE_SYSTEM] = "SYS"};
    return NAMES[kind];
}

void cat_spine_inbox_of(const char *user, char inbox[CAT_SPINE_INBOX_MAX])
{
    snprintf(inbox, CAT_SPINE_INBOX_MAX, "_INBOX.%.48s", user);
}

bool cat_spine_makes_streams(const char *service)
{
    return strcmp(service, KEEPER) == 0;
}

typedef struct {
    void (*each)(void *context, const cat_spine_right *right);
    void *context;
    const row *from;
} telling;

static void tell(const telling *to, const char *seldom, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void tell(const telling *to, const char *seldom, const char *format, ...)
{
    char subject[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(subject, sizeof(subject), format, arguments);
    va_end(arguments);
    cat_spine_right right = {.service = to->from->service,
                             .account = to->from->account,
                             .subject = subject,
                             .why = to->from->why,
                             .seldom = to->from->seldom ? to->from->seldom : seldom};
    to->each(to->context, &right);
}

/* The filter stands in the subject of the call, where the server checks that the body says the same. */
static void tell_consumer(const telling *to, const char *consumer)
{
    const char *stream = to->from->name, *filter = to->from->filter;
    tell(to, NULL, CALL "CONSUMER.CREATE.%s.%s%s%s", stream, consumer, filter ? "." : "", filter ? filter : "");
}

static void tell_pulling(const telling *to, const char *consumer)
{
    const char *stream = to->from->name;
    tell(to, NULL, CALL "CONSUMER.MSG.NEXT.%s.%s", stream, consumer);
    tell(to, ASKED_WHEN_SILENT, CALL "CONSUMER.INFO.%s.%s", stream, consumer);
}

static void tell_row(const telling *to)
{
    const row *from = to->from;
    switch (from->act) {
    case SEND:
        tell(to, NULL, "%s", from->name);
        break;
    case CALLS:
        tell(to, NULL, CALL "%s", from->name);
        break;
    case LOOK:
        tell(to, NULL, CALL "STREAM.INFO.%s", from->name);
        break;
    case GET:
        tell(to, NULL, CALL "STREAM.MSG.GET.%s", from->name);
        break;
    case FOLLOW:
        tell_consumer(to, "*");
        tell_pulling(to, "*");
        tell(to, ENDS_BY_ITSELF, CALL "CONSUMER.DELETE.%s.*", from->name);
        break;
    case WORK:
        tell_consumer(to, from->durable);
        tell_pulling(to, from->durable);
        tell(to, NULL, "$JS.ACK.%s.%s.>", from->name, from->durable);
        break;
    }
}

/* Two rows may need the same: told once. */
typedef struct {
    cat_strings told;
    void (*each)(void *context, const cat_spine_right *right);
    void *context;
} once;

static void tell_once(void *context, const cat_spine_right *right)
{
    once *only = context;
    cat_autofree char *key = cat_printf("%s %d %d %s", right->service, (int)right->account, right->subscribe, right->subject);
    if (cat_strings_has(&only->told, key))
        return;
    cat_strings_add(&only->told, key);
    only->each(only->context, right);
}

/* A user's own inbox: answers come there, and whoever waits on it is woken by itself. */
static void tell_inbox(once *only, const row *from)
{
    char inbox[CAT_SPINE_INBOX_MAX];
    cat_spine_inbox_of(from->service, inbox);
    cat_autofree char *subject = cat_printf("%s.>", inbox);
    cat_spine_right right = {
        .service = from->service, .account = from->account, .subscribe = true, .subject = subject, .why = "answers to it"};
    tell_once(only, &right);
    right.subscribe = false;
    right.why = "wakes itself after a new connection";
    right.seldom = "only after a new connection";
    tell_once(only, &right);
}

void cat_spine_rights_each(void (*each)(void *context, const cat_spine_right *right), void *context)
{
    once only = {.each = each, .context = context};
    for (size_t i = 0; i < ROW_COUNT; i++) {
        telling to = {tell_once, &only, &ROWS[i]};
        tell_row(&to);
        tell_inbox(&only, &ROWS[i]);
    }
    cat_strings_finish(&only.told);
}

typedef struct {
    const char *service;
    cat_spine_account_kind account;
    cat_strings *publish, *subscribe;
    bool found;
} gathering;

static void gather(void *context, const cat_spine_right *right)
{
    gathering *to = context;
    if (right->account != to->account || strcmp(right->service, to->service) != 0)
        return;
    to->found = true;
    cat_strings_add(right->subscribe ? to->subscribe : to->publish, right->subject);
}

bool cat_spine_rights_of(const char *service, cat_spine_account_kind account, cat_strings *publish, cat_strings *subscribe)
{
    gathering to = {service, account, publish, subscribe, false};
    cat_spine_rights_each(gather, &to);
    return to.found;
}

void cat_spine_rights_digest(const char *service, cat_spine_account_kind account, char digest[65])
{
    cat_auto(cat_strings) publish = {0}, subscribe = {0};
    cat_spine_rights_of(service, account, &publish, &subscribe);
    cat_auto(cat_string) text = CAT_STRING(1 << 20);
    for (size_t i = 0; i < publish.count; i++)
        cat_string_appendf(&text, "publish %s\n", publish.items[i]);
    for (size_t i = 0; i < subscribe.count; i++)
        cat_string_appendf(&text, "subscribe %s\n", subscribe.items[i]);
    cat_sha256_hex(cat_string_get(&text), text.length, digest);
}
