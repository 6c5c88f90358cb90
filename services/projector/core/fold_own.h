#ifndef PROJECTOR_FOLD_OWN_H
#define PROJECTOR_FOLD_OWN_H

#include "core/fold_rows.h"

/* An Application's object as its row's Environment may tell of it, in a document that is the caller's; absent where it is no
 * object. */
cat_view prj_fold_own_application(const prj_fold *state, cat_view object, cat_document **made);

#endif
