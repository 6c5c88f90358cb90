/* Commits in the words of Flux and of Catalyst. */
#ifndef PROJECTOR_FOLD_COMMIT_H
#define PROJECTOR_FOLD_COMMIT_H

#include "wire/json.h"

#define FOLD_COMMITS_MAX 50 /* that a row keeps of a branch */
#define FOLD_SHORT_ID 8     /* how much of a commit's id Catalyst tells */
#define FOLD_READS_MAX 4    /* lists of files that make up what is applied: those before changed it long ago */

/* `develop@sha1:0123…` → the commit; NULL when there is none. Lends. */
const char *prj_fold_commit_of_revision(const char *revision);
/* The beginning of the id of the commit that was kept from Flux, as such words say it: the caller's; NULL: they do not. */
char *prj_fold_commit_not_built(const char *message);
char *prj_fold_describe_commit(cat_view commit); /* the caller's */

#endif
