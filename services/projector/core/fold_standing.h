/* How a vcluster's copy of an object stands. */
#ifndef PROJECTOR_FOLD_STANDING_H
#define PROJECTOR_FOLD_STANDING_H

#include "base/clock.h"
#include "core/fold_identity.h"
#include "core/fold_text.h"
#include "domain/object_status.h"

/* Lent by the row, the event, or what was judged of it. */
typedef struct {
    const char *cluster;
    cat_status status;
    const char *reason, *message, *next, *since;
    const char *manager, *drifted_at; /* NULL: nobody changed it outside Git */
} prj_fold_standing;

/* Well, resting on purpose, or neither: as long as that stays the same, so does its beginning. */
typedef enum { FOLD_SPELL_WELL, FOLD_SPELL_RESTING, FOLD_SPELL_ILL } prj_fold_spell;
prj_fold_spell prj_fold_spell_of(cat_status status);

/* `old`: what the row remembers of it. `since` is written where nothing can be lent. */
prj_fold_standing prj_fold_standing_of_object(const prj_fold_step *step, const prj_fold_identity *id, cat_view data,
                                              cat_view object, cat_view old, const cat_object_status *status,
                                              char since[CAT_TIME_TEXT_MAX]);
void prj_fold_put_words(cat_string *out, const prj_fold_standing *here);
void prj_fold_put_drift(cat_string *out, const prj_fold_standing *here); /* nothing where nobody changed it outside Git */
/* The row's own status is that of the vcluster that people should hear of first; `changed` (NULL: it left) stands for what the
 * row has of `cluster`. */
void prj_fold_put_merged(cat_string *out, cat_view clusters, const char *cluster, const prj_fold_standing *changed);
/* The same of the copies as the row has them. */
void prj_fold_put_standing(cat_string *out, cat_view clusters);

#endif
