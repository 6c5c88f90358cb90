#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "net/git_internal.h"

static const cat_git_remote NOWHERE = {"http://127.0.0.1:1/acme/blog.git", "u", "p"};
static const cat_git_person ANNA = {"Anna", "anna@example.org"};

#define FILE_(p, c) ((cat_git_file){.path = (p), .content = (c), .length = sizeof(c) - 1})
#define REMOVED(p) ((cat_git_file){.path = (p)})

/* The paths of a tree as one text, with "!" where a file cannot be read. */
static char *listing(cat_git *git, const cat_git_id *tree)
{
    cat_auto(cat_strings) paths = {0};
    cat_auto(cat_string) text = CAT_STRING(4096);
    if (cat_git_list(git, tree, "", &paths, NULL) < 0)
        return cat_strdup("(error)");
    for (size_t i = 0; i < paths.count; i++) {
        cat_autofree char *content = NULL;
        size_t length;
        cat_git_read(git, tree, paths.items[i], &content, &length, NULL, NULL);
        cat_string_appendf(&text, "%s%s=%s", i ? " " : "", paths.items[i], content ? content : "!");
    }
    return cat_string_take(&text);
}

TEST("a tree is the base with files set and removed")
{
    cat_autoptr(cat_git) git = NULL;
    REQUIRE(cat_git_open_new(&NOWHERE, &git, NULL) == 0);
    const cat_git_file base_files[] = {FILE_("a", "1"), FILE_("d/b", "2"), FILE_("d/e/f", "3"), FILE_("x/y", "4")};
    cat_git_id base;
    REQUIRE(cat_git_tree(git, NULL, base_files, 4, &base, NULL) == 0);
    cat_autofree char *before = listing(git, &base);
    EXPECT_TEXT(before, "a=1 d/b=2 d/e/f=3 x/y=4");
    const struct {
        const char *name;
        cat_git_file files[3];
        size_t count;
        const char *after;
    } table[] = {
        {"nothing", {{0}}, 0, "a=1 d/b=2 d/e/f=3 x/y=4"},
        {"one changed deep down", {FILE_("d/e/f", "9")}, 1, "a=1 d/b=2 d/e/f=9 x/y=4"},
        {"one added in a new folder", {FILE_("n/m", "5")}, 1, "a=1 d/b=2 d/e/f=3 n/m=5 x/y=4"},
        {"the last of a folder removed", {REMOVED("x/y")}, 1, "a=1 d/b=2 d/e/f=3"},
        {"the last of a nested folder removed", {REMOVED("d/e/f"), REMOVED("d/b")}, 2, "a=1 x/y=4"},
        {"a folder removed", {REMOVED("d")}, 1, "a=1 x/y=4"},
        {"a folder replaced", {REMOVED("d"), FILE_("d/new", "7")}, 2, "a=1 d/new=7 x/y=4"},
        {"a file becomes a folder", {FILE_("a/b", "8")}, 1, "a/b=8 d/b=2 d/e/f=3 x/y=4"},
        {"a folder becomes a file", {FILE_("d", "8")}, 1, "a=1 d=8 x/y=4"},
        {"removing what is not there", {REMOVED("q/r"), REMOVED("z")}, 2, "a=1 d/b=2 d/e/f=3 x/y=4"},
        {"removing below a file leaves the file away only when something is put there",
         {REMOVED("a/q")},
         1,
         "a=1 d/b=2 d/e/f=3 x/y=4"},
        {"the later of two wins", {FILE_("a", "5"), FILE_("a", "6")}, 2, "a=6 d/b=2 d/e/f=3 x/y=4"},
        {"everything removed", {REMOVED("a"), REMOVED("d"), REMOVED("x")}, 3, ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("%s", table[i].name);
        cat_git_id tree = {0};
        EXPECT_INT(cat_git_tree(git, &base, table[i].files, table[i].count, &tree, NULL), 0);
        cat_autofree char *after = listing(git, &tree);
        EXPECT_TEXT(after, table[i].after);
    }
}

TEST("a tree can be put into a tree, and changed there in the same call")
{
    cat_autoptr(cat_git) git = NULL;
    REQUIRE(cat_git_open_new(&NOWHERE, &git, NULL) == 0);
    const cat_git_file inner_files[] = {FILE_("k.yaml", "1"), FILE_("sizes/s.yaml", "2")};
    cat_git_id inner, outer, root;
    REQUIRE(cat_git_tree(git, NULL, inner_files, 2, &inner, NULL) == 0);
    const cat_git_file outer_files[] = {
        FILE_("values.yaml", "v"), {.path = "blueprint", .tree = &inner}, FILE_("blueprint/sizes/s.yaml", "3")};
    REQUIRE(cat_git_tree(git, NULL, outer_files, 3, &outer, NULL) == 0);
    cat_autofree char *after = listing(git, &outer);
    EXPECT_TEXT(after, "blueprint/k.yaml=1 blueprint/sizes/s.yaml=3 values.yaml=v");
    EXPECT_INT(cat_git_subtree(git, &outer, "", &root, NULL), 0);
    EXPECT_TEXT(root.hex, outer.hex);
    EXPECT_INT(cat_git_subtree(git, &outer, "values.yaml", &root, NULL), CAT_E_NOT_FOUND);
    EXPECT_INT(cat_git_subtree(git, &outer, "none", &root, NULL), CAT_E_NOT_FOUND);
}

TEST("the same content gives the same tree whatever the order")
{
    cat_autoptr(cat_git) git = NULL;
    REQUIRE(cat_git_open_new(&NOWHERE, &git, NULL) == 0);
    const cat_git_file one[] = {FILE_("a/b", "1"), FILE_("c", "2")}, two[] = {FILE_("c", "2"), FILE_("a/b", "1")};
    cat_git_id first, second;
    REQUIRE(cat_git_tree(git, NULL, one, 2, &first, NULL) == 0 && cat_git_tree(git, NULL, two, 2, &second, NULL) == 0);
    EXPECT_TEXT(first.hex, second.hex);
}

TEST("paths that could leave the repository are refused")
{
    static const char *const bad[] = {"",
                                      "/",
                                      "/a",
                                      "a/",
                                      "a//b",
                                      ".",
                                      "..",
                                      "a/../b",
                                      "a/./b",
                                      ".git",
                                      ".GIT/config",
                                      "a/.Git",
                                      "git~1",
                                      "a\\b",
                                      "a\nb",
                                      "\xff",
                                      "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z/1/2/3/4/5/6/7"};
    static const char *const good[] = {"a", ".gitignore", ".gitattributes", "a/b.c", "..a", "ä/ö", "git~2", "a b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cat_test_row("%s", bad[i]);
        EXPECT_INT(git_path_check(bad[i], NULL), CAT_E_INVALID);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cat_test_row("%s", good[i]);
        EXPECT_INT(git_path_check(good[i], NULL), 0);
    }
    cat_autoptr(cat_git) git = NULL;
    REQUIRE(cat_git_open_new(&NOWHERE, &git, NULL) == 0);
    cat_git_id tree;
    cat_git_file file = FILE_("../x", "1");
    EXPECT_INT(cat_git_tree(git, NULL, &file, 1, &tree, NULL), CAT_E_INVALID);
}

TEST("a file above four megabytes is refused")
{
    cat_autoptr(cat_git) git = NULL;
    REQUIRE(cat_git_open_new(&NOWHERE, &git, NULL) == 0);
    cat_autofree char *big = cat_calloc(1, GIT_FILE_MAX_BYTES + 1);
    cat_git_id tree;
    cat_git_file file = {.path = "big", .content = big, .length = GIT_FILE_MAX_BYTES + 1};
    EXPECT_INT(cat_git_tree(git, NULL, &file, 1, &tree, NULL), CAT_E_TOO_LARGE);
}

TEST("a link in a tree is not followed")
{
    cat_autoptr(cat_git) git = NULL;
    REQUIRE(cat_git_open_new(&NOWHERE, &git, NULL) == 0);
    git_oid blob, tree;
    git_auto(git_treebuilder) builder = NULL;
    REQUIRE(git_blob_create_from_buffer(&blob, git->repository, "/etc/passwd", 11) == 0);
    REQUIRE(git_treebuilder_new(&builder, git->repository, NULL) == 0);
    REQUIRE(git_treebuilder_insert(NULL, builder, "link", &blob, GIT_FILEMODE_LINK) == 0 &&
            git_treebuilder_write(&tree, builder) == 0);
    cat_git_id id;
    git_id_set(&id, &tree);
    cat_autofree char *content = NULL;
    size_t length;
    EXPECT_INT(cat_git_read(git, &id, "link", &content, &length, NULL, NULL), CAT_E_INVALID);
    EXPECT(!content);
}

TEST("the same commit twice is one commit, and its history is read newest first")
{
    cat_autoptr(cat_git) git = NULL;
    REQUIRE(cat_git_open_new(&NOWHERE, &git, NULL) == 0);
    const cat_git_file files[] = {FILE_("a", "1"), FILE_("b", "1")}, change[] = {FILE_("b", "2")};
    cat_git_id tree, changed, first, again, second;
    REQUIRE(cat_git_tree(git, NULL, files, 2, &tree, NULL) == 0 && cat_git_tree(git, &tree, change, 1, &changed, NULL) == 0);
    REQUIRE(cat_git_commit(git,
                           &(cat_git_new_commit){.tree = &tree, .author = &ANNA, .time_ms = 1700000000000, .message = "first"},
                           &first, NULL) == 0);
    REQUIRE(cat_git_commit(git,
                           &(cat_git_new_commit){.tree = &tree, .author = &ANNA, .time_ms = 1700000000000, .message = "first\n"},
                           &again, NULL) == 0);
    EXPECT_TEXT(first.hex, again.hex);
    REQUIRE(cat_git_commit(git,
                           &(cat_git_new_commit){.tree = &changed,
                                                 .parents = &first,
                                                 .parent_count = 1,
                                                 .author = &ANNA,
                                                 .time_ms = 1700000001000,
                                                 .message = "second"},
                           &second, NULL) == 0);

    cat_autojson json_t *log = NULL, *only = NULL, *changes = NULL;
    REQUIRE(cat_git_log(git, &second, NULL, 10, &log, NULL) == 0);
    EXPECT_INT(json_array_size(log), 2);
    EXPECT_TEXT(cat_json_text(log, "0.id"), second.hex);
    EXPECT_TEXT(cat_json_text(log, "0.parents.0"), first.hex);
    EXPECT_TEXT(cat_json_text(log, "0.message"), "second\n");
    EXPECT_TEXT(cat_json_text(log, "0.author.name"), "Anna");
    EXPECT_TEXT(cat_json_text(log, "1.time"), "2023-11-14T22:13:20.000Z");
    REQUIRE(cat_git_log(git, &second, "a", 10, &only, NULL) == 0);
    EXPECT_INT(json_array_size(only), 1);
    EXPECT_TEXT(cat_json_text(only, "0.id"), first.hex);
    REQUIRE(cat_git_changes(git, &first, &second, &changes, NULL) == 0);
    cat_autofree char *text = cat_json_format(changes);
    EXPECT_TEXT(text, "[{\"path\":\"b\",\"action\":\"change\"}]");
    json_decref(changes);
    REQUIRE(cat_git_changes(git, NULL, &tree, &changes, NULL) == 0);
    EXPECT_INT(json_array_size(changes), 2);
    EXPECT_TEXT(cat_json_text(changes, "0.action"), "add");
}

TEST("an author whose name would break the commit is refused")
{
    static const cat_git_person people[] = {{"", "a@b"},     {"A", ""},    {"A <x>", "a@b"},
                                            {"A\nB", "a@b"}, {"A", "a b"}, {NULL, "a@b"}};
    cat_autoptr(cat_git) git = NULL;
    REQUIRE(cat_git_open_new(&NOWHERE, &git, NULL) == 0);
    cat_git_id tree, commit;
    REQUIRE(cat_git_tree(git, NULL, NULL, 0, &tree, NULL) == 0);
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
        cat_test_row("row %zu", i);
        EXPECT_INT(cat_git_commit(git, &(cat_git_new_commit){.tree = &tree, .author = &people[i], .message = "m"}, &commit, NULL),
                   CAT_E_INVALID);
    }
}

TEST("ids that are none are refused, and those of nothing are not found")
{
    cat_autoptr(cat_git) git = NULL;
    REQUIRE(cat_git_open_new(&NOWHERE, &git, NULL) == 0);
    cat_git_id tree, none = {"0123456789012345678901234567890123456789"}, broken = {"xyz"};
    EXPECT_INT(cat_git_tree_of(git, &none, &tree, NULL), CAT_E_NOT_FOUND);
    EXPECT_INT(cat_git_tree_of(git, &broken, &tree, NULL), CAT_E_INVALID);
    EXPECT_INT(cat_git_head(git, "main", &tree, NULL), CAT_E_NOT_FOUND);
}

TEST("a server's refusal is a conflict when somebody was faster and forbidden when it is a rule")
{
    static const struct {
        const char *status, *words;
        int code;
    } table[] = {
        {"non-fast-forward", "", CAT_E_CONFLICT},
        {"fetch first", "", CAT_E_CONFLICT},
        {"failed to update ref", "", CAT_E_CONFLICT},
        {"reference already exists", "", CAT_E_CONFLICT},
        {"pre-receive hook declined", "Gitea: Not allowed to push to protected branch main", CAT_E_FORBIDDEN},
        {"hook declined", "", CAT_E_FORBIDDEN},
        {"deletion prohibited", "", CAT_E_FORBIDDEN},
        {"unpacker error", "", CAT_E_PROTOCOL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cat_test_row("%s", table[i].status);
        EXPECT_INT(git_refusal_code(table[i].status, table[i].words), table[i].code);
    }
}

TEST("a repository is called by its owner and name in what people read, not by where the server is")
{
    static const char *const ROWS[][2] = {{"http://git.internal:3000/acme/blog.git", "acme/blog"},
                                          {"http://127.0.0.1:1/git/acme/blog.git/", "acme/blog"},
                                          {"https://git.example.org/acme/blog", "acme/blog"},
                                          {"blog", "blog"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i][0]);
        const cat_git_remote remote = {ROWS[i][0], "u", "p"};
        git_link link;
        git_link_init(&link, &remote);
        EXPECT_TEXT(link.shown, ROWS[i][1]);
        git_link_finish(&link);
    }
}

TEST("a remote that is not there is unavailable, and leaves no folder behind")
{
    cat_autoptr(cat_git) git = NULL;
    cat_autojson json_t *references = NULL;
    cat_error error = {0};
    EXPECT_INT(cat_git_open(&NOWHERE, NULL, &git, &error), CAT_E_UNAVAILABLE);
    EXPECT(!strstr(error.message, "127.0.0.1"));
    EXPECT_INT(cat_git_remote_references(&NOWHERE, &references, NULL), CAT_E_UNAVAILABLE);
    EXPECT(!git && !references);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
