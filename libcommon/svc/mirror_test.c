#include <string.h>

#include "base/test.h"
#include "svc/mirror_internal.h"

/* A mirror that hears from the test what its bucket would tell. */
typedef struct {
    cat_mirror *mirror;
    cat_kv_watch_handlers bucket;
    uint64_t revision;
    int taken, cleared, settled;
    char changed[64], states[64];
} world;

static void on_changed(void *context, const char *key)
{
    world *own = context;
    strcat(strcat(own->changed, key), ",");
}

static void on_state(void *context, bool ready)
{
    strcat(((world *)context)->states, ready ? "read," : "anew,");
}

static bool wants(const char *key)
{
    return key[0] != '_';
}

static int take(void *context, const char *key, json_t *value_taken, cat_error *error)
{
    cat_autojson json_t *value = value_taken;
    ((world *)context)->taken++;
    return value && !json_is_object(value) ? cat_error_set(error, CAT_E_INVALID, "%s is no object", key) : 0;
}

static void clear(void *context)
{
    ((world *)context)->cleared++;
}

static void settle(void *context)
{
    ((world *)context)->settled++;
}

static void begin(world *own, bool own_values)
{
    *own = (world){0};
    own->mirror = cat_mirror_create(&(cat_mirror_options){.bucket = "things",
                                                          .what = "a thing",
                                                          .wants = wants,
                                                          .take = own_values ? take : NULL,
                                                          .clear = clear,
                                                          .settle = settle,
                                                          .on_state = on_state,
                                                          .on_changed = on_changed,
                                                          .context = own});
    own->bucket = cat_mirror_handlers(own->mirror);
}

static void tell(world *own, const char *key, const char *value)
{
    cat_kv_entry entry = {
        .key = (char *)key, .value = (char *)value, .length = value ? strlen(value) : 0, .revision = ++own->revision};
    own->bucket.on_entry(own->bucket.context, &entry);
}

static json_int_t number_of(world *own, const char *key)
{
    json_int_t number = -1;
    uint64_t revision = 0;
    if (cat_mirror_acquire(own->mirror, &revision, NULL) < 0)
        return -2;
    const json_t *value = cat_mirror_get(own->mirror, key);
    if (value)
        number = json_integer_value(value);
    EXPECT_INT(revision, own->revision);
    cat_mirror_release(own->mirror);
    return number;
}

TEST("a mirror gives nothing until all was read, then what was said last, and says what changes")
{
    world own;
    begin(&own, false);
    tell(&own, "a", "1");
    cat_error error = {0};
    EXPECT_INT(cat_mirror_acquire(own.mirror, NULL, &error), CAT_E_UNAVAILABLE);
    EXPECT(!cat_mirror_wait(own.mirror, 0));
    own.bucket.on_ready(own.bucket.context, own.revision);
    EXPECT(cat_mirror_wait(own.mirror, 0));
    EXPECT_INT(number_of(&own, "a"), 1);
    tell(&own, "a", "2");
    tell(&own, "_hidden", "3");
    tell(&own, "b", "{ no JSON");
    EXPECT_INT(number_of(&own, "a"), 2);
    EXPECT_INT(number_of(&own, "_hidden"), -1);
    EXPECT_INT(number_of(&own, "b"), -1);
    tell(&own, "a", NULL);
    EXPECT_INT(number_of(&own, "a"), -1);
    EXPECT_TEXT(own.changed, "a,a,");
    EXPECT_TEXT(own.states, "read,");
    cat_mirror_stop(own.mirror);
}

TEST("a bucket that was made anew is read anew, and nothing of the former one holds")
{
    world own;
    begin(&own, false);
    tell(&own, "a", "1");
    own.bucket.on_ready(own.bucket.context, own.revision);
    EXPECT_INT(cat_mirror_incarnation(own.mirror), 0);
    own.bucket.on_reset(own.bucket.context);
    own.revision = 0;
    EXPECT_INT(number_of(&own, "a"), -2);
    tell(&own, "b", "2");
    own.bucket.on_ready(own.bucket.context, own.revision);
    EXPECT_INT(number_of(&own, "a"), -1);
    EXPECT_INT(number_of(&own, "b"), 2);
    EXPECT_INT(cat_mirror_incarnation(own.mirror), 1);
    EXPECT_INT(own.cleared, 1);
    EXPECT_TEXT(own.states, "read,anew,read,");
    cat_mirror_stop(own.mirror);
}

TEST("who keeps the values is told each, and settles once before somebody reads what changed")
{
    world own;
    begin(&own, true);
    tell(&own, "a", "{}");
    tell(&own, "b", "1"); /* it does not take that */
    own.bucket.on_ready(own.bucket.context, own.revision);
    for (int i = 0; i < 3; i++)
        EXPECT_INT(number_of(&own, "a"), -1); /* the mirror has none itself */
    EXPECT_INT(own.settled, 1);
    tell(&own, "a", NULL);
    tell(&own, "c", "{}");
    EXPECT_INT(number_of(&own, "a"), -1);
    EXPECT_INT(own.settled, 2);
    EXPECT_INT(own.taken, 4);
    EXPECT_INT(cat_mirror_count(own.mirror), 0);
    EXPECT(cat_mirror_peek(own.mirror));
    cat_mirror_release(own.mirror);
    cat_mirror_stop(own.mirror);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
