/* What has not been better for long. */
#ifndef PROJECTOR_FOLD_UNSETTLED_H
#define PROJECTOR_FOLD_UNSETTLED_H

#include "core/fold_look.h"
#include "core/fold_members.h"
#include "wire/json_writer.h"

void prj_fold_put_unsettled(const prj_fold_look *seen, cat_string *out); /* of a Pod's entry */
/* Since when what is not well now has not lasted to be so; NULL: nothing is kept. Lent by the entry. */
const char *prj_fold_unsettled_since(cat_view old, cat_status status, int64_t time_ms);
/* What a Pod that is not ill now was told to be, and still counts as until then; absent: nothing. */
cat_view prj_fold_unsettled(const prj_fold_members *members, const prj_fold_row *row, int64_t *until_ms);

#endif
