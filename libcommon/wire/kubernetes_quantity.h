/* Quantities before they are rounded to what 64 bits hold. */
#ifndef CAT_WIRE_KUBERNETES_QUANTITY_H
#define CAT_WIRE_KUBERNETES_QUANTITY_H

#include <stdbool.h>

/* Above every quantity that there is, and small enough that thousands add up. */
#define KUBERNETES_MILLI_MAX ((__int128)1 << 90)

/* In thousandths, rounded up, as the API server keeps them; at most KUBERNETES_MILLI_MAX. false when `text` is no quantity. */
bool kubernetes_quantity_milli(const char *text, __int128 *milli);

#endif
