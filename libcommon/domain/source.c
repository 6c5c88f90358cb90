#include "domain/source.h"

#include <string.h>

#include "base/string.h"
#include "domain/access.h"

#define ROW(constant, ...) [CAT_SOURCE_##constant] = {__VA_ARGS__},
static const cat_source_row SOURCES[CAT_SOURCE_COUNT] = {CAT_SOURCES(ROW)};
#undef ROW

const cat_source_row *cat_source_get(cat_source source)
{
    return source > CAT_SOURCE_NONE && source < CAT_SOURCE_COUNT ? &SOURCES[source] : NULL;
}

cat_source cat_source_of(const char *word)
{
    if (!word)
        return CAT_SOURCE_NONE;
    for (int source = CAT_SOURCE_FIRST; source < CAT_SOURCE_COUNT; source++)
        if (SOURCES[source].word && strcmp(SOURCES[source].word, word) == 0)
            return (cat_source)source;
    return CAT_SOURCE_OWN;
}

const char *cat_source_word(cat_source source, const char *organization)
{
    const cat_source_row *row = cat_source_get(source);
    return !row ? NULL : row->word ? row->word : organization;
}

/* --- whose it is, and who sees it --- */

bool cat_source_is_sovereigns(const char *word)
{
    const cat_source_row *row = cat_source_get(cat_source_of(word));
    return row && row->word;
}

const char *cat_source_keeper(const char *word)
{
    return cat_source_is_sovereigns(word) ? CAT_ORGANIZATION_SYSTEM : word;
}

cat_source cat_source_seen(const char *word, const char *organization)
{
    if (organization && cat_text_equal(word, organization))
        return CAT_SOURCE_OWN;
    cat_source source = cat_source_of(word);
    return source == CAT_SOURCE_OWN ? CAT_SOURCE_NONE : source;
}

bool cat_source_offers(const char *word, const char *organization, const char *visibility)
{
    cat_source source = cat_source_seen(word, organization);
    return source == CAT_SOURCE_OWN || (source != CAT_SOURCE_NONE && !cat_text_equal(visibility, CAT_VISIBILITY_PRIVATE));
}

bool cat_source_lists(const char *word, const char *visibility)
{
    return !visibility || strcmp(visibility, CAT_VISIBILITY_LISTED) == 0 ||
           (!cat_source_is_sovereigns(word) && strcmp(visibility, CAT_VISIBILITY_PRIVATE) == 0);
}

/* --- where it stands --- */

cat_source cat_source_of_repository(const char *owner, const char *name)
{
    cat_source source = cat_source_of(owner);
    const cat_source_row *row = cat_source_get(source);
    if (!row)
        return CAT_SOURCE_NONE;
    bool is_named = row->repository ? cat_text_equal(name, row->repository) : cat_name_check_blueprint(name, NULL) == 0;
    bool is_owned = row->word || cat_name_check_organization(owner, NULL) == 0;
    return is_named && is_owned ? source : CAT_SOURCE_NONE;
}

bool cat_source_has_folders(const char *repository)
{
    const char *slash = strrchr(repository, '/'), *name = slash ? slash + 1 : repository;
    for (int source = CAT_SOURCE_FIRST; source < CAT_SOURCE_COUNT; source++)
        if (cat_text_equal(SOURCES[source].repository, name))
            return true;
    return false;
}
