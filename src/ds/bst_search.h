/* The search tree's search, compiled into each variant: which leaf a key leads to; and how a removed leaf is cut off.
 *
 * A SEARCH reads only. When it meets a frozen edge it ends, the WRITE after it cuts the edge's node off, and the next
 * SEARCH begins at the head. */
#ifndef CC_DS_BST_SEARCH_H
#define CC_DS_BST_SEARCH_H

#include "ds/bst_node.h"
#include "smr/policy.h"

typedef cc__bst_node_t node_t;
typedef cc__bst_leaf_t leaf_t;
typedef cc__map_t map_t;

/* Which way a search goes at an inner node: by the key, always to the left, always to the right. */
typedef enum { BY_KEY, LEFTMOST, RIGHTMOST } route_t;

enum {
    DEBTS = 8,     /* that an operation enters before it pays them */
    CUT_DEBTS = 3, /* of one cut */
    OWN_DEBTS = 2, /* what the operation itself owes: a leaf and a value */
};

/* Where a search stands: at an edge, and at the one that led there. */
typedef struct {
    node_t *above; /* NULL: node is the head */
    unsigned above_side;
    node_t *node; /* above->child[above_side], */
    unsigned side;
    leaf_t *leaf;     /* and node->child[side], if the search ended at a leaf; */
    uintptr_t frozen; /* else not 0: the edge, and `node` must be cut off before all else */
} place_t;

/* One operation. */
typedef struct {
    map_t *map;
    cc__rec_t *rec;
    cc__key_t key;     /* what is looked for */
    place_t at;        /* found */
    unsigned pos;      /* in the leaf, and whether the key is there */
    bool found;        /* (look-ups do without both) */
    cc__slot_t *slot;  /* for the value, or NULL */
    void *value;       /* found; NULL: none */
    unsigned restarts; /* from the head, for a frozen edge or one that has changed */
    unsigned debts;
    cc__entry_t debt[DEBTS];
} op_t;

#include "ds/map_op.h"

/* Field by field: clearing it all would cost more than a search. */
static inline void op_init(op_t *op, map_t *map, cc__rec_t *rec)
{
    op->map = map;
    op->rec = rec;
    op->slot = NULL;
    op->restarts = 0;
    op->debts = 0;
}

static inline place_t search_from_head(const op_t *op)
{
    return (place_t){.node = op->map->head};
}

/* Over the edge that was read on at->side. The read rule: over one that is not frozen only, so the node that has it was linked
 * when it was read. False: at a leaf, or at a frozen edge. */
SMR_INLINE bool search_follow(place_t *at, uintptr_t edge)
{
    if (__builtin_expect((edge & (BST_FROZEN | BST_LEAF)) == 0, 1)) {
        at->above = at->node;
        at->above_side = at->side;
        at->node = (node_t *)edge; // NOLINT(performance-no-int-to-ptr)
        return true;
    }
    if (__builtin_expect((edge & BST_FROZEN) != 0, 0))
        at->frozen = edge;
    else
        at->leaf = bst_leaf(edge);
    return false;
}

SMR_INLINE bool search_down(smr_hold_t *hold, place_t *at)
{
    return search_follow(at, smr_read(hold, &at->node->child[at->side]));
}

SMR_INLINE unsigned search_side(const op_t *op, route_t route, const node_t *node)
{
    if (route != BY_KEY)
        return route == RIGHTMOST;
    const cc_map_opts_t *opts = &op->map->opts;
    return key_order(bst_key(node), op->key, opts->compare, opts->compare_ctx) <= 0;
}

/* To the leaf where the key belongs, or to a frozen edge. The place is a local of the caller: what is in *op is kept in
 * memory. No branch depends on the key, which would be mispredicted at every second node: both edges are read, beside the
 * key, and one is picked. */
SMR_INLINE place_t search_walk(const op_t *op, smr_hold_t *hold)
{
    const cc_map_opts_t *opts = &op->map->opts;
    place_t at = search_from_head(op);
    uintptr_t below = UINTPTR_MAX; /* all ones: to the left, else 0 */
    for (;;) {
        uintptr_t left = smr_read(hold, &at.node->child[0]), right = smr_read(hold, &at.node->child[1]);
        at.side = (unsigned)(below + 1);
        if (!search_follow(&at, right ^ ((left ^ right) & below)))
            return at;
        below = key_below(op->key, bst_key(at.node), opts->compare, opts->compare_ctx);
    }
}

/* The leaf is still linked at this moment. (While the search holds it, no other one can have its address.) */
SMR_INLINE bool search_holds(const place_t *at)
{
    /* [bst.again] pairs with [node.link, node.mark]: whoever retires what stood in the leaf has changed the edge before. */
    return cc__load_seq_cst(&at->node->child[at->side]) == bst_leaf_edge(at->leaf);
}

static inline void owe_node(op_t *op, const node_t *node)
{
    owe(op, (cc__entry_t){.ptr = (void *)(uintptr_t)node,
                          .u.birth = node->birth,
                          .sized = cc__sized_node(bst_node_size(node), 0)});
}

static inline void owe_leaf(op_t *op, const leaf_t *leaf)
{
    if (leaf != op->map->empty)
        owe(op, (cc__entry_t){.ptr = (void *)(uintptr_t)leaf,
                              .u.birth = leaf->birth,
                              .sized = cc__sized_node(leaf_size(leaf), 0)});
}

/* Takes `node`, whose edge on one side is flagged, out of the tree, and the leaf there with it: freezes the other edge and
 * gives its child to the node above. A sibling that is a removed leaf as well stays flagged there; where it is the last one of
 * the tree it goes, too. Exactly one thread's CAS does it (`node` cannot come back while it is committed), and that one owes
 * what has gone: its own then. False: another one was faster, or the edge above has changed. */
static inline bool search_cut(op_t *op, unsigned flagged)
{
    const place_t *at = &op->at;
    /* [node.mark] pairs with [node.read]: the flag is seen by who sees the tag; acquire: what the sibling's link names. */
    uintptr_t kept = cc__fetch_or_seq_cst(&at->node->child[!flagged], BST_TAG) & ~BST_TAG;
    bool last = (kept & BST_FLAG) != 0 && at->above == op->map->head;
    uintptr_t expected = (uintptr_t)at->node;
    /* [node.unlink] pairs with [node.read]: the sibling's contents. An `above` that is frozen has another word: it fails. */
    if (!cc__cas_seq_cst(&at->above->child[at->above_side], &expected, last ? bst_leaf_edge(op->map->empty) : kept))
        return false;
    owe_leaf(op, bst_leaf(cc__load_relaxed(&at->node->child[flagged]))); /* frozen since we saw its flag */
    owe_node(op, at->node);
    if (last)
        owe_leaf(op, bst_leaf(kept));
    return true;
}

/* The frozen edge that the search met: its own flag, or the tag that was set after the other one's flag was seen. */
static inline void search_help(op_t *op)
{
    (void)search_cut(op, (op->at.frozen & BST_FLAG) != 0 ? op->at.side : !op->at.side);
}

/* Before the search begins again: makes room for the debts of one more cut. Nothing of the search before is needed. */
static inline void search_again(op_t *op)
{
    op->restarts++;
    if (op->debts + CUT_DEBTS + OWN_DEBTS <= DEBTS)
        return;
    smr_end(op->rec);
    op_pay(op);
    (void)cc__limbo_reserve(op->rec, DEBTS); /* without memory the debts that come may be given up */
    smr_begin(op->rec);
}

SMR_SEARCH search_step(void *arg)
{
    op_t *op = arg;
    smr_hold_t hold = smr_enter(op->rec, op_is_foreign(op));
    place_t at = search_walk(op, &hold);
    if (at.frozen == 0)
        op->found = leaf_seek(&op->map->opts, at.leaf, op->key, &op->pos);
    op->at = at;
    smr_commit(op->rec, at.above, at.node, at.leaf);
}

/* The leaf where the key belongs; it, its node and the one above are committed. */
static inline void search_find(op_t *op)
{
    for (;;) {
        smr_search(op->rec, search_step, op);
        if (op->at.frozen == 0)
            return;
        search_help(op);
        search_again(op);
    }
}

#endif
