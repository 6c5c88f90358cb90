/* Git and Gitea's API against a real Gitea, named by CATALYST_TEST_GITEA_URL, _USER and _TOKEN (a site administrator's). Works in
 * an organization of its own. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/test.h"
#include "net/git.h"
#include "net/gitea.h"

static cat_gitea *gitea;
static const char *user, *token, *base_url;
static char organization[33], person[40];
static const cat_git_person ANNA = {"Anna", "anna@example.org"};

#define FILE_(p, c) ((cat_git_file){.path = (p), .content = (c), .length = sizeof(c) - 1})

static char *url_of(const char *name)
{
    return cat_printf("%s/%s/%s.git", base_url, organization, name);
}

static int make_repository(const char *name)
{
    return cat_gitea_ensure_repository(gitea, &(cat_gitea_repository){organization, name, "A test", "develop", true}, NULL, NULL);
}

/* One file on top of `parent`, or a first commit. */
static int commit_file(cat_git *git, const cat_git_id *parent, const char *path, const char *content, cat_git_id *commit)
{
    cat_git_file file = {.path = path, .content = content, .length = strlen(content)};
    cat_git_id tree;
    int code = cat_git_tree(git, parent, &file, 1, &tree, NULL);
    return code < 0 ? code
                    : cat_git_commit(git,
                                     &(cat_git_new_commit){.tree = &tree,
                                                           .parents = parent,
                                                           .parent_count = parent ? 1 : 0,
                                                           .author = &ANNA,
                                                           .time_ms = 1700000000000,
                                                           .message = content},
                                     commit, NULL);
}

TEST("an organization, a person, a team and its members are made once and then left alone")
{
    bool changed = true;
    EXPECT_INT(cat_gitea_ensure_organization(gitea, organization, "Test", &changed, NULL), 0);
    EXPECT(!changed); /* main made it */
    EXPECT_INT(cat_gitea_ensure_organization(gitea, organization, "Test renamed", &changed, NULL), 0);
    EXPECT(changed);
    EXPECT_INT(cat_gitea_ensure_user(gitea, person, "a@example.org", "Anna", &changed, NULL), 0);
    EXPECT(changed);
    EXPECT_INT(cat_gitea_ensure_user(gitea, person, "a@example.org", "Anna", &changed, NULL), 0);
    EXPECT(!changed);
    EXPECT_INT(cat_gitea_ensure_user(gitea, person, "b@example.org", "Anna B", &changed, NULL), 0);
    EXPECT(changed);
    static const char *const permissions[] = {"read", "write", "admin"};
    int64_t id = 0, again = 0;
    for (size_t i = 0; i < 3; i++) {
        cat_test_row("%s", permissions[i]);
        EXPECT_INT(cat_gitea_ensure_team(gitea, organization, "people", permissions[i], &id, &changed, NULL), 0);
        EXPECT(changed);
        EXPECT_INT(cat_gitea_ensure_team(gitea, organization, "people", permissions[i], &again, &changed, NULL), 0);
        EXPECT(!changed);
        EXPECT_INT(again, id);
    }
    cat_test_row("members");
    cat_auto(cat_strings) logins = {0};
    cat_auto(cat_strings) nobody = {0};
    cat_strings_add(&logins, person);
    cat_error error = {0};
    EXPECT_INT(cat_gitea_ensure_team(gitea, organization, "people", "write", &id, NULL, NULL), 0);
    EXPECT_INT(cat_gitea_ensure_team_members(gitea, id, &logins, &changed, &error), 0);
    EXPECT_TEXT(error.message, "");
    EXPECT(changed);
    EXPECT_INT(cat_gitea_ensure_team_members(gitea, id, &logins, &changed, NULL), 0);
    EXPECT(!changed);
    EXPECT_INT(cat_gitea_ensure_team_members(gitea, id, &nobody, &changed, NULL), 0);
    EXPECT(changed);
    EXPECT_INT(cat_gitea_ensure_team_members(gitea, id, &logins, NULL, NULL), 0);
}

TEST("a hook is made once, mended when its secret or events change, and doubles go")
{
    static const char *const push[] = {"push", NULL}, *const both[] = {"push", "pull_request", NULL};
    bool changed = false;
    EXPECT_INT(cat_gitea_ensure_hook(gitea, organization, "http://127.0.0.1:9/hooks/gitea", "s1", push, &changed, NULL), 0);
    EXPECT(changed);
    EXPECT_INT(cat_gitea_ensure_hook(gitea, organization, "http://127.0.0.1:9/hooks/gitea", "s1", push, &changed, NULL), 0);
    EXPECT(!changed);
    EXPECT_INT(cat_gitea_ensure_hook(gitea, organization, "http://127.0.0.1:9/hooks/gitea", "s2", push, &changed, NULL), 0);
    EXPECT(changed);
    EXPECT_INT(cat_gitea_ensure_hook(gitea, organization, "http://127.0.0.1:9/hooks/gitea", "s2", both, &changed, NULL), 0);
    EXPECT(changed);
    EXPECT_INT(cat_gitea_ensure_hook(gitea, organization, "http://127.0.0.1:9/hooks/gitea", "s2", both, &changed, NULL), 0);
    EXPECT(!changed);
    cat_autofree char *path = cat_printf("/orgs/%s/hooks", organization);
    cat_autojson json_t *double_ = cat_json_object("type", json_string("gitea"), "config",
                                                   cat_json_object("url", json_string("http://127.0.0.1:9/hooks/gitea"),
                                                                   "content_type", json_string("json"), NULL),
                                                   NULL),
                        *hooks = NULL;
    EXPECT_INT(cat_gitea_call(gitea, "POST", path, double_, NULL, NULL, NULL), 0);
    EXPECT_INT(cat_gitea_ensure_hook(gitea, organization, "http://127.0.0.1:9/hooks/gitea", "s2", both, &changed, NULL), 0);
    EXPECT(changed);
    EXPECT_INT(cat_gitea_list(gitea, path, 10, &hooks, NULL), 0);
    EXPECT_INT(json_array_size(hooks), 1);
}

TEST("three branches of a repository that was never fetched arrive in one push")
{
    REQUIRE(make_repository("first") == 0);
    cat_autofree char *url = url_of("first");
    cat_git_remote remote = {url, user, token};
    cat_autoptr(cat_git) git = NULL;
    REQUIRE(cat_git_open_new(&remote, &git, NULL) == 0);
    cat_git_id commit;
    REQUIRE(commit_file(git, NULL, "values.yaml", "one\n", &commit) == 0);
    cat_git_update updates[] = {{"develop", commit, false}, {"staging", commit, false}, {"main", commit, false}};
    cat_error error = {0};
    EXPECT_INT(cat_git_push(git, updates, 3, &error), 0);
    EXPECT_TEXT(error.message, "");
    cat_git_id head;
    EXPECT_INT(cat_git_head(git, "staging", &head, NULL), 0);
    char seen[65] = "";
    EXPECT_INT(cat_gitea_branch_head(gitea, organization, "first", "staging", seen, &error), 0);
    EXPECT_TEXT(error.message, "");
    EXPECT_TEXT(seen, commit.hex);
    EXPECT_INT(cat_gitea_branch_head(gitea, organization, "first", "stag", seen, NULL),
               CAT_E_NOT_FOUND); /* the beginning of one */
    EXPECT_INT(cat_gitea_branch_head(gitea, organization, "first", "none", seen, NULL), CAT_E_NOT_FOUND);
    cat_autojson json_t *references = NULL;
    REQUIRE(cat_git_remote_references(&remote, &references, NULL) == 0);
    cat_autofree char *text = cat_json_format(references);
    EXPECT(strstr(text, "refs/heads/develop") && strstr(text, commit.hex));
    /* The same again changes nothing and is no error. */
    EXPECT_INT(cat_git_push(git, updates, 3, &error), 0);
}

TEST("what was fetched can be read, changed and pushed, and a branch that moved meanwhile is a conflict")
{
    REQUIRE(make_repository("moving") == 0);
    cat_autofree char *url = url_of("moving");
    cat_git_remote remote = {url, user, token};
    cat_autoptr(cat_git) first = NULL;
    cat_autoptr(cat_git) slow = NULL;
    cat_autoptr(cat_git) fast = NULL;
    cat_git_id commit, mine, other, head;
    REQUIRE(cat_git_open_new(&remote, &first, NULL) == 0);
    REQUIRE(commit_file(first, NULL, "a/b", "1", &commit) == 0);
    REQUIRE(cat_git_push(first, &(cat_git_update){"develop", commit, false}, 1, NULL) == 0);
    REQUIRE(cat_git_push(first, &(cat_git_update){"refs/tags/v1.0.0", commit, false}, 1, NULL) == 0);

    static const char *const branches[] = {"develop", "absent", NULL};
    cat_error error = {0};
    EXPECT_INT(cat_git_open(&remote, branches, &slow, &error), 0);
    EXPECT_TEXT(error.message, "");
    REQUIRE(cat_git_open(&remote, NULL, &fast, NULL) == 0);
    EXPECT_INT(cat_git_head(slow, "absent", &head, NULL), CAT_E_NOT_FOUND);
    REQUIRE(cat_git_head(slow, "develop", &head, NULL) == 0);
    EXPECT_TEXT(head.hex, commit.hex);
    EXPECT_INT(cat_git_tag(fast, "v1.0.0", &head, NULL), 0);
    EXPECT_TEXT(head.hex, commit.hex);
    cat_auto(cat_strings) tags = {0};
    EXPECT_INT(cat_git_tags(fast, &tags, NULL), 0);
    EXPECT_INT(tags.count, 1);
    cat_autofree char *content = NULL;
    size_t length = 0;
    REQUIRE(cat_git_read(slow, &head, "a/b", &content, &length, NULL, NULL) == 0);
    EXPECT_TEXT(content, "1");

    REQUIRE(commit_file(fast, &commit, "a/c", "fast", &other) == 0);
    REQUIRE(cat_git_push(fast, &(cat_git_update){"develop", other, false}, 1, NULL) == 0);
    REQUIRE(commit_file(slow, &commit, "a/d", "slow", &mine) == 0);
    EXPECT_INT(cat_git_push(slow, &(cat_git_update){"develop", mine, false}, 1, &error), CAT_E_CONFLICT);
    EXPECT_INT(error.class, CAT_CLASS_TRANSIENT);
    /* Read again, and it goes. */
    REQUIRE(cat_git_fetch(slow, NULL) == 0);
    REQUIRE(cat_git_head(slow, "develop", &head, NULL) == 0);
    EXPECT_TEXT(head.hex, other.hex);
    REQUIRE(commit_file(slow, &head, "a/d", "slow", &mine) == 0);
    EXPECT_INT(cat_git_push(slow, &(cat_git_update){"develop", mine, false}, 1, NULL), 0);
    cat_autojson json_t *log = NULL;
    REQUIRE(cat_git_log(slow, &mine, NULL, 10, &log, NULL) == 0);
    EXPECT_INT(json_array_size(log), 3);
}

TEST("a repository kept in a folder is fetched again, and forgets what the remote has no more")
{
    REQUIRE(make_repository("kept") == 0);
    cat_autofree char *url = url_of("kept");
    cat_git_remote remote = {url, user, token};
    char folder[] = "/tmp/catalyst-git-test-XXXXXX";
    REQUIRE(mkdtemp(folder));
    cat_autofree char *cache = cat_printf("%s/kept.git", folder);
    cat_git_id one, two, head;
    cat_autoptr(cat_git) git = NULL;
    REQUIRE(cat_git_open_new(&remote, &git, NULL) == 0);
    REQUIRE(commit_file(git, NULL, "a", "1", &one) == 0 && commit_file(git, &one, "a", "2", &two) == 0);
    cat_git_update both[] = {{"develop", one, false}, {"gone", one, false}};
    REQUIRE(cat_git_push(git, both, 2, NULL) == 0);
    for (int round = 0; round < 2; round++) {
        cat_test_row("round %d", round);
        cat_autoptr(cat_git) cached = NULL;
        cat_error error = {0};
        EXPECT_INT(cat_git_open_cached(&remote, cache, NULL, &cached, &error), 0);
        EXPECT_TEXT(error.message, "");
        REQUIRE(cached);
        EXPECT_INT(cat_git_head(cached, "develop", &head, NULL), 0);
        EXPECT_TEXT(head.hex, round ? two.hex : one.hex);
        EXPECT_INT(cat_git_head(cached, "gone", &head, NULL), round ? CAT_E_NOT_FOUND : 0);
        REQUIRE(cat_git_push(git, &(cat_git_update){"develop", two, false}, 1, NULL) == 0);
        cat_autofree char *path = cat_printf("/repos/%s/kept/branches/gone", organization);
        cat_gitea_call(gitea, "DELETE", path, NULL, NULL, NULL, NULL);
    }
    cat_autofree char *command = cat_printf("rm -rf '%s'", folder);
    EXPECT_INT(system(command), 0);
}

TEST("an empty repository can be opened, and holds nothing")
{
    REQUIRE(make_repository("empty") == 0);
    cat_autofree char *url = url_of("empty");
    cat_git_remote remote = {url, user, token};
    cat_autoptr(cat_git) git = NULL;
    cat_error error = {0};
    EXPECT_INT(cat_git_open(&remote, NULL, &git, &error), 0);
    EXPECT_TEXT(error.message, "");
    REQUIRE(git);
    cat_git_id head;
    EXPECT_INT(cat_git_head(git, "develop", &head, NULL), CAT_E_NOT_FOUND);
}

TEST("a protected branch refuses a push with the server's words, and the rule is made once")
{
    REQUIRE(make_repository("guarded") == 0);
    cat_autofree char *url = url_of("guarded");
    cat_git_remote remote = {url, user, token};
    cat_autojson json_t *rule =
        cat_json_object("rule_name", json_string("ma*"), "enable_push", json_false(), "enable_merge_whitelist", json_true(),
                        "merge_whitelist_usernames", json_pack("[s]", user), "required_approvals", json_integer(0),
                        "block_admin_merge_override", json_true(), NULL);
    bool changed = false;
    cat_error error = {0};
    EXPECT_INT(cat_gitea_ensure_protection(gitea, organization, "guarded", rule, &changed, &error), 0);
    EXPECT_TEXT(error.message, "");
    EXPECT(changed);
    EXPECT_INT(cat_gitea_ensure_protection(gitea, organization, "guarded", rule, &changed, NULL), 0);
    EXPECT(!changed);
    json_object_set_new(rule, "required_approvals", json_integer(1));
    EXPECT_INT(cat_gitea_ensure_protection(gitea, organization, "guarded", rule, &changed, NULL), 0);
    EXPECT(changed);
    cat_autojson json_t *slashed = cat_json_object("rule_name", json_string("catalyst/**"), "enable_push", json_true(), NULL);
    EXPECT_INT(cat_gitea_ensure_protection(gitea, organization, "guarded", slashed, &changed, NULL), 0);
    EXPECT(changed);
    EXPECT_INT(cat_gitea_ensure_protection(gitea, organization, "guarded", slashed, &changed, NULL), 0);
    EXPECT(!changed);

    cat_autoptr(cat_git) git = NULL;
    cat_git_id commit;
    REQUIRE(cat_git_open_new(&remote, &git, NULL) == 0);
    REQUIRE(commit_file(git, NULL, "a", "1", &commit) == 0);
    EXPECT_INT(cat_git_push(git, &(cat_git_update){"main", commit, false}, 1, &error), CAT_E_FORBIDDEN);
    EXPECT(strstr(error.message, "protected") != NULL);
    EXPECT_INT(error.class, CAT_CLASS_STALLED);
}

TEST("a person's token is made, is told once, opens what the person may see and nothing else, and is removed")
{
    REQUIRE(make_repository("personal") == 0);
    REQUIRE(cat_gitea_ensure_user(gitea, person, "b@example.org", "Anna B", NULL, NULL) == 0);
    int64_t id;
    cat_auto(cat_strings) logins = {0};
    cat_strings_add(&logins, person);
    REQUIRE(cat_gitea_ensure_team(gitea, organization, "people", "read", &id, NULL, NULL) == 0);
    REQUIRE(cat_gitea_ensure_team_members(gitea, id, &logins, NULL, NULL) == 0);
    static const char *const scopes[] = {"read:repository", NULL};
    cat_autofree char *made = NULL, *twice = NULL, *url = url_of("personal");
    cat_error error = {0};
    EXPECT_INT(cat_gitea_create_token(gitea, person, "laptop", scopes, &made, &error), 0);
    EXPECT_TEXT(error.message, "");
    REQUIRE(made);
    EXPECT_INT(cat_gitea_create_token(gitea, person, "laptop", scopes, &twice, NULL), CAT_E_EXISTS);
    cat_autojson json_t *tokens = NULL, *references = NULL;
    EXPECT_INT(cat_gitea_list_tokens(gitea, person, &tokens, NULL), 0);
    EXPECT_TEXT(cat_json_text(tokens, "0.name"), "laptop");
    EXPECT_TEXT(cat_json_text(tokens, "0.sha1"), "");
    cat_git_remote hers = {url, person, made};
    EXPECT_INT(cat_git_remote_references(&hers, &references, NULL), 0);
    cat_autoptr(cat_git) git = NULL;
    cat_git_id commit;
    REQUIRE(cat_git_open_new(&hers, &git, NULL) == 0);
    REQUIRE(commit_file(git, NULL, "a", "1", &commit) == 0);
    EXPECT_INT(cat_git_push(git, &(cat_git_update){"develop", commit, false}, 1, &error), CAT_E_FORBIDDEN);
    EXPECT_INT(cat_gitea_delete_token(gitea, person, "laptop", NULL), 0);
    EXPECT_INT(cat_gitea_delete_token(gitea, person, "laptop", NULL), 0);
    EXPECT_INT(cat_git_remote_references(&hers, &references, NULL), CAT_E_UNAUTHORIZED);
}

TEST("all tokens of a person are listed, however many")
{
    static const char *const scopes[] = {"read:repository", NULL};
    REQUIRE(cat_gitea_ensure_user(gitea, person, "b@example.org", "Anna B", NULL, NULL) == 0);
    for (int i = 0; i < 51; i++) { /* one more than a page */
        cat_autofree char *name = cat_printf("machine-%d", i), *made = NULL;
        REQUIRE(cat_gitea_create_token(gitea, person, name, scopes, &made, NULL) == 0);
    }
    cat_autojson json_t *tokens = NULL;
    EXPECT_INT(cat_gitea_list_tokens(gitea, person, &tokens, NULL), 0);
    EXPECT_INT(json_array_size(tokens), 51);
    for (int i = 0; i < 51; i++) {
        cat_autofree char *name = cat_printf("machine-%d", i);
        EXPECT_INT(cat_gitea_delete_token(gitea, person, name, NULL), 0);
    }
}

TEST("an archived repository refuses pushes")
{
    REQUIRE(make_repository("old") == 0);
    cat_autofree char *url = url_of("old");
    cat_git_remote remote = {url, user, token};
    cat_autoptr(cat_git) git = NULL;
    cat_git_id commit;
    REQUIRE(cat_git_open_new(&remote, &git, NULL) == 0);
    REQUIRE(commit_file(git, NULL, "a", "1", &commit) == 0);
    EXPECT_INT(cat_gitea_archive_repository(gitea, organization, "old", true, NULL), 0);
    EXPECT_INT(cat_git_push(git, &(cat_git_update){"develop", commit, false}, 1, NULL), CAT_E_FORBIDDEN);
    EXPECT_INT(cat_gitea_archive_repository(gitea, organization, "old", false, NULL), 0);
    EXPECT_INT(cat_git_push(git, &(cat_git_update){"develop", commit, false}, 1, NULL), 0);
}

TEST("a repository that is not there is not found, and a wrong token is not known")
{
    cat_autofree char *none = url_of("none"), *url = url_of("first");
    cat_git_remote absent = {none, user, token}, wrong = {url, user, "0123456789012345678901234567890123456789"};
    cat_autoptr(cat_git) git = NULL;
    cat_autojson json_t *references = NULL;
    REQUIRE(make_repository("first") == 0);
    EXPECT_INT(cat_git_open(&absent, NULL, &git, NULL), CAT_E_NOT_FOUND);
    EXPECT_INT(cat_git_remote_references(&wrong, &references, NULL), CAT_E_UNAUTHORIZED);
}

TEST("a list longer than a page comes whole, and one above the maximum is refused")
{
    for (int i = 0; i < 52; i++) {
        cat_autofree char *name = cat_printf("many-%d", i);
        REQUIRE(make_repository(name) == 0);
    }
    cat_autofree char *path = cat_printf("/orgs/%s/repos", organization);
    cat_autojson json_t *items = NULL, *few = NULL;
    EXPECT_INT(cat_gitea_list(gitea, path, 1000, &items, NULL), 0);
    EXPECT(json_array_size(items) >= 52);
    EXPECT_INT(cat_gitea_list(gitea, path, 10, &few, NULL), CAT_E_TOO_LARGE);
}

static void clean_up(void)
{
    cat_autojson json_t *items = NULL;
    cat_autofree char *path = cat_printf("/orgs/%s/repos", organization), *one = cat_printf("/orgs/%s", organization),
                      *login = cat_printf("/admin/users/%s?purge=true", person);
    if (cat_gitea_list(gitea, path, 1000, &items, NULL) == 0) {
        size_t index;
        json_t *item;
        json_array_foreach(items, index, item)
        {
            cat_autofree char *repository = cat_printf("/repos/%s/%s", organization, cat_json_text_or(item, "name", ""));
            cat_gitea_call(gitea, "DELETE", repository, NULL, NULL, NULL, NULL);
        }
    }
    cat_gitea_call(gitea, "DELETE", one, NULL, NULL, NULL, NULL);
    cat_gitea_call(gitea, "DELETE", login, NULL, NULL, NULL, NULL);
}

int main(int argc, char **argv)
{
    base_url = getenv("CATALYST_TEST_GITEA_URL");
    user = getenv("CATALYST_TEST_GITEA_USER");
    token = getenv("CATALYST_TEST_GITEA_TOKEN");
    if (!base_url || !user || !token) {
        puts("skipped: CATALYST_TEST_GITEA_URL, _USER and _TOKEN name no Gitea");
        return 77;
    }
    char id[CAT_ID_MAX];
    cat_id_make(cat_clock_system()->wall_ms(cat_clock_system()), id);
    snprintf(organization, sizeof organization, "t%.26s", id);
    snprintf(person, sizeof person, "p%.26s", id);
    cat_error error = {0};
    if (cat_gitea_create(&(cat_gitea_options){base_url, token, user}, &gitea, &error) < 0 ||
        cat_gitea_ensure_organization(gitea, organization, "Test", NULL, &error) < 0) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    int result = cat_test_main(argc, argv);
    clean_up();
    cat_gitea_destroy(gitea);
    return result;
}
