/* For object_status*.c alone: how verdicts are written. */
#ifndef CAT_DOMAIN_OBJECT_STATUS_INTERNAL_H
#define CAT_DOMAIN_OBJECT_STATUS_INTERNAL_H

#include "domain/object_status.h"

/* What is looked at: the object and its parts. */
typedef struct status_subject {
    cat_view object, spec, status, conditions;
    const char *kind, *name, *group;
} status_subject;

/* Absent: NULL value. A condition of an older generation is not there. */
cat_view status_condition(const status_subject *subject, const char *type);
bool status_condition_is(const status_subject *subject, const char *type, const char *value);
/* Writes status, reason and the sentence. */
void status_set(cat_object_status *out, cat_status status, const char *reason, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void status_next(cat_object_status *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
void status_since(cat_object_status *out, cat_view condition);
/* Has the controller seen the newest spec? */
bool status_is_observed(const status_subject *subject);

/* object_status_workloads.c, object_status_pod.c, object_status_flux.c, object_status_things.c */
void status_of_deployment(const status_subject *subject, cat_object_status *out);
void status_of_stateful_set(const status_subject *subject, cat_object_status *out);
void status_of_daemon_set(const status_subject *subject, cat_object_status *out);
void status_of_replica_set(const status_subject *subject, cat_object_status *out);
void status_of_job(const status_subject *subject, cat_object_status *out);
void status_of_cron_job(const status_subject *subject, cat_object_status *out);
void status_of_pod(const status_subject *subject, cat_object_status *out);
void status_of_volume_claim(const status_subject *subject, cat_object_status *out);
void status_of_service(const status_subject *subject, cat_object_status *out);
void status_of_autoscaler(const status_subject *subject, cat_object_status *out);
void status_of_flux(const status_subject *subject, cat_object_status *out);
void status_of_external_secret(const status_subject *subject, cat_object_status *out);
void status_of_definition(const status_subject *subject, cat_object_status *out);
/* object_status.c: by conditions alone; Catalyst's own */
void status_of_catalyst(const status_subject *subject, cat_object_status *out);
void status_of_conditions(const status_subject *subject, cat_object_status *out);

#endif
