/* What a kind shows beside its status. */
#ifndef PROJECTOR_FOLD_DETAILS_H
#define PROJECTOR_FOLD_DETAILS_H

#include "core/fold_look.h"
#include "domain/kinds.h"
#include "wire/json_writer.h"
#include "wire/subjects.h"

void prj_fold_details(const prj_fold_look *seen, cat_kind kind, cat_string *out);
void prj_fold_conditions(cat_view object, cat_string *out);
void prj_fold_images(cat_view object, cat_string *out);
bool prj_fold_owner(cat_view object, char key[CAT_KEY_MAX]); /* row key of the controlling owner; false: none */

#endif
