/* The skip list's public functions, compiled once per kind of key: arguments are checked here, the work is
 * done by the variant that belongs to the map's scheme. */
#include "ds/skiplist_node.h"
#include "smr/domain.h"

#include <stdio.h>
#include <string.h>

static const cc__skiplist_ops_t *ops_of(const cc_domain_t *domain)
{
    switch (domain->scheme_id) {
    case CC_SMR_DEBRA:
        return &VARIANT_OF(cc__skiplist_ops, KEY_NAME, debra);
    case CC_SMR_EPOCH:
        return &VARIANT_OF(cc__skiplist_ops, KEY_NAME, epoch);
    case CC_SMR_LEAK:
        return &VARIANT_OF(cc__skiplist_ops, KEY_NAME, leak);
    default:
        return &VARIANT_OF(cc__skiplist_ops, KEY_NAME, ibr);
    }
}

static cc__skiplist_node_t *make_head(void)
{
    cc__skiplist_node_t *head = cc_alloc_node(sizeof *head + CC__SKIPLIST_LEVELS * sizeof head->next[0]);
    if (head != NULL) {
        memset(head, 0, sizeof *head + CC__SKIPLIST_LEVELS * sizeof head->next[0]);
        head->height = CC__SKIPLIST_LEVELS;
    }
    return head;
}

int PUBLIC(create)(cc_domain_t *domain, const cc_map_opts_t *opts, cc__skiplist_t **out)
{
    const cc_map_opts_t defaults = CC_MAP_OPTS_INIT;
    if (opts == NULL)
        opts = &defaults;
    if (out == NULL || opts->size != sizeof *opts || (opts->compare != NULL && !CC__KEY_HAS_COMPARE))
        return -EINVAL;
    int err = cc__domain_resolve(domain, &domain);
    if (err != 0)
        return err;
    cc__skiplist_t *map = cc_alloc_aligned(sizeof *map, CC_CACHE_LINE_SIZE);
    cc__skiplist_node_t *head = make_head();
    if (map == NULL || head == NULL) {
        cc_free_unsized(map);
        cc_free_unsized(head);
        return -ENOMEM;
    }
    memset(map, 0, sizeof *map);
    map->ops = ops_of(domain);
    map->domain = domain;
    map->head = head;
    map->opts = *opts;
    cc__store_relaxed(&map->levels, 1); /* nobody shares the map yet */
    cc__domain_hold(domain);
    *out = map;
    return 0;
}

static cc__skiplist_node_t *next_of(const cc__skiplist_node_t *node, unsigned level)
{
    return cc__unmarked(cc__load_relaxed(&node->next[level])); /* nobody else is inside */
}

int PUBLIC(destroy)(cc__skiplist_t *map)
{
    if (map == NULL)
        return -EINVAL;
    cc__skiplist_node_t *node = next_of(map->head, 0);
    while (node != NULL) {
        cc__skiplist_node_t *next = next_of(node, 0);
        void *value = cc__load_relaxed(&node->value); /* nobody else is inside */
        if (map->opts.value_reclaim != NULL && value != NULL)
            cc_retire(map->domain, value, map->opts.value_size, map->opts.value_reclaim, map->opts.value_ctx);
        cc_free(node, skiplist_node_size(node));
        node = next;
    }
    cc_free(map->head, skiplist_node_size(map->head));
    cc__domain_release(map->domain);
    cc_free(map, sizeof *map);
    return 0;
}

int PUBLIC(get)(cc__skiplist_t *map, cc__key_t key, void **value)
{
    return map != NULL && key_valid(key) ? map->ops->get(map, key, value) : -EINVAL;
}

bool PUBLIC(contains)(cc__skiplist_t *map, cc__key_t key)
{
    return map != NULL && key_valid(key) && map->ops->get(map, key, NULL) == 0;
}

int PUBLIC(insert)(cc__skiplist_t *map, cc__key_t key, void *value)
{
    if (map == NULL || value == NULL || !key_valid(key))
        return -EINVAL;
    void *none;
    return map->ops->place(map, key, value, &none, CC__INSERT);
}

int PUBLIC(put)(cc__skiplist_t *map, cc__key_t key, void *value, void **old)
{
    if (map == NULL || value == NULL || !key_valid(key))
        return -EINVAL;
    return map->ops->place(map, key, value, old, CC__PUT);
}

int PUBLIC(replace)(cc__skiplist_t *map, cc__key_t key, void *expected, void *desired)
{
    if (map == NULL || expected == NULL || desired == NULL || !key_valid(key))
        return -EINVAL;
    return map->ops->replace(map, key, expected, desired);
}

int PUBLIC(remove)(cc__skiplist_t *map, cc__key_t key, void **old)
{
    return map != NULL && key_valid(key) ? map->ops->remove(map, key, old) : -EINVAL;
}

int PUBLIC(min)(cc__skiplist_t *map, cc__key_out_t k, void **v)
{
    return map != NULL ? map->ops->nearest(map, CC__MIN, NULL, k, v) : -EINVAL;
}

int PUBLIC(max)(cc__skiplist_t *map, cc__key_out_t k, void **v)
{
    return map != NULL ? map->ops->nearest(map, CC__MAX, NULL, k, v) : -EINVAL;
}

int PUBLIC(floor)(cc__skiplist_t *map, cc__key_t key, cc__key_out_t k, void **v)
{
    return map != NULL && key_valid(key) ? map->ops->nearest(map, CC__FLOOR, &key, k, v) : -EINVAL;
}

int PUBLIC(ceil)(cc__skiplist_t *map, cc__key_t key, cc__key_out_t k, void **v)
{
    return map != NULL && key_valid(key) ? map->ops->nearest(map, CC__CEIL, &key, k, v) : -EINVAL;
}

int64_t PUBLIC(range)(cc__skiplist_t *map, cc__key_t from, cc__key_t to, cc__visit_fn *visit, void *ctx)
{
    if (map == NULL || visit == NULL || !key_valid(from) || !key_valid_end(to))
        return -EINVAL;
    return map->ops->range(map, from, to, visit, ctx);
}

size_t PUBLIC(count)(cc__skiplist_t *map)
{
    int64_t sum = 0;
    for (int i = 0; map != NULL && i < CC__SKIPLIST_STRIPES; i++)
        sum += cc__load_relaxed(&map->count[i].entries); /* stale: off by the calls in flight */
    return sum > 0 ? (size_t)sum : 0;
}

/* ---- validate
 * -------------------------------------------------------------------------------------------------- */

static bool broken(const char *what, unsigned level)
{
    fprintf(stderr, "libcc: skip list: %s at level %u\n", what, level);
    return false;
}

/* A quiet node: present, all its links unmarked, its inserter done, nobody removing it. */
static bool node_valid(const cc__skiplist_node_t *node, unsigned level)
{
    if (cc__load_relaxed(&node->value) == NULL) /* the map is quiet, here and below */
        return broken("a removed node is linked", level);
    if (cc__load_relaxed(&node->state) != CC__SKIPLIST_LINK_DONE)
        return broken("a node is half linked", level);
    if (node->height <= level || node->height > CC__SKIPLIST_LEVELS)
        return broken("a node is linked above its height", level);
    if (cc__is_marked(cc__load_relaxed(&node->next[level])))
        return broken("a link is marked", level);
    return true;
}

static bool level_valid(cc__skiplist_t *map, unsigned level, size_t taller[CC__SKIPLIST_LEVELS + 1])
{
    size_t linked = 0;
    const cc__skiplist_node_t *before = NULL, *node = next_of(map->head, level);
    for (; node != NULL; before = node, node = next_of(node, level)) {
        if (!node_valid(node, level))
            return false;
        if (before != NULL &&
            key_order(skiplist_key(before), skiplist_key(node), map->opts.compare, map->opts.compare_ctx) >= 0)
            return broken("keys are out of order", level);
        linked++;
        if (level == 0)
            taller[node->height - 1]++;
    }
    if (level == 0)
        return linked == PUBLIC(count)(map) || broken("the count is wrong", level);
    size_t expected = 0;
    for (unsigned h = level; h < CC__SKIPLIST_LEVELS; h++)
        expected += taller[h];
    return linked == expected || broken("a tower is not linked", level);
}

int PUBLIC(validate)(cc__skiplist_t *map)
{
    size_t taller[CC__SKIPLIST_LEVELS + 1] = {0}; /* nodes by height - 1 */
    if (map == NULL)
        return -EINVAL;
    for (unsigned l = 0; l < CC__SKIPLIST_LEVELS; l++) {
        if (!level_valid(map, l, taller))
            return -EINVAL;
    }
    return 0;
}
