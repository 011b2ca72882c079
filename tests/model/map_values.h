/* The values of a script's map: objects that it points to, and reclaims or leaves to the client; or copies that it keeps, which
 * name the object that they were made for. Calls of the map go through here, so that a script is the same for all. */
#ifndef MODEL_MAP_VALUES_H
#define MODEL_MAP_VALUES_H

#include "map_kinds.h"

typedef struct {
    unsigned key;
    bool left; /* VALUES_COPIED: its copy has come out of the map for good */
} value_t;

typedef enum { VALUES_RECLAIMED, VALUES_KEPT, VALUES_COPIED } values_t;

void values_begin(const map_kind_t *kind, values_t how, cc_map_opts_t *opts); /* sets their options */
void values_end(void); /* the domain is gone: each that was made has been reclaimed */

value_t *value_make(unsigned key);
void value_drop(value_t *value);             /* it did not get in */
value_t *value_of(void *seen, unsigned key); /* what a visitor is given, of the key: alive, whole */
void value_take(cc_domain_t *domain, value_t *value, unsigned key); /* it has come out of the map, to this thread */

int value_insert(void *map, unsigned key, value_t *value);
int value_put(cc_domain_t *domain, void *map, unsigned key, value_t *value);
int value_put_again(void *map, unsigned key, value_t *value); /* VALUES_COPIED: it may be there */
int value_replace(void *map, unsigned key, value_t *expected, value_t *desired);
int value_remove(void *map, unsigned key, void **old);
int value_remove_if(void *map, unsigned key, value_t *expected, void **old);
int value_get(void *map, unsigned key, void **value);
int value_nearest(void *map, map_nearest_t which, unsigned key, unsigned *found, void **value);
int value_pop(void *map, map_nearest_t which, unsigned *found, void **value);
int value_get_or_insert(void *map, unsigned key, cc_make_fn *make, void *ctx, void **value);

#endif
