/* What a webhook says, as an event. Pure: bytes in, event out; the signature is checked over the raw bytes before anything else.
 * Any thread. */
#ifndef PROJECTOR_PAYLOAD_H
#define PROJECTOR_PAYLOAD_H

#include "wire/json.h"

/* What an event holds at most, so that it stays below CAT_CLOUDEVENT_MAX_BYTES whatever was pushed: sizes are those of JSON text.
 * 50 commits with 2 KiB of message and 600 bytes of names each, and the files of all of them together. */
#define PAYLOAD_COMMITS_MAX 50
#define PAYLOAD_MESSAGE_MAX 2048
#define PAYLOAD_NAME_MAX 200
#define PAYLOAD_FILES_MAX 200 /* of one commit */
#define PAYLOAD_FILES_BYTES (128 * 1024)

typedef struct {
    const char *type;                   /* CloudEvents type; NULL: nothing that anybody needs */
    char *organization;                 /* "_": the Sovereign's own repositories */
    char *environment;                  /* NULL: none */
    char *application;                  /* NULL: none */
    char *repository, *branch, *commit; /* `owner/name`, branch, the newest commit */
    char *kustomization;                /* of a notice */
    int64_t time_ms;                    /* when it happened; 0: at this moment */
    bool lacks_commits;                 /* the push has commits that were not told */
    json_t *data;
} prj_payload;
void prj_payload_finish(prj_payload *event);
static inline void prj_payload_cleanup(prj_payload *event)
{
    prj_payload_finish(event);
}

/* Gitea: `signature` is X-Gitea-Signature (hex) over `body`. */
bool prj_payload_gitea_is_signed(const char *secret, const char *body, size_t length, const char *signature);
/* `kind` is X-Gitea-Event. CAT_E_INVALID names what is missing. */
int prj_payload_gitea(const char *kind, const char *body, size_t length, prj_payload *event, cat_error *error);

/* Flux's generic-hmac: `signature` is X-Signature, `sha256={hex}`, by the Organization's own token. */
void prj_payload_flux_token(const char *secret, const char *organization, char token[65]);
bool prj_payload_flux_is_signed(const char *token, const char *body, size_t length, const char *signature);
/* Its time is the one that Flux signed: the same notice again is as old as it was. */
int prj_payload_flux(const char *organization, const char *cluster, const char *body, size_t length, prj_payload *event,
                     cat_error *error);

/* --- payload_commits.c: what is told of commits, cut before it is built --- */

/* Commits of a webhook, newest last, at most the newest fifty, whichever way round they came: {id, message, time, author, files},
 * with `messageCut` and `moreFiles` where something was left out. The caller's. */
json_t *prj_payload_commits_of_push(const json_t *commits, const char *after);
/* Commits of Gitea's API as those of a push, children after their parents whatever their clocks say. */
json_t *prj_payload_commits_of_api(const json_t *commits);
bool prj_payload_is_commit(const char *text);

#endif
