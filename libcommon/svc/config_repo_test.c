#include "svc/config_repo.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/test.h"
#include "net/http_server.h"

/* The real Git behind HTTP: what a Git server does with a fetch and a push it does itself. */
typedef struct {
    char folder[64];
    cat_http_server *server;
    cat_config_common config;
    char *url;
    cat_config_repo *repo;
} world;

static char *run(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What a command of the shell prints, without its last line break; the caller's. */
static char *run(const char *format, ...)
{
    char command[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    cat_auto(cat_string) out = CAT_STRING((size_t)1024 * 1024);
    FILE *pipe = popen(command, "r");
    char part[4096];
    for (size_t length; pipe && (length = fread(part, 1, sizeof part, pipe)) > 0;)
        cat_string_append_bytes(&out, part, length);
    if (pipe)
        pclose(pipe);
    char *text = cat_string_take(&out);
    size_t length = strlen(text);
    if (length && text[length - 1] == '\n')
        text[length - 1] = '\0';
    return text;
}

/* Runs Git's own side of the protocol, from the file `in` to the answer. */
static int serve(const world *own, cat_reply *reply, const char *what, const char *suffix, const char *in, cat_error *error)
{
    cat_autofree char *out = cat_printf("%s.out", in), *type = cat_printf("application/x-%s-%s", what, suffix);
    bool advertises = strcmp(suffix, "advertisement") == 0;
    cat_autofree char *head =
        advertises ? cat_printf("%04zx# service=%s\\n0000", strlen("# service=\n") + 4 + strlen(what), what) : cat_strdup("");
    free(run("printf '%s' > %s; git %s --stateless-rpc %s %s/repo < %s >> %s", head, out, what + strlen("git-"),
             advertises ? "--advertise-refs" : "", own->folder, in, out));
    char *bytes = NULL;
    size_t length = 0;
    int code = cat_file_read(out, (size_t)8 * 1024 * 1024, &bytes, &length, error);
    return code < 0 ? code : cat_reply_text(reply, 200, type, bytes, length);
}

static void scratch(const world *own, char path[128])
{
    static _Atomic unsigned number;
    snprintf(path, 128, "%s/request-%u", own->folder, ++number);
}

static int get_references(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    char in[128];
    scratch(opaque, in);
    fclose(fopen(in, "w"));
    return serve(opaque, reply, cat_request_query(request, "service"), "advertisement", in, error);
}

static int post_pack(cat_request *request, cat_reply *reply, void *opaque, cat_error *error)
{
    char in[128];
    scratch(opaque, in);
    cat_slice body = cat_request_body(request);
    FILE *file = fopen(in, "w");
    fwrite(body.data, 1, body.length, file);
    fclose(file);
    return serve(opaque, reply, strrchr(cat_request_path(request), '/') + 1, "result", in, error);
}

#define AT "/system/catalyst-config.git"
static const cat_route ROUTES[] = {
    {"GET", AT "/info/refs", get_references, CAT_ROUTE_OPEN, 0},
    {"POST", AT "/git-upload-pack", post_pack, CAT_ROUTE_OPEN | CAT_ROUTE_RAW, (size_t)8 * 1024 * 1024},
    {"POST", AT "/git-receive-pack", post_pack, CAT_ROUTE_OPEN | CAT_ROUTE_RAW, (size_t)8 * 1024 * 1024},
    {0},
};

static void begin(world *own, bool kept)
{
    cat_error error = {0};
    *own = (world){.folder = "/tmp/catalyst-config-repo-XXXXXX"};
    REQUIRE(mkdtemp(own->folder));
    free(run("cd %s && git init -q --bare -b main repo && git init -q -b main work && cd work && echo begun > README.md && "
             "git add . && git -c user.name=x -c user.email=x@x commit -qm Begin && git push -q ../repo main",
             own->folder));
    REQUIRE(cat_http_server_start(
                &(cat_http_server_options){.address = "127.0.0.1:0", .routes = ROUTES, .context = own, .workers = 4},
                &own->server, &error) == 0);
    own->url = cat_printf("http://127.0.0.1:%u", cat_http_server_port(own->server));
    own->config.gitea.url = own->url;
    own->config.gitea.user = (char *)"catalyst";
    own->config.sovereign.domain = (char *)"example.org";
    own->repo = cat_config_repo_create(&own->config, "token", kept ? own->folder : NULL);
}

static void end(world *own)
{
    cat_config_repo_destroy(own->repo);
    cat_http_server_stop(own->server, 2000);
    free(run("rm -rf %s", own->folder));
    free(own->url);
}

static cat_config_wish wish_of(const cat_git_file *file, const char *branch)
{
    return (cat_config_wish){.branch = branch,
                             .files = file,
                             .count = 1,
                             .subject = "Install blog",
                             .trailers = "Operation: 1\n",
                             .author = {"Mara", "mara@example.org"},
                             .time_ms = 1790000000000};
}

TEST("a wish is one commit in its author's name, none when the branch holds it already, and makes a branch that is not there")
{
    world own;
    begin(&own, true);
    cat_error error = {0};
    cat_git_file file = {.path = "applications/blog.yaml", .content = "a: 1\n", .length = 5};
    cat_config_wish wish = wish_of(&file, "org/acme");
    for (int i = 0; i < 2; i++)
        EXPECT_INT(cat_config_repo_commit(own.repo, &wish, &error), 0);
    EXPECT_TEXT(error.message, "");
    cat_autofree char *log = run("git -C %s/repo log --format='%%an|%%ae|%%cn|%%ce|%%at|%%B' org/acme", own.folder),
                      *text = run("git -C %s/repo show org/acme:applications/blog.yaml", own.folder);
    EXPECT_TEXT(log, "Mara|mara@example.org|Catalyst|catalyst@example.org|1790000000|Install blog\n\nOperation: 1\n");
    EXPECT_TEXT(text, "a: 1");
    file.content = NULL;
    EXPECT_INT(cat_config_repo_commit(own.repo, &wish, &error), 0);
    EXPECT_INT(cat_config_repo_commit(own.repo, &wish, &error), 0); /* gone already */
    cat_autofree char *count = run("git -C %s/repo rev-list --count org/acme", own.folder);
    EXPECT_TEXT(count, "2");
    end(&own);
}

typedef struct {
    const world *own;
    int calls, races; /* so many times somebody else is faster */
    cat_git_file file;
} chooser;

static int choose(void *context, cat_git *git, const cat_git_id *head, cat_config_wish *wish, cat_error *error)
{
    chooser *self = context;
    (void)git, (void)error;
    EXPECT(head);
    if (self->calls++ < self->races)
        free(run("cd %s/work && git pull -q ../repo main && echo %d > other && git add . && git -c user.name=x -c "
                 "user.email=x@x commit -qm Other && git push -q ../repo main",
                 self->own->folder, self->calls));
    self->file = (cat_git_file){.path = "mine", .content = "mine\n", .length = 5};
    wish->files = &self->file;
    wish->count = 1;
    wish->subject = "Mine";
    wish->trailers = "";
    return 0;
}

TEST("who was overtaken reads again, chooses again and comes again, and loses nothing of what the others wrote")
{
    world own;
    begin(&own, false);
    cat_error error = {0};
    chooser self = {.own = &own, .races = 2};
    cat_config_wish wish = {.branch = "main", .choose = choose, .context = &self, .time_ms = 1790000000000};
    EXPECT_INT(cat_config_repo_commit(own.repo, &wish, &error), 0);
    EXPECT_INT(self.calls, 3);
    cat_autofree char *log = run("git -C %s/repo log --format='%%an %%s' main | tr '\\n' ,", own.folder),
                      *other = run("git -C %s/repo show main:other", own.folder);
    EXPECT_TEXT(log, "Catalyst Mine,x Other,x Other,x Begin,");
    EXPECT_TEXT(other, "2");
    end(&own);
}

TEST("who is overtaken again and again gives up for now, and says so")
{
    world own;
    begin(&own, false);
    cat_error error = {0};
    chooser self = {.own = &own, .races = 100};
    cat_config_wish wish = {.branch = "main", .choose = choose, .context = &self};
    EXPECT_INT(cat_config_repo_commit(own.repo, &wish, &error), CAT_E_CONFLICT);
    EXPECT_INT(error.class, CAT_CLASS_TRANSIENT);
    EXPECT(cat_text_starts_with(error.message, "main moved 8 times while it was written: "));
    end(&own);
}

typedef struct {
    world *own;
    int number, code;
} committer;

static void *commit_one(void *opaque)
{
    committer *self = opaque;
    cat_autofree char *path = self->number < 0 ? cat_strdup("../outside") : cat_printf("file-%d", self->number);
    cat_git_file file = {.path = path, .content = "x\n", .length = 2};
    cat_config_wish wish = wish_of(&file, "main");
    self->code = cat_config_repo_commit(self->own->repo, &wish, NULL);
    return NULL;
}

TEST("wishes that come together are committed together, and one that cannot be fulfilled spoils no other")
{
    enum { COUNT = 12 };
    world own;
    begin(&own, true);
    committer all[COUNT];
    pthread_t threads[COUNT];
    for (int i = 0; i < COUNT; i++) {
        all[i] = (committer){&own, i == 7 ? -1 : i, 0};
        REQUIRE(pthread_create(&threads[i], NULL, commit_one, &all[i]) == 0);
    }
    for (int i = 0; i < COUNT; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < COUNT; i++)
        EXPECT(i == 7 ? all[i].code < 0 : all[i].code == 0);
    cat_autofree char *files = run("git -C %s/repo ls-tree --name-only main | grep -c file-", own.folder);
    EXPECT_TEXT(files, "11");
    end(&own);
}

TEST("a message is one wish's own, or lists several with the trailers of each")
{
    const cat_config_wish one = {.subject = "Install blog", .trailers = "Operation: 1\n"},
                          other = {.subject = "Remove shop", .trailers = "Operation: 2\nPlan: p\n"};
    cat_autofree char *single = cat_config_message((const cat_config_wish *const[]){&one}, 1),
                      *both = cat_config_message((const cat_config_wish *const[]){&one, &other}, 2);
    EXPECT_TEXT(single, "Install blog\n\nOperation: 1\n");
    EXPECT_TEXT(both, "Install blog and 1 more\n\n- Install blog\n- Remove shop\n\nOperation: 1\nOperation: 2\nPlan: p\n");
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
