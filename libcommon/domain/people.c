#include "domain/people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"

/* An Organization's: who is in a group (key "{group} {subject}"), and when that was read (0: nobody has yet). */
typedef struct {
    cat_map *members;
    int64_t read_ms;
} mirror;

struct cat_people {
    cat_map *organizations; /* name → mirror */
};

static void mirror_release(void *value)
{
    mirror *one = value;
    cat_map_destroy(one->members);
    free(one);
}

cat_people *cat_people_create(void)
{
    cat_people *people = cat_calloc(1, sizeof *people);
    people->organizations = cat_map_create(mirror_release);
    return people;
}

void cat_people_destroy(cat_people *people)
{
    if (!people)
        return;
    cat_map_destroy(people->organizations);
    free(people);
}

void cat_people_clear(cat_people *people)
{
    cat_map_clear(people->organizations);
}

static mirror *get_mirror(cat_people *people, const char *organization)
{
    mirror *one = cat_map_get(people->organizations, organization);
    if (!one) {
        one = cat_calloc(1, sizeof *one);
        one->members = cat_map_create(NULL);
        cat_map_set(people->organizations, organization, one);
    }
    return one;
}

static void add_members(cat_map *members, const char *group, const json_t *subjects)
{
    size_t index;
    json_t *subject;
    json_array_foreach((json_t *)subjects, index, subject)
    {
        cat_autofree char *key = cat_printf("%s %s", group, json_string_value(subject) ? json_string_value(subject) : "");
        cat_map_set(members, key, members);
    }
}

static int take_members(mirror *one, const json_t *value, cat_error *error)
{
    const json_t *groups = json_object_get(value, "groups");
    if (!json_is_object(groups))
        return cat_error_set(error, CAT_E_INVALID, "members of an Organization come as groups");
    cat_map *members = cat_map_create(NULL);
    const char *group;
    json_t *subjects;
    json_object_foreach((json_t *)groups, group, subjects) add_members(members, group, subjects);
    cat_map_destroy(one->members);
    one->members = members;
    return 0;
}

static int take_read(mirror *one, const json_t *value, cat_error *error)
{
    int64_t at = cat_json_int_or(value, "at", 0);
    if (at <= 0)
        return cat_error_set(error, CAT_E_INVALID, "nothing says when an Organization's members were read");
    one->read_ms = at;
    return 0;
}

int cat_people_apply(cat_people *people, const char *key, const json_t *value, cat_error *error)
{
    bool members = strncmp(key, CAT_PEOPLE_MEMBERS, strlen(CAT_PEOPLE_MEMBERS)) == 0;
    if (!members && strncmp(key, CAT_PEOPLE_READ, strlen(CAT_PEOPLE_READ)) != 0)
        return cat_error_set(error, CAT_E_INVALID, "%.80s is no key of the mirror of people", key);
    const char *organization = key + strlen(members ? CAT_PEOPLE_MEMBERS : CAT_PEOPLE_READ);
    if (!value) { /* the Organization has gone: nothing is known of it any more */
        cat_map_remove(people->organizations, organization);
        return 0;
    }
    mirror *one = get_mirror(people, organization);
    return members ? take_members(one, value, error) : take_read(one, value, error);
}

bool cat_people_keeps(const cat_people *people, const char *subject, int64_t issued_ms, const cat_membership *membership)
{
    const mirror *one = cat_map_get(people->organizations, membership->organization);
    if (!one || one->read_ms == 0 || issued_ms > one->read_ms)
        return true;
    char group[CAT_GROUP_MAX];
    snprintf(group, sizeof group, "%s%s%s", cat_role_name(membership->role), membership->env_type[0] ? "/" : "",
             membership->env_type);
    cat_autofree char *key = cat_printf("%s %s", group, subject);
    return cat_map_get(one->members, key) != NULL;
}

bool cat_people_reduce(const cat_people *people, cat_principal *principal)
{
    size_t kept = 0, before = principal->membership_count;
    for (size_t i = 0; i < before; i++)
        if (cat_people_keeps(people, principal->subject ? principal->subject : "", principal->issued_ms,
                             &principal->memberships[i]))
            principal->memberships[kept++] = principal->memberships[i];
    principal->membership_count = kept;
    return kept < before;
}
