#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/test.h"
#include "nats_fixture.h"
#include "svc/lease.h"
#include "svc/spine_layout.h"

#define PARTITIONS 16

static nats_fixture *nats;
static cat_spine *spine;

/* A replica whose clock the test moves: one that stands still does not beat, like a process that hangs. */
typedef struct {
    cat_clock_fake clock;
    cat_leases *leases;
    pthread_mutex_t lock;
    bool working[PARTITIONS];
    _Atomic int gained, lost;
} replica;

static void on_gained(void *context, unsigned partition)
{
    replica *self = context;
    pthread_mutex_lock(&self->lock);
    self->working[partition] = true;
    self->gained++;
    pthread_mutex_unlock(&self->lock);
}

static void on_lost(void *context, unsigned partition)
{
    replica *self = context;
    pthread_mutex_lock(&self->lock);
    self->working[partition] = false;
    self->lost++;
    pthread_mutex_unlock(&self->lock);
}

static bool start(replica *self, const char *service, const char *instance)
{
    memset(self, 0, sizeof(*self));
    cat_clock_fake_init(&self->clock, 1700000000000);
    pthread_mutex_init(&self->lock, NULL);
    cat_lease_options options = {.spine = spine,
                                 .service = service,
                                 .instance = instance,
                                 .partitions = PARTITIONS,
                                 .clock = &self->clock.clock,
                                 .on_gained = on_gained,
                                 .on_lost = on_lost,
                                 .context = self};
    cat_error error = {0};
    if (cat_leases_start(&options, &self->leases, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return self->leases != NULL;
}

static int works_on(replica *self)
{
    int count = 0;
    pthread_mutex_lock(&self->lock);
    for (int n = 0; n < PARTITIONS; n++)
        count += self->working[n];
    pthread_mutex_unlock(&self->lock);
    return count;
}

static int holds(replica *self)
{
    int count = 0;
    for (unsigned n = 0; n < PARTITIONS; n++)
        count += cat_leases_holds(self->leases, n);
    return count;
}

/* Lets time pass for those replicas that live until each works on its share. */
static bool settles(replica *const *alive, size_t count, const int *shares)
{
    for (int i = 0; i < 800; i++) {
        bool settled = true;
        for (size_t n = 0; n < count; n++)
            settled = settled && works_on(alive[n]) == shares[n];
        if (settled)
            return true;
        for (size_t n = 0; n < count; n++)
            cat_clock_fake_advance(&alive[n]->clock, 50);
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return false;
}

/* Asked of the first before and after: what moved meanwhile was held by one at a time. */
static bool overlap(replica *a, replica *b)
{
    bool both = false;
    for (unsigned n = 0; n < PARTITIONS; n++) {
        int gained = a->gained;
        bool first = cat_leases_holds(a->leases, n), second = cat_leases_holds(b->leases, n);
        both = both || (first && second && cat_leases_holds(a->leases, n) && a->gained == gained);
    }
    return both;
}

TEST("two replicas share the partitions, a third gets its part, and what one gives back at its end the others take")
{
    replica a, b, c;
    REQUIRE(start(&a, "sharing", "a"));
    EXPECT(settles((replica *[]){&a}, 1, (int[]){PARTITIONS}));
    REQUIRE(start(&b, "sharing", "b.with/odd name"));
    EXPECT(settles((replica *[]){&a, &b}, 2, (int[]){8, 8}));
    EXPECT(!overlap(&a, &b));
    REQUIRE(start(&c, "sharing", "c"));
    EXPECT(settles((replica *[]){&a, &b, &c}, 3, (int[]){6, 6, 4}));
    EXPECT(!overlap(&a, &b) && !overlap(&b, &c) && !overlap(&a, &c));
    cat_leases_stop(a.leases);
    EXPECT_INT(works_on(&a), 0);
    EXPECT_INT(a.gained, a.lost);
    EXPECT(settles((replica *[]){&b, &c}, 2, (int[]){8, 8}));
    EXPECT(!overlap(&b, &c));
    cat_leases_stop(b.leases);
    EXPECT(settles((replica *[]){&c}, 1, (int[]){PARTITIONS}));
    cat_leases_stop(c.leases);
}

TEST("a replica that hangs loses all to the other, knows it when it wakes, and shares again")
{
    replica a, b;
    REQUIRE(start(&a, "hanging", "a"));
    REQUIRE(start(&b, "hanging", "b"));
    REQUIRE(settles((replica *[]){&a, &b}, 2, (int[]){8, 8}));
    /* a's clock stands still. */
    EXPECT(settles((replica *[]){&b}, 1, (int[]){PARTITIONS}));
    cat_clock_fake_advance(&a.clock, 11000);
    EXPECT_INT(holds(&a), 0);
    EXPECT(!overlap(&a, &b));
    EXPECT(settles((replica *[]){&a, &b}, 2, (int[]){8, 8}));
    EXPECT(!overlap(&a, &b));
    cat_leases_stop(a.leases);
    cat_leases_stop(b.leases);
}

TEST("a replica that cannot renew stops after eight seconds, before another may start")
{
    replica a;
    REQUIRE(start(&a, "lonely", "a"));
    REQUIRE(settles((replica *[]){&a}, 1, (int[]){PARTITIONS}));
    nats_fixture_kill(nats);
    while (cat_spine_is_connected(spine))
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    cat_clock_fake_advance(&a.clock, 5000);
    EXPECT(holds(&a) == PARTITIONS);
    cat_clock_fake_advance(&a.clock, 3000);
    EXPECT_INT(holds(&a), 0);
    for (int i = 0; i < 200 && works_on(&a) > 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    EXPECT_INT(works_on(&a), 0);
    nats_fixture_restart(nats);
    EXPECT(settles((replica *[]){&a}, 1, (int[]){PARTITIONS}));
    cat_leases_stop(a.leases);
}

TEST("a replica that starts again under its name takes what it had at once")
{
    replica a;
    REQUIRE(start(&a, "again", "a"));
    REQUIRE(settles((replica *[]){&a}, 1, (int[]){PARTITIONS}));
    /* The first one is left standing, as if it had been killed. */
    replica second;
    REQUIRE(start(&second, "again", "a"));
    for (int i = 0; i < 200 && works_on(&second) < PARTITIONS; i++)
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    EXPECT_INT(works_on(&second), PARTITIONS);
    for (int i = 0; i < 200 && works_on(&a) > 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    EXPECT_INT(works_on(&a), 0);
    /* However long both live, the older one stays away. */
    EXPECT(settles((replica *[]){&a, &second}, 2, (int[]){0, PARTITIONS}));
    for (int i = 0; i < 30; i++) {
        cat_clock_fake_advance(&a.clock, 1000);
        cat_clock_fake_advance(&second.clock, 1000);
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    EXPECT_INT(holds(&a), 0);
    EXPECT_INT(works_on(&second), PARTITIONS);
    cat_leases_stop(a.leases);
    EXPECT_INT(holds(&second), PARTITIONS);
    cat_leases_stop(second.leases);
}

TEST("partitions of Organizations are spread, and the same everywhere")
{
    unsigned counts[8] = {0};
    for (int i = 0; i < 800; i++) {
        char name[32];
        snprintf(name, sizeof(name), "org-%d", i);
        unsigned partition = cat_lease_partition_of(name, 8);
        REQUIRE(partition < 8);
        counts[partition]++;
    }
    for (int n = 0; n < 8; n++)
        EXPECT(counts[n] > 50 && counts[n] < 150);
    EXPECT_INT(cat_lease_partition_of("acme", 64), cat_lease_partition_of("acme", 64));
}

int main(int argc, char **argv)
{
    nats = nats_fixture_start(NULL);
    spine = nats_fixture_connect(nats, NULL);
    int result = cat_layout_ensure_bucket(spine, "catalyst-leases", NULL) < 0 ? 1 : cat_test_main(argc, argv);
    cat_spine_destroy(spine);
    nats_fixture_stop(nats);
    return result;
}
