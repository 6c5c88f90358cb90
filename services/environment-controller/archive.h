/* The audit beyond what the stream holds: every record of catalyst-audit goes as a line of a file into the Git repository
 * catalyst-audit/records, whose branch takes no forced push and no deletion. One thread of its own; of several replicas each
 * takes a part. */
#ifndef EC_ARCHIVE_H
#define EC_ARCHIVE_H

#include "controller.h"

typedef struct ec_archive ec_archive;
ec_archive *ec_archive_start(ec_controller *controller);
void ec_archive_stop(ec_archive *archive); /* NULL allowed */

#endif
