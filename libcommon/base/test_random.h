/* Made-up numbers for properties over made-up input: the same on every run. For tests.
 *
 *     uint64_t seed = 1;
 *     const char *word = words[cat_test_below(&seed, WORDS)];
 */
#ifndef CAT_BASE_TEST_RANDOM_H
#define CAT_BASE_TEST_RANDOM_H

#include <stdint.h>

/* The next number in [0, limit). `*state` begins as any number, the seed (splitmix64: each gives a good row). */
static inline uint64_t cat_test_below(uint64_t *state, uint64_t limit)
{
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (mixed ^ (mixed >> 31)) % limit;
}

#endif
