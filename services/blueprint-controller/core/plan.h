/* What becomes of the tags of the Blueprint sources: facts in, a plan out. Pure: Git, KV and the clock are read by observe.c. Any
 * thread.
 *
 * Facts, once what was looked for has been read
 *   now         RFC 3339
 *   registered  {"{source}.{name}.{version}": {digest, commit, repository, tag, moved?, tagGone?}}  what KV catalyst-blueprints
 *               has
 *   looks       what bpc_plan_look gave, each with `tree` and `files`, or `unreadable`: a sentence
 *   files       {"{path in the folder}": text | {base64: text} | null}   null: there, but not read
 *
 * Plan
 *   register  [entry]  values of KV catalyst-blueprints; an `icon` (data URI) beside what docs/seams.md shows
 *   reject    [{source, name, version, repository, path, tag, commit, digest, reason, errors: [{file, line, column, pointer,
 *             message}]}]
 *   moved     [{key, source, name, version, tag, commit, digest}]  the tag names something else than what was registered
 *   back      [{key, source, name, version}]                        it names what was registered again
 *   same      [{key, commit}]                                       another commit with the same content
 *   gone      [{key, source, name, version, repository, tag, commit}]  its tag is in Git no more; the version stays
 *   found     [the same]                                               and is there again; both from bpc_plan_tags_gone
 *   forget    [key]  rejections that are over (plan_rejection.h); added by reconcile.c from what was observed
 */
#ifndef BPC_PLAN_H
#define BPC_PLAN_H

#include "wire/json.h"

#define BPC_BLUEPRINT_MAX_BYTES ((size_t)256 * 1024)
#define BPC_README_MAX_BYTES ((size_t)128 * 1024)
#define BPC_ICON_MAX_BYTES ((size_t)16 * 1024)
/* What provisioning copies into a repository: the same as its own ceilings. */
#define BPC_FILES_MAX 500
#define BPC_FILES_MAX_BYTES ((size_t)512 * 1024)
#define BPC_VALUE_MAX_BYTES ((size_t)768 * 1024) /* of KV: less than a message may have */
#define BPC_VERSIONS_MAX 500                     /* of one Blueprint */
#define BPC_BATCH_MAX 100                        /* versions that are looked at in one go */
#define BPC_ERRORS_MAX 50

/* How blueprint.yaml has to look: proto/blueprint.schema.json, compiled once. */
typedef struct bpc_checker bpc_checker;
int bpc_checker_create(const char *schema_text, size_t length, bpc_checker **checker, cat_error *error);
void bpc_checker_destroy(bpc_checker *checker);

/* {spec, readme, icon} of a folder that may be registered, or {errors: […]}. `names`: {"bp-x": "catalog"}, names of the catalogs.
 * `candidate`: {source, name, version, files}, name and version as the tag says. The caller's. */
json_t *bpc_check(const bpc_checker *checker, const json_t *candidate, const json_t *names);

/* {tag: commit} of what a remote has; an annotated tag's commit is what it points at. The caller's. */
json_t *bpc_plan_tags(const json_t *references);
/* Which tags of one repository have to be read: [{key, source, name, version, repository, path, tag, commit, why:
 * "new"|"changed"}], oldest version first, at most BPC_BATCH_MAX. `references`: [{name, id}] of the remote. `settled`: {key:
 * commit}, what was judged before and needs no second look. `*more`: there are others. */
json_t *bpc_plan_look(const char *repository, const json_t *references, const json_t *registered, const json_t *settled,
                      bool *more);
/* Of the registered versions of one repository, adds to `gone` those whose tag it has no more, and to `found` those that were
 * said to be so and have it again. `tags`: of bpc_plan_tags; NULL: the repository is gone. */
void bpc_plan_tags_gone(const char *repository, const json_t *tags, const json_t *registered, json_t *gone, json_t *found);

json_t *bpc_plan_make(const bpc_checker *checker, const json_t *facts);
/* The Blueprint object of an entry, and its file in system/catalyst-config. */
json_t *bpc_plan_object(const json_t *entry);
char *bpc_plan_file(const json_t *entry);
/* An entry as it can be made again from the object that was committed, when nothing else is left. NULL when it is not one of
 * ours. */
json_t *bpc_plan_entry_of_object(const json_t *object, const char *now);
/* One line a decision. The caller's. */
char *bpc_plan_print(const json_t *plan);

#endif
