#include "wire/digest.h"

#include "base/test.h"

TEST("SHA-256 is FIPS 180's")
{
    char hex[CAT_SHA256_HEX];
    cat_sha256_hex("abc", 3, hex);
    EXPECT_TEXT(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    cat_sha256_hex("", 0, hex);
    EXPECT_TEXT(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST("HMAC-SHA-256 is RFC 4231's")
{
    char hex[CAT_SHA256_HEX];
    cat_hmac_sha256_hex("Jefe", 4, "what do ya want for nothing?", 28, hex);
    EXPECT_TEXT(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    cat_hmac_sha256_hex("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b", 20, "Hi There", 8,
                        hex);
    EXPECT_TEXT(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    /* printf '' | openssl dgst -sha256 -hmac '' */
    cat_hmac_sha256_hex(NULL, 0, NULL, 0, hex);
    EXPECT_TEXT(hex, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST("a signature is checked whole and in lower case")
{
    static const struct {
        const char *hex;
        bool good;
    } rows[] = {
        {"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", true},
        {"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3842", false},
        {"5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843", false},
        {"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec38", false},
        {"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec384300", false},
        {"", false},
        {NULL, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cat_test_row("%s", rows[i].hex ? rows[i].hex : "(null)");
        EXPECT_INT(cat_hmac_sha256_check("Jefe", 4, "what do ya want for nothing?", 28, rows[i].hex), rows[i].good);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
