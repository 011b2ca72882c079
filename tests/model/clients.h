/* The clients: each file of them exports a table. */
#ifndef MODEL_CLIENTS_H
#define MODEL_CLIENTS_H

#include "model.h"

extern const model_client_t model_smr_clients[], model_skiplist_clients[]; /* end with a NULL name */

typedef struct {
    model_client_t client;
    const char *allowed, *forbidden; /* outcomes r0 r1 r2 r3, separated by blanks; 9: not written */
} model_litmus_t;

#define LITMUS(n, t, before, f, end, yes, no)                                                                          \
    {                                                                                                                  \
        {.name = "litmus-" n,                                                                                          \
         .what = "outcomes as in C11",                                                                                 \
         .threads = t,                                                                                                 \
         .setup = before,                                                                                              \
         .thread = f,                                                                                                  \
         .finish = end,                                                                                                \
         .complete = true},                                                                                            \
            yes, no                                                                                                    \
    }

extern const model_litmus_t model_memory_shapes[], model_signal_shapes[]; /* end with a NULL name */

int model_litmus(void); /* number of outcomes that are wrong */

#endif
