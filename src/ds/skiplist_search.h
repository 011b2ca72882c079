/* The skip list's search, compiled into each variant: where a key belongs, unlinking what is removed on the
 * way.
 *
 * A SEARCH reads only. When it meets a removed node it ends, the WRITE after it unlinks that node, and the next
 * SEARCH goes on from where this one stood. */
#ifndef CC_DS_SKIPLIST_SEARCH_H
#define CC_DS_SKIPLIST_SEARCH_H

#include "base/rng.h"
#include "ds/skiplist_node.h"
#include "smr/policy.h"

typedef cc__skiplist_node_t node_t;
typedef cc__map_t map_t;

/* Which nodes a search walks past: none, those below the key, those up to the key, all. */
typedef enum { PAST_NONE, PAST_BELOW, PAST_EQUAL, PAST_ALL } past_t;

enum { DEBTS = 2 };

/* Where a search ended. */
typedef struct {
    node_t *pred, *curr; /* the last node walked past at the level, and the one after it or NULL */
    unsigned level;
    int order;        /* curr's key against the one looked for; only if curr != NULL */
    uintptr_t frozen; /* not 0: curr is removed, this is its frozen link, and it must be unlinked before all else */
} place_t;

/* One operation. Debts (what must be retired) are entered where the deciding step was won, and paid after the
 * end. */
typedef struct {
    map_t *map;
    cc__rec_t *rec;
    cc__key_t key; /* what is looked for, */
    past_t past;
    unsigned level; /* at this level or, for a value, at any one down to it, */
    node_t *from;   /* from here on: the head, or a node that the last SEARCH committed, */
    unsigned from_level;
    place_t at;        /* found */
    cc__slot_t *slot;  /* for the value, or NULL */
    void *value;       /* found; NULL: none, or removed */
    unsigned restarts; /* from the head */
    unsigned debts;
    cc__entry_t debt[DEBTS]; /* the node and its value, at most */
} op_t;

#include "ds/map_op.h"

#ifdef CC_MUTANT_READ_RULE
#define STEP_OVER_MARKS true /* the planted bug that fault/read_rule_test must see */
#else
#define STEP_OVER_MARKS false
#endif

SMR_INLINE bool search_passes(const op_t *op, cc__key_t key, past_t past, place_t *at)
{
    if (past == PAST_NONE || past == PAST_ALL)
        return past == PAST_ALL;
    const cc_map_opts_t *opts = &op->map->opts;
    at->order = key_order(skiplist_key(at->curr), key, opts->compare, opts->compare_ctx);
    if (at->order < 0)
        return true;
    return at->order == 0 && past == PAST_EQUAL;
}

/* One level, from at->pred on. The read rule: advances only over unmarked links, so each node it stands on was
 * linked when the link to its successor was read. Ends at the place or at a removed node. False: begin again
 * from the head, at->pred is removed itself. */
SMR_INLINE bool search_level(const op_t *op, smr_hold_t *hold, cc__key_t key, past_t past, place_t *at)
{
    uintptr_t link = smr_read(hold, &at->pred->next[at->level]);
    if (cc__is_marked(link) && !STEP_OVER_MARKS)
        return false;
    at->curr = cc__unmarked(link);
    while (at->curr != NULL) {
        uintptr_t next = smr_read(hold, &at->curr->next[at->level]);
        if (cc__is_marked(next) && !STEP_OVER_MARKS) {
            at->frozen = next;
            break;
        }
        if (!search_passes(op, key, past, at))
            break;
        at->pred = at->curr;
        at->curr = cc__unmarked(next);
    }
    return true;
}

static inline unsigned search_top(const map_t *map, unsigned level)
{
    unsigned levels = cc__load_relaxed(&map->levels); /* stale: begins lower than it could, finds the same */
    return (levels > level + 1 ? levels : level + 1) - 1;
}

/* Field by field: clearing it all would cost more than a search. */
static inline void op_init(op_t *op, map_t *map, cc__rec_t *rec)
{
    op->map = map;
    op->rec = rec;
    op->level = 0;
    op->slot = NULL;
    op->restarts = 0;
    op->debts = 0;
}

static inline void search_from_head(op_t *op)
{
    op->from = op->map->head;
    op->from_level = search_top(op->map, op->level);
}

/* Down to the level, or to a value if one is wanted, or to a removed node. Lock-free: it begins again from the
 * head only when another operation has removed the node it stood on. The place is a local of the caller, and so are key and
 * level here: what is in *op is read from memory again after every atomic access. */
SMR_INLINE place_t search_walk(op_t *op, smr_hold_t *hold, past_t past, bool want_value)
{
    place_t at = {.pred = op->from, .level = op->from_level};
    const cc__key_t key = op->key;
    const unsigned lowest = op->level;
    void *value = NULL;
    for (;; at.level--) {
        while (!search_level(op, hold, key, past, &at)) {
            op->restarts++;
            at.pred = op->map->head;
            at.level = search_top(op->map, lowest);
        }
        if (at.frozen != 0)
            break;
        if (want_value && at.curr != NULL && at.order == 0)
            value = map_value(&at.curr->value, op->slot);
        if (value != NULL || at.level == lowest)
            break;
    }
    op->value = value;
    return at;
}

/* Where the next SEARCH begins: at what the last one committed, never at what an earlier one did, whose slots are about to be
 * written again. */
static inline void search_go_on(op_t *op)
{
    op->from = op->at.pred;
    op->from_level = op->at.level;
}

/* Takes the removed node `curr`, whose link at this level is frozen, out of the list, unless the link to it has
 * changed.
 *
 * On success the frozen successor was still linked: it can be unlinked only by a change of curr's link, which
 * is frozen, or after curr is gone. Either way the search may go on from pred, which is committed: if pred is
 * removed meanwhile, its own link is marked (read rule). */
static inline void search_unlink(op_t *op)
{
    const place_t *at = &op->at;
    uintptr_t expected = (uintptr_t)at->curr;
    /* [node.unlink] pairs with [node.read]: the successor's contents. A marked pred has another word: it fails. */
    cc__cas_seq_cst(&at->pred->next[at->level], &expected, at->frozen & ~CC__MARK);
    search_go_on(op);
}

/* SEARCH: the place of the key. */
SMR_SEARCH search_step(void *arg)
{
    op_t *op = arg;
    smr_hold_t hold = smr_enter(op->rec, op_is_foreign(op));
    op->at = search_walk(op, &hold, op->past, false);
    smr_commit(op->rec, op->at.pred, op->at.curr);
}

/* The place of the key at the level; op->at.pred and op->at.curr are committed. */
static inline void search_find(op_t *op, past_t past, cc__key_t key, unsigned level)
{
    op->past = past;
    op->key = key;
    op->level = level;
    search_from_head(op);
    for (;;) {
        smr_search(op->rec, search_step, op);
        if (op->at.frozen == 0)
            return;
        search_unlink(op);
    }
}

/* Marks all levels of a removed node, from the top, so that nobody links anything behind it any more. By its
 * remover and by any helper; marking twice changes nothing. */
static inline void search_mark(node_t *node)
{
    for (unsigned l = node->height; l-- > 0;)
        cc__fetch_or_seq_cst(&node->next[l], CC__MARK); /* [node.mark] pairs with [node.read]: value is NULL before */
}

#endif
