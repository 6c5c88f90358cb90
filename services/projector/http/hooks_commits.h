/* The commits of a push, as Gitea has them. Any thread; asks Gitea. */
#ifndef PROJECTOR_HOOKS_COMMITS_H
#define PROJECTOR_HOOKS_COMMITS_H

#include "core/payload.h"
#include "net/gitea.h"

/* The newest commits at `head` that `before` does not have (NULL or nothing but zeros: all), as those of a push: newest last, at
 * most fifty. Those whose files are too many to read are told without. */
int prj_hooks_read_commits(cat_gitea *gitea, const char *repository, const char *before, const char *head, json_t **commits,
                           cat_error *error);
/* Gitea names no commits when a branch is new, and of others the newest five: the rest is asked for, where there is somebody to
 * ask (`gitea` may be NULL). Without them the push is still true; that it lacks some is said, and the sweep fills what is
 * missing. */
void prj_hooks_complete_commits(cat_gitea *gitea, const prj_payload *event);

#endif
