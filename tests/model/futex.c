/* src/base/futex.c and eventfd.c for fibers. A wait with a deadline may end at once, and ends when nobody else goes on: the clock
 * of the model does not run. */
#include "clients.h"
#include "inside.h"

#include "base/eventfd.h"
#include "base/futex.h"

static const void *sleeping_on[MODEL_THREADS];
static bool has_deadline[MODEL_THREADS], expired[MODEL_THREADS]; /* of who sleeps */
static uint64_t sleeps;

bool cc__futex_wait(CC__ATOMIC(uint32_t) * word, uint32_t expected, const struct timespec *deadline)
{
    int self = model_self();
    sleeps++;
    model_point("futex wait");
    if (model_load_quiet(word, sizeof *word) != expected)
        return true;
    if (deadline != NULL && model_choose(2) == 1)
        return false;
    sleeping_on[self] = word;
    has_deadline[self] = deadline != NULL;
    expired[self] = false;
    model_block(&sleeping_on[self]);
    return !expired[self];
}

bool model_futex_expire(void)
{
    bool any = false;
    for (int i = 1; i < MODEL_THREADS; i++) {
        if (sleeping_on[i] == NULL || !has_deadline[i])
            continue;
        sleeping_on[i] = NULL;
        expired[i] = any = true;
        model_wake(&sleeping_on[i]);
    }
    return any;
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

/* ---- descriptors: numbered from 0. The model lets the kernel order no memory accesses. */

enum { DESCRIPTORS = 4 };

static int descriptors;
static bool readable[DESCRIPTORS];

int cc__eventfd_create(void)
{
    model_point("eventfd");
    model_assert(descriptors < DESCRIPTORS);
    readable[descriptors] = false;
    return descriptors++;
}

void cc__eventfd_set(int fd)
{
    model_point("eventfd set");
    model_assert(fd >= 0 && fd < descriptors);
    readable[fd] = true;
    model_wake(&readable[fd]);
}

void cc__eventfd_clear(int fd)
{
    model_point("eventfd clear");
    model_assert(fd >= 0 && fd < descriptors);
    readable[fd] = false;
}

void cc__eventfd_close(int fd)
{
    model_assert(fd >= 0 && fd < descriptors);
}

void model_eventfd_wait(int fd)
{
    model_point("eventfd wait");
    while (!readable[fd])
        model_block(&readable[fd]);
}

int model_futex_sleepers(void)
{
    int n = 0;
    for (int i = 0; i < MODEL_THREADS; i++)
        n += sleeping_on[i] != NULL;
    return n;
}

uint64_t model_futex_sleeps(void)
{
    return sleeps;
}

void model_futex_begin(void)
{
    descriptors = 0;
    sleeps = 0;
    for (int i = 0; i < MODEL_THREADS; i++)
        sleeping_on[i] = NULL;
}
