/* What each process of the running Sovereign of ./dev up costs while nobody asks anything of it, and how long each service takes
 * from its start until it is ready.
 *
 *     machine_bench [SECONDS [STARTS]]      default 60 5
 *
 * A start is of one more replica with the same configuration on ports of its own, beside those that run.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "sovereign.h"

#define PROCESSES_MAX 200
#define STARTS_MAX 100
#define READY_MS 20000

typedef struct {
    char name[64];
    long pid;
    double cpu_ms, resident_mb, own_mb; /* own: without pages of files that others map, too */
} process;

static bool look(process *at)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/stat", at->pid);
    cat_autofree char *stat = NULL, *rollup = NULL;
    size_t length = 0;
    if (cat_file_read(path, 65536, &stat, &length, NULL) < 0)
        return false;
    unsigned long user = 0, kernel = 0;
    const char *fields = strrchr(stat, ')');
    if (!fields || sscanf(fields, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2)
        return false;
    at->cpu_ms = (double)(user + kernel) * 1000.0 / (double)sysconf(_SC_CLK_TCK);
    snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", at->pid);
    if (cat_file_read(path, 65536, &rollup, &length, NULL) < 0)
        return false;
    long resident = 0, anonymous = 0;
    const char *line = strstr(rollup, "Rss:");
    if (line)
        sscanf(line, "Rss: %ld", &resident);
    line = strstr(rollup, "Anonymous:");
    if (line)
        sscanf(line, "Anonymous: %ld", &anonymous);
    at->resident_mb = (double)resident / 1024;
    at->own_mb = (double)anonymous / 1024;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const process *)a)->name, ((const process *)b)->name);
}

static size_t find_processes(process *found)
{
    cat_autofree char *folder = cat_printf("%s/run", bench_env("CATALYST_TEST_INSTANCE_DIR"));
    DIR *directory = opendir(folder);
    bench_require(directory != NULL, folder, NULL);
    size_t count = 0;
    for (struct dirent *entry = readdir(directory); entry && count < PROCESSES_MAX; entry = readdir(directory)) {
        if (!cat_text_ends_with(entry->d_name, ".pid"))
            continue;
        cat_autofree char *path = cat_printf("%s/%s", folder, entry->d_name);
        cat_autofree char *text = NULL;
        size_t length = 0;
        if (cat_file_read(path, 256, &text, &length, NULL) < 0)
            continue;
        process *new = &found[count];
        *new = (process){.pid = strtol(text, NULL, 10)};
        snprintf(new->name, sizeof new->name, "%.*s", (int)(strlen(entry->d_name) - 4), entry->d_name);
        count += look(new);
    }
    closedir(directory);
    qsort(found, count, sizeof *found, by_name);
    return count;
}

static void measure_idle(long seconds)
{
    static process before[PROCESSES_MAX];
    size_t count = find_processes(before);
    double all_cpu = 0, all_resident = 0, start = bench_now_ms();
    bench_sleep_ms(seconds * 1000);
    double took = bench_now_ms() - start;
    printf("| %-46s | %11s | %11s | %9s |\n| --- | ---: | ---: | ---: |\n", "process", "resident MB", "own MB", "% of core");
    for (size_t i = 0; i < count; i++) {
        process after = before[i];
        if (!look(&after))
            continue;
        double percent = (after.cpu_ms - before[i].cpu_ms) / took * 100;
        printf("| %-46s | %11.1f | %11.1f | %9.2f |\n", after.name, after.resident_mb, after.own_mb, percent);
        all_cpu += percent;
        all_resident += after.resident_mb;
    }
    printf("| %-46s | %11.1f | %11s | %9.2f |\n\n", "all", all_resident, "", all_cpu);
}

/* A port that nobody listens on now. */
static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bench_require(listener >= 0 && bind(listener, (struct sockaddr *)&address, length) == 0 &&
                      getsockname(listener, (struct sockaddr *)&address, &length) == 0,
                  "finding a port", NULL);
    close(listener);
    return ntohs(address.sin_port);
}

static void become(const char *service, const char *config, int listen_port, int admin_port)
{
    cat_autofree char *program = cat_printf("%s/%s", bench_env("CATALYST_TEST_BIN"), service);
    cat_autofree char *listen_on = cat_printf("127.0.0.1:%d", listen_port);
    cat_autofree char *admin_on = cat_printf("127.0.0.1:%d", admin_port);
    setenv("CATALYST_LISTEN", listen_on, 1);
    setenv("CATALYST_ADMIN", admin_on, 1);
    setenv("CATALYST_INSTANCE", "bench", 1);
    setenv("CATALYST_LOG_LEVEL", "error", 1);
    execl(program, program, "--config", config, (char *)NULL);
    _exit(127);
}

/* From before the fork until /readyz says 200; negative when it did not. */
static double start_once(const char *service, const char *config)
{
    int listen_port = free_port(), admin_port = free_port();
    cat_autofree char *url = cat_printf("http://127.0.0.1:%d/readyz", admin_port);
    double start = bench_now_ms(), took = -1;
    pid_t child = fork();
    if (child == 0)
        become(service, config, listen_port, admin_port);
    while (took < 0 && bench_now_ms() - start < READY_MS && waitpid(child, NULL, WNOHANG) == 0) {
        cat_auto(cat_http_answer) answer = {0};
        cat_http_call call = {.method = "GET", .url = url, .timeout_ms = 1000};
        if (cat_http_send(bench_client(), &call, &answer, NULL) == 0 && answer.status == 200)
            took = bench_now_ms() - start;
        else
            bench_sleep_ms(2);
    }
    kill(child, SIGTERM);
    waitpid(child, NULL, 0);
    return took;
}

static void measure_start(const char *service, const char *replica, size_t starts)
{
    double times[STARTS_MAX];
    size_t well = 0;
    cat_autofree char *config = cat_printf("%s/etc/%s.yaml", bench_env("CATALYST_TEST_INSTANCE_DIR"), replica);
    for (size_t i = 0; i < starts; i++) {
        double took = start_once(service, config);
        if (took >= 0)
            times[well++] = took;
    }
    bench_print_row(service, times, well);
    if (well < starts)
        printf("%s was not ready within %d s in %zu of %zu starts\n", service, READY_MS / 1000, starts - well, starts);
}

int main(int argc, char **argv)
{
    static const char *const services[][2] = {
        {"blueprint-controller", "blueprint-controller"},
        {"environment-controller", "environment-controller"},
        {"catalog-svc", "catalog-svc"},
        {"provisioning", "provisioning"},
        {"projector", "projector-1"},
        {"billing", "billing"},
    };
    long long seconds = 60, starts = 5;
    bench_require(argc < 2 || cat_text_to_int64(argv[1], 1, 3600, &seconds), "seconds from 1 to 3600", NULL);
    bench_require(argc < 3 || cat_text_to_int64(argv[2], 1, STARTS_MAX, &starts), "starts from 1 to 100", NULL);
    measure_idle((long)seconds);
    bench_print_head();
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        measure_start(services[i][0], services[i][1], (size_t)starts);
    return 0;
}
