/* What was typed → which Blueprints, in which order, and how many of which kind. Costs grow with the words that match. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/catalog_internal.h"
#include "wire/page.h"

typedef struct {
    const ctg_catalog *catalog;
    const ctg_query *query;
    bool *shown;         /* by family: to this Organization, with this query */
    unsigned *scores;    /* by family: 0 does not match; the sum over the words so far */
    unsigned *counts[3]; /* of facets: categories, tags, sources */
    unsigned *hits;
    size_t hit_count;
} search;

static void search_finish(search *s)
{
    free(s->shown);
    free(s->scores);
    free(s->hits);
    for (size_t i = 0; i < 3; i++)
        free(s->counts[i]);
}

static inline void search_cleanup(search *s)
{
    search_finish(s);
}

/* --- words --- */

static size_t first_word_at(const ctg_catalog *catalog, const char *typed)
{
    size_t low = 0, high = catalog->word_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(catalog->words[middle].text, typed) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Is there anybody whom this search shows? What it does not show may not decide what else is found. */
static bool take_postings(const search *s, const ctg_word *word, unsigned fit, unsigned *best)
{
    bool any = false;
    for (size_t i = 0; i < word->count; i++) {
        unsigned score = fit * word->postings[i].weight, family = word->postings[i].family;
        if (!s->shown[family])
            continue;
        any = true;
        if (best[family] < score)
            best[family] = score;
    }
    return any;
}

/* The words that begin with what was typed stand together; only when there are none is every word asked whether it holds it, and
 * then whether it is near. */
static void score_word(const search *s, const char *typed, unsigned *best)
{
    const ctg_catalog *catalog = s->catalog;
    size_t length = strlen(typed);
    bool found = false;
    for (size_t i = first_word_at(catalog, typed); i < catalog->word_count; i++) {
        unsigned fit = ctg_match(typed, length, catalog->words[i].text, catalog->words[i].length, CTG_BEGINS);
        if (fit == 0)
            break;
        found = take_postings(s, &catalog->words[i], fit, best) || found;
    }
    for (ctg_closeness closeness = CTG_HOLDS; !found && closeness <= CTG_NEAR; closeness++)
        for (size_t i = 0; i < catalog->word_count; i++) {
            unsigned fit = ctg_match(typed, length, catalog->words[i].text, catalog->words[i].length, closeness);
            if (fit)
                found = take_postings(s, &catalog->words[i], fit, best) || found;
        }
}

static void score_all(search *s)
{
    size_t count = s->catalog->sorted_count;
    const char *at = s->query->q ? s->query->q : "";
    char typed[CTG_WORD_MAX + 1];
    bool any = false;
    cat_autofree unsigned *best = cat_calloc(count + 1, sizeof *best);
    for (unsigned words = 0; words < CTG_QUERY_WORDS_MAX && ctg_next_word(&at, typed); words++) {
        memset(best, 0, count * sizeof *best);
        score_word(s, typed, best);
        for (size_t i = 0; i < count; i++)
            s->scores[i] = best[i] && (s->scores[i] || !any) ? s->scores[i] + best[i] : 0;
        any = true;
    }
    for (size_t i = 0; !any && i < count; i++)
        s->scores[i] = 1;
}

/* --- choices and facets --- */

static bool is_chosen(const cat_strings *chosen, const char *value)
{
    return !chosen || chosen->count == 0 || cat_strings_has(chosen, value);
}

static bool has_chosen_tag(const search *s, const ctg_family *family)
{
    const cat_strings *chosen = s->query->tags;
    if (!chosen || chosen->count == 0)
        return true;
    for (size_t i = 0; i < family->tag_count; i++)
        if (cat_strings_has(chosen, s->catalog->tags.values[family->tags[i]]))
            return true;
    return false;
}

/* An unlisted Blueprint is found by who knows its whole name. */
static bool is_shown(const search *s, const ctg_family *family)
{
    return ctg_is_visible(family, s->query->organization) &&
           (family->listed || (s->query->q && strcmp(s->query->q, family->name) == 0));
}

static void filter(search *s)
{
    const ctg_catalog *catalog = s->catalog;
    for (size_t i = 0; i < catalog->sorted_count; i++) {
        const ctg_family *family = catalog->sorted[i];
        if (!s->scores[i] || !s->shown[i])
            continue;
        bool category = is_chosen(s->query->categories, catalog->categories.values[family->category]),
             tag = has_chosen_tag(s, family), source = is_chosen(s->query->sources, family->source);
        s->counts[0][family->category] += tag && source;
        for (size_t t = 0; t < family->tag_count; t++)
            s->counts[1][family->tags[t]] += category && source;
        s->counts[2][family->source_id] += category && tag;
        if (category && tag && source)
            s->hits[s->hit_count++] = (unsigned)i;
    }
}

typedef struct {
    const char *value;
    unsigned count;
} counted;

static int by_count(const void *left, const void *right)
{
    const counted *a = left, *b = right;
    return a->count != b->count ? (a->count < b->count ? 1 : -1) : strcmp(a->value, b->value);
}

static json_t *show_facet(const ctg_facet *facet, const unsigned *counts)
{
    cat_autofree counted *all = cat_calloc(facet->count + 1, sizeof *all);
    size_t count = 0;
    for (size_t i = 0; i < facet->count; i++)
        if (counts[i] && *facet->values[i])
            all[count++] = (counted){facet->values[i], counts[i]};
    qsort(all, count, sizeof *all, by_count);
    json_t *shown = json_array();
    for (size_t i = 0; i < count && i < CTG_FACETS_MAX; i++)
        json_array_append_new(shown,
                              cat_json_object("value", json_string(all[i].value), "count", json_integer(all[i].count), NULL));
    return shown;
}

/* --- order and pages --- */

static int by_score(const void *left, const void *right, void *context)
{
    const unsigned *scores = context;
    unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;
    if (scores[a] != scores[b])
        return scores[a] < scores[b] ? 1 : -1;
    return a < b ? -1 : a > b; /* families are sorted by title */
}

/* What comes behind a score, a title and a key is the next page, whatever came and went meanwhile. */
typedef struct {
    const search *of;
    unsigned score;
    const char *title, *key;
} place;

static char *make_cursor(const search *s, unsigned hit)
{
    const ctg_family *family = s->catalog->sorted[hit];
    char score[16];
    snprintf(score, sizeof score, "%u", s->scores[hit]);
    return cat_cursor_format((const char *const[]){score, family->title_key, family->key}, 3);
}

static int stands(const void *context, size_t index)
{
    const place *at = context;
    unsigned hit = at->of->hits[index], score = at->of->scores[hit];
    const ctg_family *family = at->of->catalog->sorted[hit];
    if (score != at->score)
        return score < at->score ? 1 : -1;
    int titles = strcmp(family->title_key, at->title);
    return titles ? titles : strcmp(family->key, at->key);
}

static int find_page(const search *s, size_t limit, cat_page *page, cat_error *error)
{
    const char *cursor = s->query->cursor, *parts[3];
    cat_autofree char *bytes = NULL;
    long long score = 0;
    if (!cursor) {
        *page = cat_page_cut(s->hit_count, limit, NULL, NULL);
        return 0;
    }
    if (cat_cursor_parse(cursor, 3, &bytes, parts, error) < 0)
        return CAT_E_INVALID;
    if (!cat_text_to_int64(parts[0], 0, UINT32_MAX, &score))
        return cat_cursor_refuse(error);
    *page = cat_page_cut(s->hit_count, limit, stands, &(place){s, (unsigned)score, parts[1], parts[2]});
    return 0;
}

int ctg_catalog_search(const ctg_catalog *catalog, const ctg_query *query, json_t **result, cat_error *error)
{
    if (query->q && (strlen(query->q) > CTG_QUERY_MAX || !cat_text_is_utf8(query->q, strlen(query->q))))
        return cat_error_set(error, CAT_E_INVALID, "q is text of at most %d bytes", CTG_QUERY_MAX);
    size_t limit = query->limit ? query->limit : CAT_PAGE_LIMIT_DEFAULT;
    cat_auto(search) s = {.catalog = catalog,
                          .query = query,
                          .shown = cat_calloc(catalog->sorted_count + 1, sizeof(bool)),
                          .scores = cat_calloc(catalog->sorted_count + 1, sizeof(unsigned)),
                          .hits = cat_calloc(catalog->sorted_count + 1, sizeof(unsigned)),
                          .counts = {cat_calloc(catalog->categories.count + 1, sizeof(unsigned)),
                                     cat_calloc(catalog->tags.count + 1, sizeof(unsigned)),
                                     cat_calloc(catalog->sources.count + 1, sizeof(unsigned))}};
    for (size_t i = 0; i < catalog->sorted_count; i++)
        s.shown[i] = is_shown(&s, catalog->sorted[i]);
    score_all(&s);
    filter(&s);
    qsort_r(s.hits, s.hit_count, sizeof *s.hits, by_score, s.scores);
    cat_page page = {0};
    int code = find_page(&s, limit, &page, error);
    if (code < 0)
        return code;
    json_t *items = json_array();
    for (size_t i = page.from; i < page.to; i++)
        json_array_append_new(items, ctg_item(catalog->sorted[s.hits[i]]));
    cat_autofree char *next = page.goes_on ? make_cursor(&s, s.hits[page.to - 1]) : NULL;
    json_t *facets =
        cat_json_object("categories", show_facet(&catalog->categories, s.counts[0]), "tags",
                        show_facet(&catalog->tags, s.counts[1]), "sources", show_facet(&catalog->sources, s.counts[2]), NULL);
    *result = cat_json_object("items", items, "facets", facets, "next", next ? json_string(next) : json_null(), "total",
                              json_integer((json_int_t)s.hit_count), NULL);
    return 0;
}
