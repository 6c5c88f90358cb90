/* Rows of one operation as one: each of its Environments was told of itself alone (docs/seams.md, Operations). Pure; any thread.
 */
#ifndef PROJECTOR_OPERATION_JOIN_H
#define PROJECTOR_OPERATION_JOIN_H

#include "wire/json.h"

/* `rows` of one operation, at least one, from the Environments that somebody sees; the one of them that went furthest comes
 * first. It speaks, with the Environments of all of them, and with words that the others have where its own are said elsewhere.
 * The caller's. */
json_t *prj_operation_join(const json_t *const *rows, size_t count);

#endif
