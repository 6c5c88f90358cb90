#include "svc/lease_plan.h"

#include "base/test.h"

/* One letter a partition. Owner: - free, m mine, o others'. Held: h. Action: . nothing, c claim, r release, l lose. */
TEST("a replica claims up to its share, gives back what is above it, and loses what is another's")
{
    static const struct {
        const char *why;
        unsigned alive, first;
        const char *owners, *held, *actions;
    } TABLE[] = {
        {"alone it takes all", 1, 0, "--------", "        ", "cccccccc"},
        {"of two each takes half, from where it begins", 2, 5, "--------", "        ", "c....ccc"},
        {"of three the share is rounded up", 3, 0, "--------", "        ", "ccc....."},
        {"what others hold is left alone", 2, 0, "oooo----", "        ", "....cccc"},
        {"it keeps what it holds and takes the rest of its share", 2, 0, "mm--oo--", "hh      ", "..cc...."},
        {"a second replica came: the surplus goes", 2, 0, "mmmmmmmm", "hhhhhhhh", "....rrrr"},
        {"a record that another overwrote is lost at once", 2, 0, "mommmooo", "hhhhh   ", ".l......"},
        {"what is held without a record is lost first and claimed later", 1, 0, "mmmmmmm-", "hhhhhhhh", ".......l"},
        {"records of this replica that it does not hold are claimed anew", 1, 0, "mmmmmmmm", "        ", "cccccccc"},
        {"nothing changes when all is well", 2, 3, "mmmmoooo", "hhhh    ", "........"},
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
        cat_lease_plan(8, TABLE[i].alive, TABLE[i].first, owners, held, actions);
        char text[9] = "";
        for (int n = 0; n < 8; n++)
            text[n] = ".crl"[actions[n]];
        EXPECT_TEXT(text, TABLE[i].actions);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
