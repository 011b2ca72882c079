/* What clients of reclamation alone share: a domain, and a word that holds an object. */
#ifndef MODEL_SMR_WORLD_H
#define MODEL_SMR_WORLD_H

#include "clients.h"

#include "cc/cc.h"

typedef struct {
    int alive;
} world_object_t;

extern cc_domain_t *world_domain;
extern CC_ATOMIC_PTR *world_shared;
extern int world_reclaimed; /* callbacks, those of a client's own objects included */

void world_setup(void);
void world_setup_with(cc_reclaimer_t reclaimer);
void world_finish(void); /* everything was reclaimed, once */
world_object_t *world_object(void);
void world_reclaim(void *ptr, void *ctx);
void world_replace(void); /* puts another object into the word, retires the one before */
void world_read(void);    /* the object in a guard: it is alive */

#endif
