/* Numbers as they are written, in decimal, so that 0.3 is a multiple of 0.1. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/schema_node.h"

/* coefficient · 10^exponent; a double needs 17 digits at most. The sign is of no matter here. */
typedef struct {
    uint64_t coefficient;
    int exponent;
} decimal;

static decimal normal(decimal number)
{
    while (number.coefficient && number.coefficient % 10 == 0) {
        number.coefficient /= 10;
        number.exponent++;
    }
    return number;
}

/* The fewest digits that mean this double: what was written, or the same number. */
static decimal of_real(double real)
{
    char text[40];
    int precision = 0;
    do
        snprintf(text, sizeof text, "%.*e", precision, fabs(real));
    while (strtod(text, NULL) != fabs(real) && ++precision < 17);
    decimal number = {.exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10) - precision};
    for (const char *at = text; *at != 'e'; at++)
        if (*at >= '0' && *at <= '9')
            number.coefficient = number.coefficient * 10 + (uint64_t)(*at - '0');
    return normal(number);
}

static decimal of_json(const json_t *value)
{
    if (!json_is_integer(value))
        return of_real(json_real_value(value));
    json_int_t integer = json_integer_value(value);
    return normal((decimal){integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer, 0});
}

__extension__ typedef unsigned __int128 wide;

/* coefficient · 10^power mod divisor */
static uint64_t remainder_of(uint64_t coefficient, unsigned power, uint64_t divisor)
{
    wide result = coefficient % divisor, base = 10 % divisor;
    for (; power; power >>= 1) {
        if (power & 1)
            result = result * base % divisor;
        base = base * base % divisor;
    }
    return (uint64_t)result;
}

bool schema_is_multiple(const json_t *value, const json_t *of)
{
    decimal number = of_json(value), step = of_json(of);
    if (number.coefficient == 0)
        return true;
    if (number.exponent >= step.exponent)
        return remainder_of(number.coefficient, (unsigned)(number.exponent - step.exponent), step.coefficient) == 0;
    /* No zeros stand at the end of the coefficient, so that it is no multiple of ten. */
    return false;
}
