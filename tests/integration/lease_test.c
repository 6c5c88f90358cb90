#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/test.h"
#include "nats_fixture.h"
#include "svc/lease.h"
#include "svc/spine_layout.h"

#define KEYS 16

static nats_fixture *nats;
static cat_spine *spine;

/* A replica whose clock the test moves: one that stands still does not beat, like a process that hangs. `slow`: its callbacks do
 * not return. */
typedef struct {
    cat_clock_fake clock;
    cat_leases *leases;
    pthread_mutex_t lock;
    bool working[KEYS];
    _Atomic int gained, lost;
    _Atomic bool slow;
} replica;

/* How many work on each key, whoever they are, and how often somebody began while another had not stopped. */
static _Atomic int workers[KEYS], overlaps;

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static void take_time(replica *self)
{
    while (self->slow)
        pause_ms(5);
}

static int number_of(const char *key)
{
    return atoi(key + strlen("org-"));
}

static void on_gained(void *context, const char *key)
{
    replica *self = context;
    int number = number_of(key);
    pthread_mutex_lock(&self->lock);
    self->working[number] = true;
    self->gained++;
    overlaps += workers[number]++ > 0;
    pthread_mutex_unlock(&self->lock);
    take_time(self);
}

static void on_lost(void *context, const char *key)
{
    replica *self = context;
    take_time(self);
    pthread_mutex_lock(&self->lock);
    self->working[number_of(key)] = false;
    self->lost++;
    workers[number_of(key)]--;
    pthread_mutex_unlock(&self->lock);
}

static void know(replica *self)
{
    cat_auto(cat_strings) keys = {0};
    for (int i = 0; i < KEYS; i++)
        cat_strings_addf(&keys, "org-%d", i);
    if (self->leases)
        cat_leases_know(self->leases, &keys);
}

static bool start_as(replica *self, const char *service, const char *instance, bool slow)
{
    memset(self, 0, sizeof(*self));
    self->slow = slow;
    cat_clock_fake_init(&self->clock, 1700000000000);
    pthread_mutex_init(&self->lock, NULL);
    cat_lease_options options = {.spine = spine,
                                 .service = service,
                                 .instance = instance,
                                 .clock = &self->clock.clock,
                                 .on_gained = on_gained,
                                 .on_lost = on_lost,
                                 .context = self};
    cat_error error = {0};
    if (cat_leases_start(&options, &self->leases, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    know(self);
    return self->leases != NULL;
}

static bool start(replica *self, const char *service, const char *instance)
{
    return start_as(self, service, instance, false);
}

static void end(replica *self)
{
    cat_leases_stop(self->leases);
    cat_leases_destroy(cat_take(self->leases));
}

static int works_on(replica *self)
{
    int count = 0;
    pthread_mutex_lock(&self->lock);
    for (int n = 0; n < KEYS; n++)
        count += self->working[n];
    pthread_mutex_unlock(&self->lock);
    return count;
}

static int holds(replica *self)
{
    int count = 0;
    for (int n = 0; n < KEYS; n++) {
        char key[32];
        snprintf(key, sizeof key, "org-%d", n);
        count += cat_leases_holds(self->leases, key);
    }
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
        pause_ms(20);
    }
    return false;
}

TEST("two replicas share the keys, a third gets its part, and what one gives back at its end the others take")
{
    replica a, b, c;
    REQUIRE(start(&a, "sharing", "a"));
    EXPECT(settles((replica *[]){&a}, 1, (int[]){KEYS}));
    REQUIRE(start(&b, "sharing", "b.with/odd name"));
    EXPECT(settles((replica *[]){&a, &b}, 2, (int[]){8, 8}));
    EXPECT_INT(overlaps, 0);
    REQUIRE(start(&c, "sharing", "c"));
    EXPECT(settles((replica *[]){&a, &b, &c}, 3, (int[]){6, 5, 5}));
    EXPECT_INT(overlaps, 0);
    end(&a);
    EXPECT_INT(works_on(&a), 0);
    EXPECT_INT(a.gained, a.lost);
    EXPECT(settles((replica *[]){&b, &c}, 2, (int[]){8, 8}));
    EXPECT_INT(overlaps, 0);
    end(&b);
    EXPECT(settles((replica *[]){&c}, 1, (int[]){KEYS}));
    end(&c);
}

TEST("a replica that hangs loses all to the other, knows it when it wakes, and shares again")
{
    replica a, b;
    REQUIRE(start(&a, "hanging", "a"));
    REQUIRE(start(&b, "hanging", "b"));
    REQUIRE(settles((replica *[]){&a, &b}, 2, (int[]){8, 8}));
    /* a's clock stands still. */
    EXPECT(settles((replica *[]){&b}, 1, (int[]){KEYS}));
    overlaps = 0; /* b had to take what a did not know that it lost */
    cat_clock_fake_advance(&a.clock, 11000);
    EXPECT_INT(holds(&a), 0);
    /* That nobody was heard of meanwhile is a's own doing: it renews and looks, and takes what b gives it, nothing else. */
    pause_ms(1000);
    EXPECT_INT(overlaps, 0);
    EXPECT(settles((replica *[]){&a, &b}, 2, (int[]){8, 8}));
    EXPECT_INT(overlaps, 0);
    end(&a);
    end(&b);
}

TEST("what another claimed while a replica was busy with its own claims stays the other's")
{
    replica a, b;
    REQUIRE(start_as(&a, "racing", "a", true));
    for (int i = 0; i < 200 && works_on(&a) == 0; i++)
        pause_ms(20);
    REQUIRE(works_on(&a) == 1);
    /* a has decided to take all, as it was alone, and is at its first. */
    REQUIRE(start(&b, "racing", "b"));
    for (int i = 0; i < 200 && works_on(&b) < 8; i++)
        pause_ms(20);
    EXPECT_INT(works_on(&b), 8);
    pause_ms(300); /* a's watch has seen it */
    a.slow = false;
    EXPECT(settles((replica *[]){&a, &b}, 2, (int[]){8, 8}));
    EXPECT_INT(b.lost, 0);
    EXPECT_INT(overlaps, 0);
    end(&a);
    end(&b);
}

static void *stop_in_thread(void *argument)
{
    end(argument);
    return NULL;
}

TEST("a replica that takes long to stop its work keeps what it still works on until it has stopped")
{
    replica a, b;
    REQUIRE(start(&a, "leaving", "a"));
    REQUIRE(start(&b, "leaving", "b"));
    REQUIRE(settles((replica *[]){&a, &b}, 2, (int[]){8, 8}));
    a.slow = true;
    pthread_t stopping;
    REQUIRE(pthread_create(&stopping, NULL, stop_in_thread, &a) == 0);
    int gained = b.gained;
    /* Fifteen seconds of both clocks, longer than a dead one would be waited for. */
    for (int i = 0; i < 300; i++) {
        cat_clock_fake_advance(&a.clock, 50);
        cat_clock_fake_advance(&b.clock, 50);
        pause_ms(20);
    }
    EXPECT_INT(works_on(&a), 8);
    EXPECT_INT(b.gained, gained);
    EXPECT_INT(overlaps, 0);
    a.slow = false;
    pthread_join(stopping, NULL);
    EXPECT_INT(works_on(&a), 0);
    EXPECT(settles((replica *[]){&b}, 1, (int[]){KEYS}));
    end(&b);
}

TEST("a replica that cannot renew stops after eight seconds, before another may start")
{
    replica a;
    REQUIRE(start(&a, "lonely", "a"));
    REQUIRE(settles((replica *[]){&a}, 1, (int[]){KEYS}));
    nats_fixture_kill(nats);
    while (cat_spine_is_connected(spine))
        pause_ms(5);
    cat_clock_fake_advance(&a.clock, 5000);
    EXPECT(holds(&a) == KEYS);
    cat_clock_fake_advance(&a.clock, 3000);
    EXPECT_INT(holds(&a), 0);
    for (int i = 0; i < 200 && works_on(&a) > 0; i++)
        pause_ms(20);
    EXPECT_INT(works_on(&a), 0);
    nats_fixture_restart(nats);
    EXPECT(settles((replica *[]){&a}, 1, (int[]){KEYS}));
    end(&a);
}

TEST("a replica that starts again under its name takes what it had at once")
{
    replica a;
    REQUIRE(start(&a, "again", "a"));
    REQUIRE(settles((replica *[]){&a}, 1, (int[]){KEYS}));
    /* The first one is left standing, as if it had been killed. */
    replica second;
    REQUIRE(start(&second, "again", "a"));
    for (int i = 0; i < 200 && works_on(&second) < KEYS; i++)
        pause_ms(20);
    EXPECT_INT(works_on(&second), KEYS);
    for (int i = 0; i < 200 && works_on(&a) > 0; i++)
        pause_ms(20);
    EXPECT_INT(works_on(&a), 0);
    /* However long both live, the older one stays away. */
    EXPECT(settles((replica *[]){&a, &second}, 2, (int[]){0, KEYS}));
    for (int i = 0; i < 30; i++) {
        cat_clock_fake_advance(&a.clock, 1000);
        cat_clock_fake_advance(&second.clock, 1000);
        pause_ms(20);
    }
    EXPECT_INT(holds(&a), 0);
    EXPECT_INT(works_on(&second), KEYS);
    end(&a);
    EXPECT_INT(holds(&second), KEYS);
    end(&second);
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
