/* Subjects, streams, buckets and row keys. Pure; any thread. */
#ifndef CAT_WIRE_SUBJECTS_H
#define CAT_WIRE_SUBJECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define CAT_SUBJECT_MAX 512
#define CAT_KEY_MAX 448

/* One token of a subject: characters that NATS keeps (space . * > and controls) become `_`; empty gives `_`.
 */
void cat_subject_token(const char *text, char *out, size_t size);
/* The name of a kind in subjects and keys: lower case, outside the built-in groups `{kind}_{group with _ for
 * .}`. */
void cat_kind_token(const char *kind, const char *group, char *out, size_t size);

/* 0 or CAT_E_TOO_LARGE / CAT_E_INVALID. `namespace` NULL or "" gives `_`; the name is the rest and may hold
 * dots. */
int cat_subject_k8s(const char *environment, const char *kind, const char *group, const char *namespace,
                    const char *name, char out[CAT_SUBJECT_MAX], cat_error *error);
/* Crossplane's claims: `ws.{env}.crossplane.{kind}.{namespace}.{name}`. */
int cat_subject_crossplane(const char *environment, const char *kind, const char *group, const char *namespace,
                           const char *name, char out[CAT_SUBJECT_MAX], cat_error *error);
int cat_subject_flux(const char *environment, const char *name, char out[CAT_SUBJECT_MAX], cat_error *error);
int cat_subject_git(const char *environment, const char *commit, char out[CAT_SUBJECT_MAX], cat_error *error);
int cat_subject_operation(const char *environment, const char *id, char out[CAT_SUBJECT_MAX],
                          cat_error *error);
/* `ws.{env}.sync.{what}` */
int cat_subject_sync(const char *environment, const char *what, char out[CAT_SUBJECT_MAX], cat_error *error);
/* `catalyst.{service}.{org or _}.{what}` */
int cat_subject_service(const char *service, const char *organization, const char *what,
                        char out[CAT_SUBJECT_MAX], cat_error *error);
int cat_subject_command(const char *service, const char *method, char out[CAT_SUBJECT_MAX], cat_error *error);

/* What a subject says: parts point into `subject`'s copy in `buffer`. */
typedef struct {
    enum {
        CAT_SUBJECT_K8S,
        CAT_SUBJECT_FLUX,
        CAT_SUBJECT_GIT,
        CAT_SUBJECT_CROSSPLANE,
        CAT_SUBJECT_OPERATION,
        CAT_SUBJECT_SYNC,
        CAT_SUBJECT_SERVICE,
        CAT_SUBJECT_COMMAND
    } what;
    const char *environment, *kind, *namespace, *name; /* NULL where the form has none or `_` */
    const char *service, *organization, *happened;
    char buffer[CAT_SUBJECT_MAX];
} cat_subject;
int cat_subject_parse(const char *subject, cat_subject *parsed, cat_error *error);

/* Row keys: `{kind}.{namespace or _}.{name}`; shown with slashes. Characters that a key may not hold
 * are written as `=XX` (hex). `namespace` NULL, "" and "_" are the same. */
int cat_key_make(const char *kind, const char *namespace, const char *name, char out[CAT_KEY_MAX],
                 cat_error *error);
typedef struct {
    const char *kind, *namespace, *name; /* in `buffer`, decoded; namespace is NULL for `_` */
    char buffer[CAT_KEY_MAX];
} cat_key;
int cat_key_parse(const char *key, cat_key *parsed, cat_error *error);

/* `ws-{env}` and `ws-{env}-state`. */
void cat_stream_of_environment(const char *environment, char *out, size_t size);
void cat_bucket_of_environment(const char *environment, char *out, size_t size);

#endif
