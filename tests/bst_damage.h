/* validate of a search tree sees damage (damage.h). Compiled once per kind of key, with the library's own headers; see
 * bst64_damage_test.c and bst_damage_test.c, which define CC_MAP, CC_KEY, SUITE, VERB, KEY, map_t and sorted_key_t. */
#include "damage.h"

#include "ds/bst_node.h"

typedef cc__bst_node_t node_t;
typedef cc__bst_leaf_t leaf_t;

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

/* The leaf at the end of that way. */
static leaf_t *last_leaf(map_t *map, unsigned side)
{
    return bst_leaf(edge_of(last_inner(map, side), side));
}

PLANT(leaf_without_a_value)
{
    for (unsigned side = 0; side < 2; side++) {
        void **value = leaf_values(last_leaf(map, side));
        void *was = *value;
        *value = NULL;
        expect_broken(map, "a value is NULL");
        *value = was;
    }
}

/* Sound but for the number of its entries. */
static leaf_t *make_overfull(const leaf_t *old)
{
    unsigned had = (unsigned)old->count, n = CC_BST_ENTRIES + 1;
    leaf_t *leaf = leaf_alloc(n, leaf_bytes(old, 0, had) + (n - had) * key_room(KEY(1000)));
    cr_assert_not_null(leaf);
    leaf_copy(leaf, 0, old, 0, had);
    for (unsigned i = had; i < n; i++)
        leaf_put(leaf, i, KEY(1000 + i), leaf);
    return leaf;
}

PLANT(leaf_overfull)
{
    node_t *node = last_inner(map, 1);
    uintptr_t edge = edge_of(node, 1);
    leaf_t *leaf = make_overfull(bst_leaf(edge));
    int64_t more = (int64_t)(leaf->count - bst_leaf(edge)->count);
    set_edge(node, 1, bst_leaf_edge(leaf));
    atomic_fetch_add(&map->count[0].entries, more);
    expect_broken(map, "a leaf has too many entries");
    atomic_fetch_sub(&map->count[0].entries, more);
    set_edge(node, 1, edge);
    cc_free(leaf, leaf_size(leaf));
}

PLANT(leaf_empty)
{
    node_t *node = last_inner(map, 1);
    uintptr_t edge = edge_of(node, 1);
    int64_t lost = (int64_t)bst_leaf(edge)->count;
    set_edge(node, 1, bst_leaf_edge(map->empty));
    atomic_fetch_sub(&map->count[0].entries, lost); /* so that it is not the count that is wrong */
    expect_broken(map, "one leaf of several is empty");
    atomic_fetch_add(&map->count[0].entries, lost);
    set_edge(node, 1, edge);
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

/* An inner node with another one's key. */
static void give_key_of(node_t *node, const node_t *of)
{
    node->key = of->key;
    memcpy(bst_key_room(node), bst_key_room(of), stored_key_room(&of->key));
}

PLANT(wrong_key)
{
    unsigned char bytes[CC_CACHE_LINE_SIZE / 2];
    for (unsigned side = 0; side < 2; side++) {
        node_t *root = bst_node(edge_of(map->head, 0)), *last = last_inner(map, side);
        cc__stored_key_t stored = root->key;
        size_t room = stored_key_room(&stored), other = stored_key_room(&last->key);
        if (room < other)
            room = other;
        cr_assert(room <= sizeof bytes); /* so much is behind each node that has any */
        memcpy(bytes, bst_key_room(root), room);
        give_key_of(root, last);
        expect_broken(map, "the first inner node has the key of another one");
        root->key = stored;
        memcpy(bst_key_room(root), bytes, room);
    }
}

/* ---- sound, and low */

static unsigned height(uintptr_t edge)
{
    if (bst_is_leaf(edge))
        return 0;
    unsigned left = height(edge_of(bst_node(edge), 0)), right = height(edge_of(bst_node(edge), 1));
    return 1 + (left > right ? left : right);
}

DAMAGE_TEST(sorted_input_makes_a_low_tree)
{
    enum { BITS = 10, N = 1 << BITS };
    static sorted_key_t keys[N];
    static void *values[N];
    cc_domain_t *domain = make_domain(every_scheme[0]);
    map_t *map;
    for (uint64_t n = 0; n < N; n++) {
        keys[n] = KEY(n);
        values[n] = &values[n];
    }
    cr_assert_eq(VERB(create_sorted)(domain, NULL, keys, values, N, &map), 0);
    cr_assert_leq(height(edge_of(map->head, 0)), 2 * BITS);
    cr_assert_eq(VERB(destroy)(map), 0);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}
