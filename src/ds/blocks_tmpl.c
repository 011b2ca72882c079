/* Blocked skip list: get, insert, put, replace, remove. Compiled once per kind of key, scheme and instruction set.
 *
 * Each level is a list of spans, which cover all keys without a gap; a span's word leads to a rev, an immutable sorted block,
 * and every change of a block is one compare-and-swap of that word. The bottom level holds the entries, each level above an
 * index of the spans below: a hint only, since every rev links to the right. After B-link trees (Lehman and Yao 1981) and
 * Jiffy (Kobus, Kokocinski, Wojciechowski, PPoPP 2022), whose revisions these are; the index is lazy, as in skip lists.
 *
 * Life of a span
 *
 *   private --CAS of the left half's word (split)--> linked --freeze: F--> frozen --CAS of the left neighbour--> merged
 *      entry: LINKING                                                        |                                      |
 *          |                                                        who meets it helps                     its winner sets D,
 *   its maker enters it into the index, then INDEXED                                                       adds UNLINK to entry
 *
 *   entry at that time   INDEXED: the winner takes it out of the index, then retires the span. LINKING: its maker, whose CAS
 *   to INDEXED fails then, does. UNINDEXED (no memory for an entry): nothing to take out. Without memory to take it out: it
 *   waits in map.later, until a change finds memory. The leftmost span of a level never dies.
 *
 * Labelled guarantees
 *   A  A span that is not frozen is linked, its rev is what the map holds between low and last, and rev.next is linked.
 *   B  A frozen span is linked, and true, as long as the last span to its left that is not frozen has not changed: to unlink
 *      one, its left neighbour's word must change, and a frozen one does not.
 *   C  The spans of a level cover all keys, and none twice: a split and a merge are one CAS each.
 *   D  A span that has an entry in the index, or whose maker may still enter it, is not retired. Entries match by key and
 *      span; of two spans with one low the younger was born when the older had been frozen, so a live one may replace the
 *      entry of another, and one that is frozen replaces none.
 *   E  Nothing is frozen before the merged block is made, and a frozen block is never thawed: who froze it cannot
 *      know whether another thread has built the merged block.
 *
 * Linearization. insert, put, replace, remove: the CAS of the span's word; what changes nothing: the read of a word that is not
 * frozen. get: the read of the word, if it is not frozen (A), else the second read of the anchor's (B). Inside a guard: that
 * same word, read once more after the value stands in its slot. Merging, splitting, the index change no contents.
 *
 * Progress: lock-free, not free of starvation. A search begins again when a word has changed, or further left, where it
 * cannot go for ever. A writer that meets a frozen span merges it first; a left neighbour that changes all the time can make
 * that fail again and again, while its own writers succeed. get and contains need no memory and help nobody.
 *
 * Reclamation. A rev is retired by the thread whose CAS replaced it, or which merged its span; a span by the winner of
 * its merge or by its maker (entry). IBR: the words are read by smr_read, so an unfrozen rev was current when it was read, and what
 * it names was born before and is retired after. A frozen rev can have been so long ago, hence the anchor (blocks_search.h). D
 * stands in the word because a rev may be freed before its span: an old reservation can hold the one and not the other. A
 * span named by a rev of the index is not retired before its entry is gone, and its own word is read like any other. DEBRA+: WRITE
 * touches the span and its rev, in a merge also the neighbour and its; a committed rev cannot be used again, so the CAS has no
 * ABA. What this thread has made and published it touches again only while entry is LINKING.
 * Byte keys have no life of their own: each rev and each span holds copies of the bytes of its bounds and keys, so they go with
 * it, and a WRITE that compares, cuts or copies them reads the committed objects only. A span's low is looked for in the index
 * after the merge, so the span is retired behind the last search for it.
 *
 * Caught by: A, C validate, the model's clients blocks-split-*, blocks-merge-*; B blocks-anchor*, blocks-merge-get*; D
 * blocks-late-linker*, blocks-index*; E fault/oom. */
#include "ds/blocks_shape.h"

#include "ds/blocks_range.h"

/* The very last of a call. */
static int leave(op_t *op, int result)
{
    pay(op);
    reshape(op);
    cc__limbo_maintain(op->rec);
    op_settle(op, true);
    return result;
}

/* ---- get */

/* The value; held in `slot` as well if one is given. */
SMR_INLINE void look_up(op_t *op, cc__slot_t *slot)
{
    smr_hold_t hold = smr_enter(op->rec, op_is_foreign(op));
    aim_t aim = aim_at(op->key);
    void *value;
    for (;;) {
        spot_t at = spot_find(&hold, op->map, aim, 0);
        value = rev_get(op->map, at.rev, aim);
        if (slot == NULL || value == NULL)
            break;
        cc__slot_hold(slot, value);
        if (spot_holds(&at)) /* it was still in the map when it stood in the slot */
            break;
    }
    op->value = value;
    smr_leave(op->rec);
}

/* Two of them: what only a slot needs would cost every other look-up its registers. */
SMR_SEARCH look_up_step(void *op)
{
    look_up(op, NULL);
}

SMR_SEARCH look_up_held_step(void *arg)
{
    op_t *op = arg;
    look_up(op, op->slot);
}

static int get(map_t *map, cc__key_t key, void **value)
{
    op_t op; /* what a change needs is left out: under DEBRA+ an operation stands in memory */
    op.map = map;
    op.rec = cc__rec_get(map->domain);
    op.key = key;
    op.slot = NULL;
    int err = op_prepare_slot(&op, value != NULL);
    if (err == 0) {
        smr_begin(op.rec);
        if (__builtin_expect(op.slot == NULL, 1))
            smr_search(op.rec, look_up_step, &op);
        else
            smr_search(op.rec, look_up_held_step, &op);
        smr_end(op.rec);
        void *none;
        void **out = op.value != NULL && value != NULL ? value : &none; /* no branch either */
        *out = op.value;
        err = op.value != NULL ? 0 : -ENOENT;
    }
    op_return(&op, err == 0); /* a look-up begins again within its SEARCH, and does not count it */
    return err;
}

/* ---- changes */

static int place(map_t *map, cc__key_t key, void *value, void **old, cc__place_t how)
{
    op_t op = op_make(map, cc__rec_get(map->domain), 0, key);
    int result = cc__limbo_admit(op.rec, 0);
    if (result == 0)
        result = change(&op, &(edit_t){.kind = how == CC__INSERT ? EDIT_INSERT : EDIT_PUT, .value = value});
    if (result == 0)
        count(&op, 1);
    if (result >= 0)
        hand_over(&op, op.was, old);
    return leave(&op, result);
}

static int replace(map_t *map, cc__key_t key, void *expected, void *desired, void **old)
{
    op_t op = op_make(map, cc__rec_get(map->domain), 0, key);
    int err = cc__limbo_admit(op.rec, 0);
    if (err == 0)
        err = change(&op, &(edit_t){.kind = EDIT_REPLACE, .value = desired, .expected = expected});
    if (err == 0)
        hand_over(&op, op.was, old);
    return leave(&op, err);
}

static int remove_key(map_t *map, cc__key_t key, void *expected, void **old)
{
    op_t op = op_make(map, cc__rec_get(map->domain), 0, key);
    int err = change(&op, &(edit_t){.kind = EDIT_REMOVE, .expected = expected});
    if (err == 0) {
        count(&op, -1);
        hand_over(&op, op.was, old);
        merge_if_sparse(map, op.rec, &op);
    }
    return leave(&op, err);
}

const cc__map_ops_t BLOCKS_OF(SMR_NAME, CC__ISA) = {
    .get = get,
    .place = place,
    .replace = replace,
    .remove = remove_key,
    .nearest = BLOCKS_VARIANT(nearest),
    .range = BLOCKS_VARIANT(range),
};
