/* Pushes to the sources, heard of on the spine: a thread of its own adds the repository to the reconciler at once. */
#ifndef BPC_LISTEN_H
#define BPC_LISTEN_H

#include "controller.h"

typedef struct bpc_listener bpc_listener;
bpc_listener *bpc_listener_start(bpc_controller *controller);
void bpc_listener_stop(bpc_listener *listener); /* NULL allowed */

#endif
