/* Ranges are turned into comparators as node-semver 7 does (classes/range.js): first the alternatives, then in each the terms, of
 * which each becomes at most two comparators. Upper bounds that nobody wrote end below the lowest prerelease of what comes next
 * ("<2.0.0-0"), so ^1.2 does not reach into the prereleases of 2.0.0. */
#include <string.h>

#include "wire/semver.h"
#include "wire/semver_internal.h"

typedef enum { LESS, LESS_EQUAL, EQUAL, GREATER_EQUAL, GREATER } comparison;
typedef enum { OP_NONE, OP_CARET, OP_TILDE, OP_LESS, OP_LESS_EQUAL, OP_GREATER, OP_GREATER_EQUAL } operator;

/* The first texts in `prereleases`: none, and the lowest there is. */
enum { NO_PRERELEASE = 0, LOWEST = 1, FIRST_FREE = 3 };

/* A version of a range, of which parts may be missing or `x`: parts counts what was given. */
typedef struct {
    uint64_t numbers[3];
    uint16_t prerelease;
    unsigned parts;
    bool mixed; /* a number follows an x */
} partial;

typedef struct {
    cat_semver_range *range;
    size_t used; /* of range->prereleases */
    unsigned terms;
} reading;

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t\r\n\v\f,");
}

static bool is_wild(char c)
{
    return c == 'x' || c == 'X' || c == '*';
}

/* "+build" in a range means nothing, as with npm. */
static const char *skip_build(const char *at)
{
    if (*at != '+')
        return at;
    const char *after = at + 1 + strspn(at + 1, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-.");
    return after == at + 1 ? NULL : after;
}

static const char *scan_prerelease(reading *r, const char *at, partial *out)
{
    char *text = r->range->prereleases + r->used;
    at = semver_scan_prerelease(at, text, sizeof(r->range->prereleases) - r->used);
    if (at && out->parts == 3) {
        out->prerelease = (uint16_t)r->used;
        r->used += strlen(text) + 1;
    }
    return at;
}

static const char *scan_partial(reading *r, const char *at, partial *out)
{
    *out = (partial){.prerelease = NO_PRERELEASE};
    bool wild = false;
    size_t i = 0;
    for (at += strspn(at, "v="); i < 3; i++) {
        if (is_wild(*at)) {
            wild = true;
            at++;
        } else {
            uint64_t number;
            if (!(at = semver_scan_number(at, &number)))
                return NULL;
            out->mixed = out->mixed || wild;
            if (!wild) {
                out->numbers[i] = number;
                out->parts = (unsigned)i + 1;
            }
        }
        if (*at != '.' || i == 2)
            break;
        at++;
    }
    if (i == 2 && *at == '-')
        at = scan_prerelease(r, at + 1, out);
    return at && i == 2 ? skip_build(at) : at;
}

static const char *scan_operator(const char *at, operator* op)
{
    static const struct {
        const char *text;
        operator op;
    } table[] = {{"^", OP_CARET}, {"~>", OP_TILDE},         {"~", OP_TILDE},   {"<=", OP_LESS_EQUAL},
                 {"<", OP_LESS},  {">=", OP_GREATER_EQUAL}, {">", OP_GREATER}, {"=", OP_NONE}};
    *op = OP_NONE;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        size_t length = strlen(table[i].text);
        if (strncmp(at, table[i].text, length) == 0) {
            *op = table[i].op;
            at += length;
            return at + strspn(at, " \t\r\n\v\f");
        }
    }
    return at;
}

/* ">=0.0.0" is nothing asked for, as with npm, where it goes away like "*". */
static void add(reading *r, comparison relation, const uint64_t numbers[3], uint16_t prerelease)
{
    cat_semver_range *range = r->range;
    if (relation == GREATER_EQUAL && !numbers[0] && !numbers[1] && !numbers[2] && prerelease == NO_PRERELEASE)
        return;
    range->comparators[range->count].major = numbers[0];
    range->comparators[range->count].minor = numbers[1];
    range->comparators[range->count].patch = numbers[2];
    range->comparators[range->count].prerelease = prerelease;
    range->comparators[range->count].relation = (uint8_t)relation;
    range->comparators[range->count++].alternative = (uint8_t)range->alternatives;
}

/* Below everything that is above all that shares the first `parts` numbers. */
static void add_below_next(reading *r, const partial *p, unsigned parts)
{
    uint64_t next[3] = {0};
    for (unsigned i = 0; i < parts; i++)
        next[i] = p->numbers[i] + (i + 1 == parts);
    add(r, LESS, next, LOWEST);
}

static unsigned caret_parts(const partial *p)
{
    if (p->numbers[0] || p->parts < 2)
        return 1;
    return p->numbers[1] || p->parts < 3 ? 2 : 3;
}

/* A term whose version has all its parts. */
static void add_whole(reading *r, operator op, const partial *p)
{
    static const comparison plain[] = {
        [OP_NONE] = EQUAL,      [OP_LESS] = LESS,           [OP_LESS_EQUAL] = LESS_EQUAL, [OP_GREATER_EQUAL] = GREATER_EQUAL,
        [OP_GREATER] = GREATER, [OP_CARET] = GREATER_EQUAL, [OP_TILDE] = GREATER_EQUAL};
    add(r, plain[op], p->numbers, p->prerelease);
    if (op == OP_CARET || op == OP_TILDE)
        add_below_next(r, p, op == OP_CARET ? caret_parts(p) : 2);
}

static void add_term(reading *r, operator op, const partial *p)
{
    static const uint64_t zero[3] = {0};
    if (p->parts == 3) {
        add_whole(r, op, p);
        return;
    }
    if (p->parts == 0) {
        if (op == OP_LESS || op == OP_GREATER) /* below or above everything: nothing */
            add(r, LESS, zero, LOWEST);
        return;
    }
    switch (op) {
    case OP_LESS:
        add(r, LESS, p->numbers, LOWEST);
        break;
    case OP_LESS_EQUAL:
        add_below_next(r, p, p->parts);
        break;
    case OP_GREATER: {
        partial next = *p;
        next.numbers[p->parts - 1]++;
        add(r, GREATER_EQUAL, next.numbers, NO_PRERELEASE);
        break;
    }
    case OP_GREATER_EQUAL:
        add(r, GREATER_EQUAL, p->numbers, NO_PRERELEASE);
        break;
    case OP_CARET:
    case OP_TILDE:
    case OP_NONE:
        add(r, GREATER_EQUAL, p->numbers, NO_PRERELEASE);
        add_below_next(r, p, op == OP_CARET ? caret_parts(p) : p->parts);
        break;
    }
}

static bool is_hyphen(const char *before, const char *after)
{
    return after != before && after[0] == '-' && strchr(" \t\r\n\v\f", after[1]) && after[1];
}

static const char *scan_term(reading *r, const char *at)
{
    operator op;
    partial low, high;
    const char *start = at;
    at = scan_operator(at, &op);
    bool bare = at == start;
    at = scan_partial(r, at, &low);
    if (!at)
        return NULL;
    const char *after = skip_blanks(at);
    if (bare && is_hyphen(at, after)) { /* "1.2 - 1.4": both ends belong to the range */
        at = scan_partial(r, skip_blanks(after + 1), &high);
        if (!at)
            return NULL;
        add_term(r, OP_GREATER_EQUAL, &low);
        add_term(r, OP_LESS_EQUAL, &high);
        return at;
    }
    if (low.mixed && op != OP_CARET && op != OP_TILDE) /* "1.x.3" */
        return NULL;
    add_term(r, op, &low);
    return at;
}

static int range_invalid(const char *text, const char *at, cat_error *error)
{
    return cat_error_set(error, CAT_E_INVALID,
                         "%s is no version range (see character %zu); ranges look like ^1.4, ~1.2, 1.x or >=1 <2", text,
                         (size_t)(at - text) + 1);
}

/* An alternative that asks for nothing holds every release, and so does the range. */
static void end_alternative(reading *r, unsigned first)
{
    r->range->any = r->range->any || r->range->count == first;
    r->range->alternatives++;
}

static int read_alternatives(reading *r, const char *text, cat_error *error)
{
    unsigned first = 0, in_alternative = 0;
    for (const char *at = skip_blanks(text);;) {
        bool end = !*at, bar = at[0] == '|' && at[1] == '|';
        if ((!end && !bar) || in_alternative == 0)
            if (r->terms++ == CAT_SEMVER_RANGE_MAX_TERMS)
                return cat_error_set(error, CAT_E_TOO_LARGE, "version range %s has more than %d parts", text,
                                     CAT_SEMVER_RANGE_MAX_TERMS);
        if (!end && !bar) {
            const char *after = scan_term(r, at);
            if (!after || (*after && !strchr(" \t\r\n\v\f,|<>=^~", *after)))
                return range_invalid(text, after ? after : at, error);
            in_alternative++;
            at = skip_blanks(after);
            continue;
        }
        end_alternative(r, first);
        if (end)
            return 0;
        first = r->range->count;
        in_alternative = 0;
        at = skip_blanks(at + 2);
    }
}

int cat_semver_range_parse(const char *text, cat_semver_range *range, cat_error *error)
{
    if (!text)
        return cat_error_set(error, CAT_E_INVALID, "a version range is missing");
    if (strnlen(text, CAT_SEMVER_TEXT_MAX) > CAT_SEMVER_MAX_CHARACTERS)
        return cat_error_set(error, CAT_E_TOO_LARGE, "a version range is longer than %d characters", CAT_SEMVER_MAX_CHARACTERS);
    cat_semver_range parsed = {0};
    parsed.prereleases[LOWEST] = '0';
    reading r = {.range = &parsed, .used = FIRST_FREE};
    int code = read_alternatives(&r, text, error);
    if (code == 0)
        *range = parsed;
    return code;
}

static semver_parts bound_of(const cat_semver_range *range, unsigned i)
{
    const __typeof__(range->comparators[0]) *c = &range->comparators[i];
    return (semver_parts){c->major, c->minor, c->patch, range->prereleases + c->prerelease};
}

static bool related(comparison relation, int order)
{
    switch (relation) {
    case LESS:
        return order < 0;
    case LESS_EQUAL:
        return order <= 0;
    case EQUAL:
        return order == 0;
    case GREATER_EQUAL:
        return order >= 0;
    case GREATER:
        return order > 0;
    }
    return false;
}

static bool parts_held(const cat_semver_range *range, semver_parts version)
{
    if (range->any)
        return !*version.prerelease;
    bool holds = true, named = !*version.prerelease;
    for (unsigned i = 0; i < range->count; i++) {
        semver_parts bound = bound_of(range, i);
        holds = holds && related(range->comparators[i].relation, semver_parts_compare(version, bound));
        named = named || (*bound.prerelease && semver_parts_same_numbers(bound, version));
        if (i + 1 < range->count && range->comparators[i + 1].alternative == range->comparators[i].alternative)
            continue;
        if (holds && named)
            return true;
        holds = true;
        named = !*version.prerelease;
    }
    return false;
}

bool cat_semver_range_holds(const cat_semver_range *range, const cat_semver *version)
{
    return parts_held(range, semver_parts_of(version));
}

/* The lowest versions that can follow a bound: itself, its next prerelease, the first prerelease with its numbers, and its next
 * release. If two ranges meet at all, then at one of these for one of their bounds, or at 0.0.0. */
static bool meet_at(const cat_semver_range *a, const cat_semver_range *b, semver_parts bound)
{
    char next[sizeof(a->prereleases) + 2];
    size_t length = strlen(bound.prerelease);
    memcpy(next, bound.prerelease, length);
    memcpy(next + length, ".0", 3);
    semver_parts candidates[4] = {bound, bound, bound, bound};
    candidates[1].prerelease = length ? next : "0";
    candidates[2].prerelease = "0";
    candidates[3].prerelease = "";
    candidates[3].patch += length ? 0 : 1;
    for (unsigned i = 0; i < 4; i++)
        if (parts_held(a, candidates[i]) && parts_held(b, candidates[i]))
            return true;
    return false;
}

bool cat_semver_ranges_meet(const cat_semver_range *a, const cat_semver_range *b)
{
    if (meet_at(a, b, (semver_parts){.prerelease = ""}))
        return true;
    const cat_semver_range *const ranges[] = {a, b};
    for (unsigned r = 0; r < 2; r++)
        for (unsigned i = 0; i < ranges[r]->count; i++)
            if (meet_at(a, b, bound_of(ranges[r], i)))
                return true;
    return false;
}
