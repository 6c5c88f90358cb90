/* The second wall alone: the real kustomize, confined as provisioning confines it, is given what the check of kustomizations
 * would refuse. No command runs, nobody is called, nothing but the tree is read, and memory and time have an end. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/string.h"
#include "base/test.h"
#include "render.h"
#include "render_program.h"

static char work[] = "/tmp/catalyst-confined-kustomize-XXXXXX";

static cat_confinement *confinement(unsigned seconds)
{
    const char *program = getenv("CATALYST_TEST_KUSTOMIZE");
    cat_confinement *made = NULL;
    cat_error error = {0};
    if (prv_program_confine(program && *program ? program : CATALYST_SYSROOT "/usr/bin/kustomize", seconds, false, &made,
                            &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    return made;
}

static int build(const cat_confinement *held, const json_t *files, int64_t time_out_ms, char **built, cat_error *error)
{
    size_t length;
    prv_render_options options = {.confinement = held, .time_out_ms = time_out_ms};
    return prv_program_build(&options, files, built, &length, error);
}

static int listen_somewhere(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 8) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        cat_test_fail(__FILE__, __LINE__, "nothing listens");
    *port = ntohs(address.sin_port);
    return listener;
}

TEST("a tree as it should be is built")
{
    cat_autoptr(cat_confinement) held = confinement(20);
    cat_autofree char *built = NULL;
    cat_autojson json_t *files = json_pack("{s:s, s:s}", "kustomization.yaml", "resources: [a.yaml]\nnamePrefix: x-\n", "a.yaml",
                                           "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    cat_error error = {0};
    EXPECT_INT(build(held, files, 20000, &built, &error), 0);
    EXPECT_TEXT(error.message, "");
    EXPECT(built && strstr(built, "name: x-a"));
}

/* PORT, WORK and MARKER in it stand for these. The caller's. */
static char *filled(const char *text, int port, const char *marker)
{
    cat_autofree char *number = cat_printf("%d", port);
    const char *const named[][2] = {{"PORT", number}, {"WORK", work}, {"MARKER", marker}};
    cat_string out = CAT_STRING(8192);
    while (*text) {
        size_t at = 0;
        while (at < 3 && !cat_text_starts_with(text, named[at][0]))
            at++;
        if (at < 3)
            cat_string_append(&out, named[at][1]);
        else
            cat_string_append_char(&out, *text);
        text += at < 3 ? strlen(named[at][0]) : 1;
    }
    return cat_string_take(&out);
}

TEST("what would run a command, call somebody or read elsewhere fails, and nothing of it happens")
{
    int port = 0, listener = listen_somewhere(&port);
    cat_autofree char *marker = cat_printf("%s/marker", work), *secret = cat_printf("%s/secret", work);
    int file = open(secret, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    EXPECT(write(file, "kind: Secret\n", 13) == 13);
    close(file);
    const char *const ROOTS[] = {"resources: ['file://WORK/x.git?ref=--upload-pack=touch MARKER;']",
                                 "resources: ['git::https://127.0.0.1:PORT/a/b?ref=main']",
                                 "resources: ['http://127.0.0.1:PORT/x']",
                                 "components: ['https://127.0.0.1:PORT/a/b?timeout=2s']",
                                 "Components: ['https://127.0.0.1:PORT/a/b?timeout=2s']",
                                 "configMapGenerator: [{name: x, files: ['a=http://127.0.0.1:PORT/x']}]",
                                 "configMapGenerator: [{name: x, env: 'http://127.0.0.1:PORT/x'}]",
                                 "secretGenerator: [{name: x, envs: ['http://localhost:PORT/x']}]",
                                 "patches: [{path: 'http://127.0.0.1:PORT/x'}]",
                                 "openapi: {path: 'http://127.0.0.1:PORT/x'}",
                                 "configMapGenerator: [{name: x, files: ['a=WORK/secret']}]",
                                 "configMapGenerator: [{name: x, files: ['a=../../../..WORK/secret']}]",
                                 "helmCharts: [{name: x, repo: 'http://127.0.0.1:PORT'}]",
                                 "transformers: [run.yaml]"};
    cat_autoptr(cat_confinement) held = confinement(20);
    for (size_t i = 0; i < sizeof ROOTS / sizeof *ROOTS; i++) {
        cat_test_row("%s", ROOTS[i]);
        cat_autofree char *root = filled(ROOTS[i], port, marker), *built = NULL;
        cat_autojson json_t *files = json_pack(
            "{s:s, s:s}", "kustomization.yaml", root, "run.yaml",
            "apiVersion: example.org/v1\nkind: Run\nmetadata: {name: x, annotations: {config.kubernetes.io/function: 'exec: "
            "{path: /bin/true}'}}\n");
        cat_error error = {0};
        EXPECT_INT(build(held, files, 20000, &built, &error), CAT_E_INVALID);
        EXPECT(!strstr(error.message, "127.0.0.1") && !strstr(error.message, work) && !strstr(error.message, "catalyst-render"));
    }
    EXPECT(access(marker, F_OK) < 0);
    EXPECT(accept(listener, NULL, NULL) < 0);
    close(listener);
}

TEST("what grows without end is ended by its memory, not by the machine's")
{
    cat_string bomb = CAT_STRING(65536);
    cat_string_append(&bomb,
                      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
        cat_string_appendf(&bomb, "  a%d: &a%d [", i, i);
        for (int j = 0; j < 10; j++)
            cat_string_appendf(&bomb, "*a%d, ", i - 1);
        cat_string_append(&bomb, "]\n");
    }
    cat_autofree char *text = cat_string_take(&bomb), *built = NULL;
    cat_autojson json_t *files = json_pack("{s:s, s:s}", "kustomization.yaml", "resources: [a.yaml]", "a.yaml", text);
    cat_autoptr(cat_confinement) held = confinement(60);
    cat_error error = {0};
    EXPECT_INT(build(held, files, 120000, &built, &error), CAT_E_INVALID);
    EXPECT(strstr(error.message, "memory") != NULL);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

int main(int argc, char **argv)
{
    if (!mkdtemp(work))
        return 1;
    int code = cat_test_main(argc, argv);
    nftw(work, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return code;
}
