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

static const row ROWS[] = {
    /* environment-controller: makes streams, tells of what it made, informs. */
    {KEEPER, C, CALLS, "STREAM.CREATE.*", .why = "makes the control plane's streams and buckets"},
    {KEEPER, C, CALLS, "STREAM.UPDATE.*", .why = "changes them with a new release", .seldom = "only a new release changes them"},
    {KEEPER, C, SEND, "catalyst.environment-controller.>",
     .why = "tells what became of Organizations, Environments, Applications"},
    {KEEPER, C, LOOK, "catalyst-events", .why = "lists again when the projector asks"},
    {KEEPER, C, FOLLOW, "catalyst-events", .filter = "catalyst.projector.*.relist-wanted",
     .why = "lists again when the projector asks"},
    {KEEPER, C, SEND, "$KV.catalyst-leases.environment-controller.>", .why = "shares work among replicas"},
    {KEEPER, C, LOOK, "KV_catalyst-leases", .why = "shares work among replicas"},
    {KEEPER, C, GET, "KV_catalyst-leases", .why = "shares work among replicas",
     .seldom = "only a lease that was given back is looked up"},
    {KEEPER, C, FOLLOW, "KV_catalyst-leases", .filter = "$KV.catalyst-leases.environment-controller.>",
     .why = "shares work among replicas"},
    {KEEPER, C, WORK, "catalyst-audit", .durable = "archive", .why = "puts it into Git", .seldom = "once in five minutes"},
    {KEEPER, C, SEND, "$KV.catalyst-informers.>", .why = "epochs of its informers"},
    {KEEPER, C, GET, "KV_catalyst-informers", .why = "epochs of its informers"},
    {KEEPER, C, SEND, "$KV.catalyst-people.>", .why = "who belongs where"},
    {KEEPER, C, LOOK, "KV_catalyst-people", .why = "who belongs where", .seldom = "only when an Organization goes"},
    {KEEPER, S, SEND, "$SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP", .why = "what the server knows of an Organization's account"},
    {KEEPER, S, SEND, "$SYS.REQ.CLAIMS.UPDATE", .why = "makes, changes and closes Organizations' accounts",
     .seldom = "only when an Organization comes, changes its plan or goes"},
    {KEEPER, O, CALLS, "INFO", .why = "whether the account has what its plan says"},
    {KEEPER, O, CALLS, "STREAM.CREATE.*", .why = "an Environment's stream and bucket"},
    {KEEPER, O, CALLS, "STREAM.UPDATE.*", .why = "changes them with the Organization's plan",
     .seldom = "only another plan or release changes them"},
    {KEEPER, O, CALLS, "STREAM.DELETE.*", .why = "removes an Environment's",
     .seldom = "only when an Environment or Organization goes"},
    {KEEPER, O, CALLS, "STREAM.NAMES", .why = "removes an Organization's", .seldom = "only when an Organization goes"},
    {KEEPER, O, LOOK, "*", .why = "what informers have to publish again", .seldom = "only after a start with events from before"},
    {KEEPER, O, GET, "*", .why = "where the fold is"},
    {KEEPER, O, FOLLOW, "*", .filter = "$KV.>", .why = "rows, for what informers have to publish again",
     .seldom = "only after a start with rows from before"},
    {KEEPER, O, SEND, "ws.*.k8s.>", .why = "objects, as informers see them"},
    {KEEPER, O, SEND, "ws.*.flux.>", .why = "Flux's objects"},
    {KEEPER, O, SEND, "ws.*.crossplane.>", .why = "Crossplane's claims", .seldom = "only where Crossplane is installed"},

    /* projector: folds events into rows. */
    {"projector", C, LOOK, "KV_catalyst-people", .why = "who belongs where"},
    {"projector", C, FOLLOW, "KV_catalyst-people", .filter = "$KV.catalyst-people.>", .why = "who belongs where"},
    {"projector", C, LOOK, "catalyst-events", .why = "folds it"},
    {"projector", C, FOLLOW, "catalyst-events", .why = "folds it"},
    {"projector", C, SEND, "catalyst.projector.>", .why = "tells of pushes, asks informers to list again"},
    {"projector", C, SEND, "$KV.catalyst-state.>", .why = "rows without an Environment"},
    {"projector", C, LOOK, "KV_catalyst-state", .why = "its own rows"},
    {"projector", C, GET, "KV_catalyst-state", .why = "its own rows"},
    {"projector", C, FOLLOW, "KV_catalyst-state", .filter = "$KV.catalyst-state.>", .why = "its own rows"},
    {"projector", C, SEND, "$KV.catalyst-leases.projector.>", .why = "shares work among replicas"},
    {"projector", C, LOOK, "KV_catalyst-leases", .why = "shares work among replicas"},
    {"projector", C, GET, "KV_catalyst-leases", .why = "shares work among replicas",
     .seldom = "only a lease that was given back is looked up"},
    {"projector", C, FOLLOW, "KV_catalyst-leases", .filter = "$KV.catalyst-leases.projector.>",
     .why = "shares work among replicas"},
    {"projector", O, LOOK, "*", .why = "folds Environments"},
    {"projector", O, GET, "*", .why = "its own rows and cursors"},
    {"projector", O, FOLLOW, "*", .why = "folds Environments"},
    {"projector", O, FOLLOW, "*", .filter = "$KV.>", .why = "its own rows"},
    {"projector", O, SEND, "$KV.*.>", .why = "rows of Environments"},
    {"projector", O, SEND, "ws.*.git.*", .why = "pushes and pull requests, from webhooks"},
    {"projector", O, SEND, "ws.*.flux.>", .why = "Flux's notifications, from webhooks",
     .seldom = "only Flux's notification-controller sends them"},
    {"projector", O, SEND, "ws.*.sync.time", .why = "that a time of grace has passed",
     .seldom = "only where a time of grace passes without an event"},
    {"projector", O, SEND, "dead-letter.*", .why = "events that cannot be folded",
     .seldom = "only for an event that cannot be folded"},

    /* provisioning: plans and carries out. */
    {"provisioning", C, LOOK, "KV_catalyst-people", .why = "who belongs where"},
    {"provisioning", C, FOLLOW, "KV_catalyst-people", .filter = "$KV.catalyst-people.>", .why = "who belongs where"},
    {"provisioning", C, LOOK, "provisioning-work", .why = "its own queue"},
    {"provisioning", C, GET, "provisioning-work", .why = "whether an operation is in its queue",
     .seldom = "only a start that finds operations asks"},
    {"provisioning", C, LOOK, "catalyst-events", .why = "waits for it at its start"},
    {"provisioning", C, LOOK, "catalyst-audit", .why = "waits for it at its start"},
    {"provisioning", C, SEND, "catalyst.command.provisioning.>", .why = "its own queue"},
    {"provisioning", C, WORK, "provisioning-work", .durable = "workers", .why = "its own queue"},
    {"provisioning", C, SEND, "catalyst.provisioning.>", .why = "steps of operations without an Environment",
     .seldom = "only while Organizations and Environments are onboarded"},
    {"provisioning", C, SEND, "catalyst.audit.*.provisioning", .why = "who did what"},
    {"provisioning", C, SEND, "$KV.catalyst-plans.>", .why = "plans and operations"},
    {"provisioning", C, LOOK, "KV_catalyst-plans", .why = "plans and operations"},
    {"provisioning", C, GET, "KV_catalyst-plans", .why = "plans and operations"},
    {"provisioning", C, FOLLOW, "KV_catalyst-plans", .filter = "$KV.catalyst-plans.>",
     .why = "operations that a start finds, what people keep"},
    {"provisioning", C, LOOK, "KV_catalyst-blueprints", .why = "plans rest on Blueprints"},
    {"provisioning", C, FOLLOW, "KV_catalyst-blueprints", .filter = "$KV.catalyst-blueprints.>",
     .why = "plans rest on Blueprints"},
    {"provisioning", O, SEND, "ws.*.operation.*", .why = "steps of operations"},
    {"provisioning", O, GET, "*", .why = "whether what it installed runs"},

    /* blueprint-controller: registers versions. */
    {"blueprint-controller", C, LOOK, "catalyst-events", .why = "hears of pushes"},
    {"blueprint-controller", C, FOLLOW, "catalyst-events", .filter = "catalyst.projector.*.push", .why = "hears of pushes"},
    {"blueprint-controller", C, SEND, "$KV.catalyst-leases.blueprint-controller.>", .why = "shares work among replicas"},
    {"blueprint-controller", C, LOOK, "KV_catalyst-leases", .why = "shares work among replicas"},
    {"blueprint-controller", C, GET, "KV_catalyst-leases", .why = "shares work among replicas",
     .seldom = "only a lease that was given back is looked up"},
    {"blueprint-controller", C, FOLLOW, "KV_catalyst-leases", .filter = "$KV.catalyst-leases.blueprint-controller.>",
     .why = "shares work among replicas"},
    {"blueprint-controller", C, SEND, "catalyst.blueprint-controller.>", .why = "tells of registered and rejected versions",
     .seldom = "only when a version is registered or rejected"},
    {"blueprint-controller", C, SEND, "$KV.catalyst-blueprints.>", .why = "registered and rejected versions",
     .seldom = "only when a version is registered or rejected"},
    {"blueprint-controller", C, LOOK, "KV_catalyst-blueprints", .why = "registered and rejected versions"},
    {"blueprint-controller", C, GET, "KV_catalyst-blueprints", .why = "registered and rejected versions",
     .seldom = "only when a version is registered or rejected"},
    {"blueprint-controller", C, FOLLOW, "KV_catalyst-blueprints", .filter = "$KV.catalyst-blueprints.>",
     .why = "registered and rejected versions"},
    {"blueprint-controller", C, FOLLOW, "KV_catalyst-state", .filter = "$KV.catalyst-state.organization.>",
     .why = "which Organizations may have Blueprints"},

    /* catalog-svc: what may be installed. */
    {"catalog-svc", C, LOOK, "KV_catalyst-people", .why = "who belongs where"},
    {"catalog-svc", C, FOLLOW, "KV_catalyst-people", .filter = "$KV.catalyst-people.>", .why = "who belongs where"},
    {"catalog-svc", C, LOOK, "KV_catalyst-blueprints", .why = "what is registered"},
    {"catalog-svc", C, FOLLOW, "KV_catalyst-blueprints", .filter = "$KV.catalyst-blueprints.>", .why = "what is registered"},
    {"catalog-svc", C, SEND, "$KV.catalyst-catalog.>", .why = "what the catalog shows",
     .seldom = "only when what is registered changes"},
    {"catalog-svc", C, LOOK, "KV_catalyst-catalog", .why = "what the catalog shows"},
    {"catalog-svc", C, GET, "KV_catalyst-catalog", .why = "what the catalog shows"},
    {"catalog-svc", C, FOLLOW, "KV_catalyst-catalog", .filter = "$KV.catalyst-catalog.>", .why = "what the catalog shows"},

    /* billing: meters. */
    {"billing", C, LOOK, "KV_catalyst-people", .why = "who belongs where"},
    {"billing", C, FOLLOW, "KV_catalyst-people", .filter = "$KV.catalyst-people.>", .why = "who belongs where"},
    {"billing", C, LOOK, "billing-ledger", .why = "its ledger"},
    {"billing", C, FOLLOW, "billing-ledger", .why = "its ledger"},
    {"billing", C, SEND, "catalyst.billing.>", .why = "its ledger", .seldom = "once an hour"},
    {"billing", C, SEND, "$KV.catalyst-meters.>", .why = "what it has counted"},
    {"billing", C, LOOK, "KV_catalyst-meters", .why = "what it has counted"},
    {"billing", C, GET, "KV_catalyst-meters", .why = "what it has counted"},
    {"billing", C, GET, "KV_catalyst-state", .why = "which Environments there are",
     .seldom = "only when one that it meters is not in the list any more"},
    {"billing", C, FOLLOW, "KV_catalyst-state", .filter = "$KV.catalyst-state.environment.>",
     .why = "which Environments there are"},
    {"billing", C, SEND, "$KV.catalyst-leases.billing.>", .why = "shares work among replicas"},
    {"billing", C, LOOK, "KV_catalyst-leases", .why = "shares work among replicas"},
    {"billing", C, GET, "KV_catalyst-leases", .why = "shares work among replicas",
     .seldom = "only a lease that was given back is looked up"},
    {"billing", C, FOLLOW, "KV_catalyst-leases", .filter = "$KV.catalyst-leases.billing.>", .why = "shares work among replicas"},
    {"billing", O, LOOK, "*", .why = "what Applications ask for"},
    {"billing", O, GET, "*", .why = "where the fold is", .seldom = "only when it begins with an Environment"},
    {"billing", O, FOLLOW, "*", .why = "what Applications ask for"},
    {"billing", O, FOLLOW, "*", .filter = "$KV.*.pod.>", .why = "what was there when it began",
     .seldom = "only when it begins with an Environment"},
    {"billing", O, FOLLOW, "*", .filter = "$KV.*.persistentvolumeclaim.>", .why = "what was there when it began",
     .seldom = "only when it begins with an Environment"},
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
