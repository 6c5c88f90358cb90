#include "nats_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_MS 10000

struct nats_fixture {
    char folder[64], url[64], configuration[128], log[128];
    int port;
    pid_t pid;
    bool has_operator;
    cat_nkey operator_key;
    nats_account system;
};

static void require(bool well, const char *what)
{
    if (!well) {
        fprintf(stderr, "nats_fixture: %s: %s\n", what, strerror(errno));
        abort();
    }
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int free_port(void)
{
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof(address);
    require(bind(descriptor, (struct sockaddr *)&address, sizeof(address)) == 0, "binding to a free port");
    require(getsockname(descriptor, (struct sockaddr *)&address, &length) == 0, "reading the port");
    close(descriptor);
    return ntohs(address.sin_port);
}

static bool takes_connections(int port)
{
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = loopback(port);
    char first[5] = "";
    struct timeval patience = {.tv_sec = 2};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    /* The server speaks first, once it is ready. */
    bool well = connect(descriptor, (struct sockaddr *)&address, sizeof(address)) == 0 &&
                recv(descriptor, first, 4, MSG_WAITALL) == 4 && memcmp(first, "INFO", 4) == 0;
    close(descriptor);
    return well;
}

static const char *program(void)
{
    static char path[512];
    const char *sysroot = getenv("CATALYST_SYSROOT");
    snprintf(path, sizeof(path), "%s/usr/sbin/nats-server", sysroot && *sysroot ? sysroot : CATALYST_SYSROOT);
    return path;
}

static void launch(nats_fixture *nats)
{
    require(access(program(), X_OK) == 0, program());
    nats->pid = fork();
    require(nats->pid >= 0, "forking");
    if (nats->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that dies leaves no server behind */
        int out = open(nats->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(out, 1);
        dup2(out, 2);
        execl(program(), "nats-server", "-c", nats->configuration, (char *)NULL);
        _exit(127);
    }
    for (int waited_ms = 0; waited_ms < START_MS; waited_ms += 20) {
        if (takes_connections(nats->port))
            return;
        require(waitpid(nats->pid, NULL, WNOHANG) == 0, "nats-server ended at its start; its log is in the folder under /tmp");
        pause_ms(20);
    }
    require(false, "nats-server takes no connection");
}

static nats_fixture *make(const char *more)
{
    nats_fixture *nats = cat_calloc(1, sizeof(*nats));
    snprintf(nats->folder, sizeof(nats->folder), "/tmp/catalyst-nats-XXXXXX");
    require(mkdtemp(nats->folder) != NULL, "making a folder");
    nats->port = free_port();
    snprintf(nats->url, sizeof(nats->url), "nats://127.0.0.1:%d", nats->port);
    snprintf(nats->configuration, sizeof(nats->configuration), "%s/nats.conf", nats->folder);
    snprintf(nats->log, sizeof(nats->log), "%s/nats.log", nats->folder);
    FILE *file = fopen(nats->configuration, "w");
    require(file != NULL, "writing the configuration");
    fprintf(file, "listen: 127.0.0.1:%d\njetstream { store_dir: \"%s/store\", max_file: 20GB, max_mem: 256MB }\n%s\n", nats->port,
            nats->folder, more ? more : "");
    fclose(file);
    return nats;
}

nats_fixture *nats_fixture_start(const char *extra)
{
    nats_fixture *nats = make(extra);
    launch(nats);
    return nats;
}

const char *nats_fixture_url(const nats_fixture *nats)
{
    return nats->url;
}

void nats_fixture_kill(nats_fixture *nats)
{
    if (nats->pid <= 0)
        return;
    kill(nats->pid, SIGKILL);
    waitpid(nats->pid, NULL, 0);
    nats->pid = 0;
}

void nats_fixture_restart(nats_fixture *nats)
{
    nats_fixture_kill(nats);
    launch(nats);
}

void nats_fixture_pause(nats_fixture *nats)
{
    /* Its threads stop one after another, and until the last has they still answer: the
     * call returns when the kernel says that all have. */
    int status = 0;
    kill(nats->pid, SIGSTOP);
    while (waitpid(nats->pid, &status, WUNTRACED) == nats->pid && !WIFSTOPPED(status))
        ;
}

void nats_fixture_resume(nats_fixture *nats)
{
    kill(nats->pid, SIGCONT);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

double nats_fixture_cpu_seconds(const nats_fixture *nats)
{
    char path[64], line[1024] = "";
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)nats->pid);
    FILE *file = fopen(path, "r");
    require(file && fgets(line, sizeof(line), file), "reading the server's processor time");
    fclose(file);
    unsigned long user = 0, system = 0;
    const char *rest = strrchr(line, ')');
    require(rest && sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) == 2,
            "reading the server's processor time");
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

void nats_fixture_stop(nats_fixture *nats)
{
    nats_fixture_kill(nats);
    nftw(nats->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    nats_account_finish(&nats->system);
    cat_nkey_wipe(&nats->operator_key);
    free(nats);
}

cat_spine *nats_fixture_connect(const nats_fixture *nats, const char *credentials)
{
    cat_spine *spine = NULL;
    cat_error error = {0};
    cat_spine_options options = {.url = nats->url, .name = "test", .credentials_text = credentials};
    if (cat_spine_connect(&options, &spine, &error) < 0) {
        fprintf(stderr, "nats_fixture: %s\n", error.message);
        abort();
    }
    return spine;
}

static void require_jwt(int result, const cat_error *error)
{
    if (result < 0) {
        fprintf(stderr, "nats_fixture: %s\n", error->message);
        abort();
    }
}

static void make_credentials(nats_account *account, int64_t now_s)
{
    cat_nkey user;
    cat_autofree char *jwt = NULL;
    cat_error error = {0};
    cat_auto(cat_strings) everything = {0};
    cat_strings_add(&everything, ">");
    cat_nkey_make(CAT_NKEY_USER, &user);
    require_jwt(cat_user_jwt(&account->key, account->key.public_key, user.public_key,
                             &(cat_user_claims){.name = "test", .publish = &everything, .subscribe = &everything}, now_s, &jwt,
                             &error),
                &error);
    account->credentials = cat_nats_credentials(jwt, user.seed);
    cat_nkey_wipe(&user);
}

static char *account_jwt(const nats_fixture *nats, const char *name, const cat_account_limits *limits,
                         const nats_account *account)
{
    char *jwt = NULL;
    cat_error error = {0};
    require_jwt(cat_account_jwt(&nats->operator_key, account->key.public_key,
                                &(cat_account_claims){.name = name, .limits = limits}, time(NULL), &jwt, &error),
                &error);
    return jwt;
}

nats_fixture *nats_fixture_start_operator(void)
{
    /* The system account's limits: no JetStream. */
    static const cat_account_limits SYSTEM = {.connections = -1, .subscriptions = -1, .max_payload_bytes = -1};
    nats_fixture *nats = make(NULL);
    nats->has_operator = true;
    cat_nkey_make(CAT_NKEY_OPERATOR, &nats->operator_key);
    cat_nkey_make(CAT_NKEY_ACCOUNT, &nats->system.key);
    make_credentials(&nats->system, time(NULL));
    cat_autofree char *system_jwt = account_jwt(nats, "SYS", &SYSTEM, &nats->system), *operator_jwt = NULL;
    cat_error error = {0};
    require_jwt(cat_operator_jwt(&nats->operator_key,
                                 &(cat_operator_claims){.name = "test", .system_account = nats->system.key.public_key},
                                 time(NULL), &operator_jwt, &error),
                &error);
    FILE *file = fopen(nats->configuration, "a");
    require(file != NULL, "writing the configuration");
    fprintf(
        file,
        "operator: %s\nsystem_account: %s\nresolver { type: full, dir: \"%s/accounts\", allow_delete: true, interval: \"2m\" }\n"
        "resolver_preload { %s: %s }\n",
        operator_jwt, nats->system.key.public_key, nats->folder, nats->system.key.public_key, system_jwt);
    fclose(file);
    launch(nats);
    return nats;
}

void nats_fixture_put_account(nats_fixture *nats, const char *name, const cat_account_limits *limits, nats_account *account)
{
    if (!account->credentials) {
        cat_nkey_make(CAT_NKEY_ACCOUNT, &account->key);
        make_credentials(account, time(NULL));
    }
    cat_autofree char *jwt = account_jwt(nats, name, limits, account);
    cat_spine *system = nats_fixture_connect(nats, nats->system.credentials);
    cat_autofree char *reply = NULL;
    size_t length = 0;
    cat_error error = {0};
    const cat_spine_question update = {"$SYS.REQ.CLAIMS.UPDATE", jwt, strlen(jwt), 5000};
    require_jwt(cat_spine_request(system, &update, &reply, &length, &error), &error);
    require(strstr(reply, "\"code\":200") != NULL, reply);
    cat_spine_destroy(system);
}

void nats_account_finish(nats_account *account)
{
    cat_nkey_wipe(&account->key);
    free(account->credentials);
    *account = (nats_account){0};
}
