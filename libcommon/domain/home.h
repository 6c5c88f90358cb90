/* What an Application may bring: objects of its own namespace, and of them none that are Catalyst's. One rule, in three forms
 * that are tested equal: the Role that Flux applies an Application with, the ValidatingAdmissionPolicies that a vcluster holds
 * everything in it to (home_policy.c), and what plans and the registration of Blueprints say before (home.c, home_content.c).
 * Pure; any thread.
 *
 *     char why[CAT_HOME_SENTENCE_MAX];
 *     if (cat_home_judge(object, "blog-dev", NULL, why) == CAT_HOME_REFUSED) puts(why);
 */
#ifndef CAT_DOMAIN_HOME_H
#define CAT_DOMAIN_HOME_H

#include "wire/json.h"

#define CAT_HOME_SENTENCE_MAX 1024
/* Where the accounts live that Flux applies Applications as, each called as its Application's namespace. */
#define CAT_HOME_FLUX_NAMESPACE "flux-system"
#define CAT_HOME_ROLE "catalyst-application" /* Role and RoleBinding in an Application's namespace */
#define CAT_HOME_NETWORK_POLICY "default-deny"
#define CAT_HOME_SECRET_STORE "catalyst"
/* What Catalyst calls its own objects in an Application's namespace: this, and what begins with it and a hyphen. */
#define CAT_HOME_PREFIX "catalyst"
#define CAT_HOME_POLICY "catalyst-home" /* policy and binding: what may be in an Application's namespace */
#define CAT_HOME_REACH "catalyst-reach" /* policy and binding: Applications write nowhere else */

typedef enum {
    CAT_HOME_TAKEN,
    CAT_HOME_UNKNOWN, /* a kind that Kubernetes does not have by itself: taken where Crossplane offers it as a claim */
    CAT_HOME_REFUSED,
} cat_home_verdict;

/* Judges one object, or each of a List. `namespace`: that of the Application, NULL when it is not known yet (then the object's
 * own is written over when it is installed). `scope`: what it was granted besides (domain/cluster_scope.h), NULL for nothing.
 * Unless it is taken, `sentence` says which object, why, and what to do. */
cat_home_verdict cat_home_judge(const json_t *object, const char *namespace, const json_t *scope,
                                char sentence[CAT_HOME_SENTENCE_MAX]);
/* Why an Application may not bring this kind, in half a sentence; NULL: it may, or nobody knows. `group` "" is Kubernetes' own.
 */
const char *cat_home_refusal(const char *group, const char *kind);

/* Rules of the Role. `claims`: [{group, plural}], what Crossplane offers there; NULL for none. Groups that are Catalyst's, Flux's
 * or Kubernetes' own are left out of it. The caller's. */
json_t *cat_home_role_rules(const json_t *claims);
/* Policies and bindings, [object], without labels. The caller's. */
json_t *cat_home_policies(void);

/* Flux's message on an object that the rule, or the cluster, refused, in our words; false when it is about something else. */
bool cat_home_explain(const char *message, char sentence[CAT_HOME_SENTENCE_MAX]);

/* --- for home*.c --- */
typedef struct {
    const char *group, *kind, *resource;
} cat_home_kind;
extern const cat_home_kind CAT_HOME_KINDS[]; /* what an Application may bring; NULL-kind ended */
/* Is this a group of which no other kind may be there than those of the table? */
bool cat_home_is_closed_group(const char *group);
/* What is wrong inside an object of a kind that may be brought, in half a sentence; false: nothing. */
bool cat_home_content_refused(const json_t *object, const char *group, const char *kind, const char *namespace, char *why,
                              size_t size);

#endif
