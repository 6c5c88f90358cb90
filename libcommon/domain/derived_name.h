/* What Catalyst calls an Application that nobody named: a new dependency. Pure; any thread. */
#ifndef CAT_DOMAIN_DERIVED_NAME_H
#define CAT_DOMAIN_DERIVED_NAME_H

/* "blog" and "postgres" are "blog-postgres". Where that is longer than an Application's name may be, both are cut and five digits
 * of the whole's hash stand between, so that the same two always give the same name and others another one. A name that would begin
 * with a digit gets "app-" in front: Services, which are called as their Application, begin with a letter (RFC 1035). The caller's. */
char *cat_derived_name(const char *application, const char *what);

#endif
