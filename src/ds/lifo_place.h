/* Elimination (Hendler, Shavit, Yerushalmi: SPAA 2004): a push and a pop that were both delayed by others at the top meet
 * at one of a few places and are done, without touching the stack: the push just before the pop.
 *
 *     place:  NULL --push offers its node--> node --pop takes it--> TAKEN --push notices--> NULL
 *                                             |
 *                                             +--push gives up--> NULL
 *
 * The node was never linked, so with the step to TAKEN it belongs to the pop, which frees it at once. The pop does not
 * follow the pointer before that step, so it does not matter if the same node was withdrawn and offered again.
 *
 * After a close: whoever is here has seen the top open, so both calls began before the close and count as before it. */
#ifndef CC_DS_LIFO_PLACE_H
#define CC_DS_LIFO_PLACE_H

#include "base/backoff.h"
#include "base/rng.h"
#include "ds/lifo.h"

#ifndef CC_LIFO_PATIENCE
#define CC_LIFO_PATIENCE 256 /* looks at an offer before it is withdrawn */
#endif

static inline cc__lifo_place_t *lifo_place(cc_lifo_t *lifo, cc__rec_t *rec)
{
    return &lifo->places[cc__rng_next(&rec->rng) % lifo->opts.elimination];
}

/* True: a pop has the node. */
static inline bool lifo_offer(cc__lifo_place_t *place, cc__lifo_node_t *node)
{
    cc__lifo_node_t *seen = NULL;
    /* [lifo.offer] pairs with [lifo.accept]: the node's item, and what it points to. */
    if (!cc__cas_release(&place->offer, &seen, node))
        return false;
    for (int i = 0; i < CC_LIFO_PATIENCE && cc__load_relaxed(&place->offer) == node; i++) /* the exchange decides */
        cc__pause();
    seen = node;
    if (cc__cas_relaxed(&place->offer, &seen, NULL))
        return false;
    cc__store_relaxed(&place->offer, NULL); /* it was TAKEN, and the place is ours to clear */
    return true;
}

/* The node that a push waits with, now ours; or NULL. */
static inline cc__lifo_node_t *lifo_accept(cc__lifo_place_t *place)
{
    cc__lifo_node_t *node = cc__load_relaxed(&place->offer); /* the exchange decides */
    if (node == NULL || node == CC__LIFO_TAKEN)
        return NULL;
    /* [lifo.accept] pairs with [lifo.offer]: the item in the node. */
    return cc__cas_acq_rel(&place->offer, &node, CC__LIFO_TAKEN) ? node : NULL;
}

#endif
