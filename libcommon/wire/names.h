/* The names of the contract: what may be called what, and how names are put together. Pure; any thread.
 * Reserved names and location codes are data in names_data.c. */
#ifndef CAT_WIRE_NAMES_H
#define CAT_WIRE_NAMES_H

#include <stdbool.h>

#include "base/error.h"

#define CAT_NAME_ORGANIZATION_MAX 32
#define CAT_NAME_APPLICATION_MAX 40
#define CAT_NAME_ENVIRONMENT_MAX 37 /* organization, a hyphen, four letters */
#define CAT_NAME_LOGIN_MAX 40 /* Gitea's own maximum (modules/validation and models/user) */
#define CAT_NAME_MAX 254
/* The repository of an Organization's own Blueprints, which no Application may be called; domain/source.h says what it is. */
#define CAT_SHARED_BLUEPRINTS "shared-blueprints"
/* The repository that Flux applies to the management cluster (svc/config_repo.h). */
#define CAT_CONFIG_REPOSITORY "system/catalyst-config"

/* 0, or CAT_E_INVALID with a sentence that says which rule is broken. */
int cat_name_check_organization(const char *name, cat_error *error);
int cat_name_check_environment(const char *name, cat_error *error);
int cat_name_check_application(const char *name, cat_error *error);
int cat_name_check_blueprint(const char *name, cat_error *error);
/* A person's login in Git: what an account of ours or of the Git server is called, in whatever case, is nobody's, and only ASCII is, so that nothing looks like it. */
int cat_name_check_login(const char *login, cat_error *error);

bool cat_env_type_is(const char *text); /* prod stg uat dev poc */
const char *cat_env_type_at(unsigned index); /* each of them once; NULL above */
/* Branch of an env type: dev → develop, stg → staging, prod → main, uat, poc. NULL for no env type. */
const char *cat_branch_of_env_type(const char *env_type);
const char *cat_env_type_of_branch(const char *branch); /* NULL for another branch */
/* Order of promotion: dev 0, stg 1, uat 2, prod 3; poc -1 (outside the order). */
int cat_env_type_rank(const char *env_type);
/* Splits `acme-prod`; false when the name is no Environment's. Buffers of the caller. */
bool cat_environment_split(const char *environment, char organization[CAT_NAME_ORGANIZATION_MAX + 1], char env_type[8]);

/* `{provider}-{region}-{bb}-{env_type}` → location code, e.g. hz-fsn-rtz-prod → hfrp. */
int cat_host_cluster_code(const char *host_cluster, char code[5], cat_error *error);
int cat_name_check_host_cluster(const char *name, cat_error *error);

#endif
