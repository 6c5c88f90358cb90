/* What the files of the fold share. */
#ifndef PROJECTOR_FOLD_INTERNAL_H
#define PROJECTOR_FOLD_INTERNAL_H

#include "base/map.h"
#include "base/memory.h"
#include "fold.h"
#include "wire/cloudevent.h"
#include "wire/subjects.h"

#define FOLD_KIND_KUSTOMIZATION "kustomization_kustomize_toolkit_fluxcd_io"
#define FOLD_KIND_GITREPOSITORY "gitrepository_source_toolkit_fluxcd_io"
#define FOLD_KIND_APPLICATION_OBJECT "application_catalyst_openova_io"
/* Texts of outside that stand in rows are cut, so that a row stays far below what a bucket takes. */
#define FOLD_MESSAGE_MAX 1024
#define FOLD_COMMITS_MAX 50
#define FOLD_FILES_MAX 100
#define FOLD_PULL_REQUESTS_MAX 50

typedef struct {
    char *key;
    char *text; /* as last handed out or loaded; NULL while dirty */
    size_t length;
    json_t *json;       /* NULL when only the text is kept */
    char *application;  /* whose index it stands in; NULL: none */
    int64_t expires_ms; /* of a tombstone; 0: it lives */
    bool dirty;
    bool gone;    /* handed out as a delete marker next, then forgotten */
    bool derived; /* application and its like: not a base row */
} fold_row;

typedef struct {
    int64_t expires_ms;
    char *key;
} fold_grave;

struct fold {
    char *organization, *environment;
    cat_map *rows;         /* key → fold_row */
    cat_map *applications; /* name → cat_map of key → fold_row (borrowed) */
    cat_map *stale;        /* names of Applications (or Organizations) whose derived row is to be computed */
    cat_map *dirty;        /* key → fold_row (borrowed), in the order of change */
    cat_map *departed;     /* handed out as delete markers: forgotten by the next take */
    fold_grave *graves;    /* a heap, earliest on top */
    size_t grave_count, grave_capacity;
    int64_t time_ms, last_event_ms;
};

/* One event on its way through the fold. */
typedef struct {
    const cat_cloudevent_in *event;
    const cat_subject *subject;
    uint64_t sequence;
    int64_t time_ms;
    const char *time_text;
} fold_step;

/* fold.c */
fold_row *fold_find(const fold *state, const char *key);           /* NULL when there is none or it is gone */
json_t *fold_json(fold_row *row);                                  /* lends; parsed when only text was kept */
fold_row *fold_edit(fold *state, const char *key);                 /* finds or makes; dirty from now on */
void fold_index(fold *state, fold_row *row);                       /* after the row's application may have changed */
void fold_bury(fold *state, fold_row *row, int64_t at_ms);         /* it is a tombstone since then */
void fold_remove(fold *state, fold_row *row);                      /* it leaves with a delete marker */
void fold_touch(fold *state, const char *application);             /* its derived row is to be computed; NULL allowed */
json_t *fold_cut(const char *text, size_t max_bytes);              /* a string, cut between characters; NULL for NULL */
void fold_put(json_t *object, const char *name, const char *text); /* NULL or "" text removes the member */
/* key, kind, namespace, name, environment, seq, observedAt */
void fold_stamp(fold *state, json_t *json, const fold_step *step, const char *kind, const char *namespace, const char *name);

/* One for each group of event types. They return 0 or poison. */
int fold_object(fold *state, const fold_step *step, cat_view data, bool deleted, cat_error *error);
int fold_notice(fold *state, const fold_step *step, cat_error *error);
int fold_push(fold *state, const fold_step *step, cat_error *error);
int fold_pull_request(fold *state, const fold_step *step, cat_error *error);
int fold_operation(fold *state, const fold_step *step, cat_error *error);
int fold_organization(fold *state, const fold_step *step, cat_error *error);
int fold_environment(fold *state, const fold_step *step, cat_error *error);

/* fold_details.c: what a kind shows beside its status. */
void fold_details(cat_view object, const char *kind, json_t *entry);
json_t *fold_conditions(cat_view object);
json_t *fold_images(cat_view object);
char *fold_owner(cat_view object); /* row key of the controlling owner; NULL: none */

/* fold_derive.c, fold_cause.c: pure functions of base rows. `*row` NULL: there is none. */
void fold_derive_application(fold *state, const char *application);
void fold_derive_organization(fold *state, const char *organization);

#endif
