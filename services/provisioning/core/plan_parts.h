/* What the files of the plan share: the pieces of one Application as the plan sees it, and errors that point
 * into the request. Pure. */
#ifndef PROVISIONING_PLAN_PARTS_H
#define PROVISIONING_PLAN_PARTS_H

#include "core/plan.h"

#define PRV_MAX_APPLICATIONS 64 /* that one plan may make */

/* What is being made of one request. JSON members are owned, all else is lent. */
typedef struct prv_draft {
    const prv_kind *kind;
    const json_t *facts, *request;
    json_t *errors;   /* [{pointer, message}] */
    const char *code; /* of the problem; NULL: by the error's code */
    json_t *applications, *files, *trees, *objects, *secrets, *links, *commits, *warnings, *skeletons,
        *environments;   /* arrays of the plan */
    const char *subject; /* of what is onboarded: what it is called; else NULL */
} prv_draft;
void prv_draft_init(prv_draft *draft, const prv_kind *kind, const json_t *facts, const json_t *request);
void prv_draft_finish(prv_draft *draft);
static inline void prv_draft_cleanup(prv_draft *draft)
{
    prv_draft_finish(draft);
}
/* Adds a complaint about the request. */
void prv_draft_complain(prv_draft *draft, const char *pointer, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* CAT_E_INVALID with the first complaint as the sentence, or 0 when there is none. */
int prv_draft_verdict(prv_draft *draft, cat_error *error);
/* Fails with a problem code of its own. */
int prv_draft_refuse(prv_draft *draft, int code, const char *problem, cat_error *error, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* One Application of the plan. All lent from the draft's JSON or the facts but what is marked. */
typedef struct {
    const char *name, *size;
    const char *path;           /* of aliases from what is asked for, "db.cache"; "" for that itself */
    const json_t *blueprint;    /* value of KV catalyst-blueprints */
    json_t *config;             /* owned: the user's config with defaults */
    const json_t *environments; /* ["acme-dev"] */
    json_t *dependencies;       /* owned: {alias: application} */
    json_t *unused;             /* owned: {alias: blueprint value}: dependencies whose `when` does not hold, for their
                                   outputs' names */
    json_t *scope;              /* owned: what it is to be granted outside its namespace; NULL: nothing */
} prv_application;
void prv_application_finish(prv_application *application);

/* Facts, read. NULL when absent. */
const json_t *prv_facts_environment(const json_t *facts, const char *environment);
const json_t *prv_facts_application(const json_t *facts, const char *application);
const json_t *prv_facts_blueprint(const json_t *facts, const char *source, const char *name, const char *version);
/* The Application's `blueprint` reference on a branch's source ({source, name, version}) as a Blueprint; NULL
 * when it is not registered. */
const json_t *prv_facts_blueprint_of(const json_t *facts, const json_t *source);
void prv_blueprint_key(const json_t *blueprint, char *key, size_t size);
/* Fills in what the Blueprint's configSchema has defaults for and validates; complaints stand below `pointer` and end in `note`.
 * What stands in `was` alike (NULL: there was nothing) is no fault of the wish, and a warning. */
void prv_complete_config(prv_draft *draft, const json_t *blueprint, json_t *config, const json_t *was, const char *pointer,
                         const char *note);
/* `null` is "as if it were not said": everybody's value for one Environment, the default for everybody. Kustomize would take the
 * field away. In place. */
void prv_drop_nulls(json_t *config);
/* Whole numbers as the Blueprint's configSchema calls them, in place; prv_complete_config does it too. */
void prv_write_integers(const json_t *blueprint, json_t *config);
/* The config that runs in an Environment: the branch's values with the overlay's on top. The caller's. */
json_t *prv_effective_config(const json_t *branch, const char *env_type);

/* What the Blueprint's configSchema does not take of develop's values and of those overlays ({env type: anything}) on their own
 * branches: [{pointer, message}], pointers below /values and /overlays/{env type}. The caller's. */
json_t *prv_problems_of_values(const json_t *facts, const char *application, const json_t *overlays);

/* --- values as the cluster gets them (plan_values.c) --- */
/* Of every branch whose files are known: texts as they were written, where the Blueprint calls for texts. In place. */
void prv_type_values(json_t *facts);
/* The other way: a document whose `spec` says what `text` says is given the values that YAML reads there, so that what is not
 * changed keeps its bytes. In place. */
void prv_leave_as_written(json_t *wanted, const char *text);

/* --- what people broke in Git (plan_unreadable.c) --- */
/* What counts of an Application: what it is made from, its branches for `environments` as far as it runs there, and, when
 * `everybodys`, the values that stand on develop for all of them. */
typedef struct {
    const json_t *environments; /* ["acme-dev"] */
    bool everybodys;
} prv_part;
/* [{pointer, message}] of what cannot be read of that; empty: nothing. The caller's. */
json_t *prv_unreadable(const json_t *facts, const char *application, prv_part part, const char *pointer);
/* CAT_E_CONFLICT with that, or 0. */
int prv_refuse_unreadable(prv_draft *draft, const char *application, prv_part part, const char *pointer, cat_error *error);
/* CAT_E_CONFLICT when the Blueprint that it is made from is not registered, with name and version, or 0. */
int prv_refuse_unregistered(prv_draft *draft, const char *application, const char *pointer, cat_error *error);
bool prv_is_unreadable(const json_t *branch, const char *file);

/* --- what is under way (plan_work.c) --- */
/* What plans know of an operation: {operation, startedAt, environments, ended}, with what its kind says of it. The caller's. */
json_t *prv_work_of(const prv_kind *kind, const json_t *operation, bool ended);
/* `work`: of `facts.work`, may be NULL. */
bool prv_is_being_removed(const json_t *work);
/* What became of a repository that no Application has, as half a sentence; the caller's. */
char *prv_work_words(const json_t *work, const char *name);
/* Nobody of an Organization reaches the Git server's own interface, its clusters or the store of secrets. */
#define PRV_WHO_FREES "the Sovereign's administrators delete them when they are asked to, and the name is free then"

/* --- scope of expressions (plan_scope.c) --- */
/* {config, application, environment, organization, sovereign, dependencies}; `config` is lent, `dependencies`
 * may be NULL. The caller's. */
json_t *prv_scope_make(const json_t *facts, const char *application, const char *environment, const json_t *config,
                       const json_t *dependencies);
/* `org/{org}/env/{env type}/{app}` */
void prv_secret_path(const json_t *facts, const char *application, const char *env_type, char *path, size_t size);
/* A Blueprint's outputs for one Application in one Environment, all as text. The caller's. */
int prv_outputs_of(const json_t *facts, const json_t *blueprint, const char *application, const char *environment,
                   const json_t *config, json_t **outputs, cat_error *error);

/* --- files (plan_files.c) --- */
/* Everything of the branch-independent tree: [{path, content}]. The caller's. */
int prv_files_of_application(const json_t *facts, const prv_application *application, json_t **files, cat_error *error);
/* overlays/{env type}: [{path, content}]. `dependencies`: {alias: {application, outputs…}} evaluated for this
 * Environment. `links` {consumer: [patch]} or NULL, `own_values` what the user wants different there or NULL.
 */
json_t *prv_files_of_overlay(const json_t *facts, const prv_application *application, const char *environment,
                             const json_t *dependencies, const json_t *links, const json_t *own_values);
/* overlays/{env type}/kustomization.yaml alone. The caller's text. */
char *prv_overlay_kustomization(const char *size, const json_t *links);
char *prv_values_file(const json_t *spec, const json_t *environment);
char *prv_source_file(const prv_application *application);
/* CODEOWNERS and the empty kustomization of the first commit: [{path, content}]. */
json_t *prv_files_of_skeleton(const json_t *facts, const prv_application *application);
json_t *prv_file(const char *path, char *content_taken);
/* Adds what a file becomes to the plan's `files`, with its difference. `before`, `after` NULL: not there. */
void prv_show_file(prv_draft *draft, const char *repository, const char *branch, const char *path, const char *before,
                   const char *after);

/* --- what people wrote (plan_keep.c) --- */
/* `after` in the words of `before` (NULL: there is none): comments, order and members that only people write stay. Comments that
 * go are added to `lost` (may be NULL). The caller's text. */
char *prv_file_kept(const char *before, char *after_taken, cat_strings *lost);
/* The same of prv_overlay_kustomization, with people's own components and patches. */
char *prv_overlay_kept(const char *before, const char *size, const json_t *links, cat_strings *lost);
/* Tells of the comments that go. */
void prv_warn_lost(prv_draft *draft, const char *repository, const char *branch, const char *path, const cat_strings *lost);

/* --- what is granted outside a namespace (plan_grant.c) --- */
/* Of a new Application: [{environment, kind, names}] of what its Blueprint needs (domain/cluster_scope.h), NULL for nothing.
 * Complains when it cannot be had there. The caller's. */
json_t *prv_scope_wanted(prv_draft *draft, const prv_application *application);

/* --- dependencies' outputs and links (plan_links.c) --- */
/* {alias: {application, output…}} of an Application in one Environment; `others` are the Applications that
 * this plan makes. */
int prv_dependencies_in(const json_t *facts, const prv_application *application, const prv_application *others, size_t count,
                        const char *environment, json_t **dependencies, cat_error *error);
/* What `values` of a dependency adds to an existing Application's config: [JSON patch]. CAT_E_CONFLICT when a
 * single value differs. The caller's. */
int prv_link_patch(const json_t *values, const json_t *config, const char *application, json_t **patch, cat_error *error);

/* --- what is asked for --- */
/* "db.cache" → "/dependencies/db/dependencies/cache/{member}"; "" → "/{member}". The caller's. */
char *prv_dependency_pointer(const char *path, const char *member);
/* The request's answer for the dependency at `path`; NULL: there is none. */
const json_t *prv_choice_at(const json_t *request, const char *path);
/* Answers for dependencies that the chosen Blueprints do not have are complaints, those for dependencies that are not needed are
 * warnings (plan_choices.c). */
void prv_check_choices(prv_draft *draft, const json_t *resolution);
/* Resolves and adds up the configs: `*made` (at most PRV_MAX_APPLICATIONS, the caller finishes each), and the
 * edges of the resolver's result. */
int prv_install_resolve(prv_draft *draft, prv_application *made, size_t *count, json_t **resolution, cat_error *error);

#endif
