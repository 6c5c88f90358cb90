/* What the files of catalyst-keys share. */
#ifndef CATALYST_KEYS_H
#define CATALYST_KEYS_H

#include "wire/nkey.h"

int64_t keys_now_s(void);
char *keys_path(const char *folder, const char *name, const char *ending); /* the caller's */
bool keys_there(const char *folder, const char *name, const char *ending);
/* A file for its owner alone, whole or not at all. */
int keys_write(const char *folder, const char *name, const char *ending, const char *text, cat_error *error);
/* The key of `folder/name.seed`; made and written when it is not there. */
int keys_ensure(const char *folder, const char *name, cat_nkey_kind kind, cat_nkey *key, cat_error *error);

typedef struct {
    const char *folder, *account, *name;
    bool everything; /* no service of the table: whoever runs the Sovereign, and tests */
    int64_t life_s;
} keys_wish;
/* `folder/name.creds`, with the rights that the table gives; made anew when they differ, or when half of its life is over. */
int keys_user(const keys_wish *wish, cat_error *error);

#endif
