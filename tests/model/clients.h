/* The clients, and how they get their names: each is run once per scheme of reclamation. */
#ifndef MODEL_CLIENTS_H
#define MODEL_CLIENTS_H

#include "model.h"

/* Adds a client; for_schemes: once per scheme that reclaims, named after it as well. It is copied. */
void model_add_client(const model_client_t *client);
void model_add_for_schemes(const model_client_t *client);

typedef void model_each_fn(const model_client_t *client);
void model_each_client(model_each_fn *f); /* in the order in which they were added */

void model_add_smr_clients(void);
void model_add_late_clients(void);
void model_add_cap_clients(void);
void model_add_debra_clients(void);
void model_add_reclaimer_clients(void);
void model_add_callback_clients(void);
void model_add_skiplist_clients(void);
void model_add_inline_clients(void);
void model_add_clear_clients(void);
void model_add_blocks_clients(void);
void model_add_blocks_late_clients(void);
void model_add_queue_clients(void);
void model_add_queue_late_clients(void);
void model_add_crossed_clients(void);

void model_futex_begin(void); /* nobody sleeps: in the setup of clients whose threads do */
int model_futex_sleepers(void);
uint64_t model_futex_sleeps(void); /* calls of threads that waited */
void model_eventfd_wait(int fd);

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

extern bool
    client_above_search; /* set by a thread while a handler of its own, or a comparator, stands above its SEARCH */

int model_litmus(void); /* number of outcomes that are wrong */

#endif
