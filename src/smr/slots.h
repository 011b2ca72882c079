/* The set of pointers that stand in guard slots of a domain. */
#ifndef CC_SMR_SLOTS_H
#define CC_SMR_SLOTS_H

#include "smr/types.h"

enum { CC__SLOTS_LOCAL = 64 };

typedef struct {
    uintptr_t ptr; /* low 4 bits cleared */
    cc__rec_t *rec;
} cc__held_t;

typedef struct {
    cc_domain_t *domain;
    cc__held_t *held; /* sorted by pointer */
    size_t count, cap;
    bool partial; /* there was no memory for all of them: look the slots up one by one */
    cc__held_t local[CC__SLOTS_LOCAL];
} cc__slot_set_t;

/* After the round's fence. */
void cc__slots_collect(cc__slot_set_t *set, cc_domain_t *domain);

/* A thread in whose slots the object stands; NULL: in none. */
cc__rec_t *cc__slots_holder(const cc__slot_set_t *set, const void *ptr);

void cc__slots_free(cc__slot_set_t *set);

#endif
