#include "wire/semver.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire/semver_internal.h"

/* npm's largest: every peer that is written in JavaScript holds numbers exactly up to here alone, and adding one to it must not
 * wrap. */
#define NUMBER_MAX UINT64_C(9007199254740991)

static bool is_identifier_char(char c)
{
    return isalnum((unsigned char)c) || c == '-';
}

const char *semver_scan_number(const char *at, uint64_t *number)
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

const char *semver_scan_prerelease(const char *at, char *out, size_t size)
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
        if (length + part + 1 > size)
            return NULL;
        memcpy(out + length, start, part);
        length += part;
        if (*at != '.')
            break;
        if (length + 2 > size)
            return NULL;
        out[length++] = *at++;
    }
    out[length] = 0;
    return at;
}

int cat_semver_parse(const char *text, cat_semver *version, cat_error *error)
{
    if (!text || !*text)
        return cat_error_set(error, CAT_E_INVALID, "a version is missing");
    if (strnlen(text, CAT_SEMVER_TEXT_MAX) > CAT_SEMVER_MAX_CHARACTERS)
        return cat_error_set(error, CAT_E_TOO_LARGE, "a version is longer than %d characters", CAT_SEMVER_MAX_CHARACTERS);
    cat_semver parsed = {0};
    uint64_t *const numbers[] = {&parsed.major, &parsed.minor, &parsed.patch};
    const char *at = text;
    for (size_t i = 0; at && i < 3; i++) {
        at = semver_scan_number(at, numbers[i]);
        if (at && i < 2)
            at = *at == '.' ? at + 1 : NULL;
    }
    if (at && *at == '-')
        at = semver_scan_prerelease(at + 1, parsed.prerelease, sizeof(parsed.prerelease));
    if (at && *at == '+')
        return cat_error_set(error, CAT_E_INVALID, "version %s has build metadata, which is not allowed", text);
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

semver_parts semver_parts_of(const cat_semver *version)
{
    return (semver_parts){version->major, version->minor, version->patch, version->prerelease};
}

int semver_parts_compare(semver_parts a, semver_parts b)
{
    int order = compare_numbers(a.major, b.major);
    if (!order)
        order = compare_numbers(a.minor, b.minor);
    if (!order)
        order = compare_numbers(a.patch, b.patch);
    return order ? order : compare_prereleases(a.prerelease, b.prerelease);
}

int cat_semver_compare(const cat_semver *a, const cat_semver *b)
{
    return semver_parts_compare(semver_parts_of(a), semver_parts_of(b));
}

void cat_semver_format(const cat_semver *version, char out[CAT_SEMVER_TEXT_MAX])
{
    /* What was parsed fits; what was put together by hand is cut. */
    snprintf(out, CAT_SEMVER_TEXT_MAX, "%" PRIu64 ".%" PRIu64 ".%" PRIu64 "%s%s", version->major, version->minor, version->patch,
             *version->prerelease ? "-" : "", version->prerelease);
}
