/* An operation as those may see it who see some Environments of its Organization and not the others: what an Environment's stream
 * is told, and what REST answers. Documents in, documents out; any thread.
 *
 * As in operation.h, but `environments` and `commits` have only what is of these Environments, and `elsewhere` counts the
 * Environments that were left out. A `message` of the operation or of a step that is about another Environment is one that
 * names none, with `messageElsewhere: true` beside it: who sees that Environment too takes its words from there.
 */
#ifndef PROVISIONING_OPERATION_SHOWN_H
#define PROVISIONING_OPERATION_SHOWN_H

#include "domain/access.h"

#define PRV_EVENT_ID_MAX 160

/* `visible`: names of Environments, whether they are the operation's or not. The caller's. */
json_t *prv_operation_shown(const json_t *operation, const cat_strings *visible);
/* To somebody who asks. The caller's. */
json_t *prv_operation_shown_to(const cat_principal *principal, const json_t *operation);
/* What the stream of an Environment is told (NULL: that of no Environment, of all of them), with the event's id: both follow from
 * the operation as it stands and the Environment, so that what is told again is the same to the byte. The caller's. */
json_t *prv_operation_told(const json_t *operation, const char *environment, char id[PRV_EVENT_ID_MAX]);

#endif
