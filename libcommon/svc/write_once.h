/* A request that writes, done once for each Idempotency-Key of a person: the same request again gets the same answer, another one
 * under the same key is refused, and what failed may be tried again. Each is audited before it is answered. For handlers behind
 * cat_identity_guard, on their workers; replicas that keep keys in one place share them.
 *
 *     static int make_thing(void *context, cat_request *request, const json_t *body, cat_write_answer *answer, cat_error *error)
 *     {
 *         answer->object = cat_printf("thing/%s", name);
 *         answer->status = 201;
 *         answer->body = …;
 *         return 0;
 *     }
 *     static int post_thing(cat_request *request, cat_reply *reply, void *context, cat_error *error)
 *     {
 *         return cat_write_once(request, reply, &writes, "make-thing", make_thing, error);
 *     }
 */
#ifndef CAT_SVC_WRITE_ONCE_H
#define CAT_SVC_WRITE_ONCE_H

#include "svc/events.h"
#include "svc/identity.h"

/* What a write answers, and what the audit says of it. Members are owned but where one says static. */
typedef struct {
    int status;          /* 200 at first */
    json_t *body;        /* NULL: none */
    const char *problem; /* of a failure: a code of proto/problems.yaml; NULL: by the error's code. Static */
    json_t *errors;      /* of a failure: [{pointer, message}] */
    char *object;        /* for the audit; NULL: the path */
    char *environment, *operation, *organization;
    json_t *repeated; /* what a repeat is answered instead of `body`; NULL: the same */
    char *kept;       /* a repeat is answered by `repeat` with this, as the answer is kept elsewhere already */
} cat_write_answer;
typedef int (*cat_write)(void *context, cat_request *request, const json_t *body, cat_write_answer *answer, cat_error *error);

/* What a service's writes have in common. All but the first five may be NULL. */
typedef struct {
    const char *service; /* for the audit */
    /* Where keys are kept for about a day: one record an `id` (64 hex digits), by the rules of net/kv.h. */
    int (*get)(void *context, const char *id, json_t **record, uint64_t *revision, cat_error *error);
    int (*put)(void *context, const char *id, const json_t *record, int64_t expected, cat_error *error);
    int (*drop)(void *context, const char *id, cat_error *error);
    int (*audit)(void *context, const cat_audit *record, cat_error *error); /* cat_audit_write */
    /* Whether there is room for one more write of this person; a failure refuses the write. */
    int (*admit)(void *context, cat_request *request, cat_reply *reply, cat_write_answer *answer, cat_error *error);
    /* Counts a refused write: whether it gets a record of its own, and as the how manieth. NULL: each does. */
    bool (*refused)(void *context, const cat_principal *principal, int64_t *count);
    /* Answers a repeat of what was `kept` elsewhere. */
    int (*repeat)(void *context, const cat_principal *principal, const char *kept, cat_reply *reply, cat_error *error);
    /* What of an answer the person may see at this moment, the caller's. NULL: all. */
    json_t *(*show)(const cat_principal *principal, const json_t *answer);
    void *context; /* of these and of every write */
} cat_writes;

/* `what`: for the audit, a literal. A handler's whole work: problems are answered here. */
int cat_write_once(cat_request *request, cat_reply *reply, const cat_writes *writes, const char *what, cat_write write,
                   cat_error *error);

#endif
