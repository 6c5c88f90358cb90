#include "svc/peers.h"

#include "base/test.h"

TEST("that a peer is away is told by what it is to people, all else in its own words")
{
    cat_config_common config = {.spine.url = "nats://spine:4222"};
    static const struct {
        int code;
        const char *message, *shown;
    } ROWS[] = {
        {CAT_E_UNAVAILABLE, "acme/blog: the Git server cannot be reached: refused", "the Git server does not answer"},
        {CAT_E_TIMEOUT, "Gitea GET /orgs/acme: no answer", "the Git server does not answer"},
        {CAT_E_UNAVAILABLE, "the sign-in service cannot be reached: refused", "the sign-in service does not answer"},
        {CAT_E_TIMEOUT, "publishing on $KV.catalyst-plans.x: the spine did not answer", "the event spine does not answer"},
        {CAT_E_UNAVAILABLE, "listing namespaces: the cluster's API server cannot be reached: refused",
         "the management cluster does not answer"},
        {CAT_E_UNAVAILABLE, "the catalog is being read", "the catalog is being read"},
        {CAT_E_NOT_FOUND, "there is no operation of the spine", "there is no operation of the spine"},
        {CAT_E_CONFLICT, "the Git server says no", "the Git server says no"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].message);
        cat_error error = {0}, shown = {0};
        cat_error_set(&error, ROWS[i].code, "%s", ROWS[i].message);
        cat_peers_explain(&config, &error, &shown);
        EXPECT_TEXT(shown.message, ROWS[i].shown);
        EXPECT_INT(shown.code, ROWS[i].code);
        EXPECT_INT(shown.class, error.class);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
