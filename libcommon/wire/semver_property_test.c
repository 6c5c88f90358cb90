/* Versions and ranges against a reference of another make: the code compares field by field and reads ranges character by
 * character into comparators; the reference turns a version into a key whose bytes sort as versions do, and a range, cut at its
 * blanks, into one interval of keys for each alternative. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/string.h"
#include "base/test.h"
#include "base/test_random.h"
#include "wire/semver.h"

#define PAIRS 60000 /* of each of the two kinds */
#define KEY_MAX 512

/* --- The reference --- */

/* Sorts by bytes: numbers with leading zeros; a release behind all its prereleases ("~"); an identifier that is a number as "0",
 * its length and itself, any other as "1" and itself, each ended by a blank, which no identifier holds, and "!" ends the list. */
static void key_of(long long major, long long minor, long long patch, const char *prerelease, char key[KEY_MAX])
{
    size_t length = (size_t)snprintf(key, KEY_MAX, "%020lld%020lld%020lld", major, minor, patch);
    if (!prerelease || !*prerelease) {
        snprintf(key + length, KEY_MAX - length, "~");
        return;
    }
    cat_autofree char *copy = cat_strdup(prerelease);
    char *rest = copy, *identifier;
    while ((identifier = strsep(&rest, "."))) {
        bool number = strspn(identifier, "0123456789") == strlen(identifier);
        length += number ? (size_t)snprintf(key + length, KEY_MAX - length, "0%03zu%s ", strlen(identifier), identifier)
                         : (size_t)snprintf(key + length, KEY_MAX - length, "1%s ", identifier);
    }
    snprintf(key + length, KEY_MAX - length, "!");
}

static void key_of_text(const char *text, char key[KEY_MAX])
{
    long long major = 0, minor = 0, patch = 0;
    sscanf(text, "%lld.%lld.%lld", &major, &minor, &patch);
    const char *dash = strchr(text, '-');
    key_of(major, minor, patch, dash ? dash + 1 : NULL, key);
}

typedef struct {
    char low[KEY_MAX], high[KEY_MAX]; /* "" for no bound */
    bool low_open, high_open, empty;
    char named[16][64]; /* "1.2.3" of each version with a prerelease that somebody wrote */
    size_t named_count, conditions;
} interval;

static void at_least(interval *i, const char *key, bool open)
{
    static const char lowest[] = "000000000000000000000000000000000000000000000000000000000000~";
    if (!open && strcmp(key, lowest) == 0) /* ">=0.0.0" is "*" */
        return;
    i->conditions++;
    int order = strcmp(key, i->low);
    if (order > 0 || (order == 0 && open)) {
        i->low_open = open;
        strcpy(i->low, key);
    }
}

static void at_most(interval *i, const char *key, bool open)
{
    i->conditions++;
    int order = strcmp(key, i->high);
    if (!*i->high || order < 0 || (order == 0 && open)) {
        i->high_open = open;
        strcpy(i->high, key);
    }
}

/* "1.x", "1.2", "1.2.3-rc.1": what was given of it. */
typedef struct {
    long long n[3];
    int given;
    const char *prerelease;
} pattern;

static pattern pattern_of(const char *text)
{
    pattern p = {.prerelease = NULL};
    for (; p.given < 3 && isdigit((unsigned char)*text); p.given++) {
        char *end;
        p.n[p.given] = strtoll(text, &end, 10);
        text = *end == '.' ? end + 1 : end;
    }
    if (p.given == 3 && *text == '-')
        p.prerelease = text + 1;
    return p;
}

/* The key at which what shares the first `kept` numbers begins (after = 0) or is over (after = 1), prereleases told apart. */
static void edge(const pattern *p, int kept, int after, const char *prerelease, char key[KEY_MAX])
{
    long long n[3] = {0};
    for (int i = 0; i < kept; i++)
        n[i] = p->n[i] + (after && i == kept - 1);
    key_of(n[0], n[1], n[2], prerelease, key);
}

static void apply(interval *i, const char *op, const char *text)
{
    char key[KEY_MAX];
    pattern p = pattern_of(text);
    bool whole = p.given == 3;
    if (p.prerelease)
        snprintf(i->named[i->named_count++], 64, "%lld.%lld.%lld", p.n[0], p.n[1], p.n[2]);
    if (p.given == 0) {
        if (strcmp(op, "<") == 0 || strcmp(op, ">") == 0) {
            i->empty = true;
            i->conditions++;
        }
        return;
    }
    if (strchr("^~=", *op) || strcmp(op, ">=") == 0) {
        edge(&p, p.given, 0, p.prerelease, key);
        at_least(i, key, false);
    }
    if (strcmp(op, ">") == 0) {
        edge(&p, p.given, !whole, p.prerelease, key);
        at_least(i, key, whole);
    }
    if (strcmp(op, "<") == 0) {
        edge(&p, p.given, 0, whole ? p.prerelease : "0", key);
        at_most(i, key, true);
    }
    if (strcmp(op, "<=") == 0 || *op == '=') {
        edge(&p, p.given, !whole, whole ? p.prerelease : "0", key);
        at_most(i, key, !whole);
    }
    if (*op == '~') {
        edge(&p, p.given > 1 ? 2 : 1, 1, "0", key);
        at_most(i, key, true);
    }
    if (*op == '^') { /* up to the next of the leftmost number that is not zero, or else of the last that was given */
        int kept = 1;
        while (kept < p.given && p.n[kept - 1] == 0)
            kept++;
        edge(&p, kept, 1, "0", key);
        at_most(i, key, true);
    }
}

static interval *interval_of(char *alternative)
{
    interval *i = cat_calloc(1, sizeof(*i));
    char *hyphen = strstr(alternative, " - ");
    if (hyphen) {
        *hyphen = 0;
        apply(i, ">=", alternative + strspn(alternative, " "));
        hyphen[3 + strcspn(hyphen + 3, " ")] = 0;
        apply(i, "<=", hyphen + 3);
        return i;
    }
    for (char *term = strtok(alternative, " "); term; term = strtok(NULL, " ")) {
        char op[3] = "=";
        size_t length = strspn(term, "<>=^~");
        if (length)
            snprintf(op, sizeof(op), "%.*s", (int)length, term);
        apply(i, op, term + length);
    }
    return i;
}

static bool reference_holds(const char *range, const char *version)
{
    cat_autofree char *copy = cat_strdup(range);
    char key[KEY_MAX], numbers[64];
    key_of_text(version, key);
    snprintf(numbers, sizeof(numbers), "%.*s", (int)strcspn(version, "-"), version);
    bool prerelease = strchr(version, '-') != NULL, holds = false, everything = false;
    for (char *rest = copy, *next; rest; rest = next) {
        if ((next = strstr(rest, "||"))) {
            *next = 0;
            next += 2;
        }
        cat_autofree interval *i = interval_of(rest);
        everything = everything || !i->conditions;
        bool inside = !i->empty && (!*i->low || strcmp(key, i->low) > (i->low_open ? 0 : -1)) &&
                      (!*i->high || strcmp(key, i->high) < (i->high_open ? 0 : 1));
        bool named = !prerelease;
        for (size_t n = 0; n < i->named_count; n++)
            named = named || strcmp(i->named[n], numbers) == 0;
        holds = holds || (inside && named);
    }
    return everything ? !prerelease : holds;
}

/* --- Made-up versions and ranges --- */

static uint64_t below(uint64_t *seed, uint64_t limit)
{
    return cat_test_below(seed, limit);
}

static void make_prerelease(uint64_t *seed, cat_string *out)
{
    static const char *const identifiers[] = {"0",
                                              "1",
                                              "2",
                                              "10",
                                              "alpha",
                                              "alpha-1",
                                              "beta",
                                              "rc",
                                              "x",
                                              "1a",
                                              "-",
                                              "A",
                                              "sha",
                                              "99999999999999999999",
                                              "0123456789abcdef0123456789abcdef0123456a"};
    for (uint64_t i = 0, count = 1 + below(seed, 3); i < count; i++)
        cat_string_appendf(out, "%s%s", i ? "." : "-", identifiers[below(seed, sizeof(identifiers) / sizeof(*identifiers))]);
}

static void make_version(uint64_t *seed, cat_string *out)
{
    cat_string_appendf(out, "%d.%d.%d", (int)below(seed, 2), (int)below(seed, 2), (int)below(seed, 3));
    if (below(seed, 2))
        make_prerelease(seed, out);
}

static void make_pattern(uint64_t *seed, cat_string *out)
{
    static const char *const wild[] = {"x", "X", "*"};
    int given = (int)below(seed, 8);
    given = given > 3 ? 3 : given;
    for (int i = 0; i < given; i++)
        cat_string_appendf(out, "%s%d", i ? "." : "", (int)below(seed, 2 + (i == 2)));
    if (given == 3 && below(seed, 2))
        make_prerelease(seed, out);
    for (int i = given; i < 3 && (i == 0 || below(seed, 2)); i++)
        cat_string_appendf(out, "%s%s", i ? "." : "", wild[below(seed, 3)]);
}

static void make_range(uint64_t *seed, cat_string *out)
{
    static const char *const ops[] = {"", "", "^", "~", "<", "<=", ">", ">=", "=", "^", "~", ">=", "<"};
    for (uint64_t a = 0, alternatives = 1 + below(seed, 8) / 6; a < alternatives; a++) {
        cat_string_append(out, a ? (below(seed, 2) ? " || " : "||") : "");
        if (below(seed, 4) == 0) {
            make_pattern(seed, out);
            cat_string_append(out, " - ");
            make_pattern(seed, out);
            continue;
        }
        for (uint64_t t = 0, terms = 1 + below(seed, 5) / 2; t < terms; t++) {
            cat_string_appendf(out, "%s%s", t ? " " : "", ops[below(seed, sizeof(ops) / sizeof(*ops))]);
            make_pattern(seed, out);
        }
    }
}

TEST("60,000 made-up pairs of versions are ordered as a key that sorts by bytes orders them")
{
    uint64_t seed = 1;
    int orders[3] = {0};
    for (int i = 0; i < PAIRS; i++) {
        cat_auto(cat_string) a_text = CAT_STRING(1000), b_text = CAT_STRING(1000);
        char a_key[KEY_MAX], b_key[KEY_MAX];
        cat_semver a, b;
        make_version(&seed, &a_text);
        if (below(&seed, 10))
            make_version(&seed, &b_text);
        else
            cat_string_append(&b_text, a_text.data);
        key_of_text(a_text.data, a_key);
        key_of_text(b_text.data, b_key);
        REQUIRE(cat_semver_parse(a_text.data, &a, NULL) == 0 && cat_semver_parse(b_text.data, &b, NULL) == 0);
        int order = strcmp(a_key, b_key);
        order = order < 0 ? -1 : order > 0;
        orders[order + 1]++;
        cat_test_row("%s %s", a_text.data, b_text.data);
        EXPECT_INT(cat_semver_compare(&a, &b), order);
        EXPECT_INT(cat_semver_compare(&b, &a), -order);
    }
    EXPECT(orders[0] > 1000 && orders[1] > 1000 && orders[2] > 1000);
}

TEST("60,000 made-up versions are inside and outside of ranges as intervals of keys say")
{
    uint64_t seed = 2;
    int inside = 0, prereleases = 0;
    for (int i = 0; i < PAIRS; i++) {
        cat_auto(cat_string) range_text = CAT_STRING(2000), version_text = CAT_STRING(1000);
        cat_semver version;
        cat_semver_range range;
        do {
            cat_string_clear(&range_text);
            make_range(&seed, &range_text);
        } while (range_text.length > CAT_SEMVER_MAX_CHARACTERS);
        make_version(&seed, &version_text);
        cat_test_row("%s of %s", version_text.data, range_text.data);
        REQUIRE(cat_semver_parse(version_text.data, &version, NULL) == 0);
        REQUIRE(cat_semver_range_parse(range_text.data, &range, NULL) == 0);
        bool expected = reference_holds(range_text.data, version_text.data);
        EXPECT_INT(cat_semver_range_holds(&range, &version), expected);
        inside += expected;
        prereleases += expected && *version.prerelease;
    }
    EXPECT(inside > 5000 && prereleases > 250);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
