#include "smr/round.h"

#include "alloc/backend.h"

void cc__round_end(cc__round_t *round)
{
    if (round->intervals != NULL && round->intervals != round->interval_local)
        cc__backend_free(round->intervals);
    if (round->slots.held != NULL)
        cc__slots_free(&round->slots);
}
