/* Makes a violation readable: the few calls that contradict each other, out of thousands. */
#ifndef STRESS_SHRINK_H
#define STRESS_SHRINK_H

#include "linearize.h"

#include <stdio.h>

enum { STORY_MAX = 6 };

typedef struct {
    const hist_op_t **ops; /* the contradiction, sorted by `call` */
    size_t count;
    uint64_t initial;                  /* the key's state before them */
    const hist_op_t *failed;           /* the first call that nothing explains */
    const hist_op_t *story[STORY_MAX]; /* earlier calls on the value in question */
    size_t story_count;
} shrunk_t;

/* Shrinks the violating history of one key (`failed` as lin_check_key found it). False: no memory. */
bool shrink(const hist_op_t *const *ops, size_t count, uint64_t initial, size_t failed, shrunk_t *out);
void shrunk_free(shrunk_t *shrunk);

/* print_map.c: one line per call: thread, interval, call, result. */
void shrunk_print(FILE *out, const shrunk_t *shrunk);
void history_print(FILE *out, const hist_op_t *const *ops, size_t count, uint64_t initial, const hist_op_t *failed);

#endif
