/* Which files of a repository make up what is applied, as one short text that fits in an annotation: names in the order of their
 * bytes with a space between, a folder of which every file is read as `folder/`. Whoever checks a tree writes it, whoever asks
 * what a commit changed reads it. Pure; any thread. */
#ifndef CAT_DOMAIN_KUSTOMIZATION_READS_H
#define CAT_DOMAIN_KUSTOMIZATION_READS_H

#include "base/string.h"
#include "wire/json.h"

/* Bytes of the text: some hundred names. An object of Kubernetes has room for 256 KiB of annotations, a row for less. */
#define CAT_KUSTOMIZATION_READS_MAX ((size_t)6 * 1024)

/* `files`, `read`: {path: anything}, of the tree and of it what is read, paths without spaces (kustomization.h lets no others
 * pass). The caller's; NULL: nothing is read, or it is longer than CAT_KUSTOMIZATION_READS_MAX. */
char *cat_kustomization_reads_write(const json_t *files, const json_t *read);
/* Adds the names to `names`, sorted. Takes any text. */
void cat_kustomization_reads_parse(const char *text, cat_strings *names);
bool cat_kustomization_reads_has(const cat_strings *names, const char *path);

#endif
