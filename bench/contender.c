#include "contender.h"

#include <string.h>

static contender_t *first;

/* True if a comes before b. */
static bool before(const contender_t *a, const contender_t *b)
{
    int kinds = strcmp(a->kind, b->kind);
    if (kinds != 0)
        return kinds < 0;
    if ((a->package == NULL) != (b->package == NULL))
        return a->package == NULL;
    return strcmp(a->name, b->name) < 0;
}

void contender_enter(contender_t *contender)
{
    contender_t **at = &first;
    while (*at != NULL && before(*at, contender))
        at = &(*at)->next;
    contender->next = *at;
    *at = contender;
}

contender_t *contender_first(void)
{
    return first;
}
