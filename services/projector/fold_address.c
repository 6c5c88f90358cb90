/* Where an Application is found: by its own Ingress, else its own route, of several by the one that has its name. */
#include <string.h>

#include "fold_cause.h"

/* How surely a row is the Application's address; 0: it is none. What a controller made for a while (a certificate's proof) has an
 * owner. */
static int claim_of(const fold_row *row, const char *application)
{
    if ((row->kind != FOLD_INGRESS && row->kind != FOLD_ROUTE) || row->owner)
        return 0;
    cat_view_iterator it = cat_view_each(row->clusters);
    cat_view entry;
    bool named = false;
    while (cat_view_next(&it, NULL, &entry))
        named |= cat_text_equal(cat_view_text(entry, "named"), application);
    int claim = cat_text_equal(cat_view_text(fold_seen(row), "name"), application) ? 5 : named ? 3 : 1;
    return claim + (row->kind == FOLD_INGRESS);
}

static bool is_plain(const char *host)
{
    return host && *host && !strchr(host, '*') && strlen(host) <= 253;
}

static bool has_text(cat_view list, const char *text)
{
    cat_view_iterator it = cat_view_each(list);
    cat_view item;
    while (cat_view_next(&it, NULL, &item)) {
        const char *one = cat_view_text_or(item, NULL, "");
        const char *dot = strchr(text, '.');
        /* A certificate of `*.example.org` covers one label. */
        if (strcmp(one, text) == 0 || (cat_text_starts_with(one, "*.") && dot && strcmp(one + 1, dot) == 0))
            return true;
    }
    return false;
}

static const char *host_of(const fold_row *row, bool *secure)
{
    cat_view_iterator it = cat_view_each(row->clusters);
    cat_view entry, host;
    while (cat_view_next(&it, NULL, &entry)) {
        cat_view_iterator hosts = cat_view_each(cat_view_member(entry, "hosts"));
        while (cat_view_next(&hosts, NULL, &host))
            if (is_plain(cat_view_text(host, NULL))) {
                *secure = has_text(cat_view_member(entry, "secure"), cat_view_text(host, NULL));
                return cat_view_text(host, NULL);
            }
    }
    return NULL;
}

void fold_put_address(cat_string *out, const fold_members *members, const char *application)
{
    const fold_row *best = NULL;
    const char *host = NULL;
    bool secure = false;
    int best_claim = 0;
    for (size_t i = 0; i < members->count; i++) {
        bool here_secure = false;
        int claim = claim_of(members->rows[i], application);
        const char *here = claim > best_claim ? host_of(members->rows[i], &here_secure) : NULL;
        if (!here)
            continue;
        best = members->rows[i];
        best_claim = claim;
        host = here;
        secure = here_secure;
    }
    if (!best)
        return;
    fold_put(out, "host", host);
    if (best->kind == FOLD_ROUTE) /* its Gateway's listener says http or https, and that is not known here */
        return;
    cat_autofree char *url = cat_printf("%s://%s", secure ? "https" : "http", host);
    fold_put(out, "url", url);
}
