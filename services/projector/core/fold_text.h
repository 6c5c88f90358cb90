/* How a row's text is written, and the event that it is written for. */
#ifndef PROJECTOR_FOLD_TEXT_H
#define PROJECTOR_FOLD_TEXT_H

#include "core/fold_rows.h"
#include "wire/cloudevent.h"
#include "wire/json_writer.h"
#include "wire/subjects.h"

/* Texts of outside that stand in rows are cut, so that a row stays far below what a bucket takes. */
#define FOLD_MESSAGE_MAX 1024

/* One event on its way through the fold. */
typedef struct {
    const cat_cloudevent_in *event;
    const cat_subject *subject;
    uint64_t sequence;
    int64_t time_ms;
    const char *time_text;
} prj_fold_step;

size_t prj_fold_cut(const char *text, size_t max_bytes); /* how much of a text stays, cut between characters */
/* A member, cut between characters; nothing for NULL and "". */
void prj_fold_put(cat_string *out, const char *name, const char *text);
void prj_fold_put_cut(cat_string *out, const char *name, const char *text, size_t max_bytes); /* also "" */
/* kind, namespace, name, environment at the beginning; seq and observedAt at the end. */
void prj_fold_stamp(const prj_fold *state, cat_string *out, const char *kind, const char *namespace, const char *name);
void prj_fold_seal(cat_string *out, const prj_fold_step *step);
/* An object's members, of which `name` becomes `text` (JSON; NULL: it leaves); the others stay as and where they are. */
void prj_fold_put_replaced(cat_string *out, const char *member, cat_view object, const char *name, const cat_string *text);

#endif
