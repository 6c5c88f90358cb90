#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "wire/schema_node.h"

static bool digits(const char *text, size_t count, int *number)
{
    *number = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
        *number = *number * 10 + (text[i] - '0');
    }
    return true;
}

static bool is_date(const char *text, size_t length)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    if (length != 10 || text[4] != '-' || text[7] != '-' || !digits(text, 4, &year) ||
        !digits(text + 5, 2, &month) || !digits(text + 8, 2, &day) || month < 1 || month > 12)
        return false;
    bool leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day >= 1 && day <= days[month - 1] + leap;
}

/* RFC 3339's full-time. A leap second exists at 23:59:60 UTC only. */
static bool is_time(const char *text, size_t length)
{
    int hour, minute, second;
    if (length < 9 || text[2] != ':' || text[5] != ':' || !digits(text, 2, &hour) ||
        !digits(text + 3, 2, &minute) || !digits(text + 6, 2, &second) || hour > 23 || minute > 59 ||
        second > 60)
        return false;
    size_t at = 8;
    if (text[at] == '.') {
        size_t start = ++at;
        while (at < length && isdigit((unsigned char)text[at]))
            at++;
        if (at == start)
            return false;
    }
    int offset = 0;
    if (at + 1 == length && (text[at] == 'Z' || text[at] == 'z')) {
        offset = 0;
    } else {
        int hours, minutes;
        if (at + 6 != length || (text[at] != '+' && text[at] != '-') || text[at + 3] != ':' ||
            !digits(text + at + 1, 2, &hours) || !digits(text + at + 4, 2, &minutes) || hours > 23 ||
            minutes > 59)
            return false;
        offset = (text[at] == '-' ? -1 : 1) * (hours * 60 + minutes);
    }
    int utc = (hour * 60 + minute - offset + 2 * 1440) % 1440;
    return second < 60 || utc == 1439;
}

static bool is_date_time(const char *text, size_t length)
{
    return length > 11 && is_date(text, 10) && (text[10] == 'T' || text[10] == 't') &&
           is_time(text + 11, length - 11);
}

static bool is_hostname(const char *text, size_t length)
{
    if (length == 0 || length > 253)
        return false;
    size_t label = 0;
    for (size_t i = 0; i <= length; i++) {
        if (i == length || text[i] == '.') {
            if (label == 0 || label > 63 || text[i - 1] == '-')
                return false;
            label = 0;
        } else if (isalnum((unsigned char)text[i]) || (text[i] == '-' && label > 0)) {
            label++;
        } else {
            return false;
        }
    }
    return true;
}

static bool is_address(int family, const char *text, size_t length)
{
    unsigned char bytes[16];
    return length < 64 && strlen(text) == length && inet_pton(family, text, bytes) == 1;
}

static bool is_ipv4(const char *text, size_t length)
{
    return is_address(AF_INET, text, length);
}

static bool is_ipv6(const char *text, size_t length)
{
    return is_address(AF_INET6, text, length);
}

static bool is_email(const char *text, size_t length)
{
    const char *at = memrchr(text, '@', length);
    if (!at || at == text || at - text > 64)
        return false;
    size_t local = (size_t)(at - text);
    for (size_t i = 0; i < local; i++) {
        unsigned char c = (unsigned char)text[i];
        bool dot_misplaced = c == '.' && (i == 0 || i + 1 == local || text[i - 1] == '.');
        if (dot_misplaced || (!isalnum(c) && !strchr(".!#$%&'*+-/=?^_`{|}~", c)) || c == 0)
            return false;
    }
    return is_hostname(at + 1, length - local - 1);
}

static bool is_uuid(const char *text, size_t length)
{
    if (length != 36)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return true;
}

static bool has_uri_characters(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '%' &&
            !(i + 2 < length && isxdigit((unsigned char)text[i + 1]) && isxdigit((unsigned char)text[i + 2])))
            return false;
        if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}", c))
            return false;
    }
    return true;
}

/* An authority's host has to be one, and its port a number. */
static bool has_good_authority(const char *text, size_t length)
{
    size_t end = 0;
    while (end < length && !strchr("/?#", text[end]))
        end++;
    const char *user = memrchr(text, '@', end);
    const char *host = user ? user + 1 : text;
    size_t rest = end - (size_t)(host - text);
    const char *port = NULL;
    if (rest && *host == '[') {
        const char *close = memchr(host, ']', rest);
        if (!close)
            return false;
        cat_autofree char *address = cat_strndup(host + 1, (size_t)(close - host - 1));
        if (!is_ipv6(address, strlen(address)))
            return false;
        port = close + 1;
    } else {
        port = memchr(host, ':', rest);
        port = port ? port : host + rest;
    }
    if (port < host + rest && *port != ':')
        return false;
    for (const char *at = port + 1; at < host + rest; at++)
        if (!isdigit((unsigned char)*at))
            return false;
    return true;
}

static bool is_uri(const char *text, size_t length)
{
    const char *colon = memchr(text, ':', length);
    if (!colon || !isalpha((unsigned char)*text) || !has_uri_characters(text, length))
        return false;
    for (const char *at = text; at < colon; at++)
        if (!isalnum((unsigned char)*at) && *at != '+' && *at != '-' && *at != '.')
            return false;
    size_t rest = length - (size_t)(colon - text) - 1;
    if (rest < 2 || strncmp(colon + 1, "//", 2) != 0)
        return true;
    return has_good_authority(colon + 3, rest - 2);
}

static bool is_uri_reference(const char *text, size_t length)
{
    return has_uri_characters(text, length) && (length == 0 || *text != ':');
}

static bool is_regex(const char *text, size_t length)
{
    return strlen(text) == length && schema_pattern_valid(text);
}

static bool is_json_pointer(const char *text, size_t length)
{
    if (length && *text != '/')
        return false;
    for (size_t i = 0; i < length; i++)
        if (text[i] == '~' && (i + 1 == length || (text[i + 1] != '0' && text[i + 1] != '1')))
            return false;
    return true;
}

bool schema_format_holds(const char *format, const char *text, size_t length, const char **what)
{
    static const struct {
        const char *name;
        bool (*holds)(const char *text, size_t length);
        const char *what;
    } formats[] = {{"email", is_email, "an e-mail address such as name@example.org"},
                   {"uri", is_uri, "a whole address such as https://example.org/"},
                   {"uri-reference", is_uri_reference, "an address or a path, without blanks"},
                   {"hostname", is_hostname, "a host name such as www.example.org"},
                   {"date", is_date, "a date such as 2026-11-24"},
                   {"time", is_time, "a time with its zone such as 08:30:00Z"},
                   {"date-time", is_date_time, "a time such as 2026-11-24T08:30:00Z"},
                   {"ipv4", is_ipv4, "an IPv4 address such as 192.0.2.1"},
                   {"ipv6", is_ipv6, "an IPv6 address such as 2001:db8::1"},
                   {"uuid", is_uuid, "a UUID such as 123e4567-e89b-12d3-a456-426614174000"},
                   {"regex", is_regex, "a regular expression"},
                   {"json-pointer", is_json_pointer, "a JSON pointer such as /spec/replicas"}};
    for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
        if (strcmp(formats[i].name, format) == 0) {
            *what = formats[i].what;
            return formats[i].holds(text, length);
        }
    return true;
}
