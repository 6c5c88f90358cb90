/* For tests of mirrors, and of who keeps one: a mirror without a bucket. */
#ifndef CAT_SVC_MIRROR_INTERNAL_H
#define CAT_SVC_MIRROR_INTERNAL_H

#include "svc/mirror.h"

/* As cat_mirror_start, but follows nothing; the options' spine is not used. */
cat_mirror *cat_mirror_create(const cat_mirror_options *options);
/* What the watch of its bucket would call, on one thread at a time. */
cat_kv_watch_handlers cat_mirror_handlers(cat_mirror *mirror);

#endif
