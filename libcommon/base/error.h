/* Why something failed: a code for the program, a class for the caller's next move, a sentence for people.
 *
 * Any thread; a cat_error belongs to its caller. Every function that can fail returns 0 or a negative code and
 * takes a `cat_error *` last, which may be NULL.
 *
 *     cat_error error = {0};
 *     if (cat_kube_get(kube, &reference, &object, &error) < 0)
 *         return cat_error_wrap(&error, "reading the Application");
 */
#ifndef CAT_BASE_ERROR_H
#define CAT_BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

/* Codes. They say what went wrong; proto/problems.yaml maps them to HTTP. */
enum {
    CAT_E_INVALID = -1,      /* the input is wrong: say what and where */
    CAT_E_NOT_FOUND = -2,
    CAT_E_EXISTS = -3,       /* it is there already */
    CAT_E_CONFLICT = -4,     /* somebody changed it meanwhile: read again */
    CAT_E_FORBIDDEN = -5,    /* known, not allowed */
    CAT_E_UNAUTHORIZED = -6, /* not known */
    CAT_E_TOO_LARGE = -7,    /* over a stated maximum */
    CAT_E_LIMIT = -8,        /* a quota or a rate is used up */
    CAT_E_UNAVAILABLE = -9,  /* a peer is down or refuses */
    CAT_E_TIMEOUT = -10,     /* a peer did not answer; the effect is unknown */
    CAT_E_CANCELLED = -11,   /* we were asked to stop */
    CAT_E_PROTOCOL = -12,    /* a peer answered what it should not */
    CAT_E_IO = -13,          /* a file or socket of ours failed */
    CAT_E_GONE = -14,        /* too old to continue from: list again */
    CAT_E_UNSUPPORTED = -15,
    CAT_E_INTERNAL = -16,    /* our own mistake */
};

/* What the caller does next. */
typedef enum {
    CAT_CLASS_TRANSIENT = 0, /* try again soon, with back-off */
    CAT_CLASS_WAITING,       /* something named has to happen first: try again when it did, or slowly */
    CAT_CLASS_STALLED,       /* only a change of the input helps: do not try again by itself */
} cat_error_class;

/* Whom we asked when it failed. Said where the request is made, so that nobody has to guess it from the sentence. */
typedef enum {
    CAT_PEER_NONE = 0, /* nobody: our own, or not known */
    CAT_PEER_GIT,
    CAT_PEER_CLUSTER, /* an API server of Kubernetes */
    CAT_PEER_SPINE,
    CAT_PEER_IDENTITY,
} cat_peer;

#define CAT_ERROR_MESSAGE_MAX 512

typedef struct {
    int code;
    cat_error_class class;
    cat_peer peer;
    char message[CAT_ERROR_MESSAGE_MAX]; /* a sentence without a final full stop; cut at the maximum */
} cat_error;

/* Fills `error` (which may be NULL) with the class that suits the code and no peer, and returns `code`. */
int cat_error_set(cat_error *error, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* As above, with a class of the caller's choice. */
int cat_error_set_class(cat_error *error, int code, cat_error_class class, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* As cat_error_set, of a request to `peer`. */
int cat_error_set_peer(cat_error *error, cat_peer peer, int code, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Says of an error that stands already whom it is of; `error` may be NULL. */
void cat_error_blame(cat_error *error, cat_peer peer);
/* Puts "what: " in front of the message, keeps all else, and returns the code (CAT_E_INTERNAL without `error`:
 * who may be given NULL returns the code it got). */
int cat_error_wrap(cat_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Copies, `to` may be NULL. Returns from->code. */
int cat_error_copy(cat_error *to, const cat_error *from);
void cat_error_clear(cat_error *error);
/* The class that a code has unless somebody says otherwise. */
cat_error_class cat_error_class_of(int code);
/* What an error calls a peer, which people may read: "the Git server"; "the peer" for none. Static storage. */
const char *cat_peer_name(cat_peer peer);
/* Stable word for a code, e.g. "not-found": used in logs, problem documents and metrics. Static storage. */
const char *cat_error_name(int code);

#endif
