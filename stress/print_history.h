/* Calls for eyes, a line each: thread, interval, call, result. What a call is called, its kind of history knows. */
#ifndef STRESS_PRINT_HISTORY_H
#define STRESS_PRINT_HISTORY_H

#include "history.h"

#include <stdio.h>

enum { PRINT_NAMES_MAX = 64 };

typedef struct printer {
    void (*describe)(struct printer *p, const hist_op_t *op, char *out, size_t size);
    uint64_t token[PRINT_NAMES_MAX]; /* token[i] is called v<i+1> */
    size_t count;
    uint64_t first, last; /* the times that the bars span */
} printer_t;

void print_head(FILE *out);

/* `remark` stands behind the call `remarkable`, if it is among them. */
void print_calls(FILE *out, printer_t *p, const hist_op_t *const *ops, size_t count, const hist_op_t *remarkable,
                 const char *remark);

/* Short names for tokens. An address alone gets the name of the first value seen there. */
void print_name_of(printer_t *p, uint64_t token, hist_known_t known, char *out, size_t size);

const char *print_result(int result);

#endif
