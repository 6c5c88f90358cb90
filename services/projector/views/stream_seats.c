#include "views/stream_seats.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"

struct prj_stream_seats {
    unsigned of_person, of_organization;
    pthread_mutex_t lock;
    cat_map *taken; /* "person/…" and "organization/…" → how many */
};

prj_stream_seats *prj_stream_seats_create(unsigned of_person, unsigned of_organization)
{
    prj_stream_seats *seats = cat_calloc(1, sizeof *seats);
    seats->of_person = of_person;
    seats->of_organization = of_organization;
    seats->taken = cat_map_create(free);
    pthread_mutex_init(&seats->lock, NULL);
    return seats;
}

void prj_stream_seats_destroy(prj_stream_seats *seats)
{
    if (!seats)
        return;
    cat_map_destroy(seats->taken);
    pthread_mutex_destroy(&seats->lock);
    free(seats);
}

static bool take(prj_stream_seats *seats, const char *key, unsigned most)
{
    unsigned *count = cat_map_get(seats->taken, key);
    if (count && *count >= most)
        return false;
    if (!count) {
        count = cat_calloc(1, sizeof *count);
        cat_map_set(seats->taken, key, count);
    }
    (*count)++;
    return true;
}

static void give_back(prj_stream_seats *seats, const char *key)
{
    unsigned *count = cat_map_get(seats->taken, key);
    if (count && --*count == 0)
        cat_map_remove(seats->taken, key);
}

int prj_stream_seats_take(prj_stream_seats *seats, const char *person, const char *organization, cat_error *error)
{
    cat_autofree char *his = cat_printf("person/%s", person), *all = cat_printf("organization/%s", organization);
    pthread_mutex_lock(&seats->lock);
    bool has_own = take(seats, his, seats->of_person), has_both = has_own && take(seats, all, seats->of_organization);
    if (has_own && !has_both)
        give_back(seats, his);
    pthread_mutex_unlock(&seats->lock);
    if (!has_own)
        return cat_error_set(error, CAT_E_LIMIT,
                             "you have %u streams open, which is as many as one may: close one, or one ends with its token",
                             seats->of_person);
    if (!has_both)
        return cat_error_set(error, CAT_E_LIMIT,
                             "the Organization has %u streams open, which is as many as one may: some have to be closed",
                             seats->of_organization);
    return 0;
}

void prj_stream_seats_give_back(prj_stream_seats *seats, const char *person, const char *organization)
{
    cat_autofree char *his = cat_printf("person/%s", person), *all = cat_printf("organization/%s", organization);
    pthread_mutex_lock(&seats->lock);
    give_back(seats, his);
    give_back(seats, all);
    pthread_mutex_unlock(&seats->lock);
}
