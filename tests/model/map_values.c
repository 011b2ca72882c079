#include "map_values.h"

#include "model.h"

#include "cc/cc.h"

enum { VALUES = 32 };

/* A copy: freed memory and halves of two copies show. */
typedef struct {
    value_t *value;
    uintptr_t check;
} payload_t;

static const map_kind_t *kind;
static values_t how;
static value_t *values[VALUES]; /* that the map does not reclaim */
static int made, reclaimed;

static bool copied(void)
{
    return how == VALUES_COPIED;
}

static payload_t payload_of(value_t *value)
{
    return (payload_t){value, ~(uintptr_t)value};
}

static value_t *unpacked(const payload_t *payload)
{
    model_assert(payload->check == ~(uintptr_t)payload->value);
    return payload->value;
}

/* ---- the values */

static void reclaim_value(void *ptr, void *ctx)
{
    (void)ctx;
    value_t *value = ptr;
    model_assert(value->key < MAP_KEYS);
    value->key = MAP_KEYS;
    reclaimed++;
    cc_free(ptr, sizeof *value);
}

void values_begin(const map_kind_t *the_kind, values_t which, cc_map_opts_t *opts)
{
    kind = the_kind;
    how = which;
    made = reclaimed = 0;
    opts->value_reclaim = how == VALUES_RECLAIMED ? reclaim_value : NULL;
    opts->value_size = copied() ? sizeof(payload_t) : sizeof(value_t);
    opts->value_inline = copied();
}

void values_end(void)
{
    for (int i = 0; how != VALUES_RECLAIMED && i < made; i++)
        reclaim_value(values[i], NULL);
    model_assert(made == reclaimed);
}

value_t *value_make(unsigned key)
{
    value_t *value = cc_alloc(sizeof *value);
    model_assert(value != NULL && made < VALUES);
    *value = (value_t){key, false};
    if (how != VALUES_RECLAIMED)
        values[made] = value;
    made++;
    return value;
}

void value_drop(value_t *value)
{
    if (copied())
        return;
    made--;
    cc_free(value, sizeof *value);
}

value_t *value_of(void *seen, unsigned key)
{
    value_t *value = copied() ? unpacked(seen) : seen;
    model_assert(value->key == key);
    return value;
}

void value_take(cc_domain_t *domain, value_t *value, unsigned key)
{
    model_assert(value->key == key);
    if (copied()) {
        model_assert(!value->left);
        value->left = true;
    } else {
        model_assert(cc_retire(domain, value, sizeof *value, reclaim_value, NULL) == 0);
    }
}

/* ---- the calls */

int value_insert(void *map, unsigned key, value_t *value)
{
    payload_t payload = payload_of(value);
    return kind->insert(map, key, copied() ? (void *)&payload : value);
}

int value_put(cc_domain_t *domain, void *map, unsigned key, value_t *value)
{
    payload_t payload = payload_of(value), old;
    if (!copied())
        return kind->put(map, key, value, NULL);
    int result = kind->put(map, key, &payload, CC_INTO(&old));
    if (result == 1)
        value_take(domain, unpacked(&old), key);
    return result;
}

int value_put_again(void *map, unsigned key, value_t *value)
{
    payload_t payload = payload_of(value);
    return kind->put(map, key, &payload, NULL);
}

int value_replace(void *map, unsigned key, value_t *expected, value_t *desired)
{
    payload_t from = payload_of(expected), to = payload_of(desired);
    return copied() ? kind->replace(map, key, &from, &to) : kind->replace(map, key, expected, desired);
}

/* What came out, if something did. */
static int answer(int result, const payload_t *payload, void **value)
{
    if (result == 0)
        *value = unpacked(payload);
    return result;
}

int value_remove(void *map, unsigned key, void **old)
{
    payload_t payload;
    if (!copied() || old == NULL)
        return kind->remove(map, key, old);
    return answer(kind->remove(map, key, CC_INTO(&payload)), &payload, old);
}

int value_remove_if(void *map, unsigned key, value_t *expected, void **old)
{
    payload_t from = payload_of(expected), payload;
    if (!copied())
        return kind->remove_if(map, key, expected, old);
    return answer(kind->remove_if(map, key, &from, CC_INTO(&payload)), &payload, old);
}

int value_get(void *map, unsigned key, void **value)
{
    payload_t payload;
    if (!copied() || value == NULL)
        return kind->get(map, key, value);
    return answer(kind->get(map, key, CC_INTO(&payload)), &payload, value);
}

int value_nearest(void *map, map_nearest_t which, unsigned key, unsigned *found, void **value)
{
    payload_t payload;
    if (!copied())
        return kind->nearest(map, which, key, found, value);
    return answer(kind->nearest(map, which, key, found, CC_INTO(&payload)), &payload, value);
}

int value_pop(void *map, map_nearest_t which, unsigned *found, void **value)
{
    payload_t payload;
    if (!copied())
        return kind->pop(map, which, found, value);
    return answer(kind->pop(map, which, found, CC_INTO(&payload)), &payload, value);
}

typedef struct {
    cc_make_fn *make;
    void *ctx;
    payload_t made;
} maker_t;

static void *make_payload(void *ctx)
{
    maker_t *maker = ctx;
    maker->made = payload_of(maker->make(maker->ctx));
    return &maker->made;
}

int value_get_or_insert(void *map, unsigned key, cc_make_fn *make, void *ctx, void **value)
{
    payload_t payload;
    maker_t maker = {make, ctx, {NULL, 0}};
    if (!copied())
        return kind->get_or_insert(map, key, make, ctx, value);
    int result = kind->get_or_insert(map, key, make_payload, &maker, CC_INTO(&payload));
    (void)answer(result < 0 ? result : 0, &payload, value);
    return result;
}
