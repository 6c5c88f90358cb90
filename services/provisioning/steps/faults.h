/* Pauses on order, for tests alone: a worker stays exactly before or after a step of one operation, so that something can be
 * struck meanwhile. Without `faults.folder` in the configuration nothing of this ever happens. */
#ifndef PROVISIONING_FAULTS_H
#define PROVISIONING_FAULTS_H

/* When `folder` (NULL: none) has a file named as the operation that holds the line `{when} {step}`, the file is renamed to
 * `{operation}.held`, so that it happens once, a line is logged, and the call returns when that file is gone. Who comes to the
 * same point meanwhile stays as well. `when`: `before` or `after`. Any thread. */
void prv_fault_point(const char *folder, const char *when, const char *step, const char *operation);

#endif
