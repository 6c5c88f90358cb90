/* The sources of Blueprints. */
#include "domain/source.h"

#include "base/memory.h"
#include "base/string.h"
#include "base/test.h"
#include "domain/access.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

TEST("the names of the contract are the catalogs', and every other word is an Organization's own")
{
    static const struct {
        const char *word;
        cat_source source;
        const char *keeper;
    } ROWS[] = {{"catalog", CAT_SOURCE_CATALOG, CAT_ORGANIZATION_SYSTEM},
                {"catalog-sovereign", CAT_SOURCE_CURATED, CAT_ORGANIZATION_SYSTEM},
                {"acme", CAT_SOURCE_OWN, "acme"},
                {"catalogs", CAT_SOURCE_OWN, "catalogs"},
                {"", CAT_SOURCE_OWN, ""},
                {NULL, CAT_SOURCE_NONE, NULL}};
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        cat_test_row("%s", ROWS[i].word ? ROWS[i].word : "NULL");
        EXPECT_INT(cat_source_of(ROWS[i].word), ROWS[i].source);
        EXPECT_TEXT(cat_source_keeper(ROWS[i].word), ROWS[i].keeper);
        EXPECT_TEXT(cat_source_word(ROWS[i].source, "acme"), ROWS[i].source == CAT_SOURCE_OWN ? "acme" : ROWS[i].word);
    }
}

TEST("no row is without a constant, a visibility that it may have, and either a word or a repository")
{
    EXPECT(!cat_source_get(CAT_SOURCE_NONE) && !cat_source_get(CAT_SOURCE_COUNT));
    for (int source = CAT_SOURCE_FIRST; source < CAT_SOURCE_COUNT; source++) {
        const cat_source_row *row = cat_source_get((cat_source)source);
        EXPECT(!row->word != !row->repository);
        EXPECT(row->visibility && row->never && strcmp(row->visibility, row->never) != 0);
    }
}

TEST("no Organization can be called as a catalog, and no Application as the repository of shared Blueprints")
{
    for (int source = CAT_SOURCE_FIRST; source < CAT_SOURCE_COUNT; source++) {
        const cat_source_row *row = cat_source_get((cat_source)source);
        if (row->word)
            EXPECT(cat_name_check_organization(row->word, NULL) < 0);
        if (row->repository)
            EXPECT(cat_name_check_application(row->repository, NULL) < 0);
    }
}

TEST("an Organization's own goes before what the Sovereign's owner curated, and that before the catalog")
{
    EXPECT(CAT_SOURCE_OWN > CAT_SOURCE_CURATED && CAT_SOURCE_CURATED > CAT_SOURCE_CATALOG);
    EXPECT(CAT_SOURCE_CATALOG > CAT_SOURCE_NONE);
}

TEST("an Organization sees the catalogs and its own, installs nothing private of a catalog, and browses what is listed")
{
    static const struct {
        const char *word, *organization, *visibility;
        cat_source seen;
        bool offers, lists;
    } ROWS[] = {{"catalog", "acme", "listed", CAT_SOURCE_CATALOG, true, true},
                {"catalog", "acme", NULL, CAT_SOURCE_CATALOG, true, true},
                {"catalog-sovereign", "acme", "unlisted", CAT_SOURCE_CURATED, true, false},
                {"catalog", "acme", "private", CAT_SOURCE_CATALOG, false, false},
                {"catalog", NULL, "listed", CAT_SOURCE_CATALOG, true, true},
                {"acme", "acme", "private", CAT_SOURCE_OWN, true, true},
                {"acme", "acme", "unlisted", CAT_SOURCE_OWN, true, false},
                {"acme", "acme", NULL, CAT_SOURCE_OWN, true, true},
                {"acme", "globex", "private", CAT_SOURCE_NONE, false, true},
                {"acme", NULL, "private", CAT_SOURCE_NONE, false, true},
                {NULL, NULL, "listed", CAT_SOURCE_NONE, false, true}};
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        cat_test_row("%zu", i);
        EXPECT_INT(cat_source_seen(ROWS[i].word, ROWS[i].organization), ROWS[i].seen);
        EXPECT_INT(cat_source_offers(ROWS[i].word, ROWS[i].organization, ROWS[i].visibility), ROWS[i].offers);
        EXPECT_INT(cat_source_lists(ROWS[i].word, ROWS[i].visibility), ROWS[i].lists);
    }
}

TEST("a catalog has a repository for each Blueprint, an Organization one with a folder for each")
{
    static const struct {
        const char *owner, *name;
        cat_source source;
        bool folders;
    } ROWS[] = {{"catalog", "bp-x", CAT_SOURCE_CATALOG, false},
                {"catalog-sovereign", "bp-x", CAT_SOURCE_CURATED, false},
                {"catalog", "x", CAT_SOURCE_NONE, false},
                {"catalog", "shared-blueprints", CAT_SOURCE_NONE, true},
                {"acme", "shared-blueprints", CAT_SOURCE_OWN, true},
                {"acme", "bp-x", CAT_SOURCE_NONE, false},
                {"acme", "not-shared-blueprints", CAT_SOURCE_NONE, false},
                {"system", "shared-blueprints", CAT_SOURCE_NONE, true},
                {"", "shared-blueprints", CAT_SOURCE_NONE, true}};
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        cat_test_row("%s/%s", ROWS[i].owner, ROWS[i].name);
        cat_autofree char *repository = cat_printf("%s/%s", ROWS[i].owner, ROWS[i].name);
        EXPECT_INT(cat_source_of_repository(ROWS[i].owner, ROWS[i].name), ROWS[i].source);
        EXPECT_INT(cat_source_has_folders(repository), ROWS[i].folders);
        EXPECT_INT(cat_source_has_folders(ROWS[i].name), ROWS[i].folders);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
