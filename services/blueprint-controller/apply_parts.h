/* What the parts of apply*.c are to each other. On the reconciler's worker. */
#ifndef BPC_APPLY_PARTS_H
#define BPC_APPLY_PARTS_H

#include "controller.h"
#include "domain/events.h"

/* apply_files.c */
/* What the API server would not take moves from `register` of the plan to `reject`. */
int bpc_try_objects(bpc_controller *controller, json_t *plan, cat_error *error);
/* What stands in a file's place and is not ours moves as well. `*wrote`: there was something to write. */
int bpc_write_files(bpc_controller *controller, json_t *plan, bool *wrote, cat_error *error);
void bpc_ask_flux(bpc_controller *controller);

/* apply_tell.c */
char *bpc_key_of(const json_t *item); /* `{source}.{name}.{version}`, the caller's */
/* `reason` NULL: the item's. */
int bpc_publish(bpc_controller *controller, const char *what, cat_event_kind type, const json_t *item, const char *reason,
                cat_error *error);
/* Judged with this commit: it needs no second look. */
void bpc_settle(bpc_controller *controller, const json_t *item);

/* apply_rejected.c */
/* All of `reject` of a plan. */
int bpc_reject(bpc_controller *controller, const json_t *plan, cat_error *error);
int bpc_forget(bpc_controller *controller, const char *name, cat_error *error);

#endif
