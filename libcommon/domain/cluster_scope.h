/* What a Blueprint may need outside its Application's namespace, `clusterScope: [{kind, names}]`: objects of a whole vcluster,
 * each by its name. Whoever may manage the Organization grants it, for one Application in one Environment; it is then an
 * exception to domain/home.h for these objects alone. Pure; any thread.
 *
 * What is granted is a list of that form; NULL is an empty one. It is to have passed cat_cluster_scope_check. */
#ifndef CAT_DOMAIN_CLUSTER_SCOPE_H
#define CAT_DOMAIN_CLUSTER_SCOPE_H

#include "wire/json.h"

/* ClusterRole and ClusterRoleBinding that give it are called this and the namespace. */
#define CAT_CLUSTER_SCOPE_ROLE "catalyst-scope-"
/* A namespace that is never made. The ClusterRole is bound to account {Application's namespace} in it too, which so stands for
 * what was granted and for nothing that somebody gave the real accounts by mistake; admission asks for its rights. */
#define CAT_CLUSTER_SCOPE_GRANTED "catalyst-granted"

/* Calls `complain` for everything that nobody can grant, with a JSON pointer into the list. */
typedef void cat_cluster_scope_complaint(void *context, const char *pointer, const char *message);
void cat_cluster_scope_check(const json_t *scope, cat_cluster_scope_complaint *complain, void *context);

/* Can objects of this kind be granted at all? */
bool cat_cluster_scope_is_grantable(const char *group, const char *kind);
bool cat_cluster_scope_has(const json_t *scope, const char *group, const char *kind, const char *name);
/* Is it of a kind that a granted CustomResourceDefinition defines? Its group is all that an object tells. */
bool cat_cluster_scope_defines(const json_t *scope, const char *group);
/* What is wrong inside an object that may be brought as it is granted, in half a sentence; false: nothing. `namespace` NULL: not
 * known yet. */
bool cat_cluster_scope_content_refused(const json_t *object, const char *namespace, char *why, size_t size);

/* Rules of the ClusterRole. The caller's. */
json_t *cat_cluster_scope_role_rules(const json_t *scope);
/* Adds the kinds that the granted definitions define to [{group, plural}], as cat_home_role_rules takes them. */
void cat_cluster_scope_add_kinds(const json_t *scope, json_t *kinds);
/* "ClusterRole a, ClusterRole b": the caller's text. */
char *cat_cluster_scope_print(const json_t *scope);
/* Entries of [{environment, kind, names}] for one Environment, as a list of the form above. The caller's. */
json_t *cat_cluster_scope_in(const json_t *granted, const char *environment);

/* Of catalyst-reach (domain/home.h): CEL that is true for what is granted to the Application whose namespace is
 * `variables.home`; and {expression, message} of what is asked of its content, `count` of them. */
typedef struct {
    const char *expression, *message;
} cat_cluster_scope_rule;
extern const char CAT_CLUSTER_SCOPE_IS_GRANTED[];
extern const cat_cluster_scope_rule CAT_CLUSTER_SCOPE_RULES[];
extern const size_t CAT_CLUSTER_SCOPE_RULE_COUNT;

#endif
