/* The smart protocol over our own HTTP client: libgit2 1.5's has no timeouts and no ceilings, and would follow redirects with a
 * token. */
#include <git2/sys/transport.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "net/git_internal.h"
#include "net/http_client.h"

#define CALL_TIMEOUT_MS 120000
/* Everything begins with this, and it is little: a server that hangs is known soon, while somebody waits for an answer. */
#define REFERENCES_TIMEOUT_MS 15000
/* A first commit holds a Blueprint's files: far below. */
#define PUSH_MAX_BYTES ((size_t)64 * 1024 * 1024)

typedef struct {
    git_smart_subtransport base;
    git_link *link;
} http_transport;

typedef struct {
    git_smart_subtransport_stream base;
    git_link *link;
    bool is_post, sent;
    char *url;
    const char *content_type, *accept;
    cat_string out;
    cat_http_answer answer;
    size_t taken;
} http_stream;

/* One for the process: a new client for each push would shake hands each time. It carries no credentials of its own. */
static cat_http_client *shared_client(void)
{
    static cat_http_client *client;
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    if (!client)
        client = cat_http_client_create(&(cat_http_client_options){
            .peer = CAT_PEER_GIT, .max_response_bytes = GIT_FETCH_MAX_BYTES, .timeout_ms = CALL_TIMEOUT_MS});
    pthread_mutex_unlock(&lock);
    return client;
}

/* Leaves the reason in the link, where the caller of libgit2 finds it. */
static int fail(git_link *link)
{
    git_error_set_str(GIT_ERROR_HTTP, link->failure.message);
    return -1;
}

static int check_status(git_link *link, const cat_http_answer *answer)
{
    cat_error *failure = &link->failure;
    int status = answer->status;
    if (status == 200)
        return 0;
    if (status == 401)
        cat_error_set(failure, CAT_E_UNAUTHORIZED, "the Git server does not know these credentials for %s", link->shown);
    else if (status == 403) /* its own words are for who runs git by hand */
        cat_error_set(failure, CAT_E_FORBIDDEN,
                      answer->body && strstr(answer->body, "archived")
                          ? "repository %s is archived, and takes no change until somebody takes it out of the archive"
                          : "the Git server does not allow this in %s",
                      link->shown);
    else if (status == 404)
        cat_error_set(failure, CAT_E_NOT_FOUND, "there is no repository %s", link->shown);
    else if (status >= 300 && status < 400) /* never followed: it may lead to somebody else's */
        cat_error_set(failure, CAT_E_NOT_FOUND, "the repository %s was renamed or moved, and has another name now", link->shown);
    else if (status == 413)
        cat_error_set(failure, CAT_E_TOO_LARGE, "the Git server takes no push as large as this to %s", link->shown);
    else if (status == 429)
        cat_error_set(failure, CAT_E_LIMIT, "the Git server asks to wait (429) with %s", link->shown);
    else
        cat_error_set(failure, status >= 500 ? CAT_E_UNAVAILABLE : CAT_E_PROTOCOL, "the Git server answered %d for %s", status,
                      link->shown);
    cat_error_blame(failure, CAT_PEER_GIT);
    return fail(link);
}

static int deliver(http_stream *stream)
{
    git_link *link = stream->link;
    cat_autofree char *accept = cat_printf("Accept: %s", stream->accept);
    const char *const headers[] = {accept, NULL};
    cat_http_call call = {
        .method = stream->is_post ? "POST" : "GET",
        .url = stream->url,
        .content_type = stream->content_type,
        .headers = headers,
        .basic_user = link->password ? link->user : NULL,
        .basic_password = link->password,
        .retries = stream->is_post ? 0 : 2,
        .timeout_ms = stream->is_post ? 0 : REFERENCES_TIMEOUT_MS,
    };
    if (stream->is_post)
        call.body = (cat_slice){cat_string_get(&stream->out), stream->out.length};
    stream->sent = true;
    cat_error_clear(&link->failure);
    if (cat_http_send(shared_client(), &call, &stream->answer, &link->failure) < 0)
        return fail(link);
    return check_status(link, &stream->answer);
}

static int stream_read(git_smart_subtransport_stream *base, char *buffer, size_t size, size_t *read)
{
    http_stream *stream = (void *)base;
    if (!stream->sent && deliver(stream) < 0)
        return -1;
    size_t left = stream->answer.length - stream->taken;
    *read = left < size ? left : size;
    if (*read)
        memcpy(buffer, stream->answer.body + stream->taken, *read);
    stream->taken += *read;
    return 0;
}

static int stream_write(git_smart_subtransport_stream *base, const char *bytes, size_t length)
{
    http_stream *stream = (void *)base;
    cat_string_append_bytes(&stream->out, bytes, length);
    if (!stream->out.overflowed)
        return 0;
    cat_error_set(&stream->link->failure, CAT_E_TOO_LARGE, "a push of more than %zu bytes is not made", PUSH_MAX_BYTES);
    return fail(stream->link);
}

static void stream_free(git_smart_subtransport_stream *base)
{
    http_stream *stream = (void *)base;
    cat_http_answer_finish(&stream->answer);
    cat_string_finish(&stream->out);
    free(stream->url);
    free(stream);
}

static int transport_action(git_smart_subtransport_stream **out, git_smart_subtransport *base, const char *url,
                            git_smart_service_t action)
{
    static const struct {
        const char *path, *content_type, *accept;
    } services[] = {
        [GIT_SERVICE_UPLOADPACK_LS] = {"/info/refs?service=git-upload-pack", NULL, "application/x-git-upload-pack-advertisement"},
        [GIT_SERVICE_UPLOADPACK] = {"/git-upload-pack", "application/x-git-upload-pack-request",
                                    "application/x-git-upload-pack-result"},
        [GIT_SERVICE_RECEIVEPACK_LS] = {"/info/refs?service=git-receive-pack", NULL,
                                        "application/x-git-receive-pack-advertisement"},
        [GIT_SERVICE_RECEIVEPACK] = {"/git-receive-pack", "application/x-git-receive-pack-request",
                                     "application/x-git-receive-pack-result"},
    };
    http_transport *transport = (void *)base;
    http_stream *made = cat_calloc(1, sizeof *made);
    made->base = (git_smart_subtransport_stream){base, stream_read, stream_write, stream_free};
    made->link = transport->link;
    made->is_post = services[action].content_type != NULL;
    made->url = cat_printf("%s%s", url, services[action].path);
    made->content_type = services[action].content_type;
    made->accept = services[action].accept;
    made->out = CAT_STRING(PUSH_MAX_BYTES);
    *out = &made->base;
    return 0;
}

static int transport_close(git_smart_subtransport *base)
{
    (void)base;
    return 0;
}

static void transport_free(git_smart_subtransport *base)
{
    free(base);
}

static int make_subtransport(git_smart_subtransport **out, git_transport *owner, void *param)
{
    (void)owner;
    http_transport *made = cat_calloc(1, sizeof *made);
    made->base = (git_smart_subtransport){transport_action, transport_close, transport_free};
    made->link = param;
    *out = &made->base;
    return 0;
}

static int make_transport(git_transport **out, git_remote *owner, void *param)
{
    git_smart_subtransport_definition definition = {make_subtransport, 1, param};
    return git_transport_smart(out, owner, &definition);
}

/* "remote: …" lines: why a hook refused is said here and nowhere else. */
static int hear(const char *text, int length, void *payload)
{
    git_link *link = payload;
    for (int i = 0; i < length; i++)
        cat_string_append_char(&link->words, text[i] >= 32 || text[i] < 0 ? text[i] : ' ');
    return 0;
}

/* "acme/blog" of "http://git.internal:3000/acme/blog.git". */
static char *shown_of(const char *url, size_t length)
{
    size_t start = length, slashes = 0;
    while (start && !(url[start - 1] == '/' && ++slashes == 2))
        start--;
    cat_autofree char *shown = cat_strndup(url + start, length - start);
    if (cat_text_ends_with(shown, ".git"))
        shown[strlen(shown) - strlen(".git")] = '\0';
    return cat_take(shown);
}

void git_link_init(git_link *link, const cat_git_remote *remote)
{
    size_t length = strlen(remote->url);
    while (length && remote->url[length - 1] == '/')
        length--;
    *link = (git_link){.url = cat_strndup(remote->url, length),
                       .shown = shown_of(remote->url, length),
                       .user = cat_strdup(remote->user ? remote->user : "catalyst"),
                       .password = cat_strdup(remote->password),
                       .words = CAT_STRING(GIT_REMOTE_WORDS_MAX_BYTES)};
}

void git_link_finish(git_link *link)
{
    free(link->url);
    free(link->shown);
    free(link->user);
    cat_secret_free(link->password);
    cat_string_finish(&link->words);
}

void git_link_callbacks(git_link *link, git_remote_callbacks *callbacks)
{
    cat_error_clear(&link->failure);
    cat_string_clear(&link->words);
    callbacks->transport = make_transport;
    callbacks->sideband_progress = hear;
    callbacks->payload = link;
}

int git_link_error(git_link *link, int result, const char *what, cat_error *error)
{
    if (link->failure.code) {
        cat_error_copy(error, &link->failure);
        cat_error_wrap(error, "%s", what);
        return link->failure.code;
    }
    const git_error *last = git_error_last();
    const char *why = last && last->message ? last->message : "no reason given";
    if (result == GIT_ENONFASTFORWARD)
        return cat_error_set(error, CAT_E_CONFLICT, "%s: the branch moved meanwhile: %s", what, why);
    if (result == GIT_ENOTFOUND)
        return cat_error_set(error, CAT_E_NOT_FOUND, "%s: %s", what, why);
    return cat_error_set(error, CAT_E_PROTOCOL, "%s: %s", what, why);
}

int cat_git_remote_references(const cat_git_remote *remote, json_t **references, cat_error *error)
{
    git_setup();
    cat_auto(git_link) link = {0};
    git_link_init(&link, remote);
    git_auto(git_remote) connection = NULL;
    git_remote_callbacks callbacks = GIT_REMOTE_CALLBACKS_INIT;
    git_link_callbacks(&link, &callbacks);
    const git_remote_head **heads;
    size_t count;
    int result = git_remote_create_detached(&connection, link.url);
    if (result == 0)
        result = git_remote_connect(connection, GIT_DIRECTION_FETCH, &callbacks, NULL, NULL);
    if (result == 0)
        result = git_remote_ls(&heads, &count, connection);
    if (result < 0)
        return git_link_error(&link, result, "reading the remote's references", error);
    json_t *found = json_array();
    for (size_t i = 0; i < count; i++) {
        cat_git_id id;
        git_id_set(&id, &heads[i]->oid);
        json_array_append_new(found, cat_json_object("name", json_string(heads[i]->name), "id", json_string(id.hex), NULL));
    }
    git_remote_disconnect(connection);
    *references = found;
    return 0;
}
