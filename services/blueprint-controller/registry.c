#include "registry.h"

#include <stdlib.h>
#include <string.h>

#include "core/plan_rejection.h"
#include "svc/mirror.h"

#define BUCKET "catalyst-blueprints"
#define FIRST_WAIT_SECONDS 10

struct bpc_registry {
    cat_mirror *mirror;
    json_t *facts, *rejections; /* under the mirror's lock */
};

/* What is kept of a value; `name` is its key without what tells the two kinds apart. */
static void keep(json_t *facts, const char *name, const json_t *value, const char *const *kept)
{
    if (!value) {
        json_object_del(facts, name);
        return;
    }
    json_t *fact = json_object();
    for (; *kept; kept++)
        cat_json_set_text(fact, *kept, cat_json_text(value, *kept));
    json_object_set_new(facts, name, fact);
}

static int take(void *context, const char *key, json_t *value_taken, cat_error *error)
{
    static const char *const REGISTERED[] = {"digest", "commit", "repository", "tag", "moved", "tagGone", NULL};
    static const char *const REJECTED[] = {"source", "version", "repository", "tag", "commit", "foundAt", NULL};
    bpc_registry *registry = context;
    cat_autojson json_t *value = value_taken;
    (void)error;
    if (cat_text_starts_with(key, BPC_REJECTION_PREFIX))
        keep(registry->rejections, key + strlen(BPC_REJECTION_PREFIX), value, REJECTED);
    else if (*key != '_')
        keep(registry->facts, key, value, REGISTERED);
    return 0;
}

static void clear(void *context)
{
    bpc_registry *registry = context;
    json_object_clear(registry->facts);
    json_object_clear(registry->rejections);
}

int bpc_registry_start(cat_spine *spine, bpc_registry **started, cat_error *error)
{
    bpc_registry *registry = cat_calloc(1, sizeof *registry);
    registry->facts = json_object();
    registry->rejections = json_object();
    cat_mirror_options options = {
        .spine = spine, .bucket = BUCKET, .what = "a registered Blueprint", .take = take, .clear = clear, .context = registry};
    int code = cat_mirror_start(&options, &registry->mirror, error);
    if (code == 0 && !cat_mirror_wait(registry->mirror, FIRST_WAIT_SECONDS * 1000))
        code = cat_error_set(error, CAT_E_TIMEOUT, "bucket " BUCKET " could not be read in %d s", FIRST_WAIT_SECONDS);
    if (code < 0)
        bpc_registry_stop(registry);
    else
        *started = registry;
    return code;
}

void bpc_registry_stop(bpc_registry *registry)
{
    if (!registry)
        return;
    cat_mirror_stop(registry->mirror);
    json_decref(registry->facts);
    json_decref(registry->rejections);
    free(registry);
}

json_t *bpc_registry_facts(bpc_registry *registry)
{
    cat_mirror_peek(registry->mirror);
    json_t *facts = json_deep_copy(registry->facts);
    cat_mirror_release(registry->mirror);
    return facts;
}

json_t *bpc_registry_rejections(bpc_registry *registry)
{
    cat_mirror_peek(registry->mirror);
    json_t *rejections = json_deep_copy(registry->rejections);
    cat_mirror_release(registry->mirror);
    return rejections;
}

bool bpc_registry_is_rejected(bpc_registry *registry, const char *key)
{
    cat_mirror_peek(registry->mirror);
    bool rejected = json_object_get(registry->rejections, key) != NULL;
    cat_mirror_release(registry->mirror);
    return rejected;
}

unsigned bpc_registry_incarnation(bpc_registry *registry)
{
    cat_mirror_peek(registry->mirror);
    unsigned incarnation = cat_mirror_incarnation(registry->mirror);
    cat_mirror_release(registry->mirror);
    return incarnation;
}

size_t bpc_registry_count(bpc_registry *registry)
{
    cat_mirror_peek(registry->mirror);
    size_t count = json_object_size(registry->facts);
    cat_mirror_release(registry->mirror);
    return count;
}
