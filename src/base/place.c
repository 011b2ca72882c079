#include "base/place.h"

#include <errno.h>

static bool taken[CC_PLACES]; /* under cc__threads_lock */

__attribute__((cold, noinline)) int cc__place_take(void)
{
    cc__thread_t *t = cc__thread_self();
    if (t == NULL)
        return -ENOMEM;
    cc__threads_lock();
    for (int i = 0; i < CC_PLACES && t->place == 0; i++) {
        if (!taken[i]) {
            taken[i] = true;
            t->place = i + 1;
        }
    }
    cc__threads_unlock();
    return t->place != 0 ? t->place - 1 : -EBUSY;
}

void cc__place_give_back(const cc__thread_t *t)
{
    if (t->place != 0)
        taken[t->place - 1] = false;
}
