#include "quota.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "wire/digest.h"

#define TRIES 12

static void id_of(const char *kind, const char *name, char id[CAT_SHA256_HEX])
{
    cat_autofree char *text = cat_printf("%s\n%s", kind, name);
    cat_sha256_hex(text, strlen(text), id);
}

/* What is counted. `most` NULL: there is no cap; `refused`: as a refused write. */
typedef struct {
    const char *id;
    const prv_quota_amount *most, *more;
    bool refused;
} counted;

/* `*after` (may be NULL) is what is kept then. Of two that count at once one is first. */
static int count(prv_context *context, const counted *what, json_t **after, int64_t *free_at_ms, cat_error *error)
{
    for (unsigned i = 0; i < TRIES; i++) {
        cat_autojson json_t *kept = NULL;
        uint64_t revision = 0;
        cat_error failed = {0};
        int code = prv_store_get(&context->store, "quota", what->id, &kept, &revision, &failed);
        if (code < 0 && code != CAT_E_NOT_FOUND)
            return cat_error_copy(error, &failed);
        int64_t now = prv_now_ms();
        if (what->most && !prv_quota_allows(kept, now, what->most, what->more, free_at_ms))
            return CAT_E_LIMIT;
        cat_autojson json_t *next = prv_quota_add(kept, now, what->more, what->refused);
        code = prv_store_put(&context->store, "quota", what->id, next, kept ? (int64_t)revision : 0, NULL, &failed);
        if (code == 0 && after)
            *after = json_incref(next);
        if (code != CAT_E_CONFLICT)
            return code < 0 ? cat_error_copy(error, &failed) : 0;
        cat_clock_system()->sleep_ms(cat_clock_system(), cat_backoff_ms(i, 2, 50));
    }
    return cat_error_set(error, CAT_E_UNAVAILABLE, "too much is being asked for at once: ask again");
}

static int over(const char *whose, const prv_quota_amount *most, int64_t free_at_ms, int64_t *wait_ms, cat_error *error)
{
    char when[CAT_TIME_TEXT_MAX];
    cat_time_format(free_at_ms, when);
    int64_t wait = free_at_ms - prv_now_ms();
    *wait_ms = wait > 1000 ? wait : 1000;
    return cat_error_set_class(
        error, CAT_E_LIMIT, CAT_CLASS_WAITING,
        "%s up what may be written within a day (%lld requests, %lld MiB of plans): there is room again from %s; "
        "apply what is planned already, or ask the Sovereign's people for more",
        whose, (long long)most->records, (long long)(most->bytes >> 20), when);
}

int prv_quota_take(prv_context *context, const char *organization, const char *person, const prv_quota_amount *more,
                   int64_t *wait_ms, cat_error *error)
{
    const prv_config *config = context->config;
    const prv_quota_amount of_person = {config->limits.person_requests, (int64_t)config->limits.person_mib << 20};
    const prv_quota_amount of_all = {config->limits.organization_requests, (int64_t)config->limits.organization_mib << 20};
    char id[CAT_SHA256_HEX];
    int64_t free_at_ms = 0;
    id_of("person", person, id);
    int code = count(context, &(counted){id, &of_person, more, false}, NULL, &free_at_ms, error);
    if (code == CAT_E_LIMIT)
        return over("you have used", &of_person, free_at_ms, wait_ms, error);
    if (code < 0 || !organization)
        return code;
    id_of("organization", organization, id);
    code = count(context, &(counted){id, &of_all, more, false}, NULL, &free_at_ms, error);
    return code == CAT_E_LIMIT ? over("the Organization has used", &of_all, free_at_ms, wait_ms, error) : code;
}

int64_t prv_quota_count_refused(prv_context *context, const char *person)
{
    char id[CAT_SHA256_HEX];
    cat_autojson json_t *after = NULL;
    id_of("person", person, id);
    if (count(context, &(counted){id, NULL, &(prv_quota_amount){0}, true}, &after, &(int64_t){0}, NULL) < 0)
        return 1;
    return prv_quota_refused(after, prv_now_ms());
}
