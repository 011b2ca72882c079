/* The set of pointers that stand in guard slots of a domain. */
#ifndef CC_SMR_SLOTS_H
#define CC_SMR_SLOTS_H

#include "smr/types.h"

enum { CC__SLOTS_LOCAL = 64 };

typedef struct {
    cc_domain_t *domain;
    uintptr_t *ptrs; /* sorted, low 4 bits cleared */
    size_t count, cap;
    bool partial; /* there was no memory for all of them: look the slots up one by one */
    uintptr_t local[CC__SLOTS_LOCAL];
} cc__slot_set_t;

/* After the round's fence. */
void cc__slots_collect(cc__slot_set_t *set, cc_domain_t *domain);
bool cc__slots_contain(const cc__slot_set_t *set, const void *ptr);
void cc__slots_free(cc__slot_set_t *set);

/* A thread in whose guard the object stands (-1: one that is just exiting); 0 if none does. */
pid_t cc__slots_holder(cc_domain_t *domain, const void *ptr);

#endif
