/* Derived rows: pure functions of base rows. */
#ifndef PROJECTOR_FOLD_DERIVE_H
#define PROJECTOR_FOLD_DERIVE_H

#include "core/fold_rows.h"

void prj_fold_derive_application(prj_fold *state, const char *application);
void prj_fold_derive_organization(prj_fold *state, const char *organization);

#endif
