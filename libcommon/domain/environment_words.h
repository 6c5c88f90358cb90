/* Whether a sentence names an Environment: by its name, by an Application's namespace there, by its branch or by a path of its
 * own. For what several Environments share and is told to each of them, or to who sees some of them alone. Pure; any thread. */
#ifndef CAT_DOMAIN_ENVIRONMENT_WORDS_H
#define CAT_DOMAIN_ENVIRONMENT_WORDS_H

#include "base/string.h"

/* `applications`: of those the namespaces count; may be NULL. develop is everybody's branch. */
bool cat_words_name_environment(const char *words, const char *environment, const cat_strings *applications);
/* An Environment of the Organization that is not among the `visible` ones, whether there is such a one or not. */
bool cat_words_name_another(const char *words, const char *organization, const cat_strings *visible,
                            const cat_strings *applications);

#endif
