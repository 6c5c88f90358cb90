#include "base/encoding.h"

#include "base/memory.h"
#include "base/test.h"

TEST("the vectors of RFC 4648 hold both ways")
{
    static const struct {
        const char *bytes, *base64, *base64url, *base32, *hex;
    } rows[] = {
        {"", "", "", "", ""},
        {"f", "Zg==", "Zg", "MY", "66"},
        {"fo", "Zm8=", "Zm8", "MZXQ", "666f"},
        {"foo", "Zm9v", "Zm9v", "MZXW6", "666f6f"},
        {"foob", "Zm9vYg==", "Zm9vYg", "MZXW6YQ", "666f6f62"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE", "MZXW6YTB", "666f6f6261"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy", "MZXW6YTBOI", "666f6f626172"},
        {"\xfb\xff\xfe", "+//+", "-__-", "7P774", "fbfffe"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].hex);
        size_t length = strlen(rows[i].bytes), got = 99;
        cat_autofree char *base64 = cat_base64_encode(rows[i].bytes, length), *url = cat_base64url_encode(rows[i].bytes, length);
        cat_autofree char *base32 = cat_base32_encode(rows[i].bytes, length), *hex = cat_hex_encode(rows[i].bytes, length);
        EXPECT_TEXT(base64, rows[i].base64);
        EXPECT_TEXT(url, rows[i].base64url);
        EXPECT_TEXT(base32, rows[i].base32);
        EXPECT_TEXT(hex, rows[i].hex);
        cat_autofree unsigned char *a = cat_base64_decode(base64, strlen(base64), &got);
        EXPECT_TEXT((const char *)a, rows[i].bytes);
        EXPECT_INT(got, length);
        cat_autofree unsigned char *b = cat_base64url_decode(url, strlen(url), &got);
        EXPECT_TEXT((const char *)b, rows[i].bytes);
        cat_autofree unsigned char *c = cat_base32_decode(base32, strlen(base32), &got);
        EXPECT_TEXT((const char *)c, rows[i].bytes);
        unsigned char out[16] = {0};
        EXPECT(cat_hex_decode(hex, strlen(hex), out));
        EXPECT(memcmp(out, rows[i].bytes, length) == 0);
    }
}

TEST("what is not the canonical form is refused")
{
    size_t length;
    static const char *const base64[] = {"Zg",   "Zg=",    "Zh==",      "Zm9=", "Zm8",     "Z",
                                         "====", "Zg==\n", "Zm9v Zm9v", "-__-", "Zg==Zg=="};
    for (size_t i = 0; i < sizeof base64 / sizeof *base64; i++) {
        cat_test_row("base64 %s", base64[i]);
        EXPECT(cat_base64_decode(base64[i], strlen(base64[i]), &length) == NULL);
    }
    static const char *const url[] = {"Zg==", "Zh", "Z", "+//+", "Zm9"};
    for (size_t i = 0; i < sizeof url / sizeof *url; i++) {
        cat_test_row("base64url %s", url[i]);
        EXPECT(cat_base64url_decode(url[i], strlen(url[i]), &length) == NULL);
    }
    static const char *const base32[] = {"my", "MY======", "MZ", "M", "MZX", "MZXW6Y", "M1"};
    for (size_t i = 0; i < sizeof base32 / sizeof *base32; i++) {
        cat_test_row("base32 %s", base32[i]);
        EXPECT(cat_base32_decode(base32[i], strlen(base32[i]), &length) == NULL);
    }
    unsigned char out[4];
    EXPECT(!cat_hex_decode("0", 1, out));
    EXPECT(!cat_hex_decode("0A", 2, out));
    EXPECT(!cat_hex_decode("0g", 2, out));
}

TEST("percent encoding keeps the unreserved characters and gives all others back")
{
    cat_auto(cat_string) out = CAT_STRING(100);
    cat_percent_encode(&out, "aZ09-._~ /?#%+\xc3\xa4");
    EXPECT_TEXT(cat_string_get(&out), "aZ09-._~%20%2F%3F%23%25%2B%C3%A4");
    cat_autofree char *text = cat_string_take(&out);
    EXPECT(cat_percent_decode(text, false));
    EXPECT_TEXT(text, "aZ09-._~ /?#%+\xc3\xa4");
}

TEST("decoding takes both cases of hex, plus signs in forms alone, and no broken escape")
{
    static const struct {
        const char *text;
        bool form, good;
        const char *decoded;
    } rows[] = {
        {"a%2fb+c", false, true, "a/b+c"}, {"a%2Fb+c", true, true, "a/b c"},
        {"%", false, false, NULL},         {"%2", false, false, NULL},
        {"%2g", false, false, NULL},       {"%00", false, false, NULL},
        {"a%", true, false, NULL},         {"", true, true, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].text);
        cat_autofree char *text = cat_strdup(rows[i].text);
        EXPECT_INT(cat_percent_decode(text, rows[i].form), rows[i].good);
        if (rows[i].good)
            EXPECT_TEXT(text, rows[i].decoded);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
