#include "base/file.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/test.h"

static char path[] = "/tmp/catalyst-file-test-XXXXXX";

static void write_file(const char *bytes, size_t length)
{
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int descriptor = mkstemp(path);
    if (descriptor < 0 || write(descriptor, bytes, length) != (ssize_t)length)
        cat_test_fail(__FILE__, __LINE__, "cannot write %s", path);
    close(descriptor);
}

TEST("a file is read whole, zero bytes and all")
{
    write_file("a\0b\n", 4);
    cat_autofree char *text = NULL;
    size_t length = 0;
    EXPECT_INT(cat_file_read(path, 4, &text, &length, NULL), 0);
    EXPECT_INT(length, 4);
    EXPECT(text && memcmp(text, "a\0b\n", 5) == 0);
    unlink(path);
}

TEST("a file above the maximum, a missing one and a folder are told apart")
{
    write_file("12345", 5);
    char *text = NULL;
    cat_error error = {0};
    EXPECT_INT(cat_file_read(path, 4, &text, NULL, &error), CAT_E_TOO_LARGE);
    EXPECT(strstr(error.message, path) != NULL);
    unlink(path);
    EXPECT_INT(cat_file_read(path, 4, &text, NULL, &error), CAT_E_NOT_FOUND);
    EXPECT_INT(cat_file_read("/tmp", 4, &text, NULL, &error), CAT_E_IO);
    EXPECT(text == NULL);
}

TEST("an empty file is the empty text")
{
    write_file("", 0);
    cat_autofree char *text = NULL;
    EXPECT_INT(cat_file_read(path, 4, &text, NULL, NULL), 0);
    EXPECT_TEXT(text, "");
    unlink(path);
}

TEST("a secret is one line without its end")
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *secret;
    } rows[] = {
        {"s3cret\n", 7, "s3cret"}, {"s3 cret \r\n", 10, "s3 cret"}, {"", 0, NULL}, {" \n", 2, NULL}, {"a\nb\n", 4, NULL},
        {"a\0b", 3, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].bytes);
        write_file(rows[i].bytes, rows[i].length);
        cat_autofree char *secret = NULL;
        cat_error error = {0};
        EXPECT_INT(cat_file_read_secret(path, &secret, &error), rows[i].secret ? 0 : CAT_E_INVALID);
        EXPECT_TEXT(secret, rows[i].secret);
        unlink(path);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
