/* validate of a search tree sees damage (damage.h). Compiled once per kind of key, with the library's own headers; see
 * bst64_damage_test.c and bst_damage_test.c, which define CC_MAP, CC_KEY, SUITE, VERB, KEY and map_t. */
#include "damage.h"

#include "ds/bst_node.h"

typedef cc__bst_node_t node_t;

static uintptr_t edge_of(const node_t *node, unsigned side)
{
    return atomic_load(&node->child[side]);
}

static void set_edge(node_t *node, unsigned side, uintptr_t edge)
{
    atomic_store(&node->child[side], edge);
}

/* The first inner node on the way along `side` that has a leaf there. */
static node_t *last_inner(map_t *map, unsigned side)
{
    node_t *node = bst_node(edge_of(map->head, 0));
    while (!bst_is_leaf(edge_of(node, side)))
        node = bst_node(edge_of(node, side));
    return node;
}

PLANT(removed_leaf_that_is_linked)
{
    for (unsigned side = 0; side < 2; side++) { /* the first of all leaves stands for no entry, and is never removed */
        node_t *leaf = bst_node(edge_of(last_inner(map, side), side));
        void *value = atomic_load(&leaf->value);
        atomic_store(&leaf->value, NULL);
        expect_broken(map, "a value is NULL");
        atomic_store(&leaf->value, value);
    }
}

PLANT(frozen_edge)
{
    static const uintptr_t marks[] = {BST_FLAG, BST_TAG, BST_FLAG | BST_TAG};
    node_t *places[] = {map->head, bst_node(edge_of(map->head, 0)), last_inner(map, 0), last_inner(map, 1)};
    for (size_t place = 0; place < 4; place++) {
        for (unsigned side = 0; side < (place == 0 ? 1 : 2); side++) {
            uintptr_t edge = edge_of(places[place], side);
            for (int i = 0; i < 3; i++) {
                set_edge(places[place], side, edge | marks[i]);
                expect_broken(map, "an edge is frozen");
            }
            set_edge(places[place], side, edge);
        }
    }
}

PLANT(edge_to_nowhere)
{
    for (unsigned side = 0; side < 2; side++) {
        node_t *node = last_inner(map, side);
        uintptr_t edge = edge_of(node, side);
        set_edge(node, side, 0);
        expect_broken(map, "an edge is 0");
        set_edge(node, side, edge);
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

/* An inner node gives way to one of its children: the other one is lost. */
PLANT(lost_subtree)
{
    for (unsigned side = 0; side < 2; side++) {
        uintptr_t edge = edge_of(map->head, 0);
        set_edge(map->head, 0, edge_of(bst_node(edge), side));
        expect_broken(map, "half of the tree is lost");
        set_edge(map->head, 0, edge);
    }
}

PLANT(exchanged_sides)
{
    node_t *places[] = {bst_node(edge_of(map->head, 0)), last_inner(map, 0), last_inner(map, 1)};
    for (int i = 0; i < 3; i++) {
        uintptr_t left = edge_of(places[i], 0), right = edge_of(places[i], 1);
        set_edge(places[i], 0, right);
        set_edge(places[i], 1, left);
        expect_broken(map, "the sides of a node are exchanged");
        set_edge(places[i], 0, left);
        set_edge(places[i], 1, right);
    }
}

/* The leaf that stands before every key, met a second time: the count and the order of the others are right. */
PLANT(first_leaf_elsewhere)
{
    node_t *node = last_inner(map, 1);
    uintptr_t edge = edge_of(node, 1);
    set_edge(node, 1, bst_leaf_edge(map->begin));
    expect_broken(map, "the first leaf is the last one as well");
    set_edge(node, 1, edge);
}

/* The key of an inner node: not above that of its right side. */
static void give_key_of(node_t *node, const node_t *of)
{
    node->key = of->key;
    memcpy(bst_key_room(node), bst_key_room(of), stored_key_room(&of->key));
}

PLANT(wrong_key)
{
    unsigned char bytes[64];
    node_t *root = bst_node(edge_of(map->head, 0)), *last = bst_node(edge_of(last_inner(map, 1), 1));
    cc__stored_key_t stored = root->key;
    size_t room = stored_key_room(&stored);
    cr_assert(room <= sizeof bytes && room == stored_key_room(&last->key));
    memcpy(bytes, bst_key_room(root), room);
    give_key_of(root, last);
    expect_broken(map, "an inner node has the greatest key");
    root->key = stored;
    memcpy(bst_key_room(root), bytes, room);
}
