#include "sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/test.h"

/* A key for tests alone. */
static const char KEY[] =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

static char *key_file(const char *text)
{
    char *path = cat_strdup("/tmp/catalyst-sign-XXXXXX");
    int file = mkstemp(path);
    if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text))
        cat_test_fail(__FILE__, __LINE__, "no file for the key");
    close(file);
    return path;
}

TEST("a plan is known by its signature, whatever was added later, and by no other content")
{
    cat_autofree char *path = key_file(KEY);
    prv_signer *signer = NULL;
    cat_error error = {0};
    EXPECT_INT(prv_signer_create(path, &signer, &error), 0);
    unlink(path);
    REQUIRE(signer);
    static const char *const ADDED[] = {"operation", NULL};
    cat_autojson json_t *plan = json_pack("{s:s, s:[i, i]}", "id", "p1", "list", 1, 2);
    EXPECT_INT(prv_sign_plan(signer, plan, NULL), 0);
    EXPECT_INT(strlen(cat_json_text_or(plan, "hash", "")), 64);
    EXPECT(prv_plan_is_signed(signer, plan, ADDED));
    json_object_set_new(plan, "operation", json_string("o1"));
    EXPECT(prv_plan_is_signed(signer, plan, ADDED));
    json_object_set_new(plan, "id", json_string("p2"));
    EXPECT(!prv_plan_is_signed(signer, plan, ADDED));
    /* Who changes the hash along cannot sign it. */
    cat_autojson json_t *forged = json_copy(plan);
    json_object_del(forged, "hash");
    json_object_del(forged, "signature");
    json_object_del(forged, "operation");
    char digest[65];
    cat_json_digest(forged, digest);
    json_object_set_new(plan, "hash", json_string(digest));
    EXPECT(!prv_plan_is_signed(signer, plan, ADDED));
    prv_signer_destroy(signer);
}

TEST("a sealed record is known by its place and content, and opens as it was")
{
    cat_autofree char *path = key_file(KEY);
    prv_signer *signer = NULL;
    REQUIRE(prv_signer_create(path, &signer, NULL) == 0);
    unlink(path);
    static const char *const KEY_OF_IT = "work.01abc";
    static const struct {
        const char *what, *key, *member, *value;
        bool opens;
    } ROWS[] = {{"as it was", "work.01abc", NULL, NULL, true},
                {"moved to another id", "work.01abd", NULL, NULL, false},
                {"moved to another kind", "operation.01abc", NULL, NULL, false},
                {"changed", "work.01abc", "organization", "blue", false},
                {"with something more", "work.01abc", "extra", "x", false},
                {"with another's seal", "work.01abc", "seal", "AAAA", false},
                {"without a seal", "work.01abc", "seal", "", false}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].what);
        cat_autojson json_t *record = json_pack("{s:s, s:{s:f}}", "organization", "acme", "plan", "share", 0.25);
        cat_autojson json_t *before = json_deep_copy(record);
        REQUIRE(prv_seal(signer, KEY_OF_IT, record, NULL) == 0);
        if (ROWS[i].member)
            json_object_set_new(record, ROWS[i].member, json_string(ROWS[i].value));
        EXPECT(prv_unseal(signer, ROWS[i].key, record) == ROWS[i].opens);
        EXPECT(!ROWS[i].opens || json_equal(before, record));
    }
    /* A plan's signature is no seal. */
    cat_autojson json_t *plan = json_pack("{s:s}", "id", "p1");
    REQUIRE(prv_sign_plan(signer, plan, NULL) == 0);
    json_object_set(plan, "seal", json_object_get(plan, "signature"));
    EXPECT(!prv_unseal(signer, "p1", plan));
    prv_signer_destroy(signer);
}

TEST("a file that holds no Ed25519 key is refused with its name")
{
    cat_autofree char *path = key_file("no key\n");
    prv_signer *signer = NULL;
    cat_error error = {0};
    EXPECT_INT(prv_signer_create(path, &signer, &error), CAT_E_INVALID);
    EXPECT(strstr(error.message, path) != NULL);
    unlink(path);
    EXPECT_INT(prv_signer_create(path, &signer, &error), CAT_E_NOT_FOUND);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
