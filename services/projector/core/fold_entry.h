/* What a row says of one vcluster's copy of its object. */
#ifndef PROJECTOR_FOLD_ENTRY_H
#define PROJECTOR_FOLD_ENTRY_H

#include "core/fold_standing.h"

/* `row`: as it was; `status`: as the object was judged, `here` as it is told to stand. */
void prj_fold_put_entry(cat_string *out, const prj_fold_step *step, const prj_fold_identity *id, cat_view data, cat_view object,
                        cat_view row, const cat_object_status *status, const prj_fold_standing *here);

#endif
