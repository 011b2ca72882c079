/* cover.c: time in places, joined as in union-find once they are covered.
 *
 *     stamps     s0        s1        s2           an interval (s0, s2) covers the places 1, 2 and 3
 *     places     0    1    2    3    4    5 */
#include "cover.h"

#include <stdlib.h>

static int by_time(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

bool cover_create(cover_t *cover, uint64_t *stamps, size_t count)
{
    *cover = (cover_t){.stamps = stamps};
    if (!stamps)
        return false;
    qsort(stamps, count, sizeof *stamps, by_time);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || stamps[i] != stamps[cover->count - 1])
            stamps[cover->count++] = stamps[i];
    cover->next = malloc((2 * cover->count + 1) * sizeof *cover->next);
    if (!cover->next)
        return false;
    for (size_t place = 0; place <= 2 * cover->count; place++)
        cover->next[place] = place;
    return true;
}

void cover_destroy(cover_t *cover)
{
    free(cover->stamps);
    free(cover->next);
    *cover = (cover_t){0};
}

static size_t place_of(const cover_t *cover, uint64_t stamp)
{
    const uint64_t *at = bsearch(&stamp, cover->stamps, cover->count, sizeof stamp, by_time);
    return 2 * (size_t)(at - cover->stamps);
}

static size_t uncovered_from(cover_t *cover, size_t place)
{
    size_t found = place;
    while (cover->next[found] != found)
        found = cover->next[found];
    while (cover->next[place] != found) {
        size_t step = cover->next[place];
        cover->next[place] = found;
        place = step;
    }
    return found;
}

void cover_add(cover_t *cover, uint64_t after, uint64_t before)
{
    size_t end = place_of(cover, before);
    for (size_t place = place_of(cover, after) + 1; (place = uncovered_from(cover, place)) < end;)
        cover->next[place] = place + 1;
}

bool cover_all(cover_t *cover, uint64_t first, uint64_t last)
{
    return uncovered_from(cover, place_of(cover, first)) > place_of(cover, last);
}
