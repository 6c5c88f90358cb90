/* The resolver against a reference of another make: the reference tries every choice of a version of every Blueprint, and plays
 * each choice until nothing changes any more. */
#include "domain/resolver.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/test.h"
#include "base/test_random.h"

#define BLUEPRINTS 5
#define VERSIONS 3
#define DEPENDS 3

typedef struct {
    int target, low, high; /* versions from low to high; target BLUEPRINTS: there is none of that name */
    int when, gives;       /* flags: 0 none; `when` 2 is true where the flag is missing */
    bool off;              /* taken out of the universe */
} depend;

typedef struct {
    int blueprints, versions[BLUEPRINTS], depend_count[BLUEPRINTS][VERSIONS];
    depend depends[BLUEPRINTS][VERSIONS][DEPENDS];
} universe;

/* --- The reference --- */

typedef struct {
    bool reached[BLUEPRINTS], flag[BLUEPRINTS];
} state;

static bool is_taken(const depend *d, const state *s, int from)
{
    return !d->off && s->reached[from] && (d->when == 0 || (d->when == 1) == s->flag[from]);
}

static state play(const universe *u, const int *chosen, bool *settled)
{
    state now = {.reached = {true}};
    *settled = false;
    for (int round = 0; round < 20 && !*settled; round++) {
        state next = {.reached = {true}};
        for (int b = 0; b < u->blueprints; b++)
            for (int k = 0; k < u->depend_count[b][chosen[b]]; k++) {
                const depend *d = &u->depends[b][chosen[b]][k];
                if (!is_taken(d, &now, b) || d->target == BLUEPRINTS)
                    continue;
                next.reached[d->target] = true;
                next.flag[d->target] = next.flag[d->target] || d->gives;
            }
        *settled = memcmp(&now, &next, sizeof(now)) == 0;
        now = next;
    }
    return now;
}

static bool comes_back(const universe *u, const int *chosen, const state *s, int from, int depth)
{
    if (depth > BLUEPRINTS)
        return true;
    for (int k = 0; k < u->depend_count[from][chosen[from]]; k++) {
        const depend *d = &u->depends[from][chosen[from]][k];
        if (is_taken(d, s, from) && d->target < BLUEPRINTS && comes_back(u, chosen, s, d->target, depth + 1))
            return true;
    }
    return false;
}

static bool can_be(const universe *u, const int *chosen, state *s)
{
    bool settled;
    *s = play(u, chosen, &settled);
    if (!settled || comes_back(u, chosen, s, 0, 0))
        return false;
    for (int b = 0; b < u->blueprints; b++)
        for (int k = 0; k < u->depend_count[b][chosen[b]]; k++) {
            const depend *d = &u->depends[b][chosen[b]][k];
            if (is_taken(d, s, b) &&
                (d->target == BLUEPRINTS || chosen[d->target] + 1 < d->low || chosen[d->target] + 1 > d->high))
                return false;
        }
    return true;
}

static bool solvable(const universe *u)
{
    int chosen[BLUEPRINTS] = {0};
    state s;
    for (;;) {
        if (can_be(u, chosen, &s))
            return true;
        int b = 0;
        while (b < u->blueprints && ++chosen[b] == u->versions[b])
            chosen[b++] = 0;
        if (b == u->blueprints)
            return false;
    }
}

/* --- Universes --- */

static universe make_universe(uint64_t *seed, bool circles, bool conditions, int most_versions)
{
    universe u = {.blueprints = 3 + (int)cat_test_below(seed, BLUEPRINTS - 2)};
    for (int b = 0; b < u.blueprints; b++)
        u.versions[b] = 1 + (int)cat_test_below(seed, (uint64_t)most_versions);
    for (int b = 0; b < u.blueprints; b++)
        for (int v = 0; v < u.versions[b]; v++)
            for (int k = (int)cat_test_below(seed, DEPENDS + 1); k > 0; k--) {
                int target = (int)cat_test_below(seed, (uint64_t)u.blueprints);
                if (!circles && target <= b)
                    continue;
                if (circles && cat_test_below(seed, 40) == 0)
                    target = BLUEPRINTS;
                int versions = target < BLUEPRINTS ? u.versions[target] : 1;
                depend d = {.target = target, .low = 1 + (int)cat_test_below(seed, (uint64_t)versions)};
                d.high = d.low + (int)cat_test_below(seed, (uint64_t)(versions - d.low + 1));
                if (conditions) {
                    d.when = cat_test_below(seed, 3) ? 0 : circles ? 1 : 1 + (int)cat_test_below(seed, 2);
                    d.gives = cat_test_below(seed, 2) == 0;
                }
                u.depends[b][v][u.depend_count[b][v]++] = d;
            }
    return u;
}

static json_t *json_of_universe(const universe *u, bool backwards)
{
    json_t *list = json_array();
    for (int b = 0; b < u->blueprints; b++)
        for (int v = 0; v < u->versions[b]; v++) {
            json_t *depends = json_array();
            for (int k = 0; k < u->depend_count[b][v]; k++) {
                const depend *d = &u->depends[b][v][backwards ? u->depend_count[b][v] - 1 - k : k];
                cat_autofree char *name = cat_printf("bp-%d", d->target), *alias = cat_printf("d%d", d->target),
                                  *range = cat_printf(">=%d.0.0 <=%d.0.0", d->low, d->high);
                json_t *one = cat_json_object("blueprint", json_string(name), "version", json_string(range), "alias",
                                              json_string(alias), NULL);
                if (d->when)
                    cat_json_set_text(one, "when", d->when == 1 ? "{{ .config.flag == true }}" : "{{ .config.flag != true }}");
                if (d->gives)
                    cat_json_set(one, "values", cat_json_object("flag", json_true(), NULL));
                json_array_append_new(depends, one);
            }
            cat_autofree char *name = cat_printf("bp-%d", b), *version = cat_printf("%d.0.0", v + 1);
            json_array_append_new(list, cat_json_object("source", json_string("catalog"), "name", json_string(name), "version",
                                                        json_string(version), "depends", depends, NULL));
        }
    return list;
}

static int resolve(const universe *u, bool backwards, json_t **result, json_t **explanation, cat_error *error)
{
    cat_autojson json_t *blueprints = json_of_universe(u, backwards),
                        *request = cat_json_object("application", json_string("x"), "blueprint", json_string("bp-0"), NULL);
    const cat_resolver_facts facts = {blueprints, NULL, "acme"};
    return cat_resolve(&facts, request, result, explanation, error);
}

/* The versions of a result (1.0.0 is 0), and which Blueprints it has. */
static void read_result(const json_t *result, int *chosen, bool *has)
{
    size_t index;
    json_t *node;
    json_array_foreach(json_object_get(result, "nodes"), index, node)
    {
        int blueprint = atoi(cat_json_text_or(node, "blueprint", "bp-0") + 3);
        chosen[blueprint] = atoi(cat_json_text_or(node, "version", "1")) - 1;
        has[blueprint] = true;
    }
}

static void check_result(const universe *u, const json_t *result)
{
    int chosen[BLUEPRINTS] = {0};
    bool has[BLUEPRINTS] = {0};
    state s;
    read_result(result, chosen, has);
    EXPECT(can_be(u, chosen, &s));
    for (int b = 0; b < u->blueprints; b++)
        EXPECT_INT(has[b], s.reached[b]);
}

/* Takes all dependencies out that the explanation does not name; false when it names one that there is not. */
static bool leave_named(universe *u, const json_t *explanation)
{
    for (int b = 0; b < u->blueprints; b++)
        for (int v = 0; v < u->versions[b]; v++)
            for (int k = 0; k < u->depend_count[b][v]; k++)
                u->depends[b][v][k].off = true;
    size_t index;
    json_t *link;
    json_array_foreach(json_object_get(explanation, "chain"), index, link)
    {
        int from, version, to, low, high;
        bool found = sscanf(cat_json_text_or(link, "from", ""), "bp-%d %d.0.0", &from, &version) != 2;
        if (found) /* the request */
            continue;
        sscanf(cat_json_text_or(link, "blueprint", ""), "bp-%d", &to);
        sscanf(cat_json_text_or(link, "range", ""), ">=%d.0.0 <=%d.0.0", &low, &high);
        for (int k = 0; k < u->depend_count[from][version - 1] && !found; k++) {
            depend *d = &u->depends[from][version - 1][k];
            found = d->off && d->target == to && d->low == low && d->high == high;
            if (found)
                d->off = false;
        }
        if (!found)
            return false;
    }
    return true;
}

/* What is named cannot hold together, and could without any one of it. */
static void check_least(const universe *whole, const json_t *explanation)
{
    universe u = *whole;
    EXPECT(leave_named(&u, explanation));
    EXPECT(!solvable(&u));
    for (int b = 0; b < u.blueprints; b++)
        for (int v = 0; v < u.versions[b]; v++)
            for (int k = 0; k < u.depend_count[b][v]; k++) {
                depend *d = &u.depends[b][v][k];
                if (d->off)
                    continue;
                d->off = true;
                EXPECT(solvable(&u));
                d->off = false;
            }
}

/* Each requirement of a circle is on what makes the next one. */
static void check_circle(const json_t *explanation)
{
    const json_t *chain = json_object_get(explanation, "chain");
    size_t count = json_array_size(chain);
    for (size_t i = 0; i < count; i++) {
        const char *to = cat_json_text_or(json_array_get(chain, i), "blueprint", "?"),
                   *next = cat_json_text_or(json_array_get(chain, (i + 1) % count), "from", "");
        EXPECT(strncmp(next, to, strlen(to)) == 0 && next[strlen(to)] == ' ');
    }
    EXPECT(count > 0);
}

typedef struct {
    int solved, failed, circles;
} tally;

static tally run_universes(uint64_t seed, int count, bool conditions)
{
    tally t = {0};
    for (int i = 0; i < count; i++) {
        universe u = make_universe(&seed, true, conditions, VERSIONS);
        cat_autojson json_t *result = NULL, *explanation = NULL, *blueprints = json_of_universe(&u, false);
        cat_autofree char *text = cat_json_format(blueprints);
        cat_error error = {0};
        bool expected = solvable(&u);
        int code = resolve(&u, false, &result, &explanation, &error);
        cat_test_row("universe %d: %.300s %s", i, error.message, text);
        EXPECT_INT(code == 0, expected);
        t.solved += expected;
        t.failed += !expected;
        if (code == 0) {
            check_result(&u, result);
            continue;
        }
        EXPECT(*cat_json_text_or(explanation, "suggestion", ""));
        bool circle = cat_json_text(explanation, "chain.0.from") && strcmp(cat_json_text(explanation, "chain.0.from"), "x") != 0;
        t.circles += circle;
        if (circle)
            check_circle(explanation);
        else if (!conditions)
            check_least(&u, explanation);
    }
    return t;
}

TEST("2,500 made-up universes with circles are solved where they can be, and the least is named where they cannot")
{
    tally t = run_universes(4, 2500, false);
    EXPECT(t.solved > 500 && t.failed > 500 && t.circles > 20);
}

TEST("2,500 made-up universes with circles and conditions are solved where they can be")
{
    tally t = run_universes(5, 2500, true);
    EXPECT(t.solved > 500 && t.failed > 500);
}

TEST("a condition sees the final values in whatever order dependencies stand, in 2,500 made-up universes")
{
    uint64_t seed = 6;
    int conditional = 0;
    for (int i = 0; i < 2500; i++) {
        universe u = make_universe(&seed, false, true, 1);
        cat_test_row("universe %d", i);
        for (int backwards = 0; backwards < 2; backwards++) {
            cat_autojson json_t *result = NULL;
            cat_error error = {0};
            REQUIRE(resolve(&u, backwards, &result, NULL, &error) == 0);
            check_result(&u, result);
            conditional += json_array_size(json_object_get(result, "nodes")) > 2;
        }
    }
    EXPECT(conditional > 500);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
