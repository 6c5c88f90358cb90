/* The table of kinds. Pure; any thread. */
#ifndef PROVISIONING_KINDS_H
#define PROVISIONING_KINDS_H

#include "core/kind.h"

/* NULL at the end. Lent, constant. */
const prv_kind *prv_kind_at(size_t index);
/* By the `kind` of a request, a plan or an operation. What another version of Catalyst may have left is of a kind that is not
 * known here: it has no plan, no steps and no words, and is never NULL. */
const prv_kind *prv_kind_of(const json_t *record);
/* By where it is asked for ("organizations": what onboards is asked for at a place of its own, named as it is in the plural). */
const prv_kind *prv_kind_asked_at(const char *path);

/* --- one file a kind --- */
int prv_plan_install(struct prv_draft *draft, cat_error *error);
int prv_install_needs(struct prv_draft *draft, json_t *keys, cat_error *error);
int prv_plan_configure(struct prv_draft *draft, cat_error *error);
int prv_plan_uninstall(struct prv_draft *draft, cat_error *error);
int prv_plan_organization(struct prv_draft *draft, cat_error *error);
char *prv_organization_note(const char *organization);
int prv_plan_environment(struct prv_draft *draft, cat_error *error);

#endif
