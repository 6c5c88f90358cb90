/* The tables behind names.h: reserved names and location codes. Immutable; any thread. */
#ifndef CAT_WIRE_NAMES_DATA_H
#define CAT_WIRE_NAMES_DATA_H

/* A code as it stands in names and the letter it has in a location code. */
typedef struct {
    const char *code;
    char letter;
} cat_location_code;

#define CAT_PROVIDER_REGIONS_MAX 8
typedef struct {
    const char *name; /* as people write it */
    cat_location_code code;
    cat_location_code regions[CAT_PROVIDER_REGIONS_MAX]; /* ends with a NULL code */
} cat_provider;

extern const cat_provider CAT_PROVIDERS[];            /* ends with a NULL name */
extern const cat_location_code CAT_BUILDING_BLOCKS[]; /* ends with a NULL code */
typedef struct {
    cat_location_code code;
    const char *branch;
    int rank; /* in the order of promotion, -1 outside */
} cat_env_type;
extern const cat_env_type CAT_ENV_TYPES[]; /* ends with a NULL code */

/* What no Organization may be called, and what no Organization's name may begin with; end with NULL. */
extern const char *const CAT_RESERVED_NAMES[];
extern const char *const CAT_RESERVED_PREFIXES[];
/* What no person's login in Git may begin with: our accounts, Flux's, Gitea's and Keycloak's own; ends with NULL. */
extern const char *const CAT_RESERVED_LOGIN_PREFIXES[];
/* Repositories that every Organization has besides its Applications'; ends with NULL. */
extern const char *const CAT_RESERVED_APPLICATIONS[];

#endif
