/* What the words of kustomize mean, in ours: of a build that provisioning tried, and of one that Flux did. Pure; any thread. */
#ifndef CAT_DOMAIN_KUSTOMIZE_WORDS_H
#define CAT_DOMAIN_KUSTOMIZE_WORDS_H

/* Half a sentence, the caller's; NULL: not known. Of the words nothing gets into it but names of files of the tree, of fields and
 * of objects, and numbers, where they are made of plain characters: the program read what others wrote, and whatever it was brought
 * to read could stand in its words. */
char *cat_kustomize_words(const char *words);

#endif
