/* Where an Application is found: by its own Ingress, else its own route, of several by the one that has its name. */
#include "core/fold_address.h"

#include <string.h>

#include "base/memory.h"
#include "core/fold_text.h"

/* How surely a row is the Application's address; 0: it is none. What a controller made for a while (a certificate's proof) has an
 * owner. */
static int claim_of(const prj_fold_row *row, const char *application)
{
    if ((row->kind != CAT_KIND_INGRESS && row->kind != CAT_KIND_HTTP_ROUTE) || row->owner)
        return 0;
    cat_view_iterator it = cat_view_each(row->clusters);
    cat_view entry;
    bool named = false;
    while (cat_view_next(&it, NULL, &entry))
        named |= cat_text_equal(cat_view_text(entry, "named"), application);
    int claim = cat_text_equal(cat_view_text(prj_fold_seen(row), "name"), application) ? 5 : named ? 3 : 1;
    return claim + (row->kind == CAT_KIND_INGRESS);
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

/* Lent. */
typedef struct {
    const char *host, *path; /* NULL: none; "": all of it */
    bool secure;
} address;

static address address_of(const prj_fold_row *row)
{
    cat_view_iterator it = cat_view_each(row->clusters);
    cat_view entry, item;
    while (cat_view_next(&it, NULL, &entry)) {
        cat_view_iterator hosts = cat_view_each(cat_view_member(entry, "hosts"));
        while (cat_view_next(&hosts, NULL, &item)) {
            const char *host = cat_view_text(item, NULL);
            if (is_plain(host))
                return (address){host, cat_view_text_or(cat_view_member(cat_view_member(entry, "paths"), host), NULL, ""),
                                 has_text(cat_view_member(entry, "secure"), host)};
        }
    }
    return (address){.host = NULL};
}

void prj_fold_put_address(cat_string *out, const prj_fold_members *members, const char *application)
{
    const prj_fold_row *best = NULL;
    address found = {.host = NULL};
    int best_claim = 0;
    for (size_t i = 0; i < members->count; i++) {
        int claim = claim_of(members->rows[i], application);
        address here = claim > best_claim ? address_of(members->rows[i]) : (address){.host = NULL};
        if (!here.host)
            continue;
        best = members->rows[i];
        best_claim = claim;
        found = here;
    }
    if (!best)
        return;
    prj_fold_put(out, "host", found.host);
    if (best->kind == CAT_KIND_HTTP_ROUTE) /* its Gateway's listener says http or https, and that is not known here */
        return;
    cat_autofree char *url = cat_printf("%s://%s%s", found.secure ? "https" : "http", found.host, found.path);
    prj_fold_put(out, "url", url);
}
