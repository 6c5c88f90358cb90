#include "wire/semver.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX_BYTES 256
/* Beyond this a number is somebody's joke, and adding one to it must not wrap. */
#define NUMBER_MAX UINT64_C(999999999999999)

static bool is_identifier_char(char c)
{
    return isalnum((unsigned char)c) || c == '-';
}

static const char *scan_number(const char *at, uint64_t *number)
{
    if (!isdigit((unsigned char)*at) || (at[0] == '0' && isdigit((unsigned char)at[1])))
        return NULL;
    uint64_t value = 0;
    for (; isdigit((unsigned char)*at); at++) {
        value = value * 10 + (uint64_t)(*at - '0');
        if (value > NUMBER_MAX)
            return NULL;
    }
    *number = value;
    return at;
}

/* Identifiers with dots between, no leading zero in a number. Stops at the first character that is none of
 * them. */
static const char *scan_prerelease(const char *at, char *out, size_t size)
{
    size_t length = 0;
    for (;;) {
        const char *start = at;
        bool digits = true;
        for (; is_identifier_char(*at); at++)
            digits = digits && isdigit((unsigned char)*at);
        if (at == start || (digits && at - start > 1 && *start == '0'))
            return NULL;
        size_t part = (size_t)(at - start);
        if (length + part + 2 > size)
            return NULL;
        memcpy(out + length, start, part);
        length += part;
        if (*at != '.')
            break;
        out[length++] = *at++;
    }
    out[length] = 0;
    return at;
}

int cat_semver_parse(const char *text, cat_semver *version, cat_error *error)
{
    if (!text || !*text)
        return cat_error_set(error, CAT_E_INVALID, "a version is missing");
    if (strnlen(text, TEXT_MAX_BYTES) == TEXT_MAX_BYTES)
        return cat_error_set(error, CAT_E_TOO_LARGE, "a version is longer than %d characters",
                             TEXT_MAX_BYTES);
    cat_semver parsed = {0};
    uint64_t *const numbers[] = {&parsed.major, &parsed.minor, &parsed.patch};
    const char *at = text;
    for (size_t i = 0; at && i < 3; i++) {
        at = scan_number(at, numbers[i]);
        if (at && i < 2)
            at = *at == '.' ? at + 1 : NULL;
    }
    if (at && *at == '-')
        at = scan_prerelease(at + 1, parsed.prerelease, sizeof(parsed.prerelease));
    if (at && *at == '+')
        return cat_error_set(error, CAT_E_INVALID, "version %s has build metadata, which is not allowed",
                             text);
    if (!at || *at)
        return cat_error_set(error, CAT_E_INVALID, "%s is no version such as 1.4.0 or 2.0.0-rc.1", text);
    *version = parsed;
    return 0;
}

static int compare_identifiers(const char *a, size_t a_length, const char *b, size_t b_length)
{
    bool a_number = strspn(a, "0123456789") >= a_length, b_number = strspn(b, "0123456789") >= b_length;
    if (a_number != b_number)
        return a_number ? -1 : 1;
    if (a_number && a_length != b_length)
        return a_length < b_length ? -1 : 1;
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    if (order)
        return order < 0 ? -1 : 1;
    return a_length == b_length ? 0 : a_length < b_length ? -1 : 1;
}

static int compare_prereleases(const char *a, const char *b)
{
    if (!*a || !*b)
        return !*a && !*b ? 0 : !*a ? 1 : -1;
    for (;;) {
        size_t a_length = strcspn(a, "."), b_length = strcspn(b, ".");
        int order = compare_identifiers(a, a_length, b, b_length);
        if (order)
            return order;
        a += a_length;
        b += b_length;
        if (!*a || !*b)
            return !*a && !*b ? 0 : !*a ? -1 : 1;
        a++;
        b++;
    }
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

int cat_semver_compare(const cat_semver *a, const cat_semver *b)
{
    int order = compare_numbers(a->major, b->major);
    if (!order)
        order = compare_numbers(a->minor, b->minor);
    if (!order)
        order = compare_numbers(a->patch, b->patch);
    return order ? order : compare_prereleases(a->prerelease, b->prerelease);
}

void cat_semver_format(const cat_semver *version, char out[CAT_SEMVER_TEXT_MAX])
{
    /* Numbers that were parsed have at most 15 digits; 3·15 + 3 + 39 would not fit, so the last is cut by the
     * size. */
    snprintf(out, CAT_SEMVER_TEXT_MAX, "%" PRIu64 ".%" PRIu64 ".%" PRIu64 "%s%s", version->major,
             version->minor, version->patch, *version->prerelease ? "-" : "", version->prerelease);
}

/* A version of a range, of which parts may be missing or `x`: parts counts what was given. */
typedef struct {
    cat_semver version;
    unsigned parts;
} partial;

typedef enum { OP_NONE, OP_CARET, OP_TILDE, OP_LESS, OP_LESS_EQUAL, OP_GREATER, OP_GREATER_EQUAL } operator;

static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t' || *at == ',')
        at++;
    return at;
}

static const char *scan_partial(const char *at, partial *out)
{
    *out = (partial){0};
    uint64_t *const numbers[] = {&out->version.major, &out->version.minor, &out->version.patch};
    bool wild = false;
    for (size_t i = 0; i < 3; i++) {
        if (*at == 'x' || *at == 'X' || *at == '*') {
            wild = true;
            at++;
        } else {
            uint64_t number;
            if (!(at = scan_number(at, &number)))
                return NULL;
            if (!wild) {
                *numbers[i] = number;
                out->parts = (unsigned)i + 1;
            }
        }
        if (*at != '.' || i == 2)
            break;
        at++;
    }
    if (*at == '-' && out->parts == 3)
        at = scan_prerelease(at + 1, out->version.prerelease, sizeof(out->version.prerelease));
    return at;
}

static const char *scan_operator(const char *at, operator* op)
{
    static const struct {
        const char *text;
        operator op;
    } table[] = {{"^", OP_CARET},          {"~", OP_TILDE},   {"<=", OP_LESS_EQUAL}, {"<", OP_LESS},
                 {">=", OP_GREATER_EQUAL}, {">", OP_GREATER}, {"==", OP_NONE},       {"=", OP_NONE}};
    *op = OP_NONE;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        size_t length = strlen(table[i].text);
        if (strncmp(at, table[i].text, length) == 0) {
            *op = table[i].op;
            return skip_blanks(at + length);
        }
    }
    return at;
}

/* The first version above everything that shares `parts` numbers with `version`. Its prerelease "0" is the
 * lowest there is: ^1.2 must not reach into the prereleases of 2.0.0. */
static cat_semver above(const cat_semver *version, unsigned parts)
{
    cat_semver next = {.prerelease = "0"};
    next.major = version->major + (parts == 1);
    if (parts >= 2)
        next.minor = version->minor + (parts == 2);
    if (parts >= 3)
        next.patch = version->patch + 1;
    return next;
}

typedef __typeof__(((cat_semver_range *)0)->terms[0]) term;

static void set_from(term *t, cat_semver version, bool open)
{
    t->has_from = true;
    t->from = version;
    t->from_open = open;
}

static void set_to(term *t, cat_semver version, bool closed)
{
    t->has_to = true;
    t->to = version;
    t->to_closed = closed;
}

static unsigned caret_parts(const partial *p)
{
    if (p->version.major || p->parts < 2)
        return 1;
    return p->version.minor || p->parts < 3 ? 2 : 3;
}

static void term_of(operator op, const partial *p, term *t)
{
    const cat_semver *version = &p->version;
    bool whole = p->parts == 3;
    if (p->parts == 0) {
        if (op == OP_LESS || op == OP_GREATER) /* below or above everything: nothing */
            set_to(t, (cat_semver){.prerelease = "0"}, false);
        return;
    }
    switch (op) {
    case OP_CARET:
        set_from(t, *version, false);
        set_to(t, above(version, caret_parts(p)), false);
        break;
    case OP_TILDE:
        set_from(t, *version, false);
        set_to(t, above(version, p->parts == 1 ? 1 : 2), false);
        break;
    case OP_LESS: {
        cat_semver to = *version;
        if (!whole)
            strcpy(to.prerelease, "0");
        set_to(t, to, false);
        break;
    }
    case OP_LESS_EQUAL:
        set_to(t, whole ? *version : above(version, p->parts), whole);
        break;
    case OP_GREATER: {
        cat_semver from = whole ? *version : above(version, p->parts);
        if (!whole)
            *from.prerelease = 0;
        set_from(t, from, whole);
        break;
    }
    case OP_GREATER_EQUAL:
        set_from(t, *version, false);
        break;
    case OP_NONE:
        set_from(t, *version, false);
        set_to(t, whole ? *version : above(version, p->parts), whole);
        break;
    }
    if (*version->prerelease) {
        t->names_prerelease = true;
        t->prerelease_of = *version;
    }
}

/* "1.2 - 1.4": both ends belong to the range. */
static const char *scan_hyphen(const char *at, const partial *low, term *t)
{
    partial high;
    at = scan_partial(skip_blanks(at + 1), &high);
    if (!at)
        return NULL;
    term lower = {0}, upper = {0};
    term_of(OP_GREATER_EQUAL, low, &lower);
    term_of(OP_LESS_EQUAL, &high, &upper);
    *t = lower;
    t->has_to = upper.has_to;
    t->to = upper.to;
    t->to_closed = upper.to_closed;
    if (upper.names_prerelease && !t->names_prerelease) {
        t->names_prerelease = true;
        t->prerelease_of = upper.prerelease_of;
    }
    return at;
}

static const char *scan_term(const char *at, term *t)
{
    operator op;
    partial p;
    const char *start = at;
    at = scan_operator(at, &op);
    bool bare = at == start;
    at = scan_partial(at, &p);
    if (!at)
        return NULL;
    const char *after = skip_blanks(at);
    if (bare && after != at && after[0] == '-' && (after[1] == ' ' || after[1] == '\t'))
        return scan_hyphen(after, &p, t);
    term_of(op, &p, t);
    return at;
}

static int range_invalid(const char *text, const char *at, cat_error *error)
{
    return cat_error_set(
        error, CAT_E_INVALID,
        "%s is no version range (see character %zu); ranges look like ^1.4, ~1.2, 1.x or >=1 <2", text,
        (size_t)(at - text) + 1);
}

int cat_semver_range_parse(const char *text, cat_semver_range *range, cat_error *error)
{
    if (!text)
        return cat_error_set(error, CAT_E_INVALID, "a version range is missing");
    if (strnlen(text, TEXT_MAX_BYTES) == TEXT_MAX_BYTES)
        return cat_error_set(error, CAT_E_TOO_LARGE, "a version range is longer than %d characters",
                             TEXT_MAX_BYTES);
    cat_semver_range parsed = {0};
    unsigned group = 0, in_group = 0;
    const char *at = skip_blanks(text);
    for (;;) {
        bool end = !*at, alternative = at[0] == '|' && at[1] == '|';
        if (!end && !alternative) {
            if (parsed.count == CAT_SEMVER_RANGE_MAX_TERMS)
                return cat_error_set(error, CAT_E_TOO_LARGE, "version range %s has more than %d parts", text,
                                     CAT_SEMVER_RANGE_MAX_TERMS);
            term *t = &parsed.terms[parsed.count];
            const char *after = scan_term(at, t);
            if (!after || (*after && !strchr(" \t,|<>=^~", *after)))
                return range_invalid(text, after ? after : at, error);
            t->group = group;
            parsed.count++;
            in_group++;
            at = skip_blanks(after);
            continue;
        }
        if (in_group == 0) { /* an empty alternative holds every version */
            if (parsed.count == CAT_SEMVER_RANGE_MAX_TERMS)
                return cat_error_set(error, CAT_E_TOO_LARGE, "version range %s has more than %d parts", text,
                                     CAT_SEMVER_RANGE_MAX_TERMS);
            parsed.terms[parsed.count++].group = group;
        }
        if (end)
            break;
        group++;
        in_group = 0;
        at = skip_blanks(at + 2);
    }
    *range = parsed;
    return 0;
}

static bool term_holds(const term *t, const cat_semver *version)
{
    if (t->has_from) {
        int order = cat_semver_compare(version, &t->from);
        if (order < 0 || (order == 0 && t->from_open))
            return false;
    }
    if (t->has_to) {
        int order = cat_semver_compare(version, &t->to);
        if (order > 0 || (order == 0 && !t->to_closed))
            return false;
    }
    return true;
}

static bool same_numbers(const cat_semver *a, const cat_semver *b)
{
    return a->major == b->major && a->minor == b->minor && a->patch == b->patch;
}

static bool group_holds(const cat_semver_range *range, unsigned group, const cat_semver *version)
{
    bool any = false, prerelease_named = false;
    for (unsigned i = 0; i < range->count; i++) {
        const term *t = &range->terms[i];
        if (t->group != group)
            continue;
        any = true;
        if (!term_holds(t, version))
            return false;
        prerelease_named =
            prerelease_named || (t->names_prerelease && same_numbers(&t->prerelease_of, version));
    }
    return any && (!*version->prerelease || prerelease_named);
}

bool cat_semver_range_holds(const cat_semver_range *range, const cat_semver *version)
{
    unsigned last = range->count ? range->terms[range->count - 1].group : 0;
    for (unsigned group = 0; range->count && group <= last; group++)
        if (group_holds(range, group, version))
            return true;
    return false;
}

/* The lowest versions that can follow a bound: itself, its next prerelease, and its next release. If two
 * ranges meet at all, then at one of these for one of their lower bounds. */
static bool meet_at(const cat_semver_range *a, const cat_semver_range *b, const cat_semver *bound)
{
    cat_semver candidates[3] = {*bound, *bound, *bound};
    unsigned count = 1;
    if (*bound->prerelease && strlen(bound->prerelease) + 3 <= sizeof(bound->prerelease))
        strcat(candidates[count++].prerelease, ".0");
    cat_semver *release = &candidates[count++];
    release->patch += *bound->prerelease ? 0 : 1;
    *release->prerelease = 0;
    for (unsigned i = 0; i < count; i++)
        if (cat_semver_range_holds(a, &candidates[i]) && cat_semver_range_holds(b, &candidates[i]))
            return true;
    return false;
}

bool cat_semver_ranges_meet(const cat_semver_range *a, const cat_semver_range *b)
{
    if (meet_at(a, b, &(cat_semver){0}))
        return true;
    const cat_semver_range *const ranges[] = {a, b};
    for (unsigned r = 0; r < 2; r++)
        for (unsigned i = 0; i < ranges[r]->count; i++)
            if (ranges[r]->terms[i].has_from && meet_at(a, b, &ranges[r]->terms[i].from))
                return true;
    return false;
}
