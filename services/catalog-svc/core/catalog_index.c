/* The words of all Blueprints, and how what was typed matches them. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/catalog_internal.h"
#include "domain/source.h"

/* Where a word stands says how much it is about the Blueprint. */
enum { IN_TITLE = 8, IN_NAME = 7, IN_TAGS = 5, IN_CATEGORY = 4, IN_TAGLINE = 2, IN_DESCRIPTION = 1 };
/* How a word fits what was typed. */
enum { FITS_WHOLE = 100, FITS_BEGINNING = 60, FITS_INSIDE = 30, FITS_NEARLY = 20 };

#define INSIDE_MIN 3         /* letters that are looked for inside of words */
#define DESCRIPTION_MAX 2048 /* bytes that are searched */
#define TITLE_KEY_MAX 400    /* bytes: a cursor carries it */

/* --- words --- */

bool ctg_next_word(const char **text, char word[CTG_WORD_MAX + 1])
{
    const char *at = *text;
    size_t length = 0;
    char letters[5];
    for (bool letter; *at;) {
        size_t bytes = ctg_fold(at, letters, &letter);
        if (length > 0 && !letter)
            break;
        at += bytes;
        if (letter && length + strlen(letters) <= CTG_WORD_MAX) {
            strcpy(word + length, letters);
            length += strlen(letters);
        }
    }
    word[length] = '\0';
    *text = at;
    return length > 0;
}

/* The least number of letters changed, left out, put in or swapped until `typed` begins `word`; above `most` it does not matter.
 */
static unsigned beginning_distance(const char *typed, size_t m, const char *word, size_t n, unsigned most)
{
    unsigned rows[3][CTG_WORD_MAX + 2];
    if (n > m + most)
        n = m + most;
    for (size_t j = 0; j <= n; j++)
        rows[0][j] = (unsigned)j;
    unsigned *before = rows[2], *last = rows[0], *now = rows[1];
    for (size_t i = 1; i <= m; i++) {
        unsigned least = now[0] = (unsigned)i;
        for (size_t j = 1; j <= n; j++) {
            unsigned cost = last[j - 1] + (typed[i - 1] != word[j - 1]);
            if (last[j] + 1 < cost)
                cost = last[j] + 1;
            if (now[j - 1] + 1 < cost)
                cost = now[j - 1] + 1;
            if (i > 1 && j > 1 && typed[i - 1] == word[j - 2] && typed[i - 2] == word[j - 1] && before[j - 2] + 1 < cost)
                cost = before[j - 2] + 1;
            now[j] = cost;
            if (cost < least)
                least = cost;
        }
        if (least > most)
            return most + 1;
        unsigned *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    unsigned least = most + 1;
    for (size_t j = 0; j <= n; j++)
        if (last[j] < least)
            least = last[j];
    return least;
}

unsigned ctg_match(const char *typed, size_t typed_length, const char *word, size_t word_length, ctg_closeness closeness)
{
    if (closeness == CTG_BEGINS)
        return word_length < typed_length || memcmp(typed, word, typed_length) != 0 ? 0
               : word_length == typed_length                                        ? FITS_WHOLE
                                                                                    : FITS_BEGINNING;
    if (closeness == CTG_HOLDS)
        return typed_length >= INSIDE_MIN && strstr(word, typed) ? FITS_INSIDE : 0;
    unsigned most = typed_length < 4 ? 0 : typed_length < 8 ? 1 : 2;
    if (most == 0 || word_length + most < typed_length)
        return 0;
    unsigned distance = beginning_distance(typed, typed_length, word, word_length, most);
    return distance <= most ? FITS_NEARLY - 5 * (distance - 1) : 0;
}

/* --- facets --- */

unsigned ctg_facet_number(ctg_facet *facet, const char *value)
{
    if (!facet->numbers)
        facet->numbers = cat_map_create(NULL);
    uintptr_t known = (uintptr_t)cat_map_get(facet->numbers, value);
    if (known)
        return (unsigned)known - 1;
    if (facet->count == facet->capacity) {
        facet->capacity = facet->capacity ? facet->capacity * 2 : 16;
        facet->values = cat_realloc(facet->values, facet->capacity * sizeof *facet->values);
    }
    facet->values[facet->count++] = cat_strdup(value);
    cat_map_set(facet->numbers, value, (void *)(uintptr_t)facet->count);
    return (unsigned)facet->count - 1;
}

bool ctg_facet_find(const ctg_facet *facet, const char *value, unsigned *number)
{
    uintptr_t known = facet->numbers ? (uintptr_t)cat_map_get(facet->numbers, value) : 0;
    if (known)
        *number = (unsigned)known - 1;
    return known != 0;
}

static void facet_clear(ctg_facet *facet)
{
    for (size_t i = 0; i < facet->count; i++)
        free(facet->values[i]);
    free(facet->values);
    cat_map_destroy(facet->numbers);
    *facet = (ctg_facet){0};
}

/* --- the index --- */

void ctg_index_clear(ctg_catalog *catalog)
{
    for (size_t i = 0; i < catalog->word_count; i++) {
        free(catalog->words[i].text);
        free(catalog->words[i].postings);
    }
    free(catalog->words);
    free(catalog->sorted);
    catalog->words = NULL;
    catalog->sorted = NULL;
    catalog->word_count = catalog->sorted_count = 0;
    facet_clear(&catalog->categories);
    facet_clear(&catalog->tags);
    facet_clear(&catalog->sources);
    catalog->indexed = false;
}

static void free_word(void *value)
{
    ctg_word *word = value;
    free(word->text);
    free(word->postings);
    free(word);
}

static void add_word(cat_map *words, const char *text, unsigned family, unsigned weight)
{
    ctg_word *word = cat_map_get(words, text);
    if (!word) {
        word = cat_calloc(1, sizeof *word);
        word->text = cat_strdup(text);
        word->length = strlen(text);
        cat_map_set(words, text, word);
    }
    if (word->count && word->postings[word->count - 1].family == family) {
        if (word->postings[word->count - 1].weight < weight)
            word->postings[word->count - 1].weight = weight;
        return;
    }
    if (word->count == word->capacity) {
        word->capacity = word->capacity ? word->capacity * 2 : 2;
        word->postings = cat_realloc(word->postings, word->capacity * sizeof *word->postings);
    }
    word->postings[word->count++] = (ctg_posting){family, weight};
}

static void add_text(cat_map *words, const char *text, size_t max_bytes, unsigned family, unsigned weight)
{
    char word[CTG_WORD_MAX + 1];
    const char *at = text ? text : "", *begin = at;
    while ((size_t)(at - begin) < max_bytes && ctg_next_word(&at, word))
        add_word(words, word, family, weight);
}

static void add_family(cat_map *words, const ctg_family *family, unsigned number)
{
    const json_t *card = cat_json_get(ctg_newest(family)->value, "spec.card");
    add_text(words, cat_json_text(card, "title"), SIZE_MAX, number, IN_TITLE);
    add_text(words, family->name + (cat_text_starts_with(family->name, "bp-") ? 3 : 0), SIZE_MAX, number, IN_NAME);
    add_word(words, family->name, number, IN_NAME); /* typed whole, with its bp- */
    size_t index;
    json_t *tag;
    json_array_foreach(json_object_get(card, "tags"), index, tag)
        add_text(words, json_string_value(tag), SIZE_MAX, number, IN_TAGS);
    add_text(words, cat_json_text(card, "category"), SIZE_MAX, number, IN_CATEGORY);
    add_text(words, cat_json_text(card, "tagline"), SIZE_MAX, number, IN_TAGLINE);
    add_text(words, cat_json_text(card, "description"), DESCRIPTION_MAX, number, IN_DESCRIPTION);
}

/* Without case and accents; all between the letters is one space. */
static char *make_title_key(const char *title)
{
    cat_auto(cat_string) key = CAT_STRING(TITLE_KEY_MAX);
    char word[CTG_WORD_MAX + 1];
    while (ctg_next_word(&title, word)) {
        cat_string_append(&key, key.length ? " " : "");
        cat_string_append(&key, word);
    }
    return cat_string_take(&key);
}

static void prepare_family(ctg_catalog *catalog, ctg_family *family)
{
    const json_t *value = ctg_newest(family)->value, *card = cat_json_get(value, "spec.card");
    free(family->title_key);
    free(family->tags);
    family->title_key = make_title_key(cat_json_text_or(card, "title", family->name));
    family->listed = cat_source_lists(family->source, cat_json_text(value, "spec.visibility"));
    family->category = ctg_facet_number(&catalog->categories, cat_json_text_or(card, "category", ""));
    family->source_id = ctg_facet_number(&catalog->sources, family->source);
    const json_t *tags = json_object_get(card, "tags");
    family->tags = cat_calloc(json_array_size(tags) + 1, sizeof *family->tags);
    family->tag_count = 0;
    size_t index;
    json_t *tag;
    json_array_foreach(tags, index, tag) if (json_is_string(tag)) family->tags[family->tag_count++] =
        ctg_facet_number(&catalog->tags, json_string_value(tag));
}

static int by_title(const void *left, const void *right)
{
    const ctg_family *a = *(ctg_family *const *)left, *b = *(ctg_family *const *)right;
    int titles = strcmp(a->title_key, b->title_key);
    return titles ? titles : strcmp(a->key, b->key);
}

static int by_text(const void *left, const void *right)
{
    return strcmp(((const ctg_word *)left)->text, ((const ctg_word *)right)->text);
}

static void keep_words(ctg_catalog *catalog, cat_map *words)
{
    catalog->words = cat_calloc(cat_map_count(words) + 1, sizeof *catalog->words);
    size_t at = 0;
    const char *text;
    void *value;
    while (cat_map_next(words, &at, &text, &value)) {
        ctg_word *word = value;
        catalog->words[catalog->word_count++] = *word;
        word->text = NULL; /* ours now */
        word->postings = NULL;
    }
    qsort(catalog->words, catalog->word_count, sizeof *catalog->words, by_text);
}

void ctg_catalog_index(ctg_catalog *catalog)
{
    if (catalog->indexed)
        return;
    ctg_index_clear(catalog);
    __attribute__((cleanup(cat_map_destroy_cleanup))) cat_map *words = cat_map_create(free_word);
    catalog->sorted = cat_calloc(cat_map_count(catalog->families) + 1, sizeof(ctg_family *));
    size_t at = 0;
    const char *key;
    void *value;
    while (cat_map_next(catalog->families, &at, &key, &value)) {
        prepare_family(catalog, value);
        catalog->sorted[catalog->sorted_count++] = value;
    }
    qsort(catalog->sorted, catalog->sorted_count, sizeof *catalog->sorted, by_title);
    for (size_t i = 0; i < catalog->sorted_count; i++)
        add_family(words, catalog->sorted[i], (unsigned)i);
    keep_words(catalog, words);
    catalog->indexed = true;
}
