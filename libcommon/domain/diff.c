#include "domain/diff.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"

#define MAX_LINES 10000
#define MAX_BYTES (1024 * 1024)
/* Myers keeps a row for each edit: beyond this many edits the middle is told as replaced whole, which is still true. */
#define MAX_EDITS 1500

typedef struct {
    const char **starts;
    size_t *lengths;
    int *ids; /* equal lines have equal ids */
    size_t count;
    bool ends_open; /* the last line has no line end */
} lines;

static void lines_cleanup(lines *text)
{
    free(text->starts);
    free(text->lengths);
    free(text->ids);
}

static bool lines_split(const char *text, lines *out)
{
    size_t length = text ? strlen(text) : 0;
    if (length > MAX_BYTES)
        return false;
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += text[i] == '\n' || i + 1 == length;
    if (count > MAX_LINES)
        return false;
    *out = (lines){cat_calloc(count + 1, sizeof(char *)), cat_calloc(count + 1, sizeof(size_t)),
                   cat_calloc(count + 1, sizeof(int)), 0, false};
    for (const char *at = text; at && *at;) {
        size_t line = strcspn(at, "\n");
        out->starts[out->count] = at;
        out->lengths[out->count++] = line;
        out->ends_open = !at[line];
        at += line + (at[line] == '\n');
    }
    return true;
}

static void number_lines(lines *text, cat_map *ids)
{
    for (size_t i = 0; i < text->count; i++) {
        /* A last line without its end differs from one with it. */
        bool open = text->ends_open && i + 1 == text->count;
        cat_autofree char *key = cat_printf("%c%.*s", open ? '-' : '+', (int)text->lengths[i], text->starts[i]);
        intptr_t id = (intptr_t)cat_map_get(ids, key);
        if (!id) {
            id = (intptr_t)cat_map_count(ids) + 1;
            cat_map_set(ids, key, (void *)id);
        }
        text->ids[i] = (int)id;
    }
}

/* What happens to each line: kept ones stand in both. */
typedef struct {
    bool *removed, *added;
} changes;

static void changes_cleanup(changes *c)
{
    free(c->removed);
    free(c->added);
}

typedef struct {
    const int *a, *b;
    long n, m;
} problem;

static long slide(const problem *p, long x, long y)
{
    while (x < p->n && y < p->m && p->a[x] == p->b[y]) {
        x++;
        y++;
    }
    return x;
}

/* Where diagonal k is entered in step d, given the furthest points of step d - 1. */
static bool goes_down(const long *v, long k, long d)
{
    return k == -d || (k != d && v[k - 1] < v[k + 1]);
}

/* Walks the kept rows back from the end and notes each edit. */
static void trace_back(const problem *p, long **rows, long d, bool *removed, bool *added)
{
    long x = p->n, y = p->m;
    for (; d > 0; d--) {
        const long *v = rows[d - 1] + d; /* row d - 1 is centred with one spare on each side */
        long k = x - y;
        bool down = goes_down(v, k, d);
        long previous_k = down ? k + 1 : k - 1, previous_x = v[previous_k], previous_y = previous_x - previous_k;
        if (down)
            added[previous_y] = true;
        else
            removed[previous_x] = true;
        x = previous_x;
        y = previous_y;
    }
}

/* Myers' greedy algorithm. false when more than MAX_EDITS edits would be needed. */
static bool myers(const problem *p, bool *removed, bool *added)
{
    long **rows = cat_calloc(MAX_EDITS + 1, sizeof(*rows));
    long found = -1;
    for (long d = 0; d <= MAX_EDITS && found < 0; d++) {
        /* Row d holds the diagonals -d-1 … d+1 at index k + d + 1. */
        rows[d] = cat_calloc((size_t)(2 * d + 3), sizeof(long));
        long *now = rows[d] + d + 1;
        const long *before = d ? rows[d - 1] + d : NULL;
        now[-d - 1] = now[d + 1] = -1;
        for (long k = -d; k <= d && found < 0; k += 2) {
            long x = d == 0 ? 0 : goes_down(before, k, d) ? before[k + 1] : before[k - 1] + 1;
            long y = x - k;
            now[k] = x <= p->n && y <= p->m ? slide(p, x, y) : x;
            if (now[k] >= p->n && now[k] - k >= p->m)
                found = d;
        }
    }
    if (found >= 0)
        trace_back(p, rows, found, removed, added);
    for (long d = 0; d <= MAX_EDITS && rows[d]; d++)
        free(rows[d]);
    free(rows);
    return found >= 0;
}

static void find_changes(const lines *a, const lines *b, changes *out)
{
    *out = (changes){cat_calloc(a->count + 1, sizeof(bool)), cat_calloc(b->count + 1, sizeof(bool))};
    size_t head = 0, tail = 0, shorter = a->count < b->count ? a->count : b->count;
    while (head < shorter && a->ids[head] == b->ids[head])
        head++;
    while (tail < shorter - head && a->ids[a->count - 1 - tail] == b->ids[b->count - 1 - tail])
        tail++;
    const problem middle = {a->ids + head, b->ids + head, (long)(a->count - head - tail), (long)(b->count - head - tail)};
    if (myers(&middle, out->removed + head, out->added + head))
        return;
    for (size_t i = head; i < a->count - tail; i++)
        out->removed[i] = true;
    for (size_t i = head; i < b->count - tail; i++)
        out->added[i] = true;
}

static void append_line(cat_string *out, char mark, const lines *text, size_t index)
{
    cat_string_append_char(out, mark);
    cat_string_append_bytes(out, text->starts[index], text->lengths[index]);
    cat_string_append_char(out, '\n');
    if (text->ends_open && index + 1 == text->count)
        cat_string_append(out, "\\ No newline at end of file\n");
}

static void append_span(cat_string *out, char mark, size_t from, size_t to)
{
    size_t count = to - from;
    cat_string_appendf(out, "%c%zu", mark, count ? from + 1 : from);
    if (count != 1)
        cat_string_appendf(out, ",%zu", count);
}

/* Passes equal lines; false at the end of both. */
static bool skip_equal(const lines *a, const lines *b, const changes *c, size_t *i, size_t *j)
{
    while (*i < a->count && *j < b->count && !c->removed[*i] && !c->added[*j]) {
        (*i)++;
        (*j)++;
    }
    return *i < a->count || *j < b->count;
}

/* The lines of a hunk in both texts, each from its first to behind its last. */
typedef struct {
    size_t i, i_end, j, j_end;
} hunk;

static void append_hunk(cat_string *out, const lines *a, const lines *b, const changes *c, const hunk *of)
{
    size_t i = of->i, j = of->j;
    cat_string_append(out, "@@ ");
    append_span(out, '-', i, of->i_end);
    cat_string_append_char(out, ' ');
    append_span(out, '+', j, of->j_end);
    cat_string_append(out, " @@\n");
    while (i < of->i_end || j < of->j_end) {
        if (i < of->i_end && c->removed[i])
            append_line(out, '-', a, i++);
        else if (j < of->j_end && c->added[j])
            append_line(out, '+', b, j++);
        else {
            append_line(out, ' ', a, i++);
            j++;
        }
    }
}

static void append_hunks(cat_string *out, const lines *a, const lines *b, const changes *c, size_t context)
{
    size_t i = 0, j = 0, floor = 0;
    while (skip_equal(a, b, c, &i, &j)) {
        size_t lead = i - floor < context ? i - floor : context;
        size_t start_i = i - lead, start_j = j - lead;
        for (;;) { /* changes whose contexts touch share a hunk */
            while ((i < a->count && c->removed[i]) || (j < b->count && c->added[j])) {
                if (i < a->count && c->removed[i])
                    i++;
                else
                    j++;
            }
            size_t next_i = i, next_j = j;
            if (!skip_equal(a, b, c, &next_i, &next_j) || next_i - i > 2 * context)
                break;
            i = next_i;
            j = next_j;
        }
        size_t trail = a->count - i < context ? a->count - i : context;
        append_hunk(out, a, b, c, &(hunk){start_i, i + trail, start_j, j + trail});
        floor = i;
    }
}

char *cat_diff_text(const char *before, const char *after, const char *path_before, const char *path_after, unsigned context)
{
    if (cat_text_equal(before, after))
        return cat_strdup("");
    cat_auto(lines) a = {0}, b = {0};
    cat_auto(cat_string) out = CAT_STRING(8 * MAX_BYTES);
    cat_string_appendf(&out, "--- %.1000s\n+++ %.1000s\n", before ? path_before : "/dev/null", after ? path_after : "/dev/null");
    if (!lines_split(before, &a) || !lines_split(after, &b)) {
        cat_string_append(&out, "The file changed; it is too large to be compared here\n");
        return cat_string_take(&out);
    }
    cat_map *ids = cat_map_create(NULL);
    number_lines(&a, ids);
    number_lines(&b, ids);
    cat_map_destroy(ids);
    cat_auto(changes) c = {0};
    find_changes(&a, &b, &c);
    append_hunks(&out, &a, &b, &c, context);
    return cat_string_take(&out);
}
