/* Letters as people type them: without case, and without the accents that not every keyboard has. */
#include <string.h>

#include "core/catalog_internal.h"

/* U+00C0 … U+017F, one after the other; "" is no letter. */
static const char *const LATIN[] = {
    "a", "a", "a", "a", "a",  "a",  "ae", "c", "e",  "e",  "e", "e", "i", "i", "i",  "i",  "d",  "n", "o",  "o", "o", "o",
    "o", "",  "o", "u", "u",  "u",  "u",  "y", "th", "ss", "a", "a", "a", "a", "a",  "a",  "ae", "c", "e",  "e", "e", "e",
    "i", "i", "i", "i", "d",  "n",  "o",  "o", "o",  "o",  "o", "",  "o", "u", "u",  "u",  "u",  "y", "th", "y", "a", "a",
    "a", "a", "a", "a", "c",  "c",  "c",  "c", "c",  "c",  "c", "c", "d", "d", "d",  "d",  "e",  "e", "e",  "e", "e", "e",
    "e", "e", "e", "e", "g",  "g",  "g",  "g", "g",  "g",  "g", "g", "h", "h", "h",  "h",  "i",  "i", "i",  "i", "i", "i",
    "i", "i", "i", "i", "ij", "ij", "j",  "j", "k",  "k",  "k", "l", "l", "l", "l",  "l",  "l",  "l", "l",  "l", "l", "n",
    "n", "n", "n", "n", "n",  "n",  "n",  "n", "o",  "o",  "o", "o", "o", "o", "oe", "oe", "r",  "r", "r",  "r", "r", "r",
    "s", "s", "s", "s", "s",  "s",  "s",  "s", "t",  "t",  "t", "t", "t", "t", "u",  "u",  "u",  "u", "u",  "u", "u", "u",
    "u", "u", "u", "u", "w",  "w",  "y",  "y", "y",  "z",  "z", "z", "z", "z", "z",  "s"};
_Static_assert(sizeof LATIN / sizeof *LATIN == 0x180 - 0xc0, "one for each");

/* A code point of text that is UTF-8; what is none is a letter of its own, byte by byte. */
static size_t decode(const unsigned char *at, unsigned *code)
{
    size_t length = *at < 0xc0 ? 1 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
    *code = length == 1 ? *at : *at & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            *code = 0xfffd;
            return 1;
        }
        *code = *code << 6 | (at[i] & 0x3f);
    }
    return length;
}

static bool is_mark(unsigned code)
{
    return code >= 0x300 && code < 0x370;
}

static bool is_letter(unsigned code)
{
    if (code < 0x80)
        return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') || (code >= '0' && code <= '9');
    /* Signs of Latin-1, dashes and quotation marks, signs beside Chinese and Japanese. */
    return code >= 0xc0 && !(code >= 0x2000 && code < 0x2070) && !(code >= 0x3000 && code < 0x3040);
}

static unsigned lower(unsigned code)
{
    if (code >= 'A' && code <= 'Z')
        return code + 32;
    if ((code >= 0x391 && code <= 0x3a9) || (code >= 0x410 && code <= 0x42f)) /* Greek, Cyrillic */
        return code + 32;
    return code >= 0x400 && code <= 0x40f ? code + 80 : code;
}

static size_t encode(unsigned code, char out[5])
{
    size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(length == 1 ? code : (0xf00u >> length & 0xff) | code);
    out[length] = '\0';
    return length;
}

size_t ctg_fold(const char *text, char out[5], bool *letter)
{
    unsigned code;
    size_t length = decode((const unsigned char *)text, &code);
    out[0] = '\0';
    *letter = is_letter(code);
    if (code >= 0xc0 && code < 0x180) {
        strcpy(out, LATIN[code - 0xc0]);
        *letter = *out != '\0';
    } else if (*letter && !is_mark(code)) {
        encode(lower(code), out);
    }
    return length;
}
