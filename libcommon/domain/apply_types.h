/* What Kubernetes says of a field that holds what no such field can hold, in words for people (apply_words.h). By what
 * kube-apiserver 1.36 answers to a server-side apply: structured-merge-diff names the field and mostly the value; what converts
 * the object afterwards names neither. Pure; any thread. */
#ifndef CAT_DOMAIN_APPLY_TYPES_H
#define CAT_DOMAIN_APPLY_TYPES_H

/* Half a sentence, the caller's; NULL: it says something else. */
char *cat_apply_type_words(const char *words);

#endif
