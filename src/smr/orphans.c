/* The orphan stack. Because it is only ever taken whole, a push needs no protection against a head that comes
 * back. */
#include "smr/orphans.h"

void cc__orphans_push(cc_domain_t *domain, cc__block_t *first)
{
    uint64_t objects = 0;
    cc__block_t *last = first;
    for (cc__block_t *b = first; b != NULL; b = b->next) {
        objects += b->count;
        last = b;
    }
    cc__fetch_add_relaxed(&domain->orphan_objects, objects); /* a statistic */
    cc__block_t *head = cc__load_relaxed(&domain->orphans);  /* stale: the CAS fails and tells the newest */
    do {
        last->next = head;
        /* [orphans.push] pairs with [orphans.take]: the blocks' contents, and the unlinks before them. */
    } while (!cc__cas_release(&domain->orphans, &head, first));
}

cc__block_t *cc__orphans_take(cc_domain_t *domain)
{
    if (cc__load_relaxed(&domain->orphans) == NULL) /* stale: they are taken at a later call */
        return NULL;
    /* [orphans.take] pairs with [orphans.push]: contents and unlinks are ours to see. */
    cc__block_t *first = cc__exchange_acquire(&domain->orphans, NULL);
    uint64_t objects = 0;
    for (cc__block_t *b = first; b != NULL; b = b->next)
        objects += b->count;
    cc__fetch_add_relaxed(&domain->orphan_objects, -objects); /* a statistic */
    return first;
}
