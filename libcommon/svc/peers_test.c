#include "svc/peers.h"

#include "base/test.h"

TEST("that a peer is away is told by what it is to people, all else in its own words")
{
    static const struct {
        cat_peer peer;
        int code;
        const char *message, *shown;
    } ROWS[] = {
        {CAT_PEER_GIT, CAT_E_UNAVAILABLE, "acme/blog: the Git server cannot be reached: refused",
         "the Git server does not answer"},
        {CAT_PEER_GIT, CAT_E_TIMEOUT, "Gitea GET /orgs/acme: no answer", "the Git server does not answer"},
        {CAT_PEER_GIT, CAT_E_CONFLICT, "the Git server says no", "the Git server says no"},
        {CAT_PEER_IDENTITY, CAT_E_UNAVAILABLE, "the keys cannot be read: refused", "the sign-in service does not answer"},
        {CAT_PEER_SPINE, CAT_E_TIMEOUT, "publishing on $KV.catalyst-plans.x: no answer", "the event spine does not answer"},
        {CAT_PEER_SPINE, CAT_E_UNAVAILABLE, "stream KV_x: nobody answers there", "the event spine does not answer"},
        {CAT_PEER_CLUSTER, CAT_E_UNAVAILABLE, "listing namespaces: refused", "the management cluster does not answer"},
        {CAT_PEER_CLUSTER, CAT_E_LIMIT, "exceeded quota", "exceeded quota"},
        {CAT_PEER_NONE, CAT_E_UNAVAILABLE, "the catalog is being read", "the catalog is being read"},
        {CAT_PEER_NONE, CAT_E_UNAVAILABLE, "the Git server does not know mara yet", "the Git server does not know mara yet"},
        {CAT_PEER_NONE, CAT_E_NOT_FOUND, "there is no operation of the spine", "there is no operation of the spine"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].message);
        cat_error error = {0}, shown = {0};
        cat_error_set_peer(&error, ROWS[i].peer, ROWS[i].code, "%s", ROWS[i].message);
        cat_peers_explain(&error, &shown);
        EXPECT_TEXT(shown.message, ROWS[i].shown);
        EXPECT_INT(shown.code, ROWS[i].code);
        EXPECT_INT(shown.class, error.class);
        EXPECT_INT(shown.peer, ROWS[i].peer);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
