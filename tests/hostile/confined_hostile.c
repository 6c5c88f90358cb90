/* A program that tries to get out of a confinement, one way a run: `confined_hostile WAY [ARGUMENT]`. It ends with 0 when it got
 * out, with 1 and the reason when it was held, with 2 when it does not know the way. Plain C without sanitizers, as those need
 * more than a confined program is given. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int held(const char *what)
{
    printf("%s: %s\n", what, strerror(errno));
    return 1;
}

static int answer(long result, const char *what)
{
    return result < 0 ? held(what) : 0;
}

static int read_file(const char *path)
{
    char text[64];
    int file = open(path, O_RDONLY);
    return file < 0 ? held("open") : answer(read(file, text, sizeof text), "read");
}

static int write_file(const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    return file < 0 ? held("open") : answer(write(file, "x", 1), "write");
}

static int follow_link(const char *path)
{
    (void)path;
    return symlink("/etc/passwd", "link") < 0 ? held("symlink") : read_file("link");
}

static int run_program(const char *path)
{
    char *arguments[] = {(char *)path, NULL};
    execv(path, arguments);
    return held("execve");
}

/* As it was started itself, and through the linker, which may be executed. */
static int run_by_descriptor(const char *path)
{
    int file = open(path, O_RDONLY), again = file < 0 ? -1 : dup2(file, 100);
    char *arguments[] = {(char *)path, NULL}, *nothing[] = {NULL};
    if (file >= 0)
        syscall(SYS_execveat, again >= 0 ? again : file, "", arguments, nothing, 0x1000);
    return held(file < 0 ? "open" : "execveat");
}

static int run_itself(const char *unused)
{
    (void)unused;
    char *arguments[] = {"/proc/self/exe", NULL};
    execv("/proc/self/exe", arguments);
    return held("execve");
}

static int fork_away(const char *unused)
{
    (void)unused;
    return answer(fork(), "fork");
}

static int vfork_away(const char *unused)
{
    (void)unused;
    return answer(syscall(SYS_vfork), "vfork");
}

static int clone_process(const char *unused)
{
    (void)unused;
    return answer(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), "clone");
}

static int clone_space(const char *unused)
{
    (void)unused;
    return answer(syscall(SYS_unshare, 0x10000000), "unshare"); /* CLONE_NEWUSER */
}

static int connect_to(const char *port)
{
    int one = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return one < 0 ? held("socket") : answer(connect(one, (struct sockaddr *)&address, sizeof address), "connect");
}

static int socket_of(const char *family)
{
    return answer(socket(atoi(family), SOCK_STREAM, 0), "socket");
}

static int pair(const char *unused)
{
    (void)unused;
    int ends[2];
    return answer(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
}

static int io_ring(const char *unused)
{
    (void)unused;
    char parameters[256] = {0};
    return answer(syscall(425, 4, parameters), "io_uring_setup");
}

static int signal_to(const char *pid)
{
    return answer(kill(atoi(pid), 0), "kill");
}

static int signal_thread(const char *pid)
{
    return answer(syscall(SYS_tgkill, atoi(pid), atoi(pid), 0), "tgkill");
}

static int signal_by_file(const char *pid)
{
    int ends[2];
    return pipe(ends) < 0 && pipe2(ends, 0) < 0 ? held("pipe") : answer(fcntl(ends[0], F_SETOWN, atoi(pid)), "F_SETOWN");
}

static int trace(const char *pid)
{
    return answer(ptrace(PTRACE_ATTACH, atoi(pid), 0, 0), "ptrace");
}

static int read_memory(const char *pid)
{
    return answer(syscall(SYS_process_vm_readv, atoi(pid), NULL, 0, NULL, 0, 0), "process_vm_readv");
}

static int load_bpf(const char *unused)
{
    (void)unused;
    union bpf_attr attributes = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
    return answer(syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes), "bpf");
}

static int add_key(const char *unused)
{
    (void)unused;
    return answer(syscall(SYS_add_key, "user", "catalyst", "x", 1, -2), "add_key");
}

static int mount_something(const char *unused)
{
    (void)unused;
    return answer(syscall(SYS_mount, "none", ".", "tmpfs", 0, NULL), "mount");
}

static int lift_limits(const char *unused)
{
    (void)unused;
    struct rlimit most = {RLIM_INFINITY, RLIM_INFINITY};
    return answer(setrlimit(RLIMIT_DATA, &most), "setrlimit");
}

static int take_memory(const char *unused)
{
    (void)unused;
    for (size_t i = 0; i < 4096; i++) {
        char *piece = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (piece == MAP_FAILED)
            return held("mmap");
        memset(piece, 1, 1 << 20);
    }
    return 0;
}

static int open_many(const char *unused)
{
    (void)unused;
    for (int i = 0; i < 200; i++)
        if (open(".", O_RDONLY) < 0)
            return held("open");
    return 0;
}

static int spin(const char *unused)
{
    (void)unused;
    volatile int going = 1;
    while (going)
        continue;
    return 0;
}

static int hang(const char *unused)
{
    (void)unused;
    sleep(1000);
    return 0;
}

static int hang_in_silence(const char *unused)
{
    close(1);
    close(2);
    return hang(unused);
}

static int flood(const char *unused)
{
    (void)unused;
    for (int i = 0; i < 20000000; i++)
        if (puts("a: b") < 0)
            return 1;
    return 0;
}

static int crash(const char *unused)
{
    (void)unused;
    __builtin_trap();
}

/* What it was given: argument, environment, open files, where it is. */
static int tell(const char *argument)
{
    extern char **environ;
    char place[4096];
    printf("argument %s\n", argument);
    for (char **at = environ; *at; at++)
        printf("variable %s\n", *at);
    for (int i = 0; i < 4096; i++)
        if (fcntl(i, F_GETFD) >= 0)
            printf("open %d\n", i);
    printf("in %s\n", getcwd(place, sizeof place) ? place : "?");
    return 0;
}

static int print(const char *path)
{
    char text[65536];
    int file = open(path, O_RDONLY);
    ssize_t length = file < 0 ? -1 : read(file, text, sizeof text);
    return length < 0 || write(1, text, (size_t)length) != length;
}

static int build(const char *folder);

static int refuse(const char *words)
{
    fprintf(stderr, "Error: %s\n", words);
    return 1;
}

static void *nothing(void *unused)
{
    return unused;
}

static int thread(const char *unused)
{
    (void)unused;
    pthread_t one;
    errno = pthread_create(&one, NULL, nothing, NULL);
    return errno ? held("pthread_create") : pthread_join(one, NULL);
}

static const struct {
    const char *name;
    int (*try)(const char *argument);
} WAYS[] = {{"read", read_file},
            {"write", write_file},
            {"link", follow_link},
            {"run", run_program},
            {"run-open", run_by_descriptor},
            {"run-itself", run_itself},
            {"fork", fork_away},
            {"vfork", vfork_away},
            {"clone", clone_process},
            {"unshare", clone_space},
            {"connect", connect_to},
            {"socket", socket_of},
            {"socketpair", pair},
            {"io_uring", io_ring},
            {"kill", signal_to},
            {"tgkill", signal_thread},
            {"fown", signal_by_file},
            {"ptrace", trace},
            {"memory", read_memory},
            {"bpf", load_bpf},
            {"key", add_key},
            {"mount", mount_something},
            {"limits", lift_limits},
            {"take", take_memory},
            {"open-many", open_many},
            {"spin", spin},
            {"hang", hang},
            {"hang-silent", hang_in_silence},
            {"flood", flood},
            {"crash", crash},
            {"tell", tell},
            {"print", print},
            {"build", build},
            {"refuse", refuse},
            {"thread", thread}};

static int go(const char *way, const char *argument)
{
    for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++)
        if (strcmp(way, WAYS[i].name) == 0)
            return WAYS[i].try(argument);
    return 2;
}

/* Where a builder is expected: what the file `order` says ("WAY ARGUMENT"), else the kustomization as it stands there. */
static int build(const char *folder)
{
    char way[32], argument[256] = "";
    if (chdir(folder) < 0 && strcmp(folder, ".") != 0)
        return held("chdir");
    FILE *order = fopen("order", "r");
    if (!order)
        return print("kustomization.yaml");
    int words = fscanf(order, "%31s %255[^\n]", way, argument);
    fclose(order);
    return words < 1 ? 2 : go(way, argument);
}

int main(int argc, char **argv)
{
    return argc > 1 ? go(argv[1], argc > 2 ? argv[2] : "") : 2;
}
