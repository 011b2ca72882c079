/* validate of a skip list sees damage (damage.h). Compiled once per kind of key, with the library's own headers; see skiplist64_damage_test.c and skiplist_damage_test.c, which define
 * CC_KEY, SUITE, VERB, KEY and map_t.
 *
 * The plants change one word each. What they need to find is sought, since heights are random. */
#include "damage.h"

#include "ds/skiplist_node.h"

typedef cc__skiplist_node_t node_t;

static node_t *after(const node_t *node, unsigned level)
{
    return cc__unmarked(atomic_load(&node->next[level]));
}

static void link_to(node_t *node, unsigned level, const node_t *next)
{
    atomic_store(&node->next[level], (uintptr_t)next);
}

/* A node with a successor at `level`, not the first. */
static node_t *some_node(map_t *map, unsigned level)
{
    node_t *node = after(after(map->head, level), level);
    cr_assert(node != NULL && after(node, level) != NULL && after(after(node, level), level) != NULL);
    return node;
}

enum { DAMAGED_LEVELS = 3 }; /* with 400 entries the third level has about 25 */

PLANT(removed_node_that_is_linked)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        node_t *node = some_node(map, l);
        void *value = atomic_load(&node->value);
        atomic_store(&node->value, NULL);
        expect_broken(map, "a value is NULL");
        atomic_store(&node->value, value);
    }
}

PLANT(half_linked_node)
{
    static const uint32_t states[] = {0, CC__SKIPLIST_UNLINK_DONE, CC__SKIPLIST_LINK_DONE | CC__SKIPLIST_UNLINK_DONE};
    node_t *node = some_node(map, 0);
    for (int i = 0; i < 3; i++) {
        atomic_store(&node->state, states[i]);
        expect_broken(map, "the state is not LINK_DONE");
    }
    atomic_store(&node->state, CC__SKIPLIST_LINK_DONE);
}

PLANT(marked_link)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        node_t *node = some_node(map, l);
        uintptr_t link = atomic_load(&node->next[l]);
        atomic_store(&node->next[l], link | CC__MARK);
        expect_broken(map, "a link is marked");
        atomic_store(&node->next[l], link);
    }
}

PLANT(wrong_count)
{
    for (int64_t change = -1; change <= 1; change += 2) {
        atomic_fetch_add(&map->count[3].entries, change);
        expect_broken(map, "the count is off by one");
        atomic_fetch_add(&map->count[3].entries, -change);
    }
}

/* Left out at one level: at the bottom the count tells, above it the heights below. */
PLANT(missing_link)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        node_t *node = some_node(map, l), *next = after(node, l);
        link_to(node, l, after(next, l));
        expect_broken(map, "a node is linked at some of its levels only");
        link_to(node, l, next);
    }
}

PLANT(missing_first_link)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        node_t *first = after(map->head, l);
        link_to(map->head, l, after(first, l));
        expect_broken(map, "the first node of a level is not linked to the head");
        link_to(map->head, l, first);
    }
}

PLANT(emptied_level)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        node_t *first = after(map->head, l);
        link_to(map->head, l, NULL);
        expect_broken(map, "a level is lost");
        link_to(map->head, l, first);
    }
}

/* a, b, c become a, c, b. */
PLANT(exchanged_neighbours)
{
    for (unsigned l = 0; l < DAMAGED_LEVELS; l++) {
        node_t *a = some_node(map, l), *b = after(a, l), *c = after(b, l), *d = after(c, l);
        link_to(a, l, c);
        link_to(c, l, b);
        link_to(b, l, d);
        expect_broken(map, "two nodes are out of order");
        link_to(a, l, b);
        link_to(b, l, c);
        link_to(c, l, d);
    }
}

PLANT(equal_keys)
{
    node_t *node = some_node(map, 0), *next = after(node, 0);
    cc__stored_key_t stored = next->key;
    unsigned char bytes[64];
    size_t room = stored_key_room(&stored);
    cr_assert_leq(room, sizeof bytes);
    cr_assert_eq(room, stored_key_room(&node->key));
    memcpy(bytes, skiplist_key_room(next), room);
    next->key = node->key;
    memcpy(skiplist_key_room(next), skiplist_key_room(node), room);
    expect_broken(map, "two nodes have one key");
    next->key = stored;
    memcpy(skiplist_key_room(next), bytes, room);
}

/* A stranger in place of the node that belongs there: the number of links is right. */
PLANT(node_linked_above_its_height)
{
    node_t *flat = after(map->head, 0);
    while (flat != NULL && flat->height != 1)
        flat = after(flat, 0);
    node_t *tall = after(map->head, 1);
    cr_assert(flat != NULL && tall != NULL);
    /* A flat node has no second link: at level 1 its key, or what follows, is read as one. The check of the height has
     * to come first. */
    link_to(map->head, 1, flat);
    expect_broken(map, "a flat node is linked at level 1");
    link_to(map->head, 1, tall);
}
