#include "svc/service.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "net/http_test_support.h"

typedef struct {
    cat_config_common common;
} config;
static const cyaml_schema_field_t FIELDS[] = {CAT_CONFIG_COMMON_FIELDS(config, common), CYAML_FIELD_END};
static const cyaml_schema_value_t SCHEMA = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, config, FIELDS)};

/* The service under test runs in a child process, as a service does; it tells its port on this pipe. */
static int tell[2];

static int hello(cat_request *request, cat_reply *reply, void *context, cat_error *error)
{
    (void)request, (void)error;
    cat_service *service = context;
    const char *why = cat_request_query(request, "broken");
    if (cat_request_query(request, "well"))
        cat_service_set_ready(service, "spine", NULL);
    if (why)
        cat_service_set_ready(service, "spine", why);
    if (cat_request_query(request, "fail"))
        cat_service_fail(service, &(cat_error){.code = CAT_E_INTERNAL, .message = "the part is gone"});
    return cat_reply_empty(reply, 204);
}

static const cat_route ROUTES[] = {{"GET", "/hello", hello, 0, 0}, {0}};

static int finish_config(void *loaded, cat_error *error)
{
    config *own = loaded;
    return cat_config_require(own->common.sovereign.name, "sovereign.name", error);
}

static int start(cat_service *service, void *loaded, cat_error *error)
{
    config *own = loaded;
    cat_http_server **server = cat_service_state(service);
    int result = cat_http_server_start(
        &(cat_http_server_options){.address = own->common.listen, .routes = ROUTES, .context = service}, server, error);
    if (result < 0)
        return result;
    cat_service_observe(service, *server);
    unsigned port = cat_http_server_port(*server);
    return write(tell[1], &port, sizeof port) == sizeof port ? 0 : cat_error_set(error, CAT_E_IO, "pipe");
}

static void stop(cat_service *service)
{
    cat_http_server_stop(*(cat_http_server **)cat_service_state(service), 1000);
}

static const cat_service_definition DEFINITION = {.name = "tested",
                                                  .summary = "is tested",
                                                  .config_schema = &SCHEMA,
                                                  .common_offset = offsetof(config, common),
                                                  .state_bytes = sizeof(cat_http_server *),
                                                  .finish_config = finish_config,
                                                  .start = start,
                                                  .stop = stop};

static char path[64];

static void write_config(const char *text)
{
    snprintf(path, sizeof path, "/tmp/catalyst-service-%d.yaml", (int)getpid());
    FILE *file = fopen(path, "w");
    if (file) {
        fputs(text, file);
        fclose(file);
    }
}

/* Starts a child with these arguments; what it prints goes to `output`. */
static pid_t launch(const char *const *arguments, int output)
{
    char *values[8] = {(char *)"tested"};
    int count = 1;
    for (; arguments[count - 1]; count++)
        values[count] = (char *)arguments[count - 1];
    fflush(NULL);
    pid_t child = fork();
    if (child != 0)
        return child;
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    int code = cat_service_main(count, values, &DEFINITION);
    fflush(NULL);
    _exit(code);
}

static int finish(pid_t child, int output, char *text, size_t size)
{
    int status = 0;
    waitpid(child, &status, 0);
    ssize_t length = pread(output, text, size - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int scratch(void)
{
    char name[] = "/tmp/catalyst-service-XXXXXX";
    int descriptor = mkstemp(name);
    unlink(name);
    return descriptor;
}

TEST("arguments are answered, and what is wrong ends with one clear line and exit 1")
{
    static const struct {
        const char *arguments[4], *config;
        int exit_code;
        const char *says;
    } ROWS[] = {{{"--help", NULL}, "", 0, "tested: is tested"},
                {{"--version", NULL}, "", 0, "tested "},
                {{"--what", NULL}, "", 1, "tested: --what is not understood"},
                {{"--config", "/nonexistent.yaml", NULL}, "", 1, "/nonexistent.yaml"},
                {{"--config", path, "--check", NULL}, "sovereign:\n  name: x\n", 0, "is good"},
                {{"--config", path, "--check", NULL}, "workers: 2\n", 1, ".yaml: sovereign.name is not set"},
                {{"--config", path, "--check", NULL}, "worker: 2\n", 1, "the key worker is not known"},
                {{"--config", path, NULL}, "admin: 127.0.0.1:0\n", 1, ".yaml: sovereign.name is not set"},
                {{"--config", path, NULL}, "admin: nowhere\nsovereign:\n  name: x\n", 1, "tested: admin: nowhere is no address"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s %s", ROWS[i].arguments[0], ROWS[i].config);
        write_config(ROWS[i].config);
        char text[4096];
        int output = scratch();
        EXPECT_INT(finish(launch(ROWS[i].arguments, output), output, text, sizeof text), ROWS[i].exit_code);
        EXPECT(strstr(text, ROWS[i].says));
        if (ROWS[i].exit_code == 1)
            EXPECT(strchr(text, '\n') == text + strlen(text) - 1);
        close(output);
        unlink(path);
    }
}

/* The admin server's port is not told: a free one is taken beforehand. */
static unsigned free_port(void)
{
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    bind(descriptor, (struct sockaddr *)&address, length);
    getsockname(descriptor, (struct sockaddr *)&address, &length);
    close(descriptor);
    return ntohs(address.sin_port);
}

typedef struct {
    pid_t child;
    int output;
    unsigned port, admin;
} running;

static running start_child(void)
{
    running own = {.admin = free_port(), .output = scratch()};
    char text[256];
    snprintf(text, sizeof text, "listen: 127.0.0.1:0\nadmin: 127.0.0.1:%u\nsovereign:\n  name: x\n", own.admin);
    write_config(text);
    EXPECT_INT(pipe(tell), 0);
    own.child = launch((const char *const[]){"--config", path, NULL}, own.output);
    close(tell[1]);
    if (read(tell[0], &own.port, sizeof own.port) != sizeof own.port)
        cat_test_fail(__FILE__, __LINE__, "the service did not start");
    close(tell[0]);
    return own;
}

/* /readyz turns well a moment after the port is told. */
static char *ready(const running *own, int wanted)
{
    char *answer = NULL;
    for (int i = 0; i < 2000; i++) {
        free(answer);
        answer = raw_get(own->admin, "/readyz");
        if (raw_status(answer) == wanted)
            break;
        usleep(1000);
    }
    return answer;
}

TEST("a service tells its health, readiness and metrics, and stops cleanly on SIGTERM")
{
    running own = start_child();
    cat_autofree char *health = raw_get(own.admin, "/healthz");
    EXPECT_INT(raw_status(health), 200);
    cat_autofree char *well = ready(&own, 200);
    EXPECT_TEXT(raw_body(well), "{\"ready\":true,\"waitingFor\":{}}");
    cat_autofree char *broken = raw_get(own.port, "/hello?broken=no%20connection");
    EXPECT_INT(raw_status(broken), 204);
    cat_autofree char *unwell = ready(&own, 503);
    EXPECT_TEXT(raw_body(unwell), "{\"ready\":false,\"waitingFor\":{\"spine\":\"no connection\"}}");
    cat_autofree char *mended = raw_get(own.port, "/hello?well=1");
    EXPECT_INT(raw_status(mended), 204);
    cat_autofree char *again = ready(&own, 200);
    EXPECT_INT(raw_status(again), 200);
    cat_autofree char *odd = raw_exchange(own.port, "MADEUP /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_INT(raw_status(odd), 405);
    cat_autofree char *metrics = raw_get(own.admin, "/metrics");
    EXPECT(strstr(metrics, "MADEUP") == NULL);
    static const char *const NAMES[] = {"process_resident_memory_bytes ",
                                        "process_cpu_seconds_total ",
                                        "process_open_fds ",
                                        "http_requests_total{method=\"GET\",route=\"/hello\",status=\"204\"} 2\n",
                                        "http_requests_total{method=\"other\",route=\"-\",status=\"405\"} 1\n",
                                        "http_request_duration_seconds_count{route=\"/hello\"} 2\n"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        cat_test_row("%s", NAMES[i]);
        EXPECT(strstr(metrics, NAMES[i]));
    }
    kill(own.child, SIGTERM);
    char text[16384];
    EXPECT_INT(finish(own.child, own.output, text, sizeof text), 0);
    EXPECT(strstr(text, "\"stopped\""));
    EXPECT_INT(raw_connect(own.port, 0), -1);
    EXPECT_INT(raw_connect(own.admin, 0), -1);
    close(own.output);
    unlink(path);
}

TEST("a service whose part fails for good stops and exits 1")
{
    running own = start_child();
    cat_autofree char *well = ready(&own, 200);
    EXPECT_INT(raw_status(well), 200);
    cat_autofree char *answer = raw_get(own.port, "/hello?fail=1");
    EXPECT_INT(raw_status(answer), 204);
    char text[16384];
    EXPECT_INT(finish(own.child, own.output, text, sizeof text), 1);
    EXPECT(strstr(text, "the part is gone"));
    close(own.output);
    unlink(path);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
