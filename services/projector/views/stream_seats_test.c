#include "views/stream_seats.h"

#include <string.h>

#include "base/test.h"

TEST("a person has so many streams and no more, and one that is closed makes room")
{
    prj_stream_seats *seats = prj_stream_seats_create(2, 100);
    cat_error error = {0};
    EXPECT_INT(prj_stream_seats_take(seats, "ada", "acme", &error), 0);
    EXPECT_INT(prj_stream_seats_take(seats, "ada", "acme", &error), 0);
    EXPECT_INT(prj_stream_seats_take(seats, "ada", "acme", &error), CAT_E_LIMIT);
    EXPECT(strstr(error.message, "2 streams") && strstr(error.message, "close one"));
    /* Another Organization of the same person is the same person; another person is not. */
    EXPECT_INT(prj_stream_seats_take(seats, "ada", "blue", NULL), CAT_E_LIMIT);
    EXPECT_INT(prj_stream_seats_take(seats, "bob", "acme", NULL), 0);
    prj_stream_seats_give_back(seats, "ada", "acme");
    EXPECT_INT(prj_stream_seats_take(seats, "ada", "blue", NULL), 0);
    prj_stream_seats_destroy(seats);
}

TEST("an Organization that is full leaves the others room, and who was refused holds nothing")
{
    prj_stream_seats *seats = prj_stream_seats_create(2, 3);
    cat_error error = {0};
    EXPECT_INT(prj_stream_seats_take(seats, "ada", "acme", NULL), 0);
    EXPECT_INT(prj_stream_seats_take(seats, "bob", "acme", NULL), 0);
    EXPECT_INT(prj_stream_seats_take(seats, "cid", "acme", NULL), 0);
    for (int i = 0; i < 5; i++)
        EXPECT_INT(prj_stream_seats_take(seats, "dan", "acme", &error), CAT_E_LIMIT);
    EXPECT(strstr(error.message, "Organization has 3"));
    EXPECT_INT(prj_stream_seats_take(seats, "dan", "blue", NULL), 0);
    EXPECT_INT(prj_stream_seats_take(seats, "dan", "blue", NULL), 0);
    prj_stream_seats_destroy(seats);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
