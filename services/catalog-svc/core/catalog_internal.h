/* How the catalog is held. Inside catalog*.c. */
#ifndef CTG_CATALOG_INTERNAL_H
#define CTG_CATALOG_INTERNAL_H

#include "base/map.h"
#include "core/catalog.h"
#include "wire/semver.h"

typedef struct {
    char *text;
    cat_semver semver;
    json_t *value;
} ctg_version;

typedef struct {
    char *key, *source, *name;
    ctg_version *versions; /* newest first */
    size_t count;
    /* Of the newest version; made with the index. */
    char *title_key;     /* lower case, for sorting */
    bool listed, shared; /* shared: of a catalog */
    unsigned category, source_id, *tags;
    size_t tag_count;
} ctg_family;

/* One word of the index, and who has it. */
typedef struct {
    unsigned family;
    unsigned weight;
} ctg_posting;
typedef struct {
    char *text;
    size_t length, count, capacity;
    ctg_posting *postings; /* by family, rising */
} ctg_word;

/* Values of a facet, by number. */
typedef struct {
    char **values;
    size_t count, capacity;
    cat_map *numbers; /* value → number + 1 */
} ctg_facet;

struct ctg_catalog {
    cat_map *families;   /* key → ctg_family */
    ctg_family **sorted; /* by title_key, then key */
    size_t sorted_count;
    ctg_word *words; /* by text */
    size_t word_count;
    ctg_facet categories, tags, sources;
    bool indexed;
};

#define CTG_WORD_MAX 48
#define CTG_QUERY_WORDS_MAX 8

void ctg_index_clear(ctg_catalog *catalog);
/* The version that is offered: the newest that is no prerelease, else the newest. NULL only for an empty family. */
const ctg_version *ctg_newest(const ctg_family *family);
bool ctg_is_visible(const ctg_family *family, const char *organization); /* by name */
json_t *ctg_item(const ctg_family *family);
/* The letter at the beginning of `text`, without case and accents ("ß" → "ss"): `out` is empty for a mark on the letter before
 * and for what is no letter. How many bytes it takes in `text`. */
size_t ctg_fold(const char *text, char out[5], bool *letter);
/* The words of a text so, one after the other: false at the end. `text` moves on. */
bool ctg_next_word(const char **text, char word[CTG_WORD_MAX + 1]);
/* How well word matches what was typed, in one of these ways: 0 not at all. */
typedef enum { CTG_BEGINS, CTG_HOLDS, CTG_NEAR } ctg_closeness;
unsigned ctg_match(const char *typed, size_t typed_length, const char *word, size_t word_length, ctg_closeness closeness);
unsigned ctg_facet_number(ctg_facet *facet, const char *value); /* makes it */
bool ctg_facet_find(const ctg_facet *facet, const char *value, unsigned *number);

#endif
