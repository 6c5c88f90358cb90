/* The state of a fold, and its rows: found by key, looked into, written anew and removed. Whoever changes a row says nothing to
 * the others: it is marked, and what is derived from it is computed when rows are taken (fold.c). */
#ifndef PROJECTOR_FOLD_ROWS_H
#define PROJECTOR_FOLD_ROWS_H

#include "base/map.h"
#include "base/string.h"
#include "core/fold.h"
#include "domain/kinds.h"
#include "domain/object_status.h"
#include "wire/json.h"

/* What nobody knows yet passes through, a few levels deeper in the row than in its event. */
#define FOLD_ROW_MAX_DEPTH 80

/* A row is its text: each event that changes it writes the whole text anew, from the old one and the event. What an earlier
 * holder wrote and what this one wrote are thereby the same thing. */
typedef struct {
    char *key;
    char *text; /* NULL: it is gone, or not written yet */
    size_t length;
    cat_kind kind;
    cat_document *document; /* the text parsed, once somebody has looked; with it what stands in the next three */
    cat_view clusters;
    const char *owner; /* the row that made it; NULL: none */
    cat_status status;
    char *application;  /* whose index it stands in; NULL: none */
    int64_t expires_ms; /* of a tombstone; 0: it lives */
    bool dirty;
    bool gone;    /* handed out as a delete marker next, then forgotten */
    bool deleted; /* a tombstone */
    bool derived; /* application and its like: not a base row */
} prj_fold_row;

/* Borrowed rows, in the order in which they came. */
typedef struct {
    prj_fold_row **items;
    size_t count, capacity;
} prj_fold_list;

typedef struct {
    int64_t expires_ms;
    char *key;
} prj_fold_grave;

struct prj_fold {
    char *organization, *environment;
    cat_map *rows;          /* key → prj_fold_row */
    cat_map *applications;  /* name → cat_map of key → prj_fold_row (borrowed) */
    cat_map *dues;          /* Application → int64_t: when its state changes by time alone */
    int64_t next_due_ms;    /* none of them is earlier; 0: there is none */
    cat_map *stale;         /* names of Applications (or Organizations) whose derived row is to be computed */
    prj_fold_list dirty;    /* in the order of change */
    prj_fold_list departed; /* handed out as delete markers: forgotten by the next take */
    cat_string out, part;   /* the text of a row, and of a part of it, being written */
    prj_fold_grave *graves; /* a heap, earliest on top */
    size_t grave_count, grave_capacity;
    int64_t time_ms, last_event_ms;
};

prj_fold_row *prj_fold_find(const prj_fold *state, const char *key); /* NULL when there is none or it is gone */
cat_view prj_fold_view(prj_fold_row *row);                           /* lends until the row is stored; absent for NULL */
/* Writing a row: begin, members, store. `index`: the Application it belongs to (of catalyst-state: the Organization); NULL: none.
 */
cat_string *prj_fold_begin(prj_fold *state);
prj_fold_row *prj_fold_store(prj_fold *state, const char *key, const char *index);
void prj_fold_remove(prj_fold *state, prj_fold_row *row);      /* it leaves with a delete marker */
void prj_fold_touch(prj_fold *state, const char *application); /* its derived row is to be computed; NULL allowed */
/* A row that somebody else wrote, which has not changed. Takes the document, which is the text's. */
prj_fold_row *prj_fold_adopt(prj_fold *state, const char *key, const char *text, size_t length, cat_document *document);
void prj_fold_enter_index(prj_fold *state, prj_fold_row *row, const char *name); /* NULL: it leaves its index */
void prj_fold_list_add(prj_fold_list *list, prj_fold_row *row);

#endif
