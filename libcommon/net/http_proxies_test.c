/* Whom a request is from, when a server in front says so. */
#include "net/http_proxies.h"

#include "base/memory.h"
#include "base/test.h"

TEST("only a server that is configured is believed about the client's address")
{
    static const struct {
        const char *proxies, *peer, *forwarded, *client;
    } rows[] = {
        {NULL, "127.0.0.1", "9.9.9.9", "127.0.0.1"},
        {"", "127.0.0.1", "9.9.9.9", "127.0.0.1"},
        {"127.0.0.1", "127.0.0.1", "9.9.9.9", "9.9.9.9"},
        {"127.0.0.1", "127.0.0.2", "9.9.9.9", "127.0.0.2"},
        {"127.0.0.0/8, ::1", "127.0.0.2", "9.9.9.9", "9.9.9.9"},
        {"127.0.0.0/8,::1", "::1", "9.9.9.9", "9.9.9.9"},
        {"127.0.0.1", "::ffff:127.0.0.1", "9.9.9.9", "9.9.9.9"},
        {"127.0.0.1", "127.0.0.1", NULL, "127.0.0.1"},
        {"127.0.0.1", "127.0.0.1", "", "127.0.0.1"},
        /* what the client wrote itself stands before what the server in front saw */
        {"127.0.0.1", "127.0.0.1", "1.2.3.4, 9.9.9.9", "9.9.9.9"},
        {"127.0.0.1,10.0.0.0/8", "127.0.0.1", "1.2.3.4, 9.9.9.9 , 10.1.2.3", "9.9.9.9"},
        {"127.0.0.1,10.0.0.0/8", "127.0.0.1", "10.1.2.3", "10.1.2.3"},
        {"127.0.0.1", "127.0.0.1", "root", "127.0.0.1"},
        {"127.0.0.1", "127.0.0.1", "9.9.9.9,", "127.0.0.1"},
        {"127.0.0.1", "127.0.0.1", "2001:db8::7", "2001:db8::7"},
        {"2001:db8::/33", "2001:db8:7fff::1", "9.9.9.9", "9.9.9.9"},
        {"2001:db8::/33", "2001:db8:8000::1", "9.9.9.9", "2001:db8:8000::1"},
        {"0.0.0.0/0", "2001:db8::1", "9.9.9.9", "2001:db8::1"},
        {"127.0.0.1", "127.0.0.1", "9.9.9.9.9.9.9.9.9.9.9.9.9.9.9.9.9.9.9.9.9.9.9.9.9.9.9", "127.0.0.1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s asks for %s", rows[i].peer, rows[i].forwarded ? rows[i].forwarded : "(nobody)");
        cat_http_proxies *proxies = NULL;
        REQUIRE(cat_http_proxies_parse(rows[i].proxies, &proxies, NULL) == 0);
        char client[CAT_HTTP_ADDRESS_MAX];
        cat_http_proxies_client(proxies, rows[i].peer, rows[i].forwarded, client);
        EXPECT_TEXT(client, rows[i].client);
        cat_http_proxies_destroy(proxies);
    }
}

TEST("what is no address or network is named")
{
    static const char *const rows[] = {"localhost", "127.0.0.1/33", "127.0.0.1/", "::1/129", "127.0.0.1, nginx",
                                       "*",         "10.0.0.0/-1"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i]);
        cat_http_proxies *proxies = NULL;
        cat_error error = {0};
        EXPECT_INT(cat_http_proxies_parse(rows[i], &proxies, &error), CAT_E_INVALID);
        EXPECT(strstr(error.message, "neither an address nor a network") != NULL);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
