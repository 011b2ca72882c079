/* Objects that know how often they were reclaimed. They are never really freed, so that a reclamation that comes too
 * early, twice or never is counted, not crashed over. */
#ifndef CC_TEST_COUNTED_H
#define CC_TEST_COUNTED_H

#include <cc/cc.h>

#include <stdatomic.h>

typedef struct {
    /* Aligned: guards ignore the low 4 bits of what they hold. */
    _Alignas(CC_CACHE_LINE_SIZE) atomic_int reclaimed;
    int dead; /* plain on purpose: ThreadSanitizer sees a holder's read that races with the reclamation */
} counted_t;

/* As cc_reclaim_fn. ctx, if given, is an atomic_int that counts as well. */
void counted_reclaim(void *ptr, void *ctx);

/* Retires it with counted_reclaim. */
int counted_retire(cc_domain_t *domain, counted_t *object);

/* What a holder does with an object. True: it lives. */
bool counted_lives(const counted_t *object);

int counted_times(counted_t *object);

/* How many of n objects were reclaimed exactly `times` times. */
size_t counted_with(counted_t *objects, size_t n, int times);

/* A step for actors: retires n objects. */
typedef struct {
    cc_domain_t *domain;
    counted_t *objects;
    size_t n;
    int err; /* the first that was not 0 */
} retire_step_t;
void step_retire(void *retire_step);

#endif
