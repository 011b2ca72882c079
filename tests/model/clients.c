/* The list of clients. */
#include "clients.h"

#include "../schemes.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name;
    cc_smr_scheme_t id;
} schemes[] = {
#define ROW(name, id, ...)                                                                                             \
    {                                                                                                                  \
#name, id                                                                                                      \
    }
    LIST_RECLAIMING_SCHEMES(ROW, )};

static model_client_t *clients;
static unsigned count, cap;

void model_add_client(const model_client_t *client)
{
    if (count == cap) {
        cap = cap == 0 ? 64 : cap * 2;
        clients = realloc(clients, cap * sizeof *clients);
        if (clients == NULL)
            abort();
    }
    clients[count++] = *client;
}

void model_add_for_schemes(const model_client_t *client)
{
    for (unsigned i = 0; i < RECLAIMING_SCHEMES; i++) {
        model_client_t one = *client;
        char *name;
        if (asprintf(&name, "%s-%s", client->name, schemes[i].name) < 0)
            abort();
        one.name = name;
        one.scheme = schemes[i].id;
        model_add_client(&one);
    }
}

void model_each_client(model_each_fn *f)
{
    for (unsigned i = 0; i < count; i++)
        f(&clients[i]);
}
