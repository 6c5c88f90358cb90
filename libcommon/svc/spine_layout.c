#include "svc/spine_layout.h"

#include <string.h>

#include "wire/subjects.h"

#define KIB(n) (INT64_C(1024) * (n))
#define MIB(n) (KIB(1024) * (n))
#define GIB(n) (MIB(1024) * (n))
#define HOURS(n) (INT64_C(3600000) * (n))
/* An event's object of 256 KiB, its envelope, and room. */
#define EVENT_MAX_BYTES KIB(384)
/* A watch can be resumed for so long after it broke. */
#define MARKER_TTL_MS HOURS(24)

/* The control plane's account: 3.3 GiB in all, so an account of 4 GiB holds it. The ledger may never be forgotten, and refuses
 * new messages when it is full. The audit is kept by time: full, it gives up its oldest records, which environment-controller has
 * put into Git long before (archive.c), so that nobody's writes wait for it. */
static const cat_stream_config STREAMS[] = {
    {.name = "catalyst-events",
     .description = "What services tell each other",
     .subjects = {
#include "catalyst-events_subjects.inc"
     },
     .max_bytes = MIB(256),
     .max_message_bytes = EVENT_MAX_BYTES,
     .allow_direct = true},
    {.name = "catalyst-audit",
     .description = "Who did what; refuses deletion and purge, and gives up the oldest, which are archived",
     .subjects = {"catalyst.audit.>"},
     .max_bytes = GIB(1),
     .max_age_ms = HOURS(24 * 90),
     .max_message_bytes = KIB(64),
     .deny_delete = true,
     .deny_purge = true,
     .allow_direct = true},
    {.name = "billing-ledger",
     .description = "What was used; refuses deletion and purge",
     .subjects = {
#include "billing-ledger_subjects.inc"
     },
     .max_bytes = MIB(512),
     .max_message_bytes = KIB(64),
     .discard_new = true,
     .deny_delete = true,
     .deny_purge = true,
     .allow_direct = true,
     .allow_atomic = true},
    {.name = "provisioning-work",
     .description = "Operations that wait to be carried out",
     .subjects = {"catalyst.command.provisioning.>"},
     .max_bytes = MIB(64),
     .max_message_bytes = KIB(512),
     .work_queue = true,
     .discard_new = true},
};

static const cat_bucket_config BUCKETS[] = {
    {.bucket = "catalyst-state",
     .description = "Rows without an Environment",
     .max_bytes = MIB(64),
     .marker_ttl_ms = MARKER_TTL_MS,
     .allow_atomic = true},
    {.bucket = "catalyst-blueprints",
     .description = "Registered and rejected Blueprint versions",
     .max_bytes = MIB(128),
     .marker_ttl_ms = MARKER_TTL_MS,
     .allow_atomic = true},
    {.bucket = "catalyst-catalog",
     .description = "What the catalog shows",
     .max_bytes = MIB(128),
     .marker_ttl_ms = MARKER_TTL_MS,
     .allow_atomic = true},
    {.bucket = "catalyst-informers", .description = "Epochs of informers", .max_bytes = MIB(8), .marker_ttl_ms = MARKER_TTL_MS},
    {.bucket = "catalyst-plans", .description = "Plans, for a day", .max_bytes = GIB(1), .ttl_ms = HOURS(24)},
    {.bucket = "catalyst-meters",
     .description = "What billing has counted and not recorded yet",
     .max_bytes = MIB(64),
     .marker_ttl_ms = MARKER_TTL_MS},
    {.bucket = "catalyst-people",
     .description = "Who is in which group now",
     .max_bytes = MIB(32),
     .marker_ttl_ms = MARKER_TTL_MS},
    {.bucket = "catalyst-leases", .description = "Who works on what", .max_bytes = MIB(8), .marker_ttl_ms = HOURS(1)},
};

/* Of each plan: environments × (bucket + stream) + dead letters ≤ 90 % of the disk. */
static const struct {
    const char *name;
    cat_layout_plan plan;
} PLANS[] = {
    {"small",
     {.disk_bytes = GIB(1),
      .bucket_bytes = MIB(64),
      .stream_bytes = MIB(112),
      .dead_letter_bytes = MIB(32),
      .environments = 5,
      .connections = 32,
      .consumers_per_stream = 16}},
    {"medium",
     {.disk_bytes = GIB(4),
      .bucket_bytes = MIB(256),
      .stream_bytes = MIB(448),
      .dead_letter_bytes = MIB(128),
      .environments = 5,
      .connections = 64,
      .consumers_per_stream = 24}},
    {"large",
     {.disk_bytes = GIB(16),
      .bucket_bytes = GIB(1),
      .stream_bytes = MIB(1856),
      .dead_letter_bytes = MIB(256),
      .environments = 5,
      .connections = 128,
      .consumers_per_stream = 32}},
};

int cat_layout_ensure_stream(cat_spine *spine, const char *name, cat_error *error)
{
    for (size_t i = 0; i < sizeof(STREAMS) / sizeof(STREAMS[0]); i++) {
        if (strcmp(STREAMS[i].name, name) == 0)
            return cat_stream_ensure(spine, &STREAMS[i], error);
    }
    return cat_error_set(error, CAT_E_INTERNAL, "the layout has no stream %s", name);
}

int cat_layout_ensure_bucket(cat_spine *spine, const char *name, cat_error *error)
{
    for (size_t i = 0; i < sizeof(BUCKETS) / sizeof(BUCKETS[0]); i++) {
        if (strcmp(BUCKETS[i].bucket, name) == 0)
            return cat_bucket_ensure(spine, &BUCKETS[i], error);
    }
    return cat_error_set(error, CAT_E_INTERNAL, "the layout has no bucket %s", name);
}

int cat_layout_ensure_all(cat_spine *spine, cat_error *error)
{
    int result = 0;
    for (size_t i = 0; i < sizeof(STREAMS) / sizeof(STREAMS[0]) && result == 0; i++)
        result = cat_stream_ensure(spine, &STREAMS[i], error);
    for (size_t i = 0; i < sizeof(BUCKETS) / sizeof(BUCKETS[0]) && result == 0; i++)
        result = cat_bucket_ensure(spine, &BUCKETS[i], error);
    return result;
}

const cat_layout_plan *cat_layout_plan_find(const char *plan)
{
    for (size_t i = 0; i < sizeof(PLANS) / sizeof(PLANS[0]); i++) {
        if (plan && strcmp(PLANS[i].name, plan) == 0)
            return &PLANS[i].plan;
    }
    return &PLANS[0].plan;
}

int cat_layout_ensure_environment(cat_spine *organization_spine, const char *environment, const cat_layout_plan *plan,
                                  cat_error *error)
{
    char bucket[CAT_SUBJECT_MAX], stream[CAT_SUBJECT_MAX], subjects[CAT_SUBJECT_MAX + 8] = "ws.";
    cat_bucket_of_environment(environment, bucket, sizeof(bucket));
    cat_stream_of_environment(environment, stream, sizeof(stream));
    strncat(subjects, environment, CAT_SUBJECT_MAX);
    strncat(subjects, ".>", 3);
    /* The bucket first: where the account has room for one of the two alone, events that are folded nowhere are of no use. */
    cat_bucket_config state = {.bucket = bucket,
                               .description = "Rows of an Environment",
                               .max_bytes = plan->bucket_bytes,
                               .marker_ttl_ms = MARKER_TTL_MS,
                               .allow_atomic = true};
    int result = cat_bucket_ensure(organization_spine, &state, error);
    if (result < 0)
        return result;
    cat_stream_config events = {.name = stream,
                                .description = "Every event of an Environment",
                                .subjects = {subjects},
                                .max_bytes = plan->stream_bytes,
                                .max_message_bytes = EVENT_MAX_BYTES,
                                .allow_direct = true};
    return cat_stream_ensure(organization_spine, &events, error);
}

int cat_layout_delete_environment(cat_spine *organization_spine, const char *environment, cat_error *error)
{
    char bucket[CAT_SUBJECT_MAX], stream[CAT_SUBJECT_MAX];
    cat_bucket_of_environment(environment, bucket, sizeof(bucket));
    cat_stream_of_environment(environment, stream, sizeof(stream));
    int result = cat_stream_delete(organization_spine, stream, error);
    return result < 0 ? result : cat_bucket_delete(organization_spine, bucket, error);
}

int cat_layout_ensure_dead_letter(cat_spine *organization_spine, const cat_layout_plan *plan, cat_error *error)
{
    cat_stream_config config = {.name = "ws-dead-letter",
                                .description = "Events that could not be folded, with the reason",
                                .subjects = {"dead-letter.>"},
                                .max_bytes = plan->dead_letter_bytes,
                                .allow_direct = true};
    return cat_stream_ensure(organization_spine, &config, error);
}
