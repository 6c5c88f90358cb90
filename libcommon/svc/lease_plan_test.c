#include "svc/lease_plan.h"

#include <string.h>

#include "base/test.h"
#include "base/test_random.h"

/* One letter a key. Owner: - free, m mine, o others'. Held: h. Action: . nothing, c claim, r release, l lose. */
TEST("a replica claims up to its share, gives back what is above it, and loses what is another's")
{
    static const struct {
        const char *why;
        size_t share, first;
        const char *owners, *held, *actions;
    } TABLE[] = {
        {"alone it takes all", 8, 0, "--------", "        ", "cccccccc"},
        {"of two each takes half, from where it begins", 4, 5, "--------", "        ", "c....ccc"},
        {"what others hold is left alone", 4, 0, "oooo----", "        ", "....cccc"},
        {"it keeps what it holds and takes the rest of its share", 4, 0, "mm--oo--", "hh      ", "..cc...."},
        {"a second replica came: the surplus goes", 4, 0, "mmmmmmmm", "hhhhhhhh", "....rrrr"},
        {"a record that another overwrote is lost at once", 4, 0, "mommmooo", "hhhhh   ", ".l......"},
        {"what is held without a record is lost first and claimed later", 8, 0, "mmmmmmm-", "hhhhhhhh", ".......l"},
        {"records of this replica that it does not hold are claimed anew", 8, 0, "mmmmmmmm", "        ", "cccccccc"},
        {"who has no share gives all back", 0, 0, "mmoooooo", "hh      ", "rr......"},
        {"nothing changes when all is well", 4, 3, "mmmmoooo", "hhhh    ", "........"},
    };
    for (unsigned i = 0; i < sizeof(TABLE) / sizeof(TABLE[0]); i++) {
        cat_test_row("%s", TABLE[i].why);
        cat_lease_owner owners[8];
        bool held[8];
        cat_lease_action actions[8];
        for (int n = 0; n < 8; n++) {
            char owner = TABLE[i].owners[n];
            owners[n] = owner == 'm' ? CAT_LEASE_MINE : owner == 'o' ? CAT_LEASE_OTHERS : CAT_LEASE_FREE;
            held[n] = TABLE[i].held[n] == 'h';
        }
        cat_lease_view view = {8, TABLE[i].share, TABLE[i].first, owners, held};
        cat_lease_plan(&view, actions);
        char text[9] = "";
        for (int n = 0; n < 8; n++)
            text[n] = ".crl"[actions[n]];
        EXPECT_TEXT(text, TABLE[i].actions);
    }
}

TEST("a key apart is taken by whoever finds it free, and kept")
{
    EXPECT_INT(cat_lease_plan_apart(CAT_LEASE_FREE, false), CAT_LEASE_CLAIM);
    EXPECT_INT(cat_lease_plan_apart(CAT_LEASE_MINE, false), CAT_LEASE_CLAIM);
    EXPECT_INT(cat_lease_plan_apart(CAT_LEASE_OTHERS, false), CAT_LEASE_NOTHING);
    EXPECT_INT(cat_lease_plan_apart(CAT_LEASE_MINE, true), CAT_LEASE_NOTHING);
    EXPECT_INT(cat_lease_plan_apart(CAT_LEASE_OTHERS, true), CAT_LEASE_LOSE);
}

#define KEYS 200
#define REPLICAS 5

/* All replicas see the same records; `holder` -1: free. */
typedef struct {
    size_t keys, moves;
    int holder[KEYS];
    bool alive[REPLICAS];
} world;

static size_t count_alive(const world *all, size_t before)
{
    size_t count = 0;
    for (size_t i = 0; i < before; i++)
        count += all->alive[i];
    return count;
}

static size_t held_by(const world *all, int replica)
{
    size_t count = 0;
    for (size_t n = 0; n < all->keys; n++)
        count += all->holder[n] == replica;
    return count;
}

static void act(world *all, int replica)
{
    cat_lease_owner owners[KEYS];
    cat_lease_action actions[KEYS];
    bool held[KEYS];
    for (size_t n = 0; n < all->keys; n++) {
        int holder = all->holder[n];
        held[n] = holder == replica;
        owners[n] = held[n] ? CAT_LEASE_MINE : holder < 0 || !all->alive[holder] ? CAT_LEASE_FREE : CAT_LEASE_OTHERS;
    }
    size_t share = cat_lease_share(all->keys, count_alive(all, REPLICAS), count_alive(all, (size_t)replica));
    cat_lease_view view = {all->keys, share, (size_t)replica * 37 % KEYS, owners, held};
    cat_lease_plan(&view, actions);
    for (size_t n = 0; n < all->keys; n++) {
        if (actions[n] == CAT_LEASE_CLAIM)
            all->holder[n] = replica;
        if (actions[n] == CAT_LEASE_RELEASE)
            all->holder[n] = -1;
        all->moves += actions[n] == CAT_LEASE_RELEASE;
    }
}

/* Two rounds of everybody: what one gives back in the first the others have taken by the second. */
static void settle(world *all)
{
    all->moves = 0;
    for (int i = 0; i < 2 * REPLICAS; i++)
        if (all->alive[i % REPLICAS])
            act(all, i % REPLICAS);
}

static void expect_fair(const world *all)
{
    size_t least = KEYS, most = 0;
    for (int i = 0; i < REPLICAS; i++) {
        size_t count = held_by(all, i);
        if (!all->alive[i]) {
            EXPECT_INT(count, 0);
            continue;
        }
        least = count < least ? count : least;
        most = count > most ? count : most;
    }
    EXPECT_INT(held_by(all, -1), 0);
    EXPECT(most - least <= 1);
}

/* One replica comes or goes, or a few keys come. */
static void change(world *all, uint64_t *random)
{
    size_t who = cat_test_below(random, REPLICAS);
    if (cat_test_below(random, 3) == 0 && all->keys < KEYS)
        all->holder[all->keys++] = -1;
    else if (!all->alive[who] || count_alive(all, REPLICAS) > 1)
        all->alive[who] = !all->alive[who];
}

TEST("whoever comes and goes, every key is held, shares are within one of each other, and few move")
{
    uint64_t random = 7;
    for (int run = 0; run < 200; run++) {
        world all = {.keys = cat_test_below(&random, KEYS + 1), .alive = {true}};
        memset(all.holder, 0xff, sizeof(all.holder));
        settle(&all);
        for (int i = 0; i < 20; i++) {
            change(&all, &random);
            settle(&all);
            expect_fair(&all);
            /* A new one's share, and at most one more of each for the ranks that moved. */
            EXPECT(all.moves <= all.keys / count_alive(&all, REPLICAS) + REPLICAS);
        }
    }
}

TEST("two hundred keys over three replicas are 67, 67 and 66")
{
    world all = {.keys = KEYS, .alive = {true, true, true}};
    memset(all.holder, 0xff, sizeof(all.holder));
    settle(&all);
    EXPECT_INT(held_by(&all, 0), 67);
    EXPECT_INT(held_by(&all, 1), 67);
    EXPECT_INT(held_by(&all, 2), 66);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
