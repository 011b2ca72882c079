/* The skip list's search, compiled into each variant: where a key belongs, unlinking what is removed on the
 * way. */
#ifndef CC_DS_SKIPLIST_SEARCH_H
#define CC_DS_SKIPLIST_SEARCH_H

#include "base/rng.h"
#include "ds/skiplist_node.h"
#include "smr/guard.h"
#include "smr/limbo.h"
#include "smr/policy.h"
#include "smr/registry.h"

typedef cc__skiplist_node_t node_t;
typedef cc__skiplist_t map_t;

/* Which nodes a search walks past: none, those below the key, those up to the key, all. */
typedef enum { PAST_NONE, PAST_BELOW, PAST_EQUAL, PAST_ALL } past_t;

enum { DEBTS = 2 };

/* One operation. Debts (what must be retired) are entered where the deciding step was won, and paid after the
 * end. */
typedef struct {
    map_t *map;
    cc__rec_t *rec;
    node_t *pred, *curr; /* result of find: the last node walked past at the level, and the one after it or NULL */
    int order;           /* curr's key against the one looked for; only if curr != NULL */
    unsigned debts;
    cc__entry_t debt[DEBTS]; /* the node and its value, at most */
} op_t;

/* Takes the removed node `curr`, whose link at this level is frozen, out of the list. False: the link to it
 * changed.
 *
 * On success the frozen successor was still linked: it can be unlinked only by a change of curr's link, which
 * is frozen, or after curr is gone. So the search may go on with it (read rule). */
static inline bool search_unlink(op_t *op, node_t *pred, node_t *curr, uintptr_t frozen, unsigned level)
{
    uintptr_t expected = (uintptr_t)curr;
    smr_commit(op->rec, pred, curr, cc__unmarked(frozen));
    /* [node.unlink] pairs with [node.read]: the successor's contents. A marked pred has another word: it fails. */
    return cc__cas_release(&pred->next[level], &expected, frozen & ~CC__MARK);
}

#ifdef CC_MUTANT_READ_RULE
#define STEP_OVER_MARKS true /* the planted bug that fault/read_rule_test must see */
#else
#define STEP_OVER_MARKS false
#endif

static inline bool search_passes(op_t *op, past_t past, cc__key_t key, const node_t *node)
{
    if (past == PAST_NONE || past == PAST_ALL)
        return past == PAST_ALL;
    op->order = key_order(skiplist_key(node), key, op->map->opts.compare, op->map->opts.compare_ctx);
    return op->order < 0 || (op->order == 0 && past == PAST_EQUAL);
}

/* One level, from `pred` on. The read rule: advances only over unmarked links, so each node it stands on was
 * linked when the link to its successor was read. False: begin again from the head. */
static inline bool search_level(op_t *op, past_t past, cc__key_t key, unsigned level, node_t *pred)
{
    uintptr_t link = smr_read(op->rec, &pred->next[level]);
    if (cc__is_marked(link) && !STEP_OVER_MARKS)
        return false;
    node_t *curr = cc__unmarked(link);
    while (curr != NULL) {
        uintptr_t next = smr_read(op->rec, &curr->next[level]);
        if (cc__is_marked(next) && !STEP_OVER_MARKS) {
            if (!search_unlink(op, pred, curr, next, level))
                return false;
        } else if (search_passes(op, past, key, curr)) {
            pred = curr;
        } else {
            break;
        }
        curr = cc__unmarked(next);
    }
    op->pred = pred;
    op->curr = curr;
    return true;
}

static inline unsigned search_top(const map_t *map, unsigned level)
{
    unsigned levels = cc__load_relaxed(&map->levels); /* stale: begins lower than it could, finds the same */
    return (levels > level + 1 ? levels : level + 1) - 1;
}

/* SEARCH: the place at `level`. Lock-free: it begins again only when another operation changed a link. */
static inline void search_find(op_t *op, past_t past, cc__key_t key, unsigned level)
{
    smr_search(op->rec);
    for (;;) {
        unsigned l = search_top(op->map, level);
        op->pred = op->map->head;
        while (search_level(op, past, key, l, op->pred)) {
            if (l-- == level)
                return;
        }
        cc__counter_add(&op->rec->restarts, 1);
    }
}

/* The node's value, held in `slot` if one is given: stored there, then read again where it was found. */
static inline void *search_value(node_t *node, cc__slot_t *slot)
{
    /* [skiplist.value] pairs with [skiplist.set]: what the value points to. (The first value came with the node.) */
    void *value = cc__load_acquire(&node->value);
    while (slot != NULL && value != NULL) {
        void *before = value;
        cc__slot_hold(slot, value);
        value = cc__load_acquire(&node->value); /* [skiplist.value] pairs with [skiplist.set]: as above */
        if (value == before)
            break;
    }
    return value;
}

/* Marks all levels of a removed node, from the top, so that nobody links anything behind it any more. By its
 * remover and by any helper; marking twice changes nothing. */
static inline void search_mark(node_t *node)
{
    for (unsigned l = node->height; l-- > 0;)
        cc__fetch_or_acq_rel(&node->next[l], CC__MARK); /* [node.mark] pairs with [node.read]: value is NULL before */
}

/* A slot of the innermost guard for a value about to be read; none needed: *slot = NULL. 0 or -ENOMEM. */
static inline int search_prepare_slot(cc__rec_t *rec, bool wanted, cc__slot_t **slot)
{
    *slot = NULL;
    if (!SMR_SLOTS || !wanted || rec->innermost == NULL)
        return 0;
    if (!cc__frame_reserve(rec->innermost, 1))
        return -ENOMEM;
    *slot = cc__frame_take(rec->innermost);
    return 0;
}

#endif
