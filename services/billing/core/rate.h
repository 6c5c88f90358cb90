/* From events to usage: what the Applications of one Environment asked for, and for how long. Pure; time comes from events, the
 * newest moment from the caller. A meter belongs to one thread.
 *
 * Time goes in whole seconds and never back: an event that is older than what was counted already counts from there on. Usage is
 * cut at windows (an hour, from the full hour): a record is one Application's share of one window, and the same events give the
 * same records.
 */
#ifndef BIL_RATE_H
#define BIL_RATE_H

#include "base/map.h"
#include "wire/cloudevent.h"

#define BIL_WINDOW_S 3600
#define BIL_OBJECTS_MAX 35000 /* of one Environment: as many as fit into one value of KV */

typedef struct {
    int64_t cpu_milli, memory_bytes, storage_bytes;
} bil_request;
/* What a Pod or a PersistentVolumeClaim asks for: of a Pod what Kubernetes reserves for it (wire/kubernetes_requests.h), from its
 * placing on a node until it has ended. All 0 for anything else. */
bil_request bil_request_of(const char *kind, cat_view object);

typedef struct bil_meter bil_meter;
bil_meter *bil_meter_create(const char *organization, const char *environment);
void bil_meter_destroy(bil_meter *meter); /* NULL allowed */
/* {environment, organization, incarnation, cursor, time, windowFrom, shapes, objects, applications}; what it has counted and not
 * recorded. The caller's. */
json_t *bil_meter_save(const bil_meter *meter);
int bil_meter_restore(const json_t *saved, bil_meter **meter, cat_error *error);

const char *bil_meter_environment(const bil_meter *meter);
const char *bil_meter_organization(const bil_meter *meter);
/* Where it is in the Environment's stream. */
uint64_t bil_meter_cursor(const bil_meter *meter);
const char *bil_meter_incarnation(const bil_meter *meter); /* "" at first */
/* Has something changed that is worth keeping since the last call? */
bool bil_meter_is_changed(bil_meter *meter);

/* `records` grows by the records of windows that ended: {environment, application, from, to, cpuMilliSeconds, memoryByteSeconds,
 * storageByteSeconds, gap?: {from, to, reason}}. An event that is no object's moves the cursor alone. `heard_ms`: when the spine
 * took it; nothing happens later than that, whatever a clock said. */
void bil_meter_apply(bil_meter *meter, const cat_cloudevent_in *event, uint64_t sequence, int64_t heard_ms, json_t *records);
/* Nothing happened until `now_s`, and the stream was read up to `cursor`. */
void bil_meter_advance(bil_meter *meter, int64_t now_s, uint64_t cursor, json_t *records);
/* Events between the last one and the next are missing. What was known is counted on, and the records say so. `cursor`: where the
 * stream is read from now. */
void bil_meter_gap(bil_meter *meter, const char *reason, const char *incarnation, uint64_t cursor);
/* After a gap: what ended within it is counted on until somebody says what there still is. */
bool bil_meter_is_in_doubt(const bil_meter *meter);
/* `present`: bil_object_key → anything, of all that there is after the meter's cursor. What is not among it is no longer counted.
 */
void bil_meter_settle(bil_meter *meter, const cat_map *present);
/* Takes no more: some objects are not counted. */
bool bil_meter_is_full(const bil_meter *meter);
#define BIL_OBJECT_KEY_BYTES 17
/* What an object is called in a meter: short, as there are many. */
void bil_object_key(const char *cluster, const char *kind, const char *namespace, const char *name,
                    char key[BIL_OBJECT_KEY_BYTES]);
/* The Environment is gone: `records` grows by what was counted of the running window, and nothing is counted any more. */
void bil_meter_finish(bil_meter *meter, json_t *records);
/* The running window, as records with `open: true`. The caller's. */
json_t *bil_meter_open(const bil_meter *meter);
/* A record's id: the same for the same share of the same window. The caller's. */
char *bil_record_id(const json_t *record);

#endif
