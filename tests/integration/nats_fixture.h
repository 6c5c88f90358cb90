/* A nats-server of the test's own: a free port on loopback, a store of its own that goes with it. One thread.
 *
 *     nats_fixture *nats = nats_fixture_start(NULL);
 *     cat_spine *spine = nats_fixture_connect(nats, NULL);
 *     …
 *     cat_spine_destroy(spine);
 *     nats_fixture_stop(nats);
 */
#ifndef NATS_FIXTURE_H
#define NATS_FIXTURE_H

#include "net/spine.h"
#include "wire/nkey.h"

typedef struct nats_fixture nats_fixture;
/* `extra`: lines of the server's configuration, or NULL. Aborts with a clear line when there is no server to start. */
nats_fixture *nats_fixture_start(const char *extra);
const char *nats_fixture_url(const nats_fixture *nats);
void nats_fixture_kill(nats_fixture *nats);    /* -9 */
void nats_fixture_restart(nats_fixture *nats); /* on the same port and store, and waits until it takes connections */
void nats_fixture_pause(nats_fixture *nats);   /* SIGSTOP: connected, but silent */
void nats_fixture_resume(nats_fixture *nats);
double nats_fixture_cpu_seconds(const nats_fixture *nats); /* processor time that the server has used */
void nats_fixture_stop(nats_fixture *nats);
/* `credentials` NULL: none. Aborts when it fails. */
cat_spine *nats_fixture_connect(const nats_fixture *nats, const char *credentials);

/* In operator mode, with a full resolver and accounts made while it runs. */
nats_fixture *nats_fixture_start_operator(void);
typedef struct {
    cat_nkey key;
    char *credentials; /* of a user who may everything in the account */
} nats_account;
/* Makes or changes the account in the running server. */
void nats_fixture_put_account(nats_fixture *nats, const char *name, const cat_account_limits *limits, nats_account *account);
void nats_account_finish(nats_account *account);

#endif
