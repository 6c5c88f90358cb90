/* The sources of Blueprints: one row each, and nothing says in any other way what they are called, whose they are, who sees them,
 * which goes before which, or where they stand in Git. Pure; any thread.
 *
 * A source is named by a word, which is also the owner of its repositories: that of a catalog, else the Organization whose own
 * Blueprints it holds. */
#ifndef CAT_DOMAIN_SOURCE_H
#define CAT_DOMAIN_SOURCE_H

#include "wire/names.h"

/* What `spec.visibility` of a Blueprint says; who is neither, "unlisted", is found by its name alone. */
#define CAT_VISIBILITY_LISTED "listed"
#define CAT_VISIBILITY_PRIVATE "private"

/* SOURCE(constant, word, repository, visibility, never), the farthest first: of a name that stands in several, the last is meant.
 *   word        NULL: the Organization's name. With a word it is the Sovereign's, and every Organization sees it
 *   repository  with a folder for each Blueprint, a version being the tag {name}/v{version}; NULL: each Blueprint has one of its
 *               name, a version being the tag v{version}
 *   visibility  of a Blueprint that says none
 *   never       what none of its Blueprints may be */
#define CAT_SOURCES(SOURCE)                                                                                                      \
    SOURCE(CATALOG, "catalog", NULL, CAT_VISIBILITY_LISTED, CAT_VISIBILITY_PRIVATE)                                              \
    SOURCE(CURATED, "catalog-sovereign", NULL, CAT_VISIBILITY_LISTED, CAT_VISIBILITY_PRIVATE)                                    \
    SOURCE(OWN, NULL, CAT_SHARED_BLUEPRINTS, CAT_VISIBILITY_PRIVATE, CAT_VISIBILITY_LISTED)

#define CAT_SOURCE_CONSTANT(constant, ...) CAT_SOURCE_##constant,
/* In the order of precedence: the greater goes before the smaller. */
typedef enum {
    CAT_SOURCE_NONE,
    CAT_SOURCES(CAT_SOURCE_CONSTANT) CAT_SOURCE_COUNT,
    CAT_SOURCE_FIRST = CAT_SOURCE_NONE + 1
} cat_source;
#undef CAT_SOURCE_CONSTANT

typedef struct {
    const char *word, *repository, *visibility, *never;
} cat_source_row;

/* NULL for CAT_SOURCE_NONE. */
const cat_source_row *cat_source_get(cat_source source);
/* Every word that is no catalog's is taken for an Organization's name; NULL is CAT_SOURCE_NONE. */
cat_source cat_source_of(const char *word);
/* What `source` is called for this Organization; NULL for CAT_SOURCE_NONE, and for OWN of nobody. */
const char *cat_source_word(cat_source source, const char *organization);

/* Is it the Sovereign's? Else an Organization's. */
bool cat_source_is_sovereigns(const char *word);
/* The Organization whose people keep it. */
const char *cat_source_keeper(const char *word);
/* CAT_SOURCE_NONE when the Organization (NULL: none) does not see it. */
cat_source cat_source_seen(const char *word, const char *organization);
/* May the Organization install a Blueprint of this source and visibility (NULL: it says none)? */
bool cat_source_offers(const char *word, const char *organization, const char *visibility);
/* Is it among what those who see it may browse? */
bool cat_source_lists(const char *word, const char *visibility);

/* What a repository of Gitea is; CAT_SOURCE_NONE when there are no Blueprints in it. */
cat_source cat_source_of_repository(const char *owner, const char *name);
/* Does a repository, with its owner before it or not, have a folder for each Blueprint? */
bool cat_source_has_folders(const char *repository);

#endif
