/* Whether what an operation committed runs, as rows say: pure, documents in, words out. Any thread.
 *
 * An operation has done what it was asked for when its own commit runs. Where a later commit runs that it is part of, it was
 * overtaken: whether its own change was ever well nobody saw. */
#ifndef PROVISIONING_PROGRESS_H
#define PROVISIONING_PROGRESS_H

#include "wire/json.h"

typedef struct {
    const char *application, *environment;
    const char *commit;                   /* NULL: whatever there is */
    const json_t *row;                    /* application._.{app}; NULL: none yet */
    const json_t *repository;             /* repository._.{app} */
    const json_t *kustomization, *source; /* the rows of Flux's objects; each may be NULL */
    bool suspended_in_git;                /* the Application's object says so */
    bool may_be_followed; /* another's Application, to which only something was added: a later commit has it too */
} prv_progress_facts;

typedef enum { PRV_PROGRESS_RUNS, PRV_PROGRESS_WAITS, PRV_PROGRESS_OVERTAKEN } prv_progress_kind;
typedef struct {
    prv_progress_kind kind;
    char commit[65];         /* the one that overtook it */
    char operation[65];      /* whose that is, "" for a person's */
    const char *environment; /* whose row says so; as the facts have it */
    char message[600];       /* what is waited for, or what overtook it; names the object */
} prv_progress;
void prv_progress_of(const prv_progress_facts *facts, prv_progress *progress);

/* Why a Flux object of the management cluster takes nothing, with how to go on; false when it does. `namespace` is said. */
bool prv_progress_blocked(const json_t *object, const char *kind, const char *namespace, char *text, size_t size);

#endif
