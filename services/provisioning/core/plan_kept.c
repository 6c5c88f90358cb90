#include "core/plan_kept.h"

#include "base/memory.h"
#include "wire/kubernetes.h"

#define MAX_NAMED 20
#define PRUNE "kustomize.toolkit.fluxcd.io/prune"

json_t *prv_secrets_of(const json_t *facts, const char *application)
{
    const json_t *known = prv_facts_application(facts, application),
                 *blueprint = prv_facts_blueprint_of(facts, cat_json_get(known, "branches.develop.source"));
    json_t *paths = json_array(), *environment, *rotation;
    size_t at, index;
    json_array_foreach(cat_json_get(known, "spec.environments"), at, environment)
    {
        char base[256];
        const char *type = cat_json_text_or(prv_facts_environment(facts, json_string_value(environment)), "type", "");
        prv_secret_path(facts, application, type, base, sizeof base);
        json_array_foreach(cat_json_get(blueprint, "spec.rotation"), index, rotation)
            json_array_append_new(paths, json_sprintf("%s/%s", base, cat_json_text_or(rotation, "secret", "")));
    }
    if (blueprint)
        return paths;
    json_decref(paths);
    return NULL;
}

static void add_claim(json_t *claims, json_t *name_taken, bool goes)
{
    json_array_append_new(claims, cat_json_object("name", name_taken, "goes", json_boolean(goes), NULL));
}

/* Made by Kubernetes, one for each replica, so that Flux does not know them. */
static void add_templates(json_t *claims, const json_t *set)
{
    int64_t replicas = cat_json_int_or(set, "spec.replicas", 1);
    size_t index;
    json_t *template;
    json_array_foreach(cat_json_get(set, "spec.volumeClaimTemplates"), index, template)
    {
        for (int at = 0; at < replicas && at < MAX_NAMED; at++)
            add_claim(claims, json_sprintf("%s-%s-%d", cat_json_text_or(template, "metadata.name", ""), cat_object_name(set), at),
                      false);
    }
}

json_t *prv_claims_of(const json_t *objects)
{
    json_t *claims = json_array(), *object;
    size_t index;
    json_array_foreach((json_t *)objects, index, object)
    {
        if (!cat_object_name(object))
            continue;
        if (cat_text_equal(cat_json_text(object, "kind"), "PersistentVolumeClaim"))
            add_claim(claims, json_string(cat_object_name(object)),
                      !cat_text_equal(cat_object_annotation(object, PRUNE), "disabled"));
        else if (cat_text_equal(cat_json_text(object, "kind"), "StatefulSet"))
            add_templates(claims, object);
    }
    return claims;
}

static void add(cat_string *list, size_t *count, char *name_taken)
{
    cat_autofree char *name = name_taken;
    if ((*count)++ < MAX_NAMED)
        cat_string_appendf(list, "%s%s", list->length ? ", " : "", name);
}

static void warn(json_t *plan, char *text_taken)
{
    cat_autofree char *text = text_taken;
    json_array_append_new(json_object_get(plan, "warnings"), json_string(text));
}

static char *listed(const cat_string *list, size_t count)
{
    return count > MAX_NAMED ? cat_printf("%s and %zu more", cat_string_get(list), count - MAX_NAMED)
                             : cat_strdup(cat_string_get(list));
}

void prv_tell_kept(json_t *plan, const json_t *kept)
{
    cat_auto(cat_string) stay = CAT_STRING(8000), go = CAT_STRING(8000);
    size_t staying = 0, going = 0, index;
    json_t *one;
    json_array_foreach(json_object_get(kept, "volumes"), index, one)
    {
        bool goes = cat_json_bool_or(one, "goes", false);
        add(goes ? &go : &stay, goes ? &going : &staying,
            cat_printf("volume %.100s in %.60s", cat_json_text_or(one, "name", "?"), cat_json_text_or(one, "environment", "?")));
    }
    json_array_foreach(json_object_get(kept, "secrets"), index, one)
        add(&stay, &staying, cat_printf("secret %.200s", json_string_value(one)));
    cat_autofree char *stays = listed(&stay, staying), *goes = listed(&go, going);
    if (going)
        warn(plan, cat_printf("Removed with what is on it: %s. Its claim does not say %s: disabled", goes, PRUNE));
    bool unknown = cat_json_bool_or(kept, "unknown", false);
    warn(plan, cat_printf("%s%s%s. The repository is archived, and the name stays taken: " PRV_WHO_FREES,
                          staying   ? "Kept: "
                          : unknown ? ""
                                    : "No volume and no secret is kept, as there is none",
                          stays,
                          !unknown  ? ""
                          : staying ? ", and what else its Blueprint keeps, which could not be looked at"
                                    : "Its volumes and secrets could not be looked at: what its Blueprint keeps is kept"));
}
