/* A delivery of Gitea's is a hint where to look. Its signature says that Gitea wrote it, not when: one that somebody kept and
 * sends again is signed as well. So what goes on the spine is what Gitea says at this moment: a push that is not the branch's
 * head any more becomes one to the head, and a pull request is told as it is now. */
#ifndef PROJECTOR_HOOKS_TRUTH_H
#define PROJECTOR_HOOKS_TRUTH_H

#include "core/payload.h"
#include "net/gitea.h"

/* Changes `event` (a push or a pull request of an Application's) to what is true now. `*there` false: there is no such pull
 * request. Any thread; asks Gitea. */
int prj_hooks_see_truth(cat_gitea *gitea, prj_payload *event, bool *there, cat_error *error);

#endif
