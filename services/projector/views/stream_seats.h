/* How many streams a person, and an Organization, may hold open on this replica: each holds memory of everybody's. Any thread. */
#ifndef PROJECTOR_STREAM_SEATS_H
#define PROJECTOR_STREAM_SEATS_H

#include "base/error.h"

typedef struct prj_stream_seats prj_stream_seats;
prj_stream_seats *prj_stream_seats_create(unsigned of_person, unsigned of_organization);
void prj_stream_seats_destroy(prj_stream_seats *seats);
/* CAT_E_LIMIT, with what to do, when either has as many as it may. */
int prj_stream_seats_take(prj_stream_seats *seats, const char *person, const char *organization, cat_error *error);
void prj_stream_seats_give_back(prj_stream_seats *seats, const char *person, const char *organization);

#endif
