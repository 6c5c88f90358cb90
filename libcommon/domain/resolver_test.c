#include "domain/resolver.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/test.h"

/* A catalog is written as lines `source name version: dependency@range[#alias][?when], …`. */
static json_t *blueprints_of(const char *lines)
{
    json_t *list = json_array();
    cat_autofree char *text = cat_strdup(lines);
    char *line_state = NULL;
    for (char *line = strtok_r(text, "\n", &line_state); line; line = strtok_r(NULL, "\n", &line_state)) {
        char source[64], name[64], version[64];
        char *colon = strchr(line, ':');
        *colon = 0;
        sscanf(line, "%63s %63s %63s", source, name, version);
        json_t *depends = json_array();
        char *state = NULL;
        for (char *part = strtok_r(colon + 1, ",", &state); part; part = strtok_r(NULL, ",", &state)) {
            part += strspn(part, " ");
            char *when = strchr(part, '?'), *at = strchr(part, '@');
            if (!at)
                continue;
            if (when)
                *when++ = 0;
            char *alias = strrchr(at, '#');
            if (alias)
                *alias++ = 0;
            *at++ = 0;
            json_array_append_new(depends, cat_json_object("blueprint", json_string(part), "version", json_string(at), "alias",
                                                           alias ? json_string(alias) : NULL, "when",
                                                           when ? json_string(when) : NULL, NULL));
        }
        cat_autofree char *digest = cat_printf("git-tree:%s-%s", name, version);
        json_array_append_new(list,
                              cat_json_object("source", json_string(source), "name", json_string(name), "version",
                                              json_string(version), "digest", json_string(digest), "depends", depends, NULL));
    }
    return list;
}

static json_t *json_of(const char *text)
{
    cat_autofree char *quoted = cat_strdup(text);
    for (char *at = quoted; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    json_t *json = NULL;
    if (cat_json_parse(quoted, strlen(quoted), &CAT_JSON_CAPS, &json, NULL) < 0)
        cat_test_fail(__FILE__, __LINE__, "no JSON: %s", text);
    return json;
}

/* "application=blueprint@version" of every node in order, a reused one with `!`. */
static char *nodes_text(const json_t *result)
{
    cat_auto(cat_string) text = CAT_STRING(100000);
    size_t index;
    json_t *node;
    json_array_foreach(json_object_get(result, "nodes"), index, node)
        cat_string_appendf(&text, "%s%s%s=%s@%s", index ? " " : "", cat_json_text(node, "application"),
                           strcmp(cat_json_text_or(node, "action", ""), "reuse") == 0 ? "!" : "",
                           cat_json_text(node, "blueprint"), cat_json_text(node, "version"));
    return cat_string_take(&text);
}

static char *chain_text(const json_t *explanation)
{
    cat_auto(cat_string) text = CAT_STRING(10000);
    size_t index;
    json_t *link;
    json_array_foreach(json_object_get(explanation, "chain"), index, link)
        cat_string_appendf(&text, "%s%s > %s %s", index ? "; " : "", cat_json_text(link, "from"),
                           cat_json_text(link, "blueprint"), cat_json_text(link, "range"));
    return cat_string_take(&text);
}

#define CATALOG                                                                                                                  \
    "catalog bp-wordpress 1.3.0: bp-postgres@^15#db, bp-valkey@^7#cache?{{ .config.cache }}\n"                                   \
    "catalog bp-wordpress 1.2.0: bp-postgres@^14#db\n"                                                                           \
    "catalog bp-postgres 15.2.0: \n"                                                                                             \
    "catalog bp-postgres 15.10.0: \n"                                                                                            \
    "catalog bp-postgres 14.9.0: \n"                                                                                             \
    "catalog bp-postgres 16.0.0-rc.1: \n"                                                                                        \
    "catalog bp-valkey 7.1.0: \n"                                                                                                \
    "catalog-sovereign bp-valkey 7.0.5: \n"                                                                                      \
    "globex bp-valkey 7.9.0: \n"                                                                                                 \
    "catalog bp-shop 1.0.0: bp-api@^1, bp-worker@^1\n"                                                                           \
    "catalog bp-api 1.0.0: bp-postgres@>=14 <16#db\n"                                                                            \
    "catalog bp-worker 1.1.0: bp-postgres@^16#db\n"                                                                              \
    "catalog bp-worker 1.0.0: bp-postgres@^14#db\n"                                                                              \
    "catalog bp-hard 1.0.0: bp-left@*, bp-right@*\n"                                                                             \
    "catalog bp-left 1.0.0: bp-postgres@^14#db\n"                                                                                \
    "catalog bp-right 1.0.0: bp-postgres@^15#db\n"                                                                               \
    "catalog bp-a 1.0.0: bp-b@^1\n"                                                                                              \
    "catalog bp-b 1.0.0: bp-c@^1\n"                                                                                              \
    "catalog bp-c 1.0.0: bp-b@^1\n"                                                                                              \
    "catalog bp-broken 1.0.0: bp-nowhere@^1\n"                                                                                   \
    "catalog bp-wrong 1.0.0: bp-valkey@^7?{{ .config.text }}"

#define APPLICATIONS                                                                                                             \
    "[{'name':'maindb','blueprint':'bp-postgres','version':'15.2.0','environments':['acme-dev']},"                               \
    "{'name':'olddb','blueprint':'bp-postgres','version':'14.0.0','environments':['acme-dev','acme-prod']},"                     \
    "{'name':'taken-valkey','blueprint':'bp-valkey','version':'7.0.0','environments':['acme-dev']}]"

static int resolve(const char *request_text, json_t **result, json_t **explanation, cat_error *error)
{
    cat_autojson json_t *blueprints = blueprints_of(CATALOG), *applications = json_of(APPLICATIONS),
                        *request = json_of(request_text);
    const cat_resolver_facts facts = {blueprints, applications, "acme"};
    return cat_resolve(&facts, request, result, explanation, error);
}

TEST("the newest versions that satisfy every range are taken")
{
    static const struct {
        const char *request, *nodes;
    } rows[] = {{"{'application':'blog','blueprint':'bp-wordpress','config':{'cache':false}}",
                 "blog-postgres=bp-postgres@15.10.0 blog=bp-wordpress@1.3.0"},
                {"{'application':'blog','blueprint':'bp-wordpress','config':{'cache':true}}",
                 "blog-valkey=bp-valkey@7.0.5 blog-postgres=bp-postgres@15.10.0 blog=bp-wordpress@1.3.0"},
                {"{'application':'blog','blueprint':'bp-wordpress','range':'~1.2','config':{}}",
                 "blog-postgres=bp-postgres@14.9.0 blog=bp-wordpress@1.2.0"},
                {"{'application':'shop','blueprint':'bp-shop','config':{}}",
                 "shop-postgres=bp-postgres@14.9.0 shop-worker=bp-worker@1.0.0 shop-api=bp-api@1.0.0 shop=bp-shop@1.0.0"},
                {"{'application':'blog','blueprint':'bp-wordpress','config':{'cache':false},'environments':['acme-dev'],'choices'"
                 ":{'db':{'use':'existing',"
                 "'application':'maindb'}}}",
                 "maindb!=bp-postgres@15.2.0 blog=bp-wordpress@1.3.0"},
                {"{'application':'blog','blueprint':'bp-wordpress','config':{'cache':false},'choices':{'db':{'use':'new','name':'"
                 "blogdata'}}}",
                 "blogdata=bp-postgres@15.10.0 blog=bp-wordpress@1.3.0"},
                {"{'application':'x','blueprint':'bp-hard','config':{},'choices':{'right.db':{'use':'new','name':'x-right-db'}}}",
                 "x-right-db=bp-postgres@15.10.0 x-postgres=bp-postgres@14.9.0 x-right=bp-right@1.0.0 x-left=bp-left@1.0.0 "
                 "x=bp-hard@1.0.0"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s", rows[i].request);
        cat_autojson json_t *result = NULL, *explanation = NULL;
        cat_error error = {0};
        if (resolve(rows[i].request, &result, &explanation, &error) < 0) {
            cat_test_fail(__FILE__, __LINE__, "%s", error.message);
            continue;
        }
        cat_autofree char *text = nodes_text(result);
        EXPECT_TEXT(text, rows[i].nodes);
        EXPECT(explanation == NULL);
    }
}

TEST("what cannot be is explained with the shortest chain and the closest change")
{
    static const struct {
        const char *request, *kind, *chain, *message, *suggestion;
        int code;
    } rows[] = {{"{'application':'x','blueprint':'bp-hard','config':{}}", "conflict",
                 "x > bp-hard *; bp-hard 1.0.0 > bp-left *; bp-left 1.0.0 > bp-postgres ^14; bp-hard 1.0.0 > bp-right *; "
                 "bp-right 1.0.0 > bp-postgres ^15",
                 "no version of bp-postgres satisfies both ^14 and ^15",
                 "Choose a version of bp-left that accepts bp-postgres 15.10.0, or give one of the two an Application of its own "
                 "by a name",
                 CAT_E_INVALID},
                {"{'application':'x','blueprint':'bp-a','config':{}}", "cycle", "bp-b 1.0.0 > bp-c ^1; bp-c 1.0.0 > bp-b ^1",
                 "bp-b depends on itself", NULL, CAT_E_INVALID},
                {"{'application':'x','blueprint':'bp-broken','config':{}}", "missing",
                 "x > bp-broken *; bp-broken 1.0.0 > bp-nowhere ^1", "there is no Blueprint bp-nowhere",
                 "Register bp-nowhere in the Organization's shared-blueprints or in a catalog", CAT_E_NOT_FOUND},
                {"{'application':'x','blueprint':'bp-postgres','range':'^17'}", "missing", "x > bp-postgres ^17",
                 "no version of bp-postgres satisfies ^17",
                 "The newest version of bp-postgres is 16.0.0-rc.1: ask for a range that holds it", CAT_E_NOT_FOUND},
                {"{'application':'x','blueprint':'bp-nope'}", "missing", "x > bp-nope *", "there is no Blueprint bp-nope", NULL,
                 CAT_E_NOT_FOUND},
                {"{'application':'x','blueprint':'bp-wordpress','range':'1.3.0','config':{'cache':false},'environments':['acme-"
                 "prod'],'choices':{'db':{'use':"
                 "'existing','application':'maindb'}}}",
                 "placement", "x > bp-wordpress 1.3.0; bp-wordpress 1.3.0 > bp-postgres ^15",
                 "Application maindb cannot serve as bp-postgres: it does not run in acme-prod",
                 "Choose another Application, or let a new one be made for bp-postgres", CAT_E_INVALID},
                {"{'application':'x','blueprint':'bp-wordpress','range':'1.3.0','config':{'cache':false},'environments':['acme-"
                 "prod'],'choices':{'db':{'use':"
                 "'existing','application':'olddb'}}}",
                 "conflict", "x > bp-wordpress 1.3.0; bp-wordpress 1.3.0 > bp-postgres ^15",
                 "bp-postgres 14.0.0 of Application olddb is outside ^15",
                 "Upgrade olddb to a version in ^15, or let a new Application be made", CAT_E_INVALID},
                {"{'application':'x','blueprint':'bp-wordpress','range':'1.3.0','config':{'cache':false},'choices':{'db':{'use':'"
                 "existing','application':"
                 "'taken-valkey'}}}",
                 "placement", "x > bp-wordpress 1.3.0; bp-wordpress 1.3.0 > bp-postgres ^15",
                 "Application taken-valkey cannot serve as bp-postgres: it is of another Blueprint", NULL, CAT_E_INVALID}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s", rows[i].request);
        cat_autojson json_t *result = NULL, *explanation = NULL;
        cat_error error = {0};
        EXPECT_INT(resolve(rows[i].request, &result, &explanation, &error), rows[i].code);
        EXPECT(result == NULL);
        EXPECT_TEXT(error.message, rows[i].message);
        EXPECT_TEXT(cat_json_text(explanation, "kind"), rows[i].kind);
        cat_autofree char *chain = chain_text(explanation);
        EXPECT_TEXT(chain, rows[i].chain);
        if (rows[i].suggestion)
            EXPECT_TEXT(cat_json_text(explanation, "suggestion"), rows[i].suggestion);
        EXPECT(strlen(cat_json_text_or(explanation, "suggestion", "")) > 20);
        EXPECT_TEXT(cat_json_text(explanation, "path"), strstr(rows[i].request, "existing") ? "db" : NULL);
    }
}

TEST("mistakes that no version mends are errors")
{
    static const struct {
        const char *request, *message;
        int code;
        const char *path; /* of the dependency whose name it is about */
    } rows[] = {{"{'application':'x'}", "an installation needs an application and a blueprint", CAT_E_INVALID},
                {"{'application':'x','blueprint':'bp-wrong','config':{'text':'y'}}",
                 "bp-wrong 1.0.0 depends[0].when: the condition has to be true or false in {{ }}, but is text", CAT_E_INVALID},
                {"{'application':'taken','blueprint':'bp-wordpress','config':{'cache':true}}",
                 "the Application taken-valkey for dependency cache exists already: use it, or give another name", CAT_E_EXISTS,
                 "cache"},
                {"{'application':'x','blueprint':'bp-wordpress','choices':{'db':{'use':'new','name':'x'}}}",
                 "x is the name of the Application itself: dependency db needs another name", CAT_E_INVALID, "db"},
                {"{'application':'x','blueprint':'bp-wordpress','config':{'cache':true},"
                 "'choices':{'db':{'use':'new','name':'y'},'cache':{'use':'new','name':'y'}}}",
                 "y is the name of dependency db already: dependency cache needs another name", CAT_E_INVALID, "cache"},
                {"{'application':'x','blueprint':'bp-wordpress','config':{'cache':true},"
                 "'choices':{'cache':{'use':'new','name':'x-postgres'}}}",
                 "x-postgres is the name of dependency db already: dependency cache needs another name", CAT_E_INVALID, "cache"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s", rows[i].request);
        cat_autojson json_t *result = NULL, *explanation = NULL;
        cat_error error = {0};
        EXPECT_INT(resolve(rows[i].request, &result, &explanation, &error), rows[i].code);
        EXPECT_TEXT(error.message, rows[i].message);
        EXPECT(result == NULL);
        EXPECT_TEXT(cat_json_text(explanation, "path"), rows[i].path);
        EXPECT_TEXT(cat_json_text(explanation, "suggestion"), rows[i].path ? rows[i].message : NULL);
    }
}

TEST("a name that nobody chose makes way for one that somebody chose before")
{
    cat_autojson json_t *result = NULL;
    cat_error error = {0};
    int code = resolve("{'application':'x','blueprint':'bp-wordpress','config':{'cache':true},"
                       "'choices':{'db':{'use':'new','name':'x-valkey'}}}",
                       &result, NULL, &error);
    REQUIRE(code == 0);
    cat_autofree char *text = cat_json_format(json_object_get(result, "nodes"));
    EXPECT(strstr(text, "\"x-valkey\""));
    EXPECT(strstr(text, "\"x-valkey-2\""));
}

TEST("nodes and edges say who needs what, and values reach the dependency and its conditions")
{
    cat_autojson json_t *blueprints = json_of("[{'source':'catalog','name':'bp-app','version':'1.0.0','depends':[{'blueprint':'"
                                              "bp-db','version':'^1','alias':'store','values':{'backup':"
                                              "'{{ .config.safe }}','owner':'{{ .application.name }}'}}]},"
                                              "{'source':'catalog','name':'bp-db','version':'1.0.0','digest':'d','depends':[{'"
                                              "blueprint':'bp-backup','version':'*','when':"
                                              "'{{ .config.backup }}','values':{'of':'{{ .application.name }}'}}]},"
                                              "{'source':'catalog','name':'bp-backup','version':'2.0.0'}]");
    cat_autojson json_t *request = json_of("{'application':'shop','blueprint':'bp-app','config':{'safe':true},'scope':{'"
                                           "application':{'name':'shop'}},'choices':{'store':{'use':'new',"
                                           "'config':{'size':3}}}}");
    const cat_resolver_facts facts = {blueprints, NULL, "acme"};
    cat_autojson json_t *result = NULL;
    cat_error error = {0};
    REQUIRE(cat_resolve(&facts, request, &result, NULL, &error) == 0);
    cat_autofree char *text = nodes_text(result);
    EXPECT_TEXT(text, "shop-backup=bp-backup@2.0.0 shop-db=bp-db@1.0.0 shop=bp-app@1.0.0");
    EXPECT_TEXT(cat_json_text(result, "nodes.0.values.of"), "shop-db");
    EXPECT_TEXT(cat_json_text(result, "nodes.0.requiredBy"), "shop-db");
    EXPECT_TEXT(cat_json_text(result, "nodes.0.path"), "store.backup");
    EXPECT_TEXT(cat_json_text(result, "nodes.1.values.owner"), "shop");
    EXPECT_INT(cat_json_int_or(result, "nodes.1.values.size", 0), 3);
    EXPECT_TEXT(cat_json_text(result, "nodes.1.digest"), "d");
    EXPECT(json_is_null(cat_json_get(result, "nodes.2.requiredBy")));
    cat_autofree char *edges = cat_json_format(json_object_get(result, "edges"));
    EXPECT_TEXT(edges, "[{\"from\":\"shop\",\"to\":\"shop-db\",\"alias\":\"store\"},{\"from\":\"shop-db\",\"to\":\"shop-backup\","
                       "\"alias\":\"backup\"}]");
}

TEST("the values of several dependants add up without touching each other")
{
    cat_autojson json_t *blueprints = json_of("[{'source':'catalog','name':'bp-r','version':'1.0.0','depends':[{'blueprint':'bp-"
                                              "x','alias':'one','values':{'o':{'a':1,'c':1}}},"
                                              "{'blueprint':'bp-x','alias':'two','values':{'o':{'a':2,'b':2}}}]},{'source':'"
                                              "catalog','name':'bp-x','version':'1.0.0'}]");
    cat_autojson json_t *request = json_of("{'application':'r','blueprint':'bp-r'}"), *result = NULL;
    const cat_resolver_facts facts = {blueprints, NULL, "acme"};
    REQUIRE(cat_resolve(&facts, request, &result, NULL, NULL) == 0);
    cat_autofree char *values = cat_json_canonical(cat_json_get(result, "nodes.0.values"));
    EXPECT_TEXT(values, "{\"o\":{\"a\":1,\"b\":2,\"c\":1}}");
}

TEST("a tree of 200 Blueprints with 20 versions each is resolved, choices undone where needed")
{
    cat_auto(cat_string) lines = CAT_STRING(4 << 20);
    for (int blueprint = 0; blueprint < 200; blueprint++)
        for (int version = 1; version <= 20; version++) {
            /* Each version asks for its own or older ones of the next three; the last Blueprint exists up to 7 alone. */
            int minor = blueprint == 199 && version > 7 ? 0 : version;
            if (minor == 0)
                continue;
            cat_string_appendf(&lines, "catalog bp-n%d 1.%d.0: ", blueprint, version);
            for (int next = blueprint + 1; next <= blueprint + 3 && next < 200; next++)
                cat_string_appendf(&lines, "%sbp-n%d@>=1.%d.0 <=1.%d.0", next > blueprint + 1 ? ", " : "", next,
                                   blueprint >= 190 ? version : 1, version);
            cat_string_append(&lines, "\n");
        }
    cat_autojson json_t *blueprints = blueprints_of(lines.data), *result = NULL,
                        *request = json_of("{'application':'big','blueprint':'bp-n0'}");
    const cat_resolver_facts facts = {blueprints, NULL, "acme"};
    cat_error error = {0};
    if (cat_resolve(&facts, request, &result, NULL, &error) < 0)
        cat_test_fail(__FILE__, __LINE__, "%s", error.message);
    EXPECT_INT(json_array_size(json_object_get(result, "nodes")), 200);
    size_t index;
    json_t *node;
    json_array_foreach(json_object_get(result, "nodes"), index, node)
    {
        const char *name = cat_json_text(node, "blueprint");
        if (strcmp(name, "bp-n0") == 0)
            EXPECT_TEXT(cat_json_text(node, "version"), "1.20.0");
        if (strcmp(name, "bp-n199") == 0)
            EXPECT_TEXT(cat_json_text(node, "version"), "1.7.0");
    }
}

/* The nodes of a catalog's Blueprint bp-a as text; what went wrong when there are none. The caller's. */
static char *resolved(const char *blueprints_text, const char *config, json_t **left_out)
{
    cat_autojson json_t *blueprints = json_of(blueprints_text), *result = NULL, *explanation = NULL,
                        *request = json_of("{'application':'x','blueprint':'bp-a'}");
    json_object_set_new(request, "config", json_of(config));
    const cat_resolver_facts facts = {blueprints, NULL, "acme"};
    cat_error error = {0};
    int code = cat_resolve(&facts, request, &result, &explanation, &error);
    if (left_out)
        *left_out = json_incref(json_object_get(code < 0 ? explanation : result, "leftOut"));
    return code < 0 ? cat_strdup(error.message) : nodes_text(result);
}

#define BP(name, version, depends) "{'source':'catalog','name':'" name "','version':'" version "','depends':[" depends "]}"
#define ON(name, range) "{'blueprint':'" name "','version':'" range "'}"

TEST("a condition sees what a dependant that comes later gives")
{
#define NEEDS_B ON("bp-b", "*")
#define NEEDS_C ON("bp-c", "*")
#define REST                                                                                                                     \
    BP("bp-b", "1.0.0", "{'blueprint':'bp-d','version':'*','when':'{{ .config.full == true }}'}")                                \
    "," BP("bp-c", "1.0.0", "{'blueprint':'bp-b','version':'*','values':{'full':true}}") "," BP("bp-d", "1.0.0", "") "]"
    cat_autofree char *one = resolved("[" BP("bp-a", "1.0.0", NEEDS_B "," NEEDS_C) "," REST, "{}", NULL),
                      *other = resolved("[" BP("bp-a", "1.0.0", NEEDS_C "," NEEDS_B) "," REST, "{}", NULL);
    EXPECT_TEXT(one, "x-d=bp-d@1.0.0 x-b=bp-b@1.0.0 x-c=bp-c@1.0.0 x=bp-a@1.0.0");
    EXPECT_TEXT(other, one);
}

TEST("a condition sees the defaults of the version that was chosen, and no other's")
{
#define WITH_DEFAULT(version, truth)                                                                                             \
    "{'source':'catalog','name':'bp-a','version':'" version "','configSchema':{'properties':{'cache':{'default':" truth          \
    "}}},'depends':[{'blueprint':'bp-b','version':'*','when':'{{ .config.cache }}'}]}"
    cat_autofree char *on = resolved("[" WITH_DEFAULT("1.0.0", "true") "," BP("bp-b", "1.0.0", "") "]", "{}", NULL),
                      *said =
                          resolved("[" WITH_DEFAULT("1.0.0", "true") "," BP("bp-b", "1.0.0", "") "]", "{'cache':false}", NULL),
                      *older = resolved("[" WITH_DEFAULT("2.0.0", "true") "," WITH_DEFAULT("1.0.0", "false") "]", "{}", NULL);
    EXPECT_TEXT(on, "x-b=bp-b@1.0.0 x=bp-a@1.0.0");
    EXPECT_TEXT(said, "x=bp-a@1.0.0");
    EXPECT_TEXT(older, "x=bp-a@1.0.0");
}

TEST("a version that would close a circle is passed over while another serves")
{
    cat_autofree char *text = resolved("[" BP("bp-a", "1.0.0", ON("bp-b", "*")) "," BP("bp-b", "1.0.0", ON("bp-c", "*")) "," BP(
                                           "bp-c", "2.0.0", ON("bp-b", "*")) "," BP("bp-c", "1.0.0", "") "]",
                                       "{}", NULL);
    EXPECT_TEXT(text, "x-c=bp-c@1.0.0 x-b=bp-b@1.0.0 x=bp-a@1.0.0");
}

TEST("a version, range or condition that cannot be read is left out and said, and ends nothing else")
{
    static const struct {
        const char *bad, *reason;
    } rows[] = {
        {BP("bp-b", "2.0", ""), "2.0 is no version such as 1.4.0 or 2.0.0-rc.1"},
        {BP("bp-b", "2.0.0", ON("bp-c", "^^1")),
         "bp-b 2.0.0 depends on bp-c: ^^1 is no version range (see character 1); ranges look like ^1.4, ~1.2, 1.x or >=1 <2"},
        {BP("bp-b", "2.0.0", "{'version':'*'}"), "bp-b 2.0.0 has a dependency without a Blueprint"},
        {BP("bp-b", "2.0.0", "{'blueprint':'bp-c','version':'*','when':'{{ .config.'}"), NULL},
        {"{'source':'catalog','name':'bp-b'}", "a Blueprint of the catalog lacks source, name or version"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%s", rows[i].bad);
        cat_autojson json_t *left_out = NULL, *none = NULL;
        cat_autofree char *catalog = cat_printf("[%s,%s]", rows[i].bad,
                                                BP("bp-a", "1.0.0", ON("bp-b", "*")) "," BP("bp-b", "1.0.0", "")),
                          *alone = cat_printf("[%s,%s]", rows[i].bad, BP("bp-a", "1.0.0", ON("bp-b", "*"))),
                          *apart = cat_printf("[%s,%s]", rows[i].bad, BP("bp-a", "1.0.0", "")),
                          *text = resolved(catalog, "{}", &left_out), *failed = resolved(alone, "{}", NULL),
                          *other = resolved(apart, "{}", &none);
        EXPECT_TEXT(text, "x-b=bp-b@1.0.0 x=bp-a@1.0.0");
        EXPECT_INT(json_array_size(left_out), 1);
        EXPECT_TEXT(cat_json_text(left_out, "0.name"), "bp-b");
        EXPECT(!rows[i].reason || strcmp(cat_json_text_or(left_out, "0.reason", ""), rows[i].reason) == 0);
        EXPECT(*cat_json_text_or(left_out, "0.reason", ""));
        EXPECT(strstr(failed, "bp-b") != NULL);
        EXPECT_TEXT(other, "x=bp-a@1.0.0");
        EXPECT_INT(json_array_size(none), 0);
    }
}

TEST("three ranges that meet two by two are told together, and a change that helps")
{
    cat_autojson json_t *explanation = NULL, *result = NULL, *request = json_of("{'application':'x','blueprint':'bp-a'}"),
                        *blueprints =
                            json_of("[" BP("bp-a", "1.0.0", ON("bp-b", "1 || 2") "," ON("bp-c", "*") "," ON("bp-d", "*")) "," BP(
                                "bp-c", "1.0.0",
                                ON("bp-b", "2 || 3")) "," BP("bp-d", "1.0.0",
                                                             ON("bp-b", "1 || 3") "," ON(
                                                                 "bp-e", "*")) "," BP("bp-b", "1.0.0",
                                                                                      "") "," BP("bp-b", "2.0.0",
                                                                                                 "") "," BP("bp-b", "3.0.0",
                                                                                                            "") "," BP("bp-e",
                                                                                                                       "1.0.0",
                                                                                                                       "") "]");
    const cat_resolver_facts facts = {blueprints, NULL, "acme"};
    cat_error error = {0};
    EXPECT_INT(cat_resolve(&facts, request, &result, &explanation, &error), CAT_E_INVALID);
    EXPECT_TEXT(error.message, "no version of bp-b satisfies 1 || 2, 2 || 3 and 1 || 3 at once");
    cat_autofree char *chain = chain_text(explanation);
    EXPECT_TEXT(chain,
                "x > bp-a *; bp-a 1.0.0 > bp-b 1 || 2; bp-a 1.0.0 > bp-c *; bp-c 1.0.0 > bp-b 2 || 3; bp-a 1.0.0 > bp-d *; "
                "bp-d 1.0.0 > bp-b 1 || 3");
    EXPECT_TEXT(cat_json_text(explanation, "suggestion"),
                "Choose a version of bp-a that accepts bp-b 3.0.0, or give one of the two an Application of its own by a name");
}

TEST("a long chain that ends in nothing is told, if not always as short as can be")
{
    cat_auto(cat_string) lines = CAT_STRING(4 << 20);
    for (int blueprint = 0; blueprint < 200; blueprint++)
        for (int version = 1; version <= 20; version++) {
            cat_string_appendf(&lines, "catalog bp-n%d 1.%d.0: ", blueprint, version);
            for (int next = blueprint + 1; next <= blueprint + 3; next++)
                cat_string_appendf(&lines, "%sbp-n%d@1.%d.0", next > blueprint + 1 ? ", " : "", next, version);
            cat_string_append(&lines, "\n");
        }
    cat_autojson json_t *blueprints = blueprints_of(lines.data), *result = NULL, *explanation = NULL,
                        *request = json_of("{'application':'big','blueprint':'bp-n0'}");
    const cat_resolver_facts facts = {blueprints, NULL, "acme"};
    cat_error error = {0};
    EXPECT_INT(cat_resolve(&facts, request, &result, &explanation, &error), CAT_E_NOT_FOUND);
    EXPECT_TEXT(error.message, "there is no Blueprint bp-n200");
    EXPECT(json_array_size(json_object_get(explanation, "chain")) > 1);
}

/* `pigeons` Blueprints of which each has to have a hole, a version of its own, for itself. */
static json_t *pigeonhole(int pigeons, int holes)
{
    json_t *list = json_array(), *all = json_array();
    for (int pigeon = 1; pigeon <= pigeons; pigeon++) {
        cat_autofree char *name = cat_printf("bp-p%d", pigeon), *own = cat_printf("%d.0.0", pigeon);
        json_array_append_new(all, cat_json_object("blueprint", json_string(name), "version", json_string("*"), NULL));
        for (int hole = 1; hole <= holes; hole++) {
            cat_autofree char *place = cat_printf("bp-h%d", hole), *version = cat_printf("%d.0.0", hole);
            json_t *depend = cat_json_object("blueprint", json_string(place), "version", json_string(own), NULL);
            json_array_append_new(list, cat_json_object("source", json_string("catalog"), "name", json_string(name), "version",
                                                        json_string(version), "depends", json_pack("[o]", depend), NULL));
            json_array_append_new(list, cat_json_object("source", json_string("catalog"), "name", json_string(place), "version",
                                                        json_string(own), NULL));
        }
    }
    json_array_append_new(list, cat_json_object("source", json_string("catalog"), "name", json_string("bp-a"), "version",
                                                json_string("1.0.0"), "depends", all, NULL));
    return list;
}

/* What is told where nothing is proven is true all the same: of one hole two versions are wanted, by two that are chosen. */
static void expect_two_pigeons_in_one_hole(const json_t *explanation)
{
    const json_t *chain = json_object_get(explanation, "chain");
    size_t count = json_array_size(chain);
    EXPECT_TEXT(cat_json_text(explanation, "kind"), "conflict");
    EXPECT_INT(count, 5); /* x, the two pigeons, and the hole of each */
    const json_t *last = json_array_get(chain, count - 1), *first = json_array_get(chain, 2);
    EXPECT_TEXT(cat_json_text(last, "blueprint"), cat_json_text(first, "blueprint"));
    EXPECT(!cat_text_equal(cat_json_text(last, "range"), cat_json_text(first, "range")));
    EXPECT(cat_text_starts_with(cat_json_text_or(explanation, "suggestion", ""), "Choose a version of bp-p"));
}

TEST("work is bounded by counting it: ten pigeons do not fit into nine holes, and that is not tried for ever")
{
    static const struct {
        int pigeons, holes, code;
    } rows[] = {{4, 3, CAT_E_INVALID}, {9, 9, 0}, {10, 9, CAT_E_TOO_LARGE}, {40, 39, CAT_E_TOO_LARGE}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cat_test_row("%d in %d", rows[i].pigeons, rows[i].holes);
        cat_autojson json_t *blueprints = pigeonhole(rows[i].pigeons, rows[i].holes), *result = NULL, *explanation = NULL,
                            *request = json_of("{'application':'x','blueprint':'bp-a'}");
        const cat_resolver_facts facts = {blueprints, NULL, "acme"};
        cat_error error = {0};
        EXPECT_INT(cat_resolve(&facts, request, &result, &explanation, &error), rows[i].code);
        EXPECT_INT(explanation != NULL, rows[i].code != 0);
        if (rows[i].code == CAT_E_TOO_LARGE) {
            EXPECT(strstr(error.message, "satisfies both") != NULL);
            expect_two_pigeons_in_one_hole(explanation);
        }
        EXPECT_INT(result != NULL, rows[i].code == 0);
        EXPECT_INT(strstr(error.message, "too many ways to choose versions") != NULL, rows[i].code == CAT_E_TOO_LARGE);
    }
}

TEST("a tree is shown flat, with what is not judged yet")
{
    cat_autojson json_t *blueprints = blueprints_of(CATALOG), *items = NULL;
    const cat_resolver_facts facts = {blueprints, NULL, "acme"};
    REQUIRE(cat_resolver_flatten(&facts, "catalog", "bp-shop", "1.0.0", &items, NULL) == 0);
    cat_auto(cat_string) text = CAT_STRING(10000);
    size_t index;
    json_t *item;
    json_array_foreach(items, index, item) cat_string_appendf(
        &text, "%s:%s@%s<%s/%lld ", cat_json_text(item, "path"), cat_json_text(item, "blueprint"), cat_json_text(item, "version"),
        cat_json_text(item, "requiredBy"), (long long)cat_json_int_or(item, "depth", 0));
    EXPECT_TEXT(cat_string_get(&text),
                "api:bp-api@1.0.0<bp-shop/1 api.db:bp-postgres@15.10.0<bp-api/2 worker:bp-worker@1.1.0<bp-shop/1 "
                "worker.db:bp-postgres@<bp-worker/2 ");
    EXPECT_TEXT(cat_json_text(items, "3.problem"), "no version of bp-postgres satisfies ^16");
    EXPECT(cat_json_get(items, "0.problem") == NULL);
    cat_autojson json_t *circle = NULL, *none = NULL;
    EXPECT_INT(cat_resolver_flatten(&facts, "catalog", "bp-a", "1.0.0", &circle, NULL), 0);
    EXPECT_INT(json_array_size(circle), 3);
    EXPECT_INT(cat_resolver_flatten(&facts, "catalog", "bp-shop", "9.0.0", &none, NULL), CAT_E_NOT_FOUND);
    EXPECT_INT(cat_resolver_flatten(&facts, "globex", "bp-valkey", "7.9.0", &none, NULL), CAT_E_NOT_FOUND);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
