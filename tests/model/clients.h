/* The clients: each file of them exports a table. */
#ifndef MODEL_CLIENTS_H
#define MODEL_CLIENTS_H

#include "model.h"

extern const model_client_t model_smr_clients[], model_skiplist_clients[]; /* end with a NULL name */

int model_litmus(void); /* number of outcomes that are wrong */

#endif
