/* src/base/futex.c for fibers. A wait with a deadline may end at any time: the clock of the model does not run. */
#include "clients.h"
#include "inside.h"

#include "base/futex.h"

static const void *sleeping_on[MODEL_THREADS];

bool cc__futex_wait(CC__ATOMIC(uint32_t) * word, uint32_t expected, const struct timespec *deadline)
{
    int self = model_self();
    model_point("futex wait");
    if (model_load_quiet(word, sizeof *word) != expected)
        return true;
    if (deadline != NULL && model_choose(2) == 1)
        return false;
    sleeping_on[self] = word;
    model_block(&sleeping_on[self]);
    return true;
}

/* Which of the sleepers is the kernel's choice. */
void cc__futex_wake(CC__ATOMIC(uint32_t) * word, uint32_t n)
{
    model_point("futex wake");
    for (; n > 0; n--) {
        int asleep[MODEL_THREADS];
        unsigned count = 0;
        for (int i = 0; i < MODEL_THREADS; i++) {
            if (sleeping_on[i] == word)
                asleep[count++] = i;
        }
        if (count == 0)
            return;
        int woken = asleep[model_choose(count)];
        sleeping_on[woken] = NULL;
        model_wake(&sleeping_on[woken]);
    }
}

void model_futex_begin(void)
{
    for (int i = 0; i < MODEL_THREADS; i++)
        sleeping_on[i] = NULL;
}
