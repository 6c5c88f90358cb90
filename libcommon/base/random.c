#include "base/random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/memory.h"

void cat_random_bytes(void *bytes, size_t length)
{
    unsigned char *at = bytes;
    while (length > 0) {
        ssize_t got = getrandom(at, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            fprintf(stderr, "catalyst: the kernel gives no randomness: %s\n", strerror(errno));
            abort();
        }
        at += got;
        length -= (size_t)got;
    }
}

uint64_t cat_random_below(uint64_t limit)
{
    if (limit <= 1)
        return 0;
    /* Numbers of the last, incomplete round are thrown away, else the small ones would come more often. */
    uint64_t whole_rounds = UINT64_MAX - UINT64_MAX % limit, number;
    do
        cat_random_bytes(&number, sizeof number);
    while (number >= whole_rounds);
    return number % limit;
}

void cat_id_make(int64_t wall_ms, char out[CAT_ID_MAX])
{
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    uint64_t time = (uint64_t)wall_ms & 0xFFFFFFFFFFFFu;
    for (int i = 9; i >= 0; i--, time >>= 5)
        out[i] = alphabet[time & 31];
    unsigned char random[16];
    cat_random_bytes(random, sizeof random);
    for (int i = 0; i < 16; i++)
        out[10 + i] = alphabet[random[i] & 31];
    out[26] = '\0';
}

char *cat_random_password(size_t length, const char *alphabet)
{
    /* Without 0 O o 1 l I: people type these from a screen. */
    if (!alphabet)
        alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
    size_t letters = strlen(alphabet);
    char *password = cat_malloc(length + 1);
    for (size_t i = 0; i < length; i++)
        password[i] = alphabet[cat_random_below(letters)];
    password[length] = '\0';
    return password;
}

int64_t cat_backoff_ms(unsigned attempt, int64_t base_ms, int64_t max_ms)
{
    int64_t delay = base_ms;
    while (attempt-- > 0 && delay < max_ms)
        delay *= 2;
    if (delay > max_ms)
        delay = max_ms;
    if (delay <= 0)
        return 0;
    int64_t lower = delay - delay / 2;
    return lower + (int64_t)cat_random_below((uint64_t)(delay / 2) + 1);
}
